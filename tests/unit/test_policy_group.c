/* A merge group's commit: what each of its changes, its own and what nobody can account for make of it. */
#include "tests/support/case.h"
#include "tests/support/suite.h"

#define GROUP "ccccccc1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BOTH  2

/* Two constituents that would be allowed (#412 and #413), and the commit that would land with them. */
struct grouped {
	struct example first, second;
	struct constituent constituents[BOTH];
	struct group groups[2];
	struct facts facts;
	struct governed governed[BOTH + 1]; /* the commit's own changes first: see `own` */
	struct change own, listed[2];
	struct problem problem;
};

static void make(struct grouped *g)
{
	static const struct policy_defaults defaults = {.approvals = 2};

	*g = (struct grouped){.problem = {3, 5, "unknown key `x`"}};
	case_make(&g->first);
	case_make(&g->second);
	g->second.change.number = 413;
	g->constituents[0] = (struct constituent){g->first.facts, 412};
	g->constituents[1] = (struct constituent){g->second.facts, 413};
	for (size_t i = 0; i < BOTH + 1; i++)
		g->governed[i].policy = policy_builtin(&defaults, &g->first.arena);
	g->groups[0] =
		(struct group){.base_ref = TEXT_LIT("main"), .constituents = g->constituents, .n_constituents = BOTH};
	g->facts = (struct facts){.repo = 77,
				  .repo_name = TEXT_LIT("acme/engine"),
				  .head = case_oid(GROUP),
				  .changes_known = true,
				  .groups = g->groups,
				  .n_groups = 1};
}

static void drop(struct grouped *g)
{
	case_drop(&g->first);
	case_drop(&g->second);
}

/* ---- what happens to it ---- */

static void nothing(struct grouped *g)
{
	(void)g;
}
static void one_alone(struct grouped *g)
{
	g->groups[0].n_constituents = 1;
}
static void empty(struct grouped *g)
{
	g->groups[0].n_constituents = 0;
}
static void unmerged(struct grouped *g)
{
	g->groups[0].unmerged = case_oid(CASE_OLD);
}
static void draft(struct grouped *g)
{
	g->second.change.draft = true;
}
static void one_review_short(struct grouped *g)
{
	g->first.change.n_reviews = 1;
}
static void both_short(struct grouped *g)
{
	g->first.change.n_reviews = 1;
	g->second.change.draft = true;
}
static void into_another_branch(struct grouped *g)
{
	g->groups[0].base_ref = TEXT_LIT("release");
}
static void into_another_branch_and_one_behind_the_list(struct grouped *g)
{
	into_another_branch(g);
	g->listed[0] = g->listed[1] = g->first.change;
	g->listed[1].base_ref = TEXT_LIT("release");
	g->constituents[0].facts.changes = g->listed;
}
static void of_unknown_base(struct grouped *g)
{
	g->first.change.known &= ~(unsigned)FACT_BASE;
}
static void heads_nothing(struct grouped *g)
{
	g->constituents[1].facts.n_changes = 0;
}
static void heads_nothing_known(struct grouped *g)
{
	heads_nothing(g);
	g->constituents[1].number = 0;
}
static void unread(struct grouped *g)
{
	g->constituents[0].facts.changes_known = false;
}
static void broken_policy(struct grouped *g)
{
	g->governed[1] = (struct governed){.problem = &g->problem};
}
static void broken_and_blocked(struct grouped *g)
{
	broken_policy(g);
	one_review_short(g);
}
static void allowed_before(struct grouped *g)
{
	g->facts.allowed_before = true;
}
static void blocked_after(struct grouped *g)
{
	allowed_before(g);
	draft(g);
}
static void unmerged_after(struct grouped *g)
{
	allowed_before(g);
	unmerged(g);
}
static void broken_after(struct grouped *g)
{
	allowed_before(g);
	broken_policy(g);
}
static void own_change(struct grouped *g)
{
	g->own = g->first.change;
	g->own.number = 9;
	g->facts.changes = &g->own;
	g->facts.n_changes = 1;
}
static void own_change_without_its_commits(struct grouped *g)
{
	own_change(g);
	g->own.draft = true;
}
static void own_changes_unread(struct grouped *g)
{
	g->facts.changes_known = false;
}
static void own_broken(struct grouped *g)
{
	own_change(g);
	g->governed[0] = (struct governed){.problem = &g->problem};
}
static void in_two_groups(struct grouped *g)
{
	g->groups[0].n_constituents = 1;
	g->groups[1] = g->groups[0];
	g->groups[1].constituents = &g->constituents[1];
	g->facts.n_groups = 2;
}
static void in_two_groups_one_bad(struct grouped *g)
{
	in_two_groups(g);
	draft(g);
}
static void shadowed(struct grouped *g)
{
	g->facts.shadowed = true;
}
static void draft_of_another_number(struct grouped *g)
{
	draft(g);
	g->constituents[1].number = 7;
}
static void guarded(struct grouped *g)
{
	g->second.path.path = TEXT_LIT(".headgate.yml");
}
static void guarded_and_shadowed(struct grouped *g)
{
	guarded(g);
	shadowed(g);
}
static void draft_and_shadowed(struct grouped *g)
{
	draft(g);
	shadowed(g);
}
static void guarded_and_draft(struct grouped *g)
{
	guarded(g);
	g->first.change.draft = true;
}
static void not_known_itself(struct grouped *g)
{
	g->facts.head = OID_NONE;
}

