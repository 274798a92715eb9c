/* What only some policies ask about, as gather makes facts of it. */
#include "agent/store/watches.h"
#include "agent/work/gather.h"
#include "tests/support/needing.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

static struct gathered must_collect(struct told_forge *t)
{
	struct gathered got;
	struct err err = ERR_NONE;

	ck_assert_msg(gather_collect(&t->gather, &t->arena, &got, &err) && err.code == ERR_OK, "%s", err.text);
	return got;
}

/* ---- the head's branch ---- */

static const struct {
	int64_t repo; /* of the head; 0: deleted */
	const char *label, *ref;
} heads[] = {
	{TOLD_REPO, "o:f", "f"}, {TOLD_REPO, "", "f"}, {9, "ann:f", "ann:f"}, {0, "ann:f", "ann:f"}, {9, "", NULL},
	{9, ":f", NULL},         {9, "f", NULL},       {9, "ann:g", NULL},    {9, "ann:o:f", NULL},  {0, "ann", NULL},
};

START_TEST(a_branch_of_another_repository_bears_its_owner)
{
	struct told_forge t;
	const struct change *change;

	told_forge_open(&t);
	t.changes[0].head_repo = heads[_i].repo;
	t.changes[0].head_label = text_of(heads[_i].label);
	change = &must_collect(&t).facts.changes[0];
	ck_assert(((change->known & FACT_HEAD_REF) != 0) == (heads[_i].ref != NULL));
	ck_assert(text_eq(change->head_ref, text_of(heads[_i].ref)));
	told_forge_close(&t);
}
END_TEST

/* ---- people ---- */

static void review_by(struct told_forge *t, int64_t who, enum review_state state)
{
	struct forge_review *r = &t->reviews[t->n_reviews++];

	*r = (struct forge_review){.id = (int64_t)t->n_reviews,
				   .user = {who, told_login(t, who), PERSON_USER},
				   .state = state,
				   .commit_id = told_oid('a'),
				   .submitted_at = 600000};
}

START_TEST(a_login_with_a_new_owner_is_nobody_we_know)
{
	struct told_forge t;
	struct gathered got;

	told_forge_open(&t);
	review_by(&t, 5, REVIEW_APPROVED);
	ask_for((struct policy_needs){.facts = 0});
	got = must_collect(&t);
	ck_assert_uint_eq(got.facts.n_people, 1);
	ck_assert_int_eq(got.facts.people[0].permission, PERMISSION_WRITE);
	ck_assert(got.facts.people[0].teams_known);
	t.login_owner = 66;
	got = must_collect(&t);
	ck_assert_uint_eq(got.facts.n_people, 0);
	told_forge_close(&t);
}
END_TEST

/* u100 wrote and opened it, u5 approved; u7 committed, u8 is a co-author, u9 pushed. */
static void many_hands(struct told_forge *t)
{
	static const struct signer coauthors[] = {{0, {NULL, 0}, {NULL, 0}, {"c@x", 3}},
						  {88, {NULL, 0}, {NULL, 0}, {"88+n@noreply", 12}}};
	struct signer committer = {0, TEXT_EMPTY, TEXT_EMPTY, TEXT_LIT("b@x")};

	told_forge_open(t);
	review_by(t, 5, REVIEW_APPROVED);
	t->commits[0].committer = committer;
	t->commits[0].coauthors = coauthors;
	t->commits[0].n_coauthors = 2;
	t->people[0].committer = 7;
	t->people[0].committer_login = TEXT_LIT("u7");
	t->people[0].committer_email = TEXT_LIT("b@x");
	t->people[1] = (struct forge_commit_people){
		told_oid('c'), 8, 8, TEXT_LIT("u8"), TEXT_LIT("u8"), TEXT_LIT("c@x"), TEXT_LIT("c@x"), {0}};
	t->n_people = 2;
	t->moves[0] = (struct forge_move){told_oid('a'), 100000, 9, OID_NONE, true, TEXT_LIT("u9")};
	t->n_moves = 1;
}

