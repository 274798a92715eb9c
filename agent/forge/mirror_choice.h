/*
 * mirror_choice: which body of the mirror port reads a repository: the bare mirror, or, where the forge says that it is
 * larger than mirror.max_bytes, REST. Asked for by the repository's number, and again every ten minutes; in between,
 * and while the forge cannot be asked, what it said last counts. Both bodies give the same facts, so a repository may
 * go from one to the other at any time: nothing is lost, and the directory of its mirror is left alone.
 *
 * A size that the forge does not tell, or that this token may not see, is a small one: the bare mirror needs less of
 * the forge. One that cannot be had at the moment (ERR_RETRY) and was never known is that error, because a fetch of
 * something enormous would be worse. One thread at a time.
 */
#ifndef AGENT_FORGE_MIRROR_CHOICE_H
#define AGENT_FORGE_MIRROR_CHOICE_H

#include "agent/base/clock.h"
#include "agent/forge/forge.h"
#include "git/mirror.h"

#define MIRROR_CHOICE_MS INT64_C(600000) /* how long a size counts */

struct mirror_choice_config {
	struct forge forge;
	struct mirror bare, rest;
	struct clock_port clock;
	int64_t max_bytes;
	int64_t deadline_ms; /* of the question; relative */
};

struct mirror_choice;
struct mirror_choice *mirror_choice_new(const struct mirror_choice_config *config);
void mirror_choice_free(struct mirror_choice *choice); /* takes NULL; both bodies are the caller's */
struct mirror mirror_choice_port(struct mirror_choice *choice);

#endif
