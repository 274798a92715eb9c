/* headgate bugs: dumps between hosts, and what a wrong or old one may not do. */
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/cli/cmd_bugs.h"
#include "agent/cli/commands.h"
#include "policy/when.h"
#include "tests/support/suite.h"

struct said {
	int code;
	char out[65536], err[4096];
};

/* Two hosts with a configuration and a state directory each; one signs, the other trusts. */
struct hosts {
	char dir[64], here[128], there[128], file[128], private[128], public[128], other[128];
};

static void put(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

static void put_keys(const char *private, const char *public)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	FILE *out = fopen(private, "we");

	ck_assert(key && out && PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1);
	(void)fclose(out);
	ck_assert_int_eq(chmod(private, 0600), 0);
	out = fopen(public, "we");
	ck_assert(out && PEM_write_PUBKEY(out, key) == 1);
	(void)fclose(out);
	ck_assert_int_eq(chmod(public, 0600), 0);
	EVP_PKEY_free(key);
}

static void configure(const struct hosts *hosts, const char *name, const char *folder, const char *more)
{
	char text[1024], path[192];

	(void)snprintf(path, sizeof path, "%s/%s", hosts->dir, folder);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	(void)snprintf(text, sizeof text,
		       "state_dir: %s\ntrackers:\n  - {name: bmo, source: table, table_max_age: 1h%s}\n", path, more);
	put(name, text);
}

static void hosts_make(struct hosts *hosts)
{
	char more[256], unused[128];

	*hosts = (struct hosts){.dir = "/tmp/headgate-bugs.XXXXXX"};
	ck_assert_ptr_nonnull(mkdtemp(hosts->dir));
	(void)snprintf(hosts->here, sizeof hosts->here, "%s/here.yml", hosts->dir);
	(void)snprintf(hosts->there, sizeof hosts->there, "%s/there.yml", hosts->dir);
	(void)snprintf(hosts->file, sizeof hosts->file, "%s/dump", hosts->dir);
	(void)snprintf(hosts->private, sizeof hosts->private, "%s/private.pem", hosts->dir);
	(void)snprintf(hosts->public, sizeof hosts->public, "%s/public.pem", hosts->dir);
	(void)snprintf(hosts->other, sizeof hosts->other, "%s/other.pem", hosts->dir);
	(void)snprintf(unused, sizeof unused, "%s/unused.pem", hosts->dir);
	put_keys(hosts->private, hosts->public);
	put_keys(unused, hosts->other);
	(void)snprintf(more, sizeof more, ", sign_key_file: %s", hosts->private);
	configure(hosts, hosts->here, "a", more);
	(void)snprintf(more, sizeof more, ", trust_key_file: %s", hosts->public);
	configure(hosts, hosts->there, "b", more);
}

static void hosts_drop(const struct hosts *hosts)
{
	static const char *const names[] = {
		"a/bugs.bmo.table", "a/bugs.key", "a/bugs.lock", "b/bugs.bmo.table", "b/bugs.key", "b/bugs.lock",
		"here.yml",         "there.yml",  "dump",        "private.pem",      "public.pem", "other.pem",
		"unused.pem"};
	char path[192];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", hosts->dir, names[i]);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof path, "%s/a", hosts->dir);
	ck_assert_int_eq(rmdir(path), 0);
	(void)snprintf(path, sizeof path, "%s/b", hosts->dir);
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(rmdir(hosts->dir), 0);
}

/* words: up to the first NULL; "-c" and the configuration come after them. */
static void say(const char *config, const char *const *words, const char *input, const struct http_port *http,
		struct said *said)
{
	char copies[12][256], *argv[14];
	struct console console = {.http = http};
	int argc = 0;

