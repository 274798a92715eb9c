/*
 * Every case of an example that is called an attack, held against what it defends from: the naive form of the policy,
 * in which one thing is written as somebody in a hurry would, allows it; or, where the language has no such form, the
 * case allows its harmless twin, which differs in the attack alone. So no such case can hold for another reason.
 */
#include <glob.h>
#include <string.h>

#include "agent/base/config.h"
#include "policy/cases.h"
#include "tests/support/suite.h"

#define FOLDER SOURCE_DIR "/examples/policies/"
#define ATTACK "attack - "

/* Of the test's own process, and gone with it. */
static struct arena arena;

enum where { NAIVE, TWIN };

static const struct {
	const char *file, *attack;
	enum where where; /* the policy is written so, or the case told so */
	struct swap {
		const char *from, *to;
	} swaps[2];
} rows[] = {
	{"codeowners", "the owner of one file answers for another", NAIVE, {{"per: file", "per: change"}}},
	{"codeowners", "a file is moved out of its owner's folder", NAIVE, {{"per: file", "per: change"}}},
	{"codeowners",
	 "CODEOWNERS is edited by an owner of its folder",
	 NAIVE,
	 {{"policy:\n", "policy:\n  guards: { off: [guarded_files] }\n"}}},

	{"demo",
	 "the author types a= and one person looked",
	 NAIVE,
	 {{"    requires: { count: 2,",
	   "    if: { not: { targets_branch: { pattern: ^release$ } } }\n    requires: { count: 2,"}}},
	{"demo", "the token in the title alone", TWIN, {{"title:", "message:"}}},
	{"demo", "the bug is hidden and not rated yet", NAIVE, {{"{ private: false, keywords:", "{ keywords:"}}},
	{"demo", "the security bug stands below the first line", TWIN, {{"This is bug 900001.", "This is new."}}},

	{"everything", "the lander approved it", NAIVE, {{", not: [author, approvers]", ""}}},
	{"everything", "one person is four eyes and the word", NAIVE, {{"- distinct:", "- and:"}}},
	{"everything",
	 "another app says that it was tested",
	 NAIVE,
	 {{"[{ name: build, app: github-actions }]", "[build]"}}},
	{"everything",
	 "a reviewer's commit under the name of one who is passed over",
	 TWIN,
	 {{"committer: grace", "committer: translator"}}},
	{"everything",
	 "a reviewer's commit under an address that nobody has",
	 TWIN,
	 {{"mae@home.example", "ada@old.example.org"}}},
	{"everything", "somebody else's push", TWIN, {{"two, by: ada", "two, by: lander"}}},
	{"everything",
	 "the policy itself in a push",
	 NAIVE,
	 {{"off: []\n        files: ['^land/']", "off: [guarded_files]"}}},

	{"guarded-files", "a file is moved out of a guarded folder", TWIN, {{"was: crypto/", "was: lib/"}}},
	{"guarded-files",
	 "a link takes the place of a guarded folder",
	 NAIVE,
	 {{"      changed_files:\n", "      changed_files:\n        types: [symlink]\n"}}},
	{"guarded-files",
	 "a harmless file beside a guarded one",
	 NAIVE,
	 {{"      changed_files:", "      only_changed_files:"}}},

	{"monorepo", "the owner of one file answers for another", NAIVE, {{"per: file", "per: change"}}},
	{"monorepo", "a file is moved out of its owner's folder", NAIVE, {{"per: file", "per: change"}}},
	{"monorepo", "what nobody owns", NAIVE, {{"unowned: deny", "unowned: write"}}},
	{"monorepo",
	 "CODEOWNERS is edited by an owner of its folder",
	 NAIVE,
	 {{"  guards:\n", "  guards:\n    off: [guarded_files]\n"}}},
	{"monorepo",
	 "a page that is a link",
	 NAIVE,
	 {{"only_changed_files: {", "only_changed_files: { types: [symlink],"}}},
	{"monorepo", "a page among the code", NAIVE, {{"'^docs/", "'docs/"}}},
	{"monorepo", "a submodule takes the place of somebody's folder", TWIN, {{"kind: submodule", "kind: file"}}},
	{"monorepo", "the author approves what they own", TWIN, {{"author: bob", "author: alice"}}},

	{"mozilla",
	 "the author types a= and nobody of release management looked",
	 NAIVE,
	 {{"commit, for beta.\n    options: { per_base: true }\n    requires:\n      count: 1\n"
	   "      teams: [firefox/release-managers]\n",
	   "commit, for beta.\n    requires:\n"},
	  {"- distinct: [reviewed, into beta]", "- and: [reviewed, into beta]"}}},
	{"mozilla",
	 "what was let into beta is retargeted to an esr",
	 NAIVE,
	 {{"for this esr.\n    options: { per_base: true }\n", "for this esr.\n"}}},
	{"mozilla",
	 "one release manager is both the reviewer and who lets it in",
	 NAIVE,
	 {{"- distinct: [reviewed, into beta]", "- and: [reviewed, into beta]"}}},
	{"mozilla", "a branch that nobody listed", NAIVE, {{"default: closed", "default: [reviewed]"}}},
	{"mozilla",
	 "a second commit slips in below the one that carries the token",
	 TWIN,
	 {{"Part 1. r=bob", "Part 1. r=bob a=rosa"}}},
	{"mozilla", "a token behind a sign that turns the text around", TWIN, {{"\\u202E", ""}}},
	{"mozilla", "the review is of the commit before the last push", TWIN, {{"of: one", "of: two"}}},

	{"mozilla",
	 "a second bug without sec-approval beside an approved one",
	 NAIVE,
	 {{"          every:\n            any_of:\n", "          any:\n            any_of:\n"}}},
	{"mozilla",
	 "a public duplicate is named",
	 NAIVE,
	 {{"          every:\n            any_of:\n",
	   "          duplicates: false\n          every:\n            any_of:\n"}}},
	{"mozilla", "sec-approval of a patch that was replaced", TWIN, {{"obsolete: true", "obsolete: false"}}},
	{"mozilla", "the bug stands in a later commit alone", TWIN, {{"Bug 2000002", "Bug 2000001"}}},
	{"mozilla", "a line about its origin hides the bug", TWIN, {{"#2000002", "#2000001"}}},
	{"mozilla", "the bug stands in the title alone", TWIN, {{"Bug 2000002", "Bug 2000001"}}},
	{"mozilla",
	 "a commit that names no bug comes along into beta",
	 NAIVE,
	 {{"          min: 1\n          duplicates: false\n          every:\n            attachment_flag: { name: "
	   "approval-mozilla-beta",
	   "          every:\n            attachment_flag: { name: approval-mozilla-beta"}}},
	{"mozilla", "approval for another esr", NAIVE, {{"approval-mozilla-esr${1}", "approval-mozilla-esr140"}}},

	{"mozilla-1158178",
	 "the author lets their own fix into beta",
	 NAIVE,
	 {{"{ key: a, values: [release] }", "{ key: a }"}}},

	{"nixpkgs", "another app says the same name", NAIVE, {{"{ name: eval, app: github-actions }", "eval"}}},
	{"nixpkgs",
	 "a commit says that the bot wrote it",
	 NAIVE,
	 {{"only_has_contributors_in: { users: ['id:34800072'] }\n        only_pushed_by: { users: ['id:34800072'] }\n"
	   "        has_valid_signatures_by:",
	   "has_contributor_in:"}}},
	{"nixpkgs",
	 "the bot's name above somebody else's signature",
	 NAIVE,
	 {{"has_valid_signatures_by: { users: ['id:34800072'] }", "has_valid_signatures: true"}}},
	{"nixpkgs",
	 "the bot's package becomes a link",
	 NAIVE,
	 {{"only_changed_files: {", "only_changed_files: { types: [symlink],"}}},
	{"nixpkgs", "a maintainer of one file answers for another", NAIVE, {{"per: file", "per: change"}}},
	{"nixpkgs", "a file is moved out of its maintainer's folder", NAIVE, {{"per: file", "per: change"}}},
	{"nixpkgs",
	 "the file of owners is changed like any other",
	 NAIVE,
	 {{"policy:\n", "policy:\n  guards: { off: [guarded_files] }\n"}}},
	{"nixpkgs",
	 "a module leaves the guarded folder",
	 TWIN,
	 {{"was: nixos/modules/security", "was: nixos/modules/old"}}},

	{"regulated", "the reviewer lands it", NAIVE, {{", not: [author, approvers]", ""}}},
	{"regulated", "the author lands it", NAIVE, {{"not: [author, approvers]", "not: [approvers]"}}},
	{"regulated",
	 "a push after the request to land",
	 TWIN,
	 {{"[push: { commit: two, signed_by: alice }, approve: bob, approve: paul]", "[label: ready]"}}},
	{"regulated",
	 "one person in both teams counts twice",
	 NAIVE,
	 {{"- distinct: [four eyes, product owner]", "- and: [four eyes, product owner]"}}},
	{"regulated",
	 "the author's second account committed, and reviews",
	 NAIVE,
	 {{"requires: { eyes: 4, teams: [acme/engineers] }",
	   "requires: { count: 1, teams: [acme/engineers] }\n    options: { allow_contributor: true }"}}},
	{"regulated",
	 "the reviewer pushed the last commit under the author's name",
	 TWIN,
	 {{"by: bob, author", "by: alice, author"}}},
	{"regulated",
	 "signed by somebody who is no engineer",
	 NAIVE,
	 {{"has_valid_signatures_by: { teams: [acme/engineers] }\n        signer: author",
	   "has_valid_signatures: true"}}},
	{"regulated", "one engineer signs what names another as its author", NAIVE, {{"        signer: author\n", ""}}},
	{"regulated", "a ticket that the title mentions and does not begin with", NAIVE, {{"'^[A-Z]", "'[A-Z]"}}},
	{"regulated", "a file is moved out of the ledger", TWIN, {{"was: ledger/", "was: lib/"}}},
	{"regulated", "the product owner agreed to an older commit", TWIN, {{"of: one", "of: two"}}},

	{"small-team",
	 "another app says that the tests passed",
	 NAIVE,
	 {{"{ name: test, app: github-actions }", "test"}}},
	{"small-team",
	 "somebody else pushes to the branch of an own change",
	 NAIVE,
	 {{"only_has_contributors_in: { users: [ada, grace, linus] }\n        only_pushed_by: { users: [ada",
	   "has_author_in: { users: [ada"}}},
	{"small-team",
	 "a stranger's commit names one of us as its author",
	 NAIVE,
	 {{"only_has_contributors_in: { users: [ada, grace, linus] }\n        only_pushed_by: { users: [ada",
	   "has_contributor_in: { users: [ada"}}},
	{"small-team",
	 "a commit under the bot's name is pushed to the bot's branch",
	 NAIVE,
	 {{"only_has_contributors_in: { users: ['id:49699333'] }\n        only_pushed_by: { users: ['id",
	   "has_author_in: { users: ['id"}}},
	{"small-team", "an unsigned commit", NAIVE, {{"        has_valid_signatures: true\n", ""}}},
	{"small-team",
	 "a lock file that is a link",
	 NAIVE,
	 {{"only_changed_files: {", "only_changed_files: { types: [symlink],"}}},
	{"small-team", "a file whose name begins like a lock file", NAIVE, {{"\\.lock$'", "\\.lock'"}}},
	{"small-team", "source code becomes a lock file", TWIN, {{"was: src/main.rs", "was: Cargo.lock"}}},

	{"try-build",
	 "a stranger pushes to the branch of one of us",
	 NAIVE,
	 {{"only_has_contributors_in: { permissions: [write] }\n        only_pushed_by:", "has_author_in:"}}},
	{"try-build",
	 "a stranger's commit names one of us",
	 NAIVE,
	 {{"only_has_contributors_in: { permissions: [write] }\n        only_pushed_by:", "has_contributor_in:"}}},
	{"try-build", "what is pushed after somebody looked", TWIN, {{"of: one", "of: two"}}},
	{"try-build",
	 "a submodule in place of the folder of build scripts",
	 NAIVE,
	 {{"changed_files: {", "changed_files: { types: [gitlink],"}}},
	{"try-build", "nobody can see who pushed", TWIN, {{"pushers_hidden: true", "pushers_hidden: false"}}},

	{"two-committers",
	 "somebody who may write and is no committer",
	 NAIVE,
	 {{"count: 2, teams: [acme/committers]", "count: 2, permissions: [write]"}}},
	{"two-committers", "two committers change the policy itself", NAIVE, {{"'^\\.headgate\\.yml$', ", ""}}},
	{"two-committers", "one review is of an older commit", TWIN, {{"of: one", "of: two"}}},
	{"two-committers",
	 "a push after a clean merge of the base branch",
	 NAIVE,
	 {{"carry: [same-tree, base-merge]", "carry: [any-push]"}}},
	{"two-committers",
	 "a rebase onto a base branch that gives the lines another meaning",
	 NAIVE,
	 {{"carry: [same-tree, base-merge]", "carry: [same-patch]"}}},
	{"two-committers",
	 "a committer who committed part of the change",
	 NAIVE,
	 {{"    options:\n      methods: { comments: [], github_review: true }\n    requires: { count: 2",
	   "    options: { allow_contributor: true }\n    requires: { count: 2"}}},

	{"two-reviews", "a review of an older commit for the newer one", TWIN, {{"of: one", "of: two"}}},
	{"two-reviews",
	 "who pushed to the change approves it",
	 NAIVE,
	 {{"    requires:", "    options: { allow_contributor: true }\n    requires:"}}},

	{"uplift",
	 "the author types a=release",
	 NAIVE,
	 {{"      count: 1\n      teams: [acme/release-managers]\n", ""}}},
	{"uplift",
	 "the author types a name and nobody looked",
	 NAIVE,
	 {{"    requires: { count: 2,",
	   "    if: { not: { targets_branch: { pattern: ^beta$ } } }\n    requires: { count: 2,"}}},
	{"uplift",
	 "the author names somebody who may not say so",
	 NAIVE,
	 {{"key: a, values: [erin, frank]", "key: a"}}},
	{"uplift", "what was let into release is retargeted to an esr", NAIVE, {{"per_base: true", "per_base: false"}}},
	{"uplift",
	 "a second commit slips in without the token",
	 TWIN,
	 {{"message: Bug 1 part 1", "message: Bug 1 part 1. a=erin"}}},
	{"uplift",
	 "an uplift of a rated bug without sec-approval",
	 NAIVE,
	 {{"none_of: [sec-high, sec-critical]", "none_of: [sec-critical]"}}},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static struct text file(const char *name, const char *kind)
{
	struct err err = ERR_NONE;
	struct text bytes;

	ck_assert_msg(config_file(arena_printf(&arena, FOLDER "%s%s", name, kind).at, &arena, &bytes, &err), "%s%s",
		      name, kind);
	return bytes;
}

/* The one place, behind the first `begin` bytes; of a policy there must be no second one. */
static struct text swapped(struct text in, size_t begin, const struct swap *swap, bool only)
{
	struct text behind = {in.at + begin, in.len - begin}, from = text_of(swap->from), rest;
	size_t at = text_find(behind, from);

	ck_assert_msg(at != SIZE_MAX, "nowhere: %s", swap->from);
	rest = (struct text){behind.at + at + from.len, behind.len - at - from.len};
	ck_assert_msg(!only || text_find(rest, from) == SIZE_MAX, "twice: %s", swap->from);
	return arena_printf(&arena, "%.*s%s%.*s", (int)(begin + at), in.at, swap->to, TEXT_ARG(rest));
}

static struct text all_swapped(struct text in, size_t begin, const struct swap *swaps, bool only)
{
	for (size_t i = 0; i < 2 && swaps[i].from; i++)
		in = swapped(in, begin, &swaps[i], only);
	return in;
}

static const struct one_case *find_case(const struct cases *cases, const char *attack)
{
	struct text name = arena_printf(&arena, ATTACK "%s", attack);

	for (size_t i = 0; i < cases->n; i++)
		if (text_eq(cases->items[i].name, name))
			return &cases->items[i];
	ck_abort_msg("no case: %s", attack);
}

static enum decision judged(struct text policy_text, struct text cases_text, const char *attack)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	const struct policy *policy;
	struct case_result result;
	struct problem problem;
	struct cases cases;

	ck_assert_msg(policy_parse(policy_text, &defaults, &arena, &policy, &problem), "%u: %s", problem.line,
		      problem.text);
	ck_assert_msg(cases_read(cases_text, &arena, &cases, &problem), "%u: %s", problem.line, problem.text);
	case_run(find_case(&cases, attack), &(struct governed){policy, NULL}, &arena, &result);
	return result.verdict.decision;
}

