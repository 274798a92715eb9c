#include "agent/base/descriptors.h"

#include <sys/resource.h>

bool descriptors_share(int64_t reserved, int64_t *clients, struct err *err)
{
	struct rlimit limit;
	int64_t least = reserved + DESCRIPTORS_CLIENTS_MIN;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= (rlim_t)(reserved + *clients))
		return true;
	if ((int64_t)limit.rlim_cur < least)
		return err_set(err, ERR_INVALID,
			       "the process may have %lld open files and needs %lld: raise the limit (ulimit -n, or "
			       "LimitNOFILE= of the service)",
			       (long long)limit.rlim_cur, (long long)least);
	*clients = (int64_t)limit.rlim_cur - reserved;
	return true;
}
