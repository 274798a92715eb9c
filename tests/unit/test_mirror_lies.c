/*
 * The mirror over REST when the forge's answers are wrong, cut short, or larger than a limit: an error of the right
 * kind, and nothing given.
 */
#include "tests/support/bodies.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>

#define START "new\nput a 1\nput dir/b 1\nsave root\n"
/* main: root m1 m2; t: one (from root), up (merges m1), two */
#define MERGED                                                                                                         \
	START "git checkout -q -b t\nput dir/b 2\nsave one\ngit checkout -q main\nput a 2\nsave m1\n"                  \
	      "git checkout -q t\ngit merge -q --no-ff -m up main\nput dir/x/y 1\nsave two\n"                          \
	      "git checkout -q main\nput a 3\nsave m2\n"

/* ---- spoiling an answer ---- */

struct edit {
	const char *at;    /* "commits.0.sha" */
	const char *value; /* NULL: taken out. "=EXPR": that object's name; "#N", "true", "last": the last item goes */
};

struct lie {
	const char *path; /* asked for: part of it */
	struct edit edits[3];
	unsigned status; /* 0: as it was */
	size_t cut;      /* bytes that arrive; 0: all */
	enum err_code code;
	const char *says;
};

struct liar {
	struct bodies b;
	const struct lie *lie;
	int told;
};

static json_t *value_of(struct liar *l, const char *value)
{
	struct oid oid;

	if (value[0] == '#')
		return json_integer(strtol(value + 1, NULL, 10));
	if (!strcmp(value, "true"))
		return json_true();
	if (value[0] != '=')
		return json_string(value);
	oid = repo_oid(&l->b.bare.repo, value + 1);
	return json_string(oid.hex);
}

static void set_in(struct liar *l, json_t *parent, const char *key, const char *value)
{
	json_t *child = json_object_get(parent, key);

	if (json_is_array(parent))
		child = json_array_get(parent, strtoul(key, NULL, 10));
	if (!value && json_is_array(parent))
		ck_assert_int_eq(json_array_remove(parent, strtoul(key, NULL, 10)), 0);
	else if (!value)
		ck_assert_int_eq(json_object_del(parent, key), 0);
	else if (!strcmp(value, "last"))
		ck_assert_int_eq(json_array_remove(child, json_array_size(child) - 1), 0);
	else if (!strcmp(value, "twice"))
		ck_assert_int_eq(json_array_append(child, json_array_get(child, 0)), 0);
	else if (json_is_array(parent))
		ck_assert_int_eq(json_array_set_new(parent, strtoul(key, NULL, 10), value_of(l, value)), 0);
	else
		ck_assert_int_eq(json_object_set_new(parent, key, value_of(l, value)), 0);
}

static void apply(struct liar *l, json_t *root, const struct edit *edit)
{
	char key[64];
	json_t *at = root;
	const char *left = edit->at;

	for (size_t n; left[n = strcspn(left, ".")]; left += n + 1) {
		(void)snprintf(key, sizeof key, "%.*s", (int)n, left);
		at = json_is_array(at) ? json_array_get(at, strtoul(key, NULL, 10)) : json_object_get(at, key);
		ck_assert_msg(at != NULL, "%s", edit->at);
	}
	set_in(l, at, left, edit->value);
}

static void spoil(void *self, const char *path, const char *query, struct http_answer *answer, struct arena *arena)
{
	struct liar *l = self;
	json_t *root;
	char *text;

	if (!strstr(path, l->lie->path) || strstr(query, "page=2"))
		return;
	l->told++;
	if (l->lie->status) {
		answer->status = l->lie->status;
		answer->body = TEXT_LIT("{\"message\":\"Not Found\"}");
	}
	if (l->lie->edits[0].at) {
		root = json_loadb(answer->body.at, answer->body.len, 0, NULL);
		ck_assert_ptr_nonnull(root);
		for (size_t i = 0; i < 3 && l->lie->edits[i].at; i++)
			apply(l, root, &l->lie->edits[i]);
		text = json_dumps(root, JSON_COMPACT);
		answer->body = arena_text(arena, text_of(text));
		free(text);
		json_decref(root);
	}
	if (l->lie->cut)
		answer->body.len = l->lie->cut;
}

