/* The two programs as child processes: a scratch directory, start, stop, kill, restart. What is done with them is
 * rig_acts.c. */
#include "tests/support/rig.h"
#include "tests/support/rig_inner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef BIN_DIR
#define BIN_DIR "."
#endif

enum { START_MS = 60000, STOP_MS = 30000, RUN_MS = 60000, TAIL = 1500, PORTS_TRIED = 20 };

int64_t rig_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void rig_sleep(int ms)
{
	struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};

	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		;
}

void rig_next_second(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	rig_sleep(1000 - (int)(t.tv_nsec / 1000000) + 5);
}

bool rig_fail(struct rig *rig, const char *format, ...)
{
	size_t n = sizeof rig->why;
	char text[2048], *log;
	size_t len;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	log = rig_file(rig, "agent.log");
	len = strlen(log);
	(void)snprintf(rig->why, n, "%s\n--- end of the agent's log ---\n%s", text,
		       log + (len > TAIL ? len - TAIL : 0));
	free(log);
	if (rig->plan.failed)
		rig->plan.failed(rig, rig->why);
	return false;
}

char *rig_file(const struct rig *rig, const char *name)
{
	enum { MAX = 1 << 20 };
	char path[256], *bytes = calloc(1, MAX + 1);
	FILE *f;
	size_t n;

	if (!bytes)
		abort();
	(void)snprintf(path, sizeof path, "%s/%s", rig->dir, name);
	f = fopen(path, "r");
	if (!f)
		return bytes;
	if (fseek(f, 0, SEEK_END) == 0 && ftell(f) > MAX) /* the end says more */
		(void)fseek(f, -(long)MAX, SEEK_END);
	else
		rewind(f);
	n = fread(bytes, 1, MAX, f);
	bytes[n] = '\0';
	(void)fclose(f);
	return bytes;
}

bool rig_write(const struct rig *rig, const char *name, const char *format, ...)
{
	char path[256];
	va_list args;
	FILE *f;
	int fd;

	(void)snprintf(path, sizeof path, "%s/%s", rig->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return false;
	va_start(args, format);
	(void)vfprintf(f, format, args);
	va_end(args);
	return fclose(f) == 0;
}

static void random_hex(char *to, size_t bytes)
{
	unsigned char raw[64];

	if (getrandom(raw, bytes, 0) != (ssize_t)bytes)
		abort();
	for (size_t i = 0; i < bytes; i++)
		(void)snprintf(to + 2 * i, 3, "%02x", raw[i]);
}

static void become(struct rig *rig, const char *const *words, const char *out, const char *err)
{
	char path[320], *argv[24] = {NULL};
	sigset_t none;
	int fd;

	for (size_t i = 0; words[i] && i < 23; i++)
		memcpy(&argv[i], &words[i], sizeof argv[i]); /* execv takes them without const */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)sigemptyset(&none); /* the parent may hold its own signals back */
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setpgid(0, 0);
	(void)snprintf(path, sizeof path, "%s/%s", rig->dir, out);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	(void)dup2(fd, STDOUT_FILENO);
	(void)snprintf(path, sizeof path, "%s/%s", rig->dir, err);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	(void)dup2(fd, STDERR_FILENO);
	fd = open("/dev/null", O_RDONLY);
	(void)dup2(fd, STDIN_FILENO);
	(void)snprintf(path, sizeof path, "%s%s%s", words[0][0] == '/' ? "" : rig->bin, words[0][0] == '/' ? "" : "/",
		       words[0]);
	if (rig->plan.before_exec && words[1] && strcmp(words[1], "serve") == 0 &&
	    !rig->plan.before_exec(rig->plan.context))
		_exit(126);
	(void)execv(path, argv);
	_exit(127);
}

static pid_t spawn(struct rig *rig, const char *const *words, const char *out, const char *err)
{
	pid_t pid = fork();

	if (pid == 0)
		become(rig, words, out, err);
	return pid;
}

static int code_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Its exit code, 128 + signal; -1: it was still running after ms and has been killed. */
static int end_of(pid_t *pid, int ms)
{
	int64_t until = rig_now() + ms;
	int status = 0;

	while (waitpid(*pid, &status, WNOHANG) == 0) {
		if (rig_now() > until) {
			(void)kill(-*pid, SIGKILL);
			(void)waitpid(*pid, &status, 0);
			*pid = 0;
			return -1;
		}
		rig_sleep(2);
	}
	*pid = 0;
	return code_of(status);
}

