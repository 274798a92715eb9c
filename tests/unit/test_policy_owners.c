/* `requires.owners`: whose review covers what was changed; and the ways to get past it. */
#include "tests/support/case.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

enum { PATHS = 4 };

struct owned_case {
	struct example c;
	struct path paths[PATHS];
	struct owners_file file;
	struct text teams[CASE_PEOPLE + 1];
};

/* What a rule says behind `owners:`, and besides. */
#define RULE(inside, besides)                                                                                          \
	"policy: {approval: [owned]}\n"                                                                                \
	"approval_rules:\n"                                                                                            \
	"  - name: owned\n"                                                                                            \
	"    requires: {owners: {" inside "}" besides "}\n"

#define PLAIN RULE("file: CODEOWNERS", "")

static struct path modified(const char *path)
{
	return (struct path){.path = text_of(path), .status = PATH_MODIFIED, .mode = 0100644, .old_mode = 0100644};
}

static void begin(struct owned_case *o, const char *owners)
{
	case_make(&o->c);
	o->paths[0] = modified("src/cache.c");
	o->file = (struct owners_file){
		.name = TEXT_LIT("CODEOWNERS"), .path = TEXT_LIT(".github/CODEOWNERS"), .bytes = text_of(owners)};
	o->c.change.paths = o->paths;
	o->c.change.n_paths = 1;
	o->c.change.owners_files = &o->file;
	o->c.change.n_owners_files = 1;
	o->c.change.n_reviews = 0;
}

static void add_path(struct owned_case *o, struct path path)
{
	o->paths[o->c.change.n_paths++] = path;
}

static void into_team(struct owned_case *o, int64_t who, const char *team)
{
	o->teams[who] = text_of(team);
	o->c.people[who - 1].teams = &o->teams[who];
	o->c.people[who - 1].n_teams = 1;
}

static void approve(struct owned_case *o, int64_t who)
{
	case_review(&o->c, who, REVIEW_APPROVED, CASE_HEAD, 60000 * (int64_t)(o->c.change.n_reviews + 1));
}

static void expect(struct owned_case *o, const char *policy, enum decision decision, const char *text)
{
	struct verdict verdict = case_judge(&o->c, policy);

	ck_assert_msg(verdict.decision == decision && (!text || text_is(verdict.text, text)), "%s: %.*s",
		      decision_name(verdict.decision), TEXT_ARG(verdict.text));
	ck_assert_uint_le(verdict.text.len, STATUS_TEXT_MAX);
	case_drop(&o->c);
}

/* ---- who covers a file ---- */

struct row {
	const char *owners;
	void (*bend)(struct owned_case *o);
	enum decision decision;
	const char *text; /* NULL: allowed's */
};

