/*
 * Searches: by number, keyword, status, time of the last change, and the numbered conditions f1, o1, v1. What the
 * caller does not see is left out without a word. Without an order there is none to rely on: the newest come first.
 */
#include "tests/world/world_bug.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHARTS = 20 };

json_t *world_bug_query(const char *query)
{
	json_t *all = world_own(json_object()), *one, *value;
	char *copy = world_text("%s", query ? query : ""), *rest = copy, *pair;
	const char *key;

	for (char *s = copy; *s; s++)
		if (*s == '+')
			*s = ' ';
	while ((pair = strsep(&rest, "&"))) {
		one = world_query(pair);
		json_object_foreach(one, key, value) json_array_append(world_list(all, key), value);
		json_decref(one);
	}
	free(copy);
	return all;
}

const char *world_bug_asked(const json_t *query, const char *name)
{
	const char *s = json_string_value(json_array_get(json_object_get(query, name), 0));

	return s ? s : "";
}

static void append_words(json_t *list, const char *text)
{
	char *copy = world_text("%s", text), *rest = copy, *word;

	while ((word = strsep(&rest, ","))) {
		word += strspn(word, " ");
		word[strcspn(word, " ")] = 0;
		if (word[0])
			json_array_append_new(list, json_string(word));
	}
	free(copy);
}

json_t *world_bug_asked_list(const json_t *query, const char *name)
{
	json_t *given = json_object_get(query, name), *list, *one;
	size_t i;

	if (!given)
		return NULL;
	list = world_own(json_array());
	json_array_foreach(given, i, one) append_words(list, json_string_value(one));
	return list;
}

/* ---- one condition ---- */

static size_t in_both(const json_t *a, const json_t *b)
{
	json_t *one;
	size_t i, n = 0;

	json_array_foreach(a, i, one) n += world_bug_in(b, json_string_value(one));
	return n;
}

static bool words_match(const json_t *has, const json_t *wanted, const char *type)
{
	size_t n = in_both(wanted, has);

	if (strcmp(type, "allwords") == 0)
		return n == json_array_size(wanted);
	return (strcmp(type, "nowords") == 0) == (n == 0);
}

static bool status_matches(const json_t *bug, const json_t *wanted)
{
	return world_bug_in(wanted, world_str(bug, "status")) ||
	       world_bug_in(wanted, world_bug_is_open(bug) ? "__open__" : "__closed__");
}

/* A flag as a condition sees it: "sec-approval+", of the bug or of any attachment, obsolete ones as well. */
static json_t *flag_words(const json_t *bug)
{
	json_t *words = world_own(json_array()), *flag, *one;
	size_t i, k;

	json_array_foreach(json_object_get(bug, "flags"), i, flag)
		json_array_append_new(words, world_jtext("%s%s", world_str(flag, "name"), world_str(flag, "status")));
	json_array_foreach(json_object_get(bug, "attachments"), i,
			   one) json_array_foreach(json_object_get(one, "flags"), k, flag)
		json_array_append_new(words, world_jtext("%s%s", world_str(flag, "name"), world_str(flag, "status")));
	return words;
}

static json_t *words_of(const json_t *bug, const char *field)
{
	static const char *const names[][2] = {{"bug_group", "groups"},  {"keywords", "keywords"},
					       {"bug_status", "status"}, {"resolution", "resolution"},
					       {"product", "product"},   {"status_whiteboard", "whiteboard"},
					       {"alias", "alias"}};

	if (strcmp(field, "flagtypes.name") == 0)
		return flag_words(bug);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		json_t *value = json_object_get(bug, names[i][1]);

		if (strcmp(names[i][0], field) != 0)
			continue;
		if (json_is_array(value))
			return json_incref(value);
		return world_str(bug, names[i][1])[0] ? json_pack("[O]", value) : json_array();
	}
	return NULL;
}

static bool any_contains(const json_t *words, const char *text)
{
	json_t *one;
	size_t i;

	json_array_foreach(words, i, one)
	{
		if (strstr(json_string_value(one), text))
			return true;
	}
	return false;
}

