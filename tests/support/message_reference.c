/*
 * Find all, split, convert: the patterns do the work. They are compiled in byte mode; `.` and `$` know \n alone. The
 * list of nodes is written as one class instead of a repetition inside a repetition: the same matches, without the
 * exponential search.
 */
#include "tests/support/message_reference.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>

#define NICK         "[a-zA-Z0-9\\-\\_.]*[a-zA-Z0-9\\-\\_]+"
#define GROUPS       "#?" NICK "!?"
#define LIST         "[;,\\/\\\\]\\s*"
#define REVIEWS(n)   "([\\s\\(\\.\\[;,])((?:r|a|sr|rs|ui-r)[=?])(" n "(?:" LIST "(?![a-z0-9\\.\\-]+[=?])" n ")*)?"
#define BK           "^(?:backed out|backout|back out)\\b"
#define BK_LANDO     "^(?:backed out|backout|back out|revert(?:ed|ing)?(?: to)?)\\b"
#define SHORT        "([0-9a-f]{12}\\b)"
#define SINGLE(bk)   bk "\\s+(?:\\b(?:changeset|revision|change|cset|of)\\b)?\\s*" SHORT
#define MANY         "(?:\\b(?:changesets|revisions|changes|csets|of)\\b)"
#define SPLIT(bk)    bk "\\s+(\\d+)\\s+" MANY
#define ONELINE(bk)  bk "\\s+" MANY "?\\s*((?:(?:\\s|and|,)+" SHORT ")+)"
#define ALONE(word)  "(?:^|[\\s(.\\[;,])" word "(?=\\z|[\\s)\\].;,])"
#define CONTROL_BYTE "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]|\\r(?!\\n)"
#define CONTROL      "\\xc2[\\x80-\\x9f]"
#define INVISIBLE                                                                                                      \
	"\\xc2\\xad|\\xcd\\x8f|\\xe1\\x85[\\x9f\\xa0]|\\xe1\\x9e[\\xb4\\xb5]|\\xe1\\xa0\\x8e|\\xe2\\x80\\x8b"          \
	"|\\xe2\\x81[\\xa0-\\xa5\\xaa-\\xaf]|\\xe3\\x85\\xa4|\\xef\\xbb\\xbf|\\xef\\xbe\\xa0|\\xef\\xbf[\\xb0-\\xbb]"  \
	"|\\xf0\\x9b\\xb2[\\xa0-\\xa3]|\\xf0\\x9d\\x85[\\xb3-\\xba]|\\xf3\\xa0[\\x80-\\x83\\x88-\\xbf][\\x80-\\xbf]"   \
	"|\\xf3\\xa0\\x87[\\xb0-\\xbf]|" LONE
#define SELECTOR                                                                                                       \
	"(?:\\xe1\\xa0[\\x8b-\\x8d\\x8f]|\\xef\\xb8[\\x80-\\x8f]|\\xf3\\xa0(?:[\\x84-\\x86][\\x80-\\xbf]|\\x87[\\x80-" \
	"\\xaf]))"
#define LONE "(?<![\\x80-\\xff])(?!(?<=[0-9#*])\\xef\\xb8\\x8f\\xe2\\x83\\xa3)" SELECTOR
/* Of these no more than what is generated. */
#define MARK                                                                                                           \
	"(?:\\xcc[\\x80-\\xbf]|\\xcd[\\x80-\\x8e\\x90-\\xaf]|\\xd2[\\x83-\\x89]|\\xd6[\\x91-\\xbd\\xbf]"               \
	"|\\xd7[\\x81\\x82\\x84\\x85\\x87]|\\xd8[\\x90-\\x9a]|\\xd9[\\x8b-\\x9f\\xb0]"                                 \
	"|\\xdb[\\x96-\\x9c\\x9f-\\xa4\\xa7\\xa8\\xaa-\\xad]|\\xe2\\x80\\x8a|\\xe2\\x83[\\x90-\\xbf])"
