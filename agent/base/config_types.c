/*
 * One value, from its text to its field and back. Every reader is total over bytes: what it does not recognise
 * completely is refused.
 */
#include "agent/base/config_keys.h"

#include <arpa/inet.h>
#include <inttypes.h>

#include "policy/remote.h"
#include "policy/when.h"

static struct text print_text(const struct config_key *key, const void *field, struct arena *arena)
{
	(void)key;
	(void)arena;
	return *(const struct text *)field;
}

static struct text print_number(const struct config_key *key, const void *field, struct arena *arena)
{
	(void)key;
	return arena_printf(arena, "%" PRId64, *(const int64_t *)field);
}

static bool printable(struct text in)
{
	for (size_t i = 0; i < in.len; i++)
		if (in.at[i] < 0x20 || in.at[i] > 0x7e)
			return false;
	return true;
}

static bool keep(struct text in, struct arena *arena, void *out)
{
	*(struct text *)out = arena_text(arena, in);
	return true;
}

static bool read_text(const struct config_key *key, struct text in, struct arena *arena, void *out, const char **why)
{
	(void)key;
	(void)why;
	return printable(in) && keep(in, arena, out);
}
const struct config_type config_text = {"text", "printable ASCII text", read_text, print_text, false, false, false,
					NULL};

static bool read_integer(const struct config_key *key, struct text in, struct arena *arena, void *out, const char **why)
{
	(void)key;
	(void)arena;
	(void)why;
	return text_int64(in, out);
}
const struct config_type config_integer = {"integer", "a whole number", read_integer, print_number, false, false, true,
					   NULL};

struct unit {
	const char *suffix;
	int64_t times;
};
static const struct unit sizes[] = {
	{"KiB", INT64_C(1) << 10}, {"MiB", INT64_C(1) << 20}, {"GiB", INT64_C(1) << 30}, {NULL, 0}};
static const struct unit times[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {NULL, 0}};

/* A number directly followed by a unit. "ms" stands before "s" and "m", so the first that fits is the right one. */
static bool scaled(struct text in, const struct unit *unit, int64_t *out)
{
	int64_t n;

	for (; unit->suffix; unit++) {
		struct text suffix = text_of(unit->suffix);

		if (!text_ends(in, suffix) || !text_int64((struct text){in.at, in.len - suffix.len}, &n))
			continue;
		if (n < 0 || n > INT64_MAX / unit->times)
			return false;
		*out = n * unit->times;
		return true;
	}
	return false;
}

static bool read_bytes(const struct config_key *key, struct text in, struct arena *arena, void *out, const char **why)
{
	(void)key;
	(void)arena;
	(void)why;
	return text_int64(in, out) || scaled(in, sizes, out);
}
const struct config_type config_bytes = {
	"bytes", "a number of bytes such as 26214400 or 25MiB", read_bytes, print_number, false, false, true, NULL};

static bool read_duration(const struct config_key *key, struct text in, struct arena *arena, void *out,
			  const char **why)
{
	(void)key;
	(void)arena;
	(void)why;
	return scaled(in, times, out);
}

static struct text print_duration(const struct config_key *key, const void *field, struct arena *arena)
{
	int64_t ms = *(const int64_t *)field;

	(void)key;
	return ms % 1000 == 0 ? arena_printf(arena, "%" PRId64 "s", ms / 1000)
			      : arena_printf(arena, "%" PRId64 "ms", ms);
}
const struct config_type config_duration = {
	"duration", "a duration such as 500ms, 30s, 10m or 2h", read_duration, print_duration, false, false, true,
	NULL};

static bool read_choice(const struct config_key *key, struct text in, struct arena *arena, void *out, const char **why)
{
	(void)arena;
	(void)why;
	for (int64_t i = 0; key->choices[i]; i++)
		if (text_is(in, key->choices[i])) {
			*(int64_t *)out = i;
			return true;
		}
	return false;
}

static struct text print_choice(const struct config_key *key, const void *field, struct arena *arena)
{
	(void)arena;
	return text_of(key->choices[*(const int64_t *)field]);
}
const struct config_type config_choice = {"choice", NULL, read_choice, print_choice, false, false, false, NULL};

/* Splits "1.2.3.4:80" or "[::1]:80"; the host without brackets goes to a buffer of 64 bytes. */
static bool numeric_address(struct text in, char *host, int *family)
{
	bool six = in.len > 0 && in.at[0] == '[';
	size_t end = text_find(in, six ? TEXT_LIT("]:") : TEXT_LIT(":")), from = six ? 1 : 0;
	size_t port_at = end == SIZE_MAX ? 0 : end + (six ? 2 : 1);
	unsigned char parsed[16];
	int64_t port;

	if (end == SIZE_MAX || end < from || end - from >= 64)
		return false;
	memcpy(host, in.at + from, end - from);
	host[end - from] = '\0';
	*family = six ? AF_INET6 : AF_INET;
	if (strlen(host) != end - from || inet_pton(*family, host, parsed) != 1)
		return false;
	return text_int64((struct text){in.at + port_at, in.len - port_at}, &port) && port >= 0 && port <= 65535;
}