/* Guarded files are asked for under every policy, in secret: which change touches some shows nowhere. */
#define CLEARANCE "Blocked by #412: Needs maintainer clearance"

static const struct {
	const char *title;
	void (*bend)(struct grouped *g);
	enum decision decision;
	const char *text;
} rows[] = {
	{"all of it is allowed", nothing, DECISION_ALLOWED, "All 2 changes of this merge group are allowed"},
	{"one is all of it", one_alone, DECISION_ALLOWED, "The one change of this merge group is allowed"},
	{"of several groups each counts", in_two_groups, DECISION_ALLOWED,
	 "All 2 changes of this merge group are allowed"},
	{"nothing is in it", empty, DECISION_BLOCKED, "Blocked: no change is in this merge group"},
	{"nobody can say what is in it", unmerged, DECISION_BLOCKED,
	 "Blocked: 1111111 in this merge group merges no change's head"},
	{"one is blocked", draft, DECISION_BLOCKED, "Blocked by #413: draft"},
	{"a queue waits for nobody", one_review_short, DECISION_BLOCKED,
	 "Blocked by #412: Needs 1 more review of 9a77b03 (1/2)"},
	{"the first of those that block is named", both_short, DECISION_BLOCKED,
	 "Blocked by #412: Needs 1 more review of 9a77b03 (1/2)"},
	{"the change goes elsewhere", into_another_branch, DECISION_BLOCKED, "Blocked by #412: not open into release"},
	{"what stands behind its changes is none of them", into_another_branch_and_one_behind_the_list,
	 DECISION_BLOCKED, "Blocked by #412: not open into release"},
	{"where it goes is not known", of_unknown_base, DECISION_BLOCKED, "Blocked by #412: Needs the base branch"},
	{"no change has that head any more", heads_nothing, DECISION_BLOCKED,
	 "Blocked by #413: no open change has this head"},
	{"nor ever had", heads_nothing_known, DECISION_BLOCKED, "Blocked by 9a77b03: no open change has this head"},
	{"which changes have it is not known", unread, DECISION_WAITING,
	 "Blocked by #412: Needs the list of open changes"},
	{"its policy is broken", broken_policy, DECISION_CANNOT_DECIDE,
	 "Cannot decide #413: .headgate.yml:3:5 unknown "
	 "key `x`"},
	{"what cannot be decided is worse than what is blocked", broken_and_blocked, DECISION_CANNOT_DECIDE,
	 "Cannot decide #413: .headgate.yml:3:5 unknown key `x`"},
	{"it was allowed, and is", allowed_before, DECISION_ALLOWED, "All 2 changes of this merge group are allowed"},
	{"it was allowed, and one is blocked", blocked_after, DECISION_REVOKED, "Revoked by #413: draft"},
	{"it was allowed, and holds what nobody knows", unmerged_after, DECISION_REVOKED,
	 "Revoked: 1111111 in this merge group merges no change's head"},
	{"it was allowed, and cannot be decided", broken_after, DECISION_CANNOT_DECIDE,
	 "Cannot decide #413: .headgate.yml:3:5 unknown key `x`"},
	{"it is a change's head, too, which lacks what it needs", own_change, DECISION_WAITING,
	 "Needs 2 reviews of ccccccc (0/2); 2 became stale"},
	{"it is a draft's head, too", own_change_without_its_commits, DECISION_BLOCKED, "Blocked: draft"},
	{"whose head it is, too, is not known", own_changes_unread, DECISION_WAITING, "Needs the list of open changes"},
	{"it is the head of a change without a policy", own_broken, DECISION_CANNOT_DECIDE,
	 "Cannot decide: .headgate.yml:3:5 unknown key `x`"},
	{"it is right in one group and not in the other", in_two_groups_one_bad, DECISION_BLOCKED,
	 "Blocked by #413: draft"},
	{"another app says so under this name", shadowed, DECISION_BLOCKED,
	 "Blocked: a check run of this name by another app shadows this status"},
	{"it is called as it is now", draft_of_another_number, DECISION_BLOCKED, "Blocked by #413: draft"},
	{"maintainers must clear one", guarded, DECISION_BLOCKED, CLEARANCE},
	{"one is blocked, and maintainers must clear another", guarded_and_draft, DECISION_BLOCKED,
	 "Blocked by #412: draft"},
	{"another app says so of what only maintainers hold back", guarded_and_shadowed, DECISION_BLOCKED,
	 "Blocked: a check run of this name by another app shadows this status"},
	{"another app says so of what everybody sees held back", draft_and_shadowed, DECISION_BLOCKED,
	 "Blocked by #413: draft"},
	{"the commit is not known", not_known_itself, DECISION_CANNOT_DECIDE, "Cannot decide: the commit is not known"},
};

