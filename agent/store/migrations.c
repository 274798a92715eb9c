#include "agent/store/migrations.h"

#include <assert.h>
#include <stddef.h>

#include "webhooks/crypto.h"

/* Columns of a descriptor and of its table stand in the same order; tables with one integer key are rowid tables, the
others are stored in the order of their key. */
static const char *const first[] = {
	"CREATE TABLE meta(\n"
	"  key TEXT NOT NULL DEFAULT '', value TEXT NOT NULL DEFAULT '', PRIMARY KEY (key)) STRICT, WITHOUT ROWID;",
	"CREATE TABLE journal(\n"
	"  seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, guid TEXT NOT NULL DEFAULT '',\n"
	"  source TEXT NOT NULL DEFAULT '', event TEXT NOT NULL DEFAULT '',\n"
	"  action TEXT NOT NULL DEFAULT '', repo INTEGER NOT NULL DEFAULT 0,\n"
	"  received_at INTEGER NOT NULL DEFAULT 0, state INTEGER NOT NULL DEFAULT 0,\n"
	"  note TEXT NOT NULL DEFAULT '', facts TEXT NOT NULL DEFAULT '',\n"
	"  body_lz4 BLOB NOT NULL DEFAULT x'', body_bytes INTEGER NOT NULL DEFAULT 0) STRICT;",
	"CREATE UNIQUE INDEX journal_by_guid ON journal(guid);",
	"CREATE INDEX journal_by_state ON journal(state, seq);",
	"CREATE INDEX journal_by_repo ON journal(repo, state, seq);",
	"CREATE TABLE repo(\n"
	"  id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL DEFAULT '',\n"
	"  installation INTEGER NOT NULL DEFAULT 0) STRICT;",
	"CREATE INDEX repo_by_name ON repo(name);",
	"CREATE TABLE change(\n"
	"  repo INTEGER NOT NULL DEFAULT 0, number INTEGER NOT NULL DEFAULT 0,\n"
	"  head TEXT NOT NULL DEFAULT '', base_ref TEXT NOT NULL DEFAULT '',\n"
	"  base_sha TEXT NOT NULL DEFAULT '', head_ref TEXT NOT NULL DEFAULT '',\n"
	"  open INTEGER NOT NULL DEFAULT 0, draft INTEGER NOT NULL DEFAULT 0,\n"
	"  merged INTEGER NOT NULL DEFAULT 0, author INTEGER NOT NULL DEFAULT 0,\n"
	"  updated_at INTEGER NOT NULL DEFAULT 0, installation INTEGER NOT NULL DEFAULT 0,\n"
	"  PRIMARY KEY (repo, number)) STRICT, WITHOUT ROWID;",
	"CREATE INDEX change_by_head ON change(repo, head);",
	"CREATE INDEX change_by_base ON change(repo, base_ref);",
	"CREATE TABLE arrival(\n"
	"  repo INTEGER NOT NULL DEFAULT 0, change INTEGER NOT NULL DEFAULT 0,\n"
	"  sha TEXT NOT NULL DEFAULT '', forge_at INTEGER NOT NULL DEFAULT 0,\n"
	"  pusher INTEGER NOT NULL DEFAULT 0, first_shown INTEGER NOT NULL DEFAULT 0,\n"
	"  guid TEXT NOT NULL DEFAULT '', PRIMARY KEY (repo, change, sha, forge_at)) STRICT, WITHOUT ROWID;",
	"CREATE TABLE binding(\n"
	"  review INTEGER PRIMARY KEY NOT NULL, repo INTEGER NOT NULL DEFAULT 0,\n"
	"  change INTEGER NOT NULL DEFAULT 0, sha TEXT NOT NULL DEFAULT '',\n"
	"  user INTEGER NOT NULL DEFAULT 0, state INTEGER NOT NULL DEFAULT 0,\n"
	"  submitted_at INTEGER NOT NULL DEFAULT 0, guid TEXT NOT NULL DEFAULT '') STRICT;",
	"CREATE INDEX binding_by_change ON binding(repo, change);",
	"CREATE TABLE subject(\n"
	"  repo INTEGER NOT NULL DEFAULT 0, sha TEXT NOT NULL DEFAULT '',\n"
	"  wanted INTEGER NOT NULL DEFAULT 0, judged INTEGER NOT NULL DEFAULT 0,\n"
	"  fence INTEGER NOT NULL DEFAULT 0, owner TEXT NOT NULL DEFAULT '',\n"
	"  lease_until INTEGER NOT NULL DEFAULT 0, not_before INTEGER NOT NULL DEFAULT 0,\n"
	"  attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0,\n"
	"  allowed_before INTEGER NOT NULL DEFAULT 0, superseded_by TEXT NOT NULL DEFAULT '',\n"
	"  PRIMARY KEY (repo, sha)) STRICT, WITHOUT ROWID;",
	"CREATE INDEX subject_by_due ON subject(due, not_before);",
	"CREATE TABLE verdict(\n"
	"  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, repo INTEGER NOT NULL DEFAULT 0,\n"
	"  sha TEXT NOT NULL DEFAULT '', made_at INTEGER NOT NULL DEFAULT 0,\n"
	"  wanted INTEGER NOT NULL DEFAULT 0, fence INTEGER NOT NULL DEFAULT 0,\n"
	"  cause_seq INTEGER NOT NULL DEFAULT 0, context TEXT NOT NULL DEFAULT '',\n"
	"  decision TEXT NOT NULL DEFAULT '', state TEXT NOT NULL DEFAULT '',\n"
	"  text TEXT NOT NULL DEFAULT '', public_text TEXT NOT NULL DEFAULT '',\n"
	"  rules TEXT NOT NULL DEFAULT '', counted TEXT NOT NULL DEFAULT '',\n"
	"  policy_text TEXT NOT NULL DEFAULT '', policy_sha TEXT NOT NULL DEFAULT '',\n"
	"  inputs_lz4 BLOB NOT NULL DEFAULT x'', inputs_bytes INTEGER NOT NULL DEFAULT 0,\n"
	"  prev_hash TEXT NOT NULL DEFAULT '', hash TEXT NOT NULL DEFAULT '') STRICT;",
	"CREATE INDEX verdict_by_sha ON verdict(repo, sha, id);",
	"CREATE TABLE slot(\n"
	"  repo INTEGER NOT NULL DEFAULT 0, sha TEXT NOT NULL DEFAULT '',\n"
	"  context TEXT NOT NULL DEFAULT '', state INTEGER NOT NULL DEFAULT 0,\n"
	"  text TEXT NOT NULL DEFAULT '', kind INTEGER NOT NULL DEFAULT 0,\n"
	"  generation INTEGER NOT NULL DEFAULT 0, made_at INTEGER NOT NULL DEFAULT 0,\n"
	"  verdict INTEGER NOT NULL DEFAULT 0, superseded INTEGER NOT NULL DEFAULT 0,\n"
	"  grant INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0,\n"
	"  attempts INTEGER NOT NULL DEFAULT 0, not_before INTEGER NOT NULL DEFAULT 0,\n"
	"  after TEXT NOT NULL DEFAULT '', refused INTEGER NOT NULL DEFAULT 0,\n"
	"  PRIMARY KEY (repo, sha, context)) STRICT, WITHOUT ROWID;",
	"CREATE INDEX slot_by_due ON slot(due, grant, not_before);",
	"CREATE TABLE ledger(\n"
	"  repo INTEGER NOT NULL DEFAULT 0, sha TEXT NOT NULL DEFAULT '',\n"
	"  context TEXT NOT NULL DEFAULT '', state INTEGER NOT NULL DEFAULT 0,\n"
	"  text TEXT NOT NULL DEFAULT '', forge_status_id INTEGER NOT NULL DEFAULT 0,\n"
	"  count INTEGER NOT NULL DEFAULT 0, in_flight_by TEXT NOT NULL DEFAULT '',\n"
	"  in_flight_since INTEGER NOT NULL DEFAULT 0, in_flight_state INTEGER NOT NULL DEFAULT 0,\n"
	"  doubt_until INTEGER NOT NULL DEFAULT 0, in_doubt INTEGER NOT NULL DEFAULT 0,\n"
	"  PRIMARY KEY (repo, sha, context)) STRICT, WITHOUT ROWID;",
	"CREATE INDEX ledger_by_doubt ON ledger(in_doubt, doubt_until);",
	"CREATE TABLE floor(\n"
	"  repo INTEGER NOT NULL DEFAULT 0, kind TEXT NOT NULL DEFAULT '',\n"
	"  key INTEGER NOT NULL DEFAULT 0, forge_time INTEGER NOT NULL DEFAULT 0,\n"
	"  value TEXT NOT NULL DEFAULT '', PRIMARY KEY (repo, kind, key)) STRICT, WITHOUT ROWID;",
	NULL,
};

