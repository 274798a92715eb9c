/*
 * The door: whose request is it? A plain token is somebody for as long as nobody revokes it; an installation's token
 * lives an hour and no longer than the installation; a JSON web token is an App's own and opens its own routes alone.
 */
#include "tests/world/world_state.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char *basic_password(const char *encoded)
{
	size_t len = strlen(encoded);
	char *plain = calloc(1, len + 4), *colon, *password = NULL;
	int n = 0;

	if (!plain)
		abort();
	if (len % 4 == 0)
		n = EVP_DecodeBlock((unsigned char *)plain, (const unsigned char *)encoded, (int)len);
	colon = n > 0 ? strchr(plain, ':') : NULL;
	if (colon)
		password = world_text("%s", colon + 1);
	free(plain);
	return password;
}

static const char *bearer(const char *authorization)
{
	if (strncasecmp(authorization, "Bearer ", 7) == 0)
		return authorization + 7;
	return strncasecmp(authorization, "token ", 6) == 0 ? authorization + 6 : NULL;
}

static const json_t *token_named(struct world *w, const char *authorization)
{
	const char *name = bearer(authorization);
	const json_t *token;
	char *password;

	if (name)
		return json_object_get(w->tokens, name);
	if (strncasecmp(authorization, "Basic ", 6) != 0)
		return NULL;
	password = basic_password(authorization + 6);
	token = password ? json_object_get(w->tokens, password) : NULL;
	free(password);
	return token;
}

const json_t *world_token(struct world *w, const char *authorization)
{
	const json_t *token = authorization ? token_named(w, authorization) : NULL;
	json_int_t end = world_int(token, "expires_at"), id = world_int(token, "installation");

	if ((end && w->now_ms >= end) || (id && !world_installation(w, id)))
		return NULL;
	return token;
}

bool world_token_sleeps(struct world *w, const json_t *token)
{
	json_int_t id = world_int(token, "installation");

	return id && world_int(world_installation(w, id), "suspended_at");
}

void world_name_caller(const json_t *token, const json_t *app, char ret[WORLD_LOGIN_MAX])
{
	const char *slug = app ? world_str(app, "slug") : world_str(token, "app");

	ret[0] = 0;
	if (world_str(token, "user")[0])
		snprintf(ret, WORLD_LOGIN_MAX, "%.120s", world_str(token, "user"));
	else if (slug[0])
		snprintf(ret, WORLD_LOGIN_MAX, "%.120s[bot]", slug);
}

bool world_admit(struct world_call *call)
{
	const char *authorization = call->request->authorization, *jwt = authorization ? bearer(authorization) : NULL;
	struct world *w = call->act.w;
	const char *why;
	int status;

	call->token = world_token(w, authorization);
	if (call->token && world_token_sleeps(w, call->token)) {
		world_fail(&call->act, 403, "This installation has been suspended");
	} else if (!call->token && jwt && world_is_jwt(jwt)) {
		call->app = world_jwt_app(w, jwt, &status, &why);
		if (!call->app)
			world_fail(&call->act, status, why);
	} else if (!call->token) {
		world_fail(&call->act, 401, authorization ? "Bad credentials" : "Requires authentication");
	}
	return call->act.status == 0;
}
