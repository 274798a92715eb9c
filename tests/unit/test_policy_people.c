/* Conditions on who wrote a change and who signed it. */
#include "tests/support/asking.h"
#include "tests/support/suite.h"

static void as_is(struct example *c)
{
	(void)c;
}
static void author_unknown(struct example *c)
{
	c->change.author.id = 0;
}
static void alice_unread(struct example *c)
{
	c->people[ALICE - 1].who.id = 999;
}
static void bob_wrote(struct example *c)
{
	c->commits[1].author.id = BOB;
}
static void bob_committed(struct example *c)
{
	c->commits[1].committer.id = BOB;
}
static void bob_helped(struct example *c)
{
	c->coauthor = (struct signer){BOB, TEXT_LIT("bob"), TEXT_LIT("B"), TEXT_LIT("b@example.org")};
	c->commits[1].coauthors = &c->coauthor;
	c->commits[1].n_coauthors = 1;
}
static void somebody_helped(struct example *c)
{
	bob_helped(c);
	c->coauthor.id = 0;
}
static void bob_pushed(struct example *c)
{
	c->pushers[1] = BOB;
	c->change.n_pushers = 2;
}
static void somebody_pushed(struct example *c)
{
	c->pushers[1] = 0;
	c->change.n_pushers = 2;
}
static void pushers_hidden(struct example *c)
{
	c->change.pushers_hidden = true;
}
static void nobody_pushed(struct example *c)
{
	c->change.n_pushers = 0;
}
static void unmapped(struct example *c)
{
	c->commits[1].author.id = 0;
}
static void stranger_wrote(struct example *c)
{
	c->commits[1].author = (struct signer){.id = 999, .login = TEXT_LIT("x\x1by")};
}
static void nameless_stranger_wrote(struct example *c)
{
	c->commits[1].author = (struct signer){.id = 999};
}
static void head_missing(struct example *c)
{
	c->commits[0].sha = case_oid(CASE_OLD);
}
static void no_commits(struct example *c)
{
	c->change.n_commits = 0;
}
static void by_button(struct example *c)
{
	c->commits[1].committer = (struct signer){.id = 500, .login = TEXT_LIT("web-flow")};
}
static void by_button_unsigned(struct example *c)
{
	by_button(c);
	c->commits[1].signature.valid = TRI_NO;
}
static void by_button_unread(struct example *c)
{
	by_button(c);
	c->commits[1].signature.valid = TRI_UNKNOWN;
}
static void bob_by_button(struct example *c)
{
	by_button(c);
	bob_wrote(c);
}

static void bob_alone_pushed(struct example *c)
{
	c->pushers[0] = BOB;
}
static void alice_is_new(struct example *c)
{
	c->people[ALICE - 1].merged_before = TRI_NO;
}
static void alice_is_known(struct example *c)
{
	c->people[ALICE - 1].merged_before = TRI_YES;
}
static void nothing_is_known_of_her(struct example *c)
{
	c->people[ALICE - 1].merged_before = TRI_UNKNOWN;
}
static void base_moved(struct example *c)
{
	c->change.base_sha = case_oid(CASE_OLD);
}
static void base_unread(struct example *c)
{
	c->change.base_sha = OID_NONE;
}
static void unrelated(struct example *c)
{
	c->change.merge_base = OID_NONE;
}
static void bob_signed(struct example *c)
{
	c->commits[1].signature.signer = BOB;
}
static void nobody_signed(struct example *c)
{
	c->commits[1].signature.signer = 0;
}
static void invalid(struct example *c)
{
	c->commits[1].signature.valid = TRI_NO;
}

static void two_strangers_pushed(struct example *c)
{
	c->pushers[0] = 998;
	c->pushers[1] = 999;
	c->change.n_pushers = 2;
	c->people[ALICE - 1].organizations_known = false;
}

static void bob_opened(struct example *c)
{
	c->change.author = (struct person){.id = BOB, .login = TEXT_LIT("bob"), .type = PERSON_USER};
}
static void only_she_is_known(struct example *c)
{
	nobody_pushed(c);
	for (size_t i = 0; i < 2; i++)
		c->commits[i].author.id = c->commits[i].committer.id = 0;
}
static void each_did_another_thing(struct example *c)
{
	c->pushers[0] = BOB;
	c->commits[0].author.id = CAROL;
	c->commits[0].committer.id = DAVE;
	c->change.n_commits = 1;
}