/* What the sweep needs to know without walking everything. Old slots are watched until it has looked at them. */
static const char *const sweep[] = {
	"ALTER TABLE repo ADD COLUMN sweep_at INTEGER NOT NULL DEFAULT 0;",
	"ALTER TABLE repo ADD COLUMN sweep_attempts INTEGER NOT NULL DEFAULT 0;",
	"CREATE INDEX repo_by_sweep ON repo(sweep_at);",
	"CREATE INDEX change_by_open ON change(repo, open);",
	"ALTER TABLE slot ADD COLUMN watched INTEGER NOT NULL DEFAULT 1;",
	"ALTER TABLE slot ADD COLUMN look INTEGER NOT NULL DEFAULT 0;",
	"CREATE INDEX slot_by_watched ON slot(repo, watched);",
	"CREATE INDEX slot_by_look ON slot(look, repo);",
	NULL,
};

/* Who posts, and what others posted. */
static const char *const forged[] = {
	"ALTER TABLE ledger ADD COLUMN own_ids TEXT NOT NULL DEFAULT '';",
	"ALTER TABLE ledger ADD COLUMN lost_grants INTEGER NOT NULL DEFAULT 0;",
	"ALTER TABLE ledger ADD COLUMN lost_denials INTEGER NOT NULL DEFAULT 0;",
	"ALTER TABLE ledger ADD COLUMN audited_id INTEGER NOT NULL DEFAULT 0;",
	"ALTER TABLE ledger ADD COLUMN others INTEGER NOT NULL DEFAULT 0;",
	/* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one statement of several lines */
	"CREATE TABLE identity(\n"
	"  installation INTEGER PRIMARY KEY NOT NULL, creator INTEGER NOT NULL DEFAULT 0,\n"
	"  former INTEGER NOT NULL DEFAULT 0, armed_at INTEGER NOT NULL DEFAULT 0,\n"
	"  since INTEGER NOT NULL DEFAULT 0) STRICT;",
	"CREATE TABLE alarm(\n"
	"  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, repo INTEGER NOT NULL DEFAULT 0,\n"
	"  sha TEXT NOT NULL DEFAULT '', kind INTEGER NOT NULL DEFAULT 0, who TEXT NOT NULL DEFAULT '',\n"
	"  who_id INTEGER NOT NULL DEFAULT 0, forge_id INTEGER NOT NULL DEFAULT 0,\n"
	"  first_at INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL DEFAULT 0,\n"
	"  times INTEGER NOT NULL DEFAULT 0, acknowledged_at INTEGER NOT NULL DEFAULT 0,\n"
	"  said INTEGER NOT NULL DEFAULT 0, unsaid INTEGER NOT NULL DEFAULT 0) STRICT;",
	"CREATE UNIQUE INDEX alarm_by_subject ON alarm(repo, sha, kind);",
	"CREATE INDEX alarm_by_kind ON alarm(kind, acknowledged_at);",
	"CREATE INDEX alarm_by_unsaid ON alarm(unsaid, id);",
	NULL,
};

