/*
 * push: what a policy says of commits before they land, where nothing is known but the branch, the commits' messages
 * and their bugs: the answer of a commit hook, which cannot wait. Pure, like policy.h.
 *
 * Only what can be told from those is judged: `bugs`, `commit_token`, `targets_branch`, closed branches and what is
 * made of them. The rest (reviews, files, people) is the commit status's to judge and lets a push through here. So an
 * answer of PUSH_ALLOWED permits nothing beyond the push. Where a rule's `if` cannot be told, the rule applies.
 *
 * Nothing a restricted rule saw is in the answer of a push that is refused, but that somebody must clear it; and not
 * that, where something public refuses it.
 */
#ifndef POLICY_PUSH_H
#define POLICY_PUSH_H

#include "policy/policy.h"

enum push_says { PUSH_ALLOWED = 0, PUSH_CLEARANCE, PUSH_DENIED };

struct push_line { /* for whoever pushes */
	struct text text;
	bool warns;      /* it holds nothing back */
	bool restricted; /* of a restricted rule: not to be told of a push that is refused for what is public */
};

struct push_answer {
	enum push_says says;
	const struct push_line *lines; /* no two alike */
	size_t n_lines;
	bool open;      /* facts that are not known may make it another answer; false: reading more changes nothing */
	bool unchecked; /* allowed, and a rule let it through whose facts are not known */
};

/* Whether there is anything in it by which a push could be refused: into some branch, or warned of. Else nobody may
 * take it for a policy of pushes; an empty file, which is the built-in policy, asks for reviews alone. */
bool policy_judges_pushes(const struct policy *policy);

/* facts->changes[0] is the push: FACT_BASE and FACT_COMMITS are known of it, of its commits sha and message, and that
 * it has no title and no branch of its own (FACT_TITLE, FACT_HEAD_REF). facts->head is the newest of them. In the
 * arena. */
void policy_judge_push(const struct policy *policy, const struct facts *facts, struct arena *arena,
		       struct push_answer *ret);

#endif