START_TEST(each_attack_is_held_back_and_its_naive_form_or_harmless_twin_allowed)
{
	const char *attack = rows[_i].attack;
	struct text policy = file(rows[_i].file, ".yml"), cases = file(rows[_i].file, ".test.yml");
	size_t begin = text_find(cases, text_of(attack));

	ck_assert_msg(begin != SIZE_MAX, "no case: %s", attack);
	ck_assert_int_ne(judged(policy, cases, attack), DECISION_ALLOWED);
	if (rows[_i].where == NAIVE)
		policy = all_swapped(policy, 0, rows[_i].swaps, true);
	else
		cases = all_swapped(cases, begin, rows[_i].swaps, false);
	ck_assert_msg(judged(policy, cases, attack) == DECISION_ALLOWED, "%s: %s: not allowed either", rows[_i].file,
		      attack);
}
END_TEST

/* How many rows there are for this case. */
static size_t rows_of(const char *path, struct text attack)
{
	size_t n = 0;

	for (size_t i = 0; i < ROWS; i++)
		n += text_eq(attack, text_of(rows[i].attack)) &&
		     text_ends(text_of(path), arena_printf(&arena, "/%s.test.yml", rows[i].file));
	return n;
}

START_TEST(every_example_has_an_attack_and_every_attack_a_row)
{
	size_t attacks = 0;
	glob_t found;

	ck_assert_int_eq(glob(FOLDER "*.test.yml", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		size_t before = attacks;
		struct problem problem;
		struct cases cases;

		ck_assert(cases_read(file(strrchr(found.gl_pathv[i], '/') + 1, ""), &arena, &cases, &problem));
		for (size_t k = 0; k < cases.n; k++) {
			struct text name = cases.items[k].name, prefix = TEXT_LIT(ATTACK);

			if (!text_starts(name, prefix))
				continue;
			attacks++;
			ck_assert_msg(rows_of(found.gl_pathv[i],
					      (struct text){name.at + prefix.len, name.len - prefix.len}) == 1,
				      "%s: %.*s", found.gl_pathv[i], TEXT_ARG(name));
		}
		ck_assert_msg(attacks > before, "%s: no attack", found.gl_pathv[i]);
	}
	globfree(&found);
	ck_assert_uint_eq(attacks, ROWS);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(each_attack_is_held_back_and_its_naive_form_or_harmless_twin_allowed, rows),
	SUITE_TEST(every_example_has_an_attack_and_every_attack_a_row),
	SUITE_END,
};
SUITE_MAIN(tests)
