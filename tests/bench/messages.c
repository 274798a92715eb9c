/*
 * bench_messages < MESSAGES: the time of reading commit messages beside that of PCRE2's JIT, which takes out the same
 * with the published patterns (tests/support/message_reference.h), in one interleaved run. MESSAGES is what `git log -z
 * --format=tformat:%B` prints; a second set, made here, is as a large project's messages are. Each message is read by
 * both before the race: a difference ends it. For each set and dialect: both medians, and the scanner's time by
 * PCRE2's, round by round: median, least and most.
 */
#include <stdio.h>
#include <time.h>

#include "tests/support/message_reference.h"

#define ROUNDS   21
#define IMITATED 4000
#define CHANGE   16                /* messages that share an arena, as a change's commits do */
#define SIZE_MIN ((size_t)1 << 20) /* of a set's messages in one round, so that a round is long enough to time */

struct set {
	const char *name;
	struct text *at;
	size_t n, bytes;
};

static const struct {
	const char *name;
	enum message_dialect dialect;
} dialects[] = {{"strict", MESSAGE_STRICT}, {"vct", MESSAGE_VCT}, {"lando", MESSAGE_LANDO}};

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* others' work on the machine does not count */
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void *grow(void *at, size_t n, size_t size)
{
	void *more = realloc(at, n * size);

	if (!more)
		abort();
	return more;
}

/* ---- what is read ---- */

static struct text input(void)
{
	size_t len = 0, room = 1 << 20;
	char *at = grow(NULL, room, 1);

	for (size_t got; (got = fread(at + len, 1, room - len, stdin)) > 0;) {
		len += got;
		if (len == room)
			at = grow(at, room *= 2, 1);
	}
	return (struct text){at, len};
}

static void add(struct set *set, struct text message)
{
	set->at = grow(set->at, set->n + 1, sizeof *set->at);
	set->at[set->n++] = message;
	set->bytes += message.len;
}

static struct set recorded(struct text bytes)
{
	struct set set = {.name = "history"};

	for (size_t from = 0; from < bytes.len;) {
		const char *end = memchr(bytes.at + from, '\0', bytes.len - from);
		size_t len = end ? (size_t)(end - bytes.at) - from : bytes.len - from;

		add(&set, (struct text){bytes.at + from, len});
		from += len + 1;
	}
	return set;
}

static struct set imitated(struct arena *arena)
{
	struct set set = {.name = "imitated"};
	uint64_t state = 1158178;
	char message[2000];

	for (size_t i = 0; i < IMITATED; i++) {
		struct text t = {message, message_imitate(&state, message, sizeof message)};

		add(&set, arena_text(arena, t));
	}
	return set;
}

/* ---- the race ---- */

typedef void read_one(struct message_reference *reference, struct text message, enum message_dialect dialect,
		      struct arena *arena);

static void by_scanner(struct message_reference *reference, struct text message, enum message_dialect dialect,
		       struct arena *arena)
{
	struct message m;

	(void)reference;
	message_read(message, dialect, arena, &m);
}

static void by_pcre2(struct message_reference *reference, struct text message, enum message_dialect dialect,
		     struct arena *arena)
{
	struct message m;

	message_reference_read(reference, message, dialect, arena, &m);
}

static void read_all(read_one *read, struct message_reference *reference, const struct set *set,
		     enum message_dialect dialect)
{
	for (size_t i = 0; i < set->n;) {
		auto_arena struct arena arena = ARENA_EMPTY;

		for (size_t end = i + CHANGE; i < end && i < set->n; i++)
			read(reference, set->at[i], dialect, &arena);
	}
}

static double time_of(read_one *read, struct message_reference *reference, const struct set *set,
		      enum message_dialect dialect)
{
	size_t times = SIZE_MIN / (set->bytes + 1) + 1;
	int64_t start = now_ns();

	for (size_t k = 0; k < times; k++)
		read_all(read, reference, set, dialect);
	return (double)(now_ns() - start) / (double)(times * set->n);
}

static bool agree(struct message_reference *reference, const struct set *set, enum message_dialect dialect)
{
	for (size_t i = 0; i < set->n; i++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct message ours, theirs;

		message_read(set->at[i], dialect, &arena, &ours);
		message_reference_read(reference, set->at[i], dialect, &arena, &theirs);
		if (message_difference(&ours, &theirs)) {
			printf("%s differs: %.*s\n", message_difference(&ours, &theirs), TEXT_ARG(set->at[i]));
			return false;
		}
	}
	return true;
}

static bool race(struct message_reference *reference, const struct set *set, size_t which)
{
	double ours[ROUNDS], theirs[ROUNDS], ratio[ROUNDS];

	if (!agree(reference, set, dialects[which].dialect))
		return false;
	for (size_t i = 0; i < ROUNDS; i++) {
		ours[i] = time_of(by_scanner, reference, set, dialects[which].dialect);
		theirs[i] = time_of(by_pcre2, reference, set, dialects[which].dialect);
		ratio[i] = ours[i] / theirs[i];
	}
	qsort(ours, ROUNDS, sizeof ours[0], order);
	qsort(theirs, ROUNDS, sizeof theirs[0], order);
	qsort(ratio, ROUNDS, sizeof ratio[0], order);
	printf("%-8s %-6s %6.0f ns a message, PCRE2's JIT %6.0f; share %.3f [%.3f-%.3f]\n", set->name,
	       dialects[which].name, ours[ROUNDS / 2], theirs[ROUNDS / 2], ratio[ROUNDS / 2], ratio[0],
	       ratio[ROUNDS - 1]);
	return true;
}

int main(void)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct message_reference *reference = message_reference_new(true);
	struct text bytes = input();
	struct set sets[] = {recorded(bytes), imitated(&arena)};
	bool equal = true;

	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
		if (sets[i].n > 0)
			printf("%s: %zu messages, %zu bytes on average, n=%d\n", sets[i].name, sets[i].n,
			       sets[i].bytes / sets[i].n, ROUNDS);
		for (size_t k = 0; k < sizeof dialects / sizeof dialects[0] && sets[i].n > 0; k++)
			equal = race(reference, &sets[i], k) && equal;
		free(sets[i].at);
	}
	message_reference_free(reference);
	free((void *)(uintptr_t)bytes.at);
	return equal ? 0 : 1;
}
