#include "agent/store/tables.h"

#include <stddef.h>

/* Columns stand in the order of the struct; an index names them by position. The first index is the primary key. */

/* clang-format off */
#define INT(row, field)  {#field, COLUMN_INT, offsetof(struct row, field), false}
#define TEXT(row, field) {#field, COLUMN_TEXT, offsetof(struct row, field), false}
#define BLOB(row, field) {#field, COLUMN_BLOB, offsetof(struct row, field), false}
#define OID(row, field)  {#field, COLUMN_OID, offsetof(struct row, field), false}
#define LARGE_TEXT(row, field) {#field, COLUMN_TEXT, offsetof(struct row, field), true}
#define LARGE_BLOB(row, field) {#field, COLUMN_BLOB, offsetof(struct row, field), true}
#define COUNT(array)     (sizeof(array) / sizeof((array)[0]))
#define TABLE(name, auto_key) \
	const struct table table_##name = { \
		#name, sizeof(struct row_##name), name##_columns, COUNT(name##_columns), \
		auto_key, name##_indexes, COUNT(name##_indexes)}
/* clang-format on */

static const struct column meta_columns[] = {
	TEXT(row_meta, key),
	TEXT(row_meta, value),
};
static const struct index meta_indexes[] = {
	{"", true, {0}, 1}, /* key */
};
TABLE(meta, false);

static const struct column journal_columns[] = {
	INT(row_journal, seq),         TEXT(row_journal, guid),           TEXT(row_journal, source),
	TEXT(row_journal, event),      TEXT(row_journal, action),         INT(row_journal, repo),
	INT(row_journal, received_at), INT(row_journal, state),           TEXT(row_journal, note),
	TEXT(row_journal, facts),      LARGE_BLOB(row_journal, body_lz4), INT(row_journal, body_bytes),
};
static const struct index journal_indexes[] = {
	{"", true, {0}, 1},            /* seq */
	{"guid", true, {1}, 1},        /* guid */
	{"state", false, {7, 0}, 2},   /* state, seq */
	{"repo", false, {5, 7, 0}, 3}, /* repo, state, seq */
};
TABLE(journal, true);

static const struct column repo_columns[] = {
	INT(row_repo, id),       TEXT(row_repo, name),          INT(row_repo, installation),
	INT(row_repo, sweep_at), INT(row_repo, sweep_attempts),
};
static const struct index repo_indexes[] = {
	{"", true, {0}, 1},       /* id */
	{"name", false, {1}, 1},  /* name */
	{"sweep", false, {3}, 1}, /* sweep_at */
};
TABLE(repo, false);

static const struct column change_columns[] = {
	INT(row_change, repo),      INT(row_change, number),     OID(row_change, head),
	TEXT(row_change, base_ref), OID(row_change, base_sha),   TEXT(row_change, head_ref),
	INT(row_change, open),      INT(row_change, draft),      INT(row_change, merged),
	INT(row_change, author),    INT(row_change, updated_at), INT(row_change, installation),
};
static const struct index change_indexes[] = {
	{"", true, {0, 1}, 2},            /* repo, number */
	{"head", false, {0, 2}, 2},       /* repo, head */
	{"base", false, {0, 3, 6, 1}, 4}, /* repo, base_ref, open, number */
	{"open", false, {0, 6, 1}, 3},    /* repo, open, number */
};
TABLE(change, false);

static const struct column arrival_columns[] = {
	INT(row_arrival, repo),   INT(row_arrival, change),      OID(row_arrival, sha),   INT(row_arrival, forge_at),
	INT(row_arrival, pusher), INT(row_arrival, first_shown), TEXT(row_arrival, guid), OID(row_arrival, before),
};
static const struct index arrival_indexes[] = {
	{"", true, {0, 1, 2, 3}, 4}, /* repo, change, sha, forge_at */
};
TABLE(arrival, false);

static const struct column pushed_columns[] = {
	INT(row_pushed, repo),
	INT(row_pushed, change),
	OID(row_pushed, sha),
	INT(row_pushed, pusher),
};
static const struct index pushed_indexes[] = {
	{"", true, {0, 1, 2, 3}, 4}, /* repo, change, sha, pusher */
};
TABLE(pushed, false);

