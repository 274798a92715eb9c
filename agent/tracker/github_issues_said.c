/*
 * Approval by a comment: a comment whose first line is "NAME+", "NAME-" or "NAME?" sets the flag NAME, where its author
 * is in one of the configured teams. The newest such comment decides; what others say is neither a yes nor a no. Of a
 * comment nothing is kept but that line's meaning and its author's number.
 *
 * All doubt takes back: a "+" that was edited, since nobody knows what it was before, and a "-" by somebody of whom it
 * is not known whether he may. A comment that was deleted was never said; whoever may delete comments may do that.
 */
#include "agent/tracker/github_issues_inner.h"
#include "webhooks/issues.h"

#define COMMENTS_MAX 1000

struct said {        /* of one flag */
	size_t flag; /* which of the configured */
	enum bug_flag_status status;
	int64_t author;    /* 0: not told */
	struct text login; /* in the scratch arena */
};

struct talker {
	int64_t account;
	enum tri in;
};

struct hearing {
	struct issues *issues;
	const struct tracker_call *call;
	const struct issues_talk *talk;
	struct said *said; /* room for as many as there can be comments */
	size_t n_said, n_comments;
	int64_t last; /* comment's number */
	struct talker talkers[TRACKER_SETTERS_MAX];
	size_t n_talkers;
};

/* ---- what was said ---- */

static void hear(struct hearing *h, jval comment, struct text body, bool edited)
{
	const struct tracker_config *config = &h->issues->config;

	for (size_t i = 0; i < config->n_approvals; i++) {
		char sign = issues_flag_said(body, config->approvals[i]);
		enum bug_flag_status status =
			edited && sign == BUG_FLAG_GRANTED ? BUG_FLAG_DENIED : (enum bug_flag_status)sign;

		if (!sign)
			continue;
		h->said[h->n_said++] = (struct said){i, status, jint(comment, "user.id", 0),
						     arena_text(h->talk->scratch, jtext(comment, "user.login"))};
		return;
	}
}

static bool take_comment(struct hearing *h, jval v, struct err *err)
{
	int64_t number, created = jwhen(v, "created_at"), updated = jwhen(v, "updated_at");
	struct text body;

	if (!jneed_int(v, "id", &number, err) || !jneed_text(v, "body", &body, err))
		return err_wrap(err, "comments");
	if (number <= h->last)
		return err_set(err, ERR_INVALID, "comments: not in the order of their numbers");
	if (created == WHEN_UNKNOWN || updated == WHEN_UNKNOWN)
		return err_set(err, ERR_INVALID, "comments: one without its times");
	h->last = number;
	hear(h, v, body, updated != created);
	return true;
}

static bool take_comments(struct hearing *h, jval list, const struct issues_pages *pages, bool *ret_full,
			  struct err *err)
{
	if (!list || !jis_array(list) || jlen(list) > pages->size)
		return err_set(err, ERR_INVALID, "comments: not a list of at most %u", pages->size);
	for (size_t i = 0; i < jlen(list); i++)
		if (!take_comment(h, jat(list, i), err))
			return false;
	*ret_full = jlen(list) == pages->size;
	h->n_comments += jlen(list);
	return true;
}

static enum err_code ask_comments(struct hearing *h, int64_t issue, struct err *err)
{
	const struct rest_path path = {"/repos/*/*/issues/*/comments?per_page=100",
				       {arena_printf(h->talk->scratch, "%lld", (long long)issue)},
				       1};
	struct issues_pages pages = {.tens = 0};

	for (; pages.tens < COMMENTS_MAX / 10; pages.tens += pages.size / 10) {
		struct issues_reply reply;
		enum err_code code = issues_page(h->issues, h->call, &path, &pages, &reply, err);
		bool full = false, ok;

		if (code != ERR_OK)
			return code;
		ok = take_comments(h, jdoc_root(reply.doc), &pages, &full, err);
		jdoc_free(reply.doc);
		if (!ok)
			return err->code;
		if (!full)
			return ERR_OK;
	}
	return err_set(err, ERR_LIMIT, "comments: more than %d", COMMENTS_MAX), err->code;
}

/* ---- by whom ---- */

static enum err_code ask_teams(const struct hearing *h, const struct said *said, enum tri *ret, struct err *err)
{
	const struct tracker_config *config = &h->issues->config;

	*ret = said->author > 0 ? TRI_NO : TRI_UNKNOWN;
	for (size_t i = 0; said->author > 0 && i < config->n_teams && *ret != TRI_YES; i++) {
		const struct issues_member who = {config->teams[i], said->login};
		enum tri in = TRI_UNKNOWN;
		enum err_code code = issues_ask_team(h->issues, h->call, &who, &in, err);

		if (code != ERR_OK)
			return code;
		*ret = in == TRI_NO ? *ret : in;
	}
	return ERR_OK;
}

static enum err_code is_member(struct hearing *h, const struct said *said, enum tri *ret, struct err *err)
{
	enum err_code code;

	for (size_t i = 0; i < h->n_talkers; i++)
		if (h->talkers[i].account == said->author) {
			*ret = h->talkers[i].in;
			return ERR_OK;
		}
	if (h->n_talkers == TRACKER_SETTERS_MAX)
		return err_set(err, ERR_LIMIT, "comments: more than %d people who would set flags",
			       TRACKER_SETTERS_MAX),
		       err->code;
	code = ask_teams(h, said, ret, err);
	h->talkers[h->n_talkers++] = (struct talker){said->author, *ret};
	return code;
}

/* The newest word that counts; *ret NULL: there is none. */
static enum err_code decide(struct hearing *h, size_t flag, const struct said **ret, struct err *err)
{
	*ret = NULL;
	for (size_t i = h->n_said; i-- > 0;) {
		struct said *said = &h->said[i];
		enum tri in = TRI_UNKNOWN;
		enum err_code code;

		if (said->flag != flag)
			continue;
		code = is_member(h, said, &in, err);
		if (code != ERR_OK)
			return code;
		if (in == TRI_NO || (in == TRI_UNKNOWN && said->status == BUG_FLAG_GRANTED))
			continue;
		if (in == TRI_UNKNOWN)
			said->status = BUG_FLAG_DENIED;
		*ret = said;
		return ERR_OK;
	}
	return ERR_OK;
}

static enum err_code decide_all(struct hearing *h, struct issues_flags *flags, struct err *err)
{
	const struct tracker_config *config = &h->issues->config;

	for (size_t i = 0; i < config->n_approvals; i++) {
		const struct said *said;
		enum err_code code = decide(h, i, &said, err);

		if (code != ERR_OK)
			return code;
		if (!said)
			continue;
		flags->at[flags->n] = (struct bug_flag){.name = arena_text(h->call->arena, config->approvals[i]),
							.status = said->status,
							.setter = said->author};
		flags->logins[flags->n++] = said->login;
	}
	return ERR_OK;
}

enum err_code issues_said(struct issues *issues, const struct tracker_call *call, const struct issues_talk *talk,
			  struct issues_flags *flags, struct err *err)
{
	struct hearing h = {.issues = issues, .call = call, .talk = talk};
	enum err_code code;

	if (talk->comments < 0)
		return err_set(err, ERR_INVALID, "comments: the issue does not say how many"), err->code;
	h.said = arena_alloc(talk->scratch, COMMENTS_MAX, sizeof *h.said);
	code = ask_comments(&h, flags->issue, err);
	if (code == ERR_OK && (int64_t)h.n_comments != talk->comments)
		return err_set(err, ERR_RETRY, "comments: not as many as the issue has"), err->code;
	return code == ERR_OK ? decide_all(&h, flags, err) : code;
}
