/*
 * broad_inner: what the files of the broad stage share; nobody else includes it.
 */
#ifndef TESTS_SIM_BROAD_INNER_H
#define TESTS_SIM_BROAD_INNER_H

#include "tests/sim/sim.h"

enum err_code broad_say(struct err *err, enum err_code code, const char *what);
struct person broad_person(const struct truth *t, int who);

/* Verbs of the forge port, of people. */
enum err_code broad_commit_people(void *self, const struct forge_call *call, int64_t number,
				  struct forge_list_people *out, struct err *err);
enum err_code broad_permission(void *self, const struct forge_call *call, struct text login, struct member *out,
			       struct err *err);
enum err_code broad_in_team(void *self, const struct forge_call *call, const struct forge_membership *in, bool *out,
			    struct err *err);
enum err_code broad_belongs(void *self, const struct forge_call *call, const struct forge_belonging *in, enum tri *out,
			    struct err *err);
enum err_code broad_merged_before(void *self, const struct forge_call *call, const struct person *of, enum tri *out,
				  struct err *err);

/* Of what nobody does here: other tools' words, conversations, check runs. */
enum err_code broad_outcomes(void *self, const struct forge_call *call, const struct forge_asked *in,
			     struct forge_list_outcomes *out, struct err *err);
enum err_code broad_threads(void *self, const struct forge_call *call, int64_t number, struct forge_list_threads *out,
			    struct err *err);
enum err_code broad_check_runs(void *self, const struct forge_call *call, const struct forge_named *in,
			       struct forge_list_checks *out, struct err *err);

#endif
