/*
 * tracker: the port through which workers read a bug tracker, and say the little that is configured there. What comes
 * out is derived facts alone (policy/bug.h): no summary, no comment, no person's name, in no answer, error text or log
 * line. Answers are complete or an error: what is cut short, missing or of another type is never a shorter list. Of
 * several bugs one that is not understood is BUG_UNREAD, and the others are told.
 * Results are owned by the arena handed in. What is written is private, whatever the bug is, and one request, which no
 * verb repeats.
 *
 * Error codes: ERR_RETRY (network, 5xx, rate: retry_at_ms; a redirect or refusal that is not the tracker's own word),
 * ERR_DENIED (our key is not accepted: no call may be made until it is replaced, since each one can prolong a block),
 * ERR_GONE (the tracker has no such call), ERR_LIMIT, ERR_INVALID (an answer that is not what the documentation says).
 * That a bug is hidden or missing is no error but its state. Deadlines: monotonic ms. A tracker has one owning thread.
 */
#ifndef AGENT_TRACKER_TRACKER_H
#define AGENT_TRACKER_TRACKER_H

#include "agent/base/clock.h"
#include "agent/base/http.h"
#include "policy/bug.h"
#include "policy/err.h"
#include "policy/when.h"

/* Of one bug; more is ERR_LIMIT. */
#define TRACKER_KEYWORDS_MAX    200 /* and groups, and labels */
#define TRACKER_FLAGS_MAX       200 /* of the bug, and of each attachment */
#define TRACKER_ATTACHMENTS_MAX 1000
#define TRACKER_DUPLICATES_MAX  1000
#define TRACKER_WORD_MAX        ((size_t)255) /* bytes of a keyword, group, flag or resolution */
#define TRACKER_SETTERS_MAX     32            /* people looked up in one reading */
#define TRACKER_GROUPS_MAX      8             /* whose members they are looked up as */
#define TRACKER_STUBS_MAX       16            /* attachments asked which revision they stand for */
#define TRACKER_HINTS_MAX       200           /* bugs of one batch */
#define TRACKER_PAGE            500           /* entries of one page of a list */
#define TRACKER_FIELD           "cf_"         /* names of custom fields begin so */
#define TRACKER_MARKS_MAX       64            /* granted flags that are told with their numbers */
#define TRACKER_COMMENTS_MAX    10000         /* of one bug, when ours is looked for */

struct tracker_call {
	struct arena *arena;
	int64_t deadline_ms;
};

/* What policies name: nothing else of people is asked for. */
struct tracker_wanted {
	const struct text *flags; /* granted flags of these names: who set them; n 0: of none */
	size_t n_flags;
	const struct text *groups; /* is the setter in them? */
	size_t n_groups;
	bool revisions;           /* whether an attachment with such a flag stands for a revision, and for which */
	bool fields;              /* custom fields ("cf_...") whose value is that of a flag are flags of the bug, too */
	const struct text *marks; /* granted flags of these names are told as marks; a name may end in `*` */
	size_t n_marks;
};

struct tracker_mark {       /* a granted flag, so that it can be told from another and be cleared */
	int64_t attachment; /* 0: the bug's own; of an obsolete one none is told */
	int64_t flag;       /* the tracker's number of it; 0: it is a custom field */
	struct text name;
};

struct tracker_bug {
	struct bug is;
	int64_t changed_at;    /* the tracker's own word, of its clock, in whole seconds; WHEN_UNKNOWN */
	int64_t answered_at;   /* the Date of the answer: within the same second more may change unseen; WHEN_UNKNOWN */
	bool duplicates_told;  /* false: this tracker does not list them */
	bool attachments_told; /* false: nothing is known of attachments and flags */
	const struct tracker_mark *marks; /* as asked for */
	size_t n_marks;
	const struct text *unset; /* custom fields of such names that are not + now: TRACKER_MARKS_MAX at most */
	size_t n_unset;
};

struct tracker_ids {
	const int64_t *at;
	size_t n;
};
struct tracker_bugs {
	const struct tracker_bug *at; /* of a batch: as many as asked for, in that order */
	size_t n;
};

/* A list read page by page; the first one begins with {.since = ...}. Opaque but for `since` and `done`. */
struct tracker_walk {
	int64_t since;  /* in: changed then or later, by the tracker's clock */
	int64_t after;  /* where the last page ended */
	unsigned part;  /* which search of several */
	unsigned page;  /* of entries of the same moment, where they are more than a page */
	unsigned small; /* so many smaller pages are asked for, since a usual one was too large an answer */
	bool done;      /* out: the list was read to its end */
};

