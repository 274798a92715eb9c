/*
 * tap_call: what the tap must know of system calls: their names, which of them count, and how a stopped one is made to
 * fail. The last depends on the processor; where it is not known, it says so and changes nothing.
 */
#ifndef TESTS_FAULTS_TAP_CALL_H
#define TESTS_FAULTS_TAP_CALL_H

#include "tests/faults/tap.h"

#include <sys/types.h>

bool tap_call_counts(enum tap_calls calls, uint64_t number);
const char *tap_call_name(uint64_t number); /* "other" for what has no name here */

/* At the call's entry: it will not be performed. */
bool tap_call_skip(pid_t thread);
/* At its exit: this is what it returned. */
bool tap_call_fail(pid_t thread, int error);

#endif