struct chart {
	const char *field, *op, *value;
	json_t *words; /* of the value */
};

/* 1, 0; -1: there is no such condition. */
static int word_matches(const json_t *has, const struct chart *chart)
{
	if (strcmp(chart->op, "equals") == 0)
		return world_bug_in(has, chart->value);
	if (strcmp(chart->op, "notequals") == 0)
		return !world_bug_in(has, chart->value);
	if (strcmp(chart->op, "substring") == 0)
		return any_contains(has, chart->value);
	if (strcmp(chart->op, "isempty") == 0 || strcmp(chart->op, "isnotempty") == 0)
		return (json_array_size(has) == 0) == (strcmp(chart->op, "isempty") == 0);
	if (strcmp(chart->op, "anyexact") == 0)
		return words_match(has, chart->words, "anywords");
	if (strcmp(chart->op, "anywords") == 0 || strcmp(chart->op, "allwords") == 0 ||
	    strcmp(chart->op, "nowords") == 0)
		return words_match(has, chart->words, chart->op);
	return -1;
}

static int number_matches(json_int_t is, const struct chart *chart)
{
	json_int_t value = strtoll(chart->value, NULL, 10);

	if (strcmp(chart->op, "greaterthan") == 0)
		return is > value;
	if (strcmp(chart->op, "lessthan") == 0)
		return is < value;
	return strcmp(chart->op, "equals") == 0 ? is == value : -1;
}

static int chart_matches(const json_t *bug, const struct chart *chart)
{
	json_t *has;
	int match;

	if (strcmp(chart->field, "bug_id") == 0)
		return number_matches(world_int(bug, "id"), chart);
	has = words_of(bug, chart->field);
	match = has ? word_matches(has, chart) : -1;
	json_decref(has);
	return match;
}

/* ---- a whole search ---- */

struct search {
	json_t *ids, *keywords, *status, *products, *components, *resolutions; /* NULL: not asked */
	const char *keywords_type;
	json_t *since; /* texts are compared: all are "YYYY-MM-DDTHH:MM:SSZ" */
	struct chart charts[CHARTS];
	size_t n;
};

/* "2026-11-21T17:50:24Z", "2026-11-21 17:50:24" and what is shorter are the same kind of thing. */
static json_t *normal_time(const char *text)
{
	char full[] = "0000-00-00T00:00:00Z";

	for (size_t i = 0; text[i] && i < sizeof(full) - 2; i++)
		full[i] = i == 10 ? 'T' : text[i];
	return world_own(json_string(full));
}

/* With a time asked for, its condition takes the number after the last one that follows without a gap: what stands
 * there already is overwritten. */
static void read_charts(struct search *search, const json_t *query)
{
	bool gap = false, timed = search->since;
	char key[8];

	for (int i = 1; i < CHARTS; i++) {
		struct chart chart;

		snprintf(key, sizeof(key), "f%d", i);
		chart.field = world_bug_asked(query, key);
		snprintf(key, sizeof(key), "o%d", i);
		chart.op = world_bug_asked(query, key);
		snprintf(key, sizeof(key), "v%d", i);
		chart.value = world_bug_asked(query, key);
		if (!chart.field[0]) {
			gap = true;
			continue;
		}
		if (gap && timed) {
			timed = false;
			continue;
		}
		chart.words = world_own(json_array());
		append_words(chart.words, chart.value);
		search->charts[search->n++] = chart;
	}
}

static struct search read_search(const json_t *query)
{
	const char *since = world_bug_asked(query, "last_change_time"), *type = world_bug_asked(query, "keywords_type");
	struct search search = {.ids = world_bug_asked_list(query, "id"),
				.keywords = world_bug_asked_list(query, "keywords"),
				.status = world_bug_asked_list(query, "status"),
				.products = json_incref(json_object_get(query, "product")),
				.components = json_incref(json_object_get(query, "component")),
				.resolutions = json_incref(json_object_get(query, "resolution")),
				.keywords_type = type[0] ? type : "allwords",
				.since = since[0] ? normal_time(since) : NULL};

