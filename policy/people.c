#include "policy/people.h"

#include <stdlib.h>
#include <string.h>

static void lower(struct text t, char *out)
{
	for (size_t i = 0; i < t.len; i++)
		out[i] = (char)(t.at[i] >= 'A' && t.at[i] <= 'Z' ? t.at[i] + ('a' - 'A') : t.at[i]);
}

/* What is no address at all is a mistake; that one is somebody's is for the writer of the file to know. */
static bool read_email(const struct yaml *key, struct arena *arena, struct text *ret, struct problem *problem)
{
	char *small;

	if (key->text.len < 3 || key->text.len > PEOPLE_EMAIL_MAX || !memchr(key->text.at, '@', key->text.len))
		return yaml_problem(key, problem, "expected an e-mail address");
	small = arena_alloc(arena, key->text.len, 1);
	lower(key->text, small);
	*ret = (struct text){small, key->text.len};
	return true;
}

static bool read_id(const struct yaml *value, int64_t *ret, struct problem *problem)
{
	if (!yaml_int(value, ret) || *ret <= 0)
		return yaml_int_problem(value, problem, "expected the number of an account");
	return true;
}

/* Whoever bore the forge's login would be taken for its button (contributors.c). */
static bool read_login(const struct yaml *value, struct text *ret, struct problem *problem)
{
	if (value->kind != YAML_SCALAR || value->text.len == 0 || value->text.len > 100)
		return yaml_problem(value, problem, "expected a login");
	if (text_eq_nocase(value->text, TEXT_LIT("web-flow")))
		return yaml_problem(value, problem, "web-flow is the forge itself, and nobody's login");
	*ret = value->text;
	return true;
}

static bool read_one(const struct yaml *value, struct known_email *ret, struct problem *problem)
{
	if (value->kind != YAML_MAP)
		return read_id(value, &ret->id, problem);
	for (size_t i = 0; i < value->n; i++) {
		struct text key = value->keys[i].text;

		if (text_is(key, "id") ? !read_id(&value->items[i], &ret->id, problem)
		    : text_is(key, "login")
			    ? !read_login(&value->items[i], &ret->login, problem)
			    : !yaml_problem(&value->keys[i], problem, "expected `id` and, for display, `login`"))
			return false;
	}
	return ret->id > 0 || yaml_problem(value, problem, "expected `id`: the number of an account");
}

static int by_email(const void *left, const void *right)
{
	const struct known_email *a = left, *b = right;

	return text_cmp(a->email, b->email);
}

static bool each_once(const struct known_email *all, size_t n, struct problem *problem)
{
	const struct yaml nowhere = {.line = 0};

	for (size_t i = 1; i < n; i++)
		if (text_eq(all[i - 1].email, all[i].email))
			return yaml_problem(&nowhere, problem, "the same address twice: %.*s",
					    TEXT_ARG(text_cut(all[i].email, 100)));
	return true;
}

bool people_read(struct text bytes, struct arena *arena, struct people *ret, struct problem *problem)
{
	static const struct yaml_limits limits = {PEOPLE_BYTES_MAX, 4, PEOPLE_NODES_MAX, 0};
	const struct yaml *root;
	struct known_email *all;

	if (!yaml_parse(bytes, &limits, arena, &root, problem))
		return false;
	if (root->kind != YAML_MAP && root->kind != YAML_NULL)
		return yaml_problem(root, problem, "expected a map of e-mail addresses to numbers of accounts");
	all = arena_alloc(arena, root->n, sizeof *all);
	for (size_t i = 0; i < root->n; i++)
		if (!read_email(&root->keys[i], arena, &all[i].email, problem) ||
		    !read_one(&root->items[i], &all[i], problem))
			return false;
	if (root->n > 1)
		qsort(all, root->n, sizeof *all, by_email);
	if (!each_once(all, root->n, problem))
		return false;
	*ret = (struct people){all, root->n};
	return true;
}

const struct known_email *people_find(const struct people *people, struct text email)
{
	char bytes[PEOPLE_EMAIL_MAX];
	struct known_email wanted = {.email = {bytes, email.len}};

	if (email.len == 0 || email.len > PEOPLE_EMAIL_MAX || people->n == 0)
		return NULL;
	lower(email, bytes);
	return bsearch(&wanted, people->at, people->n, sizeof *people->at, by_email);
}
