#include "policy/scene_inner.h"

#include <stdarg.h>
#include <string.h>

#define MEMBERS_MAX 16
#define LIST_MAX    1000

const char *scene_row_name(const struct scene_row *row)
{
	const char *dot = strrchr(row->doc.path, '.');

	return dot ? dot + 1 : row->doc.path;
}

bool scene_wrong(struct scene *scene, const struct yaml *at, const char *format, ...)
{
	va_list args;

	scene->problem->line = at->line;
	scene->problem->column = at->column;
	va_start(args, format);
	(void)vsnprintf(scene->problem->text, sizeof scene->problem->text, format, args);
	va_end(args);
	return false;
}

bool scene_unknown(struct problem *problem, const struct yaml *at, const char *what, const char *const *names, size_t n)
{
	struct text shown = text_cut(at->text, 60);
	const char *near = text_nearest(at->text, names, n);

	if (near)
		return yaml_problem(at, problem, "unknown %s `%.*s`; did you mean `%s`?", what, TEXT_ARG(shown), near);
	return yaml_problem(at, problem, "unknown %s `%.*s`", what, TEXT_ARG(shown));
}

bool scene_text(struct scene *scene, const struct yaml *value, struct text *ret)
{
	if (value->kind != YAML_SCALAR)
		return scene_wrong(scene, value, "expected text");
	*ret = value->text;
	return true;
}

bool scene_bool(struct scene *scene, const struct yaml *value, bool *ret)
{
	return yaml_bool(value, ret) || scene_wrong(scene, value, "expected true or false");
}

bool scene_int(struct scene *scene, const struct yaml *value, int64_t *ret)
{
	if (!yaml_int(value, ret) || *ret < 0)
		return scene_wrong(scene, value, "expected a whole number of at least 0");
	return true;
}

bool scene_texts(struct scene *scene, const struct yaml *value, const struct text **ret, size_t *ret_n)
{
	struct text *texts;

	if (value->kind != YAML_LIST || value->n > LIST_MAX)
		return scene_wrong(scene, value, "expected a list of at most %d texts", LIST_MAX);
	texts = arena_alloc(scene->arena, value->n, sizeof *texts);
	for (size_t i = 0; i < value->n; i++)
		if (!scene_text(scene, &value->items[i], &texts[i]))
			return false;
	*ret = texts;
	*ret_n = value->n;
	return true;
}

bool scene_word(struct scene *scene, const struct yaml *value, const char *const *names, size_t n, size_t *ret)
{
	if (value->kind != YAML_SCALAR)
		return scene_wrong(scene, value, "expected a word such as `%s`", names[0]);
	for (size_t i = 0; i < n; i++)
		if (text_is(value->text, names[i])) {
			*ret = i;
			return true;
		}
	return scene_unknown(scene->problem, value, "word", names, n);
}

bool scene_members(struct scene *scene, const struct yaml *map, const char *const *names, size_t n,
		   const struct yaml **at)
{
	if (map->kind != YAML_MAP)
		return scene_wrong(scene, map, "expected a map with keys such as `%s`", names[0]);
	for (size_t i = 0; i < n; i++)
		at[i] = NULL;
	for (size_t i = 0; i < map->n; i++) {
		size_t k = 0;

		while (k < n && !text_is(map->keys[i].text, names[k]))
			k++;
		if (k == n)
			return scene_unknown(scene->problem, &map->keys[i], "key", names, n);
		at[k] = &map->items[i];
	}
	return true;
}

void *scene_copied(struct arena *arena, const void *at, size_t n, size_t size)
{
	size_t room = 4;
	void *copy;

	while (room <= n)
		room *= 2;
	copy = arena_alloc(arena, room, size);
	if (n > 0)
		memcpy(copy, at, n * size);
	return copy;
}

void *scene_grown(struct arena *arena, void *at, size_t n, size_t size)
{
	size_t room = 4;

	while (room <= n)
		room *= 2;
	if (n > 0 && n != room / 2) /* there is room already */
		return at;
	return scene_copied(arena, at, n, size);
}

/* FNV-1a: a name gives the same number everywhere. */
static uint64_t hash(const char *kind, struct text name, uint64_t salt)
{
	uint64_t h = 0xcbf29ce484222325u + salt;

	for (; *kind; kind++)
		h = (h ^ (unsigned char)*kind) * 0x100000001b3u;
	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)name.at[i]) * 0x100000001b3u;
	return h ^ h >> 32;
}

int64_t scene_id(struct text login)
{
	return (int64_t)(hash("person ", login, 0) & 0x7ffffffe) + 1;
}

struct oid scene_oid(const char *kind, struct text name)
{
	struct oid oid = OID_NONE;

	if (oid_parse(name, &oid))
		return oid;
	for (uint64_t i = 0; i < 5; i++)
		(void)snprintf(oid.hex + 8 * i, 9, "%08x", (unsigned)(hash(kind, name, i) & 0xffffffffu));
	return oid;
}
