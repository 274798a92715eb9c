#include "policy/tree.h"

static const char *const names[TREE_STATES] = {
	[TREE_UNKNOWN] = "unknown",
	[TREE_OPEN] = "open",
	[TREE_APPROVAL_REQUIRED] = "approval_required",
	[TREE_CLOSED] = "closed",
};

const char *tree_state_name(enum tree_state state)
{
	return names[state];
}

bool tree_state_parse(struct text word, enum tree_state *ret)
{
	for (size_t i = 0; i < TREE_STATES; i++)
		if (text_is(word, names[i])) {
			*ret = (enum tree_state)i;
			return true;
		}
	return false;
}

static bool plain_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool tree_name_ok(struct text name)
{
	if (name.len == 0 || name.len > TREE_NAME_MAX || !plain_byte(name.at[0]))
		return false;
	for (size_t i = 1; i < name.len; i++)
		if (!plain_byte(name.at[i]) && name.at[i] != '.' && name.at[i] != '_' && name.at[i] != '-')
			return false;
	return true;
}
