/*
 * One git child: what it may see is written down here and nowhere else. The environment is made from nothing; the
 * configuration of machine and user is out of reach; the token travels in the environment, bound to the one URL; what
 * the child says is scrubbed before anybody reads it.
 */
#include "git/child.h"
#include "git/inside.h"

enum { ARGS = 640 };

struct setting {
	const char *key, *value;
};

static const struct setting settings[] = {
	{"protocol.allow", "never"},
	{"protocol.http.allow", "always"},
	{"protocol.https.allow", "always"},
	{"protocol.file.allow", "always"},
	{"protocol.version", "2"},
	{"http.followRedirects", "false"},
	{"http.proxy", ""},
	{"credential.helper", ""},
	{"core.askPass", ""},
	{"core.hooksPath", "/dev/null"},
	{"core.fsmonitor", "false"},
	{"fetch.recurseSubmodules", "false"},
	{"fetch.writeCommitGraph", "false"},
	/* No fsck: the history of many respectable repositories has blemishes (dates, addresses, modes of old tools)
	 * that it refuses, and git cannot be told which to let pass while blobs are left out. Nothing is ever checked
	 * out here, and what is read is read strictly: objects by name, trees of any order, commits by our own parser.
	 */
	{"transfer.fsckObjects", "false"},
	{"gc.auto", "0"},
	{"maintenance.auto", "false"},
};
enum { SETTINGS = sizeof(settings) / sizeof(settings[0]) };

static const char *const plain[] = {
	"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent",     "LC_ALL=C",     "GIT_CONFIG_NOSYSTEM=1",
	"GIT_CONFIG_GLOBAL=/dev/null",       "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "GIT_NO_LAZY_FETCH=1",
};
enum { PLAIN = sizeof(plain) / sizeof(plain[0]) };
/* Each setting takes two, and so do the token and the file of authorities; then the count and the end. */
enum { ENV = PLAIN + 2 * (SETTINGS + 2) + 2 };

static struct text base64(struct arena *arena, struct text in)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = arena_alloc(arena, in.len / 3 + 2, 4);
	size_t n = 0;
	for (size_t i = 0; i < in.len; i += 3) {
		uint32_t three = 0;
		for (size_t k = 0; k < 3; k++)
			three = three << 8 | (i + k < in.len ? (unsigned char)in.at[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			out[n++] = (char)(i + k <= in.len ? digits[three >> (18 - 6 * k) & 63] : '=');
	}
	return (struct text){out, n};
}

struct credential {
	struct text token, basic; /* both empty: none */
};

static struct credential credential(const struct mirror_where *where, struct arena *arena)
{
	if (!where || !where->token.len)
		return (struct credential){0};
	struct text pair = arena_printf(arena, "x-access-token:%.*s", TEXT_ARG(where->token));
	return (struct credential){where->token, base64(arena, pair)};
}

static size_t put_setting(const char **env, size_t n, struct arena *arena, struct setting setting)
{
	size_t index = (n - PLAIN) / 2;
	env[n++] = arena_printf(arena, "GIT_CONFIG_KEY_%zu=%s", index, setting.key).at;
	env[n++] = arena_printf(arena, "GIT_CONFIG_VALUE_%zu=%s", index, setting.value).at;
	return n;
}

static void environment(const char **env, const struct mirror_git *mirror, const struct run *run,
			struct credential auth, struct arena *arena)
{
	size_t n = 0;
	for (size_t i = 0; i < PLAIN; i++)
		env[n++] = plain[i];
	for (size_t i = 0; i < SETTINGS; i++)
		n = put_setting(env, n, arena, settings[i]);
	if (mirror->ca_file[0])
		n = put_setting(env, n, arena, (struct setting){"http.sslCAInfo", mirror->ca_file});
	if (auth.basic.len) {
		const char *key = arena_printf(arena, "http.%.*s.extraHeader", TEXT_ARG(run->where->url)).at;
		const char *value = arena_printf(arena, "Authorization: Basic %.*s", TEXT_ARG(auth.basic)).at;
		n = put_setting(env, n, arena, (struct setting){key, value});
	}
	env[n] = arena_printf(arena, "GIT_CONFIG_COUNT=%zu", (n - PLAIN) / 2).at;
	env[n + 1] = NULL;
}

/* Every occurrence of secret becomes "***"; a copy in the arena. */
static struct text without(struct arena *arena, struct text t, struct text secret)
{
	if (!secret.len)
		return t;
	for (size_t at; (at = text_find(t, secret)) != SIZE_MAX;)
		t = arena_printf(arena, "%.*s***%.*s", (int)at, t.at, (int)(t.len - at - secret.len),
				 t.at + at + secret.len);
	return t;
}

/* A tail that was cut may begin inside a secret: its first line is dropped. */
static struct text scrub(const struct child_out *said, struct credential auth, struct arena *arena)
{
	struct text t = {said->tail, said->n_tail};
	if (said->cut) {
		size_t end = text_find(t, TEXT_LIT("\n"));
		t = end == SIZE_MAX ? TEXT_EMPTY : (struct text){t.at + end + 1, t.len - end - 1};
	}
	t = arena_text(arena, t);
	for (size_t i = 0; i < t.len; i++)
		if (!t.at[i])
			((char *)(uintptr_t)t.at)[i] = ' ';
	return without(arena, without(arena, t, auth.basic), auth.token);
}

/* The first line that begins with "fatal:", else the last one. */
static struct text telling(struct text said)
{
	struct text line = TEXT_EMPTY;
	while (said.len) {
		size_t end = text_find(said, TEXT_LIT("\n"));
		struct text next = {said.at, end == SIZE_MAX ? said.len : end};
		said = (struct text){said.at + next.len, said.len - next.len};
		if (said.len)
			said = (struct text){said.at + 1, said.len - 1};
		if (next.len)
			line = next;
		if (text_starts(next, TEXT_LIT("fatal:")))
			break;
	}
	return line;
}

static struct text escaped(struct arena *arena, struct text t)
{
	t = text_cut(t, 160);
	char *out = arena_alloc(arena, t.len + 1, 4);
	size_t n = 0;
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.at[i];
		if (c >= 0x20 && c < 0x7f)
			out[n++] = (char)c;
		else
			n += (size_t)snprintf(out + n, 5, "\\x%02x", c);
	}
	return (struct text){out, n};
}

