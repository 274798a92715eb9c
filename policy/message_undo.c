/*
 * Backouts as Mercurial's users write them, and git's reverts. The published patterns backtrack; here each is read from
 * left to right once. That is the same because nothing in them can be read in two ways: a keyword ends at the end of a
 * word, a node is no keyword, and no "and" begins like a node.
 */
#include "policy/message_scan.h"

#include <string.h>

enum { NODE = 12, COMMIT = 40 };

#define NOT_THERE SIZE_MAX

struct nodes {
	struct arena *arena;
	struct text *at;
	size_t n, room;
};

static void add_node(struct nodes *nodes, struct text node)
{
	nodes->at = arena_room(nodes->arena, nodes->at, nodes->n, &nodes->room, sizeof *nodes->at);
	nodes->at[nodes->n++] = node;
}

/* ---- words ---- */

static size_t blanks_end(struct text t, size_t at)
{
	while (at < t.len && byte_blank(t.at[at]))
		at++;
	return at;
}

/* Where `word` ends that stands at `at` in any case; NOT_THERE: another one. */
static size_t after(struct text t, size_t at, const char *word)
{
	size_t len;

	if (at == t.len || byte_lower(t.at[at]) != word[0]) /* most messages end here */
		return NOT_THERE;
	len = strlen(word);
	if (t.len - at < len || !text_eq_nocase((struct text){t.at + at, len}, (struct text){word, len}))
		return NOT_THERE;
	return at + len;
}

/* The same for one of n words, which must end as a word. */
static size_t after_one_of(struct text t, size_t at, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t end = after(t, at, words[i]);

		if (end != NOT_THERE && word_ends(t, end))
			return end;
	}
	return NOT_THERE;
}

static size_t after_keyword(struct text line, bool revert_words)
{
	static const char *const words[] = {"backed out",   "backout", "back out", "revert to", "reverted to",
					    "reverting to", "revert",  "reverted", "reverting"};

	return after_one_of(line, 0, words, revert_words ? sizeof words / sizeof words[0] : 3);
}

/* A node of `len` hexadecimal digits that ends as a word. */
static bool node_at(struct text t, size_t at, size_t len, struct text *ret)
{
	if (t.len - at < len || !word_ends(t, at + len))
		return false;
	for (size_t i = at; i < at + len; i++)
		if (!byte_digit(t.at[i]) && (byte_lower(t.at[i]) < 'a' || byte_lower(t.at[i]) > 'f'))
			return false;
	*ret = (struct text){t.at + at, len};
	return true;
}

/* ---- the three forms ---- */

static bool single(struct text line, bool revert_words, struct text *ret)
{
	static const char *const one[] = {"changeset", "revision", "change", "cset", "of"};
	size_t keyword = after_keyword(line, revert_words), at, word;

	if (keyword == NOT_THERE)
		return false;
	at = blanks_end(line, keyword);
	if (at == keyword)
		return false;
	word = after_one_of(line, at, one, sizeof one / sizeof one[0]);
	return node_at(line, word == NOT_THERE ? at : blanks_end(line, word), NODE, ret);
}

static size_t after_many(struct text line, size_t at)
{
	static const char *const many[] = {"changesets", "revisions", "changes", "csets", "of"};

	return after_one_of(line, at, many, sizeof many / sizeof many[0]);
}

/* "N changesets" */
static bool counted(struct text line, size_t keyword, size_t *ret_count)
{
	size_t from = blanks_end(line, keyword), end = from, count = 0;

	for (; end < line.len && byte_digit(line.at[end]); end++)
		count = count > SIZE_MAX / 16 ? count : count * 10 + (size_t)(line.at[end] - '0');
	if (from == keyword || end == from || blanks_end(line, end) == end ||
	    after_many(line, blanks_end(line, end)) == NOT_THERE)
		return false;
	*ret_count = count;
	return true;
}

