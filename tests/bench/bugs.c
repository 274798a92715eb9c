/*
 * bench_bugs: what a bug's event costs. One line of key=value.
 *
 * "revoke ROUNDS": the real server, the world's forge and its tracker on loopback; secure bugs, a change each, whose
 * approvals are given and taken back in rounds. How long it takes from when the tracker begins to send the delivery
 * until the forge has accepted the revocation.
 *
 * "crowd N ROUNDS": a store of N open changes in SQLite, and events of the bug that three of them name. The processor's
 * time from the journal's row to the conclusions of the three judgements.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/support/crowd.h"
#include "tests/support/rig.h"

#define BUGS       10
#define ROUNDS_MAX 1000
#define HOOK       "Token hook-secret-of-the-tracker"

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* ---- from the event to the revocation ---- */

struct bench {
	struct rig rig;
	char config[1024], heads[BUGS][41];
	json_int_t attachments[BUGS];
	double took[ROUNDS_MAX];
	size_t n;
};

static const char policy[] =
	"policy: {approval: [cleared]}\napproval_rules:\n  - name: cleared\n    visibility: restricted\n    requires:\n"
	"      conditions:\n        bugs:\n          every:\n            any_of:\n"
	"              - {private: false, keywords: {none_of: [sec-high]}}\n"
	"              - {attachment_flag: {name: sec-approval, status: '+'}}\n";

static _Noreturn void die(struct rig *rig, const char *why)
{
	(void)fprintf(stderr, "bench_bugs: %s\n", why);
	(void)rig_stop(rig);
	exit(2);
}

static void failed(struct rig *rig, const char *why)
{
	rig->plan.failed = NULL;
	die(rig, why);
}

static const char *str(const json_t *entry, const char *key)
{
	const char *value = json_string_value(json_object_get(entry, key));

	return value ? value : "";
}

static json_int_t num(const json_t *entry, const char *key)
{
	return json_integer_value(json_object_get(entry, key));
}

static json_int_t act(struct bench *b, const char *what, const char *who, const char *members)
{
	json_t *answer = rig_act(&b->rig, what, who, "%s", members);
	json_int_t id = num(answer, "id");

	json_decref(answer);
	return id;
}

static void configure(struct bench *b)
{
	struct rig *rig = &b->rig;
	char script[512], hook[400];

	(void)snprintf(script, sizeof script, "umask 077; printf BOTKEY >%s/key; printf '%s' >%s/hook", rig->dir, HOOK,
		       rig->dir);
	if (rig_sh(rig, script) != 0)
		die(rig, "the secrets");
	(void)snprintf(b->config, sizeof b->config,
		       "bugs: {tick: 0s, poll: 1h}\ntrackers:\n  - {name: bmo, url: %s/bugzilla-bmo, key_file: %s/key, "
		       "webhook_secret_file: %s/hook, per_hour: 0}\n",
		       rig->world_url, rig->dir, rig->dir);
	rig->plan.config = b->config;
	(void)act(
		b, "account", "dev@tracker.test",
		"{\"login\":\"bot@tracker.test\",\"groups\":[\"core-security\"],\"key\":\"BOTKEY\",\"insider\":true}");
	(void)act(b, "account", "dev@tracker.test", "{\"login\":\"dev@tracker.test\",\"key\":\"DEVKEY\"}");
	if (!rig_agent_start(rig))
		die(rig, rig->why);
	(void)snprintf(
		hook, sizeof hook,
		"{\"url\":\"http://127.0.0.1:%u/webhooks/bugzilla\",\"header\":\"Authorization\",\"value\":\"" HOOK
		"\"}",
		rig->port);
	(void)act(b, "webhook", "bot@tracker.test", hook);
	json_decref(rig_world(rig, "push", "{\"do\":\"configure\",\"ms\":20}"));
}

static void put_policy(struct bench *b)
{
	json_t *text = json_string(policy);
	char *quoted = json_dumps(text, JSON_ENCODE_ANY);

	json_decref(rig_act(&b->rig, "permission", "acme", "{\"login\":\"alice\",\"role\":\"write\"}"));
	json_decref(rig_act(&b->rig, "policy", "acme", "{\"text\":%s}", quoted));
	free(quoted);
	json_decref(text);
}

static void open_change(struct bench *b, int i)
{
	struct rig *rig = &b->rig;
	char members[200];
	json_t *answer;

	(void)snprintf(members, sizeof members,
		       "{\"bug\":%d,\"groups\":[\"core-security\"],\"keywords\":[\"sec-high\"]}", 4700 + i);
	(void)act(b, "bug", "dev@tracker.test", members);
	(void)snprintf(members, sizeof members, "{\"bug\":%d,\"flags\":[{\"name\":\"sec-approval\",\"status\":\"+\"}]}",
		       4700 + i);
	b->attachments[i] = act(b, "attachment", "dev@tracker.test", members);
	json_decref(rig_act(rig, "push", "alice",
			    "{\"branch\":\"t%d\",\"files\":{\"f%d\":\"1\"},\"message\":\"Bug %d - a fix\"}", i, i,
			    4700 + i));
	answer = rig_act(rig, "open", "alice", "{\"head\":\"t%d\",\"base\":\"main\",\"title\":\"Fix %d\"}", i, i);
	(void)snprintf(b->heads[i], sizeof b->heads[i], "%s", str(answer, "head"));
	json_decref(answer);
}

