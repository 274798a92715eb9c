/*
 * Pieces are drawn by topic, and most messages begin like something, so that the patterns match often and break in many
 * places: a generator of evenly drawn bytes would compare empty readings.
 */
#include "tests/support/message_reference.h"

struct drawn {
	uint64_t *state;
	char *out;
	size_t used, size;
};

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static size_t below(struct drawn *d, size_t n)
{
	return (size_t)(next(d->state) >> 11) % n;
}

static void put(struct drawn *d, const char *at, size_t len)
{
	if (d->size - d->used < len)
		return;
	memcpy(d->out + d->used, at, len);
	d->used += len;
}

static void put_from(struct drawn *d, const char *alphabet, size_t len)
{
	size_t n = strlen(alphabet);

	for (size_t i = 0; i < len; i++)
		put(d, &alphabet[below(d, n)], 1);
}

static void say(struct drawn *d, const char *piece)
{
	put(d, piece, strlen(piece));
}

#define PICK(d, list) pick(d, list, sizeof(list) / sizeof((list)[0]))
static void pick(struct drawn *d, const char *const *list, size_t n)
{
	say(d, list[below(d, n)]);
}

/* ---- pieces that break ---- */

static void put_digits(struct drawn *d)
{
	static const size_t lengths[] = {1, 1, 2, 3, 4, 5, 5, 6, 7, 7, 8, 9, 12, 25};
	size_t len = lengths[below(d, sizeof lengths / sizeof lengths[0])];

	put_from(d, below(d, 4) == 0 ? "01" : "0123456789", len);
}

static void put_node(struct drawn *d)
{
	static const size_t lengths[] = {12, 12, 12, 12, 12, 11, 13, 40, 40, 40, 39, 41};
	static const char *const alphabets[] = {"0123456789abcdef",       "0123456789abcdef", "0123456789abcdef",
						"0123456789abcdefABCDEF", "and0123456789",    "0123456789"};

	put_from(d, alphabets[below(d, 6)], lengths[below(d, sizeof lengths / sizeof lengths[0])]);
}

static void put_name(struct drawn *d)
{
	static const char *const names[] = {"bob",    "x.y",       ".", "a.", "#dom", "eve!",
					    "al-b_c", "DONTBUILD", "#", "!",  "r"};

	if (below(d, 3) == 0)
		put_from(d, "abrsuiXY09-_.!#", 1 + below(d, 6));
	else
		PICK(d, names);
}

static void put_flag(struct drawn *d)
{
	static const char *const before[] = {" ", " ", " ", ",",  ", ", "(",  "[", ".",
					     ";", ":", "",  "\t", "\v", "\f", "-"};
	static const char *const flags[] = {"r=",  "r=", "a=",    "r?",    "a?",  "sr=", "rs=", "ui-r=",
					    "sr?", "R=", "a1.9=", "ui-r?", "xr=", "b=",  "r",   "r=="};
	static const char *const between[] = {",", ", ", ";", "/", "\\", ",\t ", ".", ",,", " "};

	PICK(d, before);
	PICK(d, flags);
	for (size_t n = below(d, 4); n > 0; n--) {
		put_name(d);
		if (n > 1)
			PICK(d, between);
	}
}

static void put_names(struct drawn *d)
{
	static const char *const flags[] = {" r=", " r=", " a=", " r?", ", sr=", " rs=", "; ui-r=", " (r="};
	static const char *const between[] = {",", ", ", "/", ";"};

	PICK(d, flags);
	for (size_t n = 1 + below(d, 3); n > 0; n--) {
		put_name(d);
		if (n > 1)
			PICK(d, between);
	}
}

