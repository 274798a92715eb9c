#include "agent/base/descriptors.h"

#include <sys/resource.h>

/* What the process may have by right is not given to it by itself: services often begin with 1024. */
static void raise_limit(struct rlimit *limit, rlim_t wanted)
{
	struct rlimit more = {wanted < limit->rlim_max ? wanted : limit->rlim_max, limit->rlim_max};

	if (more.rlim_cur > limit->rlim_cur && setrlimit(RLIMIT_NOFILE, &more) == 0)
		*limit = more;
}

bool descriptors_share(int64_t reserved, int64_t *clients, struct err *err)
{
	struct rlimit limit;
	int64_t least = reserved + DESCRIPTORS_CLIENTS_MIN;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return true;
	raise_limit(&limit, (rlim_t)(reserved + *clients));
	if (limit.rlim_cur >= (rlim_t)(reserved + *clients))
		return true;
	if ((int64_t)limit.rlim_cur < least)
		return err_set(err, ERR_INVALID,
			       "the process may have %lld open files and needs %lld: raise the limit (ulimit -n, or "
			       "LimitNOFILE= of the service)",
			       (long long)limit.rlim_cur, (long long)least);
	*clients = (int64_t)limit.rlim_cur - reserved;
	return true;
}
