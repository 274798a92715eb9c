#include "agent/work/gather.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

static bool collect(struct told_forge *t, struct gathered *ret, struct err *err)
{
	*err = ERR_NONE;
	return gather_collect(&t->gather, &t->arena, ret, err);
}

static struct gathered must_collect(struct told_forge *t)
{
	struct gathered got;
	struct err err;

	ck_assert_msg(collect(t, &got, &err) && err.code == ERR_OK, "%s", err.text);
	return got;
}

static void add_review(struct told_forge *t, int64_t id, enum review_state state, int64_t at, char commit)
{
	t->reviews[t->n_reviews++] = (struct forge_review){.id = id,
							   .user = {5, TEXT_LIT("u5"), PERSON_USER},
							   .state = state,
							   .commit_id = commit ? told_oid(commit) : OID_NONE,
							   .submitted_at = at};
}

static void bind(struct told_forge *t, int64_t id, enum review_state state, char sha)
{
	struct row_binding row = {id, TOLD_REPO, 1, told_oid(sha), 5, state, 0, TEXT_LIT("g"), TEXT_EMPTY};

	told_forge_keep(t, &table_binding, &row);
}

static void arrive(struct told_forge *t, char sha, int64_t at, bool first_shown)
{
	struct row_arrival row = {TOLD_REPO,     1,       told_oid(sha), at, first_shown ? 0 : 100, first_shown,
				  TEXT_LIT("g"), OID_NONE};

	told_forge_keep(t, &table_arrival, &row);
}

static void move(struct told_forge *t, char to, int64_t at, int64_t actor)
{
	t->moves[t->n_moves++] =
		(struct forge_move){to ? told_oid(to) : OID_NONE, at, actor, OID_NONE, true, TEXT_EMPTY};
}

/* ---- freshness ---- */

/* Times in seconds. Entries are "aNNN": a head and when; capital: signed, small: the forge's record, '?': a force push
 * to nobody knows where, '!': the kept Date of an answer that showed head a. */
static const struct {
	const char *what, *entries;
	char binding, commit;
	int64_t submitted, answered;
	bool fresh;
} rows[] = {
	{"bound and signed", "A100", 'a', 'a', 200, 1000, true},
	{"bound, record only", "a100", 'a', 'a', 200, 1000, true},
	{"bound elsewhere, moved here by the forge", "A100", 'b', 'a', 200, 1000, false},
	{"bound here, moved away by the forge", "A100", 'a', 'b', 200, 1000, true},
	{"bound here, commit gone", "A100", 'a', 0, 200, 1000, true},
	{"not bound, signed arrival", "A100", 0, 'a', 200, 1000, true},
	{"not bound, recorded arrival", "a100", 0, 'a', 200, 1000, true},
	{"not bound, other commit", "A100 a100", 0, 'b', 200, 1000, false},
	{"not bound, no commit", "A100", 0, 0, 200, 1000, false},
	{"before the arrival", "A100", 'a', 'a', 50, 1000, false},
	{"in the second of the arrival", "A100", 'a', 'a', 100, 1000, false},
	{"no time", "A100", 'a', 'a', -1, 1000, false},
	{"return, review from the first stay", "A100 B300 A500", 'a', 'a', 200, 1000, false},
	{"return, review in between", "A100 B300 A500", 'a', 'a', 400, 1000, false},
	{"return, review after it", "A100 B300 A500", 'a', 'a', 600, 1000, true},
	{"return known from the record only", "A100 a500", 'a', 'a', 200, 1000, false},
	{"return in no entry, first stay", "A100 B300", 'a', 'a', 200, 1000, false},
	{"return in no entry, later", "A100 b300", 'a', 'a', 400, 1000, false},
	{"return in no entry, seen since", "A100 b300 !350", 'a', 'a', 400, 1000, true},
	{"return in no entry, before it was seen", "A100 b300 !350", 'a', 'a', 340, 1000, false},
	{"return in no entry, seen in the first stay", "A100 b300 !150", 'a', 'a', 400, 1000, false},
	{"force push with an unknown target", "A100 ?300", 'a', 'a', 200, 1000, false},
	{"unknown target before the arrival", "A300 ?100", 'a', 'a', 400, 1000, true},
	{"no entry, before the answer", "", 'a', 'a', 900, 1000, false},
	{"no entry, after the answer", "", 'a', 'a', 1100, 1000, true},
	{"no entry, after the first answer", "!700", 0, 'a', 900, 1000, true},
	{"a signed arrival beats the answer", "A100 !700", 'a', 'a', 200, 1000, true},
	{"no entry and no Date", "", 'a', 'a', 900, -1, false},
	{"no entry and no Date, not bound", "", 0, 'a', 900, -1, false},
};

