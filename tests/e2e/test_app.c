/*
 * headgate as a GitHub App: its proof, the tokens it asks for, what it says where a right was not granted, members of
 * teams, and a repository that was renamed while nobody was told.
 */
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/gate.h"
#include "tests/support/key_file.h"
#include "tests/support/suite.h"

#define POLICY                                                                                                         \
	"policy: {approval: [reviewed]}\\napproval_rules:\\n- {name: reviewed, "                                       \
	"requires: {count: 1, teams: [acme/reviewers]}}\\n"
#define RETURNING                                                                                                      \
	"policy: {approval: [known]}\\napproval_rules:\\n- {name: known, "                                             \
	"requires: {count: 1, permissions: [write], conditions: {author_has_merged: true}}}\\n"
#define GRANTED                                                                                                        \
	"\"checks\":\"read\",\"contents\":\"read\",\"members\":\"read\",\"metadata\":\"read\",\"pull_requests\":"      \
	"\"read\""

struct app {
	struct gate gate;
	char id[16], key[KEY_FILE_BYTES];
};

static void failed(struct rig *rig, const char *why)
{
	(void)rig;
	ck_abort_msg("%s", why);
}

/* The private key to its file; its public half, as JSON, to the caller, who frees it. */
static char *make_key(struct app *app)
{
	EVP_PKEY *key = key_rsa(2048);
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes = NULL, *quoted;
	json_t *text;
	long len;

	key_file_write(app->key, key, NULL);
	ck_assert_int_eq(PEM_write_bio_PUBKEY(bio, key), 1);
	len = BIO_get_mem_data(bio, &bytes);
	text = json_stringn(bytes, (size_t)len);
	quoted = json_dumps(text, JSON_ENCODE_ANY);
	json_decref(text);
	BIO_free(bio);
	EVP_PKEY_free(key);
	return quoted;
}

static void register_app(struct app *app, const char *granted)
{
	struct rig *rig = &app->gate.rig;
	char *key = make_key(app);
	json_t *answer = rig_act(rig, "app", "acme", "{\"key\":%s,\"permissions\":{%s}}", key, granted);

	(void)snprintf(app->id, sizeof app->id, "%lld", (long long)json_integer_value(json_object_get(answer, "id")));
	json_decref(answer);
	json_decref(rig_act(rig, "install", "acme", "{}"));
	free(key);
	rig->plan.app_id = app->id;
	rig->plan.key_file = app->key;
}

/* carol is of the team that may review, bob is not. */
static void make_repository(struct rig *rig)
{
	(void)snprintf(rig->repo, sizeof rig->repo, "acme/app");
	json_decref(rig_act(rig, "repo", "acme", "{\"files\":{\"README\":\"hello\\n\"}}"));
	json_decref(rig_act(rig, "policy", "acme", "{\"text\":\"%s\"}", POLICY));
	json_decref(rig_act(rig, "permission", "acme", "{\"login\":\"alice\",\"role\":\"write\"}"));
	json_decref(rig_act(rig, "permission", "acme", "{\"login\":\"bob\",\"role\":\"write\"}"));
	json_decref(rig_act(rig, "permission", "acme", "{\"login\":\"carol\",\"role\":\"write\"}"));
	json_decref(rig_act(rig, "team", "acme", "{\"team\":\"acme/reviewers\",\"member\":\"carol\"}"));
	json_decref(rig_act(rig, "protect", "acme", "{\"branch\":\"main\",\"contexts\":[\"" RIG_CONTEXT "\"]}"));
}

static void begin(struct app *app, const char *granted)
{
	struct rig_plan plan = {
		.failed = failed, .repo = "", .no_agent = true, .config = "repositories:\n  - acme/app\n"};

	*app = (struct app){.gate = {.pushes = 0}};
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	ck_assert(rig_start(&app->gate.rig, &plan));
	register_app(app, granted);
	make_repository(&app->gate.rig);
	ck_assert(rig_agent_start(&app->gate.rig));
}

static void end(struct app *app)
{
	gate_end(&app->gate);
	(void)unlink(app->key);
}

