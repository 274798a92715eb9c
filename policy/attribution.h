/*
 * attribution: whose a commit is where the forge does not say. `policy.attribution` names a people file of the base
 * branch; a rule's `unattributed: pusher` takes a commit of nobody known for that of whoever pushed.
 *
 * Promises: the forge's word comes first, the file's second. The file is the base branch's, and guarded, so that no
 * change speaks for itself. A file that is not known leaves a commit of nobody known waiting; one that is not there or
 * cannot be read stops it, also by `pusher`: whom the file would have named must not approve in the meantime. Pure.
 */
#ifndef POLICY_ATTRIBUTION_H
#define POLICY_ATTRIBUTION_H

#include "policy/rules.h"

struct parse;
struct yaml;
bool read_attribution(struct parse *parse, const struct yaml *value, void *policy);
bool read_unattributed(struct parse *parse, const struct yaml *value, void *rule);

/* The change with the accounts that the policy's people file gives to addresses of its commits. *ret_file: NO: the file
 * cannot be used; UNKNOWN: it was not read; YES: it was read, or nobody asks for it. */
const struct change *attributed(const struct policy *policy, const struct change *change, struct arena *arena,
				struct answer *ret_file);

/* Whether the rule can count reviews of the change, whose commits name nobody unknown. Adds to what is told of the row:
 * each such commit with its address and what helps. */
struct answer attribution_ask(const struct rule *rule, const struct judging *on, struct rule_result *row);

#endif
