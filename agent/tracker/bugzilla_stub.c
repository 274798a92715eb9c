/*
 * Stub attachments: their content is the address of a revision that is reviewed elsewhere. The content is read, not the
 * file's name: whoever may edit a bug can rename a file after its approval, and nobody can change its content. What was
 * read once is therefore remembered.
 */
#include "agent/tracker/bugzilla_inner.h"

#include <string.h>

#define CONTENT_MAX  ((size_t)2048) /* bytes of base64; an address is shorter */
#define NAME_MAX     100            /* of a GitHub owner and of a repository, each */
#define REVISION_MAX 9              /* digits */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Strict: whole groups, padding at the end alone, spare bits zero. A line's end may follow each group, as encoders
 * break lines. */
static bool unbase64(struct text in, char *to, size_t *ret)
{
	unsigned bits = 0, have = 0, pad = 0;
	size_t n = 0, digits = 0;

	for (size_t i = 0; i < in.len; i++) {
		char c = in.at[i];
		const char *at = c ? strchr(alphabet, c) : NULL;

		if (c == '\n' && digits % 4 == 0)
			continue;
		digits++;
		if (c == '=' && digits % 4 != 1 && digits % 4 != 2) {
			pad++;
			continue;
		}
		if (!at || pad)
			return false;
		bits = bits << 6 | (unsigned)(at - alphabet);
		have += 6;
		if (have >= 8) {
			have -= 8;
			to[n++] = (char)(bits >> have & 0xff);
			bits &= (1u << have) - 1;
		}
	}
	*ret = n;
	return digits % 4 == 0 && bits == 0 && have / 2 == pad;
}

/* ---- addresses ---- */

static bool take(struct text *at, const char *word)
{
	struct text t = text_of(word);

	if (!text_starts(*at, t))
		return false;
	*at = (struct text){at->at + t.len, at->len - t.len};
	return true;
}

static struct text until(struct text *at, char end)
{
	const char *stop = at->len ? memchr(at->at, end, at->len) : NULL;
	struct text t = {at->at, stop ? (size_t)(stop - at->at) : at->len};

	*at = (struct text){at->at + t.len, at->len - t.len};
	return t;
}

static bool number(struct text t)
{
	int64_t n;

	return t.len <= REVISION_MAX && text_int64(t, &n) && n > 0;
}

static bool name(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		char c = t.at[i], low = (char)(c | 0x20);

		if (!(low >= 'a' && low <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
			return false;
	}
	return t.len > 0 && t.len <= NAME_MAX && !text_is(t, ".") && !text_is(t, "..");
}

/* https://HOST/D123 */
static bool of_phabricator(struct text at, char ret[BUGZILLA_REVISION])
{
	struct text host;

	if (!take(&at, "https://"))
		return false;
	host = until(&at, '/');
	if (!name(host) || !take(&at, "/D") || !number(at))
		return false;
	(void)snprintf(ret, BUGZILLA_REVISION, "D%.*s", TEXT_ARG(at));
	return true;
}

/* https://github.com/owner/name/pull/12 */
static bool of_github(struct text at, char ret[BUGZILLA_REVISION])
{
	struct text owner, repo;

	if (!take(&at, "https://github.com/"))
		return false;
	owner = until(&at, '/');
	if (!name(owner) || !take(&at, "/"))
		return false;
	repo = until(&at, '/');
	if (!name(repo) || !take(&at, "/pull/") || !number(at) || owner.len + repo.len + at.len + 3 > BUGZILLA_REVISION)
		return false;
	(void)snprintf(ret, BUGZILLA_REVISION, "%.*s/%.*s#%.*s", TEXT_ARG(owner), TEXT_ARG(repo), TEXT_ARG(at));
	return true;
}

static const struct {
	const char *type;
	bool (*read)(struct text at, char ret[BUGZILLA_REVISION]);
} stubs[] = {
	{"text/x-phabricator-request", of_phabricator},
	{"text/x-github-pull-request", of_github},
};

bool bugzilla_is_stub(struct text type)
{
	for (size_t i = 0; i < sizeof stubs / sizeof stubs[0]; i++)
		if (text_is(type, stubs[i].type))
			return true;
	return false;
}

bool bugzilla_revision_of(struct text type, struct text base64, char ret[BUGZILLA_REVISION])
{
	char content[CONTENT_MAX];
	size_t len = 0;

	if (base64.len > CONTENT_MAX || !unbase64(base64, content, &len))
		return false;
	while (len > 0 && (content[len - 1] == '\n' || content[len - 1] == '\r'))
		len--;
	for (size_t i = 0; i < sizeof stubs / sizeof stubs[0]; i++)
		if (text_is(type, stubs[i].type))
			return stubs[i].read((struct text){content, len}, ret);
	return false;
}

/* ---- asking ---- */

static bool take_content(jval root, int64_t attachment, struct text number, struct bugzilla_stub *ret, struct err *err)
{
	jval all = jget(root, "attachments"), v = jis_object(all) ? jget(all, number.at) : NULL;
	struct text type, data;
	int64_t id;

	*ret = (struct bugzilla_stub){.attachment = attachment};
	if (!v)
		return err_set(err, ERR_RETRY, "attachments: one went out of sight while it was read");
	if (!jneed_int(v, "id", &id, err) || !jneed_text(v, "content_type", &type, err) ||
	    !jneed_text(v, "data", &data, err))
		return err_wrap(err, "attachments");
	if (id != attachment)
		return err_set(err, ERR_INVALID, "attachments: another than the one asked for");
	if (!bugzilla_revision_of(type, data, ret->revision))
		ret->revision[0] = '\0'; /* it stands for nothing */
	return true;
}

static enum err_code ask(struct bugzilla *b, const struct tracker_call *call, int64_t attachment,
			 struct bugzilla_stub *ret, struct err *err)
{
	auto_wiped struct arena scratch = ARENA_EMPTY;
	struct text number = arena_printf(&scratch, "%lld", (long long)attachment);
	struct bugzilla_path path = {
		.path = "/rest/bug/attachment/*?include_fields=id,content_type,data", .segments = &number, .n = 1};
	struct bugzilla_reply reply;
	enum err_code code = bugzilla_get(b, call, &path, &reply, err);
	bool ok;

	if (code != ERR_OK)
		return code;
	ok = take_content(jdoc_root(reply.doc), attachment, number, ret, err);
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

enum err_code bugzilla_revisions(struct bugzilla *b, const struct tracker_call *call, const struct bugzilla_open *open,
				 struct err *err)
{
	for (size_t i = 0; i < open->n_stubs; i++) {
		struct bug_attachment *a = open->stubs[i];
		struct bugzilla_stub *known = &b->stubs[(uint64_t)a->id % BUGZILLA_KNOWN_STUBS], found;

		if (known->attachment != a->id) {
			enum err_code code = ask(b, call, a->id, &found, err);

			if (code != ERR_OK)
				return code;
			*known = found;
		}
		a->revision = known->revision[0] ? arena_text(call->arena, text_of(known->revision)) : TEXT_EMPTY;
	}
	return ERR_OK;
}
