/*
 * What comes malformed from a tracker, a dump or a hook: a named error each, and nothing changed. A commit is allowed
 * by an approved secure bug; the table knows that, another secure one, and one that is not secure. Afterwards every
 * byte of the table is as it was, the success stands, and nobody has anything to read, to judge or to post. But a
 * delivery that names a bug, and does not say what was touched of it, takes back what stands on that bug.
 */
#include <string.h>

#include "agent/hook/answer.h"
#include "agent/store/store_bugs.h"
#include "agent/tracker/dump.h"
#include "agent/work/bug_source.h"
#include "agent/work/receive.h"
#include "tests/support/bug_bench.h"
#include "tests/support/pipe.h"
#include "tests/support/suite.h"
#include "webhooks/bugzilla.h"
#include "webhooks/issues.h"

#define HOUR  INT64_C(3600000)
#define NOW   INT64_C(1790000000000)
#define DATED NOW - 60000

/* ---- what there is, and that it stays ---- */

struct stand {
	struct pipe_rig rig;
	struct bug_table *table;
	struct text table_before;
};

static struct text table_text(struct stand *s)
{
	return dump_write(s->table, TEXT_LIT("bmo"), bug_table_dated(s->table), &s->rig.arena);
}

static void stand_open(struct stand *s)
{
	static const struct bug_ref ref = {{"bmo", 3}, 412, true};

	pipe_open_told(&s->rig, 0);
	s->rig.bugs = &ref;
	s->rig.n_bugs = 1;
	judge_as(&s->rig, 'a', DECISION_ALLOWED);
	s->rig.bugs = NULL;
	s->rig.n_bugs = 0;
	ck_assert_int_gt(drain(&s->rig), 0);
	s->table = bug_table_new(HOUR);
	(void)bug_table_tell(s->table, 412, TABLE_APPROVED, DATED);
	(void)bug_table_tell(s->table, 99, TABLE_SECURE, DATED);
	(void)bug_table_tell(s->table, 7, TABLE_INSECURE, DATED);
	bug_table_date(s->table, DATED);
	s->table_before = table_text(s);
}

static void nothing_changed(struct stand *s)
{
	const struct bug_due_query query = {TEXT_LIT("bmo"), BUG_DUE, 10};
	struct bug_news_list due;
	struct err err = ERR_NONE;
	struct post post;

	ck_assert(text_eq(table_text(s), s->table_before));
	ck_assert_int_eq(bug_table_state(s->table, 99), TABLE_SECURE);
	ck_assert_int_eq(bug_table_state(s->table, 412), TABLE_APPROVED);
	ck_assert_int_eq(slot_of(&s->rig, 'a').state, STATUS_SUCCESS);
	ck_assert(!subject_of(&s->rig, 'a').due && !next_post(&s->rig, &post));
	ck_assert_msg(store_due_bugs(&s->rig.store, &query, &s->rig.arena, &due, &err), "%s", err.text);
	ck_assert_uint_eq(due.n, 0);
}

static void stand_close(struct stand *s)
{
	bug_table_free(s->table);
	pipe_close(&s->rig);
}

static void says(const char *said, const char *names, const char *input)
{
	ck_assert_msg(*names && strstr(said, names) != NULL, "%s\nsaid: %s", input, said);
	ck_assert_msg(!strstr(said, "c4nary"), "%s", said);
}

/* ---- deliveries ---- */

struct row {
	const char *bytes, *names;
};

#define KEY "\"event\":{\"routing_key\":\"bug.modify:keywords\"}"

