/*
 * github_inner: what the files of the GitHub port share; nobody else includes it.
 */
#ifndef AGENT_FORGE_GITHUB_INNER_H
#define AGENT_FORGE_GITHUB_INNER_H

#include "agent/forge/github.h"
#include "agent/forge/origin.h"
#include "agent/forge/rest.h"
#include "webhooks/jread.h"

struct github {
	struct github_config config; /* texts are copies */
	struct http_port http;
	struct clock_port clock;
	struct arena arena; /* the copies */
};

/* ---- one request, one answer (github_ask.c) ---- */

struct github_ask {
	const char *method;
	struct text url, body;
	bool as_app;         /* under the App's own proof; not one of its tokens, and nothing is kept of the answer */
	bool reads;          /* a POST that changes nothing, under a limit of its own (GraphQL) */
	bool blind;          /* a 2xx says all: its body is not looked at */
	unsigned page_items; /* of a list: how many a page may hold */
};
struct github_reply {
	struct http_answer answer; /* maybe_sent is set on failure too; the rest where the forge refused */
	struct jdoc *doc;          /* the caller frees it; NULL on failure, and where it is not looked at */
	int64_t date;              /* the Date header; WHEN_UNKNOWN */
	int64_t installation;      /* whose token it took; 0: a file's */
};
/* A 2xx with a JSON document, or an error by forge.h's codes. */
enum err_code github_send(struct github *github, const struct forge_call *call, const struct github_ask *ask,
			  struct github_reply *ret, struct err *err);

enum err_code github_get(struct github *github, const struct forge_call *call, const struct rest_path *path,
			 struct github_reply *ret, struct err *err);
struct text github_number(struct arena *arena, int64_t n);

/* ---- how fast (github_pace.c) ---- */

struct github_turn { /* one request as pace.h counts it */
	struct github *github;
	struct pace_who who;
	enum pace_kind kind;
	bool apart; /* what its answer says of the limit is said of another one */
};
struct github_turn github_turn_of(struct github *github, const struct forge_call *call, int64_t installation,
				  const struct github_ask *ask);
/* False: *err with the time. True: github_told follows, whatever became of the request; answer NULL: none came. */
bool github_may_send(struct github_turn *turn, struct err *err);
void github_told(struct github_turn *turn, const struct http_answer *answer);

/* ---- lists to their end (github_lists.c) ---- */

#define GITHUB_PAGE 100 /* items of a page; no list may have more (docs: using pagination in the REST API) */

struct github_items {
	/* One item; the document is gone afterwards, so texts are copied. False and *err ends the list. */
	bool (*take)(struct github_items *items, jval item, struct err *err);
	/* The list begins again: what `take` left elsewhere than in the array is forgotten. NULL: it bears that. */
	void (*again)(struct github_items *items);
	struct arena *arena;
	const char *within; /* the list's place in each page; NULL: the page is the list */
	void *at;           /* the array being grown, in the arena */
	size_t n, room, size;
	size_t shown; /* items that came, whether they were kept or not */
	const void *extra;
};
void *github_grow(struct github_items *items); /* a zeroed new element */
struct github_walk {                           /* a list that need not be read to its end */
	struct text url; /* in: the first page; out: where the rest begins; empty: there is none */
	bool as_app;
	bool (*enough)(const struct github_items *items); /* asked after each page; NULL: never */
	unsigned page_items;                              /* what its pages hold; 0: GITHUB_PAGE */
	bool too_large; /* out, with ERR_LIMIT: a page has more bytes than an answer may have */
};
/* At most limits.pages pages of GITHUB_PAGE items, or as many items in smaller ones. */
enum err_code github_walk(struct github *github, const struct forge_call *call, struct github_walk *walk,
			  struct github_items *items, struct err *err);
/* The whole list; more pages are ERR_LIMIT. `first` says per_page=100; where a page of a hundred is too large, because
 * others wrote long texts, the whole list is read anew by tens. */
enum err_code github_list(struct github *github, const struct forge_call *call, const struct rest_path *first,
			  struct github_items *items, struct err *err);

/* ---- decoding (github_decode.c) ---- */

struct text github_text(struct arena *arena, jval v, const char *path); /* a copy; empty when absent */
struct person github_person(struct arena *arena, jval user);            /* id 0 for a ghost */
/* A change in three steps: what every answer has, texts still the document's; the rest of what a list tells, copied;
 * or at once all that the change's own answer tells. */
bool github_change_look(const struct forge_call *call, jval v, struct forge_change *ret, struct err *err);
void github_change_take(struct arena *arena, jval v, struct forge_change *c);
bool github_change_decode(const struct forge_call *call, jval v, struct forge_change *ret, struct err *err);

/* ---- verbs ---- */

enum err_code github_repo(void *self, const struct forge_call *call, struct forge_found *out, struct err *err);
enum err_code github_change(void *self, const struct forge_call *call, int64_t number, struct forge_change *out,
			    struct err *err);
enum err_code github_permission(void *self, const struct forge_call *call, struct text login, struct member *out,
				struct err *err);
enum err_code github_in_team(void *self, const struct forge_call *call, const struct forge_membership *in, bool *out,
			     struct err *err);
enum err_code github_branch_tip(void *self, const struct forge_call *call, struct text branch, struct oid *out,
				struct err *err);
enum err_code github_open_changes(void *self, const struct forge_call *call, const struct oid *head,
				  struct forge_list_changes *out, struct err *err);
enum err_code github_reviews(void *self, const struct forge_call *call, int64_t number, struct forge_list_reviews *out,
			     struct err *err);
enum err_code github_commit_people(void *self, const struct forge_call *call, int64_t number,
				   struct forge_list_people *out, struct err *err);
enum err_code github_statuses(void *self, const struct forge_call *call, const struct oid *sha,
			      struct forge_list_statuses *out, struct err *err);
enum err_code github_check_runs(void *self, const struct forge_call *call, const struct forge_named *in,
				struct forge_list_checks *out, struct err *err);
enum err_code github_moves(void *self, const struct forge_call *call, const struct forge_change *change,
			   struct forge_list_moves *out, struct err *err);
enum err_code github_post(void *self, const struct forge_post *post, int64_t deadline_ms, struct forge_posted *out,
			  struct err *err);
bool github_keeps_deliveries(void *self);
enum err_code github_deliveries(void *self, const struct forge_call *call, const struct forge_span *in,
				struct forge_list_deliveries *out, struct err *err);
enum err_code github_redeliver(void *self, const struct forge_call *call, int64_t attempt, struct err *err);
enum err_code github_belongs(void *self, const struct forge_call *call, const struct forge_belonging *in, enum tri *out,
			     struct err *err);
enum err_code github_merged_before(void *self, const struct forge_call *call, const struct person *who, enum tri *out,
				   struct err *err);
enum err_code github_lines(void *self, const struct forge_call *call, const struct forge_ends *in,
			   struct forge_list_lines *out, struct err *err);
enum err_code github_said(void *self, const struct forge_call *call, int64_t number, struct forge_said *out,
			  struct err *err);
enum err_code github_outcomes(void *self, const struct forge_call *call, const struct forge_asked *in,
			      struct forge_list_outcomes *out, struct err *err);
enum err_code github_threads(void *self, const struct forge_call *call, int64_t number, struct forge_list_threads *out,
			     struct err *err);
enum err_code github_git_access(void *self, const struct forge_call *call, struct forge_git *out, struct err *err);

#endif
