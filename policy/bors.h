/*
 * bors: bors.toml -> its fifteen keys, for whoever wants to know what bors-ng was told. Read strictly, where bors
 * passes a change without any check when the file is wrong: an unknown key, a key given twice (bors takes `-` for `_`),
 * a value of another type or out of range, and a file that bors itself does not take are problems with a place.
 *
 * Texts are owned by the arena; none holds a NUL, all are UTF-8. Pure; any thread.
 */
#ifndef POLICY_BORS_H
#define POLICY_BORS_H

#include "policy/toml.h"

#define BORS_BYTES_MAX ((size_t)64 * 1024)
#define BORS_LIST_MAX  200 /* statuses, labels in one list */
#define BORS_KEYS      15

struct bors_texts {
	const struct text *at;
	size_t n;
};

struct bors_person {
	struct text name, email;
};

/* What is not given is as bors has it: empty lists and texts, false; numbers see bors_given. */
struct bors {
	struct bors_texts status, pr_status, block_labels;
	int64_t required_approvals, timeout_sec, prerun_timeout_sec, max_batch_size;
	bool up_to_date_approvals, use_codeowners, use_squash_merge, delete_merged_branches, update_base_for_deletes;
	struct text commit_title, cut_body_after;
	struct bors_person committer;
	unsigned lines[BORS_KEYS]; /* where each key of bors_key_at stands; 0: not given */
};

/* False: *problem says why, and *ret is untouched. */
bool bors_parse(struct text bytes, struct arena *arena, struct bors *ret, struct problem *problem);

/* The line of a key, 0 where it is not given. The key must be one of the fifteen, with underscores. */
unsigned bors_given(const struct bors *bors, const char *key);

struct bors_key {
	const char *name; /* with underscores */
	const char *does; /* what bors does with it; NULL: it is about reviews, and headgate's policy says it */
};
/* NULL past the end. */
const struct bors_key *bors_key_at(size_t i);

#endif
