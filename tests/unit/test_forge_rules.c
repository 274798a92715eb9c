/*
 * A repository's rules as a policy: read from the sandbox forge over the real client, from scripted answers where the
 * sandbox cannot say them, and as text.
 */
#include <stdio.h>
#include <string.h>

#include "agent/forge/github_rules.h"
#include "policy/policy.h"
#include "tests/support/github_bench.h"
#include "tests/support/suite.h"

static const struct policy_defaults defaults = {.approvals = 2};

static bool holds(struct text text, const char *part)
{
	return text_find(text, text_of(part)) != SIZE_MAX;
}

/* ---- rules to text ---- */

/* An initializer, where TEXT_LIT is none. */
#define T(s)                                                                                                           \
	{                                                                                                              \
		(s), sizeof(s) - 1                                                                                     \
	}

static const struct {
	struct forge_rules rules;
	const char *part, *absent;
} texts[] = {
	{{.reviews = true, .approvals = 2}, "    - reviews\n", "    - owners"},
	{{.reviews = true, .approvals = 2}, "      count: 2\n      permissions: [write]\n", "an approval of an older"},
	{{.reviews = true, .approvals = 1, .keeps_stale = true}, "#   an approval of an older commit counts", NULL},
	{{.reviews = true, .approvals = 0}, "the built-in policy applies", "policy:\n"},
	{{.approvals = 0}, "#   no approval is asked for\n", "policy:\n"},
	{{.code_owners = true, .owners_file = true}, "owners: {file: CODEOWNERS, per: file, unowned: write}", NULL},
	{{.code_owners = true}, "there is no CODEOWNERS: nobody is asked", "name: owners"},
	{{.signatures = true}, "        has_valid_signatures: true\n", NULL},
	{{.threads = true}, "        threads_resolved: true\n", "must go on enforcing"},
	{{.threads = true}, "    - conversations\n", "#   conversations"},
	{{.last_push = true}, "#   somebody else than who pushed last", NULL},
	{{.admins_pass = true}, "#   administrators are not held", NULL},
	{{.rulesets = true}, "#   whoever is on the list of a ruleset", NULL},
	{{.n_statuses = 1, .statuses = {{T("ci"), T("builder"), 7}}},
	 "            - {name: \"ci\", app: \"builder\"}\n",
	 "taken from whoever"},
	{{.n_statuses = 1, .statuses = {{T("ci"), {NULL, 0}, 7}}}, "app 7 alone, which did not show", NULL},
	{{.n_statuses = 1, .statuses = {{T("ci"), {NULL, 0}, 0}}}, "#   a status without an app is taken", NULL},
	{{.n_statuses = 1, .statuses = {{T("ci\n- x: \"y\""), {NULL, 0}, 0}}},
	 "            - \"ci\\u000a- x: \\\"y\\\"\"\n",
	 "\n- x"},
	{{.n_statuses = 1, .statuses = {{T("policy/merge-allowed"), {NULL, 0}, 0}}},
	 "the built-in policy applies",
	 "No rule requires"},
	{{.signatures = true}, "# No rule requires policy/merge-allowed", NULL},
	{{.n_others = 1, .others = {T("merge_queue")}}, "#   merge_queue\n", NULL},
	{{.n_others = 1, .others = {T("a\npolicy: {}")}}, "#   a?policy: {}\n", "\npolicy"},
};

START_TEST(the_rules_become_this_policy)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct forge_rules *rules = arena_alloc(&arena, 1, sizeof *rules);
	const struct policy *policy = NULL;
	struct problem problem = {0, 0, ""};
	struct text text;

	*rules = texts[_i].rules;
	rules->repo = TEXT_LIT("o/r");
	rules->branch = TEXT_LIT("main\n");
	rules->context = TEXT_LIT("policy/merge-allowed");
	text = forge_rules_policy(rules, &arena);
	ck_assert_msg(holds(text, texts[_i].part), "%.*s", TEXT_ARG(text));
	ck_assert_msg(!texts[_i].absent || !holds(text, texts[_i].absent), "%.*s", TEXT_ARG(text));
	ck_assert_msg(policy_parse(text, &defaults, &arena, &policy, &problem), "%.*s:%u: %s", TEXT_ARG(text),
		      problem.line, problem.text);
}
END_TEST

/* ---- answers to rules ---- */

#define TIP "1111111111111111111111111111111111111111"
#define GET(at, code, text)                                                                                            \
	{                                                                                                              \
		.method = "GET", .path = at, .status = code, .body = text                                              \
	}
#define REPO                   GET("/repos/o/r", 200, "{\"id\":7,\"full_name\":\"o/r\",\"default_branch\":\"main\"}")
#define RULES(body)            GET("/repos/o/r/rules/branches/main?per_page=100", 200, body)
#define PROTECTION(code, body) GET("/repos/o/r/branches/main/protection", code, body)
#define UNPROTECTED            PROTECTION(404, "{\"message\":\"Branch not protected\"}")
#define OWNERS(code, body)     GET("/repos/o/r/contents/.github%2FCODEOWNERS?ref=main", code, body)
#define NO_OWNERS                                                                                                      \
	OWNERS(404, "{}"), GET("/repos/o/r/contents/CODEOWNERS?ref=main", 404, "{}"),                                  \
		GET("/repos/o/r/contents/docs%2FCODEOWNERS?ref=main", 404, "{}")
#define REVIEWS(count, stale)                                                                                          \
	"[{\"type\":\"pull_request\",\"parameters\":{\"required_approving_review_count\":" count                       \
	",\"dismiss_stale_reviews_on_push\":" stale                                                                    \
	",\"require_code_owner_review\":true,\"require_last_push_approval\""                                           \
	":true,\"required_review_thread_resolution\":true}},{\"type\":\"required_signatures\"},{\"type\":"             \
	"\"deletion\"}]"

