/*
 * Whose commits: the forge's answer, believed only where the e-mail in the object is the one it answered for. An
 * author whom the forge does not list, or lists without an account, has id 0: anybody. Co-authors are only text in a
 * message; they get the account that the forge gave the same address elsewhere in this list, else the id their noreply
 * address carries.
 *
 * A good signature is the committer's: the forge calls one good only where the key belongs to the account that has the
 * committer's address. Its own key signs as its own account, which is nobody's.
 */
#include "agent/work/gather_inner.h"

struct book { /* address -> account, as the forge sees it in this change */
	const struct forge_list_people *people;
};

static void look(struct text email, struct text listed, int64_t id, int64_t *found, bool *clash)
{
	if (!id || !email.len || !text_eq(email, listed))
		return;
	*clash = *clash || (*found && *found != id);
	*found = id;
}

/* 0: not there, or there with two accounts. */
static int64_t account_of(const struct book *book, struct text email)
{
	int64_t found = 0;
	bool clash = false;

	for (size_t i = 0; i < book->people->n; i++) {
		const struct forge_commit_people *p = &book->people->at[i];

		look(email, p->author_email, p->author, &found, &clash);
		look(email, p->committer_email, p->committer, &found, &clash);
	}
	return clash ? 0 : found;
}

static const struct forge_commit_people *listed(const struct forge_list_people *people, const struct oid *sha)
{
	for (size_t i = 0; i < people->n; i++)
		if (oid_eq(&people->at[i].sha, sha))
			return &people->at[i];
	return NULL;
}

static const struct signer *coauthors(const struct commit *commit, const struct book *book, struct arena *arena)
{
	struct signer *at = arena_alloc(arena, commit->n_coauthors + 1, sizeof *at);

	for (size_t i = 0; i < commit->n_coauthors; i++) {
		int64_t id = account_of(book, commit->coauthors[i].email);

		at[i] = commit->coauthors[i];
		if (id)
			at[i].id = id;
	}
	return at;
}

static void sign(struct signer *signer, struct text listed_email, int64_t id, struct text login)
{
	bool same = signer->email.len && text_eq(signer->email, listed_email);

	signer->id = same ? id : 0;
	signer->login = same && id ? login : TEXT_EMPTY;
}

const struct commit *attribute_commits(const struct mirror_range_out *range, const struct forge_list_people *people,
				       struct arena *arena)
{
	struct commit *at = arena_alloc(arena, range->n_commits + 1, sizeof *at);
	struct forge_commit_people nobody = {.author = 0};
	struct book book = {people};

	for (size_t i = 0; i < range->n_commits; i++) {
		const struct forge_commit_people *p = listed(people, &range->commits[i].sha);

		at[i] = range->commits[i];
		if (!p)
			p = &nobody;
		sign(&at[i].author, p->author_email, p->author, p->author_login);
		sign(&at[i].committer, p->committer_email, p->committer, p->committer_login);
		at[i].coauthors = coauthors(&at[i], &book, arena);
		at[i].signature = p->signature;
		if (p->signature.valid == TRI_YES)
			at[i].signature.signer = at[i].committer.id;
	}
	return at;
}
