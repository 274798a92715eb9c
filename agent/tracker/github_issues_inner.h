/*
 * github_issues_inner: what the files of the GitHub issues' port share; nobody else includes it.
 */
#ifndef AGENT_TRACKER_GITHUB_ISSUES_INNER_H
#define AGENT_TRACKER_GITHUB_ISSUES_INNER_H

#include "agent/forge/rest.h"
#include "agent/tracker/github_issues.h"
#include "policy/arena_wipe.h"
#include "webhooks/jread.h"

struct issues {
	struct arena arena; /* of the copies */
	struct tracker_config config;
	struct tracker_ports ports;
};

struct issues_reply {
	struct jdoc *doc; /* the caller frees it */
	int64_t date;
};
/* One GET. Of a refusal *err holds no more than its number: GitHub's own words may name what is hidden. */
enum err_code issues_get(struct issues *issues, const struct tracker_call *call, const struct rest_path *path,
			 struct issues_reply *ret, struct err *err);

/* Where a list that is read page by page goes on; zeroes: at its begin. */
#define ISSUES_PAGE 100 /* the most that GitHub gives */
struct issues_pages {
	unsigned tens;  /* entries before it, in tens; the caller counts on */
	unsigned small; /* so many pages of ten are asked for before a hundred are tried again */
	unsigned size;  /* out: how many entries the page has, if it is full */
};
/* The next page of the list at `path`, which says "per_page=100". ERR_LIMIT: not even ten are a whole answer. */
enum err_code issues_page(struct issues *issues, const struct tracker_call *call, const struct rest_path *path,
			  struct issues_pages *pages, struct issues_reply *ret, struct err *err);

/* One issue, or one of a list: what it says of itself. */
bool issues_take(const struct issues *issues, struct arena *arena, jval v, struct tracker_bug *bug, struct err *err);
/* The same of one among several. One that is not understood is as issues_unread made it. */
void issues_take_hint(const struct issues *issues, struct arena *arena, jval v, struct tracker_bug *bug);
/* One of which nothing was read yet; the asking begins now. */
struct tracker_bug issues_unread(const struct issues *issues, struct arena *arena, int64_t id);
/* Whether the public cannot see the repository, and what time it is there. */
enum err_code issues_ask_repo(struct issues *issues, const struct tracker_call *call, enum tri *ret, int64_t *ret_date,
			      struct err *err);

enum err_code issues_changed_since(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				   struct tracker_bugs *out, struct err *err);
enum err_code issues_secure_ids(void *self, const struct tracker_call *call, struct tracker_walk *walk,
				struct tracker_ids *out, struct err *err);

struct issues_flags {
	int64_t issue;
	struct bug_flag *at;
	struct text *logins; /* who said it in a comment; empty: it is a label */
	size_t n;            /* below the room for one more of each configured approval */
};
/* What is in effect of what members of the configured teams said in comments; `comments`: how many there are. Adds to
 * the flags; of logins it keeps nothing but in `scratch`. */
struct issues_talk {
	int64_t comments;
	struct arena *scratch;
};
enum err_code issues_said(struct issues *issues, const struct tracker_call *call, const struct issues_talk *talk,
			  struct issues_flags *flags, struct err *err);

/* Whether that account is in that team, "org/team"; unknown where the token may not ask. */
struct issues_member {
	struct text team, login;
};
enum err_code issues_ask_team(struct issues *issues, const struct tracker_call *call, const struct issues_member *who,
			      enum tri *ret, struct err *err);

/* Who set these flags, and in which of the wanted teams they are. */
enum err_code issues_look_up(struct issues *issues, const struct tracker_call *call,
			     const struct tracker_wanted *wanted, const struct issues_flags *flags, struct err *err);

#endif
