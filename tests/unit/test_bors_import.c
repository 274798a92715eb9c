#include "policy/bors_import.h"

#include "agent/cli/commands.h"
#include "tests/support/case.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct bors read_bors(struct text text, struct arena *arena)
{
	struct problem problem = {0, 0, ""};
	struct bors bors = {0};

	ck_assert_msg(bors_parse(text, arena, &bors, &problem), "%u:%u: %s", problem.line, problem.column,
		      problem.text);
	return bors;
}

static struct text imported(const char *text, struct arena *arena)
{
	struct bors bors = read_bors(text_of(text), arena);

	return bors_policy(&bors, arena);
}

/* ---- the text ---- */

START_TEST(a_whole_file_becomes_this_policy)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text text = imported(
		"status = ['ci']\npr_status = ['policy/merge-allowed']\nblock_labels = ['wip', 'S: no', 'wip']\n"
		"required_approvals = 2\nup_to_date_approvals = true\ntimeout_sec = 7200\n",
		&arena);

	ck_assert_str_eq(
		arena_text(&arena, text).at,
		"# What bors.toml asks of reviews and labels, for headgate. headgate reads it from the base branch, "
		"where\n"
		"# bors reads bors.toml from the change itself; and it judges until the change has landed, where bors\n"
		"# looks once, at r+. headgate's guards (draft, changes requested, guarded files) apply besides.\n"
		"policy:\n"
		"  approval:\n"
		"    - approvals\n"
		"  disapproval:\n"
		"    # block_labels: any one of them blocks, for as long as it is there.\n"
		"    if:\n"
		"      any_of:\n"
		"        - has_labels: [\"wip\"]\n"
		"        - has_labels: [\"S: no\"]\n"
		"    # With required_approvals bors lets whoever may read the repository block by \"changes "
		"requested\".\n"
		"    # Without these lines only people with write access do.\n"
		"    requires:\n"
		"      permissions: [read]\n"
		"approval_rules:\n"
		"  # up_to_date_approvals = true: always so here, an approval counts for its own commit alone.\n"
		"  - name: approvals\n"
		"    requires:\n"
		"      count: 2\n"
		"      # bors counts any account; here people with write access count, who did not write the change.\n"
		"      permissions: [write]\n"
		"# What bors goes on doing by itself, from bors.toml:\n"
		"#   status: waits for these statuses of the commit that it builds\n"
		"#   pr_status: wants these statuses of the change, once, at r+\n"
		"#   timeout_sec: gives a batch up after so many seconds\n");
}
END_TEST

static const struct {
	const char *bors, *has, *has_not;
} parts[] = {
	{"status = ['ci']\n", "No required_approvals: bors lands what one reviewer says r+ to", "disapproval"},
	{"status = ['ci']\n", "      count: 1\n", "up_to_date_approvals"},
	{"status = ['ci']\n", "does not name policy/merge-allowed in pr_status", "block_labels"},
	{"pr_status = ['policy/merge-allowed']\n", "#   pr_status: ", "does not name"},
	{"pr_status = ['x']\nrequired_approvals = 0\n", "required_approvals = 0: bors asks for no approval but the r+",
	 "status: waits"},
	{"pr_status = ['x']\nrequired_approvals = 0\n", "      count: 1\n", "up_to_date"},
	{"pr_status = ['x']\nrequired_approvals = 0\n", "      permissions: [read]\n", "any_of"},
	{"status = ['x']\nrequired-approvals = 7\n", "      count: 7\n", "asks for no approval"},
	{"status = ['x']\nrequired_approvals = 1\n", "up_to_date_approvals = false: bors keeps an approval over a push",
	 "always so here"},
	{"status = ['x']\nuse_codeowners = true\n", "      owners: {file: CODEOWNERS, per: file, unowned: write}\n",
	 "disapproval"},
	{"status = ['x']\nuse-codeowners = true\n", "    - approvals\n    - owners\n", "any_of"},
	{"status = ['x']\nuse_codeowners = false\n", "count: 1", "owners"},
	{"block_labels = ['x']\n", "        - has_labels: [\"x\"]\n", "goes on doing"},
	{"block_labels = ['x']\n", "  disapproval:\n    # block_labels", "permissions: [read]"},
	{"status = ['x']\ncommit_title = \"a\\npolicy: b\"\n", "#   commit_title: names its merge commits so\n",
	 "policy: b"},
};