/* Deliveries that failed, and how far the forge's list of them was read. */
static const char *const redeliveries[] = {
	"CREATE TABLE hook(\n"
	"  id INTEGER PRIMARY KEY NOT NULL, due_at INTEGER NOT NULL DEFAULT 0,\n"
	"  attempts INTEGER NOT NULL DEFAULT 0, read_upto INTEGER NOT NULL DEFAULT 0,\n"
	"  newest INTEGER NOT NULL DEFAULT 0, rest TEXT NOT NULL DEFAULT '',\n"
	"  ask_at INTEGER NOT NULL DEFAULT 0) STRICT;",
	"CREATE TABLE redelivery(\n"
	"  guid TEXT NOT NULL DEFAULT '', event TEXT NOT NULL DEFAULT '',\n"
	"  attempt INTEGER NOT NULL DEFAULT 0, attempted_at INTEGER NOT NULL DEFAULT 0,\n"
	"  state INTEGER NOT NULL DEFAULT 0, ask_at INTEGER NOT NULL DEFAULT 0,\n"
	"  asked INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (guid)) STRICT, WITHOUT ROWID;",
	"CREATE INDEX redelivery_by_age ON redelivery(attempted_at);",
	"CREATE INDEX redelivery_by_due ON redelivery(state, ask_at);",
	NULL,
};

