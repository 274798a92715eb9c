#include "git/inside.h"

#include "git/child.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/memory.h"

enum { LOCK_MS = 20, WALK_DEPTH = 16 };

bool mirror_path(char *buf, struct err *err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(buf, MIRROR_PATH, format, args);
	va_end(args);
	if (n < 0 || n >= MIRROR_PATH)
		return err_set(err, ERR_LIMIT, "a path of the mirror is longer than %d bytes", MIRROR_PATH);
	return true;
}

static bool is_dir(const char *path)
{
	struct stat found;
	return !lstat(path, &found) && S_ISDIR(found.st_mode);
}

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *at)
{
	(void)found;
	(void)kind;
	(void)at;
	return remove(path);
}

static bool remove_tree(const char *path, struct err *err)
{
	struct stat found;
	if (lstat(path, &found) && errno == ENOENT)
		return true;
	if (nftw(path, remove_one, WALK_DEPTH, FTW_DEPTH | FTW_PHYS | FTW_MOUNT))
		return err_set(err, ERR_RETRY, "cannot remove %.120s: %s", path, strerror(errno));
	return true;
}

static bool whole(const char *dir)
{
	char path[MIRROR_PATH];
	struct stat found;
	struct err ignored = ERR_NONE;
	return is_dir(dir) && mirror_path(path, &ignored, "%s/objects", dir) && is_dir(path) &&
	       mirror_path(path, &ignored, "%s/HEAD", dir) && !lstat(path, &found) && S_ISREG(found.st_mode);
}

static void wait_a_little(void)
{
	struct timespec pause = {0, LOCK_MS * 1000000L};
	nanosleep(&pause, NULL);
}

static int open_lock(const char *path)
{
	return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

bool mirror_lock(struct mirror_git *mirror, int64_t repo, int64_t deadline_ms, int *fd, struct err *err)
{
	char path[MIRROR_PATH];
	if (!mirror_path(path, err, "%s/%lld.lock", mirror->root, (long long)repo))
		return false;
	int lock = open_lock(path);
	if (lock < 0 && errno == ENOENT && !mkdir(mirror->root, 0700)) /* somebody cleared it away while we run */
		lock = open_lock(path);
	if (lock < 0)
		return err_set(err, ERR_RETRY, "cannot open the mirror's lock: %s", strerror(errno));
	while (flock(lock, LOCK_EX | LOCK_NB)) {
		if ((errno != EWOULDBLOCK && errno != EINTR) || child_now_ms() >= deadline_ms) {
			close(lock);
			return err_set(err, ERR_RETRY, "mirror %lld is in use by another process", (long long)repo);
		}
		wait_a_little();
	}
	*fd = lock;
	return true;
}

/* With the lock held: whatever is half made is made anew beside its place and renamed into it. */
static bool make_locked(struct mirror_git *mirror, const char *dir, int64_t deadline_ms, struct err *err)
{
	static const char *const init[] = {"init", "--quiet", "--bare", "--template=", "--initial-branch=none", NULL};
	char fresh[MIRROR_PATH];
	if (whole(dir))
		return true;
	if (!mirror_path(fresh, err, "%s.new", dir) || !remove_tree(fresh, err) || !remove_tree(dir, err))
		return false;
	if (!mirror_run(mirror, &(struct run){fresh, init, NULL, deadline_ms}, err))
		return false;
	if (!whole(fresh) || rename(fresh, dir))
		return err_set(err, ERR_RETRY, "cannot make the mirror %.160s", dir);
	return true;
}

bool mirror_make(struct mirror_git *mirror, int64_t repo, int64_t deadline_ms, struct err *err)
{
	char dir[MIRROR_PATH];
	int lock = -1;
	if (repo <= 0)
		return err_set(err, ERR_INVALID, "not a repository id: %lld", (long long)repo);
	if (!mirror_path(dir, err, "%s/%lld.git", mirror->root, (long long)repo))
		return false;
	if (whole(dir))
		return true;
	if (!mirror_lock(mirror, repo, deadline_ms, &lock, err))
		return false;
	bool made = make_locked(mirror, dir, deadline_ms, err);
	close(lock);
	return made;
}

bool mirror_objects(struct mirror_git *mirror, int64_t repo, struct objects *ret, struct err *err)
{
	char dir[MIRROR_PATH];
	if (!mirror_path(dir, err, "%s/%lld.git/objects", mirror->root, (long long)repo))
		return false;
	if (!is_dir(dir))
		return err_set(err, ERR_RETRY, "no mirror of repository %lld yet", (long long)repo);
	return objects_open(dir, ret, err);
}

static bool find_program(const char *program, char *ret, struct err *err)
{
	static const char *const dirs[] = {"/usr/local/bin", "/usr/bin", "/bin"};
	if (program[0] == '/')
		return mirror_path(ret, err, "%s", program);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mirror_path(ret, err, "%s/%s", dirs[i], program) && !access(ret, X_OK))
			return true;
	return err_set(err, ERR_INVALID, "no program %s in /usr/local/bin, /usr/bin, /bin", program);
}

