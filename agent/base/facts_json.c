/*
 * Writing (reading is facts_read.c). Text that JSON cannot carry (commit messages and file names are bytes) is
 * written as {"hex": "..."}, so that what was judged can be judged again.
 */
#include "agent/base/facts_json.h"

#include "agent/base/facts_bugs.h"
#include "agent/base/facts_trees.h"
#include "policy/policy.h"
#include "webhooks/jread.h"

#include <stdio.h>
#include <string.h>

#define FACTS_VERSION 1

static void put_text(struct jwrite *w, const char *key, struct text t, struct arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	char *hex;

	if (text_utf8(t) && (t.len == 0 || !memchr(t.at, '\0', t.len))) {
		jwrite_text(w, key, t);
		return;
	}
	hex = arena_alloc(arena, t.len, 2);
	for (size_t i = 0; i < t.len; i++) {
		hex[2 * i] = digits[(unsigned char)t.at[i] >> 4];
		hex[2 * i + 1] = digits[(unsigned char)t.at[i] & 15];
	}
	jwrite_object(w, key);
	jwrite_text(w, "hex", (struct text){hex, 2 * t.len});
	jwrite_end(w);
}

/* Whole seconds as usual; a rest as a fraction, so that reading gives the same number. */
void facts_put_when(struct jwrite *w, const char *key, int64_t ms)
{
	char buffer[32], out[40];
	int64_t rest = ms % 1000;

	if (ms == WHEN_UNKNOWN || when_print(ms, buffer)[0] == 'u') {
		jwrite_null(w, key);
		return;
	}
	rest += rest < 0 ? 1000 : 0;
	if (rest == 0)
		(void)snprintf(out, sizeof out, "%s", buffer);
	else
		(void)snprintf(out, sizeof out, "%.19s.%03dZ", buffer, (int)rest);
	jwrite_text(w, key, text_of(out));
}

static void put_oid(struct jwrite *w, const char *key, const struct oid *oid)
{
	if (oid_known(oid))
		jwrite_text(w, key, oid_text(oid));
	else
		jwrite_null(w, key);
}

static void put_id(struct jwrite *w, const char *key, int64_t id)
{
	if (id != 0)
		jwrite_int(w, key, id);
	else
		jwrite_null(w, key);
}

static const char *const person_types[] = {NULL, "User", "Bot", "Other"};

static void put_type(struct jwrite *w, enum person_type type)
{
	if (type == PERSON_UNKNOWN)
		jwrite_null(w, "type");
	else
		jwrite_text(w, "type", text_of(person_types[type]));
}

static void put_person(struct jwrite *w, const char *key, const struct person *person, struct arena *arena)
{
	jwrite_object(w, key);
	put_id(w, "id", person->id);
	put_text(w, "login", person->login, arena);
	put_type(w, person->type);
	jwrite_end(w);
}

static void put_signer(struct jwrite *w, const char *key, const struct signer *signer, struct arena *arena)
{
	jwrite_object(w, key);
	put_id(w, "id", signer->id);
	put_text(w, "login", signer->login, arena);
	put_text(w, "name", signer->name, arena);
	put_text(w, "email", signer->email, arena);
	jwrite_end(w);
}

static void put_tri(struct jwrite *w, const char *key, enum tri t)
{
	if (t == TRI_UNKNOWN)
		jwrite_null(w, key);
	else
		jwrite_bool(w, key, t == TRI_YES);
}

static void put_signature(struct jwrite *w, const struct signature *signature, struct arena *arena)
{
	jwrite_object(w, "signature");
	put_tri(w, "valid", signature->valid);
	put_id(w, "signer", signature->signer);
	put_text(w, "key_id", signature->key_id, arena);
	put_text(w, "reason", signature->reason, arena);
	jwrite_end(w);
}

static void put_commit(struct jwrite *w, const struct commit *commit, bool signatures, struct arena *arena)
{
	jwrite_object(w, NULL);
	put_oid(w, "sha", &commit->sha);
	put_oid(w, "tree", &commit->tree);
	jwrite_array(w, "parents");
	for (size_t i = 0; i < commit->n_parents; i++)
		put_oid(w, NULL, &commit->parents[i]);
	jwrite_end(w);
	put_text(w, "message", commit->message, arena);
	if (commit->recoded)
		jwrite_bool(w, "recoded", true);
	put_signer(w, "author", &commit->author, arena);
	put_signer(w, "committer", &commit->committer, arena);
	jwrite_array(w, "coauthors");
	for (size_t i = 0; i < commit->n_coauthors; i++)
		put_signer(w, NULL, &commit->coauthors[i], arena);
	jwrite_end(w);
	if (signatures)
		put_signature(w, &commit->signature, arena);
	jwrite_end(w);
}

