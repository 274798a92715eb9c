/* Trees that are open, closed or ask for an approval, words in messages, and what no author may do by typing. */
#include "policy/message.h"
#include "policy/rules.h"
#include "tests/support/asking.h"
#include "tests/support/suite.h"

#define ONE      "tree_open: {tree: central}"
#define TWO      "tree_open: {tree: [central, beta]}"
#define OVER     "tree_open: {tree: central, override: {users: [alice]}}"
#define OVER_BOB "tree_open: {tree: central, override: {users: [bob]}}"
#define OVER_ALL "tree_open: {tree: central, override: {permissions: [write]}}"
#define TOKEN    "tree_open: {tree: central, approval: {key: a, values: [ryan, lizz]}}"
#define ANY      "tree_open: {tree: central, approval: {key: a}}"
#define BOTH     "tree_open: {tree: central, override: {users: [bob]}, approval: {key: a}}"
#define STATIC   "tree_open: {closed: 'release week'}"
#define STATIC_O "tree_open: {closed: 'release week', override: {users: [alice]}}"
#define CLOSED   TREE_CLOSED
#define APPROVAL TREE_APPROVAL_REQUIRED
#define SIXTY    "a23456789_123456789_123456789_123456789_123456789_123456789_"

static void as_is(struct example *c)
{
	(void)c;
}
static void pushed_by_bob_too(struct example *c)
{
	c->pushers[0] = ALICE;
	c->pushers[1] = BOB;
	c->change.n_pushers = 2;
}
static void pushers_not_known(struct example *c)
{
	c->change.known &= ~(unsigned)FACT_PUSHERS;
}
static void pushers_hidden(struct example *c)
{
	c->change.pushers_hidden = true;
}
static void beta_behind_the_list(struct example *c)
{
	c->facts.n_trees = 1;
}
static void commits_not_known(struct example *c)
{
	c->change.known &= ~(unsigned)FACT_COMMITS;
	c->change.n_commits = 0;
}

