#include "policy/remote.h"

#include "policy/keys.h"
#include "policy/rules.h"

#include <string.h>

static bool name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
	       c == '_';
}

static bool is_name(struct text name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!name_byte(name.at[i]))
			return false;
	return name.len > 0 && !text_is(name, ".") && !text_is(name, "..");
}

bool remote_is_repo(struct text name)
{
	size_t slash = text_find(name, TEXT_LIT("/"));

	return slash != SIZE_MAX && name.len <= 200 && is_name((struct text){name.at, slash}) &&
	       is_name((struct text){name.at + slash + 1, name.len - slash - 1});
}

static bool plain_text(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] <= ' ' || t.at[i] >= 0x7f)
			return false;
	return t.len > 0 && t.len <= 255 && text_find(t, TEXT_LIT("..")) == SIZE_MAX;
}

bool remote_is_path(struct text path)
{
	return plain_text(path) && !text_starts(path, TEXT_LIT("/")) && !text_ends(path, TEXT_LIT("/")) &&
	       text_find(path, TEXT_LIT("//")) == SIZE_MAX;
}

/* As git has names of branches, as far as it matters to a URL. */
static bool is_ref(struct text ref)
{
	static const char odd[] = "~^:?*[\\";

	for (size_t i = 0; i < ref.len; i++)
		if (memchr(odd, ref.at[i], sizeof odd - 1))
			return false;
	return remote_is_path(ref) && !text_starts(ref, TEXT_LIT("-"));
}

static bool read_valid(struct parse *parse, const struct yaml *value, bool (*valid)(struct text), const char *what,
		       struct text *ret)
{
	struct text t;

	if (!read_text(parse, value, &t))
		return false;
	if (!valid(t))
		return yaml_problem(value, parse->problem, "expected %s", what);
	*ret = t;
	return true;
}

static bool read_repo(struct parse *parse, const struct yaml *value, void *out)
{
	return read_valid(parse, value, remote_is_repo, "owner/name of a repository", &((struct remote *)out)->repo);
}

static bool read_path(struct parse *parse, const struct yaml *value, void *out)
{
	return read_valid(parse, value, remote_is_path, "a path inside the repository", &((struct remote *)out)->path);
}

static bool read_ref(struct parse *parse, const struct yaml *value, void *out)
{
	return read_valid(parse, value, is_ref, "the name of a branch, or of a commit in full",
			  &((struct remote *)out)->ref);
}

static const struct key rows[] = {
	{{"remote", "text", "owner/name of the repository that has the policy; then nothing but path and ref is here"},
	 read_repo},
	{{"path", "text", "the file's name there; as here, where it is left out"}, read_path},
	{{"ref", "text", "a branch there, or the full name of a commit; the default branch, where it is left out"},
	 read_ref},
};
const struct keys keys_remote = KEYS(rows);

const struct yaml *remote_key(const struct yaml *root)
{
	for (size_t i = 0; root->kind == YAML_MAP && i < root->n; i++)
		if (text_is(root->keys[i].text, "remote"))
			return &root->keys[i];
	return NULL;
}

enum remote_answer remote_check(struct text bytes, struct arena *arena, struct remote *ret, struct problem_list *errors)
{
	static const struct yaml_limits limits = {POLICY_BYTES_MAX, POLICY_DEPTH_MAX, POLICY_NODES_MAX,
						  POLICY_ALIASES_MAX};
	struct problem found = {0};
	struct problem_list *lints = arena_alloc(arena, 1, sizeof *lints);
	struct parse parse = {.arena = arena, .problem = &found, .errors = errors, .lints = lints};
	struct remote remote = {.repo = TEXT_EMPTY};
	const struct yaml *root;

	*errors = (struct problem_list){0};
	if (!yaml_parse(bytes, &limits, arena, &root, &found) || !remote_key(root))
		return REMOTE_NO;
	if (!keys_read(&parse, root, &keys_remote, "a file that names another repository's policy", &remote))
		return REMOTE_WRONG;
	*ret = remote;
	return REMOTE_YES;
}

enum remote_answer remote_read(struct text bytes, struct arena *arena, struct remote *ret, struct problem *problem)
{
	struct problem_list *errors = arena_alloc(arena, 1, sizeof *errors);
	enum remote_answer answer = remote_check(bytes, arena, ret, errors);

	if (answer == REMOTE_WRONG)
		*problem = errors->items[0];
	return answer;
}