#define PUSHED(who)    "only_pushed_by: {users: [" who "]}"
#define AUTHOR(who)    "has_author_in: {users: [" who "]}"
#define SOME(who)      "has_contributor_in: {users: [" who "]}"
#define ONLY(who)      "only_has_contributors_in: {users: [" who "]}"
#define ALONE          "author_is_only_contributor: true"
#define NOT_ALONE      "author_is_only_contributor: false"
#define NAMELESS       "an account for everybody whom commit 2222222 names"
#define NOT_BOB        "the contributor bob is not one of those whom the rule names"
#define MEMBERSHIPS_OF "the permissions and memberships of "

static const struct {
	const char *block;
	void (*bend)(struct example *c);
	enum tri answer;
	const char *why;
} people[] = {
	{AUTHOR("Alice"), as_is, TRI_YES, "the author alice is one of those whom the rule names"},
	{AUTHOR("'id:1'"), as_is, TRI_YES, NULL},
	{AUTHOR("bob"), as_is, TRI_NO, "the author alice is not one of those whom the rule names"},
	{AUTHOR("alice"), author_unknown, TRI_UNKNOWN, "an account for the author of the change"},
	{AUTHOR("bob"), author_unknown, TRI_UNKNOWN, NULL},
	{AUTHOR("bob"), alice_unread, TRI_UNKNOWN, MEMBERSHIPS_OF "alice"},
	{AUTHOR("alice"), bob_wrote, TRI_YES, NULL},
	{"has_author_in: {permissions: [write]}", as_is, TRI_YES, NULL},
	{"has_author_in: {admins: true}", as_is, TRI_NO, NULL},
	{"has_author_in: {teams: [acme/core], organizations: [acme]}", as_is, TRI_NO, NULL},
	{"has_author_in: {organizations: [acme]}", alice_unread, TRI_UNKNOWN, NULL},

	{PUSHED("alice"), as_is, TRI_YES, "everybody who pushed is one of those whom the rule names"},
	{PUSHED("bob"), as_is, TRI_NO, "alice, who pushed, is not one of those whom the rule names"},
	{PUSHED("alice"), bob_pushed, TRI_NO, "bob, who pushed, is not one of those whom the rule names"},
	{PUSHED("alice, bob"), bob_pushed, TRI_YES, NULL},
	{PUSHED("alice"), bob_alone_pushed, TRI_NO, NULL},
	{PUSHED("alice"), bob_wrote, TRI_YES, NULL}, /* a name in a commit is no push */
	{PUSHED("alice"), author_unknown, TRI_YES, NULL},
	{PUSHED("alice"), somebody_pushed, TRI_UNKNOWN, "to know who pushed"},
	{PUSHED("alice"), pushers_hidden, TRI_UNKNOWN, "to know who pushed"},
	{PUSHED("bob"), pushers_hidden, TRI_NO, NULL},
	{PUSHED("alice"), nobody_pushed, TRI_UNKNOWN, "to know who pushed"},
	{"only_pushed_by: {permissions: [write]}", bob_pushed, TRI_YES, NULL},
	{"only_pushed_by: {organizations: [acme]}", alice_unread, TRI_UNKNOWN, NULL},

	{"author_has_merged: true", alice_is_known, TRI_YES, "a change of alice was merged before"},
	{"author_has_merged: true", alice_is_new, TRI_NO, "no change of alice was merged before"},
	{"author_has_merged: false", alice_is_new, TRI_YES, NULL},
	{"author_has_merged: false", alice_is_known, TRI_NO, NULL},
	{"author_has_merged: false", nothing_is_known_of_her, TRI_UNKNOWN,
	 "to know whether a change of alice was merged before"},
	{"author_has_merged: true", author_unknown, TRI_UNKNOWN, NULL},

	{"up_to_date: true", as_is, TRI_YES, "the head has all commits of its base branch"},
	{"up_to_date: true", base_moved, TRI_NO, "the base branch has commits that the head lacks"},
	{"up_to_date: false", base_moved, TRI_YES, NULL},
	{"up_to_date: false", base_unread, TRI_UNKNOWN, "to know whether the head has all of its base branch"},
	{"up_to_date: false", unrelated, TRI_UNKNOWN, "to know whether the head has all of its base branch"},

	{"signer: author", as_is, TRI_YES, NULL},
	{"signer: author", bob_signed, TRI_NO, "commit 2222222 is not signed by its author"},
	{"signer: committer", bob_signed, TRI_NO, "commit 2222222 is not signed by its committer"},
	{"signer: author", nobody_signed, TRI_UNKNOWN, "an account for who signed commit 2222222"},
	{"signer: author", unmapped, TRI_UNKNOWN, "an account for the author of commit 2222222"},
	{"signer: author", bob_wrote, TRI_NO, NULL},
	{"signer: committer", bob_wrote, TRI_YES, NULL},
	{"signer: author", invalid, TRI_NO, NULL},

	{SOME("alice"), as_is, TRI_YES, "the contributor alice is one of those whom the rule names"},
	{SOME("bob"), as_is, TRI_NO, "no contributor is one of those whom the rule names"},
	{SOME("bob"), bob_wrote, TRI_YES, NULL},
	{SOME("bob"), bob_committed, TRI_YES, NULL},
	{SOME("bob"), bob_helped, TRI_YES, NULL},
	{SOME("bob"), bob_pushed, TRI_YES, NULL},
	{SOME("bob"), unmapped, TRI_UNKNOWN, NAMELESS},
	{SOME("bob"), somebody_helped, TRI_UNKNOWN, NAMELESS},
	{SOME("bob"), somebody_pushed, TRI_UNKNOWN, "to know who pushed"},
	{SOME("bob"), pushers_hidden, TRI_UNKNOWN, "to know who pushed"},
	{SOME("bob"), author_unknown, TRI_UNKNOWN, "an account for the author of the change"},
	{SOME("bob"), head_missing, TRI_UNKNOWN, "the list of commits"},
	{SOME("bob"), no_commits, TRI_UNKNOWN, "the list of commits"},
	{SOME("bob"), stranger_wrote, TRI_UNKNOWN, MEMBERSHIPS_OF "x?y"},
	{SOME("alice"), unmapped, TRI_YES, NULL},
	{SOME("erin"), each_did_another_thing, TRI_NO, "no contributor is one of those whom the rule names"},
	{SOME("dave"), each_did_another_thing, TRI_YES, NULL},
	{ONLY("alice, bob, carol, dave"), each_did_another_thing, TRI_YES,
	 "every contributor is one of those whom the rule names"},

	{ONLY("alice"), as_is, TRI_YES, NULL},
	{ONLY("alice, bob"), bob_pushed, TRI_YES, NULL},
	{ONLY("bob"), as_is, TRI_NO, "the contributor alice is not one of those whom the rule names"},
	{ONLY("alice"), bob_wrote, TRI_NO, NOT_BOB},
	{ONLY("alice"), bob_committed, TRI_NO, NOT_BOB},
	{ONLY("alice"), bob_helped, TRI_NO, NOT_BOB},
	{ONLY("alice"), bob_pushed, TRI_NO, NOT_BOB},
	{ONLY("alice"), unmapped, TRI_UNKNOWN, NAMELESS},
	{ONLY("alice"), somebody_helped, TRI_UNKNOWN, NAMELESS},
	{ONLY("alice"), somebody_pushed, TRI_UNKNOWN, "to know who pushed"},
	{ONLY("alice"), pushers_hidden, TRI_UNKNOWN, "to know who pushed"},
	{ONLY("alice"), nobody_pushed, TRI_UNKNOWN, "to know who pushed"},
	{ONLY("alice"), author_unknown, TRI_UNKNOWN, "an account for the author of the change"},
	{ONLY("alice"), head_missing, TRI_UNKNOWN, "the list of commits"},
	{ONLY("alice"), no_commits, TRI_UNKNOWN, "the list of commits"},
	{ONLY("alice"), nameless_stranger_wrote, TRI_UNKNOWN, MEMBERSHIPS_OF "account 999"},
	{ONLY("alice"), by_button, TRI_YES, NULL},
	{ONLY("alice"), by_button_unsigned, TRI_UNKNOWN, MEMBERSHIPS_OF "web-flow"},
	{ONLY("'id:1'"), by_button_unread, TRI_NO, "the contributor web-flow is not one of those whom the rule names"},
	{ONLY("alice"), bob_by_button, TRI_NO, NOT_BOB},
	{"only_has_contributors_in: {permissions: [write]}", bob_wrote, TRI_YES, NULL},
	{"only_has_contributors_in: {permissions: [write]}", stranger_wrote, TRI_UNKNOWN, NULL},

	{"has_contributor_in: {organizations: [acme]}", two_strangers_pushed, TRI_UNKNOWN, MEMBERSHIPS_OF "alice"},
	{"only_has_contributors_in: {organizations: [acme]}", two_strangers_pushed, TRI_UNKNOWN,
	 MEMBERSHIPS_OF "alice"},
	{"only_pushed_by: {organizations: [acme]}", two_strangers_pushed, TRI_UNKNOWN, MEMBERSHIPS_OF "account 998"},

	{ALONE, as_is, TRI_YES, "alice is the only contributor"},
	{ALONE, bob_wrote, TRI_NO, "bob contributed, too"},
	{ALONE, bob_helped, TRI_NO, "bob contributed, too"},
	{ALONE, bob_pushed, TRI_NO, "bob contributed, too"},
	{ALONE, unmapped, TRI_UNKNOWN, NAMELESS},
	{ALONE, author_unknown, TRI_UNKNOWN, "an account for the author of the change"},
	{ALONE, pushers_hidden, TRI_UNKNOWN, "to know who pushed"},
	{ALONE, bob_opened, TRI_NO, "alice contributed, too"},
	{ALONE, only_she_is_known, TRI_UNKNOWN, NULL},
	{ALONE, by_button, TRI_YES, NULL},
	{ALONE, by_button_unsigned, TRI_NO, "web-flow contributed, too"},
	{NOT_ALONE, as_is, TRI_NO, "alice is the only contributor"},
	{NOT_ALONE, bob_wrote, TRI_YES, NULL},
	{NOT_ALONE, unmapped, TRI_UNKNOWN, NAMELESS},
};

