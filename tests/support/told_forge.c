#include "tests/support/told_forge.h"

#include <check.h>

struct oid told_oid(char digit)
{
	struct oid oid = OID_NONE;

	memset(oid.hex, digit, 40);
	return oid;
}

struct text told_login(struct told_forge *t, int64_t id)
{
	return arena_printf(&t->arena, "u%lld", (long long)id);
}

static bool fails(const struct told_forge *t, enum told_verb verb, struct err *err)
{
	ck_assert_int_eq(err->code, ERR_OK); /* the product's bodies look at it alone */
	if (t->fails != verb)
		return false;
	err_set(err, t->fails_as, "%s", t->fails_with ? t->fails_with : "told to fail");
	return true;
}

/* A question about the other repository; its token is asked for with what this one's installation may. */
static bool is_there(const struct told_forge *t, const struct forge_repo *repo)
{
	if (!t->there.repo || !text_is(repo->name, t->there.repo))
		return false;
	ck_assert_int_eq(repo->installation, t->claim.installation);
	return true;
}

static bool fails_there(const struct told_forge *t, enum told_verb verb, struct err *err)
{
	return t->there.fails == verb && !err_set(err, t->there.fails_as, "told to fail there");
}

static enum err_code repo_there(struct told_forge *t, struct forge_found *out, struct err *err)
{
	if (fails_there(t, TOLD_REPOSITORY, err))
		return err->code;
	*out = (struct forge_found){.id = TOLD_THERE,
				    .name = text_of(t->there.name ? t->there.name : t->there.repo),
				    .installation = TOLD_INSTALLATION,
				    .default_branch = TEXT_LIT("trunk")};
	return ERR_OK;
}

static enum err_code repo(void *self, const struct forge_call *call, struct forge_found *out, struct err *err)
{
	struct told_forge *t = self;

	if (is_there(t, &call->repo))
		return repo_there(t, out, err);
	ck_assert_int_eq(call->repo.id, TOLD_REPO);
	t->names++;
	if (fails(t, TOLD_REPOSITORY, err))
		return err->code;
	*out = (struct forge_found){.id = TOLD_REPO, .name = text_of(t->name), .installation = TOLD_INSTALLATION};
	return ERR_OK;
}

static enum err_code open_changes(void *self, const struct forge_call *call, const struct oid *head,
				  struct forge_list_changes *out, struct err *err)
{
	struct told_forge *t = self;
	struct forge_change *at = arena_alloc(call->arena, TOLD_MAX, sizeof *at);
	size_t n = 0;

	ck_assert_int_eq(call->repo.id, TOLD_REPO);
	if (fails(t, TOLD_OPEN_CHANGES, err))
		return err->code;
	for (size_t i = 0; i < t->n_changes; i++) {
		at[n] = t->changes[i];
		if (oid_known(&t->listed_as[i]))
			at[n].head = t->listed_as[i];
		n += !t->unlisted[i] && t->changes[i].open && (!head || oid_eq(&at[n].head, head));
	}
	*out = (struct forge_list_changes){at, n, t->shown > n ? t->shown : n};
	return ERR_OK;
}

static enum err_code change(void *self, const struct forge_call *call, int64_t number, struct forge_change *out,
			    struct err *err)
{
	struct told_forge *t = self;

	(void)call;
	if (fails(t, TOLD_CHANGE, err))
		return err->code;
	for (size_t i = 0; i < t->n_changes; i++)
		if (t->changes[i].number == number) {
			*out = t->changes[i];
			return ERR_OK;
		}
	return err_set(err, ERR_GONE, "no change %lld", (long long)number), err->code;
}

static enum err_code reviews(void *self, const struct forge_call *call, int64_t number, struct forge_list_reviews *out,
			     struct err *err)
{
	struct told_forge *t = self;
	struct forge_review *at;

	if (fails(t, TOLD_REVIEWS, err))
		return err->code;
	*out = (struct forge_list_reviews){t->reviews, t->n_reviews};
	if (t->review_of[0] == 0)
		return ERR_OK;
	out->at = at = arena_alloc(call->arena, TOLD_MAX, sizeof *at);
	out->n = 0;
	for (size_t i = 0; i < t->n_reviews; i++)
		if (t->review_of[i] == number)
			at[out->n++] = t->reviews[i];
	return ERR_OK;
}

static enum err_code moves(void *self, const struct forge_call *call, const struct forge_change *of,
			   struct forge_list_moves *out, struct err *err)
{
	struct told_forge *t = self;

