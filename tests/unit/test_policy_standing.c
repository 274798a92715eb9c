/* What people told a gate, one order bent in one way: whether it still stands, and why not. */
#include "policy/standing_orders.h"

#include "tests/support/case.h"
#include "tests/support/suite.h"

enum { SAID = 40, BACK = 41 }; /* ids of comments */

struct told {
	struct example *c;
	struct order orders[3]; /* to land; taken back, and again */
	struct comment comments[3];
	struct actors takers;
	struct order_list list;
};

static void by_nobody(struct told *t)
{
	t->orders[0].by.id = 0;
}
static void by_the_first_account(struct told *t)
{
	t->orders[0].by.id = t->comments[0].user.id = 1;
}
static void by_bot(struct told *t)
{
	t->orders[0].by.type = PERSON_BOT;
}
static void by_known_bot(struct told *t)
{
	t->orders[0].by.id = t->comments[0].user.id = ROBOT;
}
static void by_stranger(struct told *t)
{
	t->orders[0].by.id = t->comments[0].user.id = 999;
}
static void of_nothing(struct told *t)
{
	t->orders[0].sha = OID_NONE;
}
static void of_old(struct told *t)
{
	t->orders[0].sha = case_oid(CASE_OLD);
}
static void sticky_of_old(struct told *t)
{
	of_old(t), t->list.sticky = true;
}
static void at_no_time(struct told *t)
{
	t->orders[0].at = WHEN_UNKNOWN;
}
static void sticky_at_no_time(struct told *t)
{
	at_no_time(t), t->list.sticky = true;
}
static void arrived_unseen(struct told *t)
{
	t->c->change.known &= ~(unsigned)FACT_ARRIVAL;
}
static void arrived_some_time(struct told *t)
{
	t->c->change.head_arrived_at = WHEN_UNKNOWN;
}
static void at_arrival(struct told *t)
{
	t->orders[0].at = t->c->change.head_arrived_at;
}
static void queued_at_arrival(struct told *t)
{
	at_arrival(t), t->orders[0].how = ORDER_QUEUE;
}
static void queued_before(struct told *t)
{
	queued_at_arrival(t), t->orders[0].at--;
}
static void just_behind(struct told *t)
{
	at_arrival(t), t->orders[0].at++;
}
static void comments_unread(struct told *t)
{
	t->c->change.known &= ~(unsigned)FACT_COMMENTS;
}
static void queued_unread(struct told *t)
{
	comments_unread(t), t->orders[0].how = ORDER_QUEUE;
}
static void deleted(struct told *t)
{
	t->comments[0].id = 77;
}
static void deleted_and_left_behind(struct told *t)
{
	t->comments[1] = t->comments[0], t->comments[0].id = 77;
	t->c->change.n_comments = 1;
}
static void of_another(struct told *t)
{
	t->comments[0].user.id = BOB;
}
static void edited(struct told *t)
{
	t->comments[0].edited = true;
}

