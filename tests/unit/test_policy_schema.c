/* The schema is read as YAML, which JSON is, and held against policies by a validator of just the keywords it uses: a
 * keyword that the validator does not know fails the test. */
#include "agent/cli/policy_schema.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/config.h"
#include "policy/key_type.h"
#include "policy/policy.h"
#include "policy/regex.h"
#include "tests/support/suite.h"

/* Of the test's own process, and gone with it. */
static struct arena arena;

static const struct yaml *parsed(struct text bytes)
{
	static const struct yaml_limits limits = {1 << 22, 64, 200000, 1000};
	const struct yaml *root;
	struct problem problem;

	if (!yaml_parse(bytes, &limits, &arena, &root, &problem))
		ck_abort_msg("%u:%u %s", problem.line, problem.column, problem.text);
	return root;
}

/* ---- the validator ---- */

struct against {
	const struct yaml *root; /* the schema */
	char why[256];
};

static bool valid(struct against *against, const struct yaml *schema, const struct yaml *value);

static bool invalid(struct against *against, const struct yaml *value, const char *why)
{
	if (against->why[0] == '\0')
		(void)snprintf(against->why, sizeof against->why, "%u:%u %s", value->line, value->column, why);
	return false;
}

static bool is_type(const struct yaml *value, struct text type)
{
	int64_t number;
	bool scalar = value->kind == YAML_SCALAR, is_number = scalar && yaml_int(value, &number);
	bool is_flag = scalar && !value->quoted && (text_is(value->text, "true") || text_is(value->text, "false"));

	if (text_is(type, "null"))
		return value->kind == YAML_NULL;
	if (text_is(type, "object"))
		return value->kind == YAML_MAP;
	if (text_is(type, "array"))
		return value->kind == YAML_LIST;
	if (text_is(type, "integer") || text_is(type, "number"))
		return is_number;
	if (text_is(type, "boolean"))
		return is_flag;
	ck_assert(text_is(type, "string"));
	return scalar && !is_number && !is_flag;
}

static bool has_type(struct against *against, const struct yaml *types, const struct yaml *value)
{
	bool some = types->kind == YAML_SCALAR && is_type(value, types->text);

	for (size_t i = 0; types->kind == YAML_LIST && i < types->n; i++)
		some = some || is_type(value, types->items[i].text);
	return some || invalid(against, value, "another type");
}

static bool check_type(struct against *against, const struct yaml *schema, const struct yaml *is,
		       const struct yaml *value)
{
	(void)schema;
	return has_type(against, is, value);
}

static bool check_properties(struct against *against, const struct yaml *schema, const struct yaml *is,
			     const struct yaml *value)
{
	(void)schema;
	for (size_t i = 0; value->kind == YAML_MAP && i < value->n; i++) {
		const struct yaml *member = yaml_get(is, value->keys[i].text.at);

		if (member && !valid(against, member, &value->items[i]))
			return false;
	}
	return true;
}

static bool check_additional(struct against *against, const struct yaml *schema, const struct yaml *is,
			     const struct yaml *value)
{
	const struct yaml *properties = yaml_get(schema, "properties");

	for (size_t i = 0; value->kind == YAML_MAP && i < value->n; i++) {
		if (properties && yaml_get(properties, value->keys[i].text.at))
			continue;
		if (is->kind == YAML_SCALAR)
			return invalid(against, &value->keys[i], "unknown key");
		if (!valid(against, is, &value->items[i]))
			return false;
	}
	return true;
}

static bool check_items(struct against *against, const struct yaml *schema, const struct yaml *is,
			const struct yaml *value)
{
	(void)schema;
	for (size_t i = 0; value->kind == YAML_LIST && i < value->n; i++)
		if (!valid(against, is, &value->items[i]))
			return false;
	return true;
}

static bool check_enum(struct against *against, const struct yaml *schema, const struct yaml *is,
		       const struct yaml *value)
{
	(void)schema;
	for (size_t i = 0; i < is->n; i++)
		if (value->kind == YAML_SCALAR && text_eq(is->items[i].text, value->text) &&
		    (is->items[i].quoted || !value->quoted))
			return true;
	return invalid(against, value, "none of the values");
}