static const char *const path_statuses[] = {NULL, "added", "modified", "deleted"};

static void put_path(struct jwrite *w, const struct path *path, bool lines, struct arena *arena)
{
	jwrite_object(w, NULL);
	put_text(w, "path", path->path, arena);
	if (path->status != PATH_UNKNOWN)
		jwrite_text(w, "status", text_of(path_statuses[path->status]));
	if (path->old_path.len > 0)
		put_text(w, "old_path", path->old_path, arena);
	jwrite_int(w, "mode", path->mode);
	jwrite_int(w, "old_mode", path->old_mode);
	if (lines) {
		jwrite_int(w, "additions", path->additions);
		jwrite_int(w, "deletions", path->deletions);
	}
	jwrite_end(w);
}

static void put_review(struct jwrite *w, const struct review *review, struct arena *arena)
{
	jwrite_object(w, NULL);
	jwrite_int(w, "id", review->id);
	put_person(w, "user", &review->user, arena);
	if (review->state == REVIEW_STATE_UNKNOWN)
		jwrite_null(w, "state");
	else
		jwrite_text(w, "state", text_of(review_state_name(review->state)));
	facts_put_when(w, "submitted_at", review->submitted_at);
	put_oid(w, "bound_sha", &review->bound_sha);
	jwrite_bool(w, "edited", review->edited);
	if (review->body.len > 0)
		put_text(w, "body", review->body, arena);
	jwrite_end(w);
}

static void put_comment(struct jwrite *w, const struct comment *comment, struct arena *arena)
{
	jwrite_object(w, NULL);
	jwrite_int(w, "id", comment->id);
	put_person(w, "user", &comment->user, arena);
	facts_put_when(w, "created_at", comment->created_at);
	jwrite_bool(w, "edited", comment->edited);
	put_text(w, "body", comment->body, arena);
	jwrite_end(w);
}

static void put_owners_file(struct jwrite *w, const struct owners_file *file, struct arena *arena)
{
	jwrite_object(w, NULL);
	put_text(w, "name", file->name, arena);
	if (file->path.len > 0) {
		put_text(w, "path", file->path, arena);
		put_text(w, file->why.len > 0 ? "why" : "text", file->why.len > 0 ? file->why : file->bytes, arena);
	}
	jwrite_end(w);
}

/* Like owners_files they say what was found: there is no list where nothing was. */
static void put_carried(struct jwrite *w, const struct change *change, struct arena *arena)
{
	if (change->n_carried == 0)
		return;
	jwrite_array(w, "carried");
	for (size_t i = 0; i < change->n_carried; i++) {
		jwrite_object(w, NULL);
		put_id(w, "review", change->carried[i].review);
		jwrite_text(w, "from", oid_text(&change->carried[i].from));
		jwrite_text(w, "rule", text_of(carry_name(change->carried[i].how)));
		if (change->carried[i].why.len > 0)
			put_text(w, "why", change->carried[i].why, arena);
		jwrite_end(w);
	}
	jwrite_end(w);
}

static void put_order(struct jwrite *w, const struct order *order, struct arena *arena)
{
	jwrite_object(w, NULL);
	if (order->takes_back)
		jwrite_bool(w, "takes_back", true);
	jwrite_text(w, "how", text_of(order_how_name(order->how)));
	put_person(w, "by", &order->by, arena);
	if (order->to_author)
		jwrite_bool(w, "to_author", true);
	if (order->to.id != 0 || order->to.login.len > 0)
		put_person(w, "to", &order->to, arena);
	put_oid(w, "sha", &order->sha);
	facts_put_when(w, "at", order->at);
	if (order->comment != 0)
		jwrite_int(w, "comment", order->comment);
	jwrite_end(w);
}

static void put_orders(struct jwrite *w, const char *key, const struct order *at, size_t n, struct arena *arena)
{
	jwrite_array(w, key);
	for (size_t i = 0; i < n; i++)
		put_order(w, &at[i], arena);
	jwrite_end(w);
}

