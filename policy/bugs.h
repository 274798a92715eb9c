/*
 * bugs: which bugs a change names, and what of them its policy asks. For who gathers facts, and for the predicate.
 *
 * A change names every number that the strict grammar takes for a bug in a message of its range, in what a backout
 * undoes, in the title, which a forge may make the message of, and in the name of the head's branch, with `-`, `_` and
 * `/` as spaces: more than a reader would see, since bugs deny. What no commit names is asked in `every` alone. A
 * number that is no bug (a date) is BUG_MISSING: the change waits until its message says something else, or the policy
 * says what of it (bug_exists: false).
 *
 * Everything here is secret: it goes to no log, page or status. Pure; owned by the arena.
 */
#ifndef POLICY_BUGS_H
#define POLICY_BUGS_H

#include "policy/message.h"
#include "policy/policy.h"

#define BUGS_MAX       500 /* that one change names; more are not asked, and block */
#define BUGS_CHAIN_MAX 16  /* a bug, what it is a duplicate of, and their duplicates; more are not asked, and block */

struct naming_commit { /* a commit, read */
	const struct commit *commit;
	struct message message;
};

struct named_bug {
	int64_t id;
	const struct naming_commit *const *by; /* commits that name it; none: the title or the branch alone does */
	size_t n_by;
};

struct named_bugs { /* by number */
	const struct named_bug *items;
	size_t n;      /* 0 where there are too many */
	bool too_many; /* more than BUGS_MAX */
	const struct naming_commit *commits;
	size_t n_commits;
	const struct naming_commit *suspicious; /* the first commit whose message can mislead; NULL: none */
	const char *title_misleads;             /* what of the title can (static text); NULL: nothing */
};
void bugs_named(const struct change *change, struct arena *arena, struct named_bugs *ret);

/* A bug and, with `duplicates`, all that are known to be one with it; what was not read is BUG_UNREAD. */
struct bug_chain {
	struct bug items[BUGS_CHAIN_MAX];
	size_t n, n_self; /* the first n_self have the number itself, in one tracker each */
	bool more;        /* there may be others: of one of them its duplicates are not known */
	bool beyond;      /* there are others, for which there is no room */
};
void bugs_chain(const struct facts *facts, struct text tracker, int64_t id, bool duplicates, struct bug_chain *ret);

/* ---- what is to be read ---- */

struct bug_name {
	struct text tracker; /* empty: each that is configured */
	int64_t id;
	bool weighs; /* false: only rules that warn ask about it */
};

struct bugs_wanted {
	const struct bug_name *bugs; /* each once; of duplicates those that facts tell of */
	size_t n_bugs;
	bool too_many;
	bool revisions;                                               /* what attachments are the patch of */
	const struct text *keywords, *groups, *flags, *setter_groups; /* names that count; nothing else need be kept */
	size_t n_keywords, n_groups, n_flags, n_setter_groups;
};

/*
 * Of a policy that asks about bugs (policy_needs), what is to be read for this change, all rules together. Bugs that
 * are read may tell of duplicates: whoever gathers adds them to facts and asks again, until nothing is new.
 */
void policy_bugs_wanted(const struct policy *policy, const struct facts *facts, const struct change *change,
			struct arena *arena, struct bugs_wanted *ret);

/* What counts of a bug where several ask about it: sets the names of *ret, and `revisions`, to those of all, each once.
 * Its bugs stay; *ret may be one of them. */
void policy_bugs_unite(const struct bugs_wanted *all, size_t n, struct arena *arena, struct bugs_wanted *ret);

/* Whether bugs may be looked up: every requirement that the public sees is met, in the verdict made without them. */
bool policy_bugs_due(const struct verdict *verdict);

#endif
