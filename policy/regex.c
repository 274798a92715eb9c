/*
 * Each pattern is compiled twice: for UTF-8 subjects and, byte by byte, for subjects that are not UTF-8, so that an
 * odd file name is still judged and not an error. A line break is a byte like any other: `.` matches it and `$` is only
 * the end, or a file named with one would slip past the pattern that was written for it. PCRE2's memory for compiled
 * code comes from the arena.
 */
#include "policy/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/memory.h"

#define MATCH_LIMIT     20000 /* backtracking steps of one search */
#define MATCH_DEPTH     2000
#define MATCH_HEAP_KIB  4096
#define PATTERN_PARENS  32
#define PATTERN_OPTIONS (PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C)
#define SEARCH_OPTIONS  PCRE2_NO_AUTO_CAPTURE
#define WHOLE_OPTIONS   (PCRE2_ANCHORED | PCRE2_ENDANCHORED)

struct regex {
	struct text pattern;
	pcre2_code *utf, *bytes;
};

static void *take_from(size_t size, void *arena)
{
	return arena_alloc(arena, 1, size);
}

static void give_to(void *at, void *arena)
{
	(void)at;
	(void)arena; /* the arena gives everything back at once */
}

static pcre2_code *compile(struct text pattern, uint32_t options, pcre2_compile_context *context, int *code,
			   PCRE2_SIZE *offset)
{
	return pcre2_compile((PCRE2_SPTR)pattern.at, pattern.len, options | PATTERN_OPTIONS, code, offset, context);
}

static const struct regex *compile_both(struct text pattern, uint32_t options, struct arena *arena, char *why,
					size_t why_size)
{
	pcre2_general_context *general;
	pcre2_compile_context *context;
	struct regex *regex;
	PCRE2_UCHAR message[96];
	PCRE2_SIZE offset = 0;
	int code = 0;

	if (pattern.len == 0 || pattern.len > REGEX_PATTERN_MAX) {
		(void)snprintf(why, why_size, "a pattern has 1 to %d bytes", REGEX_PATTERN_MAX);
		return NULL;
	}
	general = pcre2_general_context_create(take_from, give_to, arena);
	context = general ? pcre2_compile_context_create(general) : NULL;
	if (!context)
		out_of_memory();
	pcre2_set_parens_nest_limit(context, PATTERN_PARENS);
	regex = arena_alloc(arena, 1, sizeof *regex);
	regex->pattern = arena_text(arena, pattern);
	regex->utf = compile(regex->pattern, options | PCRE2_UTF, context, &code, &offset);
	regex->bytes = regex->utf ? compile(regex->pattern, options, context, &code, &offset) : NULL;
	if (regex->utf && regex->bytes)
		return regex;
	if (pcre2_get_error_message(code, message, sizeof message) < 0)
		message[0] = '\0';
	(void)snprintf(why, why_size, "%s (at byte %zu of the pattern)", (const char *)message, (size_t)offset);
	return NULL;
}

const struct regex *regex_compile(struct text pattern, struct arena *arena, char *why, size_t why_size)
{
	return compile_both(pattern, SEARCH_OPTIONS, arena, why, why_size);
}

const struct regex *regex_compile_whole(struct text pattern, struct arena *arena, char *why, size_t why_size)
{
	return compile_both(pattern, WHOLE_OPTIONS, arena, why, why_size);
}

/* Where it matched, and the n-th group of it where ret_from is given. */
static enum tri match(const struct regex *regex, struct text subject, size_t n, PCRE2_SIZE *ret_from,
		      PCRE2_SIZE *ret_end)
{
	pcre2_match_context *context;
	pcre2_match_data *data;
	const pcre2_code *code;
	int found;

	if (subject.len > REGEX_SUBJECT_MAX)
		return TRI_UNKNOWN;
	code = text_utf8(subject) ? regex->utf : regex->bytes;
	context = pcre2_match_context_create(NULL);
	data = pcre2_match_data_create((uint32_t)n + 1, NULL);
	if (!context || !data)
		out_of_memory();
	pcre2_set_match_limit(context, MATCH_LIMIT);
	pcre2_set_depth_limit(context, MATCH_DEPTH);
	pcre2_set_heap_limit(context, MATCH_HEAP_KIB);
	found = pcre2_match(code, (PCRE2_SPTR)(subject.at ? subject.at : ""), subject.len, 0, 0, data, context);
	if (ret_from && (found == 0 || found > (int)n)) {
		*ret_from = pcre2_get_ovector_pointer(data)[2 * n];
		*ret_end = pcre2_get_ovector_pointer(data)[2 * n + 1];
	}
	pcre2_match_data_free(data);
	pcre2_match_context_free(context);
	if (found >= 0)
		return TRI_YES;
	return found == PCRE2_ERROR_NOMATCH ? TRI_NO : TRI_UNKNOWN;
}

enum tri regex_search(const struct regex *regex, struct text subject)
{
	return match(regex, subject, 0, NULL, NULL);
}

size_t regex_groups(const struct regex *regex)
{
	uint32_t n = 0;

	(void)pcre2_pattern_info(regex->utf, PCRE2_INFO_CAPTURECOUNT, &n);
	return n;
}

enum tri regex_group(const struct regex *regex, struct text subject, size_t n, struct text *ret)
{
	PCRE2_SIZE from = PCRE2_UNSET, end = PCRE2_UNSET;

	if (match(regex, subject, n, &from, &end) != TRI_YES || from == PCRE2_UNSET || end < from || end > subject.len)
		return TRI_UNKNOWN;
	*ret = (struct text){subject.at + from, end - from};
	return TRI_YES;
}

struct text regex_pattern(const struct regex *regex)
{
	return regex->pattern;
}
