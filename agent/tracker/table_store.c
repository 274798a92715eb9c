#include "agent/tracker/table_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/tracker/table_inner.h"
#include "policy/memory.h"
#include "webhooks/crypto.h"

#define PATH_BYTES 4096
#define TURN_MS    20 /* between two looks whether the other writer is done */

struct paths {
	char table[PATH_BYTES], fresh[PATH_BYTES], lock[PATH_BYTES], key[PATH_BYTES];
};

static bool failed(struct err *err, const char *path)
{
	enum err_code code = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? ERR_LIMIT : ERR_RETRY;

	return err_set(err, code, "%s: %s", path, strerror(errno));
}

static bool path_of(char *ret, const struct table_store *store, const char *ending, struct err *err)
{
	int n = snprintf(ret, PATH_BYTES, "%.*s/bugs.%.*s%s", TEXT_ARG(store->dir), TEXT_ARG(store->tracker), ending);

	if (n <= 0 || n >= PATH_BYTES || store->tracker.len > TABLE_NAME_MAX)
		return err_set(err, ERR_INVALID, "the name of a tracker's table is too long");
	return true;
}

static bool paths_of(const struct table_store *store, struct paths *ret, struct err *err)
{
	/* One key and one lock for the tables of all trackers; shorter than what path_of checks. */
	(void)snprintf(ret->key, PATH_BYTES, "%.*s/bugs.key", TEXT_ARG(store->dir));
	(void)snprintf(ret->lock, PATH_BYTES, "%.*s/bugs.lock", TEXT_ARG(store->dir));
	return path_of(ret->table, store, ".table", err) && path_of(ret->fresh, store, ".table.new", err);
}

/* ---- reading ---- */

/* Only this user's, or root's: a table that somebody else put there says what he likes. */
static bool ours(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || (st.st_uid != geteuid() && st.st_uid != 0))
		return err_set(err, ERR_INVALID, "%s: belongs to somebody else", path);
	return true;
}

static bool take_planes(struct table_file *file, struct bug_table *table)
{
	const uint64_t *words;
	uint32_t at = 0;

	for (uint32_t page = 0; page < TABLE_PAGES; page++) {
		struct table_page *to;

		if ((file->header.present[page / 8] >> (page % 8) & 1) == 0)
			continue;
		if (!table_file_page(file, at++, &words))
			return false;
		to = table_page_of(table, page);
		for (size_t i = 0; i < STATE_WORDS; i++)
			atomic_store_explicit(&to->states[i], words[i], memory_order_relaxed);
		memcpy(to->epochs, words + STATE_WORDS, sizeof to->epochs);
	}
	return true;
}

static bool take_list(struct table_file *file, struct bug_table *table)
{
	struct table_entry entry;
	const uint64_t *words;
	uint32_t before = 0;

	for (uint32_t i = 0; i < file->header.n_entries; i++) {
		if (!table_file_page(file, file->n_pages + i / TABLE_PAGE_ENTRIES, &words))
			return false;
		table_entry_read(words, i % TABLE_PAGE_ENTRIES, &entry);
		if (entry.id <= before || entry.id > TABLE_ID_MAX || !table_list_put(&table->list, &entry)) {
			file->why = "order of the list";
			return false;
		}
		before = entry.id;
	}
	return true;
}

static void take_header(const struct table_header *header, struct bug_table *table)
{
	memcpy(table->epochs, header->epochs, sizeof table->epochs);
	for (table->newest = TABLE_EPOCHS - 1; table->newest > 0 && table->epochs[table->newest].first == 0;)
		table->newest--;
	table->horizon_ms = header->horizon_ms;
	table->dated_ms = header->dated_ms;
	table->generation = header->generation;
	table->rules = header->rules;
}

static bool open_table(const struct table_store *store, const struct paths *paths, struct table_file *file,
		       struct err *err)
{
	if (!table_file_open(file, paths->table, paths->key))
		return err_set(err, strcmp(file->why, "absent") == 0 ? ERR_GONE : ERR_INVALID, "%s: refused: %s",
			       paths->table, file->why);
	if (!text_is(store->tracker, file->header.tracker))
		return err_set(err, ERR_INVALID, "%s: refused: it is of another tracker", paths->table);
	return ours(file->fd, paths->table, err);
}

static struct bug_table *read_table(const struct paths *paths, struct table_file *file, int64_t max_age_ms,
				    struct err *err)
{
	struct bug_table *table = bug_table_new(max_age_ms);

	take_header(&file->header, table);
	if (take_planes(file, table) && take_list(file, table))
		return table;
	(void)err_set(err, ERR_INVALID, "%s: refused: %s", paths->table, file->why);
	bug_table_free(table);
	return NULL;
}

