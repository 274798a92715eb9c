#include "tests/support/scratch_db.h"

#include <stddef.h>
#include <unistd.h>

void scratch_db_make(struct scratch_db *ret)
{
	(void)snprintf(ret->directory, sizeof ret->directory, "/tmp/headgate-test-XXXXXX");
	if (!mkdtemp(ret->directory))
		abort();
	(void)snprintf(ret->file, sizeof ret->file, "%s/store.db", ret->directory);
}

void scratch_db_remove(struct scratch_db *scratch)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	char name[128];

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		(void)snprintf(name, sizeof name, "%s%s", scratch->file, ends[i]);
		(void)unlink(name);
	}
	(void)rmdir(scratch->directory);
}
