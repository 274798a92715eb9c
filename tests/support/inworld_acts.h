/*
 * inworld_acts: what people do in a play (inworld.h), each in a second of its own: the forge's times have that grain.
 * Repository o/r, change 1 from branch "topic"; a SHA is kept in 65 bytes, ended by NUL.
 */
#ifndef TESTS_SUPPORT_INWORLD_ACTS_H
#define TESTS_SUPPORT_INWORLD_ACTS_H

#include "tests/support/inworld.h"

void inworld_keep(char ret[65], const char *sha);
void inworld_later(struct inworld *in); /* into the next second */

/* The repository, alice, bob and carol who may write, and a change by alice with one commit, *ret_head. */
void inworld_begin(struct inworld *in, char ret_head[65]);
void inworld_push(struct inworld *in, char ret_head[65], const char *text); /* alice, one more commit */
json_int_t inworld_approve(struct inworld *in, const char *who, const char *sha);

/* By the world's own log: nothing about b was posted before a was failed, and from the push on a is nothing but failed.
 */
void inworld_check_order(struct inworld *in, const char *a, const char *b);

#endif
