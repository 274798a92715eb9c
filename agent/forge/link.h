/*
 * link: the next page of a list, from a Link header (RFC 8288). The text is borrowed from the header.
 */
#ifndef AGENT_FORGE_LINK_H
#define AGENT_FORGE_LINK_H

#include "policy/err.h"
#include "policy/text.h"

/* The target with the relation "next"; *ret is empty where there is none. Malformed, or two different ones:
 * ERR_INVALID, because a next page that is not understood would be a list cut short. */
bool link_next(struct text header, struct text *ret, struct err *err);

#endif