START_TEST(a_group_is_as_good_as_the_worst_of_it)
{
	struct grouped g;
	struct verdict verdict;

	make(&g);
	rows[_i].bend(&g);
	policy_judge(g.governed, &g.facts, &g.first.arena, &verdict);
	ck_assert_msg(verdict.decision == rows[_i].decision && text_is(verdict.text, rows[_i].text), "%s: %s %.*s",
		      rows[_i].title, decision_name(verdict.decision), TEXT_ARG(verdict.text));
	ck_assert_msg(text_eq(verdict.text, verdict.public_text), "%s", rows[_i].title);
	ck_assert_int_eq(verdict.state, decision_state(verdict.decision));
	ck_assert_msg(verdict.public_met == (verdict.decision == DECISION_ALLOWED || text_is(verdict.text, CLEARANCE)),
		      "%s", rows[_i].title);
	drop(&g);
}
END_TEST

START_TEST(every_change_of_a_group_has_its_tree_and_its_own_policy)
{
	static const char *const names[] = {"#9", "#412", "#413"};
	struct grouped g;
	struct verdict verdict;

	make(&g);
	own_change(&g);
	broken_policy(&g);
	policy_judge(g.governed, &g.facts, &g.first.arena, &verdict);
	ck_assert_uint_eq(verdict.n_rules, 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert(text_is(verdict.rules[i].name, names[i]));
	ck_assert_uint_gt(verdict.rules[0].n_children, 0);
	ck_assert_uint_eq(verdict.rules[1].n_children, 0); /* the second policy is the broken one */
	ck_assert_uint_gt(verdict.rules[2].n_children, 0);
	drop(&g);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_group_is_as_good_as_the_worst_of_it, rows),
	SUITE_TEST(every_change_of_a_group_has_its_tree_and_its_own_policy),
	SUITE_END,
};
SUITE_MAIN(tests)
