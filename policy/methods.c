#include "policy/methods.h"

#include "policy/keys.h"
#include "policy/regex.h"

#include <string.h>

/* ---- reading ---- */

static bool take_comments(struct parse *parse, const struct yaml *value, void *out)
{
	struct methods *methods = out;

	return read_texts(parse, value, &methods->comments, &methods->n_comments);
}

static bool take_lines(struct parse *parse, const struct yaml *value, void *out)
{
	struct methods *methods = out;

	return read_regexes(parse, value, &methods->lines.items, &methods->lines.n);
}

static bool read_comments(struct parse *parse, const struct yaml *value, void *out)
{
	const struct methods *methods = out;

	if (!take_comments(parse, value, out))
		return false;
	if (methods->n_comments > 0)
		parse_lint(
			parse, value,
			"differs: such a comment approves only as a whole line, and where it names the commit in full");
	return true;
}

static bool read_lines(struct parse *parse, const struct yaml *value, void *out)
{
	const struct methods *methods = out;

	if (!take_lines(parse, value, out))
		return false;
	if (methods->lines.n > 0)
		parse_lint(parse, value, "differs: such a comment approves only where it names the commit in full");
	return true;
}

static bool read_review(struct parse *parse, const struct yaml *value, void *out)
{
	struct methods *methods = out;
	bool on = true;

	if (!read_bool(parse, value, &on))
		return false;
	methods->no_review = !on;
	return true;
}

static bool read_review_patterns(struct parse *parse, const struct yaml *value, void *out)
{
	struct methods *methods = out;

	return read_regexes(parse, value, &methods->reviews.items, &methods->reviews.n);
}

static bool read_body(struct parse *parse, const struct yaml *value, void *out)
{
	struct patterns none;

	(void)out;
	if (!read_regexes(parse, value, &none.items, &none.n))
		return false;
	if (none.n > 0)
		parse_lint(parse, value, "differs: a description belongs to no commit and counts for nothing here");
	return true;
}

static const struct key method_rows[] = {
	{{"approval_rules[].options.methods.comments", "[text]",
	  "comments that approve: a line of exactly this text, and the full name of the commit; none unless listed"},
	 read_comments},
	{{"approval_rules[].options.methods.comment_patterns", "[pattern]",
	  "comments that approve: a line in which this is found, and the full name of the commit"},
	 read_lines},
	{{"approval_rules[].options.methods.github_review", "boolean = true",
	  "approving reviews count; true unless said"},
	 read_review},
	{{"approval_rules[].options.methods.github_review_comment_patterns", "[pattern]",
	  "an approving review counts only where one of these is found in its text"},
	 read_review_patterns},
	{{"approval_rules[].options.methods.body_patterns", "[pattern]", "read, and approves nothing"}, read_body},
};
const struct keys keys_methods = KEYS(method_rows);

/* The same words; whoever objects need not name the commit. */
static const struct key objection_rows[] = {
	{{"comments", NULL, NULL}, take_comments},
	{{"comment_patterns", NULL, NULL}, take_lines},
	{{"github_review", NULL, NULL}, read_review},
	{{"github_review_comment_patterns", NULL, NULL}, read_review_patterns},
	{{"body_patterns", NULL, NULL}, read_body},
};
const struct keys keys_objections = KEYS(objection_rows);

/* ---- what was said ---- */

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct text trimmed(struct text line)
{
	while (line.len > 0 && blank(line.at[0]))
		line = (struct text){line.at + 1, line.len - 1};
	while (line.len > 0 && blank(line.at[line.len - 1]))
		line.len--;
	return line;
}

/* The next line that is no quotation, trimmed; false: there is none. */
static bool next_line(struct text *rest, struct text *ret)
{
	while (rest->len > 0) {
		const char *end = memchr(rest->at, '\n', rest->len);
		size_t n = end ? (size_t)(end - rest->at) : rest->len;

		*ret = trimmed((struct text){rest->at, n});
		n += end != NULL;
		*rest = (struct text){rest->at + n, rest->len - n};
		if (ret->len > 0 && ret->at[0] != '>')
			return true;
	}
	return false;
}

/* The line without this name at its end, where there is one. */
static struct text without(struct text line, struct text name)
{
	if (line.len > name.len && text_ends(line, name) && blank(line.at[line.len - name.len - 1]))
		return trimmed((struct text){line.at, line.len - name.len});
	return line;
}

static bool listed(const struct methods *methods, struct text line)
{
	for (size_t i = 0; i < methods->n_comments; i++)
		if (text_eq(line, trimmed(methods->comments[i])))
			return true;
	return false;
}

static enum tri found(const struct patterns *patterns, struct text text)
{
	enum tri answer = TRI_NO;

	for (size_t i = 0; i < patterns->n; i++) {
		enum tri now = regex_search(patterns->items[i], text);

		if (now == TRI_YES)
			return TRI_YES;
		if (now == TRI_UNKNOWN)
			answer = TRI_UNKNOWN;
	}
	return answer;
}

bool methods_read_comments(const struct methods *methods)
{
	return methods->n_comments > 0 || methods->lines.n > 0;
}

bool methods_any(const struct methods *methods)
{
	return !methods->no_review || methods->reviews.n > 0 || methods_read_comments(methods);
}

enum tri methods_said(const struct methods *methods, struct text body, const struct oid *commit)
{
	struct text line;

	if (!methods_read_comments(methods))
		return TRI_NO;
	while (next_line(&body, &line)) {
		enum tri now =
			listed(methods, without(line, oid_text(commit))) ? TRI_YES : found(&methods->lines, line);

		if (now != TRI_NO) /* UNKNOWN at once, too: such a search was the dearest possible */
			return now;
	}
	return TRI_NO;
}

enum tri methods_review(const struct methods *methods, struct text body)
{
	if (methods->reviews.n > 0)
		return found(&methods->reviews, body);
	return methods->no_review ? TRI_NO : TRI_YES;
}

static bool word_end(struct text text, size_t at)
{
	char c = at < text.len ? text.at[at] : ' ';

	return !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
}

/* Of a line: the name stands there, and nothing that would make it part of a longer one. */
static bool line_names(struct text line, struct text name)
{
	for (size_t from = 0; from + name.len <= line.len;) {
		size_t at = text_find((struct text){line.at + from, line.len - from}, name);

		if (at == SIZE_MAX)
			return false;
		from += at;
		if ((from == 0 || word_end(line, from - 1)) && word_end(line, from + name.len))
			return true;
		from++;
	}
	return false;
}

bool methods_names(struct text body, const struct oid *commit)
{
	struct text line;

	while (oid_known(commit) && next_line(&body, &line))
		if (line_names(line, oid_text(commit)))
			return true;
	return false;
}
