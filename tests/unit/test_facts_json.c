#include "agent/base/facts_json.h"

#include "tests/support/case.h"
#include "tests/support/suite.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(facts_come_back_as_they_were_written)
{
	struct example c;
	struct facts again;
	struct err err = ERR_NONE;
	struct text first, second;
	struct verdict a, b;

	case_make(&c);
	c.reviews[1].submitted_at += 7; /* milliseconds are kept */
	c.commits[1].message = (struct text){"Fix \xff\x00 a=erin", 14};
	c.path.path = TEXT_LIT("src/\xfe.c");
	c.coauthor = (struct signer){.id = 0, .name = TEXT_LIT("Some Body")};
	c.commits[0].coauthors = &c.coauthor;
	c.commits[0].n_coauthors = 1;
	c.facts.allowed_before = true;
	c.facts.superseded_by = case_oid(CASE_OLD);
	c.people[DAVE - 1].permission = PERMISSION_UNKNOWN;
	c.people[DAVE - 1].teams_known = false;
	first = facts_encode(&c.facts, &c.arena);
	ck_assert_msg(facts_decode(first, &c.arena, &again, &err), "%s", err.text);
	second = facts_encode(&again, &c.arena);
	ck_assert_str_eq(first.at, second.at);
	ck_assert_uint_eq(again.changes[0].known, c.change.known);
	ck_assert(text_eq(again.changes[0].commits[1].message, c.commits[1].message));
	ck_assert(text_eq(again.changes[0].paths[0].path, c.path.path));
	ck_assert_int_eq(again.changes[0].reviews[1].submitted_at, c.reviews[1].submitted_at);
	a = case_judge(&c, NULL);
	c.facts = again;
	b = case_judge(&c, NULL);
	ck_assert(text_eq(verdict_encode(&a, false, &c.arena), verdict_encode(&b, false, &c.arena)));
	case_drop(&c);
}
END_TEST

START_TEST(somebody_unknown_who_pushed_unseen_stays_so)
{
	struct example c;
	struct facts again;
	struct err err = ERR_NONE;

	case_make(&c);
	c.pushers[1] = 0;
	c.change.n_pushers = 2;
	c.change.pushers_hidden = true;
	ck_assert_msg(facts_decode(facts_encode(&c.facts, &c.arena), &c.arena, &again, &err), "%s", err.text);
	ck_assert(again.changes[0].pushers_hidden);
	ck_assert_uint_eq(again.changes[0].n_pushers, 2);
	ck_assert_int_eq(again.changes[0].pushers[1], 0);
	case_drop(&c);
}
END_TEST

START_TEST(a_check_run_that_shadows_the_status_stays_so)
{
	static const char *const whose[] = {NULL, "", "ci"};

	for (size_t i = 0; i < sizeof whose / sizeof whose[0]; i++) {
		struct example c;
		struct facts again;
		struct err err = ERR_NONE;

		case_make(&c);
		c.facts.shadowed = whose[i] != NULL;
		c.facts.shadowed_by = text_of(whose[i]);
		ck_assert_msg(facts_decode(facts_encode(&c.facts, &c.arena), &c.arena, &again, &err), "%s", err.text);
		ck_assert(again.shadowed == c.facts.shadowed && text_eq(again.shadowed_by, c.facts.shadowed_by));
		case_drop(&c);
	}
}
END_TEST

START_TEST(each_unknown_fact_stays_unknown)
{
	for (unsigned bit = 1; bit <= FACT_BODY; bit <<= 1) {
		struct example c;
		struct facts again;
		struct err err = ERR_NONE;

		case_make(&c);
		c.change.known &= ~bit;
		ck_assert_msg(facts_decode(facts_encode(&c.facts, &c.arena), &c.arena, &again, &err), "%s", err.text);
		ck_assert_uint_eq(again.changes[0].known, c.change.known);
		case_drop(&c);
	}
}
END_TEST

#define HEAD "\"version\": 1, "
static const struct {
	const char *json, *says;
} wrongs[] = {
	{"{", NULL},
	{"[]", "facts: not an object"},
	{"{}", "version: must be 1"},
	{"{\"version\": 2}", "version: must be 1"},
	{"{" HEAD "\"chnges\": []}", "chnges: unknown key"},
	{"{" HEAD "\"changes\": {}}", "changes: not a list"},
	{"{" HEAD "\"changes\": [1]}", "changes.0.: not an object"},
	{"{" HEAD "\"changes\": [{\"drft\": true}]}", "changes.0.drft: unknown key"},
	{"{" HEAD "\"changes\": [{\"draft\": 1}]}", "changes.0.draft: not true or false"},
	{"{" HEAD "\"changes\": [{\"state\": \"opened\"}]}", "changes.0.state: not a known word"},
	{"{" HEAD "\"changes\": [{\"head_arrived_at\": \"now\"}]}",
	 "changes.0.head_arrived_at: not a time like 2026-11-21T14:02:11Z"},
	{"{" HEAD "\"changes\": [{\"reviews\": [{}, {\"state\": \"YES\"}]}]}",
	 "changes.0.reviews.1.state: not a known word"},
	{"{" HEAD "\"changes\": [{\"reviews\": [{\"bound_sha\": \"9a77b03\"}]}]}",
	 "changes.0.reviews.0.bound_sha: not a full object name"},
	{"{" HEAD "\"changes\": [{\"commits\": [{\"author\": {\"id\": \"1\"}}]}]}",
	 "changes.0.commits.0.author.id: not an integer"},
	{"{" HEAD "\"changes\": [{\"commits\": [{\"message\": {\"hex\": \"0g\"}}]}]}",
	 "changes.0.commits.0.message: not hexadecimal"},
	{"{" HEAD "\"changes\": [{\"pushers\": [-1]}]}", "changes.0.pushers.0.: not an id"},
	{"{" HEAD "\"people\": {\"bob\": {}}}", "people.bob.: not an id"},
	{"{" HEAD "\"people\": {\"2\": {\"permission\": \"owner\"}}}", "people.2.permission: not a known word"},
	{"{" HEAD "\"people\": {\"2\": {\"type\": \"Robot\"}}}", "people.2.type: not a known word"},
	{"{" HEAD "\"head\": 5}", "head: not a full object name"},
};