/* The merge queue's commits, and what each was built from. */
static const char *const groups[] = {
	"CREATE TABLE merge_group(\n"
	"  repo INTEGER NOT NULL DEFAULT 0, sha TEXT NOT NULL DEFAULT '',\n"
	"  ref TEXT NOT NULL DEFAULT '', base_ref TEXT NOT NULL DEFAULT '',\n"
	"  ended INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (repo, sha, ref)) STRICT, WITHOUT ROWID;",
	"CREATE INDEX merge_group_by_life ON merge_group(repo, ended);",
	"CREATE TABLE constituent(\n"
	"  repo INTEGER NOT NULL DEFAULT 0, sha TEXT NOT NULL DEFAULT '',\n"
	"  head TEXT NOT NULL DEFAULT '', number INTEGER NOT NULL DEFAULT 0,\n"
	"  PRIMARY KEY (repo, sha, head)) STRICT, WITHOUT ROWID;",
	"CREATE INDEX constituent_by_head ON constituent(repo, head);",
	NULL,
};

/* How long a success without an answer may stand unseen. */
static const char *const unseen[] = {
	"ALTER TABLE ledger ADD COLUMN grants_until INTEGER NOT NULL DEFAULT 0;",
	NULL,
};

/* Three ranks instead of two. Until a slot is written again it keeps one of the first two. */
static const char *const ranks[] = {
	"ALTER TABLE slot RENAME COLUMN \"grant\" TO rank;",
	NULL,
};

/* Open changes by number, so that a walk can go on behind the last one it saw. By which login the forge is asked for
who gave a review. */
static const char *const people[] = {
	"DROP INDEX change_by_base;",
	"DROP INDEX change_by_open;",
	"CREATE INDEX change_by_base ON change(repo, base_ref, open, number);",
	"CREATE INDEX change_by_open ON change(repo, open, number);",
	"ALTER TABLE binding ADD COLUMN login TEXT NOT NULL DEFAULT '';",
	NULL,
};

/* How a merge group ended; before this, a success was left only where one had landed. */
static const char *const endings[] = {
	"UPDATE merge_group SET ended = 2 WHERE ended = 1 AND EXISTS (SELECT 1 FROM slot\n"
	"  WHERE slot.repo = merge_group.repo AND slot.sha = merge_group.sha AND slot.state = 4);",
	"ALTER TABLE merge_group ADD COLUMN gone_since INTEGER NOT NULL DEFAULT 0;",
	NULL,
};

/* Who pushed: what each push replaced, and what the forge's record said while it could be read. */
static const char *const pushers[] = {
	"ALTER TABLE arrival ADD COLUMN before TEXT NOT NULL DEFAULT '';",
	"CREATE TABLE pushed(\n"
	"  repo INTEGER NOT NULL DEFAULT 0, change INTEGER NOT NULL DEFAULT 0,\n"
	"  sha TEXT NOT NULL DEFAULT '', pusher INTEGER NOT NULL DEFAULT 0,\n"
	"  PRIMARY KEY (repo, change, sha, pusher)) STRICT, WITHOUT ROWID;",
	NULL,
};

/* What we said last, where somebody else's status stands above it. */
static const char *const said[] = {
	"ALTER TABLE ledger ADD COLUMN granted INTEGER NOT NULL DEFAULT 0;",
	"UPDATE ledger SET granted = 1 WHERE state = 4;",
	NULL,
};

/* What a verdict asked other tools, and what they said since. Before this nothing was allowed on their word. */
static const char *const watches[] = {
	"ALTER TABLE subject ADD COLUMN watches TEXT NOT NULL DEFAULT '';",
	"ALTER TABLE subject ADD COLUMN heard TEXT NOT NULL DEFAULT '';",
	NULL,
};