static void nobody(struct owned_case *o)
{
	(void)o;
}
static void bob(struct owned_case *o)
{
	approve(o, BOB);
}
static void carol(struct owned_case *o)
{
	approve(o, CAROL);
}
static void bob_and_carol(struct owned_case *o)
{
	bob(o);
	carol(o);
}
static void bob_of_the_team(struct owned_case *o)
{
	into_team(o, BOB, "acme/core");
	bob(o);
}
static void teams_unknown(struct owned_case *o)
{
	o->c.people[BOB - 1].teams_known = false;
	bob(o);
}
static void login_unknown(struct owned_case *o)
{
	o->c.people[BOB - 1].who.login = TEXT_EMPTY;
	bob(o);
}
static void bob_of_another_organization(struct owned_case *o)
{
	into_team(o, BOB, "evil/core");
	bob(o);
}
static void bob_may_only_read(struct owned_case *o)
{
	o->c.people[BOB - 1].permission = PERMISSION_READ;
	bob(o);
}
static void bob_of_unknown_permission(struct owned_case *o)
{
	o->c.people[BOB - 1].permission = PERMISSION_UNKNOWN;
	bob(o);
}
static void robot(struct owned_case *o)
{
	approve(o, ROBOT);
}
static void alice(struct owned_case *o)
{
	approve(o, ALICE);
}
static void bob_stale(struct owned_case *o)
{
	case_review(&o->c, BOB, REVIEW_APPROVED, CASE_OLD, 60000);
}
static void bob_before_arrival(struct owned_case *o)
{
	case_review(&o->c, BOB, REVIEW_APPROVED, CASE_HEAD, -1);
}
static void bob_pushed(struct owned_case *o)
{
	o->c.pushers[1] = BOB;
	o->c.change.n_pushers = 2;
	bob(o);
}
static void two_files(struct owned_case *o)
{
	add_path(o, modified("docs/a.md"));
}
static void two_files_bob(struct owned_case *o)
{
	two_files(o);
	bob(o);
}
static void two_files_carol(struct owned_case *o)
{
	two_files(o);
	carol(o);
}
static void two_files_both(struct owned_case *o)
{
	two_files(o);
	bob_and_carol(o);
}
static void renamed(struct owned_case *o, const char *from, const char *to)
{
	o->paths[0] = modified(to);
	o->paths[0].old_path = text_of(from);
}
static void out_of_keys_bob(struct owned_case *o)
{
	renamed(o, "keys/a", "src/a");
	bob(o);
}
static void into_keys_bob(struct owned_case *o)
{
	renamed(o, "src/a", "keys/a");
	bob(o);
}
static void out_of_keys_both(struct owned_case *o)
{
	renamed(o, "keys/a", "src/a");
	bob_and_carol(o);
}
static void keys_becomes(struct owned_case *o, uint32_t mode)
{
	o->paths[0] = (struct path){.path = TEXT_LIT("keys"), .status = PATH_ADDED, .mode = mode};
	bob(o);
}
static void keys_becomes_a_link(struct owned_case *o)
{
	keys_becomes(o, 0120000);
}
static void keys_becomes_a_submodule(struct owned_case *o)
{
	keys_becomes(o, 0160000);
}
static void keys_becomes_a_file(struct owned_case *o)
{
	keys_becomes(o, 0100644);
}
static void keys_link_goes(struct owned_case *o)
{
	keys_becomes(o, 0);
	o->paths[0].old_mode = 0120000;
}
static void owners_edit(struct owned_case *o)
{
	o->paths[0] = modified(".github/CODEOWNERS");
	bob(o);
}
static void paths_unknown(struct owned_case *o)
{
	o->c.change.known &= ~(unsigned)FACT_PATHS;
	bob(o);
}
static void file_not_read(struct owned_case *o)
{
	o->c.change.n_owners_files = 0;
	bob(o);
}
static void no_file(struct owned_case *o)
{
	o->file.path = o->file.bytes = TEXT_EMPTY;
	bob(o);
}
static void file_too_large(struct owned_case *o)
{
	o->file.bytes = TEXT_EMPTY;
	o->file.why = TEXT_LIT("more than 3000000 bytes");
	bob(o);
}
static void no_paths(struct owned_case *o)
{
	o->c.change.n_paths = 0;
}
static void no_paths_bob(struct owned_case *o)
{
	no_paths(o);
	bob(o);
}
static void long_path(struct owned_case *o)
{
	o->paths[0] = modified("a/very/long/path/that/does/not/fit/into/the/text/of/a/status/because/it/goes/on/and/"
			       "on/until/its/end.c");
}

#define OURS "* @carol\n/src/ @bob\n/keys/ @carol\n"

