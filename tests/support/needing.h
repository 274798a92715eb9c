/*
 * needing: what every policy asks for besides its own text, set by a test of what is gathered. A program that uses it is
 * linked with policy_needs wrapped (tests/CMakeLists.txt).
 */
#ifndef TESTS_SUPPORT_NEEDING_H
#define TESTS_SUPPORT_NEEDING_H

#include "policy/policy.h"

void ask_for(struct policy_needs needs); /* from now on; its texts are borrowed */

#endif
