/*
 * headgate bugs pull: the signed table of another host. It must be signed by whom we trust, of this tracker, newer than
 * what is here and not stale: an old one with a good signature is how somebody would take back a rating.
 */
#include "agent/base/clock.h"
#include "agent/cli/cmd_bugs.h"
#include "agent/cli/cmd_client.h"
#include "policy/when.h"

#define DEADLINE_MS 60000

static bool request(const struct http_port *port, const char *url, struct arena *arena, struct text *ret,
		    struct err *err)
{
	struct clock_port clock = clock_system();
	struct http_request in = {
		.method = TEXT_LIT("GET"),
		.url = text_of(url),
		.max_bytes = DUMP_BYTES_MAX,
		.deadline_ms = clock.mono(clock.self) + DEADLINE_MS,
		.arena = arena,
	};
	struct http_answer answer = {0};

	if (port->send(port->self, &in, &answer, err) != ERR_OK)
		return false;
	if (answer.status != 200)
		return err_set(err, ERR_RETRY, "the other side answered %u", answer.status);
	*ret = answer.body;
	return true;
}

static bool fetch(const struct invocation *invocation, struct arena *arena, struct text *ret, struct err *err)
{
	const char *url = invocation->operands[0];
	struct client_file input = {"-", DUMP_BYTES_MAX};
	struct http_curl_config config = {invocation_value(invocation, "ca-file"), NULL};
	struct http_curl *curl;
	struct http_port port;
	bool ok;

	if (strcmp(url, "-") == 0)
		return client_file_read(invocation->console, input, arena, ret, err);
	if (!text_starts(text_of(url), TEXT_LIT("https://")) && !text_starts(text_of(url), TEXT_LIT("http://")))
		return err_set(err, ERR_INVALID, "expected an https:// URL, or - for standard input");
	if (invocation->console->http)
		return request(invocation->console->http, url, arena, ret, err);
	curl = http_curl_new(&config, err);
	if (!curl)
		return false;
	port = http_curl_port(curl);
	ok = request(&port, url, arena, ret, err);
	http_curl_free(curl);
	return ok;
}

static bool trusted(const struct invocation *invocation, const struct bugs_place *place, const struct dump *dump,
		    struct err *err)
{
	const char *given = invocation_value(invocation, "key");
	struct text name = given ? text_of(given) : place->tracker->trust_key_file;

	if (name.len == 0)
		return err_set(err, ERR_INVALID, "whom to trust? trust_key_file of the tracker, or --key FILE");
	if (!bugs_verify(dump, name.at, err))
		return false;
	return text_eq(dump->tracker, place->tracker->name) ||
	       err_set(err, ERR_DENIED, "the table is of another tracker");
}

/* ERR_CONFLICT: it is the one that is here. */
static bool timely(const struct bugs_place *place, const struct dump *dump, int64_t here_ms, struct err *err)
{
	char of[32], here[32];

	if (place->now_ms - dump->dated_ms > place->tracker->table_max_age_ms)
		return err_set(err, ERR_DENIED, "it is stale: of %s, older than table_max_age",
			       when_print(dump->dated_ms, of));
	if (dump->dated_ms < here_ms)
		return err_set(err, ERR_DENIED, "it is of %s, older than the table that is here, of %s",
			       when_print(dump->dated_ms, of), when_print(here_ms, here));
	return dump->dated_ms > here_ms || err_set(err, ERR_CONFLICT, "no newer table");
}

static int run(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct bugs_place place;
	struct err err = ERR_NONE;
	struct bug_table *table;
	struct dump dump = {.n = 0};
	struct text bytes = TEXT_EMPTY;
	int64_t here;
	int code = bugs_place(invocation, &arena, &place);

	if (code != COMMAND_OK)
		return code;
	if (!fetch(invocation, &arena, &bytes, &err) || !dump_read(bytes, place.now_ms, &arena, &dump, &err) ||
	    !trusted(invocation, &place, &dump, &err))
		return bugs_say(invocation, COMMAND_NO, err.text);
	table = bugs_table(invocation, &place);
	here = bug_table_dated(table);
	bug_table_free(table);
	if (timely(&place, &dump, here, &err))
		return bugs_install(invocation, &place, &dump, dump.dated_ms, 0);
	if (err.code != ERR_CONFLICT)
		return bugs_say(invocation, COMMAND_NO, err.text);
	(void)fprintf(invocation->console->out, "%s\n", err.text);
	return COMMAND_OK;
}

static const struct command_option options[] = {
	BUGS_OPTIONS,
	{"key", 0, "FILE", "the Ed25519 public key, PEM, that it must be signed by; else trust_key_file"},
	{"ca-file", 0, "FILE", "certificates to trust; else the system's"},
};
const struct command command_bugs_pull = {
	"bugs pull",
	"URL|-",
	1,
	1,
	"take in the signed dump of another host, by https or from standard input",
	"  headgate bugs pull https://gate.example.org/bmo.dump\n"
	"  ssh gate.example.org headgate bugs export --sign | headgate bugs pull -\n",
	options,
	sizeof options / sizeof options[0],
	run,
};
