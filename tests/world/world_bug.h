/*
 * world_bug: the trackers' half of the world: bugs, their attachments, flags and comments, the accounts that may see
 * them, BMO's push daemon with its webhooks, and treestatus. One state, shown by two faces (BMO and upstream Bugzilla).
 * Records are JSON; times inside are milliseconds and are told in whole seconds, as the tracker keeps them.
 *
 * A bug's own words (summary, comments, names of files) begin with "canary-" where nobody gave others: a test that
 * finds that word in something public has found a leak.
 */
#ifndef TESTS_WORLD_WORLD_BUG_H
#define TESTS_WORLD_WORLD_BUG_H

#include "tests/world/world_rest.h"

enum { BUG_SEARCH_CAP = 10000, BUG_TARGET_MAX = 8192, BUG_BACKOFF_MAX_S = 900 };

struct world_push {
	json_t *hooks;        /* BMO's webhooks, in the order they were made */
	json_t *queue;        /* events that no pass of the daemon has taken yet */
	json_t *rules;        /* what the control face wants of the next deliveries */
	json_t *held, *ready; /* taken out of the daemon's hands by a rule; let go again */
	json_t *flying;       /* the one delivery on its way; NULL: none */
	int phase;            /* of the daemon's pass */
	size_t at;            /* the webhook whose turn it is in this phase */
	int64_t poll_ms, next_pass_ms;
	int64_t clock_ms;       /* when the pass that is going on did its last step; it goes on from there */
	json_int_t error_limit; /* attempts for one event; 0: no limit */
};

struct world_bugs {
	json_t *bugs, *accounts, *products, *flag_types, *keywords; /* by number; login; name; name; name: true */
	json_t *activity;                                           /* changes of flags, oldest first */
	json_t *replica, *journal; /* NULL: the replica has no lag. What it has not seen yet: {"at", "id", "bug"} */
	int64_t lag_ms;            /* below 0: it stands still */
	json_t *limits;            /* NULL: none. What each kind of call counted, and until when all is refused */
	json_t *trees;             /* of treestatus, by name */
	struct world_push push;
};

/* world_bug.c: records. A bug is shown to who is in all its groups, and to its reporter, assignee and those on its CC
 * list. who "": anonymous. */