static const struct row rows[] = {
	{"* @bob\n", nobody, DECISION_WAITING, "Needs review by an owner of src/cache.c (@bob)"},
	{"* @bob\n", bob, DECISION_ALLOWED, NULL},
	{"* @BOB\n", bob, DECISION_ALLOWED, NULL},
	{"* @bob\n", carol, DECISION_WAITING, "Needs review by an owner of src/cache.c (@bob)"},
	{"* @bob @carol\n", carol, DECISION_ALLOWED, NULL},
	{"* @acme/core\n", bob_of_the_team, DECISION_ALLOWED, NULL},
	{"* @Acme/Core\n", bob_of_the_team, DECISION_ALLOWED, NULL},
	{"* @acme/core\n", bob, DECISION_WAITING, "Needs review by an owner of src/cache.c (@acme/core)"},
	{"* @acme/core\n", teams_unknown, DECISION_WAITING, "Needs to know who owns src/cache.c"},
	{"* @bob\n", login_unknown, DECISION_WAITING, "Needs to know who owns src/cache.c"},
	/* a team of another organization, an e-mail: nobody can prove to be one */
	{"* @evil/core\n", bob_of_another_organization, DECISION_BLOCKED,
	 "Blocked: too few can prove to own src/cache.c (@evil/core); add a @user"},
	{"* @evil/core @carol\n", bob_of_another_organization, DECISION_WAITING,
	 "Needs review by an owner of src/cache.c (@evil/core, @carol)"},
	{"* bob@example.org\n", bob, DECISION_BLOCKED,
	 "Blocked: too few can prove to own src/cache.c (bob@example.org); add a @user"},
	{"* bob@example.org @carol\n", bob, DECISION_WAITING,
	 "Needs review by an owner of src/cache.c (bob@example.org, @carol)"},
	{"* bob@example.org @carol\n", carol, DECISION_ALLOWED, NULL},
	/* who owns and does not count */
	{"* @bob\n", bob_may_only_read, DECISION_WAITING, "Needs review by an owner of src/cache.c (@bob)"},
	{"* @bob\n", bob_of_unknown_permission, DECISION_WAITING, "Needs the permission of bob"},
	{"* @robot\n", robot, DECISION_WAITING, "Needs review by an owner of src/cache.c (@robot)"},
	{"* @bob\n", bob_stale, DECISION_WAITING, "Needs review by an owner of src/cache.c (@bob)"},
	{"* @bob\n", bob_before_arrival, DECISION_WAITING, "Needs review by an owner of src/cache.c (@bob)"},
	{"* @bob\n", bob_pushed, DECISION_WAITING, "Needs review by an owner of src/cache.c (@bob)"},
	{"* @alice @bob\n", alice, DECISION_WAITING, "Needs review by an owner of src/cache.c (@alice, @bob)"},
	{"* @alice\n", alice, DECISION_BLOCKED,
	 "Blocked: only the author owns src/cache.c; a maintainer must add an owner to .github/CODEOWNERS"},
	{"* @Alice a@example.org\n", bob, DECISION_BLOCKED,
	 "Blocked: only the author owns src/cache.c; a maintainer must add an owner to .github/CODEOWNERS"},
	/* each file by its own owners */
	{"* @carol\n/src/ @bob\n", two_files_bob, DECISION_WAITING, "Needs review by an owner of docs/a.md (@carol)"},
	{"* @carol\n/src/ @bob\n", two_files_carol, DECISION_WAITING, "Needs review by an owner of src/cache.c (@bob)"},
	{"* @carol\n/src/ @bob\n", two_files_both, DECISION_ALLOWED, NULL},
	{"* @carol\n/src/ @bob\n", two_files, DECISION_WAITING, "Needs review by an owner of src/cache.c (@bob)"},
	/* both names of a renamed file */
	{OURS, out_of_keys_bob, DECISION_WAITING, "Needs review by an owner of keys/a (@carol)"},
	{OURS, into_keys_bob, DECISION_WAITING, "Needs review by an owner of keys/a (@carol)"},
	{OURS, out_of_keys_both, DECISION_ALLOWED, NULL},
	/* what stands for a tree is its folder, too */
	{"* @bob\n/keys/ @carol\n", keys_becomes_a_file, DECISION_ALLOWED, NULL},
	{"* @bob\n/keys/ @carol\n", keys_becomes_a_link, DECISION_WAITING, "Needs review by an owner of keys (@carol)"},
	{"* @bob\n/keys/ @carol\n", keys_becomes_a_submodule, DECISION_WAITING,
	 "Needs review by an owner of keys (@carol)"},
	{"* @bob\n/keys/ @carol\n", keys_link_goes, DECISION_WAITING, "Needs review by an owner of keys (@carol)"},
	{"* @bob\n", keys_becomes_a_link, DECISION_ALLOWED, NULL},
	/* nobody's */
	{"/docs/ @bob\n", bob, DECISION_BLOCKED, "Blocked: nobody owns src/cache.c in .github/CODEOWNERS"},
	{"* @bob\n/src/\n", bob, DECISION_BLOCKED, "Blocked: nobody owns src/cache.c in .github/CODEOWNERS"},
	{"/src/ @bob\n", two_files_bob, DECISION_BLOCKED, "Blocked: nobody owns docs/a.md in .github/CODEOWNERS"},
	{"", bob, DECISION_BLOCKED, "Blocked: nobody owns src/cache.c in .github/CODEOWNERS"},
	{"", no_file, DECISION_BLOCKED, "Blocked: there is no CODEOWNERS on the base branch"},
	/* what a change makes of the file says nothing about the change */
	{"* @bob\n/.github/ @carol\n", owners_edit, DECISION_WAITING,
	 "Needs review by an owner of .github/CODEOWNERS (@carol)"},
	/* what is not known */
	{"* @bob\n", file_not_read, DECISION_WAITING, "Needs the base branch's CODEOWNERS"},
	{"* @bob\n", file_too_large, DECISION_BLOCKED,
	 "Blocked: .github/CODEOWNERS cannot be used: more than 3000000 bytes"},
	{"* @bob\n", paths_unknown, DECISION_WAITING, "Needs the list of changed files"},
	{"* @bob\n!/src/ @carol\n", bob, DECISION_BLOCKED,
	 "Blocked: .github/CODEOWNERS, line 2: `!` does not negate here"},
	{"!/src/ @carol\n* @bob\n", bob, DECISION_ALLOWED, NULL},
	{"* @bob\n/src/ carol\n", bob, DECISION_BLOCKED,
	 "Blocked: .github/CODEOWNERS, line 2: `carol` is no @user, @org/team or e-mail"},
	{"* @bob\n/docs/ carol\n", bob, DECISION_ALLOWED, NULL},
	/* a change of nothing */
	{"* @bob\n", no_paths, DECISION_WAITING, NULL},
	{"* @bob\n", no_paths_bob, DECISION_ALLOWED, NULL},
	{"* @bob @carol @dave @erin @frank @acme/core @acme/kernel @acme/people\n", long_path, DECISION_WAITING,
	 "Needs review by an owner of ...ext/of/a/status/because/it/goes/on/and/on/until/its/end.c (@bob, @carol, "
	 "@dave, "
	 "@erin, @frank, ...)"},
};