static const struct {
	struct policy_needs needs;
	const char *asked;
} whom[] = {
	{{.facts = 0}, "u5 "},
	{{.author = true}, "u5 u100 "},
	{{.merged_before = true}, "u5 u100 "},
	{{.contributors = true}, "u5 u100 u7 u8 u9 "}, /* and not 88, whose login nobody told */
	{{.author = true, .contributors = true}, "u5 u100 u7 u8 u9 "},
};

START_TEST(only_those_whom_a_policy_asks_about_are_read)
{
	struct told_forge t;
	struct gathered got;

	many_hands(&t);
	ask_for(whom[_i].needs);
	got = must_collect(&t);
	ck_assert_str_eq(t.asked_for, whom[_i].asked);
	ck_assert_ptr_null(facts_member(&got.facts, 88));
	ck_assert((facts_member(&got.facts, 100) != NULL) == (_i > 0));
	told_forge_close(&t);
}
END_TEST

START_TEST(a_contributor_whose_login_is_anothers_is_nobody_we_know)
{
	struct told_forge t;
	struct gathered got;

	many_hands(&t);
	ask_for((struct policy_needs){.contributors = true});
	t.login_owner = 7;
	got = must_collect(&t);
	ck_assert_uint_eq(got.facts.n_people, 1);
	ck_assert_int_eq(got.facts.people[0].who.id, 7);
	told_forge_close(&t);
}
END_TEST

static const struct {
	enum tri is;
	bool known;
	size_t n;
} belongings[] = {{TRI_YES, true, 2}, {TRI_NO, true, 0}, {TRI_UNKNOWN, false, 0}};

START_TEST(an_organization_that_does_not_tell_leaves_all_unknown)
{
	static const struct text organizations[] = {{"acme", 4}, {"org", 3}};
	struct told_forge t;
	const struct member *m;

	many_hands(&t);
	ask_for((struct policy_needs){.organizations = organizations, .n_organizations = 2});
	t.belongs = belongings[_i].is;
	m = &must_collect(&t).facts.people[0];
	ck_assert(m->organizations_known == belongings[_i].known);
	ck_assert_uint_eq(m->n_organizations, belongings[_i].n);
	if (m->n_organizations)
		ck_assert(text_is(m->organizations[0], "acme") && text_is(m->organizations[1], "org"));
	told_forge_close(&t);
}
END_TEST

START_TEST(whether_a_change_of_theirs_was_merged_is_asked_of_authors_alone)
{
	struct told_forge t;
	struct gathered got;

	many_hands(&t);
	t.merged_before = TRI_YES;
	ask_for((struct policy_needs){.contributors = true});
	got = must_collect(&t);
	ck_assert_int_eq(facts_member(&got.facts, 100)->merged_before, TRI_UNKNOWN);
	ask_for((struct policy_needs){.merged_before = true, .contributors = true});
	for (int is = TRI_UNKNOWN; is <= TRI_YES; is++) {
		t.merged_before = (enum tri)is;
		t.asked_for[0] = '\0';
		got = must_collect(&t);
		ck_assert_int_eq(facts_member(&got.facts, 100)->merged_before, is);
		ck_assert_int_eq(facts_member(&got.facts, 7)->merged_before, TRI_UNKNOWN);
	}
	told_forge_close(&t);
}
END_TEST

