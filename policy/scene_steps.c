/* What happens, one after the other: each step is a row. A commit stands on the one that was made before it. */
#include "policy/scene_inner.h"

static const struct told_commit *told(const struct scene *scene, struct text name)
{
	for (size_t i = 0; i < scene->n_told; i++)
		if (text_eq(scene->told[i].name, name))
			return &scene->told[i];
	return NULL;
}

static bool begun_with(const struct scene *scene, const struct oid *sha)
{
	for (size_t i = 0; i < scene->n_below; i++)
		if (oid_eq(&scene->below[i].sha, sha))
			return true;
	return oid_known(sha) && oid_eq(sha, &scene->facts.head);
}

bool scene_commit(struct scene *scene, const struct yaml *value, struct oid *ret)
{
	const struct told_commit *found;
	const char **names;
	struct oid sha = OID_NONE;

	if (value->kind != YAML_SCALAR)
		return scene_wrong(scene, value, "expected the name of a commit");
	found = told(scene, value->text);
	if (found) {
		*ret = found->commit.sha;
		return true;
	}
	if (oid_parse(value->text, &sha)) {
		*ret = sha;
		return true;
	}
	names = arena_alloc(scene->arena, scene->n_told + 1, sizeof *names);
	for (size_t i = 0; i < scene->n_told; i++)
		names[i] = arena_text(scene->arena, scene->told[i].name).at;
	return scene_unknown(scene->problem, value, "commit", names, scene->n_told);
}

/* ---- commits ---- */

enum { COMMIT, BY, AUTHOR, COMMITTER, COAUTHORS, MESSAGE, ONTO, SIGNED_BY, SIGNING_KEY, COMMIT_KEYS };

static struct signer signer_of(struct scene *scene, const struct person *who)
{
	return (struct signer){who->id, who->login, who->login,
			       arena_printf(scene->arena, "%.*s@example.org", TEXT_ARG(who->login))};
}

/* Somebody of `people`, or an address that no account has. */
static bool read_signer(struct scene *scene, const struct yaml *value, const struct person *else_by, struct signer *ret)
{
	struct person who = *else_by;

	if (value && value->kind == YAML_SCALAR && text_find(value->text, TEXT_LIT("@")) != SIZE_MAX) {
		*ret = (struct signer){.name = value->text, .email = value->text};
		return true;
	}
	if (value && !scene_person(scene, value, &who))
		return false;
	*ret = signer_of(scene, &who);
	return true;
}

static bool read_coauthors(struct scene *scene, const struct yaml *value, struct commit *commit)
{
	struct signer *all;

	if (value->kind != YAML_LIST)
		return scene_wrong(scene, value, "expected a list of logins");
	all = arena_alloc(scene->arena, value->n, sizeof *all);
	for (size_t i = 0; i < value->n; i++)
		if (!read_signer(scene, &value->items[i], &(struct person){0}, &all[i]))
			return false;
	commit->coauthors = all;
	commit->n_coauthors = value->n;
	return true;
}

static bool read_signature(struct scene *scene, const struct yaml *const *at, struct commit *commit)
{
	struct person who;

	commit->signature = (struct signature){.valid = TRI_NO, .reason = TEXT_LIT("unsigned")};
	if (at[SIGNING_KEY] && !at[SIGNED_BY])
		return scene_wrong(scene, at[SIGNING_KEY], "a `signing_key` needs `signed_by`");
	if (!at[SIGNED_BY])
		return true;
	if (!scene_person(scene, at[SIGNED_BY], &who))
		return false;
	commit->signature = (struct signature){.valid = TRI_YES, .signer = who.id};
	return !at[SIGNING_KEY] || scene_text(scene, at[SIGNING_KEY], &commit->signature.key_id);
}

static bool plain_name(struct text name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	for (size_t i = 0; i < name.len; i++)
		if (!memchr(plain, name.at[i], sizeof plain - 1))
			return false;
	return name.len > 0 && name.len <= 40 && !text_is(name, "unknown") && !text_is(name, "base");
}

static bool read_onto(struct scene *scene, const struct yaml *value, struct told_commit *commit)
{
	const struct told_commit *below;

	commit->parent = scene->tip;
	if (!value)
		return true;
	commit->alone = value->kind == YAML_SCALAR && text_is(value->text, "base");
	commit->parent = SCENE_NONE;
	if (commit->alone)
		return true;
	if (value->kind != YAML_SCALAR || !(below = told(scene, value->text)))
		return scene_wrong(scene, value, "expected `base` or the name of a commit");
	commit->parent = (size_t)(below - scene->told);
	return true;
}

