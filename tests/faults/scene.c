#include "tests/faults/scene.h"

#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "agent/store/store.h"

enum { STEP_MS = 40000, QUIET_MS = 200, POLL_MS = 5 };

const char *const scene_parts[SCENE_PARTS] = {"main", "commit", "apply", "post", "sweep", "judge", "show", "accept"};

const char *scene_path(int path)
{
	static const char *const names[SCENE_PATHS] = {"opened", "approved",  "allowed", "dismissed",
						       "pushed", "restarted", "empty"};

	return names[path];
}

/* What must stand on the head, and on the commit before it. Only one step may bring a success. */
static const struct {
	const char *state, *text, *old;
} right[SCENE_STEPS] = {
	[SCENE_OPENED] = {"pending", "(0/2)", NULL},      [SCENE_APPROVED] = {"pending", "(1/2)", NULL},
	[SCENE_ALLOWED] = {"success", NULL, NULL},        [SCENE_DISMISSED] = {"failure", "(1/2)", NULL},
	[SCENE_PUSHED] = {"pending", "(0/2)", "failure"},
};

enum scene_part scene_part_of(unsigned thread)
{
	static const enum scene_part parts[] = {SCENE_MAIN,  SCENE_COMMIT, SCENE_APPLY, SCENE_POST,
						SCENE_SWEEP, SCENE_JUDGE,  SCENE_JUDGE, SCENE_SHOW,
						SCENE_SHOW,  SCENE_SHOW,   SCENE_SHOW};

	return thread < sizeof parts / sizeof parts[0] ? parts[thread] : SCENE_ACCEPT;
}

uint32_t scene_threads_of(enum scene_part part)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < TAP_THREADS; i++)
		bits |= scene_part_of(i) == part ? UINT32_C(1) << i : 0;
	return bits;
}

/* ---- the stage ---- */

static void failed(struct rig *rig, const char *why)
{
	(void)rig;
	ck_abort_msg("%s", why);
}

static bool before_exec(void *context)
{
	return tap_follow(context);
}

void scene_begin(struct scene *scene)
{
	static const char *const people[] = {"alice", "bob", "carol"};
	const char *why = "";
	struct rig_plan plan = {
		.failed = failed,
		.before_exec = before_exec,
		.config = "limits:\n  post_deadline: 1s\n  post_grace: 1s\n",
	};

	*scene = (struct scene){.told = json_object()};
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	scene->tap = tap_open(&why);
	ck_assert_msg(scene->tap != NULL,
		      "a process may not trace its own child here (ptrace: %s): give the container SYS_PTRACE", why);
	plan.context = scene->tap;
	ck_assert(rig_start(&scene->rig, &plan));
	json_decref(rig_world(&scene->rig, "rate", "{\"limit\":1000000}")); /* hundreds of kills are a long story */
	for (size_t i = 0; i < sizeof people / sizeof people[0]; i++)
		json_decref(
			rig_act(&scene->rig, "permission", "acme", "{\"login\":\"%s\",\"role\":\"write\"}", people[i]));
}

void scene_end(struct scene *scene)
{
	ck_assert(rig_stop(&scene->rig));
	tap_close(scene->tap);
	json_decref(scene->told);
}

void scene_restart(struct scene *scene)
{
	char *log;

	if (rig_agent_try(&scene->rig))
		return;
	log = rig_file(&scene->rig, "agent.log");
	ck_assert_msg(strstr(log, "ddress already in use"), "it does not start again, code %d: %s",
		      scene->rig.agent_code, strlen(log) > 1500 ? log + strlen(log) - 1500 : log);
	free(log);
	ck_assert(rig_agent_start(&scene->rig));
}

void scene_forget(struct scene *scene)
{
	char script[160];

	(void)snprintf(script, sizeof script, "rm -rf %s/state", scene->rig.dir);
	ck_assert_int_eq(rig_sh(&scene->rig, script), 0);
	scene->verdicts = 0;
}

/* ---- the steps ---- */

static const char *str(const json_t *entry, const char *key)
{
	const char *value = json_string_value(json_object_get(entry, key));

	return value ? value : "";
}

static json_int_t num(const json_t *entry, const char *key)
{
	return json_integer_value(json_object_get(entry, key));
}

static void keep_head(struct scene *scene, json_t *answer, const char *key)
{
	(void)snprintf(scene->head, sizeof scene->head, "%s", str(answer, key));
	ck_assert_uint_eq(strlen(scene->head), 40);
	json_decref(answer);
}