	*said = (struct said){.code = -1};
	(void)snprintf(copies[argc], 256, "headgate");
	argv[argc] = copies[argc];
	for (argc = 1; words[argc - 1]; argc++) {
		(void)snprintf(copies[argc], 256, "%s", words[argc - 1]);
		argv[argc] = copies[argc];
	}
	(void)snprintf(copies[argc], 256, "--config=%s", config);
	argv[argc] = copies[argc];
	argv[++argc] = NULL;
	console.in = tmpfile();
	ck_assert(console.in && fputs(input, console.in) >= 0);
	rewind(console.in);
	console.out = fmemopen(said->out, sizeof said->out, "w");
	console.err = fmemopen(said->err, sizeof said->err, "w");
	said->code = command_main(command_table(), argc, argv, &console);
	(void)fclose(console.in);
	(void)fclose(console.out);
	(void)fclose(console.err);
}
#define SAY(config, input, said, ...) say(config, (const char *const[]){"bugs", __VA_ARGS__, NULL}, input, NULL, said)

static enum table_state state_there(const struct hosts *hosts, int64_t id)
{
	char table[192], key[192];
	enum table_state state = TABLE_UNKNOWN;
	struct table_file file;

	(void)snprintf(table, sizeof table, "%s/b/bugs.bmo.table", hosts->dir);
	(void)snprintf(key, sizeof key, "%s/b/bugs.key", hosts->dir);
	if (table_file_open(&file, table, key)) {
		ck_assert(table_file_state(&file, id, &state));
		table_file_close(&file);
	}
	return state;
}

/* A dump of bug 7 by host `here`, signed. */
static void export_here(const struct hosts *hosts, const char *approved, struct said *said)
{
	char line[128];

	(void)snprintf(line, sizeof line, "{\"id\":7,\"secure\":true,\"approved\":%s}\n", approved);
	put(hosts->file, line);
	SAY(hosts->here, "", said, "import", hosts->file);
	ck_assert_msg(said->code == 0, "%s", said->err);
	SAY(hosts->here, "", said, "export", "--sign");
	ck_assert_msg(said->code == 0, "%s", said->err);
}

START_TEST(a_signed_table_reaches_another_host)
{
	static struct said dump, said;
	struct hosts hosts;

	hosts_make(&hosts);
	export_here(&hosts, "false", &dump);
	SAY(hosts.there, dump.out, &said, "pull", "-");
	ck_assert_msg(said.code == 0 && strstr(said.out, "1 changed"), "%s%s", said.out, said.err);
	ck_assert_int_eq(state_there(&hosts, 7), TABLE_SECURE);
	SAY(hosts.there, dump.out, &said, "pull", "-");
	ck_assert_msg(said.code == 0 && strstr(said.out, "no newer table"), "%s%s", said.out, said.err);
	hosts_drop(&hosts);
}
END_TEST

