#include "agent/cli/cmd_client.h"

#include <errno.h>
#include <inttypes.h>

#include "agent/base/clock.h"
#include "agent/cli/print.h"
#include "policy/memory.h"

#define ANSWER_MAX  ((size_t)32 * 1024 * 1024)
#define DEADLINE_MS 15000

static void complain(const struct console *console, struct text what)
{
	(void)fprintf(console->err, "headgate: ");
	print_safe(console->err, what);
	(void)fprintf(console->err, "\n");
}

int client_config(const struct console *console, const char *file, struct arena *arena, struct config_loaded *ret)
{
	struct config_sources sources = {.environment = console->environment};
	struct problem problem;
	struct err err = ERR_NONE;

	if (!config_file(file ? file : CONFIG_FILE, arena, &sources.file, &err) && (file || err.code != ERR_GONE)) {
		complain(console, text_of(err.text));
		return COMMAND_CONFIG;
	}
	if (config_load(&sources, arena, ret, &problem))
		return COMMAND_OK;
	complain(console, config_problem_text(file ? file : CONFIG_FILE, &problem, arena));
	return COMMAND_CONFIG;
}

static int socket_of(const struct invocation *invocation, struct arena *arena, const char **ret)
{
	const char *given = invocation_value(invocation, "socket");
	struct config_loaded loaded;
	int code;

	if (given) {
		*ret = given;
		return COMMAND_OK;
	}
	code = client_config(invocation->console, invocation_value(invocation, "config"), arena, &loaded);
	if (code == COMMAND_OK)
		*ret = loaded.config.control_socket.at;
	return code;
}

/* The server's own words where it has some. */
static int refused(const struct console *console, const struct http_answer *answer, struct arena *arena)
{
	struct err ignored = ERR_NONE;
	struct jdoc *doc = jdoc_parse(answer->body, &ignored);
	struct text detail = doc ? jtext(jdoc_root(doc), "detail") : TEXT_EMPTY;

	if (detail.len == 0)
		detail = TEXT_LIT("no reason given");
	complain(console, arena_printf(arena, "the server answered %u: %.*s", answer->status, TEXT_ARG(detail)));
	jdoc_free(doc);
	return answer->status == 400 ? COMMAND_USAGE : COMMAND_NO;
}

static int exchange(const struct console *console, const struct http_port *port, const struct http_request *request,
		    struct text *ret)
{
	struct http_answer answer = {0};
	struct err err = ERR_NONE;

	if (port->send(port->self, request, &answer, &err) != ERR_OK) {
		if (!answer.maybe_sent)
			return COMMAND_ABSENT; /* the caller knows where nobody was */
		complain(console, text_of(err.text));
		return COMMAND_NO;
	}
	if (answer.status < 200 || answer.status > 299)
		return refused(console, &answer, request->arena);
	*ret = answer.body;
	return COMMAND_OK;
}

int client_ask(const struct invocation *invocation, const struct client_request *request, struct arena *arena,
	       struct text *ret)
{
	static const struct http_header headers[] = {{{"accept", 6}, {"application/json", 16}},
						     {{"content-type", 12}, {"application/json", 16}}};
	const struct console *console = invocation->console;
	struct clock_port clock = clock_system();
	struct http_request http = {.method = text_of(request->method),
				    .url = arena_printf(arena, "http://localhost%.*s", TEXT_ARG(request->path)),
				    .headers = headers,
				    .n_headers = request->body.len > 0 ? 2 : 1,
				    .body = request->body,
				    .max_bytes = ANSWER_MAX,
				    .deadline_ms = clock.mono(clock.self) + DEADLINE_MS,
				    .arena = arena};
	struct http_curl_config config = {NULL, NULL};
	struct http_curl *curl;
	struct http_port port;
	struct err err = ERR_NONE;
	int code;