static bool read_address(const struct config_key *key, struct text in, struct arena *arena, void *out, const char **why)
{
	char host[64];
	int family;

	(void)key;
	(void)why;
	return numeric_address(in, host, &family) && keep(in, arena, out);
}
const struct config_type config_address = {
	"address", "an address such as 127.0.0.1:8480 or [::1]:8480", read_address, print_text, false, false, false,
	NULL};

static bool absolute(struct text in)
{
	return in.len > 0 && in.len < 4096 && in.at[0] == '/' && !memchr(in.at, '\0', in.len);
}

static bool read_file_name(const struct config_key *key, struct text in, struct arena *arena, void *out,
			   const char **why)
{
	(void)key;
	(void)why;
	return (in.len == 0 || absolute(in)) && keep(in, arena, out);
}
const struct config_type config_file_name = {
	"file", "an absolute file name", read_file_name, print_text, false, false, false, NULL};

static bool read_directory(const struct config_key *key, struct text in, struct arena *arena, void *out,
			   const char **why)
{
	(void)key;
	(void)why;
	return absolute(in) && keep(in, arena, out);
}
const struct config_type config_directory = {
	"directory", "an absolute directory name", read_directory, print_text, false, false, false, NULL};

static bool secret_name(struct text in)
{
	struct text prefix = TEXT_LIT("credential:");
	struct text name = {in.at + prefix.len, in.len - prefix.len};

	if (!text_starts(in, prefix))
		return absolute(in);
	return name.len > 0 && name.len < 256 && !memchr(name.at, '/', name.len) && !memchr(name.at, '\0', name.len) &&
	       !text_is(name, ".") && !text_is(name, "..");
}

static bool read_secret_file(const struct config_key *key, struct text in, struct arena *arena, void *out,
			     const char **why)
{
	(void)key;
	(void)why;
	return (in.len == 0 || secret_name(in)) && keep(in, arena, out);
}

static struct text print_secret_file(const struct config_key *key, const void *field, struct arena *arena)
{
	(void)key;
	(void)arena;
	return ((const struct text *)field)->len > 0 ? TEXT_LIT("<set>") : TEXT_EMPTY;
}
const struct config_type config_secret_file = {"secret file",
					       "an absolute file name or credential:NAME",
					       read_secret_file,
					       print_secret_file,
					       false,
					       false,
					       false,
					       NULL};

static bool host_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
	       c == '[' || c == ']' || c == ':';
}

static bool loopback(struct text host)
{
	char numeric[64];
	int family;
	struct text with_port = host;
	char buffer[96];

	if (text_is(host, "localhost") || text_starts(host, TEXT_LIT("localhost:")))
		return true;
	if (host.len + 3 > sizeof buffer)
		return false;
	(void)snprintf(buffer, sizeof buffer, "%.*s:0", TEXT_ARG(host));
	if (!numeric_address(with_port, numeric, &family) && !numeric_address(text_of(buffer), numeric, &family))
		return false;
	return family == AF_INET6 ? strcmp(numeric, "::1") == 0 : strncmp(numeric, "127.", 4) == 0;
}

/* scheme://host[:port][/path], no user, query, fragment or final slash. */
static bool url(struct text in, bool loopback_http_only, const char **why)
{
	bool tls = text_starts(in, TEXT_LIT("https://"));
	size_t from = tls ? 8 : 7, end;
	struct text host;

	if (!tls && !text_starts(in, TEXT_LIT("http://")))
		return false;
	for (end = from; end < in.len && host_byte(in.at[end]); end++)
		;
	host = (struct text){in.at + from, end - from};
	if (host.len == 0 || (end < in.len && in.at[end] != '/') || !printable(in))
		return false;
	for (size_t i = end; i < in.len; i++)
		if (strchr(" ?#@\\\"<>", in.at[i]))
			return false;
	if (in.at[in.len - 1] == '/') {
		*why = "no slash at the end, please";
		return false;
	}
	if (!tls && loopback_http_only && !loopback(host)) {
		*why = "http is for loopback only: a token would travel in clear; use https";
		return false;
	}
	return true;
}

