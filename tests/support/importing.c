#include "tests/support/importing.h"

#include <check.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert(file && fputs(text, file) >= 0 && fclose(file) == 0 && chmod(path, 0600) == 0);
}

void importing_bug(struct rig *rig, int id, bool secure)
{
	char file[256], config[256], when[40], text[200];
	const char *words[] = {"bugs", "import", file, "-c", config, NULL};
	time_t now = time(NULL);
	struct tm tm;

	(void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	(void)snprintf(text, sizeof text, "{\"id\":%d,\"secure\":%s,\"approved\":false,\"seen\":\"%s\"}\n", id,
		       secure ? "true" : "false", when);
	(void)snprintf(file, sizeof file, "%s/bugs.json", rig->dir);
	put(file, text);
	(void)snprintf(config, sizeof config, "%s/headgate.yml", rig->dir);
	ck_assert_msg(rig_run(rig, words) == 0, "%s", rig_file(rig, "err.txt"));
}
