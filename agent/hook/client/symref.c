/*
 * gitrepository-layout(5): git never packs a symbolic reference. It is a file of its name, which begins with "ref:",
 * or, of old, a symbolic link; so that looking needs no program, which would cost each push a start. Where references
 * are kept otherwise (reftable), `refs/heads` is no directory, but a file for programs that know no better; there, and
 * in a linked worktree, git is asked.
 */
#include "agent/hook/client/symref.h"

#include "agent/hook/client/child.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOPS_MAX = 5 /* git's own */, GIT_MS = 60000 };

static bool join(char ret[PATH_MAX], const char *a, const char *between, const char *b)
{
	int n = snprintf(ret, PATH_MAX, "%s%s%s", a, between, b);

	return n > 0 && n < PATH_MAX;
}

/* git refuses other names only after it has asked the hook. */
static bool is_name(const char *name)
{
	return strncmp(name, "refs/", 5) == 0 && !strstr(name, "/.");
}

/* Where each reference that is not packed is a file; NULL: git must be asked. */
static const char *files_at(void)
{
	const char *dir = getenv("GIT_DIR");
	char path[PATH_MAX];
	struct stat is;

	if (!dir || getenv("GIT_COMMON_DIR") || !join(path, dir, "/", "commondir") || lstat(path, &is) == 0)
		return NULL;
	return join(path, dir, "/", "refs/heads") && stat(path, &is) == 0 && S_ISDIR(is.st_mode) ? dir : NULL;
}

static bool is_absent(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EISDIR;
}

/* Returns how many bytes; 0: there is no such file. -1: it cannot be read, or it is as long as no reference is. */
static ssize_t read_file(const char *path, char ret[PATH_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd >= 0 ? read(fd, ret, PATH_MAX) : -1;

	if (n < 0 && is_absent(errno))
		n = 0;
	if (fd >= 0)
		close(fd);
	return n < PATH_MAX ? n : -1;
}

/* What a reference's file leads to; "" where it is none, or leads nowhere. False: it cannot be read. */
static bool read_reference(const char *path, char ret[PATH_MAX])
{
	char bytes[PATH_MAX];
	ssize_t n = readlink(path, bytes, PATH_MAX);
	struct text leads;

	if (n < 5 || n == PATH_MAX || memcmp(bytes, "refs/", 5) != 0) {
		n = read_file(path, bytes);
		ret[0] = '\0';
		if (n < 4 || memcmp(bytes, "ref:", 4) != 0)
			return n >= 0;
		memset(bytes, ' ', 4);
	}
	leads = (struct text){bytes, (size_t)n};
	for (; leads.len > 0 && isspace((unsigned char)leads.at[0]); leads.at++)
		leads.len--;
	while (leads.len > 0 && isspace((unsigned char)leads.at[leads.len - 1]))
		leads.len--;
	snprintf(ret, PATH_MAX, "%.*s", TEXT_ARG(leads));
	return leads.len > 0 && strlen(ret) == leads.len;
}

static bool follow_files(const char *dir, char name[PATH_MAX], const char **ret_why)
{
	char path[PATH_MAX], next[PATH_MAX];

	for (int hop = 0; hop <= HOPS_MAX; hop++) {
		*ret_why = "a reference cannot be read";
		if (!is_name(name) || !join(path, dir, "/", name) || !read_reference(path, next))
			return false;
		if (!next[0])
			return true;
		memcpy(name, next, strlen(next) + 1);
	}
	*ret_why = "a symbolic reference leads too far";
	return false;
}

static bool ask_git(char name[PATH_MAX], const char **ret_why)
{
	const char *argv[] = {"git", "symbolic-ref", "-q", name, NULL};
	struct output output = {NULL, 0, 0};
	bool ok = child_says(argv, now_ms() + GIT_MS, PATH_MAX - 1, &output, ret_why);

	if (ok && output.n > 0) {
		*ret_why = "git wrote what this hook cannot read";
		ok = output.at[output.n - 1] == '\n' && !memchr(output.at, '\0', output.n);
		snprintf(name, PATH_MAX, "%.*s", (int)output.n - 1, output.at);
	}
	output_free(&output);
	return ok;
}

/* gitnamespaces(7): what stands before each name that a hook is told. */
static bool take_namespace(char ret[PATH_MAX])
{
	const char *at = getenv("GIT_NAMESPACE");
	int n = 0;

	ret[0] = '\0';
	for (size_t len; at && *at && n < PATH_MAX; at += len + (at[len] == '/')) {
		len = strcspn(at, "/");
		if (len > 0)
			n += snprintf(ret + n, PATH_MAX - (size_t)n, "refs/namespaces/%.*s/", (int)len, at);
	}
	return n < PATH_MAX;
}

bool symref_end(struct text ref, char ret[PATH_MAX], const char **ret_why)
{
	char space[PATH_MAX], name[PATH_MAX];
	const char *dir = files_at();

	*ret_why = "git named a reference that is none";
	if (ref.len >= PATH_MAX || memchr(ref.at, '\0', ref.len))
		return false;
	snprintf(name, sizeof name, "%.*s", TEXT_ARG(ref));
	if (!is_name(name) || !take_namespace(space) || !join(ret, space, "", name))
		return false;
	if (!(dir ? follow_files(dir, ret, ret_why) : ask_git(ret, ret_why)))
		return false;
	*ret_why = "a symbolic reference leads out of its namespace";
	if (strncmp(ret, space, strlen(space)) != 0)
		return false;
	memmove(ret, ret + strlen(space), strlen(ret + strlen(space)) + 1);
	return is_name(ret);
}
