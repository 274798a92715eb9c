#include "agent/hook/client/table.h"

#include <limits.h>
#include <time.h>

#include "agent/tracker/table_file.h"
#include "policy/message.h"
#include "policy/when.h"

enum { FUTURE_MS = 300000 };

struct finding { /* over all commits */
	bool secure, approved, unknown, broken;
};

/* Each, whatever is wrong with the page of another. */
static void look_up(struct table_file *file, const struct message_bugs *bugs, struct finding *to)
{
	for (size_t i = 0; i < bugs->n; i++) {
		enum table_state state = TABLE_UNKNOWN;

		to->broken = !table_file_state(file, bugs->at[i], &state) || to->broken;
		to->secure = to->secure || state == TABLE_SECURE;
		to->approved = to->approved || state == TABLE_APPROVED;
		to->unknown = to->unknown || state == TABLE_UNKNOWN;
	}
}

/* Every number that the server would take for a bug (bugs.h), and what is stuck there. */
static void look_at(struct table_file *file, struct text bytes, struct finding *to)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct message m;

	message_parse(bytes, &arena, &m);
	to->secure = to->secure || m.suspicious;
	look_up(file, &m.bugs, to);
	look_up(file, &m.bugs_conservative, to);
	look_up(file, &m.backouts.bugs, to);
	look_up(file, &m.backouts_strict.bugs, to);
	look_up(file, &m.reverts.bugs, to);
}

static bool look_at_all(struct table_file *file, struct text question, struct finding *to)
{
	struct hook_in in;
	struct text name, message;
	enum hook_part part = HOOK_BROKEN;

	if (!hook_in_begin(&in, question, &name))
		return false;
	while ((part = hook_in_next(&in, &name, &message)) == HOOK_BRANCH || part == HOOK_COMMIT)
		if (part == HOOK_COMMIT)
			look_at(file, message, to);
	return part == HOOK_END;
}

/* The key lies beside the table unless it is named. False: its name is too long. */
static bool key_path(const struct table_place *place, char ret[PATH_MAX])
{
	const char *slash = strrchr(place->path, '/');
	int n;

	if (place->key)
		n = snprintf(ret, PATH_MAX, "%s", place->key);
	else
		n = snprintf(ret, PATH_MAX, "%.*sbugs.key", slash ? (int)(slash + 1 - place->path) : 0, place->path);
	return n > 0 && n < PATH_MAX;
}

static void no_answer(struct table_said *ret, const char *why)
{
	ret->word = HOOK_NO_ANSWER;
	ret->why = why;
}

/* It is too old to say that a bug may pass, or of a day that is not yet. */
static bool is_stale(const struct table_place *place, const struct table_file *file, struct table_said *ret)
{
	int64_t dated = file->header.dated_ms;
	struct timespec now;

	if (dated > 0)
		(void)when_print(dated, ret->of);
	if (dated > 0 && clock_gettime(CLOCK_REALTIME, &now) == 0) {
		int64_t age = (int64_t)now.tv_sec * 1000 - dated;

		return age < -FUTURE_MS || age > place->max_age_s * 1000;
	}
	return true;
}

/* What was secure when somebody last knew passes by no fail mode; that it was approved may be over. */
static void conclude(const struct finding *found, struct table_said *ret)
{
	if (found->secure || (ret->stale && found->approved))
		ret->word = HOOK_CLEARANCE;
	else if (found->broken)
		no_answer(ret, "the table is damaged");
	else if (ret->stale)
		no_answer(ret, "the table is stale");
	else if (found->unknown)
		no_answer(ret, "the table does not know what the commits name");
	else
		ret->word = HOOK_ALLOW;
}

void table_ask(const struct table_place *place, struct text question, struct table_said *ret)
{
	static struct table_file file;
	struct finding found = {.secure = false};
	char key[PATH_MAX];

	*ret = (struct table_said){.word = HOOK_NO_ANSWER, .why = "there is no table", .of = ""};
	if (!key_path(place, key) || !table_file_open(&file, place->path, key)) {
		if (file.why && strcmp(file.why, "absent") != 0)
			no_answer(ret, "the table cannot be read");
		return;
	}
	ret->stale = is_stale(place, &file, ret);
	if (look_at_all(&file, question, &found))
		conclude(&found, ret);
	else
		no_answer(ret, "the push cannot be read");
	table_file_close(&file);
}