	struct forge_move *at = arena_alloc(call->arena, TOLD_MAX, sizeof *at);
	size_t n = 0;

	if (fails(t, TOLD_MOVES, err))
		return err->code;
	for (size_t i = 0; i < t->n_moves; i++)
		if (t->move_of[0] == 0 || t->move_of[i] == of->number)
			at[n++] = t->moves[i];
	*out = (struct forge_list_moves){at, n, !t->moves_incomplete, TEXT_EMPTY, t->base_changed_at};
	return ERR_OK;
}

static enum err_code commit_people(void *self, const struct forge_call *call, int64_t number,
				   struct forge_list_people *out, struct err *err)
{
	struct told_forge *t = self;

	(void)call, (void)number;
	if (fails(t, TOLD_PEOPLE, err))
		return err->code;
	*out = (struct forge_list_people){t->people, t->n_people};
	if (t->many_people)
		*out = *t->many_people;
	return ERR_OK;
}

static enum err_code permission(void *self, const struct forge_call *call, struct text login, struct member *out,
				struct err *err)
{
	struct told_forge *t = self;
	int64_t id;
	size_t n = strlen(t->asked_for);

	(void)call;
	if (fails(t, TOLD_PERMISSION, err))
		return err->code;
	(void)snprintf(t->asked_for + n, sizeof t->asked_for - n, "%.*s ", TEXT_ARG(login));
	ck_assert(text_int64((struct text){login.at + 1, login.len - 1}, &id));
	*out = (struct member){.who = {t->login_owner ? t->login_owner : id, login, PERSON_USER},
			       .permission = t->permission};
	return ERR_OK;
}

static enum err_code in_team(void *self, const struct forge_call *call, const struct forge_membership *in, bool *out,
			     struct err *err)
{
	struct told_forge *t = self;

	(void)call, (void)in;
	if (fails(t, TOLD_TEAM, err))
		return err->code;
	*out = t->in_team;
	return ERR_OK;
}

static enum err_code belongs(void *self, const struct forge_call *call, const struct forge_belonging *in, enum tri *out,
			     struct err *err)
{
	struct told_forge *t = self;

	(void)call, (void)in;
	if (fails(t, TOLD_BELONGS, err))
		return err->code;
	*out = t->belongs;
	return ERR_OK;
}

static enum err_code merged_before(void *self, const struct forge_call *call, const struct person *who, enum tri *out,
				   struct err *err)
{
	struct told_forge *t = self;

	(void)call, (void)who;
	if (fails(t, TOLD_MERGED, err))
		return err->code;
	*out = t->merged_before;
	return ERR_OK;
}

static enum err_code lines(void *self, const struct forge_call *call, const struct forge_ends *in,
			   struct forge_list_lines *out, struct err *err)
{
	struct told_forge *t = self;

	(void)call;
	ck_assert(oid_eq(&in->base, &t->tip) && oid_eq(&in->head, &t->claim.sha));
	t->compared++;
	if (fails(t, TOLD_LINES, err))
		return err->code;
	*out = (struct forge_list_lines){t->lines, t->n_lines, !t->lines_cut};
	return ERR_OK;
}

static enum err_code said(void *self, const struct forge_call *call, int64_t number, struct forge_said *out,
			  struct err *err)
{
	struct told_forge *t = self;

	(void)call, (void)number;
	t->listened++;
	if (fails(t, TOLD_SAID, err))
		return err->code;
	*out = t->said;
	return ERR_OK;
}

static enum err_code outcomes(void *self, const struct forge_call *call, const struct forge_asked *in,
			      struct forge_list_outcomes *out, struct err *err)
{
	struct told_forge *t = self;
	struct forge_outcome *at = arena_alloc(call->arena, TOLD_MAX, sizeof *at);
	size_t n = 0;

	ck_assert(oid_eq(&in->sha, &t->claim.sha));
	t->outcomes_asked++;
	if (fails(t, TOLD_OUTCOMES, err))
		return err->code;
	for (size_t i = 0; i < t->n_outcomes; i++)
		if (t->outcomes[i].is.kind == in->kind)
			at[n++] = t->outcomes[i];
	*out = (struct forge_list_outcomes){at, n};
	return ERR_OK;
}

static enum err_code threads(void *self, const struct forge_call *call, int64_t number, struct forge_list_threads *out,
			     struct err *err)
{
	struct told_forge *t = self;

