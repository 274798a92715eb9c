/* Whose a commit is that the forge gives to nobody: the people file of the base branch, and `unattributed`. */
#include "policy/people.h"
#include "tests/support/case.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

#define POLICY(attribution, rule)                                                                                      \
	"policy: {approval: [r]" attribution "}\n"                                                                     \
	"approval_rules: [{name: r, requires: {count: 1, permissions: [write]}" rule "}]\n"
#define FILED  ", attribution: {file: people.yml}"
#define PUSHER ", unattributed: pusher"

#define BLOCKED_BY(rest) "Blocked: commit 2222222 names nobody the forge knows: " rest

/* ---- what a rule makes of it ---- */

static void eve(struct example *c)
{
	c->commits[1].author = (struct signer){0, TEXT_EMPTY, TEXT_LIT("Eve"), TEXT_LIT("Eve@Example.org")};
}
static void nobody(struct example *c)
{
	(void)c;
}
static void eve_commits(struct example *c)
{
	c->commits[1].committer = (struct signer){0, TEXT_EMPTY, TEXT_LIT("Eve"), TEXT_LIT("eve@example.org")};
}
static void eve_helps(struct example *c)
{
	c->coauthor = (struct signer){0, TEXT_EMPTY, TEXT_LIT("Eve"), TEXT_LIT("eve@example.org")};
	c->commits[1].coauthors = &c->coauthor;
	c->commits[1].n_coauthors = 1;
}
static void eve_helps_beside_alice(struct example *c)
{
	static struct signer two[2];

	two[0] = c->commits[1].author;
	two[1] = (struct signer){0, TEXT_EMPTY, TEXT_LIT("Eve"), TEXT_LIT("eve@example.org")};
	c->commits[1].coauthors = two;
	c->commits[1].n_coauthors = 2;
}
static void eve_helps_before_alice(struct example *c)
{
	static struct signer two[2];

	two[0] = (struct signer){0, TEXT_EMPTY, TEXT_LIT("Eve"), TEXT_LIT("eve@example.org")};
	two[1] = c->commits[1].author;
	c->commits[1].coauthors = two;
	c->commits[1].n_coauthors = 2;
}
static void without_address(struct example *c)
{
	c->commits[1].author = (struct signer){0};
}
static void pusher_unknown(struct example *c)
{
	eve(c);
	c->pushers[1] = 0;
	c->change.n_pushers = 2;
}
static void first_pusher_unknown(struct example *c)
{
	eve(c);
	c->pushers[0] = 0;
	c->pushers[1] = ALICE;
	c->change.n_pushers = 2;
}
static void pushers_hidden(struct example *c)
{
	eve(c);
	c->change.pushers_hidden = true;
}
static void no_pushers(struct example *c)
{
	eve(c);
	c->change.n_pushers = 0;
}
static void pushers_unread(struct example *c)
{
	eve(c);
	c->change.known &= ~(unsigned)FACT_PUSHERS;
}
static void bob_pushed_too(struct example *c)
{
	eve(c);
	c->pushers[1] = BOB;
	c->change.n_pushers = 2;
	c->change.n_reviews = 1;
}
static void bob_alone(struct example *c)
{
	eve(c);
	c->change.n_reviews = 1;
}

static const char unread[] = "unread", absent[] = "absent", damaged[] = "damaged"; /* told apart by place */

