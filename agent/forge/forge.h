/*
 * forge: the port through which workers read and write the forge. Answers are complete or an error: lists are paged
 * to their end; more pages than limits.pages, an answer cut short, a field that is missing or of another type, a Link
 * to a foreign origin: never a shorter list. Everything in an answer is owned by the arena handed in.
 *
 * Error codes: ERR_RETRY (network, 5xx, rate limit: retry_at_ms), ERR_DENIED (401, 403, 422), ERR_GONE (404),
 * ERR_LIMIT, ERR_INVALID (an answer that is not what the documentation says). Deadlines: monotonic milliseconds.
 * A forge value has one owning thread. Source of paths and rules: GitHub's REST documentation.
 */
#ifndef AGENT_FORGE_FORGE_H
#define AGENT_FORGE_FORGE_H

#include "policy/arena.h"
#include "policy/err.h"
#include "policy/facts.h"
#include "policy/verdict.h"

#define FORGE_SAID_BYTES ((size_t)1 << 20) /* of texts that others wrote, of one change */

struct forge_repo { /* how calls name a repository; id is checked against every answer that carries one */
	int64_t id;
	struct text name;     /* "owner/name" */
	int64_t installation; /* of the App, as events told it; 0: not known, or none */
};

struct forge_found { /* a repository as the forge has it now */
	int64_t id;
	struct text name;
	int64_t installation; /* that reads it; 0: none */
	int64_t size_kb; /* of its git data, as the forge says from time to time; 0: not said, or next to nothing */
	struct text default_branch; /* empty: not said */
};

struct forge_change { /* GET pulls/N */
	int64_t number;
	bool open, draft, merged;
	struct oid head, base_sha;
	struct text head_ref, base_ref, head_repo_name; /* head_repo_name empty: the head repository is gone */
	int64_t head_repo;                              /* 0: gone */
	int64_t base_repo;
	struct text head_label; /* "owner:branch", of `change` alone; empty: not said */
	struct person author;
	int64_t updated_at;
	int64_t answered_at; /* the Date header of the answer */
	struct text title, body;
	const struct text *labels;
	size_t n_labels;
};

struct forge_review { /* GET pulls/N/reviews; commit_id is what the forge says now, no proof */
	int64_t id;
	struct person user;
	enum review_state state;
	struct oid commit_id;
	int64_t submitted_at;
};

struct forge_move { /* the forge's own record: a head became `to` at `at` */
	struct oid to;
	int64_t at;
	int64_t actor;   /* 0: not said */
	struct oid from; /* the head before, by the activity; unknown: the branch began then, or it is not said */
	bool activity;   /* an entry of the branch's activity; else one of the change's timeline, which has not all */
	struct text actor_login; /* of an activity */
};

struct forge_commit_people { /* GET pulls/N/commits: which accounts the forge attributes a commit to */
	struct oid sha;
	int64_t author, committer; /* 0: none */
	struct text author_login, committer_login, author_email, committer_email;
	struct signature signature; /* without the signer: it is the committer's account */
};

struct forge_status { /* GET commits/SHA/statuses, newest first */
	int64_t id;
	struct text context, description;
	enum status_state state;
	int64_t creator; /* 0: not said */
	int64_t created_at;
	struct text creator_login;
};

struct forge_check_run { /* GET commits/SHA/check-runs, the newest of each app */
	int64_t id, app;
	struct text app_name;
	bool may_pass; /* succeeded, or its outcome is not known yet or not one that we know to deny */
};

struct forge_post { /* POST statuses/SHA */
	struct forge_repo repo;
	struct oid sha;
	struct text state, context, description, target_url;
};
struct forge_posted {
	int64_t status_id;
	int64_t creator;    /* who the forge says posted it: we; 0: not said */
	int64_t created_at; /* by the forge's clock; WHEN_UNKNOWN */
	bool maybe_sent;    /* on failure: the forge may have accepted it or may still */
};

