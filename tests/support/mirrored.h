/*
 * mirrored: a scratch repository (tests/support/repo.h), a mirror of it, and the port's verbs with their errors.
 */
#ifndef TESTS_SUPPORT_MIRRORED_H
#define TESTS_SUPPORT_MIRRORED_H

#include "git/mirror.h"
#include "tests/support/repo.h"

struct mirrored {
	struct repo repo;
	struct mirror_git *git;
	struct mirror port;
	struct mirror_where where; /* file:// of repo.dir/work, repository 42, no token */
	char url[128];
	struct arena arena;
	struct err err;
};

/* program: the git client, NULL for git. The script makes dir/work. */
void mirrored_begin(struct mirrored *m, const char *program, const char *script);
void mirrored_reopen(struct mirrored *m, struct mirror_git_config config); /* the same mirrors, whatever root says */
void mirrored_end(struct mirrored *m);

enum err_code mirrored_fetch(struct mirrored *m, const char *expression, bool *fetched);
enum err_code mirrored_fetch_oids(struct mirrored *m, const struct oid *wants, size_t n, int64_t ms);

/* Fetches both and reads the range; a failure fails the test. */
struct mirror_range_out mirrored_range(struct mirrored *m, const char *base, const char *head);
enum err_code mirrored_try_range(struct mirrored *m, const struct mirror_range_in *in, struct mirror_range_out *out);

/* "A path 100644, ..." with both modes for M; in the arena. */
const char *mirrored_paths(struct mirrored *m, const struct mirror_range_out *range);
const char *mirrored_subjects(struct mirrored *m, const struct mirror_range_out *range);

#endif
