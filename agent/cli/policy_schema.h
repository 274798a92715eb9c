/*
 * policy_schema: the policy language as a JSON Schema (draft 2020-12), made from the parser's own rows (policy_key_at).
 * What a schema cannot say (a rule's name exists, a pattern compiles) is left to `headgate policy check`. What that
 * takes the schema takes, but for other words for true and false, and other ways to write nothing than an empty file.
 */
#ifndef AGENT_CLI_POLICY_SCHEMA_H
#define AGENT_CLI_POLICY_SCHEMA_H

#include "policy/arena.h"

/* Owned by the arena. The rows' types must be well-formed (tests/unit/test_policy_schema.c). */
struct text policy_schema(struct arena *arena);

#endif