struct forge_delivery {   /* GET app/hook/deliveries: one attempt to deliver one event to us */
	int64_t id;       /* of the attempt */
	struct text guid; /* of the delivery: the same for all its attempts */
	struct text event;
	int64_t attempted_at;
	int64_t installation, repo; /* 0: of none */
	bool answered;              /* with a 2xx */
	bool again;                 /* not the first attempt */
};
struct forge_span {       /* which attempts, newest first */
	struct text from; /* where an earlier list ended; empty: from the newest on */
	int64_t since;    /* back to where all are older than this; WHEN_UNKNOWN: to the end of what is kept */
};

struct forge_list_reviews {
	const struct forge_review *at;
	size_t n;
};
struct forge_list_changes {
	const struct forge_change *at;
	size_t n;
	size_t shown; /* open changes of any head: each carried the repository's number */
};                    /* open changes, without title, body and labels: `change` tells them */
struct forge_list_moves {
	const struct forge_move *at;
	size_t n;
	bool complete; /* false: part of the record cannot be read (a private fork): says which below */
	struct text missing;
	int64_t base_changed_at; /* the change's newest move to another base branch; WHEN_UNKNOWN: none */
};
struct forge_list_people {
	const struct forge_commit_people *at;
	size_t n;
};
struct forge_list_statuses {
	const struct forge_status *at;
	size_t n;
};
struct forge_list_checks {
	const struct forge_check_run *at;
	size_t n;
};
struct forge_named { /* what stands on a commit under a name */
	struct oid sha;
	struct text name;
};

struct forge_outcome { /* what another tool says */
	struct outcome is;
	int64_t id; /* of the status or run: a higher one of the same kind is newer */
};
struct forge_list_outcomes {
	const struct forge_outcome *at;
	size_t n;
};
struct forge_asked {
	struct oid sha;
	enum outcome_kind kind;
};

struct forge_list_deliveries {
	const struct forge_delivery *at;
	size_t n;
	struct text rest; /* where the list goes on that limits.pages cut off; empty: all of the span was read */
};

struct forge_git {
	struct text url, token;
};
struct forge_membership {
	struct text team, login;
}; /* team: "org/slug" */

struct forge_belonging {
	struct text organization, login;
};

struct forge_ends { /* of a comparison: from where they have in common to head */
	struct oid base, head;
};
struct forge_lines { /* of one file; the name before where it was renamed */
	struct text path, old_path;
	int64_t additions, deletions;
};
struct forge_list_lines {
	const struct forge_lines *at;
	size_t n;
	bool complete; /* false: as many as the forge lists at most, so there may be more */
};

struct forge_said { /* texts of a change, oldest first */
	const struct comment *comments;
	size_t n_comments;
	/* Of reviews, by their ids. The forge does not tell which were edited: each that has a text may be. */
	const struct comment *reviews;
	size_t n_reviews;
};

struct forge_thread {    /* a conversation about lines of a change */
	struct text id;  /* as events name it */
	int64_t comment; /* its first; 0: gone */
	bool resolved;
};
struct forge_list_threads {
	const struct forge_thread *at;
	size_t n;
	int64_t updated_at; /* of the change, in the same answer */
};

struct forge_call { /* what every verb takes */
	struct forge_repo repo;
	struct arena *arena;
	int64_t deadline_ms;
	/* Monotonic. An answer that the forge sent before this may not be used again, though it be not modified: the
	 * forge must send what it has. 0: any may. */
	int64_t sent_since;
};

