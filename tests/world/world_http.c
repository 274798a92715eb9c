#include "tests/world/world_http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SENDERS = 4, SEND_TIMEOUT_MS = 10000, GIT_DEADLINE_MS = 60000, CONNECTIONS = 256 };

enum { FORGE, TRACKER, DOORS };

struct door { /* a port: all there is, or the trackers' paths alone */
	struct world_http *http;
	struct MHD_Daemon *daemon;
};

struct world_http {
	struct world *world;
	const char *git_root;
	struct door doors[DOORS];
	pthread_mutex_t lock, pushing; /* pushing: one at a time, so that each ref has its pusher */
	pthread_cond_t more;
	pthread_t senders[SENDERS];
	unsigned n_senders;
	bool stop;
};

struct upload {
	char *body;
	size_t len, room;
	bool too_big;
};

static int64_t now_of(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void lock(struct world_http *http)
{
	pthread_mutex_lock(&http->lock);
	world_tick(http->world, now_of(CLOCK_REALTIME));
}

static void unlock(struct world_http *http)
{
	pthread_cond_broadcast(&http->more);
	pthread_mutex_unlock(&http->lock);
}

static bool stopping(struct world_http *http)
{
	bool stop;

	pthread_mutex_lock(&http->lock);
	stop = http->stop;
	pthread_mutex_unlock(&http->lock);
	return stop;
}

/* In slices, so that a long delay does not hold up the end. */
static void sleep_ms(struct world_http *http, int64_t ms)
{
	int64_t until = now_of(CLOCK_MONOTONIC) + ms;
	struct timespec slice = {.tv_nsec = ms > 50 ? 20000000 : 1000000};

	while (ms > 0 && now_of(CLOCK_MONOTONIC) < until && !stopping(http))
		nanosleep(&slice, NULL);
}

/* Sender. */

static size_t ignore(char *bytes, size_t size, size_t n, void *user)
{
	(void)bytes;
	(void)user;
	return size * n;
}

static int send_one(struct world_delivery *delivery)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *list = NULL;
	const char *name;
	json_t *value;
	char line[512];
	long status = 0;

	if (!curl)
		return 0;
	json_object_foreach(delivery->headers, name, value)
	{
		snprintf(line, sizeof(line), "%s: %s", name, json_string_value(value));
		list = curl_slist_append(list, line);
	}
	list = curl_slist_append(list, "Expect:");
	curl_easy_setopt(curl, CURLOPT_URL, delivery->url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, delivery->body);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)delivery->len);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
			 delivery->timeout_ms ? (long)delivery->timeout_ms : (long)SEND_TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, delivery->timeout_ms ? 1L : 0L); /* the tracker does, once */
	curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 1L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_USERAGENT, NULL);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(list);
	curl_easy_cleanup(curl);
	return (int)status;
}

/* The tracker's next may be due without anything else happening; a virtual clock is moved by somebody. */
static void wait_for_more(struct world_http *http, int64_t due_ms)
{
	int64_t until = now_of(CLOCK_REALTIME) + (due_ms < 20 ? 20 : due_ms < 1000 ? due_ms : 1000);
	struct timespec at = {.tv_sec = (time_t)(until / 1000), .tv_nsec = (long)(until % 1000) * 1000000};

	if (due_ms < 0)
		pthread_cond_wait(&http->more, &http->lock);
	else
		pthread_cond_timedwait(&http->more, &http->lock, &at);
}

static void *sender(void *user)
{
	struct world_http *http = user;
	struct world_delivery delivery;
	int64_t begin;
	int status;

	pthread_mutex_lock(&http->lock);
	while (!http->stop) {
		world_tick(http->world, now_of(CLOCK_REALTIME));
		if (!world_next_delivery(http->world, &delivery)) {
			wait_for_more(http, world_delivery_due(http->world));
			continue;
		}
		pthread_mutex_unlock(&http->lock);
		begin = now_of(CLOCK_MONOTONIC);
		status = send_one(&delivery);
		lock(http);
		world_delivery_done(http->world, delivery.id, status, now_of(CLOCK_MONOTONIC) - begin);
		pthread_cond_broadcast(&http->more);
		world_delivery_clear(&delivery);
	}
	pthread_mutex_unlock(&http->lock);
	return NULL;
}

/* Answers. */

static enum MHD_Result queue(struct MHD_Connection *connection, int status, struct MHD_Response *response)
{
	enum MHD_Result result = MHD_queue_response(connection, (unsigned)status, response);

	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result plain(struct MHD_Connection *connection, int status, const char *text)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);

	if (status == 401)
		MHD_add_response_header(response, "WWW-Authenticate", "Basic realm=\"world\"");
	return queue(connection, status, response);
}

struct broken_off {
	char *bytes;
	size_t len;
};

