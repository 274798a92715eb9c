/*
 * bug_view: one bug while it is asked about: what stands in `bugs: {every: ..., any: ...}`. Inner to policy/.
 *
 * A bug that a change names is asked itself, and so is each that is known to be one with it (bugs.h): a block holds for
 * it where it holds for all of them. Only what tells whether the number is right (bug_exists, bug_open, resolution)
 * looks at the named one whichever is asked. What a commit says is asked of every commit that names it.
 *
 * BUG_UNREAD: nothing is known. BUG_HIDDEN: it is there and private, and nothing else is known. BUG_MISSING: it does
 * not exist, and nothing else can be asked of it: that is stuck, until the message names another.
 */
#ifndef POLICY_BUG_VIEW_H
#define POLICY_BUG_VIEW_H

#include "policy/bugs.h"
#include "policy/predicate.h"

struct bug_view {
	const struct bug *bug, *self; /* self: the one that is named; bug: it, or one with it */
	const struct named_bug *named;
};

/* ---- arguments of `bugs`, for bugs_wanted.c ---- */

struct bugs_args {
	struct conditions blocks[2]; /* every, any; n 0: not given */
	bool has_every, has_any;
	int64_t min;
	struct text tracker;
	bool duplicates;
	bool unknown_fails;
};

struct names { /* any_of, none_of */
	const struct text *any_of, *none_of;
	size_t n_any_of, n_none_of;
};

struct flag_args {
	struct text name;           /* with ${N} where `branch` is given */
	bool captures;              /* the name has a ${N} */
	const struct regex *branch; /* the rule's targets_branch, as a whole */
	enum bug_flag_status status;
	const struct text *groups; /* the setter is in one of them; n 0: anybody */
	size_t n_groups;
	bool patch_this;
	struct text missing; /* what is said where it is not there */
	unsigned line, column;
	struct flag_args *next; /* of the rule's flags with captures */
};

/* The flag's name for this base branch; false: it cannot be made. */
bool flag_name(const struct flag_args *args, const struct change *change, struct arena *arena, struct text *ret);

/* ---- rows of bug_predicates.c ---- */

bool bug_keywords_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer bug_keywords_ask(const void *args, const struct judging *on);
bool bug_groups_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer bug_groups_ask(const void *args, const struct judging *on);
bool bug_resolution_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer bug_resolution_ask(const void *args, const struct judging *on);
bool bug_bool_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer bug_private_ask(const void *args, const struct judging *on);
struct answer bug_open_ask(const void *args, const struct judging *on);
struct answer bug_exists_ask(const void *args, const struct judging *on);
struct answer bug_closedbug_ask(const void *args, const struct judging *on);
struct answer bug_backout_ask(const void *args, const struct judging *on);

/* bug_flags.c */
bool bug_flag_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer bug_flag_ask(const void *args, const struct judging *on);
bool bug_attachment_flag_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer bug_attachment_flag_ask(const void *args, const struct judging *on);

/* YES: ask on; else what is to be answered of a list of a bug in this state (unread: enum bug_part bits it needs). */
struct answer bug_readable(const struct bug *bug, unsigned needs);

#endif