/* The trees are central and beta; message is of both commits, tip of the newest where it is another. */
static const struct row {
	const char *block;
	enum tree_state central, beta;
	const char *message, *tip;
	void (*bend)(struct example *c);
	enum tri answer;
	const char *why; /* NULL: not asked */
} rows[] = {
	{ONE, TREE_OPEN, TREE_OPEN, "Fix it", NULL, as_is, TRI_YES, ""},
	{ONE, CLOSED, TREE_OPEN, "Fix it", NULL, as_is, TRI_NO, "the tree central is closed: trees burn"},
	{ONE, TREE_UNKNOWN, TREE_OPEN, "Fix it", NULL, as_is, TRI_UNKNOWN, "to know whether the tree central is open"},
	{ONE, APPROVAL, TREE_OPEN, "Fix it. a=ryan", NULL, as_is, TRI_NO,
	 "the tree central asks for approval: trees burn"},
	{"tree_open: {tree: unheard-of}", TREE_OPEN, TREE_OPEN, "Fix it", NULL, as_is, TRI_UNKNOWN,
	 "to know whether the tree unheard-of is open"},
	{"tree_open: {tree: beta}", CLOSED, TREE_OPEN, "Fix it", NULL, beta_behind_the_list, TRI_UNKNOWN,
	 "to know whether the tree beta is open"},
	/* of several, all are open */
	{TWO, TREE_OPEN, TREE_OPEN, "Fix it", NULL, as_is, TRI_YES, NULL},
	{TWO, TREE_OPEN, CLOSED, "Fix it", NULL, as_is, TRI_NO, "the tree beta is closed: trees burn"},
	{TWO, TREE_UNKNOWN, CLOSED, "Fix it", NULL, as_is, TRI_NO, "the tree beta is closed: trees burn"},
	{TWO, CLOSED, TREE_UNKNOWN, "Fix it", NULL, as_is, TRI_NO, NULL},
	{TWO, TREE_OPEN, TREE_UNKNOWN, "Fix it", NULL, as_is, TRI_UNKNOWN, NULL},
	/* the word alone does nothing */
	{ONE, CLOSED, TREE_OPEN, "Fix it CLOSED TREE", NULL, as_is, TRI_NO, NULL},
	{ONE, TREE_UNKNOWN, TREE_OPEN, "Fix it CLOSED TREE", NULL, as_is, TRI_UNKNOWN, NULL},
	{OVER, CLOSED, TREE_OPEN, "Fix it CLOSED TREE", NULL, as_is, TRI_YES, NULL},
	{OVER, TREE_UNKNOWN, TREE_OPEN, "Fix it CLOSED TREE", NULL, as_is, TRI_YES, NULL},
	{OVER, APPROVAL, TREE_OPEN, "Fix it CLOSED TREE", NULL, as_is, TRI_YES, NULL},
	{OVER, CLOSED, TREE_OPEN, "Fix it", NULL, as_is, TRI_NO, "the tree central is closed: trees burn"},
	{OVER_BOB, CLOSED, TREE_OPEN, "Fix it CLOSED TREE", NULL, as_is, TRI_NO,
	 "the tree central is closed: trees burn"},
	{OVER, CLOSED, TREE_OPEN, "Fix it CLOSED TREE", NULL, pushed_by_bob_too, TRI_NO, NULL},
	{OVER_ALL, CLOSED, TREE_OPEN, "Fix it CLOSED TREE", NULL, pushed_by_bob_too, TRI_YES, NULL},
	{OVER, CLOSED, TREE_OPEN, "Fix it CLOSED TREE", NULL, pushers_not_known, TRI_UNKNOWN, "to know who pushed"},
	{OVER, CLOSED, TREE_OPEN, "Fix it CLOSED TREE", NULL, pushers_hidden, TRI_UNKNOWN, NULL},
	{OVER, TREE_OPEN, TREE_OPEN, "Fix it", NULL, pushers_not_known, TRI_YES, NULL},
	/* an open tree needs no override, whatever is typed */
	{OVER, TREE_OPEN, TREE_OPEN, "Fix it CLOSED TREE", NULL, pushers_not_known, TRI_YES, NULL},
	{OVER, CLOSED, TREE_OPEN, "Fix it CLOSED TREE", NULL, commits_not_known, TRI_NO, NULL},
	/* of the newest commit alone, and as a word of its first line */
	{OVER, CLOSED, TREE_OPEN, "Fix it", "More CLOSED TREE", as_is, TRI_YES, NULL},
	{OVER, CLOSED, TREE_OPEN, "Fix it CLOSED TREE", "More", as_is, TRI_NO, NULL},
	{OVER, CLOSED, TREE_OPEN, "Fix it\n\nCLOSED TREE", NULL, as_is, TRI_NO, NULL},
	{OVER, CLOSED, TREE_OPEN, "Fix it closed tree", NULL, as_is, TRI_NO, NULL},
	{OVER, CLOSED, TREE_OPEN, "Fix UNCLOSED TREE", NULL, as_is, TRI_NO, NULL},
	{OVER, CLOSED, TREE_OPEN, "Fix CLOSED TREES", NULL, as_is, TRI_NO, NULL},
	{OVER, CLOSED, TREE_OPEN, "Fix CLOSED TREE\xe2\x80\xae", NULL, as_is, TRI_NO, NULL},
	{OVER, CLOSED, TREE_OPEN, "Fix\x01 CLOSED TREE", NULL, as_is, TRI_NO, NULL},
	/* approval, by every commit and strictly */
	{TOKEN, APPROVAL, TREE_OPEN, "Fix it. a=ryan", NULL, as_is, TRI_YES, NULL},
	{TOKEN, APPROVAL, TREE_OPEN, "Fix it. a=ryan", "More. a=lizz", as_is, TRI_YES, NULL},
	{TOKEN, APPROVAL, TREE_OPEN, "Fix it. a=ryan", "More", as_is, TRI_NO, NULL},
	{TOKEN, APPROVAL, TREE_OPEN, "Fix it", "More. a=ryan", as_is, TRI_NO, NULL},
	{TOKEN, APPROVAL, TREE_OPEN, "Fix it. a=mallory", NULL, as_is, TRI_NO,
	 "the tree central asks for approval: commit 9a77b03 carries no allowed a= token"},
	{ANY, APPROVAL, TREE_OPEN, "Fix it. a=mallory", NULL, as_is, TRI_YES, NULL},
	{ANY, APPROVAL, TREE_OPEN, "Fix base=ryan", NULL, as_is, TRI_NO, NULL},
	{ANY, APPROVAL, TREE_OPEN, "Fix data-foo=1", NULL, as_is, TRI_NO, NULL},
	{ANY, APPROVAL, TREE_OPEN, "Fix a1.9=ryan", NULL, as_is, TRI_NO, NULL},
	{ANY, APPROVAL, TREE_OPEN, "Fix r=ryan", NULL, as_is, TRI_NO, NULL},
	{ANY, APPROVAL, TREE_OPEN, "Backed out 5 changesets", NULL, as_is, TRI_NO, NULL},
	{ANY, APPROVAL, TREE_OPEN, "Fix\x01 a=ryan", NULL, as_is, TRI_UNKNOWN, NULL},
	{ANY, APPROVAL, TREE_OPEN, "Fix it. a=ryan", NULL, commits_not_known, TRI_UNKNOWN, "the list of commits"},
	{TOKEN, CLOSED, TREE_OPEN, "Fix it. a=ryan", NULL, as_is, TRI_NO, "the tree central is closed: trees burn"},
	{TOKEN, TREE_UNKNOWN, TREE_OPEN, "Fix it. a=ryan", NULL, as_is, TRI_UNKNOWN, NULL},
	{TOKEN, TREE_OPEN, TREE_OPEN, "Fix it", NULL, as_is, TRI_YES, NULL},
	{BOTH, APPROVAL, TREE_OPEN, "Fix it. a=ryan", NULL, as_is, TRI_YES, NULL},
	{BOTH, APPROVAL, TREE_OPEN, "Fix it CLOSED TREE", NULL, as_is, TRI_NO, NULL},
	/* closed by the policy */
	{STATIC, TREE_OPEN, TREE_OPEN, "Fix it CLOSED TREE", NULL, as_is, TRI_NO, "closed by the policy: release week"},
	{"tree_open: {closed: x}", TREE_OPEN, TREE_OPEN, "Fix it", NULL, as_is, TRI_NO, "closed by the policy: x"},
	{STATIC_O, TREE_OPEN, TREE_OPEN, "Fix it", NULL, as_is, TRI_NO, NULL},
	{STATIC_O, TREE_OPEN, TREE_OPEN, "Fix it CLOSED TREE", NULL, as_is, TRI_YES, NULL},
	{"tree_open: {tree: central, closed: 'release week'}", TREE_OPEN, TREE_OPEN, "Fix it", NULL, as_is, TRI_NO,
	 "closed by the policy: release week"},
	/* words */
	{"message_word: {words: [SKIP_CHECK]}", TREE_OPEN, TREE_OPEN, "Fix it SKIP_CHECK", NULL, as_is, TRI_YES, NULL},
	{"message_word: {words: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]}", TREE_OPEN, TREE_OPEN, "Fix it p",
	 NULL, as_is, TRI_YES, NULL},
	{"message_word: {words: [" SIXTY "]}", TREE_OPEN, TREE_OPEN, "Fix it " SIXTY, NULL, as_is, TRI_YES, NULL},
	{"tree_open: {tree: [central, a, b, c, d, e, f, g, h, i, j, k, l, m, n, beta]}", TREE_OPEN, CLOSED, "Fix it",
	 NULL, as_is, TRI_NO, "the tree beta is closed: trees burn"},
	{"message_word: {words: [A-0]}", TREE_OPEN, TREE_OPEN, "Fix it A-0", NULL, as_is, TRI_YES, NULL},
	{"message_word: {words: [z-9 Z_0-a]}", TREE_OPEN, TREE_OPEN, "Fix it z-9 Z_0-a", NULL, as_is, TRI_YES, NULL},
	{"message_word: {words: [SKIP_CHECK]}", TREE_OPEN, TREE_OPEN, "Fix it, SKIP_CHECK.", NULL, as_is, TRI_YES,
	 NULL},
	{"message_word: {words: [SKIP_CHECK]}", TREE_OPEN, TREE_OPEN, "SKIP_CHECK", NULL, as_is, TRI_YES, NULL},
	{"message_word: {words: [SKIP_CHECK]}", TREE_OPEN, TREE_OPEN, "Fix SKIP_CHECKS", NULL, as_is, TRI_NO, NULL},
	{"message_word: {words: [SKIP_CHECK]}", TREE_OPEN, TREE_OPEN, "Fix NO_SKIP_CHECK", NULL, as_is, TRI_NO, NULL},
	{"message_word: {words: [SKIP_CHECK]}", TREE_OPEN, TREE_OPEN, "Fix skip_check", NULL, as_is, TRI_NO, NULL},
	{"message_word: {words: [SKIP_CHECK]}", TREE_OPEN, TREE_OPEN, "Fix\n\nSKIP_CHECK", NULL, as_is, TRI_NO, NULL},
	{"message_word: {words: [SKIP_CHECK]}", TREE_OPEN, TREE_OPEN, "Fix SKIP_CHECK", "More", as_is, TRI_NO,
	 "commit 9a77b03 does not say SKIP_CHECK in its first line"},
	{"message_word: {words: [SKIP_CHECK], where: every}", TREE_OPEN, TREE_OPEN, "Fix", "More SKIP_CHECK", as_is,
	 TRI_NO, NULL},
	{"message_word: {words: [SKIP_CHECK], where: tip}", TREE_OPEN, TREE_OPEN, "Fix", "More SKIP_CHECK", as_is,
	 TRI_YES, NULL},
	{"message_word: {words: [SKIP_CHECK], where: tip}", TREE_OPEN, TREE_OPEN, "Fix SKIP_CHECK", "More", as_is,
	 TRI_NO, NULL},
	{"message_word: {words: [OTHER, no bug here]}", TREE_OPEN, TREE_OPEN, "Fix (no bug here)", NULL, as_is, TRI_YES,
	 NULL},
	{"message_word: {words: [OTHER]}", TREE_OPEN, TREE_OPEN, "Fix\x01 OTHER", NULL, as_is, TRI_UNKNOWN, NULL},
	{"message_word: {words: [OTHER], where: tip}", TREE_OPEN, TREE_OPEN, "Fix\x01 OTHER", "More OTHER", as_is,
	 TRI_YES, NULL},
	{"message_word: {words: [OTHER]}", TREE_OPEN, TREE_OPEN, "OTHER", NULL, commits_not_known, TRI_UNKNOWN,
	 "the list of commits"},
};

