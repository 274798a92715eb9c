/*
 * disk_inner: the parts of a disk that its three sources share: disk.c owns disks, names and faults, disk_file.c what a
 * connection does with an open file, disk_cut.c what is left after a power loss. Nobody else includes it.
 */
#ifndef TESTS_SIM_DISK_INNER_H
#define TESTS_SIM_DISK_INNER_H

#include <sqlite3.h>

#include "tests/sim/disk.h"
#include "tests/support/row_dice.h"

#define DISK_SECTOR    512
#define DISK_NAME_MAX  120
#define DISK_NAMES_MAX 16

struct bytes {
	char *at;
	size_t size, room;
};

/* A write that no sync covered yet; bytes NULL: the file's size was set to `at`. */
struct change {
	size_t at, n;
	char *bytes;
};

struct shm { /* of a database in WAL mode; counted: a dead connection keeps it until it is closed */
	void **regions;
	size_t n_regions, users;
};

struct node { /* a file, whatever its name */
	struct bytes live, durable;
	struct change *changes;
	size_t n_changes, room_changes;
	size_t uses; /* names, open files and directory changes that point to it */
	struct shm *shm;
};

struct name {
	char at[DISK_NAME_MAX];
	struct node *live, *durable;
};

struct name_change { /* of the directory, not durable yet */
	size_t name;
	struct node *node; /* NULL: deleted */
};

struct handle { /* an open file; the first member is SQLite's */
	sqlite3_file base;
	struct disk *disk;
	struct node *node;
	struct handle *next;
	struct shm *shm;
	uint64_t life;              /* of the process that opened it */
	int level;                  /* of its lock */
	unsigned shared, exclusive; /* slots of the shared memory */
	bool syncs_directory;
};

struct plan { /* of one kind of act */
	uint64_t nth, one_in;
	enum disk_fault nth_fault, often_fault;
};

struct disk {
	sqlite3_vfs vfs;
	char called[40];
	struct dice dice;
	uint64_t life;
	struct name names[DISK_NAMES_MAX];
	size_t n_names;
	struct name_change *changes;
	size_t n_changes, room_changes;
	struct handle *open;
	struct plan plans[DISK_ACTS];
	uint64_t space, busy;
	bool paused;
	disk_watcher *watcher;
	void *context;
	struct disk_counts counts;
};

extern const sqlite3_io_methods disk_methods;

struct name *disk_find(struct disk *disk, const char *name, bool make);
void disk_point(struct node **at, struct node *node); /* counts uses; frees what nobody uses */
void disk_rename(struct disk *disk, struct name *name, struct node *node);
void disk_sync_directory(struct disk *disk);

/* Room for n; what is new is zero. */
void *disk_grow(void *at, size_t *room, size_t n, size_t size);
void bytes_write(struct bytes *bytes, size_t at, const char *from, size_t n);
void bytes_resize(struct bytes *bytes, size_t size);

void node_change(struct node *node, size_t at, const char *from, size_t n); /* from NULL: the size */
void node_apply(struct bytes *to, const struct change *change);
void node_forget(struct node *node); /* its changes */

void disk_shm_leave(struct handle *handle);

/* Counts the act, tells the watcher and says what is to go wrong. Followed by disk_done. */
enum disk_fault disk_begin(struct disk *disk, enum disk_act act);
void disk_done(struct disk *disk, enum disk_act act);

#endif
