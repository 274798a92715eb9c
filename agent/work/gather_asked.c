/*
 * What only some policies ask about, once the policy is known. Nothing is read or kept that none asks for.
 */
#include "agent/work/gather_inner.h"

static unsigned asked(const struct governed *governed)
{
	return governed->policy ? policy_needs(governed->policy).facts : 0;
}

/* ---- signatures ---- */

/* They came with whose commits they are; a list that lacks one is of other commits, or too long. */
static void take_signatures(struct change *change)
{
	if (!(change->known & FACT_COMMITS))
		return;
	for (size_t i = 0; i < change->n_commits; i++)
		if (change->commits[i].signature.valid == TRI_UNKNOWN)
			return;
	change->known |= FACT_SIGNATURES;
}

void gather_asked_facts(const struct governed *governed, struct change *ret)
{
	unsigned facts = asked(governed);

	if (facts & FACT_SIGNATURES)
		take_signatures(ret);
}
