#include "agent/tracker/table_hash.h"

uint64_t table_get64(const unsigned char *at)
{
	uint64_t n = 0;

	for (int i = 7; i >= 0; i--)
		n = n << 8 | at[i];
	return n;
}

void table_put64(unsigned char *at, uint64_t n)
{
	for (int i = 0; i < 8; i++, n >>= 8)
		at[i] = (unsigned char)(n & 0xff);
}

struct state {
	uint64_t a, b, c, d;
};

static uint64_t turned(uint64_t n, int by)
{
	return n << by | n >> (64 - by);
}

static void mix(struct state *s, int rounds)
{
	while (rounds-- > 0) {
		s->a += s->b;
		s->c += s->d;
		s->b = turned(s->b, 13) ^ s->a;
		s->d = turned(s->d, 16) ^ s->c;
		s->a = turned(s->a, 32);
		s->c += s->b;
		s->a += s->d;
		s->b = turned(s->b, 17) ^ s->c;
		s->d = turned(s->d, 21) ^ s->a;
		s->c = turned(s->c, 32);
	}
}

static void take(struct state *s, uint64_t word)
{
	s->d ^= word;
	mix(s, 2);
	s->a ^= word;
}

uint64_t table_hash(const unsigned char key[TABLE_HASH_KEY], const void *bytes, size_t n)
{
	const unsigned char *at = bytes;
	uint64_t k0 = table_get64(key), k1 = table_get64(key + 8), last = (uint64_t)(n & 0xff) << 56;
	struct state s = {k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
			  k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)};

	for (; n >= 8; n -= 8, at += 8)
		take(&s, table_get64(at));
	for (size_t i = 0; i < n; i++)
		last |= (uint64_t)at[i] << 8 * i;
	take(&s, last);
	s.c ^= 0xff;
	mix(&s, 4);
	return s.a ^ s.b ^ s.c ^ s.d;
}
