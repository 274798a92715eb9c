/*
 * Pushes that try to show headgate-hook less than what lands, or something else: under the real git and Mercurial.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/pushing.h"
#include "tests/support/suite.h"

/* ---- git ---- */

static const char *const git_hooks[] = {"pre-receive", "update"};

/* Lets r.git ask in this hook alone. */
static void use_hook(const struct stage *stage, const char *hook)
{
	ck_assert_msg(
		stage_run(stage,
			  "sed 's/ pre-receive / %s /; s/$/ \"$@\"/; 1s/ .*//' r.git/hooks/pre-receive > hook && rm "
			  "r.git/hooks/pre-receive && chmod +x hook && mv hook r.git/hooks/%s",
			  hook, hook) == 0,
		"%s", stage_said(stage));
}

/* What brings commits to the repository without a question, and their name there. */
static const struct {
	const char *brings, *pushes;
} arrived[] = {
	{"git push -q o main:refs/tags/t", "main"},
	{"git push -q o main:refs/notes/t", "main"},
	{"git push -q o main:refs/pull/1/head", "main"},
	{"git -C ../r.git config receive.denyDeleteCurrent ignore && git push -q o main && git push -q o "
	 "main:refs/tags/t && "
	 "git push -q o :main",
	 "main"},
	{"true", "main:refs/tags/t main"}, /* the update hook: the tag is there when the branch is asked about */
	{"true", "main:refs/aaa/t main"},
};

/* Only what a branch has, landed. */
START_TEST(what_is_there_and_on_no_branch_is_told_of_a_new_branch)
{
	const size_t hook = (size_t)_i % 2, way = (size_t)_i / 2;
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "");
	use_hook(&stage, git_hooks[hook]);
	ck_assert_msg(stage_run(&stage, "cd w && %s", arrived[way].brings) == 0, "%s", stage_said(&stage));
	stage.n = 0;
	stage.answer = ANSWER("deny\n");
	ck_assert_int_ne(stage_run(&stage, "cd w && git push o %s", arrived[way].pushes), 0);
	ck_assert_uint_ne(stage.n, 0);
	ck_assert_uint_eq(stage_told(&stage, "main", "Bug 11111 - one"), 1);
	ck_assert_uint_eq(stage_told(&stage, "main", "Bug 22222 - two"), 1);
	ck_assert_int_ne(stage_run(&stage, "git -C r.git rev-parse -q --verify refs/heads/main"), 0);
	stage_end(&stage);
}
END_TEST

START_TEST(what_another_branch_has_is_not_told_of_a_new_one)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "");
	ck_assert_int_eq(stage_run(&stage, "cd w && git push -q o main~1:refs/heads/old"), 0);
	ck_assert_int_eq(stage_run(&stage, "cd w && git push -q o main"), 0);
	ck_assert_uint_eq(stage_told(&stage, "main", "Bug 22222 - two"), 1);
	ck_assert_uint_eq(stage_told(&stage, "main", "Bug 11111 - one"), 0);
	stage_end(&stage);
}
END_TEST

#define BEHIND "git push -q o main~1:refs/heads/main && "
#define ALIAS  "git -C ../r.git symbolic-ref refs/heads/master refs/heads/main"

/* What stands for main in r.git, and how it is pushed to. */
static const struct {
	const char *made, *pushes;
	size_t tells; /* under main */
} aliases[] = {
	{ALIAS, "o main:master", 2}, /* there is no main yet */
	{BEHIND "" ALIAS, "o main:master", 1},
	{BEHIND "git -C ../r.git pack-refs --all && " ALIAS, "o main:master", 1},
	{BEHIND "" ALIAS " && git -C ../r.git symbolic-ref refs/heads/a/b refs/heads/master", "o main:a/b", 1},
	{"git -C ../r.git symbolic-ref refs/hidden/m refs/heads/main", "o main:refs/hidden/m", 2},
	{"ln -s refs/heads/main ../r.git/refs/heads/master", "o main:master", 2},
	{ALIAS, "o main:refs/tags/t main:master main~1:refs/heads/other", 2},
	/* Where references are not looked at, but asked for. */
	{BEHIND "git -C ../r.git worktree add -q ../t main && " ALIAS
		" && git -C ../r.git config receive.denyCurrentBranch ignore",
	 "../t main:master", 1},
	{"git -C ../r.git symbolic-ref refs/namespaces/n/refs/heads/master refs/namespaces/n/refs/heads/main && "
	 "export GIT_NAMESPACE=n",
	 "o main:master", 2},
};

