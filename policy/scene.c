/*
 * The keys, in the order in which they are read, whatever order they were told in: people before those who are named,
 * what the change is before what happened to it, what is unknown last.
 */
#include "policy/scene_inner.h"

#define SCENE_BEGIN ((int64_t)1893499200000) /* 2030-01-01T12:00:00Z */

static bool read_repository(struct scene *scene, const struct yaml *value)
{
	return scene_text(scene, value, &scene->facts.repo_name);
}

static bool read_now(struct scene *scene, const struct yaml *value)
{
	if (value->kind != YAML_SCALAR || !when_parse(value->text, &scene->facts.now))
		return scene_wrong(scene, value, "expected a time such as 2030-01-01T12:00:00Z");
	return true;
}

static bool read_author(struct scene *scene, const struct yaml *value)
{
	return scene_person(scene, value, &scene->change.author);
}

void scene_stand_on_base(struct scene *scene)
{
	scene->change.base_sha = scene_oid("base ", scene->change.base_ref);
	scene->change.merge_base =
		scene->behind ? scene_oid("below base ", scene->change.base_ref) : scene->change.base_sha;
}

static bool read_base(struct scene *scene, const struct yaml *value)
{
	if (!scene_text(scene, value, &scene->change.base_ref))
		return false;
	scene_stand_on_base(scene);
	return true;
}

static bool read_behind(struct scene *scene, const struct yaml *value)
{
	if (!scene_bool(scene, value, &scene->behind))
		return false;
	scene_stand_on_base(scene);
	return true;
}

static bool read_head_branch(struct scene *scene, const struct yaml *value)
{
	return scene_text(scene, value, &scene->change.head_ref);
}

static bool read_pushed_to(struct scene *scene, const struct yaml *value)
{
	if (!scene_text(scene, value, &scene->change.pushed_to))
		return false;
	if (scene->change.pushed_to.len == 0)
		return scene_wrong(scene, value, "expected the name of a branch");
	scene->change.number = 0;
	scene->unknown |= FACTS_ALL & ~(unsigned)(FACT_STATE | FACT_BASE | FACT_COMMITS | FACT_PATHS | FACT_PUSHERS |
						  FACT_SIGNATURES | FACT_LINES | FACT_STATUSES | FACT_WORKFLOWS);
	return true;
}

static bool read_title(struct scene *scene, const struct yaml *value)
{
	return scene_text(scene, value, &scene->change.title);
}

static bool read_body(struct scene *scene, const struct yaml *value)
{
	return scene_text(scene, value, &scene->change.body);
}

static bool read_labels(struct scene *scene, const struct yaml *value)
{
	const struct text *labels;

	if (!scene_texts(scene, value, &labels, &scene->change.n_labels))
		return false;
	scene->labels = scene_copied(scene->arena, labels, scene->change.n_labels, sizeof *labels);
	scene->change.labels = scene->labels;
	return true;
}

static bool read_open_threads(struct scene *scene, const struct yaml *value)
{
	return scene_int(scene, value, &scene->change.open_threads);
}

static bool read_draft(struct scene *scene, const struct yaml *value)
{
	return scene_bool(scene, value, &scene->change.draft);
}

static bool read_state(struct scene *scene, const struct yaml *value)
{
	static const char *const names[] = {"open", "closed", "merged"};
	size_t i;

	if (!scene_word(scene, value, names, 3, &i))
		return false;
	scene->change.open = i == 0;
	scene->change.merged = i == 2;
	return true;
}

static bool read_message(struct scene *scene, const struct yaml *value)
{
	return scene_text(scene, value, &scene->message);
}

static bool read_pushers_hidden(struct scene *scene, const struct yaml *value)
{
	return scene_bool(scene, value, &scene->change.pushers_hidden);
}

static bool read_allowed_before(struct scene *scene, const struct yaml *value)
{
	return scene_bool(scene, value, &scene->facts.allowed_before);
}

static bool read_shadowed_by(struct scene *scene, const struct yaml *value)
{
	scene->facts.shadowed = true;
	return scene_text(scene, value, &scene->facts.shadowed_by);
}

static bool read_superseded_by(struct scene *scene, const struct yaml *value)
{
	if (value->kind != YAML_SCALAR || value->text.len == 0)
		return scene_wrong(scene, value, "expected the name of a commit");
	scene->gone = true;
	scene->facts.superseded_by = scene_oid("commit ", value->text);
	return true;
}

