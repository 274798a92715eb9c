/*
 * The store of the deep stage: SQLite on a disk that can lose power, one transaction at a time, all nodes through one
 * connection (in production they would share a database server).
 *
 * A process that dies leaves all that it wrote. The power may fail with it, or in the middle of a write, where there is
 * one process only: then the disk becomes what a power loss could have left. An error that the store calls broken ends
 * the process, as it ends the server. The file is opened again at once, with its faults; the workers come back when
 * their supervisor starts them.
 */
#include "tests/sim/deep.h"

#include <string.h>

#include "agent/store/migrations.h"

#define CUTS_MAX 4
#define REOPENS  6
#define ACTS_CUT 14 /* file operations of a write among which the power fails */
#define PATH     "headgate.db"

static bool roll(struct sim *sim, unsigned chance)
{
	return !sim->healed && dice_permille(&sim->fate_dice, chance);
}

static uint64_t draw(struct deep *deep)
{
	return dice_roll(&deep->sim->fate_dice);
}

/* ---- a file that is there already, so that no history has to make its tables ---- */

static bool open_on(const struct disk *disk, struct rows *ret, struct err *err)
{
	return rows_sqlite_open_at(&(struct sqlite_file_at){PATH, false, disk_name(disk)}, &store_migrations, ret, err);
}

static const struct disk *empty_database(void)
{
	static struct disk *made;
	struct rows rows;
	struct err err = ERR_NONE;

	if (made)
		return made;
	made = disk_new("deep-empty", 1);
	if (!open_on(made, &rows, &err)) {
		(void)fprintf(stderr, "deep: %s\n", err.text);
		abort();
	}
	rows_close(&rows);
	return made;
}

/* ---- opening and dying ---- */

static struct disk *image_of(struct deep *deep, const struct disk *disk)
{
	char name[32];

	(void)snprintf(name, sizeof name, "deep-%u", ++deep->store.disks);
	return disk_image(disk, name, draw(deep));
}

/* One in so many operations: the knob is for a transaction, which has about four. */
static uint64_t one_in(const struct sim *sim, unsigned permille)
{
	return permille && !sim->healed ? 4000 / permille : 0;
}

static void set_faults(struct deep *deep)
{
	const struct swarm *s = &deep->sim->swarm;
	struct disk *disk = deep->store.disk;

	disk_fail_often(disk, DISK_READ, one_in(deep->sim, s->io_error), DISK_EIO);
	disk_fail_often(disk, DISK_SYNC, one_in(deep->sim, s->io_error), DISK_EIO);
	disk_fail_often(disk, DISK_WRITE, one_in(deep->sim, s->no_space + s->io_error),
			draw(deep) % (s->no_space + s->io_error + 1) < s->no_space ? DISK_ENOSPC
			: draw(deep) % 2                                           ? DISK_SHORT
										   : DISK_EIO);
}

/* Recovery meets the same faults as everything else, a few times over. */
static void reopen(struct deep *deep)
{
	struct deep_store *store = &deep->store;
	struct err err = ERR_NONE;

	for (int i = 0; i < REOPENS && !store->open; i++) {
		err = ERR_NONE;
		disk_pause(store->disk, i == REOPENS - 1);
		set_faults(deep);
		store->open = open_on(store->disk, &store->rows, &err);
		if (store->open)
			break;
		sim_once(deep->sim, SOMETIMES_REOPEN_FAILED);
		disk_crash(store->disk);
	}
	disk_pause(store->disk, false);
	if (store->open)
		return;
	sim_break(deep->sim, "I3: the store cannot be opened again: %s", err.text);
	disk_free(store->disk); /* an empty one, so that all can unwind */
	store->disk = image_of(deep, empty_database());
	store->open = open_on(store->disk, &store->rows, &err);
}

/* All who used it are dead. */
static void restart(struct deep *deep, bool power)
{
	struct deep_store *store = &deep->store;

	if (power && !store->image) {
		disk_cut(store->disk, draw(deep));
		store->cuts++;
		sim_once(deep->sim, SOMETIMES_POWER_CUT);
		sim_tell(deep->sim, "the power fails");
	} else {
		disk_crash(store->disk);
	}
	rows_close(&store->rows);
	store->open = false;
	if (store->image) {
		disk_free(store->disk);
		store->disk = store->image;
		store->image = NULL;
		store->cuts++;
		sim_once(deep->sim, SOMETIMES_POWER_CUT_WRITING);
		sim_tell(deep->sim, "the power fails in the middle of a write");
	}
	reopen(deep);
}

void deep_store_crashed(struct life *life)
{
	struct sim *sim = life->node->sim;
	struct deep *deep = deep_of(sim);

	if (deep->store.restarting || sim->swarm.nodes > 1)
		return;
	restart(deep, sim->swarm.power_cut > 0 && deep->store.cuts < CUTS_MAX && dice_below(&sim->fate_dice, 2));
}