static void put_bug(struct drawn *d)
{
	static const char *const words[] = {
		"bug",    "Bug ", "BUG", "b=",       "B=",  "b= ",    "bugs ", "bug:", "bug #", "bug\n", "#", " #",
		"debug ", "-",    "x#",  "bug\t\v ", "b=#", "bug # ", "_",     "",     ".",     "bu",    "b"};
	static const char *const more[] = {"Bugs ", "bugs: ", "Bug. ", "bug-", "bugs#", "Bug: #"};
	static const char *const between[] = {", ", ",", " and ", "&", " / ", "+", ", and\n#",
					      " ",  "'", ".",     "_", "a",   "O", "l"};

	if (below(d, 8) == 0)
		PICK(d, more);
	else
		PICK(d, words);
	if (below(d, 8) > 0)
		put_digits(d);
	while (below(d, 5) == 0) {
		PICK(d, between);
		put_from(d, "0123456789", 1 + below(d, 4));
	}
}

static void put_break(struct drawn *d)
{
	static const char *const breaks[] = {"\n", "\n", "\n", "\n\n", "\r\n", "\r", "\n\r"};
	static const char *const rare[] = {"\v", "\f", "\x1c", "\xc2\x85", "\xe2\x80\xa8"};

	if (below(d, 12) == 0)
		PICK(d, rare);
	else
		PICK(d, breaks);
}

static const char *const odd_pieces[] = {"\x01",
					 "\x7f",
					 "\xc2\x9f",
					 "\xe9",
					 "\xc3\xa9",
					 "\xcc\x81",
					 "\xcd\x8f",
					 "\xe1\xa0\x8b",
					 "\xe2\x80\x8a",
					 "\xe2\x80\x93",
					 "\xe3\x80\x80",
					 "\xef\xb8\x8f",
					 "\xef\xb8\x8f\xe2\x83\xa3",
					 "\xef\xbc\x83",
					 "\xef\xbc\x91",
					 "\xd9\xa5",
					 "\xf3\xa0\x84\x80",
					 "\xc2\xa0",
					 "\xc2\xad",
					 "\xd8\x9c",
					 "\xe1\x85\x9f",
					 "\xe1\x85\xa1",
					 "\xe1\xa0\x8e",
					 "\xe2\x80\x8b",
					 "\xe2\x80\x8f",
					 "\xe2\x80\xa9",
					 "\xe2\x80\xae",
					 "\xe2\x80\xaf",
					 "\xe2\x81\xa0",
					 "\xe2\x81\xa5",
					 "\xe2\x81\xa6",
					 "\xe2\x81\xaf",
					 "\xe2\x81\xb0",
					 "\xe3\x85\xa4",
					 "\xef\xbb\xbf",
					 "\xef\xbe\xa0",
					 "\xef\xbf\xb9",
					 "\xef\xbf\xbd",
					 "\xf3\xa0\x80\x81",
					 "\xf3\xa0\x81\xbf",
					 "\xff",
					 "\xe2\x80",
					 "\xc2",
					 "\xe2\x84\xaa",
					 "\xe2\x80\x8c",
					 "\xe2\x80\x8d",
					 "\xd7\x90\xe2\x80\x8c\xd7\x91",
					 "\xc3\xa9\xe2\x80\x8d\xc3\xa9",
					 "\xef\xb8\x8f\xe2\x80\x8d\xc3\xa9",
					 "\xe2\x80\x8d\xc3\xa9",
					 "\xc2\xb2",
					 "\xd0\x9e",
					 "\xd7\x90",
					 "\xd7\x91",
					 "\xd7\x81",
					 "\xe2\x80\x99",
					 "\xe2\x84\x96",
					 "\xe2\x91\xa3",
					 "\xe3\x80\x81",
					 "\xe3\x81\xae",
					 "\xc5\xbf"};

static void put_odd(struct drawn *d)
{
	char byte = (char)below(d, 256);

	if (below(d, 3) == 0)
		put(d, &byte, 1);
	else
		PICK(d, odd_pieces);
}