/* git moves main, and tells a hook the other name. */
START_TEST(what_is_pushed_by_another_name_is_told_of_the_branch_that_moves)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "");
	use_hook(&stage, git_hooks[_i % 2]);
	ck_assert_msg(stage_run(&stage, "cd w && %s && git push -q %s", aliases[_i].made, aliases[_i].pushes) == 0,
		      "%s", stage_said(&stage));
	ck_assert_uint_eq(stage_told(&stage, "main", ""), aliases[_i].tells);
	ck_assert_uint_eq(stage_told(&stage, "master", "") + stage_told(&stage, "a/b", ""), 0);
	stage_end(&stage);
}
END_TEST

#define LOOSE "printf 'ref: %s\\n' "

/* References that lead nowhere or elsewhere, and names that git has not looked at yet. */
static const struct {
	const char *made, *pushes, *refused; /* made: in r.git */
} misleading[] = {
	{LOOSE "refs/heads/b > refs/heads/a && " LOOSE "refs/heads/a > refs/heads/b", "refs/heads/a", "leads too far"},
	{LOOSE "refs/../x > refs/heads/a", "refs/heads/a", "a reference cannot be read"},
	{LOOSE "HEAD > refs/heads/a", "refs/heads/a", "a reference cannot be read"},
	{LOOSE "'' > refs/heads/a", "refs/heads/a", "a reference cannot be read"},
	{"mkdir -p refs/namespaces/n/refs/heads && " LOOSE "refs/heads/a > refs/namespaces/n/refs/heads/a && "
	 "export GIT_NAMESPACE=n",
	 "refs/heads/a", "out of its namespace"},
	{"true", "refs/heads/../../x", "git named a reference that is none"},
	{"true", "HEAD", "git named a reference that is none"},
};

START_TEST(where_nobody_can_say_which_branch_moves_the_push_is_refused)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "--on-failure allow");
	ck_assert_int_eq(stage_run(&stage,
				   "cd r.git && export GIT_DIR=. && %s && printf '%%040d %%040d %s\\n' 0 1 | "
				   "hooks/pre-receive",
				   misleading[_i].made, misleading[_i].pushes),
			 1);
	ck_assert_msg(strstr(stage_said(&stage), misleading[_i].refused) != NULL, "%s", stage_said(&stage));
	ck_assert_uint_eq(stage.n, 0);
	stage_end(&stage);
}
END_TEST

/* As git from 2.45 makes it; this one, which may be older, gets its answer from before it. */
START_TEST(where_references_are_no_files_git_is_asked_for_the_branch_that_moves)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "");
	ck_assert_msg(stage_run(&stage, "cd w && git push -q o main:refs/tags/t && cd ../r.git && rm -r refs/heads && "
					"echo 'this repository uses the reftable format' > refs/heads && mkdir bin && "
					"printf '#!/bin/sh\\ntest $1 != symbolic-ref || exec echo refs/heads/main\\n"
					"PATH=${PATH#*:} exec git \"$@\"\\n' > bin/git && chmod +x bin/git && "
					"printf '%%040d %%s refs/heads/master\\n' 0 $(git -C ../w rev-parse main) | "
					"GIT_DIR=. PATH=$PWD/bin:$PATH hooks/pre-receive") == 0,
		      "%s", stage_said(&stage));
	ck_assert_uint_eq(stage_told(&stage, "main", ""), 2);
	ck_assert_uint_eq(stage_told(&stage, "master", ""), 0);
	stage_end(&stage);
}
END_TEST

#define COMMITTER "committer a <a@example.test> 1 +0000\\n"
#define PEOPLE    "author a <a@example.test> 1 +0000\\n" COMMITTER
#define MALFORMED "headgate: refused: the push cannot be looked at: a commit is malformed"
#define ENCODED   "headgate: refused: the push cannot be looked at: a commit names an encoding that can show other text"

/* Writes a commit on top of w's, its name into the file `commit`. rest: what follows its parent, for printf(1). */
static void craft(const struct stage *stage, const char *rest)
{
	ck_assert_msg(stage_run(stage,
				"cd w && { git log -1 --format='tree %%T%%nparent %%H' && printf '%s'; } | "
				"git hash-object -t commit -w --literally --stdin > ../commit",
				rest) == 0,
		      "%s", stage_said(stage));
}

