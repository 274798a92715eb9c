/*
 * What headgate takes from GitHub's payloads, event by event. Payloads of GitHub Enterprise Server are the same.
 * Needed is only what applying the event cannot do without; an author, a time or a base commit may be missing, because
 * the judgement reads them afresh. Fields that an outsider chooses freely are SHOW.
 */
#include "webhooks/github.h"

#include <stddef.h>

#define LOGIN_MAX   100
#define REF_MAX     512
#define CONTEXT_MAX 256
#define NAME_MAX    256
#define WORD_MAX    64

#define AT(member) offsetof(struct event, member)
#define LIST(array)                                                                                                    \
	{                                                                                                              \
		(array), sizeof(array) / sizeof((array)[0])                                                            \
	}
#define ACTIONS(array) (array), sizeof(array) / sizeof((array)[0])

static const struct event_field common[] = {
	{"action", READ_TEXT, SHOW, AT(action), LOGIN_MAX},
	{"installation.id", READ_ID, CHECK, AT(installation), 0},
	{"repository.id", READ_ID, CHECK, AT(repo), 0},
	{"repository.full_name", READ_TEXT, CHECK, AT(repo_name), NAME_MAX},
	{"sender.id", READ_ID, CHECK, AT(sender.id), 0},
	{"sender.login", READ_TEXT, SHOW, AT(sender.login), LOGIN_MAX},
	{"sender.type", READ_PERSON_TYPE, SHOW, AT(sender.type), 0},
};

static const struct event_field change_fields[] = {
	{"pull_request.number", READ_ID, NEED, AT(change.number), 0},
	{"pull_request.head.sha", READ_OID, NEED, AT(change.head), 0},
	{"pull_request.head.ref", READ_REF, SHOW, AT(change.head_ref), REF_MAX},
	{"pull_request.head.repo.id", READ_ID, CHECK, AT(change.head_repo), 0},
	{"pull_request.base.ref", READ_REF, NEED, AT(change.base_ref), REF_MAX},
	{"pull_request.base.sha", READ_OID, CHECK, AT(change.base_sha), 0},
	{"pull_request.state", READ_OPEN, NEED, AT(change.open), 0},
	{"pull_request.draft", READ_BOOL, CHECK, AT(change.draft), 0},
	{"pull_request.merged", READ_BOOL, CHECK, AT(change.merged), 0},
	{"pull_request.user.id", READ_ID, CHECK, AT(change.author.id), 0},
	{"pull_request.user.login", READ_TEXT, SHOW, AT(change.author.login), LOGIN_MAX},
	{"pull_request.user.type", READ_PERSON_TYPE, SHOW, AT(change.author.type), 0},
	{"pull_request.updated_at", READ_WHEN, CHECK, AT(change.updated_at), 0},
};

/* ---- pull_request ---- */

static const struct event_action change_actions[] = {
	{"opened", CHANGE_OPENED},          {"reopened", CHANGE_REOPENED}, {"synchronize", CHANGE_SYNCHRONIZE},
	{"closed", CHANGE_CLOSED},          {"edited", CHANGE_EDITED},     {"converted_to_draft", CHANGE_DRAFT},
	{"ready_for_review", CHANGE_READY},
};

static const struct event_field move_fields[] = {
	{"before", READ_OID, CHECK, AT(before), 0},
	{"after", READ_OID, CHECK, AT(after), 0},
	{"changes.base", READ_PRESENT, CHECK, AT(base_changed), 0},
	{"reason", READ_TEXT, SHOW, AT(status.state), WORD_MAX}, /* dequeued: why */
};

/* Applying a synchronize supersedes `before`: without it the old head could not be told. */
static bool finish_change(struct normal *n)
{
	struct event *e = n->event;

	e->change_action = (enum change_action)n->action;
	if (e->change_action != CHANGE_EDITED)
		e->base_changed = TRI_NO;
	if (e->change_action != CHANGE_SYNCHRONIZE)
		return true;
	if (!oid_known(&e->before))
		return normal_quarantine(n, "before", "missing");
	return oid_known(&e->after) || normal_quarantine(n, "after", "missing");
}

/* ---- pull_request_review ---- */

static const struct event_action review_actions[] = {
	{"submitted", REVIEW_SUBMITTED},
	{"edited", REVIEW_EDITED},
	{"dismissed", REVIEW_DISMISSED},
};

static const struct event_field review_fields[] = {
	{"review.id", READ_ID, NEED, AT(review.id), 0},
	{"review.state", READ_REVIEW_STATE, NEED, AT(review.state), 0},
	{"review.commit_id", READ_OID, CHECK, AT(review.commit_id), 0},
	{"review.submitted_at", READ_WHEN, CHECK, AT(review.submitted_at), 0},
	{"review.user.id", READ_ID, NEED, AT(review.user.id), 0},
	{"review.user.login", READ_TEXT, SHOW, AT(review.user.login), LOGIN_MAX},
	{"review.user.type", READ_PERSON_TYPE, SHOW, AT(review.user.type), 0},
	{"review.author_association", READ_TEXT, SHOW, AT(review.association), WORD_MAX},
};

