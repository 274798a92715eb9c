/* Where the listener listens: addresses, Unix sockets, and the configuration without which it does not. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/listening.h"
#include "tests/support/suite.h"

#define PAGE TEXT_LIT("GET /page HTTP/1.1\r\nHost: h\r\n\r\n")

static int connect_unix(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	ck_assert_int_eq(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

START_TEST(a_unix_socket_is_private_and_names_its_peer)
{
	char folder[] = "/tmp/headgate-listener-XXXXXX", address[128], *path = address + 5;
	struct err err = ERR_NONE;
	struct listening box;
	struct reply reply;
	struct stat info;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(address, sizeof(address), "unix:%s/control.sock", folder);
	listening_init(&box);
	box.config.address = address;
	listening_start(&box);
	ck_assert_uint_eq(listener_port(box.listener), 0);
	ck_assert_int_eq(lstat(path, &info), 0);
	ck_assert_uint_eq(info.st_mode & 0777, 0600);
	ck_assert_ptr_null(listener_start(&box.config, &err)); /* somebody answers there */
	fd = connect_unix(path);
	client_send(fd, PAGE);
	client_read(fd, &reply, 3000, false);
	close(fd);
	ck_assert_uint_eq(reply.status, 200);
	ck_assert_int_eq(box.peer_uid, (int64_t)getuid());
	listening_stop(&box);
	ck_assert_int_ne(lstat(path, &info), 0);
	rmdir(folder);
}
END_TEST

START_TEST(a_stale_unix_socket_is_replaced_and_a_file_is_not)
{
	char folder[] = "/tmp/headgate-listener-XXXXXX", address[128];
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct err err = ERR_NONE;
	struct listening box;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(address, sizeof(address), "unix:%s/control.sock", folder);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", address + 5);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	close(fd);
	listening_init(&box);
	box.config.address = address;
	listening_start(&box);
	listening_stop(&box);
	fclose(fopen(address + 5, "w"));
	ck_assert_ptr_null(listener_start(&box.config, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "not a socket"));
	unlink(address + 5);
	rmdir(folder);
}
END_TEST

static const char *const addresses[] = {
	"",       "8080",  "127.0.0.1",     "127.0.0.1:",    ":8080", "localhost:0", "127.0.0.1:http",
	"::1:80", "[::1]", "[127.0.0.1:80", "unix:relative", "unix:", "256.0.0.1:0"};

START_TEST(an_address_that_is_not_numeric_is_refused)
{
	struct err err = ERR_NONE;
	struct listening box;

	listening_init(&box);
	box.config.address = addresses[_i];
	ck_assert_ptr_null(listener_start(&box.config, &err));
	ck_assert_int_eq(err.code, ERR_INVALID);
}
END_TEST

START_TEST(ipv6_loopback_is_served)
{
	struct listening box;

	listening_init(&box);
	box.config.address = "[::1]:0";
	listening_start(&box);
	ck_assert_uint_gt(listener_port(box.listener), 0);
	listening_stop(&box);
}
END_TEST

START_TEST(without_a_secret_nothing_is_started)
{
	struct err err = ERR_NONE;
	struct listening box;

	listening_init(&box);
	box.intake.n_secrets = 0;
	ck_assert_ptr_null(listener_start(&box.config, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "secret"));
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_unix_socket_is_private_and_names_its_peer),
	SUITE_TEST(a_stale_unix_socket_is_replaced_and_a_file_is_not),
	SUITE_ROWS(an_address_that_is_not_numeric_is_refused, addresses),
	SUITE_TEST(ipv6_loopback_is_served),
	SUITE_TEST(without_a_secret_nothing_is_started),
	SUITE_END,
};
SUITE_MAIN(tests)
