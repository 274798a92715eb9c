/* What people tell gates, in a scene: comments that say it, in the words of bors-ng, and the forge's queue. */
#include "policy/orders.h"
#include "policy/scene_inner.h"

static void add(struct scene *scene, enum order_kind kind, const struct order *order)
{
	struct change *change = &scene->change;
	bool lands = kind == ORDER_LAND || kind == ORDER_UNLAND;
	struct order **list = lands ? &scene->landing_asks : &scene->delegations;
	size_t *n = lands ? &change->n_landing_asks : &change->n_delegations;

	*list = scene_grown(scene->arena, *list, *n, sizeof **list);
	(*list)[(*n)++] = *order;
	change->landing_asks = scene->landing_asks;
	change->delegations = scene->delegations;
}

static struct order order_now(const struct scene *scene, const struct person *by, enum order_kind kind)
{
	return (struct order){.takes_back = kind == ORDER_UNDELEGATE || kind == ORDER_UNLAND,
			      .by = *by,
			      .sha = scene->facts.head,
			      .at = scene->clock};
}

static struct person called(const struct scene *scene, struct text login)
{
	for (size_t i = 0; i < scene->facts.n_people; i++)
		if (text_eq_nocase(scene->people[i].who.login, login))
			return scene->people[i].who;
	return (struct person){.login = login};
}

/* As its signed event tells: what is edited later does not change it. */
static void tell(struct scene *scene, const struct comment *comment)
{
	struct orders orders = {.rest = comment->body};
	struct spoken_order one;

	while (orders_next(&orders, &one)) {
		struct order order = order_now(scene, &comment->user, one.kind);

		order.comment = comment->id;
		order.to_author = one.kind == ORDER_DELEGATE && one.whom.len == 0;
		if (one.whom.len > 0)
			order.to = called(scene, one.whom);
		if (!text_starts(oid_text(&order.sha), one.commit))
			order.sha = OID_NONE;
		if (one.certain || order.takes_back)
			add(scene, one.kind, &order);
	}
}

void scene_say(struct scene *scene, struct comment comment)
{
	struct change *change = &scene->change;

	comment.id = scene->next_id++;
	comment.created_at = scene->clock;
	scene->comments = scene_grown(scene->arena, scene->comments, change->n_comments, sizeof *scene->comments);
	scene->comments[change->n_comments++] = comment;
	change->comments = scene->comments;
	if (comment.user.type == PERSON_USER)
		tell(scene, &comment);
}

/* ---- steps ---- */

static bool say_line(struct scene *scene, const struct person *by, const char *line)
{
	scene_say(scene, (struct comment){.user = *by, .body = arena_text(scene->arena, text_of(line))});
	return true;
}

static bool read_landing(struct scene *scene, const struct yaml *value, enum order_kind kind)
{
	enum { WHO, HOW, N };
	static const char *const names[N] = {"by", "how"}, *const hows[] = {"comment", "queue", "auto_merge"};
	const struct yaml *at[N] = {NULL};
	struct person by;
	struct order order;
	size_t how = 0;

	if (value->kind == YAML_SCALAR)
		at[WHO] = value;
	else if (!scene_members(scene, value, names, N, at))
		return false;
	if (!at[WHO])
		return scene_wrong(scene, value, "a request to land needs `by`");
	if (!scene_person(scene, at[WHO], &by) || (at[HOW] && !scene_word(scene, at[HOW], hows, 3, &how)))
		return false;
	if (how == 0)
		return say_line(scene, &by, kind == ORDER_LAND ? "bors r+" : "bors r-");
	order = order_now(scene, &by, kind);
	order.how = (enum order_how)how;
	add(scene, kind, &order);
	return true;
}

bool scene_step_land(struct scene *scene, const struct yaml *value)
{
	return read_landing(scene, value, ORDER_LAND);
}

bool scene_step_unland(struct scene *scene, const struct yaml *value)
{
	return read_landing(scene, value, ORDER_UNLAND);
}

bool scene_step_delegate(struct scene *scene, const struct yaml *value)
{
	enum { WHO, TO, N };
	static const char *const names[N] = {"by", "to"};
	const struct yaml *at[N] = {NULL};
	struct person by, to = {0};
	struct text line;

	if (value->kind == YAML_SCALAR)
		at[WHO] = value;
	else if (!scene_members(scene, value, names, N, at))
		return false;
	if (!at[WHO])
		return scene_wrong(scene, value, "a delegation needs `by`");
	if (!scene_person(scene, at[WHO], &by) || (at[TO] && !scene_person(scene, at[TO], &to)))
		return false;
	line = arena_printf(scene->arena, "bors d=%.*s", TEXT_ARG(to.login));
	return say_line(scene, &by, at[TO] ? line.at : "bors d+");
}

bool scene_step_undelegate(struct scene *scene, const struct yaml *value)
{
	struct person by;

	return scene_person(scene, value, &by) && say_line(scene, &by, "bors d-");
}