static bool finish_review(struct normal *n)
{
	n->event->review_action = (enum review_action)n->action;
	if (n->event->review_action == REVIEW_SUBMITTED && n->event->review.submitted_at == WHEN_UNKNOWN)
		return normal_quarantine(n, "review.submitted_at", "missing");
	return true;
}

/* ---- issue_comment ---- */

static const struct event_action comment_actions[] = {{"created", 1}, {"edited", 2}, {"deleted", 3}};

/* An issue that is a change has a pull_request; base_changed carries that to the function and no further. */
static const struct event_field comment_fields[] = {
	{"issue.pull_request", READ_PRESENT, CHECK, AT(base_changed), 0},
	{"issue.number", READ_ID, NEED, AT(change.number), 0},
	{"issue.state", READ_OPEN, CHECK, AT(change.open), 0},
	{"issue.user.id", READ_ID, CHECK, AT(change.author.id), 0},
	{"issue.user.login", READ_TEXT, SHOW, AT(change.author.login), LOGIN_MAX},
	{"issue.user.type", READ_PERSON_TYPE, SHOW, AT(change.author.type), 0},
	{"comment.id", READ_ID, NEED, AT(comment.id), 0},
	{"comment.body", READ_TEXT, SHOW, AT(comment.body), EVENT_BODY_MAX},
	{"comment.author_association", READ_TEXT, SHOW, AT(comment.association), WORD_MAX},
	{"comment.user.id", READ_ID, CHECK, AT(comment.user.id), 0},
	{"comment.user.login", READ_TEXT, SHOW, AT(comment.user.login), LOGIN_MAX},
	{"comment.user.type", READ_PERSON_TYPE, SHOW, AT(comment.user.type), 0},
	{"comment.created_at", READ_WHEN, CHECK, AT(comment.created_at), 0},
};

static bool finish_comment(struct normal *n)
{
	bool on_change = n->event->base_changed == TRI_YES;

	n->event->base_changed = TRI_UNKNOWN;
	return on_change || normal_ignore(n, "a comment on an issue that is no change");
}

/* ---- push, status, checks, merge group ---- */

static const struct event_field push_fields[] = {
	{"ref", READ_FULL_REF, NEED, AT(ref), REF_MAX},
	{"before", READ_OID_OR_ZERO, NEED, AT(before), 0},
	{"after", READ_OID_OR_ZERO, NEED, AT(after), 0},
	{"created", READ_BOOL, CHECK, AT(created), 0},
	{"deleted", READ_BOOL, CHECK, AT(deleted), 0},
	{"forced", READ_BOOL, CHECK, AT(forced), 0},
	{"repository.pushed_at", READ_WHEN, CHECK, AT(pushed_at), 0},
};

static const struct event_field status_fields[] = {
	{"id", READ_ID, NEED, AT(status.id), 0},
	{"sha", READ_OID, NEED, AT(status.sha), 0},
	{"context", READ_TEXT, NEED, AT(status.context), CONTEXT_MAX},
	{"state", READ_TEXT, NEED, AT(status.state), WORD_MAX},
	{"created_at", READ_WHEN, CHECK, AT(status.created_at), 0},
};

/* Whoever set a status is the event's sender; the payload has no other name. */
static bool finish_status(struct normal *n)
{
	n->event->status.creator = n->event->sender;
	return true;
}

static const struct event_action run_actions[] = {
	{"created", 1}, {"completed", 2}, {"rerequested", 3}, {"requested_action", 4}};

static const struct event_field run_fields[] = {
	{"check_run.id", READ_ID, NEED, AT(status.id), 0},
	{"check_run.head_sha", READ_OID, NEED, AT(status.sha), 0},
	{"check_run.name", READ_TEXT, NEED, AT(status.context), CONTEXT_MAX},
	{"check_run.conclusion", READ_TEXT, CHECK, AT(status.state), WORD_MAX},
	{"check_run.started_at", READ_WHEN, CHECK, AT(status.created_at), 0},
	{"check_run.app.id", READ_ID, CHECK, AT(status.creator.id), 0},
	{"check_run.app.slug", READ_TEXT, SHOW, AT(status.creator.login), LOGIN_MAX},
};

static const struct event_action suite_actions[] = {{"requested", 1}, {"completed", 2}, {"rerequested", 3}};

