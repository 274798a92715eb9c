#include "tests/sim/disk_inner.h"

#include <stdlib.h>
#include <string.h>

/* ---- bytes ---- */

void *disk_grow(void *at, size_t *room, size_t n, size_t size)
{
	size_t more = *room ? *room : 16;
	char *grown = at;

	if (n <= *room)
		return at;
	while (more < n)
		more *= 2;
	grown = realloc(at, more * size);
	if (!grown)
		abort();
	memset(grown + *room * size, 0, (more - *room) * size);
	*room = more;
	return grown;
}

void bytes_resize(struct bytes *bytes, size_t size)
{
	bytes->at = disk_grow(bytes->at, &bytes->room, size, 1);
	if (size > bytes->size)
		memset(bytes->at + bytes->size, 0, size - bytes->size);
	bytes->size = size;
}

void bytes_write(struct bytes *bytes, size_t at, const char *from, size_t n)
{
	if (at + n > bytes->size)
		bytes_resize(bytes, at + n);
	if (n > 0)
		memcpy(bytes->at + at, from, n);
}

/* ---- files ---- */

void node_change(struct node *node, size_t at, const char *from, size_t n)
{
	struct change change = {at, n, NULL};

	if (from) {
		change.bytes = malloc(n + 1);
		if (!change.bytes)
			abort();
		memcpy(change.bytes, from, n);
	}
	node->changes = disk_grow(node->changes, &node->room_changes, node->n_changes + 1, sizeof change);
	node->changes[node->n_changes++] = change;
	node_apply(&node->live, &change);
}

void node_apply(struct bytes *to, const struct change *change)
{
	if (change->bytes)
		bytes_write(to, change->at, change->bytes, change->n);
	else
		bytes_resize(to, change->at);
}

void node_forget(struct node *node)
{
	for (size_t i = 0; i < node->n_changes; i++)
		free(node->changes[i].bytes);
	node->n_changes = 0;
}

static void node_free(struct node *node)
{
	node_forget(node);
	free(node->changes);
	free(node->live.at);
	free(node->durable.at);
	free(node);
}

void disk_point(struct node **at, struct node *node)
{
	struct node *before = *at;

	*at = node;
	if (node)
		node->uses++;
	if (before && --before->uses == 0)
		node_free(before);
}

/* ---- the directory ---- */

struct name *disk_find(struct disk *disk, const char *name, bool make)
{
	for (size_t i = 0; i < disk->n_names; i++)
		if (strcmp(disk->names[i].at, name) == 0)
			return &disk->names[i];
	if (!make)
		return NULL;
	if (disk->n_names == DISK_NAMES_MAX || strlen(name) >= DISK_NAME_MAX)
		abort();
	memcpy(disk->names[disk->n_names].at, name, strlen(name) + 1);
	return &disk->names[disk->n_names++];
}

void disk_rename(struct disk *disk, struct name *name, struct node *node)
{
	struct name_change change = {(size_t)(name - disk->names), NULL};

	disk_point(&change.node, node);
	disk->changes = disk_grow(disk->changes, &disk->room_changes, disk->n_changes + 1, sizeof change);
	disk->changes[disk->n_changes++] = change;
	disk_point(&name->live, node);
}

void disk_sync_directory(struct disk *disk)
{
	for (size_t i = 0; i < disk->n_changes; i++) {
		disk_point(&disk->names[disk->changes[i].name].durable, disk->changes[i].node);
		disk_point(&disk->changes[i].node, NULL);
	}
	disk->n_changes = 0;
}

/* ---- faults ---- */

static enum disk_fault fault_of(struct disk *disk, struct plan *plan)
{
	if (plan->nth > 0 && --plan->nth == 0)
		return plan->nth_fault;
	if (plan->one_in > 0 && dice_roll(&disk->dice, plan->one_in) == 0)
		return plan->often_fault;
	return DISK_SOUND;
}

enum disk_fault disk_begin(struct disk *disk, enum disk_act act)
{
	enum disk_fault fault;

	if (disk->paused)
		return DISK_SOUND;
	fault = fault_of(disk, &disk->plans[act]);
	disk->counts.acts[act]++;
	disk->counts.failed += fault != DISK_SOUND;
	if (disk->watcher && act != DISK_READ)
		disk->watcher(disk->context, act, false);
	return fault;
}

void disk_done(struct disk *disk, enum disk_act act)
{
	if (disk->watcher && act != DISK_READ && !disk->paused)
		disk->watcher(disk->context, act, true);
}

void disk_fail(struct disk *disk, enum disk_act act, uint64_t nth, enum disk_fault fault)
{
	disk->plans[act].nth = nth;
	disk->plans[act].nth_fault = fault;
}

void disk_fail_often(struct disk *disk, enum disk_act act, uint64_t one_in, enum disk_fault fault)
{
	disk->plans[act].one_in = one_in;
	disk->plans[act].often_fault = fault;
}

void disk_space(struct disk *disk, uint64_t bytes)
{
	disk->space = bytes;
}

uint64_t disk_used(const struct disk *disk)
{
	uint64_t ret = 0;

	for (size_t i = 0; i < disk->n_names; i++)
		ret += disk->names[i].live ? disk->names[i].live->live.size : 0;
	return ret;
}

