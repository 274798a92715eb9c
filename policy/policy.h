/*
 * policy: text -> compiled rules; rules x facts -> verdict. Pure: no I/O, clock, locale, environment or global; the
 * same bytes and facts give the same verdict, byte for byte. Total: every input gives a verdict, and doubt moves it
 * towards waiting, blocked or cannot_decide, never towards allowed.
 *
 * A struct policy lives in the arena it was parsed into, is never changed afterwards, and may be read by any thread.
 * Meets libfyaml only in yaml.c and PCRE2 only in regex.c. Limits: POLICY_BYTES_MAX before parsing, depth 64.
 *
 * Bounded: a policy has at most 200 rules, 200 patterns and 20,000 nodes, and a judgement asks each once a change.
 * - A rule goes through reviews and comments once, and looks for each person who spoke among the commits, the pushers,
 *   the names of the rule and, by halves, the people: reviews x (commits + pushers + names + log people) steps.
 * - A pattern is searched for in each name of each path, at most 2,000,000 times a question. A search takes at most
 *   20,000 steps; one that hits that limit ends its question.
 * - `distinct` has at most 100 places, and asks at most 100 people for each.
 * test_policy_bounds plays the largest.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "policy/arena.h"
#include "policy/err.h"
#include "policy/facts.h"
#include "policy/verdict.h"
#include "policy/yaml.h"

#define POLICY_BYTES_MAX ((size_t)256 * 1024)
#define POLICY_DEPTH_MAX 64

struct policy;

/* What an administrator sets for the built-in policy. */
struct policy_defaults {
	unsigned approvals;  /* fresh reviews by distinct people; at least 1 */
	struct text path;    /* where the policy file stands, which is a guarded file; empty: .headgate.yml */
	struct text context; /* the server's own, which no policy may name; empty: policy/merge-allowed */
};

#define PROBLEMS_MAX 50

/* What the text of a remark begins with on what lets changes through that nobody looked at. */
#define PROBLEM_UNSAFE "unsafe: "

struct problem_list { /* in the order of the file */
	struct problem items[PROBLEMS_MAX];
	size_t n, more; /* more: how many others there are */
};

/* False: *problem is the first of what is wrong, and *ret is untouched. An empty document is valid: it is the built-in
 * policy. */
bool policy_parse(struct text bytes, const struct policy_defaults *defaults, struct arena *arena,
		  const struct policy **ret, struct problem *problem);

/* The same, for whoever writes the file: everything that is wrong, and what is allowed but should be known. */
bool policy_check(struct text bytes, const struct policy_defaults *defaults, struct arena *arena,
		  const struct policy **ret, struct problem_list *errors, struct problem_list *lints);

/* For repositories that have no file: two reviews, as README says. Never fails. */
const struct policy *policy_builtin(const struct policy_defaults *defaults, struct arena *arena);

/* The built-in policy as the text a user could have written; owned by the arena. */
struct text policy_builtin_text(const struct policy_defaults *defaults, struct arena *arena);

bool policy_is_builtin(const struct policy *policy);

struct watched_name {     /* what somebody else's tool says under this name */
	unsigned kinds;   /* bits 1 << enum outcome_kind, WATCH_THREADS and WATCH_TREE among them */
	struct text name; /* WATCH_THREADS: "threads" */
	bool weighs;      /* false: only rules that warn ask for it */
};

struct policy_needs {
	unsigned facts;           /* enum fact bits; what gather must read before a verdict can be more than waiting */
	bool people;              /* permissions of those who reviewed */
	bool author;              /* permission, teams and organizations of the author of the change */
	bool contributors;        /* the same of everybody whom its commits name, who signed them and who pushed */
	unsigned carries;         /* enum carry bits */
	bool merged_before;       /* whether a change of the author's was merged */
	bool comments_object;     /* of FACT_COMMENTS: what somebody says there can block, too, not only approve */
	bool comments_shown;      /* of FACT_COMMENTS: only rules that warn ask for it */
	bool unknown_pushers;     /* no fact: a rule counts reviews though somebody unknown may have pushed */
	bool logins;              /* somebody is named by login, which can be another account's tomorrow */
	bool bugs;                /* which, and what of them: bugs.h */
	const struct text *teams; /* "org/slug" whose membership matters */
	size_t n_teams;
	const struct text *organizations; /* whose membership matters */
	size_t n_organizations;
	const struct text *owners_files; /* of the base branch, the people file among them; "CODEOWNERS": the first of
					    policy_codeowners */
	size_t n_owners_files;
	const struct watched_name *watched; /* of FACT_STATUSES, FACT_WORKFLOWS and FACT_THREADS, and of trees: all
					       names that are asked for */
	size_t n_watched;
};
struct policy_needs policy_needs(const struct policy *policy);

