/* The push daemon behind a socket, on the real clock; a tracker's key as it comes over the wire. */
#include "tests/support/suite.h"
#include "tests/world/world_http.h"

#include <curl/curl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BODY_MAX = 1 << 16 };

static char dir[64], url[64];
static struct world *world;
static struct world_http *http;

static size_t append(char *bytes, size_t size, size_t n, void *user)
{
	char *text = user;
	size_t used = strlen(text), len = size * n;

	if (used + len >= BODY_MAX)
		return 0;
	memcpy(text + used, bytes, len);
	text[used + len] = 0;
	return len;
}

/* The status; what was answered in *ret, if asked for (new reference). key: in the header; NULL: none. */
static long call(const char *path, const char *key, const char *body, json_t **ret)
{
	static char text[BODY_MAX];
	char full[256], header[64];
	struct curl_slist *list = NULL;
	CURL *curl = curl_easy_init();
	long status = 0;

	text[0] = 0;
	snprintf(full, sizeof(full), "%s%s", url, path);
	snprintf(header, sizeof(header), "X-BUGZILLA-API-KEY: %s", key ? key : "");
	list = key ? curl_slist_append(NULL, header) : NULL;
	curl_easy_setopt(curl, CURLOPT_URL, full);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, text);
	if (body)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	ck_assert_int_eq(curl_easy_perform(curl), CURLE_OK);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (ret)
		*ret = json_loads(text, JSON_DECODE_ANY, NULL);
	curl_slist_free_all(list);
	curl_easy_cleanup(curl);
	return status;
}

static void act(const char *body)
{
	ck_assert_int_eq(call("/_world/act", NULL, body, NULL), 200);
}

static void setup(void)
{
	const char *why = "";

	snprintf(dir, sizeof(dir), "/tmp/world-push-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	world = world_new(&(struct world_config){.dir = dir, .seed = 7, .real = true}, &why);
	ck_assert_msg(world != NULL, "%s", why);
	http = world_http_start(world, "127.0.0.1", 0, dir, &why);
	ck_assert_msg(http != NULL, "%s", why);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", (unsigned)world_http_port(http));
	act("{\"do\": \"account\", \"login\": \"bot\", \"key\": \"BOTKEY\", \"groups\": [\"sec\"]}");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void teardown(void)
{
	world_http_stop(http);
	world_free(world);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* What the log says of the first attempt, within ten seconds; a new reference. */
static json_t *first_attempt(void)
{
	json_t *log, *entry, *found = NULL;
	size_t i;

	for (int tries = 0; !found && tries < 1000; tries++) {
		usleep(10000);
		call("/_world/log", NULL, NULL, &log);
		json_array_foreach(json_object_get(log, "entries"), i, entry)
		{
			if (!found && strcmp(json_string_value(json_object_get(entry, "kind")), "push") == 0)
				found = json_incref(entry);
		}
		json_decref(log);
	}
	return found;
}

/* The world is its own receiver, and answers that there is nothing there. */
START_TEST(nobody_but_the_clock_wakes_the_daemon)
{
	char line[200];
	json_t *attempt;

	setup();
	snprintf(line, sizeof(line), "{\"do\": \"webhook\", \"who\": \"bot\", \"url\": \"%s/_world/nothing\"}", url);
	act(line);
	ck_assert_int_eq(call("/_world/push", NULL, "{\"do\": \"configure\", \"ms\": 300}", NULL), 200);
	act("{\"do\": \"bug\", \"who\": \"dev\", \"bug\": 900042}");
	attempt = first_attempt();
	ck_assert_int_eq(json_integer_value(json_object_get(attempt, "bug")), 900042);
	ck_assert_int_eq(json_integer_value(json_object_get(attempt, "status")), 404);
	json_decref(attempt);
	teardown();
}
END_TEST

static const struct {
	const char *path, *key;
	long status;
} keys[] = {{"/bugzilla-bmo/rest/bug/900042", "BOTKEY", 200},
	    {"/bugzilla-bmo/rest/bug/900042", NULL, 401},
	    {"/bugzilla/rest/bug/900042", "BOTKEY", 401},
	    {"/bugzilla/rest/bug/900042?api_key=BOTKEY", NULL, 200}};

START_TEST(a_key_comes_over_the_wire_as_each_face_takes_it)
{
	setup();
	act("{\"do\": \"bug\", \"who\": \"dev\", \"bug\": 900042, \"groups\": [\"sec\"]}");
	ck_assert_int_eq(call(keys[_i].path, keys[_i].key, NULL, NULL), keys[_i].status);
	teardown();
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(nobody_but_the_clock_wakes_the_daemon),
					  SUITE_ROWS(a_key_comes_over_the_wire_as_each_face_takes_it, keys), SUITE_END};

SUITE_MAIN(tests)