static struct answer asked(struct example *c, const struct row *row, struct tree trees[2])
{
	trees[0] = (struct tree){TEXT_LIT("central"), row->central, c->facts.now, TEXT_LIT("trees burn")};
	trees[1] = (struct tree){TEXT_LIT("beta"), row->beta, c->facts.now, TEXT_LIT("trees burn")};
	c->facts.trees = trees;
	c->facts.n_trees = 2;
	for (size_t i = 0; i < c->change.n_commits; i++) {
		bool tip = oid_eq(&c->commits[i].sha, &c->facts.head);

		c->commits[i].message = text_of(tip && row->tip ? row->tip : row->message);
	}
	row->bend(c);
	return ask(c, row->block);
}

START_TEST(a_tree_and_a_word_answer_as_they_stand)
{
	const struct row *row = &rows[_i];
	struct tree trees[2];
	struct example c;
	struct answer answer;

	case_make(&c);
	answer = asked(&c, row, trees);
	ck_assert_msg(answer.holds == row->answer, "%s: %d", row->block, answer.holds);
	if (row->why)
		ck_assert_msg(text_is(answer.why, row->why), "%s: %.*s", row->block, TEXT_ARG(answer.why));
	case_drop(&c);
}
END_TEST

START_TEST(the_newest_commit_speaks_wherever_it_stands_and_no_reason_is_none)
{
	static const struct tree closed = {.name = {"central", 7}, .state = TREE_CLOSED};
	struct commit first;
	struct example c;

	case_make(&c);
	c.facts.trees = &closed;
	c.facts.n_trees = 1;
	ck_assert(text_is(ask(&c, ONE).why, "the tree central is closed"));
	first = c.commits[0];
	c.commits[0] = c.commits[1];
	c.commits[1] = first;
	c.commits[0].message = TEXT_LIT("Fix it CLOSED TREE");
	ck_assert_int_eq(ask(&c, OVER).holds, TRI_NO);
	c.commits[0].message = TEXT_LIT("Fix it");
	c.commits[1].message = TEXT_LIT("Fix it CLOSED TREE");
	ck_assert_int_eq(ask(&c, OVER).holds, TRI_YES);
	c.change.n_commits = 0;
	ck_assert_int_eq(ask(&c, "message_word: {words: [SKIP_CHECK]}").holds, TRI_UNKNOWN);
	ck_assert_int_eq(ask(&c, OVER).holds, TRI_NO);
	case_drop(&c);
}
END_TEST

