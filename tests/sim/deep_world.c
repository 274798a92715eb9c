/* The world of a history: how it begins, one request to it, what it wants delivered, and what a replica shows of it. */
#include "tests/sim/deep.h"

#include <stdarg.h>
#include <string.h>

const char *deep_repo_name(const struct deep *deep)
{
	return show_repo(deep->sim->truth.renamed).at;
}

/* ---- requests ---- */

void deep_handle(struct deep *deep, const struct world_request *request, struct world_response *ret)
{
	world_tick(deep->world, sim_now(deep->sim));
	world_handle(deep->world, request, ret);
}

json_t *deep_ask(struct deep *deep, const struct world_request *request, int *status)
{
	struct world_response response;
	json_t *answer;

	deep_handle(deep, request, &response);
	*status = response.status;
	answer = json_loadb(response.body ? response.body : "", response.len, JSON_DECODE_ANY, NULL);
	world_response_clear(&response);
	return answer ? answer : json_null();
}

/* The answer, a new reference. The world refuses what the truth took: the two differ, and the history is broken. */
json_t *deep_act(struct deep *deep, const char *format, ...)
{
	va_list args;
	json_t *body, *answer;
	char *bytes;
	int status;

	va_start(args, format);
	body = json_vpack_ex(NULL, 0, format, args);
	va_end(args);
	bytes = body ? json_dumps(body, JSON_COMPACT) : NULL;
	if (!bytes)
		abort();
	answer = deep_ask(
		deep,
		&(struct world_request){.method = "POST", .path = "/_world/act", .body = bytes, .len = strlen(bytes)},
		&status);
	if (status >= 300)
		sim_break(deep->sim, "the world and the truth differ: %d %s to %s", status,
			  json_string_value(json_object_get(answer, "message")), bytes);
	json_decref(body);
	free(bytes);
	return answer;
}

static json_int_t number_in(json_t *answer, const char *key) /* takes the reference */
{
	json_int_t n = json_integer_value(json_object_get(answer, key));

	json_decref(answer);
	return n;
}

/* ---- webhooks ---- */

static void take_headers(struct deep *deep, const struct world_delivery *delivery, struct deep_letter *ret)
{
	const char *key;
	json_t *value;

	json_object_foreach(delivery->headers, key, value) ret->headers[ret->n_headers++] = (struct header){
		arena_text(&deep->arena, text_of(key)), arena_text(&deep->arena, text_of(json_string_value(value)))};
	ret->headers[ret->n_headers++] =
		(struct header){TEXT_LIT("Content-Length"), arena_printf(&deep->arena, "%zu", delivery->len)};
}

static struct text field(struct deep *deep, const json_t *from, const char *key)
{
	const char *value = json_string_value(json_object_get(from, key));

	return value ? arena_text(&deep->arena, text_of(value)) : TEXT_EMPTY;
}

static struct parcel parcel_of(struct deep *deep, const struct world_delivery *delivery)
{
	struct deep_letter *letter = arena_alloc(&deep->arena, 1, sizeof *letter);
	json_t *body = json_loadb(delivery->body, delivery->len, 0, NULL);
	struct parcel parcel = {.deed = -1, .bytes = letter};

	*letter = (struct deep_letter){.body = arena_text(&deep->arena, (struct text){delivery->body, delivery->len})};
	take_headers(deep, delivery, letter);
	parcel.event.name = field(deep, delivery->headers, "X-GitHub-Event");
	parcel.event.action = field(deep, body, "action");
	parcel.event.change.number = json_integer_value(json_object_get(body, "number"));
	(void)snprintf(parcel.guid, sizeof parcel.guid, "%s",
		       json_string_value(json_object_get(delivery->headers, "X-GitHub-Delivery")));
	json_decref(body);
	return parcel;
}

/* The push that makes a branch says nothing of the change that is opened from it then. */
static bool tells_of(const struct parcel *parcel, const struct deed *deed)
{
	return deed && (deed->kind != DEED_OPEN || text_is(parcel->event.name, "pull_request"));
}

static void remember(struct deep *deep)
{
	if (deep->sim->swarm.lag == 0)
		return;
	if (deep->n_past == DEEP_PAST) {
		world_past_free(deep->past[0].past);
		memmove(deep->past, deep->past + 1, (DEEP_PAST - 1) * sizeof *deep->past);
		deep->n_past--;
	}
	deep->past[deep->n_past++] = (struct deep_past){sim_now(deep->sim), world_remember(deep->world)};
}

