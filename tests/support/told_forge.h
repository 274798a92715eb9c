/*
 * told_forge: a forge and a mirror that answer what a test told them, and nothing else; the store is the real one over
 * rows in memory. Every verb can be made to fail.
 */
#ifndef TESTS_SUPPORT_TOLD_FORGE_H
#define TESTS_SUPPORT_TOLD_FORGE_H

#include "agent/work/gather.h"

#define TOLD_REPO         INT64_C(7)
#define TOLD_INSTALLATION INT64_C(70)
#define TOLD_THERE        INT64_C(8)
#define TOLD_MAX          8

enum told_verb {
	TOLD_OPEN_CHANGES = 1,
	TOLD_CHANGE,
	TOLD_REVIEWS,
	TOLD_MOVES,
	TOLD_PEOPLE,
	TOLD_PERMISSION,
	TOLD_TEAM,
	TOLD_TIP,
	TOLD_GIT,
	TOLD_FETCH,
	TOLD_RANGE,
	TOLD_FILE,
	TOLD_CHECKS,
	TOLD_REPOSITORY,
	TOLD_BELONGS,
	TOLD_MERGED,
	TOLD_LINES,
	TOLD_SAID,
	TOLD_OUTCOMES,
	TOLD_THREADS
};

struct told_forge {
	struct forge_change changes[TOLD_MAX];
	bool unlisted[TOLD_MAX];        /* the list of open changes misses it */
	struct oid listed_as[TOLD_MAX]; /* the head the list gives, where it is another */
	size_t n_changes;
	size_t shown; /* open changes that the list shows, at least; of other heads */
	struct forge_review reviews[TOLD_MAX];
	int64_t review_of[TOLD_MAX]; /* the change's number; 0: of every change */
	size_t n_reviews;
	struct forge_move moves[TOLD_MAX];
	int64_t move_of[TOLD_MAX]; /* the change's number; 0 for the first: they are of every change */
	size_t n_moves;
	bool moves_incomplete;
	int64_t base_changed_at;
	struct forge_commit_people people[TOLD_MAX];
	size_t n_people;
	const struct forge_list_people *many_people; /* in place of people */
	const struct mirror_range_out *many_commits; /* in place of commits */
	int64_t login_owner;                         /* the id that permission answers; 0: the login's own number */
	enum permission permission;
	bool in_team;
	enum tri belongs;                        /* to whatever organization is asked for */
	enum tri merged_before;                  /* whoever is asked for */
	char asked_for[256];                     /* logins whose permission was asked for: "u5 u100 " */
	struct forge_check_run checks[TOLD_MAX]; /* with the status's name */
	size_t n_checks;
	struct oid tip;
	int64_t tip_since; /* the latest sent_since that a tip was asked for with */
	struct commit commits[TOLD_MAX];
	size_t n_commits;
	struct told_root {
		struct oid sha, tree, merge_base;
		enum err_code fails; /* its fetch */
	} roots[TOLD_MAX];           /* commits whose range is another: them alone, on this merge base */
	size_t n_roots;
	unsigned ranges;          /* how often one was asked for */
	struct told_there {       /* another repository, with one file at one commit */
		const char *repo; /* NULL: there is none */
		const char *name; /* which it has by now; NULL: the same */
		const char *branch, *path, *file;
		struct oid tip;
		enum told_verb fails; /* REPOSITORY, TIP, GIT, FETCH or FILE of it */
		enum err_code fails_as;
		int64_t sent_since; /* of the newest question for its tip */
	} there;
	const char *bors; /* the file at bors_at; NULL: absent */
	const char *bors_at;
	enum err_code bors_fails;
	enum carry carries; /* what every approved commit has in common with the head */
	enum err_code carry_fails;
	unsigned carried; /* how often it was asked for */
	struct path paths[TOLD_MAX];
	size_t n_paths;
	struct forge_lines lines[TOLD_MAX];
	size_t n_lines;
	struct forge_said said;
	unsigned listened; /* how often it was asked for */
	struct forge_outcome outcomes[TOLD_MAX];
	size_t n_outcomes;
	unsigned outcomes_asked; /* how often, each kind */
	struct forge_thread threads[TOLD_MAX];
	size_t n_threads;
	int64_t threads_at;     /* the change's time, in that answer */
	unsigned threads_asked; /* how often */
	bool lines_cut;         /* there may be more */
	unsigned compared;      /* how often they were asked for */
	bool unrelated;
	struct oid merged;              /* a merge group's commit: what lands with it is merges */
	struct commit merges[TOLD_MAX]; /* the group's, from the newest */
	size_t n_merges;
	bool landed;        /* it is on the base */
	bool queue_gone;    /* its branches of the queue are */
	bool base_gone;     /* and all others */
	const char *file;   /* of the policy; NULL: absent */
	const char *owners; /* the file at owners_at; every other path holds `file` */
	const char *owners_at;
	enum err_code owners_fail;
	int64_t fetch_until; /* the deadline of the newest fetch */
	const char *name;    /* of the repository, by its number: "o/r" */
	unsigned names;      /* how often it was asked for */
	struct oid on_base;  /* another commit that is */
	struct oid pushed;   /* the tip of the branch "autoland"; unknown: it is as the others */
	bool no_autoland;    /* there is no such branch */
	struct oid below;    /* a commit that "autoland" has below its tip */
	enum told_verb fails;
	enum err_code fails_as;
	const char *fails_with; /* the error's text; NULL: some */
	int64_t now;

	struct rows rows;
	struct exec_direct *exec;
	struct store store;
	struct forge forge;
	struct mirror mirror;
	struct gather_ports ports;
	struct gather_config config;
	struct claim claim;
	struct gather gather;
	struct arena arena;
};

/* One open change, number 1, head 'a' * 40, base tip 'f' * 40, one commit by u100, nothing else. */
void told_forge_open(struct told_forge *t);
/* The same: its head arrived at 100 s, u5 approved it at 200 s, and it waits for its judgement. */
void told_forge_open_approved(struct told_forge *t);
void told_forge_close(struct told_forge *t);

struct oid told_oid(char digit);                                                        /* 40 times that digit */
struct text told_login(struct told_forge *t, int64_t id);                               /* "u5" */
void told_forge_keep(struct told_forge *t, const struct table *table, const void *row); /* into the store */
bool told_forge_find(struct told_forge *t, const struct table *table, void *row);       /* by its key; false: none */
/* The forge's record: u100 began the branch of this change with that head at 100 s. */
void told_forge_record(struct told_forge *t, int64_t number, struct oid head);
struct forge_change *told_forge_add(struct told_forge *t, int64_t number, char head);

#endif