START_TEST(each_changed_file_needs_an_owner_of_its_own)
{
	struct owned_case o;

	begin(&o, rows[_i].owners);
	rows[_i].bend(&o);
	expect(&o, PLAIN, rows[_i].decision, rows[_i].text);
}
END_TEST

/* ---- the words of the rule ---- */

static const struct {
	const char *policy;
	struct row row;
} ruled[] = {
	/* count is of each file */
	{RULE("file: CODEOWNERS", ", count: 2"),
	 {"* @bob @carol\n", bob, DECISION_WAITING, "Needs reviews by owners of src/cache.c (@bob, @carol), 1/2"}},
	{RULE("file: CODEOWNERS", ", count: 2"), {"* @bob @carol\n", bob_and_carol, DECISION_ALLOWED, NULL}},
	{RULE("file: CODEOWNERS", ", count: 2"), {"* @bob @bob @acme/core\n", bob_and_carol, DECISION_WAITING, NULL}},
	{RULE("file: CODEOWNERS", ", count: 2"),
	 {"* @alice @bob\n", bob, DECISION_BLOCKED,
	  "Blocked: hardly anybody but the author owns src/cache.c; a maintainer must add an owner to "
	  ".github/CODEOWNERS"}},
	/* whom the rule names besides covers every file */
	{RULE("file: CODEOWNERS", ", users: [carol]"), {"* @bob\n", carol, DECISION_ALLOWED, NULL}},
	{RULE("file: CODEOWNERS", ", users: [carol]"), {"* @alice\n", carol, DECISION_ALLOWED, NULL}},
	{RULE("file: CODEOWNERS", ", users: [erin]"),
	 {"* @alice\n", carol, DECISION_WAITING, "Needs review by an owner of src/cache.c (@alice)"}},
	{RULE("file: CODEOWNERS", ", users: [carol]"), {"", carol, DECISION_BLOCKED, NULL}},
	/* per change: an owner of any file; what nobody owns makes nobody one */
	{RULE("file: CODEOWNERS, per: change", ""), {"* @carol\n/src/ @bob\n", two_files_bob, DECISION_ALLOWED, NULL}},
	{RULE("file: CODEOWNERS, per: change", ""),
	 {"* @carol\n/src/ @bob\n", two_files, DECISION_WAITING, "Needs review by an owner of src/cache.c (@bob)"}},
	{RULE("file: CODEOWNERS, per: change", ", count: 2"),
	 {"* @carol\n/src/ @bob\n", two_files_both, DECISION_ALLOWED, NULL}},
	{RULE("file: CODEOWNERS, per: change", ", count: 2"),
	 {"* @carol\n/src/ @bob\n", two_files_bob, DECISION_WAITING, NULL}},
	{RULE("file: CODEOWNERS, per: change", ""),
	 {"/src/ @bob\n", two_files_bob, DECISION_BLOCKED, "Blocked: nobody owns docs/a.md in .github/CODEOWNERS"}},
	{RULE("file: CODEOWNERS, per: change, unowned: write", ""),
	 {"/src/ @bob\n", two_files_carol, DECISION_WAITING, "Needs review by an owner of src/cache.c (@bob)"}},
	{RULE("file: CODEOWNERS, per: change, unowned: write", ""), {"", two_files_carol, DECISION_ALLOWED, NULL}},
	{RULE("file: CODEOWNERS, per: change, unowned: write", ""), {"", two_files, DECISION_WAITING, NULL}},
	{RULE("file: CODEOWNERS, per: change", ""), {"* @acme/core\n", teams_unknown, DECISION_WAITING, NULL}},
	{RULE("file: CODEOWNERS, per: change", ""), {"* @bob\n/src/ carol\n", bob, DECISION_BLOCKED, NULL}},
	/* unowned: write */
	{RULE("file: CODEOWNERS, unowned: write", ""), {"/docs/ @bob\n", carol, DECISION_ALLOWED, NULL}},
	{RULE("file: CODEOWNERS, unowned: write", ""),
	 {"/docs/ @bob\n", nobody, DECISION_WAITING,
	  "Needs review by somebody with write access: nobody owns src/cache.c (0/1)"}},
	{RULE("file: CODEOWNERS, unowned: write", ""), {"/docs/ @bob\n", bob_may_only_read, DECISION_WAITING, NULL}},
	{RULE("file: CODEOWNERS, unowned: write", ""), {"/src/ @bob\n", carol, DECISION_WAITING, NULL}},
	{RULE("file: CODEOWNERS, unowned: write", ""), {"", no_file, DECISION_ALLOWED, NULL}},
	{RULE("file: CODEOWNERS, unowned: write", ""), {"* @bob\n!x @bob\n", carol, DECISION_BLOCKED, NULL}},
	{RULE("file: CODEOWNERS, unowned: write", ""), {"", file_not_read, DECISION_WAITING, NULL}},
	{RULE("file: CODEOWNERS, unowned: deny, ref: base", ""), {"* @bob\n", bob, DECISION_ALLOWED, NULL}},
	/* the author, where the rule lets authors count */
	{"policy: {approval: [owned]}\napproval_rules:\n  - name: owned\n    options: {allow_author: true}\n"
	 "    requires: {owners: {file: CODEOWNERS}}\n",
	 {"* @alice\n", alice, DECISION_ALLOWED, NULL}},
	{"policy: {approval: [owned]}\napproval_rules:\n  - name: owned\n    options: {allow_author: true}\n"
	 "    requires: {owners: {file: CODEOWNERS}}\n",
	 {"* @alice\n", bob, DECISION_WAITING, "Needs review by an owner of src/cache.c (@alice)"}},
	/* four eyes of owners */
	{RULE("file: CODEOWNERS", ", eyes: 4"), {"* @bob\n", bob, DECISION_ALLOWED, NULL}},
};

