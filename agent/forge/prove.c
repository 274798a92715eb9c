#include "agent/forge/prove.h"

#include <string.h>

#include "webhooks/crypto.h"

#define HASHED_MAX ((size_t)1 << 30)

static struct text number(char buf[24], size_t n)
{
	return (struct text){buf, (size_t)snprintf(buf, 24, "%zu", n)};
}

/* "TYPE LENGTH\0" and the parts; false: another object, or enough was tried. */
static bool is_named(struct prove *prove, const char *type, const struct text *parts, size_t n, const struct oid *name)
{
	enum { PARTS = 12 };
	char digits[24], hex[2 * CRYPTO_SHA1 + 1];
	unsigned char digest[CRYPTO_SHA1];
	struct text all[PARTS] = {text_of(type), TEXT_LIT(" "), TEXT_EMPTY, {"", 1}};
	size_t len = 0;

	for (size_t i = 0; i < n && i + 4 < PARTS; i++) {
		all[i + 4] = parts[i];
		len += parts[i].len;
	}
	if (prove->hashed > HASHED_MAX || n + 4 > PARTS)
		return false;
	prove->hashed += len;
	all[2] = number(digits, len);
	crypto_sha1(all, n + 4, digest);
	crypto_hex(digest, sizeof digest, hex);
	return text_is(oid_text(name), hex);
}

static bool unproven(struct prove *prove, const struct oid *name, struct err *err)
{
	if (prove->hashed > HASHED_MAX)
		return err_set(err, ERR_LIMIT, "too much was tried to prove commits (mirror.max_rest_hashed)");
	return err_set(err, ERR_LIMIT, "REST does not tell %s as git has it (mirror.rest)", name->hex);
}

bool prove_about(jval answer, const struct oid *name, struct err *err)
{
	struct oid told;

	if (!jneed_oid(answer, "sha", &told, err))
		return false;
	return oid_eq(&told, name) || err_set(err, ERR_INVALID, "the answer is about %s, not %s", told.hex, name->hex);
}

static struct text joined(struct arena *arena, const struct text *parts, size_t n)
{
	size_t len = 0, at = 0;
	char *bytes;

	for (size_t i = 0; i < n; i++)
		len += parts[i].len;
	bytes = arena_alloc(arena, len + 1, 1);
	for (size_t i = 0; i < n; i++) {
		if (parts[i].len)
			memcpy(bytes + at, parts[i].at, parts[i].len);
		at += parts[i].len;
	}
	return (struct text){bytes, len};
}

/* ---- commits without a signature ---- */

/* Quarters of an hour that clocks are set to; the last is git's word for "not known". */
static const char *const zones[] = {"+0000", "-0700", "-0800", "-0500", "-0400", "-0600", "+0100", "+0200", "+0300",
				    "+0530", "+0800", "+0900", "+1000", "+1100", "-0300", "-0200", "+0400", "+0500",
				    "+0600", "+0700", "+1200", "+1300", "+0330", "+0430", "+0545", "+0630", "+0930",
				    "+1030", "-0330", "-0230", "-0100", "-0900", "-1000", "-1100", "-1200", "+1400",
				    "+0845", "+1245", "+1345", "-0930", "-0000"};
enum { ZONES = sizeof zones / sizeof zones[0] };

/* REST ends a message at its last letter; git usually has a newline there. */
static const char *const ends[] = {"\n", "", "\n\n"};
enum { ENDS = sizeof ends / sizeof ends[0] };

struct unsigned_commit {
	const struct oid *name;
	struct text front;             /* tree, parents */
	struct text author, committer; /* each up to its zone */
	struct text message;
	struct text zone[2]; /* those that are tried now */
	const char *end;
};
enum { COMMIT_PARTS = 8 };

static void parts_of(const struct unsigned_commit *c, struct text parts[COMMIT_PARTS])
{
	parts[0] = c->front;
	parts[1] = c->author;
	parts[2] = c->zone[0];
	parts[3] = c->committer;
	parts[4] = c->zone[1];
	parts[5] = TEXT_LIT("\n\n");
	parts[6] = c->message;
	parts[7] = text_of(c->end);
}

static bool try_zones(struct prove *prove, struct unsigned_commit *c, unsigned author, unsigned committer)
{
	struct text parts[COMMIT_PARTS];

	c->zone[0] = text_of(zones[author]);
	c->zone[1] = text_of(zones[committer]);
	for (size_t i = 0; i < ENDS; i++) {
		c->end = ends[i];
		parts_of(c, parts);
		if (is_named(prove, "commit", parts, COMMIT_PARTS, c->name)) {
			prove->author = author;
			prove->committer = committer;
			return true;
		}
	}
	return false;
}

