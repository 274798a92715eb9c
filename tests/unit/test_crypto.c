#include "webhooks/crypto.h"

#include "tests/support/suite.h"

static void check_hex(const unsigned char digest[CRYPTO_DIGEST], const char *expected)
{
	char hex[2 * CRYPTO_DIGEST + 1];

	crypto_hex(digest, CRYPTO_DIGEST, hex);
	ck_assert_str_eq(hex, expected);
}

/* The vector that GitHub publishes with its signature scheme, and RFC 4231 cases 1, 2 and 6. */
static const struct {
	const char *key, *body, *expected;
} vectors[] = {
	{"It's a Secret to Everybody", "Hello, World!",
	 "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
	{"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b", "Hi There",
	 "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	{"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	{"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
};

START_TEST(a_published_hmac_vector_holds)
{
	struct hmac *hmac = hmac_new(text_of(vectors[_i].key));
	unsigned char digest[CRYPTO_DIGEST];

	hmac_feed(hmac, vectors[_i].body, strlen(vectors[_i].body));
	hmac_end(hmac, digest);
	hmac_free(hmac);
	check_hex(digest, vectors[_i].expected);
}
END_TEST

START_TEST(an_hmac_fed_byte_by_byte_is_the_same)
{
	struct hmac *hmac = hmac_new(text_of(vectors[0].key));
	unsigned char digest[CRYPTO_DIGEST];

	for (size_t i = 0; i < strlen(vectors[0].body); i++)
		hmac_feed(hmac, vectors[0].body + i, 1);
	hmac_end(hmac, digest);
	hmac_free(hmac);
	check_hex(digest, vectors[0].expected);
}
END_TEST

START_TEST(a_duplicate_never_touches_its_origin)
{
	struct hmac *keyed = hmac_new(text_of(vectors[0].key)), *wrong = hmac_dup(keyed), *right = hmac_dup(keyed);
	unsigned char digest[CRYPTO_DIGEST];

	hmac_feed(wrong, "other bytes", 11);
	hmac_end(wrong, digest);
	hmac_free(wrong);
	hmac_free(keyed); /* a duplicate outlives it */
	hmac_feed(right, vectors[0].body, strlen(vectors[0].body));
	hmac_end(right, digest);
	hmac_free(right);
	check_hex(digest, vectors[0].expected);
	hmac_free(NULL);
}
END_TEST

START_TEST(a_published_sha256_vector_holds)
{
	unsigned char digest[CRYPTO_DIGEST];

	crypto_sha256(TEXT_LIT("abc"), digest);
	check_hex(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	crypto_sha256(TEXT_EMPTY, digest);
	check_hex(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

static const struct {
	const char *hex;
	size_t n;
	bool ok;
} digits[] = {
	{"", 0, true},      {"00ff", 2, true},        {"AbCd", 2, true},  {"00f", 2, false},
	{"00fg", 2, false}, {"00ff0", 2, false},      {"00ff", 3, false}, {" 0ff", 2, false},
	{"0x00", 2, false}, {"00\xff\xff", 2, false}, {"-1ff", 2, false},
};

START_TEST(hex_is_exactly_so_many_digits_or_refused)
{
	unsigned char bytes[3] = {7, 7, 7};
	char back[7];

	ck_assert_int_eq(crypto_unhex(text_of(digits[_i].hex), bytes, digits[_i].n), digits[_i].ok);
	if (!digits[_i].ok) {
		ck_assert(bytes[0] == 7 && bytes[1] == 7 && bytes[2] == 7);
		return;
	}
	crypto_hex(bytes, digits[_i].n, back);
	ck_assert(text_eq_nocase(text_of(back), text_of(digits[_i].hex)));
}
END_TEST

START_TEST(equal_means_every_byte)
{
	unsigned char a[CRYPTO_DIGEST] = {0}, b[CRYPTO_DIGEST] = {0};

	ck_assert(crypto_equal(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a); i++) {
		b[i] ^= 1;
		ck_assert(!crypto_equal(a, b, sizeof(a)));
		b[i] ^= 1;
	}
	ck_assert(crypto_equal(a, b, 0));
}
END_TEST

START_TEST(random_bytes_differ_and_cleansed_bytes_are_zero)
{
	unsigned char a[16] = {0}, b[16] = {0}, zero[16] = {0};
	struct err err = ERR_NONE;

	ck_assert(crypto_random(a, sizeof(a), &err) && crypto_random(b, sizeof(b), &err));
	ck_assert(memcmp(a, b, sizeof(a)) != 0);
	crypto_cleanse(a, sizeof(a));
	ck_assert_mem_eq(a, zero, sizeof(a));
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_published_hmac_vector_holds, vectors),
	SUITE_TEST(an_hmac_fed_byte_by_byte_is_the_same),
	SUITE_TEST(a_duplicate_never_touches_its_origin),
	SUITE_TEST(a_published_sha256_vector_holds),
	SUITE_ROWS(hex_is_exactly_so_many_digits_or_refused, digits),
	SUITE_TEST(equal_means_every_byte),
	SUITE_TEST(random_bytes_differ_and_cleansed_bytes_are_zero),
	SUITE_END,
};
SUITE_MAIN(tests)