/* All that there is of the body, then the end of the connection, sooner than the headers said. */
static ssize_t give(void *user, uint64_t at, char *to, size_t room)
{
	struct broken_off *body = user;
	size_t left = at < body->len ? body->len - (size_t)at : 0;

	if (left == 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	left = left < room ? left : room;
	memcpy(to, body->bytes + at, left);
	return (ssize_t)left;
}

static void forget_broken(void *user)
{
	struct broken_off *body = user;

	free(body->bytes);
	free(body);
}

static struct MHD_Response *response_of(struct world_response *res)
{
	struct broken_off *body;

	if (res->promised <= res->len)
		return MHD_create_response_from_buffer(res->len, res->body, MHD_RESPMEM_MUST_COPY);
	body = calloc(1, sizeof(*body));
	if (!body)
		abort();
	*body = (struct broken_off){res->body, res->len};
	res->body = NULL;
	return MHD_create_response_from_callback(res->promised, 4096, give, body, forget_broken);
}

static enum MHD_Result answer(struct world_http *http, struct MHD_Connection *connection, struct world_response *res)
{
	struct MHD_Response *response;
	const char *name;
	json_t *value;
	int status = res->status;

	sleep_ms(http, res->delay_ms);
	if (res->lost) {
		world_response_clear(res);
		return MHD_NO; /* the connection closes without an answer */
	}
	response = response_of(res);
	json_object_foreach(res->headers, name, value)
		MHD_add_response_header(response, name, json_string_value(value));
	world_response_clear(res);
	return queue(connection, status, response);
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* Git. */

static void copy_headers(struct MHD_Response *response, char *lines)
{
	char *line, *colon;

	while ((line = strsep(&lines, "\n"))) {
		line[strcspn(line, "\r")] = 0;
		colon = strstr(line, ": ");
		if (!colon || strncmp(line, "Status:", 7) == 0)
			continue;
		*colon = 0;
		MHD_add_response_header(response, line, colon + 2);
	}
}

static enum MHD_Result git_answer(struct MHD_Connection *connection, struct world_cgi_answer *cgi)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		cgi->len - cgi->body_at, cgi->bytes + cgi->body_at, MHD_RESPMEM_MUST_COPY);
	int status = cgi->status;

	cgi->bytes[cgi->body_at ? cgi->body_at - 1 : 0] = 0;
	copy_headers(response, cgi->bytes);
	free(cgi->bytes);
	return queue(connection, status, response);
}

static enum MHD_Result serve_git(struct world_http *http, struct MHD_Connection *connection,
				 const struct world_request *request)
{
	struct world_git_visit visit;
	struct world_cgi_answer out;
	struct world_cgi cgi = {.root = http->git_root,
				.method = request->method,
				.path = visit.path,
				.query = request->query,
				.type = header(connection, "Content-Type"),
				.encoding = header(connection, "Content-Encoding"),
				.protocol = header(connection, "Git-Protocol"),
				.user = visit.who,
				.body = request->body,
				.len = request->len,
				.deadline_ms = GIT_DEADLINE_MS};
	int status;
	bool ok;

	lock(http);
	status = world_git_begin(http->world, request, &visit);
	unlock(http);
	if (status)
		return plain(connection, status, "refused\n");
	if (visit.write)
		pthread_mutex_lock(&http->pushing);
	ok = world_cgi_run(&cgi, &out);
	lock(http);
	world_git_end(http->world, &visit);
	unlock(http);
	if (visit.write)
		pthread_mutex_unlock(&http->pushing);
	return ok ? git_answer(connection, &out) : plain(connection, 500, "git failed\n");
}

/* Requests. */

static enum MHD_Result collect(void *user, enum MHD_ValueKind kind, const char *key, const char *value)
{
	char **query = user, *longer;

	(void)kind;
	if (asprintf(&longer, "%s%s%s=%s", *query, (*query)[0] ? "&" : "", key, value ? value : "") < 0)
		abort();
	free(*query);
	*query = longer;
	return MHD_YES;
}

/* The library has no raw query; names and values arrive as they were sent (see keep_escapes). */
static char *query_of(struct MHD_Connection *connection)
{
	char *query = strdup("");

	if (!query)
		abort();
	MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, collect, &query);
	return query;
}

/* Paths and queries stay escaped: the world takes them apart itself. */
static size_t keep_escapes(void *user, struct MHD_Connection *connection, char *s)
{
	(void)user;
	(void)connection;
	return strlen(s);
}

static enum MHD_Result serve(struct world_http *http, struct MHD_Connection *connection,
			     const struct world_request *request)
{
	struct world_response res;
	int64_t wait;

	lock(http);
	wait = world_delay_before(http->world, request);
	unlock(http);
	sleep_ms(http, wait);
	if (strstr(request->path, ".git/") && strncmp(request->path, "/repos/", 7) != 0)
		return serve_git(http, connection, request);
	lock(http);
	world_handle(http->world, request, &res);
	unlock(http);
	return answer(http, connection, &res);
}

