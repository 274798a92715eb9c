/*
 * Whether those who granted flags are in the groups that policies name: one question per group, with all their logins.
 * The tracker answers it only to a member of that group; what it will not tell stays unknown.
 */
#include "agent/tracker/bugzilla_inner.h"

struct asking { /* of one group */
	struct bugzilla *b;
	const struct tracker_call *call;
	const struct bugzilla_open *open;
	struct text group;
};

/* names=*&names=*...&groups=* */
static struct bugzilla_path path_of(const struct asking *a, struct arena *scratch)
{
	size_t n = a->open->n_setters, len = 0, room = 64 + n * sizeof "names=*&";
	struct text *segments = arena_alloc(scratch, n + 1, sizeof *segments);
	char *path = arena_alloc(scratch, room, 1);

	len += (size_t)snprintf(path, room, "/rest/user?");
	for (size_t i = 0; i < n; i++) {
		segments[i] = a->open->setters[i].login;
		len += (size_t)snprintf(path + len, room - len, "names=*&");
	}
	segments[n] = a->group;
	(void)snprintf(path + len, room - len, "groups=*&include_fields=id,name");
	return (struct bugzilla_path){.path = path, .segments = segments, .n = n + 1, .may_refuse = true};
}

/* The flag's groups have room for all that are wanted. */
static void put_group(struct bug_flag *flag, int64_t account, struct text group)
{
	struct text *groups = (struct text *)(uintptr_t)flag->groups;

	flag->setter = account;
	groups[flag->n_groups++] = group;
}

static bool take_user(const struct asking *a, jval v, bool *seen, struct err *err)
{
	bool asked = false;
	struct text name;
	int64_t id;

	if (!jneed_int(v, "id", &id, err) || !jneed_text(v, "name", &name, err))
		return err_wrap(err, "users");
	for (size_t i = 0; i < a->open->n_setters; i++) {
		if (!text_eq(a->open->setters[i].login, name))
			continue;
		if (seen[i])
			return err_set(err, ERR_INVALID, "users: the same one twice");
		seen[i] = asked = true;
		put_group(a->open->setters[i].flag, id, a->group);
	}
	return (asked && id > 0) || err_set(err, ERR_INVALID, "users: somebody who was not asked for");
}

static bool take_users(const struct asking *a, jval list, struct err *err)
{
	bool seen[TRACKER_SETTERS_MAX] = {false};

	if (!list || !jis_array(list) || jlen(list) > a->open->n_setters)
		return err_set(err, ERR_INVALID, "users: not a list of those asked for");
	for (size_t i = 0; i < jlen(list); i++)
		if (!take_user(a, jat(list, i), seen, err))
			return false;
	return true;
}

/* *ret_told: the tracker said who of them is in the group. */
static enum err_code ask_group(const struct asking *a, bool *ret_told, struct err *err)
{
	auto_wiped struct arena scratch = ARENA_EMPTY;
	struct bugzilla_path path = path_of(a, &scratch);
	struct bugzilla_reply reply;
	enum err_code code = bugzilla_get(a->b, a->call, &path, &reply, err);
	bool ok = true;

	if (code != ERR_OK)
		return code;
	*ret_told = reply.fate == BUGZILLA_TOLD;
	if (*ret_told)
		ok = take_users(a, jget(jdoc_root(reply.doc), "users"), err);
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

enum err_code bugzilla_look_up(struct bugzilla *b, const struct tracker_call *call, const struct tracker_wanted *wanted,
			       const struct bugzilla_open *open, struct err *err)
{
	bool all = true;

	if (open->n_setters == 0)
		return ERR_OK;
	for (size_t i = 0; i < open->n_setters; i++)
		open->setters[i].flag->groups = arena_alloc(call->arena, wanted->n_groups, sizeof(struct text));
	for (size_t i = 0; i < wanted->n_groups; i++) {
		struct asking a = {b, call, open, arena_text(call->arena, wanted->groups[i])};
		bool told = false;
		enum err_code code = ask_group(&a, &told, err);

		if (code != ERR_OK)
			return code;
		all = all && told;
	}
	for (size_t i = 0; i < open->n_setters; i++)
		open->setters[i].flag->setter_groups_known = all;
	return ERR_OK;
}
