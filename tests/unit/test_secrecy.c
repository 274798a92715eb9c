/*
 * What the public sees is a function of what the public knows, but for the final allow or deny. Worlds by seed
 * (support/secret_world.h), each judged with several secrets, stored as a judgement stores it and shown in every form:
 * where the same is decided each byte must be the same, and where one is allowed and the other is not, nothing else may
 * differ than what that alone says.
 */
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/facts_json.h"
#include "agent/web/commit_json.h"
#include "agent/web/page.h"
#include "policy/bugs.h"
#include "tests/support/secret_world.h"
#include "tests/support/suite.h"

#define SECRETS           8 /* of a world: each is compared with the first that decides alike */
#define WORLDS_PER_POLICY 25
#define PAIRS             10000
#define SEED              20261123
#define JUDGED_AT         (CASE_ARRIVED + 3600000)

/* ---- what the public sees ---- */

static struct row_verdict stored(const struct secret_world *w, const struct verdict *verdict, bool announced,
				 struct arena *arena)
{
	return (struct row_verdict){.id = 1,
				    .repo = w->facts.repo,
				    .sha = w->facts.head,
				    .made_at = JUDGED_AT,
				    .decision = text_of(decision_name(verdict->decision)),
				    .state = text_of(status_state_name(verdict->state)),
				    .text = announced ? verdict->public_text : verdict->text,
				    .public_text = verdict->public_text,
				    .rules = rules_encode(verdict, announced, arena)};
}

/* The status, the page, its JSON and its text; from what was announced, or from the whole verdict. */
static struct text seen_of(const struct secret_world *w, const struct verdict *verdict, bool announced,
			   struct arena *arena)
{
	struct row_verdict row = stored(w, verdict, announced, arena);
	struct row_announced told = {.made_at = JUDGED_AT, .decision = row.decision, .public_text = row.public_text};
	struct view view = {.sha = w->facts.head, .bug_age_ms = 7200000};

	view.shown.repo = (struct row_repo){.id = w->facts.repo, .name = w->facts.repo_name};
	view.shown.subject = (struct row_subject){.repo = w->facts.repo, .sha = w->facts.head};
	view.shown.slot = (struct row_slot){.made_at = JUDGED_AT,
					    .verdict = 1,
					    .state = verdict->state,
					    .text = verdict->public_text,
					    .kind = SLOT_VERDICT};
	view.shown.verdicts = &row;
	view.shown.n_verdicts = 1;
	view.shown.rules_public = announced;
	view.shown.told = &told;
	view.shown.n_told = 1;
	view_make(TEXT_LIT("policy/merge-allowed"), arena, &view);
	return arena_printf(arena, "status: %s %.*s\n%.*s\n%.*s\n%.*s", status_state_name(verdict->state),
			    TEXT_ARG(verdict->public_text), TEXT_ARG(commit_text(&view, arena)),
			    TEXT_ARG(commit_json(&view, COMMIT_PUBLIC, arena)),
			    TEXT_ARG(page_commit(&view, TEXT_EMPTY, arena)));
}

/* Both ways must show the same, so that what is kept for the public is no other view of it. */
static struct text seen(const struct secret_world *w, const struct verdict *verdict, struct arena *arena)
{
	struct text ret = seen_of(w, verdict, true, arena);

	ck_assert_str_eq(seen_of(w, verdict, false, arena).at, ret.at);
	return ret;
}

/* The same verdict, were it decided as another one. */
static struct verdict decided_as(const struct verdict *verdict, const struct verdict *other)
{
	struct verdict ret = *verdict;

	ret.decision = other->decision;
	ret.state = other->state;
	ret.text = other->text;
	ret.public_text = other->public_text;
	return ret;
}

/* ---- pairs ---- */

struct comparing {
	struct secret_world *w;
	struct text context;
	struct arena *arena;
};

struct judged { /* a world with one secret */
	struct verdict verdict;
	struct text seen;
};

static struct judged judged(const struct comparing *c, const struct secret_bugs *bugs)
{
	struct judged ret = {.verdict = secret_judge(c->w, bugs, c->context, c->arena)};

	ret.seen = seen(c->w, &ret.verdict, c->arena);
	return ret;
}

static bool apart(const struct judged *a, const struct judged *b)
{
	return (a->verdict.decision == DECISION_ALLOWED) != (b->verdict.decision == DECISION_ALLOWED);
}

/* What the public would see of a, were it decided as b. */
static struct text as_decided(const struct comparing *c, const struct judged *a, const struct judged *b)
{
	struct verdict as = decided_as(&a->verdict, &b->verdict);

	return apart(a, b) ? seen(c->w, &as, c->arena) : a->seen;
}

/* Whether both show the same, as far as they may. */
static bool alike(const struct comparing *c, const struct judged *a, const struct judged *b)
{
	return policy_bugs_due(&a->verdict) == policy_bugs_due(&b->verdict) && text_eq(as_decided(c, a, b), b->seen);
}

/* Where two texts part, with what stands around it. */
static struct text parting(struct text a, struct text b)
{
	size_t at = 0, from;

	while (at < a.len && at < b.len && a.at[at] == b.at[at])
		at++;
	from = at > 80 ? at - 80 : 0;
	return (struct text){a.at + from, a.len - from < 240 ? a.len - from : 240};
}

