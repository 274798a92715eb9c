/*
 * signals: SIGTERM, SIGINT and SIGHUP as a descriptor instead of handlers. Owns the descriptor and the blocked mask of
 * the thread that made it; threads started later inherit the mask, so make it before any. Waited on by one thread.
 */
#ifndef AGENT_BASE_SIGNALS_H
#define AGENT_BASE_SIGNALS_H

#include "policy/err.h"

enum signals_asked { SIGNALS_NOTHING = 0, SIGNALS_STOP, SIGNALS_RELOAD };

struct signals;
struct signals *signals_new(struct err *err); /* NULL: not made */
void signals_free(struct signals *signals);   /* takes NULL; gives the old mask back */

/* Waits at most timeout_ms; SIGNALS_NOTHING: nothing came. */
enum signals_asked signals_wait(struct signals *signals, int timeout_ms);

#endif