	(void)call, (void)number;
	t->threads_asked++;
	if (fails(t, TOLD_THREADS, err))
		return err->code;
	*out = (struct forge_list_threads){t->threads, t->n_threads, t->threads_at};
	return ERR_OK;
}

static enum err_code tip_there(struct told_forge *t, const struct forge_call *call, struct text branch, struct oid *out,
			       struct err *err)
{
	t->there.sent_since = call->sent_since;
	if (fails_there(t, TOLD_TIP, err))
		return err->code;
	if (!text_is(branch, t->there.branch))
		return err_set(err, ERR_GONE, "no such branch there"), err->code;
	*out = t->there.tip;
	return ERR_OK;
}

static enum err_code branch_tip(void *self, const struct forge_call *call, struct text branch, struct oid *out,
				struct err *err)
{
	struct told_forge *t = self;
	bool queue = text_starts(branch, TEXT_LIT("gh-readonly-queue/"));

	if (is_there(t, &call->repo))
		return tip_there(t, call, branch, out, err);
	if (!queue)
		t->tip_since = call->sent_since > t->tip_since ? call->sent_since : t->tip_since;
	if (fails(t, TOLD_TIP, err))
		return err->code;
	if (queue ? t->queue_gone : t->base_gone)
		return err_set(err, ERR_GONE, "no such branch"), err->code;
	*out = queue ? t->merged : t->tip;
	if (text_is(branch, "autoland") && t->no_autoland)
		return err_set(err, ERR_GONE, "no such branch"), err->code;
	if (text_is(branch, "autoland") && oid_known(&t->pushed))
		*out = t->pushed;
	return ERR_OK;
}

static enum err_code check_runs(void *self, const struct forge_call *call, const struct forge_named *in,
				struct forge_list_checks *out, struct err *err)
{
	struct told_forge *t = self;

	(void)call;
	ck_assert(text_eq(in->name, t->config.context));
	if (fails(t, TOLD_CHECKS, err))
		return err->code;
	*out = (struct forge_list_checks){t->checks, t->n_checks};
	return ERR_OK;
}

static enum err_code git_access(void *self, const struct forge_call *call, struct forge_git *out, struct err *err)
{
	struct told_forge *t = self;

	if (is_there(t, &call->repo) && fails_there(t, TOLD_GIT, err))
		return err->code;
	if (fails(t, TOLD_GIT, err))
		return err->code;
	*out = (struct forge_git){TEXT_LIT("https://forge.test/o/r.git"), TEXT_LIT("token")};
	return ERR_OK;
}

static enum err_code fetch(void *self, const struct mirror_fetch_in *in, struct mirror_fetch_out *out, struct err *err)
{
	struct told_forge *t = self;

	if (in->where.repo == TOLD_THERE) {
		ck_assert_uint_eq(in->n_wants, 1);
		out->fetched = true;
		return fails_there(t, TOLD_FETCH, err) ? err->code : ERR_OK;
	}
	ck_assert_uint_eq(in->n_wants, 2);
	ck_assert_int_eq(in->where.repo, TOLD_REPO);
	t->fetch_until = in->deadline_ms;
	if (fails(t, TOLD_FETCH, err))
		return err->code;
	for (size_t i = 0; i < t->n_roots; i++)
		if (t->roots[i].fails && oid_eq(&t->roots[i].sha, &in->wants[1]))
			return err_set(err, t->roots[i].fails, "told so"), err->code;
	out->fetched = true;
	return ERR_OK;
}

static enum err_code range(void *self, const struct mirror_range_in *in, struct mirror_range_out *out,
			   struct arena *arena, struct err *err)
{
	struct told_forge *t = self;

	ck_assert(oid_eq(&in->base, &t->tip) || (oid_known(&t->pushed) && oid_eq(&in->base, &t->pushed)));
	if (fails(t, TOLD_RANGE, err))
		return err->code;
	if (!oid_eq(&in->base, &t->tip)) {
		*out = (struct mirror_range_out){.merge_base = in->head, .head_in_base = oid_eq(&in->head, &t->below)};
		return ERR_OK;
	}
	*out = (struct mirror_range_out){
		.merge_base = t->unrelated ? OID_NONE : t->tip,
		.commits = t->commits,
		.n_commits = t->n_commits,
		.paths = t->paths,
		.n_paths = t->n_paths,
	};
	t->ranges++;
	for (size_t i = 0; i < t->n_roots; i++)
		if (oid_eq(&t->roots[i].sha, &in->head)) {
			struct commit *only = arena_alloc(arena, 1, sizeof *only);

			*only = (struct commit){.sha = in->head, .tree = t->roots[i].tree};
			*out = (struct mirror_range_out){
				.merge_base = t->roots[i].merge_base, .commits = only, .n_commits = 1};
		}
	if (t->many_commits)
		*out = *t->many_commits;
	if (oid_eq(&in->head, &t->on_base))
		*out = (struct mirror_range_out){.merge_base = in->head, .head_in_base = true};
	if (oid_known(&t->merged) && oid_eq(&in->head, &t->merged)) {
		out->commits = t->merges;
		out->n_commits = t->n_merges;
		out->head_in_base = t->landed;
	}
	return ERR_OK;
}