struct forge {
	void *self;
	/* The repository, by its number where that is known, else by name. */
	enum err_code (*repo)(void *self, const struct forge_call *call, struct forge_found *out, struct err *err);
	enum err_code (*change)(void *self, const struct forge_call *call, int64_t number, struct forge_change *out,
				struct err *err);
	/* All open changes of this repository, forks' heads included: those whose head is this commit; NULL: all. */
	enum err_code (*open_changes)(void *self, const struct forge_call *call, const struct oid *head,
				      struct forge_list_changes *out, struct err *err);
	enum err_code (*reviews)(void *self, const struct forge_call *call, int64_t number,
				 struct forge_list_reviews *out, struct err *err);
	/* Moves of the change's head: the head repository's activity and the change's timeline. call->sent_since is for
	 * the timeline, which has every forced move. */
	enum err_code (*moves)(void *self, const struct forge_call *call, const struct forge_change *change,
			       struct forge_list_moves *out, struct err *err);
	enum err_code (*commit_people)(void *self, const struct forge_call *call, int64_t number,
				       struct forge_list_people *out, struct err *err);
	/* Role in the repository now; out->who.id is the id the forge gave for that login. */
	enum err_code (*permission)(void *self, const struct forge_call *call, struct text login, struct member *out,
				    struct err *err);
	/* Is this login an active member of this team? */
	enum err_code (*in_team)(void *self, const struct forge_call *call, const struct forge_membership *in,
				 bool *out, struct err *err);
	enum err_code (*branch_tip)(void *self, const struct forge_call *call, struct text branch, struct oid *out,
				    struct err *err);
	enum err_code (*statuses)(void *self, const struct forge_call *call, const struct oid *sha,
				  struct forge_list_statuses *out, struct err *err);
	/* Check runs of exactly this name: gates that know no app let one win over a status. */
	enum err_code (*check_runs)(void *self, const struct forge_call *call, const struct forge_named *in,
				    struct forge_list_checks *out, struct err *err);
	enum err_code (*post)(void *self, const struct forge_post *post, int64_t deadline_ms, struct forge_posted *out,
			      struct err *err);
	/* Is there a list of deliveries for this access? Only an App has one. False is no error: the next two verbs
	 * have nothing to work on then. Asks nothing of the forge. */
	bool (*keeps_deliveries)(void *self);
	/* The App's attempts, of all its repositories: call->repo names none. */
	enum err_code (*deliveries)(void *self, const struct forge_call *call, const struct forge_span *in,
				    struct forge_list_deliveries *out, struct err *err);
	/* One more attempt at what this one should have brought. ERR_GONE: the forge keeps it no more. Where *err names
	 * a time, nothing was sent or done. */
	enum err_code (*redeliver)(void *self, const struct forge_call *call, int64_t attempt, struct err *err);
	/* URL and token for git; borrowed from the arena. */
	enum err_code (*git_access)(void *self, const struct forge_call *call, struct forge_git *out, struct err *err);
	/* Is this login an active member of this organization? TRI_UNKNOWN: the forge does not tell us. */
	enum err_code (*belongs)(void *self, const struct forge_call *call, const struct forge_belonging *in,
				 enum tri *out, struct err *err);
	/* Was a change by this account merged here? TRI_NO only where all that was closed of theirs was read; more
	 * pages than limits.pages, or a list that may not be read: TRI_UNKNOWN. */
	enum err_code (*merged_before)(void *self, const struct forge_call *call, const struct person *who,
				       enum tri *out, struct err *err);
	/* How many lines of each file differ, as the forge counts. Of exact commits: it cannot move. */
	enum err_code (*lines)(void *self, const struct forge_call *call, const struct forge_ends *in,
			       struct forge_list_lines *out, struct err *err);
	/* What was said in a change's conversation. ERR_LIMIT: more than limits.pages, or than FORGE_SAID_BYTES. */
	enum err_code (*said)(void *self, const struct forge_call *call, int64_t number, struct forge_said *out,
			      struct err *err);
	/* What was said of a commit by tools, of one kind: the newest of each name and of who said it, whole. */
	enum err_code (*outcomes)(void *self, const struct forge_call *call, const struct forge_asked *in,
				  struct forge_list_outcomes *out, struct err *err);
	/* The conversations about lines of a change, all of them. ERR_DENIED, ERR_GONE: this forge does not tell us. */
	enum err_code (*threads)(void *self, const struct forge_call *call, int64_t number,
				 struct forge_list_threads *out, struct err *err);
};

#endif
