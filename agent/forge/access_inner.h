/*
 * access_inner: what the files of access share; nobody else includes it. access.c keeps, access_app.c and
 * access_file.c ask.
 */
#ifndef AGENT_FORGE_ACCESS_INNER_H
#define AGENT_FORGE_ACCESS_INNER_H

#include "agent/forge/access.h"
#include "agent/forge/app_key.h"
#include "agent/forge/rest.h"

#define ACCESS_NO_END INT64_MAX

struct access_asking { /* one question under way, on its asker's thread; nothing of struct access is changed by it */
	const struct access_config *config;
	const struct access_ports *ports;
	const struct app_key *key; /* NULL: a token file */
	struct http_port http;
	const struct forge_call *call;
	int64_t id; /* installation, or repository */
};

struct access_found {
	struct access_token token; /* owned by the caller */
	int64_t installation;      /* of the repository asked for */
	int64_t keep_ms;           /* how long it is used without asking again */
	int64_t life_ms;           /* how long it can be used where it cannot be had anew */
};

/* A copy that the caller drops; false: not one line of printable bytes. */
bool access_token_make(struct text bytes, int64_t installation, struct access_token *ret);

enum err_code access_ask_file(const struct access_asking *in, struct access_found *ret, struct err *err);
enum err_code access_ask_token(const struct access_asking *in, struct access_found *ret, struct err *err);
enum err_code access_ask_place(const struct access_asking *in, struct access_found *ret, struct err *err);

#endif
