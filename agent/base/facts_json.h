/*
 * facts_json: facts and verdicts as JSON (README.md beside this): `headgate policy eval` reads it, verdicts store
 * it, pages and `--json` print it. Absent or null means unknown, never empty; an unknown key is ERR_INVALID naming its
 * path. facts_decode(facts_encode(f)) equals f. Everything is owned by the arena.
 */
#ifndef AGENT_BASE_FACTS_JSON_H
#define AGENT_BASE_FACTS_JSON_H

#include "policy/arena.h"
#include "policy/err.h"
#include "policy/facts.h"
#include "policy/verdict.h"

/* limit judge.max_facts_bytes: more than this is not judged */
#define FACTS_JSON_MAX       ((size_t)8 << 20)
#define FACTS_JSON_MAX_WORDS "8 MiB (judge.max_facts_bytes)"

struct text facts_encode(const struct facts *facts, struct arena *arena);
bool facts_decode(struct text json, struct arena *arena, struct facts *ret, struct err *err);

/* {"verdict","state","text","public_text","rules":[...]}; public: restricted rules fold into "Maintainer clearance". */
struct text verdict_encode(const struct verdict *verdict, bool public_view, struct arena *arena);
/* Only the "rules" array of the above. */
struct text rules_encode(const struct verdict *verdict, bool public_view, struct arena *arena);

#endif
