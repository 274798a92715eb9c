/* Which key made a signature: packets in hexadecimal, armored here. */
#include "agent/forge/pgp.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "policy/arena.h"
#include "tests/support/suite.h"

#define BEGIN "-----BEGIN PGP SIGNATURE-----\n"
#define END   "-----END PGP SIGNATURE-----\n"

/* Made by gpg 2.4, ed25519. */
static const char by_gpg[] = "-----BEGIN PGP SIGNATURE-----\n"
			     "\n"
			     "iHUEABYIAB0WIQT4iWUbgqNOLHLw9sGKz3iQ9xEaUgUCawNu6gAKCRCKz3iQ9xEa\n"
			     "UpIJAQDDOFseXl4GzKiEmgvClgbH40M5ArKQ85GQH/O9+Jkr3gD9HBjT98dfswPY\n"
			     "thlHdYL/N4yYKwkrT52IAKn8ESQlWA0=\n"
			     "=SB4U\n"
			     "-----END PGP SIGNATURE-----\n";

static struct text key_of(struct text armored)
{
	static char id[PGP_KEY_ID];

	return pgp_key_id(armored, id);
}

START_TEST(a_signature_by_gpg_names_its_key)
{
	ck_assert(text_is(key_of(text_of(by_gpg)), "8ACF7890F7111A52"));
}
END_TEST

START_TEST(no_prefix_of_a_signature_names_a_key)
{
	size_t whole = sizeof by_gpg - 2; /* the last newline may lack */

	for (size_t n = 0; n < whole; n++)
		ck_assert_uint_eq(key_of((struct text){by_gpg, n}).len, 0);
	ck_assert_uint_eq(key_of((struct text){by_gpg, whole}).len, 16);
}
END_TEST

/* ---- areas ---- */

#define ISSUER_A "0910AAAAAAAAAAAAAAA1"
#define ISSUER_B "0910BBBBBBBBBBBBBBB2"
#define PRINT4_A "162104000000000000000000000000AAAAAAAAAAAAAAA1"
#define PRINT4_B "162104000000000000000000000000BBBBBBBBBBBBBBB2"
#define PRINT6_A "222106AAAAAAAAAAAAAAA1000000000000000000000000000000000000000000000000"
#define PRINT5_A "222105AAAAAAAAAAAAAAA1000000000000000000000000000000000000000000000000"
#define CREATED  "0502603E1000"
#define CRITICAL "0990AAAAAAAAAAAAAAA1"

static const struct {
	const char *what, *hashed, *other;
	bool named; /* as A */
} areas[] = {
	{"hashed id", CREATED ISSUER_A, "", true},
	{"hashed fingerprint", CREATED PRINT4_A, "", true},
	{"both hashed", PRINT4_A ISSUER_A, "", true},
	{"hashed fingerprint, the id beside", PRINT4_A CREATED, ISSUER_A, true},
	{"version 5", PRINT5_A, "", true},
	{"version 6", PRINT6_A, ISSUER_A, true},
	{"critical", CRITICAL, "", true},
	{"long length, two octets",
	 "C00010"
	 "AAAAAAAAAAAAAAA1",
	 "", false}, /* 192 announced, nine there */
	{"long length, four octets", "FF0000000910AAAAAAAAAAAAAAA1", "", true},
	{"nobody", CREATED, "", false},
	{"nothing", "", "", false},
	{"id beside alone, which anybody can write", CREATED, ISSUER_A, false},
	{"fingerprint beside alone", CREATED, PRINT4_A, false},
	{"another id beside", ISSUER_A, ISSUER_B, false},
	{"another id beside the fingerprint", PRINT4_A, ISSUER_B, false},
	{"another fingerprint beside", PRINT4_A, PRINT4_B, false},
	{"two ids hashed", ISSUER_A ISSUER_B, "", false},
	{"fingerprint and id differ", PRINT4_A ISSUER_B, "", false},
	{"id too short", "0810AAAAAAAAAAAAAA", "", false},
	{"id too long", "0A10AAAAAAAAAAAAAAA1FF", "", false},
	{"fingerprint of no known version", "162107000000000000000000000000AAAAAAAAAAAAAAA1", "", false},
	{"fingerprint too short", "0221040000", "", false},
	{"fingerprint without a body", "0121", "", false},
	{"subpacket beyond the area", "7F10AAAAAAAAAAAAAAA1", "", false},
	{"subpacket of no bytes", "00" ISSUER_A, "", false},
	{"bad area beside", ISSUER_A, "7F10", false},
};

static size_t unhex(const char *hex, unsigned char *to)
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++) {
		unsigned byte;

		ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
		to[i] = (unsigned char)byte;
	}
	return n;
}

static struct text armor(struct arena *arena, const unsigned char *bytes, size_t n)
{
	char base64[8192];

	ck_assert_uint_lt(n, 4096);
	(void)EVP_EncodeBlock((unsigned char *)base64, bytes, (int)n);
	return arena_printf(arena, BEGIN "\n%s\n=AAAA\n" END, base64);
}

/* Behind the packet's head. */
static size_t body(const char *front, const char *hashed, const char *other, unsigned char *to)
{
	size_t n = unhex(front, to), k;

	k = unhex(hashed, to + n + 2);
	to[n] = (unsigned char)(k >> 8);
	to[n + 1] = (unsigned char)k;
	n += k + 2;
	k = unhex(other, to + n + 2);
	to[n] = (unsigned char)(k >> 8);
	to[n + 1] = (unsigned char)k;
	n += k + 2;
	return n + unhex("92090008FF0008FF", to + n);
}

