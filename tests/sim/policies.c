#include "tests/sim/policies.h"

#include <stddef.h>

#define OTHER            "policy/try-allowed"
#define HEAD(approval)   "policy:\n  approval: " approval "\napproval_rules:\n"
#define RULE(name, rest) "  - {name: " name ", " rest "}\n"
#define TWO_REVIEWS      RULE("reviewed", "requires: {count: 2, permissions: [write]}")
#define ONE_REVIEW       RULE("reviewed", "requires: {count: 1, permissions: [write]}")
#define TOUCHES(paths)   "{changed_files: {paths: [" paths "]}}"
#define INTO(pattern)    "{targets_branch: {pattern: '" pattern "'}}"
#define WRITERS(n)       .count = (n), .of = {.least = ROLE_WRITE}
#define ALL_OF(...)                                                                                                    \
	{                                                                                                              \
		.parts = { __VA_ARGS__ }                                                                               \
	}
#define ONE_OF(...)                                                                                                    \
	{                                                                                                              \
		.either = true, .parts = { __VA_ARGS__ }                                                               \
	}
#define TWO_WRITERS .demands = {{WRITERS(2)}}, .clauses = {ALL_OF(1)}

enum { MAIN = 1, RELEASE = 2, NEXT = 4, NOWHERE = 8 }; /* bits of branches */
enum { ANN = 1, ADA = 8, RITA = 32 };                  /* bits of people */

static const struct policy_row without_file = {.name = "no file: two fresh reviews by writers", TWO_WRITERS};

static const struct policy_row rows[] = {
	{.name = "two reviews by writers", .text = HEAD("[reviewed]") TWO_REVIEWS, TWO_WRITERS},
	{.name = "an empty file is no file", .text = "# nothing yet\n", TWO_WRITERS},
	{.name = "one review by a writer",
	 .text = HEAD("[reviewed]")
		 RULE("reviewed", "options: {allow_unknown_pushers: true}, requires: {count: 1, permissions: [write]}"),
	 .demands = {{WRITERS(1), .unknown_pushers_too = true}},
	 .clauses = {ALL_OF(1)}},
	{.name = "two reviews by the team",
	 .text = HEAD("[reviewed]") RULE("reviewed", "requires: {count: 2, teams: [" TRUTH_TEAM "]}"),
	 .demands = {{.count = 2, .of = {.team = true}}},
	 .clauses = {ALL_OF(1)}},
	{.name = "one review, and for workflows one by a maintainer",
	 .text = HEAD("[reviewed, workflows]") ONE_REVIEW RULE(
		 "workflows",
		 "if: " TOUCHES("'^\\.github/workflows/'") ", requires: {count: 1, permissions: [maintain]}"),
	 .demands = {{WRITERS(1)}, {.if_files = FILE_WORKFLOW, .count = 1, .of = {.least = ROLE_MAINTAIN}}},
	 .clauses = {ALL_OF(1), ALL_OF(2)}},
	{.name = "one review, and the author's counts",
	 .text = HEAD("[reviewed]")
		 RULE("reviewed", "options: {allow_author: true}, requires: {count: 1, permissions: [write]}"),
	 .demands = {{WRITERS(1), .author_too = true}},
	 .clauses = {ALL_OF(1)}},
	{.name = "one review, and those of contributors count",
	 .text = HEAD("[reviewed]")
		 RULE("reviewed", "options: {allow_contributor: true}, requires: {count: 1, permissions: [write]}"),
	 .demands = {{WRITERS(1), .contributors_too = true}},
	 .clauses = {ALL_OF(1)}},
	{.name = "two reviews by whoever may read, whoever wrote it",
	 .text = HEAD("[reviewed]") RULE("reviewed", "options: {allow_author: true, allow_contributor: true}, "
						     "requires: {count: 2, permissions: [admin, read]}"),
	 .demands = {{.count = 2, .of = {.least = ROLE_READ}, .author_too = true, .contributors_too = true}},
	 .clauses = {ALL_OF(1)}},
	{.name = "two by writers, or for documents one by who may triage",
	 .text = HEAD("[{or: [reviewed, {and: [documents, looked at]}]}]")
		 TWO_REVIEWS RULE("documents", "requires: {conditions: " TOUCHES("'^docs/'") "}")
			 RULE("looked at", "requires: {count: 1, permissions: [triage]}"),
	 .demands = {{WRITERS(2)}, {.needs_files = FILE_DOCS}, {.count = 1, .of = {.least = ROLE_TRIAGE}}},
	 .clauses = {ONE_OF(1, 2 | 4)}},
	{.name = "a maintainer, or two of the team",
	 .text = HEAD("[{or: [maintainer, team]}]") RULE("maintainer", "requires: {count: 1, permissions: [maintain]}")
		 RULE("team", "requires: {count: 2, teams: [" TRUTH_TEAM "]}"),
	 .demands = {{.count = 1, .of = {.least = ROLE_MAINTAIN}}, {.count = 2, .of = {.team = true}}},
	 .clauses = {ONE_OF(1, 2)}},
	{.name = "one review, and every reader and the team may object",
	 .text = "policy:\n  approval: [reviewed]\n"
		 "  disapproval: {requires: {permissions: [read], teams: [" TRUTH_TEAM "]}}\n"
		 "approval_rules:\n" ONE_REVIEW,
	 .demands = {{WRITERS(1)}},
	 .clauses = {ALL_OF(1)},
	 .objectors = {.least = ROLE_READ, .team = true}},
	{.name = "one review, and for releases one by ada or rita",
	 .text = HEAD("[reviewed, release]")
		 ONE_REVIEW RULE("release", "if: " INTO("^release$") ", requires: {count: 1, users: [ada, RITA]}"),
	 .demands = {{WRITERS(1)}, {.if_branches = RELEASE, .count = 1, .of = {.people = ADA | RITA}}},
	 .clauses = {ALL_OF(1), ALL_OF(2)}},
	{.name = "no rule but for releases",
	 .text = HEAD("[release]")
		 RULE("release", "if: " INTO("^release$") ", requires: {count: 1, permissions: [write]}"),
	 .demands = {{.if_branches = RELEASE, WRITERS(1)}},
	 .clauses = {ALL_OF(1)}},
	{.name = "documents alone, or a review where the base is not main; one rule is off",
	 .text = HEAD("[{or: [documents, elsewhere]}, ann]") RULE(
		 "documents",
		 "visibility: restricted, if: " TOUCHES("'^docs/'") ", requires: {count: 1, permissions: [triage]}")
		 RULE("elsewhere", "if: " INTO("^(release|next)$") ", requires: {count: 1, permissions: [write]}")
			 RULE("ann", "mode: off, requires: {count: 1, users: [ann]}"),
	 .demands = {{.if_files = FILE_DOCS, .count = 1, .of = {.least = ROLE_TRIAGE}},
		     {.if_branches = RELEASE | NEXT, WRITERS(1)},
		     {.off = true, .count = 1, .of = {.people = ANN}}},
	 .clauses = {ONE_OF(1, 2), ALL_OF(4)}},
	{.name = "whatever changes the source needs no review",
	 .text = HEAD("[source]") RULE("source", "requires: {conditions: " TOUCHES("'^src/'") "}"),
	 .demands = {{.needs_files = FILE_SOURCE}},
	 .clauses = {ALL_OF(1)}},
	{.name = "never",
	 .text = HEAD("[nowhere]")
		 RULE("nowhere", "requires: {count: 1, permissions: [read], conditions: " INTO("^nowhere$") "}"),
	 .demands = {{.needs_branches = NOWHERE, .count = 1, .of = {.least = ROLE_READ}}},
	 .clauses = {ALL_OF(1)}},
	{.name = "wrong: a key is misspelt", .text = "policy: {approvl: [reviewed]}\n", .broken = true},
	{.name = "wrong: a rule is not used",
	 .text = HEAD("[reviewed]") ONE_REVIEW RULE("other", "requires: {count: 1, permissions: [read]}"),
	 .broken = true},
	{.name = "wrong: a rule requires nothing",
	 .text = HEAD("[x]") RULE("x", "requires: {count: 0}"),
	 .broken = true},
	{.name = "wrong: not YAML", .text = "policy: [reviewed\n", .broken = true},
};

