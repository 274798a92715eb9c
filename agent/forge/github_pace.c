#include <stdio.h>
#include <string.h>

#include "agent/forge/github_inner.h"

#define SECONDS_MAX INT64_C(1000000000000) /* later than any time that is meant: arithmetic on it is safe */

struct github_turn github_turn_of(struct github *github, const struct forge_call *call, int64_t installation,
				  const struct github_ask *ask)
{
	bool reads = ask->reads || strcmp(ask->method, "GET") == 0;

	return (struct github_turn){
		github, {installation, call->repo.id, 0}, reads ? PACE_READ : PACE_WRITE, ask->reads};
}

static int64_t now(const struct github *github)
{
	return github->clock.wall(github->clock.self);
}

/* Metrics: a budget that runs low is seen before work is put off. */
static void note(struct github_turn *turn, bool held)
{
	char digits[24];
	struct text label = {digits,
			     (size_t)snprintf(digits, sizeof digits, "%lld", (long long)turn->who.installation)};
	int64_t left = pace_left(turn->github->config.pace, turn->who.installation);

	if (held)
		metrics_add(turn->github->config.metrics, METRIC_FORGE_HELD, &label, 1);
	if (left >= 0)
		metrics_set(turn->github->config.metrics, METRIC_FORGE_LEFT, &label, left);
}

bool github_may_send(struct github_turn *turn, struct err *err)
{
	struct pace *pace = turn->github->config.pace;
	int64_t at = 0;

	turn->who.now = now(turn->github);
	if (!pace || pace_may_send(pace, &turn->who, turn->kind, &at))
		return true;
	note(turn, true);
	(void)err_set(err, ERR_RETRY, "not sent: the forge's limits ask for a pause");
	err->retry_at_ms = at;
	return false;
}

static int64_t number(const struct http_answer *answer, const char *name)
{
	int64_t n;

	return text_int64(http_answer_header(answer, name), &n) && n >= 0 ? n : -1;
}

/* Seconds, as milliseconds; `none` where the forge said none. */
static int64_t seconds(const struct http_answer *answer, const char *name, int64_t none)
{
	int64_t n = number(answer, name);

	return n < 0 ? none : (n < SECONDS_MAX ? n : SECONDS_MAX) * 1000;
}

void github_told(struct github_turn *turn, const struct http_answer *answer)
{
	static const struct http_answer nothing = {.status = 0};
	const struct http_answer *a = answer ? answer : &nothing;
	struct pace_answer told = {.status = a->status,
				   .limited = rest_limited(a),
				   .limit = number(a, "x-ratelimit-limit"),
				   .remaining = number(a, "x-ratelimit-remaining"),
				   .reset_at = seconds(a, "x-ratelimit-reset", WHEN_UNKNOWN),
				   .date = WHEN_UNKNOWN,
				   .retry_after_ms = seconds(a, "retry-after", -1)};

	if (!turn->github->config.pace)
		return;
	if (turn->apart && !told.limited)
		told.limit = told.remaining = -1;
	(void)when_parse_http(http_answer_header(a, "date"), &told.date);
	turn->who.now = now(turn->github);
	pace_told(turn->github->config.pace, &turn->who, turn->kind, &told);
	note(turn, false);
}
