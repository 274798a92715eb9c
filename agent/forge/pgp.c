/*
 * Armor, one packet, two areas of subpackets (RFC 9580, sections 4.2, 5.2.3 and 6.2): each a walk that consumes its
 * bytes to the last one or refuses them all.
 */
#include "agent/forge/pgp.h"

#include <stdint.h>
#include <string.h>

enum { TAG_SIGNATURE = 2, VERSION = 4, SUB_ISSUER = 16, SUB_FINGERPRINT = 33, KEY_BYTES = 8 };

struct bytes {
	const unsigned char *at;
	size_t n;
};

static bool take(struct bytes *from, size_t n, struct bytes *ret)
{
	if (n > from->n)
		return false;
	*ret = (struct bytes){from->at, n};
	from->at += n;
	from->n -= n;
	return true;
}

/* Big-endian, of at most four bytes. */
static bool take_number(struct bytes *from, size_t width, size_t *ret)
{
	struct bytes b;
	uint32_t n = 0;

	if (!take(from, width, &b))
		return false;
	for (size_t i = 0; i < width; i++)
		n = n << 8 | b.at[i];
	*ret = n;
	return true;
}

/* ---- armor ---- */

static bool take_line(struct text *from, struct text *ret)
{
	const char *end = from->len ? memchr(from->at, '\n', from->len) : NULL;
	size_t n = end ? (size_t)(end - from->at) : from->len;

	if (from->len == 0)
		return false;
	*ret = (struct text){from->at, n};
	n += end != NULL;
	*from = (struct text){from->at + n, from->len - n};
	while (ret->len > 0 && strchr(" \t\r", ret->at[ret->len - 1]))
		ret->len--;
	return true;
}