static void push(struct scene *scene, int n)
{
	scene->fresh = true;
	keep_head(scene,
		  rig_act(&scene->rig, "push", "alice",
			  "{\"branch\":\"topic%d\",\"files\":{\"a%d.txt\":\"%d\\n\"},\"message\":\"Change %d.%d\"}",
			  scene->changes, scene->changes, n, scene->changes, n),
		  "sha");
}

static void open_change(struct scene *scene)
{
	json_t *answer;

	scene->changes++;
	scene->old[0] = '\0';
	push(scene, 1);
	answer = rig_act(&scene->rig, "open", "alice",
			 "{\"head\":\"topic%d\",\"base\":\"main\",\"title\":\"A change\"}", scene->changes);
	scene->number = num(answer, "number");
	ck_assert_int_gt(scene->number, 0);
	json_decref(answer);
}

static void approve(struct scene *scene, const char *who)
{
	json_t *answer;

	if (scene->fresh)
		rig_next_second();
	scene->fresh = false;
	answer = rig_act(&scene->rig, "approve", who, "{\"number\":%lld}", (long long)scene->number);
	scene->review = num(answer, "id");
	json_decref(answer);
}

static void approve_first(struct scene *scene)
{
	approve(scene, "bob");
}

static void approve_second(struct scene *scene)
{
	approve(scene, "carol");
}

static void dismiss(struct scene *scene)
{
	json_decref(rig_act(&scene->rig, "dismiss", "alice", "{\"number\":%lld,\"review\":%lld,\"message\":\"no\"}",
			    (long long)scene->number, (long long)scene->review));
}

static void push_again(struct scene *scene)
{
	memcpy(scene->old, scene->head, sizeof scene->old);
	push(scene, 2);
}

void scene_play(struct scene *scene, enum scene_step step)
{
	static void (*const acts[SCENE_STEPS])(struct scene *) = {[SCENE_OPENED] = open_change,
								  [SCENE_APPROVED] = approve_first,
								  [SCENE_ALLOWED] = approve_second,
								  [SCENE_DISMISSED] = dismiss,
								  [SCENE_PUSHED] = push_again};

	scene->mark = rig_log_mark(&scene->rig);
	scene->step = step;
	acts[step](scene);
}

/* ---- what the store and the world say ---- */