struct bug_table *table_store_load(const struct table_store *store, int64_t max_age_ms, struct err *err)
{
	struct table_file file = {.fd = -1};
	struct bug_table *table = NULL;
	struct paths paths;

	if (!paths_of(store, &paths, err))
		return NULL;
	if (open_table(store, &paths, &file, err))
		table = read_table(&paths, &file, max_age_ms, err);
	table_file_close(&file);
	return table;
}

static bool take_in(const struct table_store *store, const struct paths *paths, struct bug_table *table,
		    uint64_t *ret_changed, struct err *err)
{
	struct table_file file = {.fd = -1};
	struct bug_table *other = NULL;
	bool same, ok = open_table(store, paths, &file, err);

	same = ok && file.header.generation == table->generation;
	if (ok && !same)
		other = read_table(paths, &file, table->max_age_ms, err);
	table_file_close(&file);
	if (!other)
		return same;
	*ret_changed = bug_table_merge(table, other);
	table->generation = other->generation;
	bug_table_free(other);
	return true;
}

bool table_store_refresh(const struct table_store *store, struct bug_table *table, uint64_t *ret_changed,
			 struct err *err)
{
	struct paths paths;

	*ret_changed = 0;
	return paths_of(store, &paths, err) && take_in(store, &paths, table, ret_changed, err);
}

/* ---- writing ---- */

static bool write_all(int fd, const unsigned char *at, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

/* A group that may read the key may read the table: whoever gave it the key said so. Nobody else ever. */
static bool share_with(int fd, const char *key_path)
{
	struct stat st;

	if (!key_path || stat(key_path, &st) != 0 || (st.st_mode & 040) == 0)
		return true;
	return fchown(fd, (uid_t)-1, st.st_gid) == 0 && fchmod(fd, 0640) == 0;
}

/* A file with these bytes, durable; its name is not yet. key_path: NULL, it is the key itself. */
static bool make_file(const char *path, const unsigned char *bytes, size_t n, const char *key_path, struct err *err)
{
	int fd;
	bool ok;

	if (unlink(path) != 0 && errno != ENOENT)
		return failed(err, path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return failed(err, path);
	ok = share_with(fd, key_path) && write_all(fd, bytes, n) && fsync(fd) == 0;
	if (!ok)
		(void)failed(err, path);
	if (close(fd) != 0 && ok)
		ok = failed(err, path);
	return ok;
}

static bool sync_directory(const struct table_store *store, struct err *err)
{
	char path[PATH_BYTES];
	int fd;
	bool ok;

	(void)snprintf(path, sizeof path, "%.*s", TEXT_ARG(store->dir));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return failed(err, path);
	ok = fsync(fd) == 0 || errno == EINVAL; /* some file systems know no sync of a directory */
	if (!ok)
		(void)failed(err, path);
	(void)close(fd);
	return ok;
}

static bool put_in_place(const struct table_store *store, const struct paths *paths, const char *path, struct err *err)
{
	if (rename(paths->fresh, path) != 0)
		return failed(err, path);
	return sync_directory(store, err);
}

static bool open_key(const char *path, unsigned char *ret, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool ok;

	if (fd < 0)
		return err_set(err, errno == ENOENT ? ERR_GONE : ERR_INVALID, "%s: %s", path, strerror(errno));
	ok = ours(fd, path, err);
	if (ok && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 022) != 0 ||
		   read(fd, ret, TABLE_KEY_BYTES) != TABLE_KEY_BYTES))
		ok = err_set(err, ERR_INVALID, "%s: not a key that only its owner may change", path);
	(void)close(fd);
	return ok;
}

/* Made once. A table that another key sealed is refused from then on. */
static bool key_of(const struct table_store *store, const struct paths *paths, unsigned char *ret, struct err *err)
{
	struct err missing = ERR_NONE;

	if (open_key(paths->key, ret, &missing))
		return true;
	if (missing.code != ERR_GONE) {
		*err = missing;
		return false;
	}
	return crypto_random(ret, TABLE_KEY_BYTES, err) && make_file(paths->fresh, ret, TABLE_KEY_BYTES, NULL, err) &&
	       put_in_place(store, paths, paths->key, err);
}

static bool fill_header(const struct table_store *store, const struct bug_table *table, struct table_header *ret,
			struct err *err)
{
	*ret = (struct table_header){
		.dated_ms = table->dated_ms,
		.horizon_ms = table->horizon_ms,
		.n_entries = table->list.n,
		.rules = table->rules,
	};
	memcpy(ret->tracker, store->tracker.at, store->tracker.len);
	memcpy(ret->epochs, table->epochs, sizeof ret->epochs);
	for (uint32_t i = 0; i < TABLE_PAGES; i++)
		if (atomic_load_explicit(&table->pages[i], memory_order_acquire))
			ret->present[i / 8] |= (unsigned char)(1U << i % 8);
	return crypto_random(ret->nonce, sizeof ret->nonce, err) &&
	       crypto_random(&ret->generation, sizeof ret->generation, err);
}