#define BLANK   "(?:\\xc2\\xa0|\\xe2\\x80[\\x80-\\x89\\xaf]|\\xe2\\x84\\x96|\\xe3\\x80\\x80|\\xef\\xbc\\x83)"
#define FOREIGN "(?:\\xd9[\\xa0-\\xa9]|\\xdb[\\xb0-\\xb9]|\\xdf[\\x80-\\x89]|\\xef\\xbc[\\x90-\\x99])"
#define UTF8                                                                                                           \
	"(?:[\\xc2-\\xdf][\\x80-\\xbf]|\\xe0[\\xa0-\\xbf][\\x80-\\xbf]|[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf]{2}"        \
	"|\\xed[\\x80-\\x9f][\\x80-\\xbf]|\\xf0[\\x90-\\xbf][\\x80-\\xbf]{2}|[\\xf1-\\xf3][\\x80-\\xbf]{3}"            \
	"|\\xf4[\\x80-\\x8f][\\x80-\\xbf]{2})"
#define NONE   "(?!" UTF8 ")[\\x80-\\xff]"
#define SPLITS "(?<=[0-9])(?=(?:" SELECTOR "|" MARK "|" NONE ")++[0-9])[\\x80-\\xff]"
#define MIXED  "(?<=[0-9])" FOREIGN "|" FOREIGN "(?=[0-9])"
#define RIGHT                                                                                                          \
	"(?:(?!" MARK "|" FOREIGN ")(?:\\xd6[\\x90-\\xbf]|[\\xd7-\\xdf][\\x80-\\xbf])"                                 \
	"|\\xe0(?:[\\xa0-\\xa2][\\x80-\\xbf]|\\xa3[\\x80-\\x92\\xa2]))"
#define MOVED "(?<=[0-9])(?=" RIGHT ")(?=(?:(?<=[0-9]{5})[^0-9A-Za-z\\n\\r]*+|[\\x80-\\xff]*+)[0-9])[\\x80-\\xff]"
/* The number of a bug: where one must begin, and where one ends. */
#define VALUE                                                                                                          \
	"(?:[0-9]|" FOREIGN "|\\xc2[\\xb2\\xb3\\xb9\\xbc-\\xbe]|\\xe2\\x81[\\xb0\\xb4-\\xb9]|\\xe2\\x91[\\xa0-\\xbf])"
#define STOP                                                                                                           \
	"(?:\\xc2[\\xab\\xbb]|\\xe2\\x80[\\x90-\\x95\\x98\\x9b-\\x9f\\xa6\\xb9\\xba]|\\xe3\\x80\\x82|\\xef\\xbc\\x9a)"
#define APART                                                                                                          \
	"(?:\\xc2\\xb7|\\xe2\\x80[\\x99\\x9a]|\\xe3\\x80\\x81|\\xe3\\x81\\xae|(?!\\xe9\\x9b\\xb6)\\xe9[\\x80-\\xbf]{"  \
	"2})"
#define NO_MARK SELECTOR "|" MARK "|" NONE
#define SKIPPED "(?:" NO_MARK "|" BLANK "|[ \\t#])*+"
#define SEEN    "(?!" SELECTOR "|" MARK "|" BLANK "|" VALUE "|" RIGHT "|" STOP "|" APART ")" UTF8
#define INSTEAD "(?=[\\x80-\\xff])" SKIPPED "(?:" NO_MARK "|" SEEN ")*+" VALUE
#define GOES_ON "(?=[\\x80-\\xff])(?:" BLANK SKIPPED VALUE "|" APART VALUE "|(?!" BLANK "|" APART "|" STOP ").)"
#define MOVED_BUG                                                                                                      \
	SKIPPED "(?=" RIGHT ")[^A-Za-z\\n\\r]*?" VALUE "(?:(?!" RIGHT ")[^A-Za-z\\n\\r])*+(?=[A-Za-z\\n\\r]|\\z)"
#define WORD_LIKE "(?=\\d*[OolI])(?=[OolI]*\\d)[0-9OolI]+(?!\\w)"
/* A joiner that does not stand between two letters, or behind a selector. */
#define JOINER    "\\xe2\\x80[\\x8c\\x8d]"
#define NO_LETTER "(?!(?&other))"
#define OTHER                                                                                                          \
	"(?(DEFINE)(?<other>" NO_MARK "|" BLANK "|" VALUE "|" STOP "|" APART "|" CONTROL "|" DIRECTION "|" LINE_END    \
	"|" INVISIBLE "))"
