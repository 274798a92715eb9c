#include "webhooks/normalize.h"
#include "webhooks/scan.h"
bool normalize_github(struct text event_name, struct text body, struct arena *arena, struct delivery *ret,
		      struct err *err)
{
	static const char *const paths[] = {"installation.id", "repository.id", "repository.full_name",
					    "pull_request.head.sha"};
	struct scan_value v[4];
	const struct scan_plan *plan = scan_plan_new(paths, 4);
	bool ok = scan_run(plan, body, arena, v, err);
	scan_plan_free(plan);
	if (!ok)
		return false;
	size_t i = 0;
	while (i < body.len && strchr(" \t\r\n", body.at[i]))
		i++;
	if (i == body.len || body.at[i] != '{')
		return err_set(err, ERR_INVALID, "not an object");
	struct oid o;
	*ret = (struct delivery){.fate = text_is(event_name, "pull_request") ? DELIVERY_APPLY : DELIVERY_IGNORED};
	ret->event.installation = v[0].integer;
	ret->event.repo = ret->repo = v[1].integer;
	ret->event.repo_name = v[2].text;
	if (v[3].type == SCAN_STRING && !oid_parse(v[3].text, &o))
		ret->fate = DELIVERY_QUARANTINED;
	return true;
}
