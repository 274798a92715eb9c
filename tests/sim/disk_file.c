/* What a connection does with an open file: bytes, locks, shared memory. */
#include "tests/sim/disk_inner.h"

#include <stdlib.h>
#include <string.h>

#define WRITE_SLOT 0 /* of the shared memory: who holds it writes to the log */

static bool dead(const struct handle *handle)
{
	return handle->life != handle->disk->life;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* ---- bytes ---- */

static int file_read(sqlite3_file *file, void *to, int n, sqlite3_int64 offset)
{
	struct handle *handle = (struct handle *)file;
	const struct bytes *live = &handle->node->live;
	size_t want = (size_t)n, at = (size_t)offset, have;
	enum disk_fault fault;

	if (dead(handle))
		return SQLITE_IOERR_READ;
	fault = disk_begin(handle->disk, DISK_READ);
	disk_done(handle->disk, DISK_READ);
	if (fault == DISK_EIO || fault == DISK_ENOSPC)
		return SQLITE_IOERR_READ;
	have = at < live->size ? least(want, live->size - at) : 0;
	if (fault == DISK_SHORT)
		have /= 2;
	if (have > 0)
		memcpy(to, live->at + at, have);
	memset((char *)to + have, 0, want - have);
	return have == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

/* How much of a write goes through. */
static size_t part(const struct handle *handle, size_t at, size_t n, enum disk_fault fault)
{
	const struct disk *disk = handle->disk;
	size_t size = handle->node->live.size;
	uint64_t used = disk_used(disk), room = disk->space > used ? disk->space - used : 0;

	if (fault == DISK_SHORT)
		n /= 2;
	else if (fault != DISK_SOUND)
		n = 0;
	if (disk->space == 0 || at + n <= size + room)
		return n;
	return size + room > at ? size + room - at : 0;
}

static int file_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 offset)
{
	struct handle *handle = (struct handle *)file;
	size_t want = (size_t)n, done;
	enum disk_fault fault;

	if (dead(handle))
		return SQLITE_IOERR_WRITE;
	fault = disk_begin(handle->disk, DISK_WRITE);
	done = part(handle, (size_t)offset, want, fault);
	if (done > 0)
		node_change(handle->node, (size_t)offset, from, done);
	disk_done(handle->disk, DISK_WRITE);
	if (fault == DISK_EIO)
		return SQLITE_IOERR_WRITE;
	return done == want ? SQLITE_OK : SQLITE_FULL;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct handle *handle = (struct handle *)file;
	enum disk_fault fault;

	if (dead(handle))
		return SQLITE_IOERR_TRUNCATE;
	fault = disk_begin(handle->disk, DISK_TRUNCATE);
	if (fault == DISK_SOUND)
		node_change(handle->node, (size_t)size, NULL, 0);
	disk_done(handle->disk, DISK_TRUNCATE);
	return fault == DISK_SOUND ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

/* After a failed sync the system calls the pages clean: each reached the disk or never will, and no later sync tries
 * again. Some systems go on showing them, others show the old ones. */
static void sync_badly(struct disk *disk, struct node *node)
{
	for (size_t i = 0; i < node->n_changes; i++)
		if (dice_roll(&disk->dice, 2) == 0)
			node_apply(&node->durable, &node->changes[i]);
	if (dice_roll(&disk->dice, 4) == 0) {
		bytes_resize(&node->live, 0);
		bytes_write(&node->live, 0, node->durable.at, node->durable.size);
	}
	node_forget(node);
}

static int file_sync(sqlite3_file *file, int flags)
{
	struct handle *handle = (struct handle *)file;
	struct node *node = handle->node;
	enum disk_fault fault;

	(void)flags;
	if (dead(handle))
		return SQLITE_IOERR_FSYNC;
	fault = disk_begin(handle->disk, DISK_SYNC);
	if (fault == DISK_SOUND) {
		for (size_t i = 0; i < node->n_changes; i++)
			node_apply(&node->durable, &node->changes[i]);
		node_forget(node);
		if (handle->syncs_directory)
			disk_sync_directory(handle->disk);
		handle->syncs_directory = false;
	} else {
		sync_badly(handle->disk, node);
	}
	disk_done(handle->disk, DISK_SYNC);
	return fault == DISK_SOUND ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	struct handle *handle = (struct handle *)file;

	*ret = (sqlite3_int64)handle->node->live.size;
	return dead(handle) ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

/* ---- locks of the file ---- */

static int highest_of_others(const struct handle *handle)
{
	int ret = SQLITE_LOCK_NONE;

	for (const struct handle *other = handle->disk->open; other; other = other->next)
		if (other != handle && other->node == handle->node && other->level > ret)
			ret = other->level;
	return ret;
}

static bool foreign_writer(struct disk *disk)
{
	if (disk->busy == 0 || disk->paused)
		return false;
	disk->busy--;
	disk->counts.busy++;
	return true;
}

static int file_lock(sqlite3_file *file, int level)
{
	struct handle *handle = (struct handle *)file;
	int others = highest_of_others(handle);

	if (dead(handle))
		return SQLITE_IOERR_LOCK;
	if (level <= handle->level)
		return SQLITE_OK;
	if ((level == SQLITE_LOCK_SHARED && others >= SQLITE_LOCK_PENDING) ||
	    (level > SQLITE_LOCK_SHARED && others >= SQLITE_LOCK_RESERVED) ||
	    (level == SQLITE_LOCK_RESERVED && foreign_writer(handle->disk)))
		return SQLITE_BUSY;
	if (level == SQLITE_LOCK_EXCLUSIVE && others >= SQLITE_LOCK_SHARED) {
		handle->level = SQLITE_LOCK_PENDING;
		return SQLITE_BUSY;
	}
	handle->level = level;
	return SQLITE_OK;
}

static int file_unlock(sqlite3_file *file, int level)
{
	struct handle *handle = (struct handle *)file;

	if (handle->level > level)
		handle->level = level;
	return SQLITE_OK;
}

static int file_reserved(sqlite3_file *file, int *ret)
{
	const struct handle *handle = (const struct handle *)file;

	*ret = handle->level >= SQLITE_LOCK_RESERVED || highest_of_others(handle) >= SQLITE_LOCK_RESERVED;
	return SQLITE_OK;
}

/* ---- shared memory ---- */

void disk_shm_leave(struct handle *handle)
{
	struct shm *shm = handle->shm;

	handle->shm = NULL;
	handle->shared = handle->exclusive = 0;
	if (!shm || --shm->users > 0)
		return;
	if (handle->node->shm == shm)
		handle->node->shm = NULL;
	for (size_t i = 0; i < shm->n_regions; i++)
		free(shm->regions[i]);
	free(shm->regions);
	free(shm);
}

static struct shm *join(struct handle *handle)
{
	struct node *node = handle->node;

	if (!node->shm)
		node->shm = calloc(1, sizeof *node->shm);
	if (!node->shm)
		abort();
	node->shm->users++;
	return node->shm;
}

static int shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **ret)
{
	struct handle *handle = (struct handle *)file;
	size_t wanted = (size_t)region + 1;
	struct shm *shm;

	*ret = NULL;
	if (dead(handle))
		return SQLITE_IOERR_SHMMAP;
	if (!handle->shm)
		handle->shm = join(handle);
	shm = handle->shm;
	if (shm->n_regions < wanted && !extend)
		return SQLITE_OK;
	if (shm->n_regions < wanted) {
		shm->regions = realloc(shm->regions, wanted * sizeof *shm->regions);
		while (shm->regions && shm->n_regions < wanted)
			shm->regions[shm->n_regions++] = calloc(1, (size_t)size);
	}
	if (!shm->regions || !shm->regions[region])
		abort();
	*ret = shm->regions[region];
	return SQLITE_OK;
}

static bool slots_taken(const struct handle *handle, unsigned slots, bool exclusive)
{
	for (const struct handle *other = handle->disk->open; other; other = other->next)
		if (other != handle && other->shm == handle->shm &&
		    ((other->exclusive & slots) != 0 || (exclusive && (other->shared & slots) != 0)))
			return true;
	return false;
}

static int shm_lock(sqlite3_file *file, int first, int n, int flags)
{
	struct handle *handle = (struct handle *)file;
	unsigned slots = ((1U << n) - 1) << first;
	bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;

	if (dead(handle))
		return SQLITE_IOERR_SHMLOCK;
	if ((flags & SQLITE_SHM_UNLOCK) != 0) {
		handle->shared &= ~slots;
		handle->exclusive &= ~slots;
		return SQLITE_OK;
	}
	if (slots_taken(handle, slots, exclusive) ||
	    (exclusive && first == WRITE_SLOT && n == 1 && foreign_writer(handle->disk)))
		return SQLITE_BUSY;
	*(exclusive ? &handle->exclusive : &handle->shared) |= slots;
	return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *file)
{
	(void)file;
	__sync_synchronize();
}

static int shm_unmap(sqlite3_file *file, int delete_it)
{
	(void)delete_it; /* it is gone with its last user anyway */
	disk_shm_leave((struct handle *)file);
	return SQLITE_OK;
}

/* ---- the rest ---- */

static int file_close(sqlite3_file *file)
{
	struct handle *handle = (struct handle *)file;
	struct handle **at = &handle->disk->open;

	disk_shm_leave(handle);
	while (*at && *at != handle)
		at = &(*at)->next;
	if (*at)
		*at = handle->next;
	disk_point(&handle->node, NULL);
	return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
	(void)file;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

/* Both as SQLite's own VFS says on Linux: sectors of 4 KiB at most, and no byte beside a write is harmed. */
static int file_sector(sqlite3_file *file)
{
	(void)file;
	return 4096;
}

static int file_traits(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

const sqlite3_io_methods disk_methods = {.iVersion = 2,
					 .xClose = file_close,
					 .xRead = file_read,
					 .xWrite = file_write,
					 .xTruncate = file_truncate,
					 .xSync = file_sync,
					 .xFileSize = file_size,
					 .xLock = file_lock,
					 .xUnlock = file_unlock,
					 .xCheckReservedLock = file_reserved,
					 .xFileControl = file_control,
					 .xSectorSize = file_sector,
					 .xDeviceCharacteristics = file_traits,
					 .xShmMap = shm_map,
					 .xShmLock = shm_lock,
					 .xShmBarrier = shm_barrier,
					 .xShmUnmap = shm_unmap};
