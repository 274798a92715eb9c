/*
 * world_state: what the world's files share. Records are JSON objects (insertion order is kept, so dumps are
 * deterministic); times inside are milliseconds, formatted to whole seconds on the way out, as the forge does.
 */
#ifndef TESTS_WORLD_WORLD_STATE_H
#define TESTS_WORLD_WORLD_STATE_H

#include "tests/world/world.h"

#include <git2.h>

#define WORLD_ZERO "0000000000000000000000000000000000000000"

struct world_hooks {
	char *url, *secret;
	json_t *list, *rules; /* deliveries; what to do with the next ones */
	json_int_t in_flight, concurrent;
};

struct world_open { /* a repository that is open */
	char *path;
	git_repository *git;
	struct world_open *next;
};

struct world_rate {
	json_int_t limit, window_ms, writes_per_minute; /* the last: 0 none */
	int status;                                     /* of a refusal */
	bool enforced;
	json_t *used, *writes; /* by caller: {"since", "n"}; times of the writes of the last minute */
	json_t *secondary;     /* refusals to come: {"status", "retry_after", "count"}; NULL: none */
};

struct world_mark { /* a past with a name */
	char *name;
	struct world_past *past;
	struct world_mark *next;
};

struct world {
	char *dir, *public_url;
	uint64_t seed;
	int64_t now_ms;
	bool real;
	json_t *ids, *tokens, *users, *teams, *repos, *log, *faults;
	json_t *apps, *installations, *manifests; /* by slug; by id; by code */
	struct world_open *open;
	json_t *kept;  /* views and ranges that nothing but world_forget changes, by name */
	json_t *moved; /* old names of repositories, in small letters: their numbers */
	json_int_t log_last;
	json_int_t renamings; /* of people, so far */
	struct world_rate rate;
	struct world_mark *marks;
	struct world_hooks hooks;
	struct world_bugs *bugs; /* world_bug.h */
};

/* One thing done by somebody, over REST or the control face alike. status 0 while all is well. */
struct world_act {
	struct world *w;
	json_t *repo; /* borrowed record */
	const char *who;
	json_t *args;
	json_t *out; /* owned by the caller of the act */
	int status;
};

typedef void world_act_fn(struct world_act *act);
struct world_call;

/* world_json.c: reading with defaults, texts */
const char *world_str(const json_t *object, const char *key); /* "" when missing */
json_int_t world_int(const json_t *object, const char *key);
bool world_true(const json_t *object, const char *key);
json_t *world_list(json_t *object, const char *key); /* borrowed; made when missing */
json_t *world_map(json_t *object, const char *key);
void world_put(json_t *object, const char *key, json_t *value); /* steals; aborts without memory */
json_t *world_own(json_t *value);                               /* aborts on NULL */
void world_fail(struct world_act *act, int status, const char *message);
json_t *world_time(int64_t ms);                                                  /* "2026-01-05T00:00:00Z" */
json_t *world_time_or_null(json_int_t ms);                                       /* 0: null */
char *world_text(const char *format, ...) __attribute__((format(printf, 1, 2))); /* owned */
json_t *world_jtext(const char *format, ...) __attribute__((format(printf, 1, 2)));
json_t *world_jbytes(const char *bytes, size_t len); /* U+FFFD for what is no UTF-8 */
size_t world_characters(const char *utf8);
char *world_lower(const char *s);  /* owned */
char *world_escape(const char *s); /* for a URL's query; owned */

/* world.c: what is asked for again and again. known: a new reference, NULL when there is none; keep: gives the value
 * back, which nobody changes any more. forget: after whatever could change one of them. */
json_t *world_known(const struct world *w, const char *key);
json_t *world_keep(struct world *w, const char *key, json_t *value);
void world_forget(struct world *w);

/* world.c: ids, log */
json_int_t world_id(struct world *w, const char *kind);
void world_guid(struct world *w, char ret[37]);
void world_log(struct world *w, const char *kind, json_t *entry); /* steals */

/* world_fault.c: the fault for this request, counted down (new reference); NULL: none. It may answer in the world's
 * place, and it may spoil what was answered. */
