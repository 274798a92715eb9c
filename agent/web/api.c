/*
 * The control socket: for the operator on the same machine, everything is shown. Who may connect is decided twice,
 * by the socket's mode and by the kernel's word on who is at the other end.
 */
#include "agent/web/routes.h"

#include <unistd.h>

#include "agent/store/pack.h"
#include "agent/web/commit_json.h"
#include "agent/web/path.h"
#include "agent/web/reply.h"
#include "webhooks/jread.h"

struct asked { /* one request that was let in */
	struct web *web;
	struct exchange *exchange;
	struct arena *arena;
	struct err err;
};

bool api_let_in(struct exchange *exchange)
{
	const struct reply_error error = {403, "forbidden",
					  TEXT_LIT("only root and the user that headgate runs as may use this socket")};
	int64_t uid = exchange_peer_uid(exchange);

	if (uid == 0 || uid == (int64_t)geteuid())
		return true;
	reply_error_json(exchange, &error);
	return false;
}

static struct text rest_of(const struct exchange *exchange, const char *prefix)
{
	struct text path = exchange_path(exchange);
	size_t n = strlen(prefix);

	return path.len > n ? (struct text){path.at + n, path.len - n} : TEXT_EMPTY;
}

static void refuse_with_text(struct asked *a, unsigned status, const char *error, const char *detail)
{
	struct reply_error answer = {status, error, text_of(detail)};

	reply_error_json(a->exchange, &answer);
}

static void answer_missing(struct asked *a, const char *what)
{
	struct reply_error error = reply_error_of(&a->err, what);

	reply_error_json(a->exchange, &error);
}

void api_commits(void *context, struct exchange *exchange, const struct verified *verified)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct asked a = {context, exchange, &arena, ERR_NONE};
	const struct viewing viewing = {a.web->store, COMMIT_OPERATOR, &arena};
	struct path_named named;
	struct commit_key key;
	struct view view;

	(void)verified;
	if (!api_let_in(exchange))
		return;
	if (!path_commit(rest_of(exchange, "/api/v1/commits/"), &named)) {
		refuse_with_text(&a, 404, "not_found", "write /api/v1/commits/OWNER/REPO/ and a full commit id");
		return;
	}
	key = (struct commit_key){named.repo, named.sha};
	if (view_commit(&viewing, &key, &view, &a.err))
		reply(exchange, 200, REPLY_JSON, commit_json(&view, COMMIT_OPERATOR, &arena));
	else
		answer_missing(&a, "nothing is known of this commit");
}

void api_changes(void *context, struct exchange *exchange, const struct verified *verified)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct asked a = {context, exchange, &arena, ERR_NONE};
	const struct viewing viewing = {a.web->store, COMMIT_OPERATOR, &arena};
	struct path_named named;
	struct view view;

	(void)verified;
	if (!api_let_in(exchange))
		return;
	if (!path_change(rest_of(exchange, "/api/v1/changes/"), &named))
		refuse_with_text(&a, 404, "not_found", "write /api/v1/changes/OWNER/REPO/NUMBER");
	else if (view_change(&viewing, &(struct change_named){named.repo, named.number}, &view, &a.err))
		reply(exchange, 200, REPLY_JSON, commit_json(&view, COMMIT_OPERATOR, &arena));
	else
		answer_missing(&a, "nothing is known of this change");
}

static const char *const journal_states[] = {"waiting", "applied", "ignored", "quarantined"};

static bool journal_state_parse(struct text t, enum journal_state *ret)
{
	for (size_t i = 0; i < sizeof journal_states / sizeof journal_states[0]; i++)
		if (text_is(t, journal_states[i])) {
			*ret = (enum journal_state)i;
			return true;
		}
	return false;
}

