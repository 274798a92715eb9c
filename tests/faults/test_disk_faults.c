/*
 * Disks that are full and files that are damaged. A full disk is a refusal that passes; a damaged database is a stop
 * with a word that names the file and says what to do, or nobody notices, because nobody reads that page; never a crash
 * and never a success that was not said before.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/faults/trouble.h"
#include "tests/support/suite.h"

enum { CODE_BROKEN = 70, CODE_CONFIG = 78, DISK_MS = 30000 };

/* ---- a full disk ---- */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		(void)close(fd);
	return ok;
}

/* A name space of our own for mounts: as root, or as root of a name space of users. */
static bool own_mounts(void)
{
	char map[64];
	unsigned uid = geteuid(), gid = getegid();

	if (unshare(CLONE_NEWNS) != 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
			return false;
		(void)snprintf(map, sizeof map, "0 %u 1", uid);
		if (!write_file("/proc/self/uid_map", map) || !write_file("/proc/self/setgroups", "deny"))
			return false;
		(void)snprintf(map, sizeof map, "0 %u 1", gid);
		if (!write_file("/proc/self/gid_map", map))
			return false;
	}
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* Small, but with room for what the story itself needs, also where a busy machine lets the log of writes grow; the full
 * size has ten times as many pushes. */
static bool mount_small(const char *path)
{
	char options[64];

	(void)snprintf(options, sizeof options, "size=%dm,mode=700", trouble_size(4, 8));
	return mount("small", path, "tmpfs", MS_NODEV | MS_NOSUID, options) == 0;
}

/* Whether it can be done at all is tried out in a process of its own. */
static bool can_mount(void)
{
	char path[] = "/tmp/headgate-mount-XXXXXX";
	int status = 1;
	pid_t pid;

	if (!mkdtemp(path))
		return false;
	pid = fork();
	if (pid == 0)
		_exit(own_mounts() && mount_small(path) ? 0 : 1);
	if (pid > 0)
		(void)waitpid(pid, &status, 0);
	(void)rmdir(path);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void filler(const struct trouble *t, char ret[160])
{
	(void)snprintf(ret, 160, "%s/state/filler", t->gate.rig.dir);
}

/* To the last byte. */
static void fill(const struct trouble *t)
{
	static const char block[4096];
	char path[160];
	int fd;

	filler(t, path);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	while (write(fd, block, sizeof block) > 0)
		;
	(void)close(fd);
}

static void make_room(const struct trouble *t)
{
	char path[160];

	filler(t, path);
	ck_assert_int_eq(unlink(path), 0);
}

/* Both are counted while the senders run. */
static void wait_more(int (*count)(const struct trouble *t), const struct trouble *t, int more, const char *what)
{
	int64_t until = rig_now() + DISK_MS;
	int from = count(t);

	while (count(t) < from + more) {
		ck_assert_msg(rig_now() < until, "no delivery was %s", what);
		rig_sleep(5);
	}
}

START_TEST(a_full_disk_refuses_until_there_is_room_and_loses_nothing)
{
	int rounds = trouble_size(2, 20);
	char state[128];
	struct trouble t;

	ck_assert(own_mounts());
	trouble_begin_without_agent(&t, NULL);
	(void)snprintf(state, sizeof state, "%s/state", t.gate.rig.dir);
	ck_assert_int_eq(mkdir(state, 0700), 0);
	ck_assert(mount_small(state));
	ck_assert(rig_agent_start(&t.gate.rig));
	trouble_allow(&t);
	trouble_load(&t);
	for (int i = 0; i < rounds; i++) {
		fill(&t);
		wait_more(trouble_refused, &t, 20, "refused");
		fill(&t);
		gate_push(&t.gate); /* its deliveries are refused, too */
		wait_more(trouble_refused, &t, 20, "refused");
		ck_assert(rig_agent_running(&t.gate.rig));
		ck_assert(trouble_says(&t, "database or disk is full"));
		make_room(&t);
		wait_more(trouble_told, &t, 20, "taken again");
	}
	printf("%d taken, %d refused\n", trouble_told(&t), trouble_refused(&t));
	trouble_over(&t);
	ck_assert(rig_agent_term(&t.gate.rig));
	ck_assert_int_eq(umount2(state, MNT_DETACH), 0);
	trouble_end(&t);
}
END_TEST

START_TEST(a_start_on_a_full_disk_serves_or_says_why_not)
{
	char state[128];
	struct trouble t;
	int code;

	ck_assert(own_mounts());
	trouble_begin_without_agent(&t, NULL);
	(void)snprintf(state, sizeof state, "%s/state", t.gate.rig.dir);
	ck_assert_int_eq(mkdir(state, 0700), 0);
	ck_assert(mount_small(state));
	ck_assert(rig_agent_start(&t.gate.rig));
	trouble_allow(&t);
	for (int kill = 0; kill < 2; kill++) {
		if (kill)
			rig_agent_kill(&t.gate.rig);
		else
			ck_assert(rig_agent_term(&t.gate.rig));
		fill(&t);
		if (trouble_serve(&t, &(struct trouble_start){.files = 0}, &code)) {
			rig_agent_kill(&t.gate.rig);
		} else {
			ck_assert_msg(code == CODE_BROKEN || code == CODE_CONFIG, "it ended with %d", code);
			ck_assert(trouble_says(&t, "not started"));
			ck_assert(trouble_says(&t, "headgate.db"));
		}
		make_room(&t);
		ck_assert(rig_agent_start(&t.gate.rig));
	}
	trouble_over(&t);
	ck_assert(rig_agent_term(&t.gate.rig));
	ck_assert_int_eq(umount2(state, MNT_DETACH), 0);
	trouble_end(&t);
}
END_TEST

/* ---- damage ---- */

enum { PAGE = 8192, WAL_HEADER = 32, FRAME = PAGE + 24, WORK_MS = 60 };

struct image { /* a file as it was when the server had stopped */
	char path[160];
	unsigned char *bytes;
	size_t n;
};

static void take_image(const struct trouble *t, const char *name, struct image *ret)
{
	struct stat st;
	FILE *f;

	(void)snprintf(ret->path, sizeof ret->path, "%s/state/%s", t->gate.rig.dir, name);
	ck_assert_int_eq(stat(ret->path, &st), 0);
	ret->n = (size_t)st.st_size;
	ret->bytes = malloc(ret->n + 1);
	f = fopen(ret->path, "r");
	ck_assert(ret->bytes && f);
	ck_assert_uint_eq(fread(ret->bytes, 1, ret->n, f), ret->n);
	(void)fclose(f);
}

static void put_image(const struct image *image, size_t n)
{
	int fd = open(image->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, image->bytes, n), (ssize_t)n);
	(void)close(fd);
}

static void forget(const struct trouble *t, const char *name)
{
	char path[160];

	(void)snprintf(path, sizeof path, "%s/state/%s", t->gate.rig.dir, name);
	(void)unlink(path);
}

struct damage {
	struct trouble t;
	struct image database, wal;
	json_int_t mark; /* in the world's log: no success from here on */
	int stopped, served;
	int n; /* deliveries sent */
	char *body;
};

/* A head with one review of the two that it needs, and an older one that was allowed and is superseded: no success can
 * be true of either. */
static void damage_begin(struct damage *d, bool with_wal)
{
	json_t *one;

	*d = (struct damage){.stopped = 0};
	trouble_begin(&d->t, NULL);
	rig_next_second();
	gate_push(&d->t.gate);
	gate_approve(&d->t.gate, "bob");
	one = gate_delivered(&d->t.gate, "pull_request_review", "submitted");
	d->body = strdup(gate_str(one, "body"));
	json_decref(one);
	gate_judged(&d->t.gate);
	if (with_wal)
		rig_agent_kill(&d->t.gate.rig);
	else
		ck_assert(rig_agent_term(&d->t.gate.rig));
	take_image(&d->t, "headgate.db", &d->database);
	if (with_wal)
		take_image(&d->t, "headgate.db-wal", &d->wal);
	d->mark = rig_log_mark(&d->t.gate.rig);
}

/* The review is told again under another id: the head is judged by what the database holds. */
static void make_it_work(struct damage *d)
{
	char guid[64];
	struct rig_delivery delivery = {
		.event = "pull_request_review", .guid = guid, .body = d->body, .len = strlen(d->body)};
	struct rig_reply reply;

	(void)snprintf(guid, sizeof guid, "22222222-0000-0000-0000-%012d", d->n++);
	(void)rig_deliver(&d->t.gate.rig, &delivery, &reply);
	rig_reply_clear(&reply);
	rig_sleep(WORK_MS);
}

static void ended_clearly(struct damage *d, int code, const char *what, size_t at)
{
	d->stopped++;
	ck_assert_msg(code == CODE_BROKEN || code == CODE_CONFIG, "%s %zu: it ended with %d", what, at, code);
	ck_assert_msg(trouble_says(&d->t, "headgate.db"), "%s %zu: the last word does not name the file", what, at);
	ck_assert_msg(trouble_says(&d->t, "backup"), "%s %zu: the last word does not say what to do", what, at);
}

/* One start on the damaged files. */
static void try_damage(struct damage *d, const char *what, size_t at)
{
	struct rig *rig = &d->t.gate.rig;
	int code;

	forget(&d->t, "headgate.db-shm");
	if (!trouble_serve(&d->t, &(struct trouble_start){.files = 0}, &code)) {
		ended_clearly(d, code, what, at);
		return;
	}
	make_it_work(d);
	(void)kill(rig->agent, SIGTERM);
	code = trouble_end_of(&d->t, 6000);
	if (code == 0)
		d->served++;
	else
		ended_clearly(d, code, what, at);
}

static void damage_end(struct damage *d, const char *what)
{
	printf("%s: %d starts stopped with a word, %d served\n", what, d->stopped, d->served);
	ck_assert_ptr_null(gate_first_post(&d->t.gate, d->mark, d->t.gate.head, "success"));
	ck_assert_ptr_null(gate_first_post(&d->t.gate, d->mark, d->t.allowed[0], "success"));
	put_image(&d->database, d->database.n);
	forget(&d->t, "headgate.db-wal");
	forget(&d->t, "headgate.db-shm");
	if (d->wal.bytes)
		put_image(&d->wal, d->wal.n);
	ck_assert(rig_agent_start(&d->t.gate.rig));
	trouble_over(&d->t);
	free(d->database.bytes);
	free(d->wal.bytes);
	free(d->body);
	trouble_end(&d->t);
}

/* Where in a page: its header, the pointers behind it, and anywhere. */
static size_t offset_in_page(int k, unsigned *seed)
{
	static const size_t fixed[] = {0, 3, 8};

	return k < 3 ? fixed[k] : (unsigned)rand_r(seed) % PAGE;
}

START_TEST(a_damaged_page_stops_the_server_with_a_word_or_harms_nobody)
{
	int per_page = trouble_size(1, 12);
	unsigned seed = 20261121;
	struct damage d;

	damage_begin(&d, false);
	ck_assert_uint_eq(d.database.n % PAGE, 0);
	for (size_t page = 0; page < d.database.n / PAGE; page++)
		for (int k = 0; k < per_page; k++) {
			int kind = per_page == 1 ? (int)(page % 4) : k;
			size_t at = page * PAGE + offset_in_page(kind, &seed);
			unsigned char was = d.database.bytes[at];

			d.database.bytes[at] ^= (unsigned char)(1 + (unsigned)rand_r(&seed) % 255);
			put_image(&d.database, d.database.n);
			d.database.bytes[at] = was;
			forget(&d.t, "headgate.db-wal");
			try_damage(&d, "byte", at);
		}
	ck_assert_int_gt(d.stopped, 0);
	damage_end(&d, "flipped bytes");
}
END_TEST

START_TEST(a_database_cut_short_stops_the_server_with_a_word_or_harms_nobody)
{
	size_t step = (size_t)trouble_size(5, 1);
	struct damage d;

	damage_begin(&d, false);
	for (size_t pages = 1; pages < d.database.n / PAGE; pages += step) {
		put_image(&d.database, pages * PAGE);
		forget(&d.t, "headgate.db-wal");
		try_damage(&d, "cut at page", pages);
	}
	ck_assert_int_gt(d.stopped, 0);
	damage_end(&d, "cut short");
}
END_TEST

START_TEST(a_damaged_log_of_writes_stops_the_server_with_a_word_or_harms_nobody)
{
	unsigned seed = 7;
	size_t frames, step;
	struct damage d;

	damage_begin(&d, true);
	frames = d.wal.n > WAL_HEADER ? (d.wal.n - WAL_HEADER) / FRAME : 0;
	ck_assert_uint_gt(frames, 0);
	step = frames / (size_t)trouble_size(6, 400) + 1;
	for (size_t frame = 0; frame < frames; frame += step)
		for (int cut = 0; cut < 2; cut++) {
			size_t begin = WAL_HEADER + frame * FRAME, at = begin + (unsigned)rand_r(&seed) % FRAME;
			unsigned char was = d.wal.bytes[at];

			put_image(&d.database, d.database.n);
			d.wal.bytes[at] ^= 0x5a;
			put_image(&d.wal, cut ? at : d.wal.n);
			d.wal.bytes[at] = was;
			try_damage(&d, cut ? "log cut at" : "log", at);
		}
	damage_end(&d, "log of writes");
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_GIVEN(a_full_disk_refuses_until_there_is_room_and_loses_nothing, 300, "HEADGATE_MAY_MOUNT"),
	SUITE_GIVEN(a_start_on_a_full_disk_serves_or_says_why_not, 60, "HEADGATE_MAY_MOUNT"),
	SUITE_SLOW(a_damaged_page_stops_the_server_with_a_word_or_harms_nobody, 900),
	SUITE_SLOW(a_database_cut_short_stops_the_server_with_a_word_or_harms_nobody, 300),
	SUITE_SLOW(a_damaged_log_of_writes_stops_the_server_with_a_word_or_harms_nobody, 600),
	SUITE_END,
};

int main(int argc, char **argv)
{
	if (can_mount())
		(void)setenv("HEADGATE_MAY_MOUNT", "1", 1);
	return suite_main(argc, argv, tests);
}