static struct text fresh_name(struct scene *scene)
{
	struct text name;
	struct oid sha;
	size_t i = scene->n_told;

	do {
		name = arena_printf(scene->arena, "c%zu", ++i);
		sha = scene_oid("commit ", name);
	} while (told(scene, name) || begun_with(scene, &sha));
	return name;
}

static bool new_commit(struct scene *scene, const struct yaml *const *at, const struct person *by, struct text name)
{
	struct told_commit made = {.name = name,
				   .commit = {.sha = scene_oid("commit ", name),
					      .tree = scene_oid("tree ", name),
					      .message = scene->message}};
	struct oid *parent = arena_alloc(scene->arena, 1, sizeof *parent);

	if (!read_onto(scene, at[ONTO], &made) || !read_signer(scene, at[AUTHOR], by, &made.commit.author) ||
	    !read_signer(scene, at[COMMITTER], by, &made.commit.committer) ||
	    (at[COAUTHORS] && !read_coauthors(scene, at[COAUTHORS], &made.commit)) ||
	    (at[MESSAGE] && !scene_text(scene, at[MESSAGE], &made.commit.message)) ||
	    !read_signature(scene, at, &made.commit))
		return false;
	if (made.parent != SCENE_NONE)
		*parent = scene->told[made.parent].commit.sha;
	else
		*parent = made.alone || scene->n_below == 0 ? scene->change.base_sha : scene->below[0].sha;
	made.commit.parents = parent;
	made.commit.n_parents = 1;
	scene->told = scene_grown(scene->arena, scene->told, scene->n_told, sizeof *scene->told);
	scene->tip = scene->n_told;
	scene->told[scene->n_told++] = made;
	return true;
}

/* The commit that is told of: a new one, or one that there was. Nothing but who pushes can be said of the latter. */
static bool read_commit(struct scene *scene, const struct yaml *value, struct person *ret_by, struct oid *ret)
{
	static const char *const names[COMMIT_KEYS] = {"commit",  "by",   "author",    "committer",  "coauthors",
						       "message", "onto", "signed_by", "signing_key"};
	const struct yaml *at[COMMIT_KEYS] = {NULL};
	const struct told_commit *before;
	struct text name = TEXT_EMPTY;

	*ret_by = scene->change.author;
	if (value && value->kind == YAML_SCALAR)
		at[COMMIT] = value;
	else if (value && !scene_members(scene, value, names, COMMIT_KEYS, at))
		return false;
	if (at[BY] && !scene_person(scene, at[BY], ret_by))
		return false;
	if (at[COMMIT] && (!scene_text(scene, at[COMMIT], &name) || !plain_name(name)))
		return scene_wrong(scene, at[COMMIT], "a commit's name is made of letters, digits, `.`, `_` and `-`");
	before = told(scene, name);
	*ret = scene_oid("commit ", name);
	if (name.len == 0 || (!before && !begun_with(scene, ret))) {
		if (!new_commit(scene, at, ret_by, name.len > 0 ? name : fresh_name(scene)))
			return false;
		*ret = scene->told[scene->tip].commit.sha;
		return true;
	}
	for (size_t i = AUTHOR; i < COMMIT_KEYS; i++)
		if (at[i])
			return scene_wrong(scene, at[i], "`%.*s` was told before: nothing of it can be changed",
					   TEXT_ARG(name));
	scene->tip = before ? (size_t)(before - scene->told) : SCENE_NONE;
	if (before)
		*ret = before->commit.sha;
	return true;
}

static bool step_commit(struct scene *scene, const struct yaml *value)
{
	struct person by;
	struct oid sha;

	return read_commit(scene, value, &by, &sha);
}

static bool step_push(struct scene *scene, const struct yaml *value)
{
	struct change *change = &scene->change;
	struct person by;
	struct oid sha;
	size_t i = 0;

	if (!read_commit(scene, value, &by, &sha))
		return false;
	scene->facts.head = sha;
	change->head_arrived_at = scene->clock;
	change->n_carried = 0;
	while (i < change->n_pushers && scene->pushers[i] != by.id)
		i++;
	if (i < change->n_pushers)
		return true;
	scene->pushers = scene_grown(scene->arena, scene->pushers, i, sizeof *scene->pushers);
	scene->pushers[change->n_pushers++] = by.id;
	change->pushers = scene->pushers;
	return true;
}

