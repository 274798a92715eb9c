/*
 * Which policy governs a change: the base branch's file, the one it names elsewhere, the shared one, what bors.toml
 * asks for, the built-in one. Whatever cannot be read never leads to the next.
 */
#include <string.h>

#include "agent/work/gather.h"
#include "policy/policy.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

#define POLICY "policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {count: 1, permissions: [write]}}\n"
#define REMOTE "remote: acme/policies\npath: strict.yml\n"

static void there(struct told_forge *t, const char *file)
{
	t->there = (struct told_there){
		.repo = "acme/policies", .branch = "trunk", .path = "strict.yml", .file = file, .tip = told_oid('e')};
}

static void share(struct told_forge *t)
{
	t->config.shared_repo = TEXT_LIT("acme/policies");
	t->config.shared_path = TEXT_LIT("strict.yml");
}

static struct gathered must_collect(struct told_forge *t)
{
	struct gathered got;
	struct err err = ERR_NONE;

	ck_assert_msg(gather_collect(&t->gather, &t->arena, &got, &err) && err.code == ERR_OK, "%s", err.text);
	ck_assert_uint_eq(got.facts.n_changes, 1);
	return got;
}

/* What governs: "own", "elsewhere", "bors", "built-in", or the reason why nothing does. */
static const char *governs(const struct gathered *got)
{
	struct text from = got->facts.changes[0].policy_from;

	if (got->governed[0].problem) {
		ck_assert_ptr_null(got->governed[0].policy);
		return got->governed[0].problem->text;
	}
	if (policy_is_builtin(got->governed[0].policy))
		return "built-in";
	if (text_starts(from, TEXT_LIT("acme/policies:strict.yml at eeee")))
		return "elsewhere";
	return text_find(from, TEXT_LIT("bors.toml")) != SIZE_MAX ? "bors" : "own";
}

#define HERE   "own"
#define NAMES  "names acme/policies:strict.yml"
#define SHARED "is not there, and the shared policy is acme/policies:strict.yml"
#define TOML   "block_labels = [\"wip\"]\nrequired_approvals = 3\n"

static const struct {
	const char *what, *file, *there; /* of the base branch; of acme/policies */
	bool shared;
	const char *bors_at, *bors;
	const char *governs; /* how it begins */
} order[] = {
	{"the file stands before all others", POLICY, POLICY, true, "bors.toml", TOML, HERE},
	{"an invalid file stays what governs", "policy: [", POLICY, true, "bors.toml", TOML, "not valid YAML"},
	{"an empty file is the built-in policy", "", POLICY, true, "bors.toml", TOML, "built-in"},
	{"a file that names another", REMOTE, POLICY, false, NULL, NULL, "elsewhere"},
	{"a file that names another stands before the shared one", REMOTE, NULL, true, "bors.toml", TOML,
	 NAMES ", which is not there"},
	{"the shared one where there is no file", NULL, POLICY, true, "bors.toml", TOML, "elsewhere"},
	{"nothing is shared unless it is said", NULL, POLICY, false, NULL, NULL, "built-in"},
	{"no shared file: bors", NULL, NULL, true, "bors.toml", TOML, "bors"},
	{"bors where it looks second", NULL, NULL, false, ".github/bors.toml", TOML, "bors"},
	{"bors that asks for no review", NULL, NULL, false, "bors.toml", "status = [\"ci\"]\n", "built-in"},
	{"bors that is wrong", NULL, NULL, false, "bors.toml", "required_approvals = [\n",
	 "is not there, and bors.toml:2 is wrong"},
	{"nothing at all", NULL, NULL, false, NULL, NULL, "built-in"},
	{"nothing, and nothing shared", NULL, NULL, true, NULL, NULL, "built-in"},
	{"one step and no more", REMOTE, REMOTE, false, NULL, NULL, NAMES ", which is no policy"},
	{"one step of the shared one, too", NULL, REMOTE, true, NULL, NULL, SHARED ", which is no policy"},
	{"a secret that is no policy is not quoted", REMOTE, "password: hunter2\n", false, NULL, NULL,
	 NAMES ", which is no policy (line 1)"},
	{"a shared policy that is wrong", NULL, "policy: [", true, "bors.toml", TOML, SHARED ", which is no policy"},
	{"an empty shared policy is the built-in one", NULL, "", true, "bors.toml", TOML, "built-in"},
	{"more than the three keys", REMOTE "policy: {}\n", POLICY, true, NULL, NULL, "unknown key `policy`"},
	{"a branch that is not there", REMOTE "ref: old\n", POLICY, true, NULL, NULL,
	 NAMES ": there is no such branch"},
	{"a branch by name", REMOTE "ref: trunk\n", POLICY, false, NULL, NULL, "elsewhere"},
	{"a commit by its full name", REMOTE "ref: eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee\n", POLICY, false, NULL,
	 NULL, "elsewhere"},
};

