/*
 * What people told gates, from signed events alone (agent/store/apply_orders.c). To whom a delegation is it names by
 * login: that is one of those who speak here and bear that login, and no other account had it first (store_login). Of
 * anybody else nobody knows, which is of no account before they speak.
 */
#include "agent/work/gather_inner.h"

#include "policy/orders.h"

static bool same(const struct person *who, struct text login, struct person *ret)
{
	if (who->id <= 0 || !text_eq_nocase(who->login, login))
		return false;
	*ret = *who;
	return true;
}

static bool find_login(const struct seen_change *seen, struct text login, struct person *ret)
{
	const struct forge_said *said = &seen->said;
	bool found = same(&seen->now.author, login, ret);

	for (size_t i = 0; i < seen->reviews.n && !found; i++)
		found = same(&seen->reviews.at[i].user, login, ret);
	for (size_t i = 0; seen->said_known && i < said->n_comments && !found; i++)
		found = same(&said->comments[i].user, login, ret);
	return found;
}

static bool resolve(const struct collect *c, const struct seen_change *seen, struct text login, struct person *ret,
		    struct err *err)
{
	struct person who;
	int64_t first;

	*ret = (struct person){.login = login};
	if (!find_login(seen, login, &who))
		return true;
	first = who.id;
	if (!store_login(c->gather->ports->store, login, &first, err))
		return false;
	if (first == who.id)
		*ret = who;
	return true;
}

static bool order_of(const struct collect *c, const struct seen_change *seen, const struct row_spoken *row,
		     struct order *ret, struct err *err)
{
	*ret = (struct order){.takes_back = row->kind == ORDER_UNDELEGATE || row->kind == ORDER_UNLAND,
			      .how = (enum order_how)row->how,
			      .by = {row->by, row->login, PERSON_USER},
			      .to_author = row->kind == ORDER_DELEGATE && row->whom.len == 0,
			      .sha = row->sha,
			      .at = row->at,
			      .comment = row->comment};
	return row->whom.len == 0 || resolve(c, seen, row->whom, &ret->to, err);
}

struct order_array {
	struct order *at;
	size_t n;
};

/* By time, so that the newest comes last. */
static void insert(struct order_array *list, const struct order *order)
{
	size_t k = list->n++;

	for (; k > 0 && order->at < list->at[k - 1].at; k--)
		list->at[k] = list->at[k - 1];
	list->at[k] = *order;
}

bool gather_orders(const struct collect *c, const struct seen_change *seen, struct change *ret, struct err *err)
{
	size_t n = seen->told.n_spoken;
	struct order_array delegations = {arena_alloc(c->arena, n + 1, sizeof(struct order)), 0};
	struct order_array asks = {arena_alloc(c->arena, n + 1, sizeof(struct order)), 0};

	if (!c->gather->ports->store)
		return true;
	for (size_t i = 0; i < n; i++) {
		const struct row_spoken *row = &seen->told.spoken[i];
		bool lands = row->kind == ORDER_LAND || row->kind == ORDER_UNLAND;
		struct order order;

		if (!order_of(c, seen, row, &order, err))
			return false;
		insert(lands ? &asks : &delegations, &order);
	}
	ret->delegations = delegations.at;
	ret->n_delegations = delegations.n;
	ret->landing_asks = asks.at;
	ret->n_landing_asks = asks.n;
	ret->known |= FACT_ORDERS;
	return true;
}