static void put_base(struct jwrite *w, const struct change *change, struct arena *arena)
{
	if (!(change->known & FACT_BASE)) {
		jwrite_null(w, "base");
		return;
	}
	jwrite_object(w, "base");
	put_text(w, "ref", change->base_ref, arena);
	put_oid(w, "sha", &change->base_sha);
	jwrite_end(w);
}

static void put_scalars(struct jwrite *w, const struct change *change, struct arena *arena)
{
	jwrite_int(w, "number", change->number);
	if (change->pushed_to.len > 0)
		put_text(w, "pushed_to", change->pushed_to, arena);
	if (change->known & FACT_STATE)
		jwrite_text(w, "state", text_of(change->merged ? "merged" : change->open ? "open" : "closed"));
	else
		jwrite_null(w, "state");
	if (change->known & FACT_DRAFT)
		jwrite_bool(w, "draft", change->draft);
	else
		jwrite_null(w, "draft");
	put_base(w, change, arena);
	facts_put_when(w, "head_arrived_at", (change->known & FACT_ARRIVAL) ? change->head_arrived_at : WHEN_UNKNOWN);
	if (change->base_changed_at > 0)
		facts_put_when(w, "base_changed_at", change->base_changed_at);
	if (change->head_gone) {
		jwrite_bool(w, "head_gone", true);
		facts_put_when(w, "head_seen_at", change->head_seen_at);
	}
	if (change->known & FACT_AUTHOR)
		put_person(w, "author", &change->author, arena);
	else
		jwrite_null(w, "author");
	if (change->known & FACT_TITLE)
		put_text(w, "title", change->title, arena);
	if (change->known & FACT_BODY)
		put_text(w, "body", change->body, arena);
	if (change->known & FACT_HEAD_REF)
		put_text(w, "head_ref", change->head_ref, arena);
	if (change->policy_from.len > 0)
		put_text(w, "policy_from", change->policy_from, arena);
}

/* An array when the fact is known, else null; the caller fills and closes an array. */
static bool open_array(struct jwrite *w, const char *key, const struct change *change, enum fact fact)
{
	if (change->known & (unsigned)fact) {
		jwrite_array(w, key);
		return true;
	}
	jwrite_null(w, key);
	return false;
}

static void put_lists(struct jwrite *w, const struct change *change, struct arena *arena)
{
	if (open_array(w, "pushers", change, FACT_PUSHERS)) {
		for (size_t i = 0; i < change->n_pushers; i++)
			put_id(w, NULL, change->pushers[i]);
		jwrite_end(w);
	}
	if (change->pushers_hidden)
		jwrite_bool(w, "pushers_hidden", true);
	if (open_array(w, "labels", change, FACT_LABELS)) {
		for (size_t i = 0; i < change->n_labels; i++)
			put_text(w, NULL, change->labels[i], arena);
		jwrite_end(w);
	}
	if (open_array(w, "commits", change, FACT_COMMITS)) {
		for (size_t i = 0; i < change->n_commits; i++)
			put_commit(w, &change->commits[i], change->known & FACT_SIGNATURES, arena);
		jwrite_end(w);
	}
	if (open_array(w, "paths", change, FACT_PATHS)) {
		for (size_t i = 0; i < change->n_paths; i++)
			put_path(w, &change->paths[i], change->known & FACT_LINES, arena);
		jwrite_end(w);
	}
	if (open_array(w, "reviews", change, FACT_REVIEWS)) {
		for (size_t i = 0; i < change->n_reviews; i++)
			put_review(w, &change->reviews[i], arena);
		jwrite_end(w);
	}
	if (change->known & FACT_COMMENTS) {
		jwrite_array(w, "comments");
		for (size_t i = 0; i < change->n_comments; i++)
			put_comment(w, &change->comments[i], arena);
		jwrite_end(w);
	}
	if (change->known & FACT_ORDERS) {
		put_orders(w, "delegations", change->delegations, change->n_delegations, arena);
		put_orders(w, "landing_asks", change->landing_asks, change->n_landing_asks, arena);
	}
	if (change->known & FACT_THREADS)
		jwrite_int(w, "open_threads", change->open_threads);
	if (oid_known(&change->merge_base))
		jwrite_text(w, "merge_base", oid_text(&change->merge_base));
	put_carried(w, change, arena);
	if (change->n_owners_files > 0) {
		jwrite_array(w, "owners_files");
		for (size_t i = 0; i < change->n_owners_files; i++)
			put_owners_file(w, &change->owners_files[i], arena);
		jwrite_end(w);
	}
}

