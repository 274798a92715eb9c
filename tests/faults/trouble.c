/* The story, its promises, and the server started by hand. */
#include "tests/faults/trouble.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_MS = 30000, SILENCE_MS = 700, REDELIVERIES = 20 };

int trouble_size(int by_default, int full)
{
	const char *asked = getenv("HEADGATE_FAULTS");

	return asked && strcmp(asked, "full") == 0 ? full : by_default;
}

static void failed(struct rig *rig, const char *why)
{
	(void)rig;
	ck_abort_msg("%s", why);
}

static void begin(struct trouble *t, const char *config, bool agent)
{
	static const char *const people[] = {"alice", "bob", "carol", "dave"};
	struct rig_plan plan = {.failed = failed, .config = config, .no_agent = !agent};
	struct rig *rig = &t->gate.rig;

	*t = (struct trouble){.n_allowed = 0};
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	ck_assert(rig_start(rig, &plan));
	for (size_t i = 0; i < sizeof people / sizeof people[0]; i++)
		json_decref(rig_act(rig, "permission", "acme", "{\"login\":\"%s\",\"role\":\"write\"}", people[i]));
	json_decref(rig_act(rig, "protect", "acme", "{\"branch\":\"main\",\"contexts\":[\"" RIG_CONTEXT "\"]}"));
}

void trouble_begin_without_agent(struct trouble *t, const char *config)
{
	begin(t, config, false);
}

/* Said before the second review is made: from then on success is true. */
static void allow_head(struct trouble *t)
{
	ck_assert_int_lt(t->n_allowed, TROUBLE_HEADS);
	memcpy(t->allowed[t->n_allowed++], t->gate.head, 41);
	gate_approve(&t->gate, "bob");
	gate_approve(&t->gate, "carol");
}

void trouble_allow(struct trouble *t)
{
	gate_open(&t->gate);
	allow_head(t);
	rig_wait_status(&t->gate.rig, t->gate.head, "success", RIG_WAIT_MS);
}

void trouble_begin(struct trouble *t, const char *config)
{
	begin(t, config, true);
	trouble_allow(t);
}

void trouble_end(struct trouble *t)
{
	trouble_load_stop(t);
	for (int i = 0; i < TROUBLE_SENDERS; i++)
		free(t->senders[i].told);
	free(t->body);
	gate_end(&t->gate);
}

/* ---- promises ---- */

void trouble_no_wrong_success(struct trouble *t)
{
	json_t *log = rig_log(&t->gate.rig);

	for (size_t i = 0; i < json_array_size(log); i++) {
		const json_t *entry = json_array_get(log, i);
		bool allowed = false;

		if (!gate_is(entry, "kind", "post") || !gate_is(entry, "state", "success"))
			continue;
		for (int k = 0; k < t->n_allowed && !allowed; k++)
			allowed = gate_is(entry, "sha", t->allowed[k]);
		ck_assert_msg(allowed, "success was posted on %s, which was never allowed", gate_str(entry, "sha"));
	}
}

/* How many were sent again. */
static int redeliver(struct trouble *t)
{
	json_t *answer = rig_world(&t->gate.rig, "hooks", "{\"do\":\"list\"}");
	json_t *list = json_object_get(answer, "deliveries"), *taken = json_object(), *one;
	int n = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_int_t status = json_integer_value(json_object_get(json_array_get(list, i), "status"));

		if (status >= 200 && status <= 299)
			(void)json_object_set_new(taken, gate_str(json_array_get(list, i), "guid"), json_true());
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *guid = gate_str(json_array_get(list, i), "guid");

		if (json_object_get(taken, guid))
			continue;
		(void)json_object_set_new(taken, guid, json_true());
		one = rig_world(&t->gate.rig, "hooks", "{\"do\":\"redeliver\",\"guid\":\"%s\"}", guid);
		json_decref(one);
		n++;
	}
	json_decref(taken);
	json_decref(answer);
	return n;
}

void trouble_redeliver(struct trouble *t)
{
	int tries = 0;

	do
		ck_assert(rig_settle(&t->gate.rig, 50));
	while (redeliver(t) > 0 && ++tries < REDELIVERIES);
	ck_assert_int_lt(tries, REDELIVERIES);
}

void trouble_next_head(struct trouble *t)
{
	char old[41];

	memcpy(old, t->gate.head, sizeof old);
	if (t->gate.fresh) /* two arrivals in one second cannot be told apart: reviews would have to be later still */
		rig_next_second();
	gate_push(&t->gate);
	rig_wait_status(&t->gate.rig, old, "failure", RIG_WAIT_MS);
	allow_head(t);
	gate_wait_post(&t->gate, 0, "success");
}