/* Commits made by hand, of which git's own readers see less than is there. */
static const struct {
	const char *rest, *tells, *refused; /* rest: see craft; tells: what its message holds; or why it is refused */
} crafted[] = {
	{PEOPLE "\\nNo bug\\000Bug 30001 - x\\n", "No bug", NULL},
	{PEOPLE "\\nNo bug\\000Bug 30001 - x\\n", "Bug 30001 - x", NULL},
	{PEOPLE "\\n\\000\\nBug 30001 - x\\n", "Bug 30001 - x", NULL},
	{PEOPLE "gpgsig x\\n \\n y\\n\\nBug 30001 - x\\n", "Bug 30001 - x", NULL},
	{PEOPLE "\\n  \\n\\n    Bug 30001 - x \\n", "  \n\n    Bug 30001 - x \n", NULL}, /* no byte is tidied up */
	{PEOPLE "\\n", "", NULL},
	{"author a\\000b <a@example.test> 1 +0000\\n" COMMITTER "\\nBug 30001 - x\\n", NULL, MALFORMED},
	{PEOPLE "x\\000\\n\\nBug 30001 - x\\n", NULL, MALFORMED},
	{PEOPLE "x Bug 30001\\n", NULL, MALFORMED},
	{PEOPLE, NULL, MALFORMED},
	/* git shows them converted: "Bug 1234567" and "Bug 30001". */
	{PEOPLE "encoding UTF-7\\n\\nBug 123+ADQ-567\\n", NULL, ENCODED},
	{PEOPLE "encoding IBM037\\n\\n\\302\\244\\207@\\363\\360\\360\\360\\361\\n", NULL, ENCODED},
	{PEOPLE "encoding UTF-8\\nencoding UTF-7\\n\\nBug 123+ADQ-567\\n", NULL, ENCODED},
	{"encoding UTF-7\\n" PEOPLE "\\nBug 123+ADQ-567\\n", NULL, ENCODED},
	{PEOPLE "encoding iso-8859-15\\n\\nBug 30001 \\344\\n", "Bug 30001 \344", NULL},
	{PEOPLE "encoding EUC-JP\\n\\nBug 123\\243\\264\\n", NULL, ENCODED},
	{PEOPLE "encoding latin1\\n\\nBug 30001 a=b\\255ob\\n", NULL, ENCODED},
};

START_TEST(every_byte_of_a_commit_is_told_or_the_push_is_refused)
{
	const char *refused = crafted[_i].refused;
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "");
	craft(&stage, crafted[_i].rest);
	ck_assert_msg((stage_run(&stage, "cd w && git push -q o $(cat ../commit):refs/heads/main") == 0) == !refused,
		      "%s", stage_said(&stage));
	if (refused) {
		ck_assert_msg(strstr(stage_said(&stage), refused) != NULL, "%s", stage_said(&stage));
		ck_assert_uint_eq(stage.n, 0);
	} else {
		ck_assert_uint_eq(stage_told(&stage, "main", ""), 3);
		ck_assert_uint_eq(stage_told(&stage, "main", crafted[_i].tells), crafted[_i].tells[0] ? 1 : 3);
	}
	stage_end(&stage);
}
END_TEST

/* Deeper in the range it is as it is at its end. */
START_TEST(a_malformed_commit_below_a_good_one_is_refused)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "--on-failure allow");
	craft(&stage, PEOPLE "x\\000\\n\\nBug 30001 - x\\n");
	ck_assert_msg(stage_run(&stage,
				AS_SOMEBODY "cd w && git push -q o $(git commit-tree -m 'No bug' -p $(cat ../commit) "
					    "'HEAD^{tree}'):refs/heads/main") != 0,
		      "%s", stage_said(&stage));
	ck_assert_ptr_nonnull(strstr(stage_said(&stage), MALFORMED));
	stage_end(&stage);
}
END_TEST

/* Of two programs the second one, which read nothing, ends well. */
START_TEST(where_git_cannot_name_the_commits_the_push_is_refused)
{
	struct stage stage;

	stage_begin(&stage, ANSWER("allow\n"), "--on-failure allow");
	ck_assert_int_eq(
		stage_run(&stage, "cd r.git && printf '%%040d %%040d refs/heads/main\\n' 0 1 | hooks/pre-receive"), 1);
	ck_assert_ptr_nonnull(strstr(stage_said(&stage), "the push cannot be looked at: a program failed"));
	ck_assert_uint_eq(stage.n, 0);
	stage_end(&stage);
}
END_TEST