static const struct event_field suite_fields[] = {
	{"check_suite.id", READ_ID, NEED, AT(status.id), 0},
	{"check_suite.head_sha", READ_OID, NEED, AT(status.sha), 0},
	{"check_suite.app.name", READ_TEXT, SHOW, AT(status.context), CONTEXT_MAX},
	{"check_suite.conclusion", READ_TEXT, CHECK, AT(status.state), WORD_MAX},
	{"check_suite.created_at", READ_WHEN, CHECK, AT(status.created_at), 0},
};

static const struct event_action workflow_actions[] = {{"requested", 1}, {"in_progress", 2}, {"completed", 3}};

static const struct event_field workflow_fields[] = {
	{"workflow_run.id", READ_ID, NEED, AT(status.id), 0},
	{"workflow_run.head_sha", READ_OID, NEED, AT(status.sha), 0},
	{"workflow_run.path", READ_TEXT, CHECK, AT(status.context), CONTEXT_MAX},
	{"workflow_run.conclusion", READ_TEXT, CHECK, AT(status.state), WORD_MAX},
	{"workflow_run.created_at", READ_WHEN, CHECK, AT(status.created_at), 0},
};

static const struct event_action group_actions[] = {{"checks_requested", 1}, {"destroyed", 2}};

/* change.number stays 0: which changes are in the group is read from the queue, not guessed from the branch's name. */
static const struct event_field group_fields[] = {
	{"merge_group.head_sha", READ_OID, NEED, AT(change.head), 0},
	{"merge_group.head_ref", READ_FULL_REF, NEED, AT(ref), REF_MAX},
	{"merge_group.base_sha", READ_OID, CHECK, AT(change.base_sha), 0},
	{"merge_group.base_ref", READ_FULL_REF, NEED, AT(change.base_ref), REF_MAX},
	{"reason", READ_TEXT, SHOW, AT(status.state), WORD_MAX},
};

static bool finish_group(struct normal *n)
{
	struct text *base = &n->event->change.base_ref, heads = TEXT_LIT("refs/heads/");

	n->event->after = n->event->change.head;
	if (!text_starts(*base, heads))
		return normal_quarantine(n, "merge_group.base_ref", "not a branch");
	*base = (struct text){base->at + heads.len, base->len - heads.len};
	return true;
}

/* ---- installations, people, teams, settings ---- */

static const struct event_action installation_actions[] = {
	{"created", 1}, {"deleted", 2}, {"new_permissions_accepted", 3}, {"suspend", 4}, {"unsuspend", 5}};
static const struct event_action added_actions[] = {{"added", 1}, {"removed", 2}};
static const struct event_action target_actions[] = {{"renamed", 1}};
static const struct event_action repository_actions[] = {
	{"created", 1}, {"deleted", 2},     {"archived", 3},   {"unarchived", 4}, {"edited", 5},
	{"renamed", 6}, {"transferred", 7}, {"publicized", 8}, {"privatized", 9},
};
static const struct event_action member_actions[] = {{"added", 1}, {"edited", 2}, {"removed", 3}};
static const struct event_action team_actions[] = {
	{"created", 1}, {"deleted", 2}, {"edited", 3}, {"added_to_repository", 4}, {"removed_from_repository", 5}};
static const struct event_action rule_actions[] = {{"created", 1}, {"edited", 2}, {"deleted", 3}};

enum { ORGANIZATION_MEMBER_MOVED = 1, ORGANIZATION_OTHER };
static const struct event_action organization_actions[] = {
	{"member_added", ORGANIZATION_MEMBER_MOVED},
	{"member_removed", ORGANIZATION_MEMBER_MOVED},
	{"member_invited", ORGANIZATION_OTHER},
	{"renamed", ORGANIZATION_OTHER},
	{"deleted", ORGANIZATION_OTHER},
};

static const struct event_field member_fields[] = {
	{"member.id", READ_ID, NEED, AT(subject_user.id), 0},
	{"member.login", READ_TEXT, SHOW, AT(subject_user.login), LOGIN_MAX},
	{"member.type", READ_PERSON_TYPE, SHOW, AT(subject_user.type), 0},
};

/* A deleted team has no slug any more. */
static const struct event_field team_fields[] = {{"team.slug", READ_TEXT, CHECK, AT(team), NAME_MAX}};

static const struct event_field organization_fields[] = {
	{"membership.user.id", READ_ID, CHECK, AT(subject_user.id), 0},
	{"membership.user.login", READ_TEXT, SHOW, AT(subject_user.login), LOGIN_MAX},
	{"membership.user.type", READ_PERSON_TYPE, SHOW, AT(subject_user.type), 0},
};

static bool finish_organization(struct normal *n)
{
	if (n->action == ORGANIZATION_MEMBER_MOVED && n->event->subject_user.id == 0)
		return normal_quarantine(n, "membership.user.id", "missing");
	return true;
}

/* ---- the table ---- */

#define REPO_ACTION         (NEEDS_REPO | NEEDS_ACTION)
#define INSTALLATION_ACTION (NEEDS_INSTALLATION | NEEDS_ACTION)