static const struct {
	const char *policy;
	const char *file;
	void (*bend)(struct example *c);
	enum decision decision;
	const char *text; /* NULL: not asked */
} rows[] = {
	/* Without a file and without the pusher: stopped, with what helps. */
	{POLICY("", ""), unread, eve, DECISION_BLOCKED, BLOCKED_BY("add its e-mail to an account")},
	{POLICY("", ", unattributed: fail"), unread, eve, DECISION_BLOCKED, NULL},
	/* The file names another account than the reviewer's, by author, committer and co-author, in any case. */
	{POLICY(FILED, ""), "eve@example.org: 99\n", eve, DECISION_ALLOWED, NULL},
	{POLICY(", attribution: {file: people.yml, ref: base}", ""), "eve@example.org: 99\n", eve, DECISION_ALLOWED,
	 NULL},
	{POLICY(FILED, ""), "eve@example.org: 99\n", eve_commits, DECISION_ALLOWED, NULL},
	{POLICY(FILED, ""), "eve@example.org: 99\n", eve_helps, DECISION_ALLOWED, NULL},
	{POLICY(FILED, ""), "eve@example.org: 99\n", eve_helps_beside_alice, DECISION_ALLOWED, NULL},
	{POLICY(FILED, ""), "", eve_helps_before_alice, DECISION_BLOCKED, NULL},
	{POLICY(FILED, ""), "", eve_helps_beside_alice, DECISION_BLOCKED, NULL},
	{POLICY(FILED, ""), "EVE@example.org: {id: 99, login: eve}\n", eve, DECISION_ALLOWED, NULL},
	{POLICY(FILED, ""), "{\"eve@example.org\": 99, \"x@example.org\": 98}", eve, DECISION_ALLOWED, NULL},
	/* Whom the file names has written the commit, and does not approve it. */
	{POLICY(FILED, ""), "eve@example.org: 2\n", bob_alone, DECISION_WAITING, "Needs 1 review of 9a77b03 (0/1)"},
	{POLICY(FILED, PUSHER), "eve@example.org: 2\n", bob_alone, DECISION_WAITING, "Needs 1 review of 9a77b03 (0/1)"},
	/* The forge's word comes first. */
	{POLICY(FILED, ""), "alice@example.org: 2\n", bob_alone, DECISION_BLOCKED, NULL},
	{POLICY(FILED, ""), "alice@example.org: 2\n", nobody, DECISION_ALLOWED, NULL},
	/* It does not name them. */
	{POLICY(FILED, ""), "eva@example.org: 99\n", eve, DECISION_BLOCKED,
	 BLOCKED_BY("add its e-mail to an account or to people.yml")},
	{POLICY(FILED, ""), "", eve, DECISION_BLOCKED, NULL},
	{POLICY(FILED, ""), "eve@example.org: 99\n", without_address, DECISION_BLOCKED, NULL},
	/* A file that is not read waits; one that cannot be used stops, also what would be the pusher's. */
	{POLICY(FILED, ""), unread, eve, DECISION_WAITING, "Needs the file people.yml"},
	{POLICY(FILED, PUSHER), unread, eve, DECISION_WAITING, "Needs the file people.yml"},
	{POLICY(FILED, ""), absent, eve, DECISION_BLOCKED, BLOCKED_BY("the base branch has no people.yml")},
	{POLICY(FILED, PUSHER), absent, eve, DECISION_BLOCKED, BLOCKED_BY("the base branch has no people.yml")},
	{POLICY(FILED, ""), damaged, eve, DECISION_BLOCKED, BLOCKED_BY("people.yml: it is too large")},
	{POLICY(FILED, PUSHER), damaged, eve, DECISION_BLOCKED, NULL},
	{POLICY(FILED, PUSHER), "eve@example.org: eve\n", eve, DECISION_BLOCKED,
	 BLOCKED_BY("people.yml:1:18: expected the number of an account")},
	{POLICY(FILED, ""), unread, nobody, DECISION_ALLOWED, NULL}, /* nobody asks for it */
	/* The pusher stands in, where all are known; who pushed still does not approve. */
	{POLICY("", PUSHER), unread, eve, DECISION_ALLOWED, NULL},
	{POLICY(FILED, PUSHER), "", eve, DECISION_ALLOWED, NULL},
	{POLICY("", PUSHER), unread, bob_pushed_too, DECISION_WAITING, NULL},
	{POLICY("", PUSHER), unread, pusher_unknown, DECISION_BLOCKED, BLOCKED_BY("and who pushed is not known")},
	{POLICY("", PUSHER), unread, first_pusher_unknown, DECISION_BLOCKED, BLOCKED_BY("and who pushed is not known")},
	{POLICY("", PUSHER), unread, pushers_hidden, DECISION_BLOCKED, BLOCKED_BY("and who pushed is not known")},
	{POLICY("", ""), unread, pushers_hidden, DECISION_BLOCKED, BLOCKED_BY("add its e-mail to an account")},
	{POLICY("", PUSHER ", options: {allow_unknown_pushers: true}"), unread, pushers_hidden, DECISION_BLOCKED, NULL},
	{POLICY("", PUSHER), unread, no_pushers, DECISION_BLOCKED, NULL},
	{POLICY("", PUSHER), unread, pushers_unread, DECISION_WAITING, NULL},
};