static bool grow(struct upload *upload, const char *bytes, size_t len)
{
	size_t room = upload->room ? upload->room : 4096;
	char *bigger;

	if (upload->len + len > WORLD_BODY_MAX)
		return false;
	while (room < upload->len + len + 1)
		room *= 2;
	if (room != upload->room) {
		bigger = realloc(upload->body, room);
		if (!bigger)
			abort();
		upload->body = bigger;
		upload->room = room;
	}
	memcpy(upload->body + upload->len, bytes, len);
	upload->len += len;
	upload->body[upload->len] = 0;
	return true;
}

static enum MHD_Result complete(struct world_http *http, struct MHD_Connection *connection,
				struct world_request *request)
{
	char *query = query_of(connection);
	enum MHD_Result result;

	request->query = query;
	request->authorization = header(connection, "Authorization");
	request->accept = header(connection, "Accept");
	request->if_none_match = header(connection, "If-None-Match");
	request->tracker_key = header(connection, "X-BUGZILLA-API-KEY");
	result = serve(http, connection, request);
	free(query);
	return result;
}

/* NOLINTNEXTLINE(readability-function-size): the library gives the parameters */
static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url, const char *method,
				  const char *version, const char *data, size_t *len, void **state)
{
	struct upload *upload = *state;
	struct world_request request = {.method = method, .path = url};
	struct door *door = user;

	(void)version;
	if (!upload) {
		*state = upload = calloc(1, sizeof(*upload));
		return upload ? MHD_YES : MHD_NO;
	}
	if (*len > 0) {
		upload->too_big = upload->too_big || !grow(upload, data, *len);
		*len = 0;
		return MHD_YES;
	}
	if (upload->too_big)
		return plain(connection, 413, "too large\n");
	if (door == &door->http->doors[TRACKER] && strncmp(url, "/bugzilla", 9) != 0)
		return plain(connection, 404, "not the tracker's\n");
	request.body = upload->body ? upload->body : "";
	request.len = upload->len;
	return complete(door->http, connection, &request);
}

static void on_end(void *user, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
	struct upload *upload = *state;

	(void)user;
	(void)connection;
	(void)code;
	if (upload)
		free(upload->body);
	free(upload);
	*state = NULL;
}

static bool open_door(struct world_http *http, struct door *door, const char *address, uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};

	if (inet_pton(AF_INET, address, &at.sin_addr) != 1)
		return false;
	door->http = http;
	door->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
						MHD_USE_SUPPRESS_DATE_NO_CLOCK,
					port, NULL, NULL, &on_request, door, MHD_OPTION_SOCK_ADDR, &at,
					MHD_OPTION_NOTIFY_COMPLETED, &on_end, NULL, MHD_OPTION_UNESCAPE_CALLBACK,
					&keep_escapes, NULL, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
					MHD_OPTION_CONNECTION_TIMEOUT, 60u, MHD_OPTION_END);
	return door->daemon != NULL;
}

struct world_http *world_http_start(struct world *world, const char *address, uint16_t port, const char *git_root,
				    const char **why)
{
	struct world_http *http = calloc(1, sizeof(*http));

	if (!http)
		abort();
	http->world = world;
	http->git_root = git_root;
	pthread_mutex_init(&http->lock, NULL);
	pthread_mutex_init(&http->pushing, NULL);
	pthread_cond_init(&http->more, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (!open_door(http, &http->doors[FORGE], address, port)) {
		*why = "cannot listen (an IPv4 address and a free port are needed)";
		world_http_stop(http);
		return NULL;
	}
	while (http->n_senders < SENDERS && pthread_create(&http->senders[http->n_senders], NULL, sender, http) == 0)
		http->n_senders++;
	return http;
}

void world_http_public(struct world_http *http, const char *url)
{
	lock(http);
	world_set_public_url(http->world, url);
	unlock(http);
}

static uint16_t port_of(const struct door *door)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(door->daemon, MHD_DAEMON_INFO_BIND_PORT);

	return info ? info->port : 0;
}

uint16_t world_http_port(const struct world_http *http)
{
	return port_of(&http->doors[FORGE]);
}

uint16_t world_http_tracker(struct world_http *http, const char *address, uint16_t port)
{
	struct door *door = &http->doors[TRACKER];

	return open_door(http, door, address, port) ? port_of(door) : 0;
}

void world_http_stop(struct world_http *http)
{
	if (!http)
		return;
	pthread_mutex_lock(&http->lock);
	http->stop = true;
	unlock(http);
	for (size_t i = 0; i < DOORS; i++)
		if (http->doors[i].daemon)
			MHD_stop_daemon(http->doors[i].daemon);
	for (unsigned i = 0; i < http->n_senders; i++)
		pthread_join(http->senders[i], NULL);
	pthread_mutex_destroy(&http->lock);
	pthread_mutex_destroy(&http->pushing);
	pthread_cond_destroy(&http->more);
	free(http);
}
