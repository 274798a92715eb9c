#include "tests/support/world_port.h"

#include <string.h>

static const char *header_of(const struct http_request *in, const char *name)
{
	for (size_t i = 0; i < in->n_headers; i++)
		if (text_is(in->headers[i].name, name))
			return arena_text(in->arena, in->headers[i].value).at;
	return NULL;
}

static struct text lower(struct arena *arena, const char *name)
{
	char *copy = arena_alloc(arena, strlen(name) + 1, 1);

	for (size_t i = 0; name[i]; i++)
		copy[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
	return text_of(copy);
}

static void take_headers(const struct world_response *response, struct http_answer *out, struct arena *arena)
{
	struct http_header *headers = arena_alloc(arena, json_object_size(response->headers) + 1, sizeof *headers);
	const char *key;
	json_t *value;

	json_object_foreach(response->headers, key, value)
	{
		headers[out->n_headers++] =
			(struct http_header){lower(arena, key), arena_text(arena, text_of(json_string_value(value)))};
	}
	out->headers = headers;
}

static enum err_code ask_world(void *self, const struct http_request *in, struct http_answer *out, struct err *err)
{
	struct world_port *port = self;
	struct world_request ask = {.accept = "application/json", .len = in->body.len};
	struct world_response response;
	char *path = (char *)(uintptr_t)arena_text(in->arena, in->url).at + strlen(port->url);
	char *query = strchr(path, '?');

	port->asked++;
	if (query)
		*query++ = '\0';
	ask.method = arena_text(in->arena, in->method).at;
	ask.path = path;
	ask.query = query;
	ask.authorization = header_of(in, "Authorization");
	ask.if_none_match = header_of(in, "If-None-Match");
	ask.tracker_key = header_of(in, "X-BUGZILLA-API-KEY");
	ask.body = in->body.len ? in->body.at : "";
	world_handle(port->story->world, &ask, &response);
	*out = (struct http_answer){.status = (unsigned)response.status, .maybe_sent = true};
	out->body = arena_text(in->arena, (struct text){response.body, response.len});
	take_headers(&response, out, in->arena);
	if (port->look)
		port->look(port->self, path, query ? query : "", out, in->arena);
	world_response_clear(&response);
	if (out->body.len > in->max_bytes)
		return err_set(err, ERR_LIMIT, "an answer of %zu bytes", out->body.len), err->code;
	return ERR_OK;
}

struct http_port world_port(struct world_port *port)
{
	return (struct http_port){port, ask_world};
}
