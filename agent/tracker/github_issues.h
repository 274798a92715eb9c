/*
 * github_issues: the tracker port over the issues of one GitHub repository, for projects that have no Bugzilla. Labels
 * are keywords; a label that ends in "+", "?" or "-" is besides a flag of the name before it, set by whoever put it
 * there last. Where teams are configured, a comment sets one, too (github_issues_said.c). Groups are teams, "org/team".
 * A bug is secure where the repository is not public. A change is no bug. Duplicates and attachments there are none.
 *
 * Owns copies of its configuration. The key is a token that may read issues (and teams, where policies name them).
 * One thread per value; it shares the http port's thread. Source: GitHub's REST documentation.
 */
#ifndef AGENT_TRACKER_GITHUB_ISSUES_H
#define AGENT_TRACKER_GITHUB_ISSUES_H

#include "agent/tracker/tracker.h"

void *github_issues_open(const struct tracker_config *config, const struct tracker_ports *ports, struct err *err);
struct tracker github_issues_port(void *issues);
void github_issues_close(void *issues);

#endif
