/*
 * gather_bugs: the second stage of a collect: what trackers say of the bugs that the gathered changes name. Only for
 * commits of which all that the public sees is met (policy_bugs_due): a judge asks, since what is looked up when must
 * not show.
 *
 * Promises: a bug that could not be read is BUG_UNREAD, and no error: the verdict waits, and look_again_at says until
 * when; nothing the public sees hangs on which bug or tracker it was. Only the verb that reads one bug is used. What is
 * read is told to the tracker's table, and to the store where that changes what others stand on. At most BUG_REFS_MAX
 * bugs; beyond them, bugs are unread. Everything is owned by the arena. Thread: as gather.h.
 */
#ifndef AGENT_WORK_GATHER_BUGS_H
#define AGENT_WORK_GATHER_BUGS_H

#include "agent/work/bug_source.h"
#include "agent/work/gather.h"

struct gathered_bugs {
	const struct bug_ref *refs; /* what the verdict asks about, each once, of each tracker that may have it */
	size_t n_refs;
	bool from_table;           /* some count without a reading */
	int64_t look_again_at;     /* some could not be read: when they may be; 0: each was */
	struct bugs_wanted wanted; /* of all changes together; bugs: none */
	struct bug *bugs;          /* as many as refs, in that order */
};

/* Does a policy ask of a bug that these changes name? */
bool gather_names_bugs(const struct gathered *gathered, struct arena *arena);

/* Reads them into gathered->facts, those of each constituent, too. What is known to be not secure, and for as long as
 * the configuration lets that count, is not read, unless a reading of this judgement, `before`, did not suffice: then
 * it is all that is read. before NULL: this is the first. */
void gather_bugs(const struct gather *gather, struct arena *arena, const struct gathered_bugs *before,
		 struct gathered *gathered, struct gathered_bugs *ret);

/* The second reading: whether each bug could be read again, and says the same. */
bool gather_bugs_unmoved(const struct gather *gather, const struct gathered_bugs *first);

#endif
