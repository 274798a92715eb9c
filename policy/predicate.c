#include "policy/predicate.h"

#include "policy/actors.h"
#include "policy/contributors.h"
#include "policy/keys.h"
#include "policy/standing_orders.h"

#include <string.h>

/* The table. `if` and `conditions` know what stands here and nothing else. */
static const struct predicate predicates[] = {
	{.doc = {"changed_files", "{paths: [pattern], ignore: [pattern], types: [symlink|gitlink|executable]}",
		 "a changed file that no `ignore` matches is matched by one of `paths`; both names of a renamed file "
		 "are looked at; `ignore` hides a link, submodule or executable bit only where `types` lists it"},
	 .needs = FACT_PATHS,
	 .read = changed_files_read,
	 .ask = changed_files_ask},
	{.doc = {"no_changed_files", "{paths: [pattern], ignore: [pattern], types: [symlink|gitlink|executable]}",
		 "no such file is touched, nor any link, submodule or executable bit that `types` does not list"},
	 .needs = FACT_PATHS,
	 .read = no_changed_files_read,
	 .ask = no_changed_files_ask},
	{.doc = {"only_changed_files", "{paths: [pattern], types: [symlink|gitlink|executable]}",
		 "there are changed files, and one of `paths` matches each; a link, submodule or executable bit that "
		 "`types` does not list is never matched"},
	 .needs = FACT_PATHS,
	 .read = only_changed_files_read,
	 .ask = only_changed_files_ask},
	{.doc = {"has_author_in", ACTORS_TYPE, "the author of the change is one of these"},
	 .needs = FACT_AUTHOR,
	 .read = has_author_in_read,
	 .ask = has_author_in_ask,
	 .about = ABOUT_AUTHOR},
	{.doc = {"has_contributor_in", ACTORS_TYPE,
		 "one of these wrote, committed or pushed a commit of the change; whoever writes a commit can name "
		 "them in it"},
	 .needs = CONTRIBUTOR_FACTS,
	 .read = has_contributor_in_read,
	 .ask = has_contributor_in_ask,
	 .about = ABOUT_CONTRIBUTORS},
	{.doc = {"only_has_contributors_in", ACTORS_TYPE,
		 "nobody else wrote, committed or pushed a commit of the change, and everybody is known"},
	 .needs = CONTRIBUTOR_FACTS,
	 .read = only_has_contributors_in_read,
	 .ask = only_has_contributors_in_ask,
	 .about = ABOUT_CONTRIBUTORS},
	{.doc = {"author_is_only_contributor", "boolean",
		 "true: nobody but the author of the change wrote, committed or pushed a commit of it; false: somebody "
		 "did"},
	 .needs = CONTRIBUTOR_FACTS,
	 .read = author_is_only_contributor_read,
	 .ask = author_is_only_contributor_ask},
	{.doc = {"only_pushed_by", ACTORS_TYPE,
		 "the forge names everybody who pushed to the change, and each is one of these; unlike the names in "
		 "commits, nobody can write themselves into it"},
	 .needs = FACT_PUSHERS,
	 .read = only_pushed_by_read,
	 .ask = only_pushed_by_ask,
	 .about = ABOUT_CONTRIBUTORS},
	{.doc = {"author_has_merged", "boolean",
		 "true: a change of the author's was merged into this repository before; false: none was"},
	 .needs = FACT_AUTHOR,
	 .read = author_has_merged_read,
	 .ask = author_has_merged_ask,
	 .merged_before = true},
	{.doc = {"targets_branch", "{pattern: pattern}", "the base branch matches"},
	 .needs = FACT_BASE,
	 .read = targets_branch_read,
	 .ask = targets_branch_ask,
	 .of_push = true},
	{.doc = {"up_to_date", "boolean", "true: the head has all commits of its base branch; false: it lacks some"},
	 .needs = FACT_COMMITS | FACT_BASE,
	 .read = up_to_date_read,
	 .ask = up_to_date_ask},
	{.doc = {"from_branch", "{pattern: pattern}",
		 "the head's branch matches; it is owner:branch where it is in another repository"},
	 .needs = FACT_HEAD_REF,
	 .read = from_branch_read,
	 .ask = from_branch_ask},
	{.doc = {"modified_lines", "{additions: comparison, deletions: comparison, total: comparison}",
		 "one of the comparisons holds, each written \"<N\", \">N\" or \"=N\""},
	 .needs = FACT_PATHS | FACT_LINES,
	 .read = modified_lines_read,
	 .ask = modified_lines_ask},
	{.doc = {"has_status", "{conclusions: [conclusion], statuses: [name or {name!: name, app!: app}]}",
		 "each status or check run is there, from everybody who posts it, with one of the conclusions; left "
		 "out: success"},
	 .needs = FACT_STATUSES,
	 .read = has_status_read,
	 .ask = outcomes_ask,
	 .watched = outcomes_watched},
	{.doc = {"has_successful_status", "[name or {name!: name, app!: app}]",
		 "each status or check run is there, from everybody who posts it, and succeeded"},
	 .needs = FACT_STATUSES,
	 .read = has_successful_status_read,
	 .ask = outcomes_ask,
	 .watched = outcomes_watched},
	{.doc = {"has_workflow_result", "{conclusions: [conclusion], workflows: [path or {name!: path, app!: app}]}",
		 "the newest run of each workflow, for each event, has one of the conclusions; left out: success"},
	 .needs = FACT_WORKFLOWS,
	 .read = has_workflow_result_read,
	 .ask = outcomes_ask,
	 .watched = outcomes_watched},
	{.doc = {"landing_asked_by",
		 "{users: [login], teams: [team], organizations: [name], permissions: "
		 "[read|triage|write|maintain|admin], admins: boolean, write_collaborators: boolean, not: "
		 "[author|approvers]}",
		 "one of these, and none of whom `not` lists, asked for landing of exactly this commit: by a comment "
		 "such as `bors r+`, the merge queue or auto-merge, and it was not taken back"},
	 .needs = ORDER_FACTS | FACT_REVIEWS,
	 .read = landing_asked_by_read,
	 .ask = landing_asked_by_ask,
	 .about = ABOUT_ASKERS},
	{.doc = {"has_labels", "[label]", "the change has all of them, compared without case"},
	 .needs = FACT_LABELS,
	 .read = has_labels_read,
	 .ask = has_labels_ask},
	{.doc = {"threads_resolved", "boolean",
		 "true: every conversation about lines of the change is resolved; false: one is not"},
	 .needs = FACT_THREADS,
	 .read = threads_resolved_read,
	 .ask = threads_resolved_ask,
	 .watched = threads_watched},
	{.doc = {"repository", "{matches: [pattern], not_matches: [pattern]}",
		 "owner/name matches one of `matches`, or there are `not_matches` and none of them matches"},
	 .read = repository_read,
	 .ask = repository_ask},
	{.doc = {"title", "{matches: [pattern], not_matches: [pattern]}",
		 "the title matches one of `matches`, or there are `not_matches` and none of them matches"},
	 .needs = FACT_TITLE,
	 .read = title_read,
	 .ask = title_ask},
	{.doc = {"has_valid_signatures", "boolean",
		 "true: the forge holds the signature of every commit valid; false: of one it does not"},
	 .needs = FACT_COMMITS | FACT_SIGNATURES,
	 .read = has_valid_signatures_read,
	 .ask = has_valid_signatures_ask},
	{.doc = {"has_valid_signatures_by", ACTORS_TYPE,
		 "the signature of every commit is valid and that of one of these"},
	 .needs = FACT_COMMITS | FACT_SIGNATURES,
	 .read = has_valid_signatures_by_read,
	 .ask = has_valid_signatures_by_ask,
	 .about = ABOUT_CONTRIBUTORS},
	{.doc = {"has_valid_signatures_by_keys", "{key_ids: [key_id]}",
		 "the signature of every commit is valid and made with one of these OpenPGP keys"},
	 .needs = FACT_COMMITS | FACT_SIGNATURES,
	 .read = has_valid_signatures_by_keys_read,
	 .ask = has_valid_signatures_by_keys_ask},
	{.doc = {"signer", "author|committer",
		 "the signature of every commit is valid and that of whom the commit names as its author, or "
		 "committer"},
	 .needs = FACT_COMMITS | FACT_SIGNATURES,
	 .read = signer_read,
	 .ask = signer_ask},
	{.doc = {"commit_token", "{key: text, values: [name]}",
		 "every commit carries key=name in its first line; values: the names that are allowed, left out: any"},
	 .needs = FACT_COMMITS,
	 .read = commit_token_read,
	 .ask = commit_token_ask,
	 .of_push = true},
	{.doc = {"message_word", "{words!: [text], where: every|tip}",
		 "the first line of every commit's message, or of the newest one's (where: tip), has one of these as a "
		 "word of its own; whoever writes a commit types it"},
	 .needs = FACT_COMMITS,
	 .read = message_word_read,
	 .ask = message_word_ask,
	 .of_push = true},
	{.doc = {"tree_open",
		 "{tree: name | [name], closed: text, override: " ACTORS_TYPE
		 ", approval: {key!: text, values: [name]}}",
		 "treestatus says that each of these trees is open; what it does not say waits. approval: a tree that "
		 "asks "
		 "for approval is met by this token in every commit. override: CLOSED TREE in the newest commit's "
		 "first "
		 "line passes, where one of these pushed, and nobody else. closed: it is closed here, and why"},
	 .read = tree_open_read,
	 .ask = tree_open_ask,
	 .inner = tree_open_inner,
	 .watched = tree_open_watched},
	{.doc = {"bugs",
		 "{every: bug_conditions, any: bug_conditions, min: integer >= 1, tracker: name, duplicates: "
		 "boolean=true, on_unknown: pending|failure}",
		 "of the bugs that the commits name: `every` holds for each of them, also where there is none; `any` "
		 "for "
		 "one that each commit names; `min`: each commit names so many that exist; duplicates: what is one "
		 "with "
		 "a bug is asked, too; the rule is restricted"},
	 .needs = FACT_COMMITS | FACT_TITLE | FACT_HEAD_REF,
	 .read = bugs_read,
	 .ask = bugs_ask,
	 .inner = bugs_inner,
	 .of_push = true,
	 .bugs = true},
	{.doc = {"window", "{days: [day], from: clock, to: clock, utc_offset: offset}",
		 "it is judged on one of these days between these times; left out: every day, from 00:00 to 24:00, "
		 "UTC; "
		 "where `to` is before `from` it ends on the next day"},
	 .read = window_read,
	 .ask = window_ask,
	 .changes_at = window_changes_at},
	{.doc = {"not_during", "[{from!: time, to!: time, reason: text}]",
		 "it is judged in none of these spans; `to` is behind the last moment"},
	 .read = not_during_read,
	 .ask = not_during_ask,
	 .changes_at = not_during_changes_at},
	{.doc = {"all_of", "[conditions]", "each entry, a map of conditions, holds"},
	 .read = blocks_read,
	 .ask = all_of_ask,
	 .inner = blocks_inner,
	 .of_push = true},
	{.doc = {"any_of", "[conditions]", "one entry, a map of conditions that all hold, is enough"},
	 .read = blocks_read,
	 .ask = any_of_ask,
	 .inner = blocks_inner,
	 .of_push = true},
	{.doc = {"not", "conditions", "they do not all hold; where that cannot be known, neither can this"},
	 .read = not_read,
	 .ask = not_ask,
	 .inner = blocks_inner,
	 .of_push = true},
};
enum { PREDICATES = sizeof predicates / sizeof predicates[0] };

