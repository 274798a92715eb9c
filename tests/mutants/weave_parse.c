/*
 * A file of the catalogue: "key: value" lines, a value going on in lines that begin with a blank, then the edits:
 *
 *     edit: agent/store/steps.c
 *     --- was
 *     (the source, exactly: whole lines, or part of one)
 *     --- with
 *     (the same with the switch)
 *     --- end
 */
#include "tests/mutants/weave.h"

struct reading {
	struct weave_mutant *mutant;
	struct text rest;
	size_t line;
	struct arena *arena;
	struct err *err;
};

static bool wrong(const struct reading *r, const char *what)
{
	return err_set(r->err, ERR_INVALID, "mutant %.*s, line %zu: %s", TEXT_ARG(r->mutant->name), r->line, what);
}

/* The next line with its newline; empty at the end. */
static struct text peek_line(const struct reading *r)
{
	size_t end = text_find(r->rest, TEXT_LIT("\n"));

	return (struct text){r->rest.at, end == SIZE_MAX ? r->rest.len : end + 1};
}

static struct text next_line(struct reading *r)
{
	struct text line = peek_line(r);

	r->rest = (struct text){r->rest.at + line.len, r->rest.len - line.len};
	r->line++;
	return line;
}

static struct text trimmed(struct text t)
{
	while (t.len > 0 && (t.at[0] == ' ' || t.at[0] == '\t'))
		t = (struct text){t.at + 1, t.len - 1};
	while (t.len > 0 && (t.at[t.len - 1] == '\n' || t.at[t.len - 1] == ' '))
		t.len--;
	return t;
}

/* The lines up to the marker, which is passed; without the last line break, so that a text may be part of a line. */
static bool block(struct reading *r, const char *marker, struct text *ret)
{
	const char *from = r->rest.at;

	while (r->rest.len > 0) {
		const char *here = r->rest.at;

		if (text_is(trimmed(next_line(r)), marker)) {
			*ret = (struct text){from, here > from ? (size_t)(here - from) - 1 : 0};
			return ret->len > 0 || wrong(r, "an empty text");
		}
	}
	return wrong(r, "the file ends inside an edit");
}

/* mutant_on("name") with the mutant's own name, and no other, must stand in what an edit puts in. */
static bool switched(const struct reading *r, struct text with)
{
	static const char call[] = "mutant_on(\"";
	struct text own = arena_printf(r->arena, "%s%.*s\")", call, TEXT_ARG(r->mutant->name));
	size_t found = 0;

	for (size_t at; (at = text_find(with, text_of(call))) != SIZE_MAX; found++) {
		with = (struct text){with.at + at, with.len - at};
		if (!text_starts(with, own))
			return wrong(r, "an edit asks for another mutant");
		with = (struct text){with.at + own.len, with.len - own.len};
	}
	return found > 0 || wrong(r, "an edit that does not ask mutant_on() with this mutant's name");
}

static bool read_edit(struct reading *r, struct text file)
{
	struct weave_edit edit = {.file = file};

	if (r->mutant->n_edits == WEAVE_EDITS_MAX)
		return wrong(r, "too many edits");
	if (!text_is(trimmed(next_line(r)), "--- was"))
		return wrong(r, "--- was is expected after edit:");
	if (!block(r, "--- with", &edit.was) || !block(r, "--- end", &edit.with) || !switched(r, edit.with))
		return false;
	r->mutant->edits[r->mutant->n_edits++] = edit;
	return true;
}

/* Of this line and of those that go on with it, in one line. */
static struct text value(struct reading *r, struct text first)
{
	struct text all = trimmed(first);

	while (r->rest.len > 0 && (r->rest.at[0] == ' ' || r->rest.at[0] == '\t')) {
		struct text more = trimmed(next_line(r));

		all = arena_printf(r->arena, "%.*s %.*s", TEXT_ARG(all), TEXT_ARG(more));
	}
	return all;
}

static struct text *field_of(struct weave_mutant *m, struct text key)
{
	const struct {
		const char *key;
		struct text *at;
	} fields[] = {{"removes", &m->removes}, {"rows", &m->rows}, {"story", &m->story},
		      {"red", &m->red},         {"by", &m->by},     {"swarm", &m->swarm}};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (text_is(key, fields[i].key))
			return fields[i].at;
	return NULL;
}

static bool read_field(struct reading *r)
{
	struct text line = next_line(r), key, rest, *to;
	size_t colon = text_find(line, TEXT_LIT(":"));

	if (trimmed(line).len == 0)
		return true;
	if (colon == SIZE_MAX)
		return wrong(r, "no \"key: value\"");
	key = (struct text){line.at, colon};
	rest = (struct text){line.at + colon + 1, line.len - colon - 1};
	if (text_is(key, "edit"))
		return read_edit(r, trimmed(rest));
	to = field_of(r->mutant, key);
	if (!to)
		return wrong(r, "an unknown key");
	if (to->len > 0)
		return wrong(r, "a key that was given already");
	*to = value(r, rest);
	return true;
}

static bool complete(const struct reading *r)
{
	const struct weave_mutant *m = r->mutant;

	if (m->removes.len == 0 || m->rows.len == 0 || m->story.len == 0)
		return wrong(r, "removes, rows and story must be given");
	if (m->by.len > 0 && (!text_is(m->by, "units") || m->red.len == 0))
		return wrong(r, "by can only be units, and then red must name them");
	if (m->by.len > 0 && m->swarm.len > 0)
		return wrong(r, "a swarm is for what the simulator catches");
	if (m->by.len == 0)
		r->mutant->by = TEXT_LIT("simulator");
	return m->n_edits > 0 || wrong(r, "no edit");
}

bool weave_parse(struct text name, struct text bytes, struct weave_mutant *ret, struct arena *arena, struct err *err)
{
	struct reading r = {.mutant = ret, .rest = bytes, .arena = arena, .err = err};

	*ret = (struct weave_mutant){.name = name};
	while (r.rest.len > 0)
		if (!read_field(&r))
			return false;
	return complete(&r);
}