	read_charts(&search, query);
	return search;
}

static void forget(struct search *search)
{
	json_t *all[] = {search->ids,        search->keywords,    search->status, search->products,
			 search->components, search->resolutions, search->since};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		json_decref(all[i]);
	for (size_t i = 0; i < search->n; i++)
		json_decref(search->charts[i].words);
}

static bool changed_since(const json_t *bug, const json_t *since)
{
	json_t *time = world_time(world_int(bug, "last_change_time"));
	bool so = strcmp(json_string_value(time), json_string_value(since)) >= 0;

	json_decref(time);
	return so;
}

static bool is_listed(const json_t *bug, const json_t *ids)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)world_int(bug, "id"));
	return world_bug_in(ids, number) || (world_str(bug, "alias")[0] && world_bug_in(ids, world_str(bug, "alias")));
}

static bool plainly_matches(const json_t *bug, const struct search *search)
{
	return (!search->ids || is_listed(bug, search->ids)) &&
	       (!search->keywords ||
		words_match(json_object_get(bug, "keywords"), search->keywords, search->keywords_type)) &&
	       (!search->status || status_matches(bug, search->status)) &&
	       (!search->products || world_bug_in(search->products, world_str(bug, "product"))) &&
	       (!search->components || world_bug_in(search->components, world_str(bug, "component"))) &&
	       (!search->resolutions || world_bug_in(search->resolutions, world_str(bug, "resolution"))) &&
	       (!search->since || changed_since(bug, search->since));
}

static bool matches(struct world_act *act, const json_t *bug, const struct search *search)
{
	bool all = plainly_matches(bug, search);

	for (size_t i = 0; i < search->n; i++) {
		int match = chart_matches(bug, &search->charts[i]);

		if (match < 0)
			world_bug_fail(act, 32000, "Cannot search for %s %s.", search->charts[i].field,
				       search->charts[i].op);
		all = all && match > 0;
	}
	return all;
}

static int by_number(const void *a, const void *b)
{
	json_int_t x = *(const json_int_t *)a, y = *(const json_int_t *)b;

	return (x > y) - (x < y);
}

/* The page of it: `limit` is lowered to the cap, and 0 means the cap without any offset. */
static json_t *page_of(const json_int_t *ids, size_t n, const json_t *query)
{
	const char *order = world_bug_asked(query, "order"), *limit_text = world_bug_asked(query, "limit");
	bool ordered = strncmp(order, "bug_id", 6) == 0 && !strstr(order, "DESC");
	size_t limit = strtoul(limit_text, NULL, 10), at = strtoul(world_bug_asked(query, "offset"), NULL, 10);
	json_t *list = world_own(json_array());

	if (limit_text[0] && limit == 0)
		at = 0;
	if (limit == 0 || limit > BUG_SEARCH_CAP)
		limit = BUG_SEARCH_CAP;
	for (size_t i = at; i < n && i - at < limit; i++)
		json_array_append_new(list, json_integer(ids[ordered ? i : n - 1 - i]));
	return list;
}

json_t *world_bug_search(struct world_act *act, json_t *query, const struct world_shown *to)
{
	json_t *base = world_bug_base(act->w, true), *bug, *list;
	struct search search = read_search(query);
	json_int_t *ids = calloc(json_object_size(base) + 1, sizeof(*ids));
	const char *key;
	size_t n = 0;

	if (!ids)
		abort();
	matches(act, NULL, &search); /* a condition that does not exist is refused where there is no bug, too */
	json_object_foreach(base, key, bug)
	{
		if (world_bug_sees(act->w, bug, to->who) && matches(act, bug, &search))
			ids[n++] = world_int(bug, "id");
	}
	qsort(ids, n, sizeof(*ids), by_number);
	list = act->status ? NULL : page_of(ids, n, query);
	free(ids);
	forget(&search);
	return list;
}