/* More than the limit: the rest is unknown, and the reviewers are all there. */
START_TEST(contributors_beyond_the_limit_are_unknown)
{
	enum { COMMITS = 60 };
	struct forge_commit_people people[COMMITS];
	struct commit commits[COMMITS];
	struct forge_list_people list = {people, COMMITS};
	struct mirror_range_out range = {.merge_base = told_oid('f'), .commits = commits, .n_commits = COMMITS};
	struct told_forge t;
	struct gathered got;

	many_hands(&t);
	for (int i = 0; i < COMMITS; i++) {
		struct text email = arena_printf(&t.arena, "%d@x", i), login = told_login(&t, 1000 + i);

		commits[i] = (struct commit){.sha = told_oid('c'), .author.email = email, .committer.email = email};
		(void)snprintf(commits[i].sha.hex, sizeof commits[i].sha.hex, "%040d", i);
		people[i] = (struct forge_commit_people){commits[i].sha, 1000 + i, 1000 + i, login,
							 login,          email,    email,    {0}};
	}
	t.many_people = &list;
	t.many_commits = &range;
	ask_for((struct policy_needs){.contributors = true});
	got = must_collect(&t);
	ck_assert_uint_eq(got.facts.n_people, 51);
	ck_assert_ptr_nonnull(facts_member(&got.facts, 5));
	ck_assert_ptr_nonnull(facts_member(&got.facts, 1049));
	ck_assert_ptr_null(facts_member(&got.facts, 1050));
	told_forge_close(&t);
}
END_TEST

/* ---- signatures ---- */

static const struct signature good = {TRI_YES, 0, {"4AEE18F83AFDEB23", 16}, {"valid", 5}};
static const struct signature none = {TRI_NO, 0, {NULL, 0}, {"unsigned", 8}};
static const struct signature untold = {TRI_UNKNOWN, 0, {NULL, 0}, {NULL, 0}};

static const struct {
	const char *what;
	const struct signature *first, *second; /* second NULL: it is not listed */
	bool known;
} signatures[] = {
	{"both good", &good, &good, true},
	{"one unsigned", &good, &none, true},
	{"one not told", &good, &untold, false},
	{"one not listed", &good, NULL, false},
};

START_TEST(signatures_are_known_where_each_is)
{
	struct told_forge t;
	const struct change *change;

	many_hands(&t);
	t.commits[1] = (struct commit){.sha = told_oid('c'), .committer.email = TEXT_LIT("c@x")};
	t.n_commits = 2;
	t.people[0].signature = *signatures[_i].first;
	if (signatures[_i].second)
		t.people[1].signature = *signatures[_i].second;
	else
		t.n_people = 1;
	ask_for((struct policy_needs){.facts = 0});
	change = &must_collect(&t).facts.changes[0];
	ck_assert(!(change->known & FACT_SIGNATURES)); /* nobody asked */
	ask_for((struct policy_needs){.facts = FACT_SIGNATURES});
	change = &must_collect(&t).facts.changes[0];
	ck_assert_msg(((change->known & FACT_SIGNATURES) != 0) == signatures[_i].known, "%s", signatures[_i].what);
	t.fails = TOLD_RANGE;
	t.fails_as = ERR_LIMIT;
	ck_assert(!(must_collect(&t).facts.changes[0].known & FACT_SIGNATURES));
	told_forge_close(&t);
}
END_TEST

START_TEST(a_good_signature_is_the_committers_and_no_other_is_anybodys)
{
	struct told_forge t;
	const struct commit *c;

	many_hands(&t);
	ask_for((struct policy_needs){.facts = FACT_SIGNATURES});
	t.people[0].signature = good;
	c = must_collect(&t).facts.changes[0].commits;
	ck_assert_int_eq(c->signature.signer, 7);
	ck_assert(text_is(c->signature.key_id, "4AEE18F83AFDEB23"));
	t.people[0].signature = none;
	c = must_collect(&t).facts.changes[0].commits;
	ck_assert_int_eq(c->signature.signer, 0);
	t.people[0].signature = good;
	t.people[0].committer_email = TEXT_LIT("other@x"); /* the forge speaks of another address */
	c = must_collect(&t).facts.changes[0].commits;
	ck_assert_int_eq(c->signature.signer, 0);
	told_forge_close(&t);
}
END_TEST

/* ---- what was said ---- */

/* u5's approval has a text; u6 only remarked, and u11 commented twice. */
static struct comment texts[2], comments[2];