static uint32_t pages_in(const struct bug_table *table)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < TABLE_PAGES; i++)
		n += atomic_load_explicit(&table->pages[i], memory_order_acquire) != NULL;
	return n;
}

static void words_of_page(const struct table_page *page, uint64_t *ret)
{
	for (size_t i = 0; i < STATE_WORDS; i++)
		ret[i] = atomic_load_explicit(&page->states[i], memory_order_relaxed);
	memcpy(ret + STATE_WORDS, page->epochs, sizeof page->epochs);
}

static void words_of_list(const struct table_list *list, uint32_t page, uint64_t *ret)
{
	uint32_t from = page * TABLE_PAGE_ENTRIES;

	memset(ret, 0, TABLE_PAGE_WORDS * sizeof *ret);
	for (uint32_t i = 0; i < TABLE_PAGE_ENTRIES && from + i < list->n; i++) {
		struct table_entry entry = table_list_at(list, from + i);

		table_entry_write(ret, i, &entry);
	}
}

/* The file's bytes, for free(). For who holds the lock. */
static unsigned char *serialise(const struct bug_table *table, const struct table_header *header,
				const unsigned char *key, size_t *ret_n)
{
	uint32_t lists = table_file_entry_pages(header), planes = pages_in(table), page = 0;
	size_t n = TABLE_HEADER_BYTES + (size_t)(planes + lists) * TABLE_PAGE_BYTES;
	unsigned char *bytes = memory_take(n), *at = bytes + TABLE_HEADER_BYTES;
	uint64_t words[TABLE_PAGE_WORDS];

	table_header_write(header, key, bytes);
	for (uint32_t i = 0; i < TABLE_PAGES; i++) {
		const struct table_page *from = atomic_load_explicit(&table->pages[i], memory_order_acquire);

		if (!from)
			continue;
		words_of_page(from, words);
		table_page_write(header, key, page++, words, at);
		at += TABLE_PAGE_BYTES;
	}
	for (uint32_t i = 0; i < lists; i++, at += TABLE_PAGE_BYTES) {
		words_of_list(&table->list, i, words);
		table_page_write(header, key, page++, words, at);
	}
	*ret_n = n;
	return bytes;
}

static bool write_table(const struct table_store *store, const struct paths *paths, struct bug_table *table,
			struct err *err)
{
	unsigned char key[TABLE_KEY_BYTES], *bytes = NULL;
	struct table_header header;
	size_t n = 0;
	bool ok;

	if (!key_of(store, paths, key, err))
		return false;
	table_hold(table);
	ok = fill_header(store, table, &header, err);
	if (ok)
		bytes = serialise(table, &header, key, &n);
	table_let_go(table);
	crypto_cleanse(key, sizeof key);
	ok = ok && make_file(paths->fresh, bytes, n, paths->key, err) && put_in_place(store, paths, paths->table, err);
	free(bytes);
	if (ok)
		table->generation = header.generation;
	else
		(void)unlink(paths->fresh);
	return ok;
}

/* Who holds the lock may be stopped, and is then not waited for. */
static bool take_turn(int fd, const struct paths *paths, int64_t wait_ms, struct err *err)
{
	const struct timespec pause = {0, TURN_MS * 1000000L};

	for (int64_t waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited += TURN_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return failed(err, paths->lock);
		if (waited >= wait_ms)
			return err_set(err, ERR_RETRY, "%s: another process, or a stopped one, is writing a table",
				       paths->lock);
		(void)nanosleep(&pause, NULL);
	}
	return true;
}

bool table_store_save_within(const struct table_store *store, struct bug_table *table, int64_t wait_ms, struct err *err)
{
	struct err refused = ERR_NONE;
	struct paths paths;
	uint64_t changed;
	bool ok;
	int fd;

	if (!paths_of(store, &paths, err))
		return false;
	fd = open(paths.lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return failed(err, paths.lock);
	ok = take_turn(fd, &paths, wait_ms, err);
	if (ok) {
		(void)take_in(store, &paths, table, &changed, &refused); /* what is refused is replaced */
		ok = write_table(store, &paths, table, err);
	}
	(void)close(fd);
	return ok;
}

bool table_store_save(const struct table_store *store, struct bug_table *table, struct err *err)
{
	return table_store_save_within(store, table, TABLE_STORE_WAIT_MS, err);
}
