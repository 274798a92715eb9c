/*
 * A delivery that failed comes back when newer things are known. Whatever it tells, it can bind a review, weaken, and
 * ask for a judgement: it gives no permission, and takes back no floor, no binding, no dismissal and no head.
 */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

/* By letter: what was told in time, and what comes back. Of change 1, in the order of the forge's time. */
static const struct moment {
	char letter;
	enum change_action action; /* 0: a review */
	char before, head;         /* before 0: no push */
	int64_t at;                /* milliseconds */
	int64_t review;
	enum review_action review_action;
	enum review_state state;
} moments[] = {
	{'o', CHANGE_OPENED, 0, 'a', 1000, 0, 0, 0},
	{'d', CHANGE_DRAFT, 0, 'a', 2000, 0, 0, 0},
	{'y', CHANGE_READY, 0, 'a', 3000, 0, 0, 0},
	{'x', 0, 0, 'a', 4000, 9, REVIEW_SUBMITTED, REVIEW_APPROVED},
	{'n', 0, 0, 'a', 4500, 8, REVIEW_SUBMITTED, REVIEW_CHANGES_REQUESTED},
	{'e', CHANGE_EDITED, 0, 'a', 5000, 0, 0, 0},
	{'p', CHANGE_SYNCHRONIZE, 'a', 'b', 6000, 0, 0, 0},
	{'X', 0, 0, 'b', 6500, 9, REVIEW_SUBMITTED, REVIEW_APPROVED},
	{'z', 0, 0, 'b', 6800, 9, REVIEW_DISMISSED, REVIEW_STATE_DISMISSED},
	{'D', CHANGE_DRAFT, 0, 'b', 7000, 0, 0, 0},
	{'Y', CHANGE_READY, 0, 'b', 8000, 0, 0, 0},
	{'C', CHANGE_CLOSED, 0, 'b', 9000, 0, 0, 0},
	{'R', CHANGE_REOPENED, 0, 'b', 10000, 0, 0, 0},
	{'E', CHANGE_EDITED, 0, 'b', 11000, 0, 0, 0}, /* its base */
};

static const struct moment *moment_of(char letter)
{
	const struct moment *at = moments;

	while (at->letter != letter)
		at++;
	return at;
}

static struct event told_by(char letter)
{
	const struct moment *m = moment_of(letter);
	struct event event = m->before   ? push_to_change(1, m->before, m->head, 0)
			     : m->review ? review_event(m->review_action, m->review, m->state, m->head)
					 : change_event(m->action, 1, m->head, 0);

	event.change.updated_at = m->at;
	if (m->review)
		event.review.submitted_at = m->at;
	if (letter == 'E') {
		event.base_changed = TRI_YES;
		event.change.base_ref = TEXT_LIT("release");
	}
	return event;
}

struct known {
	struct told told;
	struct row_slot a, b;
	struct row_ledger ledger_a, ledger_b;
};

static struct known look(struct pipe_rig *rig)
{
	struct known ret = {.a = slot_of(rig, 'a'),
			    .b = slot_of(rig, 'b'),
			    .ledger_a = ledger_of(rig, 'a'),
			    .ledger_b = ledger_of(rig, 'b')};
	struct err err = ERR_NONE;

	ck_assert(store_told(&rig->store, (struct change_key){PIPE_REPO, 1}, &ret.told, &rig->arena, &err));
	return ret;
}

static void only_weaker(const char *what, const struct row_slot *was, const struct row_slot *is)
{
	ck_assert_msg(is->state != STATUS_SUCCESS || was->state == STATUS_SUCCESS, "%s: a success out of nothing",
		      what);
	ck_assert_msg(was->state != STATUS_FAILURE || is->state == STATUS_FAILURE, "%s: a failure was lifted", what);
}

static const struct row_binding *binding_of(const struct told *told, int64_t review)
{
	for (size_t i = 0; i < told->n_bindings; i++)
		if (told->bindings[i].review == review)
			return &told->bindings[i];
	return NULL;
}