static const struct column spoken_columns[] = {
	INT(row_spoken, repo),    INT(row_spoken, change), TEXT(row_spoken, guid), INT(row_spoken, place),
	INT(row_spoken, kind),    INT(row_spoken, how),    INT(row_spoken, by),    TEXT(row_spoken, login),
	TEXT(row_spoken, whom),   OID(row_spoken, sha),    INT(row_spoken, at),    INT(row_spoken, comment),
	INT(row_spoken, strange),
};
static const struct index spoken_indexes[] = {
	{"", true, {0, 1, 2, 3}, 4}, /* repo, change, guid, place */
};
TABLE(spoken, false);

static const struct column binding_columns[] = {
	INT(row_binding, review),       INT(row_binding, repo),  INT(row_binding, change),
	OID(row_binding, sha),          INT(row_binding, user),  INT(row_binding, state),
	INT(row_binding, submitted_at), TEXT(row_binding, guid), TEXT(row_binding, login),
};
static const struct index binding_indexes[] = {
	{"", true, {0}, 1},           /* review */
	{"change", false, {1, 2}, 2}, /* repo, change */
};
TABLE(binding, false);

static const struct column subject_columns[] = {
	INT(row_subject, repo),           OID(row_subject, sha),
	INT(row_subject, wanted),         INT(row_subject, judged),
	INT(row_subject, fence),          TEXT(row_subject, owner),
	INT(row_subject, lease_until),    INT(row_subject, not_before),
	INT(row_subject, attempts),       INT(row_subject, due),
	INT(row_subject, allowed_before), OID(row_subject, superseded_by),
	TEXT(row_subject, watches),       TEXT(row_subject, heard),
	INT(row_subject, due_since),
};
static const struct index subject_indexes[] = {
	{"", true, {0, 1}, 2},         /* repo, sha */
	{"due", false, {9, 7, 14}, 3}, /* due, not_before, due_since */
};
TABLE(subject, false);

static const struct column verdict_columns[] = {
	INT(row_verdict, id),
	INT(row_verdict, repo),
	OID(row_verdict, sha),
	INT(row_verdict, made_at),
	INT(row_verdict, wanted),
	INT(row_verdict, fence),
	INT(row_verdict, cause_seq),
	TEXT(row_verdict, context),
	TEXT(row_verdict, decision),
	TEXT(row_verdict, state),
	TEXT(row_verdict, text),
	TEXT(row_verdict, public_text),
	TEXT(row_verdict, rules),
	TEXT(row_verdict, counted),
	LARGE_TEXT(row_verdict, policy_text),
	TEXT(row_verdict, policy_sha),
	LARGE_BLOB(row_verdict, inputs_lz4),
	INT(row_verdict, inputs_bytes),
	TEXT(row_verdict, prev_hash),
	TEXT(row_verdict, hash),
};
static const struct index verdict_indexes[] = {
	{"", true, {0}, 1},           /* id */
	{"sha", false, {1, 2, 0}, 3}, /* repo, sha, id */
};
TABLE(verdict, true);

static const struct column announced_columns[] = {
	INT(row_announced, id),           INT(row_announced, repo),         OID(row_announced, sha),
	TEXT(row_announced, context),     INT(row_announced, made_at),      INT(row_announced, last),
	INT(row_announced, last_at),      TEXT(row_announced, decision),    TEXT(row_announced, state),
	TEXT(row_announced, public_text), LARGE_TEXT(row_announced, rules),
};
static const struct index announced_indexes[] = {
	{"", true, {0}, 1},              /* id */
	{"sha", false, {1, 2, 3, 0}, 4}, /* repo, sha, context, id */
};
TABLE(announced, false);

