/*
 * story_bugs: the tracker's part of a story: an account bot@ that is in core-security (key BOTKEY), dev@ who reports
 * and patches (DEVKEY), outsider@ who sees what all see (OUTKEY), all at tracker.test; bugs, and what the push daemon
 * sends.
 */
#ifndef TESTS_WORLD_STORY_BUGS_H
#define TESTS_WORLD_STORY_BUGS_H

#include "tests/world/story.h"

#define STORY_BOT      "bot@tracker.test"
#define STORY_DEV      "dev@tracker.test"
#define STORY_OUTSIDER "outsider@tracker.test"

void story_people(struct story *story, bool insider);   /* the three; is the bot an insider? */
json_int_t story_bug(struct story *story, bool secret); /* a new one by dev; secret: core-security and sec-high */
void story_bug_set(struct story *story, json_int_t bug, const char *key, const char *value);
void story_bug_groups(struct story *story, json_int_t bug, const char *group);  /* NULL: it is opened */
json_int_t story_attach(struct story *story, json_int_t bug, const char *flag); /* sec-approval so; NULL: none */

void story_advance(struct story *story, json_int_t ms);
json_int_t story_webhook(struct story *story, const char *owner);
/* After the daemon's next pass: the delivery with this routing key (new reference), or NULL; the others are gone. */
json_t *story_told(struct story *story, const char *routing_key);
size_t story_pushed(struct story *story); /* takes all that may be sent now; how many they were */

/* One call of BMO's face or upstream's, with the key as that face takes it (NULL: none). body is stolen. */
json_t *story_tracker(struct story *story, bool bmo, const char *key, const char *method, const char *path,
		      json_t *body);

#endif