static void put_backout(struct drawn *d)
{
	static const char *const words[] = {"Backed out",  "backout",   "Back out", "BACKED OUT ",
					    "Backed  out", "Backouts",  "Revert",   "Reverted to",
					    "reverting",   "revert to", "Reverts",  "back out_"};
	static const char *const what[] = {" changeset ",
					   " changesets ",
					   " ",
					   "  ",
					   " of ",
					   " cset ",
					   " csets",
					   " and ",
					   " revision\t",
					   " change",
					   " changes, ",
					   ", ",
					   " 2 changesets",
					   " 1 of",
					   " 02 csets",
					   " 3 changes ",
					   " 2  changesetsx",
					   " 0 revisions ",
					   "\v",
					   ""};
	static const char *const between[] = {" ", ", ", " and ", ",", "and", " , and\t", "", ":", "an "};

	PICK(d, words);
	PICK(d, what);
	for (size_t n = below(d, 4); n > 0; n--) {
		put_node(d);
		PICK(d, between);
	}
}

static void put_revert(struct drawn *d)
{
	static const char *const words[] = {"Revert \"",          "Revert ", "Revert", "revert \"",
					    "Revert \"Revert \"", "Revert  "};
	static const char *const reverts[] = {"This reverts commit ", "this reverts commit ", "This reverts  commit ",
					      " This reverts commit "};

	if (below(d, 2)) {
		PICK(d, words);
		put_bug(d);
		put(d, "\"", below(d, 2));
	} else {
		PICK(d, reverts);
		put_node(d);
		put(d, ".", below(d, 2));
	}
}

static void put_word(struct drawn *d)
{
	static const char *const words[] = {"CLOSED TREE", "CLOSEDBUG",    " CLOSED TREE", "(CLOSED TREE)",
					    " CLOSEDBUG ", "CLOSED  TREE", "xCLOSED TREE", "CLOSED TREES",
					    ".CLOSEDBUG,", "CLOSED",       "closedbug",    "CLOSED CLOSED TREE"};

	PICK(d, words);
}

static void put_origin(struct drawn *d)
{
	static const char *const lines[] = {"Source-Repo: https://github.com/x\n",
					    "Source-Repo: https://git.example/x\n",
					    "Source-Repo: http://github.com/\n",
					    "Source-Repo: https:/",
					    " Source-Repo: https://github.com/",
					    "\nSource-Repo: https://github.com/",
					    "\rSource-Repo: https://github.com/x\r",
					    "Source-Repo: https://github.com",
					    "Bumping gaia.json",
					    "source-repo: https://github.com/\n"};

	PICK(d, lines);
}

static void put_anything(struct drawn *d)
{
	static const char alphabet[] = "raaarsui--==?=?=..,,;;//\\\\   ((((([[[bB1_\t:#x\"";

	put_from(d, alphabet, 1 + below(d, 4));
}

/* Lines that belong together, most of them whole, with a break after each. */
static void put_split(struct drawn *d)
{
	size_t n = below(d, 4);
	char count = (char)('0' + n + (below(d, 6) == 0));

	say(d, "Backed out ");
	put(d, &count, 1);
	say(d, below(d, 8) ? " changesets (" : " changesets");
	put_bug(d);
	put_break(d);
	for (; n > 0; n--) {
		say(d, "Backed out changeset ");
		put_from(d, "0123456789abcdef", 12);
		say(d, below(d, 8) ? " (" : "");
		put_bug(d);
		put_break(d);
	}
}

static void put_reverts(struct drawn *d)
{
	for (size_t n = 1 + below(d, 2); n > 0; n--) {
		say(d, "Revert \"");
		put_bug(d);
		put_flag(d);
		say(d, "\"");
		put_break(d);
		say(d, "This reverts commit ");
		put_from(d, "0123456789abcdef", 40);
		say(d, below(d, 4) ? "." : "x");
		put_break(d);
	}
}

/* Numbers, with what misleads about them before and inside. */
static void put_odd_number(struct drawn *d)
{
	static const char *const words[] = {"bug", "Bug ", "b=", "b= #", "bugs", "", ""};

	PICK(d, words);
	for (size_t n = below(d, 3); n > 0; n--)
		put_odd(d);
	for (size_t n = 1 + below(d, 2); n > 0; n--) {
		put_digits(d);
		put_odd(d);
	}
	if (below(d, 2))
		put_digits(d);
}

