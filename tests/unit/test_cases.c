#include "agent/base/facts_json.h"
#include "policy/cases.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

#define PEOPLE                                                                                                         \
	"{alice: write, bob: write, carol: write, dave: read, erin: maintain, robot: {permission: write, type: bot}}"

/* Of the test's own process, and gone with it. */
static struct arena arena;

static bool read(const char *document, struct cases *ret, struct problem *problem)
{
	*problem = (struct problem){0};
	return cases_read(text_of(document), &arena, ret, problem);
}

/* One case of a change of alice's under the built-in policy, with these lines of its own. */
static struct case_result run(const char *lines, const char *expect)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	struct text document = arena_printf(&arena,
					    "policy: builtin\nfacts: {people: " PEOPLE ", author: alice}\n"
					    "cases:\n- {name: it, expect: %s, %s}\n",
					    expect, lines);
	struct governed by = {policy_builtin(&defaults, &arena), NULL};
	struct case_result result;
	struct problem problem;
	struct cases cases;

	if (!read(document.at, &cases, &problem))
		ck_abort_msg("%s: %u:%u %s", document.at, problem.line, problem.column, problem.text);
	ck_assert_uint_eq(cases.n, 1);
	case_run(&cases.items[0], &by, &arena, &result);
	return result;
}

static const struct {
	const char *lines, *expect, *text;
} told[] = {
	{"history: [push, approve: bob, approve: carol]", "allowed", "2 fresh reviews"},
	{"draft: false", "waiting", "Needs 2 reviews of c1 (0/2)"},
	{"history: [push: one, approve: bob, push: two, approve: carol]", "waiting", "of two (1/2); 1 became stale"},
	{"history: [push: one, push: two, approve: bob, approve: {by: carol, of: one}]", "waiting", "1 became stale"},
	{"history: [push: one, push: two, push: one, approve: bob, approve: carol]", "allowed", ""},
	{"history: [push, approve: bob, approve: {by: carol, of: unknown}]", "waiting", "(1/2)"},
	{"history: [push, approve: bob, approve: alice]", "waiting", "(1/2)"},
	{"history: [push, approve: bob, approve: dave]", "waiting", "(1/2)"},
	{"history: [push, approve: bob, approve: robot]", "waiting", "(1/2)"},
	{"history: [push, approve: bob, remark: carol]", "waiting", "(1/2)"},
	{"history: [push, approve: bob, approve: carol, edit: carol]", "waiting", "(1/2)"},
	{"history: [push, approve: bob, approve: carol, dismiss: bob]", "waiting", "(1/2)"},
	{"history: [push, approve: bob, approve: carol, request_changes: erin]", "blocked",
	 "changes requested by erin"},
	{"history: [push, approve: bob, approve: carol, request_changes: dave]", "allowed", ""},
	{"history: [push: {by: bob, author: alice}, approve: bob, approve: carol]", "waiting", "(1/2)"},
	{"history: [push: {author: bob}, approve: bob, approve: carol]", "waiting", "(1/2)"},
	{"history: [push: {committer: bob}, approve: bob, approve: carol]", "waiting", "(1/2)"},
	{"history: [push: {coauthors: [bob]}, approve: bob, approve: carol]", "waiting", "(1/2)"},
	{"history: [push: {author: nobody}, approve: bob, approve: carol]", "blocked", "names nobody"},
	{"history: [commit: {author: bob}, push, approve: bob, approve: carol]", "waiting", "(1/2)"},
	{"history: [push: {author: bob}, push: {onto: base}, approve: bob, approve: carol]", "allowed", ""},
	{"history: [push: {commit: a, author: bob}, push: b, push: {onto: a}, approve: bob, approve: carol]", "waiting",
	 "(1/2)"},
	{"history: [push], then: [approve: bob, approve: carol]", "allowed", ""},
	{"then: [approve: bob, approve: carol], history: [push]", "allowed", ""},
	{"then: [approve: bob, approve: carol]", "allowed", ""},
	{"then: [approve: bob, approve: carol, delete_fork]", "allowed", ""},
	{"then: [delete_fork, approve: bob, approve: carol]", "blocked", "deleted"},
	{"then: [approve: bob, approve: carol], draft: true", "blocked", "draft"},
	{"then: [approve: bob, approve: carol], state: closed", "blocked", "closed"},
	{"then: [approve: bob, approve: carol], state: merged", "blocked", "closed"},
	{"then: [approve: bob, approve: carol], files: [bors.toml]", "waiting", "maintainer clearance"},
	{"then: [approve: bob, approve: erin], files: [bors.toml]", "allowed", ""},
	{"then: [approve: bob, approve: carol], files: [{path: x, was: bors.toml}]", "waiting", "clearance"},
	{"then: [approve: bob, approve: carol], people: {carol: read}", "waiting", "(1/2)"},
	{"then: [approve: bob, approve: carol], people: {carol: unknown}", "waiting", "the permission of carol"},
	{"then: [approve: bob, approve: carol], pushers_hidden: true", "waiting", "who pushed"},
	{"then: [approve: bob, approve: carol], unknown: [files]", "waiting", "changed files"},
	{"then: [approve: bob, approve: carol], unknown: [changes]", "waiting", "open changes"},
	{"allowed_before: true", "revoked", "Revoked"},
	{"then: [approve: bob, approve: carol], shadowed_by: other", "blocked", "other shadows"},
	{"superseded_by: two", "blocked", "Superseded by"},
	{"history: []", "cannot_decide", "the commit is not known"},
};