START_TEST(the_first_that_is_there_governs)
{
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	t.file = order[_i].file;
	there(&t, order[_i].there);
	if (order[_i].shared)
		share(&t);
	t.bors_at = order[_i].bors_at;
	t.bors = order[_i].bors;
	got = must_collect(&t);
	ck_assert_msg(text_starts(text_of(governs(&got)), text_of(order[_i].governs)), "%s: %s", order[_i].what,
		      governs(&got));
	if (strcmp(order[_i].governs, "elsewhere") == 0) {
		ck_assert(text_find(got.policy_text, TEXT_LIT("\n# Read from acme/policies:strict.yml at eeee")) !=
			  SIZE_MAX);
		ck_assert(text_starts(got.policy_text, text_of(POLICY)));
	}
	ck_assert(text_find(got.policy_text, TEXT_LIT("hunter2")) == SIZE_MAX);
	told_forge_close(&t);
}
END_TEST

static const struct {
	enum told_verb fails;
	enum err_code as;
} failures[] = {
	{TOLD_REPOSITORY, ERR_RETRY},   {TOLD_REPOSITORY, ERR_DENIED}, {TOLD_REPOSITORY, ERR_GONE},
	{TOLD_REPOSITORY, ERR_INVALID}, {TOLD_TIP, ERR_RETRY},         {TOLD_TIP, ERR_DENIED},
	{TOLD_TIP, ERR_GONE},           {TOLD_TIP, ERR_INVALID},       {TOLD_GIT, ERR_RETRY},
	{TOLD_GIT, ERR_DENIED},         {TOLD_FETCH, ERR_RETRY},       {TOLD_FETCH, ERR_GONE},
	{TOLD_FETCH, ERR_LIMIT},        {TOLD_FILE, ERR_RETRY},        {TOLD_FILE, ERR_LIMIT},
	{TOLD_FILE, ERR_GONE},          {TOLD_FILE, ERR_INVALID},      {TOLD_FILE, ERR_DENIED},
};

/* ERR_OK: a problem is shown. */
static void nothing_governs(struct told_forge *t, enum err_code as)
{
	struct gathered got;
	struct err err = ERR_NONE;
	bool done = gather_collect(&t->gather, &t->arena, &got, &err);

	ck_assert_int_eq(done, as == ERR_OK);
	ck_assert_int_eq(err.code, as);
	if (done)
		ck_assert_ptr_nonnull(got.governed[0].problem);
}

START_TEST(what_cannot_be_read_elsewhere_never_leads_to_the_next)
{
	for (int shared = 0; shared < 2; shared++) {
		struct told_forge t;

		told_forge_open(&t);
		t.file = shared ? NULL : REMOTE;
		there(&t, POLICY);
		share(&t);
		t.bors_at = "bors.toml";
		t.bors = TOML;
		t.there.fails = failures[_i].fails;
		t.there.fails_as = failures[_i].as;
		nothing_governs(&t, failures[_i].as == ERR_RETRY ? ERR_RETRY : ERR_OK);
		told_forge_close(&t);
	}
}
END_TEST

static const enum err_code unread[] = {ERR_RETRY, ERR_GONE, ERR_DENIED, ERR_LIMIT, ERR_INVALID};

