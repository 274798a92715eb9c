/*
 * demo: the story that headgate-story plays. A table of steps (demo_steps.c) is performed on the rig's two programs
 * (demo_play.c, demo_act.c; the tracker's part: demo_bugs.c); every verdict is compared with the table's, printed
 * (demo_print.c) and written down (demo_files.c).
 */
#ifndef TESTS_E2E_DEMO_H
#define TESTS_E2E_DEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "tests/support/rig.h"

enum { DEMO_ACTS = 3, DEMO_EXPECTS = 3, DEMO_COMMITS = 5, DEMO_SAMPLES = 32, DEMO_TEXT = 256 };

#define DEMO_DEV "dev@tracker.test"
#define DEMO_SAM "sam@tracker.test"

enum demo_verdict {
	DEMO_NONE, /* an expectation that is not there; a status that is not there */
	DEMO_WAITING,
	DEMO_ALLOWED,
	DEMO_BLOCKED,
	DEMO_SUPERSEDED,
	DEMO_REVOKED,
	DEMO_CANNOT_DECIDE,
	DEMO_REFUSED, /* a push, by the commit hook */
	DEMO_LANDED,
	DEMO_VERDICTS
};

/* How a verdict is shown, called in the page's JSON, and posted. */
struct demo_word {
	const char *sign, *shown, *json, *state, *colour;
	bool of_a_push; /* no status: what the commit hook did with a push */
};
const struct demo_word *demo_word(enum demo_verdict verdict);
enum demo_verdict demo_verdict_of(const char *state, const char *text);

/* In texts "$A" is the whole name of commit A, "$a" its first seven digits, "$#" the number of the bug's patch. */
struct demo_act {
	const char *what, *who, *args;
	char makes;      /* the commit's letter, or 0 */
	const char *key; /* where the answer names it */
	int refused;     /* the forge must refuse with this HTTP status; 0: it must not refuse */
};

struct demo_expect {
	char commit;
	enum demo_verdict verdict;
	const char *text; /* what the status text begins with */
};

struct demo_step {
	const char *happens; /* in which "$a" is a commit, too */
	struct demo_act acts[DEMO_ACTS];
	/* In the order of the statuses of each commit. The last one of a commit must stay its newest status. */
	struct demo_expect expects[DEMO_EXPECTS];
	bool quiet;         /* no new status is needed: the newest one is compared, after a while */
	bool secret;        /* the public pages may say that clearance is needed, and not why */
	const char *inside; /* what `headgate explain` says of the first commit, on the server's own host; or NULL */
	const char *note;   /* a line of explanation, or NULL */
};
const struct demo_step *demo_steps(size_t *ret_n);

struct demo_samples {
	int64_t ms[DEMO_SAMPLES];
	size_t n;
};

struct demo {
	struct rig rig;
	FILE *out;
	bool colour;
	size_t width;
	char shas[DEMO_COMMITS][41];
	json_t *lines;            /* what was seen, for verdicts.jsonl; owned */
	json_int_t mark;          /* the log's last entry before the step */
	char said[DEMO_TEXT];     /* what the forge said to a merge, or the hook to a push, in this step */
	enum demo_verdict pushed; /* and what became of that push */
	json_int_t attachment;    /* the bug's patch */
	char config[1024];        /* of headgate, besides what the rig writes */
	bool fresh;               /* a commit was pushed and not reviewed yet */
	size_t good, all;
	struct demo_samples pushes, reviews; /* milliseconds from the event to the first status */
	struct demo_samples bugs;            /* from the sending of the tracker's delivery to it */
};

/* One verdict as it came. */
struct demo_seen {
	const struct demo_step *step;
	size_t number; /* of the step, from 1 */
	const struct demo_expect *expect;
	char happens[DEMO_TEXT], sha[41], expected[DEMO_TEXT], state[16], text[DEMO_TEXT];
	enum demo_verdict verdict;
	const char *wrong; /* why it is not as expected; NULL: it is */
	bool first;        /* of its step */
};

bool demo_act(struct demo *demo, const struct demo_act *act);

/* Before headgate starts, which asks the tracker who it is: configuration, people, the bug and its patch. Then the
 * webhook. */
bool demo_bugs_prepare(struct demo *demo);
bool demo_bugs_connect(struct demo *demo);
/* What tells the public of the bug: a status, or the commit's page in any form; NULL: none, and each page asks for
 * clearance. */
const char *demo_public_tells(struct demo *demo, const char *sha);
/* `headgate explain` on the control socket says step->inside; what follows it there is printed. */
bool demo_inside(struct demo *demo, const struct demo_step *step);
/* git push of act->args' commit to a bare repository with headgate-hook. False: it could not be tried. */
bool demo_push(struct demo *demo, const char *sha);

bool demo_play(struct demo *demo); /* all steps; false: a difference, or it was stopped */
bool demo_stopped(void);           /* SIGINT, SIGTERM or SIGHUP is pending */

void demo_fill(const struct demo *demo, const char *template, char ret[DEMO_TEXT]);
const char *demo_sha(const struct demo *demo, char commit);

void demo_print_head(const struct demo *demo);
void demo_print_seen(const struct demo *demo, const struct demo_seen *seen);
void demo_print_note(const struct demo *demo, const char *text);
void demo_print_broken(const struct demo *demo, size_t number); /* the step could not be performed */
void demo_print_end(struct demo *demo);
void demo_print_where(const struct demo *demo); /* while it serves */

/* The pages of the commits and verdicts.jsonl into the directory, which is made. */
bool demo_write_files(struct demo *demo, const char *directory);
void demo_keep(struct demo *demo, const struct demo_seen *seen);

#endif