static const struct column slot_columns[] = {
	INT(row_slot, repo),      OID(row_slot, sha),        TEXT(row_slot, context),       INT(row_slot, state),
	TEXT(row_slot, text),     INT(row_slot, kind),       INT(row_slot, generation),     INT(row_slot, made_at),
	INT(row_slot, verdict),   INT(row_slot, superseded), INT(row_slot, rank),           INT(row_slot, due),
	INT(row_slot, attempts),  INT(row_slot, not_before), OID(row_slot, after),          INT(row_slot, refused),
	INT(row_slot, watched),   INT(row_slot, look),       INT(row_slot, allowed_before), INT(row_slot, owed_since),
	INT(row_slot, due_since),
};
static const struct index slot_indexes[] = {
	{"", true, {0, 1, 2}, 3},            /* repo, sha, context */
	{"due", false, {11, 10, 13, 20}, 4}, /* due, rank, not_before, due_since */
	{"watched", false, {0, 16}, 2},      /* repo, watched */
	{"look", false, {17, 0}, 2},         /* look, repo */
	{"owed", false, {19}, 1},            /* owed_since */
};
TABLE(slot, false);

static const struct column ledger_columns[] = {
	INT(row_ledger, repo),
	OID(row_ledger, sha),
	TEXT(row_ledger, context),
	INT(row_ledger, state),
	TEXT(row_ledger, text),
	INT(row_ledger, forge_status_id),
	INT(row_ledger, count),
	TEXT(row_ledger, in_flight_by),
	INT(row_ledger, in_flight_since),
	INT(row_ledger, in_flight_state),
	INT(row_ledger, doubt_until),
	INT(row_ledger, in_doubt),
	TEXT(row_ledger, own_ids),
	INT(row_ledger, lost_grants),
	INT(row_ledger, lost_denials),
	INT(row_ledger, audited_id),
	INT(row_ledger, others),
	INT(row_ledger, grants_until),
	INT(row_ledger, granted),
};
static const struct index ledger_indexes[] = {
	{"", true, {0, 1, 2}, 3},      /* repo, sha, context */
	{"doubt", false, {11, 10}, 2}, /* in_doubt, doubt_until */
};
TABLE(ledger, false);

static const struct column floor_columns[] = {
	INT(row_floor, repo),       TEXT(row_floor, kind),  INT(row_floor, key),
	INT(row_floor, forge_time), TEXT(row_floor, value),
};
static const struct index floor_indexes[] = {
	{"", true, {0, 1, 2}, 3}, /* repo, kind, key */
};
TABLE(floor, false);

static const struct column identity_columns[] = {
	INT(row_identity, installation), INT(row_identity, creator), INT(row_identity, former),
	INT(row_identity, armed_at),     INT(row_identity, since),
};
static const struct index identity_indexes[] = {
	{"", true, {0}, 1}, /* installation */
};
TABLE(identity, false);

static const struct column alarm_columns[] = {
	INT(row_alarm, id),
	INT(row_alarm, repo),
	OID(row_alarm, sha),
	INT(row_alarm, kind),
	TEXT(row_alarm, who),
	INT(row_alarm, who_id),
	INT(row_alarm, forge_id),
	INT(row_alarm, first_at),
	INT(row_alarm, at),
	INT(row_alarm, times),
	INT(row_alarm, acknowledged_at),
	INT(row_alarm, said),
	INT(row_alarm, unsaid),
};
static const struct index alarm_indexes[] = {
	{"", true, {0}, 1},              /* id */
	{"subject", true, {1, 2, 3}, 3}, /* repo, sha, kind */
	{"kind", false, {3, 10}, 2},     /* kind, acknowledged_at */
	{"unsaid", false, {12, 0}, 2},   /* unsaid, id */
};
TABLE(alarm, true);

static const struct column hook_columns[] = {
	INT(row_hook, id),     INT(row_hook, due_at), INT(row_hook, attempts), INT(row_hook, read_upto),
	INT(row_hook, newest), TEXT(row_hook, rest),  INT(row_hook, ask_at),
};
static const struct index hook_indexes[] = {
	{"", true, {0}, 1}, /* id */
};
TABLE(hook, false);

static const struct column redelivery_columns[] = {
	TEXT(row_redelivery, guid),        TEXT(row_redelivery, event), INT(row_redelivery, attempt),
	INT(row_redelivery, attempted_at), INT(row_redelivery, state),  INT(row_redelivery, ask_at),
	INT(row_redelivery, asked),
};
static const struct index redelivery_indexes[] = {
	{"", true, {0}, 1},        /* guid */
	{"age", false, {3}, 1},    /* attempted_at */
	{"due", false, {4, 5}, 2}, /* state, ask_at */
};
TABLE(redelivery, false);

