/*
 * grouping: a pipe with a merge queue. Changes 1 and 2 have heads 'a' and 'b'; 'e' and 'f' are groups' commits on main.
 */
#ifndef TESTS_SUPPORT_GROUPING_H
#define TESTS_SUPPORT_GROUPING_H

#include "tests/support/pipe.h"

#define QUEUE "refs/heads/gh-readonly-queue/main/pr-2-" /* and the commit's letter */

struct event group_event(const char *action, char commit, const char *ref);
struct event asked(char commit);
struct event destroyed(char commit, const char *reason);

/* Opens the two changes; both are allowed, and the forge knows. */
void open_two(struct pipe_rig *rig, int backend);
/* Allows all that is due and posts it. */
void judge_all(struct pipe_rig *rig);
/* Judges the group's commit allowed, of these heads; the forge knows it. */
void allow_group(struct pipe_rig *rig, char commit, const char *heads);
/* False: the fence was lost. */
bool compose(struct pipe_rig *rig, const struct claim *claim, const char *heads, struct constituent_claim *ret);

struct event pushed(void);      /* c onto a */
struct event dismissed(void);   /* a review of a */
struct event base_pushed(void); /* d onto main */

/* Nothing happens there any more, whatever happens to who was in it. */
void is_over(struct pipe_rig *rig, char commit);

#endif
