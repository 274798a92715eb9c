/*
 * scripted: an http port that answers from a table of steps, in order, and fails the Check test when something else is
 * asked for than the next step says. Answers carry a Date; a body larger than the request takes is ERR_LIMIT.
 */
#ifndef TESTS_SUPPORT_SCRIPTED_H
#define TESTS_SUPPORT_SCRIPTED_H

#include "agent/base/http.h"

#define SCRIPTED_HEADERS 3

struct scripted_step {
	const char *method, *path; /* path: below the base, or a whole URL */
	unsigned status;
	const char *body;
	struct {
		const char *name, *value;
	} headers[SCRIPTED_HEADERS]; /* of the answer */
	const char *bearer;          /* what must be carried; "*": something with two dots (a proof); NULL: anything */
	const char *etag;            /* the If-None-Match that must be there; NULL: none may be */
	enum err_code fail;          /* instead of an answer */
};

struct scripted {
	const char *base;
	const struct scripted_step *steps;
	size_t n, asked;
	const char *date; /* the Date header; NULL: "Tue, 14 Nov 2023 22:13:20 GMT", SCRIPTED_NOW */
	char last_body[1024], last_bearer[4096];
};
#define SCRIPTED_NOW INT64_C(1700000000000)

struct http_port scripted_port(struct scripted *script); /* borrowed */
void scripted_over(const struct scripted *script);       /* every step was asked for */

#endif
