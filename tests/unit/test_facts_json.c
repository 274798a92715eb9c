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
	c.commits[0].recoded = true;
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
	ck_assert(again.changes[0].commits[0].recoded && !again.changes[0].commits[1].recoded);
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

START_TEST(a_list_of_nobody_does_not_say_who_pushed)
{
	struct example c;
	struct facts again;
	struct err err = ERR_NONE;

	case_make(&c);
	c.change.n_pushers = 0;
	ck_assert_msg(facts_decode(facts_encode(&c.facts, &c.arena), &c.arena, &again, &err), "%s", err.text);
	ck_assert(!(again.changes[0].known & FACT_PUSHERS));
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

/* ---- what only some policies ask about ---- */

static const struct comment comments[] = {
	{1, {BOB, {"bob", 3}, PERSON_USER}, CASE_ARRIVED, true, {"looks \xff good", 12}},
	{2, {0, {NULL, 0}, PERSON_UNKNOWN}, WHEN_UNKNOWN, false, {NULL, 0}}};
static const struct outcome outcomes[] = {
	{OUTCOME_STATUS, {"ci/build", 8}, {NULL, 0}, {NULL, 0}, 0, 41, {"success", 7}},
	{OUTCOME_CHECK, {"lint", 4}, {NULL, 0}, {"lint-app", 8}, 15, 0, {"timed_out", 9}},
	{OUTCOME_WORKFLOW, {".github/workflows/ci.yml", 24}, {"push", 4}, {"actions", 7}, 16, 0, {"pending", 7}}};
static const struct text organization = {"acme", 4};

static const struct owners_file owners_files[] = {
	{{"CODEOWNERS", 10}, {"docs/CODEOWNERS", 15}, {"* @bob \xff\n", 9}, {NULL, 0}},
	{{"a.json", 6}, {NULL, 0}, {NULL, 0}, {NULL, 0}},
	{{"b.json", 6}, {"b.json", 6}, {NULL, 0}, {"it is too large", 15}}};

static const struct order delegations[] = {
	{.by = {BOB, {"bob", 3}, PERSON_USER}, .to_author = true, .sha = {CASE_HEAD}, .at = 5000, .comment = 9},
	{.by = {BOB, {"bob", 3}, PERSON_USER},
	 .to = {0, {"erin", 4}, PERSON_UNKNOWN},
	 .at = WHEN_UNKNOWN,
	 .comment = 9}};
static const struct order landing_asks[] = {
	{.how = ORDER_QUEUE, .by = {CAROL, {"carol", 5}, PERSON_USER}, .sha = {CASE_HEAD}, .at = 6000},
	{.how = ORDER_AUTO_MERGE, .takes_back = true, .by = {CAROL, {"carol", 5}, PERSON_BOT}, .at = 7000}};

static void same_order(const struct order *a, const struct order *b)
{
	ck_assert(a->takes_back == b->takes_back && a->how == b->how && a->to_author == b->to_author);
	ck_assert(a->by.id == b->by.id && a->by.type == b->by.type && text_eq(a->by.login, b->by.login));
	ck_assert(a->to.id == b->to.id && a->to.type == b->to.type && text_eq(a->to.login, b->to.login));
	ck_assert_str_eq(a->sha.hex, b->sha.hex);
	ck_assert(a->at == b->at && a->comment == b->comment);
}

static void know_all(struct example *c)
{
	case_make(c);
	c->change.known = FACTS_ALL;
	c->change.head_ref = TEXT_LIT("fork:topic");
	c->commits[0].signature = (struct signature){TRI_YES, ALICE, TEXT_LIT("4AEE18F83AFDEB23"), TEXT_LIT("valid")};
	c->commits[1].signature = (struct signature){TRI_NO, 0, TEXT_EMPTY, TEXT_LIT("unsigned")};
	c->path.additions = 7;
	c->path.deletions = 9;
	c->reviews[0].body = TEXT_LIT("Good.");
	c->change.comments = comments;
	c->change.n_comments = 2;
	c->change.delegations = delegations;
	c->change.landing_asks = landing_asks;
	c->change.n_delegations = 2;
	c->change.n_landing_asks = 2;
	c->change.owners_files = owners_files;
	c->change.n_owners_files = 3;
	c->change.open_threads = 3;
	c->facts.outcomes = outcomes;
	c->facts.n_outcomes = 3;
	c->people[0].organizations_known = true;
	c->people[0].organizations = &organization;
	c->people[0].n_organizations = 1;
	c->people[0].merged_before = TRI_YES;
	c->people[1].organizations_known = true;
	c->people[1].merged_before = TRI_NO;
}

static struct facts come_back(struct example *c)
{
	struct facts again = {0};
	struct err err = ERR_NONE;
	struct text first = facts_encode(&c->facts, &c->arena);

	ck_assert_msg(facts_decode(first, &c->arena, &again, &err), "%s", err.text);
	ck_assert_str_eq(first.at, facts_encode(&again, &c->arena).at);
	return again;
}

static void same_signature(const struct signature *a, const struct signature *b)
{
	ck_assert_int_eq(a->valid, b->valid);
	ck_assert_int_eq(a->signer, b->signer);
	ck_assert(text_eq(a->key_id, b->key_id) && text_eq(a->reason, b->reason));
}

static void same_outcome(const struct outcome *a, const struct outcome *b)
{
	ck_assert_int_eq(a->kind, b->kind);
	ck_assert(text_eq(a->name, b->name) && text_eq(a->event, b->event) && text_eq(a->app, b->app) &&
		  text_eq(a->state, b->state));
	ck_assert_int_eq(a->app_id, b->app_id);
	ck_assert_int_eq(a->creator_id, b->creator_id);
}

static void same_comment(const struct comment *a, const struct comment *b)
{
	ck_assert_int_eq(a->id, b->id);
	ck_assert_int_eq(a->user.id, b->user.id);
	ck_assert_int_eq(a->user.type, b->user.type);
	ck_assert_int_eq(a->created_at, b->created_at);
	ck_assert(a->edited == b->edited && text_eq(a->user.login, b->user.login) && text_eq(a->body, b->body));
}

static void same_file(const struct owners_file *a, const struct owners_file *b)
{
	ck_assert(text_eq(a->name, b->name) && text_eq(a->path, b->path) && text_eq(a->bytes, b->bytes) &&
		  text_eq(a->why, b->why));
}

START_TEST(every_fact_that_only_some_ask_about_comes_back)
{
	struct example c;
	struct facts again;
	const struct change *change;
	const struct carried kept[] = {
		{.review = 2, .from = case_oid(CASE_OLD), .how = CARRY_SAME_TREE},
		{.review = 2, .from = case_oid(CASE_OLD), .how = CARRY_SAME_PATCH},
		{.review = 3, .from = case_oid(CASE_OLD), .how = CARRY_BASE_MERGE, .why = TEXT_LIT("caf\xe9 differs")},
	};

	know_all(&c);
	c.change.carried = kept;
	c.change.n_carried = 3;
	again = come_back(&c);
	change = &again.changes[0];
	ck_assert_uint_eq(change->known, FACTS_ALL);
	ck_assert(oid_eq(&change->merge_base, &c.change.merge_base));
	ck_assert_uint_eq(change->n_carried, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(change->carried[i].review, kept[i].review);
		ck_assert_int_eq(change->carried[i].how, kept[i].how);
		ck_assert(oid_eq(&change->carried[i].from, &kept[i].from));
		ck_assert(text_eq(change->carried[i].why, kept[i].why));
	}
	ck_assert(text_eq(change->head_ref, c.change.head_ref));
	for (size_t i = 0; i < 2; i++)
		same_signature(&change->commits[i].signature, &c.commits[i].signature);
	ck_assert_int_eq(change->paths[0].additions, 7);
	ck_assert_int_eq(change->paths[0].deletions, 9);
	ck_assert(text_is(change->reviews[0].body, "Good.") && change->reviews[1].body.len == 0);
	ck_assert_uint_eq(change->n_comments, 2);
	for (size_t i = 0; i < 2; i++)
		same_comment(&change->comments[i], &comments[i]);
	ck_assert(change->n_delegations == 2 && change->n_landing_asks == 2);
	for (size_t i = 0; i < 2; i++) {
		same_order(&change->delegations[i], &delegations[i]);
		same_order(&change->landing_asks[i], &landing_asks[i]);
	}
	ck_assert_uint_eq(change->n_owners_files, 3);
	for (size_t i = 0; i < 3; i++)
		same_file(&change->owners_files[i], &owners_files[i]);
	ck_assert_uint_eq(again.n_outcomes, 3);
	for (size_t i = 0; i < 3; i++)
		same_outcome(&again.outcomes[i], &outcomes[i]);
	ck_assert(text_is(facts_member(&again, ALICE)->organizations[0], "acme"));
	case_drop(&c);
}
END_TEST

START_TEST(what_is_not_known_of_a_person_stays_so)
{
	struct example c;
	struct facts again;

	know_all(&c);
	again = come_back(&c);
	for (int64_t id = 1; id <= CASE_PEOPLE; id++) {
		const struct member *was = &c.people[id - 1], *is = facts_member(&again, id);

		ck_assert(is->organizations_known == was->organizations_known);
		ck_assert_uint_eq(is->n_organizations, was->n_organizations);
		ck_assert_int_eq(is->merged_before, was->merged_before);
	}
	case_drop(&c);
}
END_TEST

START_TEST(each_unknown_fact_stays_unknown)
{
	for (unsigned bit = 1; bit & FACTS_ALL; bit <<= 1) {
		struct example c;

		know_all(&c);
		c.change.known &= ~bit;
		if (bit == FACT_COMMITS) /* they stand in the commits, and these in the paths */
			c.change.known &= ~(unsigned)FACT_SIGNATURES;
		if (bit == FACT_PATHS)
			c.change.known &= ~(unsigned)FACT_LINES;
		ck_assert_uint_eq(come_back(&c).changes[0].known, c.change.known);
		case_drop(&c);
	}
}
END_TEST

/* One commit whose signature nobody read, one path whose lines nobody counted: then the whole is not known. */
static const struct {
	const char *list;
	unsigned known;
} parts[] = {
	{"\"commits\": []", FACT_COMMITS | FACT_SIGNATURES},
	{"\"commits\": [{\"signature\": {}}]", FACT_COMMITS | FACT_SIGNATURES},
	{"\"commits\": [{\"signature\": {}}, {\"signature\": null}]", FACT_COMMITS},
	{"\"commits\": [{}, {\"signature\": {\"valid\": true}}]", FACT_COMMITS},
	{"\"paths\": []", FACT_PATHS | FACT_LINES},
	{"\"paths\": [{\"additions\": 1, \"deletions\": 0}]", FACT_PATHS | FACT_LINES},
	{"\"paths\": [{\"additions\": 1, \"deletions\": 0}, {\"additions\": 1}]", FACT_PATHS},
	{"\"paths\": [{\"deletions\": 1}]", FACT_PATHS},
	{"\"comments\": []", FACT_COMMENTS},
	{"\"comments\": null", 0},
	{"\"delegations\": [], \"landing_asks\": []", FACT_ORDERS},
	{"\"delegations\": [], \"landing_asks\": null", 0},
	{"\"landing_asks\": []", 0},
	{"\"open_threads\": 0", FACT_THREADS},
	{"\"open_threads\": null", 0},
};

START_TEST(a_fact_of_all_is_known_where_each_has_it)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct facts facts;
	struct err err = ERR_NONE;
	struct text json = arena_printf(&arena, "{\"version\": 1, \"changes\": [{%s}]}", parts[_i].list);

	ck_assert_msg(facts_decode(json, &arena, &facts, &err), "%s", err.text);
	ck_assert_uint_eq(facts.changes[0].known, parts[_i].known);
}
END_TEST