static bool read_origin_url(const struct config_key *key, struct text in, struct arena *arena, void *out,
			    const char **why)
{
	(void)key;
	return (in.len == 0 || url(in, true, why)) && keep(in, arena, out);
}
const struct config_type config_origin_url = {
	"URL", "an https:// URL without user, query or fragment", read_origin_url, print_text, false, false, false,
	NULL};

/* The name takes the place of a segment of the path, or of its beginning: no policy may change the host. */
static bool read_tree_url(const struct config_key *key, struct text in, struct arena *arena, void *out,
			  const char **why)
{
	size_t at = text_find(in, TEXT_LIT("%s"));
	struct text before = {in.at, at == SIZE_MAX || at == 0 ? 0 : at - 1}, rest;

	(void)key;
	if (in.len == 0)
		return keep(in, arena, out);
	if (at == SIZE_MAX || at == 0 || in.at[at - 1] != '/' || before.len == 0 || !url(before, true, why)) {
		*why = *why ? *why : "%s, please, where the name of a tree goes in the path, after a slash";
		return false;
	}
	rest = (struct text){in.at + at + 2, in.len - at - 2};
	if (text_find(rest, TEXT_LIT("%")) != SIZE_MAX) {
		*why = "one %s, please, and no other %";
		return false;
	}
	return url(arena_printf(arena, "%.*s/tree%.*s", TEXT_ARG(before), TEXT_ARG(rest)), true, why) &&
	       keep(in, arena, out);
}
const struct config_type config_tree_url = {
	"URL with %s", "an https:// URL with %s for the name of a tree, without user, query or fragment",
	read_tree_url, print_text,
	false,         false,
	false,         NULL};

static bool read_public_url(const struct config_key *key, struct text in, struct arena *arena, void *out,
			    const char **why)
{
	(void)key;
	return (in.len == 0 || url(in, false, why)) && keep(in, arena, out);
}
const struct config_type config_public_url = {
	"URL",           "an http:// or https:// URL without user, query or fragment",
	read_public_url, print_text,
	false,           false,
	false,           NULL};

static bool read_repo_path(const struct config_key *key, struct text in, struct arena *arena, void *out,
			   const char **why)
{
	(void)key;
	(void)why;
	if (in.len == 0 || in.at[0] == '/' || !printable(in) || text_find(in, TEXT_LIT("..")) != SIZE_MAX)
		return false;
	return keep(in, arena, out);
}
const struct config_type config_repo_path = {
	"repository path", "a path inside the repository", read_repo_path, print_text, false, false, false, NULL};

static bool name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
	       c == '_';
}

static bool read_repository(const struct config_key *key, struct text in, struct arena *arena, void *out,
			    const char **why)
{
	size_t slash = text_find(in, TEXT_LIT("/"));

	(void)key;
	(void)why;
	if (slash == SIZE_MAX || slash == 0 || slash + 1 == in.len || in.len > 200)
		return false;
	for (size_t i = 0; i < in.len; i++)
		if (i != slash && !name_byte(in.at[i]))
			return false;
	return keep(in, arena, out);
}

static bool read_shared_file(const struct config_key *key, struct text in, struct arena *arena, void *out,
			     const char **why)
{
	size_t colon = text_find(in, TEXT_LIT(":"));

	(void)key;
	(void)why;
	if (in.len > 0 && (colon == SIZE_MAX || !remote_is_repo((struct text){in.at, colon}) ||
			   !remote_is_path((struct text){in.at + colon + 1, in.len - colon - 1})))
		return false;
	return keep(in, arena, out);
}
const struct config_type config_shared_file = {
	"file of a repository", "owner/name:path", read_shared_file, print_text, false, false, false, NULL};

static struct text print_texts(const struct config_key *key, const void *field, struct arena *arena)
{
	const struct config_texts *list = field;
	struct text all = TEXT_LIT("[");

	(void)key;
	for (size_t i = 0; i < list->n; i++)
		all = arena_printf(arena, "%.*s%s%.*s", TEXT_ARG(all), i == 0 ? "" : ", ", TEXT_ARG(list->at[i]));
	return arena_printf(arena, "%.*s]", TEXT_ARG(all));
}
const struct config_type config_repositories = {
	"list", "a list of owner/name", read_repository, print_texts, true, false, false, NULL};

#define WORD_BYTES_MAX 255

bool config_word(struct text in)
{
	return in.len > 0 && in.len <= WORD_BYTES_MAX && printable(in);
}

