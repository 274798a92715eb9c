/* The scanner beside jansson on any bytes: they may differ only as webhooks/scan.h says. */
#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <string.h>

#include "webhooks/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const paths[] = {"", "a", "action", "b.c", "b.c.d", "b.id"};
#define N_PATHS (sizeof paths / sizeof paths[0])

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct scan_plan *plan = scan_plan_new(paths, N_PATHS);
	struct text body = {(const char *)data, size};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct scan_value values[N_PATHS];
	struct err err = ERR_NONE;
	json_error_t error;
	json_t *root = json_loadb(body.at ? body.at : "", size, JSON_DECODE_ANY, &error);
	bool here = scan_run(plan, body, &arena, values, &err);

	if (here && !root)
		assert(json_error_code(&error) == json_error_numeric_overflow);
	if (!here && root)
		assert(strstr(err.text, "a wanted key twice") || strstr(err.text, "too many levels") ||
		       (data && memchr(data, 0, size)));
	if (here && root && json_is_string(json_object_get(root, "a")))
		assert(values[1].type == SCAN_STRING &&
		       text_is(values[1].text, json_string_value(json_object_get(root, "a"))));
	if (here && root && json_is_integer(json_object_get(root, "a")))
		assert(values[1].integer == json_integer_value(json_object_get(root, "a")));
	json_decref(root);
	scan_plan_free(plan);
	return 0;
}