static bool check_any(struct against *against, const struct yaml *schema, const struct yaml *is,
		      const struct yaml *value)
{
	(void)schema;
	for (size_t i = 0; i < is->n; i++) {
		struct against one = {.root = against->root};

		if (valid(&one, &is->items[i], value))
			return true;
	}
	return invalid(against, value, "none of the alternatives");
}

static bool check_ref(struct against *against, const struct yaml *schema, const struct yaml *is,
		      const struct yaml *value)
{
	static const char prefix[] = "#/$defs/";
	const struct yaml *defs = yaml_get(against->root, "$defs"), *def;

	(void)schema;
	ck_assert(text_starts(is->text, TEXT_LIT(prefix)));
	def = yaml_get(defs, is->text.at + sizeof prefix - 1);
	ck_assert_msg(def, "%s", is->text.at);
	return valid(against, def, value);
}

static bool check_pattern(struct against *against, const struct yaml *schema, const struct yaml *is,
			  const struct yaml *value)
{
	char why[160];
	const struct regex *regex = regex_compile(is->text, &arena, why, sizeof why);

	(void)schema;
	ck_assert_msg(regex, "%s: %s", is->text.at, why);
	return value->kind != YAML_SCALAR || regex_search(regex, value->text) == TRI_YES ||
	       invalid(against, value, "does not match");
}

static bool check_required(struct against *against, const struct yaml *schema, const struct yaml *is,
			   const struct yaml *value)
{
	(void)schema;
	for (size_t i = 0; value->kind == YAML_MAP && i < is->n; i++)
		if (!yaml_get(value, is->items[i].text.at))
			return invalid(against, value, "a key is missing");
	return true;
}

static bool check_least(struct against *against, const struct yaml *schema, const struct yaml *is,
			const struct yaml *value)
{
	int64_t least, n;

	(void)schema;
	ck_assert(yaml_int(is, &least));
	return !yaml_int(value, &n) || n >= least || invalid(against, value, "too small");
}

static bool check_length(struct against *against, const struct yaml *schema, const struct yaml *is,
			 const struct yaml *value)
{
	(void)schema;
	(void)is;
	return value->kind != YAML_SCALAR || value->text.len > 0 || invalid(against, value, "empty");
}

static bool check_min_members(struct against *against, const struct yaml *schema, const struct yaml *is,
			      const struct yaml *value)
{
	(void)schema;
	(void)is;
	return value->kind != YAML_MAP || value->n > 0 || invalid(against, value, "empty");
}

static bool check_max_items(struct against *against, const struct yaml *schema, const struct yaml *is,
			    const struct yaml *value)
{
	(void)schema;
	(void)is;
	return value->kind != YAML_LIST || value->n == 0 || invalid(against, value, "not empty");
}

static const struct {
	const char *keyword;
	bool (*check)(struct against *against, const struct yaml *schema, const struct yaml *is,
		      const struct yaml *value);
} keywords[] = {
	{"type", check_type},
	{"properties", check_properties},
	{"additionalProperties", check_additional},
	{"items", check_items},
	{"enum", check_enum},
	{"anyOf", check_any},
	{"$ref", check_ref},
	{"pattern", check_pattern},
	{"required", check_required},
	{"minimum", check_least},
	{"minLength", check_length},
	{"minProperties", check_min_members},
	{"maxItems", check_max_items},
	{"description", NULL},
	{"title", NULL},
	{"default", NULL},
	{"$schema", NULL},
	{"$defs", NULL},
};

static bool valid(struct against *against, const struct yaml *schema, const struct yaml *value)
{
	bool ok = true;

	ck_assert(schema->kind == YAML_MAP);
	for (size_t i = 0; i < schema->n; i++) {
		size_t k = 0;

		while (k < sizeof keywords / sizeof keywords[0] && !text_is(schema->keys[i].text, keywords[k].keyword))
			k++;
		ck_assert_msg(k < sizeof keywords / sizeof keywords[0], "keyword %s", schema->keys[i].text.at);
		if (keywords[k].check && !keywords[k].check(against, schema, &schema->items[i], value))
			ok = false;
	}
	return ok;
}

static bool document_valid(struct against *against, struct text document)
{
	*against = (struct against){.root = parsed(policy_schema(&arena))};
	return valid(against, against->root, parsed(document));
}