static void give_file(struct example *c, struct owners_file *file, const char *text)
{
	*file = (struct owners_file){.name = TEXT_LIT("people.yml")};
	if (text == unread)
		return;
	c->change.owners_files = file;
	c->change.n_owners_files = 1;
	if (text == absent)
		return;
	file->path = file->name;
	file->bytes = text_of(text);
	if (text == damaged)
		file->why = TEXT_LIT("it is too large");
}

START_TEST(a_commit_of_nobody_known_counts_as_the_rule_says)
{
	struct owners_file file;
	struct example c;
	struct verdict verdict;

	case_make(&c);
	rows[_i].bend(&c);
	give_file(&c, &file, rows[_i].file);
	verdict = case_judge(&c, rows[_i].policy);
	ck_assert_msg(verdict.decision == rows[_i].decision && (!rows[_i].text || text_is(verdict.text, rows[_i].text)),
		      "%s: %.*s", decision_name(verdict.decision), TEXT_ARG(verdict.text));
	case_drop(&c);
}
END_TEST

/* The address stands on the page, beside the rule; the status names the commit alone. */
START_TEST(the_row_names_commit_address_and_remedy_and_the_status_no_address)
{
	struct owners_file file;
	struct example c;
	struct verdict verdict;
	const struct rule_result *row;

	case_make(&c);
	eve(&c);
	give_file(&c, &file, "eva@example.org: 99\n");
	verdict = case_judge(&c, POLICY(FILED, ""));
	row = case_row(&verdict, "r");
	ck_assert_ptr_nonnull(row);
	ck_assert_uint_eq(row->n_ignored, 1);
	ck_assert(text_is(row->ignored[0].what, "commit 2222222"));
	ck_assert_msg(text_is(row->ignored[0].why, "names Eve@Example.org, which is no account's: add its e-mail to an "
						   "account or to people.yml"),
		      "%.*s", TEXT_ARG(row->ignored[0].why));
	ck_assert(text_find(verdict.text, TEXT_LIT("@")) == SIZE_MAX);
	case_drop(&c);
}
END_TEST

static void first_of_eve(struct example *c)
{
	c->commits[0].author = (struct signer){0, TEXT_EMPTY, TEXT_LIT("Eve"), TEXT_LIT("Eve@Example.org")};
}
static void one_letter(struct example *c)
{
	c->commits[1].author = (struct signer){.email = TEXT_LIT("e")};
}

#define NAMES(who, rest) "names " who ", which is no account's: " rest
#define TO_ACCOUNT       "add its e-mail to an account"