void deep_changed(struct deep *deep, const struct deed *deed, int number)
{
	struct world_delivery delivery;

	while (world_next_delivery(deep->world, &delivery)) {
		struct parcel parcel = parcel_of(deep, &delivery);

		if (tells_of(&parcel, deed))
			parcel.deed = number;
		world_delivery_done(deep->world, delivery.id, 202, 1);
		world_delivery_clear(&delivery);
		net_post_office(deep->sim, &parcel);
	}
	remember(deep);
}

struct world_past *deep_as_of(struct deep *deep, int64_t lag)
{
	size_t i = deep->n_past;

	if (lag == 0 || i == 0)
		return NULL;
	while (i > 1 && deep->past[i - 1].at > sim_now(deep->sim) - lag)
		i--;
	if (i == deep->n_past)
		return NULL;
	sim_once(deep->sim, SOMETIMES_READ_OLD);
	return deep->past[i - 1].past;
}

/* ---- the beginning ---- */

static void people(struct deep *deep)
{
	for (int i = 0; i < TRUTH_PEOPLE; i++) {
		json_int_t id =
			number_in(deep_act(deep, "{s:s,s:s,s:s,s:[s]}", "do", "user", "login", truth_login(i), "type",
					   deep->sim->truth.people[i].bot ? "Bot" : "User", "emails", show_email(i).at),
				  "id");

		if (i == 0)
			deep->first_person = id;
		if (id != deep->first_person + i)
			abort();
	}
}

static void roles(struct deep *deep)
{
	for (int i = 0; i < TRUTH_PEOPLE; i++) {
		struct deed deed = {.who = 3, .subject = i, .role = (int)deep->sim->truth.people[i].role};

		if (deed.role != ROLE_NONE)
			json_decref(deep_give_role(deep, &deed));
		deed.role = 1;
		if (deep->sim->truth.people[i].in_team)
			json_decref(deep_join(deep, &deed));
	}
}

static void repository(struct deep *deep)
{
	json_t *answer = deep_act(deep, "{s:s,s:s,s:s,s:b,s:{s:s,s:s},s:{s:s,s:s,s:s}}", "do", "repo", "repo",
				  deep_repo_name(deep), "who", truth_login(3), "private", 1, "author", "name",
				  truth_login(3), "email", show_email(3).at, "files", truth_file_path(deep_files[0]),
				  deep_file_text(0), truth_file_path(deep_files[1]), deep_file_text(0),
				  truth_file_path(deep_files[2]), deep_file_text(0));
	const char *sha = json_string_value(json_object_get(answer, "sha"));

	if (!sha || !oid_parse(text_of(sha), &deep->commits[0]))
		abort();
	deep->n_commits = 1;
	deep->sim->repo = number_in(answer, "id");
	for (int i = 1; i < TRUTH_BRANCHES; i++)
		json_decref(deep_act(deep, "{s:s,s:s,s:s,s:s}", "do", "branch", "repo", deep_repo_name(deep), "who",
				     truth_login(3), "branch", truth_branch_name(i)));
}

void deep_world_begin(struct deep *deep)
{
	const char *why = "";
	struct world_delivery delivery;
	char path[128];

	deep->world = world_new(&(struct world_config){.dir = deep->dir,
						       .public_url = DEEP_URL,
						       .hook_url = "http://gate.test/webhooks/github",
						       .secret = DEEP_SECRET,
						       .tokens = "{\"APP\": {\"app\": \"headgate\"}}",
						       .seed = deep->sim->seed,
						       .real = true},
				&why);
	if (!deep->world)
		abort();
	people(deep);
	repository(deep);
	roles(deep);
	(void)snprintf(path, sizeof path, "%s/%s.git", deep->dir, deep_repo_name(deep));
	deep_git_begin(deep, path);
	while (world_next_delivery(deep->world, &delivery)) { /* the App is installed after all that */
		world_delivery_done(deep->world, delivery.id, 202, 1);
		world_delivery_clear(&delivery);
	}
	remember(deep);
}

void deep_world_end(struct deep *deep)
{
	for (size_t i = 0; i < deep->n_past; i++)
		world_past_free(deep->past[i].past);
	deep_git_end(deep);
	world_free(deep->world);
}