/* By the second event, and by the second comment. */
static void back(struct told *t, int64_t who)
{
	t->orders[1].takes_back = true;
	t->orders[1].by.id = who;
}
static void said_back(struct told *t, int64_t who)
{
	t->comments[1].body = TEXT_LIT("No.\nbors r-");
	t->comments[1].user.id = who;
}
static void back_by_reader(struct told *t)
{
	back(t, DAVE);
}
static void back_by_named_reader(struct told *t)
{
	back(t, DAVE);
	t->takers = (struct actors){.permission = PERMISSION_READ};
}
static void back_by_reader_of_unknown_teams(struct told *t)
{
	static const struct text team = {"acme/landers", 12};

	back(t, DAVE);
	t->c->people[DAVE - 1].teams_known = false;
	t->takers = (struct actors){.teams = &team, .n_teams = 1};
}
static void back_by_writer(struct told *t)
{
	back(t, BOB);
}
static void back_by_stranger(struct told *t)
{
	back(t, 999);
}
static void back_by_giver(struct told *t)
{
	back(t, CAROL), t->c->people[CAROL - 1].permission = PERMISSION_READ;
}
static void back_before(struct told *t)
{
	back(t, BOB), t->orders[1].at = t->orders[0].at - 1;
}
static void back_at_once(struct told *t)
{
	back(t, BOB), t->orders[1].at = t->orders[0].at;
}
static void back_some_time(struct told *t)
{
	back(t, BOB), t->orders[1].at = WHEN_UNKNOWN;
}
static void back_elsewhere(struct told *t)
{
	back(t, BOB), t->orders[1].how = ORDER_QUEUE;
}
static void back_first_of_the_list(struct told *t)
{
	back(t, BOB), t->list.at = &t->orders[1], t->list.n = 1;
}
static void back_behind_the_list(struct told *t)
{
	back(t, BOB), t->list.n = 1;
}
static void back_by_two(struct told *t)
{
	back(t, BOB), t->orders[2] = t->orders[1], t->list.n = 3;
	t->orders[2].by.id = ERIN;
}
static void both_queued(struct told *t)
{
	back(t, DAVE), t->orders[0].how = t->orders[1].how = ORDER_QUEUE;
}
static void stranger_and_writer(struct told *t)
{
	back(t, 999), said_back(t, BOB);
}
static void said_back_by_reader(struct told *t)
{
	said_back(t, DAVE);
}
static void said_back_by_writer(struct told *t)
{
	said_back(t, BOB);
}
static void said_back_before(struct told *t)
{
	said_back(t, BOB), t->comments[1].created_at = t->orders[0].at - 1;
}
static void said_back_before_and_edited(struct told *t)
{
	said_back_before(t), t->comments[1].edited = true;
}
static void said_back_some_time(struct told *t)
{
	said_back(t, BOB), t->comments[1].created_at = WHEN_UNKNOWN;
}
static void said_back_by_stranger(struct told *t)
{
	said_back(t, 999);
}
static void said_back_by_two(struct told *t)
{
	said_back(t, BOB), t->comments[2] = t->comments[1], t->c->change.n_comments = 3;
	t->comments[2].user.id = ERIN;
}
static void said_back_first(struct told *t)
{
	t->orders[0].comment = BACK, t->comments[1].user.id = CAROL;
	t->comments[0].body = TEXT_LIT("bors r-"), t->comments[0].user.id = BOB;
}
static void said_back_behind_the_list(struct told *t)
{
	said_back(t, BOB), t->c->change.n_comments = 1;
}
static void arrived_and_commented_unseen(struct told *t)
{
	arrived_unseen(t), comments_unread(t);
}
static void queued_and_said_back(struct told *t)
{
	said_back(t, BOB), t->orders[0].how = ORDER_QUEUE;
}
static void undelegated(struct told *t)
{
	said_back(t, BOB), t->comments[1].body = TEXT_LIT("bors d-");
}
static void nothing(struct told *t)
{
	(void)t;
}

