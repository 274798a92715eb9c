#include "agent/store/state_dir.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/suite.h"

static char dir[64];

static void setup(void)
{
	(void)snprintf(dir, sizeof dir, "/tmp/headgate-state.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	char path[96];

	(void)snprintf(path, sizeof path, "%s/lock", dir);
	(void)unlink(path);
	(void)rmdir(dir);
}

START_TEST(one_process_at_a_time_holds_the_state)
{
	struct err err = ERR_NONE;
	int first = STATE_DIR_NONE, second = STATE_DIR_NONE;

	setup();
	ck_assert_msg(state_dir_claim(dir, &first, &err), "%s", err.text);
	ck_assert(!state_dir_claim(dir, &second, &err));
	ck_assert_int_eq(err.code, ERR_CONFLICT);
	ck_assert_int_eq(second, STATE_DIR_NONE);
	state_dir_release(first);
	ck_assert(state_dir_claim(dir, &second, &err));
	state_dir_release(second);
	teardown();
}
END_TEST

START_TEST(a_claim_ends_with_its_process)
{
	struct err err = ERR_NONE;
	int claim = STATE_DIR_NONE, status = 0;
	pid_t child;

	setup();
	child = fork();
	if (child == 0)
		_exit(state_dir_claim(dir, &claim, &err) ? 0 : 1);
	ck_assert(child > 0 && waitpid(child, &status, 0) == child);
	ck_assert_int_eq(status, 0);
	ck_assert(state_dir_claim(dir, &claim, &err));
	state_dir_release(claim);
	teardown();
}
END_TEST

START_TEST(a_directory_that_others_may_enter_is_refused)
{
	static const mode_t wide[] = {0750, 0701, 0777};
	struct err err = ERR_NONE;
	int claim = STATE_DIR_NONE;

	setup();
	for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
		ck_assert_int_eq(chmod(dir, wide[i]), 0);
		ck_assert(!state_dir_claim(dir, &claim, &err));
		ck_assert_int_eq(err.code, ERR_INVALID);
	}
	teardown();
}
END_TEST

START_TEST(a_link_in_place_of_the_lock_is_refused)
{
	struct err err = ERR_NONE;
	int claim = STATE_DIR_NONE;
	char path[96];

	setup();
	(void)snprintf(path, sizeof path, "%s/lock", dir);
	ck_assert_int_eq(symlink("/dev/null", path), 0);
	ck_assert(!state_dir_claim(dir, &claim, &err));
	ck_assert_int_eq(err.code, ERR_INVALID);
	teardown();
}
END_TEST

START_TEST(the_names_of_files_are_made_durable_or_it_is_said_that_they_are_not)
{
	struct err err = ERR_NONE;

	setup();
	ck_assert_msg(state_dir_keep(dir, &err), "%s", err.text);
	teardown();
	ck_assert(!state_dir_keep(dir, &err));
	ck_assert_int_eq(err.code, ERR_BROKEN);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(one_process_at_a_time_holds_the_state),
	SUITE_TEST(a_claim_ends_with_its_process),
	SUITE_TEST(a_directory_that_others_may_enter_is_refused),
	SUITE_TEST(a_link_in_place_of_the_lock_is_refused),
	SUITE_TEST(the_names_of_files_are_made_durable_or_it_is_said_that_they_are_not),
	SUITE_END,
};

SUITE_MAIN(tests)
