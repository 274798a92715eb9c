/*
 * The oracle and the product decide the same about the same truth when everything about it is known: each writes the
 * meaning of a policy down once, in its own way, and a difference is an error of one of them.
 */
#include "policy/policy.h"
#include "tests/sim/oracle.h"
#include "tests/support/row_dice.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

#define MAX_POLICIES 64
#define BEGIN        ((int64_t)1795269731000)
#define BUG          900000

static struct {
	struct arena arena;
	struct governed of[MAX_POLICIES + 1]; /* the last: there is no file */
	struct problem problems[MAX_POLICIES];
	int allowed[ORACLE_CONTEXTS][MAX_POLICIES + 1], judged[MAX_POLICIES + 1];
} policies;

static int every_policy(void)
{
	return oracle_policies() + oracle_policies_with_contexts() + oracle_policies_with_bugs();
}

static int slot(int policy)
{
	return policy == NOBODY ? MAX_POLICIES : policy;
}

static void read_policies(void)
{
	static const struct policy_defaults defaults = {.approvals = 2};

	ck_assert_int_le(every_policy(), MAX_POLICIES);
	policies.of[MAX_POLICIES].policy = policy_builtin(&defaults, &policies.arena);
	for (int i = 0; i < every_policy(); i++)
		if (!policy_parse(text_of(oracle_policy_text(i)), &defaults, &policies.arena, &policies.of[i].policy,
				  &policies.problems[i]))
			policies.of[i].problem = &policies.problems[i];
}

/* ---- the truth, as facts of which nothing is unknown ---- */

static struct oid name_of(int commit)
{
	struct oid oid;

	snprintf(oid.hex, sizeof oid.hex, "%02xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", (unsigned)commit + 1);
	return oid;
}

static int64_t id_of(int person)
{
	return person == NOBODY ? 0 : person + 100;
}

static struct person shown(const struct truth *truth, int person)
{
	return (struct person){id_of(person), text_of(truth_login(person)),
			       truth->people[person].bot ? PERSON_BOT : PERSON_USER};
}

static struct signer signer(int person)
{
	return (struct signer){.id = id_of(person), .login = text_of(person == NOBODY ? "" : truth_login(person))};
}

/* "Bug 900000, bug 900001 - Work" */
static struct text message_of(unsigned bugs, struct arena *arena)
{
	struct text text = TEXT_EMPTY;

	for (int i = 0; i <= TRUTH_BUGS; i++)
		if (bugs >> i & 1)
			text = arena_printf(arena, "%.*s%sug %d", TEXT_ARG(text), text.len ? ", b" : "B", BUG + i);
	return text.len ? arena_printf(arena, "%.*s - Work", TEXT_ARG(text)) : TEXT_LIT("Work");
}

static struct commit commit_of(const struct truth *truth, int index, struct arena *arena)
{
	const struct truth_commit *from = &truth->commits[index];
	struct oid *parents = arena_alloc(arena, 2, sizeof *parents);
	struct signer *second = arena_alloc(arena, 1, sizeof *second);

	parents[0] = from->parent == NOBODY ? OID_NONE : name_of(from->parent);
	parents[1] = from->parent2 == NOBODY ? OID_NONE : name_of(from->parent2);
	*second = signer(from->co_author);
	return (struct commit){.sha = name_of(index),
			       .parents = parents,
			       .n_parents = (size_t)(from->parent != NOBODY) + (from->parent2 != NOBODY),
			       .message = message_of(from->bugs, arena),
			       .author = signer(from->author),
			       .committer = signer(from->committer),
			       .coauthors = second,
			       .n_coauthors = from->co_author != NOBODY};
}

static void add_commits(const struct truth *truth, const struct truth_change *from, struct change *to,
			struct arena *arena)
{
	uint64_t range = truth_range(truth, from->head, truth->branches[from->base].tip);
	struct commit *commits = arena_alloc(arena, TRUTH_COMMITS, sizeof *commits);

	to->commits = commits;
	for (int i = truth->n_commits - 1; i >= 0; i--)
		if (range >> i & 1)
			commits[to->n_commits++] = commit_of(truth, i, arena);
}

static void add_paths(const struct truth *truth, const struct truth_change *from, struct change *to,
		      struct arena *arena)
{
	unsigned files = truth_paths(truth, from->head, truth->branches[from->base].tip);
	struct path *paths = arena_alloc(arena, 4, sizeof *paths);

