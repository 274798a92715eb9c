#include "agent/hook/answer.h"

#include <assert.h>

#include "policy/push.h"
#include "policy/when.h"

struct branch {
	struct change change;
	struct commit *commits;
	struct push_answer said;
};

struct asking {
	const struct hook_ports *ports;
	struct arena *arena;
	struct branch *branches;
	size_t n_branches, n_commits;
	struct hook_repository repository;
	const struct policy *policy;
	struct facts facts;
	struct bugs_wanted names; /* that count of a bug, by the rules of all branches: it is read once */
	struct bug *bugs;         /* of facts */
	bool *tried;              /* of each of them, whether it was read, or cannot be */
	size_t n_bugs, room;
	size_t n_asked; /* bugs that the push names, and that are looked up */
	bool too_many;  /* bugs */
	bool used_up;   /* whoever asks may not ask about so many */
};

/* ---- the question ---- */

static const char *count_parts(struct hook_in in, struct asking *a)
{
	struct text name, message;
	enum hook_part part;
	size_t branches = 0, commits = 0;

	while ((part = hook_in_next(&in, &name, &message)) == HOOK_BRANCH || part == HOOK_COMMIT) {
		branches += part == HOOK_BRANCH;
		commits += part == HOOK_COMMIT;
		if (branches == 0)
			return "a commit comes before any branch";
	}
	if (part == HOOK_BROKEN)
		return in.why;
	if (branches > HOOK_BRANCHES_MAX)
		return "it updates too many branches; push them in parts";
	a->n_branches = branches;
	a->n_commits = commits;
	return branches == 0 ? "it names no branch" : NULL;
}

/* Counted before, so that everything fits. */
static void take_parts(struct hook_in in, struct asking *a)
{
	struct commit *commits = arena_alloc(a->arena, a->n_commits, sizeof *commits);
	struct branch *at = NULL;
	struct text name, message;
	enum hook_part part;

	a->branches = arena_alloc(a->arena, a->n_branches, sizeof *a->branches);
	while ((part = hook_in_next(&in, &name, &message)) == HOOK_BRANCH || part == HOOK_COMMIT) {
		if (part == HOOK_BRANCH) {
			at = at ? at + 1 : a->branches;
			at->commits = commits;
			at->change = (struct change){.known = FACT_COMMITS | FACT_BASE | FACT_TITLE | FACT_HEAD_REF,
						     .open = true,
						     .base_ref = name,
						     .commits = commits};
			continue;
		}
		*commits = (struct commit){.message = message};
		(void)oid_parse(name, &commits->sha);
		commits++;
		assert(at); /* a commit before any branch was refused when they were counted */
		at->change.n_commits++;
	}
}

/* ---- what is known of bugs ---- */

static struct bug *bug_of(struct asking *a, int64_t id, bool **ret_tried)
{
	for (size_t i = 0; i < a->n_bugs; i++)
		if (a->bugs[i].id == id) {
			*ret_tried = &a->tried[i];
			return &a->bugs[i];
		}
	return NULL;
}

static void more_room(struct asking *a)
{
	size_t room = a->room > 0 ? 2 * a->room : 64;
	struct bug *bugs = arena_alloc(a->arena, room, sizeof *bugs);
	bool *tried = arena_alloc(a->arena, room, sizeof *tried);

	for (size_t i = 0; i < a->n_bugs; i++) {
		bugs[i] = a->bugs[i];
		tried[i] = a->tried[i];
	}
	a->bugs = bugs;
	a->tried = tried;
	a->room = room;
}

static struct bug from_table(const struct asking *a, int64_t id, const struct bugs_wanted *wanted)
{
	const struct hook_tracker *tracker = a->repository.tracker;
	struct bug bug = {.tracker = tracker->name, .id = id, .as_of = WHEN_UNKNOWN};

	(void)tracker->counts(tracker->self, id, wanted, a->arena, &bug);
	return bug;
}

static bool ours(const struct asking *a, const struct bug_name *name)
{
	const struct hook_tracker *tracker = a->repository.tracker;

	return tracker && (name->tracker.len == 0 || text_eq(name->tracker, tracker->name));
}

static void put_names(const struct asking *a, struct bugs_wanted *ret)
{
	const struct bugs_wanted own = *ret;

	*ret = a->names;
	ret->bugs = own.bugs;
	ret->n_bugs = own.n_bugs;
	ret->too_many = own.too_many;
}

