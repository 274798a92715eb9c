#include "agent/hook/share.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/arena.h"

#define SOCKET_MODE 0660
#define LINE_BYTES  ((size_t)65536) /* of the group database */

static bool group_of(const char *name, gid_t *ret)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	char *at = arena_alloc(&arena, LINE_BYTES, 1);
	struct group group, *found = NULL;

	if (getgrnam_r(name, &group, at, LINE_BYTES, &found) != 0 || !found)
		return false;
	*ret = group.gr_gid;
	return true;
}

/* First the group, then its right. */
bool hook_share(const char *path, const char *group, struct err *err)
{
	gid_t gid;

	if (!group_of(group, &gid))
		return err_set(err, ERR_INVALID, "hook.group: there is no group %s", group);
	if (chown(path, (uid_t)-1, gid) != 0 || chmod(path, SOCKET_MODE) != 0)
		return err_set(err, ERR_INVALID, "hook.socket: it cannot be given to the group %s: %s", group,
			       strerror(errno));
	return true;
}
