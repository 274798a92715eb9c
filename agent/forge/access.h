/*
 * access: which token a request carries. Two kinds: the token of a file, for everything; or an App, whose key gets a
 * token per installation, narrowed to what headgate needs, and finds the installation of a repository where nobody told
 * it. One per process, shared by the clients of all workers; any thread.
 *
 * A token is kept until the forge refuses it (401) or, an App's, for at most 50 minutes of its hour. Whoever needs one
 * that has to be asked for asks; the others wait for his answer on WAKE_TOKENS, up to their own deadlines. The lock is
 * never held while a request is out. An installation that gives no token (suspended, deleted, a permission is missing)
 * is ERR_DENIED and is not asked again before a pause, 1 s at first and 60 s at most: so long may a token be missed
 * that could be had again. Never ERR_GONE: that would be an answer about what was asked for.
 *
 * Tokens are opaque, of any length. Their bytes are cleansed when they are replaced, stand in no error text, and are
 * handed out as copies that the caller drops.
 */
#ifndef AGENT_FORGE_ACCESS_H
#define AGENT_FORGE_ACCESS_H

#include "agent/base/clock.h"
#include "agent/base/http.h"
#include "agent/base/wake.h"
#include "agent/forge/forge.h"
#include "webhooks/crypto.h"

struct access_config {
	struct text api_url;
	struct text token_file;       /* one token for everything; empty: an App */
	struct text app_id, key_file; /* client id or number; a private file with the key */
};

struct access_ports {
	struct clock_port clock; /* the workers': how long things last, and when to ask again */
	struct clock_port wall;  /* what the forge's clock says, too: an App proves itself by it */
	struct wake_port wake;   /* wait NULL: one thread alone uses it */
};

struct access;
/* Reads the file at once, and asks nothing of the forge. NULL and *err: the file. */
struct access *access_new(const struct access_config *config, const struct access_ports *ports, struct err *err);
void access_free(struct access *access); /* takes NULL */

struct access_token {
	struct text bytes; /* NUL-terminated besides; owned, until access_drop */
	unsigned char sha256[CRYPTO_DIGEST];
	int64_t installation; /* 0: of a file */
};
/* The token for this call's repository: of call->repo.installation, or where that is 0, or gives none, of the
 * installation that the forge names for the repository. Asks through `http`, the caller's own. ERR_DENIED, ERR_RETRY
 * (retry_at_ms where it is known), ERR_LIMIT, ERR_INVALID. */
enum err_code access_take(struct access *access, struct http_port http, const struct forge_call *call,
			  struct access_token *ret, struct err *err);
void access_drop(struct access_token *token); /* cleanses; takes a zeroed one */

/* Is it an App's? Then its own proof opens the App's own endpoints, which no token does: made anew for each request,
 * nothing is asked of the forge. ERR_DENIED: it is a token file's, or the key does not sign. */
bool access_is_app(const struct access *access);
enum err_code access_prove(const struct access *access, struct access_token *ret, struct err *err);

/* The forge did not take this token (401): the next access_take asks anew, unless another worker has done so since. */
void access_refused(struct access *access, const struct access_token *token);

/* The next access_take of this repository asks which installation it is in, by number where its call has no name. */
void access_forget_place(struct access *access, int64_t repo);

/* Something was told of this installation: nothing that is kept of it counts any more, pauses least of all. */
void access_forget(struct access *access, int64_t installation);

#endif
