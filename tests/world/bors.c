#include "tests/world/bors.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATCHES   16
#define CONTEXTS  16
#define TOML_MAX  8192
#define DELAY_MS  11000 /* batch_delay_sec, and the timer's second */
#define POLL_MS   60000
#define PRERUN_S  1800
#define TIMEOUT_S 3600

struct patch { /* bors' own row of a change: late, and sometimes wrong */
	int number;
	char commit[41], into[128];
	bool draft;
};

struct poller { /* waits with the row as it was at r+ */
	struct patch copy;
	bool on;
	int64_t next, until;
};

struct config {
	bool found;
	char pr_status[CONTEXTS][128], status[CONTEXTS][128];
	size_t n_pr_status, n_status;
	long prerun_s, timeout_s;
};

struct bors {
	struct bors_forge forge;
	char repo[128], said[1024];
	int64_t now;
	struct patch patches[PATCHES];
	struct poller pollers[PATCHES];
	size_t n_patches;
	enum bors_batch state;
	int members[PATCHES]; /* numbers of the batch, sorted */
	size_t n_members;
	int64_t due_at, timeout_at;
	char into[128], staging[41];
	struct config config; /* of the merged tree */
};

struct bors *bors_new(const struct bors_forge *forge, const char *repo)
{
	struct bors *bors = calloc(1, sizeof *bors);

	if (!bors)
		abort();
	bors->forge = *forge;
	(void)snprintf(bors->repo, sizeof bors->repo, "%s", repo);
	return bors;
}

void bors_free(struct bors *bors)
{
	free(bors);
}

/* ---- the forge ---- */

static const char *text(const json_t *value, const char *key)
{
	const char *s = json_string_value(json_object_get(value, key));

	return s ? s : "";
}

static void copy(char *to, size_t size, const char *from)
{
	(void)snprintf(to, size, "%s", from);
}

__attribute__((format(printf, 5, 6))) static json_t *call(struct bors *bors, const char *method, json_t *body,
							  int *ret_status, const char *format, ...)
{
	char path[512];
	int n = snprintf(path, sizeof path, "/repos/%s/", bors->repo), status = 0;
	json_t *answer;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(path + n, sizeof path - (size_t)n, format, args);
	va_end(args);
	answer = bors->forge.call(bors->forge.self, method, path, body, &status);
	if (ret_status)
		*ret_status = status;
	return answer;
}

static void say(struct bors *bors, int number, const char *body)
{
	copy(bors->said, sizeof bors->said, body);
	json_decref(call(bors, "POST", json_pack("{s:s}", "body", body), NULL, "issues/%d/comments", number));
}

static void post(struct bors *bors, const char *sha, const char *state, const char *what)
{
	json_decref(call(bors, "POST",
			 json_pack("{s:s,s:s,s:s}", "state", state, "context", "bors", "description", what), NULL,
			 "statuses/%s", sha));
}

/* ---- bors.toml ---- */

static char *get_file(struct bors *bors, const char *path, const char *ref)
{
	int status;
	json_t *answer = call(bors, "GET", NULL, &status, "contents/%s?ref=%s", path, ref);
	const char *encoded = text(answer, "content");
	size_t len = strlen(encoded), pad = 0;
	char *bytes = calloc(1, len + 1);

	if (!bytes)
		abort();
	while (pad < 2 && pad < len && encoded[len - 1 - pad] == '=')
		pad++;
	if (status != 200 || len > TOML_MAX ||
	    EVP_DecodeBlock((unsigned char *)bytes, (const unsigned char *)encoded, (int)len) < 0) {
		free(bytes);
		bytes = NULL;
	} else {
		bytes[len / 4 * 3 - pad] = '\0';
	}
	json_decref(answer);
	return bytes;
}

/* What stands behind "key =" at the beginning of a line; NULL: nowhere. */
static const char *value_of(const char *toml, const char *key)
{
	size_t n = strlen(key);

	for (const char *line = toml; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		const char *at = line;
		size_t i = 0;

		for (; i < n && (at[i] == key[i] || (key[i] == '_' && at[i] == '-')); i++)
			;
		if (i < n)
			continue;
		at += n;
		at += strspn(at, " \t");
		if (*at == '=')
			return at + 1 + strspn(at + 1, " \t");
	}
	return NULL;
}