#define CONTEXTS(approval, other, rest)                                                                                \
	"policy:\n  approval: " approval "\n" rest "  contexts:\n    " OTHER ": " other "\napproval_rules:\n"
#define LOOKED_AT RULE("looked at", "requires: {count: 1, permissions: [triage]}")
#define TRIAGERS  .count = 1, .of = {.least = ROLE_TRIAGE}

static const struct policy_row with_contexts[] = {
	{.name = "two reviews by writers; tried after one look, drafts too",
	 .text = CONTEXTS("[reviewed]", "{approval: [looked at], guards: {off: [draft]}}", "") TWO_REVIEWS LOOKED_AT,
	 .demands = {{WRITERS(2)}, {TRIAGERS}},
	 .clauses = {ALL_OF(1)},
	 .other = {.clauses = {ALL_OF(2)}, .drafts_too = true}},
	{.name = "one look, and the team may object; tried after a writer's review into main, too",
	 .text = CONTEXTS("[looked at]", "{approval: [looked at, reviewed]}",
			  "  disapproval: {requires: {teams: [" TRUTH_TEAM "]}}\n")
		 LOOKED_AT RULE("reviewed", "if: " INTO("^main$") ", requires: {count: 1, permissions: [write]}"),
	 .demands = {{TRIAGERS}, {.if_branches = MAIN, WRITERS(1)}},
	 .clauses = {ALL_OF(1)},
	 .objectors = {.team = true},
	 .other = {.clauses = {ALL_OF(1), ALL_OF(2)}}},
	{.name = "a writer's review, and every reader may object; tried after the same, and only ann may",
	 .text = CONTEXTS("[reviewed]", "{approval: [reviewed], disapproval: {requires: {users: [ann]}}}",
			  "  disapproval: {requires: {permissions: [read]}}\n") ONE_REVIEW,
	 .demands = {{WRITERS(1)}},
	 .clauses = {ALL_OF(1)},
	 .objectors = {.least = ROLE_READ},
	 .other = {.clauses = {ALL_OF(1)}, .own_objectors = true, .objectors = {.people = ANN}}},
	{.name = "wrong: a context of another family",
	 .text = "policy:\n  approval: [reviewed]\n  contexts: {tests/passed: {approval: [reviewed]}}\n"
		 "approval_rules:\n" ONE_REVIEW,
	 .broken = true},
};

