#include "agent/work/policies.h"

#include <stdlib.h>
#include <string.h>

#include "policy/memory.h"

struct kept {
	struct arena arena;
	struct text bytes; /* a copy; what was read of them may point into it */
	struct policy_bytes is;
};

struct policies {
	struct kept at[POLICIES_MAX];
	size_t n;
	struct arena arena; /* of the built-in one */
	const struct policy *builtin;
};

struct policies *policies_new(void)
{
	struct policies *policies = calloc(1, sizeof *policies);

	if (!policies)
		out_of_memory();
	return policies;
}

static void forget(struct policies *policies)
{
	while (policies->n > 0)
		arena_release(&policies->at[--policies->n].arena);
}

void policies_free(struct policies *policies)
{
	if (!policies)
		return;
	forget(policies);
	arena_release(&policies->arena);
	free(policies);
}

static void read_bytes(struct text bytes, const struct policy_defaults *defaults, struct arena *arena,
		       struct policy_bytes *ret)
{
	struct problem *problems = arena_alloc(arena, 2, sizeof *problems);

	*ret = (struct policy_bytes){.remote_problem = &problems[0], .governed = {NULL, &problems[1]}};
	if (policy_parse(bytes, defaults, arena, &ret->governed.policy, &problems[1])) {
		ret->governed.problem = NULL;
		ret->remote = REMOTE_NO; /* what names another repository's is no policy */
		return;
	}
	ret->remote = remote_read(bytes, arena, &ret->elsewhere, &problems[0]);
}

static size_t held(const struct policies *policies)
{
	size_t sum = 0;

	for (size_t i = 0; i < policies->n; i++)
		sum += policies->at[i].arena.used;
	return sum;
}

static struct kept *find(struct policies *policies, struct text bytes)
{
	for (size_t i = 0; i < policies->n; i++)
		if (text_eq(policies->at[i].bytes, bytes))
			return &policies->at[i];
	return NULL;
}

static bool is_full(const struct policies *policies)
{
	return policies->n == POLICIES_MAX || held(policies) > POLICIES_BYTES_MAX;
}

const struct policy_bytes *policies_read(struct policies *policies, struct text bytes,
					 const struct policy_defaults *defaults, struct arena *arena)
{
	struct kept *kept = policies ? find(policies, bytes) : NULL;
	struct policy_bytes *once;

	if (kept)
		return &kept->is;
	if (!policies || is_full(policies)) {
		once = arena_alloc(arena, 1, sizeof *once);
		read_bytes(bytes, defaults, arena, once);
		return once;
	}
	kept = &policies->at[policies->n++];
	*kept = (struct kept){.arena = ARENA_EMPTY};
	kept->bytes = arena_text(&kept->arena, bytes);
	read_bytes(kept->bytes, defaults, &kept->arena, &kept->is);
	return &kept->is;
}

const struct policy *policies_builtin(struct policies *policies, const struct policy_defaults *defaults,
				      struct arena *arena)
{
	if (!policies)
		return policy_builtin(defaults, arena);
	if (!policies->builtin)
		policies->builtin = policy_builtin(defaults, &policies->arena);
	return policies->builtin;
}

void policies_rest(struct policies *policies)
{
	if (policies && is_full(policies))
		forget(policies);
}
