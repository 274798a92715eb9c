/* The story, as data. People: alice writes; bob, carol and dave may review. */
#include "tests/e2e/demo.h"

#define OPEN(branch, title) "{\"head\":\"" branch "\",\"base\":\"main\",\"title\":\"" title "\"}"
#define PUSH(branch, file, message)                                                                                    \
	"{\"branch\":\"" branch "\",\"files\":{\"" file "\":\"" message "\\n\"},\"message\":\"" message "\"}"

static const struct demo_step steps[] = {
	{.happens = "alice opens #1",
	 .acts = {{"push", "alice", PUSH("cache", "cache.c", "Fix the frame cache"), 'A', "sha", 0},
		  {"open", "alice", OPEN("cache", "Fix the frame cache"), 'A', "head", 0}},
	 .expects = {{'A', DEMO_WAITING, "Needs 2"}}},
	{.happens = "bob approves",
	 .acts = {{.what = "approve", .who = "bob", .args = "{\"number\":1}"}},
	 .expects = {{'A', DEMO_WAITING, "Needs 1"}}},
	{.happens = "alice merges: refused",
	 .acts = {{.what = "merge", .who = "alice", .args = "{\"number\":1,\"sha\":\"$A\"}", .refused = 405}},
	 .expects = {{'A', DEMO_WAITING, "Needs 1"}},
	 .quiet = true},
	{.happens = "carol approves",
	 .acts = {{.what = "approve", .who = "carol", .args = "{\"number\":1}"}},
	 .expects = {{'A', DEMO_ALLOWED, "2 fresh reviews"}}},
	{.happens = "alice pushes a commit",
	 .acts = {{"push", "alice", PUSH("cache", "cache.h", "Say what the cache promises"), 'B', "sha", 0}},
	 .expects = {{'A', DEMO_SUPERSEDED, "Superseded by $b"}, {'B', DEMO_WAITING, "Needs 2"}},
	 .note = "the old yes is withdrawn before the new commit is judged"},
	{.happens = "dave approves $a",
	 .acts = {{.what = "approve", .who = "dave", .args = "{\"number\":1,\"commit_id\":\"$A\"}"}},
	 .expects = {{'A', DEMO_SUPERSEDED, "Superseded by $b"}, {'B', DEMO_WAITING, "Needs 2"}},
	 .quiet = true,
	 .note = "a review counts for the commit that was looked at, and for no other"},
	{.happens = "bob approves $b",
	 .acts = {{.what = "approve", .who = "bob", .args = "{\"number\":1}"}},
	 .expects = {{'B', DEMO_WAITING, "Needs 1"}}},
	{.happens = "carol approves $b",
	 .acts = {{.what = "approve", .who = "carol", .args = "{\"number\":1}"}},
	 .expects = {{'B', DEMO_ALLOWED, "2 fresh reviews"}}},
	{.happens = "base goes to release",
	 .acts = {{.what = "retarget", .who = "alice", .args = "{\"number\":1,\"base\":\"release\"}"}},
	 .expects = {{'B', DEMO_REVOKED, "Revoked: the base branch was changed"},
		     {'B', DEMO_REVOKED, "Revoked: commit $b carries no"}},
	 .note = "release asks for more; what main allowed says nothing about it"},
	{.happens = "base goes back to main",
	 .acts = {{.what = "retarget", .who = "alice", .args = "{\"number\":1,\"base\":\"main\"}"}},
	 .expects = {{'B', DEMO_ALLOWED, "2 fresh reviews"}}},
	{.happens = "alice merges: done",
	 .acts = {{.what = "merge", .who = "alice", .args = "{\"number\":1,\"sha\":\"$B\"}"}},
	 .expects = {{'B', DEMO_ALLOWED, "2 fresh reviews"}},
	 .quiet = true},
	{.happens = "alice opens #2",
	 .acts = {{"push", "alice", PUSH("fonts", "fonts.c", "Load fonts later"), 'C', "sha", 0},
		  {"open", "alice", OPEN("fonts", "Load fonts later"), 'C', "head", 0}},
	 .expects = {{'C', DEMO_WAITING, "Needs 2"}}},
	{.happens = "bob and carol approve",
	 .acts = {{.what = "approve", .who = "bob", .args = "{\"number\":2}"},
		  {.what = "approve", .who = "carol", .args = "{\"number\":2}"}},
	 .expects = {{'C', DEMO_ALLOWED, "2 fresh reviews"}}},
	{.happens = "carol asks for changes",
	 .acts = {{.what = "request_changes", .who = "carol", .args = "{\"number\":2,\"body\":\"It is slower.\"}"}},
	 .expects = {{'C', DEMO_REVOKED, "Revoked: "}}},
	{.happens = "alice merges: refused",
	 .acts = {{.what = "merge", .who = "alice", .args = "{\"number\":2,\"sha\":\"$C\"}", .refused = 405}},
	 .expects = {{'C', DEMO_REVOKED, "Revoked: "}},
	 .quiet = true},
};

const struct demo_step *demo_steps(size_t *ret_n)
{
	*ret_n = sizeof steps / sizeof steps[0];
	return steps;
}

static const struct demo_word words[DEMO_VERDICTS] = {
	[DEMO_NONE] = {"??", "none", "", "", ""},
	[DEMO_WAITING] = {"..", "waiting", "waiting", "pending", "33"},
	[DEMO_ALLOWED] = {"OK", "ALLOWED", "allowed", "success", "32"},
	[DEMO_BLOCKED] = {"NO", "BLOCKED", "blocked", "failure", "31"},
	[DEMO_SUPERSEDED] = {"NO", "SUPERSEDED", "blocked", "failure", "31"},
	[DEMO_REVOKED] = {"NO", "REVOKED", "revoked", "failure", "31"},
	[DEMO_CANNOT_DECIDE] = {"NO", "ERROR", "cannot_decide", "error", "31"},
};

const struct demo_word *demo_word(enum demo_verdict verdict)
{
	return &words[verdict];
}
