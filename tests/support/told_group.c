#include "tests/support/told_group.h"

/* "e<fa": commit e, its parents f and a. The newest first. */
void told_group_build(struct told_group *b, const char *const *merges)
{
	b->t.merged = told_oid(merges[0][0]);
	b->t.n_merges = 0;
	for (size_t i = 0; merges[i]; i++) {
		struct commit *c = &b->t.merges[b->t.n_merges++];
		size_t n = strlen(merges[i]) - 2;

		for (size_t k = 0; k < n; k++)
			b->parents[i][k] = told_oid(merges[i][2 + k]);
		*c = (struct commit){.sha = told_oid(merges[i][0]), .parents = b->parents[i], .n_parents = n};
	}
}

void told_group_approve(struct told_group *b, int64_t number, char head)
{
	b->t.review_of[b->t.n_reviews] = number;
	b->t.reviews[b->t.n_reviews++] = (struct forge_review){.id = number,
							       .user = {5, TEXT_LIT("u5"), PERSON_USER},
							       .state = REVIEW_APPROVED,
							       .commit_id = told_oid(head),
							       .submitted_at = 600000};
}

/* Two changes that are allowed, and a group of both: e merges b, d merges a, onto the tip f. */
void told_group_open(struct told_group *b)
{
	static const char *const both[] = {"e<db", "d<fa", NULL};
	struct text mail = TEXT_LIT("a@x"), who = TEXT_LIT("u100");

	*b = (struct told_group){.base = TEXT_LIT("main")};
	told_forge_open(&b->t);
	told_forge_add(&b->t, 2, 'b');
	b->t.commits[1] = (struct commit){.sha = told_oid('b'), .author.email = mail, .committer.email = mail};
	b->t.n_commits = 2;
	b->t.people[1] = (struct forge_commit_people){told_oid('b'), 100, 100, who, who, mail, mail, {0}};
	b->t.n_people = 2;
	for (int64_t number = 1; number <= 2; number++) {
		struct row_arrival row = {TOLD_REPO,     number,  told_oid((char)('a' + number - 1)), 100000, 100, 0,
					  TEXT_LIT("g"), OID_NONE};

		told_forge_keep(&b->t, &table_arrival, &row);
		told_forge_record(&b->t, number, row.sha);
	}
	told_group_approve(b, 1, 'a');
	told_group_approve(b, 2, 'b');
	told_group_build(b, both);
	b->t.claim.sha = told_oid('e');
	b->t.claim.bases = &b->base;
	b->t.claim.n_bases = 1;
	told_forge_keep(&b->t, &table_subject,
			&(struct row_subject){.repo = TOLD_REPO, .sha = b->t.claim.sha, .wanted = 1, .due = 1});
}

bool told_group_collect(struct told_group *b, struct gathered *ret, struct err *err)
{
	*err = ERR_NONE;
	return gather_collect(&b->t.gather, &b->t.arena, ret, err);
}