const struct predicate *predicate_at(size_t i)
{
	return i < PREDICATES ? &predicates[i] : NULL;
}

const char *predicate_name(const struct predicate *predicate)
{
	const char *dot = strrchr(predicate->doc.path, '.');

	return dot ? dot + 1 : predicate->doc.path;
}

/* Of those that stand here. */
static const struct predicate *at(const struct parse *parse, size_t i)
{
	return parse->bugs.inside ? bug_predicate_at(i) : predicate_at(i);
}

static const struct predicate *find(const struct parse *parse, struct text name)
{
	const struct predicate *row;

	for (size_t i = 0; (row = at(parse, i)) != NULL; i++)
		if (text_is(name, predicate_name(row)))
			return row;
	return NULL;
}

static bool unknown(struct parse *parse, const struct yaml *key)
{
	const char *names[PREDICATES];
	const struct predicate *row;
	size_t n = 0;

	while (n < PREDICATES && (row = at(parse, n)) != NULL)
		names[n++] = predicate_name(row);
	return key_unknown(parse, key, names, n);
}

static unsigned depth_of(const struct conditions *all)
{
	unsigned deepest = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct condition *c = &all->items[i];
		const struct conditions *inner;

		for (size_t k = 0; c->predicate->inner && (inner = c->predicate->inner(c->args, k)) != NULL; k++) {
			unsigned depth = 1 + depth_of(inner); /* as deep as the nodes of a document */

			deepest = depth > deepest ? depth : deepest;
		}
	}
	return deepest;
}

