/*
 * The canonical text of a reading: JSON of every value that was read, decides and can move. Values and not versions,
 * because a value may go and come back within the grain of a version. Remarks decide nothing (policy/reviews.c), and
 * anybody can make more of them at any time.
 */
#include "agent/work/gather_inner.h"

static void write_oid(struct jwrite *w, const char *key, const struct oid *oid)
{
	jwrite_text(w, key, oid_text(oid));
}

static void write_person(struct jwrite *w, const char *key, const struct person *who)
{
	jwrite_object(w, key);
	jwrite_int(w, "id", who->id);
	jwrite_text(w, "login", who->login);
	jwrite_int(w, "type", who->type);
	jwrite_end(w);
}

static void write_now(struct jwrite *w, const struct forge_change *now)
{
	jwrite_int(w, "number", now->number);
	jwrite_bool(w, "open", now->open);
	jwrite_bool(w, "draft", now->draft);
	jwrite_bool(w, "merged", now->merged);
	write_oid(w, "head", &now->head);
	jwrite_text(w, "head_ref", now->head_ref);
	jwrite_text(w, "head_label", now->head_label);
	jwrite_int(w, "head_repo", now->head_repo);
	jwrite_text(w, "base_ref", now->base_ref);
	write_person(w, "author", &now->author);
	jwrite_text(w, "title", now->title);
	jwrite_text(w, "body", now->body);
	jwrite_array(w, "labels");
	for (size_t i = 0; i < now->n_labels; i++)
		jwrite_text(w, NULL, now->labels[i]);
	jwrite_end(w);
}

static void write_reviews(struct jwrite *w, const struct forge_list_reviews *reviews)
{
	jwrite_array(w, "reviews");
	for (size_t i = 0; i < reviews->n; i++) {
		const struct forge_review *r = &reviews->at[i];

		if (r->state == REVIEW_COMMENTED)
			continue;
		jwrite_object(w, NULL);
		jwrite_int(w, "id", r->id);
		jwrite_int(w, "state", r->state);
		write_person(w, "user", &r->user);
		write_oid(w, "commit", &r->commit_id);
		jwrite_int(w, "at", r->submitted_at);
		jwrite_end(w);
	}
	jwrite_end(w);
}

static void write_moves(struct jwrite *w, const struct forge_list_moves *moves)
{
	jwrite_bool(w, "moves_complete", moves->complete);
	jwrite_int(w, "base_changed_at", moves->base_changed_at);
	jwrite_array(w, "moves");
	for (size_t i = 0; i < moves->n; i++) {
		jwrite_object(w, NULL);
		write_oid(w, "to", &moves->at[i].to);
		jwrite_int(w, "at", moves->at[i].at);
		jwrite_int(w, "actor", moves->at[i].actor);
		jwrite_end(w);
	}
	jwrite_end(w);
}

static void write_commit_people(struct jwrite *w, const struct forge_list_people *people)
{
	jwrite_array(w, "commits");
	for (size_t i = 0; i < people->n; i++) {
		jwrite_object(w, NULL);
		write_oid(w, "sha", &people->at[i].sha);
		jwrite_int(w, "author", people->at[i].author);
		jwrite_int(w, "committer", people->at[i].committer);
		jwrite_int(w, "valid", people->at[i].signature.valid);
		jwrite_text(w, "key", people->at[i].signature.key_id);
		jwrite_text(w, "reason", people->at[i].signature.reason);
		jwrite_end(w);
	}
	jwrite_end(w);
}

static void write_comments(struct jwrite *w, const char *key, const struct comment *at, size_t n)
{
	jwrite_array(w, key);
	for (size_t i = 0; i < n; i++) {
		jwrite_object(w, NULL);
		jwrite_int(w, "id", at[i].id);
		write_person(w, "user", &at[i].user);
		jwrite_int(w, "at", at[i].created_at);
		jwrite_bool(w, "edited", at[i].edited);
		jwrite_text(w, "body", at[i].body);
		jwrite_end(w);
	}
	jwrite_end(w);
}