static void wait_said(struct rig *rig, const char *word)
{
	int64_t until = rig_now() + RIG_WAIT_MS;
	bool said = false;

	while (!said) {
		char *log = rig_file(rig, "agent.log");

		said = strstr(log, word) != NULL;
		free(log);
		ck_assert_msg(said || rig_now() < until || !rig_fail(rig, "it does not say: %s", word), "%s", word);
		rig_sleep(20);
	}
}

START_TEST(an_app_counts_the_review_of_a_member_of_the_team)
{
	struct app app;

	begin(&app, "\"statuses\":\"write\"," GRANTED);
	gate_open(&app.gate);
	rig_wait_status(&app.gate.rig, app.gate.head, "pending", RIG_WAIT_MS);
	gate_approve(&app.gate, "bob");
	rig_settle(&app.gate.rig, 1000);
	ck_assert_ptr_null(gate_first_post(&app.gate, 0, app.gate.head, "success"));
	gate_stays_refused(&app.gate);
	gate_approve(&app.gate, "carol");
	rig_wait_status(&app.gate.rig, app.gate.head, "success", RIG_WAIT_MS);
	gate_merge(&app.gate);
	end(&app);
}
END_TEST

START_TEST(a_right_that_was_not_granted_is_named_and_its_grant_is_enough)
{
	struct app app;

	begin(&app, GRANTED);
	gate_open(&app.gate);
	wait_said(&app.gate.rig, "was not granted statuses: write");
	ck_assert_ptr_null(gate_first_post(&app.gate, 0, app.gate.head, NULL));
	json_decref(rig_act(&app.gate.rig, "accept_permissions", "acme",
			    "{\"permissions\":{\"statuses\":\"write\"," GRANTED "}}"));
	rig_wait_status(&app.gate.rig, app.gate.head, "pending", RIG_WAIT_MS);
	end(&app);
}
END_TEST

START_TEST(without_issues_nobody_is_known_to_have_had_a_change_merged)
{
	struct app app;
	struct rig *rig = &app.gate.rig;

	begin(&app, "\"statuses\":\"write\"," GRANTED);
	json_decref(rig_act(rig, "policy", "acme", "{\"text\":\"%s\"}", RETURNING));
	gate_open(&app.gate);
	gate_approve(&app.gate, "carol");
	rig_wait_text(rig, app.gate.head, "pending", "whether a change of alice was merged");
	gate_stays_refused(&app.gate);
	json_decref(rig_act(rig, "accept_permissions", "acme",
			    "{\"permissions\":{\"statuses\":\"write\",\"issues\":\"read\"," GRANTED "}}"));
	ck_assert(rig_agent_term(rig)); /* the token it has is good for an hour */
	ck_assert(rig_agent_start(rig));
	rig_wait_text(rig, app.gate.head, "failure", "no change of alice was merged");
	end(&app);
}
END_TEST

START_TEST(a_repository_that_was_renamed_unseen_is_found_by_its_number)
{
	struct app app;
	struct rig *rig = &app.gate.rig;

	begin(&app, "\"statuses\":\"write\"," GRANTED);
	gate_open(&app.gate);
	rig_wait_status(rig, app.gate.head, "pending", RIG_WAIT_MS);
	gate_judged(&app.gate);
	ck_assert(rig_agent_term(rig));
	json_decref(rig_world(rig, "hooks", "{\"do\":\"drop\"}"));
	json_decref(rig_act(rig, "rename", "acme", "{\"name\":\"acme/engine\"}"));
	(void)snprintf(rig->repo, sizeof rig->repo, "acme/engine");
	gate_push(&app.gate);
	ck_assert(rig_agent_start(rig));
	rig_wait_status(rig, app.gate.head, "pending", RIG_WAIT_MS);
	end(&app);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(an_app_counts_the_review_of_a_member_of_the_team, 120),
	SUITE_SLOW(a_right_that_was_not_granted_is_named_and_its_grant_is_enough, 120),
	SUITE_SLOW(without_issues_nobody_is_known_to_have_had_a_change_merged, 120),
	SUITE_SLOW(a_repository_that_was_renamed_unseen_is_found_by_its_number, 120),
	SUITE_END,
};

SUITE_MAIN(tests)
