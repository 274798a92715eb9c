/* The values that everybody speaks: names read and written, people looked up, sizes summed. */
#include "policy/tree.h"
#include "tests/support/case.h"
#include "tests/support/suite.h"

#include <string.h>

/* ---- names ---- */

static const struct {
	const char *text;
	enum review_state state;
} states[] = {
	{"APPROVED", REVIEW_APPROVED},
	{"approved", REVIEW_APPROVED},
	{"Changes_Requested", REVIEW_CHANGES_REQUESTED},
	{"REQUEST_CHANGES", REVIEW_CHANGES_REQUESTED},
	{"request_changes", REVIEW_CHANGES_REQUESTED},
	{"COMMENTED", REVIEW_COMMENTED},
	{"DISMISSED", REVIEW_STATE_DISMISSED},
	{"PENDING", REVIEW_PENDING},
	{"UNKNOWN", REVIEW_STATE_UNKNOWN},
	{"", REVIEW_STATE_UNKNOWN},
	{"APPROVE", REVIEW_STATE_UNKNOWN},
};

START_TEST(a_review_state_is_read_in_any_case)
{
	ck_assert_int_eq(review_state_parse(text_of(states[_i].text)), states[_i].state);
}
END_TEST

START_TEST(every_name_is_read_as_what_it_was_written_for)
{
	for (enum status_state s = STATUS_UNKNOWN; s <= STATUS_SUCCESS; s++)
		ck_assert_int_eq(status_state_parse(text_of(status_state_name(s))), s);
	ck_assert_int_eq(status_state_parse(TEXT_LIT("succes")), STATUS_UNKNOWN);
	for (enum permission p = PERMISSION_UNKNOWN; p <= PERMISSION_ADMIN; p++)
		ck_assert_int_eq(permission_parse(text_of(permission_name(p))), p);
	ck_assert_int_eq(permission_parse(TEXT_LIT("owner")), PERMISSION_UNKNOWN);
	for (enum review_state s = REVIEW_STATE_UNKNOWN; s <= REVIEW_PENDING; s++)
		ck_assert_int_eq(review_state_parse(text_of(review_state_name(s))), s);
	for (enum decision d = DECISION_CANNOT_DECIDE; d <= DECISION_ALLOWED; d++) {
		enum decision read = DECISION_CANNOT_DECIDE;

		ck_assert(decision_parse(text_of(decision_name(d)), &read));
		ck_assert_int_eq(read, d);
	}
}
END_TEST

START_TEST(only_what_is_allowed_is_success)
{
	static const enum status_state expected[] = {STATUS_ERROR, STATUS_FAILURE, STATUS_FAILURE, STATUS_PENDING,
						     STATUS_SUCCESS};
	enum decision untouched = DECISION_WAITING;

	for (enum decision d = DECISION_CANNOT_DECIDE; d <= DECISION_ALLOWED; d++)
		ck_assert_int_eq(decision_state(d), expected[d]);
	ck_assert(!decision_parse(TEXT_LIT("allow"), &untouched));
	ck_assert_int_eq(untouched, DECISION_WAITING);
}
END_TEST

START_TEST(an_unknown_kind_of_event_is_called_ignored)
{
	ck_assert_str_eq(event_kind_name((enum event_kind)1000), "ignored");
	ck_assert_str_eq(event_kind_name((enum event_kind)EVENT_KINDS), "ignored");
	ck_assert_str_ne(event_kind_name((enum event_kind)1), "ignored");
}
END_TEST

START_TEST(codeowners_are_looked_for_in_three_places)
{
	ck_assert_str_eq(policy_codeowners(0), ".github/CODEOWNERS");
	ck_assert_ptr_nonnull(policy_codeowners(2));
	ck_assert_ptr_null(policy_codeowners(3));
}
END_TEST

