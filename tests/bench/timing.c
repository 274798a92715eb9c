/*
 * bench_timing: whether an outsider who times GETs of stored verdicts can tell a secure bug from another. Classes of
 * commits, all of which say "Needs maintainer clearance": one whose bug is public and was not read; and, compared with
 * it, one whose bug is rated and without approval; one of such whose stored rows are longer by far in what is
 * restricted; and one that was judged again and again, by another secret each time. Each pair is one request of each
 * class on a connection that is kept, in an order by dice, for the page, its JSON or its text by dice; the store is
 * SQLite. It prints Welch's t of all times and of those below the pooled 95th percentile, and ends with 1 where one is
 * 4.5 or more.
 *
 * The same is asked of two last classes, a rated bug and a public one whose rules are kept whole alone, as older
 * programs kept them, so that what is restricted is read and dropped: their t shows what the measurement can see. It
 * decides nothing.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/facts_json.h"
#include "tests/support/browse.h"
#include "tests/support/case.h"
#include "tests/support/listening.h"
#include "tests/support/row_dice.h"
#include "tests/support/suite.h"

#define PAIRS      10000
#define WARM_UP    500
#define T_MOST     4.5
#define OF_CLASS   2
#define LONG_ROW   200 /* lines that do not count, in the third class */
#define ANSWER_MAX 65536

#define JUDGED 15 /* times, in the fourth */

enum { RATED = 0, PUBLIC, LONG, OFTEN, RATED_WHOLE, PUBLIC_WHOLE, CLASSES };
static const char commits[CLASSES][OF_CLASS] = {{'a', 'd'}, {'b', 'c'}, {'e', 'f'}, {'1', '2'}, {'3', '4'}, {'5', '6'}};

static const char policy[] =
	"policy: {approval: [s, r]}\napproval_rules:\n- {name: s, requires: {count: 2, permissions: [write]}}\n"
	"- {name: r, requires: {conditions: {bugs: {every: {any_of: [{keywords: {none_of: [sec-high]}}, "
	"{attachment_flag: {name: sec-approval, status: '+'}}]}}}}}\n";

/* ---- what is stored ---- */

static struct verdict lengthened(const struct verdict *verdict, struct arena *arena)
{
	struct verdict ret = *verdict;
	struct rule_result *tree = arena_alloc(arena, 1, sizeof *tree);
	struct rule_result *rows = arena_alloc(arena, verdict->rules[0].n_children + 1, sizeof *rows);
	struct ignored *lines = arena_alloc(arena, LONG_ROW, sizeof *lines);

	for (size_t i = 0; i < LONG_ROW; i++)
		lines[i] = (struct ignored){TEXT_LIT("an attachment"), TEXT_LIT("its flag was not set by one who may")};
	*tree = verdict->rules[0];
	for (size_t i = 0; i < tree->n_children; i++)
		rows[i] = tree->children[i];
	rows[tree->n_children++] = (struct rule_result){
		.name = TEXT_LIT("long"), .restricted = true, .ignored = lines, .n_ignored = LONG_ROW};
	tree->children = rows;
	ret.rules = tree;
	return ret;
}

static void conclude(struct browse *b, char head, const struct conclusion *made)
{
	struct conclusion in = *made;
	struct claim claim = claim_of(&b->pipe, head);
	enum concluded outcome;
	struct err err = ERR_NONE;
	int64_t id;

	in.claim = &claim;
	in.policy_text = text_of(policy);
	in.counted = TEXT_LIT(",");
	in.now = in.read_at = b->pipe.now;
	ck_assert_msg(store_conclude(&b->pipe.store, &in, &outcome, &id, &err), "%s", err.text);
	ck_assert_int_eq(outcome, CONCLUDED);
}

