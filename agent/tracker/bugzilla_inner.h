/*
 * bugzilla_inner: what the files of the Bugzilla port share; nobody else includes it.
 */
#ifndef AGENT_TRACKER_BUGZILLA_INNER_H
#define AGENT_TRACKER_BUGZILLA_INNER_H

#include "agent/tracker/bugzilla.h"
#include "policy/arena_wipe.h"
#include "webhooks/jread.h"

struct bugzilla_flavour {
	bool key_in_header;   /* else in the query, where no log may see it */
	bool combined;        /* a bug's own answer can bring its attachments */
	bool duplicates;      /* it lists them */
	bool whoami;          /* and webhooks/list */
	const char *bug_path; /* include_fields of one bug */
};

#define BUGZILLA_KNOWN_STUBS 1024
#define BUGZILLA_REVISION    160 /* bytes with NUL: a GitHub name has at most 39 + 1 + 100 */

struct bugzilla_stub { /* what an attachment's content names: content is never changed, file names are */
	int64_t attachment;
	char revision[BUGZILLA_REVISION]; /* NUL-terminated; empty: none */
};

struct bugzilla {
	struct arena arena; /* of the copies */
	struct tracker_config config;
	struct tracker_ports ports;
	const struct bugzilla_flavour *flavour;
	struct bugzilla_stub stubs[BUGZILLA_KNOWN_STUBS]; /* by attachment modulo */
};

/* ---- one request, one answer (bugzilla_ask.c) ---- */

enum bugzilla_fate { BUGZILLA_TOLD = 0, BUGZILLA_HIDDEN, BUGZILLA_MISSING, BUGZILLA_REFUSED };

struct bugzilla_path {    /* "/rest/bug/N?..." with a segment for each star */
	const char *path; /* has a query */
	const struct text *segments;
	size_t n;
	bool of_bug;     /* it may be hidden or missing */
	bool may_refuse; /* that the tracker itself will not tell is an answer, too */
};
struct bugzilla_reply {
	enum bugzilla_fate fate;
	struct jdoc *doc; /* the caller frees it; NULL unless TOLD */
	int64_t date;     /* the Date header; WHEN_UNKNOWN */
};
/* GET. A 2xx with a JSON object that does not say "error", or a bug that is hidden or missing, or an error. Of the
 * answer's bytes and of the URL nothing is left behind but the document. */
enum err_code bugzilla_get(struct bugzilla *b, const struct tracker_call *call, const struct bugzilla_path *path,
			   struct bugzilla_reply *ret, struct err *err);

/* One request that changes something: never repeated here. */
struct bugzilla_change {
	const char *method; /* "POST", "PUT" */
	const char *path;   /* with a star for each segment; no query */
	struct text segment;
	struct jwrite *body; /* an object, still open: the key is put into it where it belongs there */
};
/* Errors as bugzilla_get's; *fate is set in any case (tracker.h). Takes the body. */
enum err_code bugzilla_send(struct bugzilla *b, const struct tracker_call *call, const struct bugzilla_change *change,
			    enum tracker_fate *fate, struct err *err);

/* ---- decoding (bugzilla_decode.c) ---- */

/* What is still to be asked for after a bug was decoded: the logins are people's names, and never leave these files. */
struct bugzilla_setter {
	struct text login;
	struct bug_flag *flag;
};
struct bugzilla_open {
	struct bugzilla_setter setters[TRACKER_SETTERS_MAX];
	size_t n_setters;
	struct bug_attachment *stubs[TRACKER_STUBS_MAX];
	size_t n_stubs;
};

struct bugzilla_into {                 /* where what is decoded goes */
	struct arena *arena, *scratch; /* scratch: of logins */
	struct tracker_bug *bug;
	const struct tracker_wanted *wanted;
	struct bugzilla_open *open;
	struct tracker_mark *marks; /* room for TRACKER_MARKS_MAX; NULL: none is taken */
	struct text *unset;         /* the same, of fields that are not + */
};

#define BUGZILLA_HINT_FIELDS "id,keywords,groups,resolution,is_open,dupe_of,last_change_time"

/* A bug of which nothing was read yet; the asking begins now. */
struct tracker_bug bugzilla_unread(const struct bugzilla *b, struct arena *arena, int64_t id);
/* What every answer about bug `id` has. */
bool bugzilla_take_bug(const struct bugzilla_into *to, jval v, int64_t id, struct err *err);
/* The same of one among several. One that is not understood is as bugzilla_unread made it. */
void bugzilla_take_hint(const struct bugzilla_into *to, jval v);
/* Besides, what single answers have: its flags, and its duplicates where this kind tells them. */
bool bugzilla_take_more(const struct bugzilla_into *to, jval v, bool duplicates, struct err *err);
/* Sets its attachments from a list of them. */
bool bugzilla_take_attachments(const struct bugzilla_into *to, jval list, struct err *err);

/* Adds granted flags of wanted names out of a list of flags that was decoded before. */
bool bugzilla_take_marks(const struct bugzilla_into *to, jval flags, int64_t attachment, struct err *err);
/* Adds to the bug's flags what custom fields say, as flags do (bugzilla_fields.c). */
bool bugzilla_take_fields(const struct bugzilla_into *to, jval v, struct err *err);

/* ---- who set flags (bugzilla_people.c), what stubs stand for (bugzilla_stub.c) ---- */

/* Fills in whose groups are known. That the tracker will not tell us leaves them unknown; that it could not answer
 * is an error. */
enum err_code bugzilla_look_up(struct bugzilla *b, const struct tracker_call *call, const struct tracker_wanted *wanted,
			       const struct bugzilla_open *open, struct err *err);

bool bugzilla_is_stub(struct text content_type);
/* "D123" or "owner/name#12" of the address that a stub's content is; false: it is none. */
bool bugzilla_revision_of(struct text content_type, struct text base64, char ret[BUGZILLA_REVISION]);
enum err_code bugzilla_revisions(struct bugzilla *b, const struct tracker_call *call, const struct bugzilla_open *open,
				 struct err *err);

/* ---- verbs ---- */

enum err_code bugzilla_bug(void *self, const struct tracker_call *call, int64_t id, const struct tracker_wanted *wanted,
			   struct tracker_bug *out, struct err *err);
enum err_code bugzilla_hints(void *self, const struct tracker_call *call, const struct tracker_ids *ids,
			     struct tracker_bugs *out, struct err *err);
enum err_code bugzilla_changed_since(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				     struct tracker_bugs *out, struct err *err);
enum err_code bugzilla_secure_ids(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				  struct tracker_ids *out, struct err *err);
enum err_code bugzilla_whoami(void *self, const struct tracker_call *call, struct tracker_self *out, struct err *err);
enum err_code bugzilla_db_time(void *self, const struct tracker_call *call, int64_t *out, struct err *err);
enum err_code bugzilla_comment(void *self, const struct tracker_call *call, const struct tracker_comment *in,
			       enum tracker_fate *fate, struct err *err);
enum err_code bugzilla_clear(void *self, const struct tracker_call *call, int64_t bug, const struct tracker_mark *mark,
			     enum tracker_fate *fate, struct err *err);
enum err_code bugzilla_commented(void *self, const struct tracker_call *call, const struct tracker_comment *in,
				 bool *ret, struct err *err);

#endif
