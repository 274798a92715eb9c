#include "agent/work/name.h"

enum err_code name_ask(const struct naming *naming, struct forge_call *call, int64_t doubt, struct err *err)
{
	struct forge_found found;
	struct named named = {.repo = call->repo.id, .doubt = doubt};

	if (naming->forge->repo(naming->forge->self, call, &found, err) != ERR_OK) {
		(void)err_wrap(err, "repository %lld", (long long)call->repo.id);
		return err->code;
	}
	named.name = found.name;
	named.installation = found.installation;
	if (naming->store && !store_name_repo(naming->store, &named, err))
		return err->code;
	if (found.installation == 0) /* a token file, which reads everything */
		found.installation = call->repo.installation;
	call->repo = (struct forge_repo){found.id, found.name, found.installation};
	return ERR_OK;
}

enum err_code name_sure(const struct naming *naming, struct forge_call *call, int64_t doubt, struct err *err)
{
	return doubt != 0 ? name_ask(naming, call, doubt, err) : ERR_OK;
}
