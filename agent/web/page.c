/* The frame of every page, and the small pages. */
#include "agent/web/page.h"

static void meta(struct html *h, const char *name, const char *content)
{
	h_open(h, "meta");
	h_attr(h, "name", text_of(name));
	h_attr(h, "content", text_of(content));
}

static void head(struct html *h, struct text title)
{
	static const struct text sheet[] = {{"s.css", 5}, {NULL, 0}};

	h_open(h, "head");
	h_open(h, "meta");
	h_attr(h, "charset", TEXT_LIT("utf-8"));
	meta(h, "viewport", "width=device-width, initial-scale=1");
	meta(h, "color-scheme", "light dark");
	h_element(h, "title", NULL, title);
	h_open(h, "link");
	h_attr(h, "rel", TEXT_LIT("stylesheet"));
	h_link(h, "href", sheet);
	h_close(h, "head");
}

struct html *page_begin(const struct page_head *page, struct text base)
{
	static const struct text front[] = {{NULL, 0}};
	struct html *h = html_new(base);

	h_open(h, "html");
	h_attr(h, "lang", TEXT_LIT("en"));
	head(h, page->title);
	h_open(h, "body");
	h_open(h, "a");
	h_attr(h, "class", TEXT_LIT("skip"));
	h_anchor(h, "main");
	h_text(h, TEXT_LIT("Skip to the verdict"));
	h_close(h, "a");
	h_open(h, "header");
	h_open(h, "a");
	h_link(h, "href", front);
	h_text(h, TEXT_LIT("headgate"));
	h_close(h, "a");
	if (page->crumb.len > 0)
		h_element(h, "span", NULL, page->crumb);
	h_close(h, "header");
	h_open(h, "main");
	h_attr(h, "id", TEXT_LIT("main"));
	return h;
}

struct text page_end(struct html *h, struct arena *arena)
{
	struct text document;

	h_close(h, "main");
	h_open(h, "footer");
	h_text(h, TEXT_LIT("Opening this page changes nothing."));
	h_close(h, "footer");
	h_close(h, "body");
	h_close(h, "html");
	document = arena_text(arena, html_text(h));
	html_free(h);
	return document;
}

void page_time(struct html *h, int64_t ms)
{
	char buffer[32], shown[32];

	(void)when_print(ms, buffer);
	if (ms == WHEN_UNKNOWN || strlen(buffer) != 20) {
		h_text(h, TEXT_LIT("at an unknown time"));
		return;
	}
	(void)snprintf(shown, sizeof shown, "%.10s %.8s UTC", buffer, buffer + 11);
	h_open(h, "time");
	h_attr(h, "datetime", text_of(buffer));
	h_text(h, text_of(shown));
	h_close(h, "time");
}

void page_commit_link(struct html *h, struct text repo, const struct oid *sha, const char *suffix, struct text label)
{
	size_t slash = text_find(repo, TEXT_LIT("/"));
	char file[80];
	struct text parts[5] = {0};

	(void)snprintf(file, sizeof file, "%s%s", sha->hex, suffix);
	if (slash == SIZE_MAX || slash == 0 || slash + 1 == repo.len) { /* never stored so: no link then */
		h_text(h, label);
		return;
	}
	parts[0] = (struct text){repo.at, slash};
	parts[1] = (struct text){repo.at + slash + 1, repo.len - slash - 1};
	parts[2] = TEXT_LIT("c");
	parts[3] = text_of(file);
	h_open(h, "a");
	h_link(h, "href", parts);
	h_text(h, label);
	h_close(h, "a");
}

struct text page_front(struct text base, struct arena *arena)
{
	struct html *h = page_begin(&(struct page_head){TEXT_LIT("headgate"), TEXT_EMPTY}, base);

	h_element(h, "h1", NULL, TEXT_LIT("headgate"));
	h_element(h, "p", NULL,
		  TEXT_LIT("This server decides for each commit whether it may be merged, and posts a commit status."));
	h_element(
		h, "p", NULL,
		TEXT_LIT("The details link of a status leads to the page of its commit: the verdict, the requirements "
			 "and what each of them rests on."));
	h_element(h, "p", "muted", TEXT_LIT("Paths: /OWNER/REPO/c/COMMIT and /OWNER/REPO/NUMBER."));
	return page_end(h, arena);
}

struct text page_error(const struct reply_error *error, struct text base, struct arena *arena)
{
	const char *what = error->status == 404 ? "Nothing here" : "Not now";
	struct html *h = page_begin(&(struct page_head){text_of(what), TEXT_EMPTY}, base);

	h_element(h, "h1", NULL, text_of(what));
	h_element(h, "p", NULL, error->detail);
	return page_end(h, arena);
}