#define BEHIND_LETTER                                                                                                  \
	"(?<=" NO_LETTER "[\\xc2-\\xdf][\\x80-\\xbf]|" NO_LETTER "[\\xe0-\\xef][\\x80-\\xbf]{2}|" NO_LETTER            \
	"[\\xf0-\\xf4][\\x80-\\xbf]{3}|\\xe1\\xa0[\\x8b-\\x8d\\x8f]|\\xef\\xb8[\\x80-\\x8f]|\\xf3\\xa0[\\x84-\\x86]"   \
	"[\\x80-\\xbf]|\\xf3\\xa0\\x87[\\x80-\\xaf])"
#define LOOSE    "(?!" BEHIND_LETTER ")" JOINER "|" JOINER "(?!" NO_LETTER UTF8 ")"
#define WORD_BUG "(?i:(?<![a-z0-9])bug"
#define NAMING(open)                                                                                                   \
	WORD_BUG "s?\\.)" open "#*+)|" WORD_BUG "s?[:\\-])" open "[ \\t#]*+)|" WORD_BUG "s)" open "[ \\t#]*+)"         \
		 "|(?i:bug|b=)" open "[\\s#]*+)"
#define DIRECTION "\\xd8\\x9c|\\xe2\\x80[\\x8e\\x8f\\xaa-\\xae]|\\xe2\\x81[\\xa6-\\xa9]"
#define LINE_END  "\\xe2\\x80[\\xa8\\xa9]"

enum pattern {
	BUG,
	CONSERVATIVE,
	SOURCE_REPO,
	REVIEWERS,
	REVIEWERS_LANDO,
	IS_BACKOUT,
	SINGLE_OF,
	SPLIT_OF,
	ONELINE_OF,
	IS_BACKOUT_LANDO, /* in the order of the four above */
	SINGLE_OF_LANDO,
	SPLIT_OF_LANDO,
	ONELINE_OF_LANDO,
	A_NODE,
	SUMMARY,
	COMMIT,
	TREE,
	CLOSED_BUG,
	TREE_ALONE,
	CLOSED_BUG_ALONE,
	SUSPICION,
	STRICT_BUG,
	NAMED,
	LISTED,
	NUMBER_HERE,
	WHOLE_HERE,
	INSTEAD_HERE,
	MOVED_HERE,
	LETTERS_HERE,
	GOES_ON_HERE,
	PATTERNS
};

