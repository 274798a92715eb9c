/*
 * The policy that governs a change: the file at the tip of its base branch, never of its head. Where it is proven that
 * there is none, the policy that all repositories share; where there is none of that either, what bors.toml asks for of
 * reviews and labels; at last the built-in one. Whatever is there and cannot be read, or cannot be a policy (too large,
 * no plain file, malformed), is a problem to be shown and no reason to go on to the next.
 */
#include "agent/work/gather_inner.h"

#include <stdarg.h>

#include "agent/work/policies.h"
#include "policy/bors_import.h"

void gather_policy_none(const struct collect *c, struct policy_read *ret, const char *format, ...)
{
	struct problem *problem = arena_alloc(c->arena, 1, sizeof *problem);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(problem->text, sizeof problem->text, format, args);
	va_end(args);
	ret->governed = (struct governed){NULL, problem};
	ret->text = TEXT_EMPTY;
}

static const struct policy_bytes *read_bytes(const struct collect *c, struct text bytes)
{
	return policies_read(c->gather->ports->policies, bytes, &c->gather->config->defaults, c->arena);
}

void gather_policy_parse(const struct collect *c, struct text bytes, struct policy_read *ret)
{
	ret->text = bytes;
	ret->governed = read_bytes(c, bytes)->governed;
}

/* In a policy reader's words. */
static const char *beyond(const struct err *err)
{
	return text_find(text_of(err->text), TEXT_LIT("mirror.rest")) == SIZE_MAX
		       ? "the policy file is too large"
		       : "the policy file cannot be read over REST (mirror.rest)";
}

/* *ret_why: it is there, and cannot be used. */
static bool read_file(const struct collect *c, struct mirror_file_in *in, struct mirror_file_out *ret,
		      const char **ret_why, struct err *err)
{
	const struct mirror *mirror = c->gather->ports->mirror;
	enum err_code code = mirror->file_at(mirror->self, in, ret, c->arena, err);

	*ret_why = NULL;
	if (code == ERR_LIMIT)
		*ret_why = beyond(err);
	else if (code == ERR_INVALID)
		*ret_why = "the policy file is no plain file";
	else if (code != ERR_OK)
		return collect_failed(err, "policy file");
	*err = ERR_NONE;
	return true;
}

/* ---- the file of the base branch ---- */

static bool follow(const struct collect *c, const struct remote *remote, struct policy_read *ret, struct err *err)
{
	struct elsewhere in = {remote->repo, remote->path.len > 0 ? remote->path : c->gather->config->policy_path,
			       remote->ref, "names"};
	bool found;

	if (!gather_elsewhere(c, &in, ret, &found, err))
		return false;
	if (!found)
		gather_policy_none(c, ret, "names %.*s:%.*s, which is not there", TEXT_ARG(in.repo), TEXT_ARG(in.path));
	return true;
}

static bool take(const struct collect *c, struct text bytes, struct policy_read *ret, struct err *err)
{
	const struct policy_bytes *is = read_bytes(c, bytes);

	if (is->remote == REMOTE_YES)
		return follow(c, &is->elsewhere, ret, err);
	ret->text = bytes;
	ret->governed = is->remote == REMOTE_NO ? is->governed : (struct governed){NULL, is->remote_problem};
	return true;
}

/* ---- where there is none ---- */

static bool shared(const struct collect *c, struct policy_read *ret, bool *ret_found, struct err *err)
{
	const struct gather_config *config = c->gather->config;
	struct elsewhere in = {config->shared_repo, config->shared_path, TEXT_EMPTY,
			       "is not there, and the shared policy is"};

	*ret_found = false;
	return in.repo.len == 0 || gather_elsewhere(c, &in, ret, ret_found, err);
}

static bool asks_for_reviews(const struct bors *bors)
{
	for (size_t i = 0; bors_key_at(i); i++)
		if (!bors_key_at(i)->does && bors_given(bors, bors_key_at(i)->name))
			return true;
	return false;
}

static bool take_bors(const struct collect *c, struct text name, struct text bytes, struct policy_read *ret)
{
	struct problem problem = {0};
	struct bors bors;

	if (!bors_parse(bytes, c->arena, &bors, &problem)) {
		gather_policy_none(c, ret, "is not there, and %.*s:%u is wrong: %s", TEXT_ARG(name), problem.line,
				   problem.text);
		return true;
	}
	if (!asks_for_reviews(&bors))
		return false;
	gather_policy_parse(c, bors_policy(&bors, c->arena), ret);
	if (ret->governed.problem)
		gather_policy_none(c, ret, "is not there, and %.*s asks for what no policy can say", TEXT_ARG(name));
	ret->from = arena_printf(c->arena, "%.*s, since there is no policy file", TEXT_ARG(name));
	return true;
}

/* As bors looks for it: the first that is there. */
static bool bors_file(const struct collect *c, struct mirror_file_in *in, struct policy_read *ret, bool *ret_found,
		      struct err *err)
{
	static const char *const places[] = {"bors.toml", ".github/bors.toml"};
	struct mirror_file_out out = {.exists = false};
	const char *why = NULL;

	*ret_found = false;
	in->max_bytes = BORS_BYTES_MAX;
	for (size_t i = 0; i < sizeof places / sizeof places[0] && !out.exists; i++) {
		in->path = text_of(places[i]);
		if (!read_file(c, in, &out, &why, err))
			return false;
		*ret_found = why || (out.exists && take_bors(c, in->path, out.bytes, ret));
		if (why) {
			gather_policy_none(c, ret, "is not there, and %s cannot be read", places[i]);
			return true;
		}
	}
	return true;
}

bool gather_policy(const struct collect *c, const struct oid *tip, struct policy_read *ret, struct err *err)
{
	const struct gather_ports *ports = c->gather->ports;
	const struct policy_defaults *defaults = &c->gather->config->defaults;
	struct forge_git git;
	struct mirror_file_in in = {
		.commit = *tip, .path = c->gather->config->policy_path, .max_bytes = POLICY_BYTES_MAX};
	struct mirror_file_out out = {.exists = false};
	const char *why;
	bool found;

	*ret = (struct policy_read){.text = TEXT_EMPTY};
	if (ports->forge->git_access(ports->forge->self, &c->call, &git, err) != ERR_OK)
		return collect_failed(err, "git access");
	in.where = gather_where(c, &git);
	if (!read_file(c, &in, &out, &why, err))
		return false;
	if (why) {
		gather_policy_none(c, ret, "%s", why);
		return true;
	}
	if (out.exists)
		return take(c, out.bytes, ret, err);
	if (!shared(c, ret, &found, err) || (!found && !bors_file(c, &in, ret, &found, err)))
		return false;
	if (!found) {
		ret->governed = (struct governed){policies_builtin(ports->policies, defaults, c->arena), NULL};
		ret->text = policy_builtin_text(defaults, c->arena);
		ret->from = TEXT_LIT("the built-in policy");
	}
	return true;
}
