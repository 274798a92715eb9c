/*
 * The files that say whose a path is: at the tip of the base branch, as the policy is, never of the head. One that is
 * there and cannot be read is said to be so; only one that is not there at all is absent.
 */
#include "agent/work/gather_inner.h"

#include "policy/owners.h"

static bool read_at(const struct collect *c, struct mirror_file_in *in, struct owners_file *ret, bool *ret_found,
		    struct err *err)
{
	const struct mirror *mirror = c->gather->ports->mirror;
	struct mirror_file_out out = {.exists = false};
	enum err_code code = mirror->file_at(mirror->self, in, &out, c->arena, err);

	if (code == ERR_LIMIT)
		ret->why = TEXT_LIT("it is too large");
	else if (code == ERR_INVALID)
		ret->why = TEXT_LIT("it is no plain file");
	else if (code != ERR_OK)
		return collect_failed(err, "file of owners");
	*err = ERR_NONE;
	*ret_found = code != ERR_OK || out.exists;
	if (*ret_found) {
		ret->path = in->path;
		ret->bytes = code == ERR_OK ? out.bytes : TEXT_EMPTY;
	}
	return true;
}

/* `CODEOWNERS` is the first that is there of the places where the forge looks. */
static bool read_file(const struct collect *c, struct mirror_file_in *in, struct owners_file *ret, struct err *err)
{
	bool found = false;

	if (!text_is(ret->name, "CODEOWNERS")) {
		in->path = ret->name;
		return read_at(c, in, ret, &found, err);
	}
	for (size_t i = 0; !found && policy_codeowners(i); i++) {
		in->path = text_of(policy_codeowners(i));
		if (!read_at(c, in, ret, &found, err))
			return false;
	}
	return true;
}

bool gather_owners(const struct collect *c, const struct oid *tip, const struct governed *governed, struct change *ret,
		   struct err *err)
{
	struct policy_needs needs = governed->policy ? policy_needs(governed->policy) : (struct policy_needs){0};
	struct mirror_file_in in = {.commit = *tip, .max_bytes = OWNERS_BYTES_MAX - 1};
	struct owners_file *files = arena_alloc(c->arena, needs.n_owners_files, sizeof *files);
	struct forge *forge = c->gather->ports->forge;
	struct forge_git git;

	if (needs.n_owners_files == 0)
		return true;
	if (forge->git_access(forge->self, &c->call, &git, err) != ERR_OK)
		return collect_failed(err, "git access");
	in.where = gather_where(c, &git);
	for (size_t i = 0; i < needs.n_owners_files; i++) {
		files[i].name = needs.owners_files[i];
		if (!read_file(c, &in, &files[i], err))
			return false;
	}
	ret->owners_files = files;
	ret->n_owners_files = needs.n_owners_files;
	return true;
}