json_t *world_take_fault(struct world *w, const struct world_request *request);
bool world_fault_answers(struct world_call *call, json_t *fault);
void world_fault_spoils(struct world_response *response, json_t *fault);

/* world_past.c */
struct world_past *world_marked(struct world *w, const char *name); /* borrowed; NULL: none */
void world_past_exchange(struct world *w, struct world_past *past); /* with NULL nothing */
void world_mark(struct world *w, const char *name);
void world_forget_marks(struct world *w);

/* world_rate.c. takes: false: refused, and answered so. settle: the headers; given back: it does not count. */
struct world_rate world_rate_new(void);
void world_rate_free(struct world_rate *rate);
bool world_rate_takes(struct world_call *call);
void world_rate_settle(struct world_call *call, bool given_back);
json_t *world_rate_view(struct world_call *call);
world_act_fn world_act_rate;

/* world_etag.c: gives the answer its ETag; true: it is the one the caller has, and the answer is a 304. */
bool world_etag_holds(struct world_call *call);

/* world_door.c: who asks. A token that is unknown, over its hour or of a deleted installation is NULL. */
enum { WORLD_LOGIN_MAX = 128 };
const json_t *world_token(struct world *w, const char *authorization); /* Bearer, token or Basic */
bool world_token_sleeps(struct world *w, const json_t *token);         /* its installation is suspended */
void world_name_caller(const json_t *token, const json_t *app, char ret[WORLD_LOGIN_MAX]);
bool world_admit(struct world_call *call); /* sets token or app; false: answered already */

/* world_jwt.c: the App that signed it (borrowed), or NULL with the status and message to answer. */
bool world_is_jwt(const char *token);
json_t *world_jwt_app(struct world *w, const char *jwt, int *status, const char **why);
bool world_key_is_good(const char *pem);
json_t *world_public_key(const char *private_pem); /* PEM; NULL: it is none */

/* world_app.c. only: numbers of repositories that a token is narrowed to; NULL: all that the installation covers. */
json_t *world_installation(struct world *w, json_int_t id); /* NULL: none */
json_t *world_installation_on(struct world *w, const char *slug, json_t *repo);
bool world_covers(json_t *installation, const json_t *only, json_t *repo);
json_t *world_installation_repos(struct world *w, json_t *installation, const json_t *only); /* views, new list */
bool world_level_holds(const char *has, const char *needs);                                  /* read < write < admin */
json_t *world_app_view(struct world *w, json_t *app);
json_t *world_app_of(struct world *w, const char *slug); /* one that nobody registered, too; the caller's */
json_t *world_installation_view(struct world *w, json_t *installation);
json_t *world_hooked_app(struct world *w); /* the one that owns the webhooks; NULL: the unseen one */
/* By which installation the App is told of this event; 0: it is not told. */
json_int_t world_told_installation(struct world *w, json_t *repo, const char *event, json_t *payload);
world_act_fn world_act_app, world_act_install, world_act_uninstall, world_act_suspend, world_act_unsuspend,
	world_act_accept_permissions, world_act_select_repos, world_act_manifest;

/* world_people.c */
json_t *world_user(struct world *w, const char *login); /* made when missing */
json_t *world_user_known(struct world *w, const char *login);
json_t *world_user_view(struct world *w, const char *login); /* null for "" */
json_t *world_user_by_email(struct world *w, const char *email);
const char *world_role(struct world *w, json_t *repo, const char *login);
bool world_role_at_least(const char *role, const char *least);
const char *world_role_legacy(const char *role);
const char *world_association(struct world *w, json_t *repo, const char *login);
bool world_team_has(struct world *w, const char *team, const char *login);
bool world_org_has(struct world *w, const char *org, const char *login);
world_act_fn world_act_user, world_act_permission, world_act_team, world_act_org, world_act_token;

/* world_fields.c: adds what every such view has and nothing here fills; the first two need login and id, or full_name,
 * in it. _full: what GET pulls/N has besides. */
