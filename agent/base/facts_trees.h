/* facts_trees: the trees of facts, for facts_json.c and facts_read.c; README.md beside this tells their keys. */
#ifndef AGENT_BASE_FACTS_TREES_H
#define AGENT_BASE_FACTS_TREES_H

#include "agent/base/facts_reading.h"

void facts_put_trees(struct jwrite *w, const struct facts *facts); /* nothing where there is none */
void facts_get_trees(struct reading *r, jval root, struct facts *ret);

#endif
