/*
 * bug_stage: the stage on which end-to-end tests of bugs play: a gate whose agent reads the world's tracker "bmo" with
 * the key of bot@tracker.test and hears its webhooks. The tick is two seconds. dev@tracker.test reports and patches;
 * bob approves. A rig's failure fails the Check test.
 */
#ifndef TESTS_SUPPORT_BUG_STAGE_H
#define TESTS_SUPPORT_BUG_STAGE_H

#include "tests/support/gate.h"

#define BUG_STAGE_CLEARANCE "Needs maintainer clearance"

/* A review by somebody with write access; each bug is not sec-high or sec-critical, or approved; restricted. */
extern const char bug_stage_policy[];

struct bug_stage {
	struct gate gate;
	char config[1024];
	json_int_t attachment;
};

struct bug_stage_start {
	const char *rules, *poll, *key;
	const char *more;   /* of the tracker's configuration */
	const char *header; /* of webhooks; NULL: the built-in one */
};

void bug_stage_begin_with(struct bug_stage *s, const struct bug_stage_start *start);
/* Of bug_stage_policy; polls are so seldom that webhooks alone tell. */
void bug_stage_begin(struct bug_stage *s, const char *key, const char *more);

/* Something done at the tracker; the id it answers. */
json_int_t bug_stage_act(struct bug_stage *s, const char *what, const char *who, const char *members);
void bug_stage_hold(struct bug_stage *s, const char *what, json_int_t bug, const char *more);
/* Change 1 by alice, which names that bug, with bob's approval. */
void bug_stage_open_for(struct bug_stage *s, json_int_t bug);

/* Waits for the head's success. */
void bug_stage_granted(struct bug_stage *s);
/* The next post on the head since then is a failure, and it does not land. */
void bug_stage_revoked(struct bug_stage *s, json_int_t mark);
/* Waits until `headgate bugs show` says this of the table's file. */
void bug_stage_shown(struct bug_stage *s, const char *what);
/* The status of /readyz. */
long bug_stage_ready(struct rig *rig);

#endif
