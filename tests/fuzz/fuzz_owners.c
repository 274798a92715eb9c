/* Any bytes are a file of owners or a problem with a place; whose a path is follows from a line, or nobody says. */
#include "policy/owners.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct owners *owners, struct text path)
{
	size_t steps = 200000, before = steps;
	struct owned owned = owners_of(owners, path, &steps);

	assert(steps <= before);
	assert(owned.known || (owned.n == 0 && owned.why.len > 0));
	assert(owned.n == 0 || owned.line > 0);
	for (size_t i = 0; i < owned.n; i++)
		assert((owned.at[i].kind == OWNER_ACCOUNT) == (owned.at[i].id > 0));
	(void)owners_below(owners, path, &steps);
}

/* The first line is the path that is asked about, the rest the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text all = {(const char *)data, size}, path, bytes;
	size_t cut = text_find(all, TEXT_LIT("\n"));
	const struct owners *owners = NULL;
	struct problem problem = {0, 0, ""};

	path = (struct text){all.at, cut == SIZE_MAX ? 0 : cut};
	bytes = cut == SIZE_MAX ? all : (struct text){all.at + cut + 1, all.len - cut - 1};
	if (owners_read_github(bytes, &arena, &owners, &problem)) {
		ask(owners, path);
		for (size_t i = 0; owners_problem_at(owners, i); i++)
			assert(owners_problem_at(owners, i)->line > 0 && owners_problem_at(owners, i)->text[0] != '\0');
	}
	owners = NULL;
	if (owners_read_json(bytes, &arena, &owners, &problem))
		ask(owners, path);
	else
		assert(!owners && problem.line > 0 && problem.text[0] != '\0');
	return 0;
}
