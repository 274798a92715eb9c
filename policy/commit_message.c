#include "policy/commit_message.h"

void commit_message(const struct commit *commit, struct arena *arena, struct message *ret)
{
	static const char why[] = "text whose encoding may show something else";

	message_parse(commit->message, arena, ret);
	if (commit->recoded)
		*ret = (struct message){
			.first_line = ret->first_line,
			.suspicious = true,
			.why_suspicious = why,
			.suspicions = {why},
			.n_suspicions = 1,
			.bugs = ret->bugs,
			.bugs_conservative = ret->bugs_conservative,
		};
}
