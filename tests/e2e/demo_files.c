/* What stays of the demo: the commits' pages, and one line of JSON for each verdict. */
#include "tests/e2e/demo.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static json_t *said(const char *verdict, const char *state, const char *text)
{
	return json_pack("{s:s,s:s,s:s}", "verdict", verdict, "state", state, "text", text);
}

void demo_keep(struct demo *demo, const struct demo_seen *seen)
{
	const struct demo_word *got = demo_word(seen->verdict), *expected = demo_word(seen->expect->verdict);

	(void)json_array_append_new(demo->lines, json_pack("{s:i,s:s,s:s,s:o,s:o,s:b}", "step", (int)seen->number,
							   "happens", seen->happens, "commit", seen->sha, "got",
							   said(got->shown, seen->state, seen->text), "expected",
							   said(expected->shown, expected->state, seen->expected),
							   "as_expected", seen->wrong == NULL));
}

static FILE *file_in(const char *directory, const char *name, const char *ending)
{
	char path[512];

	if ((size_t)snprintf(path, sizeof path, "%s/%s%s", directory, name, ending) >= sizeof path)
		return NULL;
	return fopen(path, "w");
}

static bool put(const char *directory, const char *name, const char *ending, const struct rig_reply *reply)
{
	static const char style[] = "href=\"/s.css\"";
	FILE *f = reply->status == 200 ? file_in(directory, name, ending) : NULL;
	const char *at = f ? strstr(reply->body, style) : NULL;
	size_t n = at ? (size_t)(at - reply->body) + strlen("href=\"") : 0; /* a file's style lies beside it */
	bool ok = f && fwrite(reply->body, 1, n, f) == n;

	n += at != NULL;
	ok = ok && fwrite(reply->body + n, 1, reply->len - n, f) == reply->len - n;
	return f && fclose(f) == 0 && ok;
}

static bool write_page(struct demo *demo, const char *directory, const char *name, const char *path)
{
	struct rig_reply reply;
	bool ok = rig_page(&demo->rig, path, &reply) &&
		  put(directory, name, strcmp(name, "s") == 0 ? ".css" : ".html", &reply);

	rig_reply_clear(&reply);
	return ok;
}

/* The same names in every run, so that nothing old stays. */
static bool write_commit(struct demo *demo, const char *directory, char commit)
{
	char path[160], name[16];

	(void)snprintf(path, sizeof path, "/%s/c/%s", demo->rig.repo, demo_sha(demo, commit));
	(void)snprintf(name, sizeof name, "commit-%d", commit - 'A' + 1);
	return write_page(demo, directory, name, path);
}

static bool write_lines(const struct demo *demo, const char *directory)
{
	FILE *f = file_in(directory, "verdicts", ".jsonl");
	bool ok = f != NULL;

	for (size_t i = 0; ok && i < json_array_size(demo->lines); i++)
		ok = json_dumpf(json_array_get(demo->lines, i), f, JSON_COMPACT) == 0 && fputc('\n', f) != EOF;
	return f && fclose(f) == 0 && ok;
}

/* Every directory of the path. */
static bool make_directory(const char *directory)
{
	char path[480];

	if ((size_t)snprintf(path, sizeof path, "%s", directory) >= sizeof path)
		return false;
	for (char *at = path + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		(void)mkdir(path, 0755);
		*at = '/';
	}
	return mkdir(path, 0755) == 0 || errno == EEXIST;
}

bool demo_write_files(struct demo *demo, const char *directory)
{
	bool ok =
		make_directory(directory) && write_lines(demo, directory) && write_page(demo, directory, "s", "/s.css");

	for (char commit = 'A'; ok && commit < 'A' + DEMO_COMMITS && demo_sha(demo, commit)[0]; commit++)
		ok = write_commit(demo, directory, commit);
	return ok;
}