START_TEST(wrong_facts_are_refused_by_path)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct facts facts = {.now = 42};
	struct err err = ERR_NONE;

	ck_assert(!facts_decode(text_of(wrongs[_i].json), &arena, &facts, &err));
	ck_assert_int_eq(err.code, ERR_INVALID);
	ck_assert_int_eq(facts.now, 42);
	if (wrongs[_i].says)
		ck_assert_str_eq(err.text, wrongs[_i].says);
}
END_TEST

START_TEST(absent_means_unknown)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct facts facts;
	struct err err = ERR_NONE;

	ck_assert(facts_decode(TEXT_LIT("{" HEAD "\"head\": null}"), &arena, &facts, &err));
	ck_assert(!facts.changes_known && !oid_known(&facts.head) && facts.now == WHEN_UNKNOWN);
	ck_assert(
		facts_decode(TEXT_LIT("{" HEAD "\"changes\": [{\"number\": 1, \"commits\": [{}], \"reviews\": [{}]}]}"),
			     &arena, &facts, &err));
	ck_assert_uint_eq(facts.changes[0].known, FACT_COMMITS | FACT_REVIEWS);
	ck_assert_uint_eq(facts.changes[0].commits[0].n_coauthors, 1); /* somebody, and nobody knows who */
	ck_assert(facts.changes[0].reviews[0].edited);
}
END_TEST

/* ---- tests/data/policies/NAME/{policy.yml, facts.json, verdict.json} ---- */

#define POLICIES SOURCE_DIR "/tests/data/policies"
enum { FILE_MAX = 65536, FOLDERS_AT_LEAST = 8 };

static struct text slurp(struct arena *arena, const char *folder, const char *name)
{
	struct text path = arena_printf(arena, POLICIES "/%s/%s", folder, name);
	FILE *file = fopen(path.at, "rb");
	char *bytes = arena_alloc(arena, FILE_MAX, 1);
	size_t n;

	ck_assert_msg(file != NULL, "%s", path.at);
	n = fread(bytes, 1, FILE_MAX - 1, file);
	(void)fclose(file);
	while (n > 0 && bytes[n - 1] == '\n' && strstr(name, "verdict"))
		n--;
	bytes[n] = '\0';
	return (struct text){bytes, n};
}

static void judge_folder(const char *folder)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct governed governed[4] = {{0}};
	struct problem problem;
	struct facts facts;
	struct err err = ERR_NONE;
	struct verdict verdict;
	struct text wanted = slurp(&arena, folder, "verdict.json");

	ck_assert_msg(facts_decode(slurp(&arena, folder, "facts.json"), &arena, &facts, &err), "%s: %s", folder,
		      err.text);
	ck_assert_uint_le(facts.n_changes, 4);
	if (!policy_parse(slurp(&arena, folder, "policy.yml"), &defaults, &arena, &governed[0].policy, &problem))
		governed[0].problem = &problem;
	for (size_t i = 1; i < 4; i++)
		governed[i] = governed[0];
	policy_judge(governed, &facts, &arena, &verdict);
	ck_assert_msg(text_eq(verdict_encode(&verdict, false, &arena), wanted), "%s\n%s", folder,
		      verdict_encode(&verdict, false, &arena).at);
}

START_TEST(every_folder_gives_its_verdict)
{
	DIR *dir = opendir(POLICIES);
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		judge_folder(entry->d_name);
		n++;
	}
	(void)closedir(dir);
	ck_assert_uint_ge(n, FOLDERS_AT_LEAST);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(facts_come_back_as_they_were_written),
	SUITE_TEST(somebody_unknown_who_pushed_unseen_stays_so),
	SUITE_TEST(a_check_run_that_shadows_the_status_stays_so),
	SUITE_TEST(each_unknown_fact_stays_unknown),
	SUITE_ROWS(wrong_facts_are_refused_by_path, wrongs),
	SUITE_TEST(absent_means_unknown),
	SUITE_TEST(every_folder_gives_its_verdict),
	SUITE_END,
};
SUITE_MAIN(tests)
