/*
 * rules: what a policy is once it is compiled, for the files of policy/ that parse, judge and explain. Plain values in
 * the policy's arena, never changed after parsing. Callers outside policy/ see policy.h only.
 */
#ifndef POLICY_RULES_H
#define POLICY_RULES_H

#include "policy/actors.h"
#include "policy/policy.h"
#include "policy/predicate.h"

#define POLICY_NODES_MAX    20000
#define POLICY_RULES_MAX    200
#define POLICY_LIST_MAX     1000 /* users, teams, names in one list */
#define POLICY_PATTERNS_MAX 200
#define POLICY_COUNT_MAX    100

struct conditions {
	const struct condition *items;
	size_t n;
};

struct rule {
	struct text name, description;
	unsigned line, column;
	struct conditions applies; /* `if` */
	struct conditions requires;
	int64_t count;
	struct actors actors;
	bool allow_author, allow_contributor, allow_gone_head, allow_unknown_pushers, per_base;
	enum rule_mode mode;
	bool restricted;
	bool used;
};

enum combine { COMBINE_RULE = 0, COMBINE_AND, COMBINE_OR };

struct combination {
	enum combine how;
	const struct rule *rule; /* COMBINE_RULE */
	const struct combination *members;
	size_t n;
};

struct policy {
	bool builtin;
	struct rule *rules;
	size_t n_rules;
	struct combination approval;
	struct actors objectors; /* besides people with write access */
	struct rule guarded;     /* the rule for files that decide what may be merged; applies under every policy */
	struct policy_needs needs;
};

/* Text to rules, without the guards; an empty document sets builtin and nothing else. */
bool policy_compile(struct text bytes, struct arena *arena, struct policy *ret, struct problem *problem);

/* Fills guarded and needs of an otherwise complete policy. */
void policy_finish(struct policy *policy, const struct policy_defaults *defaults, struct arena *arena);

/* The reading of `approval_rules[]`; false: *parse->problem says why. */
struct parse;
bool rule_parse(struct parse *parse, const struct yaml *node, struct rule *ret);

#endif
