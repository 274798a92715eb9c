/*
 * A policy that another repository has: one that the base branch's file names, or the one that all share. It is asked
 * for with the access that this repository's installation has, never with more, so that nobody reads by a policy what
 * he could not read himself; and what is there and no policy is not quoted, for it may be anything.
 *
 * What cannot be read now is an error, and waited for; what is not there, or not ours to read, is a policy that is
 * wrong. Only a file that the commit there does not have is absent.
 */
#include "agent/work/gather_inner.h"

struct there { /* one repository, as it was found */
	struct forge_call call;
	struct oid commit;
	const char *why; /* it cannot be read, and nothing else here is to be used; NULL: it can */
};

static bool is_commit(struct text ref)
{
	struct oid sha;

	return oid_parse(ref, &sha) && oid_text(&sha).len == 40;
}

/* ERR_RETRY is waited for; anything else is an answer: `why`. */
static bool waits(struct there *there, enum err_code code, const char *what, struct err *err)
{
	if (code == ERR_RETRY) {
		(void)collect_failed(err, what);
		return true;
	}
	there->why = code == ERR_OK ? NULL : what;
	*err = ERR_NONE; /* mastered: who asks looks at err alone, too */
	return false;
}

static bool find_commit(const struct collect *c, const struct policy_place *in, const struct forge_found *found,
			struct there *ret, struct err *err)
{
	struct forge *f = c->gather->ports->forge;
	struct text branch = in->ref.len > 0 ? in->ref : found->default_branch;

	if (is_commit(in->ref))
		return oid_parse(in->ref, &ret->commit);
	if (branch.len == 0) {
		ret->why = "its default branch is not known";
		return true;
	}
	return !waits(ret, f->branch_tip(f->self, &ret->call, branch, &ret->commit, err), "there is no such branch",
		      err);
}

/* A name that leads to another repository is another's by now, or will be. */
static bool find(const struct collect *c, const struct forge_call *call, const struct policy_place *in,
		 struct there *ret, struct err *err)
{
	struct forge *f = c->gather->ports->forge;
	struct forge_found found = {.id = 0};

	*ret = (struct there){.call = *call, .commit = OID_NONE};
	ret->call.repo = (struct forge_repo){0, in->repo, c->gather->claim->installation};
	if (waits(ret, f->repo(f->self, &ret->call, &found, err), "the repository cannot be read", err))
		return false;
	if (ret->why)
		return true;
	if (!text_eq_nocase(found.name, in->repo)) {
		ret->why = "the repository has another name by now";
		return true;
	}
	ret->call.repo.id = found.id;
	return find_commit(c, in, &found, ret, err);
}

static bool read_file(const struct collect *c, struct there *there, struct text path, struct mirror_file_out *ret,
		      struct err *err)
{
	const struct gather_ports *ports = c->gather->ports;
	const struct forge_repo *repo = &there->call.repo;
	struct mirror_fetch_in fetch = {.wants = &there->commit, .n_wants = 1};
	struct mirror_fetch_out fetched;
	struct mirror_file_in file = {.commit = there->commit, .path = path, .max_bytes = POLICY_BYTES_MAX};
	struct forge_git git;

	if (waits(there, ports->forge->git_access(ports->forge->self, &there->call, &git, err), "git has no access",
		  err))
		return false;
	if (there->why)
		return true;
	fetch.where = file.where = (struct mirror_where){repo->id, git.url, git.token, repo->name, repo->installation};
	fetch.deadline_ms = gather_fetch_deadline(c);
	if (waits(there, ports->mirror->fetch(ports->mirror->self, &fetch, &fetched, err),
		  "its commit cannot be fetched", err))
		return false;
	return there->why || !waits(there, ports->mirror->file_at(ports->mirror->self, &file, ret, c->arena, err),
				    "the file is too large, or no plain file", err);
}

/* What is stored says where it is from, behind all lines of the file. */
static void take(const struct collect *c, const struct elsewhere *in, const struct there *there, struct text bytes,
		 struct policy_read *ret)
{
	struct text from = arena_printf(c->arena, "%.*s:%.*s at %s", TEXT_ARG(there->call.repo.name),
					TEXT_ARG(in->path), there->commit.hex);
	struct text whole = arena_printf(c->arena, "%.*s\n# Read from %.*s.\n", TEXT_ARG(bytes), TEXT_ARG(from));

	gather_policy_parse(c, whole, ret);
	if (ret->governed.problem)
		gather_policy_none(c, ret, "%s %.*s:%.*s, which is no policy (line %u)", in->named, TEXT_ARG(in->repo),
				   TEXT_ARG(in->path), ret->governed.problem->line);
	ret->from = from;
}

static bool has_nul(struct text bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.at[i] == '\0')
			return true;
	return false;
}

bool gather_elsewhere(const struct collect *c, const struct elsewhere *in, struct policy_read *ret, bool *ret_found,
		      struct err *err)
{
	struct policy_place place = {.repo = in->repo, .ref = in->ref};
	struct mirror_file_out file = {.exists = false};
	struct there there;

	if (!find(c, &c->call, &place, &there, err) || (!there.why && !read_file(c, &there, in->path, &file, err)))
		return err_wrap(err, "policy of %.*s", TEXT_ARG(in->repo));
	place.id = there.call.repo.id;
	place.commit = there.commit;
	*ret_found = there.why || file.exists;
	if (there.why)
		gather_policy_none(c, ret, "%s %.*s:%.*s: %s", in->named, TEXT_ARG(in->repo), TEXT_ARG(in->path),
				   there.why);
	else if (file.exists && has_nul(file.bytes))
		gather_policy_none(c, ret, "%s %.*s:%.*s, which is no policy", in->named, TEXT_ARG(in->repo),
				   TEXT_ARG(in->path));
	else if (file.exists)
		take(c, in, &there, file.bytes, ret);
	if (!there.why)
		ret->place = place;
	return true;
}

bool gather_place_unmoved(const struct collect *c, const struct policy_place *place, bool *ret_unmoved, struct err *err)
{
	struct there there;

	*ret_unmoved = true;
	if (!oid_known(&place->commit))
		return true;
	if (!find(c, &c->anew, place, &there, err))
		return false;
	*ret_unmoved = !there.why && there.call.repo.id == place->id && oid_eq(&there.commit, &place->commit);
	return true;
}