static const struct row deliveries[] = {
	{"", "byte 0"},
	{"c4nary", "byte"},
	{"null", "not a JSON object"},
	{"[]", "not a JSON object"},
	{"\"bug\"", "not a JSON object"},
	{"412", "not a JSON object"},
	{"{\"bug\":{\"id\":412}", "byte"},
	{"{\"bug\":{\"id\":412},}", "byte"},
	{"{\"bug\":{\"id\":412}} {}", "byte"},
	{"{\"bug\":{\"id\":412,\"id\":99}}", "byte"},
	{"{\"bug\":{\"id\":412},\"bug\":{\"id\":99}}", "byte"},
	{"{\"bug\":{\"id\":0412}}", "byte"},
	{"{\"bug\":{\"id\":412},\"x\":\"\\ud800\"}", "byte"},
	{"{\"bug\":{\"id\":412},\"x\":\"\xff\"}", "byte"},
	{"{" KEY "}", "bug.id: missing"},
	{"{\"bug\":null," KEY "}", "bug.id: missing"},
	{"{\"bug\":{}," KEY "}", "bug.id: missing"},
	{"{\"bug\":[{\"id\":412}]," KEY "}", "bug.id: missing"},
	{"{\"bug\":{\"id\":\"412\"}," KEY "}", "bug.id: not a bug's number"},
	{"{\"bug\":{\"id\":412.0}," KEY "}", "bug.id: not a bug's number"},
	{"{\"bug\":{\"id\":-412}," KEY "}", "bug.id: not a bug's number"},
	{"{\"bug\":{\"id\":0}," KEY "}", "bug.id: not a bug's number"},
	{"{\"bug\":{\"id\":4294967708}," KEY "}", "bug.id: not a bug's number"},
	{"{\"bug\":{\"id\":18446744073709552028}," KEY "}", "bug.id: not a bug's number"},
	{"{\"bug\":{\"id\":[412]}," KEY "}", "bug.id: not a bug's number"},
};

static int64_t now(void *self)
{
	return ((struct pipe_rig *)self)->now;
}

static void nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

static void apply(struct stand *s, struct delivery *d)
{
	struct receive receive = {.store = &s->rig.store, .clock = {&s->rig, now, now}, .wake = {.signal = nobody}};
	struct err err = ERR_NONE;
	bool duplicate;

	ck_assert_msg(receive_now(&receive, d, &duplicate, &err) && !duplicate, "%s", err.text);
	apply_all(&s->rig);
}

static void keep(struct stand *s, struct delivery *d)
{
	ck_assert_int_eq(d->fate, DELIVERY_QUARANTINED);
	apply(s, d);
}

START_TEST(a_malformed_delivery_is_named_and_changes_nothing)
{
	static const struct bugzilla_hook hook = {.tracker = {"bmo", 3}};
	struct delivery d = {.guid = TEXT_LIT("g-1")};
	struct err err = ERR_NONE;
	struct stand s;

	stand_open(&s);
	if (normalize_bugzilla(&hook, text_of(deliveries[_i].bytes), &s.rig.arena, &d, &err)) {
		keep(&s, &d);
		says(d.note.at, deliveries[_i].names, deliveries[_i].bytes);
	} else {
		says(err.text, deliveries[_i].names, deliveries[_i].bytes);
	}
	nothing_changed(&s);
	stand_close(&s);
}
END_TEST

/* ---- deliveries of a bug that can be read, and not what was touched ---- */

#define TOUCHES(event) "{\"bug\":{\"id\":412}" event "}"
#define OF_KEY(key)    TOUCHES(",\"event\":{\"routing_key\":" key "}")

static const struct row untold[] = {
	{TOUCHES(""), "event.routing_key: missing"},
	{TOUCHES(",\"event\":null"), "event.routing_key: missing"},
	{TOUCHES(",\"event\":[\"c4nary\"]"), "event.routing_key: missing"},
	{OF_KEY("null"), "event.routing_key: missing"},
	{OF_KEY("412"), "event.routing_key: not a text"},
	{OF_KEY("[\"bug.modify:whiteboard\"]"), "event.routing_key: not a text"},
	{OF_KEY("\"\""), "event.routing_key: not one that is known"},
	{OF_KEY("\"c4nary\""), "event.routing_key: not one that is known"},
	{OF_KEY("\"BUG.MODIFY:whiteboard\""), "event.routing_key: not one that is known"},
	{OF_KEY("\"comment.create:c4nary\""), "event.routing_key: not one that is known"},
	{OF_KEY("\"bug.modify\""), ""},
	{OF_KEY("\"bug.modify:\""), ""},
	{OF_KEY("\"bug.modify:whiteboard,\""), ""},
};

