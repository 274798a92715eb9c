#include "agent/hook/rate.h"

#define MINUTE_MS INT64_C(60000)

static struct hook_rate_user *user_of(struct hook_rate *rate, int64_t uid)
{
	struct hook_rate_user *least = &rate->users[0];

	for (size_t i = 0; i < rate->n; i++) {
		if (rate->users[i].uid == uid)
			return &rate->users[i];
		if (rate->users[i].full_at < least->full_at)
			least = &rate->users[i];
	}
	if (rate->n < HOOK_RATE_USERS)
		least = &rate->users[rate->n++];
	*least = (struct hook_rate_user){.uid = uid};
	return least;
}

bool hook_rate_take(struct hook_rate *rate, int64_t uid, int64_t n, int64_t at)
{
	struct hook_rate_user *user = user_of(rate, uid);
	int64_t full_at = user->full_at > at ? user->full_at : at, step = MINUTE_MS / rate->per_minute;

	if (step < 1)
		step = 1;
	if (full_at - at + step * n > step * rate->most)
		return false;
	user->full_at = full_at + step * n;
	return true;
}
