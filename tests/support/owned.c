#include "tests/support/owned.h"

#include <check.h>

struct path owned_path(const char *path)
{
	return (struct path){.path = text_of(path), .status = PATH_MODIFIED, .mode = 0100644, .old_mode = 0100644};
}

void owned_begin(struct owned_case *o, const char *owners)
{
	case_make(&o->c);
	o->paths[0] = owned_path("src/cache.c");
	o->file = (struct owners_file){
		.name = TEXT_LIT("CODEOWNERS"), .path = TEXT_LIT(".github/CODEOWNERS"), .bytes = text_of(owners)};
	o->c.change.paths = o->paths;
	o->c.change.n_paths = 1;
	o->c.change.owners_files = &o->file;
	o->c.change.n_owners_files = 1;
	o->c.change.n_reviews = 0;
}

void owned_add(struct owned_case *o, struct path path)
{
	ck_assert_uint_lt(o->c.change.n_paths, OWNED_PATHS);
	o->paths[o->c.change.n_paths++] = path;
}

void owned_into_team(struct owned_case *o, int64_t who, const char *team)
{
	o->teams[who] = text_of(team);
	o->c.people[who - 1].teams = &o->teams[who];
	o->c.people[who - 1].n_teams = 1;
}

void owned_approve(struct owned_case *o, int64_t who)
{
	case_review(&o->c, who, REVIEW_APPROVED, CASE_HEAD, 60000 * (int64_t)(o->c.change.n_reviews + 1));
}

void owned_expect(struct owned_case *o, const char *policy, enum decision decision, const char *text)
{
	struct verdict verdict = case_judge(&o->c, policy);

	ck_assert_msg(verdict.decision == decision && (!text || text_is(verdict.text, text)), "%s: %.*s",
		      decision_name(verdict.decision), TEXT_ARG(verdict.text));
	ck_assert_uint_le(verdict.text.len, STATUS_TEXT_MAX);
	case_drop(&o->c);
}

void owned_judge_row(const struct owned_row *row, const char *policy)
{
	struct owned_case o;

	owned_begin(&o, row->owners);
	row->bend(&o);
	owned_expect(&o, policy, row->decision, row->text);
}
