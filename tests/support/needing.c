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
	if (more.n_watched) {
		needs.watched = more.watched;
		needs.n_watched = more.n_watched;
	}
	return needs;
}

void ask_for(struct policy_needs needs)
{
	more = needs;
}
