/*
 * deep: what the files of the deep stage share; nobody else includes it. One struct deep per history: a world in a
 * directory of its own (in memory where the machine has that, removed at the end), the disk under the store, and which
 * of the world's names stand for which index of the truth.
 *
 * deep.c: the stage, its hands. deep_world.c: the world, its webhooks and replicas. deep_deeds.c: deeds as acts of the
 * world. deep_git.c: the truth's commits as objects. deep_http.c: the port below the REST client. deep_store.c: SQLite
 * on the disk.
 */
#ifndef TESTS_SIM_DEEP_H
#define TESTS_SIM_DEEP_H

#include <git2.h>
#include <jansson.h>
#include <stdatomic.h>

#include "agent/base/http.h"
#include "agent/store/rows.h"
#include "tests/sim/disk.h"
#include "tests/sim/sim.h"
#include "tests/world/world.h"
#include "webhooks/intake.h"

#define DEEP_URL    "http://127.0.0.1:1" /* of the world: nobody connects to it */
#define DEEP_SECRET "s3cret-of-at-least-16-bytes"
#define DEEP_PAST   64
#define DEEP_FILES  3 /* besides the policy */

struct deep_letter { /* one webhook as it is sent; lives as long as the history */
	struct header headers[16];
	size_t n_headers;
	struct text body;
};

struct deep_past { /* what a replica knows that stopped then */
	int64_t at;
	struct world_past *past;
};

struct deep_store {
	struct disk *disk;
	struct rows rows;
	struct exec_direct *direct;
	struct disk *image; /* what is left when the power fails within this write; NULL: it does not, or not yet */
	unsigned disks, cuts, act_of_cut;
	bool restarting, open;
};

struct deep {
	struct sim *sim;
	struct world *world;
	struct mirror_git *mirror_git;
	struct mirror mirror;
	struct deep_store store;
	git_repository *git;
	struct arena arena; /* letters */
	char dir[64], token[96];
	struct intake_config intake;
	atomic_size_t in_flight;
	struct oid commits[TRUTH_COMMITS];
	int writers[TRUTH_COMMITS][DEEP_FILES]; /* which commit wrote what the file holds in this one */
	int n_commits;
	json_int_t reviews[TRUTH_REVIEWS];
	int64_t first_person;
	struct deep_past past[DEEP_PAST];
	size_t n_past;
};

static inline struct deep *deep_of(const struct sim *sim)
{
	return sim->stage_self;
}

int deep_commit_of(const struct deep *deep, const char *sha); /* NOBODY: none of the truth's */

/* deep_world.c */
void deep_world_begin(struct deep *deep);
void deep_world_end(struct deep *deep);
const char *deep_repo_name(const struct deep *deep); /* the present one */
/* One act of the control face, in json_pack's words; the answer is a new reference. Refused: the world and the truth
 * differ, and the history is broken. */
json_t *deep_act(struct deep *deep, const char *format, ...);
json_t *deep_ask(struct deep *deep, const struct world_request *request, int *status); /* a new reference */
/* One request, now; ret is cleared by the caller. */
void deep_handle(struct deep *deep, const struct world_request *request, struct world_response *ret);
/* After something has changed: its webhooks are sent (deed: told by them), and replicas may lag behind it. */
void deep_changed(struct deep *deep, const struct deed *deed, int number);
struct world_past *deep_as_of(struct deep *deep, int64_t lag); /* NULL: the present */

/* deep_deeds.c */
void deep_perform(struct sim *sim, const struct deed *deed, int number);
json_t *deep_give_role(struct deep *deep, const struct deed *deed);
json_t *deep_join(struct deep *deep, const struct deed *deed);

/* deep_git.c */
void deep_git_begin(struct deep *deep, const char *path);
void deep_git_end(struct deep *deep);
void deep_git_follow(struct deep *deep); /* makes the objects of commits that are new in the truth */
const char *deep_file_text(int writer);  /* until the next call */
extern const enum truth_file deep_files[DEEP_FILES];

/* deep_http.c: self is a struct hand */
enum err_code deep_send(void *self, const struct http_request *in, struct http_answer *out, struct err *err);

/* deep_store.c */
void deep_store_begin(struct deep *deep);
void deep_store_end(struct deep *deep);
void deep_store_crashed(struct life *life);
struct store_exec deep_hand_exec(struct hand *hand);
struct store_exec deep_exec(struct sim *sim);

#endif
