/*
 * What only some policies ask the forge about: who is a member of an organization, whether the author had a change
 * merged before, and what was said in the conversation. Each is read over HTTP by the agent as an App.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

#define MEMBERS                                                                                                        \
	"policy: {approval: [members]}\napproval_rules:\n"                                                             \
	"- {name: members, requires: {count: 1, organizations: [acme],"                                                \
	" conditions: {has_author_in: {organizations: [acme]}}}}\n"
#define RETURNING                                                                                                      \
	"policy: {approval: [known, new]}\napproval_rules:\n"                                                          \
	"- {name: known, if: {author_has_merged: true}, requires: {count: 1, permissions: [write]}}\n"                 \
	"- {name: new, if: {author_has_merged: false}, requires: {count: 2, permissions: [write]}}\n"
#define COMMENTS                                                                                                       \
	"policy: {approval: [said]}\napproval_rules:\n"                                                                \
	"- {name: said, requires: {count: 1, permissions: [write]},"                                                   \
	" options: {methods: {comments: [':+1:'], github_review: false}}}\n"

static void recheck(struct gate *gate)
{
	char config[160];
	const char *words[] = {"recheck", "-c", config, "acme/app#1", NULL};

	(void)snprintf(config, sizeof config, "%s/headgate.yml", gate->rig.dir);
	ck_assert_int_eq(rig_run(&gate->rig, words), 0);
	gate_judged(gate);
}

static void is_not_allowed(struct gate *gate)
{
	ck_assert_str_ne(gate_str(rig_status(&gate->rig, gate->head), "state"), "success");
	gate_stays_refused(gate);
}

/* ---- organizations ---- */

static void joins(struct gate *gate, const char *who)
{
	json_decref(rig_act(&gate->rig, "org", "acme", "{\"org\":\"acme\",\"member\":\"%s\"}", who));
}

static void leaves(struct gate *gate, const char *who)
{
	json_decref(rig_act(&gate->rig, "org", "acme", "{\"org\":\"acme\",\"member\":\"%s\",\"remove\":true}", who));
}

START_TEST(only_members_of_the_organization_write_and_review)
{
	struct gate gate;

	gate_begin_app(&gate, MEMBERS);
	joins(&gate, "carol");
	gate_open(&gate);
	gate_approve(&gate, "bob");
	rig_wait_text(&gate.rig, gate.head, "failure", "alice");
	gate_judged(&gate);
	joins(&gate, "alice");
	rig_wait_text(&gate.rig, gate.head, "pending", "(0/1)");
	gate_judged(&gate);
	is_not_allowed(&gate);
	gate_approve(&gate, "carol");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	leaves(&gate, "carol");
	rig_wait_text(&gate.rig, gate.head, "failure", "(0/1)");
	gate_judged(&gate);
	is_not_allowed(&gate);
	gate_end(&gate);
}
END_TEST

/* ---- who comes back ---- */

/* Another change by alice, whose head gate.head becomes; approved by bob. */
static void come_back(struct gate *gate, int number)
{
	json_t *pushed = rig_act(&gate->rig, "push", "alice",
				 "{\"branch\":\"again%d\",\"onto\":\"main\",\"message\":\"Again\","
				 "\"files\":{\"again%d.txt\":\"1\"}}",
				 number, number);

	(void)snprintf(gate->head, sizeof gate->head, "%s", gate_str(pushed, "sha"));
	json_decref(pushed);
	json_decref(rig_act(&gate->rig, "open", "alice", "{\"head\":\"again%d\",\"base\":\"main\",\"title\":\"Again\"}",
			    number));
	rig_next_second();
	json_decref(rig_act(&gate->rig, "approve", "bob", "{\"number\":%d}", number));
}