static struct delivery delivered(struct stand *s, const char *body)
{
	static const struct bugzilla_hook hook = {.tracker = {"bmo", 3}};
	struct delivery d = {.guid = TEXT_LIT("g-1")};
	struct err err = ERR_NONE;

	ck_assert_msg(normalize_bugzilla(&hook, text_of(body), &s->rig.arena, &d, &err), "%s", err.text);
	ck_assert_int_eq(d.fate, DELIVERY_APPLY);
	apply(s, &d);
	return d;
}

/* It may have been anything: the success falls, the bug is to be read, and the table waits for that. */
START_TEST(a_delivery_that_does_not_say_what_was_touched_of_its_bug_is_taken_as_everything)
{
	const struct bug_ref other = {{"bmo", 3}, 99, false}, ours = {{"bmo", 3}, 412, false};
	struct err err = ERR_NONE;
	struct delivery d;
	struct stand s;
	bool due;

	stand_open(&s);
	d = delivered(&s, untold[_i].bytes);
	ck_assert_msg(text_is(d.note, untold[_i].names), "%.*s", TEXT_ARG(d.note));
	ck_assert_int_eq(slot_of(&s.rig, 'a').state, STATUS_FAILURE);
	ck_assert(subject_of(&s.rig, 'a').due);
	ck_assert(store_bug_is_due(&s.rig.store, &ours, &due, &err) && due);
	ck_assert(store_bug_is_due(&s.rig.store, &other, &due, &err) && !due);
	ck_assert(text_eq(table_text(&s), s.table_before));
	ck_assert_int_eq(d.event.bug.touched, BUG_TOUCHED_ALL);
	stand_close(&s);
}
END_TEST

/* The stand tells them from a key that is read. */
START_TEST(a_delivery_that_says_what_was_touched_is_taken_at_its_word)
{
	struct stand s;

	stand_open(&s);
	(void)delivered(&s, OF_KEY("\"bug.modify:whiteboard\""));
	nothing_changed(&s);
	stand_close(&s);
}
END_TEST

#define OURS "\"repository\":{\"full_name\":\"acme/engine\"}"

static const struct row issues[] = {
	{"", "byte 0"},
	{"[]", "not a JSON object"},
	{"{\"issue\":{\"number\":412,\"number\":99}," OURS "}", "byte"},
	{"{\"issue\":{\"number\":412}}", "repository.full_name: missing"},
	{"{\"issue\":{\"number\":412},\"repository\":{\"full_name\":[]}}", "repository.full_name: not a text"},
	{"{" OURS "}", "issue.number: missing"},
	{"{\"issue\":{\"number\":\"412\"}," OURS "}", "issue.number: not an issue's number"},
	{"{\"issue\":{\"number\":4294967708}," OURS "}", "issue.number: not an issue's number"},
};

START_TEST(a_malformed_delivery_about_an_issue_is_named_and_changes_nothing)
{
	static const struct issues_hook hook = {.tracker = {"bmo", 3}, .repo = {"acme/engine", 11}};
	const struct issues_told told = {TEXT_LIT("issues"), text_of(issues[_i].bytes)};
	struct delivery d = {.guid = TEXT_LIT("g-1")};
	struct err err = ERR_NONE;
	struct stand s;

	stand_open(&s);
	if (normalize_issues(&hook, &told, &s.rig.arena, &d, &err)) {
		keep(&s, &d);
		says(d.note.at, issues[_i].names, issues[_i].bytes);
	} else {
		says(err.text, issues[_i].names, issues[_i].bytes);
	}
	nothing_changed(&s);
	stand_close(&s);
}
END_TEST

/* ---- answers of REST ---- */