/* ---- what is held against it ---- */

/* Every file below the folder whose name ends so. */
static size_t hold(const char *folder, const char *file, const char *but)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	DIR *dir = opendir(folder);
	const struct policy *policy;
	const struct dirent *entry;
	struct problem problem;
	struct against against;
	size_t held = 0;

	ck_assert_msg(dir, "%s", folder);
	while ((entry = readdir(dir))) {
		struct text path = arena_printf(&arena, "%s/%s%s", folder, entry->d_name, file), bytes;
		struct err err = ERR_NONE;

		if (entry->d_name[0] == '.' || !text_ends(path, TEXT_LIT(".yml")) || text_ends(path, text_of(but)) ||
		    !config_file(path.at, &arena, &bytes, &err) ||
		    !policy_parse(bytes, &defaults, &arena, &policy, &problem))
			continue;
		ck_assert_msg(document_valid(&against, bytes), "%s: %s", path.at, against.why);
		held++;
	}
	(void)closedir(dir);
	return held;
}

START_TEST(every_policy_of_ours_that_parses_is_valid)
{
	ck_assert_uint_ge(hold(SOURCE_DIR "/examples/policies", "", ".test.yml"), 5);
	ck_assert_uint_ge(hold(SOURCE_DIR "/tests/data/policies", "/policy.yml", "-"), 8);
}
END_TEST

#define RULE "policy: {approval: [a]}\napproval_rules:\n- {name: a, requires: {count: 1, permissions: [write]}"
static const char *const takes[] = {
	"",
	"{}",
	RULE "}\n",
	RULE ", mode: off}\n",
	RULE ", options: {allow_author: true, methods: {comments: [], github_review: true}}}\n",
	RULE ", if: {targets_branch: {pattern: ^main$}}}\n",
	RULE ", if: {not: {any_of: [{targets_branch: {pattern: 1}}]}}}\n",
	"policy: {approval: [{or: [a, {and: [b, c]}]}, {at_least: {count: 1, of: [a, b]}}]}",
	"policy: {approval: [a], disapproval: {requires: {users: [alice, 'id:7'], teams: [a/b]}}}",
	"policy: {branches: {'^main$': [a], default: closed}}",
	"approval_rules: [{name: 2024, requires: {users: [123]}}]",
};

START_TEST(what_a_policy_can_say_is_valid)
{
	struct against against;

	ck_assert_msg(document_valid(&against, text_of(takes[_i])), "%s: %s", takes[_i], against.why);
}
END_TEST

static const struct {
	const char *document, *why;
} refuses[] = {
	{"polcy: {}", "1:1 unknown key"},
	{"policy: {aproval: [a]}", "1:10 unknown key"},
	{"policy: []", "1:9 another type"},
	{"policy: {approval: a}", "1:20 another type"},
	{"policy: {approval: [[a]]}", "1:21 none of the alternatives"},
	{"policy: {approval: [{xor: [a]}]}", "1:21 none of the alternatives"},
	{"policy: {approval: [{}]}", "1:21 none of the alternatives"},
	{"policy: {approval: [{at_least: {count: 0, of: [a]}}]}", "1:21 none of the alternatives"},
	{"policy: {branches: {'^main$': open, default: closed}}", "1:31 none of the alternatives"},
	{"policy: {branches: {'^main$': [a]}}", "1:20 a key is missing"},
	{"policy: {guards: {off: [drafts]}}", "1:25 none of the values"},
	{"policy: {disapproval: {requires: {teams: [committers]}}}", "1:43 does not match"},
	{"approval_rules: {}", "1:17 another type"},
	{"approval_rules: [{nam: a}]", "1:19 unknown key"},
	{"approval_rules: [{name: [a]}]", "1:25 another type"},
	{"approval_rules: [{name: ''}]", "1:25 empty"},
	{"approval_rules: [{mode: on}]", "1:25 none of the values"},
	{"approval_rules: [{requires: {count: two}}]", "1:37 another type"},
	{"approval_rules: [{requires: {count: '2'}}]", "1:37 another type"},
	{"approval_rules: [{requires: {count: -1}}]", "1:37 too small"},
	{"approval_rules: [{requires: {permissions: [wriet]}}]", "1:44 none of the values"},
	{"approval_rules: [{options: {allow_author: yes}}]", "1:43 another type"},
	{"approval_rules: [{options: {allow_auther: true}}]", "1:29 unknown key"},
	{"approval_rules: [{if: {}}]", "1:23 empty"},
	{"approval_rules: [{if: {targets_brnch: {pattern: x}}}]", "1:24 unknown key"},
	{"approval_rules: [{if: {targets_branch: main}}]", "1:40 another type"},
	{"approval_rules: [{if: {targets_branch: {patern: main}}}]", "1:41 unknown key"},
	{"approval_rules: [{if: {not: {any_of: [{x: 1}]}}}]", "1:40 unknown key"},
	{"approval_rules: [{if: {changed_files: {paths: x}}}]", "1:47 another type"},
};

