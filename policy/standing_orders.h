/*
 * standing_orders: which of what people told gates (struct order) still stands for the judged commit. One order stands
 * where a person gave it at this very head, after that arrived, where its comment is still there as it was written, and
 * where nobody who may has taken it back. Inner to policy/; three values, and a reason for each that does not stand.
 */
#ifndef POLICY_STANDING_ORDERS_H
#define POLICY_STANDING_ORDERS_H

#include "policy/actors.h"
#include "policy/orders.h"
#include "policy/predicate.h"

/* What must be known before any of them can stand. */
#define ORDER_FACTS (FACT_ORDERS | FACT_COMMENTS | FACT_ARRIVAL | FACT_AUTHOR)

struct order_list {
	const struct order *at;
	size_t n;
	enum order_kind taken_back_by; /* the word in comments that takes one back */
	const struct actors *takers;   /* who may, besides people with write access and who gave it */
	bool sticky;                   /* it need not be of this commit */
	const struct judging *on;
};

struct order_standing {
	enum tri stands;
	struct text why; /* NO: "was for 4f2c9e1, another commit"; UNKNOWN: what would have to be known */
};

/* ORDER_FACTS must be known, but that FACT_ARRIVAL and FACT_COMMENTS may be missing: then it is unknown. */
struct order_standing order_stands(const struct order_list *list, const struct order *order);

#endif