/* ---- Mercurial ---- */

#define EMPTY "0000000000000000000000000000000000000000"

static const char *const hg_hooks[] = {"pretxnchangegroup", "pretxnclose"};

/* What no command of Mercurial does: an extension. "write-commit" takes a message from the file m. "write-bundle" makes
 * one bundle of several parts: markers that say its changesets are obsolete, then changesets for each range. */
static const char extension[] =
	"from mercurial import bundle2, changegroup, discovery, registrar\n"
	"cmdtable = {}\n"
	"command = registrar.command(cmdtable)\n"
	"@command(b'write-commit')\n"
	"def write_commit(ui, repo):\n"
	"    repo.commit(text=open('../m', 'rb').read(), user=b'a')\n"
	"@command(b'write-bundle')\n"
	"def write_bundle(ui, repo, obsolete, ranges):\n"
	"    out = bundle2.bundle20(ui, {b'obsmarkers': [b'V1']})\n"
	"    gone = [(repo[int(r)].node(), (), 0, (), (0.0, 0), None) for r in obsolete.split()]\n"
	"    if gone:\n"
	"        bundle2.buildobsmarkerspart(out, gone)\n"
	"    for pair in ranges.split():\n"
	"        below, heads = [[repo[int(r)].node() for r in end.split(b',')] for end in pair.split(b':')]\n"
	"        some = discovery.outgoing(repo, below, heads)\n"
	"        data = changegroup.makestream(repo, some, b'02', b'push')\n"
	"        out.newpart(b'changegroup', data=data).addparam(b'version', b'02')\n"
	"    with open('../b', 'wb') as file:\n"
	"        for chunk in out.getchunks():\n"
	"            file.write(chunk)\n";

#define EXTENDED "cd c && cat > ../x.py <<'END'\n%sEND\nhg --config extensions.x=../x.py "

/* A message that the command line and editors would refuse. */
static void commit_raw(const struct stage *stage, const char *message)
{
	ck_assert_msg(stage_run(stage, "printf '%s' > m && echo $$ > c/f && " EXTENDED "write-commit", message,
				extension) == 0,
		      "%s", stage_said(stage));
}

static const char *const torn[] = {
	"Bug 30001 - x\\0000" EMPTY "\\000default",
	"\\000Bug 30001 - x",
	"No bug\\000" EMPTY "\\000Bug 30001 - x\\000No bug",
	"No bug\\n" EMPTY " 64656661756c74 00\\nBug 30001 - x",
};

/* A message cannot end its own field: each changeset is told once, with every byte. */
START_TEST(a_description_with_any_byte_is_told_whole)
{
	struct stage stage;

	stage_begin_hg(&stage, ANSWER("deny\n"), hg_hooks[0]);
	commit_raw(&stage, torn[_i]);
	ck_assert_int_eq(stage_run(&stage, "hg -R c push h"), 255);
	ck_assert_uint_eq(stage_told(&stage, "default", "Bug 30001 - x"), 1);
	ck_assert_uint_eq(stage_told(&stage, "default", ""), 3);
	stage_end(&stage);
}
END_TEST

START_TEST(a_branch_may_have_any_name_and_is_told_as_it_is)
{
	struct stage stage;

	stage_begin_hg(&stage, ANSWER("deny\n"), hg_hooks[0]);
	ck_assert_msg(stage_run(&stage, "cd c && export HGENCODING=UTF-8 && hg branch -q 'a b\"\303\244' && echo z > f "
					"&& hg commit -u a -m 'Bug 30001'") == 0,
		      "%s", stage_said(&stage));
	ck_assert_int_eq(stage_run(&stage, "hg -R c push --new-branch h"), 255);
	ck_assert_uint_eq(stage_told(&stage, "a b\"\303\244", "Bug 30001"), 1);
	ck_assert_uint_eq(stage_told(&stage, "default", ""), 2);
	stage_end(&stage);
}
END_TEST

static void bundle(const struct stage *stage, const char *obsolete, const char *ranges)
{
	ck_assert_msg(stage_run(stage, EXTENDED "write-bundle -- '%s' '%s'", extension, obsolete, ranges) == 0, "%s",
		      stage_said(stage));
}