static const struct {
	const char *text;
	uint32_t options;
} patterns[PATTERNS] = {
	[BUG] = {"((?:bug|b=|(?=\\b\\#?\\d{5,})|^(?=\\d))(?:\\s*\\#?)(\\d+)(?=\\b))", PCRE2_CASELESS},
	[CONSERVATIVE] = {"(\\b(?:bug|b=)\\b(?:\\s*)(\\d+)(?=\\b))", PCRE2_CASELESS},
	[SOURCE_REPO] = {"^Source-Repo: (https?:\\/\\/.*)$", PCRE2_MULTILINE},
	[REVIEWERS] = {REVIEWS(NICK), 0},
	[REVIEWERS_LANDO] = {REVIEWS(GROUPS), 0},
	[IS_BACKOUT] = {BK, PCRE2_CASELESS},
	[SINGLE_OF] = {SINGLE(BK), PCRE2_CASELESS},
	[SPLIT_OF] = {SPLIT(BK), PCRE2_CASELESS},
	[ONELINE_OF] = {ONELINE(BK), PCRE2_CASELESS},
	[IS_BACKOUT_LANDO] = {BK_LANDO, PCRE2_CASELESS},
	[SINGLE_OF_LANDO] = {SINGLE(BK_LANDO), PCRE2_CASELESS},
	[SPLIT_OF_LANDO] = {SPLIT(BK_LANDO), PCRE2_CASELESS},
	[ONELINE_OF_LANDO] = {ONELINE(BK_LANDO), PCRE2_CASELESS},
	[A_NODE] = {SHORT, PCRE2_CASELESS},
	[SUMMARY] = {"^Revert \\\"?(.*)\\\"?", 0},
	[COMMIT] = {"^This reverts commit ([0-9a-f]{40})\\b", 0},
	[TREE] = {"CLOSED TREE", 0},
	[CLOSED_BUG] = {"CLOSEDBUG", 0},
	[TREE_ALONE] = {ALONE("CLOSED TREE"), 0},
	[CLOSED_BUG_ALONE] = {ALONE("CLOSEDBUG"), 0},
	[SUSPICION] = {"(" CONTROL_BYTE ")|(" CONTROL ")|(" INVISIBLE "|" LOOSE ")|(" DIRECTION ")|(" LINE_END
		       ")|(" SPLITS ")|(" MIXED ")|(" MOVED ")" OTHER,
		       0},
	[STRICT_BUG] = {"(" NAMING("(?:") "|(?<!\\w)(?=\\d{5,}\\b)|^(?=\\d+\\b))(\\d+)", 0},
	[NAMED] = {"(?|" NAMING("(") ")", 0},
	[LISTED] = {"(?:\\s*(?:[,&/+]|(?i:and)))+([\\s#]*+)", PCRE2_ANCHORED},
	[NUMBER_HERE] = {"\\d+", PCRE2_ANCHORED},
	[WHOLE_HERE] = {"\\d{1,3}(?:[ ,.'_]\\d{3}(?!\\d)){1,2}+", PCRE2_ANCHORED},
	[INSTEAD_HERE] = {INSTEAD, PCRE2_ANCHORED | PCRE2_DOTALL},
	[MOVED_HERE] = {MOVED_BUG, PCRE2_ANCHORED},
	[LETTERS_HERE] = {WORD_LIKE, PCRE2_ANCHORED},
	[GOES_ON_HERE] = {GOES_ON, PCRE2_ANCHORED | PCRE2_DOTALL},
};

/* By the groups of the last pattern. */
static const char *const reasons[] = {
	"a control byte",
	"a control character",
	"an invisible character",
	"a bidirectional control character",
	"a line separator",
	"a number that something unseen splits",
	"a number in digits of two scripts",
	"a number that right-to-left letters move",
};

static const char moved_bug[] = "the number of a bug beside digits that right-to-left letters move";

struct message_reference {
	pcre2_code *codes[PATTERNS];
	pcre2_match_data *data;
	bool jit;
};

struct reading {
	struct message_reference *reference;
	enum message_dialect dialect;
	struct arena *arena;
};

struct message_reference *message_reference_new(bool jit)
{
	struct message_reference *reference = calloc(1, sizeof *reference);
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	PCRE2_SIZE offset;
	int error;

	if (!reference || !context || pcre2_set_newline(context, PCRE2_NEWLINE_LF) != 0)
		abort();
	reference->jit = jit;
	reference->data = pcre2_match_data_create(16, NULL);
	for (size_t i = 0; i < PATTERNS; i++) {
		reference->codes[i] = pcre2_compile((PCRE2_SPTR)patterns[i].text, PCRE2_ZERO_TERMINATED,
						    patterns[i].options, &error, &offset, context);
		if (!reference->codes[i] || (jit && pcre2_jit_compile(reference->codes[i], PCRE2_JIT_COMPLETE) != 0))
			abort();
	}
	pcre2_compile_context_free(context);
	return reference;
}

void message_reference_free(struct message_reference *reference)
{
	for (size_t i = 0; i < PATTERNS; i++)
		pcre2_code_free(reference->codes[i]);
	pcre2_match_data_free(reference->data);
	free(reference);
}

/* A match at *at or behind; *at moves behind it. */
static bool find(const struct reading *on, enum pattern pattern, struct text t, size_t *at)
{
	struct message_reference *r = on->reference;
	int found = (r->jit ? pcre2_jit_match : pcre2_match)(r->codes[pattern], (PCRE2_SPTR)t.at, t.len, *at, 0,
							     r->data, NULL);

	if (found < 0 && found != PCRE2_ERROR_NOMATCH)
		abort();
	if (found > 0)
		*at = pcre2_get_ovector_pointer(r->data)[1];
	return found > 0;
}

static bool matches(const struct reading *on, enum pattern pattern, struct text t)
{
	size_t at = 0;

	return find(on, pattern, t, &at);
}

