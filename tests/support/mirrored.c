#include "tests/support/mirrored.h"

#include <check.h>

#include "git/child.h"

void mirrored_begin(struct mirrored *m, const char *program, const char *script)
{
	char root[128];
	*m = (struct mirrored){.repo = repo_begin(), .arena = ARENA_EMPTY};
	if (script)
		repo_sh(&m->repo, NULL, script);
	snprintf(m->url, sizeof(m->url), "file://%s/work", m->repo.dir);
	snprintf(root, sizeof(root), "%s/mirrors", m->repo.dir);
	m->git = mirror_git_new(&(struct mirror_git_config){.root = root, .program = program}, &m->err);
	ck_assert_msg(m->git != NULL, "%s", m->err.text);
	m->port = mirror_git_port(m->git);
	m->where = (struct mirror_where){.repo = 42, .url = text_of(m->url)};
}

void mirrored_reopen(struct mirrored *m, struct mirror_git_config config)
{
	char root[128];
	snprintf(root, sizeof(root), "%s/mirrors", m->repo.dir);
	config.root = root;
	mirror_git_free(m->git);
	m->git = mirror_git_new(&config, &m->err);
	ck_assert_msg(m->git != NULL, "%s", m->err.text);
	m->port = mirror_git_port(m->git);
}

void mirrored_end(struct mirrored *m)
{
	mirror_git_free(m->git);
	arena_release(&m->arena);
	repo_end(&m->repo);
}

enum err_code mirrored_fetch_oids(struct mirrored *m, const struct oid *wants, size_t n, int64_t ms)
{
	struct mirror_fetch_in in = {m->where, wants, n, child_now_ms() + ms};
	struct mirror_fetch_out out;
	m->err = ERR_NONE;
	return m->port.fetch(m->port.self, &in, &out, &m->err);
}

enum err_code mirrored_fetch(struct mirrored *m, const char *expression, bool *fetched)
{
	struct oid want = repo_oid(&m->repo, expression);
	struct mirror_fetch_in in = {m->where, &want, 1, child_now_ms() + 30000};
	struct mirror_fetch_out out = {false};
	m->err = ERR_NONE;
	enum err_code code = m->port.fetch(m->port.self, &in, &out, &m->err);
	if (fetched)
		*fetched = out.fetched;
	return code;
}

enum err_code mirrored_try_range(struct mirrored *m, const struct mirror_range_in *in, struct mirror_range_out *out)
{
	m->err = ERR_NONE;
	return m->port.range(m->port.self, in, out, &m->arena, &m->err);
}

struct mirror_range_out mirrored_range(struct mirrored *m, const char *base, const char *head)
{
	struct mirror_range_in in = {m->where, repo_oid(&m->repo, base), repo_oid(&m->repo, head), 1000, 1000};
	struct mirror_range_out out;
	struct oid wants[] = {in.base, in.head};
	ck_assert_msg(!mirrored_fetch_oids(m, wants, 2, 30000), "%s", m->err.text);
	ck_assert_msg(!mirrored_try_range(m, &in, &out), "%s", m->err.text);
	return out;
}

const char *mirrored_paths(struct mirrored *m, const struct mirror_range_out *range)
{
	static const char letters[] = "?AMD";
	struct text all = TEXT_EMPTY;
	for (size_t i = 0; i < range->n_paths; i++) {
		const struct path *p = &range->paths[i];
		all = arena_printf(&m->arena, "%.*s%s%c %.*s %o>%o", TEXT_ARG(all), i ? ", " : "", letters[p->status],
				   TEXT_ARG(p->path), p->old_mode, p->mode);
	}
	return all.at ? all.at : "";
}

const char *mirrored_subjects(struct mirrored *m, const struct mirror_range_out *range)
{
	struct text all = TEXT_EMPTY;
	for (size_t i = 0; i < range->n_commits; i++) {
		struct text line = range->commits[i].message;
		size_t end = text_find(line, TEXT_LIT("\n"));
		line.len = end == SIZE_MAX ? line.len : end;
		all = arena_printf(&m->arena, "%.*s%s%.*s", TEXT_ARG(all), i ? " " : "", TEXT_ARG(line));
	}
	return all.at ? all.at : "";
}
