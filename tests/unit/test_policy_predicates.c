/* Conditions on what a change is called, and on what other tools said of its head. */
#include "tests/support/asking.h"
#include "tests/support/suite.h"

static void as_is(struct example *c)
{
	(void)c;
}
static void no_head_ref(struct example *c)
{
	c->change.head_ref = TEXT_EMPTY;
}
static void from_fork(struct example *c)
{
	c->change.head_ref = TEXT_LIT("mallory:main");
}
static void no_base(struct example *c)
{
	c->change.base_ref = TEXT_EMPTY;
}
static void no_repository(struct example *c)
{
	c->facts.repo_name = TEXT_EMPTY;
}
static void no_title(struct example *c)
{
	c->change.title = TEXT_EMPTY;
}
static void long_title(struct example *c)
{
	char *at = arena_alloc(&c->arena, 9000, 1);

	for (size_t i = 0; i < 9000; i++)
		at[i] = 'x';
	c->change.title = (struct text){at, 9000};
}
static void no_labels(struct example *c)
{
	c->change.n_labels = 0;
}

static void one_thread(struct example *c)
{
	c->change.open_threads = 1;
}
static void two_threads(struct example *c)
{
	c->change.open_threads = 2;
}
static void no_threads_known(struct example *c)
{
	c->change.known &= ~(unsigned)FACT_THREADS;
}

#define LIMIT "an answer to whether the title is one that the rule names (limit reached)"

static const struct {
	const char *block;
	void (*bend)(struct example *c);
	enum tri answer;
	const char *why;
} rows[] = {
	{"threads_resolved: true", as_is, TRI_YES, "every conversation is resolved"},
	{"threads_resolved: true", one_thread, TRI_NO, "1 conversation to resolve"},
	{"threads_resolved: true", two_threads, TRI_NO, "2 conversations to resolve"},
	{"threads_resolved: false", as_is, TRI_NO, "every conversation is resolved"},
	{"threads_resolved: false", one_thread, TRI_YES, NULL},
	{"threads_resolved: true", no_threads_known, TRI_UNKNOWN, "to know which conversations are resolved"},
	{"threads_resolved: false", no_threads_known, TRI_UNKNOWN, NULL},
	{"targets_branch: {pattern: '^main$'}", as_is, TRI_YES, "the base branch is one that the rule names"},
	{"targets_branch: {pattern: '^release'}", as_is, TRI_NO, "the base branch is not one that the rule names"},
	{"targets_branch: {pattern: main}", no_base, TRI_UNKNOWN, "the base branch"},
	{"from_branch: {pattern: '^fix-'}", as_is, TRI_YES, "the head's branch is one that the rule names"},
	{"from_branch: {pattern: '^main$'}", from_fork, TRI_NO, "the head's branch is not one that the rule names"},
	{"from_branch: {pattern: '^mallory:'}", from_fork, TRI_YES, NULL},
	{"from_branch: {pattern: x}", no_head_ref, TRI_UNKNOWN, "the head's branch"},
	{"repository: {matches: ['^acme/']}", as_is, TRI_YES, NULL},
	{"repository: {matches: ['^other/', '^acme/']}", as_is, TRI_YES, NULL},
	{"repository: {matches: ['^other/']}", as_is, TRI_NO, "the repository is not one that the rule names"},
	{"repository: {not_matches: ['^other/']}", as_is, TRI_YES, NULL},
	{"repository: {not_matches: ['^acme/', '^other/']}", as_is, TRI_NO, NULL},
	{"repository: {matches: ['^other/'], not_matches: ['^third/']}", as_is, TRI_YES, NULL},
	{"repository: {matches: ['^acme/'], not_matches: ['^acme/']}", as_is, TRI_YES, NULL},
	{"repository: {matches: ['^other/'], not_matches: ['^acme/']}", as_is, TRI_NO, NULL},
	{"repository: {not_matches: ['^other/']}", no_repository, TRI_UNKNOWN, "the repository"},
	{"title: {matches: ['^Fix']}", as_is, TRI_YES, "the title is one that the rule names"},
	{"title: {matches: ['^BREAKING']}", as_is, TRI_NO, "the title is not one that the rule names"},
	{"title: {not_matches: ['^BREAKING']}", as_is, TRI_YES, NULL},
	{"title: {not_matches: ['(?i)^fix']}", as_is, TRI_NO, NULL},
	{"title: {not_matches: [x]}", no_title, TRI_UNKNOWN, "the title"},
	{"title: {not_matches: [y]}", long_title, TRI_UNKNOWN, LIMIT},
	{"title: {matches: [y]}", long_title, TRI_UNKNOWN, LIMIT},
	{"title: {matches: [x], not_matches: [y]}", long_title, TRI_UNKNOWN, NULL},
	{"has_labels: [bug]", as_is, TRI_YES, "the label bug is there"},
	{"has_labels: [BUG, Bug]", as_is, TRI_YES, NULL},
	{"has_labels: [bug, ready]", as_is, TRI_NO, "the label ready is missing"},
	{"has_labels: [bugs]", as_is, TRI_NO, "the label bugs is missing"},
	{"has_labels: [bug]", no_labels, TRI_NO, NULL},
	{"has_labels: [\"a\\u202eb\"]", as_is, TRI_NO, "the label a???b is missing"},
};

