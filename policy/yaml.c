/*
 * libfyaml's parser, drained event by event. Its document builder (which resolves aliases and merges) is never entered.
 */
#include "policy/yaml_events.h"

#include <libfyaml.h>
#include <stdio.h>
#include <string.h>

#include "policy/memory.h"

struct reading {
	struct text bytes;
	struct arena *arena;
	struct problem *problem;
	struct yaml_sink sink;
	unsigned documents;
	unsigned line, column; /* of the last event that had a position */
	char *scratch;         /* for one scalar's value */
	size_t scratch_size;
};

static bool refuse(struct reading *reading, const char *text)
{
	return yaml_problem_at(reading->problem, reading->line, reading->column, text);
}

static void place(struct reading *reading, const struct fy_mark *mark)
{
	if (!mark || mark->line < 0 || mark->column < 0)
		return;
	reading->line = (unsigned)mark->line + 1;
	reading->column = (unsigned)mark->column + 1;
}

/*
 * The value of a scalar, piece by piece: the library's one-call reading loses memory for values of many pieces
 * (escapes, lines). No value is longer than the whole text by more than its last line's end, so the buffer holds it.
 */
static bool read_scalar(struct reading *reading, struct fy_token *token, struct text *ret)
{
	struct fy_token_iter *iter = fy_token_iter_create(token);
	const struct fy_iter_chunk *chunk = NULL;
	size_t used = 0;
	int error = 0;

	if (!iter)
		out_of_memory();
	while ((chunk = fy_token_iter_chunk_next(iter, chunk, &error)) != NULL &&
	       chunk->len <= reading->scratch_size - used) {
		memcpy(reading->scratch + used, chunk->str, chunk->len);
		used += chunk->len;
	}
	fy_token_iter_destroy(iter);
	if (chunk || error != 0)
		return false;
	*ret = arena_text(reading->arena, (struct text){reading->scratch, used});
	return true;
}

static bool in_quotes(enum yaml_style style)
{
	return style == YAML_SINGLE || style == YAML_DOUBLE;
}

/* libfyaml reads two doubled quotes side by side ('a''''b') wrongly: such a scalar is refused. */
static bool misread(const struct reading *reading, const struct yaml_event *event)
{
	if (event->style != YAML_SINGLE || event->end < event->start + 2)
		return event->style == YAML_SINGLE;
	return text_find((struct text){reading->bytes.at + event->start + 1, event->end - event->start - 2},
			 TEXT_LIT("''''")) != SIZE_MAX;
}

static enum yaml_style style_of(struct fy_token *token)
{
	enum fy_scalar_style style = token ? fy_token_scalar_style(token) : FYSS_PLAIN;

	if (!token)
		return YAML_ABSENT;
	if (style == FYSS_SINGLE_QUOTED)
		return YAML_SINGLE;
	if (style == FYSS_DOUBLE_QUOTED)
		return YAML_DOUBLE;
	if (style == FYSS_LITERAL)
		return YAML_LITERAL;
	return style == FYSS_FOLDED ? YAML_FOLDED : YAML_PLAIN;
}

/* Where a token stands; false where the library does not say, or not within the text. */
static bool extent(const struct reading *reading, struct fy_token *token, size_t *ret_start, size_t *ret_end)
{
	const struct fy_mark *start = token ? fy_token_start_mark(token) : NULL;
	const struct fy_mark *end = token ? fy_token_end_mark(token) : NULL;

	if (!start || !end || start->input_pos > end->input_pos || end->input_pos > reading->bytes.len)
		return false;
	*ret_start = start->input_pos;
	*ret_end = end->input_pos;
	return true;
}

static bool name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* The name of an anchor or alias, whose token begins behind its mark (`&` or `*`). Readers of YAML differ in where
 * other bytes end a name. */
