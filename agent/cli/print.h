/*
 * print: words from outside on a terminal. Nothing that could move the cursor, change colours or turn the reading
 * order gets through: control bytes, bytes that are no UTF-8, and invisible or direction-changing characters are
 * written as \xNN. Newlines too; who prints lines writes them itself.
 */
#ifndef AGENT_CLI_PRINT_H
#define AGENT_CLI_PRINT_H

#include <stdio.h>

#include "policy/text.h"
#include "webhooks/jread.h"

void print_safe(FILE *out, struct text t);

/* The explanation tree of a verdict: its "rules" array (agent/base/README.md), indented. */
void print_rules(FILE *out, jval rules, bool colour);

/* One line for an alarm of the control socket's list. */
void print_alarm(FILE *out, jval alarm);

/* "allowed: Allowed: 2 fresh reviews", the verdict in its colour. */
void print_verdict(FILE *out, jval verdict, bool colour);

#endif
