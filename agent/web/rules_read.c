/* What cannot be read is restricted and unmet: a row that was edited or is newer than this program shows nothing. */
#include "agent/web/rules_read.h"

#include "webhooks/jread.h"

/* Depth is bounded by the reader. */
static struct text taken(jval v, const char *path, struct arena *arena)
{
	struct text t = jtext(v, path);

	return t.len > 0 ? arena_text(arena, t) : TEXT_EMPTY;
}

static enum rule_state state_of(struct text t)
{
	for (enum rule_state s = RULE_UNMET; s <= RULE_MET; s++)
		if (text_is(t, rule_state_name(s)))
			return s;
	return RULE_UNMET;
}

static enum rule_mode mode_of(struct text t)
{
	for (enum rule_mode m = MODE_ENFORCE; m <= MODE_OFF; m++)
		if (text_is(t, rule_mode_name(m)))
			return m;
	return MODE_ENFORCE;
}

static void read_counts(jval list, struct arena *arena, struct rule_result *ret)
{
	size_t n = jlen(list);
	struct person *people = arena_alloc(arena, n, sizeof *people);

	for (size_t i = 0; i < n; i++) {
		people[i].id = jint(jat(list, i), "id", 0);
		people[i].login = taken(jat(list, i), "login", arena);
	}
	ret->counts = people;
	ret->n_counts = n;
}

static void read_ignored(jval list, struct arena *arena, struct rule_result *ret)
{
	size_t n = jlen(list);
	struct ignored *ignored = arena_alloc(arena, n, sizeof *ignored);

	for (size_t i = 0; i < n; i++) {
		ignored[i].what = taken(jat(list, i), "what", arena);
		ignored[i].why = taken(jat(list, i), "why", arena);
	}
	ret->ignored = ignored;
	ret->n_ignored = n;
}

/* "restricted" is written only where it is true; any other value is not ours. */
static bool restricted(jval rule)
{
	return jget(rule, "restricted") && jtri(rule, "restricted") != TRI_NO;
}

static struct rule_result *read_list(jval list, struct arena *arena)
{
	size_t n = jlen(list);
	struct rule_result *rules = arena_alloc(arena, n, sizeof *rules);

	for (size_t i = 0; i < n; i++) {
		jval rule = jat(list, i);

		rules[i] = (struct rule_result){
			.name = taken(rule, "name", arena),
			.description = taken(rule, "description", arena),
			.state = state_of(jtext(rule, "state")),
			.mode = mode_of(jtext(rule, "mode")),
			.blocking = jtri(rule, "blocking") == TRI_YES,
			.restricted = restricted(rule),
			.next = taken(rule, "next", arena),
			.who = taken(rule, "who", arena),
			.children = read_list(jget(rule, "children"), arena),
			.n_children = jlen(jget(rule, "children")),
		};
		read_counts(jget(rule, "counts"), arena, &rules[i]);
		read_ignored(jget(rule, "ignored"), arena, &rules[i]);
	}
	return rules;
}

static bool read_trees(struct text json, struct arena *arena, struct rule_result **ret, size_t *ret_n, struct err *err)
{
	struct jdoc *doc = jdoc_parse(json, err);
	bool ok = doc && jis_array(jdoc_root(doc));

	if (doc && !ok)
		(void)err_set(err, ERR_INVALID, "the stored rules are no list");
	if (ok) {
		*ret = read_list(jdoc_root(doc), arena);
		*ret_n = jlen(jdoc_root(doc));
	}
	jdoc_free(doc);
	return ok;
}

bool rules_read(struct text json, struct arena *arena, struct verdict *ret, struct err *err)
{
	struct rule_result *trees;
	size_t n;

	if (!read_trees(json, arena, &trees, &n, err))
		return false;
	ret->rules = trees;
	ret->n_rules = n;
	return true;
}

bool rules_read_public(struct text json, struct arena *arena, struct verdict *ret, struct err *err)
{
	struct rule_result *trees;
	size_t n;

	if (!read_trees(json, arena, &trees, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (trees[i].n_children == 0 || !trees[i].children[--trees[i].n_children].restricted)
			return err_set(err, ERR_INVALID, "the stored rules are no public view");
	ret->rules = trees;
	ret->n_rules = n;
	return true;
}
