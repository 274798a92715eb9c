/*
 * inside: what the files of git/ share about one directory of mirrors. Not for other folders.
 */
#ifndef GIT_INSIDE_H
#define GIT_INSIDE_H

#include "git/mirror.h"
#include "git/objects.h"

enum { MIRROR_PATH = 4096 };

struct mirror_git {
	char root[MIRROR_PATH];    /* absolute */
	char program[MIRROR_PATH]; /* the git client, absolute */
	char ca_file[MIRROR_PATH]; /* absolute; empty: the system's */
	int64_t max_file_bytes;    /* 0: no bound */
};

/* A formatted path or ERR_LIMIT; buf holds MIRROR_PATH bytes. */
bool mirror_path(char *buf, struct err *err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* root/<repo>.git, made if missing, within the deadline. */
bool mirror_make(struct mirror_git *mirror, int64_t repo, int64_t deadline_ms, struct err *err);

/* Held by whoever runs a child in the mirror; *fd is closed to let go. */
bool mirror_lock(struct mirror_git *mirror, int64_t repo, int64_t deadline_ms, int *fd, struct err *err);

bool mirror_objects(struct mirror_git *mirror, int64_t repo, struct objects *ret, struct err *err);

/* git/memory.c: libgit2 stops the process when there is no memory. Before it starts. */
void memory_of_git(void);

/* git/fetch.c */
bool mirror_fetch(struct mirror_git *mirror, const struct mirror_fetch_in *in, bool *fetched, struct err *err);
enum { MIRROR_BLOBS = 512 }; /* of one fetch */
struct blobs {
	const git_oid *at;
	size_t n; /* at most MIRROR_BLOBS */
};
bool mirror_fetch_blobs(struct mirror_git *mirror, const struct mirror_where *where, const struct blobs *blobs,
			int64_t deadline_ms, struct err *err);

/* git/run.c: one git child; args end with NULL and go after "git --git-dir=DIR". */
struct run {
	const char *git_dir;
	const char *const *args;
	const struct mirror_where *where; /* NULL: no token */
	int64_t deadline_ms;
};
bool mirror_run(struct mirror_git *mirror, const struct run *run, struct err *err);

/* git/range.c, git/file.c, git/carry.c */
bool mirror_range(struct mirror_git *mirror, const struct mirror_range_in *in, struct mirror_range_out *out,
		  struct arena *arena, struct err *err);
bool mirror_file(struct mirror_git *mirror, const struct mirror_file_in *in, struct mirror_file_out *out,
		 struct arena *arena, struct err *err);
bool mirror_carry(struct mirror_git *mirror, const struct mirror_carry_in *in, struct mirror_carry_out *out,
		  struct arena *arena, struct err *err);

#endif
