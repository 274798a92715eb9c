/* alarm_json: alarms as the operator sees them, in an answer that is being written. */
#ifndef AGENT_WEB_ALARM_JSON_H
#define AGENT_WEB_ALARM_JSON_H

#include "agent/store/store.h"
#include "webhooks/jread.h"

const char *alarm_kind_name(enum alarm_kind kind); /* "status", "check_run", "stolen_key" */

/* An array under `key` of the writer's open object. */
void alarms_put(struct jwrite *w, const char *key, const struct alarms *alarms);

#endif