START_TEST(a_reason_from_outside_is_bounded_and_printable)
{
	static char reason[TREE_REASON_MAX];
	struct row row = {ONE, CLOSED, TREE_OPEN, "Fix it", NULL, as_is, TRI_NO, NULL};
	struct tree trees[2] = {{TEXT_LIT("central"), CLOSED, 1, {reason, sizeof reason}}};
	struct example c;

	for (size_t i = 0; i < sizeof reason; i++)
		reason[i] = (char)(i * 7 + 1);
	case_make(&c);
	c.facts.trees = trees;
	c.facts.n_trees = 1;
	ck_assert_int_eq(ask(&c, row.block).holds, TRI_NO); /* ask() looks at every byte */
	ck_assert_uint_lt(ask(&c, row.block).why.len, 120);
	case_drop(&c);
}
END_TEST

static const struct {
	const char *block, *why;
} refused[] = {
	{"tree_open: {}", "`tree_open` needs a `tree`, or `closed` and the reason"},
	{"tree_open: {override: {users: [bob]}}", "`tree_open` needs a `tree`, or `closed` and the reason"},
	{"tree_open: {tree: []}", "expected the names of 1 to 16 trees"},
	{"tree_open: {tree: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q]}",
	 "expected the names of 1 to 16 trees"},
	{"tree_open: {tree: ../beta}", "expected the name of a tree: at most 64 letters, digits, `.`, `_` and `-`"},
	{"tree_open: {tree: ..}", "expected the name of a tree: at most 64 letters, digits, `.`, `_` and `-`"},
	{"tree_open: {tree: a/b}", "expected the name of a tree: at most 64 letters, digits, `.`, `_` and `-`"},
	{"tree_open: {tree: 'a b'}", "expected the name of a tree: at most 64 letters, digits, `.`, `_` and `-`"},
	{"tree_open: {tree: 'a%2f'}", "expected the name of a tree: at most 64 letters, digits, `.`, `_` and `-`"},
	{"tree_open: {tree: 'https://elsewhere.example'}",
	 "expected the name of a tree: at most 64 letters, digits, `.`, `_` and `-`"},
	{"tree_open: {tree: ''}", "expected text"},
	{"tree_open: {tree: a, closed: ''}", "expected text"},
	{"tree_open: {closed: now, approval: {key: a}}",
	 "`approval` is for trees that ask for it: `closed` alone has none"},
	{"tree_open: {tree: a, approval: {key: base}}", "a token's key is one of a, r, sr, rs, ui-r"},
	{"tree_open: {tree: a, approval: {values: [b]}}", "`commit_token` needs a `key`"},
	{"message_word: {}", "`message_word` needs `words`"},
	{"message_word: {words: []}", "expected 1 to 16 words"},
	{"message_word: {words: [' X']}",
	 "a word has at most 60 letters, digits and `_`, with one blank or `-` between"},
	{"message_word: {words: ['X  Y']}",
	 "a word has at most 60 letters, digits and `_`, with one blank or `-` between"},
	{"message_word: {words: ['X-']}",
	 "a word has at most 60 letters, digits and `_`, with one blank or `-` between"},
	{"message_word: {words: ['-X']}",
	 "a word has at most 60 letters, digits and `_`, with one blank or `-` between"},
	{"message_word: {words: ['X--Y']}",
	 "a word has at most 60 letters, digits and `_`, with one blank or `-` between"},
	{"message_word: {words: ['X -Y']}",
	 "a word has at most 60 letters, digits and `_`, with one blank or `-` between"},
	{"message_word: {words: ['X@']}",
	 "a word has at most 60 letters, digits and `_`, with one blank or `-` between"},
	{"message_word: {words: ['X[']}",
	 "a word has at most 60 letters, digits and `_`, with one blank or `-` between"},
	{"message_word: {words: ['X`']}",
	 "a word has at most 60 letters, digits and `_`, with one blank or `-` between"},
	{"message_word: {words: ['X{']}",
	 "a word has at most 60 letters, digits and `_`, with one blank or `-` between"},
	{"message_word: {words: ['X/']}",
	 "a word has at most 60 letters, digits and `_`, with one blank or `-` between"},
	{"message_word: {words: ['X:']}",
	 "a word has at most 60 letters, digits and `_`, with one blank or `-` between"},
	{"message_word: {words: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q]}", "expected 1 to 16 words"},
	{"message_word: {words: ['.*']}",
	 "a word has at most 60 letters, digits and `_`, with one blank or `-` between"},
	{"message_word: {words: [" SIXTY "x]}",
	 "a word has at most 60 letters, digits and `_`, with one blank or `-` between"},
	{"message_word: {words: ['CL\u00d6SED']}",
	 "a word has at most 60 letters, digits and `_`, with one blank or `-` between"},
	{"message_word: {words: ['']}", "expected text"},
	{"message_word: {words: [X], where: body}", "expected every, or tip: the newest commit"},
};