/* In one text, commas stand between them. */
static bool read_words(const struct config_key *key, struct text in, struct arena *arena, void *out, const char **why)
{
	struct text *words = arena_alloc(arena, in.len / 2 + 1, sizeof *words);
	size_t n = 0;

	(void)key;
	(void)why;
	while (in.len > 0) {
		size_t comma = text_find(in, TEXT_LIT(",")), len = comma == SIZE_MAX ? in.len : comma,
		       used = comma == SIZE_MAX ? len : comma + 1;

		if (!config_word((struct text){in.at, len}) || !keep((struct text){in.at, len}, arena, &words[n++]))
			return false;
		in = (struct text){in.at + used, in.len - used};
	}
	*(struct config_texts *)out = (struct config_texts){words, n};
	return true;
}
const struct config_type config_words = {"list", "a list of names", read_words, print_texts, false, false, false, NULL};

static bool is_branch(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if ((unsigned char)t.at[i] <= ' ' || t.at[i] == 0x7f || t.at[i] == ':')
			return false;
	return t.len > 0 && t.len <= 200 && !text_starts(t, TEXT_LIT("refs/"));
}

static bool read_push(const struct config_key *key, struct text in, struct arena *arena, void *out, const char **why)
{
	struct text repo = in, branch, onto, kept;
	size_t first = text_find(in, TEXT_LIT(":")), second;

	if (first == SIZE_MAX)
		return false;
	repo.len = first;
	branch = (struct text){in.at + first + 1, in.len - first - 1};
	second = text_find(branch, TEXT_LIT(":"));
	if (second == SIZE_MAX)
		return false;
	onto = (struct text){branch.at + second + 1, branch.len - second - 1};
	branch.len = second;
	return read_repository(key, repo, arena, &kept, why) && is_branch(branch) && is_branch(onto) &&
	       !text_eq(branch, onto) && keep(in, arena, out);
}
const struct config_type config_pushes = {
	"list", "a list of owner/name:branch:onto", read_push, print_texts, true, false, false, NULL};

static bool read_webhook_secret(const struct config_key *key, struct text in, struct arena *arena, void *out,
				const char **why)
{
	(void)key;
	(void)why;
	return secret_name(in) && keep(in, arena, out);
}

static struct text print_secrets(const struct config_key *key, const void *field, struct arena *arena)
{
	const struct config_secrets *secrets = field;
	struct text all = TEXT_LIT("[");
	char until[32];

	(void)key;
	for (size_t i = 0; i < secrets->n; i++) {
		int64_t ms = secrets->at[i].until_ms;

		all = arena_printf(arena, "%.*s%s{file: <set>, until: %s}", TEXT_ARG(all), i == 0 ? "" : ", ",
				   ms == WHEN_UNKNOWN ? "never" : when_print(ms, until));
	}
	return arena_printf(arena, "%.*s]", TEXT_ARG(all));
}
const struct config_type config_webhook_secrets = {"list of {file, until}",
						   "a list of {file, until}",
						   read_webhook_secret,
						   print_secrets,
						   false,
						   true,
						   false,
						   NULL};

static bool read_store(const struct config_key *key, struct text in, struct arena *arena, void *out, const char **why)
{
	(void)key;
	if (text_starts(in, TEXT_LIT("postgresql://")) || text_starts(in, TEXT_LIT("postgres://")))
		*why = "this version keeps its state in sqlite only";
	return text_is(in, "sqlite") && keep(in, arena, out);
}
const struct config_type config_store = {"store", "`sqlite`", read_store, print_text, false, false, false, NULL};

/* ---- lists of maps ---- */

bool config_read_no_items(const struct config_key *key, struct text in, struct arena *arena, void *out,
			  const char **why)
{
	(void)arena;
	*why = "a list for the configuration file; neither a flag nor a variable can hold it";
	if (in.len > 0)
		return false;
	key->type->items->put(out, NULL, 0);
	return true;
}

static struct text print_item(const struct config_key *(*key_at)(size_t i), const char *item, struct arena *arena)
{
	struct text all = TEXT_EMPTY;

	for (size_t i = 0; key_at(i); i++) {
		const struct config_key *key = key_at(i);
		struct text value = key->type->print(key, item + key->offset, arena);

		if (value.len > 0)
			all = arena_printf(arena, "%.*s%s%s: %.*s", TEXT_ARG(all), all.len > 0 ? ", " : "", key->path,
					   TEXT_ARG(value));
	}
	return all;
}

struct text config_print_items(const struct config_key *(*key_at)(size_t i), const void *items, size_t n, size_t size,
			       struct arena *arena)
{
	struct text all = TEXT_LIT("[");

	for (size_t i = 0; i < n; i++)
		all = arena_printf(arena, "%.*s%s{%.*s}", TEXT_ARG(all), i == 0 ? "" : ", ",
				   TEXT_ARG(print_item(key_at, (const char *)items + i * size, arena)));
	return arena_printf(arena, "%.*s]", TEXT_ARG(all));
}
