/* Trees and blobs: nothing is left out of them but what JSON cannot hold. */
#include <string.h>

#include "agent/forge/prove.h"
#include "webhooks/crypto.h"

static bool has_name(const char *type, struct text raw, const struct oid *name)
{
	char head[40], hex[2 * CRYPTO_SHA1 + 1];
	unsigned char digest[CRYPTO_SHA1];
	int n = snprintf(head, sizeof head, "%s %zu", type, raw.len);
	struct text parts[] = {{head, (size_t)n + 1}, raw};

	crypto_sha1(parts, 2, digest);
	crypto_hex(digest, sizeof digest, hex);
	return text_is(oid_text(name), hex);
}

/* ---- trees ---- */

struct raw_tree {
	char *at;
	size_t n;
	bool replaced; /* a name holds U+FFFD, which may stand for bytes that JSON cannot hold */
};

static bool put_entry(struct raw_tree *tree, jval entry, const char *digits, struct err *err)
{
	static const struct text replacement = {"\xef\xbf\xbd", 3};
	struct text mode, path;
	struct oid object;

	if (!jneed_text(entry, "mode", &mode, err) || !jneed_text(entry, "path", &path, err) ||
	    !jneed_oid(entry, "sha", &object, err))
		return false;
	if (oid_text(&object).len != 2 * (size_t)CRYPTO_SHA1)
		return err_set(err, ERR_INVALID, "sha: not a SHA-1 name");
	while (mode.len && mode.at[0] == '0' && !*digits) /* git writes none in front, old tools did */
		mode = (struct text){mode.at + 1, mode.len - 1};
	memcpy(tree->at + tree->n, mode.at, mode.len);
	tree->at[tree->n + mode.len] = ' ';
	tree->n += mode.len + 1;
	if (path.len)
		memcpy(tree->at + tree->n, path.at, path.len);
	tree->n += path.len + 1; /* and a NUL */
	(void)crypto_unhex(oid_text(&object), (unsigned char *)tree->at + tree->n, CRYPTO_SHA1);
	tree->n += CRYPTO_SHA1;
	tree->replaced = tree->replaced || text_find(path, replacement) != SIZE_MAX;
	return true;
}

static size_t room_for(jval entries)
{
	size_t room = 1;

	for (size_t i = 0; i < jlen(entries); i++)
		room += jtext(jat(entries, i), "mode").len + jtext(jat(entries, i), "path").len + CRYPTO_SHA1 + 2;
	return room;
}

static bool rebuild(struct arena *arena, jval entries, const char *digits, struct raw_tree *ret, struct err *err)
{
	struct raw_tree tree = {.at = arena_alloc(arena, room_for(entries), 1)};

	for (size_t i = 0; i < jlen(entries); i++)
		if (!put_entry(&tree, jat(entries, i), digits, err))
			return false;
	*ret = tree;
	return true;
}

bool prove_tree(struct prove *prove, const struct oid *name, jval answer, struct text *ret, struct err *err)
{
	static const char *const digits[] = {"", "0"};
	jval entries = jget(answer, "tree");
	struct raw_tree tree = {.n = 0};

	if (jtri(answer, "truncated") == TRI_YES)
		return err_set(err, ERR_LIMIT, "the forge cuts the tree %s short (mirror.rest)", name->hex);
	if (!prove_about(answer, name, err))
		return false;
	if (jtri(answer, "truncated") != TRI_NO || !jis_array(entries))
		return err_set(err, ERR_INVALID, "truncated, or the tree: missing");
	for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++) {
		if (!rebuild(prove->arena, entries, digits[i], &tree, err))
			return false;
		*ret = (struct text){tree.at, tree.n};
		if (has_name("tree", *ret, name))
			return true;
	}
	return err_set(err, tree.replaced ? ERR_LIMIT : ERR_INVALID,
		       "REST does not tell %s as git has it (mirror.rest)", name->hex);
}

/* ---- blobs ---- */

static int digit_of(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Whatever is no digit (newlines, the end's filling) is passed over: the hash judges the outcome. */
static struct text unpack(struct arena *arena, struct text packed)
{
	char *bytes = arena_alloc(arena, packed.len / 4 * 3 + 4, 1);
	uint32_t bits = 0;
	unsigned held = 0;
	size_t n = 0;

	for (size_t i = 0; i < packed.len; i++) {
		int digit = digit_of(packed.at[i]);

		if (digit < 0)
			continue;
		bits = (bits << 6 | (uint32_t)digit) & 0xffff;
		held += 6;
		if (held >= 8) {
			held -= 8;
			bytes[n++] = (char)(bits >> held & 0xff);
		}
	}
	return (struct text){bytes, n};
}

bool prove_blob(struct prove *prove, const struct oid *name, jval answer, struct text *ret, struct err *err)
{
	struct text packed, bytes;

	if (!prove_about(answer, name, err))
		return false;
	if (!text_is(jtext(answer, "encoding"), "base64"))
		return err_set(err, ERR_INVALID, "encoding: not base64");
	packed = jtext(answer, "content");
	bytes = unpack(prove->arena, packed);
	if (!has_name("blob", bytes, name))
		return err_set(err, ERR_INVALID, "the bytes told are not those of %s", name->hex);
	*ret = bytes;
	return true;
}