#define WHOLE                                                                                                          \
	"\"id\":412,\"groups\":[],\"keywords\":[],\"resolution\":\"\",\"is_open\":true,\"dupe_of\":null,"              \
	"\"last_change_time\":\"2026-09-20T10:00:00Z\""
#define REST    "\"duplicates\":[],\"flags\":[],\"attachments\":[]"
#define BUGS(b) "{\"bugs\":[{" b "}],\"faults\":[]}"

static const struct answer_row {
	const char *kind; /* "bmo" or "bugzilla" */
	unsigned status;
	const char *bytes, *names;
} answers[] = {
	{"bmo", 200, "", "not JSON"},
	{"bmo", 200, "<html>c4nary</html>", "not JSON"},
	{"bmo", 200, BUGS(WHOLE "," REST) "x", "not JSON"},
	{"bmo", 200, "[]", "the answer is not an object"},
	{"bmo", 200, "{}", "bugs: not a list"},
	{"bmo", 200, "{\"bugs\":[],\"faults\":[]}", "bugs: not a list"},
	{"bmo", 200, "{\"bugs\":[{" WHOLE "," REST "},{" WHOLE "," REST "}],\"faults\":[]}", "bugs: not a list"},
	{"bmo", 200, BUGS("\"id\":99"), "another bug"},
	{"bmo", 200, BUGS("\"id\":\"412\""), "id: not an integer"},
	{"bmo", 200, BUGS("\"id\":412"), "groups: not a list"},
	{"bmo", 200, BUGS("\"id\":412,\"groups\":[7]"), "groups"},
	{"bmo", 200, BUGS(WHOLE), "flags: not a list"},
	{"bmo", 200, BUGS(WHOLE ",\"duplicates\":[\"99\"],\"flags\":[],\"attachments\":[]"), "duplicates"},
	{"bmo", 200, BUGS(WHOLE ",\"duplicates\":[],\"flags\":{},\"attachments\":[]"), "flags: not a list"},
	{"bmo", 200,
	 BUGS(WHOLE ",\"duplicates\":[],\"flags\":[{\"name\":\"a\",\"status\":\"yes\"}],\"attachments\":[]"),
	 "status: none that a flag"},
	{"bmo", 200, BUGS(WHOLE ",\"duplicates\":[],\"flags\":[]"), "attachments: not a list"},
	{"bmo", 200, BUGS(WHOLE ",\"duplicates\":[],\"flags\":[],\"attachments\":[{}]"), "attachments: id: missing"},
	{"bmo", 200, "{\"error\":true,\"code\":32000,\"message\":\"c4nary\"}", "32000"},
	{"bmo", 301, BUGS(WHOLE "," REST), "301"},
	{"bmo", 400, "{\"error\":true,\"code\":410,\"message\":\"c4nary\"}", "410"},
	{"bmo", 302, "<html>c4nary</html>", "302: a redirect, which is never followed: not the tracker's own word"},
	{"bmo", 401, "{\"error\":true,\"code\":306,\"message\":\"c4nary\"}", "306"},
	{"bmo", 401, "<html>c4nary</html>", "401: not the tracker's own word"},
	{"bmo", 403, "{\"error\":\"c4nary\"}", "403: not the tracker's own word"},
	{"bmo", 407, "", "407: not the tracker's own word"},
	{"bmo", 429, "c4nary", "429"},
	{"bmo", 500, "c4nary", "500"},
	{"bmo", 503, BUGS(WHOLE "," REST), "503"},
	{"bugzilla", 200, "", "not JSON"},
	{"bugzilla", 200, "{\"bugs\":{}}", "bugs: not a list"},
	{"bugzilla", 200, BUGS("\"id\":99"), "another bug"},
	{"bugzilla", 200, "{\"error\":1,\"code\":100500,\"message\":\"c4nary\"}", "100500"},
};

