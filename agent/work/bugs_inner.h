/*
 * bugs_inner: what the files of the worker of one tracker share (bugs_worker.h); nobody else includes it. False: *err,
 * and what was to be done is done again at the worker's next step.
 */
#ifndef AGENT_WORK_BUGS_INNER_H
#define AGENT_WORK_BUGS_INNER_H

#include "agent/work/bugs_worker.h"
#include "agent/work/deeds.h"

int64_t bugs_wall(const struct bugs_worker *b);
struct tracker_call bugs_call(const struct bugs_worker *b, struct arena *arena);

/* ---- one bug, and hints (bugs_read.c) ---- */

struct deeds bugs_deeds(const struct bugs_worker *b);
/* Flags are guarded on secure bugs: a bug that nothing stands on may be one, and no list shows flags. */
bool bugs_guard(const struct bugs_worker *b);
enum table_state bugs_state(const struct bugs_worker *b, int64_t id);
/* Read by itself: somebody stands on it, or on whether it is approved, which no list shows. */
bool bugs_is_alone(const struct bugs_worker *b, int64_t id, bool linked);
/* Who stands on it hears that it is not as it was. read_at: when the reading began that showed it, or of which time the
 * table is where nothing is read: what was told of it since stays pending. 0: none did, and it is to be read again. */
bool bugs_spread(struct bugs_worker *b, int64_t id, int64_t read_at, struct err *err);
/* Who asked about it is judged again, and nothing is taken back by that alone. */
bool bugs_spare(struct bugs_worker *b, int64_t id, int64_t read_at, struct err *err);
/* *ret_left is set where it had no answer, and may have one later: what was told of it stays to be done. One that is
 * not understood is in doubt, and done with. */
bool bugs_read_one(struct bugs_worker *b, int64_t id, bool linked, bool *ret_left, struct err *err);
/* Counts what came of a question, and returns it. */
enum err_code bugs_heard(struct bugs_worker *b, enum err_code code);

/* A list showed it as secure, as of `at`. */
bool bugs_make_secure(struct bugs_worker *b, int64_t id, int64_t at, struct err *err);
bool bugs_take_hint(struct bugs_worker *b, const struct tracker_bug *hint, struct err *err);
/* Nothing in it is against what a whole reading said before: that it is not secure. */
bool bugs_is_clear(const struct bugs_worker *b, const struct tracker_bug *hint);
/* By number, at most TRACKER_HINTS_MAX. What is not clear, is read. ret_left: of each, as bugs_read_one has it. */
bool bugs_look_up(struct bugs_worker *b, const struct tracker_ids *ids, bool *ret_left, struct err *err);

/* ---- what was told (bugs_news.c) ---- */

/* Reads what is to be read at once, and puts the rest off. *ret_any: something was told. */
bool bugs_take_due(struct bugs_worker *b, bool *ret_any, struct err *err);
/* Behind a poll: what it did not show. */
bool bugs_settle_put_off(struct bugs_worker *b, struct err *err);
/* Where nothing is read: what was told of a bug is over when the table is newer. */
bool bugs_settle_by_table(struct bugs_worker *b, struct err *err);
bool bugs_tell_of_table(struct bugs_worker *b, struct err *err);
/* What the store refused to tell before (bug_table_owe): whoever stands on such a bug hears of it. */
bool bugs_tell_owed(struct bugs_worker *b, struct err *err);

/* ---- what its connector said (bugs_said.c) ---- */

/* Takes it from the store to the table. Where the tracker is read that decides, and a connector can only make a bug
 * secure until then; where it is not, its word counts, and is over only when `save` made the table's file durable. */
bool bugs_take_said(struct bugs_worker *b, bool (*save)(struct bugs_worker *b), struct err *err);

#endif