START_TEST(what_is_told_has_its_verdict)
{
	struct case_result result = run(told[_i].lines, told[_i].expect);

	ck_assert_msg(result.n_why == 0, "%s: %s: %s", told[_i].lines, result.why[0].at, result.verdict.text.at);
	ck_assert_msg(text_find(result.text, text_of(told[_i].text)) != SIZE_MAX, "%s: %s", told[_i].lines,
		      arena_text(&arena, result.text).at);
}
END_TEST

static const struct {
	const char *lines, *expect, *why;
} failing[] = {
	{"draft: true", "allowed", "expected allowed, got blocked"},
	{"draft: true", "cannot_decide", "expected cannot_decide, got blocked"},
	{"text: draft", "waiting", "the text does not hold `draft`"},
	{"because: not a draft", "waiting", "rule `not a draft` is met, and was to be what is missing"},
	{"because: [fresh reviews, not a draft]", "waiting", "rule `not a draft` is met"},
	{"because: guarded files", "waiting", "rule `guarded files` is skipped, and was to be what is missing"},
	{"because: guarded files, then: [approve: bob, approve: carol]", "allowed",
	 "rule `guarded files` is skipped, and was to be met"},
	{"skipped: fresh reviews", "waiting", "rule `fresh reviews` is unmet, and was to be skipped"},
	{"because: fresh review", "waiting", "no rule is named `fresh review`; did you mean `fresh reviews`?"},
	{"superseded_by: x, because: fresh reviews", "blocked", "no rule is named `fresh reviews`"},
};

START_TEST(a_case_that_does_not_hold_says_why)
{
	struct case_result result = run(failing[_i].lines, failing[_i].expect);

	ck_assert_msg(result.n_why == 1, "%s: %zu", failing[_i].lines, result.n_why);
	ck_assert_msg(text_find(result.why[0], text_of(failing[_i].why)) == 0, "%s: %s", failing[_i].lines,
		      result.why[0].at);
}
END_TEST

START_TEST(what_is_asked_of_rules_can_hold)
{
	ck_assert_uint_eq(run("because: fresh reviews, skipped: [guarded files]", "waiting").n_why, 0);
	ck_assert_uint_eq(
		run("because: [fresh reviews, not a draft], then: [approve: bob, approve: carol]", "allowed").n_why, 0);
}
END_TEST

START_TEST(a_case_adds_to_people_and_then_and_replaces_the_rest)
{
	static const struct policy_defaults defaults = {.approvals = 1};
	static const char document[] =
		"policy: builtin\n"
		"facts: {people: {bob: write}, labels: [x], history: [push], then: [approve: bob]}\n"
		"cases:\n"
		"- {name: as told, expect: allowed}\n"
		"- {name: more people, people: {eve: read}, then: [approve: eve], expect: allowed}\n"
		"- {name: and then, then: [push], expect: waiting}\n"
		"- {name: from the start, history: [push], expect: waiting}\n"
		"- {name: labels, labels: [y], expect: allowed}\n";
	struct governed by = {policy_builtin(&defaults, &arena), NULL};
	struct case_result result;
	struct problem problem;
	struct cases cases;

	ck_assert_msg(read(document, &cases, &problem), "%u:%u %s", problem.line, problem.column, problem.text);
	for (size_t i = 0; i < cases.n; i++) {
		case_run(&cases.items[i], &by, &arena, &result);
		ck_assert_msg(result.n_why == 0, "%s: %s", cases.items[i].name.at, result.verdict.text.at);
	}
	ck_assert_uint_eq(scene_facts(result.scene)->changes[0].n_labels, 1);
}
END_TEST

