/*
 * git's own http-backend as a CGI child. Input and output go through memory files, so that neither side can block on
 * the other; the wait has a deadline, after which the child is killed.
 */
#include "tests/world/world_http.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENV_MAX = 20, OUTPUT_MAX = 512 << 20 };

static void put_env(char *env[ENV_MAX], const char *name, const char *value)
{
	size_t n = 0;

	while (env[n])
		n++;
	if (!value || n + 1 >= ENV_MAX)
		return;
	if (asprintf(&env[n], "%s=%s", name, value) < 0)
		abort();
}

static void fill_env(const struct world_cgi *cgi, char *env[ENV_MAX])
{
	char length[32];

	snprintf(length, sizeof(length), "%zu", cgi->len);
	put_env(env, "PATH", getenv("PATH"));
	put_env(env, "GIT_PROJECT_ROOT", cgi->root);
	put_env(env, "GIT_HTTP_EXPORT_ALL", "1");
	put_env(env, "GIT_CONFIG_NOSYSTEM", "1");
	put_env(env, "GIT_CONFIG_GLOBAL", "/dev/null");
	put_env(env, "GIT_CONFIG_COUNT", "1");
	put_env(env, "GIT_CONFIG_KEY_0", "safe.directory");
	put_env(env, "GIT_CONFIG_VALUE_0", "*");
	put_env(env, "PATH_INFO", cgi->path);
	put_env(env, "REQUEST_METHOD", cgi->method);
	put_env(env, "QUERY_STRING", cgi->query ? cgi->query : "");
	put_env(env, "CONTENT_TYPE", cgi->type);
	put_env(env, "CONTENT_LENGTH", cgi->len ? length : NULL);
	put_env(env, "HTTP_CONTENT_ENCODING", cgi->encoding);
	put_env(env, "GIT_PROTOCOL", cgi->protocol);
	put_env(env, "REMOTE_USER", cgi->user && cgi->user[0] ? cgi->user : NULL);
	put_env(env, "REMOTE_ADDR", "127.0.0.1");
}

static bool write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return lseek(fd, 0, SEEK_SET) == 0;
}

static bool start(const struct world_cgi *cgi, int in, int out, pid_t *ret)
{
	char git[] = "git", backend[] = "http-backend", *argv[] = {git, backend, NULL}, *env[ENV_MAX] = {NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, broken_pipe;
	int rc;

	fill_env(cgi, env);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawnattr_init(&attributes);
	sigemptyset(&none);
	sigemptyset(&broken_pipe);
	sigaddset(&broken_pipe, SIGPIPE);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &broken_pipe);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawnp(ret, git, &actions, &attributes, argv, env);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	for (size_t i = 0; env[i]; i++)
		free(env[i]);
	return rc == 0;
}

static bool wait_for(pid_t pid, int64_t deadline_ms)
{
	int status = 0, fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd poll_on = {.fd = fd, .events = POLLIN};
	bool ended = fd >= 0 && poll(&poll_on, 1, (int)deadline_ms) == 1;

	if (!ended)
		kill(-pid, SIGKILL);
	if (fd >= 0)
		close(fd);
	return waitpid(pid, &status, 0) == pid && ended;
}

static bool read_answer(int fd, struct world_cgi_answer *ret)
{
	struct stat st;
	char *split;

	if (fstat(fd, &st) != 0 || st.st_size <= 0 || st.st_size > OUTPUT_MAX)
		return false;
	ret->len = (size_t)st.st_size;
	ret->bytes = calloc(1, ret->len + 1);
	if (!ret->bytes)
		abort();
	if (pread(fd, ret->bytes, ret->len, 0) != (ssize_t)ret->len) {
		free(ret->bytes);
		return false;
	}
	split = strstr(ret->bytes, "\r\n\r\n");
	ret->body_at = split ? (size_t)(split - ret->bytes) + 4 : ret->len;
	ret->status = strncasecmp(ret->bytes, "Status: ", 8) == 0 ? (int)strtol(ret->bytes + 8, NULL, 10) : 200;
	return true;
}

bool world_cgi_run(const struct world_cgi *cgi, struct world_cgi_answer *ret)
{
	int in = memfd_create("in", MFD_CLOEXEC), out = memfd_create("out", MFD_CLOEXEC);
	pid_t pid = 0;
	bool ok = in >= 0 && out >= 0 && write_all(in, cgi->body, cgi->len) && start(cgi, in, out, &pid) &&
		  wait_for(pid, cgi->deadline_ms) && read_answer(out, ret);

	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return ok;
}
