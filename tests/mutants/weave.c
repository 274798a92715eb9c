/*
 * Each edit becomes a piece: a span of the original source and what comes before, in place of, and after it. Pieces
 * may lie beside each other or, where the outer one only puts something around, in each other. Positions are those of
 * the source as it is written, so the order of the mutants decides nothing but the order of what meets in one place.
 */
#include "tests/mutants/weave.h"

struct piece {
	const struct weave_mutant *mutant;
	size_t from, to; /* of the original source */
	struct text before, after;
	bool keeps; /* what stands between from and to stays */
};

struct weaving {
	const struct weave_mutants *mutants;
	struct text file, source;
	struct piece *pieces;
	size_t n;
	struct text out;
	size_t room;
	struct arena *arena;
	struct err *err;
};

static struct text part(struct text t, size_t from, size_t to)
{
	return (struct text){t.at + from, to - from};
}

/* ---- the text that goes in ---- */

static void put(struct weaving *w, struct text t)
{
	char *at = (char *)(uintptr_t)w->out.at;

	if (!t.at || t.len == 0)
		return;
	if (!at || w->out.len + t.len > w->room) {
		w->room = 2 * (w->out.len + t.len) + 4096;
		at = arena_alloc(w->arena, w->room, 1);
		if (w->out.at)
			memcpy(at, w->out.at, w->out.len);
		w->out.at = at;
	}
	memcpy(at + w->out.len, t.at, t.len);
	w->out.len += t.len;
}

/* mutant_on("name") becomes a comparison of numbers: woven code is hot. */
static void put_switched(struct weaving *w, const struct piece *piece, struct text t)
{
	struct text call = arena_printf(w->arena, "mutant_on(\"%.*s\")", TEXT_ARG(piece->mutant->name));
	struct text is = arena_printf(w->arena, "mutant_is(%zu /* %.*s */)", (size_t)(piece->mutant - w->mutants->at),
				      TEXT_ARG(piece->mutant->name));

	for (size_t at; (at = text_find(t, call)) != SIZE_MAX; t = part(t, at + call.len, t.len)) {
		put(w, part(t, 0, at));
		put(w, is);
	}
	put(w, t);
}

/* ---- pieces ---- */

static bool misfit(const struct weaving *w, const struct weave_mutant *mutant, const char *why, struct text text)
{
	size_t end = text_find(text, TEXT_LIT("\n"));
	struct text line = {text.at, end == SIZE_MAX ? text.len : end};

	return err_set(w->err, ERR_INVALID, "mutant %.*s no longer fits %.*s: %s: %.*s", TEXT_ARG(mutant->name),
		       TEXT_ARG(w->file), why, TEXT_ARG(line));
}

static bool locate(const struct weaving *w, const struct weave_mutant *mutant, struct text was, size_t *ret)
{
	size_t at = text_find(w->source, was);

	if (at == SIZE_MAX)
		return misfit(w, mutant, "this is not found", was);
	if (text_find(part(w->source, at + 1, w->source.len), was) != SIZE_MAX)
		return misfit(w, mutant, "this is found more than once", was);
	*ret = at;
	return true;
}

static bool in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Would a cut here go through a word? */
static bool splits(struct text t, size_t at)
{
	return at > 0 && at < t.len && in_word(t.at[at - 1]) && in_word(t.at[at]);
}

struct ends { /* what two texts have in common at their ends, in whole words */
	size_t head, tail;
};

static struct ends common_ends(struct text was, struct text with)
{
	struct ends e = {0, 0};

	while (e.head < was.len && e.head < with.len && was.at[e.head] == with.at[e.head])
		e.head++;
	while (splits(was, e.head) || splits(with, e.head))
		e.head--;
	while (e.tail < was.len - e.head && e.tail < with.len - e.head &&
	       was.at[was.len - 1 - e.tail] == with.at[with.len - 1 - e.tail])
		e.tail++;
	while (splits(was, was.len - e.tail) || splits(with, with.len - e.tail))
		e.tail--;
	return e;
}

/* Where the old text still stands in the new one, as words and not inside a mutant's name; SIZE_MAX: nowhere. */
static size_t kept_at(struct text was, struct text with)
{
	bool quoted = false;

	for (size_t at = 0; was.len > 0 && at + was.len <= with.len; at++) {
		struct text here = part(with, at, at + was.len);

		if (!quoted && text_eq(here, was) && !splits(with, at) && !splits(with, at + was.len))
			return at;
		quoted = quoted != (with.at[at] == '"');
	}
	return SIZE_MAX;
}

static bool add_piece(struct weaving *w, const struct weave_mutant *mutant, const struct weave_edit *edit)
{
	struct ends ends = common_ends(edit->was, edit->with);
	struct text was = part(edit->was, ends.head, edit->was.len - ends.tail);
	struct text with = part(edit->with, ends.head, edit->with.len - ends.tail);
	size_t at = 0, kept = kept_at(was, with);
	struct piece piece = {.mutant = mutant, .before = with, .keeps = kept != SIZE_MAX};

	if (!locate(w, mutant, edit->was, &at))
		return false;
	piece.from = at + ends.head;
	piece.to = piece.from + was.len;
	if (piece.keeps) {
		piece.before = part(with, 0, kept);
		piece.after = part(with, kept + was.len, with.len);
	}
	w->pieces[w->n++] = piece;
	return true;
}