void disk_busy(struct disk *disk, uint64_t tries)
{
	disk->busy = tries;
}

void disk_watch(struct disk *disk, disk_watcher *watcher, void *context)
{
	disk->watcher = watcher;
	disk->context = context;
}

void disk_pause(struct disk *disk, bool paused)
{
	disk->paused = paused;
}

struct disk_counts disk_counts(const struct disk *disk)
{
	return disk->counts;
}

/* ---- what SQLite asks of a file system ---- */

static struct node *make_file(struct disk *disk, const char *path)
{
	struct node *node = calloc(1, sizeof *node);

	if (!node)
		abort();
	if (path) { /* without a name it lives until it is closed */
		(void)disk_begin(disk, DISK_MAKE);
		disk_rename(disk, disk_find(disk, path, true), node);
		disk_done(disk, DISK_MAKE);
	}
	return node;
}

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
	struct disk *disk = vfs->pAppData;
	struct handle *handle = (struct handle *)file;
	struct name *name = path ? disk_find(disk, path, false) : NULL;
	struct node *node = name ? name->live : NULL;
	bool made = !node, may_make = (flags & SQLITE_OPEN_CREATE) != 0;
	bool log = (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;

	file->pMethods = NULL; /* SQLite closes nothing then */
	if (made && (flags & SQLITE_OPEN_READONLY) != 0)
		return SQLITE_CANTOPEN;
	if (made)
		node = make_file(disk, path);
	*handle = (struct handle){{&disk_methods}, disk, NULL, disk->open, NULL, disk->life, 0, 0, 0, may_make && log};
	disk_point(&handle->node, node);
	disk->open = handle;
	if (out_flags)
		*out_flags = flags;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_directory)
{
	struct disk *disk = vfs->pAppData;
	struct name *name = disk_find(disk, path, false);
	enum disk_fault fault;

	if (!name || !name->live)
		return SQLITE_IOERR_DELETE_NOENT;
	fault = disk_begin(disk, DISK_DELETE);
	if (fault == DISK_SOUND) {
		disk_rename(disk, name, NULL);
		if (sync_directory)
			disk_sync_directory(disk);
	}
	disk_done(disk, DISK_DELETE);
	return fault == DISK_SOUND ? SQLITE_OK : SQLITE_IOERR_DELETE;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *ret)
{
	const struct name *name = disk_find(vfs->pAppData, path, false);

	/* An empty file does not exist, says SQLite's own VFS for Unix. */
	*ret = name && name->live && (flags != SQLITE_ACCESS_EXISTS || name->live->live.size > 0);
	return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int room, char *to)
{
	(void)vfs;
	if (strlen(path) >= (size_t)room)
		return SQLITE_CANTOPEN;
	memcpy(to, path, strlen(path) + 1);
	return SQLITE_OK;
}

static int vfs_random(sqlite3_vfs *vfs, int n, char *to)
{
	struct disk *disk = vfs->pAppData;

	for (int i = 0; i < n; i++)
		to[i] = (char)dice_roll(&disk->dice, 256);
	return n;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
	struct disk *disk = vfs->pAppData;

	disk->counts.slept_us += (uint64_t)us;
	return us;
}

/* Noon of the first day of 2026, always. */
static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *ret)
{
	(void)vfs;
	*ret = INT64_C(2461042) * 86400000;
	return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int n, char *to)
{
	(void)vfs;
	(void)n;
	(void)to;
	return 0;
}

/* ---- a disk ---- */

struct disk *disk_new(const char *name, uint64_t seed)
{
	struct disk *disk = calloc(1, sizeof *disk);

	if (!disk || strlen(name) >= sizeof disk->called)
		abort();
	memcpy(disk->called, name, strlen(name) + 1);
	disk->dice.state = seed;
	disk->vfs = (sqlite3_vfs){.iVersion = 2,
				  .szOsFile = sizeof(struct handle),
				  .mxPathname = DISK_NAME_MAX - 1,
				  .zName = disk->called,
				  .pAppData = disk,
				  .xOpen = vfs_open,
				  .xDelete = vfs_delete,
				  .xAccess = vfs_access,
				  .xFullPathname = vfs_full_path,
				  .xRandomness = vfs_random,
				  .xSleep = vfs_sleep,
				  .xGetLastError = vfs_last_error,
				  .xCurrentTimeInt64 = vfs_time};
	if (sqlite3_vfs_register(&disk->vfs, 0) != SQLITE_OK)
		abort();
	return disk;
}

const char *disk_name(const struct disk *disk)
{
	return disk->called;
}

void disk_free(struct disk *disk)
{
	if (!disk)
		return;
	if (disk->open)
		abort(); /* a connection would use it after its end */
	(void)sqlite3_vfs_unregister(&disk->vfs);
	disk_sync_directory(disk);
	for (size_t i = 0; i < disk->n_names; i++) {
		disk_point(&disk->names[i].live, NULL);
		disk_point(&disk->names[i].durable, NULL);
	}
	free(disk->changes);
	free(disk);
}
