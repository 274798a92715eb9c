#include "agent/cli/print.h"

#include "policy/verdict.h"

#define RULES_DEPTH_MAX 64

/* Length of the sequence at i when it may be shown as it is, else 0. */
static size_t showable(struct text t, size_t i)
{
	unsigned char c = (unsigned char)t.at[i];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	unsigned long code = c & (0xffu >> (n == 1 ? 0 : n + 1));

	if (n > t.len - i || !text_utf8((struct text){t.at + i, n}))
		return 0;
	for (size_t k = 1; k < n; k++)
		code = code << 6 | ((unsigned char)t.at[i + k] & 0x3f);
	if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x61c || code == 0xfeff)
		return 0;
	if ((code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	    (code >= 0x2060 && code <= 0x206f))
		return 0;
	return code >= 0xe0000 && code <= 0xe007f ? 0 : n;
}

void print_safe(FILE *out, struct text t)
{
	for (size_t i = 0, n; i<t.len; i += n> 0 ? n : 1) {
		n = showable(t, i);
		if (n > 0)
			(void)fwrite(t.at + i, 1, n, out);
		else
			(void)fprintf(out, "\\x%02x", (unsigned)(unsigned char)t.at[i]);
	}
}

struct paint {
	const char *word, *mark, *code;
};
static const struct paint paints[] = {
	{"met", "+", "32"},    {"unmet", "x", "31"},        {"pending", "~", "33"}, {"skipped", "-", "2"},
	{"off", "-", "2"},     {"allowed", "", "32"},       {"waiting", "", "33"},  {"blocked", "", "31"},
	{"revoked", "", "31"}, {"cannot_decide", "", "31"},
};

static struct paint paint_of(struct text word)
{
	for (size_t i = 0; i < sizeof paints / sizeof paints[0]; i++)
		if (text_is(word, paints[i].word))
			return paints[i];
	return (struct paint){"unknown", "?", "31"};
}

static void painted(FILE *out, struct text shown, const char *code, bool colour)
{
	if (colour)
		(void)fprintf(out, "\033[%sm", code);
	print_safe(out, shown);
	if (colour)
		(void)fprintf(out, "\033[0m");
}

static void print_counts(FILE *out, jval counts)
{
	size_t n = jlen(counts);

	for (size_t i = 0; i < n; i++) {
		struct text login = jtext(jat(counts, i), "login");

		(void)fprintf(out, "%s", i == 0 ? "  (" : ", ");
		if (login.len > 0)
			print_safe(out, login);
		else
			(void)fprintf(out, "id %lld", (long long)jint(jat(counts, i), "id", 0));
	}
	if (n > 0)
		(void)fprintf(out, ")");
}

static void print_ignored(FILE *out, jval ignored, int indent)
{
	for (size_t i = 0; i < jlen(ignored); i++) {
		(void)fprintf(out, "%*sdoes not count: ", indent, "");
		print_safe(out, jtext(jat(ignored, i), "what"));
		(void)fprintf(out, ": ");
		print_safe(out, jtext(jat(ignored, i), "why"));
		(void)fprintf(out, "\n");
	}
}

static void print_who(FILE *out, struct text who, int indent)
{
	if (who.len == 0)
		return;
	(void)fprintf(out, "%*sby: ", indent, "");
	print_safe(out, who);
	(void)fprintf(out, "\n");
}

static void print_rule(FILE *out, jval rule, bool colour, int indent)
{
	struct text state = jtext(rule, "state"), next = jtext(rule, "next"), mode = jtext(rule, "mode");
	struct paint paint = paint_of(state);

	(void)fprintf(out, "%*s", indent, "");
	painted(out, text_of(paint.mark), paint.code, colour);
	(void)fprintf(out, " ");
	print_safe(out, jtext(rule, "name"));
	(void)fprintf(out, ": ");
	painted(out, state, paint.code, colour);
	if (mode.len > 0 && !text_is(mode, "enforce")) {
		(void)fprintf(out, " [");
		print_safe(out, mode);
		(void)fprintf(out, "]");
	}
	if (next.len > 0) {
		(void)fprintf(out, "; next: ");
		print_safe(out, next);
	}
	print_counts(out, jget(rule, "counts"));
	(void)fprintf(out, "\n");
	print_who(out, jtext(rule, "who"), indent + 4);
	print_ignored(out, jget(rule, "ignored"), indent + 4);
}

/* Of a change: whose policy governs it, where that is not its own repository's file. */
static void print_whose(FILE *out, jval change)
{
	struct text whose = jtext(change, "description");

	if (whose.len == 0)
		return;
	(void)fprintf(out, "      ");
	print_safe(out, whose);
	(void)fprintf(out, "\n");
}

/* Recursion is bounded by the reader's depth of 64, and again here. */
static void print_level(FILE *out, jval rules, bool colour, int depth)
{
	for (size_t i = 0; depth < RULES_DEPTH_MAX && i < jlen(rules); i++) {
		print_rule(out, jat(rules, i), colour, 2 + depth * 2);
		if (depth == 0)
			print_whose(out, jat(rules, i));
		print_level(out, jget(jat(rules, i), "children"), colour, depth + 1);
	}
}

void print_rules(FILE *out, jval rules, bool colour)
{
	print_level(out, rules, colour, 0);
}

void print_verdict(FILE *out, jval verdict, bool colour)
{
	struct text word = jtext(verdict, "verdict");

	painted(out, word, paint_of(word).code, colour);
	(void)fprintf(out, ": ");
	print_safe(out, jtext(verdict, "text"));
	(void)fprintf(out, "\n");
}

void print_alarm(FILE *out, jval alarm)
{
	static const char *const words[] = {"at", "kind", "sha", "who"};
	int64_t times = jint(alarm, "times", 0);

	(void)fprintf(out, "#%lld", (long long)jint(alarm, "id", 0));
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		(void)fprintf(out, "  ");
		print_safe(out, jtext(alarm, words[i]));
	}
	(void)fprintf(out, "  (%lld %s)%s\n", (long long)times, times == 1 ? "time" : "times",
		      jget(alarm, "acknowledged_at") ? "  acknowledged" : "");
}
