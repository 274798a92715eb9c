#include "policy/oid.h"

#include <string.h>

bool oid_parse(struct text t, struct oid *ret)
{
	bool zero = true;

	if (t.len != 40 && t.len != 64)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		char c = t.at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		zero = zero && c == '0';
	}
	if (zero)
		return false;
	*ret = OID_NONE;
	memcpy(ret->hex, t.at, t.len);
	return true;
}

bool oid_known(const struct oid *oid)
{
	return oid->hex[0] != '\0';
}

bool oid_eq(const struct oid *a, const struct oid *b)
{
	return oid_known(a) && strcmp(a->hex, b->hex) == 0;
}

struct text oid_text(const struct oid *oid)
{
	return text_of(oid->hex);
}

struct text oid_short(const struct oid *oid)
{
	struct text t = oid_text(oid);

	return t.len > 7 ? (struct text){t.at, 7} : t;
}