#define HEAD "policy: builtin\ncases:\n"
#define ONE  HEAD "- name: it\n  expect: waiting\n"
static const struct {
	const char *document;
	unsigned line, column;
	const char *why;
} wrong[] = {
	{"", 1, 1, "expected a map with `policy`"},
	{"policy: builtin\n", 1, 1, "`cases` is missing"},
	{"cases: []\n", 1, 1, "`policy` names a file"},
	{"policy: builtin\ncases: []\n", 2, 8, "expected a list of 1 to"},
	{"policy: builtin\ncase: []\n", 2, 1, "unknown key `case`; did you mean `cases`?"},
	{HEAD "- expect: waiting\n", 3, 3, "a case needs a `name`"},
	{HEAD "- name: it\n", 3, 3, "a case needs `expect`"},
	{HEAD "- it\n", 3, 3, "expected a case"},
	{HEAD "- name: it\n  expect: alowed\n", 4, 11, "expected allowed, waiting"},
	{ONE "- name: it\n  expect: waiting\n", 5, 3, "a second case named `it` (first in line 3)"},
	{ONE "  exepct: waiting\n", 5, 3, "unknown key `exepct`; did you mean `expect`?"},
	{ONE "  lables: [x]\n", 5, 3, "unknown key `lables`; did you mean `labels`?"},
	{ONE "  because: []\n", 5, 12, "expected the name of a rule"},
	{ONE "  author: alice\n", 5, 11, "unknown person `alice`"},
	{ONE "  people: {alice: write}\n  author: alicia\n", 6, 11, "unknown person `alicia`; did you mean `alice`?"},
	{ONE "  people: {alice: wriet}\n", 5, 19, "unknown word `wriet`; did you mean `write`?"},
	{ONE "  people: {alice: {permisson: write}}\n", 5, 20, "unknown key `permisson`; did you mean `permission`?"},
	{ONE "  people: {alice: {id: 0}}\n", 5, 24, "an id is a number above 0"},
	{ONE "  people: {a: {id: 7}, b: {id: 7}}\n", 5, 24, "`b` has the number of `a`"},
	{ONE "  people: {nobody: write}\n", 5, 12, "`nobody` is no login"},
	{ONE "  history: push\n", 5, 12, "expected a list of steps"},
	{ONE "  history: [pusch]\n", 5, 13, "unknown step `pusch`; did you mean `push`?"},
	{ONE "  history: [approve: author]\n", 5, 22, "nothing was pushed before"},
	{ONE "  history: [approve]\n", 5, 13, "`approve` needs a value"},
	{ONE "  history: [delete_fork: now]\n", 5, 26, "`delete_fork` takes no value"},
	{ONE "  history: [push: one, approve: {by: author, of: onne}]\n", 5, 50,
	 "unknown commit `onne`; did you mean `one`?"},
	{ONE "  history: [approve: {of: one}]\n", 5, 22, "a review needs `by`"},
	{ONE "  history: [push: one, push: {commit: one, author: nobody}]\n", 5, 52, "`one` was told before"},
	{ONE "  history: [push: a b]\n", 5, 19, "a commit's name is made of letters"},
	{ONE "  history: [push: {onto: two}]\n", 5, 26, "expected `base` or the name of a commit"},
	{ONE "  history: [push, dismiss: author]\n", 5, 28, "`author` gave no review before"},
	{ONE "  history: [unlabel: x]\n", 5, 22, "there is no such label"},
	{ONE "  draft: maybe\n", 5, 10, "expected true or false"},
	{ONE "  state: opened\n", 5, 10, "unknown word `opened`; did you mean `open`?"},
	{ONE "  labels: x\n", 5, 11, "expected a list of at most"},
	{ONE "  now: tomorrow\n", 5, 8, "expected a time such as"},
	{ONE "  files: [{was: a}]\n", 5, 11, "a file needs a `path`"},
	{ONE "  statuses: {ci: sucess}\n", 5, 18, "unknown word `sucess`; did you mean `success`?"},
	{ONE "  statuses: {ci: {app: x}}\n", 5, 18, "it needs a `state`"},
	{ONE "  checks: {ci: {state: success, by: author}}\n", 5, 37, "only a status has an account"},
	{ONE "  owners_files: {a: {path: b}}\n", 5, 21, "it needs `text`, or `unreadable`"},
	{ONE "  unknown: [review]\n", 5, 13, "unknown word `review`; did you mean `reviews`?"},
	{"policy: builtin\nfacts: {drft: true}\ncases:\n- {name: a, expect: waiting}\n", 2, 9,
	 "unknown key `drft`; did you mean `draft`?"},
	{"policy: builtin\nfacts: {draft: 1}\ncases:\n- {name: a, expect: waiting, draft: true}\n", 2, 16,
	 "expected true or false"},
};

