#include <stdio.h>
#include <string.h>

#include "tests/support/suite.h"
#include "webhooks/event_json.h"

static uint64_t next(uint64_t *seed) /* splitmix64 */
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static unsigned below(uint64_t *seed, unsigned n)
{
	return (unsigned)(next(seed) % n);
}

static struct text random_text(uint64_t *seed)
{
	static const char *const texts[] = {
		"",          "a",         "refs/heads/main", "q\"\\\n\t\x01\x7f", "\xc3\xa9\xf0\x9f\x98\x80",
		"</script>", "{\"v\":2}", "acme/engine"};

	return text_of(texts[below(seed, 8)]);
}

static int64_t random_int(uint64_t *seed)
{
	static const int64_t edges[] = {0, 1, -1, INT64_MAX, INT64_MIN + 1, 1763633472000};

	return below(seed, 2) ? edges[below(seed, 6)] : (int64_t)(next(seed) >> 2);
}

static int64_t random_when(uint64_t *seed)
{
	return below(seed, 3) ? random_int(seed) : WHEN_UNKNOWN;
}

static struct oid random_oid(uint64_t *seed)
{
	struct oid oid = OID_NONE;
	unsigned n = below(seed, 3) * 32;

	if (n == 32)
		n = 40;
	for (unsigned i = 0; i < n; i++)
		oid.hex[i] = "123456789abcdef"[below(seed, 15)];
	return oid;
}

static enum tri random_tri(uint64_t *seed)
{
	return (enum tri)below(seed, 3);
}

static struct person random_person(uint64_t *seed)
{
	return (struct person){random_int(seed), random_text(seed), (enum person_type)below(seed, 4)};
}

static void random_change(struct event *e, uint64_t *seed)
{
	e->change_action = (enum change_action)below(seed, CHANGE_READY + 1);
	e->change.number = random_int(seed);
	e->change.head = random_oid(seed);
	e->change.base_sha = random_oid(seed);
	e->change.head_ref = random_text(seed);
	e->change.base_ref = random_text(seed);
	e->change.head_repo = random_int(seed);
	e->change.open = random_tri(seed);
	e->change.draft = random_tri(seed);
	e->change.merged = random_tri(seed);
	e->change.author = random_person(seed);
	e->change.updated_at = random_when(seed);
	e->before = random_oid(seed);
	e->after = random_oid(seed);
	e->base_changed = random_tri(seed);
}

static void random_rest(struct event *e, uint64_t *seed)
{
	e->review_action = (enum review_action)below(seed, REVIEW_DISMISSED + 1);
	e->review.id = random_int(seed);
	e->review.state = (enum review_state)below(seed, REVIEW_PENDING + 1);
	e->review.commit_id = random_oid(seed);
	e->review.submitted_at = random_when(seed);
	e->review.user = random_person(seed);
	e->review.association = random_text(seed);
	e->comment.id = random_int(seed);
	e->comment.body = random_text(seed);
	e->comment.association = random_text(seed);
	e->comment.user = random_person(seed);
	e->comment.created_at = random_when(seed);
	e->status.id = random_int(seed);
	e->status.sha = random_oid(seed);
	e->status.context = random_text(seed);
	e->status.state = random_text(seed);
	e->status.creator = random_person(seed);
	e->status.created_at = random_when(seed);
	e->ref = random_text(seed);
	e->created = random_tri(seed);
	e->deleted = random_tri(seed);
	e->forced = random_tri(seed);
	e->pushed_at = random_when(seed);
	e->subject_user = random_person(seed);
	e->team = random_text(seed);
	e->bug.tracker = random_text(seed);
	e->bug.id = random_int(seed);
	e->bug.attachment = random_int(seed);
	e->bug.touched = random_int(seed);
	e->bug.at = random_int(seed);
	e->bug.said = random_int(seed);
}

static struct event random_event(uint64_t *seed)
{
	struct event e;

	memset(&e, 0, sizeof e);
	e.kind = (enum event_kind)below(seed, EVENT_KINDS);
	e.name = random_text(seed);
	e.action = random_text(seed);
	e.installation = random_int(seed);
	e.repo = random_int(seed);
	e.repo_name = random_text(seed);
	e.sender = random_person(seed);
	random_change(&e, seed);
	random_rest(&e, seed);
	return e;
}

/* ---- equality, written without the table under test ---- */

static void same_text(struct text a, struct text b)
{
	ck_assert_msg(text_eq(a, b), "%.*s / %.*s", TEXT_ARG(a), TEXT_ARG(b));
}

static void same_person(const struct person *a, const struct person *b)
{
	ck_assert(a->id == b->id && a->type == b->type);
	same_text(a->login, b->login);
}

static void same_oid(const struct oid *a, const struct oid *b)
{
	ck_assert_str_eq(a->hex, b->hex);
}

static void same_change(const struct event *a, const struct event *b)
{
	ck_assert(a->change_action == b->change_action && a->change.number == b->change.number);
	same_oid(&a->change.head, &b->change.head);
	same_oid(&a->change.base_sha, &b->change.base_sha);
	same_text(a->change.head_ref, b->change.head_ref);
	same_text(a->change.base_ref, b->change.base_ref);
	ck_assert(a->change.head_repo == b->change.head_repo && a->change.open == b->change.open);
	ck_assert(a->change.draft == b->change.draft && a->change.merged == b->change.merged);
	same_person(&a->change.author, &b->change.author);
	ck_assert_int_eq(a->change.updated_at, b->change.updated_at);
	same_oid(&a->before, &b->before);
	same_oid(&a->after, &b->after);
	ck_assert_int_eq(a->base_changed, b->base_changed);
}

