/*
 * tool: `headgate policy`, as it is typed, in this process. A test has one folder, from tool_begin to tool_end.
 */
#ifndef TESTS_SUPPORT_TOOL_H
#define TESTS_SUPPORT_TOOL_H

struct said {
	int code;
	char out[65536], err[8192];
};

extern char tool_folder[64]; /* of this test's own, and gone with it */

void tool_begin(void);
const char *tool_put(const char *name, const char *bytes); /* a file of it; the path is valid for seven more */
void tool_end(void);

/* The words after `headgate policy`, NULL last. */
void tool_say(struct said *said, ...);
/* Code, and a word of what it printed on each. */
void tool_expect(const struct said *said, int code, const char *out, const char *err);

#endif