/* Where a policy asks for it; then remarks decide, too. */
static void write_said(struct jwrite *w, const struct seen_change *s)
{
	jwrite_bool(w, "said_known", s->said_known);
	if (!s->said_known)
		return;
	write_comments(w, "comments", s->said.comments, s->said.n_comments);
	write_comments(w, "texts", s->said.reviews, s->said.n_reviews);
}

static void write_threads(struct jwrite *w, const struct seen_change *s)
{
	jwrite_bool(w, "threads_known", s->threads_known);
	if (!s->threads_known)
		return;
	jwrite_array(w, "open_threads");
	for (size_t i = 0; i < s->threads.n; i++)
		if (!s->threads.at[i].resolved)
			jwrite_text(w, NULL, s->threads.at[i].id);
	jwrite_end(w);
}

static void write_members(struct jwrite *w, const struct members *members)
{
	jwrite_array(w, "members");
	for (size_t i = 0; i < members->n; i++) {
		const struct member *m = &members->at[i];

		jwrite_object(w, NULL);
		write_person(w, "who", &m->who);
		jwrite_int(w, "permission", m->permission);
		jwrite_array(w, "teams");
		for (size_t t = 0; t < m->n_teams; t++)
			jwrite_text(w, NULL, m->teams[t]);
		jwrite_end(w);
		jwrite_bool(w, "organizations_known", m->organizations_known);
		jwrite_array(w, "organizations");
		for (size_t t = 0; t < m->n_organizations; t++)
			jwrite_text(w, NULL, m->organizations[t]);
		jwrite_end(w);
		jwrite_int(w, "merged_before", m->merged_before);
		jwrite_end(w);
	}
	jwrite_end(w);
}

static void write_outcomes(struct jwrite *w, const struct seen *seen)
{
	jwrite_int(w, "outcomes_known", seen->outcomes_known);
	jwrite_array(w, "outcomes");
	for (size_t i = 0; i < seen->n_outcomes; i++) {
		const struct outcome *one = &seen->outcomes[i];

		jwrite_object(w, NULL);
		jwrite_int(w, "kind", one->kind);
		jwrite_text(w, "name", one->name);
		jwrite_text(w, "event", one->event);
		jwrite_text(w, "app", one->app);
		jwrite_int(w, "app_id", one->app_id);
		jwrite_int(w, "creator", one->creator_id);
		jwrite_text(w, "state", one->state);
		jwrite_end(w);
	}
	jwrite_end(w);
}

static void write_change(struct jwrite *w, const struct seen_change *s)
{
	jwrite_object(w, NULL);
	write_now(w, &s->now);
	jwrite_text(w, "pushed_to", s->pushed_to);
	write_oid(w, "tip", &s->tip);
	write_reviews(w, &s->reviews);
	write_moves(w, &s->moves);
	write_commit_people(w, &s->people);
	write_said(w, s);
	write_threads(w, s);
	jwrite_end(w);
}

struct text gather_versions(const struct seen *seen, const struct members *members, struct arena *arena)
{
	struct jwrite *w = jwrite_new();
	struct text text;

	jwrite_object(w, NULL);
	jwrite_array(w, "changes");
	for (size_t i = 0; i < seen->n_changes; i++)
		write_change(w, &seen->changes[i]);
	jwrite_end(w);
	jwrite_array(w, "others");
	for (size_t i = 0; i < seen->n_others; i++) {
		jwrite_object(w, NULL);
		write_now(w, &seen->others[i]);
		jwrite_end(w);
	}
	jwrite_end(w);
	write_outcomes(w, seen);
	write_members(w, members);
	jwrite_end(w);
	text = arena_text(arena, jwrite_text_of(w));
	jwrite_free(w);
	return text;
}