/* As a judgement does with what it reads. What the worker cannot read is in doubt besides (test_bugs_doubt). */
static bool read_into(struct stand *s, const struct bug_bench *b, struct err *err)
{
	static const struct text secure[] = {{"sec-high", 8}}, approvals[] = {{"sec-approval", 12}};
	static const struct tracker_wanted wanted = {.flags = approvals, .n_flags = 1};
	const struct bug_source source = {
		.name = TEXT_LIT("bmo"), .table = s->table, .keywords = {secure, 1}, .approvals = {approvals, 1}};
	struct tracker_ids others;
	struct tracker_bug bug;
	static const int64_t id = 412;
	struct bugs_told told = {.tracker = TEXT_LIT("bmo"), .ids = &id, .n = 1, .read_at = true, .now = s->rig.now};
	bool subjects;

	if (b->tracker.bug(b->tracker.self, &b->call, id, &wanted, &bug, err) != ERR_OK)
		return false;
	if (bug_source_tell(&source, &bug, b->call.arena, &others))
		ck_assert(store_tell_bugs(&s->rig.store, &told, &subjects, err));
	return true;
}

START_TEST(a_malformed_answer_is_named_and_changes_nothing)
{
	const struct answer_row *row = &answers[_i];
	struct bug_step step = {.status = row->status, .body = row->bytes};
	struct err err = ERR_NONE;
	struct bug_bench b;
	struct stand s;

	stand_open(&s);
	bug_bench_open(&b, row->kind, &step, 1);
	ck_assert_msg(!read_into(&s, &b, &err), "%s", row->bytes);
	says(err.text, row->names, row->bytes);
	nothing_changed(&s);
	bug_bench_close(&b);
	stand_close(&s);
}
END_TEST

/* The stand can see a change at all. */
START_TEST(a_good_answer_changes_what_it_says)
{
	struct bug_step step = {.status = 200, .body = BUGS(WHOLE "," REST)};
	struct err err = ERR_NONE;
	struct bug_bench b;
	struct stand s;

	stand_open(&s);
	bug_bench_open(&b, "bmo", &step, 1);
	ck_assert_msg(read_into(&s, &b, &err), "%s", err.text);
	ck_assert(!text_eq(table_text(&s), s.table_before));
	ck_assert_int_eq(slot_of(&s.rig, 'a').state, STATUS_FAILURE);
	bug_bench_close(&b);
	stand_close(&s);
}
END_TEST

/* ---- dumps ---- */

#define FIRST "{\"format\":\"headgate-bugs-1\",\"tracker\":\"bmo\",\"dated\":\"2026-09-21T14:00:00Z\"}\n"
#define GOOD  "{\"id\":99,\"secure\":false}\n{\"id\":412,\"secure\":false}\n" /* were it taken */

static const struct row dumps[] = {
	{"", "empty"},
	{"[412", "malformed JSON"},
	{"[7, \"c4nary\"]", "item 2: a bug's number"},
	{"[0]", "item 1: a bug's number"},
	{"[4294967708]", "item 1: a bug's number"},
	{"[7, 7]", "named twice"},
	{GOOD "c4nary\n", "line 3: neither"},
	{GOOD "007\n", "line 3: neither"},
	{GOOD "{}\n", "line 3: a bug's number"},
	{GOOD "{\"id\":5}\n", "line 3: `secure` is"},
	{GOOD "{\"id\":5,\"secure\":\"no\"}\n", "line 3: `secure` is"},
	{GOOD "{\"id\":5,\"secure\":false,\"approved\":true}\n", "line 3: approved, and not secure"},
	{GOOD "{\"id\":5,\"secure\":true,\"c4nary\":1}\n", "line 3: an unknown key"},
	{GOOD "{\"id\":5,\"secure\":true,\"seen\":\"2036-01-01T00:00:00Z\"}\n", "line 3: a time lies in the future"},
	{GOOD "{\"id\":5,\"to\":4,\"secure\":false}\n", "line 3: `to` is below"},
	{GOOD "{\"id\":99,\"secure\":true}\n", "named twice"},
	{GOOD FIRST, "line 3: `format` stands in the first line"},
	{FIRST GOOD, "the end is missing"},
	{FIRST GOOD "{\"lines\":1}\n", "not as many lines"},
	{FIRST GOOD "{\"lines\":2}\n5\n", "something after the end"},
	{FIRST GOOD "{\"lines\":2}\n{\"signature\":\"c4nary\"}\n", "a signature is 128 hex digits"},
	{"{\"format\":\"headgate-bugs-9\"}\n" GOOD, "another format"},
};

