/* Conditional requests. An ETag is of the answer's bytes and of the token that asked, weak as the forge's are. */
#include "tests/world/world_state.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *etag_of(const struct world_call *call)
{
	const char *token = call->request->authorization ? call->request->authorization : "";
	unsigned char digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	char hex[65];
	bool ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 &&
		  EVP_DigestUpdate(md, token, strlen(token) + 1) == 1 &&
		  EVP_DigestUpdate(md, call->response->body, call->response->len) == 1 &&
		  EVP_DigestFinal_ex(md, digest, NULL) == 1;

	EVP_MD_CTX_free(md);
	if (!ok)
		abort();
	for (size_t i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return world_jtext("W/\"%s\"", hex);
}

/* One of the list, compared as weak ones are: without W/. */
static bool is_listed(const char *list, const char *etag)
{
	const char *opaque = etag + 2;
	size_t len = strlen(opaque);

	for (const char *at = list; (at = strstr(at, opaque)); at += len)
		if (at[len] == 0 || at[len] == ',' || at[len] == ' ')
			return true;
	return strcmp(list, "*") == 0;
}

bool world_etag_holds(struct world_call *call)
{
	struct world_response *ret = call->response;
	const char *had = call->request->if_none_match;
	json_t *etag;

	if (call->played || ret->status != 200 || strcmp(call->request->method, "GET") != 0)
		return false;
	etag = etag_of(call);
	world_put(ret->headers, "ETag", etag);
	world_put(ret->headers, "Cache-Control", json_string("private, max-age=60, s-maxage=60"));
	world_put(ret->headers, "Vary", json_string("Accept, Authorization, Cookie, X-GitHub-OTP"));
	if (!had || !is_listed(had, json_string_value(etag)))
		return false;
	free(ret->body);
	ret->body = NULL;
	ret->len = 0;
	ret->status = 304;
	json_object_del(ret->headers, "Content-Type");
	return true;
}
