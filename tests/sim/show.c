/* How the truth looks from outside: names, numeric ids, and the events that deeds cause. All texts are static. */
#include "tests/sim/sim.h"

#include <string.h>

static struct oid names[TRUTH_COMMITS]; /* made once: they are asked for at every read */

struct oid show_commit(int commit)
{
	struct oid *oid;

	if (commit == NOBODY)
		return OID_NONE;
	oid = &names[commit];
	if (!oid->hex[0])
		(void)snprintf(oid->hex, sizeof oid->hex, "%08x%024x%08x", (unsigned)(commit + 1) * 2654435761u,
			       0x5ea1u, (unsigned)commit + 1);
	return *oid;
}

int show_commit_of(const struct oid *oid)
{
	unsigned long n = strlen(oid->hex) == 40 ? strtoul(oid->hex + 32, NULL, 16) : 0;

	return n >= 1 && n <= TRUTH_COMMITS ? (int)n - 1 : NOBODY;
}

int64_t show_id(int person)
{
	return person == NOBODY ? 0 : 101 + person;
}

static const char *const emails[TRUTH_PEOPLE] = {"ann@x.test",  "bob@x.test",   "mia@x.test",
						 "ada@x.test",  "tess@x.test",  "rita@x.test",
						 "noah@x.test", "robot@x.test", "ally@x.test"};
static const char *const topics[TRUTH_CHANGES] = {"topic-1", "topic-2", "topic-3", "topic-4", "topic-5"};
static const char *const repos[] = {"o/r", "o/r-one", "o/r-two", "o/r-three"};
/* No public text may ever contain one of these. */
static const char *const titles[] = {"CANARY title", "CANARY title, edited", "CANARY title, edited again"};

struct text show_login(int person)
{
	return person == NOBODY ? TEXT_EMPTY : text_of(truth_login(person));
}

int show_person_of(struct text login)
{
	for (int i = 0; i < TRUTH_PEOPLE; i++)
		if (text_eq(login, text_of(truth_login(i))))
			return i;
	return NOBODY;
}

struct text show_email(int person)
{
	return text_of(person == NOBODY ? "nobody@elsewhere.test" : emails[person]);
}

struct text show_branch(int branch)
{
	return text_of(truth_branch_name(branch));
}

struct text show_topic(int change)
{
	return text_of(topics[change]);
}

struct text show_repo(int renamed)
{
	return text_of(repos[renamed < 4 ? renamed : 3]);
}

/* "Bug 900101, bug 900102 - WHAT"; kept for ever, each once. */
static struct text naming(unsigned bugs, const char *what)
{
	static struct {
		char text[160];
		unsigned bugs;
		const char *what;
	} made[4 << (TRUTH_BUGS + 1)];
	size_t i = 0, n = 0;

	if (!bugs)
		return text_of(what);
	while (made[i].what && (made[i].what != what || made[i].bugs != bugs))
		i++;
	if (made[i].what)
		return text_of(made[i].text);
	made[i].what = what;
	made[i].bugs = bugs;
	for (int bug = 0; bug <= TRUTH_BUGS; bug++)
		if (bugs >> bug & 1)
			n += (size_t)snprintf(made[i].text + n, sizeof made[i].text - n, "%sug %lld", n ? ", b" : "B",
					      (long long)show_bug(bug));
	(void)snprintf(made[i].text + n, sizeof made[i].text - n, " - %s", what);
	return text_of(made[i].text);
}

struct text show_title(const struct truth_change *change)
{
	return naming(change->bugs, titles[change->edits < 3 ? change->edits : 2]);
}

struct text show_message(const struct truth_commit *commit)
{
	static const char message[] = "CANARY message";

	return naming(commit->bugs, message);
}

int64_t show_bug(int bug)
{
	return 900101 + bug;
}

/* Of two that become one, or are one no more, the tracker has changed both. */
unsigned show_bugs_of(const struct deed *deed)
{
	if (!truth_at_tracker(deed->kind))
		return 0;
	return 1u << deed->bug | (deed->kind == DEED_BUG_DUPE ? 1u << deed->other : 0);
}

int show_bug_of(int64_t id)
{
	return id >= show_bug(0) && id < show_bug(TRUTH_BUGS) ? (int)(id - show_bug(0)) : NOBODY;
}

int64_t show_seconds(int64_t ms)
{
	return ms - ms % 1000;
}

static struct person person_of(const struct truth *truth, int who)
{
	if (who == NOBODY)
		return (struct person){0};
	return (struct person){show_id(who), show_login(who), truth->people[who].bot ? PERSON_BOT : PERSON_USER};
}

static enum tri tri_of(bool yes)
{
	return yes ? TRI_YES : TRI_NO;
}

