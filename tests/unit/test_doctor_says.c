/* headgate doctor: what it makes of each answer. The ports answer what a row says; the real ones are tests/e2e's. */
#include "agent/cli/doctor.h"

#include <string.h>

#include "tests/support/suite.h"

#define NOW  INT64_C(1795400000000)
#define HOUR INT64_C(3600000)

struct told { /* a tracker that answers this */
	enum err_code fails, time_fails;
	struct tracker_self self;
	int64_t time;
	unsigned asked;
};

static enum err_code whoami(void *self, const struct tracker_call *call, struct tracker_self *out, struct err *err)
{
	struct told *told = self;

	(void)call;
	told->asked++;
	if (told->fails != ERR_OK)
		return err_set(err, told->fails, "it says no"), told->fails;
	*out = told->self;
	return ERR_OK;
}

static enum err_code db_time(void *self, const struct tracker_call *call, int64_t *out, struct err *err)
{
	struct told *told = self;

	(void)call;
	told->asked++;
	if (told->time_fails != ERR_OK)
		return err_set(err, told->time_fails, "it says no time"), told->time_fails;
	*out = told->time;
	return ERR_OK;
}

struct room {
	struct arena arena;
	struct doctor doctor;
	struct told told;
	struct config_tracker config;
	struct err unasked, unread;
	struct bug_table *table;
	bool closed; /* there is no port */
};

static const struct text approvals[] = {{"sec-approval", 12}, {"other-approval", 14}};
static const struct text group = {"core-security", 13};

/* A tracker whose set-up is as it should be. */
static struct room *room_new(void)
{
	struct room *room = calloc(1, sizeof *room);

	ck_assert_ptr_nonnull(room);
	room->doctor.arena = &room->arena;
	room->doctor.now_ms = NOW;
	room->told = (struct told){.self = {7, TRI_YES, TRI_YES, TRI_YES, 0}, .time = NOW};
	room->config = (struct config_tracker){.name = TEXT_LIT("bmo"),
					       .key_file = TEXT_LIT("/k"),
					       .webhook_secret_file = TEXT_LIT("/s"),
					       .groups = {&group, 1},
					       .approval_flags = {approvals, 1},
					       .table_max_age_ms = HOUR};
	room->table = bug_table_new(0);
	bug_table_date(room->table, NOW - HOUR / 2);
	return room;
}

static void room_look(struct room *room)
{
	struct tracker port = {.self = &room->told, .whoami = whoami, .db_time = db_time};
	struct doctor_tracker in = {.config = &room->config,
				    .port = room->closed ? NULL : &port,
				    .unasked = &room->unasked,
				    .table = room->table,
				    .unread = &room->unread,
				    .poll_ms = HOUR / 4};

	doctor_tracker(&room->doctor, &in);
}

static void room_free(struct room *room)
{
	bug_table_free(room->table);
	arena_release(&room->arena);
	free(room);
}

static const struct doctor_finding *found(const struct doctor *doctor, const char *check)
{
	for (size_t i = 0; i < doctor->n; i++)
		if (strcmp(doctor->at[i].check, check) == 0)
			return &doctor->at[i];
	return NULL;
}

/* ---- what a tracker answers ---- */