START_TEST(a_rule_says_how_owners_count)
{
	struct owned_case o;

	begin(&o, ruled[_i].row.owners);
	ruled[_i].row.bend(&o);
	expect(&o, ruled[_i].policy, ruled[_i].row.decision, ruled[_i].row.text);
}
END_TEST

/* ---- owners.json ---- */

static void dave(struct owned_case *o)
{
	approve(o, DAVE);
}
static void dave_has_no_access(struct owned_case *o)
{
	o->c.people[DAVE - 1].permission = PERMISSION_NONE;
	dave(o);
}

#define JSON RULE("file: ci/owners.json", "")

static const struct row json[] = {
	{"{\"src/\": [4]}", dave, DECISION_ALLOWED,
	 NULL}, /* numbers are of the base branch: write access is not asked */
	{"{\"src/\": [4]}", dave_has_no_access, DECISION_WAITING, "Needs review by an owner of src/cache.c (id:4)"},
	{"{\"src/\": [4]}", bob, DECISION_WAITING, "Needs review by an owner of src/cache.c (id:4)"},
	{"{\"/\": [2], \"src/\": [4]}", bob, DECISION_WAITING, "Needs review by an owner of src/cache.c (id:4)"},
	{"{\"src/\": []}", bob, DECISION_BLOCKED, "Blocked: nobody owns src/cache.c in ci/owners.json"},
	{"{\"src/\": [1]}", bob, DECISION_BLOCKED,
	 "Blocked: only the author owns src/cache.c; a maintainer must add an owner to ci/owners.json"},
	{"{\"src/\": [2],}", bob, DECISION_BLOCKED, "Blocked: ci/owners.json:1:14 expected a path in double quotes"},
	{"* @bob\n", bob, DECISION_BLOCKED, NULL},
	{"", no_file, DECISION_BLOCKED, "Blocked: there is no ci/owners.json on the base branch"},
};

