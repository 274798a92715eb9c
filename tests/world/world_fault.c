/*
 * The fault queue. The first fault in it that matches a request is played: it may answer in the world's place, delay,
 * lose or cut the answer, or let an old state of the world answer. `skip` requests pass before it, `count` are met.
 */
#include "tests/world/world_state.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool fault_matches(json_t *fault, const struct world_request *request)
{
	const char *method = world_str(fault, "method"), *endpoint = world_str(fault, "endpoint");

	return (!method[0] || strcasecmp(method, request->method) == 0) &&
	       (strncmp(request->path, endpoint, strlen(endpoint)) == 0 || fnmatch(endpoint, request->path, 0) == 0);
}

/* passing: each that waits yet has one request less to wait. */
static size_t find_fault(struct world *w, const struct world_request *request, bool passing)
{
	json_t *fault;
	size_t i;

	if (strncmp(request->path, "/_world/", 8) == 0)
		return json_array_size(w->faults);
	json_array_foreach(w->faults, i, fault)
	{
		json_int_t skip = world_int(fault, "skip");

		if (!fault_matches(fault, request))
			continue;
		if (skip <= 0)
			break;
		if (passing)
			world_put(fault, "skip", json_integer(skip - 1));
	}
	return i;
}

int64_t world_delay_before(struct world *w, const struct world_request *request)
{
	return world_int(json_array_get(w->faults, find_fault(w, request, false)), "delay_before_ms");
}

/* count 0 or missing: for ever. */
json_t *world_take_fault(struct world *w, const struct world_request *request)
{
	size_t i = find_fault(w, request, true);
	json_t *fault = json_array_get(w->faults, i);
	json_int_t left = world_int(fault, "count");

	if (!fault)
		return NULL;
	json_incref(fault);
	if (left > 1)
		world_put(fault, "count", json_integer(left - 1));
	else if (left == 1)
		json_array_remove(w->faults, i);
	return fault;
}

bool world_fault_answers(struct world_call *call, json_t *fault)
{
	json_int_t status = world_int(fault, "status");
	json_t *body = json_object_get(fault, "body");

	if (!status)
		return false;
	json_decref(call->act.out);
	call->act.out = body ? json_incref(body) : world_own(json_pack("{s:s}", "message", "Server Error"));
	call->act.status = (int)status;
	call->played = true;
	if (!json_is_string(json_object_get(fault, "text")))
		return true;
	call->response->body = world_text("%s", world_str(fault, "text"));
	call->response->len = strlen(call->response->body);
	world_put(call->response->headers, "Content-Type", json_string("text/html"));
	return true;
}

void world_fault_spoils(struct world_response *response, json_t *fault)
{
	json_t *headers = json_object_get(fault, "headers"), *cut = json_object_get(fault, "truncate");
	size_t kept = (size_t)json_integer_value(cut);

	response->delay_ms = world_int(fault, "delay_ms");
	response->lost = world_true(fault, "lost_answer");
	if (json_is_object(headers))
		json_object_update(response->headers, headers);
	if (!json_is_integer(cut) || kept >= response->len)
		return;
	response->promised = response->len;
	response->len = kept;
	response->body[kept] = 0;
}