/* Of the last match; no bytes at NULL: the group took no part. */
static struct text group(const struct reading *on, struct text t, uint32_t n)
{
	const PCRE2_SIZE *v = pcre2_get_ovector_pointer(on->reference->data);

	if (v[2 * n] == PCRE2_UNSET)
		return TEXT_EMPTY;
	return (struct text){t.at + v[2 * n], v[2 * n + 1] - v[2 * n]};
}

/* One line off *rest, as Python's splitlines cuts bytes. */
static bool next_line(struct text *rest, struct text *ret)
{
	const char *newline = rest->len > 0 ? memchr(rest->at, '\n', rest->len) : NULL;
	size_t end = newline ? (size_t)(newline - rest->at) : rest->len, next;
	const char *cr = end > 0 ? memchr(rest->at, '\r', end) : NULL;

	if (cr)
		end = (size_t)(cr - rest->at);
	*ret = (struct text){rest->at, end};
	next = end;
	if (next < rest->len && rest->at[next++] == '\r' && next < rest->len && rest->at[next] == '\n')
		next++;
	*rest = (struct text){rest->at + next, rest->len - next};
	return next > 0;
}

/* Room for one more of `n` elements: they move when their number is 0, 4, 8, 16, ... */
static void *grown(struct arena *arena, const void *at, size_t n, size_t size)
{
	void *more;

	if (n != 0 && (n < 4 || (n & (n - 1)) != 0))
		return (void *)(uintptr_t)at;
	more = arena_alloc(arena, n < 4 ? 4 : n * 2, size);
	if (n > 0)
		memcpy(more, at, n * size);
	return more;
}

/* ---- bugs ---- */

static void add_bug(struct message_bugs *bugs, int64_t bug, struct arena *arena)
{
	int64_t *at;

	for (size_t i = 0; i < bugs->n; i++)
		if (bugs->at[i] == bug)
			return;
	at = grown(arena, bugs->at, bugs->n, sizeof *at);
	at[bugs->n++] = bug;
	bugs->at = at;
}

/* What stands between groups of digits is none. */
static void add_number(const struct reading *on, struct message_bugs *bugs, struct text digits)
{
	int64_t bug = 0;

	for (size_t i = 0; i < digits.len && bug < 100000000; i++)
		if (digits.at[i] >= '0' && digits.at[i] <= '9')
			bug = bug * 10 + (digits.at[i] - '0');
	if (bug < 100000000)
		add_bug(bugs, bug, on->arena);
}

static struct message_bugs numbers(const struct reading *on, enum pattern pattern, struct text t)
{
	struct message_bugs bugs = {NULL, 0};
	size_t at = 0;

	while (find(on, pattern, t, &at))
		add_number(on, &bugs, group(on, t, 2));
	return bugs;
}

/* One place behind a keyword where a number must begin. */
struct place {
	size_t begin, end, whole, grouped; /* end: begin: none does; whole: with groups of thousands */
	struct text gap;                   /* before it */
	bool word;                         /* so begins the keyword */
};

static void read_place(const struct reading *on, struct text t, size_t at, struct place *p)
{
	p->gap = group(on, t, 1);
	p->begin = p->end = p->whole = at;
	if (!find(on, NUMBER_HERE, t, &p->end) || at < p->grouped)
		p->whole = p->end;
	else if (find(on, WHOLE_HERE, t, &p->whole))
		p->grouped = p->whole;
	else
		p->whole = p->end;
}

/* Behind a number: is there one more? */
static bool next_place(const struct reading *on, struct text t, struct place *p)
{
	size_t at = p->end;

	if (!find(on, LISTED, t, &at)) {
		at = p->grouped;
		if (at <= p->end || !find(on, LISTED, t, &at))
			return false;
	}
	read_place(on, t, at, p);
	return true;
}

static struct message_bugs strict_numbers(const struct reading *on, struct text t)
{
	struct message_bugs bugs = {NULL, 0};
	size_t at = 0;

