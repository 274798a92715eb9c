/* People, as the broad stage's forge tells of them. */
#include "tests/sim/broad_inner.h"

enum err_code broad_say(struct err *err, enum err_code code, const char *what)
{
	(void)err_set(err, code, "%s", what);
	return code;
}

struct person broad_person(const struct truth *t, int who)
{
	return (struct person){show_id(who), show_login(who), t->people[who].bot ? PERSON_BOT : PERSON_USER};
}

enum err_code broad_commit_people(void *self, const struct forge_call *call, int64_t number,
				  struct forge_list_people *out, struct err *err)
{
	struct forge_commit_people *at = arena_alloc(call->arena, TRUTH_COMMITS, sizeof *at);
	const struct truth *t;
	enum err_code code = net_call(self, CALL_PEOPLE, &t, err);
	const struct truth_change *c;
	uint64_t range;
	size_t n = 0;

	if (code != ERR_OK)
		return code;
	c = &t->changes[number - 1];
	range = truth_range(t, c->head, t->branches[c->base].tip);
	for (int i = 0; i < t->n_commits; i++) {
		const struct truth_commit *commit = &t->commits[i];

		if (range >> i & 1)
			at[n++] = (struct forge_commit_people){show_commit(i),
							       show_id(commit->author),
							       show_id(commit->committer),
							       show_login(commit->author),
							       show_login(commit->committer),
							       show_email(commit->author),
							       show_email(commit->committer),
							       {0}};
	}
	*out = (struct forge_list_people){at, n};
	return ERR_OK;
}

enum err_code broad_permission(void *self, const struct forge_call *call, struct text login, struct member *out,
			       struct err *err)
{
	static const enum permission roles[] = {PERMISSION_NONE,  PERMISSION_READ,     PERMISSION_TRIAGE,
						PERMISSION_WRITE, PERMISSION_MAINTAIN, PERMISSION_ADMIN};
	const struct truth *t;
	enum err_code code = net_call(self, CALL_PERMISSION, &t, err);
	int who = show_person_of(login);

	(void)call;
	if (code != ERR_OK)
		return code;
	if (who == NOBODY)
		return broad_say(err, ERR_GONE, "404: nobody of that name");
	*out = (struct member){.who = broad_person(t, who), .permission = roles[t->people[who].role]};
	return ERR_OK;
}

enum err_code broad_in_team(void *self, const struct forge_call *call, const struct forge_membership *in, bool *out,
			    struct err *err)
{
	const struct truth *t;
	enum err_code code = net_call(self, CALL_TEAM, &t, err);
	int who = show_person_of(in->login);

	(void)call;
	if (code == ERR_OK)
		*out = who != NOBODY && t->people[who].in_team && text_eq(in->team, text_of(TRUTH_TEAM));
	return code;
}

/* Whoever is in the team is in its organization; nobody else is. */
enum err_code broad_belongs(void *self, const struct forge_call *call, const struct forge_belonging *in, enum tri *out,
			    struct err *err)
{
	const struct text team = TEXT_LIT(TRUTH_TEAM);
	const struct truth *t;
	enum err_code code = net_call(self, CALL_TEAM, &t, err);
	int who = show_person_of(in->login);
	bool is = who != NOBODY && t->people[who].in_team && text_starts(team, in->organization) &&
		  team.at[in->organization.len] == '/';

	(void)call;
	if (code == ERR_OK)
		*out = is ? TRI_YES : TRI_NO;
	return code;
}

enum err_code broad_merged_before(void *self, const struct forge_call *call, const struct person *of, enum tri *out,
				  struct err *err)
{
	const struct truth *t;
	enum err_code code = net_call(self, CALL_CHANGES, &t, err);

	(void)call;
	if (code != ERR_OK)
		return code;
	*out = TRI_NO;
	for (int i = 0; i < TRUTH_CHANGES; i++)
		if (t->changes[i].used && t->changes[i].merged && show_id(t->changes[i].author) == of->id)
			*out = TRI_YES;
	return ERR_OK;
}

/* ---- what nobody does here ---- */

/* No other tool says anything here. */
enum err_code broad_outcomes(void *self, const struct forge_call *call, const struct forge_asked *in,
			     struct forge_list_outcomes *out, struct err *err)
{
	const struct truth *t;

	(void)call, (void)in;
	*out = (struct forge_list_outcomes){NULL, 0};
	return net_call(self, CALL_STATUSES, &t, err);
}

/* Nobody talks about lines here: there is no conversation, as of any time. */
enum err_code broad_threads(void *self, const struct forge_call *call, int64_t number, struct forge_list_threads *out,
			    struct err *err)
{
	const struct truth *t;

	(void)call, (void)number;
	*out = (struct forge_list_threads){NULL, 0, INT64_MAX};
	return net_call(self, CALL_REVIEWS, &t, err);
}

/* Nobody makes check runs here. */
enum err_code broad_check_runs(void *self, const struct forge_call *call, const struct forge_named *in,
			       struct forge_list_checks *out, struct err *err)
{
	const struct truth *t;

	(void)call, (void)in;
	*out = (struct forge_list_checks){NULL, 0};
	return net_call(self, CALL_CHECKS, &t, err);
}
