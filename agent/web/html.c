#include "agent/web/html.h"

#include <assert.h>

#include "agent/web/clean.h"
#include "policy/memory.h"

struct tag {
	const char *name;
	bool empty; /* has no content and no end tag */
	bool block; /* a line break after it changes nothing */
};

static const struct tag tags[] = {
	{"html", false, true},    {"head", false, true},    {"meta", true, true},     {"title", false, true},
	{"link", true, true},     {"body", false, true},    {"header", false, true},  {"nav", false, true},
	{"main", false, true},    {"footer", false, true},  {"section", false, true}, {"h1", false, true},
	{"h2", false, true},      {"h3", false, true},      {"p", false, true},       {"ul", false, true},
	{"li", false, true},      {"dl", false, true},      {"dt", false, true},      {"dd", false, true},
	{"div", false, true},     {"details", false, true}, {"summary", false, true}, {"table", false, true},
	{"caption", false, true}, {"thead", false, true},   {"tbody", false, true},   {"tr", false, true},
	{"th", false, true},      {"td", false, true},      {"span", false, false},   {"strong", false, false},
	{"code", false, false},   {"time", false, false},   {"a", false, false},
};

/* No attribute that a browser follows or runs is here; href is h_link's. */
static const char *const attributes[] = {"lang",  "charset",    "name",           "content", "class",
					 "id",    "rel",        "datetime",       "data-l",  "aria-current",
					 "scope", "aria-label", "aria-labelledby"};

struct html {
	char *at;
	size_t len, size;
	struct text base;
	const struct tag *open[HTML_DEPTH_MAX];
	size_t depth;
	const struct tag *pending; /* its start tag still takes attributes */
};

static void *must(void *p)
{
	if (!p)
		out_of_memory();
	return p;
}

static void put(struct html *h, struct text t)
{
	if (t.len >= h->size - h->len) {
		assert(t.len < SIZE_MAX / 4 && h->size < SIZE_MAX / 4);
		h->size = (h->size + t.len) * 2;
		h->at = must(realloc(h->at, h->size));
	}
	if (t.len > 0)
		memcpy(h->at + h->len, t.at, t.len);
	h->len += t.len;
	h->at[h->len] = '\0';
}

static void put_escaped(struct html *h, struct text t)
{
	static const char special[] = "&<>\"'`";
	static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#96;"};

	for (size_t i = 0, n; i < t.len; i += n) {
		struct text rest = {t.at + i, t.len - i};
		const char *hit = rest.at[0] ? strchr(special, rest.at[0]) : NULL;

		n = clean_step(rest);
		if (hit)
			put(h, text_of(names[hit - special]));
		else
			put(h, n > 0 ? (struct text){rest.at, n} : CLEAN_REPLACEMENT);
		n = n > 0 ? n : 1;
	}
}

static const struct tag *tag_of(const char *name)
{
	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
		if (strcmp(tags[i].name, name) == 0)
			return &tags[i];
	return NULL;
}

static bool attribute_known(const char *name)
{
	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
		if (strcmp(attributes[i], name) == 0)
			return true;
	return false;
}

static void end_start_tag(struct html *h)
{
	if (!h->pending)
		return;
	put(h, TEXT_LIT(">"));
	if (h->pending->empty)
		put(h, TEXT_LIT("\n"));
	h->pending = NULL;
}

struct html *html_new(struct text base)
{
	struct html *h = must(calloc(1, sizeof *h));

	h->size = 8192;
	h->at = must(malloc(h->size));
	h->base = base;
	put(h, TEXT_LIT("<!DOCTYPE html>\n"));
	return h;
}

void html_free(struct html *h)
{
	if (!h)
		return;
	free(h->at);
	free(h);
}

void h_open(struct html *h, const char *name)
{
	const struct tag *tag = tag_of(name);

	assert(tag && h->depth < HTML_DEPTH_MAX);
	end_start_tag(h);
	put(h, TEXT_LIT("<"));
	put(h, text_of(tag->name));
	if (!tag->empty)
		h->open[h->depth++] = tag;
	h->pending = tag;
}

void h_attr(struct html *h, const char *name, struct text value)
{
	assert(h->pending && attribute_known(name));
	put(h, TEXT_LIT(" "));
	put(h, text_of(name));
	put(h, TEXT_LIT("=\""));
	put_escaped(h, value);
	put(h, TEXT_LIT("\""));
}

/* Only unreserved characters stay as they are; '/' too where a whole path is meant. */
static void put_encoded(struct html *h, struct text t, bool path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-~";
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.at[i];
		char escape[] = {'%', digits[c >> 4], digits[c & 15]};

		if (memchr(plain, c, sizeof plain - 1) || (path && c == '/'))
			put(h, (struct text){t.at + i, 1});
		else
			put(h, (struct text){escape, sizeof escape});
	}
}

void h_link(struct html *h, const char *name, const struct text *parts)
{
	assert(h->pending && strcmp(name, "href") == 0);
	put(h, TEXT_LIT(" href=\""));
	put_encoded(h, h->base, true);
	if (parts->len == 0)
		put(h, TEXT_LIT("/"));
	for (; parts->len > 0; parts++) {
		put(h, TEXT_LIT("/"));
		put_encoded(h, *parts, false);
	}
	put(h, TEXT_LIT("\""));
}

void h_anchor(struct html *h, const char *id)
{
	assert(h->pending);
	put(h, TEXT_LIT(" href=\"#"));
	put_encoded(h, text_of(id), false);
	put(h, TEXT_LIT("\""));
}

void h_text(struct html *h, struct text t)
{
	assert(h->depth > 0);
	end_start_tag(h);
	put_escaped(h, t);
}

void h_close(struct html *h, const char *name)
{
	const struct tag *tag = tag_of(name);

	assert(tag && h->depth > 0 && h->open[h->depth - 1] == tag);
	end_start_tag(h);
	h->depth--;
	put(h, TEXT_LIT("</"));
	put(h, text_of(tag->name));
	put(h, tag->block ? TEXT_LIT(">\n") : TEXT_LIT(">"));
}

void h_element(struct html *h, const char *tag, const char *class, struct text t)
{
	h_open(h, tag);
	if (class)
		h_attr(h, "class", text_of(class));
	h_text(h, t);
	h_close(h, tag);
}

struct text html_text(const struct html *h)
{
	assert(h->depth == 0 && !h->pending);
	return (struct text){h->at, h->len};
}