static void liar_begin(struct liar *l, const struct lie *lie)
{
	*l = (struct liar){.lie = lie};
	bodies_begin(&l->b, MERGED, 1 << 20);
	l->b.world.look = spoil;
	l->b.world.self = l;
}

static const struct lie lies[] = {
	{.path = "nowhere", .code = ERR_OK},
	/* the list */
	{"/compare/", {{"total_commits", "#4"}}, .code = ERR_INVALID, .says = "not the same on each page"},
	{"/compare/",
	 {{"total_commits", "#2"}},
	 .code = ERR_INVALID,
	 .says = "3 commits were listed where there are 2"},
	{"/compare/", {{"total_commits", NULL}}, .code = ERR_INVALID, .says = "total_commits"},
	{"/compare/", {{"commits", "last"}}, .code = ERR_INVALID, .says = "2 commits were listed where there are 3"},
	{"/compare/", {{"commits", NULL}}, .code = ERR_INVALID, .says = "commits: not a list"},
	{"/compare/", {{"commits", "twice"}, {"total_commits", "#4"}}, .code = ERR_INVALID, .says = "listed twice"},
	{"/compare/",
	 {{"commits", "last"}, {"total_commits", "#2"}},
	 .code = ERR_INVALID,
	 .says = "which was asked for"},
	{"/compare/",
	 {{"commits.0", NULL}, {"total_commits", "#2"}},
	 .code = ERR_INVALID,
	 .says = "is missing in the list"},
	{"/compare/",
	 {{"commits.1", NULL}, {"total_commits", "#2"}},
	 .code = ERR_INVALID,
	 .says = "commits that head has not"},
	{"/compare/", {{"base_commit.sha", "=t"}}, .code = ERR_INVALID, .says = "the comparison is with"},
	{"/compare/", {{"merge_base_commit.sha", "=main"}}, .code = ERR_INVALID, .says = "does not begin at"},
	{"/compare/", {{"merge_base_commit", NULL}}, .code = ERR_INVALID, .says = "merge_base_commit"},
	/* a commit */
	{"/compare/", {{"commits.0.sha", "=main"}}, .code = ERR_LIMIT, .says = "mirror.rest"},
	{"/compare/", {{"commits.0.parents.0.sha", "=main"}}, .code = ERR_LIMIT, .says = "mirror.rest"},
	{"/compare/", {{"commits.1.parents", "last"}}, .code = ERR_LIMIT, .says = "mirror.rest"},
	{"/compare/", {{"commits.0.commit.tree.sha", "=main^{tree}"}}, .code = ERR_LIMIT, .says = "mirror.rest"},
	{"/compare/", {{"commits.0.commit.message", "two"}}, .code = ERR_LIMIT, .says = "mirror.rest"},
	{"/compare/", {{"commits.0.commit.author.email", "x@y"}}, .code = ERR_LIMIT, .says = "mirror.rest"},
	{"/compare/", {{"commits.0.commit.committer.name", "Ann"}}, .code = ERR_LIMIT, .says = "mirror.rest"},
	{"/compare/", {{"commits.0.commit.author.date", NULL}}, .code = ERR_INVALID, .says = "times"},
	{"/compare/",
	 {{"commits.0.commit.verification.payload", "tree"}, {"commits.0.commit.verification.signature", "x"}},
	 .code = ERR_LIMIT,
	 .says = "mirror.rest"},
	/* a tree */
	{"/git/trees/", {{"truncated", "true"}}, .code = ERR_LIMIT, .says = "mirror.rest"},
	{"/git/trees/", {{"truncated", NULL}}, .code = ERR_INVALID, .says = "truncated"},
	{"/git/trees/", {{"tree", "last"}}, .code = ERR_INVALID, .says = "as git has it"},
	{"/git/trees/", {{"tree.0.path", "other"}}, .code = ERR_INVALID, .says = "as git has it"},
	{"/git/trees/", {{"tree.0.path", "\xef\xbf\xbd"}}, .code = ERR_LIMIT, .says = "mirror.rest"},
	{"/git/trees/", {{"tree.0.mode", "100755"}}, .code = ERR_INVALID, .says = "as git has it"},
	{"/git/trees/", {{"tree.0.sha", "=main"}}, .code = ERR_INVALID, .says = "as git has it"},
	{"/git/trees/", {{"tree.0.sha", NULL}}, .code = ERR_INVALID, .says = "sha"},
	{"/git/trees/", {{"sha", "=main"}}, .code = ERR_INVALID, .says = "the answer is about"},
	/* answers that are none */
	{"/compare/", .status = 404, .code = ERR_GONE},
	{"/compare/", .status = 502, .code = ERR_RETRY},
	{"/compare/", .cut = 100, .code = ERR_RETRY},
	{"/git/trees/", .status = 404, .code = ERR_GONE},
	{"/git/trees/", .status = 409, .code = ERR_DENIED},
	{"/git/trees/", .cut = 20, .code = ERR_RETRY},
};

