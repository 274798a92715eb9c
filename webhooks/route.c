#include "webhooks/route.h"

#include "webhooks/crypto.h"

/* Undoes %XX once; '+' becomes a space where plus is set. False: malformed, or a control byte comes out. */
static bool decode(struct text raw, bool plus, struct arena *arena, struct text *ret)
{
	char *to = arena_alloc(arena, raw.len + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < raw.len; i++) {
		unsigned char c = (unsigned char)raw.at[i];

		if (c == '%') {
			if (raw.len - i < 3 || !crypto_unhex((struct text){raw.at + i + 1, 2}, &c, 1))
				return false;
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		if (c < 0x20 || c == 0x7f)
			return false;
		to[n++] = (char)c;
	}
	*ret = (struct text){to, n};
	return true;
}

bool target_parse(struct text raw, struct arena *arena, struct target *ret, struct refusal *refusal)
{
	size_t mark = text_find(raw, TEXT_LIT("?"));
	struct target target = {.path = raw, .query = TEXT_EMPTY};

	if (raw.len > ROUTE_TARGET_MAX)
		return refuse(refusal, REASON_TARGET_LONG);
	if (mark != SIZE_MAX) {
		target.path.len = mark;
		target.query = arena_text(arena, (struct text){raw.at + mark + 1, raw.len - mark - 1});
	}
	if (!decode(target.path, false, arena, &target.path) || target.path.len == 0 || target.path.at[0] != '/')
		return refuse(refusal, REASON_TARGET);
	*ret = target;
	return true;
}

struct text target_query(struct text query, const char *name, struct arena *arena)
{
	struct text wanted = text_of(name), rest = query;

	while (rest.len) {
		size_t amp = text_find(rest, TEXT_LIT("&")), end = amp == SIZE_MAX ? rest.len : amp;
		struct text pair = {rest.at, end}, key = pair, value = TEXT_EMPTY;
		size_t equals = text_find(pair, TEXT_LIT("="));

		if (equals != SIZE_MAX) {
			key.len = equals;
			value = (struct text){pair.at + equals + 1, pair.len - equals - 1};
		}
		if (decode(key, true, arena, &key) && text_eq(key, wanted))
			return decode(value, true, arena, &value) ? value : TEXT_EMPTY;
		end += amp == SIZE_MAX ? 0 : 1;
		rest = (struct text){rest.at + end, rest.len - end};
	}
	return TEXT_EMPTY;
}

static bool path_matches(const struct route *route, struct text path)
{
	struct text prefix = text_of(route->prefix);

	if (text_eq(path, prefix))
		return true;
	return text_ends(prefix, TEXT_LIT("/")) && text_starts(path, prefix);
}

static bool method_matches(const struct route *route, struct text method)
{
	return text_is(method, route->method) || (text_is(method, "HEAD") && strcmp(route->method, "GET") == 0);
}

static void allow_add(char allow[ROUTE_ALLOW_MAX], const char *method)
{
	size_t len = strlen(allow);

	if (strstr(allow, method))
		return;
	snprintf(allow + len, ROUTE_ALLOW_MAX - len, "%s%s%s", len ? ", " : "", method,
		 strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

const struct route *route_find(const struct listener_config *config, struct text method, struct text path,
			       char allow[ROUTE_ALLOW_MAX], struct refusal *refusal)
{
	allow[0] = '\0';
	for (size_t i = 0; i < config->n_routes; i++) {
		if (!path_matches(&config->routes[i], path))
			continue;
		if (method_matches(&config->routes[i], method))
			return &config->routes[i];
		allow_add(allow, config->routes[i].method);
	}
	refuse(refusal, allow[0] ? REASON_METHOD : REASON_NOT_FOUND);
	return NULL;
}