START_TEST(what_no_policy_can_say_is_invalid)
{
	struct against against;

	ck_assert_msg(!document_valid(&against, text_of(refuses[_i].document)), "%s", refuses[_i].document);
	ck_assert_msg(strcmp(against.why, refuses[_i].why) == 0, "%s: %s", refuses[_i].document, against.why);
}
END_TEST

/* ---- the notation ---- */

START_TEST(the_type_of_every_row_is_well_formed)
{
	const struct key_word *word;
	const struct policy_key *key;
	const char *why;

	for (size_t i = 0; (key = policy_key_at(i)); i++)
		ck_assert_msg(key_type_parse(text_of(key->type), &arena, &why), "%s: `%s`: %s", key->path, key->type,
			      why);
	for (size_t i = 0; (word = key_word_at(i)); i++)
		if (word->kind == WORD_TYPE)
			ck_assert_msg(key_type_parse(text_of(word->is), &arena, &why), "%s: %s", word->name, why);
}
END_TEST

static const struct {
	const char *notation, *why;
} notations[] = {
	{"", "a type is missing"},
	{"[text", "a list is not closed"},
	{"{a: text", "a map is not closed"},
	{"{: text}", "a member has no name"},
	{"text |", "a type is missing"},
	{"txet", "a word that is no type stands alone"},
	{"[key id]", "a word that is no type stands alone"},
	{"text text", "something follows the type"},
	{"boolean = yes", "true or false follows ="},
	{"integer >= x", "no number follows >="},
	{"[[[[[[[[[[[[[[[[[[text]]]]]]]]]]]]]]]]]]", "nested too deep"},
};

START_TEST(a_wrong_notation_says_why)
{
	const char *why = NULL;

	ck_assert_msg(!key_type_parse(text_of(notations[_i].notation), &arena, &why), "%s", notations[_i].notation);
	ck_assert_str_eq(why, notations[_i].why);
}
END_TEST

START_TEST(a_type_means_what_it_says)
{
	const char *why;
	const struct key_type *type =
		key_type_parse(TEXT_LIT("{a!: [text], b, *: on|off} or [] | integer >= 3"), &arena, &why);

	ck_assert_msg(type, "%s", why);
	ck_assert(type->kind == KEY_ONE_OF && type->n == 3);
	ck_assert(type->items[0].kind == KEY_MAP && type->items[0].n == 3);
	ck_assert(type->items[0].members[0].must && type->items[0].members[0].type->kind == KEY_LIST);
	ck_assert(!type->items[0].members[1].must && type->items[0].members[1].type->kind == KEY_ANY);
	ck_assert(text_is(type->items[0].members[2].name, "*") &&
		  type->items[0].members[2].type->items[1].kind == KEY_LITERAL);
	ck_assert(type->items[1].kind == KEY_LIST && type->items[1].n == 0);
	ck_assert(type->items[2].kind == KEY_INTEGER && type->items[2].least == 3);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(every_policy_of_ours_that_parses_is_valid),
	SUITE_ROWS(what_a_policy_can_say_is_valid, takes),
	SUITE_ROWS(what_no_policy_can_say_is_invalid, refuses),
	SUITE_TEST(the_type_of_every_row_is_well_formed),
	SUITE_ROWS(a_wrong_notation_says_why, notations),
	SUITE_TEST(a_type_means_what_it_says),
	SUITE_END,
};
SUITE_MAIN(tests)