static bool gone(pid_t *pid, int *ret_code)
{
	int status = 0;
	pid_t got = *pid > 0 ? waitpid(*pid, &status, WNOHANG) : -1;

	if (got == 0)
		return false;
	if (got > 0)
		*ret_code = code_of(status);
	*pid = 0;
	return true;
}

struct awaited {
	const char *name; /* of a file in the rig's directory */
	long from;        /* where its new lines begin */
	const char *mark; /* what the line holds */
	pid_t *pid;       /* who writes it */
	int *code;        /* how that ended */
};

/* The first whole line that holds the mark, once it is there; false if it will not come any more. */
static bool wait_line(struct rig *rig, const struct awaited *awaited, char ret[512])
{
	int64_t until = rig_now() + START_MS;
	char path[256];

	(void)snprintf(path, sizeof path, "%s/%s", rig->dir, awaited->name);
	for (;;) {
		bool last = gone(awaited->pid, awaited->code) || rig_now() > until;
		FILE *f = fopen(path, "r");
		bool found = false;

		if (f && fseek(f, awaited->from, SEEK_SET) == 0)
			while (!found && fgets(ret, 512, f))
				found = strstr(ret, awaited->mark) && strchr(ret, '\n');
		if (f)
			(void)fclose(f);
		if (found || last)
			return found;
		rig_sleep(3);
	}
}

/* This port, or any for 0; 0 if it is taken. */
static unsigned free_port(unsigned port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	bool ok;

	at.sin_port = htons((uint16_t)port);
	if (fd >= 0 && port > 0) /* as a server does it: connections that have ended do not count */
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	ok = fd >= 0 && bind(fd, (struct sockaddr *)&at, len) == 0 &&
	     getsockname(fd, (struct sockaddr *)&at, &len) == 0;

	if (fd >= 0)
		(void)close(fd);
	return ok ? ntohs(at.sin_port) : 0;
}

static unsigned wanted_port(const struct rig *rig)
{
	unsigned port = 0;

	for (unsigned i = 0; port == 0 && rig->plan.port > 0 && i < PORTS_TRIED && rig->plan.port + i <= 65535; i++)
		port = free_port(rig->plan.port + i);
	return port > 0 ? port : free_port(0);
}

static unsigned number_after(const char *line, const char *key)
{
	const char *at = strstr(line, key);

	return at ? (unsigned)strtoul(at + strlen(key), NULL, 10) : 0;
}

/* The address is in the pages' URLs, so the port is fixed before the start: a free one is asked for and released. */
static bool write_config(struct rig *rig)
{
	const struct rig_plan *plan = &rig->plan;
	char asking_as[256];

	if (plan->app_id)
		(void)snprintf(asking_as, sizeof asking_as, "  app_id: \"%s\"\n  key_file: %s\n", plan->app_id,
			       plan->key_file);
	else if (plan->app)
		(void)snprintf(asking_as, sizeof asking_as, "  app_id: 77\n  key_file: %s/key.pem\n", rig->dir);
	else
		(void)snprintf(asking_as, sizeof asking_as, "  token_file: %s/token\n", rig->dir);
	return rig_write(rig, "headgate.yml",
			 "listen: 127.0.0.1:%u\nops_listen: 127.0.0.1:0\nstate_dir: %s/state\n"
			 "forge:\n  kind: github\n  api_url: %s\n%s  webhook_secrets:\n    - file: %s/secret\n%s",
			 rig->port, rig->dir, rig->forge_url, asking_as, rig->dir,
			 rig->plan.config ? rig->plan.config : "");
}

static long size_of(const struct rig *rig, const char *name)
{
	char path[256];
	struct stat st;

	(void)snprintf(path, sizeof path, "%s/%s", rig->dir, name);
	return stat(path, &st) == 0 ? (long)st.st_size : 0;
}