	if (console->http)
		return exchange(console, console->http, &http, ret);
	code = socket_of(invocation, arena, &config.unix_socket);
	if (code != COMMAND_OK)
		return code;
	curl = http_curl_new(&config, &err);
	if (!curl) {
		complain(console, text_of(err.text));
		return COMMAND_ABSENT;
	}
	port = http_curl_port(curl);
	code = exchange(console, &port, &http, ret);
	if (code == COMMAND_ABSENT)
		complain(console,
			 arena_printf(arena, "no server at %s; start one with `headgate serve`", config.unix_socket));
	http_curl_free(curl);
	return code;
}

int client_show(const struct invocation *invocation, const struct client_request *request,
		int (*print)(const struct console *console, jval root))
{
	auto_arena struct arena arena = ARENA_EMPTY;
	bool json = invocation_has(invocation, "json");
	struct err err = ERR_NONE;
	struct text body;
	struct jdoc *doc;
	int code = client_ask(invocation, request, &arena, &body);

	if (code != COMMAND_OK)
		return code;
	doc = jdoc_parse(body, &err);
	if (!doc) {
		complain(invocation->console, arena_printf(&arena, "the server's answer is no JSON: %s", err.text));
		return COMMAND_NO;
	}
	if (json)
		(void)fprintf(invocation->console->out, "%.*s\n", TEXT_ARG(body));
	code = print(json ? NULL : invocation->console, jdoc_root(doc));
	jdoc_free(doc);
	return code;
}

static bool repository(struct text t)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t slash = text_find(t, TEXT_LIT("/"));

	if (slash == SIZE_MAX || slash == 0 || slash + 1 == t.len || t.len > 200)
		return false;
	for (size_t i = 0; i < t.len; i++)
		if (i != slash && !memchr(allowed, t.at[i], sizeof allowed - 1))
			return false;
	return !text_ends((struct text){t.at, slash}, TEXT_LIT("..")) && !text_ends(t, TEXT_LIT("/.."));
}

bool client_subject(const struct invocation *invocation, const char *word, struct client_subject *ret)
{
	struct text t = text_of(word), rest;
	struct client_subject got = {{word, strcspn(word, "#@")}, 0, OID_NONE};
	bool ok = got.repo.len < t.len && repository(got.repo);

	if (ok) {
		rest = (struct text){word + got.repo.len + 1, t.len - got.repo.len - 1};
		ok = word[got.repo.len] == '#' ? text_int64(rest, &got.number) && got.number > 0
					       : oid_parse(rest, &got.sha);
	}
	if (!ok) {
		(void)fprintf(invocation->console->err, "headgate %s: `", invocation->command->name);
		print_safe(invocation->console->err, t);
		(void)fprintf(invocation->console->err,
			      "` is neither owner/name#NUMBER nor owner/name@ and a full commit id\n");
		return false;
	}
	*ret = got;
	return true;
}

static bool slurp(FILE *in, struct client_file file, struct arena *arena, struct text *ret, struct err *err)
{
	char *bytes = malloc(file.max + 1);
	size_t n;
	bool ok;

	if (!bytes)
		out_of_memory();
	n = fread(bytes, 1, file.max + 1, in);
	ok = ferror(in) == 0;
	if (!ok)
		(void)err_set(err, ERR_INVALID, "%s: cannot be read", file.name);
	else if (n > file.max)
		ok = err_set(err, ERR_LIMIT, "%s: more than %zu bytes", file.name, file.max);
	else
		*ret = arena_text(arena, (struct text){bytes, n});
	free(bytes);
	return ok;
}

bool client_file_read(const struct console *console, struct client_file file, struct arena *arena, struct text *ret,
		      struct err *err)
{
	FILE *in;
	bool ok;

	if (strcmp(file.name, "-") == 0)
		return slurp(console->in, file, arena, ret, err);
	in = fopen(file.name, "re");
	if (!in)
		return err_set(err, ERR_INVALID, "%s: %s", file.name, strerror(errno));
	ok = slurp(in, file, arena, ret, err);
	(void)fclose(in);
	return ok;
}

int client_exit_of(enum decision decision)
{
	if (decision == DECISION_ALLOWED)
		return COMMAND_OK;
	return decision == DECISION_WAITING ? COMMAND_WAITING : COMMAND_NO;
}