START_TEST(a_malformed_dump_is_named_and_nothing_of_it_is_taken)
{
	struct err err = ERR_NONE;
	struct dump dump;
	struct stand s;

	stand_open(&s);
	if (dump_read(text_of(dumps[_i].bytes), NOW, &s.rig.arena, &dump, &err))
		(void)dump_apply(&dump, NOW, s.table);
	says(err.text, dumps[_i].names, dumps[_i].bytes);
	nothing_changed(&s);
	stand_close(&s);
}
END_TEST

START_TEST(a_good_dump_is_taken)
{
	struct err err = ERR_NONE;
	struct dump dump;
	struct stand s;

	stand_open(&s);
	ck_assert_msg(dump_read(TEXT_LIT(GOOD), NOW, &s.rig.arena, &dump, &err), "%s", err.text);
	(void)dump_apply(&dump, NOW, s.table);
	ck_assert_int_eq(bug_table_state(s.table, 99), TABLE_INSECURE);
	stand_close(&s);
}
END_TEST

/* ---- the hook's socket ---- */

#define START            "headgate-hook 1\nrepository 1\nr\n"
#define NODE             "0123456789abcdef0123456789abcdef01234567"
#define SAYS(n, message) "branch 1\nm\ncommit " NODE " " n "\n" message "\n"

static const struct row questions[] = {
	{"", "does not begin as a question of version 1"},
	{"GET / HTTP/1.1\r\n\r\n", "does not begin as a question of version 1"},
	{"headgate-hook 2\nrepository 1\nr\n" SAYS("7", "Bug 412") "end\n",
	 "does not begin as a question of version 1"},
	{"headgate-hook 1\nend\n", "it names no repository"},
	{"headgate-hook 1\nrepository 0\n\n" SAYS("7", "Bug 412") "end\n", "a name is empty"},
	{"headgate-hook 1\nrepository 1\n\x1b\nend\n", "a name is empty, or holds a control byte"},
	{"headgate-hook 1\nrepository x\nr\nend\n", "a length is missing"},
	{"headgate-hook 1\nrepository 01\nr\nend\n", "a length is missing"},
	{"headgate-hook 1\nrepository 18446744073709551617\nr\nend\n", "a length is missing"},
	{"headgate-hook 1\nrepository 256\nr\nend\n", "a field is longer than allowed"},
	{"headgate-hook 1\nrepository 9\nr\nend\n", "it ends within a field"},
	{START, "it has no end, or an unknown part"},
	{START SAYS("7", "Bug 412"), "it has no end, or an unknown part"},
	{START SAYS("7", "Bug 412") "list\nend\n", "it has no end, or an unknown part"},
	{START SAYS("7", "Bug 412") "bug 412\nend\n", "it has no end, or an unknown part"},
	{START SAYS("7", "Bug 412") "end\nend\n", "something follows its end"},
	{START SAYS("9999", "Bug 412") "end\n", "it ends within a field"},
	{START SAYS("99999999", "Bug 412") "end\n", "a field is longer than allowed"},
	{START "branch 1\nm\ncommit HEAD 7\nBug 412\nend\n", "40 or 64 hexadecimal digits"},
	{START "branch 1\nm\ncommit " NODE "0 7\nBug 412\nend\n", "40 or 64 hexadecimal digits"},
	{START "commit " NODE " 7\nBug 412\nend\n", "broken"},
	{START "end\n", "broken"},
};

static unsigned reads;

static enum table_state state_of(void *self, int64_t id)
{
	return bug_table_state(((struct stand *)self)->table, id);
}

