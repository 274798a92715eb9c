/*
 * orders: what people tell gates in comments, by one table of spellings: bors-ng's and those of homu and its heir. Only
 * a line of its own is one, in any case of letters; quotations never are. Pure; texts are borrowed from the body.
 *
 * Danger: who reads a permission out of it must take `certain` orders alone. The end of a body that was cut is not,
 * since half a login is another login; nor is what stands between fences, where people show how it is written.
 */
#ifndef POLICY_ORDERS_H
#define POLICY_ORDERS_H

#include "policy/text.h"

enum order_kind { ORDER_NONE = 0, ORDER_DELEGATE, ORDER_UNDELEGATE, ORDER_LAND, ORDER_UNLAND };

struct spoken_order {
	enum order_kind kind;
	bool certain;
	struct text whom;   /* DELEGATE: a login; empty: the author of the change */
	struct text commit; /* LAND: the commit it names, or the beginning of its name; empty: none */
};

struct orders { /* a reading under way; begins as {.rest = body, .cut = whether more followed} */
	struct text rest;
	bool cut, fenced;
	struct text whoms; /* more names of the delegation that was read last */
};

/* The next one; false: that was all. */
bool orders_next(struct orders *orders, struct spoken_order *ret);

/* A body has one that takes something back. */
bool orders_take_back(struct text body);

#endif
