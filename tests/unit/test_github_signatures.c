/* What the forge says of signatures, as the GitHub port reads it with whose commits they are. */
#include "tests/support/github_bench.h"
#include "tests/support/suite.h"

#define SHA "1111111111111111111111111111111111111111"
#define BY_GPG                                                                                                         \
	"-----BEGIN PGP SIGNATURE-----\\n\\niHUEABYIAB0WIQT4iWUbgqNOLHLw9sGKz3iQ9xEaUgUCawNu6gAKCRCKz3iQ9xEa\\n"       \
	"UpIJAQDDOFseXl4GzKiEmgvClgbH40M5ArKQ85GQH/O9+Jkr3gD9HBjT98dfswPY\\n"                                          \
	"thlHdYL/N4yYKwkrT52IAKn8ESQlWA0=\\n=SB4U\\n-----END PGP SIGNATURE-----\\n"

static const struct {
	const char *verification;
	enum tri valid;
	const char *key, *reason;
} rows[] = {
	{"{\"verified\":true,\"reason\":\"valid\",\"signature\":\"" BY_GPG "\"}", TRI_YES, "8ACF7890F7111A52", "valid"},
	{"{\"verified\":true,\"reason\":\"valid\",\"signature\":\"-----BEGIN SSH SIGNATURE-----\\n\"}", TRI_YES, "",
	 "valid"},
	{"{\"verified\":true,\"reason\":\"valid\",\"signature\":null}", TRI_YES, "", "valid"},
	{"{\"verified\":false,\"reason\":\"unsigned\",\"signature\":null}", TRI_NO, "", "unsigned"},
	{"{\"verified\":false,\"reason\":\"expired_key\",\"signature\":\"" BY_GPG "\"}", TRI_NO, "", "expired_key"},
	{"{\"verified\":true,\"reason\":\"gpgverify_unavailable\"}", TRI_UNKNOWN, "", "gpgverify_unavailable"},
	{"{\"verified\":true}", TRI_UNKNOWN, "", ""},
	{"{\"verified\":\"true\",\"reason\":\"valid\"}", TRI_UNKNOWN, "", "valid"},
	{"{}", TRI_UNKNOWN, "", ""},
	{"null", TRI_UNKNOWN, "", ""},
};

START_TEST(a_signature_is_good_where_the_forge_says_so_twice)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct scripted_step step = {.method = "GET",
				     .path = "/repos/o/r/pulls/3/commits?per_page=100",
				     .status = 200,
				     .body = arena_printf(&arena,
							  "[{\"sha\":\"" SHA
							  "\",\"author\":null,\"committer\":{\"id\":5},"
							  "\"commit\":{\"verification\":%s}}]",
							  rows[_i].verification)
						     .at};
	struct forge_list_people out = {NULL, 0};
	const struct signature *is;
	struct github_bench b;

	github_bench_open(&b, &step, 1);
	ck_assert_int_eq(b.forge.commit_people(b.forge.self, &b.call, 3, &out, &b.err), ERR_OK);
	ck_assert_uint_eq(out.n, 1);
	is = &out.at[0].signature;
	ck_assert_int_eq(is->valid, rows[_i].valid);
	ck_assert_int_eq(is->signer, 0);
	ck_assert(text_is(is->key_id, rows[_i].key) && text_is(is->reason, rows[_i].reason));
	github_bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(a_signature_is_good_where_the_forge_says_so_twice, rows),
					  SUITE_END};
SUITE_MAIN(tests)
