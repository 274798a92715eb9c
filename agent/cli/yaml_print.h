/* yaml_print: a value of a YAML document on one line, for people and for programs. Both mean what the document said. */
#ifndef AGENT_CLI_YAML_PRINT_H
#define AGENT_CLI_YAML_PRINT_H

#include "policy/yaml.h"
#include "webhooks/jread.h"

/* As YAML in flow style: {count: 2, permissions: [write]}. Owned by the arena; not escaped for a terminal. */
struct text yaml_flow(const struct yaml *node, struct arena *arena);

/* As JSON: an unquoted whole number is a number, true and false are booleans, any other scalar is a text. */
void yaml_json(struct jwrite *w, const char *key, const struct yaml *node, struct arena *arena);

#endif