static int64_t seconds(int64_t s)
{
	return s < 0 ? WHEN_UNKNOWN : s * 1000;
}

static void enter(struct told_forge *t, const char *entries)
{
	while (*entries) {
		char kind = *entries, *end;
		int64_t at = strtol(entries + 1, &end, 10) * 1000;

		if (kind == '!')
			arrive(t, 'a', at, true);
		else if (kind == '?')
			move(t, 0, at, 100);
		else if (kind < 'a')
			arrive(t, (char)(kind + 32), at, false);
		else
			move(t, kind, at, 100);
		entries = *end == ' ' ? end + 1 : end;
	}
}

static bool is_fresh(const struct gathered *got)
{
	const struct change *c = &got->facts.changes[0];
	const struct review *r = &c->reviews[0];

	ck_assert_uint_eq(c->n_reviews, 1);
	ck_assert(((c->known & FACT_ARRIVAL) != 0) == (c->head_arrived_at != WHEN_UNKNOWN));
	return (c->known & FACT_ARRIVAL) && oid_eq(&r->bound_sha, &got->facts.head) &&
	       r->submitted_at != WHEN_UNKNOWN && r->submitted_at > c->head_arrived_at;
}

START_TEST(a_review_is_fresh_only_where_it_is_proven)
{
	struct told_forge t;
	struct gathered got;
	struct verdict verdict;

	told_forge_open(&t);
	enter(&t, rows[_i].entries);
	if (rows[_i].binding)
		bind(&t, 1, REVIEW_APPROVED, rows[_i].binding);
	add_review(&t, 1, REVIEW_APPROVED, seconds(rows[_i].submitted), rows[_i].commit);
	t.changes[0].answered_at = seconds(rows[_i].answered);
	if (!rows[_i].entries[0] || rows[_i].entries[0] == '!')
		move(&t, 'b', 1000, 100); /* somebody pushed something, long ago */
	if (strchr(rows[_i].entries, 'A'))
		move(&t, 'a', 1000, 100); /* where its branch began */
	got = must_collect(&t);
	ck_assert_msg(is_fresh(&got) == rows[_i].fresh, "%s: arrived %lld", rows[_i].what,
		      (long long)got.facts.changes[0].head_arrived_at);
	policy_judge(got.governed, &got.facts, &t.arena, &verdict);
	if (!rows[_i].fresh)
		ck_assert_int_ne(verdict.decision, DECISION_ALLOWED);
	else if (got.facts.changes[0].known & FACT_PUSHERS)
		ck_assert_msg(verdict.decision == DECISION_ALLOWED, "%s: %.*s", rows[_i].what, TEXT_ARG(verdict.text));
	told_forge_close(&t);
}
END_TEST

START_TEST(the_first_showing_is_remembered_and_not_moved)
{
	struct told_forge t;

	told_forge_open(&t);
	ck_assert_int_eq(must_collect(&t).facts.changes[0].head_arrived_at, 1000000);
	t.changes[0].answered_at = 1500000;
	ck_assert_int_eq(must_collect(&t).facts.changes[0].head_arrived_at, 1000000);
	t.ports.store = NULL; /* one-shot: this answer is all there is */
	ck_assert_int_eq(must_collect(&t).facts.changes[0].head_arrived_at, 1500000);
	told_forge_close(&t);
}
END_TEST

/* ---- floors ---- */

static const struct {
	int64_t floor;
	char head;
	bool ok;
} floors[] = {{499000, 'b', true}, {500000, 'a', true}, {500000, 0, false}, {500000, 'b', false}, {501000, 'a', false}};