static const struct {
	void (*bend)(struct told *t);
	enum tri stands;
	const char *why;
} rows[] = {
	{nothing, TRI_YES, ""},
	{by_nobody, TRI_NO, "was given by nobody the forge knows"},
	{by_the_first_account, TRI_YES, ""},
	{by_bot, TRI_NO, "was given by a bot"},
	{by_known_bot, TRI_NO, "was given by a bot"},
	{by_stranger, TRI_YES, ""}, /* whether one who may asked is the rule's to say */
	{of_nothing, TRI_NO, "was given when nobody knew for sure what the head was"},
	{of_old, TRI_NO, "was for 1111111, another commit"},
	{sticky_of_old, TRI_YES, ""},
	{at_no_time, TRI_NO, "was given at an unknown time"},
	{sticky_at_no_time, TRI_NO, "was given at an unknown time"},
	{arrived_unseen, TRI_UNKNOWN, "the time at which this commit arrived"},
	{arrived_some_time, TRI_UNKNOWN, "the time at which this commit arrived"},
	{at_arrival, TRI_NO, "was given before this commit arrived here last"},
	{queued_at_arrival, TRI_YES, ""},
	{queued_before, TRI_NO, "was given before this commit arrived here last"},
	{just_behind, TRI_YES, ""},
	{comments_unread, TRI_UNKNOWN, "the comments"},
	{queued_unread, TRI_YES, ""},
	{deleted, TRI_NO, "was deleted"},
	{deleted_and_left_behind, TRI_NO, "was deleted"},
	{of_another, TRI_NO, "was deleted"},
	{edited, TRI_NO, "was edited after it was given"},
	{back_by_reader, TRI_YES, ""},
	{back_by_named_reader, TRI_NO, "was taken back by dave"},
	{back_by_reader_of_unknown_teams, TRI_UNKNOWN, "the permission of dave"},
	{back_by_writer, TRI_NO, "was taken back by bob"},
	{back_by_stranger, TRI_UNKNOWN, "the permission of "},
	{back_by_giver, TRI_NO, "was taken back by carol"},
	{back_before, TRI_YES, ""},
	{back_at_once, TRI_NO, "was taken back by bob"},
	{back_some_time, TRI_NO, "was taken back by bob"},
	{back_elsewhere, TRI_YES, ""},
	{back_first_of_the_list, TRI_NO, "was taken back by bob"},
	{back_behind_the_list, TRI_YES, ""},
	{back_by_two, TRI_NO, "was taken back by bob"}, /* the first of them is told */
	{both_queued, TRI_NO, "was taken back"},        /* whoever was behind it */
	{stranger_and_writer, TRI_NO, "was taken back by bob"},
	{said_back_by_reader, TRI_YES, ""},
	{said_back_by_writer, TRI_NO, "was taken back by bob"},
	{said_back_before, TRI_YES, ""},
	{said_back_before_and_edited, TRI_NO, "was taken back by bob"}, /* when it came to say so nobody knows */
	{said_back_some_time, TRI_NO, "was taken back by bob"},
	{said_back_by_stranger, TRI_UNKNOWN, "the permission of "},
	{said_back_by_two, TRI_NO, "was taken back by bob"},
	{said_back_first, TRI_NO, "was taken back by bob"},
	{said_back_behind_the_list, TRI_YES, ""},
	{arrived_and_commented_unseen, TRI_UNKNOWN,
	 "the time at which this commit arrived"}, /* as does what is not known */
	{queued_and_said_back, TRI_YES, ""},       /* the queue tells what became of it */
	{undelegated, TRI_YES, ""},
};

START_TEST(an_order_stands_until_something_speaks_against_it)
{
	static const struct actors nobody;
	struct example c;
	struct told t = {.c = &c, .takers = nobody};
	struct order_standing s;

	case_make(&c);
	t.orders[0] = (struct order){.by = {.id = CAROL, .login = TEXT_LIT("carol")},
				     .sha = c.facts.head,
				     .at = CASE_ARRIVED + 90000,
				     .comment = SAID};
	t.orders[1] = (struct order){.at = CASE_ARRIVED + 95000, .comment = BACK};
	t.comments[0] = (struct comment){
		.id = SAID, .user = {.id = CAROL}, .created_at = CASE_ARRIVED + 90000, .body = TEXT_LIT("bors r+")};
	t.comments[1] = (struct comment){
		.id = BACK, .user = {.id = BOB}, .created_at = CASE_ARRIVED + 95000, .body = TEXT_LIT("Nice.")};
	c.change.known |= FACT_COMMENTS | FACT_ORDERS;
	c.change.comments = t.comments;
	c.change.n_comments = 2;
	t.list = (struct order_list){.at = t.orders, .n = 2, .taken_back_by = ORDER_UNLAND, .takers = &t.takers};
	rows[_i].bend(&t);
	t.list.on = &(struct judging){.facts = &c.facts, .change = &c.change, .arena = &c.arena};
	s = order_stands(&t.list, &t.orders[0]);
	ck_assert_msg(s.stands == rows[_i].stands, "%d %.*s", s.stands, TEXT_ARG(s.why));
	ck_assert_msg(text_starts(s.why, text_of(rows[_i].why)), "%.*s", TEXT_ARG(s.why));
	case_drop(&c);
}
END_TEST