START_TEST(a_signature_that_says_nothing_proves_nothing)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct facts facts;
	struct err err = ERR_NONE;
	struct text json = TEXT_LIT("{\"version\": 1, \"changes\": [{\"commits\": [{\"signature\": {}}]}]}");

	ck_assert(facts_decode(json, &arena, &facts, &err));
	ck_assert_int_eq(facts.changes[0].commits[0].signature.valid, TRI_UNKNOWN);
	ck_assert_int_eq(facts.changes[0].commits[0].signature.signer, 0);
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
	{"{" HEAD "\"changes\": [{\"open_threads\": -1}]}", "changes.0.open_threads: not a number of them"},
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
	{"{" HEAD "\"statuses\": {}}", "statuses: not a list"},
	{"{" HEAD "\"statuses\": [{\"kind\": \"workflow\"}]}", "statuses.0.kind: not a known word"},
	{"{" HEAD "\"statuses\": [{\"context\": \"ci\"}]}", "statuses.0.context: unknown key"},
	{"{" HEAD "\"statuses\": [{}, 1]}", "statuses.1.: not an object"},
	{"{" HEAD "\"workflows\": [{\"app_id\": -1}]}", "workflows.0.app_id: not an id"},
	{"{" HEAD "\"workflows\": [{\"creator_id\": 1}]}", "workflows.0.creator_id: unknown key"},
	{"{" HEAD "\"changes\": [{\"head_ref\": 1}]}", "changes.0.head_ref: not a text"},
	{"{" HEAD "\"changes\": [{\"commits\": [{\"signature\": true}]}]}",
	 "changes.0.commits.0.signature.signature: not an object"},
	{"{" HEAD "\"changes\": [{\"commits\": [{\"signature\": {\"key\": 1}}]}]}",
	 "changes.0.commits.0.signature.key: unknown key"},
	{"{" HEAD "\"changes\": [{\"paths\": [{\"additions\": -1}]}]}",
	 "changes.0.paths.0.additions: not a number of lines"},
	{"{" HEAD "\"changes\": [{\"comments\": [{\"text\": \"\"}]}]}", "changes.0.comments.0.text: unknown key"},
	{"{" HEAD "\"changes\": [{\"owners_files\": [{}]}]}", "changes.0.owners_files.0.name: missing"},
	{"{" HEAD "\"changes\": [{\"owners_files\": [{\"name\": \"a\", \"path\": \"a\"}]}]}",
	 "changes.0.owners_files.0.text: missing"},
	{"{" HEAD "\"changes\": [{\"owners_files\": [{\"name\": \"a\", \"text\": \"* @b\"}]}]}",
	 "changes.0.owners_files.0.path: missing"},
	{"{" HEAD "\"people\": {\"2\": {\"organizations\": true}}}", "people.2.organizations: not a list"},
	{"{" HEAD "\"people\": {\"2\": {\"merged_before\": 1}}}", "people.2.merged_before: not true or false"},
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

