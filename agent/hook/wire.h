/*
 * wire: what headgate-hook and the server say to each other over the Unix socket: one HTTP POST of HOOK_PATH, whose
 * body and answer are written and read here. It stands on the C library alone, for it is in the static client, too.
 *
 * A question names a repository, then each updated branch followed by the commits that are new to it, the oldest
 * first, each with its message. Every field carries its length, since messages are the pusher's own bytes:
 *
 *   headgate-hook 1\n  repository LEN\nBYTES\n  { branch LEN\nBYTES\n  { commit NODE LEN\nBYTES\n } }  end\n
 *
 * An answer is a word of hook_words on its first line, then at most HOOK_LINES lines for whoever pushes. There is no
 * verb that lists anything. Texts read are borrowed from the bytes.
 */
#ifndef AGENT_HOOK_WIRE_H
#define AGENT_HOOK_WIRE_H

#include "policy/text.h"

#define HOOK_PATH         "/hook/v1/push"
#define HOOK_BODY_MAX     ((size_t)16 << 20) /* of a whole question */
#define HOOK_NAME_MAX     ((size_t)255)      /* of a repository, and of a branch */
#define HOOK_BRANCHES_MAX 1024
#define HOOK_LINES        20
#define HOOK_LINE_MAX     ((size_t)200)
#define HOOK_REPLY_MAX    ((size_t)8192)

/* What a push is told that is refused where one is only warned: by the server and by the hook alike, whatever the
 * reason, so that it is no answer about a bug. */
#define HOOK_WARNS_ALONE "This push would be refused; for now this repository only warns"

/* More bugs than this a push may not name, whatever a rule or a fail mode says: a secure one could hide among them. The
 * server and the hook's own table say so alike, before any bug is looked up. */
#define HOOK_BUGS_MAX 2000
#define HOOK_TOO_MANY "Too many bugs are named at once; push the commits in parts"

enum hook_word {
	HOOK_NO_ANSWER = 0, /* none, or none that can be read */
	HOOK_ALLOW,
	HOOK_DENY,
	HOOK_CLEARANCE /* denied, and nobody is told more than that somebody must clear it */
};

/* ---- the question, written ---- */

struct hook_out {
	char *at;
	size_t n, room;
	bool failed; /* memory ran out, or HOOK_BODY_MAX was reached: nothing that was written counts */
};
void hook_out_begin(struct hook_out *out, struct text repository);
void hook_out_branch(struct hook_out *out, struct text branch);
void hook_out_commit(struct hook_out *out, struct text node, struct text message);
void hook_out_end(struct hook_out *out);
void hook_out_free(struct hook_out *out);

/* ---- the question, read ---- */

enum hook_part { HOOK_BROKEN = 0, HOOK_BRANCH, HOOK_COMMIT, HOOK_END };
struct hook_in {
	struct text rest;
	const char *why; /* of HOOK_BROKEN; static */
};
/* False: no question; in->why. */
bool hook_in_begin(struct hook_in *in, struct text body, struct text *ret_repository);
/* The next part: its branch, or its node and message. After BROKEN and END nothing more is read. */
enum hook_part hook_in_next(struct hook_in *in, struct text *ret_name, struct text *ret_message);

/* ---- the answer ---- */

const char *hook_word(enum hook_word word);
/* The first line's word, and the rest; HOOK_NO_ANSWER: none of them. */
enum hook_word hook_answer_read(struct text answer, struct text *ret_lines);

#endif
