/*
 * bors: a small model of the merge bot bors-ng, as a client of the forge and of nothing else: what it knows of
 * anybody's verdict are the statuses and check runs that it reads over REST. One repository, one batch at a time.
 *
 *   r+        takes the change's head into its row; preflight of that row: every context of `pr_status` in the
 *             bors.toml of the HEAD must be ok there; a check run hides a status of its name. An error: refused.
 * Pending or missing: refused at once where prerun_timeout_sec is 0, else looked at again every 60 s, with the row as
 *             it was at r+. No readable bors.toml: nothing is asked for.
 *   batch     11 s later: the heads are merged onto the base in staging.tmp (one that is not its row's head: the batch
 *             is an error), and a commit with parents base and heads becomes `staging`. Nothing of preflight again.
 *   staging   every context of `status` in the merged bors.toml: one in error fails the batch, all ok push it to the
 *             base without force. Looked at when a status is told. Nothing else is looked at again.
 *
 * Left out: squash, try, priorities, delegation, labels, reviews, bisection, wildcards. Time is handed in. Owns what it
 * keeps; the forge is borrowed. Not for several threads.
 */
#ifndef TESTS_WORLD_BORS_H
#define TESTS_WORLD_BORS_H

#include <jansson.h>
#include <stdint.h>

struct bors_forge {
	void *self;
	/* One request with bors' token, path as "/repos/o/r/..."; body is stolen and may be NULL. The answer (new
	 * reference; NULL: none) and its status. */
	json_t *(*call)(void *self, const char *method, const char *path, json_t *body, int *ret_status);
};

struct bors;
struct bors *bors_new(const struct bors_forge *forge, const char *repo);
void bors_free(struct bors *bors); /* takes NULL */

/* What the forge tells: a reviewer's comment; an event of a change; a status of this commit. */
void bors_comment(struct bors *bors, int number, const char *body);
void bors_change(struct bors *bors, int number, const char *action);
void bors_status(struct bors *bors, const char *sha);

/* It is now this late; does what is due. */
void bors_tick(struct bors *bors, int64_t now_ms);

enum bors_batch { BORS_NONE = 0, BORS_WAITING, BORS_RUNNING, BORS_OK, BORS_ERROR };
enum bors_batch bors_batch(const struct bors *bors); /* the newest batch */
const char *bors_staging(const struct bors *bors);   /* its commit, "" before there is one */
const char *bors_said(const struct bors *bors);      /* its newest comment, "" before the first */

#endif