static enum err_code file_there(struct told_forge *t, const struct mirror_file_in *in, struct mirror_file_out *out,
				struct err *err)
{
	bool is = t->there.path && text_is(in->path, t->there.path) && oid_eq(&in->commit, &t->there.tip);

	if (fails_there(t, TOLD_FILE, err))
		return err->code;
	*out = (struct mirror_file_out){.exists = is && t->there.file, .bytes = text_of(is ? t->there.file : NULL)};
	return ERR_OK;
}

static enum err_code file_at(void *self, const struct mirror_file_in *in, struct mirror_file_out *out,
			     struct arena *arena, struct err *err)
{
	struct told_forge *t = self;

	(void)arena;
	if (in->where.repo == TOLD_THERE)
		return file_there(t, in, out, err);
	ck_assert(oid_eq(&in->commit, &t->tip)); /* of the base, never of the head */
	if (fails(t, TOLD_FILE, err))
		return err->code;
	if (t->bors_at && text_is(in->path, t->bors_at)) {
		*out = (struct mirror_file_out){.exists = t->bors != NULL, .bytes = text_of(t->bors)};
		return t->bors_fails ? (err_set(err, t->bors_fails, "told so"), err->code) : ERR_OK;
	}
	*out = (struct mirror_file_out){.exists = t->file != NULL, .bytes = text_of(t->file)};
	if (t->owners_at && text_is(in->path, t->owners_at) && t->owners_fail)
		return err_set(err, t->owners_fail, "told so"), err->code;
	if (t->owners_at && !text_eq(in->path, t->config.policy_path))
		*out = text_is(in->path, t->owners_at)
			       ? (struct mirror_file_out){.exists = true, .bytes = text_of(t->owners)}
			       : (struct mirror_file_out){.exists = false};
	return ERR_OK;
}

static enum err_code carry(void *self, const struct mirror_carry_in *in, struct mirror_carry_out *out,
			   struct arena *arena, struct err *err)
{
	struct told_forge *t = self;

	(void)arena;
	ck_assert(oid_eq(&in->base, &t->tip) && oid_eq(&in->head, &t->claim.sha));
	t->carried++;
	if (t->carry_fails)
		return err_set(err, t->carry_fails, "told so"), err->code;
	*out = (struct mirror_carry_out){in->how == t->carries,
					 in->how == t->carries ? TEXT_EMPTY : TEXT_LIT("a was changed otherwise")};
	return ERR_OK;
}

static bool keeps_deliveries(void *self)
{
	(void)self;
	return false;
}

static int64_t clock_now(void *self)
{
	return ((struct told_forge *)self)->now;
}

struct forge_change *told_forge_add(struct told_forge *t, int64_t number, char head)
{
	struct forge_change *c = &t->changes[t->n_changes++];

	*c = (struct forge_change){.number = number,
				   .open = true,
				   .head = told_oid(head),
				   .base_sha = t->tip,
				   .head_ref = TEXT_LIT("f"),
				   .base_ref = TEXT_LIT("main"),
				   .head_repo_name = TEXT_LIT("o/r"),
				   .head_repo = TOLD_REPO,
				   .base_repo = TOLD_REPO,
				   .author = {100, TEXT_LIT("u100"), PERSON_USER},
				   .updated_at = 500000,
				   .answered_at = 1000000};
	return c;
}

void told_forge_record(struct told_forge *t, int64_t number, struct oid head)
{
	t->move_of[t->n_moves] = number;
	t->moves[t->n_moves++] = (struct forge_move){head, 100000, 100, OID_NONE, true, TEXT_EMPTY};
}

static void open_store(struct told_forge *t)
{
	struct err err = ERR_NONE;

	ck_assert_msg(rows_memory_open(&t->rows, &err), "%s", err.text);
	t->exec = exec_direct_new(&t->rows);
	t->store = (struct store){.exec = exec_direct_port(t->exec),
				  .limits = STORE_LIMITS_DEFAULT,
				  .context = TEXT_LIT("policy/merge-allowed")};
}