static size_t list_of(const char *toml, const char *key, char ret[CONTEXTS][128])
{
	const char *at = value_of(toml, key), *end, *close = at ? strchr(at, ']') : NULL;
	size_t n = 0;

	for (at = at && *at == '[' && close ? strchr(at, '"') : NULL; at && at < close && n < CONTEXTS; n++) {
		end = strchr(at + 1, '"');
		if (!end || end > close)
			break;
		(void)snprintf(ret[n], sizeof ret[n], "%.*s", (int)(end - at - 1), at + 1);
		at = strchr(end + 1, '"');
		if (!at || at > close) {
			n++;
			break;
		}
	}
	return n;
}

static long number_of(const char *toml, const char *key, long missing)
{
	const char *at = value_of(toml, key);

	return at ? strtol(at, NULL, 10) : missing;
}

static void read_config(struct bors *bors, const char *ref, struct config *ret)
{
	char *toml = get_file(bors, "bors.toml", ref);

	if (!toml)
		toml = get_file(bors, ".github/bors.toml", ref);
	*ret = (struct config){.found = toml != NULL, .prerun_s = PRERUN_S, .timeout_s = TIMEOUT_S};
	if (!toml)
		return;
	ret->n_pr_status = list_of(toml, "pr_status", ret->pr_status);
	ret->n_status = list_of(toml, "status", ret->status);
	ret->prerun_s = number_of(toml, "prerun_timeout_sec", PRERUN_S);
	ret->timeout_s = number_of(toml, "timeout_sec", TIMEOUT_S);
	free(toml);
}

/* ---- statuses ---- */

enum outcome { OK, RUNNING, FAILED };

static enum outcome of_status(const char *state)
{
	return strcmp(state, "success") == 0 ? OK : strcmp(state, "pending") == 0 ? RUNNING : FAILED;
}

static enum outcome of_run(const json_t *run)
{
	const char *conclusion = text(run, "conclusion");

	return !conclusion[0] ? RUNNING : strcmp(conclusion, "success") == 0 ? OK : FAILED;
}

/* One name on one commit: two maps merged by name, and the check run wins. Missing is running. */
static enum outcome look(const json_t *statuses, const json_t *runs, const char *name)
{
	enum outcome found = RUNNING;
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(statuses, "statuses"), i, one)
	{
		if (strcmp(text(one, "context"), name) == 0)
			found = of_status(text(one, "state"));
	}
	json_array_foreach(json_object_get(runs, "check_runs"), i, one)
	{
		if (strcmp(text(one, "name"), name) == 0)
			found = of_run(one);
	}
	return found;
}

static enum outcome look_all(struct bors *bors, const char *sha, char names[CONTEXTS][128], size_t n)
{
	json_t *statuses = call(bors, "GET", NULL, NULL, "commits/%s/status?per_page=100", sha);
	json_t *runs = call(bors, "GET", NULL, NULL, "commits/%s/check-runs?per_page=100", sha);
	enum outcome all = OK;

	for (size_t i = 0; i < n; i++) {
		enum outcome one = look(statuses, runs, names[i]);

		all = one > all ? one : all;
	}
	json_decref(statuses);
	json_decref(runs);
	return all;
}

/* ---- rows ---- */

static struct patch *patch_of(struct bors *bors, int number)
{
	for (size_t i = 0; i < bors->n_patches; i++)
		if (bors->patches[i].number == number)
			return &bors->patches[i];
	if (bors->n_patches == PATCHES)
		abort();
	bors->patches[bors->n_patches].number = number;
	return &bors->patches[bors->n_patches++];
}

static struct patch *sync_patch(struct bors *bors, int number)
{
	struct patch *patch = patch_of(bors, number);
	json_t *pull = call(bors, "GET", NULL, NULL, "pulls/%d", number);

	copy(patch->commit, sizeof patch->commit, text(json_object_get(pull, "head"), "sha"));
	copy(patch->into, sizeof patch->into, text(json_object_get(pull, "base"), "ref"));
	patch->draft = json_is_true(json_object_get(pull, "draft"));
	json_decref(pull);
	return patch;
}

static bool in_batch(const struct bors *bors, int number)
{
	for (size_t i = 0; i < bors->n_members; i++)
		if (bors->members[i] == number)
			return bors->state == BORS_WAITING || bors->state == BORS_RUNNING;
	return false;
}