static void bugs_of(struct asking *a, const struct branch *branch, struct bugs_wanted *ret)
{
	a->facts.changes = &branch->change;
	a->facts.bugs = a->bugs;
	a->facts.n_bugs = a->n_bugs;
	policy_bugs_wanted(a->policy, &a->facts, &branch->change, a->arena, ret);
}

/* Its bugs, and the names of all branches. */
static void wanted_of(struct asking *a, const struct branch *branch, struct bugs_wanted *ret)
{
	bugs_of(a, branch, ret);
	put_names(a, ret);
}

/* Every bug that is asked for and not among the facts yet, as the table has it. */
static void look_up(struct asking *a, const struct bugs_wanted *wanted)
{
	bool *tried;

	for (size_t i = 0; i < wanted->n_bugs; i++) {
		if (!ours(a, &wanted->bugs[i]) || bug_of(a, wanted->bugs[i].id, &tried))
			continue;
		if (a->n_bugs == HOOK_BUGS_MAX) {
			a->too_many = true;
			return;
		}
		if (a->n_bugs == a->room)
			more_room(a);
		a->tried[a->n_bugs] = a->repository.tracker->table_only;
		a->bugs[a->n_bugs++] = from_table(a, wanted->bugs[i].id, wanted);
	}
}

static void read_bug(struct asking *a, const struct bugs_wanted *wanted, struct bug *bug)
{
	const struct hook_tracker *tracker = a->repository.tracker;
	struct bug fresh = {.state = BUG_UNREAD};

	if (tracker->read(tracker->self, bug->id, wanted, a->arena, &fresh)) {
		*bug = fresh;
		return;
	}
	if (tracker->state(tracker->self, bug->id) == TABLE_SECURE ||
	    tracker->state(tracker->self, bug->id) == TABLE_APPROVED)
		*bug = (struct bug){.tracker = tracker->name,
				    .id = bug->id,
				    .state = BUG_HIDDEN,
				    .secure = TRI_YES,
				    .as_of = WHEN_UNKNOWN};
}

/* Reads those that the table knows nothing of; with `all` those, too, of which it did not know enough. Whether any. */
static bool read_wanted(struct asking *a, const struct bugs_wanted *wanted, bool all)
{
	bool *tried;
	struct bug *bug;
	bool any = false;

	for (size_t i = 0; i < wanted->n_bugs; i++) {
		bug = ours(a, &wanted->bugs[i]) ? bug_of(a, wanted->bugs[i].id, &tried) : NULL;
		if (!bug || *tried || (bug->from_table && !all))
			continue;
		*tried = true;
		read_bug(a, wanted, bug);
		any = true;
	}
	return any;
}

/* ---- judging ---- */

/* A branch that nothing new comes to: nothing lands there. */
static void judge(struct asking *a, struct branch *branch)
{
	struct facts facts;

	if (branch->change.n_commits == 0) {
		branch->said = (struct push_answer){.says = PUSH_ALLOWED};
		return;
	}
	a->facts.changes = &branch->change;
	a->facts.bugs = a->bugs;
	a->facts.n_bugs = a->n_bugs;
	facts = a->facts;
	facts.head = branch->change.commits[branch->change.n_commits - 1].sha; /* the oldest comes first */
	facts_index(&facts, a->arena);
	policy_judge_push(a->policy, &facts, a->arena, &branch->said);
}

/* Until nothing is open, or nothing is left that could be read. What was read may tell of duplicates. */
static void read_and_judge(struct asking *a, struct branch *branch)
{
	struct bugs_wanted wanted;

	for (size_t round = 0; round < BUGS_CHAIN_MAX && branch->said.open; round++) {
		wanted_of(a, branch, &wanted);
		look_up(a, &wanted);
		if (!read_wanted(a, &wanted, false) && !read_wanted(a, &wanted, true))
			return;
		judge(a, branch);
	}
}

/* By what was read, or by the table, to which every reading was told. */
static bool was_secure(struct asking *a, int64_t id)
{
	const struct hook_tracker *tracker = a->repository.tracker;
	bool *tried;
	const struct bug *bug = bug_of(a, id, &tried);

	return tracker->state(tracker->self, id) >= TABLE_SECURE ||
	       (bug && (bug->state == BUG_HIDDEN || bug->secure == TRI_YES));
}

/* What nobody could look at may pass by its rule's word; a bug that was secure when it was last seen may not, though it
 * was read: of what else a rule asks the tracker may not have told enough. */