	to->paths = paths;
	for (unsigned file = FILE_SOURCE; file <= FILE_DOCS; file *= 2)
		if (files & file)
			paths[to->n_paths++] = (struct path){
				.path = text_of(truth_file_path((enum truth_file)file)),
				.status = PATH_MODIFIED,
				.mode = 0100644,
				.old_mode = 0100644,
			};
}

static void add_pushers(const struct truth_change *from, struct change *to, struct arena *arena)
{
	int64_t *pushers = arena_alloc(arena, TRUTH_MOVES, sizeof *pushers);

	to->pushers = pushers;
	for (int i = 0; i < from->n_moves; i++)
		pushers[to->n_pushers++] = id_of(from->moves[i].by);
}

static void add_reviews(const struct truth *truth, int index, struct change *to, struct arena *arena)
{
	static const enum review_state states[] = {[SAID_COMMENTED] = REVIEW_COMMENTED,
						   [SAID_APPROVED] = REVIEW_APPROVED,
						   [SAID_CHANGES_REQUESTED] = REVIEW_CHANGES_REQUESTED,
						   [SAID_DISMISSED] = REVIEW_STATE_DISMISSED};
	struct review *reviews = arena_alloc(arena, TRUTH_REVIEWS, sizeof *reviews);

	to->reviews = reviews;
	for (int i = 0; i < truth->n_reviews; i++) {
		const struct truth_review *said = &truth->reviews[i];

		if (said->change == index)
			reviews[to->n_reviews++] = (struct review){.id = i + 1,
								   .user = shown(truth, said->by),
								   .state = states[said->state],
								   .submitted_at = said->at,
								   .bound_sha = name_of(said->sha)};
	}
}

static struct change change_facts(const struct truth *truth, int index, struct arena *arena)
{
	const struct truth_change *from = &truth->changes[index];
	struct change to = {.known = (FACT_HEAD_REF << 1) - 1,
			    .number = index + 1,
			    .open = from->open,
			    .draft = from->draft,
			    .merged = from->merged,
			    .base_ref = text_of(truth_branch_name(from->base)),
			    .head_ref = TEXT_LIT("work"),
			    .base_sha = name_of(truth->branches[from->base].tip),
			    .head_arrived_at = truth_arrival(from, from->head),
			    .author = shown(truth, from->author),
			    .title = message_of(from->bugs, arena)};

	add_commits(truth, from, &to, arena);
	add_paths(truth, from, &to, arena);
	add_pushers(from, &to, arena);
	add_reviews(truth, index, &to, arena);
	return to;
}

static void add_people(const struct truth *truth, struct facts *to, struct arena *arena)
{
	static const struct text team = {TRUTH_TEAM, sizeof TRUTH_TEAM - 1};
	static const enum permission roles[] = {[ROLE_NONE] = PERMISSION_NONE,         [ROLE_READ] = PERMISSION_READ,
						[ROLE_TRIAGE] = PERMISSION_TRIAGE,     [ROLE_WRITE] = PERMISSION_WRITE,
						[ROLE_MAINTAIN] = PERMISSION_MAINTAIN, [ROLE_ADMIN] = PERMISSION_ADMIN};
	struct member *people = arena_alloc(arena, TRUTH_PEOPLE, sizeof *people);

	for (int i = 0; i < TRUTH_PEOPLE; i++)
		people[i] = (struct member){.who = shown(truth, i),
					    .permission = roles[truth->people[i].role],
					    .teams_known = true,
					    .teams = &team,
					    .n_teams = truth->people[i].in_team};
	to->people = people;
	to->n_people = TRUTH_PEOPLE;
}

static void add_patches(const struct truth_bug *from, struct bug *to, struct arena *arena)
{
	struct bug_attachment *patches = arena_alloc(arena, TRUTH_PATCHES, sizeof *patches);
	struct bug_flag *flags = arena_alloc(arena, TRUTH_PATCHES, sizeof *flags);

	to->attachments = patches;
	for (int i = 0; i < TRUTH_PATCHES; i++) {
		flags[i] = (struct bug_flag){.name = TEXT_LIT("sec-approval"),
					     .status = (enum bug_flag_status)from->patches[i].approval,
					     .setter = 9};
		if (from->patches[i].used)
			patches[to->n_attachments++] = (struct bug_attachment){.id = i + 1,
									       .obsolete = from->patches[i].obsolete,
									       .flags = &flags[i],
									       .n_flags = flags[i].status != 0};
	}
}

