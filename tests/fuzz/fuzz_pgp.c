/* Any bytes are a signature, and any bytes in good armor: no key is named, or sixteen digits name one. */
#include "agent/forge/pgp.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN "-----BEGIN PGP SIGNATURE-----\n\n"
#define END   "\n-----END PGP SIGNATURE-----\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct text armored)
{
	char id[PGP_KEY_ID];
	struct text named = pgp_key_id(armored, id);

	assert(named.len == 0 || named.len == PGP_KEY_ID - 1);
	for (size_t i = 0; i < named.len; i++)
		assert((named.at[i] >= '0' && named.at[i] <= '9') || (named.at[i] >= 'A' && named.at[i] <= 'F'));
	assert(id[named.len] == '\0');
}

static size_t encode(const uint8_t *data, size_t size, char *to)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;

	for (size_t i = 0; i < size; i += 3) {
		uint32_t three = (uint32_t)data[i] << 16;

		three |= i + 1 < size ? (uint32_t)data[i + 1] << 8 : 0;
		three |= i + 2 < size ? data[i + 2] : 0;
		to[n++] = digits[three >> 18];
		to[n++] = digits[three >> 12 & 63];
		to[n++] = i + 1 < size ? digits[three >> 6 & 63] : '=';
		to[n++] = i + 2 < size ? digits[three & 63] : '=';
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *armored = malloc(sizeof BEGIN + sizeof END + size / 3 * 4 + 4);
	size_t n = sizeof BEGIN - 1;

	assert(armored);
	check((struct text){(const char *)data, size});
	memcpy(armored, BEGIN, n);
	n += encode(data, size, armored + n);
	memcpy(armored + n, END, sizeof END - 1);
	check((struct text){armored, n + sizeof END - 1});
	free(armored);
	return 0;
}
