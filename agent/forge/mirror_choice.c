#include "agent/forge/mirror_choice.h"

#include <stdlib.h>

#include "policy/memory.h"

enum { REPOS = 256 }; /* remembered at the same time; who comes to a place has it */

struct size {
	int64_t repo, until_ms;
	bool large;
};

struct mirror_choice {
	struct mirror_choice_config config;
	struct size sizes[REPOS];
};

struct mirror_choice *mirror_choice_new(const struct mirror_choice_config *config)
{
	struct mirror_choice *choice = calloc(1, sizeof *choice);

	if (!choice)
		out_of_memory();
	choice->config = *config;
	return choice;
}

void mirror_choice_free(struct mirror_choice *choice)
{
	free(choice);
}

static int64_t now(const struct mirror_choice *choice)
{
	return choice->config.clock.mono(choice->config.clock.self);
}

/* size->repo is another one where nothing is known. */
static bool ask(struct mirror_choice *choice, const struct mirror_where *where, struct size *size, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct forge *forge = &choice->config.forge;
	struct forge_call call = {
		{where->repo, where->name, where->installation}, &arena, now(choice) + choice->config.deadline_ms, 0};
	struct forge_found found = {.size_kb = 0};
	struct err why = ERR_NONE;
	enum err_code code = forge->repo(forge->self, &call, &found, &why);
	bool known = size->repo == where->repo;

	if (code == ERR_RETRY && !known) {
		*err = why;
		return err_wrap(err, "size of the repository");
	}
	if (code == ERR_OK || !known)
		size->large = code == ERR_OK && found.size_kb > choice->config.max_bytes / 1024;
	size->repo = where->repo;
	size->until_ms = now(choice) + MIRROR_CHOICE_MS;
	return true;
}

/* NULL: *err. */
static const struct mirror *pick(struct mirror_choice *choice, const struct mirror_where *where, struct err *err)
{
	struct size *size = &choice->sizes[(uint64_t)where->repo % REPOS];

	if (!where->name.len)
		return &choice->config.bare;
	if ((size->repo != where->repo || now(choice) >= size->until_ms) && !ask(choice, where, size, err))
		return NULL;
	return size->large ? &choice->config.rest : &choice->config.bare;
}

static enum err_code fetch(void *self, const struct mirror_fetch_in *in, struct mirror_fetch_out *out, struct err *err)
{
	const struct mirror *mirror = pick(self, &in->where, err);

	return mirror ? mirror->fetch(mirror->self, in, out, err) : err->code;
}

static enum err_code range(void *self, const struct mirror_range_in *in, struct mirror_range_out *out,
			   struct arena *arena, struct err *err)
{
	const struct mirror *mirror = pick(self, &in->where, err);

	return mirror ? mirror->range(mirror->self, in, out, arena, err) : err->code;
}

static enum err_code file_at(void *self, const struct mirror_file_in *in, struct mirror_file_out *out,
			     struct arena *arena, struct err *err)
{
	const struct mirror *mirror = pick(self, &in->where, err);

	return mirror ? mirror->file_at(mirror->self, in, out, arena, err) : err->code;
}

static enum err_code carry(void *self, const struct mirror_carry_in *in, struct mirror_carry_out *out,
			   struct arena *arena, struct err *err)
{
	const struct mirror *mirror = pick(self, &in->where, err);

	return mirror ? mirror->carry(mirror->self, in, out, arena, err) : err->code;
}

struct mirror mirror_choice_port(struct mirror_choice *choice)
{
	return (struct mirror){choice, fetch, range, file_at, carry};
}