/* What is there and no file is shown; all else is waited for, or is an error of the worker's. */
static enum err_code fails_with(enum err_code as)
{
	return as == ERR_LIMIT || as == ERR_INVALID ? ERR_OK : as == ERR_GONE ? ERR_RETRY : as;
}

START_TEST(a_file_that_cannot_be_read_never_leads_to_the_next)
{
	struct told_forge t;

	told_forge_open(&t);
	there(&t, POLICY);
	share(&t);
	t.fails = TOLD_FILE;
	t.fails_as = unread[_i];
	nothing_governs(&t, fails_with(unread[_i]));
	told_forge_close(&t);
}
END_TEST

START_TEST(a_bors_file_that_cannot_be_read_never_leads_to_the_built_in_policy)
{
	struct told_forge t;

	told_forge_open(&t);
	t.bors_at = "bors.toml";
	t.bors = TOML;
	t.bors_fails = unread[_i];
	nothing_governs(&t, fails_with(unread[_i]));
	told_forge_close(&t);
}
END_TEST

START_TEST(a_repository_of_another_name_is_not_followed)
{
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	t.file = REMOTE;
	there(&t, POLICY);
	t.there.name = "mallory/policies";
	got = must_collect(&t);
	ck_assert_str_eq(governs(&got), NAMES ": the repository has another name by now");
	t.there.name = "Acme/Policies";
	got = must_collect(&t);
	ck_assert_ptr_null(got.governed[0].problem);
	told_forge_close(&t);
}
END_TEST

static bool unmoved(struct told_forge *t, const struct gathered *got)
{
	struct err err = ERR_NONE;
	bool still = false;

	ck_assert_msg(gather_unmoved(&t->gather, got, &still, &err), "%s", err.text);
	return still;
}

static const struct {
	const char *file, *there;
} standing[] = {{REMOTE, POLICY}, {NULL, POLICY}, {NULL, NULL}}; /* the last: a shared file that may come */

START_TEST(where_it_stands_is_read_again_before_a_success)
{
	struct told_forge t;
	struct gathered got;
	struct err err = ERR_NONE;
	bool still;

	told_forge_open(&t);
	t.file = standing[_i].file;
	there(&t, standing[_i].there);
	share(&t);
	got = must_collect(&t);
	ck_assert(unmoved(&t, &got));
	ck_assert_int_ge(t.there.sent_since, got.began);
	t.there.tip = told_oid('d');
	ck_assert(!unmoved(&t, &got));
	t.there.tip = told_oid('e');
	ck_assert(unmoved(&t, &got));
	t.there.name = "mallory/policies";
	ck_assert(!unmoved(&t, &got));
	t.there.name = NULL;
	t.there.fails = TOLD_TIP;
	t.there.fails_as = ERR_GONE;
	ck_assert(!unmoved(&t, &got));
	t.there.fails_as = ERR_RETRY;
	ck_assert(!gather_unmoved(&t.gather, &got, &still, &err) && err.code == ERR_RETRY);
	told_forge_close(&t);
}
END_TEST

START_TEST(a_policy_of_its_own_asks_nobody_else)
{
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	t.file = POLICY;
	there(&t, POLICY);
	share(&t);
	t.there.fails = TOLD_REPOSITORY;
	t.there.fails_as = ERR_RETRY;
	got = must_collect(&t);
	ck_assert_uint_eq(got.facts.changes[0].policy_from.len, 0);
	ck_assert(unmoved(&t, &got));
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(the_first_that_is_there_governs, order),
	SUITE_ROWS(what_cannot_be_read_elsewhere_never_leads_to_the_next, failures),
	SUITE_ROWS(a_file_that_cannot_be_read_never_leads_to_the_next, unread),
	SUITE_ROWS(a_bors_file_that_cannot_be_read_never_leads_to_the_built_in_policy, unread),
	SUITE_TEST(a_repository_of_another_name_is_not_followed),
	SUITE_ROWS(where_it_stands_is_read_again_before_a_success, standing),
	SUITE_TEST(a_policy_of_its_own_asks_nobody_else),
	SUITE_END,
};
SUITE_MAIN(tests)