void world_fill_user(struct world *w, json_t *view);
void world_fill_repo(struct world *w, json_t *view);
void world_fill_change(struct world *w, json_t *repo, json_t *change, json_t *view);
void world_fill_change_full(struct world *w, json_t *repo, json_t *change, json_t *view);
void world_fill_file(struct world *w, json_t *repo, const char *sha, const char *path, json_t *view);
struct world_ends {
	const char *asked, *base, *head; /* of a comparison: as the request named both, and the two commits */
};
void world_fill_comparison(struct world *w, json_t *repo, const struct world_ends *ends, json_t *view);

/* world_repo.c: records, refs */
json_t *world_repo(struct world *w, const char *name);    /* NULL: none */
json_t *world_repo_by_id(struct world *w, json_int_t id); /* NULL: none */
json_t *world_repo_view(struct world *w, json_t *repo);
git_repository *world_git(struct world *w, json_t *repo); /* borrowed until world_git_close; NULL on failure */
void world_git_close(struct world *w);
const char *world_tip(json_t *repo, const char *branch); /* "" when missing */
struct world_move {
	const char *ref, *before, *after, *who, *type; /* type NULL: from the commits */
};
void world_moved(struct world *w, json_t *repo, const struct world_move *move);
bool world_set_ref(struct world *w, json_t *repo, const char *ref, const char *sha);
bool world_is_ancestor(struct world *w, json_t *repo, const char *old, const char *new);
bool world_has_commit(struct world *w, json_t *repo, const char *sha);
void world_scan_refs(struct world *w, json_t *repo, const char *who);
json_t *world_short_commit(struct world *w, json_t *repo, const char *sha); /* as events show one; null: none */
char *world_store(const struct world *w, json_int_t id);                    /* its directory; owned */
bool world_link_name(struct world *w, const char *name, json_int_t id);
bool world_name_is_free(struct world *w, const char *name); /* and is one */
world_act_fn world_act_repo, world_act_fork, world_act_delete_repo, world_act_size;

/* world_names.c */
json_t *world_repo_moved(struct world *w, const char *old); /* what had this name; NULL: none */
world_act_fn world_act_rename, world_act_transfer, world_act_rename_user;

/* world_commit.c: objects */
bool world_commit(struct world_act *act, const char *parent, char ret[41]);
json_t *world_commit_view(struct world *w, json_t *repo, const char *sha);              /* NULL: none */
json_t *world_range(struct world *w, json_t *repo, const char *base, const char *head); /* shas, oldest first */
json_t *world_files(struct world *w, json_t *repo, const char *base, const char *head);
bool world_merge_tree(git_repository *git, const git_oid pair[2], git_oid *ret);
world_act_fn world_act_verify, world_act_commit, world_act_push, world_act_force_push, world_act_branch,
	world_act_policy;

/* world_change.c */
json_t *world_change(json_t *repo, json_int_t number); /* NULL: none */
json_t *world_change_view(struct world *w, json_t *repo, json_t *change, bool full);
void world_change_event(struct world_act *act, json_t *change, const char *action, json_t *extra);
void world_heads_follow(struct world *w, json_t *repo, const struct world_move *move);
void world_bases_follow(struct world *w, json_t *repo, const struct world_move *move);
json_t *world_change_of(struct world_act *act); /* by args.number or args.pr; fails the act with 404 */
void world_touch(struct world *w, json_t *change, const char *event, json_t *entry); /* updated_at, timeline */
world_act_fn world_act_open, world_act_close, world_act_reopen, world_act_retarget, world_act_draft, world_act_ready,
	world_act_edit, world_act_label, world_act_unlabel, world_act_comment;
json_t *world_comment_view(struct world_act *act, json_t *change, json_t *comment); /* act: its w and repo */

/* world_merge.c. join: a commit of the two with the merge of their trees; false when they do not merge. */
struct world_join {
	const char *base, *head, *message; /* commits */
	bool squash;                       /* one parent only */
};
bool world_join(struct world *w, json_t *repo, const struct world_join *in, char ret[41]);
world_act_fn world_act_merge;