static bool counts(void *self, int64_t id, const struct bugs_wanted *wanted, struct arena *arena, struct bug *ret)
{
	(void)self, (void)id, (void)wanted, (void)arena, (void)ret;
	return false;
}

static bool read_one(void *self, int64_t id, const struct bugs_wanted *wanted, struct arena *arena, struct bug *ret)
{
	(void)self, (void)id, (void)wanted, (void)arena, (void)ret;
	reads++;
	return false;
}

static bool repository(void *self, struct text name, struct arena *arena, struct hook_repository *ret)
{
	static const char policy[] = "policy: {approval: [land]}\napproval_rules:\n  - name: land\n"
				     "    visibility: restricted\n    on_unknown: {hook: allow}\n"
				     "    requires: {conditions: {bugs: {every: {private: false}}}}\n";
	struct hook_tracker *tracker = arena_alloc(arena, 1, sizeof *tracker);

	(void)name;
	*tracker = (struct hook_tracker){
		.self = self, .name = TEXT_LIT("bmo"), .state = state_of, .counts = counts, .read = read_one};
	*ret = (struct hook_repository){.policy = TEXT_LIT(policy), .policy_there = true, .tracker = tracker};
	return true;
}

static bool may_ask(void *self, size_t n_bugs)
{
	(void)self;
	return n_bugs <= HOOK_BUGS_MAX;
}

static struct hook_answered answered(struct stand *s, const char *question)
{
	const struct hook_ports ports = {s, NOW, repository, may_ask};
	struct hook_answered ret;

	reads = 0;
	hook_answer(&ports, text_of(question), &s->rig.arena, &ret);
	return ret;
}

START_TEST(a_malformed_question_is_named_and_nothing_is_read_for_it)
{
	struct hook_answered ret;
	struct stand s;

	stand_open(&s);
	ret = answered(&s, questions[_i].bytes);
	ck_assert_int_eq(ret.word, HOOK_NO_ANSWER);
	says(arena_text(&s.rig.arena, ret.text).at, questions[_i].names, questions[_i].bytes);
	ck_assert(text_find(ret.text, TEXT_LIT("412")) == SIZE_MAX);
	ck_assert_uint_eq(reads, 0);
	nothing_changed(&s);
	stand_close(&s);
}
END_TEST

START_TEST(a_good_question_is_answered)
{
	struct stand s;

	stand_open(&s);
	ck_assert_int_eq(answered(&s, START SAYS("7", "Bug 412") "end\n").word, HOOK_CLEARANCE);
	ck_assert_uint_eq(reads, 1);
	stand_close(&s);
}
END_TEST

#define N(list) (sizeof(list) / sizeof(list)[0])

START_TEST(there_are_at_least_eighty_and_twenty_of_each)
{
	ck_assert_uint_ge(N(deliveries) + N(issues) + N(answers) + N(dumps) + N(questions), 80);
	ck_assert(N(deliveries) >= 20 && N(answers) >= 20 && N(dumps) >= 20 && N(questions) >= 20);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_malformed_delivery_is_named_and_changes_nothing, deliveries),
	SUITE_ROWS(a_delivery_that_does_not_say_what_was_touched_of_its_bug_is_taken_as_everything, untold),
	SUITE_TEST(a_delivery_that_says_what_was_touched_is_taken_at_its_word),
	SUITE_ROWS(a_malformed_delivery_about_an_issue_is_named_and_changes_nothing, issues),
	SUITE_ROWS(a_malformed_answer_is_named_and_changes_nothing, answers),
	SUITE_TEST(a_good_answer_changes_what_it_says),
	SUITE_ROWS(a_malformed_dump_is_named_and_nothing_of_it_is_taken, dumps),
	SUITE_TEST(a_good_dump_is_taken),
	SUITE_ROWS(a_malformed_question_is_named_and_nothing_is_read_for_it, questions),
	SUITE_TEST(a_good_question_is_answered),
	SUITE_TEST(there_are_at_least_eighty_and_twenty_of_each),
	SUITE_END,
};
SUITE_MAIN(tests)