START_TEST(an_answer_below_a_floor_is_no_input)
{
	struct told_forge t;
	struct row_floor row = {TOLD_REPO, TEXT_LIT("change"), 1, floors[_i].floor, TEXT_EMPTY};
	struct oid head = floors[_i].head ? told_oid(floors[_i].head) : OID_NONE;
	struct gathered got;
	struct err err;

	told_forge_open(&t);
	row.value = oid_text(&head);
	told_forge_keep(&t, &table_floor, &row);
	move(&t, 'a', 1000, 100);
	t.changes[0].answered_at = 510000; /* soon: see test_gather_floor.c */
	ck_assert(collect(&t, &got, &err) == floors[_i].ok);
	if (!floors[_i].ok)
		ck_assert_int_eq(err.code, ERR_RETRY);
	told_forge_close(&t);
}
END_TEST

static const struct {
	enum review_state bound, answered;
	bool ok;
} states[] = {
	{REVIEW_APPROVED, REVIEW_APPROVED, true},
	{REVIEW_APPROVED, REVIEW_STATE_DISMISSED, true},
	{REVIEW_STATE_DISMISSED, REVIEW_STATE_DISMISSED, true},
	{REVIEW_STATE_DISMISSED, REVIEW_APPROVED, false},
	{REVIEW_CHANGES_REQUESTED, REVIEW_APPROVED, false},
	{REVIEW_APPROVED, REVIEW_STATE_UNKNOWN, false}, /* missing from the answer */
};

START_TEST(reviews_older_than_their_events_are_no_input)
{
	struct told_forge t;
	struct gathered got;
	struct err err;

	told_forge_open(&t);
	bind(&t, 1, states[_i].bound, 'a');
	if (states[_i].answered != REVIEW_STATE_UNKNOWN)
		add_review(&t, 1, states[_i].answered, 600000, 'a');
	ck_assert(collect(&t, &got, &err) == states[_i].ok);
	if (!states[_i].ok)
		ck_assert_int_eq(err.code, ERR_RETRY);
	told_forge_close(&t);
}
END_TEST

/* ---- which changes ---- */

START_TEST(all_open_changes_with_the_head_are_judged)
{
	int64_t candidates[] = {3, 9};
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	told_forge_add(&t, 2, 'b');
	told_forge_add(&t, 3, 'a');
	t.unlisted[2] = true; /* 3 is only a candidate, and true; 9 does not exist any more */
	t.claim.candidates = candidates;
	t.claim.n_candidates = 2;
	got = must_collect(&t);
	ck_assert(got.facts.changes_known && !got.silent);
	ck_assert_uint_eq(got.facts.n_changes, 2);
	ck_assert_int_eq(got.facts.changes[0].number, 1);
	ck_assert_int_eq(got.facts.changes[1].number, 3);
	ck_assert(got.governed[0].policy && got.governed[1].policy);
	told_forge_close(&t);
}
END_TEST

START_TEST(a_list_and_a_change_that_disagree_are_no_input)
{
	struct told_forge t;
	struct gathered got;
	struct err err;

	told_forge_open(&t);
	t.changes[0].head = told_oid('b');
	t.listed_as[0] = told_oid('a');
	ck_assert(!collect(&t, &got, &err));
	ck_assert_int_eq(err.code, ERR_RETRY);
	told_forge_close(&t);
}
END_TEST

START_TEST(a_head_without_an_open_change_is_superseded_or_landed)
{
	int64_t candidates[] = {1};
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	t.claim.candidates = candidates;
	t.claim.n_candidates = 1;
	t.changes[0].head = told_oid('b');
	got = must_collect(&t);
	ck_assert(got.facts.changes_known && got.facts.n_changes == 0 && !got.silent);
	ck_assert(oid_eq(&got.facts.superseded_by, &t.changes[0].head));
	t.changes[0].head = told_oid('a');
	t.changes[0].open = false;
	ck_assert(!must_collect(&t).silent); /* closed */
	t.changes[0].merged = true;
	ck_assert(must_collect(&t).silent);
	t.claim.n_candidates = 0;
	t.claim.superseded_by = told_oid('c');
	got = must_collect(&t);
	ck_assert(oid_eq(&got.facts.superseded_by, &t.claim.superseded_by));
	told_forge_close(&t);
}
END_TEST