static bool read_unknown(struct scene *scene, const struct yaml *value)
{
	static const struct {
		const char *name;
		unsigned facts;
	} all[] = {
		{"state", FACT_STATE},
		{"draft", FACT_DRAFT},
		{"base", FACT_BASE},
		{"author", FACT_AUTHOR},
		{"arrival", FACT_ARRIVAL},
		{"pushers", FACT_PUSHERS},
		{"commits", FACT_COMMITS},
		{"files", FACT_PATHS},
		{"lines", FACT_LINES},
		{"reviews", FACT_REVIEWS},
		{"labels", FACT_LABELS},
		{"title", FACT_TITLE},
		{"body", FACT_BODY},
		{"head_branch", FACT_HEAD_REF},
		{"signatures", FACT_SIGNATURES},
		{"statuses", FACT_STATUSES},
		{"checks", FACT_STATUSES},
		{"workflows", FACT_WORKFLOWS},
		{"comments", FACT_COMMENTS},
		{"orders", FACT_ORDERS},
		{"threads", FACT_THREADS},
		{"changes", 0},
	};
	enum { N = sizeof all / sizeof all[0] };
	const char *names[N];
	size_t k;

	if (value->kind != YAML_LIST)
		return scene_wrong(scene, value, "expected a list, such as [reviews]");
	for (size_t i = 0; i < N; i++)
		names[i] = all[i].name;
	for (size_t i = 0; i < value->n; i++) {
		if (!scene_word(scene, &value->items[i], names, N, &k))
			return false;
		scene->unknown |= all[k].facts;
		if (all[k].facts == 0)
			scene->facts.changes_known = false;
	}
	return true;
}

static const struct scene_row rows[] = {
	{{"people",
	  "{*: unknown|none|read|triage|write|maintain|admin | {permission: text, type: user|bot, teams: [text], "
	  "organizations: [text], merged_before: boolean, id: integer >= 1}}",
	  "who there is, and what they may do; a map of details, where left out: permission none, a user, in no team "
	  "and "
	  "no organization (unknown: nobody knows which), merged nothing before, a number from the name"},
	 scene_people},
	{{"repository", "text", "example/project"}, read_repository},
	{{"now", "text", "when it is judged; an hour after what happened last"}, read_now},
	{{"author", "text", "who opened the change; somebody called author, who may read"}, read_author},
	{{"base", "text", "the base branch; main"}, read_base},
	{{"behind", "boolean", "the base branch has commits that the head lacks; false"}, read_behind},
	{{"pushed_to", "text", "no change: a commit pushed to this branch, which is to become `base`"}, read_pushed_to},
	{{"head_branch", "text", "the head's branch; topic"}, read_head_branch},
	{{"title", "text", "its title; A change"}, read_title},
	{{"body", "text", "its description; empty"}, read_body},
	{{"labels", "[text]", "its labels; none"}, read_labels},
	{{"open_threads", "integer >= 0", "conversations about its lines that nobody resolved; 0"}, read_open_threads},
	{{"draft", "boolean", "whether it is a draft; false"}, read_draft},
	{{"state", "open|closed|merged", "open"}, read_state},
	{{"files",
	  "[text | {path!: text, was: text, status: added|modified|deleted, kind: file|executable|symlink|submodule, "
	  "kind_was: file|executable|symlink|submodule, added: integer >= 0, deleted: integer >= 0}]",
	  "what it changes, modified by a line unless said; one file, src/example.c"},
	 scene_files},
	{{"owners_files", "{*: text | {path: text, text: text, unreadable: text}}",
	  "what the base branch says of owners and people, by the name that the policy gives the file; null: there is "
	  "none; one "
	  "that "
	  "is not told is not known"},
	 scene_owners_files},
	{{"bugs",
	  "{*: there|hidden|missing|unread | {keywords: [text], groups: [text], private: boolean, resolution: text, "
	  "flags: {*: text | {status!: text, groups: [text], setter: integer}}, attachments: [{id: integer >= 1, "
	  "obsolete: boolean, patch: boolean, revision: text, "
	  "flags: {*: text | {status!: text, groups: [text], setter: integer}}}], dupe_of: integer >= 1, duplicates: "
	  "[integer], *: text | {status!: text, groups: [text], setter: integer}}}",
	  "what the tracker says, by the number of the bug (or TRACKER:NUMBER): it is there, open and public, and has "
	  "nothing, unless said; any other key is a flag of its newest attachment; one that is not told was not read"},
	 scene_bugs},
	{{"trees",
	  "{*: unknown|open|approval_required|closed | {state!: unknown|open|approval_required|closed, reason: text}}",
	  "what treestatus says, by the name of the tree; one that is not told is not known"},
	 scene_trees},
	{{"message", "text", "of every commit that is told none of its own; A change"}, read_message},
	{{"statuses", "{*: text | {state!: text, by: text, app: text}}",
	  "by context: success, failure, pending, error; none"},
	 scene_statuses},
	{{"checks", "{*: text | {state!: text, app: text, app_id: integer >= 0}}", "check runs by name; none"},
	 scene_checks},
	{{"workflows", "{*: text | {state!: text, event: text, app: text, app_id: integer >= 0}}",
	  "by path; none; event: pull_request"},
	 scene_workflows},
	{{"history", "[step]", "what happened, in order, a minute apart: below; one push by the author"},
	 scene_happens},
	{{"then", "[step]", "what happened after that"}, scene_happens},
	{{"pushers_hidden", "boolean", "the forge does not show everybody who pushed; false"}, read_pushers_hidden},
	{{"unknown",
	  "[state|draft|base|author|arrival|pushers|commits|files|lines|reviews|labels|title|body|head_branch|"
	  "signatures|"
	  "statuses|checks|workflows|comments|threads|changes]",
	  "what could not be read; none"},
	 read_unknown},
	{{"allowed_before", "boolean", "the head was allowed once; false"}, read_allowed_before},
	{{"shadowed_by", "text", "whose check run bears the status's name; nobody's"}, read_shadowed_by},
	{{"superseded_by", "text", "no open change has the head any more: the commit that came after it"},
	 read_superseded_by},
};
const struct scene_rows scene_keys = SCENE_ROWS(rows);
_Static_assert(sizeof rows / sizeof rows[0] <= SCENE_KEYS_MAX, "a telling has room for every key");