/* An approval that nobody bound to a commit is one of this commit to whoever must not have approved. */
START_TEST(whoever_asks_for_landing_has_not_approved)
{
	static const struct {
		const char *sha;
		enum review_state state;
		enum decision decision;
	} said[] = {
		{CASE_HEAD, REVIEW_APPROVED, DECISION_WAITING},
		{NULL, REVIEW_APPROVED, DECISION_WAITING},
		{CASE_OLD, REVIEW_APPROVED, DECISION_ALLOWED},
		{CASE_HEAD, REVIEW_COMMENTED, DECISION_ALLOWED},
	};
	struct example c;

	for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
		case_make(&c);
		c.reviews[1].state = said[i].state;
		c.reviews[1].bound_sha = said[i].sha ? case_oid(said[i].sha) : OID_NONE;
		ck_assert_int_eq(
			case_judge(&c, "policy: {approval: [r, l]}\napproval_rules:\n- {name: r, requires: {count: 1, "
				       "users: [bob]}}\n- {name: l, requires: {conditions: {landing_asked_by: {users: "
				       "[carol], not: [approvers]}}}}\n")
				.decision,
			said[i].decision);
		case_drop(&c);
	}
}
END_TEST

START_TEST(a_request_of_somebody_without_a_name_is_told)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.asked.by.login = TEXT_EMPTY;
	verdict = case_judge(&c, "policy: {approval: [r, l]}\napproval_rules:\n- {name: r, requires: {count: 1, users: "
				 "[bob]}}\n- {name: l, requires: {conditions: {landing_asked_by: {users: [bob]}}}}\n");
	ck_assert(text_find(case_row(&verdict, "l")->next, TEXT_LIT("that of somebody is by none of those")) !=
		  SIZE_MAX);
	case_drop(&c);
}
END_TEST

START_TEST(who_wrote_the_change_is_nothing_to_a_rule_that_lets_everybody_count)
{
	struct example c;
	struct verdict verdict;

	case_make(&c);
	c.change.known &= ~(unsigned)FACT_AUTHOR;
	verdict = case_judge(&c,
			     "policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {count: 2, permissions: "
			     "[write]}, options: {allow_author: true, allow_contributor: true}}\n");
	ck_assert_int_eq(case_row(&verdict, "r")->state, RULE_MET);
	ck_assert_int_ne(verdict.decision, DECISION_ALLOWED); /* whose objection stands is asked of the author, too */
	case_drop(&c);
}
END_TEST

/* ---- delegations ---- */

#define DELEGATED                                                                                                      \
	"policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {count: 1, users: [bob]}, options: "          \
	"{delegation: {}}}\n"

#define TO(...)  .to = {__VA_ARGS__}
#define BY_BOB   .how = ORDER_QUEUE, .by = {.id = BOB, .login = {"bob", 3}}, .at = CASE_ARRIVED + 1000
#define NAMELESS .how = ORDER_QUEUE, .by = {.id = BOB}, .at = CASE_ARRIVED + 1000