static struct event plain(const struct truth *truth, enum event_kind kind, const char *name, int who)
{
	return (struct event){.kind = kind,
			      .name = text_of(name),
			      .installation = 5,
			      .repo = SIM_REPO,
			      .repo_name = show_repo(truth->renamed),
			      .sender = person_of(truth, who),
			      .pushed_at = WHEN_UNKNOWN,
			      .change = {.updated_at = WHEN_UNKNOWN},
			      .review = {.submitted_at = WHEN_UNKNOWN},
			      .status = {.created_at = WHEN_UNKNOWN}};
}

static struct event_change change_of(const struct truth *truth, int number)
{
	const struct truth_change *c = &truth->changes[number];

	return (struct event_change){
		.number = number + 1,
		.head = show_commit(c->head),
		.base_sha = show_commit(c->base_then),
		.head_ref = show_topic(number),
		.base_ref = show_branch(c->base),
		.head_repo = c->head_repo == HEAD_OWN ? SIM_REPO : SIM_REPO + 1 + number,
		.open = tri_of(c->open),
		.draft = tri_of(c->draft),
		.merged = tri_of(c->merged),
		.author = person_of(truth, c->author),
		.updated_at = show_seconds(c->updated_at),
	};
}

static struct event on_change(const struct truth *truth, const struct deed *deed, const char *action,
			      enum change_action what)
{
	struct event event = plain(truth, EVENT_CHANGE, "pull_request", deed->who);

	event.action = text_of(action);
	event.change_action = what;
	event.change = change_of(truth, deed->change);
	return event;
}

static struct event on_push(const struct truth *truth, const struct deed *deed, const char *ref, int64_t now)
{
	struct event event = plain(truth, EVENT_PUSH, "push", deed->who);

	event.ref = text_of(ref);
	event.after = show_commit(deed->commit);
	event.before = show_commit(deed->before);
	event.pushed_at = show_seconds(now);
	return event;
}

static const char *const refs[TRUTH_BRANCHES] = {"refs/heads/main", "refs/heads/release", "refs/heads/next"};
static const char *const topic_refs[TRUTH_CHANGES] = {"refs/heads/topic-1", "refs/heads/topic-2", "refs/heads/topic-3",
						      "refs/heads/topic-4", "refs/heads/topic-5"};

static size_t synchronize(const struct truth *truth, const struct deed *deed, int64_t now, struct event *ret)
{
	size_t n = 0;

	ret[n] = on_change(truth, deed, "synchronize", CHANGE_SYNCHRONIZE);
	ret[n].before = show_commit(deed->before);
	ret[n++].after = show_commit(deed->commit);
	if (truth->changes[deed->change].head_repo == HEAD_OWN) {
		ret[n] = on_push(truth, deed, topic_refs[deed->change], now);
		ret[n++].forced = tri_of(deed->kind != DEED_PUSH);
	}
	return n;
}

/* The platform's word for how the reviewer stands to the repository. */
static struct text association(const struct truth *truth, int who)
{
	if (truth->people[who].in_team)
		return TEXT_LIT("MEMBER");
	return truth->people[who].role >= ROLE_READ ? TEXT_LIT("COLLABORATOR") : TEXT_LIT("NONE");
}

static size_t review(const struct truth *truth, const struct deed *deed, int64_t now, struct event *ret)
{
	static const enum review_state states[] = {
		[SAID_COMMENTED] = REVIEW_COMMENTED,
		[SAID_APPROVED] = REVIEW_APPROVED,
		[SAID_CHANGES_REQUESTED] = REVIEW_CHANGES_REQUESTED,
		[SAID_DISMISSED] = REVIEW_STATE_DISMISSED,
	};
	const struct truth_review *r = &truth->reviews[deed->review];
	bool dismissed = deed->kind == DEED_DISMISS;

	(void)now;
	*ret = plain(truth, EVENT_REVIEW, "pull_request_review", deed->who);
	ret->action = dismissed ? TEXT_LIT("dismissed") : TEXT_LIT("submitted");
	ret->review_action = dismissed ? REVIEW_DISMISSED : REVIEW_SUBMITTED;
	ret->change = change_of(truth, r->change);
	ret->review.id = 1 + deed->review;
	ret->review.state = states[r->state];
	ret->review.commit_id = show_commit(dismissed ? r->rest_sha : r->sha);
	ret->review.submitted_at = show_seconds(r->at);
	ret->review.user = person_of(truth, r->by);
	ret->review.association = association(truth, r->by);
	return 1;
}

static size_t member(const struct truth *truth, const struct deed *deed, int64_t now, struct event *ret)
{
	bool team = deed->kind == DEED_TEAM;

	(void)now;
	*ret = plain(truth, team ? EVENT_MEMBERSHIP : EVENT_MEMBER, team ? "membership" : "member", deed->who);
	ret->action = !deed->role ? TEXT_LIT("removed") : team ? TEXT_LIT("added") : TEXT_LIT("edited");
	ret->subject_user = person_of(truth, deed->subject);
	if (team) {
		ret->team = TEXT_LIT("committers");
		ret->repo = 0;
		ret->repo_name = TEXT_EMPTY;
	}
	return 1;
}