START_TEST(numbers_of_accounts_own_by_prefix)
{
	struct owned_case o;

	begin(&o, json[_i].owners);
	o.file.name = o.file.path = TEXT_LIT("ci/owners.json");
	json[_i].bend(&o);
	expect(&o, JSON, json[_i].decision, json[_i].text);
}
END_TEST

/* Whoever may change it decides who approves: a maintainer's review, besides its owners'. */
START_TEST(the_file_of_owners_is_guarded)
{
	struct owned_case o;

	for (int maintained = 0; maintained < 2; maintained++) {
		begin(&o, "{\"/\": [2]}");
		o.file.name = o.file.path = TEXT_LIT("ci/owners.json");
		o.paths[0] = modified("ci/owners.json");
		bob(&o);
		if (maintained)
			approve(&o, ERIN);
		expect(&o, JSON, maintained ? DECISION_ALLOWED : DECISION_WAITING,
		       maintained ? NULL : "Needs maintainer clearance");
	}
	begin(&o, "{\"/\": [2]}");
	o.file.name = o.file.path = TEXT_LIT("ci/owners.json");
	o.paths[0] = modified("ci/ownersxjson");
	bob(&o);
	expect(&o, JSON, DECISION_ALLOWED, NULL);
}
END_TEST

/* ---- what the rule shows and needs ---- */

START_TEST(who_owns_nothing_of_the_change_does_not_count_and_is_told_why)
{
	struct owned_case o;
	struct verdict verdict;
	const struct rule_result *row;

	begin(&o, "* @bob\n");
	bob_and_carol(&o);
	verdict = case_judge(&o.c, PLAIN);
	row = case_row(&verdict, "owned");
	ck_assert_uint_eq(row->n_counts, 1);
	ck_assert_int_eq(row->counts[0].id, BOB);
	ck_assert_uint_eq(row->n_ignored, 1);
	ck_assert(text_is(row->ignored[0].what, "carol"));
	ck_assert(text_is(row->ignored[0].why, "owns none of the changed files"));
	case_drop(&o.c);
}
END_TEST

