#include "agent/tracker/treestatus.h"

#include "webhooks/jread.h"

#include <assert.h>

static const struct {
	const char *word;
	enum tree_state state;
} words[] = {{"open", TREE_OPEN}, {"approval required", TREE_APPROVAL_REQUIRED}, {"closed", TREE_CLOSED}};

static bool state_of(struct text word, enum tree_state *ret)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (text_is(word, words[i].word)) {
			*ret = words[i].state;
			return true;
		}
	return false;
}

/* Not in the middle of a character. */
static struct text cut(struct text t)
{
	size_t n = t.len < TREE_REASON_MAX ? t.len : TREE_REASON_MAX;

	while (n > 0 && n < t.len && ((unsigned char)t.at[n] & 0xc0) == 0x80)
		n--;
	return (struct text){t.at, n};
}

static bool read_result(jval root, struct text name, struct arena *arena, struct treestatus_says *ret, struct err *err)
{
	struct treestatus_says says = {.state = TREE_UNKNOWN};
	struct text tree, status;

	if (!jneed_text(root, "result.tree", &tree, err) || !jneed_text(root, "result.status", &status, err))
		return false;
	if (!text_eq(tree, name))
		return err_set(err, ERR_INVALID, "the answer is about another tree");
	if (!state_of(status, &says.state))
		return err_set(err, ERR_INVALID, "the answer has a status of no known word");
	says.reason = says.state == TREE_OPEN ? TEXT_EMPTY : arena_text(arena, cut(jtext(root, "result.reason")));
	*ret = says;
	return true;
}

bool treestatus_read(struct text body, struct text name, struct arena *arena, struct treestatus_says *ret,
		     struct err *err)
{
	struct jdoc *doc = jdoc_parse(body, err);
	bool ok = doc && read_result(jdoc_root(doc), name, arena, ret, err);

	jdoc_free(doc);
	return ok;
}

/* The first row that fits. */
static const struct {
	unsigned from, to;
	enum err_code sorted;
	const char *what;
} sorts[] = {
	{200, 200, ERR_OK, ""},
	{404, 404, ERR_OK, ""},
	{300, 399, ERR_INVALID, "a redirect, which is never followed"},
	{408, 408, ERR_RETRY, "timeout at treestatus"},
	{429, 429, ERR_RETRY, "rate limit"},
	{500, 599, ERR_RETRY, "treestatus is unwell"},
	{0, UINT32_MAX, ERR_INVALID, "not an answer of treestatus"},
};

static bool sort(const struct http_answer *answer, struct err *err)
{
	size_t i = 0;

	while (answer->status < sorts[i].from || answer->status > sorts[i].to)
		i++;
	return sorts[i].sorted == ERR_OK || err_set(err, sorts[i].sorted, "%u: %s", answer->status, sorts[i].what);
}

static struct text url_of(const struct treestatus *t, struct text name, struct arena *arena)
{
	size_t at = text_find(t->url, TEXT_LIT("%s"));
	struct text before = {t->url.at, at}, after = {t->url.at + at + 2, t->url.len - at - 2};

	return arena_printf(arena, "%.*s%.*s%.*s", TEXT_ARG(before), TEXT_ARG(name), TEXT_ARG(after));
}

enum err_code treestatus_ask(const struct treestatus *t, const struct treestatus_call *call, struct text name,
			     struct treestatus_says *ret, struct err *err)
{
	const struct http_header headers[] = {
		{TEXT_LIT("Accept"), TEXT_LIT("application/json")},
		{TEXT_LIT("User-Agent"), TEXT_LIT("headgate/" HEADGATE_VERSION)},
	};
	struct http_request in = {
		.method = TEXT_LIT("GET"),
		.url = url_of(t, name, call->arena),
		.headers = headers,
		.n_headers = 2,
		.max_bytes = TREESTATUS_ANSWER_MAX,
		.deadline_ms = call->deadline_ms,
		.arena = call->arena,
	};
	struct http_answer answer = {.status = 0};

	assert(tree_name_ok(name)); /* or the name could be more than one segment */
	if (t->http.send(t->http.self, &in, &answer, err) != ERR_OK)
		return err->code;
	if (!sort(&answer, err))
		return err->code;
	if (answer.status == 404) {
		*ret = (struct treestatus_says){.state = TREE_UNKNOWN};
		return ERR_OK;
	}
	return treestatus_read(answer.body, name, call->arena, ret, err) ? ERR_OK : err->code;
}
