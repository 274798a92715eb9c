/*
 * disk: a file system for SQLite in memory that can lose power. It keeps apart what a file is (every write that was
 * made) and what is durable of it (what a sync covered), and the same for the directory. A power cut leaves the durable
 * part and any subset of the rest: writes in any order across files, torn at sectors of 512 bytes, sizes that moved
 * without their bytes or bytes without their size, names that were made or deleted or not. As on Linux, the first sync
 * of a journal or log after its opening also makes the directory durable; a write harms no byte beside its own.
 *
 * Each disk is an SQLite VFS of its own name (rows_sqlite_open_at takes it); who opens a file to write makes it. It
 * owns all its files; connections and images outlive nothing: close them before disk_free. What happens depends on the
 * seed and the calls alone: no real time, no thread of its own. One thread at a time per disk.
 */
#ifndef TESTS_SIM_DISK_H
#define TESTS_SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct disk;

struct disk *disk_new(const char *name, uint64_t seed);
void disk_free(struct disk *disk); /* takes NULL */
const char *disk_name(const struct disk *disk);

/* kill -9: locks and shared memory are gone, every write is still there. Connections that are open can only be closed;
 * nothing they do reaches the files any more. */
void disk_crash(struct disk *disk);
/* Power loss, in place: a crash, and of what was not durable a part chosen by the seed. */
void disk_cut(struct disk *disk, uint64_t seed);
/* What a power loss now could leave, as a new disk without faults; this one goes on untouched. */
struct disk *disk_image(const struct disk *disk, const char *name, uint64_t seed);

enum disk_act { DISK_READ, DISK_WRITE, DISK_SYNC, DISK_TRUNCATE, DISK_MAKE, DISK_DELETE, DISK_ACTS };

enum disk_fault {
	DISK_SOUND,
	DISK_EIO, /* a sync: what it should have covered may be lost for ever, and later syncs say nothing of it */
	DISK_ENOSPC,
	DISK_SHORT, /* a part is written, then no more; a read ends early, which SQLite takes for the file's end */
};
/* The nth from now (1: the next) fails, once; 0: none. */
void disk_fail(struct disk *disk, enum disk_act act, uint64_t nth, enum disk_fault fault);
/* One of so many fails, by the seed; 0: none. */
void disk_fail_often(struct disk *disk, enum disk_act act, uint64_t one_in, enum disk_fault fault);
/* All files together may hold so many bytes; 0: no bound. */
void disk_space(struct disk *disk, uint64_t bytes);
uint64_t disk_used(const struct disk *disk);
/* Another writer holds the lock: the next so many tries to write find it held. */
void disk_busy(struct disk *disk, uint64_t tries);

/* Called before and after each act but reads, whether it fails or not. It may make images, and nothing else. */
typedef void disk_watcher(void *context, enum disk_act act, bool after);
void disk_watch(struct disk *disk, disk_watcher *watcher, void *context); /* NULL: nobody */

/* While paused nothing fails, is counted or watched: for looks that are no part of the story. */
void disk_pause(struct disk *disk, bool paused);

struct disk_counts {
	uint64_t acts[DISK_ACTS];
	uint64_t failed;           /* acts that a fault met */
	uint64_t busy;             /* locks that were refused on behalf of the other writer */
	uint64_t slept_us;         /* what SQLite would have slept */
	uint64_t lost, torn, kept; /* of an image or after a cut: writes left out, in part, whole */
};
struct disk_counts disk_counts(const struct disk *disk);

#endif
