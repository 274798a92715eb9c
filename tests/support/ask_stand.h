/*
 * ask_stand: one struct ask over a tracker of our own (BMO), whose answers can be held back, with a clock that moves
 * only where a test says so. Every client of it counts in `asked`.
 */
#ifndef TESTS_SUPPORT_ASK_STAND_H
#define TESTS_SUPPORT_ASK_STAND_H

#include <pthread.h>

#include "agent/tracker/ask.h"

#define ASK_STAND_START INT64_C(1795600000000)
/* Of bug 412, as the stand answers at first. */
#define ASK_STAND_BUG                                                                                                  \
	"{\"bugs\":[{\"id\":412,\"groups\":[\"g\"],\"keywords\":[\"sec-high\"],\"resolution\":\"\",\"is_open\":true,"  \
	"\"flags\":[{\"name\":\"f\",\"status\":\"?\"}],\"dupe_of\":null,\"duplicates\":[7],"                           \
	"\"last_change_time\":\"2026-11-20T10:00:00Z\",\"attachments\":[{\"id\":31,\"is_obsolete\":0,\"is_patch\":1,"  \
	"\"content_type\":\"\",\"flags\":[{\"name\":\"a\",\"status\":\"+\"}]}]}]}"

struct ask_stand {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int64_t now; /* after START; moves only where a test says so */
	int asked, inside, most;
	int hold; /* answers wait until this is 0 */
	unsigned status;
	const char *body, *retry_after;
	enum err_code fail;
	struct wake_threads *wake;
	struct ask *ask;
	struct ask_client *client;
	struct tracker tracker;
	struct arena arena;
	struct tracker_call call;
	struct err err;
};

void ask_stand_open(struct ask_stand *s, int64_t per_hour);
void ask_stand_close(struct ask_stand *s);
/* A further client; the caller frees it. */
struct ask_client *ask_stand_client(struct ask_stand *s);

#endif
