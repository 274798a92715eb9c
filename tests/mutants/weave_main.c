/*
 * weave CATALOGUE SOURCE OUT LIST: reads CATALOGUE/NAME.mutant, writes every edited file of SOURCE below OUT with its
 * path, and the list of mutants into the file LIST. Exits with 1 and one line per misfit; OUT is then of no use.
 */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "tests/mutants/weave.h"

#define MUTANTS_MAX 300

struct tree { /* the command's four arguments */
	const char *catalogue, *source, *out, *list;
};

static bool read_whole(struct text path, struct text *ret, struct arena *arena, struct err *err)
{
	FILE *file = fopen(path.at, "rbe");
	char *at;
	long size;
	bool ok;

	if (!file)
		return err_set(err, ERR_GONE, "cannot open %.*s", TEXT_ARG(path));
	ok = fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0;
	if (ok) {
		at = arena_alloc(arena, (size_t)size + 1, 1);
		ok = fread(at, 1, (size_t)size, file) == (size_t)size;
		*ret = (struct text){at, (size_t)size};
	}
	(void)fclose(file);
	return ok || err_set(err, ERR_BROKEN, "cannot read %.*s", TEXT_ARG(path));
}

static bool make_folders(struct text path, struct arena *arena, struct err *err)
{
	for (size_t i = 1; i < path.len; i++) {
		struct text folder = {path.at, i};

		if (path.at[i] == '/' && mkdir(arena_text(arena, folder).at, 0755) != 0 && errno != EEXIST)
			return err_set(err, ERR_BROKEN, "cannot make %.*s", TEXT_ARG(folder));
	}
	return true;
}

static bool write_whole(struct text path, struct text bytes, struct arena *arena, struct err *err)
{
	FILE *file = make_folders(path, arena, err) ? fopen(path.at, "wbe") : NULL;
	bool ok;

	if (!file)
		return err->code != ERR_OK || err_set(err, ERR_BROKEN, "cannot write %.*s", TEXT_ARG(path));
	ok = fwrite(bytes.at, 1, bytes.len, file) == bytes.len;
	ok = fclose(file) == 0 && ok;
	return ok || err_set(err, ERR_BROKEN, "cannot write %.*s", TEXT_ARG(path));
}

/* ---- the catalogue ---- */

static int by_name(const void *a, const void *b)
{
	return text_cmp(*(const struct text *)a, *(const struct text *)b);
}

static bool names(const char *catalogue, struct text *ret, size_t *ret_n, struct arena *arena, struct err *err)
{
	const struct text suffix = TEXT_LIT(".mutant");
	DIR *folder = opendir(catalogue);
	const struct dirent *entry;
	size_t n = 0;

	if (!folder)
		return err_set(err, ERR_GONE, "cannot open %s", catalogue);
	while ((entry = readdir(folder)) != NULL) {
		struct text name = text_of(entry->d_name);

		if (text_ends(name, suffix) && n < MUTANTS_MAX)
			ret[n++] = arena_text(arena, (struct text){name.at, name.len - suffix.len});
	}
	(void)closedir(folder);
	if (n == 0 || n == MUTANTS_MAX)
		return err_set(err, ERR_LIMIT, "%zu mutants in %s", n, catalogue);
	qsort(ret, n, sizeof *ret, by_name);
	*ret_n = n;
	return true;
}

static bool read_catalogue(const struct tree *tree, struct weave_mutants *ret, struct arena *arena, struct err *err)
{
	struct text all[MUTANTS_MAX] = {{NULL, 0}};
	struct weave_mutant *at;
	size_t n = 0;

	if (!names(tree->catalogue, all, &n, arena, err))
		return false;
	at = arena_alloc(arena, n, sizeof *at);
	for (size_t i = 0; i < n; i++) {
		struct text path = arena_printf(arena, "%s/%.*s.mutant", tree->catalogue, TEXT_ARG(all[i]));
		struct text bytes = TEXT_EMPTY;

		if (!read_whole(path, &bytes, arena, err) || !weave_parse(all[i], bytes, &at[i], arena, err))
			return false;
	}
	*ret = (struct weave_mutants){at, n};
	return true;
}

/* ---- the files ---- */

/* Is this the first edit of its file? */
static bool first_of(const struct weave_mutants *mutants, const struct weave_edit *edit)
{
	for (size_t m = 0; m < mutants->n; m++)
		for (size_t e = 0; e < mutants->at[m].n_edits; e++)
			if (text_eq(mutants->at[m].edits[e].file, edit->file))
				return &mutants->at[m].edits[e] == edit;
	return false;
}

static bool weave_one(const struct tree *tree, const struct weave_mutants *mutants, struct text file, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text from = arena_printf(&arena, "%s/%.*s", tree->source, TEXT_ARG(file));
	struct text to = arena_printf(&arena, "%s/%.*s", tree->out, TEXT_ARG(file)), woven;
	struct weave_source source = {file, TEXT_EMPTY};

	return read_whole(from, &source.bytes, &arena, err) && weave_file(mutants, &source, &woven, &arena, err) &&
	       write_whole(to, woven, &arena, err);
}

/* Every file is tried, so that one run names all that no longer fits. */
static bool weave_all(const struct tree *tree, const struct weave_mutants *mutants)
{
	bool ok = true;

	for (size_t m = 0; m < mutants->n; m++)
		for (size_t e = 0; e < mutants->at[m].n_edits; e++) {
			const struct weave_edit *edit = &mutants->at[m].edits[e];
			struct err err = ERR_NONE;

			if (!first_of(mutants, edit) || weave_one(tree, mutants, edit->file, &err))
				continue;
			(void)fprintf(stderr, "weave: %s\n", err.text);
			ok = false;
		}
	return ok;
}

int main(int argc, char **argv)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct weave_mutants mutants;
	struct err err = ERR_NONE;
	struct tree tree;

	if (argc != 5) {
		(void)fprintf(stderr, "usage: weave CATALOGUE SOURCE OUT LIST\n");
		return 2;
	}
	tree = (struct tree){argv[1], argv[2], argv[3], argv[4]};
	if (read_catalogue(&tree, &mutants, &arena, &err) && weave_all(&tree, &mutants) &&
	    write_whole(text_of(tree.list), weave_list(&mutants, &arena), &arena, &err))
		return 0;
	if (err.code != ERR_OK)
		(void)fprintf(stderr, "weave: %s\n", err.text);
	return 1;
}
