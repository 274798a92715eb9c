/*
 * A change is turned into sets of people, one bit for each, and every demand into a set and a number. Nothing is
 * remembered between calls.
 */
#include "tests/sim/oracle.h"

#include "tests/sim/policies.h"

#include <stddef.h>

enum { GUARDED_FILES = FILE_WORKFLOW | FILE_POLICY };

static const struct demand by_maintainer = {.if_files = GUARDED_FILES, .count = 1, .of = {.least = ROLE_MAINTAIN}};
static const struct named writers = {.least = ROLE_WRITE};

struct sight { /* one change, as its judge sees it */
	const struct truth *truth;
	const struct truth_change *change;
	const struct policy_row *policy;
	enum oracle_context context;
	uint64_t range;
	unsigned base, files;          /* one bit of a branch; enum truth_file bits */
	unsigned fresh, objecting;     /* people, by their latest word on this change */
	unsigned author, contributors; /* people who took part; the author is no contributor here */
	unsigned signers;              /* the same without those who only pushed */
	unsigned bots;
	bool anonymous; /* a commit names nobody, so that anybody may have written it */
};

static unsigned one(int person)
{
	return person == NOBODY ? 0 : 1u << person;
}

static int size(unsigned people)
{
	int n = 0;

	for (; people; people &= people - 1)
		n++;
	return n;
}

/* Comments decide nothing; of two words at the same time the one that was said later stands later in the list. */
static const struct truth_review *last_word(const struct sight *at, int person)
{
	const struct truth_review *last = NULL;
	int change = (int)(at->change - at->truth->changes);

	for (int i = 0; i < at->truth->n_reviews; i++) {
		const struct truth_review *said = &at->truth->reviews[i];
		bool theirs = said->change == change && said->by == person && said->state != SAID_COMMENTED;

		if (theirs && (!last || said->at >= last->at))
			last = said;
	}
	return last;
}

static void hear(struct sight *at)
{
	int64_t arrival = truth_arrival(at->change, at->change->head);

	for (int i = 0; i < TRUTH_PEOPLE; i++) {
		const struct truth_review *word = last_word(at, i);

		if (!word)
			continue;
		if (word->state == SAID_CHANGES_REQUESTED)
			at->objecting |= one(i);
		if (word->state == SAID_APPROVED && word->sha == at->change->head && word->at > arrival)
			at->fresh |= one(i);
	}
}

static void see_people(struct sight *at)
{
	for (int i = 0; i < at->truth->n_commits; i++) {
		const struct truth_commit *commit = &at->truth->commits[i];

		if (!(at->range >> i & 1))
			continue;
		at->contributors |= one(commit->author) | one(commit->committer) | one(commit->co_author);
		at->anonymous |= commit->author == NOBODY || commit->committer == NOBODY;
	}
	at->author = one(at->change->author);
	at->signers = at->contributors & ~at->author;
	for (int i = 0; i < at->change->n_moves; i++)
		at->contributors |= one(at->change->moves[i].by);
	at->contributors &= ~at->author;
	for (int i = 0; i < TRUTH_PEOPLE; i++)
		at->bots |= at->truth->people[i].bot ? one(i) : 0;
}

static struct sight look(const struct truth *truth, const struct truth_change *change)
{
	int tip = truth->branches[change->base].tip;
	struct sight at = {.truth = truth, .change = change, .base = 1u << change->base};

	at.policy = policies_row(truth->commits[tip].policy);
	at.range = truth_range(truth, change->head, tip);
	at.files = truth_paths(truth, change->head, tip);
	hear(&at);
	see_people(&at);
	return at;
}

/* ---- sets and numbers ---- */

static unsigned people_of(const struct sight *at, const struct named *named)
{
	unsigned people = named->people;

	for (int i = 0; i < TRUTH_PEOPLE; i++) {
		const struct truth_person *person = &at->truth->people[i];
		bool by_role = named->least != ROLE_NONE && person->role >= named->least;

		people |= by_role || (named->team && person->in_team) ? one(i) : 0;
	}
	return people;
}

/* Whose fresh review this demand would count. */
static unsigned electors(const struct sight *at, const struct demand *demand)
{
	unsigned barred = at->bots;
	bool unseen = demand->unknown_pushers_too && at->change->head_repo == HEAD_PRIVATE_FORK;

	if (!demand->author_too)
		barred |= at->author;
	if (!demand->contributors_too)
		barred |= at->anonymous ? ~0u : unseen ? at->signers : at->contributors;
	return people_of(at, &demand->of) & ~barred;
}