/* What governs commits that are pushed to `branch` and heading for `onto`, without a change. Where policy.pushes does not
 * say it, one that permits nothing; of what is one already, that. Never NULL. */
const struct policy *policy_of_push(const struct policy *policy, struct text branch, struct text onto);

/* Where the forge looks for a CODEOWNERS, in order; NULL past the end. */
const char *policy_codeowners(size_t i);

/* Besides needs.teams: those of the repository's ("org/name") organization that own what the change touches, by the
 * files that are in it. How many; in the arena. */
size_t policy_owner_teams(const struct policy *policy, struct text repo_name, const struct change *change,
			  struct arena *arena, const struct text **ret);

/* When a verdict by this policy may become another by time alone: the first moment after now, in milliseconds; 0:
 * never.
 */
int64_t policy_changes_at(const struct policy *policy, int64_t now);

/* The change with the accounts that the policy's people file gives to addresses of its commits. */
const struct change *policy_attributed(const struct policy *policy, const struct change *change, struct arena *arena);

/* What governs one open change: exactly one of policy and problem is set. */
struct governed {
	const struct policy *policy;
	const struct problem *problem; /* the base branch's file is invalid: cannot_decide */
};

/*
 * The verdict of facts->head: the AND over all its open changes, each judged by its own policy (governed[i] belongs
 * to facts->changes[i]). No open change: blocked ("Superseded by ..." or "Blocked: no open change has this head").
 * A merge group's commit is judged by policy_group.c; governed then goes on with the changes of each constituent, in
 * the order of groups and constituents. Everything in *ret is owned by the arena.
 */
void policy_judge(const struct governed *governed, const struct facts *facts, struct arena *arena, struct verdict *ret);

#define POLICY_CONTEXTS_MAX     8
#define POLICY_CONTEXT_NAME_MAX 100

/* The contexts that a policy names besides the server's own, in the order of the file. False past the end. */
bool policy_context_at(const struct policy *policy, size_t i, struct text *ret);

/*
 * The same facts, judged for another context: each change by what its policy says of that. Where one does not name it,
 * it is denied. allowed_before and shadowed are what the facts say, and are to be this context's.
 */
void policy_judge_context(const struct governed *governed, const struct facts *facts, struct text context,
			  struct arena *arena, struct verdict *ret);

/*
 * What the public may see of a verdict: restricted rules are gone, each tree has the one row "Maintainer clearance"
 * (met when allowed, else pending), and nothing else depends on restricted facts but the final allow or deny.
 */
void policy_public_view(const struct verdict *verdict, struct arena *arena, struct verdict *ret);

/* A verdict of cannot_decide with this public reason; for agent faults and invalid policies. */
void policy_cannot_decide(const char *reason, struct arena *arena, struct verdict *ret);

/* What a policy is made of, for showing it: its own rules in the order of the file. False past the end. */
struct policy_rule {
	struct text name, description;
	unsigned line, column; /* in the policy's text; the built-in one's: policy_builtin_text */
	enum rule_mode mode;
	bool restricted;
	bool hook_allows; /* a commit hook lets a push through where what this rule asks is not known */
};
bool policy_rule_at(const struct policy *policy, size_t i, struct policy_rule *ret);

/* One row per key, predicate and option that the parser knows, for help, schema and documentation. NULL past the end.
 */
struct policy_key {
	const char *path, *type, *help; /* "approval_rules[].requires.count", "integer >= 0" (key_type.h), "..." */
};
const struct policy_key *policy_key_at(size_t i);
/* Of a row of policy_key_at: it is a member of conditions; its path is its name alone. */
bool policy_key_is_condition(const struct policy_key *key);

#endif