/* ---- preflight ---- */

static void link_patch(struct bors *bors, const struct patch *patch)
{
	size_t at;

	if (bors->state != BORS_WAITING) {
		bors->n_members = 0;
		bors->staging[0] = '\0';
		bors->state = BORS_WAITING;
		copy(bors->into, sizeof bors->into, patch->into);
	}
	for (at = bors->n_members++; at > 0 && bors->members[at - 1] > patch->number; at--)
		bors->members[at] = bors->members[at - 1];
	bors->members[at] = patch->number;
	bors->due_at = bors->now + DELAY_MS;
	post(bors, patch->commit, "pending", "Waiting in queue");
}

static enum outcome preflight(struct bors *bors, const struct patch *patch, struct config *ret_config)
{
	read_config(bors, patch->commit, ret_config);
	return ret_config->found ? look_all(bors, patch->commit, ret_config->pr_status, ret_config->n_pr_status) : OK;
}

static void give_up(struct bors *bors, int number)
{
	say(bors, number, "GitHub status checks took too long to complete, so bors is giving up.");
}

static void approve(struct bors *bors, int number)
{
	const struct patch *patch = sync_patch(bors, number);
	struct poller *poller = &bors->pollers[patch - bors->patches];
	struct config config;
	enum outcome outcome;

	if (patch->draft)
		return;
	if (in_batch(bors, number)) {
		say(bors, number, "Already running a review");
		return;
	}
	outcome = preflight(bors, patch, &config);
	if (outcome == OK) {
		link_patch(bors, patch);
	} else if (outcome == FAILED) {
		say(bors, number, "Rejected by PR status");
	} else if (config.prerun_s == 0) {
		give_up(bors, number);
	} else {
		say(bors, number,
		    "Waiting for PR status (GitHub check) to be set, probably by CI. Bors will automatically try to "
		    "run "
		    "when all required PR statuses are set.");
		*poller = (struct poller){*patch, true, bors->now + POLL_MS, bors->now + config.prerun_s * 1000};
	}
}

/* The copy is what is looked at, whatever was pushed since. */
static void poll_one(struct bors *bors, struct poller *poller)
{
	struct config config;
	enum outcome outcome;

	poller->next = bors->now + POLL_MS;
	if (in_batch(bors, poller->copy.number)) {
		poller->on = false;
		return;
	}
	outcome = preflight(bors, &poller->copy, &config);
	poller->on = outcome == RUNNING && bors->now <= poller->until;
	if (outcome == OK)
		link_patch(bors, &poller->copy);
	else if (outcome == FAILED)
		say(bors, poller->copy.number, "Rejected by PR status");
	else if (!poller->on)
		give_up(bors, poller->copy.number);
}

/* ---- the batch ---- */

static void end_batch(struct bors *bors, enum bors_batch state, const char *what)
{
	bors->state = state;
	for (size_t i = 0; i < bors->n_members; i++) {
		post(bors, patch_of(bors, bors->members[i])->commit, state == BORS_OK ? "success" : "failure", what);
		say(bors, bors->members[i], what);
	}
}

static void force(struct bors *bors, const char *branch, const char *sha)
{
	int status;

	json_decref(call(bors, "PATCH", json_pack("{s:s,s:b}", "sha", sha, "force", 1), &status, "git/refs/heads/%s",
			 branch));
	if (status != 200)
		json_decref(call(bors, "POST",
				 json_pack("{s:o,s:s}", "ref", json_sprintf("refs/heads/%s", branch), "sha", sha), NULL,
				 "git/refs"));
}

/* "" and a text in *ret_why where it cannot be. */
static bool merge_one(struct bors *bors, const struct patch *patch, char tree[41], const char **ret_why)
{
	json_t *pull = call(bors, "GET", NULL, NULL, "pulls/%d", patch->number), *merged;
	bool same = strcmp(text(json_object_get(pull, "head"), "sha"), patch->commit) == 0;
	int status = 0;

	json_decref(pull);
	*ret_why = "Synchronization error!";
	if (!same)
		return false;
	merged = call(bors, "POST",
		      json_pack("{s:s,s:s,s:s}", "base", "staging.tmp", "head", patch->commit, "commit_message",
				"[ci skip][skip ci][skip netlify] -bors-staging-tmp"),
		      &status, "merges");
	copy(tree, 41, text(json_object_get(json_object_get(merged, "commit"), "tree"), "sha"));
	json_decref(merged);
	*ret_why = "Merge conflict.";
	return status == 201;
}

