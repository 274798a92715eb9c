#include "tests/support/bad_disk.h"

#include <stddef.h>

struct bad_file {
	sqlite3_file base;
	struct bad_disk *disk;
	bool main;
	sqlite3_file *real;
};

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct bad_file *)file)->real;
}

static int error_of(sqlite3_file *file, int error)
{
	struct bad_file *own = (struct bad_file *)file;

	if (error == SQLITE_OK || (own->disk->main_file_only && !own->main))
		return SQLITE_OK;
	own->disk->failed++;
	return error;
}

static int bad_close(sqlite3_file *file)
{
	int result = real_of(file)->pMethods->xClose(real_of(file));

	sqlite3_free(real_of(file));
	return result;
}

static int bad_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
	return real_of(file)->pMethods->xRead(real_of(file), to, n, at);
}

static int bad_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
	int error = error_of(file, ((struct bad_file *)file)->disk->write_error);

	return error ? error : real_of(file)->pMethods->xWrite(real_of(file), from, n, at);
}

static int bad_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int bad_sync(sqlite3_file *file, int flags)
{
	int error = error_of(file, ((struct bad_file *)file)->disk->sync_error);

	return error ? error : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int bad_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	return real_of(file)->pMethods->xFileSize(real_of(file), ret);
}

static int bad_lock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int bad_unlock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int bad_reserved(sqlite3_file *file, int *ret)
{
	return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret);
}

static int bad_control(sqlite3_file *file, int op, void *arg)
{
	return real_of(file)->pMethods->xFileControl(real_of(file), op, arg);
}

static int bad_sector(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int bad_traits(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int bad_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
	return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, ret);
}

static int bad_shm_lock(sqlite3_file *file, int at, int n, int flags)
{
	return real_of(file)->pMethods->xShmLock(real_of(file), at, n, flags);
}

static void bad_shm_barrier(sqlite3_file *file)
{
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int bad_shm_unmap(sqlite3_file *file, int delete_it)
{
	return real_of(file)->pMethods->xShmUnmap(real_of(file), delete_it);
}

static const sqlite3_io_methods methods = {.iVersion = 2,
					   .xClose = bad_close,
					   .xRead = bad_read,
					   .xWrite = bad_write,
					   .xTruncate = bad_truncate,
					   .xSync = bad_sync,
					   .xFileSize = bad_size,
					   .xLock = bad_lock,
					   .xUnlock = bad_unlock,
					   .xCheckReservedLock = bad_reserved,
					   .xFileControl = bad_control,
					   .xSectorSize = bad_sector,
					   .xDeviceCharacteristics = bad_traits,
					   .xShmMap = bad_shm_map,
					   .xShmLock = bad_shm_lock,
					   .xShmBarrier = bad_shm_barrier,
					   .xShmUnmap = bad_shm_unmap};

static int bad_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	struct bad_disk *disk = vfs->pAppData;
	struct bad_file *own = (struct bad_file *)file;
	int result;

	*own = (struct bad_file){{NULL}, disk, (flags & SQLITE_OPEN_MAIN_DB) != 0, NULL};
	own->real = sqlite3_malloc(disk->real->szOsFile);
	if (!own->real)
		return SQLITE_NOMEM;
	memset(own->real, 0, (size_t)disk->real->szOsFile);
	result = disk->real->xOpen(disk->real, name, own->real, flags, out_flags);
	if (result == SQLITE_OK)
		own->base.pMethods = &methods;
	else
		sqlite3_free(own->real);
	return result;
}

void bad_disk_install(struct bad_disk *disk)
{
	*disk = (struct bad_disk){.real = sqlite3_vfs_find(NULL)};
	disk->vfs = *disk->real;
	disk->vfs.zName = "bad-disk";
	disk->vfs.szOsFile = sizeof(struct bad_file);
	disk->vfs.pAppData = disk;
	disk->vfs.xOpen = bad_open;
	disk->vfs.pNext = NULL;
	if (sqlite3_vfs_register(&disk->vfs, 1) != SQLITE_OK)
		abort();
}

void bad_disk_remove(struct bad_disk *disk)
{
	(void)sqlite3_vfs_unregister(&disk->vfs);
}