static void put_names(struct jwrite *w, const char *key, const struct text *names, size_t n, struct arena *arena)
{
	jwrite_array(w, key);
	for (size_t i = 0; i < n; i++)
		put_text(w, NULL, names[i], arena);
	jwrite_end(w);
}

static void put_member(struct jwrite *w, const struct member *member, struct arena *arena)
{
	char id[24];

	(void)snprintf(id, sizeof id, "%lld", (long long)member->who.id);
	jwrite_object(w, id);
	put_text(w, "login", member->who.login, arena);
	put_type(w, member->who.type);
	if (member->permission == PERMISSION_UNKNOWN)
		jwrite_null(w, "permission");
	else
		jwrite_text(w, "permission", text_of(permission_name(member->permission)));
	if (member->teams_known)
		put_names(w, "teams", member->teams, member->n_teams, arena);
	else
		jwrite_null(w, "teams");
	if (member->organizations_known)
		put_names(w, "organizations", member->organizations, member->n_organizations, arena);
	if (member->merged_before != TRI_UNKNOWN)
		put_tri(w, "merged_before", member->merged_before);
	jwrite_end(w);
}

static void put_outcome(struct jwrite *w, const struct outcome *outcome, struct arena *arena)
{
	jwrite_object(w, NULL);
	if (outcome->kind == OUTCOME_WORKFLOW)
		put_text(w, "event", outcome->event, arena);
	else
		jwrite_text(w, "kind", outcome->kind == OUTCOME_CHECK ? TEXT_LIT("check") : TEXT_LIT("status"));
	put_text(w, "name", outcome->name, arena);
	put_text(w, "app", outcome->app, arena);
	put_id(w, "app_id", outcome->app_id);
	if (outcome->kind != OUTCOME_WORKFLOW)
		put_id(w, "creator_id", outcome->creator_id);
	put_text(w, "state", outcome->state, arena);
	jwrite_end(w);
}

/* They are the head's; who judges one of its changes knows them or does not. */
static bool all_know(const struct facts *facts, enum fact fact)
{
	for (size_t i = 0; i < facts->n_changes; i++)
		if (!(facts->changes[i].known & (unsigned)fact))
			return false;
	return facts->n_changes > 0;
}

static void put_outcomes(struct jwrite *w, const struct facts *facts, struct arena *arena)
{
	static const struct {
		const char *key;
		enum fact fact;
	} lists[] = {{"statuses", FACT_STATUSES}, {"workflows", FACT_WORKFLOWS}};

	for (size_t k = 0; k < sizeof lists / sizeof lists[0]; k++) {
		if (!all_know(facts, lists[k].fact))
			continue;
		jwrite_array(w, lists[k].key);
		for (size_t i = 0; i < facts->n_outcomes; i++)
			if ((facts->outcomes[i].kind == OUTCOME_WORKFLOW) == (lists[k].fact == FACT_WORKFLOWS))
				put_outcome(w, &facts->outcomes[i], arena);
		jwrite_end(w);
	}
}

static void put_changes(struct jwrite *w, const struct facts *facts, struct arena *arena)
{
	if (!facts->changes_known) {
		jwrite_null(w, "changes");
		return;
	}
	jwrite_array(w, "changes");
	for (size_t i = 0; i < facts->n_changes; i++) {
		jwrite_object(w, NULL);
		put_scalars(w, &facts->changes[i], arena);
		put_lists(w, &facts->changes[i], arena);
		jwrite_end(w);
	}
	jwrite_end(w);
}

static struct text taken(struct jwrite *w, struct arena *arena)
{
	struct text text = arena_text(arena, jwrite_text_of(w));

	jwrite_free(w);
	return text;
}

static void put_facts(struct jwrite *w, const char *key, const struct facts *facts, struct arena *arena);

static void put_group(struct jwrite *w, const struct group *group, struct arena *arena)
{
	jwrite_object(w, NULL);
	put_text(w, "base_ref", group->base_ref, arena);
	put_oid(w, "unmerged", &group->unmerged);
	jwrite_array(w, "constituents");
	for (size_t i = 0; i < group->n_constituents; i++) {
		jwrite_object(w, NULL);
		put_id(w, "number", group->constituents[i].number);
		put_facts(w, "facts", &group->constituents[i].facts, arena); /* one level: no groups in it */
		jwrite_end(w);
	}
	jwrite_end(w);
	jwrite_end(w);
}