static void judge_often(struct browse *b, char head, const struct conclusion *in, struct arena *arena)
{
	struct verdict verdict = *in->verdict;
	struct conclusion again = *in;
	struct oid sha = sha_of(head);
	struct err err = ERR_NONE;

	again.verdict = &verdict;
	for (int i = 1; i < JUDGED; i++) {
		ck_assert(store_want(&b->pipe.store, PIPE_REPO, &sha, false, &err));
		verdict.text = arena_printf(arena, "Needs the approval of bug %d", i);
		conclude(b, head, &again);
	}
}

static void store_one(struct browse *b, char head, int class, int64_t number)
{
	static const struct text keyword = {"sec-high", 8};
	bool public = class == PUBLIC || class == PUBLIC_WHOLE;
	const struct bug bug = {.tracker = TEXT_LIT("bmo"),
				.id = 1,
				.state = public ? BUG_UNREAD : BUG_READ,
				.secure = public ? TRI_UNKNOWN : TRI_YES,
				.open = TRI_YES,
				.keywords = &keyword,
				.n_keywords = !public};
	struct example c;
	struct verdict verdict;
	struct conclusion in = {.verdict = &verdict};

	case_make(&c);
	c.commits[0].message = TEXT_LIT("Bug 1 - x");
	c.facts.bugs = &bug;
	c.facts.n_bugs = 1;
	verdict = case_judge(&c, policy);
	if (class == LONG)
		verdict = lengthened(&verdict, &c.arena);
	ck_assert(text_is(verdict.public_text, "Needs maintainer clearance"));
	tell(&b->pipe, change_event(CHANGE_OPENED, number, head, number));
	in.rules_json = rules_encode(&verdict, false, &c.arena);
	if (class != RATED_WHOLE && class != PUBLIC_WHOLE)
		in.public_rules = rules_encode(&verdict, true, &c.arena);
	in.facts_json = facts_encode(&c.facts, &c.arena);
	conclude(b, head, &in);
	if (class == OFTEN)
		judge_often(b, head, &in, &c.arena);
	case_drop(&c);
}

static void store_all(struct browse *b)
{
	int64_t number = 10; /* as many digits in each */

	for (size_t i = 0; i < OF_CLASS; i++) /* the classes alternate in the table, too */
		for (int class = 0; class < CLASSES; class ++)
			store_one(b, commits[class][i], class, number++);
	ck_assert_int_eq(drain(&b->pipe), CLASSES * OF_CLASS);
}

/* ---- asking ---- */

static double now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static size_t want_of(const char *head)
{
	const char *at = strstr(head, "Content-Length: ");

	ck_assert_ptr_nonnull(at);
	return (size_t)strtoull(at + strlen("Content-Length: "), NULL, 10);
}

