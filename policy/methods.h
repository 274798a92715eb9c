/*
 * methods: how a rule lets people approve, or a policy lets them object: by a review, by what a review says, by a
 * comment. Pure; three values; texts are read as bytes.
 *
 * A comment is bound to no commit by the forge. It approves only where it names the judged commit in full, since a
 * shortened name can be made to fit another one; what was edited never approves. Lines quoted with '>' say nothing.
 */
#ifndef POLICY_METHODS_H
#define POLICY_METHODS_H

#include "policy/predicate.h"

struct methods {
	bool no_review;              /* reviews do not count as such */
	const struct text *comments; /* a line that is exactly one of these */
	size_t n_comments;
	struct patterns lines;   /* a line in which one of these is found */
	struct patterns reviews; /* an approving review counts only where one of these is found in its text */
};

/* `methods` of a rule, and those of `disapproval`; out: struct methods. */
extern const struct keys keys_methods, keys_objections;

/* True: some of what people say beside their reviews matters. */
bool methods_read_comments(const struct methods *methods);

/* False: no way of approving is left. */
bool methods_any(const struct methods *methods);

/* Whether a text says yes by its lines. A line of `comments` may end with the name of this commit. */
enum tri methods_said(const struct methods *methods, struct text body, const struct oid *commit);

/* What an approving review is worth by itself and by its text; not by methods_said. */
enum tri methods_review(const struct methods *methods, struct text body);

/* A line of the text names this commit, in full, as a word. */
bool methods_names(struct text body, const struct oid *commit);

#endif
