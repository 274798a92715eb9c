/*
 * told_group: a told_forge with a merge group. Changes 1 and 2 with heads 'a' and 'b' are allowed, and 'e' is the
 * commit of a group of both: e merges b, d merges a, onto the tip f of main.
 */
#ifndef TESTS_SUPPORT_TOLD_GROUP_H
#define TESTS_SUPPORT_TOLD_GROUP_H

#include "tests/support/told_forge.h"

struct told_group {
	struct told_forge t;
	struct oid parents[TOLD_MAX][4];
	struct text base;
};

void told_group_open(struct told_group *b);
/* "e<fa": commit e, its parents f and a. The newest first. */
void told_group_build(struct told_group *b, const char *const *merges);
void told_group_approve(struct told_group *b, int64_t number, char head);
bool told_group_collect(struct told_group *b, struct gathered *ret, struct err *err);

#endif
