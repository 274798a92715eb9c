#include "tests/support/case.h"

#include <check.h>
#include <string.h>

static const struct {
	const char *login;
	enum permission permission;
	enum person_type type;
} cast[CASE_PEOPLE] = {
	{"alice", PERMISSION_WRITE, PERSON_USER},   {"bob", PERMISSION_WRITE, PERSON_USER},
	{"carol", PERMISSION_WRITE, PERSON_USER},   {"dave", PERMISSION_READ, PERSON_USER},
	{"erin", PERMISSION_MAINTAIN, PERSON_USER}, {"robot", PERMISSION_WRITE, PERSON_BOT},
	{"frank", PERMISSION_TRIAGE, PERSON_USER},
};

struct oid case_oid(const char *hex)
{
	struct oid oid = OID_NONE;

	ck_assert(oid_parse(text_of(hex), &oid));
	return oid;
}

static struct person person(int64_t id)
{
	return (struct person){id, text_of(cast[id - 1].login), cast[id - 1].type};
}

void case_review(struct example *c, int64_t who, enum review_state state, const char *sha, int64_t ms)
{
	size_t n = c->change.n_reviews++;

	ck_assert_uint_lt(n, CASE_REVIEWS);
	c->reviews[n] = (struct review){.id = (int64_t)n + 1,
					.user = person(who),
					.state = state,
					.submitted_at = CASE_ARRIVED + ms,
					.bound_sha = case_oid(sha)};
}

static struct signer by_alice(void)
{
	return (struct signer){ALICE, TEXT_LIT("alice"), TEXT_LIT("Alice"), TEXT_LIT("alice@example.org")};
}

static struct signature alices_signature(void)
{
	return (struct signature){
		.valid = TRI_YES, .signer = ALICE, .key_id = TEXT_LIT("3262EFF25BA0D270"), .reason = TEXT_LIT("valid")};
}

static void make_outcomes(struct example *c)
{
	struct text success = TEXT_LIT("success"), ci = TEXT_LIT("acme-ci");

	c->outcomes[0] = (struct outcome){
		.kind = OUTCOME_STATUS, .name = TEXT_LIT("ci/build"), .app = ci, .creator_id = 900, .state = success};
	c->outcomes[1] = (struct outcome){
		.kind = OUTCOME_CHECK, .name = TEXT_LIT("lint"), .app = ci, .app_id = 90, .state = success};
	c->outcomes[2] = (struct outcome){.kind = OUTCOME_WORKFLOW,
					  .name = TEXT_LIT(".github/workflows/ci.yml"),
					  .event = TEXT_LIT("pull_request"),
					  .app = TEXT_LIT("github-actions"),
					  .app_id = 91,
					  .state = success};
}

static void make_change(struct example *c)
{
	static const struct text label = {"bug", 3};

	c->commits[0] = (struct commit){.sha = case_oid(CASE_HEAD),
					.message = TEXT_LIT("Fix the frame cache. a=erin"),
					.signature = alices_signature(),
					.author = by_alice(),
					.committer = by_alice()};
	c->commits[1] = (struct commit){.sha = case_oid("2222222aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
					.message = TEXT_LIT("Add a test a=erin"),
					.signature = alices_signature(),
					.author = by_alice(),
					.committer = by_alice()};
	c->path = (struct path){.path = TEXT_LIT("src/cache.c"),
				.status = PATH_MODIFIED,
				.mode = 0100644,
				.old_mode = 0100644,
				.additions = 7,
				.deletions = 3};
	c->pushers[0] = ALICE;
	c->asked = (struct order){
		.how = ORDER_QUEUE, .by = person(CAROL), .sha = case_oid(CASE_HEAD), .at = CASE_ARRIVED + 1000};
	c->change = (struct change){
		.known = FACTS_ALL,
		.number = 412,
		.open = true,
		.base_ref = TEXT_LIT("main"),
		.base_sha = case_oid("3333333aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
		.merge_base = case_oid("3333333aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
		.head_arrived_at = CASE_ARRIVED,
		.author = person(ALICE),
		.pushers = c->pushers,
		.n_pushers = 1,
		.commits = c->commits,
		.n_commits = 2,
		.paths = &c->path,
		.n_paths = 1,
		.reviews = c->reviews,
		.labels = &label,
		.n_labels = 1,
		.title = TEXT_LIT("Fix the frame cache"),
		.body = TEXT_LIT("It leaked."),
		.head_ref = TEXT_LIT("fix-cache"),
		.landing_asks = &c->asked,
		.n_landing_asks = 1,
	};
}

void case_make(struct example *c)
{
	memset(c, 0, sizeof *c);
	make_change(c);
	make_outcomes(c);
	for (int64_t id = 1; id <= CASE_PEOPLE; id++)
		c->people[id - 1] = (struct member){.who = person(id),
						    .permission = cast[id - 1].permission,
						    .teams_known = true,
						    .merged_before = TRI_YES,
						    .organizations_known = true};
	c->facts = (struct facts){.now = CASE_ARRIVED + 3600000,
				  .repo = 77,
				  .repo_name = TEXT_LIT("acme/engine"),
				  .head = case_oid(CASE_HEAD),
				  .changes_known = true,
				  .changes = &c->change,
				  .n_changes = 1,
				  .outcomes = c->outcomes,
				  .n_outcomes = 3,
				  .people = c->people,
				  .n_people = CASE_PEOPLE};
	case_review(c, BOB, REVIEW_APPROVED, CASE_HEAD, 60000);
	case_review(c, CAROL, REVIEW_APPROVED, CASE_HEAD, 120000);
}

void case_drop(struct example *c)
{
	arena_release(&c->arena);
}

struct verdict case_judge(struct example *c, const char *policy)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	struct problem problem = {0, 0, ""};
	struct verdict verdict;

	if (!policy)
		c->governed.policy = policy_builtin(&defaults, &c->arena);
	else if (!policy_parse(text_of(policy), &defaults, &c->arena, &c->governed.policy, &problem))
		ck_abort_msg("%u:%u %s", problem.line, problem.column, problem.text);
	policy_judge(&c->governed, &c->facts, &c->arena, &verdict);
	return verdict;
}

static const struct rule_result *row(const struct rule_result *rows, size_t n, struct text name)
{
	const struct rule_result *found = NULL;

	for (size_t i = 0; i < n && !found; i++)
		found = text_eq(rows[i].name, name) ? &rows[i] : row(rows[i].children, rows[i].n_children, name);
	return found;
}

const struct rule_result *case_row(const struct verdict *verdict, const char *name)
{
	return row(verdict->rules, verdict->n_rules, text_of(name));
}
