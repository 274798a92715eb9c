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

/* What the commits name, each once, by number. */
struct named {
	int64_t at[HOOK_BUGS_MAX];
	size_t n;
	bool too_many, misleads;
};

/* Where it is, or belongs. */
static size_t place_of(const struct named *named, int64_t id)
{
	size_t from = 0, to = named->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (named->at[middle] < id)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static void name_one(struct named *to, int64_t id)
{
	size_t i = place_of(to, id);

	if (i < to->n && to->at[i] == id)
		return;
	if (to->n == HOOK_BUGS_MAX) {
		to->too_many = true;
		return;
	}
	memmove(&to->at[i + 1], &to->at[i], (to->n - i) * sizeof to->at[0]);
	to->at[i] = id;
	to->n++;
}

static void name_all(struct named *to, const struct message_bugs *bugs)
{
	for (size_t i = 0; i < bugs->n && !to->too_many; i++)
		name_one(to, bugs->at[i]);
}

/* Every number that the server would take for a bug (bugs.h), and what is stuck there. */
static void read_message(struct named *to, struct text bytes)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct message m;

	message_parse(bytes, &arena, &m);
	to->misleads = to->misleads || m.suspicious;
	name_all(to, &m.bugs);
	name_all(to, &m.bugs_conservative);
	name_all(to, &m.backouts.bugs);
	name_all(to, &m.backouts_strict.bugs);
	name_all(to, &m.reverts.bugs);
}

/* Each, whatever is wrong with the page of another. */
static void look_up(struct table_file *file, const struct named *named, struct finding *to)
{
	for (size_t i = 0; i < named->n; i++) {
		enum table_state state = TABLE_UNKNOWN;

		to->broken = !table_file_state(file, named->at[i], &state) || to->broken;
		to->secure = to->secure || state == TABLE_SECURE;
		to->approved = to->approved || state == TABLE_APPROVED;
		to->unknown = to->unknown || state == TABLE_UNKNOWN;
	}
}

/* Nothing is read behind the first bug that is too many: the hook may hold the repository's lock. */
static bool read_all(struct text question, struct named *to)
{
	struct hook_in in;
	struct text name, message;
	enum hook_part part = HOOK_BROKEN;

	if (!hook_in_begin(&in, question, &name))
		return false;
	while ((part = hook_in_next(&in, &name, &message)) == HOOK_BRANCH || part == HOOK_COMMIT) {
		if (part == HOOK_COMMIT)
			read_message(to, message);
		if (to->too_many)
			return true;
	}
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
	static struct named named;
	struct finding found = {.secure = false};
	char key[PATH_MAX];

	*ret = (struct table_said){.word = HOOK_NO_ANSWER, .why = "there is no table", .of = ""};
	if (!key_path(place, key) || !table_file_open(&file, place->path, key)) {
		if (file.why && strcmp(file.why, "absent") != 0)
			no_answer(ret, "the table cannot be read");
		return;
	}
	ret->stale = is_stale(place, &file, ret);
	named = (struct named){.n = 0};
	if (!read_all(question, &named)) {
		no_answer(ret, "the push cannot be read");
	} else if (named.too_many) {
		ret->word = HOOK_DENY;
	} else {
		found.secure = named.misleads;
		look_up(&file, &named, &found);
		conclude(&found, ret);
	}
	table_file_close(&file);
}