	while (find(on, STRICT_BUG, t, &at)) {
		struct text digits = group(on, t, 2);
		struct place p = {.grouped = 0};

		add_number(on, &bugs, digits);
		if (group(on, t, 1).len == 0)
			continue;
		read_place(on, t, at - digits.len, &p);
		do {
			if (p.end == p.begin)
				break;
			add_number(on, &bugs, (struct text){t.at + p.begin, p.end - p.begin});
			add_number(on, &bugs, (struct text){t.at + p.begin, p.whole - p.begin});
			at = p.end;
		} while (next_place(on, t, &p));
	}
	return bugs;
}

static struct message_bugs bugs_of(const struct reading *on, struct text t)
{
	bool conservative = on->dialect == MESSAGE_LANDO;

	if (on->dialect == MESSAGE_STRICT)
		return strict_numbers(on, t);
	if (on->dialect == MESSAGE_VCT && matches(on, SOURCE_REPO, t))
		conservative = text_starts(group(on, t, 1), TEXT_LIT("https://github.com/"));
	if (on->dialect == MESSAGE_VCT && text_starts(t, TEXT_LIT("Bumping gaia.json")))
		conservative = true;
	return numbers(on, conservative ? CONSERVATIVE : BUG, t);
}

/* ---- names ---- */

static void split_names(const struct reading *on, struct text flag, struct text list, struct message *m)
{
	for (size_t i = 0, from; i < list.len;) {
		struct message_token *tokens = grown(on->arena, m->tokens, m->n_tokens, sizeof *tokens);

		for (from = i; i < list.len && !strchr(";,/\\", list.at[i]); i++)
			;
		tokens[m->n_tokens++] = (struct message_token){
			{flag.at, flag.len - 1}, flag.at[flag.len - 1] == '?', {list.at + from, i - from}};
		m->tokens = tokens;
		for (i += i < list.len; i < list.len && strchr(" \t\n\v\f\r", list.at[i]); i++)
			;
	}
}

static void names(const struct reading *on, struct message *m)
{
	struct text line = m->first_line;
	size_t at = 0;

	while (find(on, on->dialect == MESSAGE_LANDO ? REVIEWERS_LANDO : REVIEWERS, line, &at)) {
		struct text list = group(on, line, 3);

		struct text flag = group(on, line, 2);

		if (list.at && flag.at)
			split_names(on, flag, list, m);
	}
}

/* ---- backouts, reverts ---- */

static void add_node(const struct reading *on, struct message_undone *undone, struct text node)
{
	struct text *nodes = grown(on->arena, undone->nodes, undone->n_nodes, sizeof *nodes);

	nodes[undone->n_nodes++] = node;
	undone->nodes = nodes;
}

static size_t count_of(struct text digits)
{
	size_t n = 0;

	for (size_t i = 0; i < digits.len && n < 1000000; i++)
		n = n * 10 + (size_t)(digits.at[i] - '0');
	return n;
}

static void backouts(const struct reading *on, struct text whole, struct message *m)
{
	enum pattern shift = on->dialect == MESSAGE_LANDO ? IS_BACKOUT_LANDO - IS_BACKOUT : 0;
	struct text first = m->first_line, list, line, rest = whole;
	struct message_undone undone = {.given = true};
	size_t at = 0, count;

	m->is_backout = matches(on, IS_BACKOUT + shift, whole);
	if (!m->is_backout)
		return;
	if (matches(on, SINGLE_OF + shift, first)) {
		add_node(on, &undone, group(on, first, 1));
	} else if (matches(on, SPLIT_OF + shift, first)) {
		count = count_of(group(on, first, 1));
		for (bool later = false; next_line(&rest, &line); later = true)
			if (later && matches(on, SINGLE_OF + shift, line))
				add_node(on, &undone, group(on, line, 1));
		undone.bugs = bugs_of(on, whole);
		m->backouts = undone;
		if (undone.n_nodes == count)
			m->backouts_strict = undone;
		return;
	} else if (matches(on, ONELINE_OF + shift, first)) {
		list = group(on, first, 1);
		while (find(on, A_NODE, list, &at))
			add_node(on, &undone, group(on, list, 1));
	} else {
		return;
	}
	undone.bugs = bugs_of(on, first);
	m->backouts = m->backouts_strict = undone;
}

