/*
 * lint: what a policy that can be read must not say, or should not, because its author would clear himself by it. Walks
 * what has been read; tells at the place of the rule. Inner to policy/.
 *
 *   error   a commit token instead of what others vouch for (`or`, `at_least`, `any_of`): whoever writes the commit
 *           types it
 *   unsafe  a rule that asks for nobody's review and can be all that permits a change, without `only_pushed_by`; one
 *           that a word in a commit makes not apply
 *   remark  the same of a rule beside others that ask for reviews, each of which has an `if`; a rule that counts the
 *           reviews of whoever may read
 */
#ifndef POLICY_LINT_H
#define POLICY_LINT_H

#include "policy/keys.h"
#include "policy/rules.h"

bool policy_lint(struct parse *parse, const struct policy *policy);

#endif