static bool read_one(struct parse *parse, const struct yaml *map, size_t i, struct condition *ret)
{
	ret->predicate = find(parse, map->keys[i].text);
	if (!ret->predicate)
		return unknown(parse, &map->keys[i]);
	if (!ret->predicate->read(parse, &map->items[i], &ret->args))
		return false;
	if (depth_of(&(struct conditions){ret, 1}) > CONDITIONS_DEPTH_MAX)
		return yaml_problem(&map->keys[i], parse->problem, "conditions nested more than %d deep",
				    CONDITIONS_DEPTH_MAX);
	return true;
}

bool conditions_read(struct parse *parse, const struct yaml *map, const struct condition **ret, size_t *ret_n)
{
	struct condition *all;
	bool ok = true;

	if (map->kind != YAML_MAP || map->n == 0)
		return yaml_problem(map, parse->problem, "expected a map of conditions");
	all = arena_alloc(parse->arena, map->n, sizeof *all);
	for (size_t i = 0; i < map->n; i++)
		if (!read_one(parse, map, i, &all[i]))
			ok = parse_failed(parse);
	if (!ok)
		return false;
	*ret = all;
	*ret_n = map->n;
	return true;
}

static const struct {
	unsigned fact;
	const char *name;
} names[] = {
	{FACT_STATE, "the state of the change"},
	{FACT_DRAFT, "to know whether the change is a draft"},
	{FACT_BASE, "the base branch"},
	{FACT_AUTHOR, "the author of the change"},
	{FACT_ARRIVAL, "the time at which this commit arrived"},
	{FACT_PUSHERS, "to know who pushed"},
	{FACT_COMMITS, "the list of commits"},
	{FACT_PATHS, "the list of changed files"},
	{FACT_REVIEWS, "the list of reviews"},
	{FACT_LABELS, "the labels"},
	{FACT_TITLE, "the title"},
	{FACT_BODY, "the description"},
	{FACT_HEAD_REF, "the name of the head's branch"},
	{FACT_SIGNATURES, "the signatures of the commits"},
	{FACT_LINES, "the number of changed lines"},
	{FACT_STATUSES, "the statuses and check runs"},
	{FACT_WORKFLOWS, "the results of the workflows"},
	{FACT_COMMENTS, "the comments"},
	{FACT_ORDERS, "to know what people told the gate"},
	{FACT_THREADS, "to know which conversations are resolved"},
};