static void many_words(struct told_forge *t)
{
	many_hands(t);
	review_by(t, 6, REVIEW_COMMENTED);
	for (int i = 0; i < 2; i++) {
		texts[i] = (struct comment){.id = i + 1,
					    .user = t->reviews[i].user,
					    .created_at = 600000,
					    .edited = true,
					    .body = TEXT_LIT("Fine.")};
		comments[i] = (struct comment){.id = 70 + i,
					       .user = {11, TEXT_LIT("u11"), PERSON_USER},
					       .created_at = 700000,
					       .body = TEXT_LIT("+1")};
	}
	t->said = (struct forge_said){comments, 2, texts, 2};
	ask_for((struct policy_needs){.facts = FACT_COMMENTS});
}

START_TEST(what_was_said_is_read_where_a_policy_asks_for_it)
{
	struct told_forge t;
	const struct change *change;

	many_words(&t);
	ask_for((struct policy_needs){.facts = 0});
	change = &must_collect(&t).facts.changes[0];
	ck_assert(!(change->known & FACT_COMMENTS) && t.listened == 0 && change->reviews[0].body.len == 0);
	ck_assert_str_eq(t.asked_for, "u5 ");
	t.asked_for[0] = '\0';
	ask_for((struct policy_needs){.facts = FACT_COMMENTS});
	change = &must_collect(&t).facts.changes[0];
	ck_assert(change->known & FACT_COMMENTS);
	ck_assert_uint_eq(change->n_comments, 2);
	ck_assert(text_is(change->comments[1].body, "+1") && text_is(change->reviews[0].body, "Fine."));
	ck_assert(!change->reviews[0].edited); /* an approval is one, whatever its text says by now */
	ck_assert(change->reviews[1].edited);
	ck_assert_str_eq(t.asked_for, "u5 u6 u11 ");
	told_forge_close(&t);
}
END_TEST

START_TEST(what_was_said_beyond_a_limit_is_unknown)
{
	struct told_forge t;
	const struct change *change;

	many_words(&t);
	t.fails = TOLD_SAID;
	t.fails_as = ERR_LIMIT;
	change = &must_collect(&t).facts.changes[0];
	ck_assert(!(change->known & FACT_COMMENTS) && change->n_comments == 0 && change->reviews[0].body.len == 0);
	told_forge_close(&t);
}
END_TEST

static const struct {
	const char *what;
	struct heard heard;
	bool edited, taken;
} told_said[] = {
	{"a comment that is there", {.id = 70, .state = {TALK_COMMENT, 7}}, false, true},
	{"one that is not there yet", {.id = 72, .state = {TALK_COMMENT, 7}}, false, false},
	{"that, longer ago than any copy lags", {.id = 72, .at = 1940000, .state = {TALK_COMMENT, 7}}, false, true},
	{"an edit that shows", {.id = 70, .state = {TALK_COMMENT_EDITED, 14}}, true, true},
	{"an edit that does not show yet", {.id = 70, .state = {TALK_COMMENT_EDITED, 14}}, false, false},
	{"one that was deleted and is still there", {.id = 70, .state = {TALK_COMMENT_DELETED, 15}}, false, false},
	{"one that was deleted", {.id = 72, .state = {TALK_COMMENT_DELETED, 15}}, false, true},
	{"a review", {.id = 99, .state = {TALK_REVIEW, 6}}, false, true},
	{"an edited review", {.id = 1, .state = {TALK_REVIEW_EDITED, 13}}, false, false},
	{"that, longer ago", {.id = 1, .at = 1940000, .state = {TALK_REVIEW_EDITED, 13}}, false, true},
	{"a constituent's", {.scope = WATCH_PARTS, .id = 72, .state = {TALK_COMMENT, 7}}, false, true},
	{"more than could be kept", {.id = 70, .state = {TALK_COMMENT, 7}, .name = {"a\nb", 3}}, false, false},
};