/* What people told gates: nothing is known of what they told before. */
static const char *const spoken[] = {
	"CREATE TABLE spoken(\n"
	"  repo INTEGER NOT NULL DEFAULT 0, change INTEGER NOT NULL DEFAULT 0,\n"
	"  guid TEXT NOT NULL DEFAULT '', place INTEGER NOT NULL DEFAULT 0,\n"
	"  kind INTEGER NOT NULL DEFAULT 0, how INTEGER NOT NULL DEFAULT 0,\n"
	"  by INTEGER NOT NULL DEFAULT 0, login TEXT NOT NULL DEFAULT '', whom TEXT NOT NULL DEFAULT '',\n"
	"  sha TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL DEFAULT 0,\n"
	"  comment INTEGER NOT NULL DEFAULT 0, strange INTEGER NOT NULL DEFAULT 0,\n"
	"  PRIMARY KEY (repo, change, guid, place)) STRICT, WITHOUT ROWID;",
	NULL,
};

/* Which verdicts asked about which bugs, and what was told of those. */
static const char *const bugs[] = {
	"CREATE TABLE bug_link(\n"
	"  tracker TEXT NOT NULL DEFAULT '', bug INTEGER NOT NULL DEFAULT 0,\n"
	"  repo INTEGER NOT NULL DEFAULT 0, sha TEXT NOT NULL DEFAULT '',\n"
	"  weighs INTEGER NOT NULL DEFAULT 0,\n"
	"  PRIMARY KEY (tracker, bug, repo, sha)) STRICT, WITHOUT ROWID;",
	"CREATE INDEX bug_link_by_sha ON bug_link(repo, sha);",
	"CREATE TABLE bug_news(\n"
	"  tracker TEXT NOT NULL DEFAULT '', bug INTEGER NOT NULL DEFAULT 0,\n"
	"  due INTEGER NOT NULL DEFAULT 0, heard_at INTEGER NOT NULL DEFAULT 0,\n"
	"  PRIMARY KEY (tracker, bug)) STRICT, WITHOUT ROWID;",
	"CREATE INDEX bug_news_by_due ON bug_news(tracker, due, heard_at);",
	NULL,
};

/* Contexts besides the server's own: a subject knows of that one alone. */
static const char *const contexts[] = {
	"ALTER TABLE slot ADD COLUMN allowed_before INTEGER NOT NULL DEFAULT 0;",
	NULL,
};

/* Which verdicts asked about which trees, and what was said of those. */
static const char *const trees[] = {
	"CREATE TABLE tree(\n"
	"  name TEXT NOT NULL DEFAULT '', state INTEGER NOT NULL DEFAULT 0,\n"
	"  reason TEXT NOT NULL DEFAULT '', as_of INTEGER NOT NULL DEFAULT 0,\n"
	"  tried_at INTEGER NOT NULL DEFAULT 0, changed_at INTEGER NOT NULL DEFAULT 0,\n"
	"  PRIMARY KEY (name)) STRICT, WITHOUT ROWID;",
	"CREATE TABLE tree_link(\n"
	"  tree TEXT NOT NULL DEFAULT '', repo INTEGER NOT NULL DEFAULT 0,\n"
	"  sha TEXT NOT NULL DEFAULT '', weighs INTEGER NOT NULL DEFAULT 0,\n"
	"  PRIMARY KEY (tree, repo, sha)) STRICT, WITHOUT ROWID;",
	"CREATE INDEX tree_link_by_sha ON tree_link(repo, sha);",
	NULL,
};

/* What is to be done at trackers, once. */
static const char *const deeds[] = {
	"CREATE TABLE bug_deed(\n"
	"  tracker TEXT NOT NULL DEFAULT '', mark TEXT NOT NULL DEFAULT '',\n"
	"  state INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0,\n"
	"  not_before INTEGER NOT NULL DEFAULT 0, sent_at INTEGER NOT NULL DEFAULT 0,\n"
	"  attempts INTEGER NOT NULL DEFAULT 0, kind INTEGER NOT NULL DEFAULT 0,\n"
	"  bug INTEGER NOT NULL DEFAULT 0, attachment INTEGER NOT NULL DEFAULT 0,\n"
	"  flag INTEGER NOT NULL DEFAULT 0, name TEXT NOT NULL DEFAULT '',\n"
	"  PRIMARY KEY (tracker, mark)) STRICT, WITHOUT ROWID;",
	"CREATE INDEX bug_deed_by_due ON bug_deed(tracker, due, not_before);",
	NULL,
};