START_TEST(an_issuer_counts_where_it_is_signed_and_the_only_one)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	unsigned char bytes[4096] = {0x88};
	size_t n = body("04001608", areas[_i].hashed, areas[_i].other, bytes + 2);
	struct text key;

	ck_assert_uint_lt(n, 256);
	bytes[1] = (unsigned char)n;
	key = key_of(armor(&arena, bytes, n + 2));
	ck_assert_msg(text_is(key, areas[_i].named ? "AAAAAAAAAAAAAAA1" : ""), "%s: %.*s", areas[_i].what,
		      TEXT_ARG(key));
}
END_TEST

/* ---- packets: the head, the fixed fields, what follows the packet ---- */

static const struct {
	const char *what, *head, *front, *tail; /* head: LL stands for the length in one octet */
	bool named;
} packets[] = {
	{"old", "88LL", "04001608", "", true},
	{"old, two octets", "8900LL", "04001608", "", true},
	{"old, four octets", "8A000000LL", "04001608", "", true},
	{"new", "C2LL", "04001608", "", true},
	{"new, four octets", "C2FF000000LL", "04001608", "", true},
	{"old, of no length", "8B", "04001608", "", false},
	{"new, in parts", "C2E1", "04001608", "", false},
	{"of another kind", "98LL", "04001608", "", false},
	{"new, of another kind", "C6LL", "04001608", "", false},
	{"no packet", "08LL", "04001608", "", false},
	{"version 3", "88LL", "03001608", "", false},
	{"version 6", "88LL", "06001608", "", false},
	{"another behind it", "88LL", "04001608", "88020400", false},
	{"one byte behind it", "88LL", "04001608", "00", false},
};

START_TEST(a_signature_is_one_packet_of_version_four)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	unsigned char bytes[4096];
	unsigned char inner[1024];
	size_t n = body(packets[_i].front, PRINT4_A, "", inner), at;
	char head[64];
	char *length;

	(void)snprintf(head, sizeof head, "%s", packets[_i].head);
	length = strstr(head, "LL");
	if (length)
		(void)snprintf(length, 3, "%02zX", n);
	at = unhex(head, bytes);
	memcpy(bytes + at, inner, n);
	at += n;
	at += unhex(packets[_i].tail, bytes + at);
	ck_assert_msg((key_of(armor(&arena, bytes, at)).len > 0) == packets[_i].named, "%s", packets[_i].what);
}
END_TEST

/* ---- armor ---- */

#define GOOD                                                                                                           \
	"iHUEABYIAB0WIQT4iWUbgqNOLHLw9sGKz3iQ9xEaUgUCawNu6gAKCRCKz3iQ9xEa\n"                                           \
	"UpIJAQDDOFseXl4GzKiEmgvClgbH40M5ArKQ85GQH/O9+Jkr3gD9HBjT98dfswPY\n"                                           \
	"thlHdYL/N4yYKwkrT52IAKn8ESQlWA0=\n"

static const struct {
	const char *what, *armored;
	bool named;
} armors[] = {
	{"as it is made", BEGIN "\n" GOOD "=SB4U\n" END, true},
	{"no checksum", BEGIN "\n" GOOD END, true},
	{"headers", BEGIN "Version: GnuPG v2\nComment: x\n\n" GOOD END, true},
	{"carriage returns", "-----BEGIN PGP SIGNATURE-----\r\n\r\n" GOOD "=SB4U\r\n-----END PGP SIGNATURE-----\r\n",
	 true},
	{"blank lines behind", BEGIN "\n" GOOD END "\n \n", true},
	{"nothing", "", false},
	{"no empty line", BEGIN GOOD END, false},
	{"no end", BEGIN "\n" GOOD, false},
	{"something behind the end", BEGIN "\n" GOOD END "x", false},
	{"a second one", BEGIN "\n" GOOD END BEGIN "\n" GOOD END, false},
	{"something behind the checksum", BEGIN "\n" GOOD "=SB4U\nx\n" END, false},
	{"something before", "x\n" BEGIN "\n" GOOD END, false},
	{"another alphabet", BEGIN "\niHUEABYIAB0_IQT4\n" END, false},
	{"data behind the padding", BEGIN "\n" GOOD "AAAA\n" END, false},
	{"padding alone", BEGIN "\n=\n" END, false},
	{"a message", "-----BEGIN PGP MESSAGE-----\n\n" GOOD END, false},
	{"SSH", "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n", false},
};

START_TEST(armor_is_read_to_its_last_line)
{
	ck_assert_msg((key_of(text_of(armors[_i].armored)).len > 0) == armors[_i].named, "%s", armors[_i].what);
}
END_TEST

START_TEST(a_signature_beyond_the_limit_names_no_key)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	static char blank[PGP_BYTES_MAX];
	size_t own = sizeof by_gpg - 1;

	memset(blank, '\n', sizeof blank);
	ck_assert_uint_eq(key_of(arena_printf(&arena, "%s%.*s", by_gpg, (int)(PGP_BYTES_MAX - own), blank)).len, 16);
	ck_assert_uint_eq(key_of(arena_printf(&arena, "%s%.*s", by_gpg, (int)(PGP_BYTES_MAX - own + 1), blank)).len, 0);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_signature_by_gpg_names_its_key),
	SUITE_TEST(no_prefix_of_a_signature_names_a_key),
	SUITE_ROWS(an_issuer_counts_where_it_is_signed_and_the_only_one, areas),
	SUITE_ROWS(a_signature_is_one_packet_of_version_four, packets),
	SUITE_ROWS(armor_is_read_to_its_last_line, armors),
	SUITE_TEST(a_signature_beyond_the_limit_names_no_key),
	SUITE_END,
};
SUITE_MAIN(tests)