static void expect(struct example *c, const char *block, enum tri holds, const char *why)
{
	struct answer answer = ask(c, block);

	ck_assert_msg(answer.holds == holds, "%s: %d %s", block, answer.holds, answer.why.at);
	if (why)
		ck_assert_msg(text_is(answer.why, why), "%s: %s", block, answer.why.at);
}

START_TEST(what_a_change_is_called_is_asked_in_three_values)
{
	struct example c;

	case_make(&c);
	rows[_i].bend(&c);
	expect(&c, rows[_i].block, rows[_i].answer, rows[_i].why);
	case_drop(&c);
}
END_TEST

/* ---- outcomes ---- */

struct said { /* of ci */
	enum outcome_kind kind;
	const char *app, *state;
};

static void say(struct example *c, const char *name, const struct said *said, size_t n)
{
	static const char *const events[] = {"push", "pull_request", "schedule"};

	ck_assert_uint_le(n, CASE_OUTCOMES);
	for (size_t i = 0; i < n; i++)
		c->outcomes[i] = (struct outcome){.kind = said[i].kind,
						  .name = text_of(name),
						  .event = text_of(events[i]),
						  .app = text_of(said[i].app),
						  .state = text_of(said[i].state)};
	for (size_t i = n; i < CASE_OUTCOMES; i++) /* behind the end, where nothing is read */
		c->outcomes[i] = (struct outcome){.kind = said[0].kind,
						  .name = text_of(name),
						  .app = text_of(said[0].app),
						  .state = TEXT_LIT("error")};
	c->facts.n_outcomes = n;
}

#define S OUTCOME_STATUS
#define C OUTCOME_CHECK
#define W OUTCOME_WORKFLOW

static const struct {
	const char *block;
	struct said said[3]; /* up to the first without a state */
	enum tri answer;
	const char *why;
} outcomes[] = {
	{"has_status: {statuses: [ci]}", {{S, "", "success"}}, TRI_YES, NULL},
	{"has_status: {statuses: [ci]}", {{C, "bot", "success"}}, TRI_YES, NULL},
	{"has_status: {statuses: [ci]}", {{S, "", NULL}}, TRI_UNKNOWN, "the status ci"},
	{"has_status: {statuses: [ci]}", {{S, "", "pending"}}, TRI_UNKNOWN, "the status ci"},
	{"has_status: {statuses: [ci]}", {{C, "", "in_progress"}}, TRI_UNKNOWN, "the status ci"},
	{"has_status: {statuses: [ci]}", {{C, "", ""}}, TRI_UNKNOWN, "the status ci"},
	{"has_status: {statuses: [ci]}", {{S, "", "failure"}}, TRI_NO, "the status ci is failure"},
	{"has_status: {statuses: [ci]}", {{C, "", "neutral"}}, TRI_NO, "the status ci is neutral"},
	{"has_status: {statuses: [ci]}", {{C, "", "Success"}}, TRI_NO, NULL},
	{"has_status: {statuses: [ci]}", {{W, "", "success"}}, TRI_UNKNOWN, NULL},
	{"has_status: {statuses: [ci]}", {{S, "", "success"}, {C, "", "failure"}}, TRI_NO, "the status ci is failure"},
	{"has_status: {statuses: [ci]}", {{S, "", "failure"}, {C, "", "success"}}, TRI_NO, "the status ci is failure"},
	{"has_status: {statuses: [ci]}", {{S, "", "success"}, {C, "", "pending"}}, TRI_UNKNOWN, NULL},
	{"has_status: {statuses: [ci]}", {{S, "", "pending"}, {C, "", "success"}}, TRI_UNKNOWN, NULL},
	{"has_status: {statuses: [ci]}", {{S, "", "pending"}, {C, "", "failure"}}, TRI_NO, NULL},
	{"has_status: {statuses: [ci]}", {{C, "a", "success"}, {C, "b", "failure"}}, TRI_NO, NULL},
	{"has_status: {statuses: [ci]}", {{S, "", "success"}, {C, "", "success"}}, TRI_YES, NULL},
	{"has_status: {statuses: [ci, other]}", {{S, "", "success"}}, TRI_UNKNOWN, "the status other"},
	{"has_status: {statuses: [other, ci]}", {{S, "", "failure"}}, TRI_NO, "the status ci is failure"},
	{"has_status: {statuses: [CI]}", {{S, "", "success"}}, TRI_UNKNOWN, NULL},
	{"has_status: {conclusions: [neutral, skipped], statuses: [ci]}", {{C, "", "skipped"}}, TRI_YES, NULL},
	{"has_status: {conclusions: [neutral, skipped], statuses: [ci]}", {{C, "", "success"}}, TRI_NO, NULL},
	{"has_status: {conclusions: [failure], statuses: [ci]}", {{S, "", "pending"}}, TRI_UNKNOWN, NULL},
	{"has_status: {statuses: [{name: ci, app: bot}]}", {{C, "bot", "success"}}, TRI_YES, NULL},
	{"has_status: {statuses: [{name: ci, app: Bot}]}", {{C, "bot", "success"}}, TRI_YES, NULL},
	{"has_status: {statuses: [{name: ci, app: bot}]}",
	 {{C, "evil", "success"}},
	 TRI_UNKNOWN,
	 "the status ci by bot"},
	{"has_status: {statuses: [{name: ci, app: bot}]}", {{S, "", "success"}}, TRI_UNKNOWN, NULL},
	{"has_status: {statuses: [{name: ci, app: b}]}", {{C, "bot", "success"}}, TRI_UNKNOWN, "the status ci by b"},
	{"has_status: {statuses: [{name: ci, app: bot}]}",
	 {{C, "evil", "failure"}, {C, "bot", "success"}},
	 TRI_YES,
	 NULL},
	{"has_status: {statuses: [{name: ci, app: bot}]}",
	 {{C, "bot", "failure"}, {C, "evil", "success"}},
	 TRI_NO,
	 NULL},
	{"has_successful_status: [ci]", {{S, "", "success"}}, TRI_YES, NULL},
	{"has_successful_status: [ci]", {{S, "", "error"}}, TRI_NO, "the status ci is error"},
	{"has_successful_status: [{name: ci, app: bot}]", {{S, "evil", "success"}}, TRI_UNKNOWN, NULL},
	{"has_workflow_result: {workflows: [ci]}", {{W, "", "success"}}, TRI_YES, NULL},
	{"has_workflow_result: {workflows: [ci]}", {{C, "", "success"}}, TRI_UNKNOWN, "the workflow ci"},
	{"has_workflow_result: {workflows: [ci]}",
	 {{W, "", "success"}, {W, "", "failure"}},
	 TRI_NO,
	 "the workflow ci is failure"},
	{"has_workflow_result: {workflows: [ci]}", {{W, "", "success"}, {W, "", "pending"}}, TRI_UNKNOWN, NULL},
	{"has_workflow_result: {conclusions: [success, skipped], workflows: [ci]}",
	 {{W, "", "success"}, {W, "", "skipped"}},
	 TRI_YES,
	 NULL},
	{"has_workflow_result: {workflows: [ci]}", {{W, "", "cancelled\x1b"}}, TRI_NO, "the workflow ci is cancelled?"},
};