/* ---- bugs ---- */

#define BUGS(map) "{" HEAD "\"bugs\": {" map "}}"

START_TEST(bugs_come_back_as_they_were_written)
{
	static const char json[] = BUGS(
		"\"bmo:1\": {\"exists\": true, \"secure\": true, \"open\": false, \"resolution\": \"FIXED\","
		" \"keywords\": [\"sec-high\"], \"groups\": [\"core\"],"
		" \"flags\": {\"a.b\": \"+\", \"c\": [\"?\", {\"status\": \"-\", \"setter\": 7, \"groups\": [\"g\"]}]},"
		" \"attachments\": [{\"id\": 3, \"obsolete\": true, \"patch\": true, \"revision\": \"D1\","
		" \"flags\": {\"sec-approval\": {\"status\": \"+\"}}}],"
		" \"dupe_of\": 2, \"duplicates\": [4, 5], \"as_of\": \"2026-11-21T14:02:11.007Z\"},"
		" \"bmo:2\": {\"hidden\": true}, \"bmo:3\": {\"exists\": false}, \"x:y:4\": {\"exists\": true,"
		" \"duplicates_unread\": true, \"from_table\": true, \"resolution\": \"\"}, \"bmo:5\": {}, \"bmo:6\":"
		" {\"exists\": true, \"attachments_unread\": true, \"attachments\": [{\"id\": 0, \"obsolete\": false,"
		" \"flags\": {\"sec-approval\": \"+\"}}]}, \"bmo:7\": {\"exists\": true, \"attachments\": [{\"id\": 1,"
		" \"flags\": {\"sec-approval\": \"+\"}}]}");
	auto_arena struct arena arena = ARENA_EMPTY;
	struct facts facts, again;
	struct err err = ERR_NONE;
	const struct bug *b;

	ck_assert_msg(facts_decode(text_of(json), &arena, &facts, &err), "%s", err.text);
	ck_assert_msg(facts_decode(facts_encode(&facts, &arena), &arena, &again, &err), "%s", err.text);
	ck_assert_str_eq(facts_encode(&facts, &arena).at, facts_encode(&again, &arena).at);
	ck_assert_uint_eq(again.n_bugs, 7);
	b = again.bugs;
	ck_assert((b[5].unread & BUG_ATTACHMENTS) && b[5].n_attachments == 1 && b[5].attachments[0].n_flags == 1);
	ck_assert((facts.bugs[6].unread & BUG_ATTACHMENTS) && facts.bugs[6].n_attachments == 0);
	ck_assert(b[0].state == BUG_READ && b[0].secure == TRI_YES && b[0].open == TRI_NO && b[0].unread == 0);
	ck_assert(text_is(b[0].keywords[0], "sec-high") && text_is(b[0].groups[0], "core"));
	ck_assert_uint_eq(b[0].n_flags, 3);
	ck_assert(b[0].flags[2].status == BUG_FLAG_DENIED && b[0].flags[2].setter == 7);
	ck_assert(b[0].flags[2].setter_groups_known && !b[0].flags[1].setter_groups_known);
	ck_assert(b[0].attachments[0].obsolete && text_is(b[0].attachments[0].revision, "D1"));
	ck_assert(b[0].attachments[0].flags[0].status == BUG_FLAG_GRANTED);
	ck_assert(b[0].dupe_of == 2 && b[0].n_duplicates == 2 && b[0].as_of % 1000 == 7);
	ck_assert(b[1].state == BUG_HIDDEN && b[2].state == BUG_MISSING && b[4].state == BUG_UNREAD);
	ck_assert(text_is(b[3].tracker, "x:y") && b[3].id == 4 && b[3].from_table && b[3].open == TRI_YES);
	ck_assert_uint_eq(b[3].unread, BUG_KEYWORDS | BUG_GROUPS | BUG_FLAGS | BUG_ATTACHMENTS | BUG_DUPLICATES);
}
END_TEST