json_t *world_bug(struct world *w, json_int_t id);             /* NULL: none */
json_t *world_bug_named(struct world *w, const char *name);    /* a number or an alias; NULL: none */
json_t *world_bug_account(struct world *w, const char *login); /* made when missing */
json_t *world_bug_of_key(struct world *w, const char *key);    /* the account; NULL: no such key */
bool world_bug_in(const json_t *list, const char *text);       /* a list of texts holds it */
bool world_bug_is_public(struct world *w, const json_t *bug);
bool world_bug_sees(struct world *w, const json_t *bug, const char *who);
bool world_bug_sees_product(struct world *w, const char *product, const char *who);
bool world_bug_is_insider(struct world *w, const char *who);
json_t *world_bug_flag_type(struct world *w, const char *name);                /* made when missing */
json_t *world_bug_attachment(struct world *w, json_int_t id, json_t **bug);    /* NULL: none */
int64_t world_bug_now(const struct world *w);                                  /* the whole second */
json_t *world_bug_text_of(const char *word, json_int_t id, const char *given); /* a canary where nothing is given */
/* The tracker's own error: code and words, and the HTTP status that belongs to the code. */
void world_bug_fail(struct world_act *act, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* What the main database or the replica answers from; borrowed. */
json_t *world_bug_base(struct world *w, bool replica);
void world_bug_replicate(struct world *w, json_t *bug); /* after every change */

/* world_bug_edit.c: one request's changes of one bug: all of it or nothing. Its events are built as it goes, with what
 * a record said before the request where BMO does so, and queued when it is committed. */
struct world_edit {
	struct world_act *act;
	json_t *bug;
	json_t *before;  /* a copy of the bug, to go back to */
	json_t *events;  /* to be queued */
	json_t *told;    /* attachments as the first event of this request showed them, by number */
	json_t *changes; /* of the bug: [{"field", "removed", "added"}] */
	json_t *past;    /* for its history: [{"field_name", "removed", "added", "attachment_id"}] */
	size_t activity; /* how many entries the list of flag changes had */
	bool was_public;
	bool is_new;
};
struct world_edit world_edit_begin(struct world_act *act, json_t *bug);
/* False: refused; act says why, and the bug is as before. */
bool world_edit_commit(struct world_edit *edit);
json_t *world_edit_changes(const struct world_edit *edit); /* as the answer to a PUT tells them; new */
void world_edit_note(struct world_edit *edit, const char *field, const char *removed, const char *added);
void world_edit_bug(struct world_edit *edit, json_t *args); /* fields, sets, flags, comment, as PUT bug/N takes them */
json_t *world_edit_comment(struct world_edit *edit, const char *text, bool is_private);
json_t *world_edit_attach(struct world_edit *edit, json_t *args); /* a new one */
void world_edit_attachment(struct world_edit *edit, json_t *attachment, json_t *args);
json_t *world_bug_create(struct world_act *act, json_t *args, json_int_t id); /* id 0: the next; NULL: refused */
bool world_bug_is_open(const json_t *bug);
/* world_bug_flag.c. attachment NULL: the bug's own */
void world_edit_flags(struct world_edit *edit, json_t *attachment, json_t *wanted);
void world_edit_cancel_requests(struct world_edit *edit, json_t *attachment);

/* world_bug_body.c: what BMO says of an event. The message holds what was so when it was queued. */
void world_bug_tell(struct world_edit *edit, const char *target, const char *action, json_t *sub, json_t *changes);
char *world_bug_body(json_t *hook, json_t *message); /* as it is sent; owned */

/* world_bug_push.c: the daemon */
void world_push_queue(struct world *w, json_t *message); /* steals */
json_int_t world_push_backlog(const json_t *hook);

/* world_bug_view.c: as REST shows things to somebody */
struct world_shown {
	struct world *w;
	const char *who; /* "": anonymous */
	bool bmo;
	const json_t *in, *out; /* include_fields, exclude_fields: lists of texts; NULL: not said */
};
json_t *world_bug_view(const struct world_shown *to, json_t *bug);
json_t *world_bug_attachment_view(const struct world_shown *to, json_t *bug, json_t *attachment);
json_t *world_bug_attachments(const struct world_shown *to, json_t *bug); /* those that are shown, as views */
json_t *world_bug_comment_view(json_t *bug, json_t *comment);
json_t *world_bug_account_view(struct world *w, const char *login, bool bmo);
bool world_bug_wants(const struct world_shown *to, const char *field);

/* world_bug_search.c: numbers of the bugs that match, for who asks; NULL: refused, act says why. query: lists of texts
 * by name. */
json_t *world_bug_search(struct world_act *act, json_t *query, const struct world_shown *to);
json_t *world_bug_query(const char *query);
const char *world_bug_asked(const json_t *query, const char *name);  /* the first of that name; "" */
json_t *world_bug_asked_list(const json_t *query, const char *name); /* commas and repetitions alike; new; NULL: none */

/* world_rest_bugzilla.c: the door of both faces, and treestatus */
struct world_bz {
	struct world_call *call;
	struct world_act *act;
	struct world_shown shown;
	json_t *query;
	const char *args[3];
};
typedef void world_bz_fn(struct world_bz *bz);
/* world_rest_bugzilla_read.c, world_rest_bugzilla_write.c */
world_bz_fn world_bz_get_bug, world_bz_search, world_bz_get_attachments, world_bz_get_attachment, world_bz_get_comments,
	world_bz_get_history, world_bz_time, world_bz_version, world_bz_whoami, world_bz_valid_login, world_bz_user,
	world_bz_flag_types, world_bz_flag_activity, world_bz_webhooks;
world_bz_fn world_bz_post_bug, world_bz_put_bug, world_bz_post_attachment, world_bz_put_attachment,
	world_bz_post_comment;
json_t *world_bz_visible(struct world_bz *bz, const char *name, bool main_for_who); /* NULL: refused */

/* world_bug_tree.c: treestatus */
void world_tree_answers(struct world_call *call, const char *name);

#endif
