#include "policy/verdict.h"

static const struct {
	const char *name;
	enum status_state state;
} decisions[] = {
	[DECISION_CANNOT_DECIDE] = {"cannot_decide", STATUS_ERROR}, [DECISION_REVOKED] = {"revoked", STATUS_FAILURE},
	[DECISION_BLOCKED] = {"blocked", STATUS_FAILURE},           [DECISION_WAITING] = {"waiting", STATUS_PENDING},
	[DECISION_ALLOWED] = {"allowed", STATUS_SUCCESS},
};

enum status_state decision_state(enum decision d)
{
	return decisions[d].state;
}

const char *decision_name(enum decision d)
{
	return decisions[d].name;
}

bool decision_parse(struct text t, enum decision *ret)
{
	for (size_t i = 0; i < sizeof decisions / sizeof decisions[0]; i++)
		if (text_is(t, decisions[i].name)) {
			*ret = (enum decision)i;
			return true;
		}
	return false;
}

static const char *const states[] = {"unknown", "pending", "failure", "error", "success"};

const char *status_state_name(enum status_state s)
{
	return states[s];
}

enum status_state status_state_parse(struct text t)
{
	for (size_t i = 1; i < sizeof states / sizeof states[0]; i++)
		if (text_is(t, states[i]))
			return (enum status_state)i;
	return STATUS_UNKNOWN;
}

const char *rule_state_name(enum rule_state s)
{
	static const char *const names[] = {"unmet", "pending", "skipped", "off", "met"};

	return names[s];
}

const char *rule_mode_name(enum rule_mode m)
{
	static const char *const names[] = {"enforce", "warn", "off"};

	return names[m];
}