/* world_review.c */
json_t *world_review_view(struct world *w, json_t *repo, json_t *change, json_t *review);
world_act_fn world_act_approve, world_act_request_changes, world_act_comment_review, world_act_dismiss,
	world_act_edit_review, world_act_rebind;

/* world_status.c */
json_t *world_status_view(struct world *w, json_t *repo, json_t *status);
json_t *world_statuses(json_t *repo, const char *sha); /* newest first, new list */
json_t *world_combined(struct world *w, json_t *repo, const char *sha);
const char *world_missing_context(json_t *repo, const char *branch, const char *sha); /* NULL: none is missing */
bool world_is_protected(json_t *repo, const char *branch);
json_t *world_required(json_t *repo, const char *branch);   /* names, new list */
void world_write_protection(struct world *w, json_t *repo); /* the file the git hook reads */
world_act_fn world_act_status, world_act_protect, world_act_unprotect;

/* world_check.c */
json_t *world_check_view(struct world *w, json_t *repo, json_t *run);
json_t *world_checks(json_t *repo, const char *sha); /* newest first, new list */
json_t *world_check_by_id(json_t *repo, json_int_t id);
json_t *world_newest_check(json_t *repo, const char *sha, const char *name); /* NULL: none */
bool world_check_is_good(json_t *run);
world_act_fn world_act_check_run, world_act_update_check, world_act_rerequest_check;

/* world_workflow.c */
world_act_fn world_act_workflow_run;

/* world_queue.c: the merge queue */
world_act_fn world_act_enqueue, world_act_destroy_group;

/* world_hooks.c */
void world_emit(struct world *w, json_t *repo, const char *event, json_t *payload); /* steals payload */
void world_emit_by(struct world_act *act, const char *event, json_t *payload);      /* with repository and sender */
json_t *world_delivery_by_id(struct world *w, json_int_t id);                       /* NULL: none */
json_t *world_delivery_headers(struct world *w, json_t *delivery);
void world_redeliver(struct world *w, json_t *delivery); /* once more, under the same GUID */
world_act_fn world_act_hooks;

/* world_bug*.c, world_bugzilla.c: the trackers and treestatus, below paths of their own and with keys of their own */
struct world_bugs *world_bugs_new(int64_t now_ms);
void world_bugs_free(struct world_bugs *bugs);
bool world_is_tracker(const struct world_request *request);
void world_tracker(struct world_call *call, char who[WORLD_LOGIN_MAX]); /* who: the account that asked, for the log */
void world_tracker_settle(struct world_call *call);                     /* what every answer has */
json_t *world_tracker_query(const struct world_request *request);       /* for the log: without the key */
bool world_push_next(struct world *w, struct world_delivery *ret);
bool world_push_done(struct world *w, json_int_t id, int status, int64_t took_ms); /* false: none of its */
int64_t world_push_due(struct world *w);    /* milliseconds until there may be one; below 0: nothing waits */
size_t world_push_waiting(struct world *w); /* events not delivered yet */
json_t *world_bugs_exchange(struct world *w, json_t *bugs); /* the bugs that were there until now */
json_t *world_bugs_now(const struct world *w);              /* borrowed */
void world_bugs_state(struct world *w, json_t *out);
world_act_fn world_act_account, world_act_product, world_act_flag_type, world_act_bug, world_act_flag,
	world_act_attachment, world_act_bug_comment, world_act_webhook, world_act_tree, world_act_tracker,
	world_act_daemon;

/* world_rest.c, world_control.c */
struct world_call {
	struct world_act act;
	const struct world_request *request;
	const json_t *token; /* NULL where an App asks with its own signature */
	json_t *app;         /* that App; else NULL */
	const char *args[4];
	struct world_response *response;
	bool played; /* a fault answered it */
};
json_t *world_query(const char *query); /* names to values, unescaped */
void world_unescape(char *s);
void world_route(struct world_call *call, char **parts, size_t n);
void world_open_route(struct world_call *call, char **parts, size_t n); /* for whoever asks */
void world_control(struct world_call *call, char **parts, size_t n);
bool world_may(const json_t *token, const char *right, const char *level);

#endif
