/* world_rest: the handlers behind the route table, and how they answer. */
#ifndef TESTS_WORLD_WORLD_REST_H
#define TESTS_WORLD_WORLD_REST_H

#include "tests/world/world_state.h"

void world_answer(struct world_call *call, int status, json_t *body); /* steals body */
void world_answer_page(struct world_call *call, json_t *list);        /* steals list */
/* The page asked for (list is stolen), with Link's first, prev, next and last. */
json_t *world_page(struct world_call *call, json_t *list);
json_t *world_pages(struct world_call *call, json_t *list, json_int_t usual); /* so many a page where nobody says */

/* A branch, a full ref or a full SHA; "" if there is no such commit. Borrowed. */
const char *world_resolve(struct world_call *call, const char *name);

typedef void world_call_fn(struct world_call *call);

/* world_rest_change.c */
world_call_fn world_get_pulls, world_get_pull, world_get_reviews, world_post_review, world_get_pull_commits,
	world_get_files, world_put_merge, world_get_timeline, world_get_comments, world_post_comment, world_get_issues,
	world_get_review, world_put_dismissal, world_put_update_branch;
/* world_rest_repo.c */
world_call_fn world_get_repo, world_get_permission, world_get_membership, world_get_ref, world_patch_ref,
	world_get_commit_pulls, world_get_statuses, world_get_combined, world_get_commit, world_post_status,
	world_get_activity, world_get_team_members, world_get_org_member;
/* world_rest_objects.c */
world_call_fn world_get_tree, world_get_blob, world_get_commits, world_get_compare;
/* world_rest_content.c */
world_call_fn world_get_contents, world_put_contents, world_delete_contents;

/* world_rest_app.c */
world_call_fn world_get_app, world_get_installations, world_get_installation, world_get_repo_installation,
	world_get_account_installation, world_post_access_token, world_get_installation_repos, world_delete_token,
	world_post_conversion;

/* world_rest_hooks.c: of the App's hook, and of a repository's where there is no App */
world_call_fn world_get_deliveries, world_get_delivery, world_post_attempt, world_get_hook_deliveries,
	world_get_hook_delivery, world_post_hook_attempt;

/* world_rest_check.c */
world_call_fn world_get_check, world_post_check, world_patch_check, world_get_checks;

/* world_workflow.c */
world_call_fn world_get_runs;

/* world_thread.c */
world_call_fn world_post_graphql;

/* Whether the caller may read act.repo. */
bool world_may_read(struct world_call *call);

/* world_rest_git.c: git's data, as gates use it */
world_call_fn world_post_ref, world_delete_ref, world_post_commit, world_get_git_commit, world_post_merge,
	world_get_branch;
/* world_rest_rules.c */
world_call_fn world_get_protection, world_get_branch_rules;

#endif