/* What the store says of a fault; true: the process must stop. */
static bool must_stop(struct hand *hand, const struct err *err)
{
	static const struct {
		enum err_code code;
		enum sometimes what;
	} met[] = {{ERR_BROKEN, SOMETIMES_IO_ERROR}, {ERR_LIMIT, SOMETIMES_NO_SPACE}, {ERR_RETRY, SOMETIMES_LOCKED}};

	for (size_t i = 0; i < sizeof met / sizeof met[0]; i++)
		if (met[i].code == err->code && strstr(err->text, "sqlite: ")) { /* else the job's own answer */
			sim_once(hand->sim, met[i].what);
			sim_detail(hand->sim, "%s: %s", hand->owner, err->text);
		}
	return err->code == ERR_BROKEN;
}

/* Nobody knows what became of the write, until the ghosts have looked. */
static bool all_die(struct hand *hand, struct err *err)
{
	struct sim *sim = hand->sim;
	struct deep *deep = deep_of(sim);

	deep->store.restarting = true;
	for (unsigned i = 0; i < sim->swarm.nodes; i++)
		node_crash(&sim->nodes[i]);
	deep->store.restarting = false;
	restart(deep, false);
	ghost_wrote(hand);
	return err_set(err, ERR_BROKEN, "this process has died");
}

/* ---- transactions ---- */

static void watch(void *context, enum disk_act act, bool after)
{
	struct deep *deep = context;

	(void)act, (void)after;
	if (!deep->store.image && deep->store.act_of_cut-- == 0)
		deep->store.image = image_of(deep, deep->store.disk);
}

static bool write_and_cut(struct hand *hand, store_job *job, void *arg, struct err *err)
{
	struct deep *deep = deep_of(hand->sim);
	struct store_exec inner = exec_direct_port(deep->store.direct);
	struct err ignored = ERR_NONE;

	deep->store.act_of_cut = dice_below(&hand->sim->fate_dice, ACTS_CUT);
	disk_watch(deep->store.disk, watch, deep);
	(void)inner.write(inner.self, job, arg, &ignored);
	disk_watch(deep->store.disk, NULL, NULL);
	if (!deep->store.image)
		deep->store.image = image_of(deep, deep->store.disk);
	return all_die(hand, err);
}

static bool deep_write(void *self, store_job *job, void *arg, struct err *err)
{
	struct hand *hand = self;
	struct sim *sim = hand->sim;
	struct deep *deep = deep_of(sim);
	struct store_exec inner = exec_direct_port(deep->store.direct);

	set_faults(deep);
	if (sim->swarm.nodes == 1 && deep->store.cuts < CUTS_MAX && roll(sim, sim->swarm.power_cut))
		return write_and_cut(hand, job, arg, err);
	disk_busy(deep->store.disk, roll(sim, sim->swarm.busy) ? 1 + dice_below(&sim->fate_dice, 200) : 0);
	if (inner.write(inner.self, job, arg, err))
		return true;
	return must_stop(hand, err) ? all_die(hand, err) : false;
}

static bool deep_read(void *self, store_job *job, void *arg, struct err *err)
{
	struct hand *hand = self;
	struct deep *deep = deep_of(hand->sim);
	struct store_exec inner = exec_direct_port(deep->store.direct);

	set_faults(deep);
	if (inner.read(inner.self, job, arg, err))
		return true;
	return must_stop(hand, err) ? all_die(hand, err) : false;
}

static bool deep_later(void *self, struct store_later *later, struct err *err)
{
	struct err outcome = ERR_NONE;

	(void)err;
	(void)deep_write(self, later->job, later->arg, &outcome);
	later->done(later, &outcome);
	return true;
}

struct store_exec deep_hand_exec(struct hand *hand)
{
	return (struct store_exec){hand, deep_write, deep_read, deep_later};
}

static bool look(struct deep *deep, bool write, store_job *job, void *arg, struct err *err)
{
	struct store_exec inner = exec_direct_port(deep->store.direct);
	bool ok;

	disk_pause(deep->store.disk, true);
	ok = (write ? inner.write : inner.read)(inner.self, job, arg, err);
	disk_pause(deep->store.disk, false);
	return ok;
}

static bool quiet_write(void *self, store_job *job, void *arg, struct err *err)
{
	return look(self, true, job, arg, err);
}

static bool quiet_read(void *self, store_job *job, void *arg, struct err *err)
{
	return look(self, false, job, arg, err);
}

static bool quiet_later(void *self, struct store_later *later, struct err *err)
{
	struct err outcome = ERR_NONE;

	(void)err;
	(void)look(self, true, later->job, later->arg, &outcome);
	later->done(later, &outcome);
	return true;
}

struct store_exec deep_exec(struct sim *sim)
{
	return (struct store_exec){deep_of(sim), quiet_write, quiet_read, quiet_later};
}

void deep_store_begin(struct deep *deep)
{
	deep->store.disk = image_of(deep, empty_database());
	reopen(deep);
	deep->store.direct = exec_direct_new(&deep->store.rows);
}

void deep_store_end(struct deep *deep)
{
	exec_direct_free(deep->store.direct);
	rows_close(&deep->store.rows);
	disk_free(deep->store.disk);
}
