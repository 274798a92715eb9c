/*
 * What other tools said of the head, of those names alone that a policy asks for: nothing else of it can move a
 * verdict, and outsiders' workflows may say a lot. Our own status is none of them.
 *
 * No answer below what events told: of each word that was heard within the lag of a copy, the list must have that very
 * word or a newer one.
 */
#include "agent/work/gather_inner.h"

#include "agent/store/watches.h"

#define LIST_MAX 2000 /* words of names that are asked for, of one head */

static const struct {
	enum outcome_kind kind;
	unsigned fact;
	const char *what;
} kinds[] = {
	{OUTCOME_STATUS, FACT_STATUSES, "statuses"},
	{OUTCOME_CHECK, FACT_STATUSES, "check runs"},
	{OUTCOME_WORKFLOW, FACT_WORKFLOWS, "workflow runs"},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

struct asking {
	const struct collect *c;
	const struct governed *governed;
	size_t n;
};

static bool is_asked(const struct asking *asking, enum outcome_kind kind, struct text name)
{
	for (size_t i = 0; i < asking->n; i++) {
		struct policy_needs needs;

		if (!asking->governed[i].policy)
			continue;
		needs = policy_needs(asking->governed[i].policy);
		for (size_t k = 0; k < needs.n_watched; k++)
			if ((needs.watched[k].kinds & 1u << kind) && watch_same_name(needs.watched[k].name, name))
				return true;
	}
	return false;
}

static unsigned facts_asked(const struct asking *asking)
{
	unsigned facts = 0;

	for (size_t i = 0; i < asking->n; i++)
		if (asking->governed[i].policy)
			facts |= policy_needs(asking->governed[i].policy).facts;
	return facts;
}

/* ---- no answer below what events told ---- */

static bool shows(const struct forge_list_outcomes *list, const struct heard *heard)
{
	bool newer = false;

	for (size_t i = 0; i < list->n; i++) {
		const struct forge_outcome *one = &list->at[i];

		if (!watch_same_name(one->is.name, heard->name))
			continue;
		if (one->id == heard->id)
			return text_eq(one->is.state, heard->state);
		newer = newer || one->id > heard->id;
	}
	return newer;
}

static bool check_heard(const struct asking *asking, enum outcome_kind kind, const struct forge_list_outcomes *list,
			struct err *err)
{
	const struct gather *gather = asking->c->gather;
	const struct clock_port *clock = &gather->ports->clock;
	int64_t now = clock->wall(clock->self);
	struct text rest = gather->claim->heard;
	struct heard heard;

	while (heard_next(&rest, &heard)) {
		if (heard.scope == WATCH_PARTS || heard.at + FLOOR_LAG_MS <= now)
			continue;
		if (heard.scope == WATCH_EVERYTHING) {
			(void)err_set(err, ERR_RETRY,
				      "more was told of this commit than could be kept (stale replica)");
			err->retry_at_ms = heard.at + FLOOR_LAG_MS;
			return false;
		}
		if (heard.kind == kind && is_asked(asking, kind, heard.name) && !shows(list, &heard))
			return err_set(err, ERR_RETRY, "%s: the answer is older than an event (stale replica)",
				       kinds[kind].what);
	}
	return true;
}

/* ---- reading ---- */

/* Whichever policy gives it: none waits for what another one of this commit says, either. */
static bool is_ours(const struct asking *asking, struct text name)
{
	struct text context;

	if (text_eq_nocase(name, asking->c->gather->config->context))
		return true;
	for (size_t i = 0; i < asking->n; i++)
		for (size_t k = 0;
		     asking->governed[i].policy && policy_context_at(asking->governed[i].policy, k, &context); k++)
			if (text_eq_nocase(name, context))
				return true;
	return false;
}

static bool keep(const struct asking *asking, const struct forge_list_outcomes *list, struct seen *seen)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct outcome *one = &list->at[i].is;

		if (is_ours(asking, one->name) || !is_asked(asking, one->kind, one->name))
			continue;
		if (seen->n_outcomes == LIST_MAX)
			return false;
		seen->outcomes[seen->n_outcomes++] = *one;
	}
	return true;
}

/* *ret_known false: the forge does not tell, or tells more than a limit allows. */
static bool read_kind(const struct asking *asking, size_t k, struct seen *seen, bool *ret_known, struct err *err)
{
	const struct collect *c = asking->c;
	struct forge *f = c->gather->ports->forge;
	struct forge_asked of = {c->gather->claim->sha, kinds[k].kind};
	struct forge_list_outcomes list;
	enum err_code code = f->outcomes(f->self, &c->anew, &of, &list, err);

	*ret_known = code == ERR_OK;
	if (code != ERR_OK && code != ERR_LIMIT && code != ERR_DENIED)
		return collect_failed(err, kinds[k].what);
	*err = ERR_NONE; /* mastered: who asks looks at err alone, too */
	if (!*ret_known)
		return true;
	if (!check_heard(asking, kinds[k].kind, &list, err))
		return false;
	*ret_known = keep(asking, &list, seen);
	return true;
}

bool gather_outcomes(const struct collect *c, struct seen *seen, const struct governed *governed, struct err *err)
{
	struct asking asking = {c, governed, seen->n_changes};
	unsigned facts = facts_asked(&asking) & (FACT_STATUSES | FACT_WORKFLOWS), unknown = 0;

	if (facts == 0)
		return true;
	seen->outcomes = arena_alloc(c->arena, LIST_MAX, sizeof *seen->outcomes);
	for (size_t k = 0; k < KINDS; k++) {
		bool known = true;

		if ((facts & kinds[k].fact) && !read_kind(&asking, k, seen, &known, err))
			return false;
		if (!known)
			unknown |= kinds[k].fact;
	}
	seen->outcomes_known = facts & ~unknown;
	return true;
}