static bool among(unsigned bits, unsigned wanted)
{
	return !wanted || (bits & wanted);
}

static bool applies(const struct sight *at, const struct demand *demand)
{
	return !demand->off && among(at->base, demand->if_branches) && among(at->files, demand->if_files);
}

static bool approved(const struct truth_bug *bug)
{
	for (int i = 0; i < TRUTH_PATCHES; i++)
		if (bug->patches[i].used && !bug->patches[i].obsolete && bug->patches[i].approval == '+')
			return true;
	return false;
}

static bool bug_passes(const struct truth_bug *bug, const struct demand *demand)
{
	unsigned by = (bug->rated ? 0 : PASS_UNRATED) | (bug->shown == SHOWN_TO_ALL ? PASS_PUBLIC : 0) |
		      (approved(bug) ? PASS_APPROVED : 0);

	return bug->shown != SHOWN_TO_OTHERS && (by & demand->bugs);
}

static bool bugs_pass(const struct sight *at, const struct demand *demand)
{
	unsigned named = demand->bugs ? truth_bugs_named(at->truth, at->change) : 0, all = named;

	if ((named >> TRUTH_BUGS & 1) && !(demand->bugs & PASS_NONE_SUCH))
		return false;
	for (int i = 0; i < TRUTH_BUGS && !demand->bugs_alone; i++)
		all |= named >> i & 1 ? truth_bugs_alike(at->truth, i) : 0;
	for (int i = 0; i < TRUTH_BUGS; i++)
		if (((all >> i & 1) && !bug_passes(&at->truth->bugs[i], demand)) ||
		    ((named >> i & 1) && demand->bugs_open && at->truth->bugs[i].resolved))
			return false;
	return true;
}

static bool conditions_hold(const struct sight *at, const struct demand *demand)
{
	return bugs_pass(at, demand) && among(at->base, demand->needs_branches) &&
	       among(at->files, demand->needs_files);
}

static bool met(const struct sight *at, const struct demand *demand)
{
	return conditions_hold(at, demand) && size(at->fresh & electors(at, demand)) >= demand->count;
}

/* The least number of reviews that this demand can want, from nothing; NOBODY: they cannot be had. Nobody reviews their
 * own change: the forge does not let them. */
static int price(const struct sight *at, const struct demand *demand)
{
	bool payable = conditions_hold(at, demand) && size(electors(at, demand) & ~at->author) >= demand->count;

	return payable ? demand->count : NOBODY;
}

/* ---- clauses ---- */

enum outcome { UNMET = 0, IDLE, MET };

static enum outcome part_of(const struct sight *at, unsigned part)
{
	enum outcome outcome = IDLE;

	for (int i = 0; i < POLICY_DEMANDS; i++) {
		const struct demand *demand = &at->policy->demands[i];

		if (!(part >> i & 1) || !applies(at, demand))
			continue;
		if (!met(at, demand))
			return UNMET;
		outcome = MET;
	}
	return outcome;
}

static enum outcome clause_of(const struct sight *at, const struct clause *clause)
{
	if (!clause->either)
		return part_of(at, clause->parts[0]);
	for (int i = 0; i < POLICY_PARTS && clause->parts[i]; i++)
		if (part_of(at, clause->parts[i]) == MET)
			return MET;
	return UNMET;
}

static enum outcome approval(const struct sight *at)
{
	const struct clause *clauses = at->context == ORACLE_OTHER ? at->policy->other.clauses : at->policy->clauses;
	enum outcome outcome = IDLE;

	for (int i = 0; i < POLICY_CLAUSES && clauses[i].parts[0]; i++) {
		enum outcome clause = clause_of(at, &clauses[i]);

		if (clause == UNMET)
			return UNMET;
		outcome = clause == MET ? MET : outcome;
	}
	return outcome;
}

static bool guarded(const struct sight *at)
{
	return applies(at, &by_maintainer) && !met(at, &by_maintainer);
}

static bool refused(const struct sight *at)
{
	bool own = at->context == ORACLE_OTHER && at->policy->other.own_objectors;
	const struct named *objectors = own ? &at->policy->other.objectors : &at->policy->objectors;

	return at->objecting & (people_of(at, &writers) | people_of(at, objectors));
}

static bool broken(const struct sight *at)
{
	return !at->policy || at->policy->broken;
}

static bool unnamed(const struct sight *at)
{
	return at->context == ORACLE_OTHER && !at->policy->other.clauses[0].parts[0];
}

static bool closed(const struct sight *at)
{
	return !at->change->open;
}

static bool draft(const struct sight *at)
{
	return at->change->draft && !(at->context == ORACLE_OTHER && at->policy->other.drafts_too);
}