#define SAFE_OR_APPROVED "{keywords: {none_of: [sec-high]}}, {attachment_flag: {name: sec-approval, status: '+'}}"
#define CLEARED_IF(bugs) "visibility: restricted, requires: {conditions: {bugs: {" bugs "}}}"
#define CLEARED(passes)  RULE("cleared", CLEARED_IF("every: {any_of: [" passes "]}"))

/* A mark of a duplicate closes no bug here: what is closed is said apart. */
static const struct policy_row with_bugs[] = {
	{.name = "a writer's review; bugs are unrated or approved",
	 .text = HEAD("[reviewed, cleared]") ONE_REVIEW CLEARED(SAFE_OR_APPROVED),
	 .demands = {{WRITERS(1)}, {.bugs = PASS_UNRATED | PASS_APPROVED}},
	 .clauses = {ALL_OF(1), ALL_OF(2)}},
	{.name = "a writer's review; bugs are public or approved, and what is not known fails",
	 .text = HEAD("[reviewed, cleared]")
		 ONE_REVIEW RULE("cleared", CLEARED_IF("on_unknown: failure, every: {any_of: [{private: false}, "
						       "{attachment_flag: {name: sec-approval, status: '+'}}]}")),
	 .demands = {{WRITERS(1)}, {.bugs = PASS_PUBLIC | PASS_APPROVED}},
	 .clauses = {ALL_OF(1), ALL_OF(2)}},
	{.name = "a writer's review; bugs are open, and unrated or approved, whatever they duplicate",
	 .text = HEAD("[reviewed, cleared]")
		 ONE_REVIEW RULE("cleared", CLEARED_IF("duplicates: false, every: {bug_open: true, any_of: [" //
						       SAFE_OR_APPROVED "]}")),
	 .demands = {{WRITERS(1)}, {.bugs = PASS_UNRATED | PASS_APPROVED, .bugs_open = true, .bugs_alone = true}},
	 .clauses = {ALL_OF(1), ALL_OF(2)}},
	{.name = "a writer's review; bugs are unrated, approved, or no bugs",
	 .text = HEAD("[reviewed, cleared]") ONE_REVIEW CLEARED("{bug_exists: false}, " SAFE_OR_APPROVED),
	 .demands = {{WRITERS(1)}, {.bugs = PASS_UNRATED | PASS_APPROVED | PASS_NONE_SUCH}},
	 .clauses = {ALL_OF(1), ALL_OF(2)}},
	{.name = "a writer's review where bugs are unrated or approved, or a maintainer's",
	 .text = HEAD("[{or: [{and: [reviewed, cleared]}, maintainer]}]") ONE_REVIEW CLEARED(SAFE_OR_APPROVED)
		 RULE("maintainer", "requires: {count: 1, permissions: [maintain]}"),
	 .demands = {{WRITERS(1)},
		     {.bugs = PASS_UNRATED | PASS_APPROVED},
		     {.count = 1, .of = {.least = ROLE_MAINTAIN}}},
	 .clauses = {ONE_OF(1 | 2, 4)}},
	{.name = "a writer's review; rated bugs are warned of",
	 .text = HEAD("[reviewed, cleared]")
		 ONE_REVIEW RULE("cleared", "mode: warn, " CLEARED_IF("every: {any_of: [" SAFE_OR_APPROVED "]}")),
	 .demands = {{WRITERS(1)}},
	 .clauses = {ALL_OF(1)}},
};

int policies_with_bugs(void)
{
	return (int)(sizeof with_bugs / sizeof with_bugs[0]);
}

int policies_count(void)
{
	return (int)(sizeof rows / sizeof rows[0]);
}

int policies_with_contexts(void)
{
	return (int)(sizeof with_contexts / sizeof with_contexts[0]);
}

const struct policy_row *policies_row(int index)
{
	if (index == NOBODY)
		return &without_file;
	if (index >= policies_count() && index < policies_count() + policies_with_contexts())
		return &with_contexts[index - policies_count()];
	if (index >= policies_count() + policies_with_contexts() &&
	    index < policies_count() + policies_with_contexts() + policies_with_bugs())
		return &with_bugs[index - policies_count() - policies_with_contexts()];
	return index >= 0 && index < policies_count() ? &rows[index] : NULL;
}
