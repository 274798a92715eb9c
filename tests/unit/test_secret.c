#include "agent/base/secret.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/suite.h"

#define GOOD "0123456789abcdef0123456789abcdef"

/* A folder of its own per test, gone afterwards. */
static void make(char folder[64], const char *bytes, size_t n, mode_t mode, char name[128])
{
	int fd;

	(void)snprintf(folder, 64, "/tmp/headgate-secret-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(name, 128, "%s/secret", folder);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

static void drop(const char *folder, const char *name)
{
	(void)unlink(name);
	(void)rmdir(folder);
}

static const struct {
	const char *says, *bytes;
	mode_t mode;
	const char *text; /* NULL: refused */
	const char *why;
} files[] = {
	{"one line", GOOD "\n", 0600, GOOD, NULL},
	{"no newline", GOOD, 0400, GOOD, NULL},
	{"a line from another system", GOOD "\r\n", 0600, GOOD, NULL},
	{"readable by the group", GOOD, 0640, NULL, "chmod 600"},
	{"readable by all", GOOD, 0604, NULL, "chmod 600"},
	{"writable by all", GOOD, 0602, NULL, "chmod 600"},
	{"too short", "0123456789abcde\n", 0600, NULL, "at least 16"},
	{"empty", "", 0600, NULL, "at least 16"},
	{"two lines", GOOD "\n" GOOD "\n", 0600, NULL, "control byte"},
	{"two newlines", GOOD "\n\n", 0600, NULL, "control byte"},
};

START_TEST(a_secret_is_one_line_that_only_its_owner_reads)
{
	char folder[64], name[128];
	struct err err = ERR_NONE;
	struct secret *secret;

	make(folder, files[_i].bytes, strlen(files[_i].bytes), files[_i].mode, name);
	secret = secret_read(text_of(name), 16, &err);
	drop(folder, name);
	if (files[_i].text) {
		ck_assert_msg(secret, "%s: %s", files[_i].says, err.text);
		ck_assert(text_is(secret_text(secret), files[_i].text));
	} else {
		ck_assert_msg(!secret, "%s", files[_i].says);
		ck_assert_msg(strstr(err.text, files[_i].why), "%s: %s", files[_i].says, err.text);
		ck_assert_ptr_null(strstr(err.text, "0123456789"));
	}
	secret_free(secret);
}
END_TEST

START_TEST(what_is_no_file_is_no_secret)
{
	struct err err = ERR_NONE;
	char folder[64], name[128], fifo[160];

	ck_assert_ptr_null(secret_read(TEXT_LIT("/nonexistent/secret"), 1, &err));
	ck_assert_ptr_null(secret_read(TEXT_LIT("/tmp"), 1, &err));
	ck_assert_ptr_null(secret_read(TEXT_LIT("/tmp/a\0b"), 1, &err));
	ck_assert_ptr_null(secret_read(TEXT_EMPTY, 1, &err));
	make(folder, GOOD, 32, 0600, name);
	(void)snprintf(fifo, sizeof fifo, "%s/fifo", folder);
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	ck_assert_ptr_null(secret_read(text_of(fifo), 1, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "not a regular file"));
	(void)unlink(fifo);
	drop(folder, name);
}
END_TEST

START_TEST(a_secret_of_somebody_else_is_refused)
{
	char folder[64], name[128];
	struct err err = ERR_NONE;
	struct secret *secret;

	if (geteuid() != 0) /* only root can give a file away */
		return;
	make(folder, GOOD, 32, 0600, name);
	ck_assert_int_eq(chown(name, 12345, 12345), 0);
	secret = secret_read(text_of(name), 1, &err);
	drop(folder, name);
	ck_assert_ptr_null(secret);
	ck_assert_ptr_nonnull(strstr(err.text, "somebody else"));
}
END_TEST

START_TEST(a_secret_has_a_largest_size)
{
	char folder[64], name[128], *bytes = calloc(1, SECRET_BYTES_MAX + 10);
	struct err err = ERR_NONE;
	struct secret *secret;

	ck_assert_ptr_nonnull(bytes);
	memset(bytes, 'x', SECRET_BYTES_MAX + 10);
	make(folder, bytes, SECRET_BYTES_MAX, 0600, name);
	secret = secret_read(text_of(name), 1, &err);
	ck_assert_ptr_nonnull(secret);
	ck_assert_uint_eq(secret_text(secret).len, SECRET_BYTES_MAX);
	secret_free(secret);
	drop(folder, name);
	make(folder, bytes, SECRET_BYTES_MAX + 1, 0600, name);
	ck_assert_ptr_null(secret_read(text_of(name), 1, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	drop(folder, name);
	free(bytes);
}
END_TEST

START_TEST(a_credential_is_found_in_its_folder_only)
{
	char folder[64], name[128], outside[160];
	struct err err = ERR_NONE;
	struct secret *secret;

	(void)unsetenv("CREDENTIALS_DIRECTORY");
	ck_assert_ptr_null(secret_read(TEXT_LIT("credential:secret"), 1, &err));
	make(folder, GOOD, 32, 0440, name); /* an access list shows its mask as the group's permission */
	(void)setenv("CREDENTIALS_DIRECTORY", folder, 1);
	secret = secret_read(TEXT_LIT("credential:secret"), 1, &err);
	ck_assert_msg(secret, "%s", err.text);
	secret_free(secret);
	(void)snprintf(outside, sizeof outside, "credential:../%s/secret", strrchr(folder, '/') + 1);
	ck_assert_ptr_null(secret_read(text_of(outside), 1, &err));
	ck_assert_ptr_null(secret_read(TEXT_LIT("credential:"), 1, &err));
	ck_assert_int_eq(chmod(name, 0444), 0);
	ck_assert_ptr_null(secret_read(TEXT_LIT("credential:secret"), 1, &err));
	drop(folder, name);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_secret_is_one_line_that_only_its_owner_reads, files),
	SUITE_TEST(what_is_no_file_is_no_secret),
	SUITE_TEST(a_secret_of_somebody_else_is_refused),
	SUITE_TEST(a_secret_has_a_largest_size),
	SUITE_TEST(a_credential_is_found_in_its_folder_only),
	SUITE_END,
};
SUITE_MAIN(tests)