static bool names_secure(struct asking *a, const struct branch *branch)
{
	struct bugs_wanted wanted;

	wanted_of(a, branch, &wanted);
	for (size_t i = 0; i < wanted.n_bugs; i++)
		if (ours(a, &wanted.bugs[i]) && was_secure(a, wanted.bugs[i].id))
			return true;
	return false;
}

static void refuse_unchecked(struct asking *a, struct branch *branch)
{
	static const struct push_line line[] = {{{"Needs maintainer clearance", 26}, false, true}};

	if (branch->said.unchecked && names_secure(a, branch))
		branch->said = (struct push_answer){.says = PUSH_CLEARANCE, .lines = line, .n_lines = 1};
}

static bool refused_anyway(const struct asking *a)
{
	for (size_t i = 0; i < a->n_branches; i++)
		if (a->branches[i].said.says != PUSH_ALLOWED && !a->branches[i].said.open)
			return true;
	return false;
}

/* What those branches name of which bugs decide, as the table has it. False: it is not to be looked up. */
static bool look_up_all(struct asking *a)
{
	struct bugs_wanted *all = arena_alloc(a->arena, a->n_branches, sizeof *all);

	for (size_t i = 0; i < a->n_branches; i++)
		bugs_of(a, &a->branches[i], &all[i]);
	policy_bugs_unite(all, a->n_branches, a->arena, &a->names);
	for (size_t i = 0; i < a->n_branches; i++) {
		put_names(a, &all[i]);
		if (a->branches[i].said.open)
			look_up(a, &all[i]);
	}
	a->used_up = !a->too_many && !a->ports->may_ask(a->ports->self, a->n_bugs);
	a->n_asked = a->n_bugs;
	return !a->too_many && !a->used_up;
}

/* Those that more knowledge may change. False: the push is refused, whatever else is known. */
static bool judge_open(struct asking *a)
{
	for (size_t i = 0; i < a->n_branches; i++)
		if (a->branches[i].said.open)
			judge(a, &a->branches[i]);
	return !refused_anyway(a);
}

/* First as if nothing were known of any bug: what is refused then is refused for what everybody sees. */
static void judge_all(struct asking *a)
{
	for (size_t i = 0; i < a->n_branches; i++)
		a->branches[i].said.open = true;
	if (!judge_open(a) || !look_up_all(a) || !judge_open(a))
		return;
	for (size_t i = 0; i < a->n_branches && !a->too_many; i++) {
		if (i > 0) /* more is known by now */
			judge(a, &a->branches[i]);
		read_and_judge(a, &a->branches[i]);
		refuse_unchecked(a, &a->branches[i]);
	}
}

/* ---- the answer ---- */

struct lines {
	struct text at[HOOK_LINES];
	size_t n;
};

static void add_line(struct lines *lines, struct text text)
{
	for (size_t i = 0; i < lines->n; i++)
		if (text_eq(lines->at[i], text))
			return;
	if (lines->n < HOOK_LINES)
		lines->at[lines->n++] = text;
}

static struct text whole(enum hook_word word, const struct lines *lines, struct arena *arena)
{
	size_t room = 32 + lines->n * (HOOK_LINE_MAX + 1), n;
	char *at = arena_alloc(arena, room, 1);

	n = (size_t)snprintf(at, room, "%s\n", hook_word(word));
	for (size_t i = 0; i < lines->n; i++) {
		struct text line = text_cut(lines->at[i], HOOK_LINE_MAX);

		for (size_t k = 0; k < line.len; k++)
			at[n++] = (char)((unsigned char)line.at[k] < ' ' || line.at[k] == 0x7f ? '?' : line.at[k]);
		at[n++] = '\n';
	}
	return (struct text){at, n};
}

static void say(struct hook_answered *ret, enum hook_word word, const char *line, struct arena *arena)
{
	struct lines lines = {.n = 0};

	add_line(&lines, text_of(line));
	ret->word = word;
	ret->text = whole(word, &lines, arena);
}

/* Of a branch that is refused its policy says what may be told; beside it nothing is said of what is restricted, lest
 * another branch's warnings tell of bugs by a push that is refused anyway. */
static bool told(const struct push_line *line, enum push_says says, enum push_says worst)
{
	if (line->warns)
		return !line->restricted || worst == PUSH_ALLOWED;
	return says == worst;
}

