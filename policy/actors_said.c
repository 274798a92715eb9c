/* Who is meant, in words: the people by name first, then those who are many. */
#include "policy/actors.h"
#include "policy/reviews.h"

#define SAID_MAX 8 /* named one by one */

struct saying {
	struct arena *arena;
	struct text all;
	size_t n; /* of how many it speaks */
	size_t left;
};

static void say(struct saying *s, const char *before, struct text name, const char *after)
{
	struct text shown = plain(name, 100, s->arena);
	const char *joint = s->n == 0 ? "" : s->left == 1 ? " or " : ", ";

	s->left--;
	if (s->n++ >= SAID_MAX)
		return;
	s->all = arena_printf(s->arena, "%.*s%s%s%.*s%s", TEXT_ARG(s->all), joint, before, TEXT_ARG(shown), after);
}

static void say_each(struct saying *s, const char *before, const struct text *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		say(s, before, names[i], "");
}

struct text actors_said(const struct actors *actors, struct arena *arena)
{
	struct saying s = {.arena = arena,
			   .left = actors->n_users + actors->n_teams + actors->n_organizations +
				   (actors->permission != PERMISSION_UNKNOWN)};

	if (actors->permission != PERMISSION_UNKNOWN)
		say(&s, "anybody with ", text_of(permission_name(actors->permission)), " access");
	for (size_t i = 0; i < actors->n_users; i++)
		say(&s, "", actors->users[i].login, "");
	say_each(&s, "a member of ", actors->teams, actors->n_teams);
	say_each(&s, "a member of ", actors->organizations, actors->n_organizations);
	if (s.n > SAID_MAX)
		s.all = arena_printf(arena, "%.*s and %zu more", TEXT_ARG(s.all), s.n - SAID_MAX);
	return s.all;
}
