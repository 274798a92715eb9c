/* What happens in a step: an act of the world, a move of main that is watched, or a push with a commit hook. */
#include "tests/e2e/demo.h"

#include <string.h>

static bool remember(struct demo *demo, const struct demo_act *act, const json_t *answer)
{
	const char *sha = json_string_value(json_object_get(answer, act->key));

	if (!sha || strlen(sha) != 40)
		return rig_fail(&demo->rig, "%s: the world's answer names no commit", act->what);
	memcpy(demo->shas[act->makes - 'A'], sha, 41);
	demo->fresh = true;
	return true;
}

/* The forge's word, and whether main is where that leaves it. */
static bool move_main(struct demo *demo, const struct demo_act *act, const char *args)
{
	char before[41], after[41];
	int status;

	rig_tip(&demo->rig, "main", before);
	status = rig_act_refused(&demo->rig, act->what, act->who, "%s", args);
	rig_tip(&demo->rig, "main", after);
	if (status != (act->refused ? act->refused : 200) || (strcmp(before, after) == 0) != (act->refused != 0))
		return rig_fail(&demo->rig, "%s: expected %d, got %d; main went from %.7s to %.7s", act->what,
				act->refused ? act->refused : 200, status, before, after);
	if (act->refused)
		(void)snprintf(demo->said, sizeof demo->said, "branch protection: %d, main stays at %.7s", status,
			       before);
	else
		(void)snprintf(demo->said, sizeof demo->said, "main went from %.7s to %.7s", before, after);
	return true;
}

/* The forge's times are whole seconds: what must be later than something else waits for the next one. */
static void wait_second(struct demo *demo, const struct demo_act *act)
{
	bool reviews = demo->fresh && strcmp(act->what, "approve") == 0;

	if (reviews || strcmp(act->what, "retarget") == 0)
		rig_next_second();
	demo->fresh = demo->fresh && !reviews;
}

bool demo_act(struct demo *demo, const struct demo_act *act)
{
	char args[DEMO_TEXT];
	json_t *answer;
	bool ok;

	demo_fill(demo, act->args, args);
	if (strcmp(act->what, "merge") == 0 || strcmp(act->what, "destroy_group") == 0)
		return move_main(demo, act, args);
	if (strcmp(act->what, "git push") == 0)
		return demo_push(demo, args);
	wait_second(demo, act);
	answer = rig_act(&demo->rig, act->what, act->who, "%s", args);
	ok = answer && (!act->makes || remember(demo, act, answer));
	json_decref(answer);
	return ok;
}