static void expect(struct example *c, const char *block, enum tri holds, const char *why)
{
	struct answer answer = ask(c, block);

	ck_assert_msg(answer.holds == holds, "%s: %d %s", block, answer.holds, answer.why.at);
	if (why)
		ck_assert_msg(text_is(answer.why, why), "%s: %s", block, answer.why.at);
}

START_TEST(who_took_part_is_asked_of_everybody_and_nobody_unnamed_passes)
{
	struct example c;

	case_make(&c);
	people[_i].bend(&c);
	expect(&c, people[_i].block, people[_i].answer, people[_i].why);
	case_drop(&c);
}
END_TEST

/* ---- signatures ---- */

static void unsigned_commit(struct example *c)
{
	c->commits[1].signature = (struct signature){.valid = TRI_NO, .reason = TEXT_LIT("unsigned\n")};
}
static void wrong_without_reason(struct example *c)
{
	c->commits[1].signature = (struct signature){.valid = TRI_NO};
}
static void unread(struct example *c)
{
	c->commits[1].signature.valid = TRI_UNKNOWN;
}
static void unread_and_unsigned(struct example *c)
{
	unread(c);
	c->commits[0].signature.valid = TRI_NO;
}
static void unread_before_unsigned(struct example *c)
{
	c->commits[0].signature.valid = TRI_UNKNOWN;
	c->commits[1].signature = (struct signature){.valid = TRI_NO, .reason = TEXT_LIT("x")};
}
static void signed_by_bob(struct example *c)
{
	c->commits[1].signature.signer = BOB;
}
static void signed_by_somebody(struct example *c)
{
	c->commits[1].signature.signer = 0;
}
static void signed_by_stranger(struct example *c)
{
	c->commits[1].signature.signer = 999;
}
static void signed_by_ssh(struct example *c)
{
	c->commits[1].signature.key_id = TEXT_EMPTY;
}
static void other_key(struct example *c)
{
	c->commits[1].signature.key_id = TEXT_LIT("0123456789ABCDEF");
}