/* Changesets that a marker of the same push makes obsolete land all the same: a later word on phases shows them. */
START_TEST(what_a_marker_of_the_push_hides_is_told)
{
	struct stage stage;

	stage_begin_hg(&stage, ANSWER("deny\n"), hg_hooks[_i]);
	ck_assert_msg(stage_run(&stage,
				"printf '[phases]\\npublish=false\\n[experimental]\\nevolution=all\\n' | tee -a "
				"h/.hg/hgrc c/.hg/hgrc >/dev/null && cd c && hg update -q 0 && echo z > g && "
				"hg commit -q -A -u a -m 'No bug'") == 0,
		      "%s", stage_said(&stage));
	bundle(&stage, "1", "-1:1,2");
	ck_assert_int_eq(stage_run(&stage, "hg -R h unbundle b"), 255);
	ck_assert_uint_eq(stage_told(&stage, "default", "Bug 44444 - three"), 1);
	ck_assert_uint_eq(stage_told(&stage, "default", "Bug 55555 - four"), 1);
	ck_assert_uint_eq(stage_told(&stage, "default", "No bug"), 1);
	stage_end(&stage);
}
END_TEST

/* Of a transaction's changesets Mercurial tells a hook those of the first part alone. */
START_TEST(every_part_of_a_bundle_is_told)
{
	struct stage stage;

	stage_begin_hg(&stage, ANSWER("allow\n"), hg_hooks[_i]);
	bundle(&stage, "", "-1:0 0:1");
	ck_assert_msg(stage_run(&stage, "hg -R h unbundle b && test $(hg -R h log -T x) = xx") == 0, "%s",
		      stage_said(&stage));
	ck_assert_uint_eq(stage_told(&stage, "default", "Bug 55555 - four"), 1);
	ck_assert_uint_eq(stage_told(&stage, "default", "Bug 44444 - three"),
			  _i == 1); /* before, where each part is asked about */
	stage_end(&stage);
}
END_TEST

/* ---- a changeset lands on each branch that it becomes an ancestor of, whichever it names ---- */

/* ci BRANCH WORDS...: a changeset on top of what is checked out; its branch may be there already. */
#define IN_C                                                                                                           \
	"cd c && export HGENCODING=UTF-8 && up() { hg update -q -r \"$1\"; } && "                                      \
	"ci() { hg branch -q -f \"$1\" && shift && echo \"$*\" >> \"g$*\" && hg commit -q -A -u a -m \"$*\"; } && "    \
	"push() { hg push -q -f --new-branch ../h; } && "
#define BETA   "push && ci beta 'beta begins' && push && "
#define FIX    "up 1 && ci x 'Bug 20001 - fix' && "
#define ON_TOP "ci beta 'No bug' && "
#define MERGED "up beta && hg merge -q -r x && hg commit -q -u a -m 'No bug' && "
/* The newest changeset as one of `other`; a push that was refused may leave that. */
#define POISON(other)                                                                                                  \
	"hg -R ../h log -q -r 'branch(default)' && python3 -c \"import sys; at = '../h/.hg/cache/rbc-'; "              \
	"names = open(at + 'names-v1', 'rb').read().split(b'\\0'); "                                                   \
	"open(at + 'revs-v1', 'ab').write(bytes.fromhex(sys.argv[1][:8]) + names.index(b'" other                       \
	"').to_bytes(4, 'big'))\" $(hg log -r . -T '{node}') && "                                                      \
	"test $(($(wc -c < ../h/.hg/cache/rbc-revs-v1) / 8)) = $(($(hg -R ../h log -r 'all()' -T x | wc -c) + 1)) && "
#define TWO_HEADS "push && up 0 && ci beta 'beta begins' && up 1 && ci beta 'beta again' && push && "