static void put_delivery(struct jwrite *w, const struct row_journal *row)
{
	char buffer[32];

	jwrite_object(w, NULL);
	jwrite_int(w, "seq", row->seq);
	jwrite_text(w, "guid", row->guid);
	jwrite_text(w, "event", row->event);
	jwrite_text(w, "action", row->action);
	jwrite_int(w, "repo", row->repo);
	jwrite_text(w, "received_at", text_of(when_print(row->received_at, buffer)));
	jwrite_text(w, "note", row->note);
	jwrite_end(w);
}

void api_deliveries(void *context, struct exchange *exchange, const struct verified *verified)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct asked a = {context, exchange, &arena, ERR_NONE};
	enum journal_state state;
	struct deliveries list;
	struct jwrite *w;

	(void)verified;
	if (!api_let_in(exchange))
		return;
	if (!journal_state_parse(exchange_query(exchange, "state"), &state)) {
		refuse_with_text(&a, 400, "bad_state", "say ?state=waiting, applied, ignored or quarantined");
		return;
	}
	if (!store_deliveries(a.web->store, state, &list, &arena, &a.err)) {
		answer_missing(&a, "no deliveries");
		return;
	}
	w = jwrite_new();
	jwrite_object(w, NULL);
	jwrite_text(w, "state", text_of(journal_states[state]));
	jwrite_array(w, "deliveries");
	for (size_t i = 0; i < list.n; i++)
		put_delivery(w, &list.at[i]);
	jwrite_end(w);
	jwrite_end(w);
	reply(exchange, 200, REPLY_JSON, jwrite_text_of(w));
	jwrite_free(w);
}

/* The row itself; what is large comes only when asked for. */
static struct text verdict_json(const struct row_verdict *row, struct arena *arena)
{
	struct jwrite *w = jwrite_new();
	struct text document;
	char buffer[32];

	jwrite_object(w, NULL);
	jwrite_int(w, "id", row->id);
	jwrite_int(w, "repo_id", row->repo);
	jwrite_text(w, "sha", oid_text(&row->sha));
	jwrite_text(w, "made_at", text_of(when_print(row->made_at, buffer)));
	jwrite_int(w, "wanted", row->wanted);
	jwrite_int(w, "fence", row->fence);
	jwrite_int(w, "cause_seq", row->cause_seq);
	jwrite_text(w, "context", row->context);
	jwrite_text(w, "verdict", row->decision);
	jwrite_text(w, "state", row->state);
	jwrite_text(w, "text", row->text);
	jwrite_text(w, "public_text", row->public_text);
	jwrite_text(w, "counted", row->counted);
	jwrite_text(w, "policy_sha", row->policy_sha);
	jwrite_int(w, "inputs_bytes", row->inputs_bytes);
	jwrite_text(w, "prev_hash", row->prev_hash);
	jwrite_text(w, "hash", row->hash);
	jwrite_end(w);
	document = arena_text(arena, jwrite_text_of(w));
	jwrite_free(w);
	return document;
}

/* Stored JSON goes out as it is, once it was seen to be JSON. */
static bool add_stored(struct asked *a, struct text *document, const char *key, struct text value)
{
	struct jdoc *doc = jdoc_parse(value, &a->err);
	bool ok = doc != NULL;

	jdoc_free(doc);
	if (ok)
		*document = json_with(*document, key, value, a->arena);
	return ok;
}

static struct text quoted(struct text t, struct arena *arena)
{
	struct jwrite *w = jwrite_new();
	struct text ret;

	jwrite_text(w, NULL, t);
	ret = arena_text(arena, jwrite_text_of(w));
	jwrite_free(w);
	return ret;
}

static bool add_full(struct asked *a, const struct row_verdict *row, struct text *document)
{
	struct unpack unpack = {row->inputs_lz4, (size_t)row->inputs_bytes, PACK_RAW_MAX};
	struct text facts;

	if (row->inputs_bytes < 0 || !unpack_text(&unpack, a->arena, &facts, &a->err) ||
	    !add_stored(a, document, "facts", facts) || !add_stored(a, document, "rules", row->rules))
		return false;
	*document = json_with(*document, "policy", quoted(row->policy_text, a->arena), a->arena);
	return true;
}