static const struct policy *parsed(struct arena *arena, const char *text)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	const struct policy *policy = NULL;
	struct problem problem = {0, 0, ""};

	if (!policy_parse(text_of(text), &defaults, arena, &policy, &problem))
		ck_abort_msg("%u:%u %s", problem.line, problem.column, problem.text);
	return policy;
}

START_TEST(a_policy_needs_its_files_and_the_teams_that_own_what_was_changed)
{
	struct owned_case o;
	struct policy_needs needs;
	const struct text *teams;

	begin(&o, "* @acme/all\n/src/ @acme/core @Acme/CORE @evil/core @bob\n/keys/ @acme/keys\n/docs/ @acme/docs\n");
	o.paths[0].old_path = TEXT_LIT("keys/a");
	needs = policy_needs(parsed(&o.c.arena, PLAIN));
	ck_assert_uint_eq(needs.n_owners_files, 1);
	ck_assert(text_is(needs.owners_files[0], "CODEOWNERS"));
	ck_assert(needs.logins && needs.people);
	ck_assert_uint_ne(needs.facts & FACT_PATHS, 0);
	ck_assert_uint_eq(
		policy_owner_teams(parsed(&o.c.arena, PLAIN), o.c.facts.repo_name, &o.c.change, &o.c.arena, &teams), 2);
	ck_assert(text_is(teams[0], "acme/core"));
	ck_assert(text_is(teams[1], "acme/keys"));
	o.c.change.n_owners_files = 0;
	ck_assert_uint_eq(
		policy_owner_teams(parsed(&o.c.arena, PLAIN), o.c.facts.repo_name, &o.c.change, &o.c.arena, &teams), 0);
	ck_assert_uint_eq(policy_needs(parsed(&o.c.arena, "")).n_owners_files, 0);
	case_drop(&o.c);
}
END_TEST

/* 33 files, each of another team; bob is in all of them, as far as he was asked about. */
START_TEST(more_teams_than_are_asked_about_wait)
{
	enum { TEAMS = 33 };
	static struct path paths[TEAMS];
	static struct text teams[TEAMS];
	struct owned_case o;
	struct text bytes = TEXT_EMPTY;

	for (int more = 0; more < 2; more++) {
		begin(&o, "");
		for (int i = 0; i < TEAMS; i++) {
			paths[i] = modified(arena_printf(&o.c.arena, "d%d/a", i).at);
			teams[i] = arena_printf(&o.c.arena, "acme/t%d", i);
			bytes = arena_printf(&o.c.arena, "%.*s/d%d/ @acme/t%d\n", TEXT_ARG(bytes), i, i);
		}
		o.file.bytes = bytes;
		o.c.change.paths = paths;
		o.c.change.n_paths = (size_t)(TEAMS - 1 + more);
		o.c.people[BOB - 1].teams = teams;
		o.c.people[BOB - 1].n_teams = TEAMS;
		bob(&o);
		expect(&o, PLAIN, more ? DECISION_WAITING : DECISION_ALLOWED,
		       more ? "Needs an answer to whose the files are: more than 32 teams own them" : NULL);
		bytes = TEXT_EMPTY;
	}
}
END_TEST

/* A file whose every line is tried in vain for every path. */
START_TEST(what_takes_too_long_waits)
{
	enum { MANY = 3000 };
	static struct path paths[MANY];
	struct owned_case o;
	char *bytes;
	size_t used = 0, size = (size_t)MANY * 10;

	begin(&o, "");
	bytes = arena_alloc(&o.c.arena, size, 1);
	used += (size_t)snprintf(bytes, size, "* @bob\n");
	for (int i = 0; i < MANY; i++) {
		used += (size_t)snprintf(bytes + used, size - used, "*%d @x\n", i);
		paths[i] = modified(arena_printf(&o.c.arena, "some/folder/of/names/a%dx", i).at);
	}
	o.file.bytes = (struct text){bytes, used};
	o.c.change.paths = paths;
	o.c.change.n_paths = MANY;
	bob(&o);
	expect(&o, PLAIN, DECISION_WAITING,
	       "Needs an answer to whose the files are: it has too many patterns for so "
	       "many paths (limit reached)");
}
END_TEST

