/* page: the pages as documents. Built by html.h alone; each returns its text in the arena. */
#ifndef AGENT_WEB_PAGE_H
#define AGENT_WEB_PAGE_H

#include "agent/web/html.h"
#include "agent/web/reply.h"
#include "agent/web/view.h"

struct text page_commit(const struct view *view, struct text base, struct arena *arena);
struct text page_front(struct text base, struct arena *arena);
struct text page_error(const struct reply_error *error, struct text base, struct arena *arena);

/* ---- parts ---- */

struct page_head {
	struct text title, crumb; /* crumb: what the page is of; empty: nothing */
};
struct html *page_begin(const struct page_head *head, struct text base);
struct text page_end(struct html *h, struct arena *arena); /* frees h */

void page_time(struct html *h, int64_t ms); /* <time datetime>, in UTC */
void page_commit_link(struct html *h, struct text repo, const struct oid *sha, const char *suffix, struct text label);

/* page_rules.c: the requirements of the newest verdict. */
void page_rules(struct html *h, const struct view *view, struct arena *arena);

#endif