static const struct {
	const char *path, *file;
} workflows[] = {
	{".github/workflows/ci.yml", ".github/workflows/ci.yml"},
	{".github/workflows/ci.yml@refs/heads/main", ".github/workflows/ci.yml"},
	{".github/workflows/ci.yaml@main", ".github/workflows/ci.yaml"},
	{".github/workflows/ci.yml@a.yml@b", ".github/workflows/ci.yml@a.yml"},
	{".github/workflows/ci.yml@b@c", ".github/workflows/ci.yml"},
	{"dynamic/pages@main", "dynamic/pages@main"},
	{"ci.yml/x@main", "ci.yml/x@main"},
	{"", ""},
};

START_TEST(a_workflow_is_its_file_without_its_ref)
{
	ck_assert(text_is(workflow_path(text_of(workflows[_i].path)), workflows[_i].file));
}
END_TEST

START_TEST(a_carry_is_read_as_what_it_was_written_for)
{
	static const enum carry all[] = {CARRY_SAME_TREE, CARRY_SAME_PATCH, CARRY_BASE_MERGE, CARRY_ANY_PUSH};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		enum carry read = (enum carry)0;

		ck_assert(carry_parse(text_of(carry_name(all[i])), &read));
		ck_assert_int_eq(read, all[i]);
	}
	ck_assert_str_eq(carry_name((enum carry)0), "");
	ck_assert(!carry_parse(TEXT_LIT("same"), &(enum carry){0}));
}
END_TEST

START_TEST(bugs_weigh_what_they_say)
{
	static const struct text words[] = {{"1", 1}, {"22", 2}};
	static const struct bug_flag flags[] = {{.name = {"333", 3}}, {.name = {"4444", 4}}};
	static const struct bug_attachment attachment = {.revision = {"55555", 5}, .flags = flags, .n_flags = 1};
	static const int64_t copies[] = {1, 2, 3};
	static const struct bug bug = {.tracker = {"666666", 6},
				       .keywords = words,
				       .n_keywords = 2,
				       .groups = words,
				       .n_groups = 1,
				       .flags = flags,
				       .n_flags = 2,
				       .attachments = &attachment,
				       .n_attachments = 1,
				       .duplicates = copies,
				       .n_duplicates = 3};
	const struct facts none = {0}, one = {.bugs = &bug, .n_bugs = 1};

	ck_assert_uint_eq(facts_bytes(&one) - facts_bytes(&none), 6 + 3 + 1 + 2 + 1 + 3 + 4 + 5 + 3);
}
END_TEST

#define SIXTY_FOUR "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *name;
	bool ok;
} tree_names[] = {
	{"a", true},
	{"z", true},
	{"A", true},
	{"Z", true},
	{"0", true},
	{"9", true},
	{"mozilla-central", true},
	{"A_z.0-9", true},
	{SIXTY_FOUR, true},
	{SIXTY_FOUR "a", false},
	{"", false},
	{"-a", false},
	{"_a", false},
	{".a", false},
	{"a/", false},
	{"a:", false},
	{"a@", false},
	{"a[", false},
	{"a`", false},
	{"a{", false},
	{"a b", false},
	{"a%", false},
	{"\xc3\xa9", false},
};

START_TEST(a_tree_has_a_plain_name)
{
	ck_assert_msg(tree_name_ok(text_of(tree_names[_i].name)) == tree_names[_i].ok, "%s", tree_names[_i].name);
}
END_TEST

START_TEST(a_tree_is_as_its_word_says)
{
	enum tree_state read = TREE_OPEN;
	const struct tree tree = {.name = TEXT_LIT("central"), .reason = TEXT_LIT("burns")};
	const struct facts none = {0}, one = {.trees = &tree, .n_trees = 1};

	for (enum tree_state s = TREE_UNKNOWN; s < TREE_STATES; s++) {
		ck_assert(tree_state_parse(text_of(tree_state_name(s)), &read));
		ck_assert_int_eq(read, s);
	}
	ck_assert(!tree_state_parse(TEXT_LIT("Open"), &read));
	ck_assert_uint_eq(facts_bytes(&one) - facts_bytes(&none), 12);
}
END_TEST

/* What only a rule that warns asks for must not take a success back; what another asks for, too, must. */
static const struct {
	const char *first, *second;
	bool weighs;
} watching[] = {{"warn", "warn", false}, {"warn", "enforce", true}, {"enforce", "warn", true}};

