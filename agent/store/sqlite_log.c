#include "agent/store/sqlite_log.h"

#include <sqlite3.h>

#define CHUNK 65536

static int write_again(sqlite3_file *file, void *chunk)
{
	sqlite3_int64 size = 0;
	int result = file->pMethods->xFileSize(file, &size), n;

	for (sqlite3_int64 at = 0; at < size && result == SQLITE_OK; at += n) {
		n = size - at < CHUNK ? (int)(size - at) : CHUNK;
		result = file->pMethods->xRead(file, chunk, n, at);
		if (result == SQLITE_OK)
			result = file->pMethods->xWrite(file, chunk, n, at);
	}
	return result == SQLITE_OK ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) : result;
}

/* Opened to be made, although it is there: the sync of such a file makes its name durable as well. */
static int open_and_write(sqlite3_vfs *vfs, const char *path, sqlite3_file *file)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL;
	void *chunk = sqlite3_malloc(CHUNK);
	int result = chunk ? vfs->xOpen(vfs, path, file, flags, NULL) : SQLITE_NOMEM;

	if (result == SQLITE_OK)
		result = write_again(file, chunk);
	if (file->pMethods)
		(void)file->pMethods->xClose(file);
	sqlite3_free(chunk);
	return result;
}

static int settle(sqlite3_vfs *vfs, const char *path)
{
	int exists = 0, result = vfs->xAccess(vfs, path, SQLITE_ACCESS_EXISTS, &exists);
	sqlite3_file *file;

	if (result != SQLITE_OK || !exists)
		return result;
	file = sqlite3_malloc(vfs->szOsFile);
	if (!file)
		return SQLITE_NOMEM;
	file->pMethods = NULL;
	result = open_and_write(vfs, path, file);
	sqlite3_free(file);
	return result;
}

bool sqlite_log_settle(struct sqlite3 *db, struct err *err)
{
	const char *path = sqlite3_filename_wal(sqlite3_db_filename(db, "main"));
	sqlite3_vfs *vfs = NULL;
	int result = sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);

	if (result == SQLITE_OK)
		result = settle(vfs, path);
	return result == SQLITE_OK || err_set(err, ERR_BROKEN, "sqlite: the log cannot be made durable: %s (%d)",
					      sqlite3_errstr(result), result);
}