/* What a change has now that had this head: told, whether another change keeps this one or none. */
START_TEST(the_head_that_another_change_has_instead_is_told)
{
	int64_t candidates[] = {1, 2};
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	(void)told_forge_add(&t, 2, 'b');
	t.claim.candidates = candidates;
	t.claim.n_candidates = 2;
	for (size_t changes = 2; changes-- > 0; t.changes[0].open = false) {
		got = must_collect(&t);
		ck_assert_uint_eq(got.facts.n_changes, changes);
		ck_assert_uint_eq(got.n_heads_now, 1);
		ck_assert_str_eq(got.heads_now[0].hex, told_oid('b').hex);
	}
	t.changes[1].open = false;
	ck_assert_uint_eq(must_collect(&t).n_heads_now, 0);
	told_forge_close(&t);
}
END_TEST

/* ---- people ---- */

START_TEST(a_ghost_may_object_but_not_approve)
{
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	add_review(&t, 2, REVIEW_CHANGES_REQUESTED, 700000, 'a');
	add_review(&t, 1, REVIEW_APPROVED, 600000, 'a');
	add_review(&t, 3, REVIEW_PENDING, WHEN_UNKNOWN, 'a');
	got = must_collect(&t);
	ck_assert_uint_eq(got.facts.changes[0].n_reviews, 2);
	ck_assert_int_eq(got.facts.changes[0].reviews[0].id, 1); /* in order of submission */
	t.reviews[0].user = t.reviews[1].user = (struct person){0, TEXT_EMPTY, PERSON_UNKNOWN};
	got = must_collect(&t);
	ck_assert_uint_eq(got.facts.changes[0].n_reviews, 1);
	ck_assert_int_eq(got.facts.changes[0].reviews[0].id, 2);
	ck_assert_int_eq(got.facts.changes[0].reviews[0].user.id, 0);
	told_forge_close(&t);
}
END_TEST

START_TEST(commits_belong_to_accounts_only_where_the_forge_says_so)
{
	static const struct signer coauthors[] = {{0, {NULL, 0}, {NULL, 0}, {"a@x", 3}},
						  {77, {NULL, 0}, {NULL, 0}, {"77+n@noreply", 12}},
						  {0, {NULL, 0}, {NULL, 0}, {"?@x", 3}}};
	struct signer a = {0, TEXT_EMPTY, TEXT_EMPTY, TEXT_LIT("a@x")},
		      b = {66, TEXT_EMPTY, TEXT_EMPTY, TEXT_LIT("b@x")};
	const struct commit *c;
	struct told_forge t;

	told_forge_open(&t);
	t.commits[0] = (struct commit){.sha = told_oid('a'), .author = a, .committer = b};
	t.commits[1] = (struct commit){.sha = told_oid('c'), .author = a, .committer = a};
	t.commits[0].coauthors = coauthors;
	t.commits[0].n_coauthors = 3;
	t.n_commits = 2;
	t.people[0] = (struct forge_commit_people){
		told_oid('a'), 10, 11, TEXT_LIT("u10"), TEXT_LIT("u11"), TEXT_LIT("a@x"), TEXT_LIT("other@x"), {0}};
	t.n_people = 1;
	c = must_collect(&t).facts.changes[0].commits;
	ck_assert_int_eq(c[0].author.id, 10);
	ck_assert_int_eq(c[0].committer.id, 0); /* the forge spoke of another address; noreply guesses do not help */
	ck_assert_int_eq(c[1].author.id, 0);    /* not listed */
	ck_assert_int_eq(c[0].coauthors[0].id, 10);
	ck_assert_int_eq(c[0].coauthors[1].id, 77);
	ck_assert_int_eq(c[0].coauthors[2].id, 0);
	told_forge_close(&t);
}
END_TEST

/* ---- policy, objects, errors ---- */