/* ---- mistakes ---- */

static const struct {
	const char *policy, *why;
} mistakes[] = {
	{RULE("per: file", ""), "needs a `file`"},
	{RULE("file: CODEOWNERS, ref: head", ""), "ref is base"},
	{RULE("file: CODEOWNERS, ref: main", ""), "ref is base"},
	{RULE("file: CODEOWNERS, per: path", ""), "file or change"},
	{RULE("file: CODEOWNERS, unowned: allow", ""), "deny or write"},
	{RULE("file: /CODEOWNERS", ""), "a path from the root"},
	{RULE("file: ../CODEOWNERS", ""), "a path from the root"},
	{RULE("file: docs/", ""), "a path from the root"},
	{RULE("file: \"a'b\"", ""), "a path from the root"},
	{RULE("file: \"o\\u00f6\"", ""), "a path from the root"},
	{RULE("file: [CODEOWNERS]", ""), "expected text"},
	{RULE("file: CODEOWNERS, unownd: deny", ""), "did you mean `unowned`"},
	{RULE("file: CODEOWNERS", ", count: 0"), "asks for nobody"},
	{"policy: {approval: [a]}\napproval_rules: [{name: a, requires: {owners: CODEOWNERS}}]\n", "must be a map"},
	{"policy: {approval: [{distinct: [a, b]}]}\napproval_rules: [{name: a, requires: {owners: {file: x}}}, {name: "
	 "b, requires: {count: 1, users: [bob]}}]\n",
	 "cannot be in `distinct`"},
};

START_TEST(a_mistake_in_the_rule_is_a_problem)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;
	struct problem problem = {0, 0, ""};

	ck_assert(!policy_parse(text_of(mistakes[_i].policy), &defaults, &arena, &policy, &problem));
	ck_assert_msg(strstr(problem.text, mistakes[_i].why) != NULL, "%s", problem.text);
	ck_assert_uint_gt(problem.line, 0);
}
END_TEST

START_TEST(more_rules_with_owners_than_may_be_are_a_problem)
{
	static const struct policy_defaults defaults = {.approvals = 2};

	for (int n = 8; n <= 9; n++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		const struct policy *policy = NULL;
		struct problem problem = {0, 0, ""};
		struct text names = TEXT_EMPTY, rules = TEXT_EMPTY;

		for (int i = 0; i < n; i++) {
			names = arena_printf(&arena, "%.*s%sr%d", TEXT_ARG(names), i > 0 ? ", " : "", i);
			rules = arena_printf(&arena, "%.*s  - {name: r%d, requires: {owners: {file: CODEOWNERS}}}\n",
					     TEXT_ARG(rules), i);
		}
		rules = arena_printf(&arena, "policy: {approval: [%.*s]}\napproval_rules:\n%.*s", TEXT_ARG(names),
				     TEXT_ARG(rules));
		ck_assert(policy_parse(rules, &defaults, &arena, &policy, &problem) == (n == 8));
		ck_assert((n == 8) == !strstr(problem.text, "more than 8"));
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(each_changed_file_needs_an_owner_of_its_own, rows),
	SUITE_ROWS(a_rule_says_how_owners_count, ruled),
	SUITE_ROWS(numbers_of_accounts_own_by_prefix, json),
	SUITE_TEST(the_file_of_owners_is_guarded),
	SUITE_TEST(who_owns_nothing_of_the_change_does_not_count_and_is_told_why),
	SUITE_TEST(a_policy_needs_its_files_and_the_teams_that_own_what_was_changed),
	SUITE_TEST(more_teams_than_are_asked_about_wait),
	SUITE_TEST(what_takes_too_long_waits),
	SUITE_ROWS(a_mistake_in_the_rule_is_a_problem, mistakes),
	SUITE_TEST(more_rules_with_owners_than_may_be_are_a_problem),
	SUITE_END,
};
SUITE_MAIN(tests)
