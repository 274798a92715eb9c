/*
 * trailer: who a commit names. Reads identities ("Name <email>") and Co-authored-by lines as bytes; never guesses.
 *
 * Promise: too many people rather than too few. Every line of the message that has the key counts, wherever it
 * stands; an identity that is not plainly one name and one address has id 0, which is "anybody".
 * Everything returned borrows from the texts handed in, lists are owned by the arena.
 */
#ifndef GIT_TRAILER_H
#define GIT_TRAILER_H

#include "policy/arena.h"
#include "policy/err.h"
#include "policy/facts.h"

enum { TRAILER_COAUTHORS = 1000 }; /* limit mirror.max_coauthors, per commit */

/* The host whose noreply addresses carry account numbers of this forge: that of the URL; for files and the loopback
 * (sandbox) github.com. Numbers of any other host belong to other people and are not used. */
struct text trailer_host(struct text url);

struct signer trailer_signer(struct text identity, struct text host);

bool trailer_coauthors(struct text message, struct text host, struct commit *ret, struct arena *arena, struct err *err);

#endif