static void flag_all(struct bench *b, const char *status)
{
	char members[160];

	for (int i = 0; i < BUGS; i++) {
		(void)snprintf(members, sizeof members,
			       "{\"attachment\":%lld,\"name\":\"sec-approval\",\"status\":\"%s\"}",
			       (long long)b->attachments[i], status);
		(void)act(b, "flag", "dev@tracker.test", members);
	}
}

static void wait_all(struct bench *b, const char *state)
{
	for (int i = 0; i < BUGS; i++)
		if (!rig_wait_status(&b->rig, b->heads[i], state, RIG_WAIT_MS))
			die(&b->rig, b->rig.why);
}

/* When the tracker began to send the bug's first delivery since `mark`; -1: it sent none. */
static json_int_t sent_at(const json_t *log, json_int_t mark, json_int_t bug)
{
	const json_t *one;
	size_t i;

	json_array_foreach(log, i, one) if (num(one, "n") > mark && strcmp(str(one, "kind"), "push") == 0 &&
					    num(one, "bug") == bug) return num(one, "ms") -
		num(one, "took_ms");
	return -1;
}

static json_int_t revoked_at(const json_t *log, json_int_t mark, const char *sha)
{
	const json_t *one;
	size_t i;

	json_array_foreach(log, i, one) if (num(one, "n") > mark && strcmp(str(one, "kind"), "post") == 0 &&
					    strcmp(str(one, "sha"), sha) == 0) return strcmp(str(one, "state"),
											     "failure") == 0
		? num(one, "ms")
		: -1;
	return -1;
}

static void one_round(struct bench *b)
{
	json_int_t mark = rig_log_mark(&b->rig);
	const json_t *log;

	flag_all(b, "X");
	wait_all(b, "failure");
	(void)rig_settle(&b->rig, 50);
	log = rig_log(&b->rig);
	for (int i = 0; i < BUGS; i++) {
		json_int_t sent = sent_at(log, mark, 4700 + i), posted = revoked_at(log, mark, b->heads[i]);

		if (sent < 0 || posted < 0)
			die(&b->rig, "an event without a delivery, or a change whose next status is no revocation");
		if (b->n < ROUNDS_MAX)
			b->took[b->n++] = (double)(posted - sent);
	}
	flag_all(b, "+");
	wait_all(b, "success");
}

static int revoke(int64_t times)
{
	static struct bench b;
	struct rig_plan plan = {.failed = failed, .no_agent = true};

	if (!rig_start(&b.rig, &plan))
		return 2;
	configure(&b);
	put_policy(&b);
	for (int i = 0; i < BUGS; i++)
		open_change(&b, i);
	wait_all(&b, "success");
	for (int64_t i = 0; i < times; i++)
		one_round(&b);
	qsort(b.took, b.n, sizeof b.took[0], ascending);
	(void)printf("events=%zu p50_ms=%.0f p99_ms=%.0f most_ms=%.0f\n", b.n, b.took[b.n / 2], b.took[b.n * 99 / 100],
		     b.took[b.n - 1]);
	return rig_stop(&b.rig) ? 0 : 1;
}

/* ---- among many changes ---- */

/* Of the processor: waiting for the disk is the same for any number. */
static double now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int64_t changes, rounds;

/* A test to Check, since what fills the store asserts. */
START_TEST(events_in_a_crowd)
{
	static double took[ROUNDS_MAX];
	struct pipe_rig rig;
	int64_t judged = 0;

	crowd_open(&rig, changes);
	for (int64_t i = -1; i < rounds; i++) { /* the first is not measured: it opens pages */
		double began = now_us();

		crowd_hears(&rig, CROWD_BUG);
		judged += crowd_judged(&rig);
		if (i >= 0)
			took[i] = now_us() - began;
		(void)drain(&rig);
	}
	qsort(took, (size_t)rounds, sizeof took[0], ascending);
	(void)printf("changes=%lld events=%lld judged=%lld us=%.0f least_us=%.0f most_us=%.0f\n", (long long)changes,
		     (long long)rounds + 1, (long long)judged, took[rounds / 2], took[0], took[rounds - 1]);
	pipe_close(&rig);
	ck_assert_int_eq(judged, (rounds + 1) * CROWD_NAMED);
}
END_TEST

static int crowd(void)
{
	Suite *suite = suite_create("crowd");
	TCase *tcase = tcase_create("crowd");
	SRunner *runner = srunner_create(suite);
	int broken;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, events_in_a_crowd);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_SILENT);
	broken = srunner_ntests_failed(runner);
	srunner_free(runner);
	return broken == 0 ? 0 : 1;
}

static int64_t number(int argc, char **argv, int i)
{
	int64_t n = 0;

	return i < argc && text_int64(text_of(argv[i]), &n) ? n : 0;
}

int main(int argc, char **argv)
{
	changes = number(argc, argv, 2);
	rounds = number(argc, argv, 3);
	if (argc == 3 && strcmp(argv[1], "revoke") == 0 && changes > 0 && changes <= ROUNDS_MAX / BUGS)
		return revoke(changes);
	if (argc == 4 && strcmp(argv[1], "crowd") == 0 && changes >= CROWD_NAMED && rounds > 0 && rounds <= ROUNDS_MAX)
		return crowd();
	(void)fprintf(stderr, "bench_bugs revoke ROUNDS | crowd CHANGES ROUNDS\n");
	return 2;
}
