/*
 * bugzilla: the tracker port over Bugzilla's REST API, of BMO and of upstream 5.x. They differ in a table
 * (bugzilla.c): where the key goes, whether one request brings a bug with its attachments, who says who we are.
 * Owns copies of its configuration and a small memory of what stub attachments stand for, which cannot change.
 * One thread per value; it shares the http port's thread.
 */
#ifndef AGENT_TRACKER_BUGZILLA_H
#define AGENT_TRACKER_BUGZILLA_H

#include "agent/tracker/tracker.h"

void *bugzilla_open_bmo(const struct tracker_config *config, const struct tracker_ports *ports, struct err *err);
void *bugzilla_open_upstream(const struct tracker_config *config, const struct tracker_ports *ports, struct err *err);
struct tracker bugzilla_port(void *bugzilla);
void bugzilla_close(void *bugzilla);

#endif
