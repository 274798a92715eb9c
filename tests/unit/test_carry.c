/* What keeps an approval over a base branch that moved: real histories, made by git, and what an attacker makes. */
#include <stdio.h>
#include <string.h>

#include "tests/support/mirrored.h"
#include "tests/support/suite.h"

/* The reviewed commit is r, the new head h; r leaves main at its root. `ed FILE COMMANDS` edits in place. */
#define START                                                                                                          \
	"new\ned() { sed -i \"$2\" \"$1\"; git add -A; }\n"                                                            \
	"seq 1 40 >f; put g 1; put dir/k 1; printf 'a\\0b' >bin; ln -s g link; git add -A\nsave root\n"                \
	"git checkout -q -b t\n"
#define REVIEWED "save one\ngit tag r\ngit checkout -q main\n"
#define REBASED  "git checkout -q -b u\ngit cherry-pick -n r\nsave one\n"
#define HEAD     "git tag h\n"
#define MERGED   "git checkout -q t\ngit merge -q --no-ff -m update main\n"
/* HEAD's commit as it is, and a header that names an encoding: so it is tagged. */
#define RECODED(name, tag)                                                                                             \
	"git tag " tag " $(git cat-file commit HEAD | sed '/^committer/a encoding " name "' |\n"                       \
	"git hash-object -t commit -w --stdin)\n"
#define HALFWAY "git checkout -q t\ngit merge -q --no-ff --no-commit main || :\n"