static const struct {
	const char *policy, *file;
	void (*bend)(struct example *c);
	const char *what, *why;
} told[] = {
	{POLICY("", ""), unread, first_of_eve, "commit 9a77b03", NAMES("Eve@Example.org", TO_ACCOUNT)},
	{POLICY("", ""), unread, eve_helps_beside_alice, "commit 2222222", NAMES("eve@example.org", TO_ACCOUNT)},
	{POLICY("", ""), unread, without_address, "commit 2222222", NAMES("an empty address", TO_ACCOUNT)},
	{POLICY("", ""), unread, one_letter, "commit 2222222", NAMES("e", TO_ACCOUNT)},
	{POLICY("", ""), unread, pushers_hidden, "commit 2222222", NAMES("Eve@Example.org", TO_ACCOUNT)},
	{POLICY("", PUSHER), unread, pushers_unread, "commit 2222222",
	 NAMES("Eve@Example.org", "and who pushed is not known")},
	{POLICY(FILED, PUSHER), unread, eve, "commit 2222222",
	 NAMES("Eve@Example.org", TO_ACCOUNT " or to people.yml")},
};

/* Of several of one commit the one whom nobody knows, and what would help him. */
START_TEST(a_row_names_each_address_that_is_nobodys)
{
	struct owners_file file;
	struct example c;
	struct verdict verdict;
	const struct ignored *last;

	case_make(&c);
	told[_i].bend(&c);
	give_file(&c, &file, told[_i].file);
	verdict = case_judge(&c, told[_i].policy);
	ck_assert_uint_gt(case_row(&verdict, "r")->n_ignored, 0);
	last = &case_row(&verdict, "r")->ignored[case_row(&verdict, "r")->n_ignored - 1];
	ck_assert_msg(text_is(last->what, told[_i].what) && text_is(last->why, told[_i].why), "%.*s %.*s",
		      TEXT_ARG(last->what), TEXT_ARG(last->why));
	case_drop(&c);
}
END_TEST

START_TEST(what_stands_in_for_a_pusher_is_told_beside_what_does_not_count)
{
	struct example c;
	struct verdict verdict;
	const struct rule_result *row;

	case_make(&c);
	bob_pushed_too(&c);
	verdict = case_judge(&c, POLICY("", PUSHER));
	row = case_row(&verdict, "r");
	ck_assert_uint_eq(row->n_ignored, 2);
	ck_assert(text_is(row->ignored[0].what, "bob"));
	ck_assert(text_ends(row->ignored[1].why, TEXT_LIT("taken for its pusher's")));
	case_drop(&c);
}
END_TEST

/* Conditions see the same accounts. */
START_TEST(conditions_know_whom_the_file_names)
{
	static const char policy[] =
		"policy: {approval: [r], attribution: {file: people.yml}}\napproval_rules: [{name: r, "
		"requires: {conditions: {only_has_contributors_in: {users: ['id:1', 'id:99']}}}}]\n";
	struct owners_file file;
	struct example c;

	case_make(&c);
	eve(&c);
	give_file(&c, &file, "eve@example.org: 99\n");
	ck_assert_int_eq(case_judge(&c, policy).decision, DECISION_ALLOWED);
	give_file(&c, &file, "eve@example.org: 98\n");
	ck_assert_int_eq(case_judge(&c, policy).decision, DECISION_BLOCKED);
	give_file(&c, &file, "");
	ck_assert_int_eq(case_judge(&c, policy).decision, DECISION_WAITING);
	case_drop(&c);
}
END_TEST

START_TEST(whoever_reads_people_knows_whom_the_file_names)
{
	const struct change *named;
	struct owners_file file;
	struct example c;

	case_make(&c);
	eve(&c);
	give_file(&c, &file, "eve@example.org: 99\n");
	case_judge(&c, POLICY(FILED, ""));
	named = policy_attributed(c.governed.policy, &c.change, &c.arena);
	ck_assert_int_eq(named->commits[1].author.id, 99);
	ck_assert_int_eq(c.change.commits[1].author.id, 0);
	case_judge(&c, POLICY("", ""));
	ck_assert_ptr_eq(policy_attributed(c.governed.policy, &c.change, &c.arena), &c.change);
	case_drop(&c);
}
END_TEST

