#include "tests/support/scanned.h"

const char *const scanned_paths[SCANNED_PATHS] = {
	"action",
	"number",
	"pull_request.head.sha",
	"pull_request.head.repo.id",
	"pull_request.title",
	"pull_request",
	"repository.id",
	"repository.full_name",
	"sender.login",
	"sender.id",
	"installation.id",
	"x.y",
	"review.body",
	"review.user.login",
	"comment.body",
	"before",
	"after",
	"ref",
	"created",
};

void scanned_open(struct scanned *scanned)
{
	*scanned = (struct scanned){.plan = scan_plan_new(scanned_paths, SCANNED_PATHS)};
}

void scanned_close(struct scanned *scanned)
{
	arena_release(&scanned->arena);
	scan_plan_free(scanned->plan);
}