static const struct {
	const char *file;
	enum err_code fails_as;
	bool ok, policy;
} files[] = {{NULL, 0, true, true},
	     {"", 0, true, true},
	     {"no such key: 1\n", 0, true, false},
	     {NULL, ERR_LIMIT, true, false},
	     {NULL, ERR_INVALID, true, false},
	     {NULL, ERR_RETRY, false, false},
	     {NULL, ERR_GONE, false, false}};

START_TEST(a_policy_file_is_read_or_is_a_problem)
{
	struct told_forge t;
	struct gathered got;
	struct err err;

	told_forge_open(&t);
	t.file = files[_i].file;
	t.fails = files[_i].fails_as ? TOLD_FILE : 0;
	t.fails_as = files[_i].fails_as;
	ck_assert(collect(&t, &got, &err) == files[_i].ok);
	if (files[_i].ok) {
		ck_assert((got.governed[0].policy != NULL) == files[_i].policy);
		ck_assert((got.governed[0].problem != NULL) == !files[_i].policy);
		ck_assert_uint_eq(got.policy_sha.len, 64);
		ck_assert(!files[_i].policy || files[_i].file || got.policy_text.len > 0);
	} else {
		ck_assert_int_eq(err.code, ERR_RETRY);
	}
	told_forge_close(&t);
}
END_TEST

static const struct {
	const char *said, *shown;
} beyond[] = {{".headgate.yml has 99999 bytes, more than max_bytes = 9", "too large"},
	      {"REST does not tell 4b825dc as git has it (mirror.rest)", "over REST (mirror.rest)"}};

START_TEST(a_policy_file_beyond_reach_says_why)
{
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	t.fails = TOLD_FILE;
	t.fails_as = ERR_LIMIT;
	t.fails_with = beyond[_i].said;
	got = must_collect(&t);
	ck_assert_ptr_nonnull(strstr(got.governed[0].problem->text, beyond[_i].shown));
	told_forge_close(&t);
}
END_TEST

START_TEST(every_failure_is_an_error_and_none_says_nothing_to_do)
{
	struct told_forge t;
	struct gathered got;
	struct err err;

	told_forge_open(&t);
	add_review(&t, 1, REVIEW_APPROVED, 600000, 'a');
	t.file = NULL;
	for (t.fails = TOLD_OPEN_CHANGES; t.fails <= TOLD_RANGE; t.fails++) {
		if (t.fails == TOLD_TEAM)
			continue; /* the built-in policy names none */
		t.fails_as = ERR_RETRY;
		ck_assert_msg(!collect(&t, &got, &err) && err.code == ERR_RETRY, "%d", t.fails);
		t.fails_as = ERR_GONE;
		ck_assert_msg(collect(&t, &got, &err) == (t.fails == TOLD_PERMISSION), "%d", t.fails); /* nobody */
		ck_assert_msg(err.code == (t.fails == TOLD_PERMISSION ? ERR_OK : ERR_RETRY), "%d", t.fails);
		t.fails_as = ERR_INVALID;
		ck_assert_msg(!collect(&t, &got, &err) && err.code == ERR_INVALID, "%d", t.fails);
	}
	told_forge_close(&t);
}
END_TEST

START_TEST(what_git_cannot_say_is_unknown)
{
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	got = must_collect(&t);
	ck_assert((got.facts.changes[0].known & FACT_COMMITS) && (got.facts.changes[0].known & FACT_PATHS));
	t.unrelated = true;
	got = must_collect(&t);
	ck_assert((got.facts.changes[0].known & FACT_COMMITS) && !(got.facts.changes[0].known & FACT_PATHS));
	t.fails = TOLD_RANGE;
	t.fails_as = ERR_LIMIT;
	got = must_collect(&t);
	ck_assert(!(got.facts.changes[0].known & (FACT_COMMITS | FACT_PATHS)));
	told_forge_close(&t);
}
END_TEST

/* ---- the double collect ---- */

