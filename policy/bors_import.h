/*
 * bors_import: what bors.toml asks of reviews and labels, as the text of a headgate policy that asks for at least that.
 * Wherever the policy differs from bors a comment in it says so, and what bors still does itself is listed in it.
 *
 * Pure; the text is owned by the arena. Labels stand in double quotes, in which nothing of a label is YAML.
 */
#ifndef POLICY_BORS_IMPORT_H
#define POLICY_BORS_IMPORT_H

#include "policy/bors.h"

struct text bors_policy(const struct bors *bors, struct arena *arena);

#endif