START_TEST(what_is_wrong_is_said_with_its_place)
{
	struct problem problem;
	struct cases cases;

	ck_assert_msg(!read(wrong[_i].document, &cases, &problem), "%s", wrong[_i].document);
	ck_assert_msg(strstr(problem.text, wrong[_i].why) == problem.text, "%s: %s", wrong[_i].document, problem.text);
	ck_assert_msg(problem.line == wrong[_i].line && problem.column == wrong[_i].column, "%s: %u:%u",
		      wrong[_i].document, problem.line, problem.column);
}
END_TEST

/* ---- the facts themselves ---- */

static struct text facts_of(const char *lines)
{
	struct case_result result = run(lines, "waiting");

	return facts_encode(scene_facts(result.scene), &arena);
}

START_TEST(the_same_words_are_the_same_facts)
{
	const char *lines =
		"labels: [a, b], history: [push: one, label: c, approve: bob, push: {commit: two, by: carol}]";

	ck_assert(text_eq(facts_of(lines), facts_of(lines)));
	ck_assert(!text_eq(facts_of(lines), facts_of("history: [push: one]")));
}
END_TEST

START_TEST(what_happened_later_is_later)
{
	struct case_result result =
		run("history: [push, approve: bob, {comment: {by: dave, body: hm}}, retarget: beta]", "waiting");
	const struct facts *facts = scene_facts(result.scene);
	const struct change *change = &facts->changes[0];

	ck_assert_int_gt(change->reviews[0].submitted_at, change->head_arrived_at);
	ck_assert_int_gt(change->comments[0].created_at, change->reviews[0].submitted_at);
	ck_assert_int_gt(change->base_changed_at, change->comments[0].created_at);
	ck_assert_int_gt(facts->now, change->base_changed_at);
	ck_assert(text_is(change->base_ref, "beta"));
}
END_TEST

START_TEST(a_time_of_judgement_that_is_told_is_kept)
{
	struct case_result result = run("now: 2031-05-01T08:00:00Z, history: [push, approve: bob]", "waiting");
	const struct facts *facts = scene_facts(result.scene);
	char buffer[32];

	ck_assert_str_eq(when_print(facts->now, buffer), "2031-05-01T08:00:00Z");
	ck_assert_int_lt(facts->changes[0].reviews[0].submitted_at, facts->now);
}
END_TEST

