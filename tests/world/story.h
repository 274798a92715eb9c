/*
 * story: a world driven in process, for tests: acts and REST calls with answers as JSON, and the deliveries as they
 * would have been sent. Repositories live in a temporary directory that story_free() removes. Aborts when the
 * directory cannot be made; wrong requests are answers like any other.
 */
#ifndef TESTS_WORLD_STORY_H
#define TESTS_WORLD_STORY_H

#include "tests/world/world.h"

struct story {
	struct world *world;
	char dir[64];
	json_t *answer;  /* of the last call */
	json_t *headers; /* of the last call */
	char *text;      /* its bytes */
	int status;
	bool lost;
	const char *token; /* for calls; "APP" from the start */
	const char *known; /* sent as If-None-Match, unless NULL */
	const char *key;   /* the tracker's, in its header; NULL: none */
};

/* Tokens: APP (all rights), READER (an App without statuses: write), ALICE and BOB. */
struct story *story_new(uint64_t seed);
void story_free(struct story *story);

/* One act, in json_pack's words; the answer is borrowed until the next call. */
json_t *story_act(struct story *story, const char *format, ...);
json_t *story_post(struct story *story, const char *path, const char *format, ...);
/* target: path, with ?query perhaps; body may be NULL and is stolen. */
json_t *story_call(struct story *story, const char *method, const char *target, json_t *body);
json_t *story_get(struct story *story, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *story_header(struct story *story, const char *name); /* "" when missing */
const char *story_str(const json_t *value, const char *path);    /* "a.b.0.c"; "" when it is no text */
json_int_t story_int(const json_t *value, const char *path);

/* Takes the next delivery as sent and answered 202: {"event", "guid", "headers", "body"}; new reference or NULL. */
json_t *story_delivery(struct story *story);
/* Takes deliveries until one of this event (and action, if not NULL); NULL when there is none. New reference. */
json_t *story_event(struct story *story, const char *event, const char *action);
void story_drain(struct story *story);

/* The App `headgate` with its key, on o's repositories, allowed what permissions (stolen) say; its installation. Its
 * own signature: story_jwt(), good for nine minutes; an installation's token, narrowed by body (stolen; NULL: not):
 * story_token(). Both are texts that the caller frees. */
json_int_t story_app(struct story *story, json_t *permissions);
char *story_jwt(struct story *story);
json_t *story_pem(bool private); /* the App's key; new reference */
/* Any header and claims (stolen), signed with the App's key or, `forged`, with another. */
char *story_sign(json_t *header, json_t *claims, bool forged);
char *story_token(struct story *story, json_int_t installation, json_t *body);

/* The usual beginning: o/r on main; alice and bob may write; branch topic by alice; change 1 topic -> main. */
void story_open(struct story *story);
const char *story_head(struct story *story); /* of change 1, until the next call */

#endif