static void same_rest(const struct event *a, const struct event *b)
{
	ck_assert(a->review_action == b->review_action && a->review.id == b->review.id);
	ck_assert(a->review.state == b->review.state && a->review.submitted_at == b->review.submitted_at);
	same_oid(&a->review.commit_id, &b->review.commit_id);
	same_person(&a->review.user, &b->review.user);
	same_text(a->review.association, b->review.association);
	ck_assert_int_eq(a->comment.id, b->comment.id);
	same_text(a->comment.body, b->comment.body);
	same_text(a->comment.association, b->comment.association);
	same_person(&a->comment.user, &b->comment.user);
	ck_assert_int_eq(a->comment.created_at, b->comment.created_at);
	ck_assert(a->status.id == b->status.id && a->status.created_at == b->status.created_at);
	same_oid(&a->status.sha, &b->status.sha);
	same_text(a->status.context, b->status.context);
	same_text(a->status.state, b->status.state);
	same_person(&a->status.creator, &b->status.creator);
	same_text(a->ref, b->ref);
	ck_assert(a->created == b->created && a->deleted == b->deleted && a->forced == b->forced);
	ck_assert_int_eq(a->pushed_at, b->pushed_at);
	same_person(&a->subject_user, &b->subject_user);
	same_text(a->team, b->team);
	same_text(a->bug.tracker, b->bug.tracker);
	ck_assert(a->bug.id == b->bug.id && a->bug.attachment == b->bug.attachment);
	ck_assert(a->bug.touched == b->bug.touched && a->bug.at == b->bug.at && a->bug.said == b->bug.said);
}

static void same_event(const struct event *a, const struct event *b)
{
	ck_assert(a->kind == b->kind && a->installation == b->installation && a->repo == b->repo);
	same_text(a->name, b->name);
	same_text(a->action, b->action);
	same_text(a->repo_name, b->repo_name);
	same_person(&a->sender, &b->sender);
	same_change(a, b);
	same_rest(a, b);
}

START_TEST(every_event_comes_back_as_it_went)
{
	uint64_t seed = 7;

	for (int i = 0; i < 3000; i++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct event e = random_event(&seed), back;
		struct text json = event_encode(&e, &arena);
		struct err err = ERR_NONE;

		ck_assert_msg(event_decode(json, &arena, &back, &err), "%s", err.text);
		same_event(&e, &back);
		ck_assert(text_eq(event_encode(&back, &arena), json));
	}
}
END_TEST

START_TEST(what_is_unknown_takes_no_room)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct event e = {0};

	e.change.updated_at = e.review.submitted_at = e.status.created_at = e.pushed_at = WHEN_UNKNOWN;
	e.comment.created_at = WHEN_UNKNOWN;
	ck_assert_str_eq(event_encode(&e, &arena).at, "{\"v\":1}");
	e.change_action = CHANGE_DRAFT;
	e.change.number = 17;
	ck_assert_str_eq(event_encode(&e, &arena).at, "{\"v\":1,\"change_action\":\"draft\",\"number\":17}");
}
END_TEST

START_TEST(every_kind_is_stored_by_its_name)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct event e = {0};

	for (int i = 1; i < EVENT_KINDS; i++) {
		char want[64];

		e.kind = (enum event_kind)i;
		(void)snprintf(want, sizeof want, "\"kind\":\"%s\"", event_kind_name(e.kind));
		ck_assert_msg(strstr(event_encode(&e, &arena).at, want) != NULL, "%s", want);
	}
}
END_TEST

static const struct {
	const char *json, *error;
} broken[] = {
	{"", "not JSON"},
	{"{\"v\":1", "not JSON"},
	{"[]", "version 0"},
	{"{}", "version 0"},
	{"{\"v\":2}", "version 2"},
	{"{\"v\":\"1\"}", "version 0"},
	{"{\"v\":1,\"v\":1}", "not JSON"},
	{"{\"v\":1,\"colour\":\"red\"}", "unknown key colour"},
	{"{\"v\":1,\"number\":\"17\"}", "malformed number"},
	{"{\"v\":1,\"number\":null}", "malformed number"},
	{"{\"v\":1,\"head\":\"abc\"}", "malformed head"},
	{"{\"v\":1,\"open\":true}", "malformed open"},
	{"{\"v\":1,\"kind\":\"sabotage\"}", "malformed kind"},
	{"{\"v\":1,\"ref\":5}", "malformed ref"},
	{"{\"v\":1,\"updated_at\":\"2026\"}", "malformed updated_at"},
};

START_TEST(a_damaged_text_is_broken_and_never_a_guess)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct err err = ERR_NONE;
	struct event e = {0};

	e.repo = 99;
	ck_assert(!event_decode(text_of(broken[_i].json), &arena, &e, &err));
	ck_assert_int_eq(err.code, ERR_BROKEN);
	ck_assert_msg(strstr(err.text, broken[_i].error) != NULL, "%s", err.text);
	ck_assert_int_eq(e.repo, 99);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(every_event_comes_back_as_it_went),
	SUITE_TEST(what_is_unknown_takes_no_room),
	SUITE_TEST(every_kind_is_stored_by_its_name),
	SUITE_ROWS(a_damaged_text_is_broken_and_never_a_guess, broken),
	SUITE_END,
};
SUITE_MAIN(tests)
