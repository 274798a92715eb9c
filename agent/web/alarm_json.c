#include "agent/web/alarm_json.h"

static const char *const kinds[ALARM_KINDS] = {"unknown", "status", "check_run", "stolen_key"};

const char *alarm_kind_name(enum alarm_kind kind)
{
	return (unsigned)kind < ALARM_KINDS ? kinds[kind] : kinds[0];
}

static void put(struct jwrite *w, const struct row_alarm *alarm)
{
	char buffer[32];

	jwrite_object(w, NULL);
	jwrite_int(w, "id", alarm->id);
	jwrite_text(w, "kind", text_of(alarm_kind_name((enum alarm_kind)alarm->kind)));
	jwrite_int(w, "repo_id", alarm->repo);
	jwrite_text(w, "sha", oid_text(&alarm->sha));
	jwrite_text(w, "who", alarm->who);
	jwrite_int(w, "who_id", alarm->who_id);
	jwrite_int(w, "forge_id", alarm->forge_id);
	jwrite_int(w, "times", alarm->times);
	jwrite_text(w, "first_at", text_of(when_print(alarm->first_at, buffer)));
	jwrite_text(w, "at", text_of(when_print(alarm->at, buffer)));
	if (alarm->acknowledged_at == 0)
		jwrite_null(w, "acknowledged_at");
	else
		jwrite_text(w, "acknowledged_at", text_of(when_print(alarm->acknowledged_at, buffer)));
	jwrite_end(w);
}

void alarms_put(struct jwrite *w, const char *key, const struct alarms *alarms)
{
	jwrite_array(w, key);
	for (size_t i = 0; i < alarms->n; i++)
		put(w, &alarms->at[i]);
	jwrite_end(w);
}
