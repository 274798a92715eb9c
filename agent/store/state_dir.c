#include "agent/store/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/text.h"

static bool private_directory(const char *path, struct err *err)
{
	struct stat st;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return err_set(err, ERR_INVALID, "state_dir %s: %s", path, strerror(errno));
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return err_set(err, ERR_INVALID, "state_dir %s is not a directory", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(err, ERR_INVALID, "state_dir %s belongs to somebody else; chown it to this user", path);
	if ((st.st_mode & 077) != 0)
		return err_set(err, ERR_INVALID, "state_dir %s can be read by others: chmod 700 %s", path, path);
	return true;
}

/* A lock of the open file: the kernel drops it when the last descriptor is closed, and children get none. */
static bool lock_in(int dir, const char *path, int *ret, struct err *err)
{
	int fd = openat(dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

	if (fd < 0)
		return err_set(err, ERR_INVALID, "state_dir %s: lock: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		(void)err_set(err, errno == EWOULDBLOCK ? ERR_CONFLICT : ERR_INVALID, "state_dir %s: %s", path,
			      errno == EWOULDBLOCK ? "another headgate runs on it" : strerror(errno));
		(void)close(fd);
		return false;
	}
	*ret = fd;
	return true;
}

bool state_dir_claim(const char *path, int *ret, struct err *err)
{
	int dir;
	bool ok;

	if (!private_directory(path, err))
		return false;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_set(err, ERR_INVALID, "state_dir %s: %s", path, strerror(errno));
	ok = lock_in(dir, path, ret, err);
	(void)close(dir);
	return ok;
}

void state_dir_release(int claim)
{
	if (claim >= 0)
		(void)close(claim);
}

/* Some file systems know no sync of a directory and say EINVAL. */
static bool sync_directory(int fd, const char *path, struct err *err)
{
	int failed = fsync(fd) != 0 && errno != EINVAL ? errno : 0;

	(void)close(fd);
	return failed == 0 || err_set(err, ERR_BROKEN, "state_dir %s: sync: %s", path, strerror(failed));
}

bool state_dir_keep(const char *path, struct err *err)
{
	int own = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int above = own < 0 ? -1 : openat(own, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed = errno;
	bool ok;

	if (own < 0)
		return err_set(err, ERR_BROKEN, "state_dir %s: %s", path, strerror(failed));
	ok = sync_directory(own, path, err);
	if (above >= 0)
		return sync_directory(above, path, err) && ok;
	if (failed == EACCES) /* it is another's, who made this one for us and may have his reasons */
		return ok;
	return ok && err_set(err, ERR_BROKEN, "state_dir %s: the directory above: %s", path, strerror(failed));
}