#define VALID   "has_valid_signatures: true"
#define INVALID "has_valid_signatures: false"
#define BY      "has_valid_signatures_by: {users: [alice]}"
#define KEYS    "has_valid_signatures_by_keys: {key_ids: [3262eff25ba0d270]}"
static const struct {
	const char *block;
	void (*bend)(struct example *c);
	enum tri answer;
	const char *why;
} signatures[] = {
	{VALID, as_is, TRI_YES, NULL},
	{VALID, unsigned_commit, TRI_NO, "commit 2222222 has no valid signature: unsigned?"},
	{VALID, wrong_without_reason, TRI_NO, "commit 2222222 has no valid signature"},
	{VALID, unread, TRI_UNKNOWN, "the signature of commit 2222222"},
	{VALID, unread_and_unsigned, TRI_NO, NULL},
	{VALID, unread_before_unsigned, TRI_NO, "commit 2222222 has no valid signature: x"},
	{VALID, no_commits, TRI_UNKNOWN, "the list of commits"},
	{VALID, head_missing, TRI_UNKNOWN, "the list of commits"},
	{INVALID, as_is, TRI_NO, "every commit has a signature as the rule wants it"},
	{INVALID, unsigned_commit, TRI_YES, NULL},
	{INVALID, unread, TRI_UNKNOWN, NULL},
	{BY, as_is, TRI_YES, NULL},
	{BY, signed_by_bob, TRI_NO, "bob, who signed commit 2222222, is not one whom the rule names"},
	{BY, signed_by_somebody, TRI_UNKNOWN, "an account for who signed commit 2222222"},
	{BY, signed_by_stranger, TRI_UNKNOWN, MEMBERSHIPS_OF "account 999"},
	{BY, unsigned_commit, TRI_NO, NULL},
	{BY, unread, TRI_UNKNOWN, NULL},
	{BY, no_commits, TRI_UNKNOWN, NULL},
	{KEYS, as_is, TRI_YES, NULL},
	{"has_valid_signatures_by_keys: {key_ids: [09afAF09afAF09af, 3262eff25ba0d270]}", as_is, TRI_YES, NULL},
	{KEYS, other_key, TRI_NO, "commit 2222222 is signed with key 0123456789ABCDEF, which the rule does not name"},
	{KEYS, signed_by_ssh, TRI_NO, "commit 2222222 is not signed with an OpenPGP key"},
	{KEYS, unsigned_commit, TRI_NO, NULL},
	{KEYS, unread, TRI_UNKNOWN, NULL},
	{KEYS, no_commits, TRI_UNKNOWN, NULL},
};