static bool try_agent(struct rig *rig)
{
	char config[256], line[512];
	const char *words[] = {"headgate", "serve", "-c", config, NULL};
	struct awaited ready = {"agent.log", 0, " msg=ready ", &rig->agent, &rig->agent_code};

	(void)snprintf(config, sizeof config, "%s/headgate.yml", rig->dir);
	rig->agent_log_from = size_of(rig, "agent.log");
	rig->agent = write_config(rig) ? spawn(rig, words, "agent.log", "agent.log") : 0;
	ready.from = rig->agent_log_from;
	if (rig->agent <= 0 || !wait_line(rig, &ready, line))
		return false;
	rig->port = number_after(line, " port=");
	rig->ops_port = number_after(line, " ops_port=");
	return rig->port > 0;
}

static bool set_target(struct rig *rig)
{
	json_t *answer = rig_world(rig, "hooks", "{\"do\":\"target\",\"url\":\"http://127.0.0.1:%u/webhooks/github\"}",
				   rig->port);

	json_decref(answer);
	return answer != NULL;
}

bool rig_agent_try(struct rig *rig)
{
	if (rig->port == 0)
		rig->port = wanted_port(rig);
	return try_agent(rig) && set_target(rig);
}

int rig_agent_end(struct rig *rig, int ms)
{
	if (rig->agent > 0)
		rig->agent_code = end_of(&rig->agent, ms);
	return rig->agent_code;
}

bool rig_agent_start(struct rig *rig)
{
	bool ok = false;

	for (int i = 0; i < 4 && !ok; i++) { /* somebody else may have taken the port */
		if (rig->port == 0 || i > 1)
			rig->port = wanted_port(rig);
		ok = try_agent(rig);
		if (!ok && rig->agent > 0)
			rig_agent_kill(rig);
	}
	if (!ok)
		return rig_fail(rig, "headgate serve did not become ready");
	return set_target(rig);
}

bool rig_agent_running(struct rig *rig)
{
	return rig->agent > 0 && !gone(&rig->agent, &rig->agent_code);
}

void rig_agent_kill(struct rig *rig)
{
	if (rig->agent <= 0)
		return;
	(void)kill(-rig->agent, SIGKILL);
	(void)kill(rig->agent, SIGKILL);
	(void)end_of(&rig->agent, STOP_MS);
}

bool rig_agent_term(struct rig *rig)
{
	int code;

	if (rig->agent <= 0)
		return rig_fail(rig, "the agent is not running");
	(void)kill(rig->agent, SIGTERM);
	code = end_of(&rig->agent, STOP_MS);
	return code == 0 || rig_fail(rig, "the agent left with %d after SIGTERM", code);
}

bool rig_agent_clean(struct rig *rig)
{
	static const char *const marks[] = {"AddressSanitizer", "LeakSanitizer", "ThreadSanitizer",
					    "runtime error:", "Assertion"};
	char *log = rig_file(rig, "agent.log"), *at = NULL;

	for (size_t i = 0; !at && i < sizeof marks / sizeof marks[0]; i++)
		at = strstr(log, marks[i]);
	if (at)
		(void)rig_fail(rig, "the agent's log holds a report: %.1500s", at);
	free(log);
	return !at;
}

/* What stands in front of the world, with its port in place of {port}; without that it stands alone. */
static void place_forge(struct rig *rig, const char *front)
{
	static const char mark[] = "{port}";
	const char *at = front ? strstr(front, mark) : NULL, *port = strrchr(rig->world_url, ':') + 1;

	if (at)
		(void)snprintf(rig->forge_url, sizeof rig->forge_url, "%.*s%s%s", (int)(at - front), front, port,
			       at + strlen(mark));
	else
		memcpy(rig->forge_url, rig->world_url, sizeof rig->world_url);
}

static void take_url(char *line, const char *mark, char ret[64])
{
	line[strcspn(line, "\n")] = '\0';
	(void)snprintf(ret, 64, "%.60s", strstr(line, mark) + strlen(mark));
}

