/* The files of owners, read where the policy is read: at the base branch's tip; and whose teams are asked about. */
#include "agent/work/gather.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

#include <string.h>

#define POLICY                                                                                                         \
	"policy: {approval: [owned]}\n"                                                                                \
	"approval_rules:\n"                                                                                            \
	"  - name: owned\n"                                                                                            \
	"    requires: {owners: {file: CODEOWNERS}}\n"

static const struct path changed = {
	.path = {"src/a.c", 7}, .status = PATH_MODIFIED, .mode = 0100644, .old_mode = 0100644};
static struct mirror_range_out range;

/* u5 approved the head of a change of src/a.c; who owns it stands where a test says. */
static void begin(struct told_forge *t, const char *owners, const char *at)
{
	told_forge_open_approved(t);
	range = (struct mirror_range_out){.merge_base = t->tip,
					  .commits = t->commits,
					  .n_commits = t->n_commits,
					  .paths = &changed,
					  .n_paths = 1};
	t->many_commits = &range;
	t->file = POLICY;
	t->owners = owners;
	t->owners_at = at;
}

static bool collect(struct told_forge *t, struct gathered *ret, struct err *err)
{
	*err = ERR_NONE;
	return gather_collect(&t->gather, &t->arena, ret, err);
}

static struct gathered must_collect(struct told_forge *t)
{
	struct gathered got;
	struct err err;

	ck_assert_msg(collect(t, &got, &err) && err.code == ERR_OK, "%s", err.text);
	return got;
}

static struct verdict judged(struct told_forge *t, const struct gathered *got)
{
	struct verdict verdict;

	policy_judge(got->governed, &got->facts, &t->arena, &verdict);
	return verdict;
}

static const char *const places[] = {".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"};

START_TEST(the_file_is_found_where_the_forge_looks_for_it)
{
	struct told_forge t;
	struct gathered got;

	begin(&t, "* @u5\n", places[_i]);
	got = must_collect(&t);
	ck_assert_uint_eq(got.facts.changes[0].n_owners_files, 1);
	ck_assert(text_is(got.facts.changes[0].owners_files[0].name, "CODEOWNERS"));
	ck_assert(text_is(got.facts.changes[0].owners_files[0].path, places[_i]));
	ck_assert(text_is(got.facts.changes[0].owners_files[0].bytes, "* @u5\n"));
	ck_assert_int_eq(judged(&t, &got).decision, DECISION_ALLOWED);
	told_forge_close(&t);
}
END_TEST

START_TEST(a_policy_names_another_file_by_its_path)
{
	struct told_forge t;
	struct gathered got;

	begin(&t, "{\"src/\": [5]}", "ci/owners.json");
	t.file = "policy: {approval: [owned]}\napproval_rules: [{name: owned, requires: {owners: {file: "
		 "ci/owners.json}}}]\n";
	got = must_collect(&t);
	ck_assert_uint_eq(got.facts.changes[0].n_owners_files, 1);
	ck_assert(text_is(got.facts.changes[0].owners_files[0].path, "ci/owners.json"));
	ck_assert_int_eq(judged(&t, &got).decision, DECISION_ALLOWED);
	told_forge_close(&t);
}
END_TEST

START_TEST(a_file_that_is_nowhere_owns_nothing)
{
	struct told_forge t;
	struct gathered got;

	begin(&t, "* @u5\n", "src/CODEOWNERS");
	got = must_collect(&t);
	ck_assert_uint_eq(got.facts.changes[0].n_owners_files, 1);
	ck_assert_uint_eq(got.facts.changes[0].owners_files[0].path.len, 0);
	ck_assert_int_eq(judged(&t, &got).decision, DECISION_BLOCKED);
	told_forge_close(&t);
}
END_TEST

START_TEST(a_policy_without_owners_reads_none)
{
	struct told_forge t;

	begin(&t, "* @u5\n", places[0]);
	t.file = NULL;
	ck_assert_uint_eq(must_collect(&t).facts.changes[0].n_owners_files, 0);
	told_forge_close(&t);
}
END_TEST

/* A file that is there and cannot be read is not passed by for the next place. */
static const enum err_code unusable[] = {ERR_LIMIT, ERR_INVALID};

START_TEST(a_file_that_cannot_be_read_is_there)
{
	struct told_forge t;
	struct gathered got;

	begin(&t, "* @u5\n", places[0]);
	t.owners_fail = unusable[_i];
	got = must_collect(&t);
	ck_assert_uint_eq(got.facts.changes[0].n_owners_files, 1);
	ck_assert(text_is(got.facts.changes[0].owners_files[0].path, places[0]));
	ck_assert_uint_gt(got.facts.changes[0].owners_files[0].why.len, 0);
	ck_assert_uint_eq(got.facts.changes[0].owners_files[0].bytes.len, 0);
	ck_assert_int_eq(judged(&t, &got).decision, DECISION_BLOCKED);
	told_forge_close(&t);
}
END_TEST

/* ERR_GONE is the blob's or the branch's, not the file's: it may be there when it is asked again. */
static const enum err_code passing[] = {ERR_RETRY, ERR_GONE, ERR_DENIED};

START_TEST(a_file_that_could_not_be_asked_for_is_no_answer)
{
	struct told_forge t;
	struct gathered got;
	struct err err;

	begin(&t, "* @u5\n", places[1]);
	t.owners_fail = passing[_i];
	ck_assert(!collect(&t, &got, &err));
	ck_assert_int_eq(err.code, passing[_i] == ERR_GONE ? ERR_RETRY : passing[_i]);
	told_forge_close(&t);
}
END_TEST

