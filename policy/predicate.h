/*
 * predicate: one question about a change, for `if`, `requires.conditions` and `disapproval.if`. A new one is one row in
 * predicate.c's table and two functions in its family's file (predicate_*.c).
 *
 * Promise: three values. What cannot be known is TRI_UNKNOWN and makes a rule wait; it is never "no", so that `not`
 * never makes a yes of it. Names in texts come from outside: bounded, and printable (plain()).
 */
#ifndef POLICY_PREDICATE_H
#define POLICY_PREDICATE_H

#include "policy/policy.h"

struct answer {
	enum tri holds;
	bool stuck; /* UNKNOWN, and waiting does not cure it: blocks */
	struct text
		why; /* NO: what is wrong; UNKNOWN: what is not known, as a noun phrase; YES: what holds, or empty */
};

struct judging { /* what is judged: one change of facts */
	const struct facts *facts;
	const struct change *change;
	struct arena *arena;
	const struct bug_view *bug; /* in a block of `bugs`, the bug that is asked (bug_view.h); else NULL */
	struct text people_file;    /* that the policy names (attribution.h); empty: none */
	struct answer people;       /* whether it could be used, where somebody is not known */
	const struct person
		*approvers; /* where the policy asks who asked for landing: whose review counts for a rule */
	size_t n_approvers;
	struct asked *asked; /* what rules said that were asked already (policy_eval.c) */
};

struct answer answer_yes(struct text why);
struct answer answer_no(struct text why);
struct answer answer_unknown(struct text why);
struct answer answer_stuck(struct text why);
struct answer answer_and(struct answer a, struct answer b);   /* both: a "no" first, then what is stuck, then unknown */
struct answer answer_wanted(bool want, struct answer answer); /* of what is asked as `true`, or as `false` */

struct condition {
	const struct predicate *predicate;
	const void *args;
};

struct conditions { /* all of them */
	const struct condition *items;
	size_t n;
};

#define CONDITIONS_DEPTH_MAX 10 /* all_of, any_of and not in each other */

enum about { ABOUT_NOBODY = 0, ABOUT_AUTHOR, ABOUT_CONTRIBUTORS, ABOUT_ASKERS /* known wherever FACT_ORDERS is */ };

struct parse;
struct predicate {
	struct policy_key doc; /* path: the key alone */
	unsigned needs;        /* enum fact bits; where one is unknown the answer is TRI_UNKNOWN without asking */
	bool (*read)(struct parse *parse, const struct yaml *value, const void **ret_args);
	struct answer (*ask)(const void *args, const struct judging *on);
	enum about about;   /* whose memberships it asks for; then the arguments begin with a struct actors */
	bool of_push;       /* it looks at messages, bugs and the branch alone: a commit hook can ask it (push.h) */
	bool merged_before; /* it asks whether the author had a change merged */
	const struct conditions *(*inner)(const void *args, size_t i); /* what it is made of; NULL past the end */
	bool bugs;                                                     /* it asks a tracker */
	int64_t (*changes_at)(const void *args,
			      int64_t now); /* by time alone, after now; INT64_MAX: never. NULL: never */
	bool (*watched)(const void *args, size_t i, struct watched_name *ret); /* false past the end; NULL: none */
};

struct patterns {
	const struct regex *const *items;
	size_t n;
};

/* YES as soon as one pattern matches; else UNKNOWN where one cannot tell. */
enum tri patterns_any(const struct patterns *patterns, struct text subject);

/* Patterns of paths; one that begins as no path does is remarked on. */
bool paths_read(struct parse *parse, const struct yaml *value, struct patterns *ret);

/* The arguments of a changed_files with more `paths`. */
const void *changed_files_with(const void *args, const struct patterns *more, struct arena *arena);

/* A block of conditions, keyed by predicate. */
bool conditions_read(struct parse *parse, const struct yaml *map, const struct condition **ret, size_t *ret_n);
struct answer condition_ask(const struct condition *condition, const struct judging *on);
struct answer conditions_ask(const struct conditions *all, const struct judging *on); /* whether all hold */
unsigned conditions_facts(const struct conditions *all); /* enum fact bits, of those inside, too */
const struct predicate *predicate_at(size_t i);          /* NULL past the end */
const struct predicate *bug_predicate_at(size_t i);      /* those that stand in a block of `bugs` */
const char *predicate_name(const struct predicate *predicate);
/* When one of them, or inside one, may answer otherwise by time alone: after now; INT64_MAX: never. */
int64_t conditions_change_at(const struct conditions *all, int64_t now);

