/*
 * commit_message: what a commit's message says to a verdict: the strict reading (message.h), and nothing that permits
 * where people are shown other text than its bytes, because the commit names an encoding that git and forges convert it
 * from. Such a message is suspicious; its bugs stand. Memory as message.h says.
 */
#ifndef POLICY_COMMIT_MESSAGE_H
#define POLICY_COMMIT_MESSAGE_H

#include "policy/facts.h"
#include "policy/message.h"

void commit_message(const struct commit *commit, struct arena *arena, struct message *ret);

#endif
