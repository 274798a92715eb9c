/*
 * What would have been held back by rules that only warn, out of stored verdicts, on the control socket: a rule of
 * this kind may be about a secret, so that no public page has the list.
 */
#include "agent/store/store_newest.h"
#include "agent/web/reply.h"
#include "agent/web/routes.h"
#include "agent/web/rules_read.h"
#include "webhooks/jread.h"

#define LOOKED_AT_MAX 2000 /* verdicts: a limit of what one who asks can cost */
#define WARNINGS_MAX  500

struct listing {
	const struct web *web;
	struct jwrite *w;
	size_t looked_at, n;
	bool more; /* than were looked at, or told */
};

static void put(struct listing *l, const struct newest_verdict *verdict, const struct rule_result *rule)
{
	const struct row_verdict *row = &verdict->row;
	char buffer[32];

	l->n++;
	jwrite_object(l->w, NULL);
	jwrite_text(l->w, "repo", verdict->repo);
	jwrite_text(l->w, "sha", oid_text(&row->sha));
	jwrite_text(l->w, "context", row->context);
	jwrite_text(l->w, "rule", rule->name);
	jwrite_text(l->w, "next", rule->next);
	jwrite_bool(l->w, "blocks", rule->state == RULE_UNMET);
	jwrite_text(l->w, "verdict", row->decision);
	jwrite_int(l->w, "verdict_id", row->id);
	jwrite_text(l->w, "made_at", text_of(when_print(row->made_at, buffer)));
	jwrite_end(l->w);
}

/* As deep as stored JSON may be. */
static void put_rules(struct listing *l, const struct newest_verdict *verdict, const struct rule_result *rules,
		      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool held = rules[i].state == RULE_UNMET || rules[i].state == RULE_PENDING;

		if (rules[i].mode == MODE_WARN && held)
			put(l, verdict, &rules[i]);
		else
			put_rules(l, verdict, rules[i].children, rules[i].n_children);
	}
}

static bool put_verdict(struct listing *l, const struct newest_verdict *verdict, struct arena *arena, struct err *err)
{
	struct verdict read = {.n_rules = 0};

	l->looked_at++;
	if (verdict->replaced || text_find(verdict->row.rules, TEXT_LIT("\"warn\"")) == SIZE_MAX)
		return true;
	if (!rules_read(verdict->row.rules, arena, &read, err))
		return false;
	put_rules(l, verdict, read.rules, read.n_rules);
	return true;
}

static bool put_all(struct listing *l, struct err *err)
{
	int64_t before = 0;

	while (l->looked_at < LOOKED_AT_MAX && l->n < WARNINGS_MAX) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct newest_verdicts some;

		if (!store_newest_verdicts(l->web->store, before, &some, &arena, err))
			return false;
		for (size_t i = 0; i < some.n; i++)
			if (!put_verdict(l, &some.at[i], &arena, err))
				return false;
		if (some.n == 0)
			return true;
		before = some.at[some.n - 1].row.id;
	}
	l->more = true;
	return true;
}

void api_warnings(void *context, struct exchange *exchange, const struct verified *verified)
{
	struct listing l = {.web = context};
	struct err err = ERR_NONE;

	(void)verified;
	if (!api_let_in(exchange))
		return;
	l.w = jwrite_new();
	jwrite_object(l.w, NULL);
	jwrite_array(l.w, "warnings");
	if (put_all(&l, &err)) {
		jwrite_end(l.w);
		jwrite_int(l.w, "looked_at", (int64_t)l.looked_at);
		jwrite_bool(l.w, "more", l.more);
		jwrite_end(l.w);
		reply(exchange, 200, REPLY_JSON, jwrite_text_of(l.w));
	} else {
		struct reply_error error = reply_error_of(&err, "no verdicts");

		reply_error_json(exchange, &error);
	}
	jwrite_free(l.w);
}