const struct policy_key *scene_word_at(size_t i)
{
	if (i < scene_keys.n)
		return &scene_keys.at[i].doc;
	i -= scene_keys.n;
	return i < scene_steps.n ? &scene_steps.at[i].doc : NULL;
}

/* ---- tellings ---- */

static size_t key_index(struct text name)
{
	size_t i = 0;

	while (i < scene_keys.n && !text_is(name, scene_keys.at[i].doc.path))
		i++;
	return i;
}

size_t telling_names(const char **ret)
{
	for (size_t i = 0; i < scene_keys.n; i++)
		ret[i] = scene_keys.at[i].doc.path;
	return scene_keys.n;
}

static bool add(struct telling *telling, size_t key, const struct yaml *value, struct problem *problem)
{
	if (telling->keys[key].n == SCENE_TELLINGS_MAX)
		return yaml_problem(value, problem, "more than %d times the same key", SCENE_TELLINGS_MAX);
	telling->keys[key].nodes[telling->keys[key].n++] = value;
	return true;
}

bool telling_then(struct telling *telling, const struct yaml *steps, struct problem *problem)
{
	return add(telling, key_index(TEXT_LIT("then")), steps, problem);
}

bool telling_key(struct telling *telling, const struct yaml *key, const struct yaml *value, struct problem *problem)
{
	size_t i = key_index(key->text), then = key_index(TEXT_LIT("then"));
	bool adds = text_is(key->text, "people") || i == then;

	*problem = (struct problem){0};
	if (i == scene_keys.n)
		return false;
	if (!adds)
		telling->keys[i].n = 0;
	if (text_is(key->text, "history"))
		telling->keys[then].n = 0;
	return add(telling, i, value, problem);
}

bool telling_map(struct telling *telling, const struct yaml *map, struct problem *problem)
{
	const char *names[SCENE_KEYS_MAX];
	struct telling told = *telling;

	if (map->kind != YAML_MAP)
		return yaml_problem(map, problem, "expected a map with keys such as `people` and `history`");
	/* `history` first: a `then` beside it follows it, wherever it stands. */
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < map->n; i++) {
			if (text_is(map->keys[i].text, "history") != (pass == 0))
				continue;
			if (telling_key(&told, &map->keys[i], &map->items[i], problem))
				continue;
			if (problem->text[0] == '\0')
				(void)scene_unknown(problem, &map->keys[i], "key", names, telling_names(names));
			return false;
		}
	*telling = told;
	return true;
}