static const struct {
	const char *json, *says;
} wrong_bugs[] = {
	{BUGS("\"1\": {}"), "bugs.1.: not TRACKER:NUMBER"},
	{BUGS("\":1\": {}"), "bugs.:1.: not TRACKER:NUMBER"},
	{BUGS("\"bmo:0\": {}"), "bugs.bmo:0.: not TRACKER:NUMBER"},
	{BUGS("\"bmo:x\": {}"), "bugs.bmo:x.: not TRACKER:NUMBER"},
	{BUGS("\"bmo:1\": []"), "bugs.bmo:1.: not an object"},
	{BUGS("\"bmo:1\": {\"keyword\": []}"), "bugs.bmo:1.keyword: unknown key"},
	{BUGS("\"bmo:1\": {\"exists\": 1}"), "bugs.bmo:1.exists: not true or false"},
	{BUGS("\"bmo:1\": {\"exists\": true, \"flags\": {\"x\": \"yes\"}}"), "bugs.bmo:1.status: not one of ?, +, -"},
	{BUGS("\"bmo:1\": {\"exists\": true, \"attachments\": [1]}"), "bugs.bmo:1.attachments: not an object"},
	{BUGS("\"bmo:1\": {\"exists\": true, \"duplicates\": [0]}"), "bugs.bmo:1.duplicates: not numbers"},
};