static bool start_world(struct rig *rig)
{
	char listen[] = "127.0.0.1:0", state[128], secret[128], tokens[128], line[512];
	const char *front = getenv("HEADGATE_FORGE_FRONT");
	int code = 0;
	const char *words[16] = {"headgate-world",     "--listen", listen,         "--state", state,
				 "--hook-secret-file", secret,     "--token-file", tokens};
	size_t n = 9;
	struct awaited ready = {"world.out", 0, "listening ", &rig->world, &code};

	(void)snprintf(state, sizeof state, "%s/world", rig->dir);
	(void)snprintf(secret, sizeof secret, "%s/secret", rig->dir);
	(void)snprintf(tokens, sizeof tokens, "%s/tokens.json", rig->dir);
	if (rig->plan.tracker) {
		words[n++] = "--tracker-listen";
		words[n++] = listen;
	}
	if (front) {
		words[n++] = "--public-url";
		words[n++] = front;
	}
	rig->world = spawn(rig, words, "world.out", "world.log");
	if (rig->world <= 0 || !wait_line(rig, &ready, line))
		return rig_fail(rig, "headgate-world did not start");
	take_url(line, "listening ", rig->world_url);
	ready.mark = "tracker ";
	if (rig->plan.tracker && wait_line(rig, &ready, line))
		take_url(line, ready.mark, rig->tracker_url);
	place_forge(rig, front);
	return true;
}

static bool write_secrets(struct rig *rig)
{
	random_hex(rig->token, 16);
	random_hex(rig->secret, 24);
	return rig_write(rig, "token", "%s\n", rig->token) && rig_write(rig, "secret", "%s\n", rig->secret) &&
	       rig_write(rig, "tokens.json",
			 "{\"%s\":{\"app\":\"headgate\"},\"%s-alice\":{\"user\":\"alice\"},"
			 "\"%s-bob\":{\"user\":\"bob\"}}\n",
			 rig->token, rig->token, rig->token);
}

static bool make_repo(struct rig *rig)
{
	json_t *answer = rig_act(rig, "repo", "", "{\"files\":{\"README\":\"hello\\n\"}}");

	json_decref(answer);
	return answer != NULL;
}

bool rig_start(struct rig *rig, const struct rig_plan *plan)
{
	const char *bin = plan->bin ? plan->bin : getenv("HEADGATE_BIN");

	/* A sandbox may be asked as fast as a test can; one of pauses sets its own. */
	(void)setenv("HEADGATE_LIMITS_WRITE_PAUSE", "0s", 0);
	(void)setenv("HEADGATE_LIMITS_POINTS_PER_MINUTE", "0", 0);
	*rig = (struct rig){.plan = *plan, .log = json_array()};
	(void)snprintf(rig->dir, sizeof rig->dir, "/tmp/headgate-rig-XXXXXX");
	(void)snprintf(rig->bin, sizeof rig->bin, "%.250s", bin ? bin : BIN_DIR);
	(void)snprintf(rig->repo, sizeof rig->repo, "%.79s", plan->repo ? plan->repo : "acme/app");
	if (!mkdtemp(rig->dir) || !rig->log || !write_secrets(rig))
		return rig_fail(rig, "no scratch directory");
	if (!start_world(rig) || (plan->app && !rig_make_app(rig)) || (!plan->no_agent && !rig_agent_start(rig)))
		return false;
	return rig->repo[0] == '\0' || make_repo(rig);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

bool rig_stop(struct rig *rig)
{
	bool ok = rig->agent <= 0 || rig_agent_term(rig);

	if (rig->world > 0) {
		(void)kill(rig->world, SIGTERM);
		if (end_of(&rig->world, STOP_MS) != 0)
			ok = rig_fail(rig, "the world did not stop well");
	}
	ok = rig_agent_clean(rig) && ok;
	json_decref(rig->log);
	rig->log = NULL;
	if (ok && !rig->plan.keep && rig->dir[0])
		(void)nftw(rig->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return ok;
}

int rig_run(struct rig *rig, const char *const *words)
{
	const char *all[16] = {"headgate"};
	pid_t pid;
	size_t i = 0;

	for (; words[i] && i < 14; i++)
		all[i + 1] = words[i];
	if (!rig_write(rig, "out.txt", "%s", "") || !rig_write(rig, "err.txt", "%s", ""))
		return -1;
	pid = spawn(rig, all, "out.txt", "err.txt");
	return pid > 0 ? end_of(&pid, RUN_MS) : -1;
}

int rig_sh(struct rig *rig, const char *script)
{
	const char *words[] = {"/bin/sh", "-euc", script, NULL};
	pid_t pid = spawn(rig, words, "sh.log", "sh.log");

	return pid > 0 ? end_of(&pid, RUN_MS) : -1;
}