START_TEST(the_file_is_found_beside_others_and_names_the_login_it_gives)
{
	const struct change *named;
	struct owners_file files_of_base[2];
	struct example c;

	case_make(&c);
	eve(&c);
	give_file(&c, &files_of_base[1], "eve@example.org: {id: 99, login: eve}\n");
	files_of_base[0] = files_of_base[1];
	files_of_base[0].name = files_of_base[0].path = TEXT_LIT("CODEOWNERS");
	files_of_base[0].bytes = TEXT_LIT("* @alice\n");
	c.change.owners_files = files_of_base;
	c.change.n_owners_files = 2;
	ck_assert_int_eq(case_judge(&c, POLICY(FILED, "")).decision, DECISION_ALLOWED);
	named = policy_attributed(c.governed.policy, &c.change, &c.arena);
	ck_assert_int_eq(named->commits[1].author.id, 99);
	ck_assert(text_is(named->commits[1].author.login, "eve"));
	case_drop(&c);
}
END_TEST

START_TEST(a_file_that_cannot_be_used_names_nobody)
{
	static const char *const all[] = {unread, absent, damaged, "eve@example.org: 99\nx@example.org: x\n"};
	struct owners_file file;
	struct example c;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		case_make(&c);
		eve(&c);
		give_file(&c, &file, all[i]);
		case_judge(&c, POLICY(FILED, ""));
		ck_assert_ptr_eq(policy_attributed(c.governed.policy, &c.change, &c.arena), &c.change);
		case_drop(&c);
	}
}
END_TEST

/* Of a change of many such commits the first ones are told. */
START_TEST(a_row_tells_of_ten_commits_of_nobody)
{
	enum { MANY = 12, TOLD = 10 };
	struct commit commits[MANY];
	struct example c;
	struct verdict verdict;

	case_make(&c);
	eve(&c);
	for (int i = 0; i < MANY; i++)
		commits[i] = c.commits[i == 0 ? 0 : 1];
	c.change.commits = commits;
	c.change.n_commits = MANY;
	verdict = case_judge(&c, POLICY("", ""));
	ck_assert_int_eq(verdict.decision, DECISION_BLOCKED);
	ck_assert_uint_eq(case_row(&verdict, "r")->n_ignored, TOLD);
	case_drop(&c);
}
END_TEST

START_TEST(the_people_file_is_guarded)
{
	struct owners_file file;
	struct example c;

	case_make(&c);
	c.path.path = TEXT_LIT("people.yml");
	give_file(&c, &file, "");
	ck_assert_int_eq(case_judge(&c, POLICY(FILED, "")).decision, DECISION_WAITING);
	case_review(&c, ERIN, REVIEW_APPROVED, CASE_HEAD, 5000);
	ck_assert_int_eq(case_judge(&c, POLICY(FILED, "")).decision, DECISION_ALLOWED);
	ck_assert_int_eq(case_judge(&c, POLICY("", "")).decision, DECISION_ALLOWED);
	case_drop(&c);
}
END_TEST

/* ---- the file ---- */

static const struct {
	const char *bytes, *problem; /* NULL: it is read */
} files[] = {
	{"", NULL},
	{"{}", NULL},
	{"a@b: 1\n", NULL},
	{"a@b: {id: 1, login: ada}\n", NULL},
	{"[a@b]\n", "expected a map"},
	{"text\n", "expected a map"},
	{"ada: 1\n", "expected an e-mail address"},
	{"'@': 1\n", "expected an e-mail address"},
	{"a@b: 0\n", "expected the number of an account"},
	{"a@b: -1\n", "expected the number of an account"},
	{"a@b: '1'\n", "expected the number of an account"},
	{"a@b: ada\n", "expected the number of an account"},
	{"a@b:\n", "expected the number of an account"},
	{"a@b: {login: ada}\n", "expected `id`"},
	{"a@b: {id: 0}\n", "expected the number"},
	{"a@b: {id: 1, login: ''}\n", "expected a login"},
	{"a@b: {id: 1, login: [ada]}\n", "expected a login"},
	{"a@b: {id: 1, login: "
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}\n",
	 "expected a login"},
	{"a@b: {id: 1, login: Web-Flow}\n", "web-flow is the forge itself"},
	{"a@b: {id: 1, name: ada}\n", "expected `id` and"},
	{"a@b: 1\na@b: 2\n", "key `a@b` is given twice"},
	{"a@b: 1\nA@B: 2\n", "the same address twice: a@b"},
	{"c@d: 1\na@b: 1\nb@c: 1\nA@b: 1\n", "the same address twice: a@b"},
	{"a@b: &x 1\nc@d: *x\n", "anchors are not used here"},
	{"a@b: {id: 1, login: "
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}\n",
	 NULL},
};

