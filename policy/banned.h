/*
 * banned: functions that are dangerous in any hands become compile errors. Included by every .c file of the project
 * through the build (-include), so that nobody can forget it. snprintf, memcpy with a known length and the text
 * functions of policy/text.h are the replacements.
 */
#ifndef POLICY_BANNED_H
#define POLICY_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat stpcpy strtok strtok_r sprintf vsprintf gets
/* ctime is left out: a field of libgit2's headers has that name. */
#pragma GCC poison gmtime localtime ctime_r asctime asctime_r mktemp tmpnam tempnam system popen
#pragma GCC poison atoi atol atoll atof

#endif
