#include "agent/store/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/text.h"

#define PATH_BYTES_MAX 2000

/* A file that exists is looked at by name and never opened here: closing it would drop the locks that another
 * connection of this process holds on it. */
static bool check_file(const char *path, bool may_miss, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return (may_miss && errno == ENOENT) || err_set(err, errno == ENOENT ? ERR_GONE : ERR_INVALID,
								"%s: cannot be looked at (errno %d)", path, errno);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return err_set(err, ERR_INVALID, "%s: not a regular file of this user", path);
	if ((st.st_mode & 077) != 0)
		return err_set(err, ERR_INVALID, "%s: mode %03o lets others in; want 600", path,
			       (unsigned)(st.st_mode & 0777));
	return true;
}

static bool check_directory(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_BYTES_MAX + 1] = ".";
	struct stat st;

	if (slash == path)
		memcpy(directory, "/", 2);
	else if (slash)
		(void)snprintf(directory, sizeof directory, "%.*s", (int)(slash - path), path);
	if (stat(directory, &st) != 0)
		return err_set(err, ERR_INVALID, "%s: cannot be looked at (errno %d)", directory, errno);
	if ((st.st_mode & 022) != 0 && (st.st_mode & S_ISVTX) == 0)
		return err_set(err, ERR_INVALID, "%s: mode %03o lets others replace files; want 700", directory,
			       (unsigned)(st.st_mode & 0777));
	return true;
}

static bool make_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return errno == EEXIST || err_set(err, ERR_INVALID, "%s: cannot be made (errno %d)", path, errno);
	(void)close(fd);
	return true;
}

bool private_file(const char *path, bool create, struct err *err)
{
	static const char *const companions[] = {"-wal", "-shm", "-journal"};
	char name[PATH_BYTES_MAX + 16];

	if (strlen(path) > PATH_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "database: the path has more than %d bytes", PATH_BYTES_MAX);
	if (!check_directory(path, err) || (create && !make_file(path, err)) || !check_file(path, false, err))
		return false;
	for (size_t i = 0; i < sizeof companions / sizeof companions[0]; i++) {
		(void)snprintf(name, sizeof name, "%s%s", path, companions[i]);
		if (!check_file(name, true, err))
			return false;
	}
	return true;
}