static const struct {
	struct order first, second;
	bool old; /* the second is of another commit */
	enum decision decision;
	const char *why; /* in the row, of dave, who approved */
} delegated[] = {
	{{BY_BOB, TO(.id = DAVE)}, {BY_BOB, TO(.id = ERIN)}, false, DECISION_ALLOWED, NULL},
	{{BY_BOB, TO(.id = CAROL)}, {BY_BOB, TO(.id = ERIN)}, false, DECISION_WAITING, "is not one of those"},
	{{BY_BOB, TO(.login = {"Dave", 4})}, {BY_BOB, TO(.id = ERIN)}, false, DECISION_WAITING, NULL},
	{{BY_BOB, TO(.login = {"dora", 4})}, {BY_BOB, TO(.id = ERIN)}, false, DECISION_WAITING, "is not one of those"},
	{{BY_BOB, TO(.id = 0)}, {BY_BOB, TO(.id = ERIN)}, false, DECISION_WAITING, "is not one of those"},
	{{BY_BOB, .to_author = true, TO(.id = DAVE)},
	 {BY_BOB, TO(.id = ERIN)},
	 false,
	 DECISION_WAITING,
	 "is not one of those"},
	{{BY_BOB, .takes_back = true, TO(.id = DAVE)},
	 {BY_BOB, TO(.id = ERIN)},
	 false,
	 DECISION_WAITING,
	 "is not one of those"},
	{{.how = ORDER_QUEUE, .by = {.id = DAVE}, .at = CASE_ARRIVED + 1000, TO(.id = DAVE)},
	 {BY_BOB, TO(.id = ERIN)},
	 false,
	 DECISION_WAITING,
	 "is to the same person"},
	{{.how = ORDER_QUEUE, .by = {.id = ERIN, .login = {"e", 1}}, .at = CASE_ARRIVED + 1000, TO(.id = DAVE)},
	 {BY_BOB, TO(.id = ERIN)},
	 false,
	 DECISION_WAITING,
	 "the delegation by e is by none of those"},
	/* what is not known is waited for, whatever else does not count */
	{{BY_BOB, TO(.login = {"dave", 4})}, {BY_BOB, TO(.id = DAVE)}, true, DECISION_WAITING, NULL},
	{{BY_BOB, TO(.login = {"dave", 4})}, {BY_BOB, TO(.id = DAVE)}, false, DECISION_ALLOWED, NULL},
	{{NAMELESS, TO(.id = CAROL)},
	 {NAMELESS, TO(.id = DAVE)},
	 true,
	 DECISION_WAITING,
	 "the delegation by somebody was for 1111111"},
};

START_TEST(a_delegation_is_to_an_account_and_not_to_a_login)
{
	struct example c;
	struct verdict verdict;
	struct order orders[2] = {delegated[_i].first, delegated[_i].second};
	const struct rule_result *row;

	case_make(&c);
	orders[0].sha = c.facts.head;
	orders[1].sha = delegated[_i].old ? case_oid(CASE_OLD) : c.facts.head;
	c.change.delegations = orders;
	c.change.n_delegations = 2;
	c.change.n_reviews = 0;
	case_review(&c, DAVE, REVIEW_APPROVED, CASE_HEAD, 5000);
	verdict = case_judge(&c, DELEGATED);
	row = case_row(&verdict, "r");
	ck_assert_msg(verdict.decision == delegated[_i].decision, "%.*s", TEXT_ARG(verdict.text));
	if (delegated[_i].why)
		ck_assert_msg(row->n_ignored == 1 &&
				      text_find(row->ignored[0].why, text_of(delegated[_i].why)) != SIZE_MAX,
			      "%zu %.*s", row->n_ignored, TEXT_ARG(row->next));
	else if (verdict.decision == DECISION_WAITING)
		ck_assert_msg(text_find(row->next, TEXT_LIT("to know whose a login is")) != SIZE_MAX, "%.*s",
			      TEXT_ARG(row->next));
	case_drop(&c);
}
END_TEST

static const struct {
	const char *to, *login;
	bool waits; /* to know whose the login is */
} logins[] = {{"", "", false}, {"d", "d", true}, {"d", "D", true}, {"d", "", false}, {"", "d", false}};

