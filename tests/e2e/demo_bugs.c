/* The tracker's part of the demo: who is there, the bug and its patch, the webhook; what the public and the server's
 * own host are told of it; and a push that a commit hook answers. */
#include "tests/e2e/demo.h"

#include <stdlib.h>
#include <string.h>

#define HOOK_SECRET "Token of-the-demo"

static bool configure(struct demo *demo)
{
	const struct rig *rig = &demo->rig;
	char script[512];

	(void)snprintf(script, sizeof script,
		       "umask 077; cd %s; printf BOTKEY >tracker-key; printf '" HOOK_SECRET "' >tracker-hook",
		       rig->dir);
	(void)snprintf(demo->config, sizeof demo->config,
		       "bugs: {tick: 1s}\n"
		       "trackers:\n"
		       "  - name: bmo\n"
		       "    url: %s/bugzilla-bmo\n"
		       "    key_file: %s/tracker-key\n"
		       "    webhook_secret_file: %s/tracker-hook\n"
		       "    groups: [core-security]\n"
		       "hook:\n"
		       "  socket: %s/hook.sock\n"
		       "  repositories:\n"
		       "    - {name: acme/engine, policy: %s, tracker: bmo}\n",
		       rig->tracker_url, rig->dir, rig->dir, rig->dir, SOURCE_DIR "/examples/policies/demo.yml");
	demo->rig.plan.config = demo->config;
	return rig_sh(&demo->rig, script) == 0 || rig_fail(&demo->rig, "the tracker's key cannot be written");
}

static bool done(json_t *answer)
{
	json_decref(answer);
	return answer != NULL;
}

static bool people(struct rig *rig)
{
	return done(rig_act(rig, "account", DEMO_DEV,
			    "{\"login\":\"bot@tracker.test\",\"groups\":[\"core-security\"],\"key\":\"BOTKEY\","
			    "\"insider\":true}")) &&
	       done(rig_act(rig, "account", DEMO_DEV, "{\"login\":\"" DEMO_SAM "\",\"groups\":[\"core-security\"]}")) &&
	       done(rig_act(rig, "account", DEMO_DEV, "{\"login\":\"" DEMO_DEV "\"}"));
}

static bool report(struct demo *demo)
{
	json_t *answer;

	if (!done(rig_act(&demo->rig, "bug", DEMO_DEV, "{\"bug\":900001}")))
		return false;
	answer = rig_act(&demo->rig, "attachment", DEMO_DEV,
			 "{\"bug\":900001,\"is_patch\":true,\"flags\":[{\"name\":\"sec-approval\",\"status\":\"?\"}]}");
	demo->attachment = json_integer_value(json_object_get(answer, "id"));
	return done(answer);
}

bool demo_bugs_prepare(struct demo *demo)
{
	return configure(demo) && people(&demo->rig) && report(demo);
}

bool demo_bugs_connect(struct demo *demo)
{
	struct rig *rig = &demo->rig;

	return done(rig_act(rig, "webhook", "bot@tracker.test",
			    "{\"url\":\"http://127.0.0.1:%u/webhooks/bugzilla\",\"header\":\"Authorization\","
			    "\"value\":\"" HOOK_SECRET "\"}",
			    rig->port)) &&
	       done(rig_world(rig, "push", "{\"do\":\"configure\",\"ms\":100}"));
}

/* ---- what is told of it ---- */

/* What `headgate explain` says, and what stands in the bug. The bug's number is the commit's own word, and public. */
static bool tells(const char *text)
{
	static const char *const words[] = {"sec-high",      "sec-approval", "core-security",
					    "security bugs", "is private",   "canary-"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strstr(text, words[i]))
			return true;
	return false;
}

static bool a_status_tells(const struct demo *demo)
{
	for (size_t i = 0; i < json_array_size(demo->rig.log); i++) {
		const char *text = json_string_value(json_object_get(json_array_get(demo->rig.log, i), "description"));

		if (text && tells(text))
			return true;
	}
	return false;
}