/* The lock is the child's until that ends. */
static pid_t held_by_another(const struct hosts *hosts, unsigned ms)
{
	char path[192];
	pid_t child;
	int fd;

	(void)snprintf(path, sizeof path, "%s/a/bugs.lock", hosts->dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ck_assert(fd >= 0 && flock(fd, LOCK_EX) == 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		(void)usleep(ms * 1000);
		_exit(0);
	}
	ck_assert_int_eq(close(fd), 0);
	return child;
}

START_TEST(a_command_says_what_it_waits_for_and_saves_when_the_other_is_done)
{
	static struct said said;
	struct hosts hosts;
	pid_t other;

	hosts_make(&hosts);
	put(hosts.file, "[7]");
	other = held_by_another(&hosts, 1600);
	SAY(hosts.here, "", &said, "import", hosts.file);
	ck_assert_msg(said.code == 0 && strstr(said.out, "1 changed"), "%s%s", said.out, said.err);
	ck_assert_msg(strstr(said.err, "bugs.lock: another process") && strstr(said.err, "waiting for it"), "%s",
		      said.err);
	ck_assert_int_eq(waitpid(other, NULL, 0), other);
	hosts_drop(&hosts);
}
END_TEST

START_TEST(an_older_table_with_a_good_signature_is_refused)
{
	static struct said old, fresh, said;
	struct hosts hosts;

	hosts_make(&hosts);
	export_here(&hosts, "true", &old);
	(void)usleep(5000);
	export_here(&hosts, "false", &fresh);
	SAY(hosts.there, fresh.out, &said, "pull", "-");
	ck_assert_msg(said.code == 0, "%s", said.err);
	SAY(hosts.there, old.out, &said, "pull", "-");
	ck_assert_msg(said.code == 1 && strstr(said.err, "older than the table that is here"), "%s", said.err);
	ck_assert_int_eq(state_there(&hosts, 7), TABLE_SECURE);
	hosts_drop(&hosts);
}
END_TEST

static void unsigned_one(const struct hosts *hosts, struct said *dump)
{
	SAY(hosts->here, "", dump, "export");
}
static void changed(const struct hosts *hosts, struct said *dump)
{
	char *at = strstr(dump->out, "\"approved\":false");

	(void)hosts;
	ck_assert_ptr_nonnull(at);
	memcpy(at, "\"approved\":true ", 16);
}
static void by_another(const struct hosts *hosts, struct said *dump)
{
	char key[192];

	(void)snprintf(key, sizeof key, "%s/unused.pem", hosts->dir);
	SAY(hosts->here, "", dump, "export", "--key", key);
}
static void of_another_tracker(const struct hosts *hosts, struct said *dump)
{
	char text[512];

	(void)snprintf(text, sizeof text,
		       "state_dir: %s/a\ntrackers:\n  - {name: bmp, source: table, sign_key_file: %s}\n", hosts->dir,
		       hosts->private);
	put(hosts->here, text);
	SAY(hosts->here, "[7]", dump, "import", "-", "--dated", "2026-01-01T00:00:00Z");
	SAY(hosts->here, "", dump, "export", "--sign");
	(void)snprintf(text, sizeof text, "%s/a/bugs.bmp.table", hosts->dir);
	(void)unlink(text);
}
static void cut(const struct hosts *hosts, struct said *dump)
{
	(void)hosts;
	*strstr(dump->out, "{\"lines\"") = '\0';
}
static void nothing(const struct hosts *hosts, struct said *dump)
{
	(void)hosts;
	dump->out[0] = '\0';
}
static void a_bare_list(const struct hosts *hosts, struct said *dump)
{
	(void)hosts;
	(void)snprintf(dump->out, sizeof dump->out, "[7]\n");
}

static const struct {
	void (*spoil)(const struct hosts *hosts, struct said *dump);
	const char *why;
} spoilt[] = {
	{unsigned_one, "it is not signed"},
	{changed, "the signature does not hold"},
	{by_another, "the signature does not hold"},
	{of_another_tracker, "the table is of another tracker"},
	{cut, "the end is missing"},
	{nothing, "empty"},
	{a_bare_list, "it is not signed"},
};

START_TEST(what_is_not_signed_whole_and_ours_is_not_pulled)
{
	static struct said dump, said;
	struct hosts hosts;

	hosts_make(&hosts);
	export_here(&hosts, "false", &dump);
	spoilt[_i].spoil(&hosts, &dump);
	SAY(hosts.there, dump.out, &said, "pull", "-");
	ck_assert_msg(said.code == 1 && strstr(said.err, spoilt[_i].why), "%s%s", said.out, said.err);
	ck_assert_int_eq(state_there(&hosts, 7), TABLE_UNKNOWN);
	hosts_drop(&hosts);
}
END_TEST

START_TEST(whom_to_trust_must_be_said_and_a_flag_wins)
{
	static struct said dump, said;
	struct hosts hosts;

	hosts_make(&hosts);
	export_here(&hosts, "false", &dump);
	SAY(hosts.here, dump.out, &said, "pull", "-");
	ck_assert_msg(said.code == 1 && strstr(said.err, "whom to trust?"), "%s", said.err);
	SAY(hosts.there, dump.out, &said, "pull", "-", "--key", hosts.other);
	ck_assert_msg(said.code == 1 && strstr(said.err, "the signature does not hold"), "%s", said.err);
	SAY(hosts.there, dump.out, &said, "pull", "-", "--key", hosts.file);
	ck_assert_msg(said.code == 1 && strstr(said.err, "no public Ed25519 key"), "%s", said.err);
	ck_assert_int_eq(state_there(&hosts, 7), TABLE_UNKNOWN);
	SAY(hosts.there, "", &said, "export", "--sign");
	ck_assert_int_eq(said.code, 1);
	SAY(hosts.here, "", &said, "export", "--key", hosts.public);
	ck_assert_msg(said.code == 78 && strstr(said.err, "no private Ed25519 key"), "%s", said.err);
	hosts_drop(&hosts);
}
END_TEST

START_TEST(a_stale_table_is_said_to_be_and_is_not_pulled)
{
	static struct said dump, said;
	struct hosts hosts;

	hosts_make(&hosts);
	SAY(hosts.here, "[7]", &said, "import", "-", "--dated", "2026-01-01T00:00:00Z");
	ck_assert_msg(said.code == 0, "%s", said.err);
	SAY(hosts.here, "", &said, "show");
	ck_assert_msg(said.code == 1 && strstr(said.out, "bmo: 0 not secure, 1 secure, of these 0 approved") &&
			      strstr(said.out, ": stale"),
		      "%s%s", said.out, said.err);
	SAY(hosts.here, "", &dump, "export", "--sign");
	SAY(hosts.there, dump.out, &said, "pull", "-");
	ck_assert_msg(said.code == 1 && strstr(said.err, "it is stale"), "%s", said.err);
	hosts_drop(&hosts);
}
END_TEST

/* What it does not name was not secure, or approved, long ago. Where it names all that is known so it may be all. */
START_TEST(a_list_that_need_not_be_whole_makes_no_other_bug_younger)
{
	static const char *const olds[] = {"[7]", "[{\"id\":7,\"secure\":true,\"approved\":true}]", "[8]"};
	static struct said said;
	struct hosts hosts;

	for (size_t i = 0; i < sizeof olds / sizeof olds[0]; i++) {
		hosts_make(&hosts);
		if (i == 0)
			SAY(hosts.here, olds[i], &said, "import", "-", "--dated", "2026-01-01T00:00:00Z", "--complete",
			    "9");
		else
			SAY(hosts.here, olds[i], &said, "import", "-", "--dated", "2026-01-01T00:00:00Z");
		ck_assert_msg(said.code == 0, "%s", said.err);
		put(hosts.file, "[5]");
		SAY(hosts.here, "", &said, "import", hosts.file);
		ck_assert_msg(said.code == 0 && !strstr(said.err, "keeps its date") == (i == 2), "%s", said.err);
		SAY(hosts.here, "", &said, "show");
		ck_assert_msg(said.code == (i < 2), "%s%s", said.out, said.err);
		SAY(hosts.here, "", &said, "import", hosts.file, "--complete", "9");
		SAY(hosts.here, "", &said, "show");
		ck_assert_msg(said.code == 0, "%s%s", said.out, said.err);
		hosts_drop(&hosts);
	}
}
END_TEST

/* The file was written while this host's clock was two hours ahead. */
START_TEST(a_table_of_a_clock_that_was_ahead_is_stale_and_takes_in_what_comes)
{
	const int64_t then = (int64_t)time(NULL) * 1000 + 7200000;
	struct bug_table *table = bug_table_new(3600000);
	struct table_store store = {TEXT_EMPTY, TEXT_LIT("bmo")};
	static struct said said;
	struct hosts hosts;
	struct err err = ERR_NONE;
	char state[192];

	hosts_make(&hosts);
	(void)snprintf(state, sizeof state, "%s/a", hosts.dir);
	store.dir = text_of(state);
	(void)bug_table_tell(table, 7, TABLE_INSECURE, then);
	bug_table_date(table, then);
	ck_assert_msg(table_store_save(&store, table, &err), "%s", err.text);
	bug_table_free(table);
	SAY(hosts.here, "", &said, "show");
	ck_assert_msg(said.code == 1 && strstr(said.out, "stale"), "%s%s", said.out, said.err);
	put(hosts.file, "[7]");
	SAY(hosts.here, "", &said, "import", hosts.file, "--complete", "9");
	ck_assert_msg(said.code == 0 && strstr(said.out, "9 changed"), "%s%s", said.out, said.err);
	SAY(hosts.here, "", &said, "show");
	ck_assert_msg(said.code == 0 && strstr(said.out, "8 not secure, 1 secure"), "%s%s", said.out, said.err);
	hosts_drop(&hosts);
}
END_TEST

static void read_by(const struct hosts *hosts, const char *url, const char *keywords)
{
	char text[512];

	(void)snprintf(text, sizeof text,
		       "state_dir: %s/a\ntrackers:\n  - {name: bmo, url: 'https://%s.example.test', keywords: [%s]}\n",
		       hosts->dir, url, keywords);
	put(hosts->here, text);
}

/* The configuration has another keyword, or names another tracker, since the table was kept. */
START_TEST(a_table_that_was_kept_by_other_rules_is_stale)
{
	static const char *const now[][2] = {{"bugs", "sec-high, csectype-sandbox-escape"}, {"other", "sec-high"}};
	static struct said said;
	struct hosts hosts;

	for (size_t i = 0; i < sizeof now / sizeof now[0]; i++) {
		hosts_make(&hosts);
		read_by(&hosts, "bugs", "sec-high");
		put(hosts.file, "[7]");
		SAY(hosts.here, "", &said, "import", hosts.file, "--complete", "9");
		ck_assert_msg(said.code == 0, "%s", said.err);
		SAY(hosts.here, "", &said, "show");
		ck_assert_msg(said.code == 0, "%s%s", said.out, said.err);
		read_by(&hosts, now[i][0], now[i][1]);
		SAY(hosts.here, "", &said, "show");
		ck_assert_msg(said.code == 1 && strstr(said.out, "stale"), "%s%s", said.out, said.err);
		hosts_drop(&hosts);
	}
}
END_TEST

START_TEST(show_counts_and_names_no_bug)
{
	static struct said said;
	struct hosts hosts;

	hosts_make(&hosts);
	SAY(hosts.here, "", &said, "show");
	ck_assert_int_eq(said.code, 1);
	put(hosts.file, "[7654321, {\"id\":5555,\"secure\":true,\"approved\":true}]");
	SAY(hosts.here, "", &said, "import", hosts.file, "--complete", "6000");
	ck_assert_msg(said.code == 0 && strstr(said.out, "6001 changed"), "%s%s", said.out, said.err);
	SAY(hosts.here, "", &said, "show", "--json");
	ck_assert_msg(said.code == 0 && strstr(said.out, "\"insecure\":5999,\"secure\":2,\"approved\":1"), "%s",
		      said.out);
	ck_assert(strstr(said.out, "\"stale\":false") && !strstr(said.out, "7654321") && !strstr(said.out, "5555"));
	SAY(hosts.here, "", &said, "show");
	ck_assert_msg(said.code == 0 && strstr(said.out, " min ago\n"), "%s", said.out);
	hosts_drop(&hosts);
}
END_TEST

static const struct {
	const char *input, *words[4], *problem;
	int code;
} wrong[] = {
	{"[1", {"import", "-"}, "malformed JSON", 2},
	{"1\nx\n", {"import", "-"}, "line 2: neither", 2},
	{"[1]", {"import", "-"}, "of which time is it?", 2},
	{"[1]", {"import", "-", "--dated", "today"}, "--dated is a time", 2},
	{"[1]", {"import", "-", "--dated", "2999-01-01T00:00:00Z"}, "in the future", 2},
	{"[1]", {"import", "-", "--complete", "0"}, "--complete is a number", 2},
	{"[1]", {"import", "-", "--complete", "4194304"}, "--complete is a number", 2},
	{"", {"import", "/nonexistent"}, "No such file", 2},
	{"{\"format\":\"headgate-bugs-1\",\"tracker\":\"gh\",\"dated\":\"2026-01-01T00:00:00Z\"}\n{\"lines\":0}\n",
	 {"import", "-"},
	 "the dump is of another tracker",
	 1},
	{"", {"show", "--tracker", "gh"}, "no tracker of that name", 2},
	{"", {"pull", "ftp://x/y"}, "expected an https:// URL", 1},
	{"", {"export"}, "refused: absent", 1},
};

START_TEST(what_is_wrong_is_said_and_changes_nothing)
{
	static struct said said;
	struct hosts hosts;
	char table[192];

	hosts_make(&hosts);
	say(hosts.here,
	    (const char *const[]){"bugs", wrong[_i].words[0], wrong[_i].words[1] ? wrong[_i].words[1] : NULL,
				  wrong[_i].words[2], wrong[_i].words[3], NULL},
	    wrong[_i].input, NULL, &said);
	ck_assert_msg(said.code == wrong[_i].code && strstr(said.err, wrong[_i].problem), "%d: %s", said.code,
		      said.err);
	(void)snprintf(table, sizeof table, "%s/a/bugs.bmo.table", hosts.dir);
	ck_assert_int_ne(access(table, F_OK), 0);
	hosts_drop(&hosts);
}
END_TEST

struct far {
	unsigned status;
	const char *body;
	char url[128];
};

static enum err_code answer(void *self, const struct http_request *in, struct http_answer *out, struct err *err)
{
	struct far *far = self;

	(void)err;
	(void)snprintf(far->url, sizeof far->url, "%.*s", TEXT_ARG(in->url));
	*out = (struct http_answer){.status = far->status, .body = text_of(far->body)};
	return ERR_OK;
}

START_TEST(a_table_is_fetched_by_https_and_only_a_200_counts)
{
	static struct said dump, said;
	struct hosts hosts;
	struct far far = {.status = 200};
	struct http_port port = {&far, answer};
	const char *const words[] = {"bugs", "pull", "https://gate.example.org/bmo.dump", NULL};

	hosts_make(&hosts);
	export_here(&hosts, "false", &dump);
	far.body = dump.out;
	far.status = 302;
	say(hosts.there, words, "", &port, &said);
	ck_assert_msg(said.code == 1 && strstr(said.err, "answered 302"), "%s", said.err);
	ck_assert_int_eq(state_there(&hosts, 7), TABLE_UNKNOWN);
	far.status = 200;
	say(hosts.there, words, "", &port, &said);
	ck_assert_msg(said.code == 0, "%s", said.err);
	ck_assert_str_eq(far.url, words[2]);
	ck_assert_int_eq(state_there(&hosts, 7), TABLE_SECURE);
	hosts_drop(&hosts);
}
END_TEST

START_TEST(a_damaged_table_is_named_and_an_import_begins_anew)
{
	static struct said said;
	struct hosts hosts;
	char table[192];

	hosts_make(&hosts);
	(void)snprintf(table, sizeof table, "%s/a/bugs.bmo.table", hosts.dir);
	put(hosts.file, "[7]");
	put(table, "torn");
	SAY(hosts.here, "", &said, "show");
	ck_assert_msg(said.code == 1 && strstr(said.err, "refused: "), "%s", said.err);
	SAY(hosts.here, "", &said, "import", hosts.file);
	ck_assert_msg(said.code == 0 && strstr(said.err, "refused: ") && strstr(said.out, "1 changed"), "%s%s",
		      said.out, said.err);
	SAY(hosts.here, "", &said, "show");
	ck_assert_msg(said.code == 0, "%s", said.err);
	hosts_drop(&hosts);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_signed_table_reaches_another_host),
	SUITE_TEST(a_command_says_what_it_waits_for_and_saves_when_the_other_is_done),
	SUITE_TEST(an_older_table_with_a_good_signature_is_refused),
	SUITE_ROWS(what_is_not_signed_whole_and_ours_is_not_pulled, spoilt),
	SUITE_TEST(whom_to_trust_must_be_said_and_a_flag_wins),
	SUITE_TEST(a_stale_table_is_said_to_be_and_is_not_pulled),
	SUITE_TEST(a_list_that_need_not_be_whole_makes_no_other_bug_younger),
	SUITE_TEST(a_table_that_was_kept_by_other_rules_is_stale),
	SUITE_TEST(a_table_of_a_clock_that_was_ahead_is_stale_and_takes_in_what_comes),
	SUITE_TEST(show_counts_and_names_no_bug),
	SUITE_ROWS(what_is_wrong_is_said_and_changes_nothing, wrong),
	SUITE_TEST(a_table_is_fetched_by_https_and_only_a_200_counts),
	SUITE_TEST(a_damaged_table_is_named_and_an_import_begins_anew),
	SUITE_END,
};

SUITE_MAIN(tests)
