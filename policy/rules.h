/*
 * rules: what a policy is once it is compiled, for the files of policy/ that parse, judge and explain. Plain values in
 * the policy's arena, never changed after parsing. Callers outside policy/ see policy.h only.
 */
#ifndef POLICY_RULES_H
#define POLICY_RULES_H

#include "policy/actors.h"
#include "policy/methods.h"
#include "policy/policy.h"
#include "policy/predicate.h"

#define POLICY_NODES_MAX    20000
#define POLICY_ALIASES_MAX  1000 /* anchors, and aliases */
#define POLICY_RULES_MAX    200
#define POLICY_LIST_MAX     1000 /* users, teams, names in one list */
#define POLICY_PATTERNS_MAX 200
#define POLICY_COUNT_MAX    100

struct delegation {              /* people whom others let approve in their place */
	bool on, author, sticky; /* author: of the change, too; sticky: over pushes */
	struct actors by;        /* who may let them; nobody: the rule's own actors */
};

struct rule_options {
	bool allow_author, allow_contributor, allow_gone_head, allow_unknown_pushers, per_base;
	struct actors passed_over; /* commits that only these wrote make nobody a contributor */
	struct methods methods;
	struct delegation delegation;
};

struct rule_owners; /* owners_rule.h */

struct rule {
	struct text name, description;
	unsigned line, column;
	struct conditions applies; /* `if` */
	struct conditions requires;
	int64_t count;
	bool eyes; /* count says how many others; nothing lets the author or a contributor be one of them */
	struct actors actors;
	const struct rule_owners *owners; /* besides actors; NULL: the rule asks for no owners */
	struct rule_options options;
	unsigned carries; /* enum carry bits: what keeps a review of an earlier commit */
	enum rule_mode mode;
	bool hook_allows;      /* a commit hook, which cannot wait, lets pass what is not known */
	bool pusher_stands_in; /* a commit of nobody known is its pusher's (attribution.h) */
	bool unknown_blocks;   /* what would wait for something that is not known blocks */
	bool restricted;
	bool typed,
		unattended; /* whoever types words meets it; nobody but the change's own people has a say (lint.c) */
	bool used;          /* joined by the policy's own approval or branches */
};

enum combine { COMBINE_RULE = 0, COMBINE_AND, COMBINE_OR, COMBINE_AT_LEAST, COMBINE_DISTINCT };

struct combination {
	enum combine how;
	const struct rule *rule; /* COMBINE_RULE */
	const struct combination *members;
	size_t n;
	int64_t least; /* COMBINE_AT_LEAST: so many of the members */
};

struct branch { /* what a change into it needs */
	struct text name;
	const struct regex *pattern; /* NULL: every other branch */
	bool closed;
	struct combination approval;
};

struct branches { /* the first that matches counts; the last one matches always */
	const struct branch *items;
	size_t n; /* 0: the policy has no such table */
};

struct push_rules { /* what a commit needs that is pushed to such a branch, without a change */
	struct text name;
	const struct regex *pattern;
	struct text onto;      /* where its policy is read, and what its commits are compared with */
	struct policy *policy; /* one of its own with a copy of the rules, as a context's */
};

struct pushes { /* the first that matches counts */
	const struct push_rules *items;
	size_t n;
};

enum guard { GUARD_DRAFT = 1 << 0, GUARD_OBJECTIONS = 1 << 1, GUARD_FILES = 1 << 2 };

struct policy {
	bool builtin;
	bool absent; /* of a context that the file does not name: permits nothing */
	struct rule *rules;
	size_t n_rules;
	struct combination approval;       /* n 0: there are branches only */
	struct branches branches;          /* besides approval */
	struct conditions disapproved;     /* any that holds blocks */
	struct actors objectors;           /* besides people with write access */
	struct methods disapprove, revoke; /* besides reviews */
	unsigned guards_off;               /* enum guard bits */
	struct patterns guarded_files;     /* besides the built-in ones */
	struct text people_file;           /* whose e-mails are (attribution.h); empty: nobody says */
	struct rule guarded; /* the rule for files that decide what may be merged; applies under every policy */
	unsigned
		required; /* enum fact bits without which nothing is allowed; needs.facts has what is only shown, too */
	struct policy_needs needs; /* the file's: of its contexts, too */
	/* Each a policy of its own with a copy of the rules, whose `used` says which of them it joins. */
	struct policy *contexts;
	size_t n_contexts;
	struct pushes pushes;
	bool of_push;        /* of one of those, or of what none of them names */
	struct text context; /* of one of those: its name, and where it stands */
	unsigned line, column;
};

/* Text to rules, without the guards; an empty document sets builtin and nothing else. */
struct reports { /* what is to be told to whoever wrote the file */
	struct problem_list *errors, *lints;
};
bool policy_compile(struct text bytes, struct arena *arena, struct policy *ret, const struct reports *reports);

/* Fills guarded and needs of an otherwise complete policy, and of its contexts. */
void policy_finish(struct policy *policy, const struct policy_defaults *defaults, struct arena *arena);

/* The reading of `approval_rules[]`. *ret comes with the options
 * of a rule that says nothing of them; what could be read is in it even when something was wrong. */
struct parse;
bool rule_parse(struct parse *parse, const struct yaml *node, struct rule *ret);
bool read_defaults(struct parse *parse, const struct yaml *node, struct rule_options *ret);

/* The readings of the keys of `policy` into a struct policy whose rules are there (policy_combine.c). */
bool read_approval(struct parse *parse, const struct yaml *value, void *policy);
bool read_branches(struct parse *parse, const struct yaml *value, void *policy);

/* An anchored pattern, which opens no branch that nobody thought of. */
bool read_branch_pattern(struct parse *parse, const struct yaml *key, const struct regex **ret);

/* `policy.contexts`, when everything else of the policy was read (policy_contexts.c). */
bool read_contexts(struct parse *parse, const struct yaml *value, struct policy *policy);
/* What only who knows the server's own context, and all names that the rules wait for, can tell. */
bool contexts_check(struct parse *parse, const struct policy *policy, const struct policy_defaults *defaults);

/* `policy.pushes`, the same (policy_pushes.c). */
bool read_pushes(struct parse *parse, const struct yaml *value, struct policy *policy);
/* The facts that are to be had of a pushed commit; the rest is for the rules that ask for it to miss. */
#define PUSH_FACTS                                                                                                     \
	((unsigned)(FACT_STATE | FACT_BASE | FACT_COMMITS | FACT_PATHS | FACT_PUSHERS | FACT_SIGNATURES | FACT_LINES | \
		    FACT_STATUSES | FACT_WORKFLOWS))

/* A copy of the rules, none of them used, for a policy of its own; its guarded files besides its own. */
void policy_copy_rules(const struct policy *from, struct policy *to, struct arena *arena);
void policy_inherit_files(const struct policy *from, struct policy *to, struct arena *arena);

/* policy_disapproval.c */
bool read_disapproval(struct parse *parse, const struct yaml *value, void *policy);
bool read_guards(struct parse *parse, const struct yaml *value, void *policy);
/* Remarks on a map whose `disapproval` names people or methods that its `guards` switch off. */
void objections_lint(struct parse *parse, const struct yaml *map, const struct policy *policy);

#endif
