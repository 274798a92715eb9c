/*
 * Recorded payloads against a table of what they hold, made by reading them with another program. The payloads are not
 * ours to keep: HEADGATE_CORPUS names the node_modules that tests/npm/fetch.sh printed. Without it the test
 * here counts as skipped.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/suite.h"
#include "webhooks/event_json.h"
#include "webhooks/normalize.h"

#define TABLE   SOURCE_DIR "/tests/data/corpus/expected.tsv"
#define PACKAGE "@octokit/webhooks-examples"

static const char *const releases[] = {"api.github.com", "ghes-31", "ghes-32", "ghes-33", "ghes-34", "ghes-35"};

enum { RELEASE, EVENT, INDEX, FATE, REPO, NUMBER, SHA, COLUMNS };

struct row {
	char line[400];
	const char *at[COLUMNS];
};

static bool next_row(FILE *table, struct row *row)
{
	char *rest = row->line;

	do
		if (!fgets(row->line, sizeof row->line, table))
			return false;
	while (row->line[0] == '#');
	row->line[strcspn(row->line, "\n")] = '\0';
	for (int i = 0; i < COLUMNS; i++) {
		row->at[i] = strsep(&rest, "\t");
		ck_assert_ptr_nonnull(row->at[i]);
	}
	return true;
}

static json_t *load(const char *release)
{
	const char *corpus = getenv("HEADGATE_CORPUS");
	char path[1024];
	json_error_t error;
	json_t *events;

	(void)snprintf(path, sizeof path, "%s/" PACKAGE "/%s/index.json", corpus, release);
	events = json_load_file(path, 0, &error);
	ck_assert_msg(events != NULL, "%s: %s", path, error.text);
	return events;
}

static size_t count(const json_t *events)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(events); i++)
		n += json_array_size(json_object_get(json_array_get(events, i), "examples"));
	return n;
}

static const json_t *example(const json_t *events, const char *name, size_t index)
{
	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *event = json_array_get(events, i);

		if (strcmp(json_string_value(json_object_get(event, "name")), name) == 0)
			return json_array_get(json_object_get(event, "examples"), index);
	}
	return NULL;
}

static const char *fate_name(enum delivery_fate fate)
{
	return fate == DELIVERY_APPLY ? "apply" : fate == DELIVERY_IGNORED ? "ignored" : "quarantined";
}

static const struct oid *commit_of(const struct event *e)
{
	if (e->kind == EVENT_PUSH)
		return &e->after;
	return oid_known(&e->status.sha) ? &e->status.sha : &e->change.head;
}

static void matches(const struct row *row, const struct delivery *d)
{
	const struct oid *sha = commit_of(&d->event);
	char text[32];

	ck_assert_msg(strcmp(fate_name(d->fate), row->at[FATE]) == 0, "%s %s: %s, %.*s", row->at[EVENT], row->at[INDEX],
		      fate_name(d->fate), TEXT_ARG(d->note));
	ck_assert(d->note.len > 0 || d->fate == DELIVERY_APPLY);
	(void)snprintf(text, sizeof text, "%lld", (long long)d->repo);
	ck_assert_str_eq(d->repo ? text : "-", row->at[REPO]);
	(void)snprintf(text, sizeof text, "%lld", (long long)d->event.change.number);
	ck_assert_str_eq(d->event.change.number ? text : "-", row->at[NUMBER]);
	ck_assert_str_eq(oid_known(sha) ? sha->hex : "-", row->at[SHA]);
}

/* Normalises one spelling of a payload; gives the event's stored form. */
static struct text normalized(const struct row *row, const json_t *payload, size_t flags, struct arena *arena)
{
	char *spelled = json_dumps(payload, flags);
	struct delivery d = {0};
	struct err err = ERR_NONE;
	struct text stored;
	struct event back;

	ck_assert_msg(normalize_github(text_of(row->at[EVENT]), arena_text(arena, text_of(spelled)), arena, &d, &err),
		      "%s", err.text);
	matches(row, &d);
	stored = event_encode(&d.event, arena);
	ck_assert_msg(event_decode(stored, arena, &back, &err), "%s", err.text);
	ck_assert(text_eq(event_encode(&back, arena), stored));
	free(spelled);
	return stored;
}

START_TEST(every_recorded_payload_becomes_what_the_table_says)
{
	FILE *table = fopen(TABLE, "r");
	const char *release = releases[_i];
	json_t *events = load(release);
	struct row row;
	size_t n = 0;

	ck_assert_ptr_nonnull(table);
	while (next_row(table, &row)) {
		auto_arena struct arena arena = ARENA_EMPTY;
		const json_t *payload;
		int64_t index;

		if (strcmp(row.at[RELEASE], release) != 0)
			continue;
		ck_assert(text_int64(text_of(row.at[INDEX]), &index));
		payload = example(events, row.at[EVENT], (size_t)index);
		ck_assert_msg(payload != NULL, "no %s %s", row.at[EVENT], row.at[INDEX]);
		/* However it is spelled, it says the same. */
		ck_assert(text_eq(
			normalized(&row, payload, JSON_COMPACT, &arena),
			normalized(&row, payload, JSON_INDENT(3) | JSON_ENSURE_ASCII | JSON_SORT_KEYS, &arena)));
		n++;
	}
	(void)fclose(table);
	ck_assert_uint_eq(n, count(events));
	ck_assert(_i > 0 || n == 329);
	json_decref(events);
}
END_TEST

static const struct suite_test tests[] = {
	{.name = "every_recorded_payload_becomes_what_the_table_says",
	 .test = &every_recorded_payload_becomes_what_the_table_says,
	 .rows = (int)(sizeof releases / sizeof releases[0]),
	 .given = "HEADGATE_CORPUS"},
	SUITE_END,
};

SUITE_MAIN(tests)