static void good(struct room *room)
{
	(void)room;
}
static void down(struct room *room)
{
	room->told.fails = ERR_RETRY;
}
static void other_software(struct room *room)
{
	room->told.fails = ERR_INVALID;
}
static void refuses(struct room *room)
{
	room->told.fails = ERR_DENIED;
}
static void not_valid(struct room *room)
{
	room->told.self = (struct tracker_self){.accepted = TRI_NO, .backlog = -1};
}
static void tells_nothing(struct room *room)
{
	room->told.self = (struct tracker_self){.backlog = -1};
}
static void outsider(struct room *room)
{
	room->told.self.in_groups = TRI_NO;
}
static void no_groups(struct room *room)
{
	room->config.groups.n = 0;
}
static void no_webhook(struct room *room)
{
	room->told.self.pushes = TRI_NO;
}
static void no_webhook_secret(struct room *room)
{
	room->config.webhook_secret_file = TEXT_EMPTY;
}
static void backlog(struct room *room)
{
	room->told.self.backlog = 3;
}
static void clock_behind(struct room *room)
{
	room->told.time = NOW - 61000;
}
static void clock_ahead(struct room *room)
{
	room->told.time = NOW + 61000;
}
static void no_time(struct room *room)
{
	room->told.time_fails = ERR_RETRY;
}
static void no_key(struct room *room)
{
	room->config.key_file = TEXT_EMPTY;
	room->closed = true;
}
static void bad_file(struct room *room)
{
	room->closed = true;
	(void)err_set(&room->unasked, ERR_INVALID, "others may read it");
}
static void new_table(struct room *room)
{
	bug_table_free(room->table);
	room->table = bug_table_new(0);
}
static void old_table(struct room *room)
{
	new_table(room);
	bug_table_date(room->table, NOW - HOUR - 1);
}
static void late_table(struct room *room)
{
	new_table(room);
	bug_table_date(room->table, NOW - 46 * (HOUR / 60));
}
static void alone_and_late(struct room *room)
{
	late_table(room);
	room->config.source = CONFIG_TRACKER_TABLE;
}
static void future_table(struct room *room)
{
	bug_table_date(room->table, NOW + 2 * HOUR);
}
static void no_table(struct room *room)
{
	bug_table_free(room->table);
	room->table = NULL;
	(void)err_set(&room->unread, ERR_GONE, "there is none");
}
static void torn_table(struct room *room)
{
	no_table(room);
	(void)err_set(&room->unread, ERR_INVALID, "it is torn");
}
static void upstream(struct room *room)
{
	room->config.flavour = CONFIG_TRACKER_UPSTREAM;
}
static void alone(struct room *room)
{
	room->config.source = CONFIG_TRACKER_TABLE;
	room->config.key_file = TEXT_EMPTY;
	room->closed = true;
}
static void alone_with_two(struct room *room)
{
	alone(room);
	room->config.approval_flags.n = 2;
}
static void alone_with_none(struct room *room)
{
	alone(room);
	room->config.approval_flags.n = 0;
}
static void alone_and_old(struct room *room)
{
	alone(room);
	old_table(room);
}
static void alone_and_new(struct room *room)
{
	alone(room);
	new_table(room);
}
static void alone_without(struct room *room)
{
	alone(room);
	no_table(room);
}

static const struct {
	void (*is)(struct room *room);
	const char *check;
	enum doctor_mark mark;
	const char *said; /* a part of it */
} rows[] = {
	{good, "reachable", DOCTOR_OK, "answers"},
	{good, "key", DOCTOR_OK, "account 7"},
	{good, "groups", DOCTOR_OK, "each of"},
	{good, "webhook", DOCTOR_OK, "enabled"},
	{good, "clock", DOCTOR_OK, "agree"},
	{good, "table", DOCTOR_OK, "30 min old"},
	{down, "reachable", DOCTOR_FAIL, "it says no"},
	{other_software, "reachable", DOCTOR_FAIL, "it says no"},
	{refuses, "key", DOCTOR_FAIL, "not accepted"},
	{not_valid, "key", DOCTOR_FAIL, "not accepted"},
	{tells_nothing, "key", DOCTOR_UNKNOWN, "does not tell"},
	{tells_nothing, "groups", DOCTOR_UNKNOWN, "does not tell"},
	{tells_nothing, "webhook", DOCTOR_UNKNOWN, "does not tell"},
	{outsider, "groups", DOCTOR_FAIL, "not in each"},
	{no_groups, "groups", DOCTOR_UNKNOWN, "no `groups`"},
	{no_webhook, "webhook", DOCTOR_WARN, "none that is enabled"},
	{no_webhook_secret, "webhook", DOCTOR_WARN, "refused"},
	{backlog, "webhook", DOCTOR_WARN, "3 deliveries failed"},
	{clock_behind, "clock", DOCTOR_WARN, "61 s"},
	{clock_ahead, "clock", DOCTOR_WARN, "61 s"},
	{no_time, "clock", DOCTOR_UNKNOWN, "no time"},
	{upstream, "duplicates", DOCTOR_WARN, "lists no duplicates"},
	{no_key, "key", DOCTOR_FAIL, "no bug is read"},
	{bad_file, "key", DOCTOR_FAIL, "others may read it"},
	{new_table, "table", DOCTOR_WARN, "never written completely"},
	{old_table, "table", DOCTOR_WARN, "60 min old: stale"},
	{late_table, "table", DOCTOR_WARN, "46 min old: no poll of the tracker has come to its end"},
	{alone_and_late, "table", DOCTOR_OK, "46 min old"},
	{future_table, "table", DOCTOR_WARN, "in the future"},
	{no_table, "table", DOCTOR_WARN, "none yet"},
	{torn_table, "table", DOCTOR_FAIL, "it is torn"},
	{alone, "approval", DOCTOR_WARN, "only that sec-approval is +"},
	{alone_with_two, "approval", DOCTOR_WARN, "no fix of a secure bug is allowed"},
	{alone_with_none, "approval", DOCTOR_WARN, "no fix of a secure bug is allowed"},
	{alone, "reading", DOCTOR_WARN, "reads no bug again"},
	{alone, "conditions", DOCTOR_WARN, "no resolutions, patches and setters"},
	{alone, "duplicates", DOCTOR_WARN, "no duplicates"},
	{alone, "table", DOCTOR_OK, "30 min old"},
	{alone_and_old, "table", DOCTOR_FAIL, "stale"},
	{alone_and_new, "table", DOCTOR_FAIL, "never written completely"},
	{alone_without, "table", DOCTOR_FAIL, "every bug is unknown"},
};