struct tracker_self {       /* what our own account can do; unknown where the tracker does not tell */
	int64_t account;    /* 0: not told */
	enum tri accepted;  /* the key */
	enum tri in_groups; /* in each group that makes a bug secure */
	enum tri pushes;    /* a webhook of this account is enabled */
	int64_t backlog;    /* events that it holds for us; -1: not told */
};

struct tracker_comment {
	int64_t bug;
	struct text words; /* one line */
	struct text mark;  /* of it alone, [0-9a-f]: it ends the comment, so that it can be found again */
};

/* What became of a write. */
enum tracker_fate {
	TRACKER_DOUBT = 0, /* nobody knows: look before it is tried again */
	TRACKER_DONE,
	TRACKER_REFUSED, /* for good: we lack the right, or it cannot be */
	TRACKER_UNSENT   /* certainly not done: it may be tried again */
};

struct tracker {
	void *self;
	/* One bug, from where changes are seen at once: the only verb whose answers may support a grant. To be asked
	 * twice and compared, by the caller. */
	enum err_code (*bug)(void *self, const struct tracker_call *call, int64_t id,
			     const struct tracker_wanted *wanted, struct tracker_bug *out, struct err *err);
	/* At most TRACKER_HINTS_MAX bugs at once, perhaps from a copy that lags: what they show may only move a
	 * verdict towards denial. Those that are left out are asked for one by one. No attachments, no flags.
	 * BUG_UNREAD: what was answered of it is not understood. */
	enum err_code (*hints)(void *self, const struct tracker_call *call, const struct tracker_ids *ids,
			       struct tracker_bugs *out, struct err *err);
	/* The next page of what changed since walk->since, as hints tell it; call again until walk->done. A bug that we
	 * cannot see is not among them. */
	enum err_code (*changed_since)(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				       struct tracker_bugs *out, struct err *err);
	/* The next page of the bugs with one of the configured keywords or in one of the groups; an id may come in
	 * several pages. Hints. */
	enum err_code (*secure_ids)(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				    struct tracker_ids *out, struct err *err);
	enum err_code (*whoami)(void *self, const struct tracker_call *call, struct tracker_self *out, struct err *err);
	/* The tracker's clock, milliseconds: read before a list, the next list's `since`, less an overlap. */
	enum err_code (*db_time)(void *self, const struct tracker_call *call, int64_t *out, struct err *err);

	/* Writing; all NULL where a kind cannot. *fate is set in any case: DONE with ERR_OK alone; REFUSED with ERR_OK
	 * or an error. The comment is seen by insiders alone, or refused. */
	enum err_code (*comment)(void *self, const struct tracker_call *call, const struct tracker_comment *in,
				 enum tracker_fate *fate, struct err *err);
	enum err_code (*clear)(void *self, const struct tracker_call *call, int64_t bug,
			       const struct tracker_mark *mark, enum tracker_fate *fate, struct err *err);
	/* Does a comment with this mark stand there? From a copy that may lag. */
	enum err_code (*commented)(void *self, const struct tracker_call *call, const struct tracker_comment *in,
				   bool *ret, struct err *err);
};

struct tracker_config {   /* texts are copied */
	struct text kind; /* a row of tracker_kind_at() */
	struct text name; /* in policies and in struct bug */
	struct text url;  /* "https://bugs.example.org": below it, "/rest"; GitHub: the API's */
	struct text key;  /* a secret: never in a URL where a header will do, never logged */
	struct text repo; /* GitHub: "owner/name"; empty: it stands in the url, "https://API/repos/OWNER/NAME" */
	const struct text *keywords; /* any of them makes a bug secure */
	size_t n_keywords;
	const struct text *groups; /* as these do */
	size_t n_groups;
	const struct text *approvals; /* GitHub: flags that a comment sets, "NAME+", where its author is in */
	size_t n_approvals;
	const struct text *teams; /* one of these: "org/team"; n 0: comments are not read */
	size_t n_teams;
	size_t answer_bytes; /* limits.answer_bytes */
};

struct tracker_ports {
	struct http_port http;
	struct clock_port clock;
};

/* Another tracker is one file and one row of tracker.c. */
struct tracker_kind {
	const char *name, *help;
	/* NULL: *err says what in the configuration is wrong. */
	void *(*open)(const struct tracker_config *config, const struct tracker_ports *ports, struct err *err);
	struct tracker (*port)(void *tracker);
	void (*close)(void *tracker); /* takes NULL; wipes the key */
};
const struct tracker_kind *tracker_kind(struct text name); /* NULL: none of this name */
const struct tracker_kind *tracker_kind_at(size_t i);      /* NULL past the end */

#endif
