/*
 * jread: jansson behind one door. Typed reads of small JSON documents with the path in the error, and a writer.
 * Depth at most 64, duplicate keys refused, integers never become reals. Values are borrowed from the document,
 * which the caller owns (jdoc_free). For everything small; payloads go through scan.h.
 */
#ifndef WEBHOOKS_JREAD_H
#define WEBHOOKS_JREAD_H

#include "policy/arena.h"
#include "policy/err.h"
#include "policy/event.h"

struct jdoc;              /* a parsed document, owned by the caller */
typedef const void *jval; /* a value inside one; NULL: absent or null */

struct jdoc *jdoc_parse(struct text bytes, struct err *err); /* NULL: malformed, with the position */
void jdoc_free(struct jdoc *doc);                            /* takes NULL */
jval jdoc_root(const struct jdoc *doc);

/* path like "head.repo.id"; numbers index arrays ("0.name"). NULL when absent, null, or the shape is another. */
jval jget(jval v, const char *path);
bool jis_object(jval v);
bool jis_array(jval v);
size_t jlen(jval array);
jval jat(jval array, size_t i);
/* Walks an object's members; returns the next index to ask for, 0 at the end. Start with *i = 0. */
bool jmember(jval object, size_t *i, struct text *ret_key, jval *ret_value);

/* Optional reads: the default when absent, null or of another type. */
struct text jtext(jval v, const char *path);
int64_t jint(jval v, const char *path, int64_t missing);
enum tri jtri(jval v, const char *path);
struct oid joid(jval v, const char *path);
int64_t jwhen(jval v, const char *path); /* RFC 3339; WHEN_UNKNOWN when absent or malformed */

/* Obligatory reads: false and ERR_INVALID naming the path. */
bool jneed_text(jval v, const char *path, struct text *ret, struct err *err);
bool jneed_int(jval v, const char *path, int64_t *ret, struct err *err);
bool jneed_oid(jval v, const char *path, struct oid *ret, struct err *err);

/* Writer: appends to one growing buffer; escapes by construction; NUL-terminated at the end. */
struct jwrite;
struct jwrite *jwrite_new(void);
void jwrite_object(struct jwrite *w, const char *key); /* key NULL inside arrays and at the top */
void jwrite_array(struct jwrite *w, const char *key);
void jwrite_end(struct jwrite *w);                                  /* closes the innermost object or array */
void jwrite_text(struct jwrite *w, const char *key, struct text t); /* ill-formed bytes and NUL become U+FFFD */
void jwrite_int(struct jwrite *w, const char *key, int64_t n);
void jwrite_bool(struct jwrite *w, const char *key, bool b);
void jwrite_null(struct jwrite *w, const char *key);
void jwrite_json(struct jwrite *w, const char *key, struct text t); /* one value that another writer made */
struct text jwrite_text_of(const struct jwrite *w);                 /* borrowed until jwrite_free */
void jwrite_free(struct jwrite *w);                                 /* takes NULL */

#endif