START_TEST(what_differs_from_bors_is_said)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text text = imported(parts[_i].bors, &arena);

	ck_assert_msg(text_find(text, text_of(parts[_i].has)) != SIZE_MAX, "%.*s", TEXT_ARG(text));
	ck_assert_msg(text_find(text, text_of(parts[_i].has_not)) == SIZE_MAX, "%.*s", TEXT_ARG(text));
}
END_TEST

/* ---- labels are only ever labels ---- */

static const struct yaml *under(const struct yaml *map, const char *key)
{
	const struct yaml *value = yaml_get(map, key);

	ck_assert_msg(value != NULL, "no `%s`", key);
	return value;
}

/* The text is YAML of exactly our keys, and its labels are these. */
static void holds_labels(struct text text, const struct bors_texts *labels, struct arena *arena)
{
	static const struct yaml_limits limits = {(size_t)1 << 20, 64, 20000, 0};
	struct problem problem = {0, 0, ""};
	const struct yaml *root = NULL, *any, *disapproval;

	ck_assert_msg(yaml_parse(text, &limits, arena, &root, &problem), "%u:%u: %s\n%.*s", problem.line,
		      problem.column, problem.text, TEXT_ARG(text));
	ck_assert_uint_eq(root->n, 2);
	ck_assert_uint_eq(under(root, "approval_rules")->n, 1);
	ck_assert_uint_eq(under(root, "policy")->n, 2);
	disapproval = under(under(root, "policy"), "disapproval");
	ck_assert_uint_eq(disapproval->n, 1);
	ck_assert_uint_eq(under(disapproval, "if")->n, 1);
	any = under(under(disapproval, "if"), "any_of");
	ck_assert_uint_eq(any->n, labels->n);
	for (size_t i = 0; i < labels->n; i++) {
		const struct yaml *names = under(&any->items[i], "has_labels");

		ck_assert(any->items[i].n == 1 && names->n == 1 && names->items[0].quoted);
		ck_assert_msg(text_eq(names->items[0].text, labels->at[i]), "`%.*s` is not `%.*s`",
			      TEXT_ARG(names->items[0].text), TEXT_ARG(labels->at[i]));
	}
}

static const char *const labels[] = {
	"wip",
	"it's \"quoted\"",
	"S: blocked # no",
	"a\nb: c\n- d",
	"\"]\n      - has_labels: []\napproval_rules: []\n#",
	"\\",
	"\\\"",
	"C:\\new\\table\\x41",
	"{[*&!|>%@`",
	" blanks ",
	"tab\there",
	"\r\n",
	"true",
	"~",
	"null",
	"''''",
	"---",
	"...",
	"é 中 \xf0\x9f\x9a\xab",
	"next\xc2\x85line",
	"line\xe2\x80\xa8separator\xe2\x80\xa9",
	"\xef\xbb\xbf",
	"\xe2\x80\xae"
	"desrever",
	"\xf3\xa0\x81\x81",
	"\xef\xbf\xbf",
	"\x01\x1b[31m\x7f",
};

START_TEST(a_label_cannot_become_yaml)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text label = text_of(labels[_i]);
	struct bors bors = {.block_labels = {&label, 1}};

	holds_labels(bors_policy(&bors, &arena), &bors.block_labels, &arena);
}
END_TEST

