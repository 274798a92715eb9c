/* facts_bugs: the bugs of facts, for facts_json.c and facts_read.c; README.md beside this tells their keys. */
#ifndef AGENT_BASE_FACTS_BUGS_H
#define AGENT_BASE_FACTS_BUGS_H

#include "agent/base/facts_reading.h"

void facts_put_bugs(struct jwrite *w, const struct facts *facts, struct arena *arena); /* nothing where there is none */
void facts_get_bugs(struct reading *r, jval root, struct facts *ret);

/* ---- facts_json.c ---- */
void facts_put_when(struct jwrite *w, const char *key, int64_t ms); /* null for WHEN_UNKNOWN */

#endif