START_TEST(a_lie_is_an_error_and_never_a_range)
{
	const struct lie *lie = &lies[_i];
	struct mirror_range_out out = {.n_commits = 99};
	struct liar l;
	enum err_code code;

	liar_begin(&l, lie);
	code = bodies_range(&l.b, "main", "t", &out);
	ck_assert_msg(code == lie->code, "%d %s", (int)code, l.b.bare.err.text);
	ck_assert_int_eq(l.told > 0, lie->code != ERR_OK);
	ck_assert_uint_eq(out.n_commits, lie->code == ERR_OK ? 3 : 99);
	if (lie->says)
		ck_assert_msg(strstr(l.b.bare.err.text, lie->says) != NULL, "%s", l.b.bare.err.text);
	l.b.world.look = NULL; /* and nothing of it was kept */
	ck_assert_msg(!bodies_range(&l.b, "main", "t", &out), "%s", l.b.bare.err.text);
	ck_assert_str_eq(mirrored_paths(&l.b.bare, &out), "M dir/b 100644>100644, A dir/x/y 0>100644");
	bodies_end(&l.b);
}
END_TEST

static const struct lie file_lies[] = {
	{.path = "nowhere", .code = ERR_OK},
	{"/git/blobs/", {{"content", "Mgo=\n"}}, .code = ERR_INVALID, .says = "the bytes told are not those of"},
	{"/git/blobs/", {{"content", "Mwo"}}, .code = ERR_OK}, /* without its filling */
	{"/git/blobs/", {{"content", ""}}, .code = ERR_INVALID},
	{"/git/blobs/", {{"encoding", "utf-8"}, {"content", "3\n"}}, .code = ERR_INVALID, .says = "encoding"},
	{"/git/blobs/", {{"sha", "=main"}}, .code = ERR_INVALID, .says = "the answer is about"},
	{"/git/blobs/", .status = 404, .code = ERR_GONE},
	{"/git/trees/", {{"tree.0.path", "b"}}, .code = ERR_INVALID},
	{"/git/trees/", {{"truncated", "true"}}, .code = ERR_LIMIT, .says = "mirror.rest"},
	{"/git/commits/", {{"sha", "=t"}}, .code = ERR_INVALID, .says = "the answer is about"},
	{"/git/commits/", {{"tree", NULL}}, .code = ERR_INVALID, .says = "tree.sha"},
	{"/git/commits/", .status = 404, .code = ERR_GONE},
};

START_TEST(a_lie_is_an_error_and_never_a_file)
{
	const struct lie *lie = &file_lies[_i];
	struct mirror_file_out out = {.exists = true};
	struct liar l;
	enum err_code code;

	liar_begin(&l, lie);
	struct mirror_file_in in = {l.b.where, repo_oid(&l.b.bare.repo, "main"), TEXT_LIT("a"), 100};
	code = l.b.port.file_at(l.b.port.self, &in, &out, &l.b.bare.arena, &l.b.bare.err);
	ck_assert_msg(code == lie->code, "%d %s", (int)code, l.b.bare.err.text);
	ck_assert_int_eq(text_is(out.bytes, "3\n"), lie->code == ERR_OK);
	if (lie->says)
		ck_assert_msg(strstr(l.b.bare.err.text, lie->says) != NULL, "%s", l.b.bare.err.text);
	bodies_end(&l.b);
}
END_TEST

/* Two comparisons (the second for the root, which up does not begin at), and of the trees both roots, both sides of
 * dir, and dir/x. */
START_TEST(a_range_takes_a_question_for_each_edge_and_each_changed_directory)
{
	struct bodies b;
	struct mirror_range_out out;

	bodies_begin(&b, MERGED, 1 << 20);
	ck_assert_int_eq(bodies_range(&b, "main", "t", &out), ERR_OK);
	ck_assert_int_eq(b.world.asked, 2 + 2 + 2 + 1);
	bodies_end(&b);
}
END_TEST

