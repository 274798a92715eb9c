#include "tests/support/needing.h"

static struct policy_needs more;

struct policy_needs __real_policy_needs(const struct policy *policy);
struct policy_needs __wrap_policy_needs(const struct policy *policy);
struct policy_needs __wrap_policy_needs(const struct policy *policy)
{
	struct policy_needs needs = __real_policy_needs(policy);

	needs.facts |= more.facts;
	needs.author = needs.author || more.author;
	needs.contributors = needs.contributors || more.contributors;
	needs.merged_before = needs.merged_before || more.merged_before;
	if (more.n_organizations) {
		needs.organizations = more.organizations;
		needs.n_organizations = more.n_organizations;
	}
	return needs;
}

void ask_for(struct policy_needs needs)
{
	more = needs;
}