const char *fact_missing(unsigned needs, const struct change *change)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if ((needs & names[i].fact) && !(change->known & names[i].fact))
			return names[i].name;
	return NULL;
}

struct answer answer_yes(struct text why)
{
	return (struct answer){.holds = TRI_YES, .why = why};
}

struct answer answer_no(struct text why)
{
	return (struct answer){.holds = TRI_NO, .why = why};
}

struct answer answer_unknown(struct text why)
{
	return (struct answer){.holds = TRI_UNKNOWN, .why = why};
}

struct answer answer_stuck(struct text why)
{
	return (struct answer){.holds = TRI_UNKNOWN, .stuck = true, .why = why};
}

struct answer answer_wanted(bool want, struct answer answer)
{
	if (!want && answer.holds != TRI_UNKNOWN)
		answer.holds = answer.holds == TRI_YES ? TRI_NO : TRI_YES;
	return answer;
}

struct answer condition_ask(const struct condition *condition, const struct judging *on)
{
	const char *missing = fact_missing(condition->predicate->needs, on->change);

	if (missing)
		return answer_unknown(text_of(missing));
	return condition->predicate->ask(condition->args, on);
}

struct answer answer_and(struct answer a, struct answer b)
{
	if (a.holds == TRI_NO || b.holds == TRI_NO)
		return a.holds == TRI_NO ? a : b;
	if (a.stuck || b.stuck)
		return a.stuck ? a : b;
	if (a.holds == TRI_UNKNOWN || b.holds == TRI_UNKNOWN)
		return a.holds == TRI_UNKNOWN ? a : b;
	return a.why.len > 0 ? a : b;
}

struct answer conditions_ask(const struct conditions *all, const struct judging *on)
{
	struct answer so_far = answer_yes(TEXT_EMPTY);

	for (size_t i = 0; i < all->n && so_far.holds != TRI_NO; i++)
		so_far = answer_and(so_far, condition_ask(&all->items[i], on));
	return so_far;
}

unsigned conditions_facts(const struct conditions *all)
{
	unsigned facts = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct condition *c = &all->items[i];
		const struct conditions *inner;

		facts |= c->predicate->needs;
		for (size_t k = 0; c->predicate->inner && (inner = c->predicate->inner(c->args, k)) != NULL; k++)
			facts |= conditions_facts(inner);
	}
	return facts;
}

int64_t conditions_change_at(const struct conditions *all, int64_t now)
{
	int64_t soonest = INT64_MAX;

	for (size_t i = 0; i < all->n; i++) {
		const struct condition *c = &all->items[i];
		const struct conditions *inner;
		int64_t at = c->predicate->changes_at ? c->predicate->changes_at(c->args, now) : INT64_MAX;

		soonest = at < soonest ? at : soonest;
		for (size_t k = 0; c->predicate->inner && (inner = c->predicate->inner(c->args, k)) != NULL; k++) {
			at = conditions_change_at(inner, now); /* as deep as the parser allows */
			soonest = at < soonest ? at : soonest;
		}
	}
	return soonest;
}
