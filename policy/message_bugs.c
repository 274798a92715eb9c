/*
 * One pass finds all kinds of bug numbers. Whether digits are a bug's number hangs on what stands around them alone,
 * and no match holds the begin of another that names another number; so each place is judged by itself, which is what
 * a leftmost search with repetitions dropped comes to.
 *
 * Repetitions are found in the list while it is short, then in pages of bits: no choice of numbers makes that slow, as
 * it could a hash table. Of the three levels only what numbers fall into is there: 20 KiB for 17 of them, and never
 * more than 13 MiB. All of it is scratch; a reading keeps the numbers alone.
 */
#include "policy/message_scan.h"

#include <string.h>

enum {
	LISTED = 16,
	BARE_DIGITS = 5,
	PAGE_BITS = 4096,
	SHELF_PAGES = 64,
	SHELVES = MESSAGE_BUG_MAX / PAGE_BITS / SHELF_PAGES + 1,
};

struct bug_page {
	uint64_t bits[PAGE_BITS / 64];
};

struct bug_shelf {
	struct bug_page *pages[SHELF_PAGES];
};

struct bug_set {
	struct arena *scratch;
	size_t n, room;
	int64_t *at;                /* `few`, or longer */
	struct bug_shelf **shelves; /* NULL: the list is short */
	int64_t few[LISTED];        /* most messages name no more, and cost no memory */
};

static void set_begin(struct bug_set *set, struct arena *scratch)
{
	set->scratch = scratch;
	set->n = 0;
	set->room = LISTED;
	set->at = set->few;
	set->shelves = NULL;
}

static struct bug_page *page_of(struct bug_set *set, int64_t bug)
{
	struct bug_shelf **shelf = &set->shelves[bug / PAGE_BITS / SHELF_PAGES];
	struct bug_page **page;

	if (!*shelf)
		*shelf = arena_alloc(set->scratch, 1, sizeof **shelf);
	page = &(*shelf)->pages[bug / PAGE_BITS % SHELF_PAGES];
	if (!*page)
		*page = arena_alloc(set->scratch, 1, sizeof **page);
	return *page;
}

/* True if it was not there. */
static bool page_add(struct bug_set *set, int64_t bug)
{
	uint64_t bit = (uint64_t)1 << bug % 64, *word = &page_of(set, bug)->bits[bug % PAGE_BITS / 64];
	bool added = (*word & bit) == 0;

	*word |= bit;
	return added;
}

static bool set_is_new(struct bug_set *set, int64_t bug)
{
	if (!set->shelves && set->n < LISTED) {
		for (size_t i = 0; i < set->n; i++)
			if (set->at[i] == bug)
				return false;
		return true;
	}
	if (!set->shelves) {
		set->shelves = arena_alloc(set->scratch, SHELVES, sizeof *set->shelves);
		for (size_t i = 0; i < set->n; i++)
			(void)page_add(set, set->at[i]);
	}
	return page_add(set, bug);
}

struct bug_set *bug_set_new(struct arena *scratch)
{
	struct bug_set *set = arena_alloc(scratch, 1, sizeof *set);

	set_begin(set, scratch);
	return set;
}

static void set_add(struct bug_set *set, int64_t bug)
{
	if (!set_is_new(set, bug))
		return;
	set->at = arena_room(set->scratch, set->at, set->n, &set->room, sizeof *set->at);
	set->at[set->n++] = bug;
}

struct message_bugs bug_set_list(const struct bug_set *set, struct arena *arena)
{
	int64_t *at = NULL;

	if (set->n > 0) {
		at = arena_alloc(arena, set->n, sizeof *at);
		memcpy(at, set->at, set->n * sizeof *at);
	}
	return (struct message_bugs){at, set->n};
}

/* ---- numbers ---- */

/* MESSAGE_BUG_MAX + 1 for whatever is higher. What stands between groups of digits is passed over. */
static int64_t number(struct text t, size_t from, size_t end)
{
	int64_t n = 0;

	for (; from < end && n <= MESSAGE_BUG_MAX; from++)
		if (byte_digit(t.at[from]))
			n = n * 10 + (t.at[from] - '0');
	return n <= MESSAGE_BUG_MAX ? n : (int64_t)MESSAGE_BUG_MAX + 1;
}

