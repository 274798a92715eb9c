#include "tests/bench/corpus.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHANGES = 397 /* no part in common with a hundred: each change meets each kind */,
	FILE_MAX_BYTES = 16384,
	SECONDS_APART = 3
};

/* Sizes: what these events have at GitHub, in bytes. Shares: of a hundred. What concerns people and teams comes so
 * rarely that one in a hundred would be far too many, and is left out. */
static const struct kind {
	const char *event, *file;
	size_t bytes;
	unsigned share;
} kinds[] = {
	{"check_run", "check_run.completed", 11000, 22},
	{"status", "status", 9500, 18},
	{"push", "push", 7000, 18},
	{"pull_request", "pull_request.synchronize", 23500, 12},
	{"issue_comment", "issue_comment.created", 11600, 12},
	{"pull_request_review", "pull_request_review.submitted", 24500, 8},
	{"pull_request", "pull_request.closed", 22500, 3},
	{"push", "push.branch_deleted", 6400, 2},
	{"pull_request", "pull_request.edited_base", 23000, 2},
	{"pull_request_review", "pull_request_review.dismissed", 24500, 1},
	{"merge_group", "merge_group.checks_requested", 8000, 1},
	{"branch_protection_rule", "branch_protection_rule.edited", 8000, 1},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static void die(const char *what, const char *which)
{
	(void)fprintf(stderr, "corpus: %s: %s\n", what, which);
	exit(2);
}

static void *taken(void *p)
{
	if (!p)
		die("no memory", "");
	return p;
}

/* ---- text ---- */

struct string {
	char *at;
	size_t len, room;
};

static void add(struct string *s, const char *bytes, size_t len)
{
	if (s->len + len + 1 > s->room) {
		s->room = 2 * (s->len + len) + 64;
		s->at = taken(realloc(s->at, s->room));
	}
	memcpy(s->at + s->len, bytes, len);
	s->len += len;
	s->at[s->len] = '\0';
}

/* Every `from` becomes `to`. */
static void replace(struct string *s, const char *from, const char *to)
{
	struct string out = {0};
	const char *at = s->at, *hit;

	while ((hit = strstr(at, from))) {
		add(&out, at, (size_t)(hit - at));
		add(&out, to, strlen(to));
		at = hit + strlen(from);
	}
	add(&out, at, strlen(at));
	free(s->at);
	*s = out;
}

static struct string file_text(const char *dir, const char *name)
{
	char path[512], bytes[FILE_MAX_BYTES];
	struct string s = {0};
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s.json", dir, name);
	f = fopen(path, "r");
	if (!f)
		die("cannot be read", path);
	add(&s, bytes, fread(bytes, 1, sizeof bytes, f));
	(void)fclose(f);
	while (s.len > 0 && s.at[s.len - 1] == '\n')
		s.at[--s.len] = '\0';
	return s;
}

/* ---- one delivery ---- */

static const char *const members[] = {
	"keys",         "collaborators", "teams",         "hooks",       "issue_events", "events",      "assignees",
	"branches",     "tags",          "blobs",         "git_tags",    "git_refs",     "trees",       "statuses",
	"languages",    "stargazers",    "contents",      "compare",     "merges",       "archive",     "downloads",
	"issues",       "milestones",    "notifications", "labels",      "releases",     "deployments", "forks",
	"contributors", "commits",       "git_commits",   "subscribers",
};

/* Members as every object of the forge has them, in front of each "node_id", until the payload is as long as it
 * should be. A payload that has none gets them in front of its first member. */
static void fill(struct string *s, size_t bytes)
{
	const char *mark = strstr(s->at, "\"node_id\":") ? "\"node_id\":" : "\"action\":";
	struct string out = {0};
	const char *at = s->at, *hit;
	size_t spots = 0, n = 0, each;

	for (hit = s->at; (hit = strstr(hit, mark)); hit++)
		spots++;
	each = bytes > s->len && spots > 0 ? (bytes - s->len) / spots : 0;
	while ((hit = strstr(at, mark))) {
		size_t until;

		add(&out, at, (size_t)(hit - at));
		for (until = out.len + each; out.len < until; n++) {
			char member[160];
			const char *name = members[n % (sizeof members / sizeof members[0])];

			(void)snprintf(member, sizeof member,
				       "\"%s_url_%zu\":\"https://api.forge.example/repos/acme/engine/%s{/number}\",",
				       name, n, name);
			add(&out, member, strlen(member));
		}
		add(&out, mark, strlen(mark));
		at = hit + strlen(mark);
	}
	add(&out, at, strlen(at));
	free(s->at);
	*s = out;
}

static void sha_of(unsigned change, unsigned version, char ret[41])
{
	unsigned x = change * 2654435761U + version * 40503U + 12345U;

	for (int i = 0; i < 40; i++) {
		x = x * 1664525U + 1013904223U;
		ret[i] = "0123456789abcdef"[x >> 28];
	}
	ret[40] = '\0';
}

/* Times go on, as they do at the forge; one push in forty is to a base branch. */
static void make_own(struct string *s, const struct kind *kind, unsigned i)
{
	unsigned change = i % CHANGES, version = i / CHANGES, at = i * SECONDS_APART;
	char text[64], before[41], after[41];

	sha_of(change, version, before);
	sha_of(change, version + (strstr(kind->file, "synchronize") != NULL), after);
	replace(s, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", before);
	replace(s, "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", after);
	(void)snprintf(text, sizeof text, "\"number\":%u", 1000 + change);
	replace(s, "\"number\":17", text);
	(void)snprintf(text, sizeof text, "\"id\":%u", 77001 + i);
	replace(s, "\"id\":77001", text);
	(void)snprintf(text, sizeof text, "%02u:%02u:%02uZ", 10 + at / 3600 % 14, at / 60 % 60, at % 60);
	replace(s, "10:11:13Z", text);
	if (i % 40 != 0)
		replace(s, "refs/heads/main", "refs/heads/topic");
}

static const struct kind *kind_of(unsigned i)
{
	unsigned x = i * 61U % 100U; /* 61 and 100 have no common part: each hundred holds each share exactly */

	for (size_t k = 0; k < KINDS; k++) {
		if (x < kinds[k].share)
			return &kinds[k];
		x -= kinds[k].share;
	}
	abort();
}

static void sign(struct corpus_delivery *d, const char *secret)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	int used = snprintf(d->signature, sizeof d->signature, "sha256=");

	HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)d->body, d->len, mac, &n);
	for (unsigned i = 0; i < n; i++)
		used += snprintf(d->signature + used, sizeof d->signature - (size_t)used, "%02x", mac[i]);
}

void corpus_make(struct corpus *corpus, const char *dir, size_t n, const char *secret)
{
	*corpus = (struct corpus){taken(calloc(n, sizeof *corpus->at)), n, 0};
	for (size_t i = 0; i < n; i++) {
		const struct kind *kind = kind_of((unsigned)i);
		struct string s = file_text(dir, kind->file);

		make_own(&s, kind, (unsigned)i);
		fill(&s, kind->bytes);
		corpus->at[i] = (struct corpus_delivery){.event = kind->event, .body = s.at, .len = s.len};
		if (secret)
			sign(&corpus->at[i], secret);
		corpus->bytes += s.len;
	}
}

void corpus_free(struct corpus *corpus)
{
	for (size_t i = 0; i < corpus->n; i++)
		free(corpus->at[i].body);
	free(corpus->at);
	*corpus = (struct corpus){0};
}
