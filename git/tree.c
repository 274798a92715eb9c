#include "git/tree.h"

#include <string.h>

enum { NAME_BYTES = 20, MODE_DIGITS = 7, MODE_KIND = 0170000, MODE_FILE = 0100000, MODE_DIR = 0040000 };

static bool malformed(struct err *err)
{
	return err_set(err, ERR_INVALID, "a malformed tree");
}

/* "MODE NAME\0" and the object's 20 bytes */
bool tree_next(struct text *left, struct tree_entry *ret, struct err *err)
{
	struct tree_entry entry = {.mode = 0};
	size_t n = 0;
	while (n < left->len && n < MODE_DIGITS && left->at[n] >= '0' && left->at[n] <= '7')
		entry.mode = entry.mode * 8 + (uint32_t)(left->at[n++] - '0');
	if (!n || n >= left->len || left->at[n++] != ' ')
		return malformed(err);
	const char *end = memchr(left->at + n, 0, left->len - n);
	if (!end || (size_t)(left->at + left->len - end) <= NAME_BYTES)
		return malformed(err);
	entry.name = (struct text){left->at + n, (size_t)(end - left->at) - n};
	entry.object = (const uint8_t *)end + 1;
	n += entry.name.len + 1 + NAME_BYTES;
	*left = (struct text){left->at + n, left->len - n};
	*ret = entry;
	return true;
}

static bool is_kind(const struct tree_entry *entry, uint32_t kind)
{
	return (entry->mode & MODE_KIND) == kind;
}

bool tree_is_dir(const struct tree_entry *entry)
{
	return entry && is_kind(entry, MODE_DIR);
}

struct oid tree_object(const struct tree_entry *entry)
{
	static const char digits[] = "0123456789abcdef";
	struct oid name = OID_NONE;
	for (size_t i = 0; i < NAME_BYTES; i++) {
		name.hex[2 * i] = digits[entry->object[i] >> 4];
		name.hex[2 * i + 1] = digits[entry->object[i] & 15];
	}
	return name;
}

int tree_order(const struct tree_entry *a, const struct tree_entry *b)
{
	const struct text x = a->name, y = b->name;
	size_t i = 0;
	while (i < x.len && i < y.len && x.at[i] == y.at[i])
		i++;
	unsigned char p = i < x.len ? (unsigned char)x.at[i] : tree_is_dir(a) ? '/' : 0;
	unsigned char q = i < y.len ? (unsigned char)y.at[i] : tree_is_dir(b) ? '/' : 0;
	return p < q ? -1 : p > q;
}

bool tree_good_name(struct text name)
{
	static const char *const bad[] = {"", ".", ".."};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (text_is(name, bad[i]))
			return false;
	return !memchr(name.at, '/', name.len);
}

bool tree_path(const struct tree_place *place, struct arena *arena, struct text *ret, struct err *err)
{
	if (!tree_good_name(place->name))
		return err_set(err, ERR_INVALID, "a tree holds an impossible name");
	if (place->dir.len + place->name.len > TREE_PATH_BYTES)
		return err_set(err, ERR_LIMIT, "a path is longer than %d bytes (mirror.max_path_bytes)",
			       TREE_PATH_BYTES);
	*ret = arena_printf(arena, "%.*s%.*s%s", TEXT_ARG(place->dir), TEXT_ARG(place->name), place->is_dir ? "/" : "");
	return true;
}

/* ---- one path ---- */

static bool good_path(struct text path)
{
	if (!path.len || path.len >= TREE_PATH_BYTES || memchr(path.at, 0, path.len))
		return false;
	if (text_starts(path, TEXT_LIT("/")) || text_ends(path, TEXT_LIT("/")))
		return false;
	return text_find(path, TEXT_LIT("//")) == SIZE_MAX;
}

static struct text component(struct text *left)
{
	size_t end = text_find(*left, TEXT_LIT("/"));
	struct text first = {left->at, end == SIZE_MAX ? left->len : end};
	size_t skip = first.len + (end != SIZE_MAX);
	*left = (struct text){left->at + skip, left->len - skip};
	return first;
}

/* Looks through the whole list: one that is out of order hides nothing. */
static bool look(struct text tree, struct text name, bool *exists, struct tree_entry *ret, struct err *err)
{
	struct tree_entry entry;
	*exists = false;
	while (tree.len) {
		if (!tree_next(&tree, &entry, err))
			return false;
		if (!*exists && text_eq(entry.name, name)) {
			*ret = entry;
			*exists = true;
		}
	}
	return true;
}

bool tree_find_file(const struct tree_reader *reader, const struct oid *root, struct text path, struct tree_file *ret,
		    struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct tree_entry entry = {.mode = 0};
	struct oid at = *root;
	struct text left = path, tree;
	bool exists = true;
	if (!good_path(path))
		return err_set(err, ERR_INVALID, "not a path inside a tree");
	while (exists && left.len) {
		exists = !entry.object || tree_is_dir(&entry);
		if (!exists)
			break;
		if (!reader->read(reader->self, &at, &arena, &tree, err) ||
		    !look(tree, component(&left), &exists, &entry, err))
			return false;
		at = exists ? tree_object(&entry) : at;
	}
	if (exists && !is_kind(&entry, MODE_FILE))
		return err_set(err, ERR_INVALID, "%.*s is not a plain file (mode %06o)", TEXT_ARG(text_cut(path, 80)),
			       entry.mode);
	*ret = (struct tree_file){exists, exists ? at : OID_NONE};
	return true;
}