void scene_range(struct scene *scene)
{
	size_t n = 0, at = SCENE_NONE;
	bool alone = false;
	struct commit *range = arena_alloc(scene->arena, scene->n_told + scene->n_below, sizeof *range);

	for (size_t i = 0; i < scene->n_told; i++)
		if (oid_eq(&scene->told[i].commit.sha, &scene->facts.head))
			at = i;
	for (; at != SCENE_NONE; at = scene->told[at].parent) { /* a parent was told before */
		range[n++] = scene->told[at].commit;
		alone = scene->told[at].alone;
	}
	for (size_t i = 0; !alone && i < scene->n_below; i++)
		range[n++] = scene->below[i];
	scene->change.commits = range;
	scene->change.n_commits = n;
}

/* ---- reviews and comments ---- */

static bool step_review(struct scene *scene, const struct yaml *value, enum review_state state)
{
	enum { WHO, OF, BODY, N };
	static const char *const names[N] = {"by", "of", "body"};
	const struct yaml *at[N] = {NULL};
	struct review review = {.state = state, .submitted_at = scene->clock, .bound_sha = scene->facts.head};
	struct change *change = &scene->change;

	if (value->kind == YAML_SCALAR)
		at[WHO] = value;
	else if (!scene_members(scene, value, names, N, at))
		return false;
	if (!at[WHO])
		return scene_wrong(scene, value, "a review needs `by`");
	if (!oid_known(&scene->facts.head))
		return scene_wrong(scene, value, "nothing was pushed before");
	if (!scene_person(scene, at[WHO], &review.user) || (at[BODY] && !scene_text(scene, at[BODY], &review.body)))
		return false;
	if (at[OF] && at[OF]->kind == YAML_SCALAR && text_is(at[OF]->text, "unknown"))
		review.bound_sha = OID_NONE;
	else if (at[OF] && !scene_commit(scene, at[OF], &review.bound_sha))
		return false;
	review.id = scene->next_id++;
	scene->reviews = scene_grown(scene->arena, scene->reviews, change->n_reviews, sizeof *scene->reviews);
	scene->reviews[change->n_reviews++] = review;
	change->reviews = scene->reviews;
	return true;
}

static bool step_approve(struct scene *scene, const struct yaml *value)
{
	return step_review(scene, value, REVIEW_APPROVED);
}

static bool step_request_changes(struct scene *scene, const struct yaml *value)
{
	return step_review(scene, value, REVIEW_CHANGES_REQUESTED);
}

static bool step_remark(struct scene *scene, const struct yaml *value)
{
	return step_review(scene, value, REVIEW_COMMENTED);
}

static struct review *newest_by(struct scene *scene, const struct yaml *value)
{
	struct person who;

	if (!scene_person(scene, value, &who))
		return NULL;
	for (size_t i = scene->change.n_reviews; i-- > 0;)
		if (scene->reviews[i].user.id == who.id)
			return &scene->reviews[i];
	(void)scene_wrong(scene, value, "`%.*s` gave no review before", TEXT_ARG(text_cut(value->text, 60)));
	return NULL;
}

static bool step_dismiss(struct scene *scene, const struct yaml *value)
{
	struct review *review = newest_by(scene, value);

	if (review)
		review->state = REVIEW_STATE_DISMISSED;
	return review != NULL;
}

static bool step_edit(struct scene *scene, const struct yaml *value)
{
	struct review *review = newest_by(scene, value);

	if (review)
		review->edited = true;
	return review != NULL;
}

static bool step_comment(struct scene *scene, const struct yaml *value)
{
	enum { WHO, BODY, EDITED, N };
	static const char *const names[N] = {"by", "body", "edited"};
	const struct yaml *at[N] = {NULL};
	struct comment comment = {.edited = false};

	if (!scene_members(scene, value, names, N, at))
		return false;
	if (!at[WHO] || !at[BODY])
		return scene_wrong(scene, value, "a comment needs `by` and `body`");
	if (!scene_person(scene, at[WHO], &comment.user) || !scene_text(scene, at[BODY], &comment.body) ||
	    (at[EDITED] && !scene_bool(scene, at[EDITED], &comment.edited)))
		return false;
	scene_say(scene, comment);
	return true;
}

