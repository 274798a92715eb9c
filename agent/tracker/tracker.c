#include "agent/tracker/tracker.h"

#include "agent/tracker/bugzilla.h"
#include "agent/tracker/github_issues.h"

static const struct tracker_kind kinds[] = {
	{"bmo", "bugzilla.mozilla.org and what runs its code", bugzilla_open_bmo, bugzilla_port, bugzilla_close},
	{"bugzilla", "Bugzilla 5.x", bugzilla_open_upstream, bugzilla_port, bugzilla_close},
	{"github-issues", "issues of a GitHub repository, with labels for keywords and flags", github_issues_open,
	 github_issues_port, github_issues_close},
};

const struct tracker_kind *tracker_kind_at(size_t i)
{
	return i < sizeof kinds / sizeof kinds[0] ? &kinds[i] : NULL;
}

const struct tracker_kind *tracker_kind(struct text name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (text_is(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}
