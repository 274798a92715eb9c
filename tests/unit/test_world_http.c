/* The program itself: git's own client pushes over HTTP, a receiver takes the webhooks, curl asks. */
#include "tests/support/suite.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <ftw.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { RECEIVED_MAX = 64, BODY_MAX = 1 << 16 };

struct received {
	char event[32], signature[80], guid[40];
	json_t *body;
	bool genuine;
};

static const char world_path[] = BINARY_DIR "/bin/headgate-world";
static const char tokens_json[] =
	"{\"APP\": {\"app\": \"headgate\"}, \"ALICE\": {\"user\": \"alice\"}, \"DORA\": {\"user\": \"dora\"}}";
static char dir[64], url[64];
static pid_t program;
static int listener;
static pthread_t receiver;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct received received[RECEIVED_MAX];
static int n_received;
static atomic_int slow_ms, stop;

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void header(const char *request, const char *name, char *ret, size_t room)
{
	const char *at = strcasestr(request, name);
	size_t skip = strlen(name);

	ret[0] = 0;
	if (at)
		snprintf(ret, room, "%.*s", (int)strcspn(at + skip, "\r\n"), at + skip);
}

static bool genuine(const struct received *one, const char *body, size_t len)
{
	unsigned char mac[32];
	char hex[80] = "sha256=";
	unsigned n = 0;

	HMAC(EVP_sha256(), "s3cret", 6, (const unsigned char *)body, len, mac, &n);
	for (unsigned i = 0; i < n; i++)
		snprintf(hex + 7 + (size_t)2 * i, 3, "%02x", mac[i]);
	return strcmp(hex, one->signature) == 0;
}

static void keep(const char *request, const char *body, size_t len)
{
	struct received one = {.body = json_loadb(body, len, 0, NULL)};

	header(request, "X-GitHub-Event: ", one.event, sizeof(one.event));
	header(request, "X-GitHub-Delivery: ", one.guid, sizeof(one.guid));
	header(request, "X-Hub-Signature-256: ", one.signature, sizeof(one.signature));
	one.genuine = genuine(&one, body, len);
	pthread_mutex_lock(&lock);
	if (n_received < RECEIVED_MAX)
		received[n_received++] = one;
	pthread_mutex_unlock(&lock);
}

static void receive(int fd)
{
	static char buf[BODY_MAX];
	static const char answer[] = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	char length[20];
	size_t have = 0, want = SIZE_MAX;
	char *body = NULL;
	ssize_t n;

	while (have < want && have < sizeof(buf) - 1 && (n = read(fd, buf + have, sizeof(buf) - 1 - have)) > 0) {
		have += (size_t)n;
		buf[have] = 0;
		body = body ? body : strstr(buf, "\r\n\r\n");
		if (body && want == SIZE_MAX) {
			header(buf, "Content-Length: ", length, sizeof(length));
			want = (size_t)(body + 4 - buf) + strtoul(length, NULL, 10);
		}
	}
	if (have == want)
		keep(buf, body + 4, want - (size_t)(body + 4 - buf));
	usleep((useconds_t)atomic_load(&slow_ms) * 1000);
	if (write(fd, answer, sizeof(answer) - 1) < 0)
		perror("answer");
	close(fd);
}

static void *receiver_run(void *user)
{
	int fd;

	while (!atomic_load(&stop) && (fd = accept(listener, NULL, NULL)) >= 0)
		receive(fd);
	return user;
}

