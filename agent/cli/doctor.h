/*
 * doctor: what is right and what is wrong with a set-up, as a list of findings, each with what to do about it. The
 * parts that look (doctor_forge.c, doctor_files.c, doctor_tracker.c) read through ports, ask for nothing to be changed,
 * and hold the answer against what the promises depend on. What cannot be told is unknown, never ok.
 *
 * No finding holds a secret, or names a bug. Texts are owned by the arena, remedies are literals. One thread.
 */
#ifndef AGENT_CLI_DOCTOR_H
#define AGENT_CLI_DOCTOR_H

#include "agent/base/config.h"
#include "agent/cli/command.h"
#include "agent/tracker/table.h"
#include "agent/tracker/tracker.h"
#include "policy/forge_rules.h"

#define DOCTOR_FINDINGS_MAX 1024 /* what is over that is not kept, and counts as a failure */

enum doctor_mark { DOCTOR_OK = 0, DOCTOR_WARN, DOCTOR_FAIL, DOCTOR_UNKNOWN, DOCTOR_MARKS };

struct doctor_finding {
	enum doctor_mark mark;
	struct text about;  /* "tracker bmo", "acme/widget" */
	const char *check;  /* one word */
	struct text said;   /* what is the case */
	const char *remedy; /* what to do; NULL: nothing */
};

struct doctor {
	struct arena *arena;
	struct text about; /* of what is said next */
	int64_t now_ms;    /* wall */
	struct doctor_finding at[DOCTOR_FINDINGS_MAX];
	size_t n, n_of[DOCTOR_MARKS];
};

void doctor_say(struct doctor *doctor, enum doctor_mark mark, const char *check, struct text said, const char *remedy);

/* One line each, then how many of each mark; or one JSON document. */
void doctor_print(const struct doctor *doctor, FILE *out);
void doctor_print_json(const struct doctor *doctor, FILE *out);

/* ---- trackers ---- */

struct doctor_tracker {
	const struct config_tracker *config;
	const struct tracker *port; /* NULL: nothing can be asked, and unasked says why, where it should be */
	const struct err *unasked;
	const struct bug_table *table; /* NULL: unread says why */
	const struct err *unread;
	int64_t deadline_ms; /* monotonic, of all questions */
	int64_t poll_ms;     /* bugs.poll */
};
void doctor_tracker(struct doctor *doctor, const struct doctor_tracker *in);

/* ---- the forge ---- */

struct doctor_gate {
	const struct forge_rules *rules;
	bool hidden;    /* branch protection was not told: only rulesets were */
	bool is_app;    /* headgate is one */
	int64_t app_id; /* its number; 0: the configuration does not say it as one */
};
void doctor_gate(struct doctor *doctor, const struct doctor_gate *in);

struct doctor_file { /* on the branch */
	bool exists;
	struct text bytes;
	const struct config_policy *policy; /* borrowed */
};
void doctor_policy(struct doctor *doctor, const struct doctor_file *in); /* the policy's file */
void doctor_bors(struct doctor *doctor, const struct doctor_file *in); /* bors.toml; says nothing where there is none */

#endif