static bool no_rule(const struct sight *at)
{
	return approval(at) == IDLE;
}

static bool unapproved(const struct sight *at)
{
	return approval(at) != MET;
}

static const struct {
	bool (*stands)(const struct sight *at);
	const char *why;
} obstacles[] = {
	{broken, "the policy of its base is wrong"},
	{unnamed, "the policy of its base does not name the context"},
	{closed, "it is closed"},
	{draft, "it is a draft"},
	{refused, "somebody who may object requested changes"},
	{no_rule, "no rule applies to it"},
	{unapproved, "a rule is not met"},
	{guarded, "it changes guarded files without a maintainer's review"},
};

static const char *obstacle(const struct truth *truth, const struct truth_change *change, enum oracle_context context)
{
	struct sight at = look(truth, change);

	at.context = context;
	for (size_t i = 0; i < sizeof obstacles / sizeof obstacles[0]; i++)
		if (obstacles[i].stands(&at))
			return obstacles[i].why;
	return "";
}

/* ---- what others ask ---- */

const char *oracle_why(const struct truth *truth, int commit, enum oracle_context context)
{
	const char *why = "no open change has it as head";

	for (int i = 0; i < TRUTH_CHANGES; i++) {
		const struct truth_change *change = &truth->changes[i];

		if (!change->used || !change->open || change->head != commit)
			continue;
		why = obstacle(truth, change, context);
		if (why[0])
			return why;
	}
	return why;
}

bool oracle_allows(const struct truth *truth, int commit, enum oracle_context context)
{
	return oracle_why(truth, commit, context)[0] == '\0';
}

int oracle_policies_with_contexts(void)
{
	return policies_with_contexts();
}

int oracle_policies_with_bugs(void)
{
	return policies_with_bugs();
}

int oracle_policies(void)
{
	return policies_count();
}

const char *oracle_policy_text(int index)
{
	return policies_row(index) ? policies_row(index)->text : NULL;
}

const char *oracle_policy_name(int index)
{
	return policies_row(index) ? policies_row(index)->name : "there is no such policy";
}

/* Demands add up within a part, since one person's review may not do for two; NOBODY: it cannot be had. */
static int part_price(const struct sight *at, unsigned part, bool *applied)
{
	int sum = 0;

	*applied = false;
	for (int i = 0; i < POLICY_DEMANDS; i++) {
		const struct demand *demand = &at->policy->demands[i];
		int reviews;

		if (!(part >> i & 1) || !applies(at, demand))
			continue;
		*applied = true;
		reviews = price(at, demand);
		if (reviews == NOBODY)
			return NOBODY;
		sum += reviews;
	}
	return sum;
}

static int clause_price(const struct sight *at, const struct clause *clause, bool *applied)
{
	int least = NOBODY;
	bool any = false;

	if (!clause->either)
		return part_price(at, clause->parts[0], applied);
	for (int i = 0; i < POLICY_PARTS && clause->parts[i]; i++) {
		int reviews = part_price(at, clause->parts[i], &any);

		if (any && reviews != NOBODY && (least == NOBODY || reviews < least))
			least = reviews;
	}
	*applied = true;
	return least;
}

int oracle_reviews_wanted(const struct truth *truth, const struct truth_change *change)
{
	struct sight at = look(truth, change);
	int sum = applies(&at, &by_maintainer) ? price(&at, &by_maintainer) : 0;
	bool any = false;

	if (broken(&at) || sum == NOBODY)
		return 0;
	for (int i = 0; i < POLICY_CLAUSES && at.policy->clauses[i].parts[0]; i++) {
		bool applied;
		int reviews = clause_price(&at, &at.policy->clauses[i], &applied);

		if (reviews == NOBODY)
			return 0;
		any |= applied;
		sum += reviews;
	}
	return any ? sum : 0;
}

static bool lacks(const struct sight *at, const struct demand *demand, unsigned person)
{
	return applies(at, demand) && !met(at, demand) && (electors(at, demand) & ~at->fresh & person);
}

bool oracle_could_count(const struct truth *truth, int change, int person)
{
	const struct truth_change *on = &truth->changes[change];
	struct sight at;

	if (!on->used || !on->open || on->author == person)
		return false;
	at = look(truth, on);
	if (broken(&at))
		return false;
	for (int i = 0; i < POLICY_DEMANDS; i++)
		if (at.policy->demands[i].count > 0 && lacks(&at, &at.policy->demands[i], one(person)))
			return true;
	return lacks(&at, &by_maintainer, one(person));
}