static size_t base_push(const struct truth *truth, const struct deed *deed, int64_t now, struct event *ret)
{
	*ret = on_push(truth, deed, refs[deed->branch], now);
	return 1;
}

static size_t merged(const struct truth *truth, const struct deed *deed, int64_t now, struct event *ret)
{
	ret[0] = on_change(truth, deed, "closed", CHANGE_CLOSED);
	return 1 + base_push(truth, deed, now, ret + 1);
}

static size_t retarget(const struct truth *truth, const struct deed *deed, int64_t now, struct event *ret)
{
	(void)now;
	*ret = on_change(truth, deed, "edited", CHANGE_EDITED);
	ret->base_changed = TRI_YES;
	return 1;
}

static size_t comment(const struct truth *truth, const struct deed *deed, int64_t now, struct event *ret)
{
	(void)now;
	*ret = plain(truth, EVENT_COMMENT, "issue_comment", deed->who);
	ret->action = TEXT_LIT("created");
	ret->change.number = deed->change + 1;
	ret->comment.id = 1;
	ret->comment.body = TEXT_LIT("/headgate recheck");
	ret->comment.association = TEXT_LIT("MEMBER");
	return 1;
}

static const struct {
	enum deed_done kind;
	const char *action;
	enum change_action what;
} simple[] = {
	{DEED_OPEN, "opened", CHANGE_OPENED},           {DEED_CLOSE, "closed", CHANGE_CLOSED},
	{DEED_REOPEN, "reopened", CHANGE_REOPENED},     {DEED_DRAFT, "converted_to_draft", CHANGE_DRAFT},
	{DEED_READY, "ready_for_review", CHANGE_READY}, {DEED_EDIT, "edited", CHANGE_EDITED},
};

static size_t renamed(const struct truth *truth, const struct deed *deed, int64_t now, struct event *ret)
{
	(void)now;
	*ret = plain(truth, EVENT_REPOSITORY, "repository", deed->who);
	ret->action = TEXT_LIT("renamed");
	return 1;
}

static const struct {
	enum deed_done kind;
	size_t (*events)(const struct truth *truth, const struct deed *deed, int64_t now, struct event *ret);
} others[] = {
	{DEED_PUSH, synchronize},      {DEED_FORCE_PUSH, synchronize},
	{DEED_PUSH_BACK, synchronize}, {DEED_APPROVE, review},
	{DEED_REQUEST, review},        {DEED_REMARK, review},
	{DEED_DISMISS, review},        {DEED_ROLE, member},
	{DEED_TEAM, member},           {DEED_POLICY, base_push},
	{DEED_BASE_PUSH, base_push},   {DEED_MERGE, merged},
	{DEED_RETARGET, retarget},     {DEED_RECHECK, comment},
	{DEED_RENAME, renamed},
};

/* A forged status tells of itself when the forge takes it. */
size_t show_events(const struct truth *truth, const struct deed *deed, int64_t now, struct event *ret)
{
	for (size_t i = 0; i < sizeof simple / sizeof simple[0]; i++)
		if (simple[i].kind == deed->kind) {
			ret[0] = on_change(truth, deed, simple[i].action, simple[i].what);
			return 1;
		}
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (others[i].kind == deed->kind)
			return others[i].events(truth, deed, now, ret);
	return 0;
}

int show_place(int commit, struct text context)
{
	if (commit == NOBODY || text_is(context, SIM_CONTEXT))
		return commit;
	return text_is(context, SIM_OTHER) ? ORACLE_OTHER * TRUTH_COMMITS + commit : NOBODY;
}

int show_commit_at(int place)
{
	return place % TRUTH_COMMITS;
}

enum oracle_context show_context_at(int place)
{
	return (enum oracle_context)(place / TRUTH_COMMITS);
}

struct text show_context(int place)
{
	return place < TRUTH_COMMITS ? TEXT_LIT(SIM_CONTEXT) : TEXT_LIT(SIM_OTHER);
}

struct show_name show_named(int place)
{
	struct show_name name;

	(void)snprintf(name.text, sizeof name.text, "c%d%s", show_commit_at(place),
		       place < TRUTH_COMMITS ? "" : " (" SIM_OTHER ")");
	return name;
}

struct event show_status_event(const struct truth *truth, const struct accepted *accepted)
{
	struct event event = plain(truth, EVENT_STATUS, "status", 8);

	event.status.id = accepted->id;
	event.status.sha = show_commit(show_commit_at(accepted->place));
	event.status.context = show_context(accepted->place);
	event.status.state = text_of(status_state_name(accepted->state));
	event.status.creator = (struct person){accepted->ours ? SIM_APP : show_id(8), TEXT_LIT("someone"), PERSON_BOT};
	event.status.created_at = show_seconds(accepted->at);
	return event;
}
