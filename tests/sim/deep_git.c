/*
 * The truth's commits as git objects, put into the world's repository as a push would bring them. A file holds the
 * number of the commit that wrote it; where two histories meet, the younger knowledge wins, and what both wrote is
 * written anew: so trees differ exactly where the truth says that they do.
 */
#include "tests/sim/deep.h"

#include <string.h>

#include "tests/sim/oracle.h"

const enum truth_file deep_files[DEEP_FILES] = {FILE_WORKFLOW, FILE_DOCS, FILE_SOURCE};

static void must(int failed, const char *what)
{
	if (failed == 0)
		return;
	(void)fprintf(stderr, "deep: git: %s: %s\n", what, git_error_last() ? git_error_last()->message : "");
	abort();
}

const char *deep_file_text(int writer)
{
	static char text[32];

	(void)snprintf(text, sizeof text, "c%d\n", writer);
	return text;
}

static void add(git_treebuilder *builder, const char *name, const git_oid *id, git_filemode_t mode)
{
	must(git_treebuilder_insert(NULL, builder, name, id, mode), name);
}

static git_oid written(git_treebuilder *builder)
{
	git_oid id;

	must(git_treebuilder_write(&id, builder), "tree");
	git_treebuilder_free(builder);
	return id;
}

static git_treebuilder *folder(struct deep *deep)
{
	git_treebuilder *builder = NULL;

	must(git_treebuilder_new(&builder, deep->git, NULL), "tree");
	return builder;
}

static git_oid blob(struct deep *deep, const char *text)
{
	git_oid id;

	must(git_blob_create_from_buffer(&id, deep->git, text, strlen(text)), "blob");
	return id;
}

/* A path of folders and a file, as the entry of the root that it is. */
static void put(struct deep *deep, git_treebuilder *root, const char *path, const char *text)
{
	git_oid id = blob(deep, text);
	git_filemode_t mode = GIT_FILEMODE_BLOB;
	char rest[64], *slash;

	(void)snprintf(rest, sizeof rest, "%s", path);
	while ((slash = strrchr(rest, '/'))) {
		git_treebuilder *inner = folder(deep);

		add(inner, slash + 1, &id, mode);
		id = written(inner);
		mode = GIT_FILEMODE_TREE;
		*slash = '\0';
	}
	add(root, rest, &id, mode);
}

static git_oid tree_of(struct deep *deep, int commit)
{
	int policy = deep->sim->truth.commits[commit].policy;
	git_treebuilder *root = folder(deep);

	for (int f = 0; f < DEEP_FILES; f++)
		put(deep, root, truth_file_path(deep_files[f]), deep_file_text(deep->writers[commit][f]));
	if (policy != NOBODY)
		put(deep, root, truth_file_path(FILE_POLICY), oracle_policy_text(policy));
	return written(root);
}

static int writer_of(const struct deep *deep, int commit, int f)
{
	const struct truth *t = &deep->sim->truth;
	const struct truth_commit *c = &t->commits[commit];
	int ours = deep->writers[c->parent][f], theirs;

	if (c->files & deep_files[f])
		return commit;
	if (c->parent2 == NOBODY)
		return ours;
	theirs = deep->writers[c->parent2][f];
	if (t->commits[c->parent].reach >> theirs & 1)
		return ours;
	return t->commits[c->parent2].reach >> ours & 1 ? theirs : commit;
}

static git_signature *signature(const struct deep *deep, int person)
{
	git_signature *ret = NULL;
	struct text name = person == NOBODY ? TEXT_LIT("nobody") : show_login(person);

	must(git_signature_new(&ret, name.at, show_email(person).at, sim_now(deep->sim) / 1000, 0), "signature");
	return ret;
}

static void message_of(const struct deep *deep, int co_author, char *ret, size_t room)
{
	if (co_author == NOBODY)
		(void)snprintf(ret, room, "CANARY message\n");
	else
		(void)snprintf(ret, room, "CANARY message\n\nCo-authored-by: %s <%lld+%s@users.noreply.github.com>\n",
			       truth_login(co_author), (long long)deep->first_person + co_author,
			       truth_login(co_author));
}

static size_t parents_of(struct deep *deep, const struct truth_commit *c, git_commit *ret[2])
{
	int at[2] = {c->parent, c->parent2};
	size_t n = 0;
	git_oid id;

	for (int i = 0; i < 2; i++)
		if (at[i] != NOBODY) {
			must(git_oid_fromstr(&id, deep->commits[at[i]].hex), "name");
			must(git_commit_lookup(&ret[n++], deep->git, &id), "parent");
		}
	return n;
}

static void make(struct deep *deep, int commit)
{
	const struct truth_commit *c = &deep->sim->truth.commits[commit];
	git_commit *parents[2] = {NULL, NULL};
	git_signature *author = signature(deep, c->author), *committer = signature(deep, c->committer);
	size_t n = parents_of(deep, c, parents);
	git_tree *tree = NULL;
	git_oid id;
	char message[200];

	for (int f = 0; f < DEEP_FILES; f++)
		deep->writers[commit][f] = writer_of(deep, commit, f);
	id = tree_of(deep, commit);
	message_of(deep, c->co_author, message, sizeof message);
	must(git_tree_lookup(&tree, deep->git, &id), "tree");
	must(git_commit_create(&id, deep->git, NULL, author, committer, NULL, message, tree, n,
			       (const git_commit **)(void *)parents),
	     "commit");
	(void)git_oid_tostr(deep->commits[commit].hex, sizeof deep->commits[commit].hex, &id);
	git_tree_free(tree);
	git_commit_free(parents[0]);
	git_commit_free(parents[1]);
	git_signature_free(author);
	git_signature_free(committer);
}

void deep_git_follow(struct deep *deep)
{
	for (; deep->n_commits < deep->sim->truth.n_commits; deep->n_commits++)
		make(deep, deep->n_commits);
}

void deep_git_begin(struct deep *deep, const char *path)
{
	must(git_repository_open_bare(&deep->git, path), path);
}

void deep_git_end(struct deep *deep)
{
	git_repository_free(deep->git);
}
