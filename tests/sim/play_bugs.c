/* What people do at the tracker, and which bugs they name. */
#include "tests/sim/play_inner.h"

/* Which bugs are named, where there is a tracker: mostly one, now and then none, two, or what is no bug. */
unsigned play_names_bugs(const struct swarm *swarm, uint32_t draw)
{
	unsigned one = 1u << draw / 8 % TRUTH_BUGS, other = 1u << draw / 64 % (TRUTH_BUGS + 1);

	if (!swarm->trackers || draw % 8 == 0)
		return 0;
	return draw % 8 == 1 ? one | other : draw % 64 == 9 ? 1u << TRUTH_BUGS : one;
}

/* Mostly one that an open change names. */
static bool of_bug(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	int change = play_pick_open(truth, act->draw[0]);
	unsigned named = change == NOBODY ? 0 : truth_bugs_named(truth, &truth->changes[change]);
	int first = (int)(act->draw[1] % TRUTH_BUGS);

	ret->who = 3;
	ret->bug = first;
	for (int i = 0; act->draw[2] % 5 && i < TRUTH_BUGS; i++)
		if (named >> (first + i) % TRUTH_BUGS & 1)
			ret->bug = (first + i) % TRUTH_BUGS;
	return swarm->trackers > 0;
}

bool play_to_rate(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	if (!of_bug(truth, swarm, act, ret))
		return false;
	ret->role = !truth->bugs[ret->bug].rated;
	return true;
}

bool play_to_show(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	if (!of_bug(truth, swarm, act, ret))
		return false;
	ret->role = truth->bugs[ret->bug].shown == SHOWN_TO_ALL || act->draw[3] % 4 == 0
			    ? (int)(act->draw[4] % (SHOWN_TO_OTHERS + 1))
			    : SHOWN_TO_ALL;
	return (int)truth->bugs[ret->bug].shown != ret->role;
}

/* Mostly there is one to be approved. */
bool play_to_patch(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	if (!of_bug(truth, swarm, act, ret))
		return false;
	ret->patch = (int)(act->draw[3] % TRUTH_PATCHES);
	ret->role = truth->bugs[ret->bug].patches[ret->patch].used;
	return !truth->bugs[ret->bug].patches[ret->patch].obsolete;
}

bool play_to_approve_patch(const struct truth *truth, const struct swarm *swarm, const struct act *act,
			   struct deed *ret)
{
	static const char flags[] = {'+', '+', '+', '?', '-', 0};
	const struct truth_patch *patch;

	if (!of_bug(truth, swarm, act, ret))
		return false;
	ret->patch = (int)(act->draw[3] % TRUTH_PATCHES);
	patch = &truth->bugs[ret->bug].patches[ret->patch];
	if (!patch->used)
		ret->kind = DEED_BUG_PATCH;
	else
		ret->role = patch->approval == '+' ? "-?"[act->draw[4] % 2] : flags[act->draw[4] % sizeof flags];
	return !patch->used || patch->approval != ret->role;
}

bool play_to_mark(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	if (!of_bug(truth, swarm, act, ret))
		return false;
	ret->role = truth->bugs[ret->bug].dupe_of == NOBODY;
	ret->other = ret->role ? (int)(act->draw[3] % TRUTH_BUGS) : truth->bugs[ret->bug].dupe_of;
	return !ret->role || !(truth_bugs_alike(truth, ret->bug) >> ret->other & 1);
}

bool play_to_resolve(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret)
{
	if (!of_bug(truth, swarm, act, ret))
		return false;
	ret->role = !truth->bugs[ret->bug].resolved;
	return true;
}
