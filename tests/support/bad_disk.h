/*
 * bad_disk: a file system for SQLite that forwards to the real one and fails writes or syncs when told to. While
 * installed it is the default of the process.
 */
#ifndef TESTS_SUPPORT_BAD_DISK_H
#define TESTS_SUPPORT_BAD_DISK_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>

struct bad_disk {
	sqlite3_vfs vfs, *real;
	atomic_int write_error; /* an SQLite result code; 0: none */
	int sync_error;
	bool main_file_only; /* the database itself, not its log */
	int failed;          /* how often it did */
};

void bad_disk_install(struct bad_disk *disk);
void bad_disk_remove(struct bad_disk *disk);

#endif