static const struct event_row rows[] = {
	{{"pull_request", EVENT_CHANGE, "every action; what moves or weakens a change is applied at once"},
	 REPO_ACTION,
	 true,
	 ACTIONS(change_actions),
	 {LIST(change_fields), LIST(move_fields)},
	 finish_change},
	{{"pull_request_review", EVENT_REVIEW, "submitted, edited, dismissed"},
	 REPO_ACTION,
	 false,
	 ACTIONS(review_actions),
	 {LIST(change_fields), LIST(review_fields)},
	 finish_review},
	{{"push", EVENT_PUSH, "branches and tags that moved"}, NEEDS_REPO, true, NULL, 0, {LIST(push_fields)}, NULL},
	{{"issue_comment", EVENT_COMMENT, "comments on changes; those on issues are ignored"},
	 REPO_ACTION,
	 false,
	 ACTIONS(comment_actions),
	 {LIST(comment_fields)},
	 finish_comment},
	{{"status", EVENT_STATUS, "commit statuses, our own among them"},
	 NEEDS_REPO,
	 true,
	 NULL,
	 0,
	 {LIST(status_fields)},
	 finish_status},
	{{"check_run", EVENT_CHECK_RUN, "checks of other apps"},
	 REPO_ACTION,
	 false,
	 ACTIONS(run_actions),
	 {LIST(run_fields)},
	 NULL},
	{{"check_suite", EVENT_CHECK_SUITE, "suites of checks"},
	 REPO_ACTION,
	 false,
	 ACTIONS(suite_actions),
	 {LIST(suite_fields)},
	 finish_status},
	{{"workflow_run", EVENT_WORKFLOW_RUN, "runs of workflows"},
	 REPO_ACTION,
	 false,
	 ACTIONS(workflow_actions),
	 {LIST(workflow_fields)},
	 NULL},
	{{"merge_group", EVENT_MERGE_GROUP, "commits of the merge queue"},
	 REPO_ACTION,
	 false,
	 ACTIONS(group_actions),
	 {LIST(group_fields)},
	 finish_group},
	{{"installation", EVENT_INSTALLATION, "the app was installed, changed or removed"},
	 INSTALLATION_ACTION,
	 false,
	 ACTIONS(installation_actions),
	 {{NULL, 0}},
	 NULL},
	{{"installation_repositories", EVENT_INSTALLATION, "repositories given to the app or taken away"},
	 INSTALLATION_ACTION,
	 false,
	 ACTIONS(added_actions),
	 {{NULL, 0}},
	 NULL},
	{{"installation_target", EVENT_INSTALLATION, "the account was renamed"},
	 INSTALLATION_ACTION,
	 false,
	 ACTIONS(target_actions),
	 {{NULL, 0}},
	 NULL},
	{{"repository", EVENT_REPOSITORY, "created, renamed, transferred, made public, archived, deleted"},
	 REPO_ACTION,
	 false,
	 ACTIONS(repository_actions),
	 {{NULL, 0}},
	 NULL},
	{{"member", EVENT_MEMBER, "collaborators of a repository"},
	 REPO_ACTION,
	 false,
	 ACTIONS(member_actions),
	 {LIST(member_fields)},
	 NULL},
	{{"membership", EVENT_MEMBERSHIP, "members of a team"},
	 NEEDS_ACTION,
	 false,
	 ACTIONS(added_actions),
	 {LIST(member_fields), LIST(team_fields)},
	 NULL},
	{{"team", EVENT_TEAM, "teams and what they may do"},
	 NEEDS_ACTION,
	 false,
	 ACTIONS(team_actions),
	 {LIST(team_fields)},
	 NULL},
	{{"team_add", EVENT_TEAM, "a team was given a repository"},
	 NEEDS_REPO,
	 true,
	 NULL,
	 0,
	 {LIST(team_fields)},
	 NULL},
	{{"organization", EVENT_ORGANIZATION, "members of the organisation"},
	 NEEDS_ACTION,
	 false,
	 ACTIONS(organization_actions),
	 {LIST(organization_fields)},
	 finish_organization},
	{{"branch_protection_rule", EVENT_PROTECTION, "branch protection was changed"},
	 REPO_ACTION,
	 false,
	 ACTIONS(rule_actions),
	 {{NULL, 0}},
	 NULL},
	{{"ping", EVENT_PING, "the hook was set up"}, 0, true, NULL, 0, {{NULL, 0}}, NULL},
};

const struct event_row *github_row_at(size_t i)
{
	return i < sizeof rows / sizeof rows[0] ? &rows[i] : NULL;
}

const struct event_row *github_row(struct text event_name)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (text_is(event_name, rows[i].about.name))
			return &rows[i];
	return NULL;
}

struct field_list github_common(void)
{
	return (struct field_list)LIST(common);
}
