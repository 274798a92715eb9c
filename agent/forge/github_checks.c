/* Check runs of one name. What may be read as success errs towards yes: it only ever denies. */
#include "agent/forge/github_inner.h"

/* Conclusions that no gate reads as success (docs: REST, check runs). */
static bool denies(jval v)
{
	static const char *const words[] = {"failure", "cancelled", "timed_out", "action_required", "startup_failure"};
	struct text conclusion = jtext(v, "conclusion");

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (text_is(conclusion, words[i]))
			return text_is(jtext(v, "status"), "completed");
	return false;
}

static bool take_check(struct github_items *items, jval v, struct err *err)
{
	struct forge_check_run run = {.app = jint(v, "app.id", 0), .may_pass = !denies(v)};
	const struct text *name = items->extra;
	struct text said;

	if (!jneed_int(v, "id", &run.id, err) || !jneed_text(v, "name", &said, err))
		return false;
	if (run.id <= 0)
		return err_set(err, ERR_INVALID, "a check run without an id");
	if (!text_eq(said, *name))
		return true; /* a forge that knows no such filter */
	run.app_name = github_text(items->arena, v, "app.slug");
	*(struct forge_check_run *)github_grow(items) = run;
	return true;
}

enum err_code github_check_runs(void *self, const struct forge_call *call, const struct forge_named *in,
				struct forge_list_checks *out, struct err *err)
{
	struct rest_path path = {"/repos/*/*/commits/*/check-runs?check_name=*&filter=latest&per_page=100",
				 {oid_text(&in->sha), in->name},
				 2};
	struct github_items items = {.take = take_check,
				     .arena = call->arena,
				     .within = "check_runs",
				     .size = sizeof(struct forge_check_run),
				     .extra = &in->name};
	enum err_code code = github_list(self, call, &path, &items, err);

	if (code == ERR_OK)
		*out = (struct forge_list_checks){items.at, items.n};
	return code;
}
