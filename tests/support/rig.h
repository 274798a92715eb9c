/*
 * rig: the two real programs on loopback, as a test or a demo needs them. Starts headgate-world and `headgate serve`
 * in a private scratch directory with secrets of its own, performs acts through the world's control face, waits for
 * statuses, and reads the world's numbered log. Knows nothing of Check: a failure goes to plan.failed if there is one
 * (which need not return), and else is a false, NULL or zero with the reason in rig.why.
 *
 * Both programs die with the process that started them. Not for several threads.
 */
#ifndef TESTS_SUPPORT_RIG_H
#define TESTS_SUPPORT_RIG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RIG_CONTEXT "policy/merge-allowed"
#define RIG_WAIT_MS 30000 /* a bound for waits, generous because machines are; what is measured is printed */

struct rig;

struct rig_plan {
	const char *bin;    /* directory of the programs; NULL: $HEADGATE_BIN, else BIN_DIR of the build */
	const char *repo;   /* made with a README on main; NULL: acme/app; "": none is made */
	const char *config; /* further lines of the agent's configuration, or NULL */
	unsigned port;      /* the agent's first choice, else the next free one after it; 0: any */
	/* The agent is this App with this key, and not the bearer of a token; may be set in rig.plan before it starts.
	 */
	const char *app_id, *key_file;
	bool tracker;  /* the trackers on a port of their own, too: tracker_url */
	bool app;      /* the agent is an App with a key that is made for it, installed at acme */
	bool no_agent; /* the world alone; rig_agent_start() later */
	bool keep;     /* leave the directory in place when stopping */
	void (*failed)(struct rig *rig, const char *why);
	bool (*before_exec)(void *context); /* in the child that becomes `headgate serve`; false: it does not */
	void *context;
};

struct rig {
	char dir[64], repo[80], bin[256];
	char world_url[64], tracker_url[64], token[48], secret[72];
	char forge_url[128]; /* where the agent asks: world_url, or $HEADGATE_FORGE_FRONT, which may hold {port} */
	unsigned port, ops_port;
	pid_t world, agent;
	int agent_code; /* how the last agent ended that was found to have ended by itself; 128 + a signal */
	json_t *log;    /* the world's log as far as it was read; owned */
	json_int_t log_last;
	long agent_log_from; /* where the running agent's lines begin */
	struct rig_plan plan;
	char why[4096];
};

bool rig_start(struct rig *rig, const struct rig_plan *plan);
/* Both programs end by SIGTERM; true if the agent left with 0 and no sanitizer said anything. Takes a rig that never
 * started whole. */
bool rig_stop(struct rig *rig);

bool rig_agent_start(struct rig *rig); /* on the same state, and the same port if there was one */
bool rig_agent_term(struct rig *rig);  /* SIGTERM; true if it left with 0 in time */
void rig_agent_kill(struct rig *rig);  /* SIGKILL, waited for */
/* Starts it as rig_agent_start does, once, where it may well end before it is ready: true if it is ready. */
bool rig_agent_try(struct rig *rig);
/* Waits for it to end by itself: agent_code; -1: it still ran after ms and was killed. */
int rig_agent_end(struct rig *rig, int ms);
bool rig_agent_running(struct rig *rig);
/* A sanitizer's report in the agent's log? */
bool rig_agent_clean(struct rig *rig);

/* POST /_world/act {"do", "who", "repo", and the members of the JSON text}. The answer is owned by the caller. */
json_t *rig_act(struct rig *rig, const char *what, const char *who, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The same where the forge refuses: its HTTP status; 200 if it did not. Never counts as a failure of the rig. */
int rig_act_refused(struct rig *rig, const char *what, const char *who, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Another endpoint of the control face: "fault", "hooks", "clock". */
json_t *rig_world(struct rig *rig, const char *face, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* GET /_world/state: what the forge holds now. Owned by the caller. */
json_t *rig_state(struct rig *rig);

/* The log's entries so far, read afresh; borrowed until the next call. */
json_t *rig_log(struct rig *rig);
json_int_t rig_log_mark(struct rig *rig); /* the number of its last entry */
/* The newest status of the context that was posted for sha; NULL: none yet. Borrowed from the log. */
const json_t *rig_status(struct rig *rig, const char *sha);
/* Waits until that status has this state (and, if text is not NULL, this text in its description). */
const json_t *rig_wait_status(struct rig *rig, const char *sha, const char *state, int ms);
const json_t *rig_wait_text(struct rig *rig, const char *sha, const char *state, const char *text);
/* Waits until the world has delivered everything and nothing happened for quiet_ms. */
bool rig_settle(struct rig *rig, int quiet_ms);
/* Milliseconds from the making of the newest delivery of this event (and action, if not NULL) to the log entry. */
int64_t rig_since(struct rig *rig, const char *event, const char *action, const json_t *entry);

/* The tip of a branch; "" when there is none. Written to ret. */
void rig_tip(struct rig *rig, const char *branch, char ret[41]);

struct rig_reply {
	long status; /* 0: none came */
	char *body;  /* owned; rig_reply_clear */
	size_t len;
};
struct rig_request {
	const char *method, *url;
	const char *socket;         /* path of a unix socket, or NULL */
	const char *const *headers; /* "Name: value"; NULL-terminated, or NULL */
	const char *body;           /* NULL: none */
	size_t len;
};
bool rig_http(const struct rig_request *request, struct rig_reply *ret);
void rig_reply_clear(struct rig_reply *reply);
/* GET of a page of the agent: "/acme/app/c/SHA". */
bool rig_page(struct rig *rig, const char *path, struct rig_reply *ret);
/* A delivery of one's own, signed with the secret (NULL: the rig's). */
struct rig_delivery {
	const char *event, *guid, *secret, *body;
	size_t len;
	const char *signature; /* used as it is instead of a computed one; "": the header is left out */
};
bool rig_deliver(struct rig *rig, const struct rig_delivery *delivery, struct rig_reply *ret);

/* Runs `headgate WORDS...` (NULL-terminated) with the rig's configuration in HEADGATE's usual place (-c is the
 * caller's). Output and errors go to the files out.txt and err.txt in dir. The exit code; -1: it did not end. */
int rig_run(struct rig *rig, const char *const *words);
/* Runs a shell script; what it prints is added to sh.log in dir. The exit code; -1: it did not end. */
int rig_sh(struct rig *rig, const char *script);
/* A file of the rig as text, at most 1 MiB, owned by the caller; "" when there is none. */
char *rig_file(const struct rig *rig, const char *name);

/* Reports a failure: formats into rig.why and calls plan.failed. Always false. */
bool rig_fail(struct rig *rig, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sleeps into the next second of the wall clock. The forge's times are whole seconds, and a review in the second of the
 * push does not count: it may have been older. Call it between a push and the reviews that shall count. */
void rig_next_second(void);

/* Monotonic milliseconds. */
int64_t rig_now(void);
void rig_sleep(int ms);

#endif