void told_forge_open(struct told_forge *t)
{
	struct text mail = TEXT_LIT("a@x"), who = TEXT_LIT("u100");

	*t = (struct told_forge){.name = "o/r",
				 .base_changed_at = WHEN_UNKNOWN,
				 .tip = told_oid('f'),
				 .permission = PERMISSION_WRITE,
				 .now = 2000000};
	open_store(t);
	told_forge_add(t, 1, 'a');
	t->commits[0] = (struct commit){.sha = told_oid('a'), .author.email = mail, .committer.email = mail};
	t->n_commits = 1;
	t->people[0] = (struct forge_commit_people){told_oid('a'), 100, 100, who, who, mail, mail, {0}};
	t->n_people = 1;
	t->forge = (struct forge){.self = t,
				  .repo = repo,
				  .change = change,
				  .open_changes = open_changes,
				  .reviews = reviews,
				  .moves = moves,
				  .commit_people = commit_people,
				  .permission = permission,
				  .in_team = in_team,
				  .branch_tip = branch_tip,
				  .check_runs = check_runs,
				  .git_access = git_access,
				  .keeps_deliveries = keeps_deliveries,
				  .belongs = belongs,
				  .merged_before = merged_before,
				  .lines = lines,
				  .said = said,
				  .outcomes = outcomes,
				  .threads = threads};
	t->mirror = (struct mirror){t, fetch, range, file_at, carry};
	t->ports = (struct gather_ports){&t->forge, &t->mirror, &t->store, {t, clock_now, clock_now}, NULL, NULL, {0}};
	t->config = (struct gather_config){.policy_path = TEXT_LIT(".headgate.yml"),
					   .defaults = {.approvals = 1},
					   .max_commits = 100,
					   .max_paths = 100,
					   .deadline_ms = 10000,
					   .fetch_ms = 5000,
					   .context = TEXT_LIT("policy/merge-allowed")};
	t->claim = (struct claim){.repo = TOLD_REPO, .repo_name = TEXT_LIT("o/r"), .sha = told_oid('a')};
	t->gather = (struct gather){&t->config, &t->ports, &t->claim};
}

void told_forge_close(struct told_forge *t)
{
	exec_direct_free(t->exec);
	rows_close(&t->rows);
	arena_release(&t->arena);
}

void told_forge_keep(struct told_forge *t, const struct table *table, const void *row)
{
	struct err err = ERR_NONE;

	ck_assert(t->rows.ops->begin(t->rows.self, true, &err));
	ck_assert_msg(t->rows.ops->put(t->rows.self, table, row, &err), "%s", err.text);
	ck_assert(t->rows.ops->commit(t->rows.self, &err));
}

bool told_forge_find(struct told_forge *t, const struct table *table, void *row)
{
	struct err err = ERR_NONE;
	bool found;

	ck_assert(t->rows.ops->begin(t->rows.self, false, &err));
	found = t->rows.ops->get(t->rows.self, table, row, &t->arena, &err);
	t->rows.ops->rollback(t->rows.self);
	ck_assert_msg(found || err.code == ERR_GONE, "%s", err.text);
	return found;
}

void told_forge_open_approved(struct told_forge *t)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid('a'), .wanted = 1, .due = 1};
	struct row_repo repo = {.id = TOLD_REPO, .name = TEXT_LIT("o/r"), .installation = TOLD_INSTALLATION};
	struct row_arrival arrival = {TOLD_REPO, 1, told_oid('a'), 100000, 100, 0, TEXT_LIT("g"), OID_NONE};
	struct row_binding binding = {1, TOLD_REPO,     1,         told_oid('a'), 5, REVIEW_STATE_UNKNOWN,
				      0, TEXT_LIT("g"), TEXT_EMPTY};

	told_forge_open(t);
	told_forge_keep(t, &table_subject, &subject);
	told_forge_keep(t, &table_repo, &repo);
	told_forge_keep(t, &table_arrival, &arrival);
	told_forge_keep(t, &table_binding, &binding);
	t->reviews[0] =
		(struct forge_review){1, {5, TEXT_LIT("u5"), PERSON_USER}, REVIEW_APPROVED, told_oid('a'), 200000};
	t->n_reviews = 1;
	told_forge_record(t, 1, told_oid('a'));
}