START_TEST(every_value_arrives_where_it_belongs)
{
	struct case_result result = run(
		"repository: a/b, base: beta, head_branch: fix, title: T, body: B, labels: [x], "
		"statuses: {ci: {state: failure, by: robot, app: ci}}, checks: {build: {state: pending, app_id: 9}}, "
		"workflows: {w.yml: success}, files: [{path: a, status: added, kind: symlink, added: 7}], "
		"people: {dave: {teams: [o/t], organizations: unknown, merged_before: true, id: 4}}, "
		"owners_files: {CODEOWNERS: '* @bob', o.json: null, p.json: {path: q.json, unreadable: large}}, "
		"history: [push: {message: M, signed_by: bob, signing_key: AB}]",
		"waiting");
	const struct facts *facts = scene_facts(result.scene);
	const struct change *change = &facts->changes[0];
	const struct member *dave = facts_member(facts, 4);

	ck_assert(text_is(facts->repo_name, "a/b") && text_is(change->base_ref, "beta"));
	ck_assert(text_is(change->head_ref, "fix") && text_is(change->title, "T") && text_is(change->body, "B"));
	ck_assert(change->n_labels == 1 && text_is(change->labels[0], "x"));
	ck_assert_uint_eq(facts->n_outcomes, 3);
	ck_assert(facts->outcomes[0].kind == OUTCOME_STATUS && text_is(facts->outcomes[0].state, "failure"));
	ck_assert(text_is(facts->outcomes[0].app, "ci") && facts->outcomes[0].creator_id != 0);
	ck_assert(facts->outcomes[1].kind == OUTCOME_CHECK && facts->outcomes[1].app_id == 9);
	ck_assert(facts->outcomes[2].kind == OUTCOME_WORKFLOW && text_is(facts->outcomes[2].event, "pull_request"));
	ck_assert(change->paths[0].status == PATH_ADDED && change->paths[0].mode == 0120000);
	ck_assert(change->paths[0].old_mode == 0 && change->paths[0].additions == 7 && change->paths[0].deletions == 0);
	ck_assert_uint_eq(change->n_owners_files, 3);
	ck_assert(text_is(change->owners_files[0].path, "CODEOWNERS") &&
		  text_is(change->owners_files[0].bytes, "* @bob"));
	ck_assert(text_is(change->owners_files[1].name, "o.json") && change->owners_files[1].path.len == 0);
	ck_assert(text_is(change->owners_files[2].path, "q.json") && text_is(change->owners_files[2].why, "large"));
	ck_assert_ptr_nonnull(dave);
	ck_assert(dave->n_teams == 1 && dave->teams_known && !dave->organizations_known);
	ck_assert_int_eq(dave->merged_before, TRI_YES);
	ck_assert(text_is(change->commits[0].message, "M") && change->commits[0].signature.valid == TRI_YES);
	ck_assert(text_is(change->commits[0].signature.key_id, "AB") && change->commits[0].signature.signer != 0);
	ck_assert_uint_eq(change->known, FACTS_ALL);
}
END_TEST

START_TEST(the_head_stands_first_among_the_commits)
{
	struct case_result result = run("history: [commit: one, push: two]", "waiting");
	const struct facts *facts = scene_facts(result.scene);
	const struct change *change = &facts->changes[0];

	ck_assert_uint_eq(change->n_commits, 2);
	ck_assert(oid_eq(&change->commits[0].sha, &facts->head));
	ck_assert(oid_eq(&change->commits[0].parents[0], &change->commits[1].sha));
	ck_assert(oid_eq(&change->commits[1].parents[0], &change->base_sha));
}
END_TEST

/* ---- what if ---- */

/* What becomes of the facts of `lines` when `then` happens. */
static const struct facts *after(const char *lines, const char *then)
{
	static const struct yaml_limits limits = {1000, 10, 100, 0};
	struct telling *telling = arena_alloc(&arena, 1, sizeof *telling);
	const struct facts *before = scene_facts(run(lines, "waiting").scene);
	const struct scene *scene;
	const struct yaml *steps;
	struct problem problem;

	ck_assert(yaml_parse(text_of(then), &limits, &arena, &steps, &problem));
	ck_assert(telling_then(telling, steps, &problem));
	ck_assert_msg(scene_make(telling, before, &arena, &scene, &problem), "%s", problem.text);
	return scene_facts(scene);
}

START_TEST(what_was_said_of_the_old_head_says_nothing_of_the_new_one)
{
	const char *lines = "statuses: {ci: success}, checks: {build: success}, allowed_before: true, shadowed_by: x";

	ck_assert_uint_eq(after(lines, "[push]")->n_outcomes, 0);
	ck_assert(!after(lines, "[push]")->allowed_before && !after(lines, "[push]")->shadowed);
	ck_assert_uint_eq(after(lines, "[label: x]")->n_outcomes, 2);
	ck_assert(after(lines, "[label: x]")->allowed_before && after(lines, "[label: x]")->shadowed);
}
END_TEST