/* What fitted last, then both alike, then all there is. */
static bool find_zones(struct prove *prove, struct unsigned_commit *c)
{
	if (try_zones(prove, c, prove->author, prove->committer))
		return true;
	for (unsigned i = 0; i < ZONES; i++)
		if (try_zones(prove, c, i, i))
			return true;
	for (unsigned i = 0; i < ZONES; i++)
		for (unsigned k = 0; k < ZONES; k++)
			if (i != k && try_zones(prove, c, i, k))
				return true;
	return false;
}

static bool front_of(jval commit, jval parents, struct arena *arena, struct text *ret, struct err *err)
{
	struct oid tree;
	struct text *lines;
	size_t n = jis_array(parents) ? jlen(parents) : 0;

	if (!jis_array(parents))
		return err_set(err, ERR_INVALID, "parents: not a list");
	if (!jneed_oid(commit, "tree.sha", &tree, err))
		return false;
	lines = arena_alloc(arena, n + 1, sizeof *lines);
	lines[0] = arena_printf(arena, "tree %s\n", tree.hex);
	for (size_t i = 0; i < n; i++) {
		struct oid parent;

		if (!jneed_oid(jat(parents, i), "sha", &parent, err))
			return false;
		lines[i + 1] = arena_printf(arena, "parent %s\n", parent.hex);
	}
	*ret = joined(arena, lines, n + 1);
	return true;
}

/* "author NAME <MAIL> SECONDS ", to which the zone is still missing */
static bool person_of(jval who, const char *line, struct arena *arena, struct text *ret, struct err *err)
{
	int64_t at = jwhen(who, "date");

	if (at == WHEN_UNKNOWN)
		return err_set(err, ERR_INVALID, "a commit without its times");
	*ret = arena_printf(arena, "%s %.*s <%.*s> %lld ", line, TEXT_ARG(jtext(who, "name")),
			    TEXT_ARG(jtext(who, "email")), (long long)(at / 1000));
	return true;
}

struct shown { /* a commit as an answer has it */
	jval commit, parents;
};

static bool prove_unsigned(struct prove *prove, const struct oid *name, const struct shown *shown, struct text *ret,
			   struct err *err)
{
	jval commit = shown->commit;
	struct unsigned_commit c = {.name = name, .message = jtext(commit, "message")};
	struct text parts[COMMIT_PARTS];

	if (!front_of(commit, shown->parents, prove->arena, &c.front, err) ||
	    !person_of(jget(commit, "author"), "author", prove->arena, &c.author, err) ||
	    !person_of(jget(commit, "committer"), "\ncommitter", prove->arena, &c.committer, err))
		return false;
	if (!find_zones(prove, &c))
		return unproven(prove, name, err);
	parts_of(&c, parts);
	*ret = joined(prove->arena, parts, COMMIT_PARTS);
	return true;
}

/* ---- signed ones ---- */

/* Each line after the first begins with a space, as git folds a header. */
static struct text folded(struct arena *arena, struct text signature)
{
	char *bytes = arena_alloc(arena, 2 * signature.len + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < signature.len; i++) {
		bytes[n++] = signature.at[i];
		if (signature.at[i] == '\n')
			bytes[n++] = ' ';
	}
	return (struct text){bytes, n};
}

/* The signature is the last header of what was signed. Some signers end it with an empty line. */
static bool prove_signed(struct prove *prove, const struct oid *name, jval verification, struct text *ret,
			 struct err *err)
{
	static const char *const tails[] = {"", "\n ", "\n \n "};
	struct text payload = jtext(verification, "payload"), signature = jtext(verification, "signature");
	size_t gap = text_find(payload, TEXT_LIT("\n\n"));

	while (signature.len && signature.at[signature.len - 1] == '\n')
		signature.len--;
	if (gap == SIZE_MAX)
		return unproven(prove, name, err);
	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
		struct text parts[] = {
			{payload.at, gap + 1}, TEXT_LIT("gpgsig "), folded(prove->arena, signature),
			text_of(tails[i]),     {"\n", 1},           {payload.at + gap + 1, payload.len - gap - 1}};

		if (is_named(prove, "commit", parts, 6, name)) {
			*ret = joined(prove->arena, parts, 6);
			return true;
		}
	}
	return unproven(prove, name, err);
}

static bool prove_any(struct prove *prove, const struct oid *name, const struct shown *shown, struct text *ret,
		      struct err *err)
{
	jval verification = jget(shown->commit, "verification");

	if (jtext(verification, "payload").len && jtext(verification, "signature").len)
		return prove_signed(prove, name, verification, ret, err);
	return prove_unsigned(prove, name, shown, ret, err);
}

bool prove_commit(struct prove *prove, const struct oid *name, jval answer, struct text *ret, struct err *err)
{
	const struct shown shown = {answer, jget(answer, "parents")};

	return prove_about(answer, name, err) && prove_any(prove, name, &shown, ret, err);
}

bool prove_listed(struct prove *prove, const struct oid *name, jval listed, struct text *ret, struct err *err)
{
	const struct shown shown = {jget(listed, "commit"), jget(listed, "parents")};

	return prove_about(listed, name, err) && prove_any(prove, name, &shown, ret, err);
}
