/*
 * regex: an unanchored, case-sensitive search in a file name or a branch name. The only place that meets PCRE2.
 *
 * A match that would take more than its limits is TRI_UNKNOWN, never "no match"; the caller waits then. A subject that
 * is not UTF-8 is searched byte by byte. No JIT, no locale. Compiled patterns are owned by the arena and may be read
 * by any thread.
 */
#ifndef POLICY_REGEX_H
#define POLICY_REGEX_H

#include "policy/arena.h"
#include "policy/event.h"

#define REGEX_PATTERN_MAX 1000 /* bytes */
#define REGEX_SUBJECT_MAX 8192 /* bytes; a longer subject is TRI_UNKNOWN */

struct regex;

/* NULL: not a pattern; why (of at least 120 bytes) says so, with the offset. */
const struct regex *regex_compile(struct text pattern, struct arena *arena, char *why, size_t why_size);
enum tri regex_search(const struct regex *regex, struct text subject);
struct text regex_pattern(const struct regex *regex);

/* The same pattern, bound on both sides, so that only all of a subject is found, and of which each `(` is a group. */
const struct regex *regex_compile_whole(struct text pattern, struct arena *arena, char *why, size_t why_size);
size_t regex_groups(const struct regex *regex);
/* What the n-th group (from 1) holds when the pattern is all of the subject; UNKNOWN: it is not, the group took no part
 * in it, or it is beyond the limits. */
enum tri regex_group(const struct regex *regex, struct text subject, size_t n, struct text *ret);

#endif
