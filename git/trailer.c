#include "git/trailer.h"

static const char noreply[] = "users.noreply.";

static struct text rest(struct text t, size_t from)
{
	return (struct text){t.at + from, t.len - from};
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct text trim(struct text t)
{
	while (t.len && blank(t.at[0]))
		t = rest(t, 1);
	while (t.len && blank(t.at[t.len - 1]))
		t.len--;
	return t;
}

static struct text until_any(struct text t, const char *stops)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] && strchr(stops, t.at[i]))
			return (struct text){t.at, i};
	return t;
}

struct text trailer_host(struct text url)
{
	static const char *const sandbox[] = {"", "127.0.0.1", "localhost", "[::1]"};
	size_t scheme = text_find(url, TEXT_LIT("://"));
	if (scheme == SIZE_MAX || text_starts(url, TEXT_LIT("file://")))
		return TEXT_LIT("github.com");
	struct text host = until_any(rest(url, scheme + 3), "/?#");
	size_t at = text_find(host, TEXT_LIT("@"));
	if (at != SIZE_MAX)
		host = rest(host, at + 1);
	if (!text_starts(host, TEXT_LIT("[")))
		host = until_any(host, ":");
	else if (text_find(host, TEXT_LIT("]")) != SIZE_MAX)
		host.len = text_find(host, TEXT_LIT("]")) + 1;
	for (size_t i = 0; i < sizeof(sandbox) / sizeof(sandbox[0]); i++)
		if (text_is(host, sandbox[i]))
			return TEXT_LIT("github.com");
	return host;
}

static bool login_ok(struct text login)
{
	for (size_t i = 0; i < login.len; i++) {
		unsigned char c = (unsigned char)login.at[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '[' && c != ']')
			return false;
	}
	return login.len > 0;
}

/* ID+login@users.noreply.HOST, and nothing else, carries an account. */
static void attribute(struct signer *signer, struct text host)
{
	size_t at = text_find(signer->email, TEXT_LIT("@"));
	if (at == SIZE_MAX)
		return;
	struct text domain = rest(signer->email, at + 1);
	size_t n = sizeof(noreply) - 1;
	if (domain.len <= n || !text_eq_nocase((struct text){domain.at, n}, TEXT_LIT(noreply)) ||
	    !text_eq_nocase(rest(domain, n), host))
		return;
	struct text local = {signer->email.at, at};
	size_t plus = text_find(local, TEXT_LIT("+"));
	int64_t id;
	if (plus == SIZE_MAX || !text_int64((struct text){local.at, plus}, &id) || id <= 0 ||
	    !login_ok(rest(local, plus + 1)))
		return;
	signer->id = id;
	signer->login = rest(local, plus + 1);
}

struct signer trailer_signer(struct text identity, struct text host)
{
	struct signer signer = {.name = trim(identity)};
	size_t open = text_find(identity, TEXT_LIT("<"));
	size_t close = text_find(identity, TEXT_LIT(">"));
	if (open == SIZE_MAX || close == SIZE_MAX || close < open)
		return signer;
	struct text after = rest(identity, close + 1);
	struct text email = {identity.at + open + 1, close - open - 1};
	if (text_find(after, TEXT_LIT("<")) != SIZE_MAX || text_find(after, TEXT_LIT(">")) != SIZE_MAX ||
	    text_find(email, TEXT_LIT("<")) != SIZE_MAX)
		return signer;
	signer.name = trim((struct text){identity.at, open});
	signer.email = trim(email);
	attribute(&signer, host);
	return signer;
}

/* Cuts the first line off; a lone CR ends one too, so that no line hides behind it. */
static struct text next_line(struct text *left)
{
	struct text line = until_any(*left, "\r\n");
	*left = rest(*left, line.len < left->len ? line.len + 1 : line.len);
	return line;
}

static bool coauthor(struct text line, struct text *value)
{
	line = trim(line);
	struct text key = until_any(line, ":");
	if (key.len == line.len || !text_eq_nocase(trim(key), TEXT_LIT("Co-authored-by")))
		return false;
	*value = trim(rest(line, key.len + 1));
	return true;
}

static size_t each(struct text message, struct text host, struct signer *list)
{
	size_t n = 0;
	struct text value;
	for (struct text left = message; left.len;) {
		if (!coauthor(next_line(&left), &value))
			continue;
		if (list)
			list[n] = trailer_signer(value, host);
		n++;
	}
	return n;
}

bool trailer_coauthors(struct text message, struct text host, struct commit *ret, struct arena *arena, struct err *err)
{
	size_t n = each(message, host, NULL);
	if (n > TRAILER_COAUTHORS)
		return err_set(err, ERR_LIMIT, "a commit names %zu co-authors (mirror.max_coauthors is %d)", n,
			       TRAILER_COAUTHORS);
	struct signer *list = n ? arena_alloc(arena, n, sizeof(*list)) : NULL;
	if (n)
		each(message, host, list);
	ret->coauthors = list;
	ret->n_coauthors = n;
	return true;
}
