/*
 * scratch_db: an own directory (mode 0700) for one database file, gone again at the end.
 */
#ifndef TESTS_SUPPORT_SCRATCH_DB_H
#define TESTS_SUPPORT_SCRATCH_DB_H

struct scratch_db {
	char directory[64];
	char file[96];
};

void scratch_db_make(struct scratch_db *ret);
void scratch_db_remove(struct scratch_db *scratch);

#endif
