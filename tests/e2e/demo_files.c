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

/* The same names in every run, so that nothing old stays. */
/* The stylesheet lies beside the page, so that it looks in a file as it does on the server. */
static bool put_page(FILE *f, const struct rig_reply *reply)
{
	static const char served[] = "href=\"/s.css\"";
	const char *at = strstr(reply->body, served);
	size_t before = at ? (size_t)(at - reply->body) : reply->len;

	if (fwrite(reply->body, 1, before, f) != before)
		return false;
	if (!at)
		return true;
	return fputs("href=\"s.css\"", f) != EOF && fputs(at + sizeof served - 1, f) != EOF;
}

static bool write_page(struct demo *demo, const char *directory, char commit)
{
	const char *sha = demo_sha(demo, commit);
	char path[160], name[16];
	struct rig_reply reply;
	FILE *f;
	bool ok;

	(void)snprintf(path, sizeof path, "/%s/c/%s", demo->rig.repo, sha);
	(void)snprintf(name, sizeof name, "commit-%d", commit - 'A' + 1);
	ok = rig_page(&demo->rig, path, &reply) && reply.status == 200;
	f = ok ? file_in(directory, name, ".html") : NULL;
	ok = f && put_page(f, &reply);
	ok = f && fclose(f) == 0 && ok;
	rig_reply_clear(&reply);
	return ok;
}

static bool write_style(struct demo *demo, const char *directory)
{
	struct rig_reply reply;
	bool ok = rig_page(&demo->rig, "/s.css", &reply) && reply.status == 200;
	FILE *f = ok ? file_in(directory, "s", ".css") : NULL;

	ok = f && fwrite(reply.body, 1, reply.len, f) == reply.len;
	ok = f && fclose(f) == 0 && ok;
	rig_reply_clear(&reply);
	return ok;
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
	bool ok = make_directory(directory) && write_lines(demo, directory) && write_style(demo, directory);

	for (char commit = 'A'; ok && commit < 'A' + DEMO_COMMITS && demo_sha(demo, commit)[0]; commit++)
		ok = write_page(demo, directory, commit);
	return ok;
}
