#include "tests/support/door.h"

#include <assert.h>
#include <check.h>

#include "agent/store/pack.h"

#define OWN_ROUTES 2 /* of listening_init */

int64_t door_now(void *self)
{
	(void)self;
	return NOW_MS;
}

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

void door_open(struct door *door)
{
	*door = (struct door){.rig = {.now = 0}};
	pipe_open(&door->rig, 0);
	door->receive = (struct receive){
		.store = &door->rig.store, .clock = {NULL, door_now, door_now}, .wake = {.signal = signal_nobody}};
	listening_init(&door->box);
}

void door_start(struct door *door, const struct route *routes, size_t n)
{
	assert(n <= sizeof door->box.routes / sizeof door->box.routes[0] - OWN_ROUTES);
	for (size_t i = 0; i < n; i++)
		door->box.routes[OWN_ROUTES + i] = routes[i];
	door->box.config.n_routes = OWN_ROUTES + n;
	listening_start(&door->box);
}

void door_close(struct door *door)
{
	listening_stop(&door->box);
	pipe_close(&door->rig);
}

struct looking {
	struct door *door;
	door_look *look;
	void *context;
	size_t rows;
};

static bool look_at(void *context, const void *row)
{
	struct looking *looking = context;
	const struct row_journal *journal = row;
	const struct unpack packed = {journal->body_lz4, (size_t)journal->body_bytes, PACK_RAW_MAX};
	struct err err = ERR_NONE;
	struct text body;

	ck_assert_msg(unpack_text(&packed, &looking->door->rig.arena, &body, &err), "%s", err.text);
	looking->rows++;
	looking->look(looking->context, journal, body);
	return true;
}

static bool look_in(struct rows *in, void *arg, struct err *err)
{
	struct looking *looking = arg;
	struct scan scan = {.table = &table_journal, .limit = 100};

	return in->ops->scan(in->self, &scan, (struct visitor){look_at, looking, &looking->door->rig.arena}, err);
}

size_t door_rows(struct door *door, door_look *look, void *context)
{
	struct looking looking = {door, look, context, 0};
	struct store_exec exec = door->rig.store.exec;
	struct err err = ERR_NONE;

	ck_assert_msg(exec.read(exec.self, look_in, &looking, &err), "%s", err.text);
	return looking.rows;
}
