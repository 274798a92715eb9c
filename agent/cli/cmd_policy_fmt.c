/*
 * A file is replaced whole: the new text is written beside it, made durable and put in its place, with its mode and
 * owner. Whoever reads it meets the old text or the new one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/cli/cmd_client.h"
#include "agent/cli/cmd_policy.h"
#include "agent/cli/print.h"
#include "policy/memory.h"
#include "policy/policy.h"
#include "policy/yaml_format.h"

struct target {
	char *path; /* without symbolic links */
	struct stat is;
	int beside;        /* the new file, or -1 */
	struct text fresh; /* its name, or empty */
};

static bool broken(struct err *err, const char *what, const char *name)
{
	return err_set(err, ERR_INVALID, "%s: cannot be %s: %s", name, what, strerror(errno));
}

static bool write_all(int fd, struct text text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.at, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text = (struct text){text.at + n, text.len - (size_t)n};
	}
	return true;
}

/* The name of the new file: in the same directory, hidden. */
static struct text name_beside(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/');
	int directory = slash ? (int)(slash - path) + 1 : 0;

	return arena_printf(arena, "%.*s.%s.XXXXXX", directory, path, path + directory);
}

static bool make_fresh(struct target *target, struct arena *arena, struct text text, struct err *err)
{
	struct text name = name_beside(target->path, arena);
	char *made = arena_alloc(arena, name.len + 1, 1);
	struct stat st;

	memcpy(made, name.at, name.len);
	target->beside = mkostemp(made, O_CLOEXEC);
	if (target->beside < 0)
		return broken(err, "written beside", target->path);
	target->fresh = (struct text){made, name.len};
	if (fstat(target->beside, &st) != 0)
		return broken(err, "looked at", made);
	if ((st.st_uid != target->is.st_uid || st.st_gid != target->is.st_gid) &&
	    fchown(target->beside, target->is.st_uid, target->is.st_gid) != 0)
		return broken(err, "given to its owner", made);
	if (fchmod(target->beside, target->is.st_mode & 07777) != 0)
		return broken(err, "given its mode", made);
	if (!write_all(target->beside, text) || fsync(target->beside) != 0)
		return broken(err, "written", made);
	return true;
}

/* That the directory could not be synced takes nothing back: the text is in its place. */
static void sync_directory(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/');
	int fd = open(arena_printf(arena, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".").at,
		      O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)fsync(fd);
		(void)close(fd);
	}
}

static bool put_in_place(struct target *target, struct err *err)
{
	int fd = target->beside;

	target->beside = -1;
	if (close(fd) != 0)
		return broken(err, "written", target->fresh.at);
	if (rename(target->fresh.at, target->path) != 0)
		return broken(err, "replaced", target->path);
	target->fresh = TEXT_EMPTY;
	return true;
}

static bool replace(const char *name, struct text text, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct target target = {.path = realpath(name, NULL), .beside = -1};
	bool ok = false;

	if (!target.path || stat(target.path, &target.is) != 0)
		(void)broken(err, "looked at", name);
	else if (!S_ISREG(target.is.st_mode))
		(void)err_set(err, ERR_INVALID, "%s: not a regular file", name);
	else
		ok = make_fresh(&target, &arena, text, err) && put_in_place(&target, err);
	if (ok)
		sync_directory(target.path, &arena);
	if (target.beside >= 0)
		(void)close(target.beside);
	if (target.fresh.len > 0)
		(void)unlink(target.fresh.at);
	free(target.path);
	return ok;
}

static int deliver(const struct invocation *invocation, const char *name, struct text text, bool changed)
{
	const struct console *console = invocation->console;
	struct err err = ERR_NONE;

	if (invocation_has(invocation, "check")) {
		if (changed) {
			print_safe(console->out, text_of(name));
			(void)fprintf(console->out, "\n");
		}
		return changed ? COMMAND_NO : COMMAND_OK;
	}
	if (strcmp(name, "-") == 0)
		return fwrite(text.at, 1, text.len, console->out) == text.len ? COMMAND_OK : COMMAND_NO;
	if (changed && !replace(name, text, &err))
		return policy_cannot_read(invocation, &err);
	return COMMAND_OK;
}

static int format(const struct invocation *invocation, const char *name)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct console *console = invocation->console;
	struct problem problem = {0};
	struct err err = ERR_NONE;
	struct text bytes, text;

	if (!client_file_read(console, (struct client_file){name, POLICY_BYTES_MAX}, &arena, &bytes, &err)) {
		(void)policy_cannot_read(invocation, &err);
		return err.code == ERR_LIMIT ? COMMAND_NO : COMMAND_USAGE;
	}
	if (!yaml_format(bytes, &arena, &text, &problem)) {
		policy_print_problem(console, name, &problem);
		return COMMAND_NO;
	}
	return deliver(invocation, name, text, !text_eq(bytes, text));
}

/* Every file is looked at, whatever is wrong with others; the worst counts. */
static int run_fmt(const struct invocation *invocation)
{
	int worst = COMMAND_OK;

	if (invocation->n_operands == 0)
		return format(invocation, ".headgate.yml");
	for (size_t i = 0; i < invocation->n_operands; i++) {
		int code = format(invocation, invocation->operands[i]);

		if (code > worst)
			worst = code;
	}
	return worst;
}

static const struct command_option fmt_options[] = {
	{"check", 0, NULL, "change nothing; name the files that would change and exit with 1"}};
const struct command command_policy_fmt = {
	"policy fmt",
	"[FILE...|-]",
	0,
	1000,
	"write policy files in their one form; comments and meaning stay",
	"  headgate policy fmt\n  headgate policy fmt --check examples/policies/*.yml\n  headgate policy fmt - "
	"<draft.yml\n",
	fmt_options,
	sizeof fmt_options / sizeof fmt_options[0],
	run_fmt,
};