static void nothing_goes_back(const char *what, const struct known *was, const struct known *is)
{
	ck_assert_msg(is->told.floor_time >= was->told.floor_time, "%s: the floor", what);
	ck_assert_msg(oid_eq(&is->told.floor_head, &was->told.floor_head), "%s: the floor's head", what);
	ck_assert_msg(oid_eq(&is->told.index.head, &was->told.index.head), "%s: the head", what);
	ck_assert_msg(is->told.index.open == was->told.index.open && is->told.index.draft == was->told.index.draft &&
			      text_eq(is->told.index.base_ref, was->told.index.base_ref),
		      "%s: the change", what);
	ck_assert_msg(is->told.n_arrivals >= was->told.n_arrivals, "%s: an arrival is gone", what);
	ck_assert_msg(is->ledger_a.state == was->ledger_a.state && is->ledger_b.state == was->ledger_b.state,
		      "%s: the ledger", what);
	for (size_t i = 0; i < was->told.n_bindings; i++) {
		const struct row_binding *old = &was->told.bindings[i], *new = binding_of(&is->told, old->review);

		ck_assert_msg(new && (!oid_known(&old->sha) || oid_eq(&new->sha, &old->sha)), "%s: a binding", what);
		ck_assert_msg(old->state != REVIEW_STATE_DISMISSED || new->state == old->state, "%s: a dismissal",
			      what);
	}
	only_weaker(what, &was->a, &is->a);
	only_weaker(what, &was->b, &is->b);
}

static const struct {
	const char *what, *known;
	char back;
	char bound; /* the commit of review 9 in the end; 0: none */
} rows[] = {
	{"opened, after a push", "p", 'o', 0},
	{"opened, after it was closed", "pC", 'o', 0},
	{"a push, after draft", "oD", 'p', 0},
	{"a push, after a review of its head", "oX", 'p', 'b'},
	{"a push, after it was closed", "oC", 'p', 0},
	{"ready, after draft", "opD", 'y', 0},
	{"ready of the head, after it was closed", "opDC", 'Y', 0},
	{"draft, after ready", "opY", 'd', 0},
	{"draft of the head, after ready", "opY", 'D', 0},
	{"closed, after reopened", "opR", 'C', 0},
	{"reopened, after the base was changed", "opE", 'R', 0},
	{"edited, after the base was changed", "opE", 'e', 0},
	{"an approval of the old head", "op", 'x', 'a'},
	{"an approval of the old head, nobody told of the push", "o", 'x', 'a'},
	{"an approval of the head, after draft", "opD", 'X', 'b'},
	{"an approval that was bound already", "oxp", 'X', 'a'},
	{"an approval that was dismissed", "opz", 'X', 'b'},
	{"an approval of the old head that was dismissed", "opz", 'x', 'a'},
	{"changes requested on the old head", "op", 'n', 0},
	{"the dismissal itself", "opX", 'z', 'b'},
};

/* _i counts rows, backends, and whether the head is allowed and the forge holds it. */
START_TEST(what_comes_back_binds_or_weakens_and_gives_nothing)
{
	size_t row = (size_t)_i / (2 * PIPE_BACKENDS);
	bool allowed = _i / PIPE_BACKENDS % 2 == 1;
	const struct row_binding *bound;
	struct known was, is;
	struct pipe_rig rig;
	char head;

	pipe_open(&rig, _i % PIPE_BACKENDS);
	for (const char *at = rows[row].known; *at; at++)
		tell(&rig, told_by(*at));
	drain(&rig);
	was = look(&rig);
	head = was.told.index.head.hex[0];
	if (was.told.index.open != TRI_NO)
		judge_as(&rig, head, allowed ? DECISION_ALLOWED : DECISION_BLOCKED);
	drain(&rig);
	was = look(&rig);
	tell(&rig, told_by(rows[row].back));
	is = look(&rig);
	nothing_goes_back(rows[row].what, &was, &is);
	ck_assert_int_eq(subject_of(&rig, moment_of(rows[row].back)->head).due, 1);
	bound = binding_of(&is.told, 9);
	ck_assert_msg((rows[row].bound != 0) == (bound && oid_known(&bound->sha)), "%s: bound", rows[row].what);
	ck_assert_msg(!rows[row].bound || bound->sha.hex[0] == rows[row].bound, "%s: bound elsewhere", rows[row].what);
	pipe_close(&rig);
}
END_TEST

static const int all[sizeof rows / sizeof rows[0] * 2 * PIPE_BACKENDS] = {0};

static const struct suite_test tests[] = {SUITE_ROWS(what_comes_back_binds_or_weakens_and_gives_nothing, all),
					  SUITE_END};
SUITE_MAIN(tests)
