/* `requires.owners`: whose review covers what was changed; and the ways to get past it. */
#include "tests/support/owned.h"
#include "tests/support/suite.h"

/* ---- who covers a file ---- */

static void nobody(struct owned_case *o)
{
	(void)o;
}
static void bob(struct owned_case *o)
{
	owned_approve(o, BOB);
}
static void carol(struct owned_case *o)
{
	owned_approve(o, CAROL);
}
static void bob_and_carol(struct owned_case *o)
{
	bob(o);
	carol(o);
}
static void bob_of_the_team(struct owned_case *o)
{
	owned_into_team(o, BOB, "acme/core");
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
	owned_into_team(o, BOB, "evil/core");
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
	owned_approve(o, ROBOT);
}
static void alice(struct owned_case *o)
{
	owned_approve(o, ALICE);
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
	owned_add(o, owned_path("docs/a.md"));
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
	o->paths[0] = owned_path(to);
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
	o->paths[0] = owned_path(".github/CODEOWNERS");
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
static void author_unread(struct owned_case *o)
{
	o->c.change.known &= ~(unsigned)FACT_AUTHOR;
}
static void out_of_k_bob(struct owned_case *o)
{
	renamed(o, "k", "src/a");
	bob(o);
}
static void carol_of_unknown_teams(struct owned_case *o)
{
	o->c.people[CAROL - 1].teams_known = false;
	bob_and_carol(o);
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
static void no_path_of_a_tree(struct owned_case *o)
{
	o->paths[0] = owned_path("src//a");
	bob(o);
}
static void no_paths_bob(struct owned_case *o)
{
	no_paths(o);
	bob(o);
}
static void long_path(struct owned_case *o)
{
	o->paths[0] = owned_path("a/very/long/path/that/does/not/fit/into/the/text/of/a/status/because/it/goes/on/and/"
				 "on/until/its/end.c");
}

static void path_of_sixty_bytes(struct owned_case *o)
{
	o->paths[0] = owned_path("a/path/of/sixty/bytes/is/shown/as/it/is/and/no/byte/is/cut.c");
}

#define X36  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define OURS "* @carol\n/src/ @bob\n/keys/ @carol\n"

static const struct owned_row rows[] = {
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
	{"* @acme/core @bob\n", teams_unknown, DECISION_ALLOWED, NULL}, /* one that is known is enough */
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
	{"* @bob\n/keys/\n", keys_becomes_a_link, DECISION_ALLOWED, NULL}, /* who owns the name is enough then */
	{"* @bob\n/keys/ carol\n", keys_becomes_a_link, DECISION_BLOCKED,
	 "Blocked: .github/CODEOWNERS, line 2: `carol` is no @user, @org/team or e-mail"},
	{"* @bob\n/k @carol\n", out_of_k_bob, DECISION_WAITING, "Needs review by an owner of k (@carol)"},
	{"* @alice\n", author_unread, DECISION_WAITING, NULL},
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
	{"!/src/ @carol\n", bob, DECISION_BLOCKED, "Blocked: .github/CODEOWNERS, line 1: `!` does not negate here"},
	{"* @bob\n/src/ carol\n", bob, DECISION_BLOCKED,
	 "Blocked: .github/CODEOWNERS, line 2: `carol` is no @user, @org/team or e-mail"},
	{"* @bob\n/docs/ carol\n", bob, DECISION_ALLOWED, NULL},
	{"* @bob\n", no_path_of_a_tree, DECISION_BLOCKED,
	 "Blocked: whose src//a is: a path that is too long, too deep or none"},
	/* a change of nothing */
	{"* @bob\n", no_paths, DECISION_WAITING,
	 "Needs review by somebody with write access: nobody owns the change (0/1)"},
	/* as much of the path and its owners as there is room for */
	{"* @bob\n", path_of_sixty_bytes, DECISION_WAITING,
	 "Needs review by an owner of a/path/of/sixty/bytes/is/shown/as/it/is/and/no/byte/is/cut.c (@bob)"},
	{"* @bob @" X36 "x\n", nobody, DECISION_WAITING, "Needs review by an owner of src/cache.c (@bob, @" X36 "x)"},
	{"* @bob @" X36 "xx\n", nobody, DECISION_WAITING, "Needs review by an owner of src/cache.c (@bob, ...)"},
	{"* @" X36 "xxx @bob\n", nobody, DECISION_WAITING,
	 "Needs review by an owner of src/cache.c (@" X36 "xxx, ...)"},
	{"* @bob\n", no_paths_bob, DECISION_ALLOWED, NULL},
	{"* @bob @carol @dave @erin @frank @acme/core @acme/kernel @acme/people\n", long_path, DECISION_WAITING,
	 "Needs review by an owner of ...ext/of/a/status/because/it/goes/on/and/on/until/its/end.c (@bob, @carol, "
	 "@dave, "
	 "@erin, @frank, ...)"},
};

START_TEST(each_changed_file_needs_an_owner_of_its_own)
{
	owned_judge_row(&rows[_i], OWNED_PLAIN);
}
END_TEST

/* ---- the words of the rule ---- */

#define FAILING(inside, besides)                                                                                       \
	"policy: {approval: [owned]}\napproval_rules:\n  - name: owned\n    on_unknown: {status: failure}\n"           \
	"    requires: {owners: {file: CODEOWNERS" inside "}" besides "}\n"

static const struct {
	const char *policy;
	struct owned_row row;
} ruled[] = {
	/* count is of each file */
	{OWNED_RULE("file: CODEOWNERS", ", count: 2"),
	 {"* @bob @carol\n", bob, DECISION_WAITING, "Needs reviews by owners of src/cache.c (@bob, @carol), 1/2"}},
	{OWNED_RULE("file: CODEOWNERS", ", count: 2"), {"* @bob @carol\n", bob_and_carol, DECISION_ALLOWED, NULL}},
	{OWNED_RULE("file: CODEOWNERS", ", count: 2"),
	 {"* @bob @bob @acme/core\n", bob_and_carol, DECISION_WAITING, NULL}},
	{OWNED_RULE("file: CODEOWNERS", ", count: 2"),
	 {"* @alice @bob\n", bob, DECISION_BLOCKED,
	  "Blocked: hardly anybody but the author owns src/cache.c; a maintainer must add an owner to "
	  ".github/CODEOWNERS"}},
	{OWNED_RULE("file: CODEOWNERS", ", count: 2"), {"* @acme/core\n", bob_of_the_team, DECISION_WAITING, NULL}},
	{OWNED_RULE("file: CODEOWNERS", ", count: 2"),
	 {"* @bob @acme/core\n", carol_of_unknown_teams, DECISION_WAITING, "Needs to know who owns src/cache.c"}},
	/* what is not known blocks where the rule says so, and what is missing waits */
	{FAILING("", ""), {"* @bob\n", file_not_read, DECISION_BLOCKED, "Blocked: needs the base branch's CODEOWNERS"}},
	{FAILING("", ""),
	 {"* @acme/core\n", teams_unknown, DECISION_BLOCKED, "Blocked: needs to know who owns src/cache.c"}},
	{FAILING("", ", count: 2"),
	 {"* @bob @acme/core\n", carol_of_unknown_teams, DECISION_BLOCKED,
	  "Blocked: needs to know who owns src/cache.c"}},
	{FAILING("", ""), {"* @carol\n", bob, DECISION_WAITING, NULL}},
	{FAILING(", per: change", ""),
	 {"* @acme/core\n", teams_unknown, DECISION_BLOCKED, "Blocked: needs to know who owns the changed files"}},
	{FAILING(", per: change", ", count: 2"),
	 {"* @bob @acme/core\n", carol_of_unknown_teams, DECISION_BLOCKED,
	  "Blocked: needs to know who owns the changed files"}},
	{FAILING(", per: change", ""), {"* @carol\n", bob, DECISION_WAITING, NULL}},
	{OWNED_RULE("file: CODEOWNERS, per: change", ""),
	 {"* @bob\n", nobody, DECISION_WAITING, "Needs review by an owner of src/cache.c (@bob)"}},
	/* whom the rule names besides covers every file */
	{OWNED_RULE("file: CODEOWNERS", ", users: [carol]"), {"* @bob\n", carol, DECISION_ALLOWED, NULL}},
	{OWNED_RULE("file: CODEOWNERS", ", users: [carol]"), {"* @alice\n", carol, DECISION_ALLOWED, NULL}},
	{OWNED_RULE("file: CODEOWNERS", ", users: [erin]"),
	 {"* @alice\n", carol, DECISION_WAITING, "Needs review by an owner of src/cache.c (@alice)"}},
	{OWNED_RULE("file: CODEOWNERS", ", users: [carol]"), {"", carol, DECISION_BLOCKED, NULL}},
	/* per change: an owner of any file; what nobody owns makes nobody one */
	{OWNED_RULE("file: CODEOWNERS, per: change", ""),
	 {"* @carol\n/src/ @bob\n", two_files_bob, DECISION_ALLOWED, NULL}},
	{OWNED_RULE("file: CODEOWNERS, per: change", ""),
	 {"* @carol\n/src/ @bob\n", two_files, DECISION_WAITING, "Needs review by an owner of src/cache.c (@bob)"}},
	{OWNED_RULE("file: CODEOWNERS, per: change", ", count: 2"),
	 {"* @carol\n/src/ @bob\n", two_files_both, DECISION_ALLOWED, NULL}},
	{OWNED_RULE("file: CODEOWNERS, per: change", ", count: 2"),
	 {"* @carol\n/src/ @bob\n", two_files_bob, DECISION_WAITING, NULL}},
	{OWNED_RULE("file: CODEOWNERS, per: change", ""),
	 {"/src/ @bob\n", two_files_bob, DECISION_BLOCKED, "Blocked: nobody owns docs/a.md in .github/CODEOWNERS"}},
	{OWNED_RULE("file: CODEOWNERS, per: change, unowned: write", ""),
	 {"/src/ @bob\n", two_files_carol, DECISION_WAITING, "Needs review by an owner of src/cache.c (@bob)"}},
	{OWNED_RULE("file: CODEOWNERS, per: change, unowned: write", ""),
	 {"", two_files_carol, DECISION_ALLOWED, NULL}},
	{OWNED_RULE("file: CODEOWNERS, per: change, unowned: write", ""), {"", two_files, DECISION_WAITING, NULL}},
	{OWNED_RULE("file: CODEOWNERS, per: change", ""), {"* @acme/core\n", teams_unknown, DECISION_WAITING, NULL}},
	{OWNED_RULE("file: CODEOWNERS, per: change", ""),
	 {"* @bob\n", bob_of_unknown_permission, DECISION_WAITING, "Needs the permission of bob"}},
	{OWNED_RULE("file: CODEOWNERS, unowned: write", ", count: 2"),
	 {"/docs/ @bob\n", carol, DECISION_WAITING,
	  "Needs one more review by somebody with write access: nobody owns src/cache.c (1/2)"}},
	{OWNED_RULE("file: CODEOWNERS", ", users: [zoe]"), {"* @carol\n", login_unknown, DECISION_WAITING, NULL}},
	{OWNED_RULE("file: CODEOWNERS, per: change", ", teams: [acme/x]"),
	 {"* @carol\n", teams_unknown, DECISION_WAITING, "Needs to know who owns the changed files"}},
	{OWNED_RULE("file: CODEOWNERS, per: change", ""), {"* @bob\n/src/ carol\n", bob, DECISION_BLOCKED, NULL}},
	/* unowned: write */
	{OWNED_RULE("file: CODEOWNERS, unowned: write", ""), {"/docs/ @bob\n", carol, DECISION_ALLOWED, NULL}},
	{OWNED_RULE("file: CODEOWNERS, unowned: write", ""),
	 {"/docs/ @bob\n", nobody, DECISION_WAITING,
	  "Needs review by somebody with write access: nobody owns src/cache.c (0/1)"}},
	{OWNED_RULE("file: CODEOWNERS, unowned: write", ""),
	 {"/docs/ @bob\n", bob_may_only_read, DECISION_WAITING, NULL}},
	{OWNED_RULE("file: CODEOWNERS, unowned: write", ""), {"/src/ @bob\n", carol, DECISION_WAITING, NULL}},
	{OWNED_RULE("file: CODEOWNERS, unowned: write", ""), {"", no_file, DECISION_ALLOWED, NULL}},
	{OWNED_RULE("file: CODEOWNERS, unowned: write", ""), {"* @bob\n!x @bob\n", carol, DECISION_BLOCKED, NULL}},
	{OWNED_RULE("file: CODEOWNERS, unowned: write", ""), {"", file_not_read, DECISION_WAITING, NULL}},
	{OWNED_RULE("file: CODEOWNERS, unowned: deny, ref: base", ""), {"* @bob\n", bob, DECISION_ALLOWED, NULL}},
	/* the author, where the rule lets authors count */
	{"policy: {approval: [owned]}\napproval_rules:\n  - name: owned\n    options: {allow_author: true}\n"
	 "    requires: {owners: {file: CODEOWNERS}}\n",
	 {"* @alice\n", alice, DECISION_ALLOWED, NULL}},
	{"policy: {approval: [owned]}\napproval_rules:\n  - name: owned\n    options: {allow_author: true}\n"
	 "    requires: {owners: {file: CODEOWNERS}}\n",
	 {"* @alice\n", bob, DECISION_WAITING, "Needs review by an owner of src/cache.c (@alice)"}},
	/* four eyes of owners */
	{OWNED_RULE("file: CODEOWNERS", ", eyes: 4"), {"* @bob\n", bob, DECISION_ALLOWED, NULL}},
};

START_TEST(a_rule_says_how_owners_count)
{
	owned_judge_row(&ruled[_i].row, ruled[_i].policy);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(each_changed_file_needs_an_owner_of_its_own, rows),
	SUITE_ROWS(a_rule_says_how_owners_count, ruled),
	SUITE_END,
};
SUITE_MAIN(tests)