void trouble_over(struct trouble *t)
{
	json_int_t mark;

	trouble_load_stop(t);
	trouble_nothing_lost(t);
	trouble_redeliver(t);
	trouble_next_head(t);
	gate_judged(&t->gate);
	ck_assert_str_eq(gate_str(rig_status(&t->gate.rig, t->gate.head), "state"), "success");
	mark = rig_log_mark(&t->gate.rig);
	rig_sleep(SILENCE_MS);
	ck_assert_int_eq(gate_count(&t->gate, mark, "post"), 0);
	trouble_no_wrong_success(t);
	gate_merge(&t->gate);
}

/* ---- the server ---- */

static void become(const struct trouble *t, const struct trouble_start *how)
{
	char program[320], config[128], log[128], serve[] = "serve", with[] = "-c";
	char *argv[] = {program, serve, with, config, NULL};
	struct rlimit files = {how->files, how->files};
	int fd;

	(void)snprintf(program, sizeof program, "%s/headgate", t->gate.rig.bin);
	(void)snprintf(config, sizeof config, "%s/headgate.yml", t->gate.rig.dir);
	(void)snprintf(log, sizeof log, "%s/agent.log", t->gate.rig.dir);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setpgid(0, 0);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	(void)dup2(fd, STDOUT_FILENO);
	(void)dup2(fd, STDERR_FILENO);
	fd = open("/dev/null", O_RDONLY);
	(void)dup2(fd, STDIN_FILENO);
	for (fd = 3; fd < 256; fd++) /* what the test holds is not the server's to count */
		(void)close(fd);
	for (size_t i = 0; how->env && how->env[i]; i++)
		(void)putenv((char *)(uintptr_t)how->env[i]);
	if (how->files > 0)
		(void)setrlimit(RLIMIT_NOFILE, &files);
	(void)execv(program, argv);
	_exit(127);
}

static bool wait_ready(struct trouble *t, int *ret_code)
{
	int64_t until = rig_now() + START_MS;

	while (!trouble_says(t, " msg=ready ")) {
		*ret_code = trouble_end_of(t, 0);
		if (*ret_code != -1)
			return false;
		ck_assert_msg(rig_now() < until, "headgate serve neither becomes ready nor ends");
		rig_sleep(3);
	}
	*ret_code = 0;
	return true;
}

bool trouble_serve(struct trouble *t, const struct trouble_start *how, int *ret_code)
{
	struct rig *rig = &t->gate.rig;
	char *said;

	trouble_turn_page(t);
	rig->agent = fork();
	ck_assert_int_ge(rig->agent, 0);
	if (rig->agent == 0)
		become(t, how);
	if (!wait_ready(t, ret_code))
		return false;
	said = trouble_said(t);
	ck_assert_ptr_nonnull(strstr(said, " ops_port="));
	rig->ops_port = (unsigned)strtoul(strstr(said, " ops_port=") + 10, NULL, 10);
	free(said);
	return true;
}

int trouble_end_of(struct trouble *t, int ms)
{
	int64_t until = rig_now() + ms;
	int status;

	ck_assert_int_gt(t->gate.rig.agent, 0);
	while (waitpid(t->gate.rig.agent, &status, WNOHANG) == 0) {
		if (rig_now() >= until)
			return -1;
		rig_sleep(2);
	}
	t->gate.rig.agent = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

char *trouble_said(const struct trouble *t)
{
	enum { MAX = 1 << 21 };
	char path[128], *bytes = calloc(1, MAX + 1);
	FILE *f;

	ck_assert_ptr_nonnull(bytes);
	(void)snprintf(path, sizeof path, "%s/agent.log", t->gate.rig.dir);
	f = fopen(path, "r");
	if (f && fseek(f, t->gate.rig.agent_log_from, SEEK_SET) == 0)
		bytes[fread(bytes, 1, MAX, f)] = '\0';
	if (f)
		(void)fclose(f);
	return bytes;
}

void trouble_turn_page(struct trouble *t)
{
	struct stat st;
	char path[128];

	(void)snprintf(path, sizeof path, "%s/agent.log", t->gate.rig.dir);
	t->gate.rig.agent_log_from = stat(path, &st) == 0 ? (long)st.st_size : 0;
}

bool trouble_says(const struct trouble *t, const char *words)
{
	char *said = trouble_said(t);
	bool found = strstr(said, words) != NULL;

	free(said);
	return found;
}

void trouble_wait_said(const struct trouble *t, const char *words, int ms)
{
	int64_t until = rig_now() + ms;

	while (!trouble_says(t, words)) {
		ck_assert_msg(rig_now() < until, "the server does not say: %s", words);
		rig_sleep(10);
	}
}
