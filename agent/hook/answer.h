/*
 * answer: what a commit hook is answered: a question's bytes in (wire.h), an answer's bytes out. It does nothing but
 * judge; files, tables and trackers come through ports. Owned by the arena; one thread at a time for each question.
 *
 * Promises: nothing is looked up, not even in the table, while a policy refuses the push for a reason that no bug
 * changes, and nothing is read of a tracker where the table's word is enough. What cannot be read is unknown, and
 * follows the rules' `on_unknown.hook`; but a bug that was last seen secure never passes by that. Of several branches
 * the worst counts. No line tells a bug's number but where a public rule's own reason does.
 */
#ifndef AGENT_HOOK_ANSWER_H
#define AGENT_HOOK_ANSWER_H

#include "agent/hook/wire.h"
#include "agent/tracker/table_file.h"
#include "policy/bugs.h"

/* Of one question, besides the limits of wire.h; more is refused, whatever a rule says of what is unknown. */
#define HOOK_COMMITS_MAX 20000

struct hook_tracker {
	void *self;
	struct text name;
	bool table_only; /* nothing can be read */
	enum table_state (*state)(void *self, int64_t id);
	/* Whether the table's word counts without a reading, and what is known of the bug then
	 * (agent/work/bug_source.h). `wanted`: what will be asked of it. In the arena. */
	bool (*counts)(void *self, int64_t id, const struct bugs_wanted *wanted, struct arena *arena, struct bug *ret);
	/* One bug, before the question's deadline. False: it could not be had. In the arena. */
	bool (*read)(void *self, int64_t id, const struct bugs_wanted *wanted, struct arena *arena, struct bug *ret);
};

struct hook_repository {
	struct text policy;                 /* the file's bytes */
	bool policy_there;                  /* it could be read */
	bool warns;                         /* mode: warn */
	const struct hook_tracker *tracker; /* NULL: none; every bug is unknown */
};

struct hook_ports {
	void *self;
	int64_t now_ms; /* wall */
	/* False: none of this name is configured. */
	bool (*repository)(void *self, struct text name, struct arena *arena, struct hook_repository *ret);
	/* Whether whoever asks may be answered about so many bugs, which are then taken from what they may ask. Asked
	 * once, before what is known of them decides, and of a push that nothing public refuses. */
	bool (*may_ask)(void *self, size_t n_bugs);
};

struct hook_answered {
	enum hook_word word;            /* HOOK_NO_ANSWER: the question is broken, and text says why */
	struct text text;               /* the whole answer, for the client */
	bool warned;                    /* let through in warn mode alone */
	struct text repository, branch; /* what it was about: the first branch; for the log */
	size_t n_branches, n_commits;
	size_t n_bugs; /* that it names and that something was asked of */
};
void hook_answer(const struct hook_ports *ports, struct text question, struct arena *arena, struct hook_answered *ret);

#endif