static const struct column merge_group_columns[] = {
	INT(row_merge_group, repo),      OID(row_merge_group, sha),   TEXT(row_merge_group, ref),
	TEXT(row_merge_group, base_ref), INT(row_merge_group, ended), INT(row_merge_group, gone_since),
};
static const struct index merge_group_indexes[] = {
	{"", true, {0, 1, 2}, 3},   /* repo, sha, ref */
	{"life", false, {0, 4}, 2}, /* repo, ended */
};
TABLE(merge_group, false);

static const struct column constituent_columns[] = {
	INT(row_constituent, repo),
	OID(row_constituent, sha),
	OID(row_constituent, head),
	INT(row_constituent, number),
};
static const struct index constituent_indexes[] = {
	{"", true, {0, 1, 2}, 3},   /* repo, sha, head */
	{"head", false, {0, 2}, 2}, /* repo, head */
};
TABLE(constituent, false);

static const struct column bug_link_columns[] = {
	TEXT(row_bug_link, tracker), INT(row_bug_link, bug),    INT(row_bug_link, repo),
	OID(row_bug_link, sha),      INT(row_bug_link, weighs),
};
static const struct index bug_link_indexes[] = {
	{"", true, {0, 1, 2, 3}, 4}, /* tracker, bug, repo, sha */
	{"sha", false, {2, 3}, 2},   /* repo, sha */
};
TABLE(bug_link, false);

static const struct column bug_news_columns[] = {
	TEXT(row_bug_news, tracker), INT(row_bug_news, bug),  INT(row_bug_news, due),
	INT(row_bug_news, heard_at), INT(row_bug_news, said), INT(row_bug_news, said_of),
	INT(row_bug_news, said_at),
};
static const struct index bug_news_indexes[] = {
	{"", true, {0, 1}, 2},        /* tracker, bug */
	{"due", false, {0, 2, 3}, 3}, /* tracker, due, heard_at */
};
TABLE(bug_news, false);

static const struct column tree_columns[] = {
	TEXT(row_tree, name), INT(row_tree, state),    TEXT(row_tree, reason),
	INT(row_tree, as_of), INT(row_tree, tried_at), INT(row_tree, changed_at),
};
static const struct index tree_indexes[] = {
	{"", true, {0}, 1}, /* name */
};
TABLE(tree, false);

static const struct column tree_link_columns[] = {
	TEXT(row_tree_link, tree),
	INT(row_tree_link, repo),
	OID(row_tree_link, sha),
	INT(row_tree_link, weighs),
};
static const struct index tree_link_indexes[] = {
	{"", true, {0, 1, 2}, 3},  /* tree, repo, sha */
	{"sha", false, {1, 2}, 2}, /* repo, sha */
};
TABLE(tree_link, false);

static const struct column bug_deed_columns[] = {
	TEXT(row_bug_deed, tracker),   TEXT(row_bug_deed, mark),      INT(row_bug_deed, state),
	INT(row_bug_deed, due),        INT(row_bug_deed, not_before), INT(row_bug_deed, sent_at),
	INT(row_bug_deed, attempts),   INT(row_bug_deed, kind),       INT(row_bug_deed, bug),
	INT(row_bug_deed, attachment), INT(row_bug_deed, flag),       TEXT(row_bug_deed, name),
};
static const struct index bug_deed_indexes[] = {
	{"", true, {0, 1}, 2},        /* tracker, mark */
	{"due", false, {0, 3, 4}, 3}, /* tracker, due, not_before */
};
TABLE(bug_deed, false);

const struct table *const store_tables[] = {&table_meta,        &table_journal,
					    &table_repo,        &table_change,
					    &table_arrival,     &table_binding,
					    &table_subject,     &table_verdict,
					    &table_slot,        &table_ledger,
					    &table_floor,       &table_identity,
					    &table_alarm,       &table_hook,
					    &table_redelivery,  &table_merge_group,
					    &table_constituent, &table_pushed,
					    &table_spoken,      &table_bug_link,
					    &table_bug_news,    &table_tree,
					    &table_tree_link,   &table_bug_deed,
					    &table_announced,   NULL};
