/*
 * Objects are asked for by full name and kept by a ref of that name below refs/headgate/keep/: they stay reachable,
 * and the next fetch tells the server what is there already. git sets such a ref only after it has seen that the
 * history behind it is complete, so commit and ref together mean "nothing to fetch".
 */
#include "git/child.h"
#include "git/inside.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SWEPT = 10000 };

static bool url_ok(struct text url, struct err *err)
{
	static const char *const schemes[] = {"https://", "http://", "file:///"};
	bool known = false;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		known = known || text_starts(url, text_of(schemes[i]));
	for (size_t i = 0; i < url.len; i++)
		known = known && (unsigned char)url.at[i] > 0x20 && url.at[i] != 0x7f;
	return (known && url.len < MIRROR_PATH) || err_set(err, ERR_INVALID, "not a URL to fetch from");
}

static bool where_ok(const struct mirror_where *where, struct err *err)
{
	for (size_t i = 0; i < where->token.len; i++)
		if ((unsigned char)where->token.at[i] <= 0x20 || (unsigned char)where->token.at[i] >= 0x7f)
			return err_set(err, ERR_INVALID, "the token holds a byte no token has");
	return url_ok(where->url, err);
}

static bool kept(const char *dir, const struct oid *want)
{
	char path[MIRROR_PATH];
	struct stat ref;
	struct err ignored = ERR_NONE;
	return mirror_path(path, &ignored, "%s/refs/headgate/keep/%s", dir, want->hex) && !lstat(path, &ref) &&
	       S_ISREG(ref.st_mode) && ref.st_size == GIT_OID_HEXSZ + 1;
}

/* How many of the wants are missing; they come first in ret. */
static bool missing(struct mirror_git *mirror, const struct mirror_fetch_in *in, const struct oid **ret, size_t *n,
		    struct err *err)
{
	char dir[MIRROR_PATH];
	struct objects objects;
	if (!mirror_path(dir, err, "%s/%lld.git", mirror->root, (long long)in->where.repo) ||
	    !mirror_objects(mirror, in->where.repo, &objects, err))
		return false;
	*n = 0;
	for (size_t i = 0; i < in->n_wants; i++)
		if (!objects_is_commit(&objects, &in->wants[i]) || !kept(dir, &in->wants[i]))
			ret[(*n)++] = &in->wants[i];
	objects_close(&objects);
	return true;
}

/* What a killed child may have left in a folder. Only called with the lock held. */
static void sweep(const char *dir, const char *folder, bool (*left_over)(const char *name))
{
	char path[MIRROR_PATH];
	struct err ignored = ERR_NONE;
	if (!mirror_path(path, &ignored, "%s/%s", dir, folder))
		return;
	DIR *open = opendir(path);
	struct dirent *entry;
	for (int i = 0; open && i < SWEPT && (entry = readdir(open)); i++)
		if (left_over(entry->d_name) && mirror_path(path, &ignored, "%s/%s/%s", dir, folder, entry->d_name))
			unlink(path);
	if (open)
		closedir(open);
}

static bool is_lock(const char *name)
{
	return text_ends(text_of(name), TEXT_LIT(".lock"));
}

static bool is_half(const char *name)
{
	return text_starts(text_of(name), TEXT_LIT("tmp_"));
}

static void sweep_all(const char *dir)
{
	sweep(dir, ".", is_lock);
	sweep(dir, "refs/headgate/keep", is_lock);
	sweep(dir, "objects/pack", is_half);
}

static bool locked_fetch(struct mirror_git *mirror, struct run *run, struct err *err)
{
	char dir[MIRROR_PATH];
	int lock = -1;
	if (!mirror_path(dir, err, "%s/%lld.git", mirror->root, (long long)run->where->repo) ||
	    !mirror_lock(mirror, run->where->repo, run->deadline_ms, &lock, err))
		return false;
	sweep_all(dir);
	run->git_dir = dir;
	bool done = mirror_run(mirror, run, err);
	run->git_dir = NULL;
	if (!done)
		sweep_all(dir); /* half a pack may be large, and the next fetch far */
	close(lock);
	return done;
}

static const char *const fixed[] = {
	"fetch",         "--quiet",
	"--no-progress", "--filter=blob:none",
	"--no-tags",     "--no-write-fetch-head",
	"--no-auto-gc",  "--no-recurse-submodules",
	"--no-prune",    "--force",
};
enum { FIXED = sizeof(fixed) / sizeof(fixed[0]) };

bool mirror_fetch(struct mirror_git *mirror, const struct mirror_fetch_in *in, bool *fetched, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct oid *absent[MIRROR_WANTS];
	const char *args[FIXED + MIRROR_WANTS + 2];
	git_oid name;
	size_t n;
	if (in->n_wants > MIRROR_WANTS)
		return err_set(err, ERR_LIMIT, "more than %d commits in one fetch (mirror.max_wants)", MIRROR_WANTS);
	for (size_t i = 0; i < in->n_wants; i++)
		if (!objects_oid(&in->wants[i], &name, err))
			return false;
	if (!where_ok(&in->where, err) || !mirror_make(mirror, in->where.repo, in->deadline_ms, err) ||
	    !missing(mirror, in, absent, &n, err))
		return false;
	*fetched = n > 0;
	if (!n)
		return true;
	memcpy(args, fixed, sizeof(fixed));
	args[FIXED] = arena_text(&arena, in->where.url).at;
	for (size_t i = 0; i < n; i++)
		args[FIXED + 1 + i] =
			arena_printf(&arena, "%s:refs/headgate/keep/%s", absent[i]->hex, absent[i]->hex).at;
	args[FIXED + 1 + n] = NULL;
	struct run run = {.args = args, .where = &in->where, .deadline_ms = in->deadline_ms};
	if (!locked_fetch(mirror, &run, err) || !missing(mirror, in, absent, &n, err))
		return false;
	if (n)
		return err_set(err, ERR_GONE, "%s is not a commit at the forge", absent[0]->hex);
	return true;
}

bool mirror_fetch_blobs(struct mirror_git *mirror, const struct mirror_where *where, const struct blobs *blobs,
			int64_t deadline_ms, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const char *args[FIXED + MIRROR_BLOBS + 2];
	struct oid *names = arena_alloc(&arena, blobs->n, sizeof(*names));
	if (!where_ok(where, err))
		return false;
	memcpy(args, fixed, sizeof(fixed));
	args[FIXED] = arena_text(&arena, where->url).at;
	for (size_t i = 0; i < blobs->n; i++) {
		names[i] = objects_name(&blobs->at[i]);
		args[FIXED + 1 + i] = names[i].hex;
	}
	args[FIXED + 1 + blobs->n] = NULL;
	struct run run = {.args = args, .where = where, .deadline_ms = deadline_ms};
	return locked_fetch(mirror, &run, err);
}
