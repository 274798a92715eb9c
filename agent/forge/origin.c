#include "agent/forge/origin.h"

#include <assert.h>

static size_t scheme_len(struct text url)
{
	if (text_starts(url, TEXT_LIT("https://")))
		return 8;
	return text_starts(url, TEXT_LIT("http://")) ? 7 : 0;
}

static bool ambiguous(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if ((unsigned char)t.at[i] <= 0x20 || (unsigned char)t.at[i] >= 0x7f || strchr("\\@#\"<>", t.at[i]))
			return true;
	return false;
}

bool origin_check(struct text base, struct err *err)
{
	size_t skip = scheme_len(base);

	if (!skip || base.len == skip || base.at[skip] == '/' || base.at[base.len - 1] == '/' || ambiguous(base) ||
	    memchr(base.at, '?', base.len))
		return err_set(err, ERR_INVALID, "not a base URL: https://host[:port][/path] without a trailing slash");
	return true;
}

static bool unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
	       c == '.' || c == '~';
}

static size_t escape(char *to, struct text segment)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = 0;

	for (size_t i = 0; i < segment.len; i++) {
		unsigned char c = (unsigned char)segment.at[i];

		if (unreserved((char)c)) {
			to[n++] = (char)c;
			continue;
		}
		to[n++] = '%';
		to[n++] = digits[c >> 4];
		to[n++] = digits[c & 15];
	}
	return n;
}

bool origin_url(const struct origin_path *in, struct arena *arena, struct text *ret, struct err *err)
{
	size_t room = in->base.len + strlen(in->path) + 1, n = in->base.len, used = 0;
	char *url;

	for (size_t i = 0; i < in->n_segments; i++) {
		struct text s = in->segments[i];

		if (!s.len || text_is(s, ".") || text_is(s, ".."))
			return err_set(err, ERR_INVALID, "a name that cannot stand in a URL");
		room += 3 * s.len;
	}
	url = arena_alloc(arena, room, 1);
	memcpy(url, in->base.at, in->base.len);
	for (const char *p = in->path; *p; p++) {
		if (*p != '*') {
			url[n++] = *p;
			continue;
		}
		assert(used < in->n_segments);
		n += escape(url + n, in->segments[used++]);
	}
	assert(used == in->n_segments);
	*ret = (struct text){url, n};
	return true;
}

static bool dot_segment(struct text path)
{
	size_t start = 0;

	for (size_t i = 0; i <= path.len; i++) {
		struct text segment = {path.at + start, i - start};

		if (i < path.len && path.at[i] != '/')
			continue;
		if (text_is(segment, ".") || text_is(segment, ".."))
			return true;
		start = i + 1;
	}
	return false;
}

bool origin_holds(struct text base, struct text url)
{
	const char *query;
	struct text path;

	if (url.len <= base.len || url.at[base.len] != '/' || !text_starts(url, base) || ambiguous(url))
		return false;
	path = (struct text){url.at + base.len, url.len - base.len};
	query = memchr(path.at, '?', path.len);
	if (query)
		path.len = (size_t)(query - path.at);
	/* An escaped dot could be one for the server and none for us. */
	if (text_find(path, TEXT_LIT("%2e")) != SIZE_MAX || text_find(path, TEXT_LIT("%2E")) != SIZE_MAX)
		return false;
	return !dot_segment(path);
}

bool origin_split(struct text name, struct text parts[2], struct err *err)
{
	const char *slash = name.len ? memchr(name.at, '/', name.len) : NULL;
	size_t first = slash ? (size_t)(slash - name.at) : 0;

	if (!first || first + 1 == name.len || memchr(slash + 1, '/', name.len - first - 1))
		return err_set(err, ERR_INVALID, "not owner/name: %.*s", TEXT_ARG(text_cut(name, 100)));
	parts[0] = (struct text){name.at, first};
	parts[1] = (struct text){slash + 1, name.len - first - 1};
	return true;
}
