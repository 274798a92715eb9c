/*
 * toml_dump: a TOML tree in one line, as tests/toml/oracle.py writes what Python's tomllib read: tables {"key":value},
 * arrays [value], texts in double quotes with every byte but printable ASCII as \xNN, integers in decimal or `wide`,
 * true, false, f:FLOAT as written, t:TIME.
 */
#ifndef TESTS_SUPPORT_TOML_DUMP_H
#define TESTS_SUPPORT_TOML_DUMP_H

#include <stdio.h>

#include "policy/toml.h"

void toml_dump(FILE *out, const struct toml *node);

/* What tests read with: more than any of their texts needs. */
extern const struct toml_limits toml_dump_limits;

#endif
