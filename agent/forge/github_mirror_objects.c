#include "agent/forge/github_mirror_inner.h"

struct forge_call rest_call(const struct rest_reading *r, struct arena *arena)
{
	return (struct forge_call){r->repo, arena, r->deadline_ms, 0};
}

struct kept_key rest_key(const struct rest_reading *r, enum kept_kind kind, const struct oid *name)
{
	return (struct kept_key){r->repo.id, kind, *name, OID_NONE};
}

static const struct {
	const char *path;
	bool (*prove)(struct prove *prove, const struct oid *name, jval answer, struct text *ret, struct err *err);
} kinds[] = {
	[KEPT_COMMIT] = {"/repos/*/*/git/commits/*", prove_commit},
	[KEPT_TREE] = {"/repos/*/*/git/trees/*", prove_tree},
	[KEPT_BLOB] = {"/repos/*/*/git/blobs/*", prove_blob},
};

static bool ask(struct rest_reading *r, const struct kept_key *key, struct arena *arena, struct text *ret,
		struct err *err)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct forge_call call = rest_call(r, &scratch);
	struct rest_path path = {kinds[key->kind].path, {oid_text(&key->a)}, 1};
	struct github_reply reply;
	struct text raw;
	bool done;

	if (github_get(r->mirror->github, &call, &path, &reply, err) != ERR_OK)
		return false;
	r->prove.arena = &scratch;
	done = kinds[key->kind].prove(&r->prove, &key->a, jdoc_root(reply.doc), &raw, err);
	jdoc_free(reply.doc);
	if (done)
		*ret = arena_text(arena, raw);
	return done;
}

bool rest_object(struct rest_reading *r, const struct kept_key *key, struct arena *arena, struct text *ret,
		 struct err *err)
{
	static const char empty_tree[] = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"; /* no forge need have it */

	if (key->kind == KEPT_TREE && text_is(oid_text(&key->a), empty_tree)) {
		*ret = TEXT_EMPTY;
		return true;
	}
	if (kept_find(r->mirror->kept, key, arena, ret))
		return true;
	if (!ask(r, key, arena, ret, err))
		return false;
	kept_put(r->mirror->kept, key, *ret);
	return true;
}

bool rest_tree_of(struct rest_reading *r, const struct oid *commit, struct oid *ret, struct err *err)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct kept_key key = rest_key(r, KEPT_TREE_OF, commit);
	struct forge_call call = rest_call(r, &scratch);
	struct rest_path path = {kinds[KEPT_COMMIT].path, {oid_text(commit)}, 1};
	struct github_reply reply;
	struct text kept;
	bool done;

	if (kept_find(r->mirror->kept, &key, &scratch, &kept))
		return oid_parse(kept, ret) || err_set(err, ERR_INVALID, "what is kept is no name");
	if (github_get(r->mirror->github, &call, &path, &reply, err) != ERR_OK)
		return false;
	done = prove_about(jdoc_root(reply.doc), commit, err) && jneed_oid(jdoc_root(reply.doc), "tree.sha", ret, err);
	jdoc_free(reply.doc);
	if (done)
		kept_put(r->mirror->kept, &key, oid_text(ret));
	return done;
}

static bool read_tree(void *self, const struct oid *tree, struct arena *arena, struct text *ret, struct err *err)
{
	struct kept_key key = rest_key(self, KEPT_TREE, tree);

	return rest_object(self, &key, arena, ret, err);
}

struct tree_reader rest_trees(struct rest_reading *r)
{
	return (struct tree_reader){r, read_tree};
}