/* ---- what the head has in common with a commit before it ---- */

static bool add_carried(struct scene *scene, const struct oid *from, enum carry how)
{
	struct change *change = &scene->change;
	struct carried *all = arena_alloc(scene->arena, change->n_carried + change->n_reviews + 1, sizeof *all);
	size_t n = 0;

	for (; n < change->n_carried; n++)
		all[n] = change->carried[n];
	for (size_t i = 0; i < change->n_reviews; i++)
		if (change->reviews[i].state == REVIEW_APPROVED && oid_eq(&change->reviews[i].bound_sha, from))
			all[n++] = (struct carried){.review = change->reviews[i].id, .from = *from, .how = how};
	change->carried = all;
	change->n_carried = n;
	return true;
}

static bool step_keeps(struct scene *scene, const struct yaml *value)
{
	enum { OF, WAY, N };
	static const char *const names[N] = {"of", "by"};
	static const char *const ways[] = {"same-tree", "same-patch", "base-merge"};
	static const enum carry hows[] = {CARRY_SAME_TREE, CARRY_SAME_PATCH, CARRY_BASE_MERGE};
	const struct yaml *at[N] = {NULL};
	struct oid from;
	size_t way;

	if (!scene_members(scene, value, names, N, at))
		return false;
	if (!at[OF] || !at[WAY])
		return scene_wrong(scene, value, "`keeps` needs `of` and `by`");
	return scene_commit(scene, at[OF], &from) &&
	       scene_word(scene, at[WAY], ways, sizeof ways / sizeof ways[0], &way) &&
	       add_carried(scene, &from, hows[way]);
}

/* ---- what is done to the change ---- */

static bool step_retarget(struct scene *scene, const struct yaml *value)
{
	if (!scene_text(scene, value, &scene->change.base_ref))
		return false;
	scene_stand_on_base(scene);
	scene->change.base_changed_at = scene->clock;
	return true;
}

static bool step_label(struct scene *scene, const struct yaml *value)
{
	struct text label;

	if (!scene_text(scene, value, &label))
		return false;
	scene->labels = scene_grown(scene->arena, scene->labels, scene->change.n_labels, sizeof *scene->labels);
	scene->labels[scene->change.n_labels++] = label;
	scene->change.labels = scene->labels;
	return true;
}

static bool step_unlabel(struct scene *scene, const struct yaml *value)
{
	size_t kept = 0, n = scene->change.n_labels;

	for (size_t i = 0; i < n; i++)
		if (value->kind != YAML_SCALAR || !text_eq(scene->labels[i], value->text))
			scene->labels[kept++] = scene->labels[i];
	scene->change.n_labels = kept;
	return kept < n || scene_wrong(scene, value, "there is no such label");
}

static bool step_delete_fork(struct scene *scene, const struct yaml *value)
{
	(void)value;
	scene->change.head_gone = true;
	scene->change.head_seen_at = scene->clock;
	return true;
}

