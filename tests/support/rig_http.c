/* HTTP as the rig speaks it: one connection a request, bounded in time, proxies ignored. */
#include "tests/support/rig.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HTTP_MS = 30000, HEADERS_MAX = 16 };

static size_t take(char *bytes, size_t size, size_t n, void *context)
{
	struct rig_reply *reply = context;
	char *more = realloc(reply->body, reply->len + size * n + 1);

	if (!more)
		abort();
	reply->body = more;
	memcpy(more + reply->len, bytes, size * n);
	reply->len += size * n;
	more[reply->len] = '\0';
	return size * n;
}

static struct curl_slist *list_of(const char *const *headers)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	for (size_t i = 0; headers && headers[i]; i++)
		list = curl_slist_append(list, headers[i]);
	return list;
}

bool rig_http(const struct rig_request *request, struct rig_reply *ret)
{
	CURL *easy = curl_easy_init();
	struct curl_slist *list = list_of(request->headers);
	bool ok;

	*ret = (struct rig_reply){.body = calloc(1, 1)};
	if (!easy || !ret->body)
		abort();
	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)HTTP_MS);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, ret);
	if (request->socket)
		curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request->socket);
	if (request->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->len);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	}
	ok = curl_easy_perform(easy) == CURLE_OK;
	if (ok)
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &ret->status);
	curl_slist_free_all(list);
	curl_easy_cleanup(easy);
	return ok;
}

void rig_reply_clear(struct rig_reply *reply)
{
	free(reply->body);
	*reply = (struct rig_reply){0};
}

bool rig_page(struct rig *rig, const char *path, struct rig_reply *ret)
{
	char url[512];
	struct rig_request request = {.method = "GET", .url = url};

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s", rig->port, path);
	return rig_http(&request, ret);
}

static void sign_with(const char *secret, const struct rig_delivery *delivery, char ret[128])
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	int used = snprintf(ret, 128, "X-Hub-Signature-256: sha256=");

	HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)delivery->body, delivery->len, mac, &n);
	for (unsigned i = 0; i < n; i++)
		used += snprintf(ret + used, 128 - (size_t)used, "%02x", mac[i]);
}

bool rig_deliver(struct rig *rig, const struct rig_delivery *delivery, struct rig_reply *ret)
{
	char url[128], event[128], guid[160], signature[128];
	const char *headers[HEADERS_MAX] = {"Content-Type: application/json", event, guid};
	struct rig_request request = {
		.method = "POST", .url = url, .headers = headers, .body = delivery->body, .len = delivery->len};

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/webhooks/github", rig->port);
	(void)snprintf(event, sizeof event, "X-GitHub-Event: %s", delivery->event);
	(void)snprintf(guid, sizeof guid, "X-GitHub-Delivery: %s", delivery->guid);
	if (!delivery->signature)
		sign_with(delivery->secret ? delivery->secret : rig->secret, delivery, signature);
	else
		(void)snprintf(signature, sizeof signature, "X-Hub-Signature-256: %s", delivery->signature);
	if (!delivery->signature || delivery->signature[0])
		headers[3] = signature;
	return rig_http(&request, ret);
}