/* What a missing fact is called in "Needs ..."; NULL when none of `needs` is missing. */
const char *fact_missing(unsigned needs, const struct change *change);

/* predicate_files.c */
bool changed_files_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer changed_files_ask(const void *args, const struct judging *on);
bool no_changed_files_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer no_changed_files_ask(const void *args, const struct judging *on);
bool only_changed_files_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer only_changed_files_ask(const void *args, const struct judging *on);

/* predicate_lines.c */
bool modified_lines_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer modified_lines_ask(const void *args, const struct judging *on);

/* predicate_change.c */
bool targets_branch_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer targets_branch_ask(const void *args, const struct judging *on);
bool from_branch_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer from_branch_ask(const void *args, const struct judging *on);
bool repository_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer repository_ask(const void *args, const struct judging *on);
bool title_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer title_ask(const void *args, const struct judging *on);
bool has_labels_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer has_labels_ask(const void *args, const struct judging *on);

/* predicate_people.c */
bool has_author_in_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer has_author_in_ask(const void *args, const struct judging *on);
bool has_contributor_in_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer has_contributor_in_ask(const void *args, const struct judging *on);
bool only_has_contributors_in_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer only_has_contributors_in_ask(const void *args, const struct judging *on);
bool author_is_only_contributor_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer author_is_only_contributor_ask(const void *args, const struct judging *on);

bool threads_resolved_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer threads_resolved_ask(const void *args, const struct judging *on);
bool threads_watched(const void *args, size_t i, struct watched_name *ret);

/* predicate_signatures.c */
bool up_to_date_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer up_to_date_ask(const void *args, const struct judging *on);
bool only_pushed_by_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer only_pushed_by_ask(const void *args, const struct judging *on);
bool author_has_merged_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer author_has_merged_ask(const void *args, const struct judging *on);
bool signer_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer signer_ask(const void *args, const struct judging *on);
bool has_valid_signatures_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer has_valid_signatures_ask(const void *args, const struct judging *on);
bool has_valid_signatures_by_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer has_valid_signatures_by_ask(const void *args, const struct judging *on);
bool has_valid_signatures_by_keys_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer has_valid_signatures_by_keys_ask(const void *args, const struct judging *on);

/* predicate_landing.c */
bool landing_asked_by_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer landing_asked_by_ask(const void *args, const struct judging *on);

/* predicate_message.c */
bool commit_token_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer commit_token_ask(const void *args, const struct judging *on);

bool message_word_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer message_word_ask(const void *args, const struct judging *on);

/* predicate_tree.c */
bool tree_open_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer tree_open_ask(const void *args, const struct judging *on);
const struct conditions *tree_open_inner(const void *args, size_t i); /* approval, then override */
bool tree_open_watched(const void *args, size_t i, struct watched_name *ret);

/* predicate_bugs.c */
bool bugs_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer bugs_ask(const void *args, const struct judging *on);
const struct conditions *bugs_inner(const void *args, size_t i);
bool bug_captures_complete(struct parse *parse, const struct yaml *rule); /* bug_flags.c; at the end of a rule */
/* predicate_time.c */
bool window_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer window_ask(const void *args, const struct judging *on);
int64_t window_changes_at(const void *args, int64_t now);
bool not_during_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer not_during_ask(const void *args, const struct judging *on);
int64_t not_during_changes_at(const void *args, int64_t now);

/* predicate_outcomes.c */
bool has_status_read(struct parse *parse, const struct yaml *value, const void **ret_args);
bool has_successful_status_read(struct parse *parse, const struct yaml *value, const void **ret_args);
bool has_workflow_result_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer outcomes_ask(const void *args, const struct judging *on);
bool outcomes_watched(const void *args, size_t i, struct watched_name *ret);

/* predicate_combine.c */
bool blocks_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer all_of_ask(const void *args, const struct judging *on);
struct answer any_of_ask(const void *args, const struct judging *on);
bool not_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer not_ask(const void *args, const struct judging *on);
const struct conditions *blocks_inner(const void *args, size_t i);

#endif