/* Insertions first, then the outer before the inner, what keeps before what replaces. */
static int piece_order(const struct piece *a, const struct piece *b)
{
	bool a_none = a->from == a->to, b_none = b->from == b->to;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a_none != b_none)
		return a_none ? -1 : 1;
	if (a->to != b->to)
		return a->to > b->to ? -1 : 1;
	return (int)b->keeps - (int)a->keeps;
}

/* By insertion, so that equals stay in the order of names. */
static void sort_pieces(struct weaving *w)
{
	for (size_t i = 1; i < w->n; i++) {
		struct piece one = w->pieces[i];
		size_t k = i;

		for (; k > 0 && piece_order(&one, &w->pieces[k - 1]) < 0; k--)
			w->pieces[k] = w->pieces[k - 1];
		w->pieces[k] = one;
	}
}

static bool collides(const struct weaving *w, const struct piece *outer, const struct piece *inner)
{
	struct text both = part(w->source, inner->from, inner->to);

	return err_set(w->err, ERR_INVALID, "mutants %.*s and %.*s change the same text of %.*s: %.*s",
		       TEXT_ARG(outer->mutant->name), TEXT_ARG(inner->mutant->name), TEXT_ARG(w->file), TEXT_ARG(both));
}

/* Piece *i with all that lies in it; *i is then the next one's. */
static bool put_piece(struct weaving *w, size_t *i)
{
	const struct piece *piece = &w->pieces[(*i)++];
	size_t at = piece->from;

	put_switched(w, piece, piece->before);
	while (*i < w->n && w->pieces[*i].from < piece->to) {
		const struct piece *inner = &w->pieces[*i];

		if (!piece->keeps || inner->to > piece->to)
			return collides(w, piece, inner);
		put(w, part(w->source, at, inner->from));
		at = inner->to;
		if (!put_piece(w, i)) /* as deep as mutants lie in each other */
			return false;
	}
	if (piece->keeps)
		put(w, part(w->source, at, piece->to));
	put_switched(w, piece, piece->after);
	return true;
}

static bool put_all(struct weaving *w)
{
	size_t at = 0;

	for (size_t i = 0; i < w->n;) {
		const struct piece *piece = &w->pieces[i];

		put(w, part(w->source, at, piece->from));
		at = piece->to;
		if (!put_piece(w, &i))
			return false;
	}
	put(w, part(w->source, at, w->source.len));
	return true;
}

bool weave_file(const struct weave_mutants *mutants, const struct weave_source *source, struct text *ret,
		struct arena *arena, struct err *err)
{
	struct weaving w = {
		.mutants = mutants, .file = source->file, .source = source->bytes, .arena = arena, .err = err};

	w.pieces = arena_alloc(arena, mutants->n * WEAVE_EDITS_MAX + 1, sizeof *w.pieces);
	for (size_t m = 0; m < mutants->n; m++)
		for (size_t e = 0; e < mutants->at[m].n_edits; e++) {
			const struct weave_edit *edit = &mutants->at[m].edits[e];

			if (text_eq(edit->file, w.file) && !add_piece(&w, &mutants->at[m], edit))
				return false;
		}
	sort_pieces(&w);
	put(&w, TEXT_LIT("#include \"tests/mutants/mutant.h\"\n"));
	if (!put_all(&w))
		return false;
	*ret = w.out;
	return true;
}

/* ---- the list ---- */

static void put_string(struct weaving *w, struct text t)
{
	put(w, TEXT_LIT("\""));
	for (size_t i = 0; i < t.len; i++) {
		if (t.at[i] == '"' || t.at[i] == '\\')
			put(w, TEXT_LIT("\\"));
		put(w, part(t, i, i + 1));
	}
	put(w, TEXT_LIT("\""));
}

struct text weave_list(const struct weave_mutants *mutants, struct arena *arena)
{
	struct weaving w = {.arena = arena};

	put(&w, TEXT_LIT("#include \"tests/mutants/mutant.h\"\n\nconst struct mutant mutant_list[] = {\n"));
	for (size_t m = 0; m < mutants->n; m++) {
		const struct weave_mutant *mutant = &mutants->at[m];
		const struct text fields[] = {mutant->name, mutant->removes, mutant->rows, mutant->story,
					      mutant->red,  mutant->by,      mutant->swarm};

		for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
			put(&w, i == 0 ? TEXT_LIT("\t{") : TEXT_LIT(",\n\t "));
			put_string(&w, fields[i]);
		}
		put(&w, TEXT_LIT("},\n"));
	}
	put(&w, TEXT_LIT("};\nconst size_t mutant_count = sizeof mutant_list / sizeof mutant_list[0];\n"));
	return w.out;
}