static struct bug bug_facts(const struct truth *truth, int index, struct arena *arena)
{
	static const struct text rated = {"sec-high", 8}, group = {"core-security", 13};
	const struct truth_bug *from = &truth->bugs[index];
	struct bug to = {.tracker = TEXT_LIT("bmo"), .id = BUG + index, .state = BUG_HIDDEN, .secure = TRI_YES};
	int64_t *duplicates = arena_alloc(arena, TRUTH_BUGS, sizeof *duplicates);

	if (from->shown == SHOWN_TO_OTHERS)
		return to;
	to.state = BUG_READ;
	to.secure = from->shown == SHOWN_TO_ALL ? TRI_NO : TRI_YES;
	to.open = from->resolved ? TRI_NO : TRI_YES;
	to.keywords = &rated;
	to.n_keywords = from->rated;
	to.groups = &group;
	to.n_groups = from->shown != SHOWN_TO_ALL;
	to.dupe_of = from->dupe_of == NOBODY ? 0 : BUG + from->dupe_of;
	to.duplicates = duplicates;
	for (int i = 0; i < TRUTH_BUGS; i++)
		if (truth->bugs[i].dupe_of == index)
			duplicates[to.n_duplicates++] = BUG + i;
	add_patches(from, &to, arena);
	return to;
}

static void add_bugs(const struct truth *truth, struct facts *to, struct arena *arena)
{
	struct bug *bugs = arena_alloc(arena, TRUTH_BUGS + 1, sizeof *bugs);

	for (int i = 0; i < TRUTH_BUGS; i++)
		bugs[i] = bug_facts(truth, i, arena);
	bugs[TRUTH_BUGS] = (struct bug){.tracker = TEXT_LIT("bmo"), .id = BUG + TRUTH_BUGS, .state = BUG_MISSING};
	to->bugs = bugs;
	to->n_bugs = TRUTH_BUGS + 1;
}

static struct verdict judged(const struct truth *truth, int commit, enum oracle_context context, struct arena *arena)
{
	struct change changes[TRUTH_CHANGES];
	struct governed governed[TRUTH_CHANGES];
	struct facts facts = {.now = BEGIN + 3600000,
			      .repo = 77,
			      .repo_name = TEXT_LIT("org/engine"),
			      .head = name_of(commit),
			      .changes_known = true,
			      .changes = changes};
	struct verdict verdict;

	add_people(truth, &facts, arena);
	add_bugs(truth, &facts, arena);
	for (int i = 0; i < TRUTH_CHANGES; i++) {
		const struct truth_change *change = &truth->changes[i];

		if (!change->used || !change->open || change->head != commit)
			continue;
		changes[facts.n_changes] = change_facts(truth, i, arena);
		governed[facts.n_changes++] =
			policies.of[slot(truth->commits[truth->branches[change->base].tip].policy)];
	}
	if (context == ORACLE_OWN)
		policy_judge(governed, &facts, arena, &verdict);
	else
		policy_judge_context(governed, &facts, TEXT_LIT("policy/try-allowed"), arena, &verdict);
	return verdict;
}

/* ---- agreement ---- */

static void tell(const struct truth *truth)
{
	for (int i = 0; i < TRUTH_CHANGES; i++) {
		const struct truth_change *c = &truth->changes[i];
		int policy = truth->commits[truth->branches[c->base].tip].policy;

		if (c->used)
			fprintf(stderr, "change %d: open %d draft %d head %d base %d author %d arrival %lld: %s\n", i,
				c->open, c->draft, c->head, c->base, c->author,
				(long long)(truth_arrival(c, c->head) - BEGIN), oracle_policy_name(policy));
	}
	for (int i = 0; i < truth->n_reviews; i++)
		fprintf(stderr, "review %d: change %d by %d state %d of %d at %lld\n", i, truth->reviews[i].change,
			truth->reviews[i].by, (int)truth->reviews[i].state, truth->reviews[i].sha,
			(long long)(truth->reviews[i].at - BEGIN));
	for (int i = 0; i < truth->n_commits; i++)
		fprintf(stderr, "commit %d: parents %d %d people %d %d %d files %x policy %d\n", i,
			truth->commits[i].parent, truth->commits[i].parent2, truth->commits[i].author,
			truth->commits[i].committer, truth->commits[i].co_author, truth->commits[i].files,
			truth->commits[i].policy);
}

