/*
 * CODEOWNERS, line by line: a pattern, then owners, between blanks; `#` begins a comment at the start of a line or of a
 * word behind the pattern. A blank behind a backslash belongs to the pattern. What a line does wrong is kept in its
 * rule: a bad owner spoils the paths of its pattern, a bad pattern spoils every path that no later line is about.
 */
#include "policy/owners_inner.h"

#include <stdio.h>
#include <string.h>

struct reading {
	struct arena *arena;
	struct owners_rule *rules;
	size_t n, max;
	size_t n_problems;
};

static bool problem(struct problem *problem, unsigned line, const char *text)
{
	problem->line = line;
	problem->column = line > 0;
	(void)snprintf(problem->text, sizeof problem->text, "%s", text);
	return false;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The word at the start of what is left of a line, which moves behind it; empty: none, or a comment. */
static struct text word(struct text *line, bool escapes)
{
	size_t from = 0, to;

	while (from < line->len && blank(line->at[from]))
		from++;
	for (to = from; to < line->len && !blank(line->at[to]); to++)
		if (escapes && line->at[to] == '\\' && to + 1 < line->len)
			to++;
	if (from < line->len && line->at[from] == '#')
		from = to = line->len;
	*line = (struct text){line->at + to, line->len - to};
	return (struct text){line->at - (to - from), to - from};
}

static bool made_of(struct text t, const char *besides, size_t max)
{
	if (t.len == 0 || t.len > max)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		char c = t.at[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!letter && (c == '\0' || !strchr(besides, c)))
			return false;
	}
	return true;
}

#define LOGIN_MAX 100

/* False: GitHub would not take it for an owner. */
static bool owner_read(struct text t, struct owner *ret)
{
	bool at = t.len > 0 && t.at[0] == '@';
	struct text name = {t.at + at, t.len - at};
	size_t cut = text_find(name, at ? TEXT_LIT("/") : TEXT_LIT("@"));
	struct text left = {name.at, cut == SIZE_MAX ? name.len : cut};
	struct text right = {name.at + left.len + 1, cut == SIZE_MAX ? 0 : name.len - cut - 1};

	ret->name = name;
	if (!at) { /* the forge alone knows whose an address is; this looks for slips of the pen */
		ret->kind = OWNER_EMAIL;
		return cut != SIZE_MAX && left.len > 0 && made_of(right, ".-", 253);
	}
	ret->kind = cut == SIZE_MAX ? OWNER_LOGIN : OWNER_TEAM;
	return made_of(left, "-_", LOGIN_MAX) && (cut == SIZE_MAX || made_of(right, "-_.", LOGIN_MAX));
}

static void spoil(struct reading *r, struct owners_rule *rule, struct text why)
{
	if (rule->why.len == 0)
		r->n_problems++;
	rule->why = why;
}

/* The owners behind a pattern. */
static void owners_line(struct reading *r, struct owners_rule *rule, struct text line)
{
	struct owner found[OWNERS_EACH_MAX], *kept;
	struct text w;

	for (w = word(&line, false); w.len > 0; w = word(&line, false)) {
		if (rule->n == OWNERS_EACH_MAX || !owner_read(w, &found[rule->n])) {
			spoil(r, rule,
			      rule->n == OWNERS_EACH_MAX
				      ? TEXT_LIT("more than 200 owners")
				      : arena_printf(r->arena, "`%.*s` is no @user, @org/team or e-mail",
						     TEXT_ARG(text_cut(w, 60))));
			return;
		}
		rule->n++;
	}
	kept = arena_alloc(r->arena, rule->n, sizeof *kept);
	for (size_t i = 0; i < rule->n; i++)
		kept[i] = found[i];
	rule->at = kept;
}

_Static_assert(OWNERS_EACH_MAX == 200, "the text above names it");

/* What may be in a line beside blanks and what shows. */
static bool odd_bytes(struct text line)
{
	for (size_t i = 0; i < line.len; i++)
		if (((unsigned char)line.at[i] < 0x20 && line.at[i] != '\t') || line.at[i] == 0x7f)
			return true;
	return !text_utf8(line) || text_starts(line, TEXT_LIT("\xef\xbb\xbf"));
}

/* False: one rule too many. */
static bool read_line(struct reading *r, unsigned number, struct text line)
{
	struct owners_rule rule = {.line = number};
	struct text rest = line, pattern = word(&rest, true);
	const char *why = NULL;

	if (pattern.len == 0 && !odd_bytes(line))
		return true;
	if (r->n == r->max)
		return false;
	why = odd_bytes(line) ? "bytes that are not plain UTF-8 text" : glob_read(pattern, r->arena, &rule.glob);
	rule.unreadable = why != NULL;
	if (why)
		spoil(r, &rule, text_of(why));
	else
		owners_line(r, &rule, rest);
	r->rules[r->n++] = rule;
	return true;
}

static struct text next_line(struct text *rest)
{
	size_t end = text_find(*rest, TEXT_LIT("\n"));
	struct text line = {rest->at, end == SIZE_MAX ? rest->len : end};

	*rest = (struct text){rest->at + line.len + (end != SIZE_MAX), rest->len - line.len - (end != SIZE_MAX)};
	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

static size_t count_lines(struct text bytes)
{
	size_t n = 1;

	for (size_t i = 0; i < bytes.len; i++)
		n += bytes.at[i] == '\n';
	return n;
}

static void keep_problems(const struct reading *r, struct owners *ret)
{
	struct problem *all = arena_alloc(r->arena, r->n_problems, sizeof *all);

	for (size_t i = 0; i < r->n; i++) {
		const struct owners_rule *rule = &r->rules[i];

		if (rule->why.len == 0)
			continue;
		all[ret->n_problems].line = rule->line;
		all[ret->n_problems].column = 1;
		(void)snprintf(all[ret->n_problems].text, sizeof all->text, "%.*s", TEXT_ARG(rule->why));
		ret->n_problems++;
	}
	ret->problems = all;
}

bool owners_read_github(struct text bytes, struct arena *arena, const struct owners **ret, struct problem *problem_ret)
{
	struct reading r = {.arena = arena};
	struct owners *owners;

	if (bytes.len >= OWNERS_BYTES_MAX)
		return problem(problem_ret, 0, "3 MB or more, which GitHub does not load");
	r.max = count_lines(bytes);
	if (r.max > OWNERS_RULES_MAX)
		r.max = OWNERS_RULES_MAX;
	r.rules = arena_alloc(arena, r.max, sizeof *r.rules);
	for (unsigned line = 1; bytes.len > 0; line++)
		if (!read_line(&r, line, next_line(&bytes)))
			return problem(problem_ret, line, "more than 50000 lines with patterns");
	owners = arena_alloc(arena, 1, sizeof *owners);
	owners->rules = r.rules;
	owners->n = r.n;
	keep_problems(&r, owners);
	*ret = owners;
	return true;
}

_Static_assert(OWNERS_RULES_MAX == 50000 && OWNERS_BYTES_MAX == 3000000, "the texts above name them");
