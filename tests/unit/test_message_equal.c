/*
 * The scanner against the published patterns (tests/support/message_reference.h), token for token over generated
 * messages, in each dialect. HEADGATE_MESSAGES=N: that many.
 */
#include <stdio.h>

#include "policy/message.h"
#include "tests/support/message_reference.h"
#include "tests/support/suite.h"

enum { MESSAGES = 20000, MESSAGE_MAX = 700 };

static const struct {
	const char *name;
	enum message_dialect dialect;
} dialects[] = {{"strict", MESSAGE_STRICT}, {"vct", MESSAGE_VCT}, {"lando", MESSAGE_LANDO}};

static size_t wanted(void)
{
	const char *given = getenv("HEADGATE_MESSAGES");
	int64_t n = MESSAGES;

	ck_assert(!given || (text_int64(text_of(given), &n) && n > 0));
	return (size_t)n;
}

/* How many messages had something to compare; two empty readings say little. */
static const struct {
	const char *name;
	unsigned per_mille; /* at least so many */
} features[] = {
	{"bugs", 400},    {"fewer conservative ones", 300}, {"names", 250},         {"several names", 40},
	{"backouts", 70}, {"unreadable backouts", 25},      {"split backouts", 20}, {"strictly wrong backouts", 30},
	{"reverts", 100}, {"reverts of something", 50},     {"closed trees", 100},  {"CLOSEDBUG", 50},
	{"asked", 40},
};
enum { FEATURES = sizeof features / sizeof features[0] };

static void count(const struct message *m, size_t *seen)
{
	const bool has[FEATURES] = {
		m->bugs.n > 0,
		m->bugs_conservative.n<m->bugs.n, m->n_tokens> 0,
		m->n_tokens > 2,
		m->backouts.given,
		m->is_backout && !m->backouts.given,
		m->backouts.n_nodes > 1,
		m->backouts.given && !m->backouts_strict.given,
		m->reverts.given,
		m->reverts.n_nodes > 0,
		m->closed_tree,
		m->closedbug,
		m->n_tokens > 0 && m->tokens[0].asked,
	};

	for (size_t i = 0; i < FEATURES; i++)
		seen[i] += has[i];
}

static void compare(struct message_reference *reference, struct text bytes, enum message_dialect dialect, size_t *seen)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct message ours, theirs;
	const char *difference;

	message_read(bytes, dialect, &arena, &ours);
	message_reference_read(reference, bytes, dialect, &arena, &theirs);
	difference = message_difference(&ours, &theirs);
	if (difference) {
		(void)printf("message: ");
		for (size_t i = 0; i < bytes.len; i++)
			(void)printf(bytes.at[i] >= ' ' && bytes.at[i] <= '~' ? "%c" : "\\x%02x",
				     (unsigned)(unsigned char)bytes.at[i]);
		(void)printf("\nscanner:   %s\nreference: %s\n", message_shown(&ours, &arena).at,
			     message_shown(&theirs, &arena).at);
		(void)fflush(stdout);
		ck_abort_msg("%s differs", difference);
	}
	count(&ours, seen);
}

START_TEST(the_scanner_reads_what_the_published_patterns_read)
{
	struct message_reference *reference = message_reference_new(true);
	enum message_dialect dialect = dialects[_i].dialect;
	uint64_t state = 20240917 + (uint64_t)_i;
	size_t seen[FEATURES] = {0}, n = wanted();
	char message[MESSAGE_MAX];

	for (size_t i = 0; i < n; i++) {
		/* exactly as long as it is: the sanitizer sees who reads on */
		size_t len = message_generate(&state, message, sizeof message);
		char *bytes = malloc(len > 0 ? len : 1);

		ck_assert_ptr_nonnull(bytes);
		memcpy(bytes, message, len);
		compare(reference, (struct text){bytes, len}, dialect, seen);
		free(bytes);
	}
	for (size_t i = 0; i < FEATURES; i++)
		if (dialect == MESSAGE_VCT)
			ck_assert_msg(n < MESSAGES || seen[i] * 1000 >= n * features[i].per_mille, "%zu of %zu: %s",
				      seen[i], n, features[i].name);
	message_reference_free(reference);
	(void)printf("messages: %s: %zu equal in every field;", dialects[_i].name, n);
	for (size_t i = 0; i < FEATURES; i++)
		(void)printf(" %zu %s%s", seen[i], features[i].name, i + 1 < FEATURES ? "," : "\n");
}
END_TEST

START_TEST(strictly_less_is_permitted_and_no_bug_is_missed)
{
	uint64_t state = 7;
	char bytes[MESSAGE_MAX];

	for (size_t i = 0; i < MESSAGES; i++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct text t = {bytes, message_generate(&state, bytes, sizeof bytes)};
		struct message strict, vct;

		message_read(t, MESSAGE_STRICT, &arena, &strict);
		message_read(t, MESSAGE_VCT, &arena, &vct);
		ck_assert_uint_le(strict.n_tokens, vct.n_tokens);
		ck_assert(vct.closed_tree || !strict.closed_tree);
		ck_assert(vct.closedbug || !strict.closedbug);
		ck_assert(vct.is_backout || !strict.is_backout);
		ck_assert(vct.backouts.given || !strict.backouts.given);
		ck_assert(vct.reverts.given || !strict.reverts.given);
		for (size_t k = 0; k < vct.bugs.n; k++) {
			size_t at = 0;

			while (at < strict.bugs.n && strict.bugs.at[at] != vct.bugs.at[k])
				at++;
			ck_assert_uint_lt(at, strict.bugs.n);
		}
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(the_scanner_reads_what_the_published_patterns_read, dialects),
	SUITE_TEST(strictly_less_is_permitted_and_no_bug_is_missed),
	SUITE_END,
};
SUITE_MAIN(tests)
