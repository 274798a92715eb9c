/* headgate-world: the world behind a socket, for tests and the demo. Prints one line when it is ready. */
#include "tests/world/world_http.h"
#include "tests/world/world_state.h"

#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct options {
	const char *listen, *tracker_listen, *state, *hook_url, *secret_file, *token_file, *public_url, *seed, *clock;
};

static int usage(void)
{
	fputs("usage: headgate-world --listen 127.0.0.1:0 --state DIR --hook-secret-file F --token-file F\n"
	      "         [--hook-url URL] [--public-url URL] [--seed N] [--clock real|virtual]\n"
	      "         [--tracker-listen 127.0.0.1:0]\n",
	      stderr);
	return 2;
}

static bool parse(int argc, char **argv, struct options *ret)
{
	static const struct option known[] = {{"listen", 1, NULL, 'l'},         {"state", 1, NULL, 's'},
					      {"hook-url", 1, NULL, 'u'},       {"hook-secret-file", 1, NULL, 'k'},
					      {"token-file", 1, NULL, 't'},     {"public-url", 1, NULL, 'p'},
					      {"seed", 1, NULL, 'n'},           {"clock", 1, NULL, 'c'},
					      {"tracker-listen", 1, NULL, 'b'}, {NULL, 0, NULL, 0}};
	static const char letters[] = "lsuktpncb";
	const char **fields[] = {&ret->listen,     &ret->state, &ret->hook_url, &ret->secret_file,   &ret->token_file,
				 &ret->public_url, &ret->seed,  &ret->clock,    &ret->tracker_listen};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		const char *at = c == '?' ? NULL : strchr(letters, c);

		if (!at)
			return false;
		*fields[at - letters] = optarg;
	}
	return optind == argc && ret->state && ret->token_file && ret->secret_file;
}

static char *read_line_file(const char *path, bool whole)
{
	FILE *f = fopen(path, "r");
	char *bytes = calloc(1, 1 << 16);
	size_t n = 0;

	if (!f || !bytes) {
		free(bytes);
		return NULL;
	}
	n = fread(bytes, 1, (1 << 16) - 1, f);
	fclose(f);
	while (!whole && n > 0 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r'))
		bytes[--n] = 0;
	return bytes;
}

/* The URL with the port that was chosen in place of {port}; owned. */
static char *public_url(const char *url, unsigned port)
{
	static const char mark[] = "{port}";
	const char *at = strstr(url, mark);

	return at ? world_text("%.*s%u%s", (int)(at - url), url, port, at + strlen(mark)) : world_text("%s", url);
}

struct place {
	char address[64];
	uint16_t port;
};

static bool read_place(const char *text, struct place *ret)
{
	const char *colon = strrchr(text, ':');

	if (!colon || (size_t)(colon - text) >= sizeof(ret->address))
		return false;
	snprintf(ret->address, sizeof(ret->address), "%.*s", (int)(colon - text), text);
	ret->port = (uint16_t)strtoul(colon + 1, NULL, 10);
	return true;
}

static bool open_tracker(struct world_http *http, const char *listen)
{
	struct place at;
	unsigned port = read_place(listen, &at) ? world_http_tracker(http, at.address, at.port) : 0;

	if (port > 0)
		printf("tracker http://%s:%u\n", at.address, port);
	else
		fprintf(stderr, "headgate-world: the tracker cannot listen\n");
	return port > 0;
}

static int run(struct world *world, const struct options *options, const sigset_t *ends)
{
	const char *why = "";
	char url[96], *public;
	struct place at;
	struct world_http *http;
	int signal_number;

	if (!read_place(options->listen, &at))
		return usage();
	http = world_http_start(world, at.address, at.port, options->state, &why);
	if (!http) {
		fprintf(stderr, "headgate-world: %s\n", why);
		return 1;
	}
	if (options->tracker_listen && !open_tracker(http, options->tracker_listen)) {
		world_http_stop(http);
		return 1;
	}
	snprintf(url, sizeof(url), "http://%s:%u", at.address, (unsigned)world_http_port(http));
	public = public_url(options->public_url ? options->public_url : url, world_http_port(http));
	world_http_public(http, public);
	free(public);
	printf("listening %s\n", url);
	fflush(stdout);
	sigwait(ends, &signal_number);
	world_http_stop(http);
	return 0;
}

int main(int argc, char **argv)
{
	struct options options = {.listen = "127.0.0.1:0", .clock = "real", .seed = "1"};
	const char *why = "a file cannot be read";
	char *secret, *tokens, *root;
	struct world *world = NULL;
	sigset_t ends;
	int rc = 1;

	if (!parse(argc, argv, &options))
		return usage();
	mkdir(options.state, 0700);
	root = realpath(options.state, NULL);
	options.state = root;
	if (!root)
		return usage();
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	secret = read_line_file(options.secret_file, false);
	tokens = read_line_file(options.token_file, true);
	if (secret && tokens)
		world = world_new(&(struct world_config){.dir = options.state,
							 .hook_url = options.hook_url,
							 .secret = secret,
							 .tokens = tokens,
							 .seed = strtoull(options.seed, NULL, 10),
							 .real = strcmp(options.clock, "real") == 0},
				  &why);
	if (world)
		rc = run(world, &options, &ends);
	else
		fprintf(stderr, "headgate-world: %s\n", why);
	world_free(world);
	free(secret);
	free(tokens);
	free(root);
	return rc;
}