static void count(const struct truth *truth, int commit, enum oracle_context context, bool allowed)
{
	for (int i = 0; i < TRUTH_CHANGES; i++) {
		const struct truth_change *change = &truth->changes[i];
		int policy = slot(truth->commits[truth->branches[change->base].tip].policy);

		if (!change->used || !change->open || change->head != commit)
			continue;
		policies.judged[policy] += context == ORACLE_OWN;
		policies.allowed[context][policy] += allowed;
	}
}

static void both_agree(const struct truth *truth, int seed, enum oracle_context context)
{
	for (int commit = 0; commit < truth->n_commits; commit++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct verdict verdict = judged(truth, commit, context, &arena);
		bool allowed = verdict.decision == DECISION_ALLOWED;

		count(truth, commit, context, allowed);
		if (allowed != oracle_allows(truth, commit, context))
			tell(truth);
		ck_assert_msg(allowed == oracle_allows(truth, commit, context),
			      "seed %d, commit %d, context %d: product %.*s, oracle %s", seed, commit, (int)context,
			      TEXT_ARG(verdict.text), oracle_why(truth, commit, context));
	}
}

/* ---- truths that need not have come about by deeds ---- */

static int roll(struct dice *dice, int below)
{
	return (int)dice_roll(dice, (uint64_t)below);
}

static bool chance(struct dice *dice, int one_in)
{
	return roll(dice, one_in) == 0;
}

static void random_people(struct dice *dice, struct truth *truth)
{
	for (int i = 0; i < TRUTH_PEOPLE; i++) {
		if (chance(dice, 4))
			truth->people[i].role = (enum truth_role)roll(dice, ROLE_ADMIN + 1);
		truth->people[i].in_team = !chance(dice, 3);
		truth->people[i].bot = chance(dice, 8);
	}
}

/* Few people write, so that others are left to review. */
static int writer(struct dice *dice)
{
	return chance(dice, 30) ? NOBODY : chance(dice, 6) ? roll(dice, TRUTH_PEOPLE) : 8;
}

static void random_commit(struct dice *dice, struct truth *truth)
{
	static const unsigned files[] = {
		0, FILE_SOURCE, FILE_SOURCE, FILE_DOCS, FILE_DOCS | FILE_SOURCE, FILE_WORKFLOW};
	int n = truth->n_commits, parent = roll(dice, n), parent2 = chance(dice, 5) ? roll(dice, n) : NOBODY;
	struct truth_commit made = truth_commit_on(truth, parent, parent2 == parent ? NOBODY : parent2);

	made.author = writer(dice);
	made.committer = chance(dice, 3) ? writer(dice) : made.author;
	made.co_author = chance(dice, 8) ? roll(dice, TRUTH_PEOPLE) : NOBODY;
	made.files = files[roll(dice, 6)];
	if (chance(dice, 6))
		made.policy = roll(dice, every_policy() + 1) - 1;
	truth->commits[truth->n_commits++] = made;
}

static int64_t tick(int64_t *clock)
{
	return *clock += 1000; /* the forge's grain; within a second the product is more careful than the truth */
}

static void random_moves(struct dice *dice, struct truth_change *change, int n_commits, int64_t *clock)
{
	int n = roll(dice, 4) + 1;

	for (int i = 0; i < n; i++)
		change->moves[i] = (struct truth_move){roll(dice, n_commits), writer(dice), tick(clock), false};
	for (int i = 0; i < n; i++)
		if (change->moves[i].by == NOBODY)
			change->moves[i].by = change->author;
	change->n_moves = n;
	change->head = change->moves[n - 1].to;
}

static void random_change(struct dice *dice, struct truth *truth, int index, int64_t *clock)
{
	struct truth_change *change = &truth->changes[index];

	*change = (struct truth_change){.used = true,
					.open = !chance(dice, 10),
					.draft = chance(dice, 12),
					.base = roll(dice, TRUTH_BRANCHES),
					.author = chance(dice, 4) ? roll(dice, TRUTH_PEOPLE) : 8};
	random_moves(dice, change, truth->n_commits, clock);
	if (index && chance(dice, 2)) {
		change->head = truth->changes[0].head;
		change->moves[change->n_moves - 1].to = change->head;
	}
	change->open &= truth_range(truth, change->head, truth->branches[change->base].tip) != 0;
}

static bool spoke(const struct truth *truth, int change, int by)
{
	for (int i = 0; i < truth->n_reviews; i++)
		if (truth->reviews[i].change == change && truth->reviews[i].by == by)
			return true;
	return false;
}