static bool name_of(struct reading *reading, struct fy_token *token, char mark, struct text *ret)
{
	size_t start, end;

	if (!extent(reading, token, &start, &end) || start == 0 || start == end || reading->bytes.at[start - 1] != mark)
		return refuse(reading, "a name that cannot be read");
	for (size_t i = start; i < end; i++)
		if (!name_byte(reading->bytes.at[i]))
			return refuse(reading, "an anchor's name has letters, digits, `-` and `_` only");
	*ret = arena_text(reading->arena, (struct text){reading->bytes.at + start, end - start});
	return true;
}

static bool value_of(struct reading *reading, struct fy_token *token, struct yaml_event *event)
{
	event->text = TEXT_LIT("");
	if (!token)
		return true;
	if (!extent(reading, token, &event->start, &event->end))
		return refuse(reading, "a scalar that cannot be read");
	if (in_quotes(event->style) && event->start > 0 && event->end < reading->bytes.len && event->column > 1) {
		event->start--; /* the marks stand inside the quotes */
		event->end++;
		reading->column = --event->column;
	}
	if (misread(reading, event))
		return refuse(reading, "doubled quotes side by side are not used here; write it in double quotes");
	if (!read_scalar(reading, token, &event->text))
		return refuse(reading, "a scalar that cannot be read");
	if (memchr(event->text.at, '\0', event->text.len))
		return refuse(reading, "an escape makes a NUL byte");
	if (!text_utf8(event->text))
		return refuse(reading, "an escape makes text that is not valid UTF-8");
	return true;
}

/* What an event of the library is made of. */
struct parts {
	enum yaml_what what;
	struct fy_token *token, *anchor, *tag;
};

static bool parts_of(struct fy_event *event, struct parts *ret)
{
	*ret = (struct parts){0};
	if (event->type == FYET_SCALAR)
		*ret = (struct parts){YAML_AT_SCALAR, event->scalar.value, event->scalar.anchor, event->scalar.tag};
	else if (event->type == FYET_ALIAS)
		*ret = (struct parts){YAML_AT_ALIAS, event->alias.anchor, NULL, NULL};
	else if (event->type == FYET_SEQUENCE_START)
		*ret = (struct parts){YAML_AT_LIST, event->sequence_start.sequence_start, event->sequence_start.anchor,
				      event->sequence_start.tag};
	else if (event->type == FYET_MAPPING_START)
		*ret = (struct parts){YAML_AT_MAP, event->mapping_start.mapping_start, event->mapping_start.anchor,
				      event->mapping_start.tag};
	else if (event->type == FYET_SEQUENCE_END)
		*ret = (struct parts){YAML_AT_END, event->sequence_end.sequence_end, NULL, NULL};
	else if (event->type == FYET_MAPPING_END)
		*ret = (struct parts){YAML_AT_END, event->mapping_end.mapping_end, NULL, NULL};
	else if (event->type == FYET_DOCUMENT_START)
		*ret = (struct parts){YAML_AT_DOCUMENT, event->document_start.document_start, NULL, NULL};
	else
		return false;
	return true;
}

/* An opening or closing bracket is one byte; where a block begins or ends nothing is written. */
static enum yaml_style bracket(const struct reading *reading, const struct yaml_event *event)
{
	return event->end == event->start + 1 && strchr("[]{}", reading->bytes.at[event->start]) ? YAML_FLOW
												 : YAML_BLOCK;
}

static bool fill(struct reading *reading, const struct parts *parts, struct yaml_event *event)
{
	size_t ignored;

	if (parts->anchor && (!name_of(reading, parts->anchor, '&', &event->anchor) ||
			      !extent(reading, parts->anchor, &event->anchored, &ignored)))
		return false;
	if (parts->anchor)
		event->anchored--;
	if (event->what == YAML_AT_SCALAR) {
		event->style = style_of(parts->token);
		return value_of(reading, parts->token, event);
	}
	if (parts->token && !extent(reading, parts->token, &event->start, &event->end))
		return refuse(reading, "cannot be read");
	if (event->what == YAML_AT_ALIAS) {
		event->start--;
		event->column -= event->column > 1;
		return name_of(reading, parts->token, '*', &event->text);
	}
	event->style = event->what == YAML_AT_DOCUMENT ? YAML_PLAIN : bracket(reading, event);
	return true;
}

