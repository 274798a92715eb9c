/*
 * A step: note where the log stands, act, wait for the expected statuses in the order of the log, wait until nothing
 * happens any more, then compare again: the newest status of a commit, what its page says, and that no success was
 * posted in between that the table does not know. Between the statuses that are expected others may have come, such as
 * the first pending on a new head, but no success.
 */
#include "tests/e2e/demo.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_MS = 10, SETTLE_MS = 300, QUIET_MS = 800 };

static const char *str(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

bool demo_stopped(void)
{
	sigset_t set;

	return sigpending(&set) == 0 &&
	       (sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1 || sigismember(&set, SIGHUP) == 1);
}

const char *demo_sha(const struct demo *demo, char commit)
{
	return demo->shas[commit >= 'a' ? commit - 'a' : commit - 'A'];
}

void demo_fill(const struct demo *demo, const char *template, char ret[DEMO_TEXT])
{
	size_t n = 0;

	for (const char *at = template; *at && n + 1 < DEMO_TEXT; at++)
		if (*at == '$' && at[1] == '#') {
			int wrote = snprintf(ret + n, DEMO_TEXT - n, "%lld", (long long)demo->attachment);

			n += (size_t)wrote < DEMO_TEXT - n ? (size_t)wrote : DEMO_TEXT - n - 1;
			at++;
		} else if (*at == '$' && at[1] != '\0') {
			int digits = *++at >= 'a' ? 7 : 40;
			int wrote = snprintf(ret + n, DEMO_TEXT - n, "%.*s", digits, demo_sha(demo, *at));

			n += (size_t)wrote < DEMO_TEXT - n ? (size_t)wrote : DEMO_TEXT - n - 1;
		} else {
			ret[n++] = *at;
		}
	ret[n] = '\0';
}

enum demo_verdict demo_verdict_of(const char *state, const char *text)
{
	if (strcmp(state, "failure") == 0 && starts(text, "Superseded"))
		return DEMO_SUPERSEDED;
	if (strcmp(state, "failure") == 0 && starts(text, "Revoked"))
		return DEMO_REVOKED;
	for (enum demo_verdict v = DEMO_WAITING; v < DEMO_VERDICTS; v++)
		if (v != DEMO_SUPERSEDED && v != DEMO_REVOKED && strcmp(demo_word(v)->state, state) == 0)
			return v;
	return DEMO_NONE;
}

/* ---- comparing ---- */

static json_int_t number_of(const json_t *entry)
{
	return json_integer_value(json_object_get(entry, "n"));
}

static bool is_post(const json_t *entry, const char *sha)
{
	return strcmp(str(entry, "kind"), "post") == 0 && strcmp(str(entry, "context"), RIG_CONTEXT) == 0 &&
	       (!sha || strcmp(str(entry, "sha"), sha) == 0);
}

/* What the hook said to a push; else the status. */
static bool matches(const struct demo *demo, const struct demo_expect *expect, const json_t *post)
{
	char text[DEMO_TEXT];

	demo_fill(demo, expect->text, text);
	if (demo_word(expect->verdict)->of_a_push)
		return demo->pushed == expect->verdict && starts(demo->said, text);
	return post && demo_verdict_of(str(post, "state"), str(post, "description")) == expect->verdict &&
	       starts(str(post, "description"), text);
}

static bool is_last(const struct demo_step *step, size_t i)
{
	for (size_t k = i + 1; k < DEMO_EXPECTS; k++)
		if (step->expects[k].commit == step->expects[i].commit)
			return false;
	return true;
}

/* The status that answers this expectation: the commit's newest one if it is its last, else the first that matches. */
static const json_t *status_for(struct demo *demo, const struct demo_step *step, size_t i)
{
	const struct demo_expect *expect = &step->expects[i];
	const char *sha = demo_sha(demo, expect->commit);
	const json_t *newest = rig_status(&demo->rig, sha);

	if (is_last(step, i))
		return newest && (step->quiet || number_of(newest) > demo->mark) ? newest : NULL;
	for (size_t k = 0; k < json_array_size(demo->rig.log); k++) {
		const json_t *entry = json_array_get(demo->rig.log, k);

		if (number_of(entry) > demo->mark && is_post(entry, sha) && matches(demo, expect, entry))
			return entry;
	}
	return NULL;
}

static bool all_match(struct demo *demo, const struct demo_step *step)
{
	for (size_t i = 0; i < DEMO_EXPECTS && step->expects[i].commit; i++)
		if (!matches(demo, &step->expects[i], status_for(demo, step, i)))
			return false;
	return true;
}

/* False: stopped by a signal, or a program is gone. */
static bool wait_for(struct demo *demo, const struct demo_step *step)
{
	int64_t until = rig_now() + RIG_WAIT_MS * (getenv("HEADGATE_FORGE_FRONT") ? 4 : 1);

	while (!all_match(demo, step) && rig_now() < until) {
		if (demo_stopped())
			return false;
		if (!rig_agent_running(&demo->rig))
			return rig_fail(&demo->rig, "headgate ended");
		rig_sleep(POLL_MS);
	}
	return rig_settle(&demo->rig, step->quiet ? QUIET_MS : SETTLE_MS);
}

/* Did headgate post a success in this step on a commit for which the step does not know one? */
static bool strange_success(struct demo *demo, const struct demo_step *step, const char *sha)
{
	for (size_t i = 0; i < DEMO_EXPECTS && step->expects[i].commit; i++)
		if (step->expects[i].verdict == DEMO_ALLOWED &&
		    strcmp(demo_sha(demo, step->expects[i].commit), sha) == 0)
			return false;
	for (size_t k = 0; k < json_array_size(demo->rig.log); k++) {
		const json_t *entry = json_array_get(demo->rig.log, k);

		if (number_of(entry) > demo->mark && is_post(entry, sha) &&
		    strcmp(str(entry, "state"), "success") == 0 && strcmp(str(entry, "creator"), "headgate[bot]") == 0)
			return true;
	}
	return false;
}

static bool page_says(const json_t *page, const struct demo_seen *seen)
{
	return strcmp(str(page, "verdict"), demo_word(seen->verdict)->json) == 0 &&
	       strcmp(str(page, "state"), seen->state) == 0 && strcmp(str(page, "text"), seen->text) == 0;
}

static bool page_agrees(struct demo *demo, const struct demo_seen *seen)
{
	char path[160];
	struct rig_reply reply;
	json_t *page;
	bool ok;

	(void)snprintf(path, sizeof path, "/%s/c/%s.json", demo->rig.repo, seen->sha);
	(void)rig_page(&demo->rig, path, &reply);
	page = json_loads(reply.body ? reply.body : "", 0, NULL);
	ok = reply.status == 200 && page_says(page, seen);
	json_decref(page);
	rig_reply_clear(&reply);
	return ok;
}

static void look_at_push(const struct demo *demo, struct demo_seen *seen)
{
	memcpy(seen->text, demo->said, sizeof seen->text);
	seen->verdict = demo->pushed;
	if (!matches(demo, seen->expect, NULL))
		seen->wrong = "the push was answered otherwise";
}

static void look(struct demo *demo, struct demo_seen *seen, size_t i)
{
	const struct demo_step *step = seen->step;
	const json_t *post = status_for(demo, step, i);

	(void)snprintf(seen->sha, sizeof seen->sha, "%s", demo_sha(demo, seen->expect->commit));
	demo_fill(demo, step->happens, seen->happens);
	demo_fill(demo, seen->expect->text, seen->expected);
	if (demo_word(seen->expect->verdict)->of_a_push) {
		look_at_push(demo, seen);
		return;
	}
	(void)snprintf(seen->state, sizeof seen->state, "%s", str(post, "state"));
	(void)snprintf(seen->text, sizeof seen->text, "%s", str(post, "description"));
	seen->verdict = post ? demo_verdict_of(seen->state, seen->text) : DEMO_NONE;
	if (!matches(demo, seen->expect, post))
		seen->wrong = "the status is another one";
	else if (strange_success(demo, step, seen->sha))
		seen->wrong = "a success was posted in between";
	else if (is_last(step, i) && !page_agrees(demo, seen))
		seen->wrong = "the page says something else than the status";
	else if (step->secret)
		seen->wrong = demo_public_tells(demo, seen->sha);
}

/* ---- measuring ---- */

static void keep_sample(struct demo_samples *samples, int64_t ms)
{
	if (samples->n < DEMO_SAMPLES)
		samples->ms[samples->n++] = ms;
}

/* From the sending of the tracker's first delivery in this step; what it waited for its turn before is the tracker's.
 */
static void measure_bug(struct demo *demo, const json_t *post)
{
	for (size_t k = 0; k < json_array_size(demo->rig.log); k++) {
		const json_t *entry = json_array_get(demo->rig.log, k);

		if (number_of(entry) <= demo->mark || strcmp(str(entry, "kind"), "push") != 0)
			continue;
		keep_sample(&demo->bugs, json_integer_value(json_object_get(post, "ms")) -
						 json_integer_value(json_object_get(entry, "ms")) +
						 json_integer_value(json_object_get(entry, "took_ms")));
		return;
	}
}

static void measure(struct demo *demo, const struct demo_act *act)
{
	static const struct {
		const char *what, *event, *action;
		bool push;
	} events[] = {{"open", "pull_request", "opened", true},
		      {"push", "pull_request", "synchronize", true},
		      {"approve", "pull_request_review", "submitted", false},
		      {"request_changes", "pull_request_review", "submitted", false}};
	const json_t *post = NULL;

	for (size_t k = 0; !post && k < json_array_size(demo->rig.log); k++) {
		const json_t *entry = json_array_get(demo->rig.log, k);

		if (number_of(entry) > demo->mark && is_post(entry, NULL))
			post = entry;
	}
	for (size_t i = 0; post && i < sizeof events / sizeof events[0]; i++) {
		if (strcmp(events[i].what, act->what) != 0)
			continue;
		keep_sample(events[i].push ? &demo->pushes : &demo->reviews,
			    rig_since(&demo->rig, events[i].event, events[i].action, post));
	}
	if (post && strcmp(act->what, "bug") == 0)
		measure_bug(demo, post);
}

/* ---- playing ---- */

static bool play_step(struct demo *demo, const struct demo_step *step, size_t number)
{
	const struct demo_act *last = &step->acts[0];
	bool ok = true;

	demo->said[0] = '\0';
	demo->pushed = DEMO_NONE;
	demo->mark = rig_log_mark(&demo->rig);
	for (size_t i = 0; i < DEMO_ACTS && step->acts[i].what; i++) {
		last = &step->acts[i];
		if (!demo_act(demo, last))
			return false;
	}
	if (!wait_for(demo, step))
		return false;
	for (size_t i = 0; i < DEMO_EXPECTS && step->expects[i].commit; i++) {
		struct demo_seen seen = {.step = step, .number = number, .expect = &step->expects[i], .first = i == 0};

		look(demo, &seen, i);
		demo_print_seen(demo, &seen);
		demo_keep(demo, &seen);
		demo->good += !seen.wrong;
		ok = ok && !seen.wrong;
	}
	if (ok && step->inside)
		ok = demo_inside(demo, step);
	if (ok)
		demo_print_note(demo, step->note || demo->pushed ? step->note : demo->said);
	if (!step->acts[1].what || last->makes) /* of several reviews the last is measured alone */
		measure(demo, last);
	return ok;
}

bool demo_play(struct demo *demo)
{
	size_t n;
	const struct demo_step *steps = demo_steps(&n);
	bool ok = true;

	demo->all = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < DEMO_EXPECTS && steps[i].expects[k].commit; k++)
			demo->all++;
	demo_print_head(demo);
	for (size_t i = 0; i < n && ok; i++) {
		ok = play_step(demo, &steps[i], i + 1) && !demo_stopped();
		if (!ok && demo->rig.why[0])
			demo_print_broken(demo, i + 1);
	}
	return ok;
}
