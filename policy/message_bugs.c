/*
 * One pass finds both kinds of bug numbers. Whether digits are a bug's number hangs on what stands around them alone,
 * and no match holds the begin of another that names another number; so each place is judged by itself, which is what
 * a leftmost search with repetitions dropped comes to.
 *
 * Repetitions are found in the list while it is short, then in pages of bits: no choice of numbers makes that slow, as
 * it could a hash table, and all pages together are 12 MiB.
 */
#include "policy/message_scan.h"

#include <string.h>

enum { LISTED = 16, BARE_DIGITS = 5, PAGE_BITS = 4096, PAGES = MESSAGE_BUG_MAX / PAGE_BITS + 1 };

struct bug_page {
	uint64_t bits[PAGE_BITS / 64];
};

struct bug_set {
	struct arena *arena;
	int64_t *at;
	size_t n, room;
	struct bug_page **pages; /* NULL: the list is short */
};

/* True if it was not there. */
static bool page_add(struct bug_set *set, int64_t bug)
{
	struct bug_page **page = &set->pages[bug / PAGE_BITS];
	uint64_t bit = (uint64_t)1 << bug % 64, *word;
	bool added;

	if (!*page)
		*page = arena_alloc(set->arena, 1, sizeof **page);
	word = &(*page)->bits[bug % PAGE_BITS / 64];
	added = (*word & bit) == 0;
	*word |= bit;
	return added;
}

static bool set_is_new(struct bug_set *set, int64_t bug)
{
	if (!set->pages && set->n < LISTED) {
		for (size_t i = 0; i < set->n; i++)
			if (set->at[i] == bug)
				return false;
		return true;
	}
	if (!set->pages) {
		set->pages = arena_alloc(set->arena, PAGES, sizeof *set->pages);
		for (size_t i = 0; i < set->n; i++)
			(void)page_add(set, set->at[i]);
	}
	return page_add(set, bug);
}

struct bug_set *bug_set_new(struct arena *arena)
{
	struct bug_set *set = arena_alloc(arena, 1, sizeof *set);

	set->arena = arena;
	return set;
}

void bug_set_add(struct bug_set *set, int64_t bug)
{
	if (!set_is_new(set, bug))
		return;
	if (set->n == set->room) {
		size_t room = set->room ? set->room * 2 : 4;
		int64_t *more = arena_alloc(set->arena, room, sizeof *more);

		if (set->n > 0)
			memcpy(more, set->at, set->n * sizeof *more);
		set->at = more;
		set->room = room;
	}
	set->at[set->n++] = bug;
}

struct message_bugs bug_set_list(const struct bug_set *set)
{
	return (struct message_bugs){set->at, set->n};
}

/* ---- numbers ---- */

static size_t digits_end(struct text t, size_t at)
{
	while (at < t.len && byte_digit(t.at[at]))
		at++;
	return at;
}

/* MESSAGE_BUG_MAX + 1 for whatever is higher. */
static int64_t number(struct text t, size_t from, size_t end)
{
	int64_t n = 0;

	for (; from < end && n <= MESSAGE_BUG_MAX; from++)
		n = n * 10 + (t.at[from] - '0');
	return n <= MESSAGE_BUG_MAX ? n : (int64_t)MESSAGE_BUG_MAX + 1;
}

static void take(struct bug_set *set, int64_t bug)
{
	if (bug <= MESSAGE_BUG_MAX)
		bug_set_add(set, bug);
}

struct bug_scan {
	struct text t;
	struct bug_set every, conservative;
};

/* At a digit: a number by itself. Returns where to go on. */
static size_t bare(struct bug_scan *s, size_t at)
{
	bool begins = at == 0 || !byte_word(s->t.at[at - 1]);
	size_t end = digits_end(s->t, at);

	if (begins && word_ends(s->t, end) && (at == 0 || end - at >= BARE_DIGITS))
		take(&s->every, number(s->t, at, end));
	return end;
}

static size_t keyword(struct text t, size_t at)
{
	if (at + 1 < t.len && t.at[at + 1] == '=')
		return 2;
	if (at + 2 < t.len && byte_lower(t.at[at + 1]) == 'u' && byte_lower(t.at[at + 2]) == 'g')
		return 3;
	return 0;
}

/* At a 'b': "bug" or "b=", blanks, '#', a number. Returns where to go on. */
static size_t named(struct bug_scan *s, size_t at)
{
	struct text t = s->t;
	size_t len = keyword(t, at), from = at + len, end;
	bool close, hash;

	if (len == 0)
		return at + 1;
	while (from < t.len && byte_blank(t.at[from]))
		from++;
	close = from == at + len;
	hash = from < t.len && t.at[from] == '#';
	from += hash;
	end = digits_end(t, from);
	if (end > from && word_ends(t, end)) {
		int64_t bug = number(t, from, end);

		take(&s->every, bug);
		/* "bug" ends a word and "b=" does not: the one needs a blank, the other has none */
		if (!hash && close == (len == 2) && (at == 0 || !byte_word(t.at[at - 1])))
			take(&s->conservative, bug);
		return end;
	}
	return from - hash; /* blanks lead nowhere; what follows them may */
}

static bool starts(char c)
{
	return byte_digit(c) || byte_lower(c) == 'b';
}

/* The next digit or begin of a keyword, nearly, at `at` or behind; or the end. */
static size_t next_start(struct text t, size_t at)
{
	for (; t.len - at > WIDE; at += WIDE) {
		wide x = wide_at(t.at + at), after = wide_at(t.at + at + 1);
		wide named = (wide)(((x | 0x20) == 'b') & (((after | 0x20) == 'u') | (after == '=')));
		size_t first = wide_first(named | (wide)((wide)(x - '0') < 10));

		if (first < WIDE)
			return at + first;
	}
	while (at < t.len && !starts(t.at[at]))
		at++;
	return at;
}

void message_bugs(struct text t, struct arena *arena, struct message_bug_lists *ret)
{
	struct bug_scan s = {t, {.arena = arena}, {.arena = arena}};

	for (size_t i = 0; (i = next_start(t, i)) < t.len;)
		i = byte_digit(t.at[i]) ? bare(&s, i) : named(&s, i);
	*ret = (struct message_bug_lists){bug_set_list(&s.every), bug_set_list(&s.conservative)};
}

/* ---- which of them ---- */

/* The first line that names an origin decides; here a line ends at \n alone. */
static bool from_github(struct text t)
{
	while (t.len > 0) {
		const char *end;

		if (t.at[0] == 'S' && text_starts(t, TEXT_LIT("Source-Repo: http://")))
			return false;
		if (t.at[0] == 'S' && text_starts(t, TEXT_LIT("Source-Repo: https://")))
			return text_starts(t, TEXT_LIT("Source-Repo: https://github.com/"));
		end = memchr(t.at, '\n', t.len);
		if (!end)
			return false;
		t = (struct text){end + 1, t.len - (size_t)(end + 1 - t.at)};
	}
	return false;
}

struct message_bugs message_bugs_by(struct text t, enum bug_mode mode, const struct message_bug_lists *lists)
{
	bool conservative = mode == BUGS_CONSERVATIVE;

	if (mode == BUGS_BY_ORIGIN)
		conservative = text_starts(t, TEXT_LIT("Bumping gaia.json")) || from_github(t);
	return conservative ? lists->conservative : lists->every;
}