START_TEST(each_answer_of_a_tracker_is_a_finding_with_a_remedy)
{
	struct room *room = room_new();
	const struct doctor_finding *finding;

	rows[_i].is(room);
	room_look(room);
	finding = found(&room->doctor, rows[_i].check);
	ck_assert_msg(finding != NULL, "row %d: %s", _i, rows[_i].check);
	ck_assert_msg(finding->mark == rows[_i].mark && strstr(finding->said.at, rows[_i].said), "row %d: %d %s", _i,
		      finding->mark, finding->said.at);
	ck_assert((finding->remedy == NULL) == (finding->mark == DOCTOR_OK));
	ck_assert_str_eq(finding->about.at, "tracker bmo");
	room_free(room);
}
END_TEST

START_TEST(nothing_more_is_asked_with_a_key_that_is_refused)
{
	static void (*const refusals[])(struct room * room) = {refuses, not_valid};

	for (size_t i = 0; i < 2; i++) {
		struct room *room = room_new();

		refusals[i](room);
		room_look(room);
		ck_assert_uint_eq(room->told.asked, 1);
		ck_assert_ptr_null(found(&room->doctor, "groups"));
		ck_assert_ptr_null(found(&room->doctor, "clock"));
		room_free(room);
	}
}
END_TEST

/* ---- a branch's gate ---- */

struct branch {
	const char *context; /* that it requires; NULL: none */
	int64_t pinned;
	bool reviews, admins_pass, rulesets;
	enum tri forced;
	bool hidden, is_app;
	int64_t app_id;
};

