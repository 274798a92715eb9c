/*
 * Every recorded payload, signed and POSTed to a running server: each is answered 202 and kept as the table of
 * test_corpus says. The payloads are not ours to keep: HEADGATE_CORPUS names the node_modules that tests/npm/fetch.sh
 * printed; without it the test counts as skipped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

#define PACKAGE "@octokit/webhooks-examples"
#define TABLE   SOURCE_DIR "/tests/data/corpus/expected.tsv"

static const char *const releases[] = {"api.github.com", "ghes-31", "ghes-32", "ghes-33", "ghes-34", "ghes-35"};

struct tally {
	int sent, ignored, quarantined;
};

static json_t *load(const char *release)
{
	char path[1024];
	json_error_t error;
	json_t *events;

	(void)snprintf(path, sizeof path, "%s/" PACKAGE "/%s/index.json", getenv("HEADGATE_CORPUS"), release);
	events = json_load_file(path, 0, &error);
	ck_assert_msg(events != NULL, "%s: %s", path, error.text);
	return events;
}

static void post_one(struct rig *rig, const char *event, const json_t *payload, int number)
{
	char guid[64], *body = json_dumps(payload, JSON_COMPACT);
	struct rig_reply reply;

	(void)snprintf(guid, sizeof guid, "00000000-0000-0000-0000-%012d", number);
	ck_assert(rig_deliver(
		rig, &(struct rig_delivery){.event = event, .guid = guid, .body = body, .len = strlen(body)}, &reply));
	ck_assert_msg(reply.status == 202, "%s %d: %ld %s", event, number, reply.status, reply.body);
	rig_reply_clear(&reply);
	free(body);
}

static void post_release(struct rig *rig, const char *release, struct tally *tally)
{
	json_t *events = load(release), *examples;

	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *event = json_array_get(events, i);

		examples = json_object_get(event, "examples");
		for (size_t k = 0; k < json_array_size(examples); k++)
			post_one(rig, gate_str(event, "name"), json_array_get(examples, k), tally->sent++);
	}
	json_decref(events);
}

/* What the table expects of a release. */
static void expect(const char *release, struct tally *tally)
{
	FILE *table = fopen(TABLE, "r");
	char line[400], name[64], event[64], fate[32];
	int index;

	ck_assert_ptr_nonnull(table);
	while (fgets(line, sizeof line, table)) {
		if (line[0] == '#' || sscanf(line, "%63s %63s %d %31s", name, event, &index, fate) != 4 ||
		    strcmp(name, release) != 0)
			continue;
		tally->ignored += strcmp(fate, "ignored") == 0;
		tally->quarantined += strcmp(fate, "quarantined") == 0;
	}
	(void)fclose(table);
}

static void is_healthy(struct rig *rig)
{
	char url[64];
	struct rig_request request = {.method = "GET", .url = url};
	struct rig_reply reply;

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/healthz", rig->ops_port);
	ck_assert(rig_http(&request, &reply));
	ck_assert_int_eq(reply.status, 200);
	rig_reply_clear(&reply);
}

static void says_how_many(struct rig *rig, int quarantined)
{
	char config[128], wanted[64], *out;
	const char *words[] = {"status", "-c", config, "--deliveries", NULL};

	(void)snprintf(config, sizeof config, "%s/headgate.yml", rig->dir);
	(void)snprintf(wanted, sizeof wanted, "%d quarantined\n", quarantined);
	ck_assert_int_eq(rig_run(rig, words), 0);
	out = rig_file(rig, "out.txt");
	ck_assert_msg(strstr(out, wanted) != NULL, "%s instead of %s", out, wanted);
	free(out);
}

START_TEST(every_recorded_payload_is_accepted_and_kept)
{
	struct gate gate;
	struct tally tally = {0};
	int64_t began;

	gate_begin_bare(&gate);
	began = rig_now();
	for (size_t i = 0; i < sizeof releases / sizeof releases[0]; i++) {
		expect(releases[i], &tally);
		post_release(&gate.rig, releases[i], &tally);
		ck_assert(i > 0 || tally.sent == 329);
	}
	printf("%d payloads answered 202 in %lld ms: %d ignored, %d quarantined\n", tally.sent,
	       (long long)(rig_now() - began), tally.ignored, tally.quarantined);
	gate_wait_rows(&gate, "journal", "state = 0", 0);
	ck_assert_int_eq(gate_rows(&gate, "journal", NULL), tally.sent);
	ck_assert_int_eq(gate_rows(&gate, "journal", "state = 1"), tally.sent - tally.ignored - tally.quarantined);
	ck_assert_int_eq(gate_rows(&gate, "journal", "state = 2"), tally.ignored);
	ck_assert_int_eq(gate_rows(&gate, "journal", "state = 3"), tally.quarantined);
	ck_assert_int_eq(gate_rows(&gate, "verdict", "state = 'success'"), 0);
	says_how_many(&gate.rig, tally.quarantined);
	is_healthy(&gate.rig);
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_GIVEN(every_recorded_payload_is_accepted_and_kept, 180, "HEADGATE_CORPUS"),
	SUITE_END,
};

SUITE_MAIN(tests)
