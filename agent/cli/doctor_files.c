/* Files of the branch: the policy that is in force, and what bors-ng is told. */
#include "agent/cli/doctor.h"

#include "policy/bors.h"
#include "policy/policy.h"

void doctor_policy(struct doctor *doctor, const struct doctor_file *in)
{
	const struct config_policy *config = in->policy;
	const struct policy_defaults defaults = {(unsigned)config->default_approvals, config->path, config->context};
	const struct policy *policy;
	struct problem problem = {0};

	if (!in->exists)
		doctor_say(doctor, DOCTOR_OK, "policy",
			   arena_printf(doctor->arena,
					"no %.*s: %swhat bors.toml asks of reviews, else the built-in policy",
					TEXT_ARG(config->path), config->shared.len > 0 ? "policy.shared, else " : ""),
			   NULL);
	else if (policy_parse(in->bytes, &defaults, doctor->arena, &policy, &problem))
		doctor_say(doctor, DOCTOR_OK, "policy",
			   arena_printf(doctor->arena, "%.*s is valid", TEXT_ARG(config->path)), NULL);
	else
		doctor_say(doctor, DOCTOR_FAIL, "policy", config_problem_text(config->path.at, &problem, doctor->arena),
			   "`headgate policy check`; until then every change into the branch is an error");
}

static bool has(const struct bors_texts *list, struct text context)
{
	for (size_t i = 0; i < list->n; i++)
		if (text_eq_nocase(list->at[i], context))
			return true;
	return false;
}

static void say_bors(struct doctor *d, const struct bors *bors, struct text context)
{
	bool at_once = bors_given(bors, "prerun_timeout_sec") > 0 && bors->prerun_timeout_sec == 0;

	if (has(&bors->status, context))
		doctor_say(
			d, DOCTOR_FAIL, "bors",
			TEXT_LIT("`status` lists the context, and staging commits are not judged: bors lands nothing"),
			"keep it in `pr_status` alone");
	else if (!has(&bors->pr_status, context))
		doctor_say(d, DOCTOR_FAIL, "bors", TEXT_LIT("`pr_status` does not list the context: bors does not ask"),
			   "add it to `pr_status`, or merge through branch protection alone");
	else if (!at_once)
		doctor_say(d, DOCTOR_WARN, "bors",
			   TEXT_LIT("without `prerun_timeout_sec = 0` bors waits, and may look at an older head than "
				    "it lands"),
			   "set it, and say r+ again where a status was pending");
	else
		doctor_say(d, DOCTOR_OK, "bors",
			   TEXT_LIT("it looks once before a batch; a revocation does not stop one that runs"), NULL);
}

void doctor_bors(struct doctor *doctor, const struct doctor_file *in)
{
	struct bors bors;
	struct problem problem = {0};

	if (!in->exists)
		return;
	if (bors_parse(in->bytes, doctor->arena, &bors, &problem))
		say_bors(doctor, &bors, in->policy->context);
	else
		doctor_say(doctor, DOCTOR_FAIL, "bors", config_problem_text("bors.toml", &problem, doctor->arena),
			   "mend it: bors itself may pass changes unchecked then");
}