START_TEST(every_signature_is_looked_at)
{
	struct example c;

	case_make(&c);
	signatures[_i].bend(&c);
	expect(&c, signatures[_i].block, signatures[_i].answer, signatures[_i].why);
	case_drop(&c);
}
END_TEST

static const struct {
	const char *block, *says;
} refused[] = {
	{"has_author_in: {}", "`has_author_in` names nobody: give `users`, `teams`, `organizations` or `permissions`"},
	{"has_contributor_in: {users: []}",
	 "`has_contributor_in` names nobody: give `users`, `teams`, `organizations` or `permissions`"},
	{"only_has_contributors_in: {admins: false}",
	 "`only_has_contributors_in` names nobody: give `users`, `teams`, `organizations` or `permissions`"},
	{"has_author_in: [alice]", "`has_author_in` must be a map"},
	{"has_author_in: {user: [alice]}", "unknown key `user`; did you mean `users`?"},
	{"has_author_in: {teams: [core]}", "a team is written org/slug, without `@` and blanks"},
	{"has_author_in: {teams: [/core]}", "a team is written org/slug, without `@` and blanks"},
	{"has_author_in: {teams: [acme/]}", "a team is written org/slug, without `@` and blanks"},
	{"has_valid_signatures_by_keys: {key_ids: ['3262eff25ba0d27/']}",
	 "a key id is the last 16 hexadecimal digits of an OpenPGP key"},
	{"has_valid_signatures_by_keys: {key_ids: ['g262eff25ba0d270']}",
	 "a key id is the last 16 hexadecimal digits of an OpenPGP key"},
	{"has_valid_signatures_by_keys: {key_ids: ['3262eff25ba0d27:']}",
	 "a key id is the last 16 hexadecimal digits of an OpenPGP key"},
	{"has_valid_signatures_by_keys: {key_ids: ['3262eff25ba0d27G']}",
	 "a key id is the last 16 hexadecimal digits of an OpenPGP key"},
	{"has_valid_signatures_by_keys: {key_ids: ['3262eff25ba0d27`']}",
	 "a key id is the last 16 hexadecimal digits of an OpenPGP key"},
	{"has_valid_signatures_by_keys: {key_ids: ['3262eff25ba0d27@']}",
	 "a key id is the last 16 hexadecimal digits of an OpenPGP key"},
	{"author_is_only_contributor: alice", "expected true or false"},
	{"has_valid_signatures: 1", "expected true or false"},
	{"has_valid_signatures_by: {}",
	 "`has_valid_signatures_by` names nobody: give `users`, `teams`, `organizations` or `permissions`"},
	{"has_valid_signatures_by_keys: {}", "`has_valid_signatures_by_keys` names at least one key in `key_ids`"},
	{"has_valid_signatures_by_keys: {key_ids: []}",
	 "`has_valid_signatures_by_keys` names at least one key in `key_ids`"},
	{"has_valid_signatures_by_keys: {key_ids: [5ba0d270]}",
	 "a key id is the last 16 hexadecimal digits of an OpenPGP key"},
	{"has_valid_signatures_by_keys: {key_ids: [3262eff25ba0d27g]}",
	 "a key id is the last 16 hexadecimal digits of an OpenPGP key"},
};