START_TEST(a_status_weighs_where_one_rule_holds_back_by_it)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;
	struct problem problem = {.line = 0};
	struct policy_needs needs;
	struct text bytes =
		arena_printf(&arena,
			     "policy: {approval: [a, b, r]}\napproval_rules:\n"
			     "- {name: a, mode: %s, requires: {conditions: {has_successful_status: [ci]}}}\n"
			     "- {name: b, mode: %s, requires: {conditions: {has_successful_status: [ci]}}}\n"
			     "- {name: r, requires: {count: 1, users: [bob]}}\n",
			     watching[_i].first, watching[_i].second);

	ck_assert_msg(policy_parse(bytes, NULL, &arena, &policy, &problem), "%s", problem.text);
	needs = policy_needs(policy);
	ck_assert_uint_eq(needs.n_watched, 1);
	ck_assert_int_eq(needs.watched[0].weighs, watching[_i].weighs);
}
END_TEST

static const struct {
	const char *condition;
	unsigned kinds;
	const char *name;
} watched[] = {
	{"has_status: {statuses: [ci]}", 1u << OUTCOME_STATUS | 1u << OUTCOME_CHECK, "ci"},
	{"has_successful_status: [{name: ci, app: bot}]", 1u << OUTCOME_STATUS | 1u << OUTCOME_CHECK, "ci"},
	{"has_workflow_result: {workflows: [ci.yml]}", 1u << OUTCOME_WORKFLOW, "ci.yml"},
	{"threads_resolved: true", 1u << WATCH_THREADS, "threads"},
	{"tree_open: {tree: central}", 1u << WATCH_TREE, "central"},
};

START_TEST(a_rule_that_holds_back_watches_what_it_asks_for_and_nothing_else)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;
	struct problem problem = {.line = 0};
	struct policy_needs needs;

	for (int warns = 0; warns < 2; warns++) {
		struct text bytes = arena_printf(
			&arena,
			"policy: {approval: [a, r]}\napproval_rules:\n- {name: a, mode: %s, requires: {conditions: "
			"{%s}}}\n- {name: r, requires: {count: 1, users: [bob]}}\n",
			warns ? "warn" : "enforce", watched[_i].condition);

		ck_assert_msg(policy_parse(bytes, NULL, &arena, &policy, &problem), "%s", problem.text);
		needs = policy_needs(policy);
		ck_assert_uint_eq(needs.n_watched, 1);
		ck_assert_uint_eq(needs.watched[0].kinds, watched[_i].kinds);
		ck_assert(text_is(needs.watched[0].name, watched[_i].name));
		ck_assert_int_eq(needs.watched[0].weighs, !warns);
	}
}
END_TEST

/* ---- people ---- */

static const int64_t ids[][4] = {{1, 2, 3, 4}, {4, 3, 2, 1}, {2, 4, 2, 4}, {3, 3, 3, 3}, {0, 1, 0, 2}, {-5, 7, 0, 9}};

START_TEST(somebody_is_found_wherever_he_stands)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct member people[4];
	struct facts facts = {.people = people};

	for (size_t i = 0; i < 4; i++)
		people[i] = (struct member){.who = {.id = ids[_i][i]}};
	for (facts.n_people = 0; facts.n_people <= 4; facts.n_people++)
		for (int64_t id = -6; id < 11; id++) {
			const struct member *first = NULL;

			for (size_t i = 0; i < facts.n_people && !first && id != 0; i++)
				first = people[i].who.id == id ? &people[i] : NULL;
			facts.people_by_id = NULL;
			ck_assert_ptr_eq(facts_member(&facts, id), first);
			facts_index(&facts, &arena);
			ck_assert_ptr_eq(facts_member(&facts, id), first);
		}
}
END_TEST

/* Of those with one number, in any tracker or in one, in the order in which they are known. */
static const struct bug *nth_bug(const struct facts *facts, struct text tracker, int64_t id, size_t n)
{
	for (size_t i = 0; i < facts->n_bugs; i++)
		if (facts->bugs[i].id == id && (tracker.len == 0 || text_eq(tracker, facts->bugs[i].tracker)) &&
		    n-- == 0)
			return &facts->bugs[i];
	return NULL;
}