/* ---- the scene ---- */

static void begin_anew(struct scene *scene)
{
	static const struct path path = {.path = {"src/example.c", 13},
					 .status = PATH_MODIFIED,
					 .mode = 0100644,
					 .old_mode = 0100644,
					 .additions = 1,
					 .deletions = 1};

	scene->facts = (struct facts){.repo = 1, .repo_name = TEXT_LIT("example/project"), .changes_known = true};
	scene->change = (struct change){
		.known = FACTS_ALL,
		.number = 1,
		.open = true,
		.base_ref = TEXT_LIT("main"),
		.head_arrived_at = WHEN_UNKNOWN,
		.head_ref = TEXT_LIT("topic"),
		.title = TEXT_LIT("A change"),
		.paths = &path,
		.n_paths = 1,
	};
	scene_stand_on_base(scene);
}

static void default_author(struct scene *scene)
{
	struct text login = TEXT_LIT("author");
	struct member author = {.who = {scene_id(login), login, PERSON_USER},
				.permission = PERMISSION_READ,
				.teams_known = true,
				.organizations_known = true,
				.merged_before = TRI_NO};

	for (size_t i = 0; i < scene->facts.n_people; i++)
		if (text_eq_nocase(scene->people[i].who.login, login))
			author = scene->people[i];
	scene_introduce(scene, &author);
	scene->change.author = author.who;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void begin_with(struct scene *scene, const struct facts *from)
{
	struct change *change = &scene->change;

	scene->facts = *from;
	*change = from->changes[0];
	scene->below = change->commits;
	scene->n_below = change->n_commits;
	scene->people = scene_copied(scene->arena, from->people, from->n_people, sizeof *scene->people);
	scene->outcomes = scene_copied(scene->arena, from->outcomes, from->n_outcomes, sizeof *scene->outcomes);
	scene->reviews = scene_copied(scene->arena, change->reviews, change->n_reviews, sizeof *scene->reviews);
	scene->comments = scene_copied(scene->arena, change->comments, change->n_comments, sizeof *scene->comments);
	scene->delegations =
		scene_copied(scene->arena, change->delegations, change->n_delegations, sizeof *scene->delegations);
	scene->landing_asks =
		scene_copied(scene->arena, change->landing_asks, change->n_landing_asks, sizeof *scene->landing_asks);
	scene->bugs = scene_copied(scene->arena, from->bugs, from->n_bugs, sizeof *scene->bugs);
	scene->trees = scene_copied(scene->arena, from->trees, from->n_trees, sizeof *scene->trees);
	scene->labels = scene_copied(scene->arena, change->labels, change->n_labels, sizeof *scene->labels);
	scene->pushers = scene_copied(scene->arena, change->pushers, change->n_pushers, sizeof *scene->pushers);
	scene->clock = later(from->now, change->head_arrived_at);
	for (size_t i = 0; i < change->n_reviews; i++) {
		scene->clock = later(scene->clock, change->reviews[i].submitted_at);
		scene->next_id = later(scene->next_id, change->reviews[i].id + 1);
	}
	scene->clock += SCENE_STEP_MS;
	change->reviews = scene->reviews;
	change->labels = scene->labels;
	change->pushers = scene->pushers;
	change->comments = scene->comments;
	change->delegations = scene->delegations;
	change->landing_asks = scene->landing_asks;
	scene->facts.people = scene->people;
	scene->facts.outcomes = scene->outcomes;
	scene->facts.bugs = scene->bugs;
	scene->facts.trees = scene->trees;
}

static bool told(const struct telling *telling, const char *key)
{
	return telling->keys[key_index(text_of(key))].n > 0;
}

static size_t steps_told(const struct telling *telling)
{
	static const char *const keys[] = {"history", "then"};
	size_t steps = 0;

	for (size_t k = 0; k < 2; k++) {
		size_t at = key_index(text_of(keys[k]));

		for (size_t i = 0; i < telling->keys[at].n; i++)
			steps += telling->keys[at].nodes[i]->n;
	}
	return steps;
}

/* Before `history` is read: what happens by itself, and when. */
static bool begin_history(struct scene *scene, const struct telling *telling, const struct facts *from)
{
	static const struct yaml push = {.kind = YAML_SCALAR, .text = {"push", 4}};
	static const struct yaml once = {.kind = YAML_LIST, .items = &push, .n = 1};

	if (from)
		return true;
	scene->clock = SCENE_BEGIN;
	if (told(telling, "now"))
		scene->clock = scene->facts.now - SCENE_REST_MS - SCENE_STEP_MS * (int64_t)(steps_told(telling) + 1);
	return told(telling, "history") || scene_happens(scene, &once);
}

/* What was said of the commit that was the head says nothing of the one that is it now. */
static void forget_old_head(struct scene *scene, const struct telling *telling)
{
	static const char *const keys[] = {
		[OUTCOME_STATUS] = "statuses", [OUTCOME_CHECK] = "checks", [OUTCOME_WORKFLOW] = "workflows"};
	size_t kept = 0;

	for (size_t i = 0; i < scene->facts.n_outcomes; i++)
		if (told(telling, keys[scene->outcomes[i].kind]))
			scene->outcomes[kept++] = scene->outcomes[i];
	scene->facts.n_outcomes = kept;
	scene->facts.n_changes = 1;
	scene->facts.n_groups = 0;
	if (!told(telling, "allowed_before"))
		scene->facts.allowed_before = false;
	if (!told(telling, "shadowed_by"))
		scene->facts.shadowed = false;
}

static void end(struct scene *scene, const struct telling *telling, const struct facts *from)
{
	size_t n = from ? from->n_changes : 1;
	struct change *changes = arena_alloc(scene->arena, n, sizeof *changes);

	scene->facts.n_changes = n;
	if (from)
		memcpy(changes, from->changes, n * sizeof *changes);
	if (from && !oid_eq(&from->head, &scene->facts.head))
		forget_old_head(scene, telling);
	if (!from || scene->n_told > 0)
		scene_range(scene);
	scene->change.known &= ~scene->unknown;
	if (!told(telling, "now") && (!from || steps_told(telling) > 0))
		scene->facts.now = from ? scene->clock : scene->clock - SCENE_STEP_MS + SCENE_REST_MS;
	changes[0] = scene->change;
	scene->facts.changes = changes;
	if (scene->gone || !scene->facts.changes_known)
		scene->facts.n_changes = 0;
}

bool scene_make(const struct telling *telling, const struct facts *from, struct arena *arena, const struct scene **ret,
		struct problem *problem)
{
	struct scene *scene = arena_alloc(arena, 1, sizeof *scene);
	size_t history = key_index(TEXT_LIT("history")), author = key_index(TEXT_LIT("author"));

	*problem = (struct problem){0};
	*scene = (struct scene){
		.arena = arena, .problem = problem, .tip = SCENE_NONE, .message = TEXT_LIT("A change"), .next_id = 1};
	if (from)
		begin_with(scene, from);
	else
		begin_anew(scene);
	for (size_t key = 0; key < scene_keys.n; key++) {
		if (key == author && !from && telling->keys[key].n == 0)
			default_author(scene);
		if (key == history && !begin_history(scene, telling, from))
			return false;
		for (size_t i = 0; i < telling->keys[key].n; i++)
			if (!scene_keys.at[key].read(scene, telling->keys[key].nodes[i]))
				return false;
	}
	end(scene, telling, from);
	*ret = scene;
	return true;
}

const struct facts *scene_facts(const struct scene *scene)
{
	return &scene->facts;
}

/* The name at t's beginning is that commit's, in full or as it is shown. */
static const struct told_commit *shown(const struct scene *scene, struct text t, size_t *ret_len)
{
	for (size_t i = 0; i < scene->n_told; i++) {
		const struct told_commit *commit = &scene->told[i];
		struct text full = oid_text(&commit->commit.sha), cut = oid_short(&commit->commit.sha);

		*ret_len = text_starts(t, full) ? full.len : cut.len;
		if (text_starts(t, cut) && !text_eq(full, commit->name))
			return commit;
	}
	return NULL;
}

struct text scene_named(const struct scene *scene, struct text text, struct arena *arena)
{
	char *out = arena_alloc(arena, 8 * text.len + 1, 1); /* 40 bytes of a name at most for 7 of a commit */
	size_t n = 0;

	for (size_t i = 0, len = 0; i < text.len; i += len) {
		const struct told_commit *commit = shown(scene, (struct text){text.at + i, text.len - i}, &len);
		struct text put = commit ? commit->name : (struct text){text.at + i, 1};

		len = commit ? len : 1;
		memcpy(out + n, put.at, put.len);
		n += put.len;
	}
	return (struct text){out, n};
}