START_TEST(no_labels_of_any_characters_become_yaml)
{
	static const char *const pieces[] = {"\"",
					     "'",
					     "\\",
					     "\n",
					     ":",
					     " ",
					     "#",
					     "-",
					     "[",
					     "]",
					     "{",
					     "}",
					     ",",
					     "x",
					     "\t",
					     "\r",
					     "u0041",
					     "\xc2\x85",
					     "\xe2\x80\xa8",
					     "é",
					     "\xf0\x9f\x9a\xab",
					     "%",
					     "&",
					     "*",
					     "!",
					     "|",
					     ">",
					     "@",
					     "`",
					     "0",
					     "~",
					     "\x1f",
					     "\xef\xbb\xbf",
					     "\n  ",
					     ": ",
					     " #",
					     "- "};
	uint64_t dice = 88172645463325252u;

	for (int round = 0; round < 2000; round++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct text made[3];
		struct bors bors = {.block_labels = {made, 3}};

		for (size_t i = 0; i < 3; i++) {
			made[i] = arena_printf(&arena, "%zu", i); /* no two are the same */
			for (int n = 0; n < 6; n++) {
				dice ^= dice << 13;
				dice ^= dice >> 7;
				dice ^= dice << 17;
				made[i] = arena_printf(&arena, "%s%.*s",
						       pieces[dice % (sizeof pieces / sizeof pieces[0])],
						       TEXT_ARG(made[i]));
			}
		}
		holds_labels(bors_policy(&bors, &arena), &bors.block_labels, &arena);
	}
}
END_TEST

/* ---- the policy judges so ---- */

static enum decision judged(struct example *c, const char *bors)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text text = imported(bors, &arena);

	return case_judge(c, arena_text(&arena, text).at).decision;
}

#define TWO "status = ['ci']\nrequired_approvals = 2\n"

static const struct {
	const char *bors;
	int64_t who;
	enum review_state state;
	const char *sha;
	enum decision decision;
} judgements[] = {
	{TWO, 0, REVIEW_APPROVED, CASE_HEAD, DECISION_ALLOWED},
	{"status = ['ci']\nrequired_approvals = 3\n", 0, REVIEW_APPROVED, CASE_HEAD, DECISION_WAITING},
	{"status = ['ci']\nrequired_approvals = 3\n", DAVE, REVIEW_APPROVED, CASE_HEAD, DECISION_WAITING},
	{"status = ['ci']\nrequired_approvals = 3\n", ERIN, REVIEW_APPROVED, CASE_HEAD, DECISION_ALLOWED},
	{"status = ['ci']\nrequired_approvals = 3\n", ERIN, REVIEW_APPROVED, CASE_OLD, DECISION_WAITING},
	{TWO, DAVE, REVIEW_CHANGES_REQUESTED, CASE_HEAD, DECISION_BLOCKED},
	{"status = ['ci']\n", DAVE, REVIEW_CHANGES_REQUESTED, CASE_HEAD, DECISION_ALLOWED},
	{"status = ['ci']\n", ERIN, REVIEW_CHANGES_REQUESTED, CASE_HEAD, DECISION_BLOCKED},
};

START_TEST(the_policy_asks_for_what_bors_was_told)
{
	struct example c;

	case_make(&c);
	if (judgements[_i].who != 0)
		case_review(&c, judgements[_i].who, judgements[_i].state, judgements[_i].sha, 5000);
	ck_assert_int_eq(judged(&c, judgements[_i].bors), judgements[_i].decision);
	case_drop(&c);
}
END_TEST

static const struct {
	const char *label; /* of the change; NULL: none */
	bool unknown;      /* its labels could not be read */
	enum decision decision;
} labelled[] = {
	{NULL, false, DECISION_ALLOWED},        {"ready", false, DECISION_ALLOWED},
	{"wip", false, DECISION_BLOCKED},       {"a\nb: c\n- d", false, DECISION_BLOCKED},
	{"S-blocked", false, DECISION_BLOCKED}, {"wip, S-blocked", false, DECISION_ALLOWED},
	{NULL, true, DECISION_WAITING},
};