static enum err_code meaning(struct text said)
{
	static const struct {
		const char *words;
		enum err_code code;
	} table[] = {
		{"not our ref", ERR_GONE},
		{"unadvertised object", ERR_GONE},
		{"fsck error", ERR_INVALID},
		{"File too large", ERR_LIMIT}, /* EFBIG, in the words of LC_ALL=C */
		{"no such remote ref", ERR_GONE},
		{"couldn't find remote ref", ERR_GONE},
		{"Authentication failed", ERR_DENIED},
		{"could not read Username", ERR_DENIED},
		{"returned error: 401", ERR_DENIED},
		{"returned error: 403", ERR_DENIED},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (text_find(said, text_of(table[i].words)) != SIZE_MAX)
			return table[i].code;
	return ERR_RETRY;
}

static void arguments(const char **argv, struct mirror_git *mirror, const struct run *run, struct arena *arena)
{
	size_t n = 0;
	argv[n++] = mirror->program;
	argv[n++] = arena_printf(arena, "--git-dir=%s", run->git_dir).at;
	for (size_t i = 0; run->args[i] && n < ARGS - 1; i++)
		argv[n++] = run->args[i];
	argv[n] = NULL;
}

bool mirror_run(struct mirror_git *mirror, const struct run *run, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const char *argv[ARGS], *env[ENV];
	struct child_out said;
	struct credential auth = credential(run->where, &arena);
	arguments(argv, mirror, run, &arena);
	environment(env, mirror, run, auth, &arena);
	if (!child_run(&(struct child_in){argv, env, run->deadline_ms, mirror->max_file_bytes}, &said, err))
		return false;
	if (said.timed_out)
		return err_set(err, ERR_RETRY, "git %s: ended at its deadline", run->args[0]);
	if (!said.status)
		return true;
	struct text words = scrub(&said, auth, &arena);
	if (meaning(words) == ERR_LIMIT)
		return err_set(err, ERR_LIMIT, "git %s: a file of more than %lld bytes (mirror.max_bytes)",
			       run->args[0], (long long)mirror->max_file_bytes);
	return err_set(err, meaning(words), "git %s: %.*s", run->args[0], TEXT_ARG(escaped(&arena, telling(words))));
}