static void random_review(struct dice *dice, struct truth *truth, int n_changes, int64_t *clock)
{
	static const enum truth_review_state states[] = {SAID_APPROVED,         SAID_APPROVED,  SAID_APPROVED,
							 SAID_APPROVED,         SAID_COMMENTED, SAID_DISMISSED,
							 SAID_CHANGES_REQUESTED};
	int change = roll(dice, n_changes), by = roll(dice, TRUTH_PEOPLE);
	const struct truth_change *on = &truth->changes[change];
	int64_t arrival = truth_arrival(on, on->head), at = tick(clock);
	int sha = chance(dice, 6) ? on->moves[roll(dice, on->n_moves)].to : on->head;

	if (!spoke(truth, change, by) && chance(dice, 6))
		at = chance(dice, 2) ? arrival : arrival - 500;
	truth->reviews[truth->n_reviews++] =
		(struct truth_review){change, by, states[roll(dice, 7)], sha, roll(dice, truth->n_commits), at};
}

/* Of dice of their own. */
static void random_bug(struct dice *dice, struct truth *truth, int index)
{
	static const char approvals[] = {0, 0, '?', '+', '+', '-'};
	struct truth_bug *bug = &truth->bugs[index];

	bug->rated = chance(dice, 2);
	bug->shown = chance(dice, 3) ? (enum truth_shown)roll(dice, SHOWN_TO_OTHERS + 1) : SHOWN_TO_ALL;
	bug->resolved = chance(dice, 5);
	for (int i = 0; i < TRUTH_PATCHES; i++)
		bug->patches[i] = (struct truth_patch){!chance(dice, 3), chance(dice, 4), approvals[roll(dice, 6)]};
	if (index > 0 && chance(dice, 3))
		bug->dupe_of = roll(dice, index);
}

static void random_bugs(struct dice dice, struct truth *truth)
{
	for (int i = 0; i < TRUTH_BUGS; i++)
		random_bug(&dice, truth, i);
	for (int i = 4; i < truth->n_commits; i++)
		if (chance(&dice, 2))
			truth->commits[i].bugs = 1u << roll(&dice, TRUTH_BUGS) | 1u << roll(&dice, TRUTH_BUGS + 1);
	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (chance(&dice, 5))
			truth->changes[i].bugs = 1u << roll(&dice, TRUTH_BUGS);
}

static void random_truth(struct dice *dice, struct truth *truth)
{
	int64_t clock = BEGIN;
	int n_changes = roll(dice, 3) + 1, n_reviews = roll(dice, 8 * n_changes);

	truth_begin(truth, roll(dice, every_policy() + 1) - 1, BEGIN);
	random_people(dice, truth);
	while (truth->n_commits < 10)
		random_commit(dice, truth);
	for (int i = 0; i < TRUTH_BRANCHES; i++)
		truth->branches[i].tip = roll(dice, 4);
	for (int i = 0; i < n_changes; i++)
		random_change(dice, truth, i, &clock);
	for (int i = 0; i < n_reviews; i++)
		random_review(dice, truth, n_changes, &clock);
}

START_TEST(product_and_oracle_agree_on_20000_random_truths)
{
	struct truth truth;
	int barren = 0, others = 0;

	read_policies();
	for (int seed = 1; seed <= 20000; seed++) {
		struct dice dice = {(uint64_t)seed};

		random_truth(&dice, &truth);
		random_bugs((struct dice){(uint64_t)seed + 1000000}, &truth);
		both_agree(&truth, seed, ORACLE_OWN);
		both_agree(&truth, seed, ORACLE_OTHER);
	}
	for (int i = 0; i <= MAX_POLICIES; i++) {
		if (i == every_policy())
			i = MAX_POLICIES;
		printf("%6d and %6d of %6d allowed: %s\n", policies.allowed[ORACLE_OWN][i],
		       policies.allowed[ORACLE_OTHER][i], policies.judged[i],
		       oracle_policy_name(i == MAX_POLICIES ? NOBODY : i));
		ck_assert_int_gt(policies.judged[i], 100);
		barren += policies.allowed[ORACLE_OWN][i] == 0;
		others += policies.allowed[ORACLE_OTHER][i] > 0;
	}
	ck_assert_int_eq(barren, 6); /* the one that never allows, and the five wrong ones */
	ck_assert_int_eq(others, oracle_policies_with_contexts() - 1);
	arena_release(&policies.arena);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(product_and_oracle_agree_on_20000_random_truths, 300),
	SUITE_END,
};
SUITE_MAIN(tests)
