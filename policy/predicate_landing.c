/*
 * Who asked for landing. Nobody is owed one: without a request that counts it is waited for, and so the answer is never
 * a plain no. Whoever approved, by any rule, is an approver here; so is whose approval of this commit counts for none.
 */
#include "policy/contributors.h"
#include "policy/keys.h"
#include "policy/reviews.h"
#include "policy/standing_orders.h"

struct landing {
	struct actors actors; /* the first member: who asks about people sees these */
	bool not_author, not_approvers;
};

static bool read_not(struct parse *parse, const struct yaml *value, struct landing *landing)
{
	const struct text *words;
	size_t n;

	if (!read_texts(parse, value, &words, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		bool author = text_is(words[i], "author"), approvers = text_is(words[i], "approvers");

		if (!author && !approvers)
			return yaml_problem(&value->items[i], parse->problem, "`not` lists author, approvers");
		landing->not_author = landing->not_author || author;
		landing->not_approvers = landing->not_approvers || approvers;
	}
	return true;
}

static bool read_who(struct parse *parse, const char *key, const struct yaml *value, void *out)
{
	struct landing *landing = out;

	return actors_key(parse, key, value, &landing->actors);
}

#define WHO(name)                                                                                                      \
	static bool read_##name(struct parse *parse, const struct yaml *value, void *out)                              \
	{                                                                                                              \
		return read_who(parse, #name, value, out);                                                             \
	}
WHO(users)
WHO(teams)
WHO(organizations)
WHO(permissions)
WHO(admins)
WHO(write_collaborators)

static bool read_except(struct parse *parse, const struct yaml *value, void *out)
{
	return read_not(parse, value, out);
}

bool landing_asked_by_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	static const struct key rows[] = {{{"users", NULL, NULL}, read_users},
					  {{"teams", NULL, NULL}, read_teams},
					  {{"organizations", NULL, NULL}, read_organizations},
					  {{"permissions", NULL, NULL}, read_permissions},
					  {{"admins", NULL, NULL}, read_admins},
					  {{"write_collaborators", NULL, NULL}, read_write_collaborators},
					  {{"not", NULL, NULL}, read_except}};
	static const struct keys keys = KEYS(rows);
	struct landing *landing = arena_alloc(parse->arena, 1, sizeof *landing);

	*ret_args = landing;
	if (!keys_read(parse, value, &keys, "landing_asked_by", landing))
		return false;
	return actors_any(&landing->actors) ||
	       yaml_problem(value, parse->problem,
			    "landing_asked_by names nobody: give users, teams, organizations "
			    "or permissions");
}

static bool approved(const struct judging *on, int64_t id)
{
	const struct change *change = on->change;

	for (size_t i = 0; i < on->n_approvers; i++)
		if (on->approvers[i].id == id)
			return true;
	for (size_t i = 0; i < change->n_reviews; i++) {
		const struct review *review = &change->reviews[i];

		if (review->user.id == id && review->state == REVIEW_APPROVED &&
		    (!oid_known(&review->bound_sha) || oid_eq(&review->bound_sha, &on->facts->head)))
			return true;
	}
	return false;
}

/* Whether this request counts, and why not. */
static struct order_standing counts(const struct landing *landing, const struct order_list *list,
				    const struct order *order)
{
	const struct judging *on = list->on;
	struct order_standing s = order_stands(list, order);
	enum tri named = actors_match(&landing->actors, on->facts, order->by.id);

	if (s.stands == TRI_NO)
		return s;
	if (named == TRI_NO)
		return (struct order_standing){TRI_NO, TEXT_LIT("is by none of those")};
	if (landing->not_author && order->by.id == on->change->author.id)
		return (struct order_standing){TRI_NO, TEXT_LIT("is by the author")};
	if (landing->not_approvers && approved(on, order->by.id))
		return (struct order_standing){TRI_NO, TEXT_LIT("is by somebody who approved")};
	if (named == TRI_UNKNOWN && s.stands == TRI_YES)
		return (struct order_standing){TRI_UNKNOWN, arena_printf(on->arena, "the permission of %.*s",
									 TEXT_ARG(contributor_name(order->by.id, on)))};
	return s;
}

static struct text request_by(const struct order *order, const struct judging *on)
{
	struct text login = plain(order->by.login, 39, on->arena);

	return login.len > 0 ? login : TEXT_LIT("somebody");
}

struct answer landing_asked_by_ask(const void *args, const struct judging *on)
{
	const struct landing *landing = args;
	const struct change *change = on->change;
	const struct order_list list = {.at = change->landing_asks,
					.n = change->n_landing_asks,
					.taken_back_by = ORDER_UNLAND,
					.takers = &landing->actors,
					.on = on};
	struct answer so_far =
		answer_unknown(TEXT_LIT("somebody whom the rule names to ask for landing of exactly this commit"));
	bool maybe = false;

	for (size_t i = 0; i < list.n; i++) { /* the newest one says why */
		const struct order *order = &list.at[i];
		struct text by = request_by(order, on);
		struct order_standing s;

		if (order->takes_back)
			continue;
		s = counts(landing, &list, order);
		if (s.stands == TRI_YES)
			return answer_yes(arena_printf(on->arena, "%.*s asked for landing", TEXT_ARG(by)));
		if (s.stands == TRI_UNKNOWN)
			so_far = answer_unknown(s.why);
		else if (!maybe)
			so_far = answer_unknown(arena_printf(
				on->arena, "somebody whom the rule names to ask for landing: that of %.*s %.*s",
				TEXT_ARG(by), TEXT_ARG(s.why)));
		maybe = maybe || s.stands == TRI_UNKNOWN;
	}
	return so_far;
}
