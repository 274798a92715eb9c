/*
 * message: the commit-message grammar (reference: Mozilla's commitparser, as described for approvers): bytes in,
 * slices out, linear time, no locale. Lives in policy/ because predicates judge messages and policy/ sees nobody.
 *
 * A token counts only in the first line, after a separator, in strict ASCII. A message that holds control bytes
 * (but \t, \n and a \r before \n), bidirectional or zero-width characters anywhere is `suspicious`: no token counts.
 */
#ifndef POLICY_MESSAGE_H
#define POLICY_MESSAGE_H

#include "policy/arena.h"

struct message_token {
	struct text flag; /* "a", "r", "sr", ... without the '=' */
	bool asked;       /* written with '?' */
	struct text name; /* one name; a list gives several tokens */
};

struct message {
	struct text first_line;
	bool suspicious;
	const char *why_suspicious; /* static text; NULL unless suspicious */
	const struct message_token *tokens;
	size_t n_tokens;
};

/* Total: any bytes give a message. Slices borrow from `bytes`. */
void message_parse(struct text bytes, struct arena *arena, struct message *ret);

#endif
