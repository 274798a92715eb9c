/*
 * A branch's gate: whether the forge itself requires headgate's word, from headgate alone, and who gets around it. What
 * is not told counts as not known.
 */
#include "agent/cli/doctor.h"

#include <inttypes.h>

static const char look_there[] =
	"look at the branch's protection, or give a token `administration: read` for this check";

static const struct forge_status_rule *required(const struct forge_rules *rules)
{
	for (size_t i = 0; i < rules->n_statuses; i++)
		if (text_eq_nocase(rules->statuses[i].name, rules->context))
			return &rules->statuses[i];
	return NULL;
}

static void say_source(struct doctor *d, const struct doctor_gate *in, const struct forge_status_rule *status)
{
	struct text pinned = arena_printf(d->arena, "the App %" PRId64 " must say it", status->app_id);

	if (status->app_id == 0)
		doctor_say(d, DOCTOR_WARN, "source", TEXT_LIT("whoever may write statuses can say it"),
			   in->is_app ? "name headgate's App as the source of the required status"
				      : "make headgate an App, and name that as the source of the required status");
	else if (in->app_id == status->app_id)
		doctor_say(d, DOCTOR_OK, "source", TEXT_LIT("headgate's App alone can say it"), NULL);
	else if (in->is_app && in->app_id == 0)
		doctor_say(d, DOCTOR_UNKNOWN, "source", pinned, "compare that with the App's number at the forge");
	else
		doctor_say(d, DOCTOR_FAIL, "source",
			   arena_printf(d->arena, "%.*s, and headgate is not that", TEXT_ARG(pinned)),
			   "name headgate's App as the source of the required status");
}

static void say_required(struct doctor *d, const struct doctor_gate *in)
{
	const struct forge_rules *rules = in->rules;
	const struct forge_status_rule *status = required(rules);
	struct text branch = rules->branch, context = rules->context;

	if (status) {
		doctor_say(d, DOCTOR_OK, "required",
			   arena_printf(d->arena, "%.*s requires %.*s", TEXT_ARG(branch), TEXT_ARG(context)), NULL);
		say_source(d, in, status);
	} else if (in->hidden) {
		doctor_say(d, DOCTOR_UNKNOWN, "required",
			   arena_printf(d->arena,
					"no ruleset of %.*s requires %.*s, and its protection is not told to us",
					TEXT_ARG(branch), TEXT_ARG(context)),
			   look_there);
	} else {
		doctor_say(d, DOCTOR_FAIL, "required",
			   arena_printf(d->arena, "nothing on %.*s requires %.*s: headgate only advises",
					TEXT_ARG(branch), TEXT_ARG(context)),
			   "require this status on the branch");
	}
}

static void say_change(struct doctor *d, const struct doctor_gate *in)
{
	if (in->rules->reviews)
		doctor_say(d, DOCTOR_OK, "change", TEXT_LIT("a pull request is required"), NULL);
	else if (in->hidden)
		doctor_say(d, DOCTOR_UNKNOWN, "change",
			   TEXT_LIT("whether a pull request is required is not told to us"), look_there);
	else
		doctor_say(
			d, DOCTOR_WARN, "change",
			TEXT_LIT("no pull request is required: a commit allowed on another branch can be pushed here"),
			"require a pull request on the branch");
}

static void say_forced(struct doctor *d, const struct doctor_gate *in)
{
	if (in->rules->forced == TRI_NO)
		doctor_say(d, DOCTOR_OK, "force", TEXT_LIT("the branch is not moved by force"), NULL);
	else if (in->rules->forced == TRI_YES)
		doctor_say(d, DOCTOR_WARN, "force", TEXT_LIT("the branch may be moved by force"),
			   "forbid force pushes on the branch");
	else
		doctor_say(d, DOCTOR_UNKNOWN, "force", TEXT_LIT("whether the branch may be moved by force is not told"),
			   look_there);
}

/* Who may pass rules, and who pushes around changes. */
static void say_bypass(struct doctor *d, const struct doctor_gate *in)
{
	if (in->rules->admins_pass)
		doctor_say(d, DOCTOR_WARN, "bypass", TEXT_LIT("branch protection does not hold administrators"),
			   "include administrators");
	else if (in->hidden)
		doctor_say(d, DOCTOR_UNKNOWN, "bypass", TEXT_LIT("whether administrators are held is not told to us"),
			   look_there);
	if (in->rules->rulesets)
		doctor_say(d, DOCTOR_UNKNOWN, "bypass",
			   TEXT_LIT("who may pass the rulesets is told to their administrators alone"),
			   "look that their bypass lists hold no merge bot and nobody else");
	doctor_say(d, DOCTOR_UNKNOWN, "bots", TEXT_LIT("of merge bots only bors.toml is read"),
		   "compare others' configuration with README's steps on bors-ng and merge queues");
}

void doctor_gate(struct doctor *doctor, const struct doctor_gate *in)
{
	doctor->about = in->rules->repo;
	say_required(doctor, in);
	say_change(doctor, in);
	say_forced(doctor, in);
	say_bypass(doctor, in);
}