START_TEST(wrong_bugs_are_refused_by_path)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct facts facts;
	struct err err = ERR_NONE;

	ck_assert(!facts_decode(text_of(wrong_bugs[_i].json), &arena, &facts, &err));
	ck_assert_str_eq(err.text, wrong_bugs[_i].says);
}
END_TEST

/* Of an attachment nobody knows whether it is obsolete, or what flags it has: then of none. */
START_TEST(what_is_not_said_of_a_bug_was_not_read)
{
	static const char *const maps[] = {"", "\"obsolete\": false", "\"flags\": {}"};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct facts facts;
	struct err err = ERR_NONE;

	for (size_t i = 0; i < 3; i++) {
		struct text json =
			arena_printf(&arena, BUGS("\"bmo:1\": {\"exists\": true, \"attachments\": [{%s}]}"), maps[i]);

		ck_assert_msg(facts_decode(json, &arena, &facts, &err), "%s", err.text);
		ck_assert_uint_eq(facts.bugs[0].unread & BUG_ATTACHMENTS, BUG_ATTACHMENTS);
		ck_assert(facts.bugs[0].open == TRI_UNKNOWN && facts.bugs[0].secure == TRI_UNKNOWN);
	}
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
	SUITE_TEST(a_list_of_nobody_does_not_say_who_pushed),
	SUITE_TEST(a_check_run_that_shadows_the_status_stays_so),
	SUITE_TEST(each_unknown_fact_stays_unknown),
	SUITE_TEST(every_fact_that_only_some_ask_about_comes_back),
	SUITE_TEST(what_is_not_known_of_a_person_stays_so),
	SUITE_ROWS(a_fact_of_all_is_known_where_each_has_it, parts),
	SUITE_TEST(a_signature_that_says_nothing_proves_nothing),
	SUITE_ROWS(wrong_facts_are_refused_by_path, wrongs),
	SUITE_TEST(bugs_come_back_as_they_were_written),
	SUITE_ROWS(wrong_bugs_are_refused_by_path, wrong_bugs),
	SUITE_TEST(what_is_not_said_of_a_bug_was_not_read),
	SUITE_TEST(absent_means_unknown),
	SUITE_TEST(every_folder_gives_its_verdict),
	SUITE_END,
};
SUITE_MAIN(tests)