START_TEST(a_bug_is_found_wherever_it_stands)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	static const struct text trackers[] = {{"a", 1}, {"b", 1}, {"", 0}};
	struct bug bugs[4];
	struct facts facts = {.bugs = bugs};

	for (size_t i = 0; i < 4; i++)
		bugs[i] = (struct bug){.tracker = trackers[i % 2], .id = ids[_i][i]};
	for (size_t k = 0; k < (size_t)5 * 17 * 3 * 5; k++) {
		const struct text tracker = trackers[k / 5 % 3];
		const int64_t id = (int64_t)(k / 15 % 17) - 6;
		const struct bug *bug;

		facts.n_bugs = k / 255;
		bug = nth_bug(&facts, tracker, id, k % 5);
		facts.bugs_by_id = NULL;
		ck_assert_ptr_eq(facts_bug(&facts, tracker, id, k % 5), bug);
		facts_index(&facts, &arena);
		ck_assert_ptr_eq(facts_bug(&facts, tracker, id, k % 5), bug);
	}
}
END_TEST

/* ---- sizes ---- */

START_TEST(bytes_and_changes_are_those_of_all_that_is_judged_with_it)
{
	static const struct path path = {.path = {"12", 2}};
	static const struct commit commit = {.message = {"1", 1}};
	static const struct text label = {"1234", 4};
	static const struct review review = {.body = {"12345678", 8}};
	static const struct comment comment = {.body = {"0123456789012345", 16}};
	static const struct owners_file file = {.bytes = {"01234567890123456789012345678901", 32}};
	struct change change = {.title = {"64646464646464646464646464646464", 32},
				.body = {"64646464646464646464646464646464", 32},
				.commits = &commit,
				.n_commits = 1,
				.paths = &path,
				.n_paths = 1,
				.labels = &label,
				.n_labels = 1,
				.reviews = &review,
				.n_reviews = 1,
				.comments = &comment,
				.n_comments = 1,
				.owners_files = &file,
				.n_owners_files = 1};
	struct change both[] = {change, change};
	struct constituent constituents[] = {{.facts = {.changes = &change, .n_changes = 1}},
					     {.facts = {.changes = both, .n_changes = 2}}};
	struct group groups[] = {{.constituents = constituents, .n_constituents = 2},
				 {.constituents = constituents, .n_constituents = 1}};
	struct facts facts = {.changes = both, .n_changes = 2, .groups = groups, .n_groups = 2};

	ck_assert_uint_eq(facts_changes(&facts), 2 + 3 + 1);
	ck_assert_uint_eq(facts_bytes(&facts), (2 + 3 + 1) * 127);
	ck_assert_uint_eq(facts_bytes(&constituents[0].facts), 127);
	ck_assert_uint_eq(facts_bytes(&(struct facts){0}), 0);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_review_state_is_read_in_any_case, states),
	SUITE_TEST(every_name_is_read_as_what_it_was_written_for),
	SUITE_TEST(only_what_is_allowed_is_success),
	SUITE_TEST(an_unknown_kind_of_event_is_called_ignored),
	SUITE_TEST(codeowners_are_looked_for_in_three_places),
	SUITE_ROWS(somebody_is_found_wherever_he_stands, ids),
	SUITE_ROWS(a_bug_is_found_wherever_it_stands, ids),
	SUITE_TEST(bytes_and_changes_are_those_of_all_that_is_judged_with_it),
	SUITE_ROWS(a_workflow_is_its_file_without_its_ref, workflows),
	SUITE_TEST(a_carry_is_read_as_what_it_was_written_for),
	SUITE_TEST(bugs_weigh_what_they_say),
	SUITE_ROWS(a_rule_that_holds_back_watches_what_it_asks_for_and_nothing_else, watched),
	SUITE_ROWS(a_status_weighs_where_one_rule_holds_back_by_it, watching),
	SUITE_TEST(a_tree_is_as_its_word_says),
	SUITE_ROWS(a_tree_has_a_plain_name, tree_names),
	SUITE_END,
};
SUITE_MAIN(tests)