static const struct {
	const char *work, *branch; /* the question is the last push's */
	size_t tells, tells_all;   /* under this branch: of the fix, of all */
} crossings[] = {
	{BETA FIX ON_TOP "push", "beta", 1, 2},
	{BETA FIX ON_TOP "push", "x", 1, 1},
	{BETA FIX "push && " ON_TOP "push", "beta", 1, 2},
	{BETA FIX MERGED "push", "beta", 1, 2},
	{BETA FIX "push && " MERGED "push", "beta", 1, 2},
	/* What was below: neither what came with an earlier merge, nor what another head of the branch has. */
	{BETA FIX MERGED "push && up x && ci x 'More' && " MERGED "push", "beta", 0, 2},
	{TWO_HEADS FIX "hg merge -q -r 'desc(begins)' && hg commit -q -u a -m 'No bug on x' && " ON_TOP "push", "beta",
	 1, 3},
	/* A closed head is one of the branch. */
	{BETA "hg commit -q --close-branch -u a -m 'Over' && push && " FIX ON_TOP "push", "beta", 1, 2},
	/* Of a branch that is new, what no other has. */
	{"push && " FIX ON_TOP "push", "beta", 1, 2},
	{"push && " FIX "push && " ON_TOP "push", "beta", 0, 1},
	/* Another branch has the name of the changeset. */
	{BETA FIX ON_TOP "here=$(hg log -r . -T '{node}') && up 0 && ci $here 'Elsewhere' && push", "beta", 1, 2},
	/* hg's cache has the changeset to come as one of another branch, with the four bytes of it that are kept there.
	 */
	{BETA FIX "push && " ON_TOP POISON("x") "push", "beta", 1, 2},
	{BETA FIX "push && " ON_TOP POISON("default") "push", "beta", 1, 2},
	/* A second root has no branch below it; the whole repository at once. */
	{BETA "up null && ci beta 'No bug' && push", "beta", 0, 1},
	{FIX ON_TOP "push", "beta", 1, 4},
};

START_TEST(what_a_branch_takes_over_from_another_is_told_of_it)
{
	const size_t row = (size_t)_i;
	struct stage stage;

	stage_begin_hg(&stage, ANSWER("allow\n"), hg_hooks[row % 2]);
	ck_assert_msg(stage_run(&stage, IN_C "%s", crossings[row].work) == 0, "%s", stage_said(&stage));
	ck_assert_uint_eq(stage_told(&stage, crossings[row].branch, "Bug 20001 - fix"), crossings[row].tells);
	ck_assert_uint_eq(stage_told(&stage, crossings[row].branch, ""), crossings[row].tells_all);
	stage_end(&stage);
}
END_TEST

/* The server takes a number of branches; how often a history changes between them is no matter. */
START_TEST(branches_that_take_turns_are_each_told_once)
{
	struct stage stage;
	size_t parts = 0;

	stage_begin_hg(&stage, ANSWER("allow\n"), hg_hooks[0]);
	ck_assert_msg(stage_run(&stage, IN_C
				"push && up 0 && ci beta 'begins' && push && for i in 1 2 3; do "
				"up default && ci default \"d$i\" && up beta && ci beta \"b$i\"; done && push") == 0,
		      "%s", stage_said(&stage));
	ck_assert_uint_eq(stage_told(&stage, "default", "d"), 3);
	ck_assert_uint_eq(stage_told(&stage, "beta", "b"), 3);
	for (const char *at = stage.question; (at = strstr(at, "\nbranch ")) != NULL; at++)
		parts++;
	ck_assert_uint_eq(parts, 2);
	stage_end(&stage);
}
END_TEST

/* Each with both hooks. */
static const char arrived_twice[2 * sizeof arrived / sizeof *arrived];

static const struct suite_test tests[] = {
	SUITE_ROWS(what_is_there_and_on_no_branch_is_told_of_a_new_branch, arrived_twice),
	SUITE_TEST(what_another_branch_has_is_not_told_of_a_new_one),
	SUITE_ROWS(what_is_pushed_by_another_name_is_told_of_the_branch_that_moves, aliases),
	SUITE_ROWS(where_nobody_can_say_which_branch_moves_the_push_is_refused, misleading),
	SUITE_TEST(where_references_are_no_files_git_is_asked_for_the_branch_that_moves),
	SUITE_ROWS(every_byte_of_a_commit_is_told_or_the_push_is_refused, crafted),
	SUITE_TEST(a_malformed_commit_below_a_good_one_is_refused),
	SUITE_TEST(where_git_cannot_name_the_commits_the_push_is_refused),
	SUITE_ROWS(a_description_with_any_byte_is_told_whole, torn),
	SUITE_TEST(a_branch_may_have_any_name_and_is_told_as_it_is),
	SUITE_ROWS(what_a_marker_of_the_push_hides_is_told, hg_hooks),
	SUITE_ROWS(every_part_of_a_bundle_is_told, hg_hooks),
	SUITE_ROWS(what_a_branch_takes_over_from_another_is_told_of_it, crossings),
	SUITE_TEST(branches_that_take_turns_are_each_told_once),
	SUITE_END,
};
SUITE_MAIN(tests)