const char *demo_public_tells(struct demo *demo, const char *sha)
{
	static const char *const forms[] = {"", ".json", ".txt"};
	const char *wrong = a_status_tells(demo) ? "a status tells of the bug" : NULL;

	for (size_t i = 0; !wrong && i < sizeof forms / sizeof forms[0]; i++) {
		char path[160];
		struct rig_reply reply;

		(void)snprintf(path, sizeof path, "/%s/c/%s%s", demo->rig.repo, sha, forms[i]);
		if (!rig_page(&demo->rig, path, &reply) || reply.status != 200)
			wrong = "the public page is not there";
		else if (tells(reply.body))
			wrong = "the public page tells of the bug";
		else if (!strcasestr(reply.body, "maintainer clearance"))
			wrong = "the public page does not ask for clearance";
		rig_reply_clear(&reply);
	}
	return wrong;
}

/* What stands behind the word, up to the end of its line. */
static bool line_behind(const char *text, const char *word, char ret[DEMO_TEXT])
{
	const char *at = strstr(text, word);

	if (!at)
		return false;
	at += strlen(word);
	(void)snprintf(ret, DEMO_TEXT, "%.*s", (int)strcspn(at, "\n\r"), at);
	return true;
}

bool demo_inside(struct demo *demo, const struct demo_step *step)
{
	char config[128], subject[160], line[DEMO_TEXT], note[DEMO_TEXT + 64];
	const char *words[] = {"explain", "-c", config, subject, NULL};
	char *out;
	bool ok;

	(void)snprintf(config, sizeof config, "%s/headgate.yml", demo->rig.dir);
	(void)snprintf(subject, sizeof subject, "%s@%s", demo->rig.repo, demo_sha(demo, step->expects[0].commit));
	(void)rig_run(&demo->rig, words);
	out = rig_file(&demo->rig, "out.txt");
	ok = line_behind(out, step->inside, line);
	if (!ok)
		(void)rig_fail(&demo->rig, "`headgate explain` does not say %s: %.600s", step->inside, out);
	free(out);
	demo_print_note(demo, "the public page says \"Maintainer clearance\" and no more, in all its forms;");
	(void)snprintf(note, sizeof note, "`headgate explain`, on this host alone: %s", ok ? line : "");
	demo_print_note(demo, note);
	return ok;
}

/* ---- a push ---- */

/* Made when it is first pushed to, of what the forge has then. */
static bool make_host(struct demo *demo)
{
	char script[1200];

	(void)snprintf(
		script, sizeof script,
		"cd %s; test ! -d host.git || exit 0; git clone -q --bare world/%s.git host.git\n"
		"printf '#!/bin/sh\\nexec %s/headgate-hook pre-receive --repository %s --socket %s/hook.sock\\n' "
		">host.git/hooks/pre-receive; chmod +x host.git/hooks/pre-receive",
		demo->rig.dir, demo->rig.repo, demo->rig.bin, demo->rig.repo, demo->rig.dir);
	return rig_sh(&demo->rig, script) == 0 || rig_fail(&demo->rig, "no repository to push to: see sh.log");
}

static void answer_of(struct demo *demo, int code)
{
	char *text = rig_file(&demo->rig, "pushed.txt"), line[DEMO_TEXT] = "";
	const char *mark = code == 0 ? "main is " : "headgate: ";

	demo->pushed = code == 0 ? DEMO_LANDED : DEMO_REFUSED;
	(void)line_behind(text, mark, line);
	for (size_t n = strlen(line); n > 0 && line[n - 1] == ' '; n--) /* git fills up its lines */
		line[n - 1] = '\0';
	(void)snprintf(demo->said, sizeof demo->said, "%s%.200s", mark, line);
	free(text);
}

bool demo_push(struct demo *demo, const char *sha)
{
	char script[600];

	(void)snprintf(script, sizeof script,
		       "cd %s; export HOME=$PWD GIT_CONFIG_NOSYSTEM=1; exec >pushed.txt 2>&1\n"
		       "git -C world/%s.git push -q ../../../host.git %s:refs/heads/main\n"
		       "echo main is $(git -C host.git rev-parse --short=7 main)",
		       demo->rig.dir, demo->rig.repo, sha);
	if (!make_host(demo))
		return false;
	answer_of(demo, rig_sh(&demo->rig, script));
	return true;
}
