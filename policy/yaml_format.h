/*
 * yaml_format: a policy file in its one written form. Indented by two, lists one deeper than their key, `- name: x` on
 * one line; keys stay in their order and blank lines between entries (at most one) where they are. What stands in
 * brackets on one line stays so, what goes over several becomes lines of its own. Quotes are single where the value
 * allows it; a value with escapes, and how a long text is broken, stay as written. Every comment stays: at the end of
 * its line, or on a line of its own above what it stood before.
 *
 * The result reads as the same tree with the same comments in the same order, which is checked before it is handed out;
 * a text of which that cannot be said is a problem. Owned by the arena; pure; any thread.
 */
#ifndef POLICY_YAML_FORMAT_H
#define POLICY_YAML_FORMAT_H

#include "policy/yaml.h"

/* By the limits of policies. False: *problem says why, *ret untouched. */
bool yaml_format(struct text bytes, struct arena *arena, struct text *ret, struct problem *problem);

/* The same, with every map on lines of its own, also where it stood in brackets. */
bool yaml_format_opened(struct text bytes, struct arena *arena, struct text *ret, struct problem *problem);

#endif
