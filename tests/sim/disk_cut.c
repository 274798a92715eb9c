/*
 * What a power loss may leave. Each cut has a mood per file, so that rare mixtures are met as well: all of one file and
 * nothing of another, nearly all but one sector, a beginning in order. Within the mood each write, or each of its
 * sectors, is kept or lost on its own. The kept ones are laid down in the order they were made, since a sector that was
 * written twice never shows the older bytes after the newer ones.
 */
#include "tests/sim/disk_inner.h"

#include <stdlib.h>
#include <string.h>

struct mood {
	uint64_t kept_of_8; /* how many of eight */
	size_t upto;        /* of the changes: what came later is lost */
	bool tears;
};

static struct mood mood_of(struct dice *dice, size_t n)
{
	static const uint64_t rates[] = {0, 1, 4, 4, 7, 8, 8};
	struct mood mood = {rates[dice_roll(dice, sizeof rates / sizeof rates[0])], n, dice_roll(dice, 3) > 0};

	if (dice_roll(dice, 3) == 0)
		mood.upto = dice_roll(dice, n + 1);
	return mood;
}

static bool keeps(struct dice *dice, const struct mood *mood)
{
	return dice_roll(dice, 8) < mood->kept_of_8;
}

/* Returns how many of its sectors were kept; *all: how many there are. */
static size_t tear(struct bytes *to, const struct change *change, struct dice *dice, const struct mood *mood,
		   size_t *all)
{
	size_t kept = 0, n;

	*all = 0;
	for (size_t done = 0; done < change->n; done += n, (*all)++) {
		size_t at = change->at + done, to_border = DISK_SECTOR - at % DISK_SECTOR;

		n = change->n - done < to_border ? change->n - done : to_border;
		if (!keeps(dice, mood))
			continue;
		bytes_write(to, at, change->bytes + done, n);
		kept++;
	}
	return kept;
}

static void leave_change(struct disk *to, struct bytes *bytes, const struct change *change, const struct mood *mood)
{
	size_t all = 1, kept;

	if (mood->tears && change->bytes) {
		kept = tear(bytes, change, &to->dice, mood, &all);
	} else {
		kept = keeps(&to->dice, mood);
		if (kept)
			node_apply(bytes, change);
	}
	to->counts.kept += kept == all;
	to->counts.lost += kept == 0;
	to->counts.torn += kept > 0 && kept < all;
}

/* The size is not written together with the bytes: it may lag behind, or be ahead with zeros or rubbish. */
static void leave_size(struct disk *to, struct bytes *bytes, const struct node *from)
{
	enum { BEHIND, AHEAD, RUBBISH };
	size_t before = bytes->size, most = before;
	uint64_t how;

	for (size_t i = 0; i < from->n_changes; i++)
		if (from->changes[i].bytes && from->changes[i].at + from->changes[i].n > most)
			most = from->changes[i].at + from->changes[i].n;
	how = dice_roll(&to->dice, 8);
	if (how == BEHIND && before > from->durable.size)
		bytes_resize(bytes, from->durable.size);
	if (how == AHEAD || how == RUBBISH)
		bytes_resize(bytes, most);
	for (size_t i = before; how == RUBBISH && i < most; i++)
		bytes->at[i] = (char)dice_roll(&to->dice, 256);
}

/* The file after the cut, all of it durable. */
static struct node *leave_node(struct disk *to, const struct node *from)
{
	struct mood mood = mood_of(&to->dice, from->n_changes);
	struct node *node = calloc(1, sizeof *node);

	if (!node)
		abort();
	bytes_write(&node->durable, 0, from->durable.at, from->durable.size);
	for (size_t i = 0; i < from->n_changes; i++) {
		if (i < mood.upto)
			leave_change(to, &node->durable, &from->changes[i], &mood);
		else
			to->counts.lost++;
	}
	if (from->n_changes > 0)
		leave_size(to, &node->durable, from);
	bytes_write(&node->live, 0, node->durable.at, node->durable.size);
	return node;
}

/* Which file each name leads to. */
static void leave_names(struct disk *to, const struct disk *from, const struct node **ret)
{
	struct mood mood = mood_of(&to->dice, from->n_changes);

	for (size_t i = 0; i < from->n_names; i++)
		ret[i] = from->names[i].durable;
	for (size_t i = 0; i < from->n_changes && i < mood.upto; i++)
		if (keeps(&to->dice, &mood))
			ret[from->changes[i].name] = from->changes[i].node;
}

/* `to` has no file yet. */
static void leave(struct disk *to, const struct disk *from)
{
	const struct node *nodes[DISK_NAMES_MAX] = {NULL};

	leave_names(to, from, nodes);
	for (size_t i = 0; i < from->n_names; i++) {
		struct name *name = disk_find(to, from->names[i].at, true);

		if (!nodes[i])
			continue;
		disk_point(&name->live, leave_node(to, nodes[i]));
		disk_point(&name->durable, name->live);
	}
}

struct disk *disk_image(const struct disk *disk, const char *name, uint64_t seed)
{
	struct disk *image = disk_new(name, seed);

	leave(image, disk);
	return image;
}

void disk_crash(struct disk *disk)
{
	disk->life++;
	for (struct handle *handle = disk->open; handle; handle = handle->next) {
		handle->level = SQLITE_LOCK_NONE;
		handle->shared = handle->exclusive = 0;
		handle->node->shm = NULL; /* the dead keep it until they are closed */
	}
}

void disk_cut(struct disk *disk, uint64_t seed)
{
	struct disk *image = disk_image(disk, "disk-cut", seed);

	disk_crash(disk);
	disk_sync_directory(disk);
	for (size_t i = 0; i < image->n_names; i++) {
		disk_point(&disk->names[i].live, image->names[i].live);
		disk_point(&disk->names[i].durable, image->names[i].live);
	}
	disk->counts.kept += image->counts.kept;
	disk->counts.lost += image->counts.lost;
	disk->counts.torn += image->counts.torn;
	disk_free(image);
}