static const struct {
	struct branch is;
	const char *check;
	enum doctor_mark mark;
	const char *said;
} gates[] = {
	{{.context = "policy/merge-allowed"}, "required", DOCTOR_OK, "main requires policy/merge-allowed"},
	{{.context = "ci/build"}, "required", DOCTOR_FAIL, "only advises"},
	{{.context = NULL}, "required", DOCTOR_FAIL, "only advises"},
	{{.hidden = true}, "required", DOCTOR_UNKNOWN, "not told to us"},
	{{.context = "policy/merge-allowed", .hidden = true}, "required", DOCTOR_OK, "requires"},
	{{.context = "policy/merge-allowed"}, "source", DOCTOR_WARN, "whoever may write"},
	{{.context = "policy/merge-allowed", .is_app = true}, "source", DOCTOR_WARN, "whoever may write"},
	{{.context = "policy/merge-allowed", .pinned = 77, .is_app = true, .app_id = 77}, "source", DOCTOR_OK, "alone"},
	{{.context = "policy/merge-allowed", .pinned = 78, .is_app = true, .app_id = 77},
	 "source",
	 DOCTOR_FAIL,
	 "the App 78 must say it, and headgate is not that"},
	{{.context = "policy/merge-allowed", .pinned = 78}, "source", DOCTOR_FAIL, "headgate is not that"},
	{{.context = "policy/merge-allowed", .pinned = 78, .is_app = true}, "source", DOCTOR_UNKNOWN, "the App 78"},
	{{.reviews = true}, "change", DOCTOR_OK, "is required"},
	{{.reviews = false}, "change", DOCTOR_WARN, "no pull request"},
	{{.hidden = true}, "change", DOCTOR_UNKNOWN, "not told"},
	{{.forced = TRI_NO}, "force", DOCTOR_OK, "not moved"},
	{{.forced = TRI_YES}, "force", DOCTOR_WARN, "may be moved"},
	{{.forced = TRI_UNKNOWN}, "force", DOCTOR_UNKNOWN, "not told"},
	{{.admins_pass = true}, "bypass", DOCTOR_WARN, "administrators"},
	{{.hidden = true}, "bypass", DOCTOR_UNKNOWN, "not told"},
	{{.rulesets = true}, "bypass", DOCTOR_UNKNOWN, "their administrators alone"},
	{{.reviews = true}, "bots", DOCTOR_UNKNOWN, "only bors.toml"},
};

START_TEST(each_rule_of_a_branch_is_a_finding_with_a_remedy)
{
	struct room *room = room_new();
	const struct branch *is = &gates[_i].is;
	struct forge_rules *rules = arena_alloc(&room->arena, 1, sizeof *rules);
	const struct doctor_gate in = {rules, is->hidden, is->is_app, is->app_id};
	const struct doctor_finding *finding;

	rules->repo = TEXT_LIT("acme/app");
	rules->branch = TEXT_LIT("main");
	rules->context = TEXT_LIT("policy/merge-allowed");
	rules->reviews = is->reviews;
	rules->admins_pass = is->admins_pass;
	rules->rulesets = is->rulesets;
	rules->forced = is->forced;
	if (is->context)
		ck_assert(forge_rules_status(
			rules, &(struct forge_status_rule){.name = text_of(is->context), .app_id = is->pinned}));
	doctor_gate(&room->doctor, &in);
	finding = found(&room->doctor, gates[_i].check);
	ck_assert_msg(finding != NULL, "row %d: %s", _i, gates[_i].check);
	ck_assert_msg(finding->mark == gates[_i].mark && strstr(finding->said.at, gates[_i].said), "row %d: %d %s", _i,
		      finding->mark, finding->said.at);
	ck_assert((finding->remedy == NULL) == (finding->mark == DOCTOR_OK));
	room_free(room);
}
END_TEST

/* ---- files of the branch ---- */

#define ASKS "pr_status = [\"policy/merge-allowed\"]\n"

static const struct {
	void (*look)(struct doctor *doctor, const struct doctor_file *in);
	const char *bytes; /* NULL: there is none */
	const char *shared;
	const char *check; /* NULL: nothing is said */
	enum doctor_mark mark;
	const char *said;
} files[] = {
	{doctor_policy, "policy: {approval: []}\n", NULL, "policy", DOCTOR_FAIL, ".headgate.yml:1:"},
	{doctor_policy, "nonsense: 1\n", NULL, "policy", DOCTOR_FAIL, ".headgate.yml:1:1: "},
	{doctor_policy,
	 "policy: {approval: [a]}\napproval_rules:\n  - {name: a, requires: {count: 1, permissions: [write]}}\n", NULL,
	 "policy", DOCTOR_OK, ".headgate.yml is valid"},
	{doctor_policy, NULL, NULL, "policy", DOCTOR_OK,
	 "no .headgate.yml: what bors.toml asks of reviews, else the built-in policy"},
	{doctor_policy, NULL, "acme/.github:headgate.yml", "policy", DOCTOR_OK, "policy.shared, else"},
	{doctor_bors, NULL, NULL, NULL, DOCTOR_OK, ""},
	{doctor_bors, ASKS "prerun_timeout_sec = 0\n", NULL, "bors", DOCTOR_OK, "looks once"},
	{doctor_bors, ASKS, NULL, "bors", DOCTOR_WARN, "an older head"},
	{doctor_bors, ASKS "prerun_timeout_sec = 1\n", NULL, "bors", DOCTOR_WARN, "an older head"},
	{doctor_bors, "status = [\"ci\"]\n", NULL, "bors", DOCTOR_FAIL, "does not ask"},
	{doctor_bors, "", NULL, "bors", DOCTOR_FAIL, "bors takes no such file"},
	{doctor_bors, ASKS "status = [\"policy/merge-allowed\"]\nprerun_timeout_sec = 0\n", NULL, "bors", DOCTOR_FAIL,
	 "lands nothing"},
	{doctor_bors, "pr_status = 1\n", NULL, "bors", DOCTOR_FAIL, "bors.toml:1:"},
};