static void nothing(struct told_forge *t)
{
	t->changes[0].updated_at += 1000; /* a version, no value */
	t->changes[0].answered_at += 1000;
	t->now += 1000;
}
static void head_moved(struct told_forge *t)
{
	t->changes[0].head = told_oid('b');
}
static void drafted(struct told_forge *t)
{
	t->changes[0].draft = true;
}
static void retargeted(struct told_forge *t)
{
	t->changes[0].base_ref = TEXT_LIT("lax");
}
static void labelled(struct told_forge *t)
{
	static const struct text label = {"x", 1};

	t->changes[0].labels = &label;
	t->changes[0].n_labels = 1;
}
static void retitled(struct told_forge *t)
{
	t->changes[0].title = TEXT_LIT("other");
}
static void dismissed(struct told_forge *t)
{
	t->reviews[0].state = REVIEW_STATE_DISMISSED;
}
static void reviewed(struct told_forge *t)
{
	add_review(t, 2, REVIEW_CHANGES_REQUESTED, 700000, 'a');
}
static void remarked(struct told_forge *t)
{
	add_review(t, 2, REVIEW_COMMENTED, 700000, 'a');
}
static void reanchored(struct told_forge *t)
{
	t->reviews[0].commit_id = told_oid('b');
}
static void base_moved(struct told_forge *t)
{
	t->tip = told_oid('e');
}
static void demoted(struct told_forge *t)
{
	t->permission = PERMISSION_READ;
}
static void renamed(struct told_forge *t)
{
	t->login_owner = 66;
}
static void returned(struct told_forge *t)
{
	move(t, 'a', 900000, 100);
}
static void shared(struct told_forge *t)
{
	told_forge_add(t, 2, 'a');
}
static void attributed(struct told_forge *t)
{
	t->people[t->n_people++].author = 5;
}

static const struct {
	void (*happens)(struct told_forge *t);
	bool unmoved;
} between[] = {{nothing, true},     {head_moved, false}, {drafted, false},    {retargeted, false},
	       {labelled, false},   {retitled, false},   {dismissed, false},  {reviewed, false},
	       {reanchored, false}, {base_moved, false}, {demoted, false},    {renamed, false},
	       {returned, false},   {shared, false},     {attributed, false}, {remarked, true}};

START_TEST(a_value_that_moved_between_the_collects_is_seen)
{
	struct told_forge t;
	struct gathered first;
	struct err err = ERR_NONE;
	bool unmoved = !between[_i].unmoved;

	told_forge_open(&t);
	add_review(&t, 1, REVIEW_APPROVED, 600000, 'a');
	first = must_collect(&t);
	between[_i].happens(&t);
	ck_assert_msg(gather_unmoved(&t.gather, &first, &unmoved, &err), "%s", err.text);
	ck_assert(unmoved == between[_i].unmoved);
	t.fails = TOLD_TIP;
	t.fails_as = ERR_RETRY;
	if (between[_i].unmoved)
		ck_assert(!gather_unmoved(&t.gather, &first, &unmoved, &err));
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(a_review_is_fresh_only_where_it_is_proven, rows),
					  SUITE_TEST(the_first_showing_is_remembered_and_not_moved),
					  SUITE_ROWS(an_answer_below_a_floor_is_no_input, floors),
					  SUITE_ROWS(reviews_older_than_their_events_are_no_input, states),
					  SUITE_TEST(all_open_changes_with_the_head_are_judged),
					  SUITE_TEST(a_list_and_a_change_that_disagree_are_no_input),
					  SUITE_TEST(a_head_without_an_open_change_is_superseded_or_landed),
					  SUITE_TEST(the_head_that_another_change_has_instead_is_told),
					  SUITE_TEST(a_ghost_may_object_but_not_approve),
					  SUITE_TEST(commits_belong_to_accounts_only_where_the_forge_says_so),
					  SUITE_ROWS(a_policy_file_is_read_or_is_a_problem, files),
					  SUITE_ROWS(a_policy_file_beyond_reach_says_why, beyond),
					  SUITE_TEST(every_failure_is_an_error_and_none_says_nothing_to_do),
					  SUITE_TEST(what_git_cannot_say_is_unknown),
					  SUITE_ROWS(a_value_that_moved_between_the_collects_is_seen, between),
					  SUITE_END};
SUITE_MAIN(tests)