struct read {
	enum err_code code;
	const char *err; /* a part of it */
	struct forge_rules *rules;
};

/* Asks for each step, and for nothing else. */
static struct read read_rules(struct github_bench *b, const struct scripted_step *steps, size_t n)
{
	struct read ret = {.code = ERR_OK};

	github_bench_open(b, steps, n);
	ret.rules = arena_alloc(&b->arena, 1, sizeof *ret.rules);
	ret.code = github_rules(b->github, &b->call, TEXT_EMPTY, ret.rules, &b->err);
	return ret;
}
#define READ(b, steps) read_rules(b, steps, sizeof(steps) / sizeof((steps)[0]))

START_TEST(rulesets_and_protection_add_up)
{
	static const struct scripted_step steps[] = {
		REPO, RULES(REVIEWS("2", "false")),
		PROTECTION(200,
			   "{\"required_pull_request_reviews\":{\"required_approving_review_count\":1,"
			   "\"dismiss_stale_reviews\":true},\"enforce_admins\":{\"enabled\":false},"
			   "\"required_linear_history\":{\"enabled\":true},\"required_status_checks\":{\"strict\":"
			   "true,\"checks\":[{\"context\":\"ci\",\"app_id\":null},{\"context\":\"lint\",\"app_id\":"
			   "-1}]}}"),
		OWNERS(200, "{\"type\":\"file\"}")};
	struct github_bench b;
	struct read read = READ(&b, steps);

	ck_assert_msg(read.code == ERR_OK, "%s", b.err.text);
	ck_assert(read.rules->reviews && read.rules->approvals == 2 && !read.rules->keeps_stale);
	ck_assert(read.rules->code_owners && read.rules->owners_file && read.rules->last_push);
	ck_assert(read.rules->threads && read.rules->signatures && read.rules->admins_pass && read.rules->rulesets);
	ck_assert_uint_eq(read.rules->n_statuses, 2);
	ck_assert(read.rules->statuses[1].app_id == 0 && text_is(read.rules->statuses[1].name, "lint"));
	ck_assert_uint_eq(read.rules->n_others, 3);
	github_bench_close(&b);
}
END_TEST

START_TEST(an_app_is_named_by_what_it_said_of_the_tip)
{
	static const struct scripted_step steps[] = {
		REPO,
		RULES("[{\"type\":\"required_status_checks\",\"parameters\":{\"required_status_checks\":[{\"context\":"
		      "\"ci\","
		      "\"integration_id\":70},{\"context\":\"ci\"}]}}]"),
		UNPROTECTED,
		NO_OWNERS,
		GET("/repos/o/r/git/ref/heads%2Fmain", 200,
		    "{\"ref\":\"refs/heads/main\",\"object\":{\"type\":\"commit\",\"sha\":\"" TIP "\"}}"),
		GET("/repos/o/r/commits/" TIP "/check-runs?check_name=ci&filter=latest&per_page=100", 200,
		    "{\"total_count\":2,\"check_runs\":[{\"id\":8,\"name\":\"ci\",\"status\":\"completed\","
		    "\"conclusion\":"
		    "\"success\",\"app\":{\"id\":71,\"slug\":\"other\"}},{\"id\":9,\"name\":\"ci\",\"status\":"
		    "\"completed\",\"conclusion\":\"success\",\"app\":{\"id\":70,\"slug\":\"builder\"}}]}")};
	struct github_bench b;
	struct read read = READ(&b, steps);

	ck_assert_msg(read.code == ERR_OK, "%s", b.err.text);
	ck_assert_uint_eq(read.rules->n_statuses, 1);
	ck_assert(text_is(read.rules->statuses[0].app, "builder"));
	ck_assert(!read.rules->owners_file && !read.rules->reviews);
	github_bench_close(&b);
}
END_TEST

static const struct {
	struct scripted_step steps[4];
	size_t n;
	enum err_code code;
	const char *why;
} denied[] = {
	{{REPO, RULES("[]"), PROTECTION(403, "{\"message\":\"Resource not accessible by integration\"}")},
	 3,
	 ERR_DENIED,
	 "the permission `administration: read`"},
	{{REPO, RULES("[]"), PROTECTION(404, "{\"message\":\"Not Found\"}")},
	 3,
	 ERR_GONE,
	 "the permission `administration: read`"},
	{{REPO, RULES("[]"), UNPROTECTED, OWNERS(403, "{}")}, 4, ERR_DENIED, "the permission `contents: read`"},
	{{REPO, RULES("[{\"parameters\":{}}]")}, 2, ERR_INVALID, "type"},
	{{REPO, RULES("{}")}, 2, ERR_INVALID, "a list was asked for"},
	{{REPO, RULES("[{\"type\":\"pull_request\",\"parameters\":{\"required_approving_review_count\":1000}}]")},
	 2,
	 ERR_INVALID,
	 "1000 approvals"},
	{{REPO, RULES("[]"), PROTECTION(200, "[]")}, 3, ERR_INVALID, "something else came"},
};

START_TEST(what_may_not_be_read_is_no_absence)
{
	struct github_bench b;
	struct read read = read_rules(&b, denied[_i].steps, denied[_i].n);

	ck_assert_int_eq(read.code, denied[_i].code);
	ck_assert_msg(strstr(b.err.text, denied[_i].why), "%s", b.err.text);
	github_bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(the_rules_become_this_policy, texts),
	SUITE_TEST(rulesets_and_protection_add_up),
	SUITE_TEST(an_app_is_named_by_what_it_said_of_the_tip),
	SUITE_ROWS(what_may_not_be_read_is_no_absence, denied),
	SUITE_END,
};
SUITE_MAIN(tests)