void api_verdicts(void *context, struct exchange *exchange, const struct verified *verified)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct asked a = {context, exchange, &arena, ERR_NONE};
	struct row_verdict row;
	struct text document;
	int64_t id;

	(void)verified;
	if (!api_let_in(exchange))
		return;
	if (!text_int64(rest_of(exchange, "/api/v1/verdicts/"), &id) || id <= 0) {
		refuse_with_text(&a, 404, "not_found", "write /api/v1/verdicts/ and a number");
		return;
	}
	if (!store_verdict(a.web->store, id, &row, &arena, &a.err)) {
		answer_missing(&a, "there is no verdict of this number");
		return;
	}
	document = verdict_json(&row, &arena);
	if (text_is(exchange_query(exchange, "full"), "1") && !add_full(&a, &row, &document))
		refuse_with_text(&a, 500, "stored_verdict_broken", a.err.text);
	else
		reply(exchange, 200, REPLY_JSON, document);
}

/* The body names a repository and exactly one of "sha" and "number". */
static bool read_recheck(struct asked *a, jval root, struct text *repo, struct oid *sha, int64_t *number)
{
	bool by_sha = jget(root, "sha") != NULL;

	if (!jneed_text(root, "repo", repo, &a->err))
		return false;
	if (!path_repo(*repo))
		return err_set(&a->err, ERR_INVALID, "`repo` is not owner/name");
	if (by_sha == (jget(root, "number") != NULL))
		return err_set(&a->err, ERR_INVALID, "name one of `sha` and `number`");
	if (by_sha)
		return jneed_oid(root, "sha", sha, &a->err);
	return jneed_int(root, "number", number, &a->err);
}

/* A commit may be named that no event has told of: that is what a lost delivery looks like. */
static void recheck(struct asked *a, struct text name, const struct oid *sha, int64_t number)
{
	struct row_repo repo;
	struct row_change change = {.head = *sha};
	struct jwrite *w;

	if (!store_repo_by_name(a->web->store, name, &repo, a->arena, &a->err)) {
		answer_missing(a, "nothing is known of this repository");
		return;
	}
	if (number > 0 &&
	    (!store_change(a->web->store, (struct change_key){repo.id, number}, &change, a->arena, &a->err) ||
	     !oid_known(&change.head))) {
		a->err.code = a->err.code == ERR_OK ? ERR_GONE : a->err.code;
		answer_missing(a, "nothing is known of this change");
		return;
	}
	if (!store_want(a->web->store, repo.id, &change.head, true, &a->err)) {
		answer_missing(a, "nothing is known of this commit");
		return;
	}
	a->web->wake.signal(a->web->wake.self, WAKE_SUBJECTS);
	w = jwrite_new();
	jwrite_object(w, NULL);
	jwrite_text(w, "repo", name);
	jwrite_text(w, "sha", oid_text(&change.head));
	jwrite_end(w);
	reply(a->exchange, 202, REPLY_JSON, jwrite_text_of(w));
	jwrite_free(w);
}

void api_recheck(void *context, struct exchange *exchange, const struct verified *verified)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct asked a = {context, exchange, &arena, ERR_NONE};
	struct text repo = TEXT_EMPTY;
	struct oid sha = OID_NONE;
	int64_t number = 0;
	struct jdoc *doc;

	(void)verified;
	if (!api_let_in(exchange))
		return;
	doc = jdoc_parse(exchange_body(exchange), &a.err);
	if (!doc || !read_recheck(&a, jdoc_root(doc), &repo, &sha, &number))
		refuse_with_text(&a, 400, "bad_request", a.err.text);
	else if (!oid_known(&sha) && number <= 0)
		refuse_with_text(&a, 400, "bad_request", "`number` is not the number of a change");
	else
		recheck(&a, repo, &sha, number);
	jdoc_free(doc);
}
