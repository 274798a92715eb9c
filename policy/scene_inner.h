/* scene_inner: what the files of scene share. A reading function fills the scene's problem and returns false. */
#ifndef POLICY_SCENE_INNER_H
#define POLICY_SCENE_INNER_H

#include "policy/scene.h"

#define SCENE_STEP_MS ((int64_t)60 * 1000)      /* between two things that happen */
#define SCENE_REST_MS ((int64_t)60 * 60 * 1000) /* from the last one to the judgement */
#define SCENE_NONE    SIZE_MAX

struct told_commit {
	struct text name;
	struct commit commit;
	size_t parent; /* SCENE_NONE: the commits the scene began with */
	bool alone;    /* not even those */
};

struct scene {
	struct arena *arena;
	struct problem *problem;
	struct facts facts;
	struct change change;
	bool gone;   /* no open change has the head */
	bool behind; /* the base branch has commits that the head lacks */
	int64_t clock;
	struct text message;
	unsigned unknown; /* enum fact bits */

	/* The arrays behind facts and change, growing. */
	struct member *people;
	struct told_commit *told;
	size_t n_told, tip; /* tip: the commit that the next one stands on */
	const struct commit *below;
	size_t n_below;
	struct review *reviews;
	struct comment *comments;
	struct order *delegations, *landing_asks;
	struct outcome *outcomes;
	struct bug *bugs;
	struct tree *trees;
	struct text *labels;
	int64_t *pushers;
	int64_t next_id;
};

/* The base branch's tip, and where the change leaves it, by its name. */
void scene_stand_on_base(struct scene *scene);

struct scene_row {
	struct policy_key doc;
	bool (*read)(struct scene *scene, const struct yaml *value);
};
struct scene_rows {
	const struct scene_row *at;
	size_t n;
};
#define SCENE_ROWS(table)                                                                                              \
	{                                                                                                              \
		(table), sizeof(table) / sizeof((table)[0])                                                            \
	}

extern const struct scene_rows scene_keys, scene_steps;

const char *scene_row_name(const struct scene_row *row); /* what follows the last '.' */

bool scene_wrong(struct scene *scene, const struct yaml *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* "unknown WHAT `word`; did you mean `near`?" */
bool scene_unknown(struct problem *problem, const struct yaml *at, const char *what, const char *const *names,
		   size_t n);

bool scene_text(struct scene *scene, const struct yaml *value, struct text *ret);
bool scene_bool(struct scene *scene, const struct yaml *value, bool *ret);
bool scene_int(struct scene *scene, const struct yaml *value, int64_t *ret);
bool scene_texts(struct scene *scene, const struct yaml *value, const struct text **ret, size_t *ret_n);
/* The index of the word in names. */
bool scene_word(struct scene *scene, const struct yaml *value, const char *const *names, size_t n, size_t *ret);

/* A map whose keys are texts out of `names`; *at[i] is the value of names[i] or NULL. */
bool scene_members(struct scene *scene, const struct yaml *map, const char *const *names, size_t n,
		   const struct yaml **at);

/* A copy with room for one more; and an array that came from either of these with room for one more. */
void *scene_copied(struct arena *arena, const void *at, size_t n, size_t size);
void *scene_grown(struct arena *arena, void *at, size_t n, size_t size);

/* Somebody of `people`; `nobody` is an account that the forge does not know. */
bool scene_person(struct scene *scene, const struct yaml *value, struct person *ret);
bool scene_people(struct scene *scene, const struct yaml *value);
void scene_introduce(struct scene *scene, const struct member *member);
int64_t scene_id(struct text login);

/* A commit that was told or is one of those the scene began with. */
bool scene_commit(struct scene *scene, const struct yaml *value, struct oid *ret);
struct oid scene_oid(const char *kind, struct text name);

bool scene_happens(struct scene *scene, const struct yaml *steps);
/* Makes the commits of the change those that the head stands on. */
void scene_range(struct scene *scene);

/* Somebody comments now; what it tells gates is told by its event. Its id and time are filled here. */
void scene_say(struct scene *scene, struct comment comment);
bool scene_step_land(struct scene *scene, const struct yaml *value);
bool scene_step_unland(struct scene *scene, const struct yaml *value);
bool scene_step_delegate(struct scene *scene, const struct yaml *value);
bool scene_step_undelegate(struct scene *scene, const struct yaml *value);

bool scene_statuses(struct scene *scene, const struct yaml *value);
bool scene_checks(struct scene *scene, const struct yaml *value);
bool scene_workflows(struct scene *scene, const struct yaml *value);
bool scene_owners_files(struct scene *scene, const struct yaml *value);
bool scene_files(struct scene *scene, const struct yaml *value);

/* scene_trees.c */
bool scene_trees(struct scene *scene, const struct yaml *value);
bool scene_step_trees(struct scene *scene, const struct yaml *value);

/* scene_bugs.c */
bool scene_bugs(struct scene *scene, const struct yaml *value);
bool scene_step_bugs(struct scene *scene, const struct yaml *value);
bool scene_step_flag(struct scene *scene, const struct yaml *value);
bool scene_step_bug_flag(struct scene *scene, const struct yaml *value);
bool scene_step_obsolete(struct scene *scene, const struct yaml *value);

#endif