static int sextet(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

struct base64 {
	unsigned char *out;
	size_t n;
	uint32_t bits;
	unsigned have, padding; /* sextets of this group; '=' */
};

static bool add_sextet(struct base64 *b, char c)
{
	int six = sextet(c);

	if (c == '=' ? b->have < 2 : six < 0 || b->padding > 0)
		return false;
	b->padding += c == '=';
	b->bits = b->bits << 6 | (six < 0 ? 0 : (uint32_t)six);
	if (++b->have < 4)
		return true;
	for (unsigned i = 0; i < 3 - b->padding; i++)
		b->out[b->n++] = (unsigned char)(b->bits >> (16 - 8 * i));
	b->have = 0;
	b->bits = 0;
	return true;
}

static bool is_checksum(struct text line)
{
	return line.len == 5 && line.at[0] == '=';
}

/* Lines until the end of the armor; the checksum is not looked at: it guards against no one. */
static bool decode(struct text *from, struct base64 *b)
{
	struct text line;

	while (take_line(from, &line)) {
		if (text_is(line, "-----END PGP SIGNATURE-----"))
			return b->have == 0;
		if (is_checksum(line))
			return b->have == 0 && take_line(from, &line) && text_is(line, "-----END PGP SIGNATURE-----");
		for (size_t i = 0; i < line.len; i++)
			if (!add_sextet(b, line.at[i]))
				return false;
	}
	return false;
}

static bool all_blank(struct text rest)
{
	struct text line;

	while (take_line(&rest, &line))
		if (line.len > 0)
			return false;
	return true;
}

static bool unarmor(struct text armored, unsigned char out[PGP_BYTES_MAX], struct bytes *ret)
{
	struct base64 b = {.out = out};
	struct text line;

	if (armored.len > PGP_BYTES_MAX || !take_line(&armored, &line) ||
	    !text_is(line, "-----BEGIN PGP SIGNATURE-----"))
		return false;
	do { /* headers, to the empty line */
		if (!take_line(&armored, &line))
			return false;
	} while (line.len > 0 && memchr(line.at, ':', line.len));
	if (line.len > 0 || !decode(&armored, &b) || !all_blank(armored))
		return false;
	*ret = (struct bytes){out, b.n};
	return true;
}

/* ---- the packet ---- */

static bool old_length(struct bytes *from, unsigned type, size_t *ret)
{
	return type < 3 && take_number(from, (size_t)1 << type, ret);
}

/* Lengths in parts are for streams. */
static bool new_length(struct bytes *from, size_t *ret)
{
	size_t first, second;

	if (!take_number(from, 1, &first))
		return false;
	if (first == 255)
		return take_number(from, 4, ret);
	if (first >= 224)
		return false;
	*ret = first;
	if (first < 192)
		return true;
	if (!take_number(from, 1, &second))
		return false;
	*ret = (first - 192) * 256 + second + 192;
	return true;
}

/* The body of the one signature packet that these bytes are. */
static bool open_packet(struct bytes from, struct bytes *ret)
{
	size_t head, length;
	bool newer;

	if (!take_number(&from, 1, &head) || !(head & 0x80))
		return false;
	newer = head & 0x40;
	if ((newer ? head & 0x3f : head >> 2 & 0x0f) != TAG_SIGNATURE)
		return false;
	if (!(newer ? new_length(&from, &length) : old_length(&from, head & 3, &length)) || length != from.n)
		return false;
	*ret = from;
	return true;
}

/* ---- who made it ---- */

struct issuer {
	unsigned char id[KEY_BYTES];
	bool named;
};

static bool name_issuer(struct issuer *issuer, const unsigned char id[KEY_BYTES])
{
	if (issuer->named)
		return memcmp(issuer->id, id, KEY_BYTES) == 0;
	memcpy(issuer->id, id, KEY_BYTES);
	issuer->named = true;
	return true;
}

/* By fingerprint: the id is its end in version 4, its beginning since. */
static bool name_by_fingerprint(struct issuer *issuer, struct bytes body)
{
	if (body.n == 21 && body.at[0] == 4)
		return name_issuer(issuer, body.at + 13);
	if (body.n == 33 && (body.at[0] == 5 || body.at[0] == 6))
		return name_issuer(issuer, body.at + 1);
	return false;
}

static bool sub_length(struct bytes *from, size_t *ret)
{
	size_t first, second;

	if (!take_number(from, 1, &first))
		return false;
	if (first == 255)
		return take_number(from, 4, ret);
	*ret = first;
	if (first < 192)
		return true;
	if (!take_number(from, 1, &second))
		return false;
	*ret = (first - 192) * 256 + second + 192;
	return true;
}

static bool walk_area(struct bytes area, struct issuer *issuer)
{
	while (area.n > 0) {
		struct bytes body;
		size_t length, type;

		if (!sub_length(&area, &length) || !take(&area, length, &body) || !take_number(&body, 1, &type))
			return false;
		type &= 0x7f; /* the rest says that who does not know it shall refuse */
		if (type == SUB_ISSUER && (body.n != KEY_BYTES || !name_issuer(issuer, body.at)))
			return false;
		if (type == SUB_FINGERPRINT && !name_by_fingerprint(issuer, body))
			return false;
	}
	return true;
}

static bool issuer_of(struct bytes body, struct issuer *ret)
{
	struct bytes hashed, other;
	size_t version, ignored, n;

	/* version; type, key's and hash's algorithm; the two areas */
	return take_number(&body, 1, &version) && version == VERSION && take_number(&body, 3, &ignored) &&
	       take_number(&body, 2, &n) && take(&body, n, &hashed) && take_number(&body, 2, &n) &&
	       take(&body, n, &other) && walk_area(hashed, ret) && ret->named && walk_area(other, ret);
}

struct text pgp_key_id(struct text armored, char ret[PGP_KEY_ID])
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char room[PGP_BYTES_MAX];
	struct issuer issuer = {.named = false};
	struct bytes bytes, body;

	ret[0] = '\0';
	if (!unarmor(armored, room, &bytes) || !open_packet(bytes, &body) || !issuer_of(body, &issuer))
		return TEXT_EMPTY;
	for (size_t i = 0; i < KEY_BYTES; i++) {
		ret[2 * i] = digits[issuer.id[i] >> 4];
		ret[2 * i + 1] = digits[issuer.id[i] & 15];
	}
	ret[PGP_KEY_ID - 1] = '\0';
	return (struct text){ret, PGP_KEY_ID - 1};
}