static void reverts(const struct reading *on, struct text whole, struct message *m)
{
	struct message_undone undone = {.given = true};
	struct text line, rest = whole;

	if (!matches(on, SUMMARY, m->first_line))
		return;
	for (bool later = false; next_line(&rest, &line); later = true) {
		if (matches(on, SUMMARY, line)) {
			struct message_bugs bugs = bugs_of(on, group(on, line, 1));

			for (size_t i = 0; i < bugs.n; i++)
				add_bug(&undone.bugs, bugs.at[i], on->arena);
		}
		if (later && matches(on, COMMIT, line))
			add_node(on, &undone, group(on, line, 1));
	}
	m->reverts = undone;
}

/* ---- all of it ---- */

static bool here(const struct reading *on, enum pattern pattern, struct text t, size_t at)
{
	return find(on, pattern, t, &at);
}

static const char *misread_end(const struct reading *on, struct text t, size_t at)
{
	if (here(on, GOES_ON_HERE, t, at))
		return "the number of a bug with something behind it that may belong to it";
	return here(on, MOVED_HERE, t, at) ? moved_bug : NULL;
}

static const char *misread(const struct reading *on, struct text t, const struct place *p)
{
	bool one_line = text_find(p->gap, TEXT_LIT("\n")) == SIZE_MAX && text_find(p->gap, TEXT_LIT("\r")) == SIZE_MAX;
	const char *why = NULL;

	if (one_line && here(on, INSTEAD_HERE, t, p->begin))
		return "the number of a bug in characters that are not ASCII";
	if (one_line && here(on, MOVED_HERE, t, p->begin))
		return moved_bug;
	if (one_line && p->word && here(on, LETTERS_HERE, t, p->begin))
		return "the number of a bug with letters that look like digits";
	if (p->end > p->begin)
		why = misread_end(on, t, p->end);
	return why || p->whole == p->end ? why : misread_end(on, t, p->whole);
}

static const char *misnamed(const struct reading *on, struct text t)
{
	const char *why = NULL;
	size_t at = 0;

	while (!why && find(on, NAMED, t, &at)) {
		const char *from = group(on, t, 0).at;
		struct place p = {.word = from == t.at || !isalnum((unsigned char)from[-1])};

		read_place(on, t, at, &p);
		do
			why = misread(on, t, &p);
		while (!why && p.end > p.begin && next_place(on, t, &p));
	}
	return why;
}

static void suspicions(const struct reading *on, struct text t, struct message *m)
{
	size_t at = 0, n = 0;

	while (find(on, SUSPICION, t, &at) && n < sizeof reasons / sizeof reasons[0]) {
		uint32_t which = 1;
		bool known = false;

		while (!group(on, t, which).at)
			which++;
		for (size_t i = 0; i < n; i++)
			known = known || m->suspicions[i] == reasons[which - 1];
		if (!known)
			m->suspicions[n++] = reasons[which - 1];
	}
	if (n == 0 && (m->suspicions[0] = misnamed(on, t)) != NULL)
		n = 1;
	m->n_suspicions = n;
	m->suspicious = n > 0;
	m->why_suspicious = m->suspicions[0];
}

void message_reference_read(struct message_reference *reference, struct text bytes, enum message_dialect dialect,
			    struct arena *arena, struct message *ret)
{
	struct reading on = {reference, dialect, arena};
	bool strict = dialect == MESSAGE_STRICT;
	struct text rest;

	if (!bytes.at)
		bytes = TEXT_LIT("");
	rest = bytes;
	*ret = (struct message){.suspicious = false};
	(void)next_line(&rest, &ret->first_line);
	suspicions(&on, bytes, ret);
	ret->bugs = bugs_of(&on, bytes);
	ret->bugs_conservative = numbers(&on, CONSERVATIVE, bytes);
	if (strict && ret->suspicious)
		return;
	names(&on, ret);
	backouts(&on, bytes, ret);
	reverts(&on, bytes, ret);
	ret->closed_tree = matches(&on, strict ? TREE_ALONE : TREE, strict ? ret->first_line : bytes);
	ret->closedbug = matches(&on, strict ? CLOSED_BUG_ALONE : CLOSED_BUG, strict ? ret->first_line : bytes);
}
