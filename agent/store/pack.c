#include "agent/store/pack.h"

#include <lz4.h>

bool pack_text(struct text raw, struct arena *arena, struct text *ret, struct err *err)
{
	int n, bound;
	char *out;

	if (raw.len > PACK_RAW_MAX)
		return err_set(err, ERR_LIMIT, "pack: %zu bytes, at most %zu", raw.len, PACK_RAW_MAX);
	if (raw.len == 0) {
		*ret = TEXT_EMPTY;
		return true;
	}
	bound = LZ4_compressBound((int)raw.len);
	out = arena_alloc(arena, (size_t)bound, 1);
	n = LZ4_compress_default(raw.at, out, (int)raw.len, bound);
	if (n <= 0)
		return err_set(err, ERR_INVALID, "pack: %zu bytes could not be packed", raw.len);
	*ret = (struct text){out, (size_t)n};
	return true;
}

bool unpack_text(const struct unpack *in, struct arena *arena, struct text *ret, struct err *err)
{
	char *out;

	if (in->raw_bytes > in->max || in->raw_bytes > PACK_RAW_MAX)
		return err_set(err, ERR_LIMIT, "unpack: %zu bytes, at most %zu", in->raw_bytes,
			       in->max < PACK_RAW_MAX ? in->max : PACK_RAW_MAX);
	if (in->packed.len > (size_t)LZ4_compressBound((int)in->raw_bytes))
		return err_set(err, ERR_INVALID, "unpack: %zu bytes cannot come to %zu", in->packed.len, in->raw_bytes);
	if (in->raw_bytes == 0) {
		if (in->packed.len > 0)
			return err_set(err, ERR_INVALID, "unpack: %zu bytes cannot come to none", in->packed.len);
		*ret = TEXT_EMPTY;
		return true;
	}
	out = arena_alloc(arena, in->raw_bytes + 1, 1);
	if (in->packed.len == 0 ||
	    LZ4_decompress_safe(in->packed.at, out, (int)in->packed.len, (int)in->raw_bytes) != (int)in->raw_bytes)
		return err_set(err, ERR_INVALID, "unpack: not a block of %zu bytes", in->raw_bytes);
	*ret = (struct text){out, in->raw_bytes};
	return true;
}
