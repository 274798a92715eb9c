/*
 * headgate-story: the demo. Starts the sandbox forge, its bug tracker and headgate on loopback, plays the story of
 * demo_steps.c, checks every verdict, and leaves with 1 on any difference. On a terminal it then serves until Ctrl-C.
 * Signals are held back and looked at between the steps, so that both programs are always stopped and the scratch
 * directory removed.
 */
#include "tests/e2e/demo.h"

#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 8480, WIDTH = 100, WIDTH_MIN = 80, WIDTH_MAX = 120 };

struct options {
	bool once, help;
	unsigned port;
};

static const char usage[] =
	"usage: headgate-story [--once] [--port N]\n"
	"\n"
	"Plays a story on a sandbox forge, a bug tracker and headgate, all on 127.0.0.1, and checks every verdict.\n"
	"\n"
	"  --once     stop after the story, on a terminal too\n"
	"  --port N   where headgate listens, or the next free port (8480; 0: any)\n"
	"  --help     this text\n"
	"\n"
	"Exit: 0 all verdicts as expected, 1 not, 2 wrong usage.\n";

static bool read_port(const char *text, unsigned *ret)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end || n > 65535)
		return false;
	*ret = (unsigned)n;
	return true;
}

static bool read_options(int argc, char **argv, struct options *ret)
{
	static const struct option names[] = {{"once", no_argument, NULL, 'o'},
					      {"port", required_argument, NULL, 'p'},
					      {"help", no_argument, NULL, 'h'},
					      {NULL, 0, NULL, 0}};
	struct options options = {.port = PORT};
	bool ok = true;

	for (int c; ok && (c = getopt_long(argc, argv, "h", names, NULL)) != -1;) {
		options.once = options.once || c == 'o';
		options.help = options.help || c == 'h';
		ok = c == 'o' || c == 'h' || (c == 'p' && read_port(optarg, &options.port));
	}
	*ret = options;
	return ok && optind == argc;
}

static char *read_policy(void)
{
	static const char path[] = SOURCE_DIR "/examples/policies/demo.yml";
	enum { MAX = 64 * 1024 };
	char *text = calloc(1, MAX);
	FILE *f = fopen(path, "r");

	if (!text)
		abort();
	if (f) {
		text[fread(text, 1, MAX - 1, f)] = '\0';
		(void)fclose(f);
	}
	return text;
}

static bool done(json_t *answer)
{
	json_decref(answer);
	return answer != NULL;
}

static bool set_policy(struct demo *demo)
{
	char *text = read_policy();
	json_t *string = json_string(text);
	char *quoted = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
	bool ok = text[0] && quoted ? done(rig_act(&demo->rig, "policy", "acme", "{\"text\":%s}", quoted))
				    : rig_fail(&demo->rig, "examples/policies/demo.yml cannot be read");

	free(quoted);
	json_decref(string);
	free(text);
	return ok;
}

static bool prepare(struct demo *demo, unsigned port)
{
	static const char *const people[] = {"alice", "bob", "carol", "dave"};
	struct rig_plan plan = {.repo = "acme/engine", .port = port, .tracker = true, .no_agent = true};
	bool ok = rig_start(&demo->rig, &plan) && demo_bugs_prepare(demo) && rig_agent_start(&demo->rig) &&
		  demo_bugs_connect(demo) && set_policy(demo) &&
		  done(rig_act(&demo->rig, "branch", "acme", "{\"branch\":\"release\",\"onto\":\"main\"}")) &&
		  done(rig_act(&demo->rig, "protect", "acme",
			       "{\"branch\":\"main\",\"contexts\":[\"" RIG_CONTEXT "\"]}"));

	for (size_t i = 0; ok && i < sizeof people / sizeof people[0]; i++)
		ok = done(
			rig_act(&demo->rig, "permission", "acme", "{\"login\":\"%s\",\"role\":\"write\"}", people[i]));
	return ok && rig_settle(&demo->rig, 100);
}

static sigset_t stopping(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	return set;
}

/* Until a signal asks to stop; false if headgate ends before. */
static bool serve(struct demo *demo)
{
	struct timespec second = {1, 0};
	sigset_t set = stopping();

	demo_print_where(demo);
	while (sigtimedwait(&set, NULL, &second) < 0)
		if (!rig_agent_running(&demo->rig))
			return rig_fail(&demo->rig, "headgate ended");
	(void)fprintf(demo->out, "\nstopping\n");
	return true;
}

static void look_at_terminal(struct demo *demo)
{
	const char *plain = getenv("NO_COLOR"), *term = getenv("TERM");
	struct winsize size = {0};

	demo->width = WIDTH;
	if (!isatty(STDOUT_FILENO))
		return;
	demo->colour = !(plain && plain[0]) && !(term && strcmp(term, "dumb") == 0);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		demo->width = size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col > WIDTH_MAX ? WIDTH_MAX : size.ws_col;
}

static bool run(struct demo *demo, const struct options *options)
{
	bool stays = !options->once && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	bool ok = prepare(demo, options->port) && demo_play(demo);

	if (demo_stopped())
		return ok;
	if (demo->all > 0)
		demo_print_end(demo);
	if (!demo_write_files(demo, SOURCE_DIR "/build/demo") && ok)
		ok = rig_fail(&demo->rig, "build/demo cannot be written");
	if (ok && stays)
		ok = serve(demo);
	else if (ok)
		(void)fprintf(demo->out, "Pages and verdicts: build/demo\n");
	return ok;
}

int main(int argc, char **argv)
{
	struct demo demo = {.out = stdout, .lines = json_array()};
	struct options options;
	sigset_t set = stopping();
	bool ok;

	if (!read_options(argc, argv, &options) || options.help) {
		(void)fputs(usage, options.help ? stdout : stderr);
		return options.help ? 0 : 2;
	}
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	look_at_terminal(&demo);
	ok = run(&demo, &options);
	if (!ok && demo.rig.why[0])
		(void)fprintf(stderr, "headgate-story: %s\n", demo.rig.why);
	ok = rig_stop(&demo.rig) && ok;
	json_decref(demo.lines);
	return ok && !demo_stopped() ? 0 : 1;
}