START_TEST(teams_that_own_what_was_changed_are_asked_about_and_no_others)
{
	for (int in_team = 0; in_team < 2; in_team++) {
		struct told_forge t;
		struct gathered got;

		begin(&t, "* @o/all\n/src/ @o/core @x/core\n/docs/ @o/docs\n", places[0]);
		t.in_team = in_team;
		got = must_collect(&t);
		ck_assert(got.facts.people[0].teams_known);
		ck_assert_uint_eq(got.facts.people[0].n_teams, (size_t)in_team);
		if (in_team)
			ck_assert(text_is(got.facts.people[0].teams[0], "o/core"));
		ck_assert_int_eq(judged(&t, &got).decision, in_team ? DECISION_ALLOWED : DECISION_WAITING);
		told_forge_close(&t);
	}
}
END_TEST

static struct text many(struct told_forge *t, const char *format, int n)
{
	struct text all = TEXT_EMPTY;

	for (int i = 0; i < n; i++)
		all = arena_printf(&t->arena, "%.*s%s%s%d", TEXT_ARG(all), i > 0 ? "," : "", format, i);
	return all;
}

/* 40 of the policy and 30 owners' are more than are asked about: who is in none of them is then not known. */
START_TEST(more_teams_than_are_asked_about_leave_all_unknown)
{
	for (int owners = 24; owners <= 25; owners++) {
		struct told_forge t;
		struct gathered got;
		struct text line = TEXT_EMPTY;

		begin(&t, "", places[0]);
		for (int i = 0; i < owners; i++)
			line = arena_printf(&t.arena, "%.*s @o/t%d", TEXT_ARG(line), i);
		t.owners = arena_printf(&t.arena, "*%.*s\n", TEXT_ARG(line)).at;
		t.file = arena_printf(&t.arena,
				      "policy: {approval: [owned]}\napproval_rules: [{name: owned, requires: {owners: "
				      "{file: CODEOWNERS}, teams: [%.*s]}}]\n",
				      TEXT_ARG(many(&t, "o/p", 40)))
				 .at;
		got = must_collect(&t);
		ck_assert(got.facts.people[0].teams_known == (owners == 24));
		ck_assert_int_eq(judged(&t, &got).decision, DECISION_WAITING);
		told_forge_close(&t);
	}
}
END_TEST

/* A push to the base branch asks for all its changes again (test_store_events); what they find then is the new file. */
START_TEST(a_base_that_moved_is_another_file_of_owners)
{
	struct told_forge t;
	struct gathered first, second;
	struct err err = ERR_NONE;
	bool unmoved = true;

	begin(&t, "* @u5\n", places[0]);
	first = must_collect(&t);
	ck_assert_int_eq(judged(&t, &first).decision, DECISION_ALLOWED);
	t.tip = told_oid('e');
	range.merge_base = t.tip;
	t.owners = "* @u6\n";
	ck_assert_msg(gather_unmoved(&t.gather, &first, &unmoved, &err), "%s", err.text);
	ck_assert(!unmoved);
	second = must_collect(&t);
	ck_assert_int_eq(judged(&t, &second).decision, DECISION_WAITING);
	told_forge_close(&t);
}
END_TEST

/* The people file is read in the same way, and whom it names is asked about like everybody who contributed. */
START_TEST(the_people_file_is_read_from_the_base_and_whom_it_names_is_asked_about)
{
	struct told_forge t;
	struct gathered got;

	begin(&t, "eve@example.org: {id: 31, login: u31}\n", "people.yml");
	t.file = "policy: {approval: [r], attribution: {file: people.yml}}\napproval_rules: [{name: r, requires: "
		 "{count: "
		 "1, permissions: [write], conditions: {has_contributor_in: {permissions: [write]}}}}]\n";
	t.commits[0].author.email = TEXT_LIT("eve@example.org");
	t.people[0].author = 0;
	t.people[0].signature.valid = TRI_NO;
	got = must_collect(&t);
	ck_assert(text_is(got.facts.changes[0].owners_files[0].path, "people.yml"));
	ck_assert_int_eq(got.facts.changes[0].commits[0].author.id, 0); /* facts say what the forge said */
	ck_assert_ptr_nonnull(strstr(t.asked_for, "u31 "));
	ck_assert_ptr_nonnull(facts_member(&got.facts, 31));
	ck_assert_msg(judged(&t, &got).decision == DECISION_ALLOWED, "%.*s", TEXT_ARG(judged(&t, &got).text));
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(the_file_is_found_where_the_forge_looks_for_it, places),
	SUITE_TEST(a_policy_names_another_file_by_its_path),
	SUITE_TEST(a_file_that_is_nowhere_owns_nothing),
	SUITE_TEST(a_policy_without_owners_reads_none),
	SUITE_ROWS(a_file_that_cannot_be_read_is_there, unusable),
	SUITE_ROWS(a_file_that_could_not_be_asked_for_is_no_answer, passing),
	SUITE_TEST(teams_that_own_what_was_changed_are_asked_about_and_no_others),
	SUITE_TEST(more_teams_than_are_asked_about_leave_all_unknown),
	SUITE_TEST(a_base_that_moved_is_another_file_of_owners),
	SUITE_TEST(the_people_file_is_read_from_the_base_and_whom_it_names_is_asked_about),
	SUITE_END,
};
SUITE_MAIN(tests)
