#include "tests/support/inworld_acts.h"

#include <check.h>
#include <string.h>

void inworld_keep(char ret[65], const char *sha)
{
	memset(ret, 0, 65);
	memcpy(ret, sha, strnlen(sha, 64));
}

void inworld_later(struct inworld *in)
{
	fiber_sleep(in->fibers, 1500);
	(void)inworld_status(in, "0");
}

void inworld_push(struct inworld *in, char ret_head[65], const char *text)
{
	inworld_later(in);
	inworld_keep(ret_head, story_str(story_act(in->story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "o/r",
						   "who", "alice", "branch", "topic", "files", "f.txt", text),
					 "sha"));
}

json_int_t inworld_approve(struct inworld *in, const char *who, const char *sha)
{
	inworld_later(in);
	return story_int(story_act(in->story, "{s:s,s:s,s:s,s:i,s:s}", "do", "approve", "repo", "o/r", "who", who,
				   "number", 1, "commit_id", sha),
			 "id");
}

void inworld_begin(struct inworld *in, char ret_head[65])
{
	static const char *const people[] = {"alice", "bob", "carol"};

	story_act(in->story, "{s:s,s:s,s:{s:s}}", "do", "repo", "repo", "o/r", "files", "README", "hello\n");
	for (size_t i = 0; i < 3; i++)
		story_act(in->story, "{s:s,s:s,s:s,s:s}", "do", "permission", "repo", "o/r", "login", people[i], "role",
			  "write");
	inworld_push(in, ret_head, "first");
	story_act(in->story, "{s:s,s:s,s:s,s:s,s:s}", "do", "open", "repo", "o/r", "who", "alice", "head", "topic",
		  "title", "A change");
}

void inworld_check_order(struct inworld *in, const char *a, const char *b)
{
	const json_t *log = json_object_get(story_get(in->story, "/_world/log?since=0"), "entries"), *one;
	bool a_failed = false, pushed = false;
	size_t i;

	json_array_foreach(log, i, one)
	{
		const char *sha = story_str(one, "sha");

		pushed = pushed || strcmp(story_str(one, "after"), b) == 0;
		if (strcmp(story_str(one, "kind"), "post") != 0)
			continue;
		if (strcmp(sha, a) == 0 && pushed)
			ck_assert_str_eq(story_str(one, "state"), "failure");
		a_failed = a_failed || (strcmp(sha, a) == 0 && strcmp(story_str(one, "state"), "failure") == 0);
		if (strcmp(sha, b) == 0)
			ck_assert_msg(a_failed, "a post on the new head came before the old one was failed");
	}
	ck_assert(a_failed && pushed);
}
