/*
 * listening: a listener on an ephemeral port of loopback with one webhook route and counters, and a raw client that
 * can be as rude as a test needs. For tests of the receiving side.
 */
#ifndef TESTS_SUPPORT_LISTENING_H
#define TESTS_SUPPORT_LISTENING_H

#include <pthread.h>

#include "webhooks/listener.h"

#define SECRET_ONE     "first secret of the tests, long enough"
#define SECRET_TWO     "second secret of the tests, long enough"
#define SECRET_EXPIRED "expired secret of the tests, long enough"
#define NOW_MS         INT64_C(1795269731000)
#define INSTALLATION   5
#define WEBHOOK_PATH   "/webhooks/github"

#define SHA_A "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"
#define SHA_B "b1b2c3d4e5f60718293a4b5c6d7e8f9001122334"

/* A delivery of pull_request as JSON; four parts vary. */
#define DELIVERY_ON(installation, repository, head_ref, head_sha, base_ref)                                            \
	"{\"action\":\"opened\",\"number\":7,\"installation\":{\"id\":" installation "},\"repository\":{\"id\":42,"    \
	"\"name\":\"app\",\"full_name\":\"" repository                                                                 \
	"\"},\"sender\":{\"id\":9,\"login\":\"eve\",\"type\":\"User\"},"                                               \
	"\"pull_request\":{\"id\":70,\"number\":7,\"state\":\"open\",\"draft\":false,\"merged\":false,"                \
	"\"updated_at\":\"2026-11-21T14:02:11Z\",\"user\":{\"id\":9,\"login\":\"eve\",\"type\":\"User\"},"             \
	"\"head\":{\"ref\":\"" head_ref "\",\"sha\":\"" head_sha "\",\"repo\":{\"id\":42}},"                           \
	"\"base\":{\"ref\":\"" base_ref "\",\"sha\":\"" SHA_B "\",\"repo\":{\"id\":42}}}}"
#define DELIVERY_BODY(installation, repository, head_ref, head_sha)                                                    \
	DELIVERY_ON(installation, repository, head_ref, head_sha, "main")
#define GOOD_BODY DELIVERY_BODY("5", "acme/app", "topic", SHA_A)

struct listening {
	struct intake_config intake;
	struct listener_config config; /* change before listening_start */
	struct route routes[8];
	struct text repositories[1];
	struct listener *listener;

	pthread_mutex_t lock; /* guards all that follows */
	unsigned refused, handled;
	char reason[64], guid[80];
	enum delivery_fate fate;
	int64_t peer_uid;
	unsigned secret_index;
};

void listening_init(struct listening *box); /* defaults: one webhook route and GET /page, 5 s for a request */
void listening_start(struct listening *box);
void listening_stop(struct listening *box);
unsigned listening_refused(struct listening *box); /* under the lock */
unsigned listening_handled(struct listening *box);
/* Waits at most 5 s until so many requests have been refused. */
bool listening_waits_refused(struct listening *box, unsigned n);

/* "sha256=..." of body; 72 bytes. */
void sign(struct text secret, struct text body, char ret[72]);

/* A whole signed POST of body; owned by the caller (free). */
struct text good_request(struct text body, const char *guid);

int client_connect(unsigned port);
bool client_send(int fd, struct text bytes); /* false: the other side is gone */

struct reply {
	unsigned status; /* 0: none came */
	char head[2048], body[4096];
	char error[64]; /* the JSON body's "error" */
};
/* One reply; at most wait_ms. */
void client_read(int fd, struct reply *ret, int wait_ms, bool head_only);
/* Connects, sends, reads one reply, closes. */
void listening_ask(unsigned port, struct text request, struct reply *ret);
/* True if the other side closes within wait_ms. */
bool client_sees_end(int fd, int wait_ms);

#endif