START_TEST(an_author_whose_change_was_merged_needs_one_review_less)
{
	struct gate gate;

	gate_begin_app(&gate, RETURNING);
	gate_open(&gate);
	gate_approve(&gate, "bob");
	rig_wait_text(&gate.rig, gate.head, "pending", "(1/2)");
	gate_judged(&gate);
	is_not_allowed(&gate);
	come_back(&gate, 2); /* one that is open, or closed without a merge, proves nothing */
	json_decref(rig_act(&gate.rig, "close", "alice", "{\"number\":2}"));
	come_back(&gate, 3);
	rig_wait_text(&gate.rig, gate.head, "pending", "(1/2)");
	gate_judged(&gate);
	ck_assert_ptr_null(gate_first_post(&gate, 0, gate.head, "success"));
	json_decref(rig_act(&gate.rig, "approve", "carol", "{\"number\":3}"));
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	json_decref(rig_act(&gate.rig, "merge", "alice", "{\"number\":3}"));
	come_back(&gate, 4);
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	gate_end(&gate);
}
END_TEST

/* ---- what was said ---- */

/* The comment's id. */
static json_int_t say(struct gate *gate, const char *who, const char *body)
{
	json_t *answer = rig_act(&gate->rig, "comment", who, "{\"number\":1,\"body\":\"%s\"}", body);
	json_int_t id = json_integer_value(json_object_get(answer, "id"));

	json_decref(answer);
	return id;
}

static json_int_t say_of(struct gate *gate, const char *who, const char *sha)
{
	char body[64];

	(void)snprintf(body, sizeof body, ":+1: %s", sha);
	return say(gate, who, body);
}

/* The forge's times are whole seconds: an edit in the second of the comment shows none. */
static void edit(struct gate *gate, json_int_t id)
{
	rig_next_second();
	json_decref(rig_act(&gate->rig, "comment", "carol", "{\"number\":1,\"id\":%lld,\"body\":\":+1: %s\"}",
			    (long long)id, gate->head));
}

static void begin_said(struct gate *gate)
{
	gate_begin_app(gate, COMMENTS);
	gate_open(gate);
	rig_wait_status(&gate->rig, gate->head, "pending", RIG_WAIT_MS);
	rig_next_second();
}

START_TEST(a_comment_counts_where_it_names_the_whole_commit)
{
	struct gate gate;
	char old[41], cut[41];

	begin_said(&gate);
	gate_approve(&gate, "bob");
	(void)say(&gate, "carol", ":+1:");
	(void)snprintf(cut, sizeof cut, "%.39s", gate.head);
	(void)say_of(&gate, "carol", cut);
	(void)say_of(&gate, "alice", gate.head);
	(void)say_of(&gate, "mallory", gate.head);
	recheck(&gate);
	is_not_allowed(&gate);
	(void)say_of(&gate, "carol", gate.head);
	recheck(&gate);
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	memcpy(old, gate.head, sizeof old);
	gate_push(&gate);
	rig_wait_status(&gate.rig, gate.head, "pending", RIG_WAIT_MS);
	rig_next_second();
	(void)say_of(&gate, "carol", old);
	recheck(&gate);
	is_not_allowed(&gate);
	ck_assert_ptr_null(gate_first_post(&gate, 0, gate.head, "success"));
	gate_end(&gate);
}
END_TEST

START_TEST(a_comment_that_was_edited_counts_no_more)
{
	struct gate gate;
	json_int_t id;

	begin_said(&gate);
	id = say_of(&gate, "carol", gate.head);
	recheck(&gate);
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	edit(&gate, id);
	recheck(&gate);
	is_not_allowed(&gate);
	edit(&gate, say(&gate, "dave", "Looks good"));
	recheck(&gate);
	is_not_allowed(&gate);
	(void)say_of(&gate, "dave", gate.head);
	recheck(&gate);
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(only_members_of_the_organization_write_and_review, 120),
	SUITE_SLOW(an_author_whose_change_was_merged_needs_one_review_less, 120),
	SUITE_SLOW(a_comment_counts_where_it_names_the_whole_commit, 120),
	SUITE_SLOW(a_comment_that_was_edited_counts_no_more, 120),
	SUITE_END,
};

SUITE_MAIN(tests)