START_TEST(what_names_no_tree_and_no_word_is_refused)
{
	struct example c;

	case_make(&c);
	ck_assert_str_eq(ask_refused(&c, refused[_i].block)->text, refused[_i].why);
	case_drop(&c);
}
END_TEST

/* ---- lints ---- */

#define RULES(either, other)                                                                                           \
	"policy: {approval: [{or: [x, y]}]}\napproval_rules:\n- {name: x, requires: {" either                          \
	"}}\n- {name: y, requires: {" other "}}\n"
#define REVIEW    "count: 1, permissions: [write]"
#define RULE(all) "policy: {approval: [x]}\napproval_rules:\n- {name: x, requires: {conditions: {" all "}}}\n"
#define TYPED     "lets a commit token stand in for something else: whoever writes the commit types it"
#define UNSEEN    "can permit a change that nobody reviewed"

static const struct {
	const char *policy;
	bool error;       /* else what is unsafe */
	const char *says; /* NULL: nothing */
} lints[] = {
	{RULES("conditions: {message_word: {words: [X]}}", REVIEW), true, TYPED},
	{RULES(REVIEW ", conditions: {message_word: {words: [X]}}", REVIEW), true, NULL},
	{RULE("any_of: [{message_word: {words: [X]}}, {has_labels: [x]}]"), true, TYPED},
	{RULE("any_of: [{message_word: {words: [X]}}, {tree_open: {tree: a}}]"), true, TYPED},
	{RULE("any_of: [{commit_token: {key: a}}, {tree_open: {tree: a}}]"), true, TYPED},
	{RULE("any_of: [{" TOKEN "}, {has_labels: [x]}]"), true, TYPED},
	{RULE("any_of: [{" TOKEN "}, {title: {matches: [x]}}]"), true, NULL},
	{RULE("any_of: [{message_word: {words: [X]}}, {" BOTH "}]"), true,
	 NULL}, /* who may override says nothing of it */
	{RULE(TOKEN ", has_labels: [x]"), true, NULL},
	{RULES("conditions: {" TOKEN "}", REVIEW), true, TYPED},
	{RULES("conditions: {" ONE "}", REVIEW), false, UNSEEN},
	{RULES("conditions: {" OVER "}", REVIEW), false, UNSEEN}, /* whoever may override says not who may push */
	{RULES("conditions: {" OVER ", only_pushed_by: {users: [bob]}}", REVIEW), false, NULL},
};

