#include "agent/base/descriptors.h"

#include "tests/support/suite.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RESERVED = 40, WANTED = 100 };

static const struct share {
	rlim_t soft, hard;
	int64_t clients; /* 0: refused */
	rlim_t after;    /* the soft limit */
} shares[] = {
	{200, 200, 100, 200}, {140, 140, 100, 140}, {64, 200, 100, 140}, {64, 90, 50, 90},
	{64, 64, 24, 64},     {10, 48, 8, 48},      {10, 47, 0, 47},
};

/* The name of what is not as it should be; a hard limit that was lowered stays so. */
static const char *shared(const struct share *row)
{
	struct rlimit limit = {row->soft, row->hard};
	int64_t clients = WANTED;
	struct err err = ERR_NONE;

	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		return "setrlimit";
	if (descriptors_share(RESERVED, &clients, &err) != (row->clients > 0))
		return "answer";
	if (row->clients > 0 ? clients != row->clients : err.code != ERR_INVALID)
		return "clients";
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur != row->after || limit.rlim_max != row->hard)
		return "limit";
	return NULL;
}

START_TEST(open_files_are_asked_for_before_clients_are_turned_away)
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		const char *wrong = shared(&shares[_i]);

		_exit(wrong ? wrong[0] : 0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0); /* the first letter of what is wrong */
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(open_files_are_asked_for_before_clients_are_turned_away, shares),
	SUITE_END,
};
SUITE_MAIN(tests)