START_TEST(a_people_file_is_read_strictly)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct people people;
	struct problem problem = {.line = 9};
	bool ok = people_read(text_of(files[_i].bytes), &arena, &people, &problem);

	ck_assert_msg(ok == !files[_i].problem, "%s: %s", files[_i].bytes, problem.text);
	if (files[_i].problem && strstr(files[_i].problem, "the same address"))
		ck_assert_uint_eq(problem.line, 0); /* which of the two is wrong nobody can say */
	if (files[_i].problem)
		ck_assert_msg(text_starts(text_of(problem.text), text_of(files[_i].problem)), "%s: %s", files[_i].bytes,
			      problem.text);
}
END_TEST

START_TEST(the_case_of_an_address_means_nothing)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct people people;
	struct problem problem;

	ck_assert(people_read(TEXT_LIT("AZaz@[`{: {id: 7, login: Ada}\n"), &arena, &people, &problem));
	ck_assert_ptr_nonnull(people_find(&people, TEXT_LIT("azAZ@[`{")));
	ck_assert(text_is(people_find(&people, TEXT_LIT("azaz@[`{"))->login, "Ada"));
	ck_assert_ptr_null(people_find(&people, TEXT_LIT("azaz`[`{")));
	ck_assert_ptr_null(people_find(&people, TEXT_LIT("a")));
}
END_TEST

START_TEST(many_people_are_found_each_by_their_address)
{
	enum { MANY = 5000 };
	auto_arena struct arena arena = ARENA_EMPTY;
	struct people people;
	struct problem problem;
	char *bytes = arena_alloc(&arena, MANY, 40), name[40];
	size_t n = 0;

	for (int i = 0; i < MANY; i++)
		n += (size_t)snprintf(bytes + n, 40, "P%d@example.org: %d\n", i, i + 1);
	ck_assert_msg(people_read((struct text){bytes, n}, &arena, &people, &problem), "%s", problem.text);
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof name, "p%d@EXAMPLE.org", i);
		ck_assert_ptr_nonnull(people_find(&people, text_of(name)));
		ck_assert_int_eq(people_find(&people, text_of(name))->id, i + 1);
	}
	ck_assert_ptr_null(people_find(&people, TEXT_LIT("p5000@example.org")));
	ck_assert_ptr_null(people_find(&people, TEXT_EMPTY));
}
END_TEST

START_TEST(an_address_that_is_too_long_is_nobodys)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct people people;
	struct problem problem;
	char bytes[PEOPLE_EMAIL_MAX + 8];

	memset(bytes, 'a', sizeof bytes);
	bytes[1] = '@';
	memcpy(bytes + PEOPLE_EMAIL_MAX, ": 1\n", 4);
	ck_assert(people_read((struct text){bytes, PEOPLE_EMAIL_MAX + 4}, &arena, &people, &problem));
	ck_assert_ptr_nonnull(people_find(&people, (struct text){bytes, PEOPLE_EMAIL_MAX}));
	memset(bytes + 2, 'a', sizeof bytes - 2);
	ck_assert_ptr_null(people_find(&people, (struct text){bytes, PEOPLE_EMAIL_MAX + 1}));
	memcpy(bytes + PEOPLE_EMAIL_MAX + 1, ": 1\n", 4);
	ck_assert(!people_read((struct text){bytes, PEOPLE_EMAIL_MAX + 5}, &arena, &people, &problem));
}
END_TEST

