/*
 * path: what a request's path names. Names are of a small alphabet, commits are full object names, numbers are
 * canonical: one resource has one spelling, and nothing else is a resource. Pure; any thread.
 */
#ifndef AGENT_WEB_PATH_H
#define AGENT_WEB_PATH_H

#include "policy/oid.h"
#include "policy/text.h"

#define PATH_NAME_MAX ((size_t)100) /* bytes of an owner's or a repository's name */

enum path_form { PATH_HTML = 0, PATH_JSON, PATH_TXT };

struct path_named {
	struct text repo; /* "owner/name"; borrowed from the path */
	struct oid sha;   /* unknown where a number is given */
	int64_t number;   /* 0 where a commit is given */
	enum path_form form;
};

/* "/OWNER/REPO/c/SHA" with "", ".json" or ".txt"; "/OWNER/REPO/NUMBER" with "" or ".json". */
bool path_public(struct text path, struct path_named *ret);

/* What follows the prefixes of the API: "OWNER/REPO/SHA", "OWNER/REPO/NUMBER", and "OWNER/REPO" alone. */
bool path_commit(struct text rest, struct path_named *ret);
bool path_change(struct text rest, struct path_named *ret);
bool path_repo(struct text t);

/* True if the path asks for JSON by its end, whatever it names: for the form of an error. */
bool path_wants_json(struct text path);

#endif
