#include "policy/keys.h"
#include "policy/owners_inner.h"
#include "policy/owners_rule.h"

#include <string.h>

#define FILE_MAX 200 /* bytes of the file's path */

bool base_file_plain(struct text path)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/-.";
	struct path_names names;

	if (path.len > FILE_MAX || !path_cut(path, &names))
		return false;
	for (size_t i = 0; i < path.len; i++)
		if (!memchr(letters, path.at[i], sizeof letters - 1))
			return false;
	for (size_t i = 0; i < names.n; i++)
		if (text_is(names.at[i], ".") || text_is(names.at[i], ".."))
			return false;
	return true;
}

static bool read_file(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule_owners *owners = out;

	if (!read_text(parse, value, &owners->file))
		return false;
	if (!base_file_plain(owners->file))
		return yaml_problem(
			value, parse->problem,
			"file is CODEOWNERS (found where the forge looks) or a path from the root, of letters, "
			"digits and . _ - /");
	return true;
}

/* One of two words; the first is what is meant without it. */
static bool read_word(struct parse *parse, const struct yaml *value, const char *const words[2], bool *ret)
{
	struct text word;

	if (!read_text(parse, value, &word))
		return false;
	*ret = text_is(word, words[1]);
	if (!*ret && !text_is(word, words[0]))
		return yaml_problem(value, parse->problem, "expected %s or %s", words[0], words[1]);
	return true;
}

static bool read_ref(struct parse *parse, const struct yaml *value, void *out)
{
	struct text ref;

	(void)out;
	if (!read_text(parse, value, &ref))
		return false;
	if (!text_is(ref, "base"))
		return yaml_problem(value, parse->problem,
				    "ref is base: a change could make its author an owner in its own head");
	return true;
}

static bool read_per(struct parse *parse, const struct yaml *value, void *out)
{
	static const char *const words[2] = {"file", "change"};
	struct rule_owners *owners = out;

	return read_word(parse, value, words, &owners->per_change);
}

static bool read_unowned(struct parse *parse, const struct yaml *value, void *out)
{
	static const char *const words[2] = {"deny", "write"};
	struct rule_owners *owners = out;

	return read_word(parse, value, words, &owners->unowned_write);
}

static const struct key rows[] = {
	{{"approval_rules[].requires.owners.file", "path",
	  "who owns what: GitHub's CODEOWNERS, or a .json file of path prefixes and numbers of accounts"},
	 read_file},
	{{"approval_rules[].requires.owners.ref", "base", "the file of the base branch; nothing else is accepted"},
	 read_ref},
	{{"approval_rules[].requires.owners.per", "file|change",
	  "file: each changed file needs owners of its own; change: an owner of any of them is enough"},
	 read_per},
	{{"approval_rules[].requires.owners.unowned", "deny|write",
	  "what nobody owns blocks, or needs people with write access"},
	 read_unowned},
};
const struct keys keys_owners = KEYS(rows);

bool owners_key_read(struct parse *parse, const struct yaml *value, struct rule *ret)
{
	struct rule_owners *owners = arena_alloc(parse->arena, 1, sizeof *owners);

	ret->owners = owners; /* though something of it be wrong: the rule is not told to name nobody besides */
	if (!keys_read(parse, value, &keys_owners, "owners", owners))
		return false;
	if (owners->file.len == 0)
		return yaml_problem(value, parse->problem, "`owners` needs a `file`");
	if (++parse->owners > OWNERS_RULES_PER_POLICY)
		return yaml_problem(value, parse->problem, "more than %d rules with `owners`", OWNERS_RULES_PER_POLICY);
	return true;
}

bool owners_key_complete(struct parse *parse, const struct yaml *node, struct rule *ret)
{
	const struct yaml *requires = yaml_get(node, "requires"), *count;

	if (!ret->owners || ret->eyes)
		return true;
	count = yaml_get(requires, "count");
	if (!count)
		ret->count = 1;
	if (ret->count == 0)
		return yaml_problem(count, parse->problem, "`owners` with a count of 0 asks for nobody");
	return true;
}

static bool listed(const struct text *files, size_t n, struct text file)
{
	for (size_t i = 0; i < n; i++)
		if (text_eq(files[i], file))
			return true;
	return false;
}

void owners_needs(struct policy *policy, struct arena *arena)
{
	struct text *files = arena_alloc(arena, OWNERS_RULES_PER_POLICY + 1, sizeof *files);
	size_t n = 0;

	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct rule *rule = &policy->rules[i];

		if (!rule->used || !rule->owners || rule->mode == MODE_OFF)
			continue;
		policy->needs.logins = true;
		if (!listed(files, n, rule->owners->file))
			files[n++] = rule->owners->file;
	}
	if (policy->people_file.len > 0 && !listed(files, n, policy->people_file))
		files[n++] = policy->people_file;
	policy->needs.owners_files = files;
	policy->needs.n_owners_files = n;
}

const char *policy_codeowners(size_t i)
{
	static const char *const places[] = {".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"};

	return i < sizeof places / sizeof places[0] ? places[i] : NULL;
}