static unsigned start_receiver(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(at);

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(listener, 16), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&at, &len), 0);
	ck_assert_int_eq(pthread_create(&receiver, NULL, receiver_run, NULL), 0);
	return ntohs(at.sin_port);
}

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static pid_t spawn(const char *const *argv, int *out)
{
	posix_spawn_file_actions_t actions;
	int fds[2] = {-1, -1};
	pid_t pid = 0;

	posix_spawn_file_actions_init(&actions);
	if (out) {
		ck_assert_int_eq(pipe(fds), 0);
		posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
		posix_spawn_file_actions_addclose(&actions, fds[0]);
	}
	ck_assert_int_eq(posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	if (out) {
		close(fds[1]);
		*out = fds[0];
	}
	return pid;
}

static int wait_exit(pid_t pid)
{
	int status = 0;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void setup(void)
{
	char hook[64], state[80], secret[80], tokens[80], line[128] = "";
	const char *argv[] = {world_path, "--listen",           "127.0.0.1:0", "--state",      state,  "--hook-url",
			      hook,       "--hook-secret-file", secret,        "--token-file", tokens, NULL};
	FILE *f;
	int out;

	snprintf(dir, sizeof(dir), "/tmp/world-http-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	setenv("HOME", dir, 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("GIT_TERMINAL_PROMPT", "0", 1);
	snprintf(state, sizeof(state), "%s/state", dir);
	snprintf(secret, sizeof(secret), "%s/secret", dir);
	snprintf(tokens, sizeof(tokens), "%s/tokens", dir);
	snprintf(hook, sizeof(hook), "http://127.0.0.1:%u/webhooks/github", start_receiver());
	write_file("secret", "s3cret\n");
	write_file("tokens", tokens_json);
	write_file(".gitconfig", "[user]\nname = alice\nemail = alice@example.test\n[init]\ndefaultBranch = main\n");
	program = spawn(argv, &out);
	f = fdopen(out, "r");
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	fclose(f);
	ck_assert_int_eq(sscanf(line, "listening %63s", url), 1);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void teardown(void)
{
	kill(program, SIGTERM);
	ck_assert_int_eq(wait_exit(program), 0);
	atomic_store(&stop, 1);
	shutdown(listener, SHUT_RDWR);
	pthread_join(receiver, NULL);
	close(listener);
	for (int i = 0; i < n_received; i++)
		json_decref(received[i].body);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static size_t append(char *bytes, size_t size, size_t n, void *user)
{
	char *text = user;
	size_t used = strlen(text), len = size * n;

	if (used + len >= BODY_MAX)
		return 0;
	memcpy(text + used, bytes, len);
	text[used + len] = 0;
	return len;
}

/* The HTTP status, or 0 and *code. `body` NULL: GET. *ret, if asked for, is a new reference. */
static long call(const char *path, const char *body, json_t **ret, CURLcode *code)
{
	char text[BODY_MAX] = "", full[256];
	CURL *curl = curl_easy_init();
	struct curl_slist *list = curl_slist_append(NULL, "Authorization: Bearer APP");
	long status = 0;
	CURLcode rc;

	snprintf(full, sizeof(full), "%s%s", url, path);
	curl_easy_setopt(curl, CURLOPT_URL, full);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, text);
	if (body)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	rc = curl_easy_perform(curl);
	if (rc == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (code)
		*code = rc;
	if (ret)
		*ret = json_loads(text, JSON_DECODE_ANY, NULL);
	curl_slist_free_all(list);
	curl_easy_cleanup(curl);
	return status;
}

static void act(const char *body)
{
	ck_assert_int_eq(call("/_world/act", body, NULL, NULL), 200);
}

/* git with these words in the clone; the exit status. */
static int git(const char *word, ...)
{
	char clone[80];
	const char *argv[16] = {"git", "-C", clone};
	size_t n = 3;
	va_list words;

	snprintf(clone, sizeof(clone), "%s/clone", dir);
	va_start(words, word);
	for (; word && n < 15; word = va_arg(words, const char *))
		argv[n++] = word;
	va_end(words);
	return wait_exit(spawn(argv, NULL));
}

static void remote_of(const char *token, const char *repo, char ret[160])
{
	snprintf(ret, 160, "http://x:%s@%s/%s.git", token, url + 7, repo);
}

static void clone_as(const char *token)
{
	char remote[160], clone[80];
	const char *argv[] = {"git", "clone", "-q", remote, clone, NULL};

	remote_of(token, "o/r", remote);
	snprintf(clone, sizeof(clone), "%s/clone", dir);
	ck_assert_int_eq(wait_exit(spawn(argv, NULL)), 0);
}

static void commit(const char *message)
{
	ck_assert_int_eq(git("commit", "-q", "--allow-empty", "-m", message, NULL), 0);
}

static void begin(void)
{
	setup();
	act("{\"do\": \"repo\", \"repo\": \"o/r\", \"files\": {\"README\": \"hello\\n\"}}");
	act("{\"do\": \"permission\", \"repo\": \"o/r\", \"login\": \"alice\", \"role\": \"write\"}");
	clone_as("ALICE");
	ck_assert_int_eq(git("checkout", "-q", "-b", "topic", NULL), 0);
	commit("one");
}

static void tip_of(const char *branch, char ret[41])
{
	char path[128];
	json_t *answer;

	snprintf(path, sizeof(path), "/repos/o/r/git/ref/heads%%2F%s", branch);
	ck_assert_int_eq(call(path, NULL, &answer, NULL), 200);
	snprintf(ret, 41, "%s", json_string_value(json_object_get(json_object_get(answer, "object"), "sha")));
	json_decref(answer);
}

/* Waits for the nth delivery of this event; its body, borrowed. */
static json_t *wait_event(const char *event, int nth)
{
	int64_t until = now_ms() + 10000;
	json_t *found = NULL;

	while (!found && now_ms() < until) {
		int seen = 0;

		pthread_mutex_lock(&lock);
		for (int i = 0; i < n_received && !found; i++) {
			seen += strcmp(received[i].event, event) == 0;
			ck_assert(received[i].genuine);
			found = seen == nth ? received[i].body : NULL;
		}
		pthread_mutex_unlock(&lock);
		usleep(2000);
	}
	ck_assert_msg(found != NULL, "no %s number %d", event, nth);
	return found;
}

START_TEST(a_git_push_moves_the_head_and_is_told)
{
	char first[41], second[41];
	json_t *event;

	begin();
	ck_assert_int_eq(git("push", "-q", "origin", "topic", NULL), 0);
	tip_of("topic", first);
	event = wait_event("push", 2);
	ck_assert_str_eq(json_string_value(json_object_get(event, "after")), first);
	ck_assert(json_is_true(json_object_get(event, "created")));
	act("{\"do\": \"open\", \"repo\": \"o/r\", \"who\": \"alice\", \"head\": \"topic\"}");
	commit("two");
	ck_assert_int_eq(git("push", "-q", "origin", "topic", NULL), 0);
	tip_of("topic", second);
	event = wait_event("pull_request", 2);
	ck_assert_str_eq(json_string_value(json_object_get(event, "action")), "synchronize");
	ck_assert_str_eq(json_string_value(json_object_get(event, "before")), first);
	ck_assert_str_eq(json_string_value(json_object_get(event, "after")), second);
	ck_assert_int_eq(git("fetch", "-q", "--filter=blob:none", "origin", "refs/pull/1/head", NULL), 0);
	ck_assert_int_eq(git("fetch", "-q", "origin", first, NULL), 0);
	teardown();
}
END_TEST

START_TEST(a_protected_branch_refuses_git_until_the_context_is_success)
{
	char sha[41], before[41], path[128], now[41];

	begin();
	act("{\"do\": \"protect\", \"repo\": \"o/r\", \"branch\": \"main\", \"contexts\": [\"gate\"]}");
	tip_of("main", before);
	ck_assert_int_ne(git("push", "-q", "origin", "topic:main", NULL), 0);
	ck_assert_int_eq(git("push", "-q", "origin", "topic", NULL), 0);
	tip_of("topic", sha);
	snprintf(path, sizeof(path), "/repos/o/r/statuses/%s", sha);
	ck_assert_int_eq(call(path, "{\"state\": \"pending\", \"context\": \"gate\"}", NULL, NULL), 201);
	ck_assert_int_ne(git("push", "-q", "origin", "topic:main", NULL), 0);
	ck_assert_int_ne(git("push", "-q", "origin", ":main", NULL), 0);
	tip_of("main", now);
	ck_assert_str_eq(now, before);
	ck_assert_int_eq(call(path, "{\"state\": \"success\", \"context\": \"gate\"}", NULL, NULL), 201);
	ck_assert_int_eq(git("push", "-q", "origin", "topic:main", NULL), 0);
	tip_of("main", now);
	ck_assert_str_eq(now, sha);
	ck_assert_int_eq(git("reset", "-q", "--hard", before, NULL), 0);
	ck_assert_int_ne(git("push", "-q", "-f", "origin", "topic:main", NULL), 0);
	teardown();
}
END_TEST

START_TEST(nobody_pushes_without_the_right)
{
	char remote[160];

	begin();
	remote_of("DORA", "o/r", remote);
	ck_assert_int_ne(git("push", "-q", remote, "topic", NULL), 0);
	remote_of("WRONG", "o/r", remote);
	ck_assert_int_ne(git("push", "-q", remote, "topic", NULL), 0);
	snprintf(remote, sizeof(remote), "%s/o/r.git", url);
	ck_assert_int_ne(git("push", "-q", remote, "topic", NULL), 0);
	ck_assert_int_eq(git("fetch", "-q", remote, NULL), 0);
	act("{\"do\": \"repo\", \"repo\": \"o/secret\", \"private\": true}");
	snprintf(remote, sizeof(remote), "%s/o/secret.git", url);
	ck_assert_int_ne(git("fetch", "-q", remote, NULL), 0);
	remote_of("DORA", "o/secret", remote);
	ck_assert_int_ne(git("fetch", "-q", remote, NULL), 0);
	remote_of("APP", "o/secret", remote);
	ck_assert_int_eq(git("fetch", "-q", remote, NULL), 0);
	remote_of("ALICE", "o/r", remote);
	ck_assert_int_ne(git("push", "-q", remote, "topic:refs/pull/1/head", NULL), 0);
	teardown();
}
END_TEST

START_TEST(a_fork_is_pushed_to_and_its_change_follows)
{
	char remote[160];
	json_t *event;

	begin();
	act("{\"do\": \"fork\", \"repo\": \"o/r\", \"who\": \"dora\"}");
	remote_of("DORA", "dora/r", remote);
	ck_assert_int_eq(git("push", "-q", remote, "topic", NULL), 0);
	act("{\"do\": \"open\", \"repo\": \"o/r\", \"who\": \"dora\", \"head\": \"dora:topic\"}");
	ck_assert_int_eq(git("fetch", "-q", "origin", "refs/pull/1/head", NULL), 0);
	commit("two");
	ck_assert_int_eq(git("push", "-q", remote, "topic", NULL), 0);
	event = wait_event("pull_request", 2);
	ck_assert_str_eq(json_string_value(json_object_get(event, "action")), "synchronize");
	teardown();
}
END_TEST

START_TEST(a_slow_receiver_holds_up_no_call)
{
	int64_t begun;

	begin();
	wait_event("member", 1);
	atomic_store(&slow_ms, 1500);
	begun = now_ms();
	for (int i = 0; i < 5; i++)
		act("{\"do\": \"permission\", \"repo\": \"o/r\", \"login\": \"bob\", \"role\": \"read\"}");
	ck_assert_int_lt(now_ms() - begun, 1000);
	atomic_store(&slow_ms, 0);
	wait_event("member", 6);
	teardown();
}
END_TEST

START_TEST(a_lost_answer_closes_the_connection_after_the_deed)
{
	char path[128], sha[41];
	json_t *answer;
	CURLcode code;

	begin();
	tip_of("main", sha);
	snprintf(path, sizeof(path), "/repos/o/r/statuses/%s", sha);
	ck_assert_int_eq(call("/_world/fault",
			      "{\"endpoint\": \"/repos/o/r/statuses\", \"lost_answer\": true, \"count\": 1}", NULL,
			      NULL),
			 200);
	ck_assert_int_eq(call(path, "{\"state\": \"failure\"}", NULL, &code), 0);
	ck_assert_int_ne(code, CURLE_OK);
	snprintf(path, sizeof(path), "/repos/o/r/commits/%s/statuses", sha);
	ck_assert_int_eq(call(path, NULL, &answer, NULL), 200);
	ck_assert_uint_eq(json_array_size(answer), 1);
	json_decref(answer);
	teardown();
}
END_TEST

START_TEST(delays_and_refusals_reach_git_and_rest)
{
	int64_t begun;

	begin();
	call("/_world/fault", "{\"endpoint\": \"/repos/o/r\", \"delay_ms\": 300, \"count\": 1}", NULL, NULL);
	begun = now_ms();
	ck_assert_int_eq(call("/repos/o/r", NULL, NULL, NULL), 200);
	ck_assert_int_ge(now_ms() - begun, 300);
	call("/_world/fault", "{\"endpoint\": \"/o/r.git/\", \"status\": 503, \"count\": 1}", NULL, NULL);
	ck_assert_int_ne(git("fetch", "-q", "origin", NULL), 0);
	ck_assert_int_eq(git("fetch", "-q", "origin", NULL), 0);
	teardown();
}
END_TEST

/* GET of this path, said to be known by etag, unless that is empty; etag becomes the answer's, type its content type.
 */
static long get_unless(const char *path, char etag[100], char type[64])
{
	char text[BODY_MAX] = "", full[256], line[140];
	CURL *curl = curl_easy_init();
	struct curl_slist *list = curl_slist_append(NULL, "Authorization: Bearer APP");
	struct curl_header *found;
	long status = 0;

	snprintf(full, sizeof(full), "%s%s", url, path);
	snprintf(line, sizeof(line), "If-None-Match: %s", etag);
	if (etag[0])
		list = curl_slist_append(list, line);
	curl_easy_setopt(curl, CURLOPT_URL, full);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, text);
	ck_assert_int_eq(curl_easy_perform(curl), CURLE_OK);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	ck_assert_int_eq(text[0] == 0, status == 304);
	snprintf(type, 64, "%s", "");
	if (curl_easy_header(curl, "Content-Type", 0, CURLH_HEADER, -1, &found) == CURLHE_OK)
		snprintf(type, 64, "%s", found->value);
	if (curl_easy_header(curl, "ETag", 0, CURLH_HEADER, -1, &found) == CURLHE_OK)
		snprintf(etag, 100, "%s", found->value);
	curl_slist_free_all(list);
	curl_easy_cleanup(curl);
	return status;
}

START_TEST(a_known_answer_is_a_304_on_the_wire_without_a_type)
{
	char etag[100] = "", type[64];

	begin();
	ck_assert_int_eq(get_unless("/repos/o/r", etag, type), 200);
	ck_assert_str_ne(type, "");
	ck_assert_int_eq(get_unless("/repos/o/r", etag, type), 304);
	ck_assert_str_eq(type, "");
	teardown();
}
END_TEST

START_TEST(half_an_answer_is_half_on_the_wire)
{
	CURLcode code;

	begin();
	call("/_world/fault", "{\"endpoint\": \"/repos/o/r\", \"truncate\": 20, \"count\": 1}", NULL, NULL);
	call("/repos/o/r", NULL, NULL, &code);
	ck_assert_int_eq(code, CURLE_PARTIAL_FILE);
	ck_assert_int_eq(call("/repos/o/r", NULL, NULL, &code), 200);
	ck_assert_int_eq(code, CURLE_OK);
	teardown();
}
END_TEST

static const char *const wrong[][4] = {{NULL}, {"--state", "/tmp", NULL}, {"--what", NULL}, {"extra", NULL}};

START_TEST(wrong_arguments_are_a_usage_error)
{
	const char *argv[6] = {world_path};

	for (size_t i = 0; wrong[_i][i]; i++)
		argv[i + 1] = wrong[_i][i];
	ck_assert_int_eq(wait_exit(spawn(argv, NULL)), 2);
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(a_git_push_moves_the_head_and_is_told),
					  SUITE_TEST(a_protected_branch_refuses_git_until_the_context_is_success),
					  SUITE_TEST(nobody_pushes_without_the_right),
					  SUITE_TEST(a_fork_is_pushed_to_and_its_change_follows),
					  SUITE_TEST(a_slow_receiver_holds_up_no_call),
					  SUITE_TEST(a_lost_answer_closes_the_connection_after_the_deed),
					  SUITE_TEST(delays_and_refusals_reach_git_and_rest),
					  SUITE_TEST(a_known_answer_is_a_304_on_the_wire_without_a_type),
					  SUITE_TEST(half_an_answer_is_half_on_the_wire),
					  SUITE_ROWS(wrong_arguments_are_a_usage_error, wrong),
					  SUITE_END};

SUITE_MAIN(tests)