START_TEST(a_new_commit_stands_on_the_old_ones_or_on_the_base)
{
	const char *lines = "history: [commit, push]";

	ck_assert_uint_eq(after(lines, "[push: new]")->changes[0].n_commits, 3);
	ck_assert_uint_eq(after(lines, "[push: {onto: base}]")->changes[0].n_commits, 1);
	ck_assert_uint_eq(after(lines, "[label: x]")->changes[0].n_commits, 2);
}
END_TEST

START_TEST(what_happens_next_is_later_than_what_there_was)
{
	const struct facts *facts = after("history: [push, approve: bob]", "[push: new, approve: bob]");
	const struct change *change = &facts->changes[0];

	ck_assert_uint_eq(change->n_reviews, 2);
	ck_assert_int_gt(change->head_arrived_at, change->reviews[0].submitted_at);
	ck_assert_int_gt(change->reviews[1].submitted_at, change->head_arrived_at);
	ck_assert_int_ne(change->reviews[0].id, change->reviews[1].id);
	ck_assert_int_gt(facts->now, change->reviews[1].submitted_at);
}
END_TEST

START_TEST(other_changes_keep_the_head_that_is_not_moved)
{
	struct telling *telling = arena_alloc(&arena, 1, sizeof *telling);
	struct facts facts = *scene_facts(run("draft: false", "waiting").scene);
	struct change both[2] = {facts.changes[0], facts.changes[0]};
	struct yaml push = {.kind = YAML_SCALAR, .text = TEXT_LIT("push")},
		    list = {.kind = YAML_LIST, .items = &push, .n = 1};
	const struct scene *scene;
	struct problem problem;

	facts.changes = both;
	facts.n_changes = 2;
	ck_assert(scene_make(telling, &facts, &arena, &scene, &problem));
	ck_assert_uint_eq(scene_facts(scene)->n_changes, 2);
	ck_assert(telling_then(telling, &list, &problem) && scene_make(telling, &facts, &arena, &scene, &problem));
	ck_assert_uint_eq(scene_facts(scene)->n_changes, 1);
}
END_TEST

START_TEST(an_invalid_policy_decides_nothing)
{
	struct problem problem = {1, 1, "broken"};
	struct governed by = {NULL, &problem};
	struct case_result result;
	struct cases cases;

	ck_assert(read(HEAD
		       "- {name: a, expect: cannot_decide}\n- {name: b, expect: cannot_decide, superseded_by: x}\n",
		       &cases, &problem));
	for (size_t i = 0; i < 2; i++) {
		case_run(&cases.items[i], &by, &arena, &result);
		ck_assert_uint_eq(result.n_why, 0);
	}
}
END_TEST

START_TEST(every_word_has_path_type_and_help)
{
	size_t words = 0;

	for (const struct policy_key *key; (key = scene_word_at(words)); words++)
		ck_assert(key->path[0] && key->type[0] && key->help[0]);
	ck_assert_uint_gt(words, 30);
	for (words = 0; cases_word_at(words); words++)
		ck_assert(cases_word_at(words)->help[0]);
	ck_assert_uint_gt(words, 6);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(what_is_told_has_its_verdict, told),
	SUITE_ROWS(a_case_that_does_not_hold_says_why, failing),
	SUITE_TEST(what_is_asked_of_rules_can_hold),
	SUITE_ROWS(what_is_wrong_is_said_with_its_place, wrong),
	SUITE_TEST(the_same_words_are_the_same_facts),
	SUITE_TEST(what_happened_later_is_later),
	SUITE_TEST(a_time_of_judgement_that_is_told_is_kept),
	SUITE_TEST(every_value_arrives_where_it_belongs),
	SUITE_TEST(the_head_stands_first_among_the_commits),
	SUITE_TEST(an_invalid_policy_decides_nothing),
	SUITE_TEST(what_was_said_of_the_old_head_says_nothing_of_the_new_one),
	SUITE_TEST(a_new_commit_stands_on_the_old_ones_or_on_the_base),
	SUITE_TEST(what_happens_next_is_later_than_what_there_was),
	SUITE_TEST(other_changes_keep_the_head_that_is_not_moved),
	SUITE_TEST(a_case_adds_to_people_and_then_and_replaces_the_rest),
	SUITE_TEST(every_word_has_path_type_and_help),
	SUITE_END,
};
SUITE_MAIN(tests)