/* What a tracker's connector told of a bug, until a table holds it. */
static const char *const told[] = {
	"ALTER TABLE bug_news ADD COLUMN said INTEGER NOT NULL DEFAULT 0;",
	"ALTER TABLE bug_news ADD COLUMN said_of INTEGER NOT NULL DEFAULT 0;",
	"ALTER TABLE bug_news ADD COLUMN said_at INTEGER NOT NULL DEFAULT 0;",
	NULL,
};

/* What the public was told, apart from why. The rules stay empty until they are judged again. */
static const char *const announced[] = {
	"CREATE TABLE announced(\n"
	"  id INTEGER PRIMARY KEY NOT NULL, repo INTEGER NOT NULL DEFAULT 0,\n"
	"  sha TEXT NOT NULL DEFAULT '', context TEXT NOT NULL DEFAULT '',\n"
	"  made_at INTEGER NOT NULL DEFAULT 0, last INTEGER NOT NULL DEFAULT 0,\n"
	"  last_at INTEGER NOT NULL DEFAULT 0, decision TEXT NOT NULL DEFAULT '',\n"
	"  state TEXT NOT NULL DEFAULT '', public_text TEXT NOT NULL DEFAULT '',\n"
	"  rules TEXT NOT NULL DEFAULT '') STRICT;",
	"CREATE INDEX announced_by_sha ON announced(repo, sha, context, id);",
	"WITH one AS (SELECT id, repo, sha, context, made_at, decision, state, public_text,\n"
	"    decision IS NOT LAG(decision) OVER w OR state IS NOT LAG(state) OVER w\n"
	"      OR public_text IS NOT LAG(public_text) OVER w AS news\n"
	"    FROM verdict WINDOW w AS (PARTITION BY repo, sha, context ORDER BY id)),\n"
	"  run AS (SELECT *, SUM(news) OVER (PARTITION BY repo, sha, context ORDER BY id) AS n FROM one)\n"
	"INSERT INTO announced SELECT MIN(id), repo, sha, context, MIN(made_at), MAX(id), MAX(made_at), decision, "
	"state,\n"
	"  public_text, '' FROM run GROUP BY repo, sha, context, n ORDER BY MIN(id);",
	NULL,
};

/* Since when a success is to be taken back that is not. What the forge refused long ago is as old as its slot. */
static const char *const owed[] = {
	"ALTER TABLE slot ADD COLUMN owed_since INTEGER NOT NULL DEFAULT 0;",
	"UPDATE slot SET owed_since = MAX(made_at, 1) WHERE watched = 1 AND state <> 4 AND (due = 1 OR refused = 1);",
	"CREATE INDEX slot_by_owed ON slot(owed_since);",
	NULL,
};

/* Since when what is due waits. What was due before this goes first. */
static const char *const turns[] = {
	"ALTER TABLE subject ADD COLUMN due_since INTEGER NOT NULL DEFAULT 0;",
	"ALTER TABLE slot ADD COLUMN due_since INTEGER NOT NULL DEFAULT 0;",
	"DROP INDEX subject_by_due;",
	"DROP INDEX slot_by_due;",
	"CREATE INDEX subject_by_due ON subject(due, not_before, due_since);",
	"CREATE INDEX slot_by_due ON slot(due, rank, not_before, due_since);",
	NULL,
};

static const struct migration steps[] = {
	{1, first},     {2, sweep},   {3, forged},   {4, redeliveries}, {5, groups},     {6, unseen},  {7, ranks},
	{8, people},    {9, endings}, {10, pushers}, {11, said},        {12, watches},   {13, spoken}, {14, bugs},
	{15, contexts}, {16, trees},  {17, deeds},   {18, told},        {19, announced}, {20, owed},   {21, turns},
};

const struct migrations store_migrations = {steps, sizeof steps / sizeof steps[0]};

/* ---- what was applied, itself a table ---- */