START_TEST(a_condition_that_names_nobody_is_refused)
{
	struct example c;

	case_make(&c);
	ck_assert_str_eq(ask_refused(&c, refused[_i].block)->text, refused[_i].says);
	case_drop(&c);
}
END_TEST

static const struct {
	const char *block;
	bool author, contributors;
} asked[] = {
	{"has_author_in: {teams: [a/b]}", true, false},
	{"has_contributor_in: {teams: [a/b]}", false, true},
	{"only_has_contributors_in: {teams: [a/b]}", false, true},
	{"has_valid_signatures_by: {teams: [a/b]}", false, true},
	{"not: {any_of: [{has_author_in: {teams: [a/b]}}]}", true, false},
};

START_TEST(whoever_a_condition_asks_about_must_be_read)
{
	struct policy_needs needs;
	struct example c;

	case_make(&c);
	(void)case_judge(&c, arena_printf(&c.arena,
					  "policy: {approval: [r]}\napproval_rules:\n- {name: r, if: {%s}, requires: "
					  "{count: 1, users: ['id:2']}}\n",
					  asked[_i].block)
				     .at);
	needs = policy_needs(c.governed.policy);
	ck_assert_int_eq(needs.author, asked[_i].author);
	ck_assert_int_eq(needs.contributors, asked[_i].contributors);
	ck_assert_uint_eq(needs.n_teams, 1);
	ck_assert(!needs.logins);
	case_drop(&c);
}
END_TEST

static const struct {
	const char *block;
	bool merged;
} merging[] = {
	{"author_has_merged: true", true},
	{"author_has_merged: false, has_labels: [x]", true},
	{"has_labels: [x], author_has_merged: true", true},
	{"not: {author_has_merged: true}", true},
	{"has_labels: [x]", false},
};

START_TEST(whether_a_change_was_merged_before_is_read_where_a_condition_asks_for_it)
{
	struct example c;

	case_make(&c);
	(void)case_judge(&c, arena_printf(&c.arena,
					  "policy: {approval: [r]}\napproval_rules:\n- {name: r, if: {%s}, requires: "
					  "{count: 1, users: ['id:2']}}\n",
					  merging[_i].block)
				     .at);
	ck_assert_int_eq(policy_needs(c.governed.policy).merged_before, merging[_i].merged);
	case_drop(&c);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(who_took_part_is_asked_of_everybody_and_nobody_unnamed_passes, people),
	SUITE_ROWS(every_signature_is_looked_at, signatures),
	SUITE_ROWS(a_condition_that_names_nobody_is_refused, refused),
	SUITE_ROWS(whoever_a_condition_asks_about_must_be_read, asked),
	SUITE_ROWS(whether_a_change_was_merged_before_is_read_where_a_condition_asks_for_it, merging),
	SUITE_END,
};
SUITE_MAIN(tests)
