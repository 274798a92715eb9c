/*
 * Words that nobody may read are planted in what a tracker delivers, and looked for where the server leaves anything:
 * its log, its state, its environment and command line, its pages and its memory. A tracker's key and the secret of its
 * webhooks live in memory alone, since they are used; of a bug nothing lives anywhere but what is derived from it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

#define WORD(name) "c4nary-" name "-9f2e7"
#define N(list)    (sizeof(list) / sizeof(list)[0])

static const char *const said[] = {WORD("summary"), WORD("comment"), WORD("keyword"), WORD("group"), WORD("person"),
				   WORD("flag"),    WORD("file"),    WORD("route"),   WORD("broken")};
static const char *const keys[] = {WORD("tracker-key"), WORD("webhook-secret"), WORD("guessed-secret")};

/* ---- looking ---- */

struct words {
	const char *const *at;
	size_t n;
};

static void look_in(const struct words *words, const void *at, size_t n, const char *where)
{
	for (size_t i = 0; i < words->n; i++)
		ck_assert_msg(!memmem(at, n, words->at[i], strlen(words->at[i])), "%s holds %s", where, words->at[i]);
}

/* Whatever of it can be read. */
static size_t look_in_file(const struct words *words, const char *path)
{
	size_t room = 1 << 16, n = 0, got;
	char *bytes = malloc(room);
	FILE *file = fopen(path, "rb");

	ck_assert_msg(file != NULL && bytes != NULL, "%s", path);
	while ((got = fread(bytes + n, 1, room - n, file)) > 0) {
		n += got;
		if (n == room)
			bytes = realloc(bytes, room *= 2);
		ck_assert_ptr_nonnull(bytes);
	}
	(void)fclose(file);
	look_in(words, bytes, n, path);
	free(bytes);
	return n;
}

static size_t look_in_folder(const struct words *words, const char *path) /* as deep as a mirror is */
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	size_t n = 0;

	ck_assert_msg(dir != NULL, "%s", path);
	while ((entry = readdir(dir)) != NULL) {
		char name[768];
		struct stat st;

		(void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || lstat(name, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode))
			n += look_in_folder(words, name);
		else if (S_ISREG(st.st_mode))
			n += look_in_file(words, name);
	}
	(void)closedir(dir);
	return n;
}

static size_t look_in_range(const struct words *words, int mem, unsigned long from, unsigned long upto,
			    const char *line)
{
	size_t n = upto - from;
	char *bytes = malloc(n);
	ssize_t got = bytes ? pread(mem, bytes, n, (off_t)from) : -1;

	if (got > 0)
		look_in(words, bytes, (size_t)got, line);
	free(bytes);
	return got > 0 ? (size_t)got : 0;
}

/* What a core image would hold, and more: each range that can be read. */
static size_t look_in_memory(const struct words *words, pid_t pid)
{
	char path[64], line[512];
	FILE *maps;
	int mem;
	size_t n = 0;

	(void)snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	(void)snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
	maps = fopen(path, "r");
	ck_assert(mem >= 0 && maps != NULL);
	while (fgets(line, sizeof line, maps)) {
		char *end;
		unsigned long from = strtoul(line, &end, 16), upto = strtoul(end + 1, &end, 16);

		if (end[1] == 'r' && upto - from < (1ul << 30)) /* larger: a sanitizer's shadow */
			n += look_in_range(words, mem, from, upto, line);
	}
	(void)fclose(maps);
	(void)close(mem);
	return n;
}

/* ---- what is planted ---- */

static char folder[64];