static const struct {
	const char *what, *script;
	const char *why; /* NULL: it is kept */
} patches[] = {
	{"a rebase over another file", START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" REBASED HEAD, NULL},
	{"a rebase over other lines of the file",
	 START "ed f 10s/./x/\n" REVIEWED "ed f 30s/./y/\nsave m\n" REBASED HEAD, NULL},
	{"what the other lines mean nobody looks at",
	 START "ed f 30s/./call/\n" REVIEWED "ed f '1i function of another meaning'\nsave m\n" REBASED HEAD, NULL},
	{"the same commit, come back", START "ed f 10s/./x/\n" REVIEWED "git tag h r\n", NULL},
	{"several commits",
	 START "put n 1\nsave zero\ned f 10s/./x/\n" REVIEWED "put g 2\nsave m\n"
	       "git checkout -q -b u\ngit cherry-pick main..r >/dev/null\n" HEAD,
	 NULL},
	{"new, renamed, removed, linked and binary as they were",
	 START "put new/n 1\ngit mv g moved\ngit rm -q dir/k\nln -sf f link\nprintf 'a\\0c' >bin\ngit add -A\n" REVIEWED
	       "ed f 1s/./y/\nsave m\n" REBASED HEAD,
	 NULL},
	{"a submodule that goes where it went",
	 START "git update-index --add --cacheinfo 160000,$(git rev-parse main),s\ngit commit -q -m one\ngit tag r\n"
	       "git checkout -q main\nput g 2\nsave m\ngit checkout -q -b u\n"
	       "git update-index --add --cacheinfo 160000,$(git rev-parse main~1),s\ngit commit -q -m one\n" HEAD,
	 NULL},
	{"a submodule that goes elsewhere",
	 START "git update-index --add --cacheinfo 160000,$(git rev-parse main),s\ngit commit -q -m one\ngit tag r\n"
	       "git checkout -q main\nput g 2\nsave m\ngit checkout -q -b u\n"
	       "git update-index --add --cacheinfo 160000,$(git rev-parse main),s\ngit commit -q -m one\n" HEAD,
	 "s was changed otherwise"},
	{"a neighbouring line changed", START "ed f 10s/./x/\n" REVIEWED "ed f 13s/./y/\nsave m\n" REBASED HEAD,
	 "f was changed otherwise"},
	{"the first line that is no neighbour", START "ed f 10s/./x/\n" REVIEWED "ed f 14s/./y/\nsave m\n" REBASED HEAD,
	 NULL},
	{"one file more",
	 START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" REBASED
	       "put evil 1\ngit commit -q --amend --no-edit\n" HEAD,
	 "evil was changed otherwise"},
	{"one file less",
	 START "ed f 10s/./x/\nput n 1\n" REVIEWED "put g 2\nsave m\n" REBASED
	       "git rm -q n\ngit commit -q --amend --no-edit\n" HEAD,
	 "n was changed otherwise"},
	{"a line more in the same file",
	 START "ed f 10s/./x/\n" REVIEWED "ed f 30s/./y/\nsave m\n" REBASED
	       "ed f '20a evil'\ngit commit -q --amend --no-edit\n" HEAD,
	 "f is not what a merge without conflict gives"},
	{"white space",
	 START "ed f 10s/./x/\n" REVIEWED "ed f 30s/./y/\nsave m\n" REBASED
	       "ed f '10s/x/x /'\ngit commit -q --amend --no-edit\n" HEAD,
	 "f is not what a merge without conflict gives"},
	{"the same lines elsewhere",
	 START "for i in 1 2 3 4 5; do printf 'a\\nb\\nc\\ncheck\\nd\\ne\\nf\\n'; done >rep; git add rep\nsave rep\n"
	       "git branch -f main\ned rep 4s/check/skip/\n" REVIEWED "ed rep '35a end'\nsave m\n" REBASED
	       "ed rep '4s/skip/check/;18s/check/skip/'\ngit commit -q --amend --no-edit\n" HEAD,
	 "rep is not what a merge without conflict gives"},
	{"part of it is on the base branch by now",
	 START "ed f '10s/./x/;30s/./z/'\n" REVIEWED "ed f 10s/./x/\nsave m\n" REBASED HEAD, "f was changed otherwise"},
	{"an executable bit",
	 START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" REBASED
	       "chmod +x f\ngit add f\ngit commit -q --amend --no-edit\n" HEAD,
	 "f was changed otherwise"},
	{"an executable bit of a file that both changed",
	 START "ed f 10s/./x/\n" REVIEWED "ed f 30s/./y/\nsave m\n" REBASED
	       "chmod +x f\ngit add f\ngit commit -q --amend --no-edit\n" HEAD,
	 "f was changed otherwise"},
	{"a binary that the base branch changed, too",
	 START "printf 'a\\0c' >bin\ngit add bin\n" REVIEWED "printf 'a\\0d' >bin\ngit add bin\nsave m\n"
	       "git checkout -q -b u\nprintf 'a\\0c' >bin\ngit add bin\nsave one\n" HEAD,
	 "bin is no text, and was changed on the base branch, too"},
	{"a link that the base branch changed, too",
	 START "ln -sf f link\ngit add link\n" REVIEWED "ln -sf bin link\ngit add link\nsave m\n"
	       "git checkout -q -b u\nln -sf f link\ngit add link\nsave one\n" HEAD,
	 "link was changed otherwise"},
	{"removed, after the base branch changed it",
	 START "git rm -q g\n" REVIEWED "put g 2\nsave m\ngit checkout -q -b u\ngit rm -q g\nsave one\n" HEAD,
	 "g was changed otherwise"},
	{"a new file of other content",
	 START "put n 1\n" REVIEWED "put g 2\nsave m\n" REBASED "put n 2\ngit commit -q --amend --no-edit\n" HEAD,
	 "n was changed otherwise"},
	{"a file that became a directory",
	 START "put n 1\n" REVIEWED "put g 2\nsave m\n" REBASED
	       "git rm -q n\nput n/n 1\ngit commit -q --amend --no-edit\n" HEAD,
	 "n was changed otherwise"},
	{"another message",
	 START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" REBASED "git commit -q --amend -m 'one a=release'\n" HEAD,
	 "a commit message differs"},
	{"another encoding, in which the message is shown as another",
	 START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" REBASED
	       "git reset -q $(git cat-file commit HEAD | sed '/^committer/a encoding UTF-7' |\n"
	       "git hash-object -t commit -w --stdin)\n" HEAD,
	 "a commit message differs as it is shown"},
	{"an encoding where none was named",
	 START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" REBASED RECODED("latin1", "h"),
	 "a commit message differs as it is shown"},
	{"one of two encodings that are both taken",
	 START "ed f 10s/./x/\nsave one\n" RECODED(
		 "KOI8-R", "r") "git checkout -q main\nput g 2\nsave m\n"
				"git checkout -q -b u\ngit cherry-pick -n r\nsave one\n" RECODED("latin1", "h"),
	 "a commit message differs as it is shown"},
	{"the same encoding",
	 START "ed f 10s/./x/\nsave one\n" RECODED(
		 "KOI8-R", "r") "git checkout -q main\nput g 2\nsave m\n"
				"git checkout -q -b u\ngit cherry-pick -n r\nsave one\n" RECODED("KOI8-R", "h"),
	 NULL},
	{"reordered commits",
	 START "put n 1\nsave zero\ned f 10s/./x/\n" REVIEWED "put g 2\nsave m\n"
	       "git checkout -q -b u\ngit cherry-pick r r~1 >/dev/null\n" HEAD,
	 "a commit message differs"},
	{"a commit more", START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" REBASED "save two\n" HEAD,
	 "1 commits became 2"},
	{"nothing of it left", START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" HEAD, "1 commits became 0"},
	{"it has landed", START "ed f 10s/./x/\n" REVIEWED "git merge -q --ff-only t\nput g 2\nsave m\n" HEAD,
	 "it is part of the base branch"},
	{"unrelated", START "ed f 10s/./x/\n" REVIEWED "git checkout -q --orphan u\nsave one\n" HEAD,
	 "there is not one merge base, but 0"},
	{"two merge bases",
	 START
	 "put n 1\nsave t1\ngit checkout -q main\nput m 1\nsave m1\ngit branch old\ngit merge -q --no-ff -m m2 t\n"
	 "git checkout -q t\ngit merge -q --no-ff -m t2 old\n" REVIEWED "put g 2\nsave m\n" REBASED HEAD,
	 "there is not one merge base, but 2"},
};

static const struct {
	const char *what, *script, *why;
} merges[] = {
	{"the base branch", START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" MERGED HEAD, NULL},
	{"the base branch twice",
	 START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" MERGED
	       "git checkout -q main\ned f 30s/./y/\nsave m\n" MERGED HEAD,
	 NULL},
	{"an older commit of the base branch",
	 START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" MERGED HEAD "git checkout -q main\nput g 3\nsave m\n",
	 NULL},
	{"both changed one file", START "ed f 10s/./x/\n" REVIEWED "ed f 12s/./y/\nsave m\n" MERGED HEAD, NULL},
	{"both did the same", START "ed f 10s/./x/\nput n 1\n" REVIEWED "ed f 10s/./x/\nput n 1\nsave m\n" MERGED HEAD,
	 NULL},
	{"files that come and go",
	 START "put t/n 1\ngit rm -q dir/k\n" REVIEWED "put m/n 1\ngit rm -q g\nsave m\n" MERGED HEAD, NULL},
	{"nothing", START "ed f 10s/./x/\n" REVIEWED "git tag h r\n", "nothing was merged"},
	{"an evil merge", START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" HALFWAY "put dir/k evil\nsave m\n" HEAD,
	 "dir/k was changed otherwise"},
	{"an evil merge that adds a file",
	 START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" HALFWAY "put dir/new 1\nsave m\n" HEAD,
	 "dir/new was changed otherwise"},
	{"an evil merge of a file that both changed",
	 START "ed f 10s/./x/\n" REVIEWED "ed f 30s/./y/\nsave m\n" HALFWAY "ed f '20a evil'\nsave m\n" HEAD,
	 "f is not what a merge without conflict gives"},
	{"an evil merge that flips a mode",
	 START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" HALFWAY "chmod +x f\ngit add f\nsave m\n" HEAD,
	 "f was changed otherwise"},
	{"a merge that drops the base branch's side",
	 START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\ngit checkout -q t\n"
	       "git merge -q -s ours --no-ff -m m main\n" HEAD,
	 "g was changed otherwise"},
	{"a merge that drops the reviewed side",
	 START "put g 3\n" REVIEWED "put dir/k 2\nsave m\n" HALFWAY "put g 1\nsave m\n" HEAD,
	 "g was changed otherwise"},
	{"a conflict that was resolved",
	 START "put g 3\n" REVIEWED "put g 2\nsave m\n" HALFWAY "put g 3\nsave m\n" HEAD,
	 "g is not what a merge without conflict gives"},
	{"a file that one side removed",
	 START "git rm -q g\n" REVIEWED "put g 2\nsave m\n" HALFWAY "git rm -q -f g\nsave m\n" HEAD,
	 "g was changed otherwise"},
	{"a binary that both changed",
	 START "printf 'a\\0c' >bin\ngit add bin\n" REVIEWED "printf 'd\\0b' >bin\ngit add bin\nsave m\n" HALFWAY
	       "printf 'a\\0c' >bin\ngit add bin\nsave m\n" HEAD,
	 "bin is no text, and was changed on the base branch, too"},
	{"an edit that follows a renamed file", START "ed f 10s/./x/\n" REVIEWED "git mv f moved\nsave m\n" MERGED HEAD,
	 "f was changed otherwise"},
	{"a mode with another's content", START "put g 2\n" REVIEWED "chmod +x g\ngit add g\nsave m\n" MERGED HEAD,
	 "g was changed otherwise"},
	{"another branch",
	 START "ed f 10s/./x/\n" REVIEWED "git checkout -q -b other\nput evil 1\nsave o\ngit checkout -q t\n"
	       "git merge -q --no-ff -m m other\n" HEAD,
	 "which is not of the base branch"},
	{"another branch before the base branch",
	 START "ed f 10s/./x/\n" REVIEWED
	       "put g 2\nsave m\ngit checkout -q -b other\nput evil 1\nsave o\ngit checkout -q t\n"
	       "git merge -q --no-ff -m m other\ngit checkout -q main\nput g 3\nsave m\n" MERGED HEAD,
	 "which is not of the base branch"},
	{"an octopus",
	 START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\ngit checkout -q -b other main~1\nput o 1\nsave o\n"
	       "git checkout -q t\ngit merge -q --no-ff -m m main other\n" HEAD,
	 "is no merge of two commits"},
	{"a commit besides", START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" MERGED "put evil 1\nsave evil\n" HEAD,
	 "is no merge of two commits"},
	{"a commit before",
	 START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\ngit checkout -q t\nput evil 1\nsave evil\n" MERGED HEAD,
	 "is no merge of two commits"},
	{"the other way round",
	 START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\ngit checkout -q -b u main\n"
	       "git merge -q --no-ff -m m t\n" HEAD,
	 "which is not of the base branch"},
	{"a rebase", START "ed f 10s/./x/\n" REVIEWED "put g 2\nsave m\n" REBASED HEAD, "is no merge of two commits"},
	{"several merge bases",
	 START
	 "put n 1\nsave t1\ngit checkout -q main\nput m 1\nsave m1\ngit branch old\ngit merge -q --no-ff -m m2 t\n"
	 "git checkout -q t\ngit merge -q --no-ff -m t2 old\n" REVIEWED "put g 2\nsave m\n" MERGED HEAD,
	 "there is not one merge base, but 2"},
};

static enum err_code carry(struct mirrored *m, enum carry how, struct mirror_carry_out *out)
{
	struct mirror_carry_in in = {.where = m->where,
				     .base = repo_oid(&m->repo, "main"),
				     .from = repo_oid(&m->repo, "r^{commit}"),
				     .head = repo_oid(&m->repo, "h^{commit}"),
				     .how = how,
				     .max_commits = 1000,
				     .max_paths = 1000};
	struct oid wants[] = {in.base, in.from, in.head};

	ck_assert_msg(!mirrored_fetch_oids(m, wants, 3, 30000), "%s", m->err.text);
	*out = (struct mirror_carry_out){.holds = false};
	return m->port.carry(m->port.self, &in, out, &m->arena, &m->err);
}

static void expect(const char *what, const char *script, enum carry how, const char *why)
{
	struct mirror_carry_out out;
	struct mirrored m;

	mirrored_begin(&m, NULL, script);
	ck_assert_msg(!carry(&m, how, &out), "%s: %s", what, m.err.text);
	ck_assert_msg(out.holds == !why, "%s: %.*s", what, TEXT_ARG(out.why));
	ck_assert_msg(out.holds == (out.why.len == 0), "%s", what);
	if (why)
		ck_assert_msg(text_find(out.why, text_of(why)) != SIZE_MAX, "%s: %.*s", what, TEXT_ARG(out.why));
	mirrored_end(&m);
}

START_TEST(a_patch_is_the_same_or_it_is_said_where_not)
{
	expect(patches[_i].what, patches[_i].script, CARRY_SAME_PATCH, patches[_i].why);
}
END_TEST

START_TEST(a_merge_of_the_base_branch_is_clean_or_it_is_said_why_not)
{
	expect(merges[_i].what, merges[_i].script, CARRY_BASE_MERGE, merges[_i].why);
}
END_TEST

static const struct {
	const char *limit;
	enum carry how;
	const char *script;
} limits[] = {
	{"mirror.max_carried_files", CARRY_SAME_PATCH,
	 START "for i in $(seq 101); do seq 20 >n$i; done; git add -A\nsave m\ngit branch -f main\n"
	       "for i in $(seq 101); do sed -i 1s/1/x/ n$i; done; git add -A\n" REVIEWED
	       "for i in $(seq 101); do sed -i 20s/20/y/ n$i; done; git add -A\nsave m\n" REBASED HEAD},
	{"mirror.max_carried_file_bytes", CARRY_BASE_MERGE,
	 START "seq 100000 >n; git add -A\nsave m\ngit branch -f main\ned n 1s/1/x/\n" REVIEWED
	       "ed n 9s/9/y/\nsave m\n" MERGED HEAD},
	{"mirror.max_carried_bytes", CARRY_BASE_MERGE,
	 START "for i in $(seq 6); do seq 75000 >n$i; done; git add -A\nsave m\ngit branch -f main\n"
	       "for i in $(seq 6); do sed -i 1s/1/x/ n$i; done; git add -A\n" REVIEWED
	       "for i in $(seq 6); do sed -i 9s/9/y/ n$i; done; git add -A\nsave m\n" MERGED HEAD},
	{"mirror.max_carried_merges", CARRY_BASE_MERGE,
	 START
	 "ed f 10s/./x/\n" REVIEWED
	 "p=$(git rev-parse r)\nfor i in $(seq 33); do p=$(git commit-tree -p $p -p main -m $i 'r^{tree}'); done\n"
	 "git tag h $p\n"},
	{"mirror.max_commits", CARRY_SAME_PATCH,
	 START "ed f 10s/./x/\n" REVIEWED "p=$(git rev-parse main)\n"
	       "for i in $(seq 1001); do p=$(git commit-tree -p $p -m $i 'r^{tree}'); done\ngit tag h $p\n"},
};

START_TEST(what_is_too_much_to_compare_names_its_limit)
{
	struct mirror_carry_out out;
	struct mirrored m;

	mirrored_begin(&m, NULL, limits[_i].script);
	ck_assert_int_eq(carry(&m, limits[_i].how, &out), ERR_LIMIT);
	ck_assert_msg(strstr(m.err.text, limits[_i].limit) != NULL, "%s", m.err.text);
	ck_assert(!out.holds);
	mirrored_end(&m);
}
END_TEST

/* Nobody else's merge is in the way of an attacker: the files that git and libgit2 merge are asked for here alone. */
START_TEST(contents_that_the_forge_has_no_more_are_an_error)
{
	struct mirror_carry_out out;
	struct mirrored m;

	mirrored_begin(&m, NULL, START "ed f 10s/./x/\n" REVIEWED "ed f 30s/./y/\nsave m\n" MERGED HEAD);
	ck_assert_int_eq(mirrored_fetch(&m, "h", NULL), ERR_OK);
	ck_assert_int_eq(mirrored_fetch(&m, "main", NULL), ERR_OK);
	repo_sh(&m.repo, NULL,
		"o=$(git rev-parse r:f)\nrm -f .git/objects/$(echo $o | cut -c1-2)/$(echo $o | cut -c3-)\n");
	ck_assert_int_ne(carry(&m, CARRY_BASE_MERGE, &out), ERR_OK);
	ck_assert(!out.holds);
	mirrored_end(&m);
}
END_TEST

START_TEST(only_two_ways_are_compared)
{
	struct mirror_carry_out out;
	struct mirrored m;

	mirrored_begin(&m, NULL, START "ed f 10s/./x/\n" REVIEWED "git tag h r\n");
	ck_assert_int_eq(carry(&m, CARRY_ANY_PUSH, &out), ERR_INVALID);
	ck_assert_int_eq(carry(&m, CARRY_SAME_TREE, &out), ERR_INVALID);
	ck_assert(!out.holds);
	mirrored_end(&m);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_patch_is_the_same_or_it_is_said_where_not, patches),
	SUITE_ROWS(a_merge_of_the_base_branch_is_clean_or_it_is_said_why_not, merges),
	SUITE_ROWS(what_is_too_much_to_compare_names_its_limit, limits),
	SUITE_TEST(contents_that_the_forge_has_no_more_are_an_error),
	SUITE_TEST(only_two_ways_are_compared),
	SUITE_END,
};
SUITE_MAIN(tests)
