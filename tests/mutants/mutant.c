#include "tests/mutants/mutant.h"

#include "policy/text.h"

size_t mutant_number = SIZE_MAX;

static bool unknown(const char *name, struct err *err)
{
	const char **names = calloc(mutant_count + 1, sizeof *names), *near;

	if (!names)
		abort();
	for (size_t i = 0; i < mutant_count; i++)
		names[i] = mutant_list[i].name;
	near = text_nearest(text_of(name), names, mutant_count);
	free(names);
	if (near)
		return err_set(err, ERR_INVALID, "there is no mutant %s; did you mean %s?", name, near);
	return err_set(err, ERR_INVALID, "there is no mutant %s", name);
}

bool mutant_select(const char *name, struct err *err)
{
	size_t i = 0;

	if (!name || !*name) {
		mutant_number = SIZE_MAX;
		return true;
	}
	while (i < mutant_count && strcmp(mutant_list[i].name, name) != 0)
		i++;
	if (i == mutant_count)
		return unknown(name, err);
	mutant_number = i;
	return true;
}

const struct mutant *mutant_selected(void)
{
	return mutant_number < mutant_count ? &mutant_list[mutant_number] : NULL;
}

bool mutant_on(const char *name)
{
	const struct mutant *on = mutant_selected();

	return on && strcmp(on->name, name) == 0;
}