static void plant_file(const char *name, const char *bytes)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fchmod(fileno(file), 0600), 0);
	ck_assert_int_ge(fprintf(file, "%s\n", bytes), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void uproot(void)
{
	static const char *const names[] = {"key", "hook"};
	char path[128];

	for (size_t i = 0; i < N(names); i++) {
		(void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

#define BUG                                                                                                                                                                                                                                                                         \
	"{\"id\":4711,\"is_private\":true,\"summary\":\"" WORD("summary") "\",\"alias\":\"" WORD(                                                                                                                                                                                   \
		"summary") "\","                                                                                                                                                                                                                                                    \
			   "\"whiteboard\":\"" WORD("comment") "\",\"keywords\":[\"" WORD(                                                                                                                                                                                          \
				   "keyword") "\"],\"groups\":"                                                                                                                                                                                                                     \
					      "[\"" WORD(                                                                                                                                                                                                                           \
						      "grou"                                                                                                                                                                                                                        \
						      "p") "\"],\"creator\":{\"login\":\"" WORD("person") "@example."                                                                                                                                                               \
													  "org\","                                                                                                                                                                  \
													  "\"real_"                                                                                                                                                                 \
													  "name\":"                                                                                                                                                                 \
													  "\"" WORD(                                                                                                                                                                \
														  "pe"                                                                                                                                                              \
														  "rs"                                                                                                                                                              \
														  "o"                                                                                                                                                               \
														  "n") "\"},"                                                                                                                                                       \
														       "\"flags\":[{\"name\":\"" WORD("flag") "\",\"value\":\"+\"}],\"comment\":{\"body\":\"" WORD("comment") "\"},\"attachment\":{\"id\":9,\"file_name\":\"" WORD( \
															       "file") "\",\"description\":\"" WORD("summary") "\"}}"
#define EVENT(key)                                                                                                     \
	"\"event\":{\"action\":\"modify\",\"target\":\"bug\",\"routing_key\":\"" key "\",\"change_set\":\"1.2\","      \
	"\"user\":{\"id\":5,\"login\":\"" WORD("person") "@example.org\"},\"changes\":[{\"field\":\"keywords\","       \
							 "\"removed\":\"\",\"added\":\"" WORD(                         \
								 "keyword") "\"}],\"time\":\"2026-11-22T10:00:00\"}"
#define RIGHT "Authorization: Token " WORD("webhook-secret")
#define WRONG "Authorization: Token " WORD("guessed-secret")

static const struct {
	const char *header, *body;
	long status;
} deliveries[] = {
	{WRONG, "{\"webhook_id\":1,\"bug\":" BUG "}", 401},
	{RIGHT,
	 "{\"webhook_id\":1,\"webhook_name\":\"" WORD("summary") "\",\"bug\":" BUG "," EVENT("bug.modify:keywords") "}",
	 202},
	{RIGHT, "{\"webhook_id\":1,\"bug\":{\"id\":\"" WORD("broken") "\\u0021\"}," EVENT("bug.create") "}", 202},
	{RIGHT, "{\"webhook_id\":1,\"bug\":" BUG ",\"" WORD("broken") "\"", 400},
	{RIGHT, "{\"" WORD("broken") "\":1,\"" WORD("broken") "\":2}", 202},
	{RIGHT, "{\"webhook_id\":1,\"bug\":" BUG "," EVENT("bug.modify:" WORD("route") "\\u0021") "}", 202},
};

static void deliver(struct gate *gate)
{
	char url[128];

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/webhooks/bugzilla/bmo", gate->rig.port);
	for (size_t i = 0; i < N(deliveries); i++) {
		const char *const headers[] = {"Content-Type: application/json", deliveries[i].header, NULL};
		const struct rig_request request = {.method = "POST",
						    .url = url,
						    .headers = headers,
						    .body = deliveries[i].body,
						    .len = strlen(deliveries[i].body)};
		struct rig_reply reply = {0};

		ck_assert(rig_http(&request, &reply));
		ck_assert_msg(reply.status == deliveries[i].status, "delivery %zu: %ld %s", i, reply.status,
			      reply.body);
		look_in(&(struct words){said, N(said)}, reply.body, reply.len, "an answer");
		look_in(&(struct words){keys, N(keys)}, reply.body, reply.len, "an answer");
		rig_reply_clear(&reply);
	}
}

/* Whoever delivers ends the connection within the body. */
static void break_off(struct gate *gate)
{
	static const char text[] = "POST /webhooks/bugzilla/bmo HTTP/1.1\r\nHost: x\r\n" RIGHT
				   "\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{\"bug\":" BUG;
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)gate->rig.port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
	ck_assert_int_eq(write(fd, text, sizeof text - 1), (ssize_t)sizeof text - 1);
	rig_sleep(200); /* it was read */
	ck_assert_int_eq(close(fd), 0);
	rig_sleep(200); /* and its end, too */
}

static void failed(struct rig *rig, const char *why)
{
	(void)rig;
	ck_abort_msg("%s", why);
}

static void begin(struct gate *gate)
{
	char config[512];
	struct rig_plan plan = {.failed = failed, .config = config};

	(void)snprintf(folder, sizeof folder, "/tmp/headgate-canary-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	plant_file("key", WORD("tracker-key"));
	plant_file("hook", "Token " WORD("webhook-secret"));
	(void)snprintf(config, sizeof config,
		       "log:\n  level: debug\ntrackers:\n  - name: bmo\n    url: http://127.0.0.1:1\n"
		       "    key_file: %s/key\n    webhook_secret_file: %s/hook\n",
		       folder, folder);
	*gate = (struct gate){.pushes = 0};
	ck_assert(rig_start(&gate->rig, &plan));
	json_decref(rig_act(&gate->rig, "permission", "acme", "{\"login\":\"alice\",\"role\":\"write\"}"));
	gate_open(gate);
}

static void look_everywhere(struct gate *gate)
{
	static const char *const forms[] = {"", ".json", ".txt"}, *const faces[] = {"environ", "cmdline"};
	const struct words none_of[] = {{said, N(said)}, {keys, N(keys)}};
	char path[256];

	for (size_t i = 0; i < N(none_of); i++) {
		(void)snprintf(path, sizeof path, "%s/state", gate->rig.dir);
		ck_assert_uint_gt(look_in_folder(&none_of[i], path), 10000);
		(void)snprintf(path, sizeof path, "%s/agent.log", gate->rig.dir);
		ck_assert_uint_gt(look_in_file(&none_of[i], path), 100);
		for (size_t k = 0; k < N(faces); k++) {
			(void)snprintf(path, sizeof path, "/proc/%d/%s", (int)gate->rig.agent, faces[k]);
			ck_assert_uint_gt(look_in_file(&none_of[i], path), 10);
		}
		for (size_t k = 0; k < N(forms); k++) {
			struct rig_reply reply = {0};

			(void)snprintf(path, sizeof path, "/acme/app/c/%s%s", gate->head, forms[k]);
			ck_assert(rig_page(&gate->rig, path, &reply));
			look_in(&none_of[i], reply.body, reply.len, path);
			rig_reply_clear(&reply);
		}
	}
}

START_TEST(nothing_that_a_tracker_says_is_left_anywhere)
{
	struct gate gate;

	begin(&gate);
	deliver(&gate);
	break_off(&gate);
	look_in_memory(&(struct words){said, N(said)}, gate.rig.agent); /* before anything else can lie over it */
	gate_wait_rows(&gate, "journal", "source = 'bugzilla'", 4);
	ck_assert(rig_settle(&gate.rig, 300));
	look_everywhere(&gate);
	ck_assert_uint_gt(look_in_memory(&(struct words){said, N(said)}, gate.rig.agent), 1 << 20);
	gate_end(&gate);
	uproot();
}
END_TEST

/* ---- what is read from a tracker ---- */

static const char policy[] =
	"policy: {approval: [reviewed, cleared]}\napproval_rules:\n"
	"  - {name: reviewed, requires: {count: 1, permissions: [write]}}\n"
	"  - {name: cleared, requires: {conditions: {bugs: {every: {any_of: [{keywords: {none_of: [sec-critical]}}, "
	"{attachment_flag: {name: sec-approval, status: '+', by: {groups: [core-security]}}}]}}}}}\n";

/* Derived facts: they may be kept with a verdict, and are told to nobody. */
static const char *const facts[] = {"sec-critical", "core-security", "sec-approval", "4711"};

static json_int_t act(struct gate *gate, const char *what, const char *who, const char *members)
{
	json_t *answer = rig_act(&gate->rig, what, who, "%s", members);
	json_int_t id = json_integer_value(json_object_get(answer, "id"));

	json_decref(answer);
	return id;
}

/* An allocator writes over the beginning of what is freed. */
#define DEV "one.who.sets.flags." WORD("person") "@tracker.test"

static void people(struct gate *gate)
{
	(void)act(gate, "account", DEV,
		  "{\"login\":\"bot@tracker.test\",\"groups\":[\"core-security\"],\"key\":\"" WORD(
			  "tracker-key") "\",\"insider\":true}");
	(void)act(gate, "account", DEV, "{\"login\":\"" DEV "\",\"key\":\"DEVKEY\"}");
}

static void report(struct gate *gate)
{
	char members[512];
	json_int_t bug;

	(void)act(gate, "bug", DEV,
		  "{\"bug\":4711,\"summary\":\"" WORD(
			  "summary") "\",\"groups\":[\"core-security\"],"
				     "\"keywords\":[\"sec-critical\"],\"whiteboard\":\"" WORD("comment") "\"}");
	(void)act(gate, "bug", DEV,
		  "{\"bug\":4712345,\"summary\":\"" WORD(
			  "summary") "\",\"groups\":[\"core-security\"],\"keywords\":[\"sec-critical\"]}");
	bug = 4711;
	(void)snprintf(members, sizeof members,
		       "{\"bug\":%lld,\"summary\":\"" WORD("summary") "\",\"file_name\":\"" WORD(
			       "file") "\",\"flags\":[{\"name\":\"sec-approval\",\"status\":\"?\"}]}",
		       (long long)bug);
	for (int i = 0; i < 60; i++) /* enough for a buffer to grow */
		(void)act(gate, "attachment", DEV, members);
}

static void begin_with_tracker(struct gate *gate)
{
	static char config[768];
	struct rig *rig = &gate->rig;
	struct rig_plan plan = {.failed = failed, .no_agent = true};
	json_t *text = json_string(policy);
	char *quoted = json_dumps(text, JSON_ENCODE_ANY);

	(void)snprintf(folder, sizeof folder, "/tmp/headgate-canary-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	plant_file("key", WORD("tracker-key"));
	plant_file("hook", "Token " WORD("webhook-secret"));
	*gate = (struct gate){.pushes = 0};
	ck_assert(rig_start(rig, &plan));
	(void)snprintf(config, sizeof config,
		       "log:\n  level: debug\nbugs: {tick: 2s}\ntrackers:\n  - name: bmo\n    url: %s/bugzilla-bmo\n"
		       "    key_file: %s/key\n    webhook_secret_file: %s/hook\n",
		       rig->world_url, folder, folder);
	rig->plan.config = config;
	people(gate);
	report(gate);
	ck_assert(rig_agent_start(rig));
	(void)act(gate, "permission", "acme", "{\"login\":\"alice\",\"role\":\"write\"}");
	(void)act(gate, "permission", "acme", "{\"login\":\"bob\",\"role\":\"write\"}");
	json_decref(rig_act(rig, "policy", "acme", "{\"text\":%s}", quoted));
	json_decref(text);
	free(quoted);
}

static void open_for_the_bug(struct gate *gate)
{
	json_t *answer;

	(void)act(gate, "push", "alice",
		  "{\"branch\":\"topic\",\"files\":{\"a.txt\":\"1\\n\"},\"message\":\"Bug 4711 - a fix\"}");
	answer = rig_act(&gate->rig, "open", "alice", "{\"head\":\"topic\",\"base\":\"main\",\"title\":\"A fix\"}");
	(void)snprintf(gate->head, sizeof gate->head, "%s", gate_str(answer, "head"));
	json_decref(answer);
	gate->fresh = true;
	gate_approve(gate, "bob");
}

/* Nobody but headgate's user may open what it keeps, and what is in there lists no secure bug but those that commits
 * named: of 4712345 nothing is written as a number that can be read. */
static void look_at_modes(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	ck_assert_msg(dir != NULL, "%s", path);
	while ((entry = readdir(dir)) != NULL) {
		char name[768];
		struct stat st;

		(void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || lstat(name, &st) != 0)
			continue;
		ck_assert_msg((st.st_mode & 077) == 0 && st.st_uid == geteuid(), "%s: %o", name, st.st_mode);
		if (S_ISDIR(st.st_mode))
			look_at_modes(name);
	}
	(void)closedir(dir);
}

static void look_at_what_is_kept(struct gate *gate)
{
	static const char *const unnamed[] = {"4712345"};
	char path[128];

	(void)snprintf(path, sizeof path, "%s/state", gate->rig.dir);
	look_at_modes(path);
	(void)look_in_folder(&(struct words){unnamed, N(unnamed)}, path);
	(void)snprintf(path, sizeof path, "%s/agent.log", gate->rig.dir);
	(void)look_in_file(&(struct words){unnamed, N(unnamed)}, path);
	ck_assert_int_eq(gate_rows(gate, "bug_news", "bug = 4712345"), 0);
	ck_assert_int_eq(gate_rows(gate, "bug_link", "bug = 4712345"), 0);
}

static void look_in_page(struct gate *gate)
{
	static const char *const forms[] = {"", ".json", ".txt"};

	for (size_t k = 0; k < N(forms); k++) {
		struct rig_reply reply = {0};
		char path[128];

		(void)snprintf(path, sizeof path, "/acme/app/c/%s%s", gate->head, forms[k]);
		ck_assert(rig_page(&gate->rig, path, &reply));
		look_in(&(struct words){facts, N(facts)}, reply.body, reply.len, path);
		rig_reply_clear(&reply);
	}
}

/* Else it would be no wonder that nothing is found. */
static void knows_the_secure_ones(struct gate *gate)
{
	char config[128];
	const char *words[] = {"bugs", "show", "-c", config, NULL};
	int64_t until = rig_now() + RIG_WAIT_MS;
	bool found = false;

	(void)snprintf(config, sizeof config, "%s/headgate.yml", gate->rig.dir);
	while (!found && rig_now() < until) {
		char *out;

		(void)rig_run(&gate->rig, words);
		out = rig_file(&gate->rig, "out.txt");
		found = strstr(out, "secure 2") || strstr(out, "2 secure");
		if (!found && rig_now() + 500 >= until)
			ck_abort_msg("%s", out);
		free(out);
		rig_sleep(200);
	}
	ck_assert(found);
}

START_TEST(nothing_that_is_read_from_a_tracker_is_left_but_facts)
{
	struct gate gate;
	char log[128];

	begin_with_tracker(&gate);
	open_for_the_bug(&gate);
	rig_wait_text(&gate.rig, gate.head, "pending", "Needs maintainer clearance");
	gate_wait_rows(&gate, "bug_link", "bug = 4711", 1); /* the tracker was asked */
	ck_assert(rig_settle(&gate.rig, 500));
	knows_the_secure_ones(&gate);
	look_everywhere(&gate);
	look_at_what_is_kept(&gate);
	look_in_page(&gate);
	(void)snprintf(log, sizeof log, "%s/agent.log", gate.rig.dir);
	(void)look_in_file(&(struct words){facts, N(facts)}, log);
	ck_assert_uint_gt(look_in_memory(&(struct words){said, N(said)}, gate.rig.agent), 1 << 20);
	gate_end(&gate);
	uproot();
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(nothing_that_a_tracker_says_is_left_anywhere, 120),
	SUITE_SLOW(nothing_that_is_read_from_a_tracker_is_left_but_facts, 120),
	SUITE_END,
};
SUITE_MAIN(tests)