START_TEST(all_who_post_a_name_must_agree_and_what_can_still_come_is_not_known)
{
	size_t n = 0;
	struct example c;

	while (n < 3 && outcomes[_i].said[n].state)
		n++;
	case_make(&c);
	say(&c, "ci", outcomes[_i].said, n);
	expect(&c, outcomes[_i].block, outcomes[_i].answer, outcomes[_i].why);
	case_drop(&c);
}
END_TEST

static const struct {
	const char *block, *says;
} refused[] = {
	{"from_branch: {}", "`from_branch` needs a `pattern`"},
	{"from_branch: x", "`from_branch` must be a map"},
	{"title: {}", "`title` needs a pattern in `matches` or `not_matches`"},
	{"title: {matches: []}", "`title` needs a pattern in `matches` or `not_matches`"},
	{"title: {match: [a]}", "unknown key `match`; did you mean `matches`?"},
	{"repository: {not_matches: x}", "expected a list of patterns"},
	{"has_labels: []", "`has_labels` names at least one label"},
	{"has_labels: bug", "expected a list"},
	{"has_status: {conclusions: [success]}", "`has_status` needs `statuses`"},
	{"has_status: {statuses: []}", "expected a list of at least one name"},
	{"has_status: {statuses: ci}", "expected a list of at least one name"},
	{"has_status: {statuses: [{name: ci}]}", "expected a name or {name, app}"},
	{"has_status: {statuses: [{app: ci}]}", "expected a name or {name, app}"},
	{"has_status: {statuses: [[ci]]}", "expected a name or {name, app}"},
	{"has_status: {statuses: [{name: ci, ap: x}]}", "unknown key `ap`"},
	{"has_status: {conclusions: [sucess], statuses: [ci]}",
	 "no conclusion is named `sucess`; did you mean `success`?"},
	{"has_status: {conclusions: [pending], statuses: [ci]}", "no conclusion is named `pending`"},
	{"has_status: {conclusions: [], statuses: [ci]}", "`conclusions` names at least one; left out: success"},
	{"has_successful_status: {statuses: [ci]}", "expected a list of at least one name"},
	{"has_workflow_result: {conclusions: [success]}", "`has_workflow_result` needs `workflows`"},
};

START_TEST(a_condition_that_names_nothing_is_refused)
{
	struct example c;

	case_make(&c);
	ck_assert_str_eq(ask_refused(&c, refused[_i].block)->text, refused[_i].says);
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(what_a_change_is_called_is_asked_in_three_values, rows),
	SUITE_ROWS(all_who_post_a_name_must_agree_and_what_can_still_come_is_not_known, outcomes),
	SUITE_ROWS(a_condition_that_names_nothing_is_refused, refused),
	SUITE_END,
};
SUITE_MAIN(tests)