START_TEST(no_comments_are_taken_that_are_older_than_an_event)
{
	struct heard heard = told_said[_i].heard;
	struct err err = ERR_NONE;
	struct told_forge t;
	struct gathered got;

	many_words(&t);
	heard.kind = WATCH_TALK;
	heard.scope = heard.scope ? heard.scope : WATCH_HEAD;
	heard.at = heard.at ? heard.at : 1999000;
	heard.name = heard.name.len ? heard.name : TEXT_LIT(TALK_SAID);
	comments[0].edited = told_said[_i].edited;
	t.claim.heard = heard_add(TEXT_EMPTY, &heard, &t.arena);
	ck_assert_msg(gather_collect(&t.gather, &t.arena, &got, &err) == told_said[_i].taken, "%s", told_said[_i].what);
	ck_assert_int_eq(err.code, told_said[_i].taken ? ERR_OK : ERR_RETRY);
	told_forge_close(&t);
}
END_TEST

START_TEST(a_comment_that_came_and_went_is_not_waited_for)
{
	struct told_forge t;
	struct heard came = {WATCH_HEAD, WATCH_TALK, 1, 72, 1999000, TEXT_LIT(TALK_COMMENT), TEXT_LIT(TALK_SAID)};
	struct heard went = {WATCH_HEAD,           WATCH_TALK, 1, 72, 1999000, TEXT_LIT(TALK_COMMENT_DELETED),
			     TEXT_LIT(TALK_UNSAID)};

	many_words(&t);
	t.claim.heard = heard_add(heard_add(TEXT_EMPTY, &came, &t.arena), &went, &t.arena);
	ck_assert(must_collect(&t).facts.changes[0].known & FACT_COMMENTS);
	told_forge_close(&t);
}
END_TEST

START_TEST(texts_that_lack_one_of_the_reviews_are_unknown)
{
	struct told_forge t;
	const struct change *change;

	many_words(&t);
	t.said.n_reviews = 1;
	change = &must_collect(&t).facts.changes[0];
	ck_assert(!(change->known & FACT_COMMENTS));
	ck_assert_uint_eq(change->n_reviews, 2);
	told_forge_close(&t);
}
END_TEST

START_TEST(of_more_speakers_than_the_limit_nothing_is_known)
{
	enum { SPEAKERS = 60 };
	struct comment crowd[SPEAKERS];
	struct told_forge t;
	struct gathered got;

	many_words(&t);
	for (int i = 0; i < SPEAKERS; i++)
		crowd[i] = (struct comment){
			.id = i + 1, .user = {1000 + i, told_login(&t, 1000 + i), PERSON_USER}, .body = TEXT_LIT("+1")};
	t.said.comments = crowd;
	t.said.n_comments = SPEAKERS;
	got = must_collect(&t);
	ck_assert_uint_eq(got.facts.changes[0].n_comments, SPEAKERS);
	ck_assert_uint_eq(got.facts.n_people, 1 + 50); /* u5 is a reviewer */
	ck_assert_ptr_nonnull(facts_member(&got.facts, 1048));
	ck_assert_ptr_null(facts_member(&got.facts, 1049));
	told_forge_close(&t);
}
END_TEST

/* ---- the double collect ---- */

static void left(struct told_forge *t)
{
	t->belongs = TRI_NO;
}
static void silenced(struct told_forge *t)
{
	t->belongs = TRI_UNKNOWN;
}
static void forgotten(struct told_forge *t)
{
	t->merged_before = TRI_UNKNOWN;
}
static void relabelled(struct told_forge *t)
{
	t->changes[0].head_label = TEXT_LIT("eve:f");
}
static void unverified(struct told_forge *t)
{
	t->people[0].signature.valid = TRI_NO;
}
static void unsaid(struct told_forge *t)
{
	t->said.n_comments = 1;
}
static void reworded(struct told_forge *t)
{
	(void)t;
	comments[0].body = TEXT_LIT("-1");
}
static void rewrote_review(struct told_forge *t)
{
	(void)t;
	texts[1].body = TEXT_LIT("No.");
}
static void silent(struct told_forge *t)
{
	t->fails = TOLD_SAID;
	t->fails_as = ERR_LIMIT;
}
static void nothing(struct told_forge *t)
{
	t->now += 1000;
}