static int64_t ask_number(struct scene *scene, const char *query, const char *word)
{
	char path[128];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int64_t n;

	(void)snprintf(path, sizeof path, "%s/state/headgate.db", scene->rig.dir);
	ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 5000);
	ck_assert_msg(sqlite3_prepare_v2(db, query, -1, &stmt, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
	if (word)
		(void)sqlite3_bind_text(stmt, 1, word, -1, SQLITE_STATIC);
	ck_assert_msg(sqlite3_step(stmt) == SQLITE_ROW, "%s", sqlite3_errmsg(db));
	n = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return n;
}

int64_t scene_owed(struct scene *scene)
{
	return ask_number(scene,
			  "SELECT (SELECT count(*) FROM journal WHERE state = 0)"
			  " + (SELECT count(*) FROM subject WHERE due = 1 AND NOT (not_before > 0 AND attempts = 0)) + "
			  "(SELECT count(*) FROM slot WHERE due = 1)"
			  " + (SELECT count(*) FROM ledger WHERE in_doubt = 1)",
			  NULL);
}

static bool is_right(struct scene *scene)
{
	const json_t *status = rig_status(&scene->rig, scene->head);
	const char *state = right[scene->step].state, *text = right[scene->step].text, *old = right[scene->step].old;

	if (strcmp(str(status, "state"), state) != 0 || (text && !strstr(str(status, "description"), text)))
		return false;
	return !old || strcmp(str(rig_status(&scene->rig, scene->old), "state"), old) == 0;
}

/* Into told: a delivery is told once any sending of it was answered 202. */
static void note_deliveries(struct scene *scene)
{
	json_t *log = rig_log(&scene->rig);

	for (; scene->log_at < json_array_size(log); scene->log_at++) {
		const json_t *entry = json_array_get(log, scene->log_at);
		const char *guid = str(entry, "guid");

		if (strcmp(str(entry, "kind"), "delivery") != 0)
			continue;
		if (num(entry, "status") == 202)
			(void)json_object_set_new(scene->told, guid, json_true());
		else if (!json_object_get(scene->told, guid))
			(void)json_object_set_new(scene->told, guid, json_false());
	}
}

int scene_redeliver(struct scene *scene)
{
	const char *guid;
	json_t *was;
	int n = 0;

	ck_assert(rig_settle(&scene->rig, 20));
	note_deliveries(scene);
	json_object_foreach(scene->told, guid, was)
	{
		if (json_is_true(was))
			continue;
		json_decref(rig_world(&scene->rig, "hooks", "{\"do\":\"redeliver\",\"guid\":\"%s\"}", guid));
		n++;
	}
	scene->redelivered += n;
	return n;
}

/* ---- what must hold ---- */

static void no_wrong_success(struct scene *scene)
{
	const json_t *log = rig_log(&scene->rig);

	for (size_t i = json_array_size(log); i > 0; i--) {
		const json_t *entry = json_array_get(log, i - 1);

		if (num(entry, "n") <= scene->mark)
			return;
		if (strcmp(str(entry, "kind"), "post") != 0 || strcmp(str(entry, "state"), "success") != 0)
			continue;
		ck_assert_msg(scene->step == SCENE_ALLOWED && strcmp(str(entry, "sha"), scene->head) == 0,
			      "a wrong success on %s after step %s of change %d (head %s)", str(entry, "sha"),
			      scene_path((int)scene->step), scene->changes, scene->head);
	}
}

static void nothing_is_lost(struct scene *scene)
{
	const char *guid;
	json_t *was;
	void *next;

	note_deliveries(scene);
	json_object_foreach_safe(scene->told, next, guid, was)
	{
		int64_t n = ask_number(scene, "SELECT count(*) FROM journal WHERE guid = ?", guid);

		if (!json_is_true(was))
			continue;
		ck_assert_msg(n == 1, "%s was answered 202 and is %lld times in the journal (step %s of change %d)",
			      guid, (long long)n, scene_path((int)scene->step), scene->changes);
		(void)json_object_del(scene->told, guid);
	}
}

static void the_chain_holds(struct scene *scene)
{
	char path[128];
	struct rows rows = {0};
	struct err err = ERR_NONE;
	struct exec_direct *exec;
	struct store store = {.exec = {0}};
	int64_t n = 0;

	(void)snprintf(path, sizeof path, "%s/state/headgate.db", scene->rig.dir);
	ck_assert_msg(rows_sqlite_open(path, true, &rows, &err), "%s", err.text);
	exec = exec_direct_new(&rows);
	store.exec = exec_direct_port(exec);
	ck_assert_msg(store_verify_chain(&store, &n, &err), "%s", err.text);
	exec_direct_free(exec);
	rows_close(&rows);
	ck_assert_msg(n >= scene->verdicts, "the hash chain had %lld verdicts and has %lld", (long long)scene->verdicts,
		      (long long)n);
	scene->verdicts = n;
}

bool scene_done(struct scene *scene)
{
	return is_right(scene) && scene_owed(scene) == 0;
}

static void wait_all_done(struct scene *scene)
{
	int64_t until = rig_now() + STEP_MS;

	while (!scene_done(scene)) {
		ck_assert_msg(rig_agent_running(&scene->rig), "the agent ended with %d after step %s",
			      scene->rig.agent_code, scene_path((int)scene->step));
		ck_assert_msg(rig_now() < until ||
				      !rig_fail(&scene->rig, "step %s of change %d: %lld rows owed, head is `%s` `%s`",
						scene_path((int)scene->step), scene->changes,
						(long long)scene_owed(scene),
						str(rig_status(&scene->rig, scene->head), "state"),
						str(rig_status(&scene->rig, scene->head), "description")),
			      "no convergence");
		rig_sleep(POLL_MS);
	}
}

static int posts(struct scene *scene)
{
	const json_t *log = rig_log(&scene->rig);
	int n = 0;

	for (size_t i = json_array_size(log); i > 0 && num(json_array_get(log, i - 1), "n") > scene->mark; i--)
		n += strcmp(str(json_array_get(log, i - 1), "kind"), "post") == 0;
	return n;
}

void scene_recover(struct scene *scene)
{
	int before;

	while (scene_redeliver(scene) > 0)
		ck_assert(rig_settle(&scene->rig, 20));
	wait_all_done(scene);
	before = posts(scene);
	ck_assert(rig_settle(&scene->rig, QUIET_MS));
	wait_all_done(scene); /* our own status comes back as a delivery, and may be slow to be applied */
	ck_assert_msg(posts(scene) == before, "it was right and did not stay quiet: step %s of change %d",
		      scene_path((int)scene->step), scene->changes);
	no_wrong_success(scene);
	nothing_is_lost(scene);
	the_chain_holds(scene);
	ck_assert_int_eq(
		ask_number(scene, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'", NULL),
		0);
}

bool scene_ended(struct scene *scene)
{
	int64_t until = rig_now() + STEP_MS;

	while (rig_agent_running(&scene->rig)) {
		if (scene_done(scene))
			return !rig_agent_running(&scene->rig);
		ck_assert_msg(rig_now() < until || !rig_fail(&scene->rig, "neither ended nor done"), "no end");
		rig_sleep(POLL_MS);
	}
	return true;
}