struct row_migration {
	int64_t number;
	struct text checksum;
};
static const struct column columns[] = {
	{"number", COLUMN_INT, offsetof(struct row_migration, number), false},
	{"checksum", COLUMN_TEXT, offsetof(struct row_migration, checksum), false},
};
static const struct index indexes[] = {{"", true, {0}, 1}};
static const struct table table_migration = {"migration", sizeof(struct row_migration), columns, 2, false, indexes, 1};
static const char table_sql[] = "CREATE TABLE IF NOT EXISTS migration("
				"number INTEGER PRIMARY KEY NOT NULL, checksum TEXT NOT NULL DEFAULT '') STRICT;";

#define APPLIED_MAX 10000

struct sum {
	char hex[2 * CRYPTO_DIGEST + 1];
};

static struct sum checksum(const struct migration *migration)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	unsigned char digest[CRYPTO_DIGEST];
	struct text all = TEXT_EMPTY;
	struct sum ret;

	for (size_t i = 0; migration->sql[i]; i++)
		all = arena_printf(&arena, "%.*s%s\n", TEXT_ARG(all), migration->sql[i]);
	crypto_sha256(all, digest);
	crypto_hex(digest, sizeof digest, ret.hex);
	return ret;
}

struct check {
	const struct migrations *list;
	size_t applied;
	int64_t newest;
	int64_t edited; /* the first whose checksum or place is wrong; 0: none */
};

static bool check_applied(void *context, const void *row)
{
	struct check *check = context;
	const struct row_migration *applied = row;
	size_t i = check->applied++;
	bool same = i < check->list->n && applied->number == check->list->at[i].number &&
		    text_is(applied->checksum, checksum(&check->list->at[i]).hex);

	check->newest = applied->number;
	if (!same && check->edited == 0)
		check->edited = applied->number;
	return true;
}

/* *ret: how many of the list stand in the file. */
static bool verify(const struct migrations *list, const struct rows *rows, size_t *ret, struct err *err)
{
	struct scan scan = {.table = &table_migration, .limit = APPLIED_MAX};
	struct check check = {.list = list};
	auto_arena struct arena arena = ARENA_EMPTY;

	if (!rows->ops->scan(rows->self, &scan, (struct visitor){check_applied, &check, &arena}, err))
		return false;
	if (check.newest > (int64_t)list->n)
		return err_set(err, ERR_INVALID, "database: its schema has number %lld, this program knows %zu",
			       (long long)check.newest, list->n);
	if (check.edited != 0)
		return err_set(err, ERR_INVALID,
			       "database: migration %lld differs from the one that was applied: use the program that "
			       "made the file, or a backup",
			       (long long)check.edited);
	*ret = check.applied;
	return true;
}

static bool apply(const struct migration *migration, const struct migration_target *target, struct err *err)
{
	const struct rows *rows = &target->rows;
	struct sum sum = checksum(migration);
	struct row_migration row = {migration->number, text_of(sum.hex)};

	for (size_t i = 0; migration->sql[i]; i++)
		if (!target->run_sql(rows->self, migration->sql[i], err))
			return false;
	return rows->ops->add(rows->self, &table_migration, &row, err);
}

/* One look, and one step where one is missing. */
static bool advance(const struct migrations *list, const struct migration_target *target, bool *more, struct err *err)
{
	const struct rows *rows = &target->rows;
	size_t applied = 0;
	bool ok;

	if (!rows->ops->begin(rows->self, !target->read_only, err))
		return false;
	ok = (target->read_only || target->run_sql(rows->self, table_sql, err)) && verify(list, rows, &applied, err);
	*more = ok && applied < list->n;
	if (*more && target->read_only)
		ok = err_set(err, ERR_INVALID, "database: its schema has number %zu, this program needs %zu", applied,
			     list->n);
	else if (*more)
		ok = apply(&list->at[applied], target, err);
	ok = ok && rows->ops->commit(rows->self, err);
	if (!ok)
		rows->ops->rollback(rows->self);
	return ok;
}

bool migrations_run(const struct migrations *list, const struct migration_target *target, struct err *err)
{
	bool more = true;

	for (size_t i = 0; i < list->n; i++)
		assert(list->at[i].number == (int)i + 1);
	while (more)
		if (!advance(list, target, &more, err))
			return false;
	return true;
}