static const struct {
	void (*happens)(struct told_forge *t);
	bool unmoved;
} between[] = {{nothing, true},     {left, false},   {silenced, false}, {forgotten, false},      {relabelled, false},
	       {unverified, false}, {unsaid, false}, {reworded, false}, {rewrote_review, false}, {silent, false}};

START_TEST(what_moved_between_the_collects_is_seen)
{
	static const struct text organization = {"acme", 4};
	struct told_forge t;
	struct gathered first;
	struct err err = ERR_NONE;
	bool unmoved = !between[_i].unmoved;

	many_words(&t);
	t.belongs = TRI_YES;
	t.merged_before = TRI_YES;
	ask_for((struct policy_needs){.facts = FACT_COMMENTS,
				      .organizations = &organization,
				      .n_organizations = 1,
				      .merged_before = true,
				      .contributors = true});
	first = must_collect(&t);
	between[_i].happens(&t);
	ck_assert_msg(gather_unmoved(&t.gather, &first, &unmoved, &err), "%s", err.text);
	ck_assert(unmoved == between[_i].unmoved);
	told_forge_close(&t);
}
END_TEST

static const enum told_verb verbs[] = {TOLD_BELONGS, TOLD_MERGED, TOLD_LINES, TOLD_SAID};

START_TEST(what_fails_is_an_error_and_no_answer)
{
	static const struct text organization = {"acme", 4};
	struct told_forge t;
	struct gathered got;
	struct err err = ERR_NONE;

	many_hands(&t);
	t.paths[0] = (struct path){.path = TEXT_LIT("a"), .status = PATH_MODIFIED};
	t.n_paths = 1;
	ask_for((struct policy_needs){.facts = FACT_LINES | FACT_COMMENTS,
				      .organizations = &organization,
				      .n_organizations = 1,
				      .merged_before = true});
	t.fails = verbs[_i];
	t.fails_as = ERR_GONE;
	ck_assert(!gather_collect(&t.gather, &t.arena, &got, &err));
	ck_assert_int_eq(err.code, ERR_RETRY);
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_branch_of_another_repository_bears_its_owner, heads),
	SUITE_TEST(a_login_with_a_new_owner_is_nobody_we_know),
	SUITE_ROWS(only_those_whom_a_policy_asks_about_are_read, whom),
	SUITE_TEST(a_contributor_whose_login_is_anothers_is_nobody_we_know),
	SUITE_ROWS(an_organization_that_does_not_tell_leaves_all_unknown, belongings),
	SUITE_TEST(whether_a_change_of_theirs_was_merged_is_asked_of_authors_alone),
	SUITE_TEST(contributors_beyond_the_limit_are_unknown),
	SUITE_ROWS(signatures_are_known_where_each_is, signatures),
	SUITE_TEST(a_good_signature_is_the_committers_and_no_other_is_anybodys),
	SUITE_TEST(what_was_said_is_read_where_a_policy_asks_for_it),
	SUITE_TEST(what_was_said_beyond_a_limit_is_unknown),
	SUITE_ROWS(no_comments_are_taken_that_are_older_than_an_event, told_said),
	SUITE_TEST(a_comment_that_came_and_went_is_not_waited_for),
	SUITE_TEST(texts_that_lack_one_of_the_reviews_are_unknown),
	SUITE_TEST(of_more_speakers_than_the_limit_nothing_is_known),
	SUITE_ROWS(what_moved_between_the_collects_is_seen, between),
	SUITE_ROWS(what_fails_is_an_error_and_no_answer, verbs),
	SUITE_END,
};
SUITE_MAIN(tests)