START_TEST(a_login_that_is_the_reviewers_is_waited_for)
{
	struct example c;
	struct verdict verdict;
	struct order order = {BY_BOB, TO(.login = text_of(logins[_i].to))};

	case_make(&c);
	order.sha = c.facts.head;
	c.change.delegations = &order;
	c.change.n_delegations = 1;
	c.change.n_reviews = 0;
	case_review(&c, DAVE, REVIEW_APPROVED, CASE_HEAD, 5000);
	c.reviews[0].user.login = text_of(logins[_i].login);
	verdict = case_judge(&c, DELEGATED);
	ck_assert_int_eq(text_find(case_row(&verdict, "r")->next, TEXT_LIT("to know whose a login is")) != SIZE_MAX,
			 logins[_i].waits);
	case_drop(&c);
}
END_TEST

START_TEST(a_delegation_by_somebody_who_counts_gives_no_second_place)
{
	struct example c;
	struct verdict verdict;
	struct order order = {BY_BOB, TO(.id = DAVE)};
	const struct rule_result *row;

	case_make(&c);
	order.sha = c.facts.head;
	c.change.delegations = &order;
	c.change.n_delegations = 1;
	c.change.n_reviews = 1; /* bob's */
	case_review(&c, DAVE, REVIEW_APPROVED, CASE_HEAD, 5000);
	verdict = case_judge(&c,
			     "policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {count: 2, users: [bob, "
			     "carol]}, options: {delegation: {}}}\n");
	row = case_row(&verdict, "r");
	ck_assert(row->n_ignored == 1 && text_find(row->ignored[0].why, TEXT_LIT("gives no second place")) != SIZE_MAX);
	c.change.n_reviews = 0;
	case_review(&c, DAVE, REVIEW_APPROVED, CASE_HEAD, 5000);
	c.commits[1].author.id = BOB;
	verdict = case_judge(&c, DELEGATED);
	row = case_row(&verdict, "r");
	ck_assert(row->n_ignored == 1 && text_find(row->ignored[0].why, TEXT_LIT("is by somebody who ")) != SIZE_MAX);
	c.commits[1].author.id = ALICE;
	c.pushers[1] = 0;
	c.change.n_pushers = 2;
	verdict = case_judge(&c, DELEGATED);
	ck_assert_int_eq(case_row(&verdict, "r")->state, RULE_PENDING);
	c.change.n_pushers = 1;
	c.change.n_reviews = 0;
	case_review(&c, BOB, REVIEW_APPROVED, CASE_HEAD, 5000);
	case_review(&c, DAVE, REVIEW_APPROVED, CASE_HEAD, 5000);
	c.change.known &= ~(unsigned)FACT_ORDERS;
	verdict = case_judge(&c, DELEGATED);
	ck_assert_int_eq(case_row(&verdict, "r")->state, RULE_MET);
	c.change.n_reviews = 0;
	case_review(&c, DAVE, REVIEW_APPROVED, CASE_HEAD, 5000);
	verdict = case_judge(&c, DELEGATED);
	ck_assert(text_find(case_row(&verdict, "r")->next, TEXT_LIT("to know what people told the gate")) != SIZE_MAX);
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(an_order_stands_until_something_speaks_against_it, rows),
	SUITE_ROWS(a_delegation_is_to_an_account_and_not_to_a_login, delegated),
	SUITE_TEST(whoever_asks_for_landing_has_not_approved),
	SUITE_TEST(a_request_of_somebody_without_a_name_is_told),
	SUITE_ROWS(a_login_that_is_the_reviewers_is_waited_for, logins),
	SUITE_TEST(a_delegation_by_somebody_who_counts_gives_no_second_place),
	SUITE_TEST(who_wrote_the_change_is_nothing_to_a_rule_that_lets_everybody_count),
	SUITE_END,
};
SUITE_MAIN(tests)
