/*
 * message_reference: the commit-message grammar a second time, with PCRE2 and the published patterns as they stand, and
 * nothing of policy/message*.c: slow, and easy to hold against the grammar. Tests compare, the bench races.
 *
 * Compiled once per process by message_reference_new; a reading is owned by the arena and borrows from the bytes, as
 * message_read's. One thread.
 */
#ifndef TESTS_SUPPORT_MESSAGE_REFERENCE_H
#define TESTS_SUPPORT_MESSAGE_REFERENCE_H

#include "policy/message.h"

struct message_reference;
struct message_reference *message_reference_new(bool jit); /* aborts where PCRE2 fails */
void message_reference_free(struct message_reference *reference);
void message_reference_read(struct message_reference *reference, struct text bytes, enum message_dialect dialect,
			    struct arena *arena, struct message *ret);

/* NULL: equal in everything, slices by place. Else the first field that differs. */
const char *message_difference(const struct message *a, const struct message *b);

/* Everything that was read, as text for a person. */
struct text message_shown(const struct message *m, struct arena *arena);

/* A message of the grammar's pieces and of bytes that break them, at most size bytes; returns its length. */
size_t message_generate(uint64_t *state, char *out, size_t size);

/* One as a large project's commits have them. */
size_t message_imitate(uint64_t *state, char *out, size_t size);

#endif