/* Behind blanks, commas and "and". */
static size_t separators_end(struct text t, size_t at)
{
	size_t word;

	while (at < t.len) {
		word = after(t, at, "and");
		if (word != NOT_THERE)
			at = word;
		else if (byte_blank(t.at[at]) || t.at[at] == ',')
			at++;
		else
			break;
	}
	return at;
}

/* All nodes of the line; none: it is no list. That a separator stands before each need not be asked: what stands before
 * the first, and each node, ends as a word. */
static void listed(struct text line, size_t keyword, struct nodes *nodes)
{
	size_t at = keyword, many;
	struct text node;

	if (blanks_end(line, keyword) == keyword)
		return;
	many = after_many(line, blanks_end(line, keyword));
	if (many != NOT_THERE)
		at = many;
	while (node_at(line, separators_end(line, at), NODE, &node)) {
		add_node(nodes, node);
		at = (size_t)(node.at - line.at) + NODE;
	}
}

static struct message_bugs bugs_of(struct text t, enum bug_mode mode, struct arena *arena)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct bug_set *bugs = bug_set_new(&scratch);

	bug_set_read(bugs, t, mode);
	return bug_set_list(bugs, arena);
}

static struct message_undone undone(const struct nodes *nodes, struct message_bugs bugs)
{
	return (struct message_undone){true, nodes->at, nodes->n, bugs};
}

static void split(struct text rest, size_t count, struct undo_plan plan, struct nodes *nodes, struct message *m)
{
	struct text line, node;

	while (message_line(&rest, &line))
		if (single(line, plan.revert_words, &node))
			add_node(nodes, node);
	m->backouts = undone(nodes, m->bugs);
	if (nodes->n == count)
		m->backouts_strict = m->backouts;
}

void message_backouts(struct text bytes, struct undo_plan plan, struct arena *arena, struct message *m)
{
	struct nodes nodes = {.arena = arena};
	struct text rest = bytes, line = m->first_line, node;
	size_t keyword = after_keyword(line, plan.revert_words), count;

	if (keyword == NOT_THERE)
		return;
	(void)message_line(&rest, &line);
	m->is_backout = true;
	if (single(line, plan.revert_words, &node)) {
		add_node(&nodes, node);
	} else if (counted(line, keyword, &count)) {
		split(rest, count, plan, &nodes, m);
		return;
	} else {
		listed(line, keyword, &nodes);
	}
	if (nodes.n > 0)
		m->backouts = m->backouts_strict = undone(&nodes, bugs_of(line, plan.bugs, arena));
}

/* ---- git ---- */

static bool commit_of(struct text line, struct text *ret)
{
	const struct text words = TEXT_LIT("This reverts commit ");

	if (!text_starts(line, words) || !node_at(line, words.len, COMMIT, ret))
		return false;
	for (size_t i = 0; i < ret->len; i++)
		if (byte_lower(ret->at[i]) != ret->at[i]) /* git's own are lower case, and this pattern heeds case */
			return false;
	return true;
}

static bool summary_of(struct text line, struct text *ret)
{
	const struct text word = TEXT_LIT("Revert ");
	size_t from = word.len;

	if (!text_starts(line, word))
		return false;
	from += from < line.len && line.at[from] == '"';
	*ret = (struct text){line.at + from, line.len - from};
	return true;
}

void message_reverts(struct text bytes, struct undo_plan plan, struct arena *arena, struct message *m)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct nodes nodes = {.arena = arena};
	struct text rest = bytes, line, found;
	struct bug_set *bugs;

	if (!summary_of(m->first_line, &found))
		return;
	bugs = bug_set_new(&scratch);
	while (message_line(&rest, &line)) {
		if (commit_of(line, &found)) /* the first line is none */
			add_node(&nodes, found);
		else if (summary_of(line, &found))
			bug_set_read(bugs, found, plan.bugs);
	}
	m->reverts = undone(&nodes, bug_set_list(bugs, arena));
}