/* ---- keys ---- */

static const struct {
	const char *policy, *problem;
} wrong[] = {
	{POLICY(", attribution: {}", ""), "`attribution` needs a `file`"},
	{POLICY(", attribution: people.yml", ""), "`attribution` must be a map"},
	{POLICY(", attribution: {file: people}", ""), "file is a path from the root that ends in .yml"},
	{POLICY(", attribution: {file: ../people.yml}", ""), "file is a path"},
	{POLICY(", attribution: {file: 'p*.yml'}", ""), "file is a path"},
	{POLICY(", attribution: {file: people.yml, ref: head}", ""), "ref is base"},
	{POLICY(", attribution: {file: people.yml, ref: [base]}", ""), "expected text"},
	{POLICY("", ", unattributed: author"), "expected fail or pusher"},
};

START_TEST(a_mistake_is_told)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy;
	struct problem problem = {0};

	ck_assert(!policy_parse(text_of(wrong[_i].policy), NULL, &arena, &policy, &problem));
	ck_assert_msg(text_starts(text_of(problem.text), text_of(wrong[_i].problem)), "%s", problem.text);
}
END_TEST

static const struct {
	const char *policy;
	bool remarked;
} standing_in[] = {
	{POLICY("", PUSHER ", options: {allow_contributor: true}"), true},
	{POLICY("", PUSHER), false},
	{"policy: {approval: [r]}\napproval_rules: [{name: r, unattributed: pusher, requires: {conditions: "
	 "{has_labels: [x]}}}]\n",
	 true},
	{"policy: {approval: [r]}\napproval_rules: [{name: r, unattributed: pusher, requires: {owners: {file: "
	 "CODEOWNERS}}}]\n",
	 false},
	{"policy: {approval: [r]}\napproval_rules: [{name: r, unattributed: fail, requires: {conditions: "
	 "{has_labels: [x]}}}]\n",
	 false},
	{"policy: {approval: [r]}\napproval_rules: [{name: r, unattributed: pusher, requires: {cout: 1}}]\n", false},
};

START_TEST(a_pusher_who_stands_in_for_nobody_is_remarked)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy;
	size_t found = 0;

	(void)policy_check(text_of(standing_in[_i].policy), NULL, &arena, &policy, &errors, &lints);
	for (size_t i = 0; i < lints.n; i++)
		found += text_starts(text_of(lints.items[i].text), TEXT_LIT("`unattributed` changes nothing"));
	ck_assert_uint_eq(found, standing_in[_i].remarked);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_commit_of_nobody_known_counts_as_the_rule_says, rows),
	SUITE_TEST(the_row_names_commit_address_and_remedy_and_the_status_no_address),
	SUITE_TEST(what_stands_in_for_a_pusher_is_told_beside_what_does_not_count),
	SUITE_TEST(conditions_know_whom_the_file_names),
	SUITE_TEST(the_people_file_is_guarded),
	SUITE_ROWS(a_people_file_is_read_strictly, files),
	SUITE_TEST(the_case_of_an_address_means_nothing),
	SUITE_TEST(many_people_are_found_each_by_their_address),
	SUITE_TEST(an_address_that_is_too_long_is_nobodys),
	SUITE_ROWS(a_mistake_is_told, wrong),
	SUITE_ROWS(a_pusher_who_stands_in_for_nobody_is_remarked, standing_in),
	SUITE_TEST(whoever_reads_people_knows_whom_the_file_names),
	SUITE_TEST(a_row_tells_of_ten_commits_of_nobody),
	SUITE_ROWS(a_row_names_each_address_that_is_nobodys, told),
	SUITE_TEST(the_file_is_found_beside_others_and_names_the_login_it_gives),
	SUITE_TEST(a_file_that_cannot_be_used_names_nobody),
	SUITE_END,
};
SUITE_MAIN(tests)
