/*
 * facts_reading: typed values out of JSON that somebody wrote by hand. One `reading` keeps the path and the first
 * error, so that callers need not look at each answer: once `bad`, *err names the place. A value of the wrong type is
 * an error, never "unknown"; absent and null are the unknown value. Texts are copies in the arena. One thread.
 */
#ifndef AGENT_BASE_FACTS_READING_H
#define AGENT_BASE_FACTS_READING_H

#include "policy/arena.h"
#include "policy/facts.h"
#include "webhooks/jread.h"

#define READING_PATH_BYTES 160

struct reading {
	struct arena *arena;
	struct err *err; /* filled once `bad` */
	bool bad;
	char path[READING_PATH_BYTES]; /* of the object that is read: "changes.0." */
	size_t path_len;
};

void reading_wrong(struct reading *r, const char *key, const char *why);
/* Goes down one key or, with key NULL, one index; the answer is for reading_leave. */
size_t reading_enter(struct reading *r, const char *key, size_t index);
void reading_leave(struct reading *r, size_t before);
/* Only keys of the NULL-terminated list are known; an unknown one is an error, so that no typing error is a fact. */
void reading_keys(struct reading *r, jval object, const char *const *keys);

struct text reading_text(struct reading *r, jval object, const char *key); /* or {"hex": "..."} */
struct text reading_text_value(struct reading *r, jval value, const char *key);
int64_t reading_int(struct reading *r, jval object, const char *key);
int64_t reading_id(struct reading *r, jval object, const char *key);                 /* not negative */
bool reading_bool(struct reading *r, jval object, const char *key, bool *ret_known); /* ret_known may be NULL */
struct oid reading_oid(struct reading *r, jval object, const char *key);
int64_t reading_when(struct reading *r, jval object, const char *key);
/* The index of a word in a list that ends with NULL, of which the first stands for absent: 0. */
size_t reading_word(struct reading *r, jval object, const char *key, const char *const *words);
/* The elements of an array of known length; false when absent. */
bool reading_array(struct reading *r, jval object, const char *key, jval *ret, size_t *ret_n);
bool reading_object(struct reading *r, jval object, const char *key, jval *ret); /* false when absent */

/* ---- facts_read_change.c ---- */
extern const char *const reading_person_types[]; /* for reading_word */
void reading_change(struct reading *r, jval at, struct change *ret);

#endif
