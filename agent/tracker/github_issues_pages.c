/*
 * Pages of a list of GitHub, asked for by their number. What people write can be so long that a hundred of it are more
 * than one answer may be: then it is asked for by tens. Ten pages of ten are where one of a hundred is, and begin where
 * it begins, so that either may follow the other.
 */
#include <assert.h>
#include <string.h>

#include "agent/tracker/github_issues_inner.h"

#define TENS 10 /* pages of ten in one of a hundred */

static enum err_code ask(struct issues *issues, const struct tracker_call *call, const struct rest_path *path,
			 const struct issues_pages *pages, struct issues_reply *ret, struct err *err)
{
	static const char usual[] = "per_page=100";
	auto_arena struct arena scratch = ARENA_EMPTY;
	unsigned number = pages->tens * TENS / pages->size + 1;
	struct rest_path sized = *path;
	const char *at = strstr(path->path, usual);
	struct text page = number > 1 ? arena_printf(&scratch, "&page=%u", number) : TEXT_EMPTY;

	assert(at);
	sized.path = arena_printf(&scratch, "%.*sper_page=%u%s%.*s", (int)(at - path->path), path->path, pages->size,
				  at + sizeof usual - 1, TEXT_ARG(page))
			     .at;
	return issues_get(issues, call, &sized, ret, err);
}

enum err_code issues_page(struct issues *issues, const struct tracker_call *call, const struct rest_path *path,
			  struct issues_pages *pages, struct issues_reply *ret, struct err *err)
{
	enum err_code code;

	if (pages->small == 0 && pages->tens % TENS == 0) {
		pages->size = ISSUES_PAGE;
		code = ask(issues, call, path, pages, ret, err);
		if (code != ERR_LIMIT)
			return code;
		*err = ERR_NONE;
		pages->small = TENS;
	}
	pages->size = ISSUES_PAGE / TENS;
	code = ask(issues, call, path, pages, ret, err);
	if (code == ERR_OK && pages->small > 0)
		pages->small--;
	return code;
}