static bool says(const struct problem_list *list, const char *what)
{
	for (size_t i = 0; i < list->n; i++)
		if (text_find(text_of(list->items[i].text), text_of(what)) != SIZE_MAX)
			return true;
	return false;
}

START_TEST(nobody_clears_himself_by_typing)
{
	static struct problem_list errors, found;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy;
	const char *what = lints[_i].says ? lints[_i].says : lints[_i].error ? TYPED : UNSEEN;

	errors.n = found.n = 0;
	(void)policy_check(text_of(lints[_i].policy), NULL, &arena, &policy, &errors, &found);
	ck_assert_msg(errors.n == (lints[_i].error && lints[_i].says ? 1 : 0), "%s: %s", lints[_i].policy,
		      errors.n > 0 ? errors.items[0].text : "no error");
	ck_assert_msg(says(lints[_i].error ? &errors : &found, what) == (lints[_i].says != NULL), "%s",
		      lints[_i].policy);
}
END_TEST

/* ---- what is asked for ---- */

START_TEST(a_policy_names_the_trees_that_it_watches)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0};
	const struct policy *policy = NULL;
	struct policy_needs needs;

	ck_assert(policy_parse(TEXT_LIT("policy: {approval: [x, w]}\napproval_rules:\n"
					"- {name: x, requires: {conditions: {not: {" TWO "}}}}\n"
					"- {name: w, mode: warn, requires: {conditions: {tree_open: {tree: try}}}}\n"),
			       NULL, &arena, &policy, &problem));
	needs = policy_needs(policy);
	ck_assert_uint_eq(needs.n_watched, 3);
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = {"central", "beta", "try"};

		ck_assert(text_is(needs.watched[i].name, names[i]));
		ck_assert_uint_eq(needs.watched[i].kinds, 1u << WATCH_TREE);
		ck_assert(needs.watched[i].weighs == (i < 2));
	}
	ck_assert(!needs.contributors);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_tree_and_a_word_answer_as_they_stand, rows),
	SUITE_TEST(a_reason_from_outside_is_bounded_and_printable),
	SUITE_ROWS(what_names_no_tree_and_no_word_is_refused, refused),
	SUITE_ROWS(nobody_clears_himself_by_typing, lints),
	SUITE_TEST(a_policy_names_the_trees_that_it_watches),
	SUITE_TEST(the_newest_commit_speaks_wherever_it_stands_and_no_reason_is_none),
	SUITE_END,
};
SUITE_MAIN(tests)