START_TEST(any_one_of_the_labels_blocks)
{
	struct text label = text_of(labelled[_i].label);
	struct example c;

	case_make(&c);
	c.change.labels = &label;
	c.change.n_labels = labelled[_i].label ? 1 : 0;
	if (labelled[_i].unknown)
		c.change.known &= ~(unsigned)FACT_LABELS;
	else
		c.change.known |= FACT_LABELS;
	ck_assert_int_eq(judged(&c, TWO "block_labels = ['wip', 'S-blocked', \"a\\nb: c\\n- d\"]\n"),
			 labelled[_i].decision);
	case_drop(&c);
}
END_TEST

static const struct {
	const char *codeowners; /* NULL: not known */
	enum decision decision; /* with approvals of bob and carol */
} owned[] = {
	{"* @bob\n", DECISION_ALLOWED},  {"* @erin @carol\n", DECISION_ALLOWED},
	{"* @erin\n", DECISION_WAITING}, {"* @alice\n", DECISION_BLOCKED},
	{"", DECISION_ALLOWED},          {NULL, DECISION_WAITING},
};

START_TEST(the_owners_are_asked_where_bors_asks_them)
{
	struct owners_file file = {.name = TEXT_LIT("CODEOWNERS"), .path = TEXT_LIT("CODEOWNERS")};
	struct example c;

	case_make(&c);
	if (owned[_i].codeowners) {
		file.bytes = text_of(owned[_i].codeowners);
		c.change.owners_files = &file;
		c.change.n_owners_files = 1;
	}
	ck_assert_int_eq(judged(&c, TWO "use_codeowners = true\n"), owned[_i].decision);
	ck_assert_int_eq(judged(&c, TWO "use_codeowners = false\n"), DECISION_ALLOWED);
	case_drop(&c);
}
END_TEST

static const char *const taken[] = {
	TWO,
	"status = ['ci']\n",
	TWO "use_codeowners = true\n",
	"block_labels = ['wip']\n",
	TWO "block_labels = ['wip', 'S-blocked']\ntimeout_sec = 60\n",
};

START_TEST(the_policy_is_checked_without_a_remark)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	auto_arena struct arena arena = ARENA_EMPTY;
	static struct problem_list errors, lints;
	const struct policy *policy = NULL;

	ck_assert_msg(policy_check(imported(taken[_i], &arena), &defaults, &arena, &policy, &errors, &lints), "%s",
		      errors.items[0].text);
	ck_assert_msg(lints.n == 0, "%s", lints.items[0].text);
	ck_assert(!policy_is_builtin(policy));
}
END_TEST

/* ---- the command ---- */

struct said {
	int code;
	char out[8192], err[4096];
};

/* The command with these words, and bors.toml on its standard input. */
static void say(const char *bors, const char *words, struct said *said)
{
	static char copy[BORS_BYTES_MAX + 1];
	char line[512], *argv[12], *rest = line;
	struct console console = {0};
	int argc = 0;

	*said = (struct said){0};
	(void)snprintf(copy, sizeof copy, "%s", bors);
	(void)snprintf(line, sizeof line, "headgate policy import-bors %s", words);
	while (argc < 11 && rest) {
		argv[argc++] = rest;
		rest = strchr(rest, ' ');
		if (rest)
			*rest++ = '\0';
	}
	argv[argc] = NULL;
	console.in = fmemopen(copy, strlen(copy) > 0 ? strlen(copy) : 1, "r");
	console.out = fmemopen(said->out, sizeof said->out, "w");
	console.err = fmemopen(said->err, sizeof said->err, "w");
	said->code = command_main(command_table(), argc, argv, &console);
	(void)fclose(console.in);
	(void)fclose(console.out);
	(void)fclose(console.err);
}

static const struct {
	const char *bors;
	int code;
	const char *out, *err; /* a part of it; NULL: nothing */
} lines[] = {
	{TWO, 0, "      count: 2\n", NULL},
	{"status = ['ci']\n", 0, "      count: 1\n", NULL},
	{TWO "use-codeowners = true\n", 0, "      owners: {file: CODEOWNERS, ", NULL},
	{"status = ['ci']\nrequired_aprovals = 2\n", 1, NULL,
	 "-:2:1: unknown key `required_aprovals`; did you mean `required_approvals`?\n"},
	{"status: ci\n", 1, NULL, "-:1:7: expected `=` after the key, found `:`\n"},
	{"required_approvals = 2\n", 1, NULL, "-: `status`, `pr_status` and `block_labels` are all empty"},
	{"'\\u001b[31m' = 1\n", 1, NULL, "-:1:1: unknown key `\\u001b[31m`\n"},
	{"\"\\u001b[31m\" = 1\n", 1, NULL, "-:1:1: unknown key `\\x1b[31m`\n"},
};

