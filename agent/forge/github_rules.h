/*
 * github_rules: what a repository asks of changes into a branch: its rulesets as they come to bear there, the branch's
 * protection, and whether there is a CODEOWNERS. For the import; no worker needs it, so it is no verb of the port.
 *
 * Who may pass a ruleset is not read: the forge tells that to administrators of the ruleset alone. One thread, as the
 * struct github; the texts are owned by the call's arena.
 */
#ifndef AGENT_FORGE_GITHUB_RULES_H
#define AGENT_FORGE_GITHUB_RULES_H

#include "agent/forge/github.h"
#include "policy/forge_rules.h"

/* An empty branch: the default one. out->context and the repository's name are the caller's; all else is filled.
 * ERR_DENIED: the text names the permission that the token lacks. */
enum err_code github_rules(struct github *github, const struct forge_call *call, struct text branch,
			   struct forge_rules *out, struct err *err);

/* What rulesets and branch protection say alone, for who only looks: apps have no names, and CODEOWNERS is not looked
 * for. */
struct github_rules_seen {
	struct forge_rules *rules;
	bool hidden; /* the protection may not be read, and what it asks for is not there */
};
enum err_code github_rules_seen(struct github *github, const struct forge_call *call, struct text branch,
				struct github_rules_seen *out, struct err *err);

#endif