static void say_worst(const struct asking *a, struct hook_answered *ret)
{
	static const enum hook_word words[] = {
		[PUSH_ALLOWED] = HOOK_ALLOW, [PUSH_CLEARANCE] = HOOK_CLEARANCE, [PUSH_DENIED] = HOOK_DENY};
	enum push_says worst = PUSH_ALLOWED;
	struct lines lines = {.n = 0};
	bool unchecked = false; /* which says itself that it is let through */

	for (size_t i = 0; i < a->n_branches; i++)
		unchecked = unchecked || a->branches[i].said.unchecked;
	for (size_t i = 0; i < a->n_branches; i++)
		worst = a->branches[i].said.says > worst ? a->branches[i].said.says : worst;
	for (int warns = 0; warns < 2; warns++)
		for (size_t i = 0; i < a->n_branches; i++)
			for (size_t k = 0; k < a->branches[i].said.n_lines; k++)
				if (a->branches[i].said.lines[k].warns == (warns == 1) &&
				    told(&a->branches[i].said.lines[k], a->branches[i].said.says, worst))
					add_line(&lines, a->branches[i].said.lines[k].text);
	if (worst == PUSH_CLEARANCE)
		add_line(&lines, TEXT_LIT("A maintainer has to clear it; more is not said here"));
	if (worst == PUSH_ALLOWED && lines.n > 0 && !unchecked)
		add_line(&lines, TEXT_LIT("That is a warning alone: the push is let through"));
	ret->word = words[worst];
	ret->text = whole(ret->word, &lines, a->arena);
}

/* ---- together ---- */

static bool take_policy(struct asking *a, struct hook_answered *ret)
{
	const struct policy_defaults defaults = {.approvals = 1};
	struct problem problem = {.line = 0};

	if (!a->repository.policy_there) {
		say(ret, HOOK_DENY,
		    "The server cannot read this repository's policy file; ask whoever runs it to look at its log",
		    a->arena);
		return false;
	}
	if (policy_parse(a->repository.policy, &defaults, a->arena, &a->policy, &problem)) {
		if (policy_judges_pushes(a->policy))
			return true;
		say(ret, HOOK_DENY,
		    "This repository's policy is empty, or asks nothing of a push; whoever runs the server can mend "
		    "its "
		    "file",
		    a->arena);
		return false;
	}
	say(ret, HOOK_DENY,
	    arena_printf(a->arena,
			 "This repository's policy is not valid (line %u, column %u); whoever runs the server can see "
			 "why with `headgate policy check`",
			 problem.line, problem.column)
		    .at,
	    a->arena);
	return false;
}

static void judge_repository(struct asking *a, struct hook_answered *ret)
{
	if (a->n_commits > HOOK_COMMITS_MAX) {
		say(ret, HOOK_DENY, "More than 20000 commits at once are not looked at; push them in parts", a->arena);
		return;
	}
	if (!take_policy(a, ret))
		return;
	judge_all(a);
	ret->n_bugs = a->n_asked;
	if (a->too_many)
		say(ret, HOOK_DENY, HOOK_TOO_MANY, a->arena);
	else if (a->used_up)
		say(ret, HOOK_DENY, "Too many bugs were asked about; try again in some minutes", a->arena);
	else
		say_worst(a, ret);
}

static void answer_repository(struct asking *a, struct hook_answered *ret)
{
	if (!a->ports->repository(a->ports->self, ret->repository, a->arena, &a->repository)) {
		say(ret, HOOK_DENY,
		    "The server does not know this repository; whoever runs it can add it to hook.repositories",
		    a->arena);
		return;
	}
	judge_repository(a, ret);
	if (!a->repository.warns || ret->word == HOOK_ALLOW)
		return;
	ret->warned = true;
	say(ret, HOOK_ALLOW, HOOK_WARNS_ALONE, a->arena);
}

void hook_answer(const struct hook_ports *ports, struct text question, struct arena *arena, struct hook_answered *ret)
{
	struct asking a = {.ports = ports, .arena = arena};
	struct hook_in in;
	const char *why;

	*ret = (struct hook_answered){.word = HOOK_NO_ANSWER};
	a.facts = (struct facts){.now = ports->now_ms, .changes_known = true, .n_changes = 1};
	why = hook_in_begin(&in, question, &ret->repository) ? count_parts(in, &a) : in.why;
	if (why) {
		ret->repository = TEXT_EMPTY;
		ret->text = arena_printf(arena, "The question is broken: %s\n", why);
		return;
	}
	take_parts(in, &a);
	a.facts.repo_name = ret->repository;
	ret->branch = a.branches[0].change.base_ref;
	ret->n_branches = a.n_branches;
	ret->n_commits = a.n_commits;
	answer_repository(&a, ret);
}