static void put_facts(struct jwrite *w, const char *key, const struct facts *facts, struct arena *arena)
{
	jwrite_object(w, key);
	jwrite_int(w, "version", FACTS_VERSION);
	facts_put_when(w, "now", facts->now);
	jwrite_object(w, "repo");
	put_id(w, "id", facts->repo);
	put_text(w, "name", facts->repo_name, arena);
	jwrite_end(w);
	put_oid(w, "head", &facts->head);
	jwrite_bool(w, "allowed_before", facts->allowed_before);
	put_oid(w, "superseded_by", &facts->superseded_by);
	if (facts->shadowed)
		put_text(w, "shadowed_by", facts->shadowed_by, arena);
	put_changes(w, facts, arena);
	put_outcomes(w, facts, arena);
	jwrite_object(w, "people");
	for (size_t i = 0; i < facts->n_people; i++)
		put_member(w, &facts->people[i], arena);
	jwrite_end(w);
	facts_put_bugs(w, facts, arena);
	facts_put_trees(w, facts);
	if (facts->n_groups > 0)
		jwrite_array(w, "groups");
	for (size_t i = 0; i < facts->n_groups; i++)
		put_group(w, &facts->groups[i], arena);
	if (facts->n_groups > 0)
		jwrite_end(w);
	jwrite_end(w);
}

struct text facts_encode(const struct facts *facts, struct arena *arena)
{
	struct jwrite *w = jwrite_new();

	put_facts(w, NULL, facts, arena);
	return taken(w, arena);
}

static void put_rule(struct jwrite *w, const struct rule_result *rule)
{
	jwrite_object(w, NULL);
	jwrite_text(w, "name", rule->name);
	jwrite_text(w, "state", text_of(rule_state_name(rule->state)));
	jwrite_text(w, "mode", text_of(rule_mode_name(rule->mode)));
	if (rule->description.len > 0)
		jwrite_text(w, "description", rule->description);
	if (rule->blocking)
		jwrite_bool(w, "blocking", true);
	if (rule->restricted)
		jwrite_bool(w, "restricted", true);
	if (rule->next.len > 0)
		jwrite_text(w, "next", rule->next);
	if (rule->who.len > 0)
		jwrite_text(w, "who", rule->who);
	jwrite_array(w, "counts");
	for (size_t i = 0; i < rule->n_counts; i++) {
		jwrite_object(w, NULL);
		jwrite_int(w, "id", rule->counts[i].id);
		jwrite_text(w, "login", rule->counts[i].login);
		jwrite_end(w);
	}
	jwrite_end(w);
	jwrite_array(w, "ignored");
	for (size_t i = 0; i < rule->n_ignored; i++) {
		jwrite_object(w, NULL);
		jwrite_text(w, "what", rule->ignored[i].what);
		jwrite_text(w, "why", rule->ignored[i].why);
		jwrite_end(w);
	}
	jwrite_end(w);
	jwrite_array(w, "children");
	for (size_t i = 0; i < rule->n_children; i++) /* as deep as the policy's parser allows */
		put_rule(w, &rule->children[i]);
	jwrite_end(w);
	jwrite_end(w);
}

static void put_rules(struct jwrite *w, const char *key, const struct verdict *verdict)
{
	jwrite_array(w, key);
	for (size_t i = 0; i < verdict->n_rules; i++)
		put_rule(w, &verdict->rules[i]);
	jwrite_end(w);
}

static struct verdict viewed(const struct verdict *verdict, bool public_view, struct arena *arena)
{
	struct verdict shown = *verdict;

	if (public_view)
		policy_public_view(verdict, arena, &shown);
	return shown;
}

struct text verdict_encode(const struct verdict *verdict, bool public_view, struct arena *arena)
{
	struct verdict shown = viewed(verdict, public_view, arena);
	struct jwrite *w = jwrite_new();

	jwrite_object(w, NULL);
	jwrite_text(w, "verdict", text_of(decision_name(shown.decision)));
	jwrite_text(w, "state", text_of(status_state_name(shown.state)));
	jwrite_text(w, "text", shown.text);
	jwrite_text(w, "public_text", shown.public_text);
	put_rules(w, "rules", &shown);
	jwrite_end(w);
	return taken(w, arena);
}

struct text rules_encode(const struct verdict *verdict, bool public_view, struct arena *arena)
{
	struct verdict shown = viewed(verdict, public_view, arena);
	struct jwrite *w = jwrite_new();

	put_rules(w, NULL, &shown);
	return taken(w, arena);
}
