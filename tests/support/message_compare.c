#include <stdio.h>

#include "tests/support/message_reference.h"

static bool same_place(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || a.at == b.at);
}

static bool same_bugs(struct message_bugs a, struct message_bugs b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.at, b.at, a.n * sizeof *a.at) == 0);
}

static bool same_undone(const struct message_undone *a, const struct message_undone *b)
{
	if (a->given != b->given || a->n_nodes != b->n_nodes || !same_bugs(a->bugs, b->bugs))
		return false;
	for (size_t i = 0; i < a->n_nodes; i++)
		if (!same_place(a->nodes[i], b->nodes[i]))
			return false;
	return true;
}

static bool same_tokens(const struct message *a, const struct message *b)
{
	if (a->n_tokens != b->n_tokens)
		return false;
	for (size_t i = 0; i < a->n_tokens; i++)
		if (!same_place(a->tokens[i].flag, b->tokens[i].flag) ||
		    !same_place(a->tokens[i].name, b->tokens[i].name) || a->tokens[i].asked != b->tokens[i].asked)
			return false;
	return true;
}

static bool same_suspicions(const struct message *a, const struct message *b)
{
	if (a->n_suspicions != b->n_suspicions || a->suspicious != b->suspicious)
		return false;
	for (size_t i = 0; i < a->n_suspicions; i++)
		if (strcmp(a->suspicions[i], b->suspicions[i]) != 0)
			return false;
	return !a->suspicious || strcmp(a->why_suspicious, b->why_suspicious) == 0;
}

const char *message_difference(const struct message *a, const struct message *b)
{
	const struct {
		const char *name;
		bool same;
	} fields[] = {
		{"first_line", same_place(a->first_line, b->first_line)},
		{"suspicious", same_suspicions(a, b)},
		{"tokens", same_tokens(a, b)},
		{"bugs", same_bugs(a->bugs, b->bugs)},
		{"bugs_conservative", same_bugs(a->bugs_conservative, b->bugs_conservative)},
		{"is_backout", a->is_backout == b->is_backout},
		{"backouts", same_undone(&a->backouts, &b->backouts)},
		{"backouts_strict", same_undone(&a->backouts_strict, &b->backouts_strict)},
		{"reverts", same_undone(&a->reverts, &b->reverts)},
		{"closed_tree", a->closed_tree == b->closed_tree},
		{"closedbug", a->closedbug == b->closedbug},
	};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (!fields[i].same)
			return fields[i].name;
	return NULL;
}

/* ---- shown ---- */

static void show_bugs(FILE *out, const char *name, struct message_bugs bugs)
{
	for (size_t i = 0; i < bugs.n; i++)
		(void)fprintf(out, "%s%s%lld", i == 0 ? name : "", i == 0 ? " " : ",", (long long)bugs.at[i]);
	(void)fprintf(out, "%s", bugs.n > 0 ? "; " : "");
}

static void show_undone(FILE *out, const char *name, const struct message_undone *undone)
{
	if (!undone->given)
		return;
	(void)fprintf(out, "%s", name);
	for (size_t i = 0; i < undone->n_nodes; i++)
		(void)fprintf(out, " %.*s", TEXT_ARG(undone->nodes[i]));
	(void)fprintf(out, "; ");
	show_bugs(out, "of", undone->bugs);
}

static void show(FILE *out, const struct message *m)
{
	show_bugs(out, "bugs", m->bugs);
	show_bugs(out, "conservative", m->bugs_conservative);
	for (size_t i = 0; i < m->n_tokens; i++)
		(void)fprintf(out, "%.*s%c%.*s; ", TEXT_ARG(m->tokens[i].flag), m->tokens[i].asked ? '?' : '=',
			      TEXT_ARG(m->tokens[i].name));
	(void)fprintf(out, "%s", m->is_backout ? "backout; " : "");
	show_undone(out, "undoes", &m->backouts);
	show_undone(out, "strictly", &m->backouts_strict);
	show_undone(out, "reverts", &m->reverts);
	(void)fprintf(out, "%s%s", m->closed_tree ? "closed tree; " : "", m->closedbug ? "closedbug; " : "");
	for (size_t i = 0; i < m->n_suspicions; i++)
		(void)fprintf(out, "%s; ", m->suspicions[i]);
}

struct text message_shown(const struct message *m, struct arena *arena)
{
	char *at = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&at, &len);
	struct text shown;

	if (!out)
		abort();
	show(out, m);
	if (fclose(out) != 0)
		abort();
	while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == ';'))
		len--;
	shown = arena_text(arena, (struct text){at, len});
	free(at);
	return shown;
}