static void make_staging(struct bors *bors, const char *base, const char *tree)
{
	json_t *parents = json_pack("[s]", base), *made;

	for (size_t i = 0; i < bors->n_members; i++)
		json_array_append_new(parents, json_string(patch_of(bors, bors->members[i])->commit));
	made = call(bors, "POST", json_pack("{s:s,s:s,s:o}", "message", "Merge", "tree", tree, "parents", parents),
		    NULL, "git/commits");
	copy(bors->staging, sizeof bors->staging, text(made, "sha"));
	json_decref(made);
	force(bors, "staging", bors->staging);
	json_decref(call(bors, "DELETE", NULL, NULL, "git/refs/heads/staging.tmp"));
}

static void start_batch(struct bors *bors)
{
	json_t *branch = call(bors, "GET", NULL, NULL, "branches/%s", bors->into);
	char base[41], tree[41] = "";
	const char *why = "";
	bool ok = true;

	copy(base, sizeof base, text(json_object_get(branch, "commit"), "sha"));
	json_decref(branch);
	force(bors, "staging.tmp", base);
	for (size_t i = 0; i < bors->n_members && ok; i++)
		ok = merge_one(bors, patch_of(bors, bors->members[i]), tree, &why);
	if (!ok) {
		end_batch(bors, BORS_ERROR, why);
		return;
	}
	read_config(bors, "staging.tmp", &bors->config);
	if (!bors->config.found) {
		end_batch(bors, BORS_ERROR, "Configuration problem: bors.toml: not found");
		return;
	}
	make_staging(bors, base, tree);
	bors->state = BORS_RUNNING;
	bors->timeout_at = bors->now + bors->config.timeout_s * 1000;
	for (size_t i = 0; i < bors->n_members; i++)
		post(bors, patch_of(bors, bors->members[i])->commit, "pending", "Running");
}

/* Nothing of the changes is looked at again: the branch's protection has the last word. */
static void push_base(struct bors *bors)
{
	int status;

	post(bors, bors->staging, "success", "Build succeeded");
	json_decref(call(bors, "PATCH", json_pack("{s:s}", "sha", bors->staging), &status, "git/refs/heads/%s",
			 bors->into));
	if (status == 200)
		end_batch(bors, BORS_OK, "Build succeeded");
	else
		end_batch(bors, BORS_ERROR, "This PR failed to merge into the base. It will not be retried.");
}

static void poll_batch(struct bors *bors)
{
	enum outcome outcome = look_all(bors, bors->staging, bors->config.status, bors->config.n_status);

	if (outcome == FAILED)
		end_batch(bors, BORS_ERROR, "Build failed");
	else if (outcome == OK)
		push_base(bors);
	else if (bors->now > bors->timeout_at)
		end_batch(bors, BORS_ERROR, "Timed out");
}

/* ---- what is told ---- */

void bors_comment(struct bors *bors, int number, const char *body)
{
	if (strcmp(body, "bors r+") == 0)
		approve(bors, number);
}

void bors_change(struct bors *bors, int number, const char *action)
{
	const struct patch *patch = sync_patch(bors, number);

	if (!patch->draft && strcmp(action, "synchronize") == 0 && in_batch(bors, number))
		end_batch(bors, BORS_ERROR, "Canceled");
}

void bors_status(struct bors *bors, const char *sha)
{
	if (bors->state == BORS_RUNNING && strcmp(sha, bors->staging) == 0)
		poll_batch(bors);
}

void bors_tick(struct bors *bors, int64_t now_ms)
{
	bors->now = now_ms;
	for (size_t i = 0; i < bors->n_patches; i++)
		if (bors->pollers[i].on && bors->pollers[i].next <= now_ms)
			poll_one(bors, &bors->pollers[i]);
	if (bors->state == BORS_WAITING && bors->due_at <= now_ms)
		start_batch(bors);
	else if (bors->state == BORS_RUNNING)
		poll_batch(bors);
}

enum bors_batch bors_batch(const struct bors *bors)
{
	return bors->state;
}

const char *bors_staging(const struct bors *bors)
{
	return bors->staging;
}

const char *bors_said(const struct bors *bors)
{
	return bors->said;
}