/* ---- limits ---- */

static const struct {
	const char *limit, *script;
	unsigned max_commits, max_paths;
} shapes[] = {
	{"mirror.max_commits", START "git checkout -q -b t\nsave one\nsave two\n", 1, 100},
	{"mirror.max_paths", START "git checkout -q -b t\nput x 1\nput y 1\nsave one\n", 100, 1},
	{"mirror.max_depth", START "git checkout -q -b t\nput $(seq -s/ 1 130)/f 1\nsave deep\n", 100, 100},
	{"mirror.max_rest_trees",
	 START "for i in $(seq 600); do mkdir d$i; echo 1 >d$i/f; done\ngit add .\nsave many\ngit checkout -q -b t\n"
	       "for i in $(seq 600); do echo 2 >d$i/f; done\ngit add .\nsave changed\n",
	 100, 1000},
	{"mirror.max_path_bytes",
	 START
	 "f=$(git hash-object a)\nn=$(seq -s '' 1 1500)\nt=$(printf '100644 blob %s\\t%s\\n' $f $n | git mktree)\n"
	 "git branch t $(git commit-tree -p main -m long $t)\n",
	 100, 100},
	{"mirror.max_coauthors",
	 START "git branch t $({ echo s; for i in $(seq 1001); do echo 'Co-authored-by: x'; done; } |\n"
	       "git commit-tree -p main 'main^{tree}')\n",
	 100, 100},
	{"mirror.max_rest_edges",
	 START "p=$(git rev-parse main)\nm=$p\nt=$(git write-tree)\nfor i in $(seq 101); do\n"
	       "m=$(git commit-tree -p $m -m m$i $t); p=$(git commit-tree -p $p -p $m -m p$i $t); done\n"
	       "git branch t $p\ngit reset -q --hard $m\n",
	 1000, 100},
	{"mirror.max_rest_hashed",
	 START "git checkout -q -b t\nhead -c 1000000 /dev/zero | tr '\\0' x >../m\n"
	       "GIT_AUTHOR_DATE='1700000000 +0017' git commit -q --allow-empty -F ../m\n",
	 100, 100},
	{"mirror.max_merge_bases",
	 START
	 "t=$(git write-tree)\nall=\nfor i in $(seq 17); do all=\"$all -p $(git commit-tree -p main -m $i $t)\"; done\n"
	 "git branch t $(git commit-tree $all -m t $t)\ngit reset -q --hard $(git commit-tree $all -m main $t)\n",
	 100, 100},
};

START_TEST(a_shape_beyond_its_limit_is_an_error)
{
	struct bodies b;
	struct mirror_range_out out = {.n_commits = 99};

	bodies_begin(&b, shapes[_i].script, 1 << 20);
	struct mirror_range_in in = {b.where, repo_oid(&b.bare.repo, "main"), repo_oid(&b.bare.repo, "t"),
				     shapes[_i].max_commits, shapes[_i].max_paths};
	enum err_code code = b.port.range(b.port.self, &in, &out, &b.bare.arena, &b.bare.err);
	ck_assert_msg(code == ERR_LIMIT && strstr(b.bare.err.text, shapes[_i].limit), "%d %s", (int)code,
		      b.bare.err.text);
	ck_assert_uint_eq(out.n_commits, 99);
	bodies_end(&b);
}
END_TEST

#define LONG                                                                                                           \
	START "git checkout -q -b t\ntree=$(git write-tree)\np=$(git rev-parse main)\n"                                \
	      "for i in $(seq 251); do p=$(git commit-tree -p $p -m $i $tree); done\ngit update-ref refs/heads/t $p\n"