START_TEST(each_file_of_a_branch_is_a_finding_with_a_remedy)
{
	struct room *room = room_new();
	const struct config_policy policy = {.path = TEXT_LIT(".headgate.yml"),
					     .context = TEXT_LIT("policy/merge-allowed"),
					     .shared = text_of(files[_i].shared),
					     .default_approvals = 2};
	const struct doctor_file in = {files[_i].bytes != NULL, text_of(files[_i].bytes), &policy};
	const struct doctor_finding *finding;

	files[_i].look(&room->doctor, &in);
	ck_assert_uint_eq(room->doctor.n, files[_i].check != NULL);
	finding = files[_i].check ? found(&room->doctor, files[_i].check) : NULL;
	ck_assert((finding != NULL) == (files[_i].check != NULL));
	if (finding) {
		ck_assert_msg(finding->mark == files[_i].mark && strstr(finding->said.at, files[_i].said),
			      "row %d: %d %s", _i, finding->mark, finding->said.at);
		ck_assert((finding->remedy == NULL) == (finding->mark == DOCTOR_OK));
	}
	room_free(room);
}
END_TEST

/* ---- the list ---- */

START_TEST(a_finding_is_one_line_whatever_was_said)
{
	struct room *room = room_new();
	char out[512] = "";
	FILE *f = fmemopen(out, sizeof out, "w");

	room->doctor.about = TEXT_LIT("acme/app");
	doctor_say(&room->doctor, DOCTOR_OK, "key", TEXT_LIT("good"), NULL);
	doctor_say(&room->doctor, DOCTOR_FAIL, "required", TEXT_LIT("a\n\033[31mb"), "require it");
	doctor_print(&room->doctor, f);
	(void)fclose(f);
	ck_assert_str_eq(out, "ok      acme/app: key: good\n"
			      "fail    acme/app: required: a\\x0a\\x1b[31mb; do: require it\n"
			      "1 ok, 0 warn, 1 fail, 0 unknown\n");
	room_free(room);
}
END_TEST

START_TEST(what_has_no_room_in_the_list_counts_as_a_failure)
{
	struct room *room = room_new();

	for (size_t i = 0; i <= DOCTOR_FINDINGS_MAX; i++)
		doctor_say(&room->doctor, DOCTOR_OK, "key", TEXT_LIT("good"), NULL);
	ck_assert_uint_eq(room->doctor.n, DOCTOR_FINDINGS_MAX);
	ck_assert_uint_eq(room->doctor.n_of[DOCTOR_FAIL], 1);
	room_free(room);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(each_answer_of_a_tracker_is_a_finding_with_a_remedy, rows),
					  SUITE_TEST(nothing_more_is_asked_with_a_key_that_is_refused),
					  SUITE_ROWS(each_rule_of_a_branch_is_a_finding_with_a_remedy, gates),
					  SUITE_ROWS(each_file_of_a_branch_is_a_finding_with_a_remedy, files),
					  SUITE_TEST(a_finding_is_one_line_whatever_was_said),
					  SUITE_TEST(what_has_no_room_in_the_list_counts_as_a_failure),
					  SUITE_END};
SUITE_MAIN(tests)