static void tell_leak(const struct comparing *c, const struct judged *a, const struct judged *b)
{
	struct text left = as_decided(c, a, b), right = b->seen;

	ck_abort_msg("context '%.*s', met in public %d %d; the public sees\n...%.*s\nor\n...%.*s", TEXT_ARG(c->context),
		     a->verdict.public_met, b->verdict.public_met, TEXT_ARG(parting(left, right)),
		     TEXT_ARG(parting(right, left)));
}

/* The place of a bug in a secret; past the end: it is not there. */
static size_t place_of(const struct secret_bugs *in, const struct bug *bug)
{
	size_t i = 0;

	while (i < in->n && (in->items[i].id != bug->id || !text_eq(in->items[i].tracker, bug->tracker)))
		i++;
	return i;
}

/* One secret becomes the other bug by bug, so that the bug is named that shows. */
static void blame(const struct comparing *c, const struct secret_bugs *from, const struct secret_bugs *upto)
{
	struct secret_bugs now = *from;
	struct judged a = judged(c, &now), b;

	for (size_t i = 0; i < upto->n; i++) {
		size_t at = place_of(&now, &upto->items[i]);
		struct bug was = at < now.n ? now.items[at] : (struct bug){.id = upto->items[i].id};

		now.n += at == now.n;
		now.items[at] = upto->items[i];
		b = judged(c, &now);
		if (!alike(c, &a, &b)) {
			fprintf(stderr, "the bug that shows: %s\nor                  %s\n",
				secret_print(&was, c->arena).at, secret_print(&now.items[at], c->arena).at);
			tell_leak(c, &a, &b);
		}
		a = b;
	}
}

static uint64_t at_seed; /* the same world comes first with HEADGATE_SEED=this */

static void tell_world(const struct secret_world *w)
{
	fprintf(stderr, "HEADGATE_SEED=%llu\npolicy:\n%.*s%zu changes, %zu groups, shadowed %d, allowed before %d\n",
		(unsigned long long)at_seed, TEXT_ARG(w->policy_text), w->facts.n_changes, w->facts.n_groups,
		w->facts.shadowed, w->facts.allowed_before);
	for (size_t i = 0; i < SECRET_CHANGES; i++)
		fprintf(stderr, "#%lld: known %x, into %.*s, %zu reviews, draft %d, \"%.*s\", \"%.*s\"\n",
			(long long)w->changes[i].number, w->changes[i].known, TEXT_ARG(w->changes[i].base_ref),
			w->changes[i].n_reviews, w->changes[i].draft, TEXT_ARG(w->commits[i][0].message),
			TEXT_ARG(w->commits[i][1].message));
}

struct tally {
	long pairs, apart; /* apart: one allowed, the other not */
};

struct pair {
	size_t a, b;
};

static void compare(const struct comparing *c, const struct secret_bugs *secrets, const struct judged *all,
		    struct pair pair, struct tally *tally)
{
	tally->pairs++;
	tally->apart += apart(&all[pair.a], &all[pair.b]);
	if (alike(c, &all[pair.a], &all[pair.b]))
		return;
	tell_world(c->w);
	blame(c, &secrets[pair.a], &secrets[pair.b]);
	tell_leak(c, &all[pair.a], &all[pair.b]);
}

static void one_world(struct secret_world *w, struct text context, struct tally *tally)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct comparing c = {w, context, &arena};
	struct secret_bugs secrets[SECRETS];
	struct judged all[SECRETS];

	for (size_t i = 0; i < SECRETS; i++) {
		secret_bugs(w, &secrets[i]);
		all[i] = judged(&c, &secrets[i]);
		if (i > 0)
			compare(&c, secrets, all, (struct pair){0, i}, tally);
		if (i > 1)
			compare(&c, secrets, all, (struct pair){i - 1, i}, tally);
	}
}

static uint64_t number_of(const char *variable, uint64_t otherwise)
{
	const char *given = getenv(variable);

	return given ? strtoull(given, NULL, 10) : otherwise;
}

START_TEST(worlds_that_differ_in_secrets_alone_look_the_same)
{
	static struct secret_world w;
	uint64_t wanted = number_of("HEADGATE_SECRET_PAIRS", PAIRS), seed = number_of("HEADGATE_SEED", SEED);
	struct tally tally = {0, 0};
	size_t policies = 0;

	while ((uint64_t)tally.pairs < wanted) {
		struct text context = TEXT_EMPTY;

		secret_open(&w, seed + policies);
		at_seed = seed + policies;
		secret_policy(&w);
		for (int i = 0; i < WORLDS_PER_POLICY; i++) {
			secret_draw(&w);
			if (i % 5 != 4 || !policy_context_at(w.policy, 0, &context))
				context = TEXT_EMPTY;
			one_world(&w, context, &tally);
		}
		secret_close(&w);
		policies++;
	}
	printf("secrecy: %ld pairs of worlds by %zu policies from seed %llu, %ld of them decided apart\n", tally.pairs,
	       policies, (unsigned long long)seed, tally.apart);
	ck_assert_int_gt(tally.apart, tally.pairs / 100); /* the secrets weigh, or nothing is shown by this */
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(worlds_that_differ_in_secrets_alone_look_the_same, 300),
	SUITE_END,
};
SUITE_MAIN(tests)
