/*
 * verdict: the answer for one commit, with the tree that explains it. Borrowed from the arena it was made in.
 *
 * Promise: only DECISION_ALLOWED maps to success. `text` is at most 140 bytes of UTF-8, verb first, names the one
 * next step, and depends on facts alone (no ages, no clocks). `public_text` never depends on restricted facts.
 */
#ifndef POLICY_VERDICT_H
#define POLICY_VERDICT_H

#include "policy/facts.h"

/* Ordered from worst to best, so that the AND of several is the smallest. */
enum decision { DECISION_CANNOT_DECIDE = 0, DECISION_REVOKED, DECISION_BLOCKED, DECISION_WAITING, DECISION_ALLOWED };

enum status_state { STATUS_UNKNOWN = 0, STATUS_PENDING, STATUS_FAILURE, STATUS_ERROR, STATUS_SUCCESS };

enum rule_state { RULE_UNMET = 0, RULE_PENDING, RULE_SKIPPED, RULE_OFF, RULE_MET };
enum rule_mode { MODE_ENFORCE = 0, MODE_WARN, MODE_OFF };

#define STATUS_TEXT_MAX 140

struct ignored { /* evidence that does not count, and why */
	struct text what, why;
};

struct rule_result {
	struct text name, description;
	enum rule_state state;
	enum rule_mode mode;
	bool blocking;    /* unmet in a way that waiting cannot cure (changes requested, draft, a forged status) */
	bool hook_allows; /* PENDING: a commit hook, which cannot wait, lets the push through */
	bool restricted;  /* shown to the public as "Maintainer clearance" only */
	struct text next; /* the one next step when not met: "1 more review of 4f2c9e1 (1/2)" */
	struct text who;  /* who can take it: "anybody with write access, or ada"; empty: next says, or nobody in
			     particular */
	const struct person *counts; /* who counts */
	size_t n_counts;
	const struct ignored *ignored;
	size_t n_ignored;
	const struct rule_result *children;
	size_t n_children;
};

struct verdict {
	enum decision decision;
	enum status_state state;
	struct text text, public_text;
	const struct rule_result *rules; /* one tree per open change, in the order of facts.changes */
	size_t n_rules;
	bool public_met; /* all that the public sees is met; what is not is restricted */
};

enum status_state decision_state(enum decision d);
const char *decision_name(enum decision d); /* "allowed", "waiting", "blocked", "revoked", "cannot_decide" */
bool decision_parse(struct text t, enum decision *ret);
const char *status_state_name(enum status_state s); /* as the forge writes it: "success", ...; "unknown" */
enum status_state status_state_parse(struct text t);
const char *rule_state_name(enum rule_state s);
const char *rule_mode_name(enum rule_mode m);

#endif