/* How long it took until the whole answer was there; ret_len: its length. */
static double ask(int fd, char head, const char *form, size_t *ret_len)
{
	static char answer[ANSWER_MAX];
	char request[256], *end = NULL;
	size_t n = 0, want = 0;
	double began;
	struct oid sha = sha_of(head);

	(void)snprintf(request, sizeof request, "GET /acme/engine/c/%s%s HTTP/1.1\r\nHost: h\r\n\r\n", sha.hex, form);
	began = now_us();
	ck_assert_int_eq(write(fd, request, strlen(request)), (ssize_t)strlen(request));
	while (!end || n < want) {
		ssize_t got = read(fd, answer + n, sizeof answer - n - 1);

		ck_assert_int_gt(got, 0);
		n += (size_t)got;
		answer[n] = '\0';
		if (!end && (end = strstr(answer, "\r\n\r\n")) != NULL)
			want = (size_t)(end + 4 - answer) + want_of(answer);
	}
	began = now_us() - began;
	ck_assert(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
	*ret_len = n;
	return began;
}

struct samples {
	double *at[2];
	size_t n;
};

static void measure(struct browse *b, struct dice *dice, const int classes[2], struct samples *to)
{
	static const char *const forms[] = {"", ".json", ".txt"};
	int fd = client_connect(listener_port(b->public));

	for (size_t i = 0; i < to->n + WARM_UP; i++) {
		size_t first = dice_roll(dice, 2), len[2];
		const char *form = forms[dice_roll(dice, 3)];
		double took[2];

		for (size_t k = 0; k < 2; k++) {
			size_t which = first ^ k;
			char head = commits[classes[which]][dice_roll(dice, OF_CLASS)];

			took[which] = ask(fd, head, form, &len[which]);
		}
		ck_assert_uint_eq(len[0], len[1]);
		for (size_t k = 0; k < 2 && i >= WARM_UP; k++)
			to->at[k][i - WARM_UP] = took[k];
	}
	close(fd);
}

/* ---- Welch's t ---- */

struct moments {
	double mean, var, n;
};

static struct moments moments_of(const double *at, size_t n, double below)
{
	struct moments m = {0, 0, 0};
	double squares = 0;

	for (size_t i = 0; i < n; i++) {
		double d = at[i] - m.mean;

		if (at[i] > below)
			continue;
		m.n++;
		m.mean += d / m.n;
		squares += d * (at[i] - m.mean);
	}
	m.var = squares / (m.n - 1);
	return m;
}

static double t_of(const struct samples *s, double below)
{
	struct moments a = moments_of(s->at[0], s->n, below), b = moments_of(s->at[1], s->n, below);

	return (a.mean - b.mean) / sqrt(a.var / a.n + b.var / b.n);
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of both together. */
static double percentile(const struct samples *s, double of_1)
{
	double *all = malloc(2 * s->n * sizeof *all), ret;

	ck_assert_ptr_nonnull(all);
	memcpy(all, s->at[0], s->n * sizeof *all);
	memcpy(all + s->n, s->at[1], s->n * sizeof *all);
	qsort(all, 2 * s->n, sizeof *all, order);
	ret = all[(size_t)(of_1 * (double)(2 * s->n - 1))];
	free(all);
	return ret;
}

static bool compare(struct browse *b, struct dice *dice, const char *what, const int classes[2], size_t pairs)
{
	struct samples s = {{calloc(pairs, sizeof(double)), calloc(pairs, sizeof(double))}, pairs};
	double all, most;

	ck_assert(s.at[0] && s.at[1]);
	measure(b, dice, classes, &s);
	all = t_of(&s, INFINITY);
	most = t_of(&s, percentile(&s, 0.95));
	printf("timing: %s: %zu pairs, median %.1f us, t %.2f, below the 95th percentile %.2f\n", what, pairs,
	       percentile(&s, 0.5), all, most);
	free(s.at[0]);
	free(s.at[1]);
	return fabs(all) < T_MOST && fabs(most) < T_MOST;
}

static size_t number_of(const char *variable, size_t otherwise)
{
	const char *given = getenv(variable);

	return given ? strtoull(given, NULL, 10) : otherwise;
}

START_TEST(secure_bugs_are_not_told_by_time)
{
	static struct browse b;
	size_t pairs = number_of("HEADGATE_TIMING_PAIRS", PAIRS);
	struct dice dice = {number_of("HEADGATE_SEED", 1)};
	bool same;

	browse_open_over(&b, 1);
	store_all(&b);
	same = compare(&b, &dice, "a rated bug and a public one", (const int[]){RATED, PUBLIC}, pairs);
	same = compare(&b, &dice, "long restricted rows", (const int[]){LONG, PUBLIC}, pairs) && same;
	same = compare(&b, &dice, "judged often by secrets", (const int[]){OFTEN, PUBLIC}, pairs) && same;
	(void)compare(&b, &dice, "what it can see, rules kept whole", (const int[]){RATED_WHOLE, PUBLIC_WHOLE}, pairs);
	browse_close(&b);
	ck_assert_msg(same, "told apart");
}
END_TEST

static const struct suite_test tests[] = {SUITE_SLOW(secure_bugs_are_not_told_by_time, 600), SUITE_END};
SUITE_MAIN(tests)