static const struct scene_row rows[] = {
	{{"history[].push",
	  "text | {commit: text, by: text, author: text, committer: text, coauthors: [text], message: text, onto: "
	  "text, "
	  "signed_by: text, signing_key: text}",
	  "a commit becomes the head: a new one, standing on the one before (or on `onto`: a commit, or base), or one "
	  "that there was, by name; by: who pushes, and wrote it unless said; the author of the change; an author, "
	  "committer or co-author that is an "
	  "e-mail address has no account"},
	 step_push},
	{{"history[].commit", "as push", "a new commit that becomes the head with nothing but a later push"},
	 step_commit},
	{{"history[].approve", "text | {by: text, of: text, body: text}",
	  "somebody approves the head, or the commit `of`; unknown: which one is not proven"},
	 step_approve},
	{{"history[].request_changes", "as approve", "somebody requests changes"}, step_request_changes},
	{{"history[].remark", "as approve", "a review that neither approves nor requests changes"}, step_remark},
	{{"history[].dismiss", "text", "the newest review of this person is dismissed"}, step_dismiss},
	{{"history[].edit", "text", "the newest review of this person is edited"}, step_edit},
	{{"history[].comment", "{by!: text, body!: text, edited: boolean}", "somebody comments in the conversation"},
	 step_comment},
	{{"history[].keeps", "{of!: text, by!: same-tree|same-patch|base-merge}",
	  "the head has in common with the commit `of` what a rule's `carry` of this name asks for, so that approvals "
	  "which that commit has by now can be kept; the next push ends it"},
	 step_keeps},
	{{"history[].delegate", "text | {by!: text, to: text}",
	  "somebody lets another approve this head, by a comment (bors d=LOGIN); to: the author of the change unless "
	  "said"},
	 scene_step_delegate},
	{{"history[].undelegate", "text", "somebody takes that back (bors d-)"}, scene_step_undelegate},
	{{"history[].land", "text | {by!: text, how: comment|queue|auto_merge}",
	  "somebody asks for landing of this head; how: by a comment (bors r+) unless said"},
	 scene_step_land},
	{{"history[].unland", "as land", "somebody takes that back (bors r-), or it leaves the queue"},
	 scene_step_unland},
	{{"history[].retarget", "text", "the change goes to another base branch"}, step_retarget},
	{{"history[].label", "text", "a label is set"}, step_label},
	{{"history[].unlabel", "text", "a label is taken away"}, step_unlabel},
	{{"history[].bug", "as bugs", "the tracker says something else of these bugs, all of which is told"},
	 scene_step_bugs},
	{{"history[].flag", "{bug!: text, name!: text, status!: text, groups: [text], attachment: integer >= 1}",
	  "a flag of an attachment, the newest unless said, is set to +, - or ?, or to none; groups: whoever sets it "
	  "is "
	  "in these"},
	 scene_step_flag},
	{{"history[].bug_flag", "{bug!: text, name!: text, status!: text, groups: [text]}",
	  "the same of a flag of the bug itself"},
	 scene_step_bug_flag},
	{{"history[].obsolete", "{bug!: text, attachment: integer >= 1}", "an attachment becomes obsolete"},
	 scene_step_obsolete},
	{{"history[].trees", "as trees", "treestatus says something else of these trees"}, scene_step_trees},
	{{"history[].delete_fork", "nothing", "the head's repository is deleted"}, step_delete_fork},
};
const struct scene_rows scene_steps = SCENE_ROWS(rows);

bool scene_is_step(struct text word)
{
	for (size_t i = 0; i < scene_steps.n; i++)
		if (text_is(word, scene_row_name(&scene_steps.at[i])))
			return true;
	return false;
}

static const struct scene_row *step_named(struct scene *scene, const struct yaml *name)
{
	const char *names[SCENE_KEYS_MAX];

	for (size_t i = 0; i < scene_steps.n; i++) {
		names[i] = scene_row_name(&scene_steps.at[i]);
		if (text_is(name->text, names[i]))
			return &scene_steps.at[i];
	}
	(void)scene_unknown(scene->problem, name, "step", names, scene_steps.n);
	return NULL;
}

/* `push` alone, or a map of one: {approve: bob}. */
static bool happen(struct scene *scene, const struct yaml *node)
{
	const struct yaml *name = node, *value = NULL;
	const struct scene_row *row;

	if (node->kind == YAML_MAP && node->n == 1) {
		name = &node->keys[0];
		value = &node->items[0];
	}
	if (name->kind != YAML_SCALAR)
		return scene_wrong(scene, node, "expected one step, such as `push` or {approve: LOGIN}");
	row = step_named(scene, name);
	if (!row)
		return false;
	if (value && value->kind == YAML_NULL)
		value = NULL;
	if (!value && row->read != step_push && row->read != step_commit && row->read != step_delete_fork)
		return scene_wrong(scene, name, "`%s` needs a value", scene_row_name(row));
	if (value && row->read == step_delete_fork)
		return scene_wrong(scene, value, "`%s` takes no value", scene_row_name(row));
	return row->read(scene, value);
}

bool scene_happens(struct scene *scene, const struct yaml *steps)
{
	if (steps->kind != YAML_LIST)
		return scene_wrong(scene, steps, "expected a list of steps, such as [push, {approve: LOGIN}]");
	for (size_t i = 0; i < steps->n; i++) {
		if (!happen(scene, &steps->items[i]))
			return false;
		scene->clock += SCENE_STEP_MS;
	}
	return true;
}