START_TEST(a_file_is_imported_or_told_why_not)
{
	struct said said;

	say(lines[_i].bors, "-", &said);
	ck_assert_msg(said.code == lines[_i].code, "%d: %s%s", said.code, said.out, said.err);
	ck_assert_msg(strstr(said.out, lines[_i].out ? lines[_i].out : ""), "%s", said.out);
	ck_assert_msg(strstr(said.err, lines[_i].err ? lines[_i].err : ""), "%s", said.err);
	ck_assert(lines[_i].out || said.out[0] == '\0');
	ck_assert(lines[_i].err || said.err[0] == '\0');
}
END_TEST

/* Each blank becomes six bytes, which makes more than a policy may have. */
START_TEST(a_policy_that_would_be_refused_is_not_written)
{
	static char bors[BORS_BYTES_MAX];
	struct said said;
	int n = snprintf(bors, sizeof bors, "block_labels = ['%60000s']", "");

	for (int i = 0; i < n; i++)
		bors[i] = i > 16 && bors[i] == ' ' ? '\t' : bors[i];
	say(bors, "-", &said);
	ck_assert_int_eq(said.code, 1);
	ck_assert_str_eq(said.out, "");
	ck_assert_str_eq(
		said.err,
		"headgate policy import-bors: nothing is written: this version cannot say what the file asks for\n"
		"the policy: larger than 262144 bytes\n");
}
END_TEST

START_TEST(a_policy_that_is_there_is_not_written_over)
{
	char dir[] = "/tmp/headgate-bors-XXXXXX", file[64], words[80];
	struct said said;
	FILE *there;
	char first[64] = "";

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(file, sizeof file, "%s/.headgate.yml", dir);
	(void)snprintf(words, sizeof words, "- -o %s", file);
	say(TWO, words, &said);
	ck_assert_msg(said.code == 0 && said.out[0] == '\0', "%s", said.err);
	there = fopen(file, "r");
	ck_assert_ptr_nonnull(there);
	ck_assert_ptr_nonnull(fgets(first, sizeof first, there));
	(void)fclose(there);
	ck_assert_ptr_nonnull(strstr(first, "# What bors.toml asks"));
	say("status = ['other']\n", words, &said);
	ck_assert_int_eq(said.code, 2);
	ck_assert_ptr_nonnull(strstr(said.err, ".headgate.yml: File exists"));
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_named)
{
	struct said said;

	say("", "/nonexistent/bors.toml", &said);
	ck_assert_int_eq(said.code, 2);
	ck_assert_ptr_nonnull(strstr(said.err, "/nonexistent/bors.toml: No such file"));
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_whole_file_becomes_this_policy),
	SUITE_ROWS(what_differs_from_bors_is_said, parts),
	SUITE_ROWS(a_label_cannot_become_yaml, labels),
	SUITE_TEST(no_labels_of_any_characters_become_yaml),
	SUITE_ROWS(the_policy_asks_for_what_bors_was_told, judgements),
	SUITE_ROWS(any_one_of_the_labels_blocks, labelled),
	SUITE_ROWS(the_owners_are_asked_where_bors_asks_them, owned),
	SUITE_ROWS(the_policy_is_checked_without_a_remark, taken),
	SUITE_ROWS(a_file_is_imported_or_told_why_not, lines),
	SUITE_TEST(a_policy_that_would_be_refused_is_not_written),
	SUITE_TEST(a_policy_that_is_there_is_not_written_over),
	SUITE_TEST(a_file_that_cannot_be_read_is_named),
	SUITE_END,
};
SUITE_MAIN(tests)