static void take(struct bug_set *set, int64_t bug)
{
	if (set && bug <= MESSAGE_BUG_MAX)
		set_add(set, bug);
}

struct bug_scan {
	struct text t;
	struct bug_set *every, *conservative; /* NULL: nobody asks for them */
	bool strict;                          /* of `every` */
};

/* At a digit: a number by itself. Returns where to go on. */
static size_t bare(struct bug_scan *s, size_t at)
{
	bool begins = at == 0 || !byte_word(s->t.at[at - 1]);
	size_t end = digits_end(s->t, at);

	if (begins && word_ends(s->t, end) && (at == 0 || end - at >= BARE_DIGITS))
		take(s->every, number(s->t, at, end));
	return end;
}

/* At a 'b': "bug" or "b=", blanks, '#', a number. Returns where to go on. */
static size_t named(struct bug_scan *s, size_t at)
{
	struct text t = s->t;
	size_t len = bug_keyword(t, at), from = at + len, end;
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

		take(s->every, bug);
		/* "bug" ends a word and "b=" does not: the one needs a blank, the other has none */
		if (!hash && close == (len == 2) && (at == 0 || !byte_word(t.at[at - 1])))
			take(s->conservative, bug);
		return end;
	}
	return from - hash; /* blanks lead nowhere; what follows them may */
}

/* The same, and every number that is read there strictly. */
static size_t named_strictly(struct bug_scan *s, size_t at)
{
	size_t end = named(s, at);
	struct bug_list list;

	if (!s->strict || !bug_list_begin(s->t, at, &list))
		return end;
	do {
		if (list.end == list.from)
			break;
		take(s->every, number(s->t, list.from, list.end));
		if (list.whole > list.end)
			take(s->every, number(s->t, list.from, list.whole));
		end = list.end;
	} while (bug_list_next(&list));
	return end;
}

static bool starts(char c)
{
	return byte_digit(c) || byte_lower(c) == 'b';
}

/* The next digit or begin of a keyword, nearly, at `at` or behind; or the end. */
static size_t next_start(struct text t, size_t at)
{
	for (; t.len - at > WIDE; at += WIDE) {
		wide x = wide_at(t.at + at);
		size_t first = wide_first(wide_keyword(t.at + at) | (wide)((wide)(x - '0') < 10));

		if (first < WIDE)
			return at + first;
	}
	while (at < t.len && !starts(t.at[at]))
		at++;
	return at;
}

static void scan(struct bug_scan s)
{
	for (size_t i = 0; (i = next_start(s.t, i)) < s.t.len;)
		i = byte_digit(s.t.at[i]) ? bare(&s, i) : named_strictly(&s, i);
}

void message_bugs(struct text t, enum bug_mode mode, struct arena *arena, struct message_bug_lists *ret)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct bug_set every, conservative;

	set_begin(&every, &scratch);
	set_begin(&conservative, &scratch);
	scan((struct bug_scan){t, &every, &conservative, mode == BUGS_STRICTLY});
	*ret = (struct message_bug_lists){bug_set_list(&every, arena), bug_set_list(&conservative, arena)};
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

static bool conservatively(struct text t, enum bug_mode mode)
{
	if (mode == BUGS_BY_ORIGIN)
		return text_starts(t, TEXT_LIT("Bumping gaia.json")) || from_github(t);
	return mode == BUGS_CONSERVATIVE;
}

struct message_bugs message_bugs_by(struct text t, enum bug_mode mode, const struct message_bug_lists *lists)
{
	return conservatively(t, mode) ? lists->conservative : lists->every;
}

void bug_set_read(struct bug_set *set, struct text t, enum bug_mode mode)
{
	bool fewer = conservatively(t, mode);

	scan((struct bug_scan){t, fewer ? NULL : set, fewer ? set : NULL, mode == BUGS_STRICTLY});
}
