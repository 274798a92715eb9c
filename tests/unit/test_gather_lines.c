/* How many lines a change has, as gather makes a fact of it. */
#include "agent/work/gather.h"
#include "tests/support/needing.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

static struct gathered must_collect(struct told_forge *t)
{
	struct gathered got;
	struct err err = ERR_NONE;

	ck_assert_msg(gather_collect(&t->gather, &t->arena, &got, &err) && err.code == ERR_OK, "%s", err.text);
	return got;
}

/* git: one path "NAME", "-NAME" deleted. The forge: "NAME", or "NEW<OLD". Each file has +3 -1. */
static const struct {
	const char *what, *git, *forge;
	bool cut, known;
	int64_t additions, deletions; /* in all */
} lines[] = {
	{"the same", "a b", "a b", false, true, 6, 2},
	{"in another order", "a b", "b a", false, true, 6, 2},
	{"nothing", "", "", false, true, 0, 0},
	{"deleted", "a -b", "a b", false, true, 6, 2},
	{"renamed", "-a b", "b<a", false, true, 3, 1},
	{"renamed, and another one in its place", "a b", "b<a a", false, true, 6, 2},
	{"renamed, and git says it is still there", "a b", "b<a", false, false, 0, 0},
	{"one more at the forge", "a", "a b", false, false, 0, 0},
	{"one more in git", "a b", "a", false, false, 0, 0},
	{"one deleted in git alone", "a -b", "a", false, false, 0, 0},
	{"none at the forge", "a", "", false, false, 0, 0},
	{"cut off", "a b", "a b", true, false, 0, 0},
};

static void tell_lines(struct told_forge *t, const char *git, const char *forge)
{
	for (; *git; git += *git == ' ') {
		bool gone = *git == '-';

		git += gone;
		t->paths[t->n_paths++] = (struct path){.path = {git, 1}, .status = gone ? PATH_DELETED : PATH_MODIFIED};
		git++;
	}
	for (; *forge; forge += *forge == ' ') {
		struct forge_lines *l = &t->lines[t->n_lines++];

		*l = (struct forge_lines){.path = {forge++, 1}, .additions = 3, .deletions = 1};
		if (*forge == '<') {
			l->old_path = (struct text){forge + 1, 1};
			forge += 2;
		}
	}
}

START_TEST(lines_are_known_where_forge_and_git_tell_the_same_paths)
{
	int64_t additions = 0, deletions = 0;
	struct told_forge t;
	const struct change *change;

	told_forge_open(&t);
	tell_lines(&t, lines[_i].git, lines[_i].forge);
	t.lines_cut = lines[_i].cut;
	ask_for((struct policy_needs){.facts = 0});
	ck_assert(!(must_collect(&t).facts.changes[0].known & FACT_LINES) && t.compared == 0);
	ask_for((struct policy_needs){.facts = FACT_LINES});
	change = &must_collect(&t).facts.changes[0];
	ck_assert_msg(((change->known & FACT_LINES) != 0) == lines[_i].known, "%s", lines[_i].what);
	ck_assert_uint_eq(t.compared, t.n_paths > 0);
	for (size_t i = 0; i < change->n_paths; i++) {
		additions += change->paths[i].additions;
		deletions += change->paths[i].deletions;
	}
	ck_assert_int_eq(additions, lines[_i].additions);
	ck_assert_int_eq(deletions, lines[_i].deletions);
	told_forge_close(&t);
}
END_TEST

START_TEST(lines_beyond_a_limit_or_without_paths_are_unknown)
{
	struct told_forge t;

	told_forge_open(&t);
	tell_lines(&t, "a", "a");
	ask_for((struct policy_needs){.facts = FACT_LINES});
	ck_assert(must_collect(&t).facts.changes[0].known & FACT_LINES);
	t.fails = TOLD_LINES;
	t.fails_as = ERR_LIMIT;
	ck_assert(!(must_collect(&t).facts.changes[0].known & FACT_LINES));
	t.fails = 0;
	t.compared = 0;
	t.unrelated = true; /* histories that have nothing in common cannot be compared */
	ck_assert(!(must_collect(&t).facts.changes[0].known & FACT_LINES) && t.compared == 0);
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(lines_are_known_where_forge_and_git_tell_the_same_paths, lines),
	SUITE_TEST(lines_beyond_a_limit_or_without_paths_are_unknown),
	SUITE_END,
};
SUITE_MAIN(tests)