static bool open_root(const char *root, char *ret, struct err *err)
{
	char real[MIRROR_PATH + 1];
	if (mkdir(root, 0700) && errno != EEXIST)
		return err_set(err, ERR_INVALID, "cannot make %.120s: %s", root, strerror(errno));
	if (!is_dir(root) || chmod(root, 0700) || strlen(root) >= MIRROR_PATH || !realpath(root, real))
		return err_set(err, ERR_INVALID, "%.120s: not a directory of ours", root);
	return mirror_path(ret, err, "%s", real);
}

/* The child stands in another directory. Links stay links: what they lead to may be renewed. */
static bool find_ca_file(const char *file, char *ret, struct err *err)
{
	char here[MIRROR_PATH];
	if (!file || file[0] == '/')
		return mirror_path(ret, err, "%s", file ? file : "");
	if (!getcwd(here, sizeof(here)))
		return err_set(err, ERR_INVALID, "no current directory for %.120s: %s", file, strerror(errno));
	return mirror_path(ret, err, "%s/%s", here, file);
}

struct mirror_git *mirror_git_new(const struct mirror_git_config *config, struct err *err)
{
	struct mirror_git *mirror = calloc(1, sizeof(*mirror));
	if (!mirror)
		out_of_memory();
	if (!open_root(config->root, mirror->root, err) ||
	    !find_program(config->program ? config->program : "git", mirror->program, err) ||
	    !find_ca_file(config->ca_file, mirror->ca_file, err)) {
		free(mirror);
		return NULL;
	}
	mirror->max_file_bytes = config->max_file_bytes;
	memory_of_git();
	if (git_libgit2_init() < 0) {
		err_set(err, ERR_RETRY, "libgit2 does not start");
		free(mirror);
		return NULL;
	}
	/* Else a pack that cannot be opened is an object that is not found, and listeners cannot accept. */
	(void)git_libgit2_opts(GIT_OPT_SET_MWINDOW_FILE_LIMIT, (size_t)MIRROR_PACKS);
	return mirror;
}

void mirror_git_free(struct mirror_git *mirror)
{
	if (!mirror)
		return;
	git_libgit2_shutdown();
	free(mirror);
}

static enum err_code answer(bool done, const struct err *err)
{
	return done ? ERR_OK : err->code;
}

static enum err_code port_fetch(void *self, const struct mirror_fetch_in *in, struct mirror_fetch_out *out,
				struct err *err)
{
	bool fetched;
	bool done = mirror_fetch(self, in, &fetched, err);
	if (done)
		out->fetched = fetched;
	return answer(done, err);
}

static enum err_code port_range(void *self, const struct mirror_range_in *in, struct mirror_range_out *out,
				struct arena *arena, struct err *err)
{
	return answer(mirror_range(self, in, out, arena, err), err);
}

static enum err_code port_file(void *self, const struct mirror_file_in *in, struct mirror_file_out *out,
			       struct arena *arena, struct err *err)
{
	return answer(mirror_file(self, in, out, arena, err), err);
}

static enum err_code port_carry(void *self, const struct mirror_carry_in *in, struct mirror_carry_out *out,
				struct arena *arena, struct err *err)
{
	return answer(mirror_carry(self, in, out, arena, err), err);
}

struct mirror mirror_git_port(struct mirror_git *mirror)
{
	return (struct mirror){mirror, port_fetch, port_range, port_file, port_carry};
}