START_TEST(a_range_has_251_commits_or_is_an_error)
{
	struct bodies b;
	struct mirror_range_out out = {.n_commits = 99};

	bodies_begin(&b, LONG, 1 << 20);
	struct mirror_range_in in = {b.where, repo_oid(&b.bare.repo, "main"), repo_oid(&b.bare.repo, "t"), 250, 0};
	ck_assert_int_eq(b.port.range(b.port.self, &in, &out, &b.bare.arena, &b.bare.err), ERR_LIMIT);
	ck_assert_uint_eq(out.n_commits, 99);
	in.max_commits = 251;
	b.world.asked = 0;
	b.bare.err = ERR_NONE;
	ck_assert_msg(!b.port.range(b.port.self, &in, &out, &b.bare.arena, &b.bare.err), "%s", b.bare.err.text);
	ck_assert_int_eq(b.world.asked, 3); /* pages; the trees are the same */
	ck_assert_uint_eq(out.n_commits, 251);
	ck_assert(text_eq(out.commits[250].message, TEXT_LIT("1\n")));
	in.max_commits = 250; /* the limit holds for what is kept, too */
	ck_assert_int_eq(b.port.range(b.port.self, &in, &out, &b.bare.arena, &b.bare.err), ERR_LIMIT);
	bodies_end(&b);
}
END_TEST

static void drop_later_pages(void *self, const char *path, const char *query, struct http_answer *answer,
			     struct arena *arena)
{
	(void)self, (void)path, (void)arena;
	if (strstr(query, "page=3"))
		answer->status = 502;
}

START_TEST(a_page_that_does_not_come_is_no_shorter_list)
{
	struct bodies b;
	struct mirror_range_out out = {.n_commits = 99};

	bodies_begin(&b, LONG, 1 << 20);
	b.world.look = drop_later_pages;
	ck_assert_int_eq(bodies_range(&b, "main", "t", &out), ERR_RETRY);
	ck_assert_uint_eq(out.n_commits, 99);
	bodies_end(&b);
}
END_TEST

#define ORPHANS                                                                                                        \
	START "git checkout -q --orphan t\nsave other\ntree=$(git write-tree)\np=$(git rev-parse t)\n"                 \
	      "for i in $(seq 110); do p=$(git commit-tree -p $p -m $i $tree); done\ngit update-ref refs/heads/t $p\n"

static void swell(void *self, const char *path, const char *query, struct http_answer *answer, struct arena *arena)
{
	const size_t len = (size_t)17 * 1024 * 1024;
	char *large;

	(void)self, (void)path;
	if (!strstr(query, "per_page=100") || !strstr(query, "&page=2"))
		return;
	large = arena_alloc(arena, len + 1, 1);
	memset(large, ' ', len);
	memcpy(large, answer->body.at, answer->body.len);
	answer->body = (struct text){large, len};
}

START_TEST(a_list_that_begins_again_tells_no_commit_twice)
{
	struct bodies b;
	struct mirror_range_out out;

	bodies_begin(&b, ORPHANS, 1 << 20);
	b.world.look = swell;
	ck_assert_msg(bodies_range(&b, "main", "t", &out) == ERR_OK, "%s", b.bare.err.text);
	ck_assert_uint_eq(out.n_commits, 111);
	bodies_end(&b);
}
END_TEST

START_TEST(one_repository_knows_nothing_of_another)
{
	struct bodies b;
	struct mirror_range_out out;

	bodies_begin(&b, MERGED, 1 << 20);
	ck_assert_int_eq(bodies_range(&b, "main", "t", &out), ERR_OK);
	b.where.repo++;
	b.world.asked = 0;
	ck_assert_int_eq(bodies_range(&b, "main", "t", &out), ERR_OK);
	ck_assert_int_gt(b.world.asked, 5);
	bodies_end(&b);
}
END_TEST

/* Each row makes a repository; a machine may be busy. */
#define SLOW_ROWS(f, table)                                                                                            \
	{                                                                                                              \
		.name = #f, .test = &(f), .rows = (int)(sizeof(table) / sizeof((table)[0])), .seconds = 300            \
	}

static const struct suite_test tests[] = {
	SLOW_ROWS(a_lie_is_an_error_and_never_a_range, lies),
	SLOW_ROWS(a_lie_is_an_error_and_never_a_file, file_lies),
	SUITE_SLOW(a_range_takes_a_question_for_each_edge_and_each_changed_directory, 300),
	SLOW_ROWS(a_shape_beyond_its_limit_is_an_error, shapes),
	SUITE_SLOW(a_range_has_251_commits_or_is_an_error, 300),
	SUITE_SLOW(a_page_that_does_not_come_is_no_shorter_list, 300),
	SUITE_SLOW(a_list_that_begins_again_tells_no_commit_twice, 300),
	SUITE_SLOW(one_repository_knows_nothing_of_another, 300),
	SUITE_END};
SUITE_MAIN(tests)
