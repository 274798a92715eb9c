/*
 * The policy that governs a change: the file at the tip of its base branch, never of its head. A file that is there
 * but cannot be a policy (too large, no plain file, malformed) is a problem to be shown, never the built-in policy.
 */
#include "agent/work/gather_inner.h"

static void no_policy(const struct collect *c, const char *why, struct policy_read *ret)
{
	struct problem *problem = arena_alloc(c->arena, 1, sizeof *problem);

	(void)snprintf(problem->text, sizeof problem->text, "%s", why);
	ret->governed = (struct governed){NULL, problem};
	ret->text = TEXT_EMPTY;
}

/* In a policy reader's words. */
static const char *beyond(const struct err *err)
{
	return text_find(text_of(err->text), TEXT_LIT("mirror.rest")) == SIZE_MAX
		       ? "the policy file is too large"
		       : "the policy file cannot be read over REST (mirror.rest)";
}

static void parse(const struct collect *c, struct text bytes, struct policy_read *ret)
{
	struct problem *problem = arena_alloc(c->arena, 1, sizeof *problem);
	const struct policy *policy = NULL;

	ret->text = bytes;
	if (policy_parse(bytes, &c->gather->config->defaults, c->arena, &policy, problem))
		ret->governed = (struct governed){policy, NULL};
	else
		ret->governed = (struct governed){NULL, problem};
}

bool gather_policy(const struct collect *c, const struct oid *tip, struct policy_read *ret, struct err *err)
{
	const struct gather_ports *ports = c->gather->ports;
	const struct policy_defaults *defaults = &c->gather->config->defaults;
	struct forge_git git;
	struct mirror_file_in in = {
		.commit = *tip, .path = c->gather->config->policy_path, .max_bytes = POLICY_BYTES_MAX};
	struct mirror_file_out out;
	enum err_code code = ports->forge->git_access(ports->forge->self, &c->call, &git, err);

	if (code != ERR_OK)
		return collect_failed(err, "git access");
	in.where = gather_where(c, &git);
	code = ports->mirror->file_at(ports->mirror->self, &in, &out, c->arena, err);
	if (code == ERR_LIMIT)
		no_policy(c, beyond(err), ret);
	else if (code == ERR_INVALID)
		no_policy(c, "the policy file is no plain file", ret);
	else if (code != ERR_OK)
		return collect_failed(err, "policy file");
	else if (out.exists)
		parse(c, out.bytes, ret);
	else
		*ret = (struct policy_read){{policy_builtin(defaults, c->arena), NULL},
					    policy_builtin_text(defaults, c->arena)};
	*err = ERR_NONE;
	return true;
}