static bool on_event(struct reading *reading, struct fy_event *event)
{
	struct yaml_event ours = {0};
	struct parts parts;

	place(reading, fy_event_start_mark(event));
	if (event->type == FYET_DOCUMENT_START && reading->documents++ > 0)
		return refuse(reading, "a second document");
	if (!parts_of(event, &parts) || (parts.what == YAML_AT_DOCUMENT && !parts.token))
		return true;
	if (parts.tag)
		return refuse(reading, "tags are not used here");
	ours.what = parts.what;
	ours.line = reading->line;
	ours.column = reading->column;
	return fill(reading, &parts, &ours) && reading->sink.take(reading->sink.self, &ours, reading->problem);
}

/* What libfyaml collected about a text that it could not read; it is told to print nothing. */
static bool library_problem(struct reading *reading, struct fy_diag *diag)
{
	void *iterator = NULL;
	const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &iterator);

	if (error && error->line > 0 && error->column > 0) { /* from 1, unlike marks */
		reading->line = (unsigned)error->line;
		reading->column = (unsigned)error->column;
	}
	(void)snprintf(reading->problem->text, sizeof reading->problem->text, "not valid YAML%s%s",
		       error && error->msg ? ": " : "", error && error->msg ? error->msg : "");
	if (error && error->msg && text_find(text_of(error->msg), TEXT_LIT("tab")) != SIZE_MAX)
		(void)snprintf(reading->problem->text, sizeof reading->problem->text,
			       "a tab where lines are indented; use spaces");
	reading->problem->text[strcspn(reading->problem->text, "\r\n")] = '\0';
	reading->problem->line = reading->line;
	reading->problem->column = reading->column;
	return false;
}

static bool drain(struct reading *reading, struct fy_parser *parser, struct fy_diag *diag)
{
	struct fy_event *event;
	bool ok = true, ended = false;

	while (ok && !ended && (event = fy_parser_parse(parser)) != NULL) {
		ended = event->type == FYET_STREAM_END;
		ok = on_event(reading, event);
		fy_parser_event_free(parser, event);
	}
	if (ok && (!ended || fy_diag_got_error(diag)))
		return library_problem(reading, diag);
	return ok;
}

static void say_nothing(struct fy_diag *diag, void *user, const char *buffer, size_t len)
{
	(void)diag;
	(void)user;
	(void)buffer;
	(void)len;
}

static bool read_all(struct reading *reading, struct fy_diag *diag)
{
	struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 |
					    FYPCF_JSON_NONE};
	struct fy_parser *parser;
	bool ok = false;

	cfg.diag = diag;
	parser = fy_parser_create(&cfg);
	if (!parser)
		out_of_memory();
	if (fy_parser_set_string(parser, reading->bytes.at, reading->bytes.len) == 0)
		ok = drain(reading, parser, diag);
	else
		refuse(reading, "cannot be read");
	fy_parser_destroy(parser);
	return ok;
}

bool yaml_events(struct text bytes, struct arena *arena, struct yaml_sink sink, struct problem *problem)
{
	struct reading reading = {
		.bytes = bytes, .arena = arena, .problem = problem, .sink = sink, .line = 1, .column = 1};
	struct fy_diag_cfg diag_cfg;
	struct fy_diag *diag;
	bool ok;

	if (bytes.len == 0)
		return true;
	reading.scratch_size = 2 * bytes.len + 64;
	reading.scratch = arena_alloc(arena, reading.scratch_size, 1);
	fy_diag_cfg_default(&diag_cfg);
	diag_cfg.fp = NULL;
	diag_cfg.output_fn = say_nothing;
	diag_cfg.colorize = false;
	diag = fy_diag_create(&diag_cfg);
	if (!diag)
		out_of_memory();
	fy_diag_set_collect_errors(diag, true);
	ok = read_all(&reading, diag);
	fy_diag_destroy(diag);
	return ok;
}