/* Without what makes a message suspicious, or strict readings would be empty. */
static void clean(struct drawn *d)
{
	for (size_t i = 0; i < d->used; i++) {
		unsigned char c = (unsigned char)d->out[i];

		if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
			d->out[i] = ' ';
		if (c >= 0x80)
			d->out[i] = 'x';
	}
}

size_t message_generate(uint64_t *state, char *out, size_t size)
{
	static void (*const begins[])(struct drawn * d) = {put_bug,     put_backout, put_split, put_revert,
							   put_reverts, put_origin,  put_names, put_names};
	static void (*const pieces[])(struct drawn * d) = {
		put_bug,  put_bug,  put_bug,     put_flag,   put_flag,   put_names, put_names,  put_anything,
		put_name, put_word, put_backout, put_revert, put_origin, put_node,  put_digits,
	};
	struct drawn d = {state, out, 0, size};
	size_t n = below(&d, 12), breaks = 1 + below(&d, 6), odd = below(&d, 4);

	if (below(&d, 5) > 0)
		begins[below(&d, sizeof begins / sizeof begins[0])](&d);
	for (size_t i = 0; i < n; i++) {
		pieces[below(&d, sizeof pieces / sizeof pieces[0])](&d);
		if (below(&d, breaks) == 0)
			put_break(&d);
		if (odd == 0 && below(&d, 4) == 0)
			put_odd(&d);
		if (odd == 0 && below(&d, 8) == 0)
			put_odd_number(&d);
	}
	if (odd > 1)
		clean(&d);
	return d.used;
}

/* ---- messages as people write them ---- */

static void put_words(struct drawn *d, size_t n)
{
	static const char *const words[] = {
		"make",  "the",     "layout",  "of",       "tables", "faster", "remove",  "unused",
		"cache", "from",    "parser",  "because",  "it",     "never",  "returns", "what",
		"was",   "asked",   "update",  "bindings", "so",     "that",   "build",   "breakage",
		"on",    "older",   "systems", "does",     "not",    "happen", "again",   "tests",
		"for",   "buffers", "and",     "a",        "timer",  "in",     "media",   "code",
	};

	for (size_t i = 0; i < n; i++) {
		PICK(d, words);
		say(d, i + 1 < n ? " " : ".");
		if (i % 14 == 13)
			say(d, "\n");
	}
}

static void put_people(struct drawn *d, const char *flag)
{
	static const char *const people[] = {"alice",          "bob", "carol", "dan", "erin", "layout-reviewers",
					     "media-reviewers"};

	say(d, flag);
	PICK(d, people);
	if (below(d, 2)) {
		say(d, ",");
		PICK(d, people);
	}
}

static void put_number(struct drawn *d)
{
	say(d, "1");
	put_from(d, "0123456789", 6);
}

static void imitate_backout(struct drawn *d)
{
	size_t n = 2 + below(d, 4);
	char count = (char)('0' + n);

	say(d, "Backed out ");
	put(d, &count, 1);
	say(d, " changesets (bug ");
	put_number(d);
	say(d, ") for causing failures in tests. CLOSED TREE\n\n");
	for (size_t i = 0; i < n; i++) {
		say(d, "Backed out changeset ");
		put_from(d, "0123456789abcdef", 12);
		say(d, " (bug ");
		put_number(d);
		say(d, ")\n");
	}
}

size_t message_imitate(uint64_t *state, char *out, size_t size)
{
	struct drawn d = {state, out, 0, size};

	if (below(&d, 12) == 0) {
		imitate_backout(&d);
		return d.used;
	}
	say(&d, "Bug ");
	put_number(&d);
	say(&d, " - ");
	put_words(&d, 4 + below(&d, 6));
	put_people(&d, " r=");
	if (below(&d, 5) == 0)
		put_people(&d, " a=");
	say(&d, "\n\n");
	put_words(&d, below(&d, 90));
	say(&d, "\n\nDifferential Revision: https://phabricator.example/D");
	put_from(&d, "0123456789", 6);
	say(&d, "\n");
	return d.used;
}
