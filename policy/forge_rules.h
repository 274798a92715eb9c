/*
 * forge_rules: what a forge's own rules (rulesets, branch protection) ask of changes into a branch, as the text of a
 * policy that asks for at least that much of reviews, owners, statuses, conversations and signatures. What the forge
 * does not enforce, and what it must go on doing itself, is said in comments. Names of others stand in quotes, in which
 * nothing is YAML.
 *
 * Pure; the text is owned by the arena.
 */
#ifndef POLICY_FORGE_RULES_H
#define POLICY_FORGE_RULES_H

#include "policy/arena.h"
#include "policy/event.h"

#define FORGE_RULES_STATUSES_MAX 200
#define FORGE_RULES_OTHERS_MAX   50

struct forge_status_rule {
	struct text name;
	struct text app; /* the slug of whoever must say it; empty: whoever says it */
	int64_t app_id;  /* 0: the rule names nobody */
};

struct forge_rules {
	struct text repo, branch;
	struct text context; /* of headgate itself: the one status that the policy must not wait for */
	int64_t approvals;
	bool reviews;     /* asked for at all */
	bool keeps_stale; /* approvals stay over a push */
	bool last_push;   /* somebody else than who pushed last must approve */
	bool code_owners; /* must approve */
	bool owners_file; /* there is a CODEOWNERS on the branch */
	bool threads;     /* conversations must be resolved */
	bool signatures;
	bool admins_pass; /* administrators are not held to branch protection */
	enum tri forced;  /* may the branch be moved by force? */
	bool rulesets;    /* some of it comes from rulesets, which have lists of those who may pass */
	struct forge_status_rule statuses[FORGE_RULES_STATUSES_MAX];
	size_t n_statuses;
	struct text others[FORGE_RULES_OTHERS_MAX]; /* what else is asked for, by the forge's own words */
	size_t n_others;
};

/* One more status, or an app for one that is there; false: too many. Texts are borrowed. */
bool forge_rules_status(struct forge_rules *rules, const struct forge_status_rule *status);
bool forge_rules_other(struct forge_rules *rules, struct text name);

/* Comments alone, which is the built-in policy, where nothing is asked for that a policy can say. */
struct text forge_rules_policy(const struct forge_rules *rules, struct arena *arena);

#endif
