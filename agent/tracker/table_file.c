#include "agent/tracker/table_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/tracker/table_hash.h"

static const char magic[8] = {'H', 'G', 'B', 'U', 'G', 'S', '\r', '\n'};
#define HEADER_PAGE UINT32_MAX /* the header's place, in its seal */

/* Offsets in the header. */
enum {
	AT_VERSION = 8,
	AT_GENERATION = 16,
	AT_DATED = 24,
	AT_HORIZON = 32,
	AT_ENTRIES = 40,
	AT_NONCE = 48,
	AT_TRACKER = 64,
	AT_EPOCHS = 112,
	AT_PRESENT = 240,
	AT_RULES = AT_PRESENT + TABLE_PAGES / 8,
	AT_END = AT_RULES + 8,
	AT_SEAL = TABLE_HEADER_BYTES - 8
};

static bool refuse(struct table_file *file, const char *why)
{
	file->why = why;
	return false;
}

/* ---- seal and mask ---- */

static uint64_t seal(const struct table_header *header, const unsigned char *key, uint32_t page,
		     const unsigned char *bytes, size_t n)
{
	unsigned char parts[16 + 8 + 8];

	/* The content enters as its own hash, so that it need not be copied beside its place. */
	memcpy(parts, header->nonce, 16);
	table_put64(parts + 16, page);
	table_put64(parts + 24, table_hash(key + TABLE_HASH_KEY, bytes, n));
	return table_hash(key + TABLE_HASH_KEY, parts, sizeof parts);
}

static uint64_t mask(const struct table_header *header, const unsigned char *key, uint32_t page, uint32_t word)
{
	unsigned char parts[16 + 8];

	memcpy(parts, header->nonce, 16);
	table_put64(parts + 16, (uint64_t)page << 32 | word);
	return table_hash(key, parts, sizeof parts);
}

void table_page_write(const struct table_header *header, const unsigned char *key, uint32_t page,
		      const uint64_t words[TABLE_PAGE_WORDS], unsigned char ret[TABLE_PAGE_BYTES])
{
	size_t n = TABLE_PAGE_BYTES - 8;

	for (uint32_t i = 0; i < TABLE_PAGE_WORDS; i++)
		table_put64(ret + (size_t)8 * i, words[i] ^ mask(header, key, page, i));
	table_put64(ret + n, seal(header, key, page, ret, n));
}

/* ---- entries ---- */

/* 4 bytes number, 4 bytes seconds, 2 bytes milliseconds and state. */
static void entry_bytes(const uint64_t *words, uint32_t i, unsigned char *ret)
{
	for (uint32_t k = 0; k < TABLE_ENTRY_BYTES; k++) {
		uint32_t at = i * TABLE_ENTRY_BYTES + k;

		ret[k] = (unsigned char)(words[at / 8] >> 8 * (at % 8) & 0xff);
	}
}

void table_entry_read(const uint64_t *words, uint32_t i, struct table_entry *ret)
{
	unsigned char at[16] = {0};
	uint64_t first;
	unsigned rest;

	entry_bytes(words, i, at);
	first = table_get64(at);
	rest = (unsigned)at[8] | (unsigned)at[9] << 8;
	ret->id = (uint32_t)(first & UINT32_MAX);
	ret->version = (int64_t)(first >> 32) * 1000 + (int64_t)(rest & 1023);
	ret->state = (enum table_state)(rest >> 10 & 3);
}

void table_entry_write(uint64_t *words, uint32_t i, const struct table_entry *entry)
{
	unsigned char bytes[TABLE_ENTRY_BYTES];
	uint64_t seconds = (uint64_t)(entry->version / 1000);
	unsigned rest = (unsigned)(entry->version % 1000) | (unsigned)entry->state << 10;

	table_put64(bytes, (uint64_t)entry->id | seconds << 32);
	bytes[8] = (unsigned char)(rest & 0xff);
	bytes[9] = (unsigned char)(rest >> 8);
	for (uint32_t k = 0; k < TABLE_ENTRY_BYTES; k++) {
		uint32_t at = i * TABLE_ENTRY_BYTES + k, shift = 8 * (at % 8);

		words[at / 8] = (words[at / 8] & ~(UINT64_C(255) << shift)) | (uint64_t)bytes[k] << shift;
	}
}

/* ---- the header ---- */

static void header_epochs(const struct table_header *header, unsigned char *ret)
{
	for (size_t i = 0; i < TABLE_EPOCHS; i++) {
		table_put64(ret + 16 * i, (uint64_t)header->epochs[i].first);
		table_put64(ret + 16 * i + 8, (uint64_t)header->epochs[i].last);
	}
}

void table_header_write(const struct table_header *header, const unsigned char *key,
			unsigned char ret[TABLE_HEADER_BYTES])
{
	_Static_assert(AT_END <= AT_SEAL, "the header is full");

	memset(ret, 0, TABLE_HEADER_BYTES);
	memcpy(ret, magic, sizeof magic);
	table_put64(ret + AT_VERSION, TABLE_VERSION);
	table_put64(ret + AT_GENERATION, header->generation);
	table_put64(ret + AT_DATED, (uint64_t)header->dated_ms);
	table_put64(ret + AT_HORIZON, (uint64_t)header->horizon_ms);
	table_put64(ret + AT_ENTRIES, header->n_entries);
	memcpy(ret + AT_NONCE, header->nonce, sizeof header->nonce);
	memcpy(ret + AT_TRACKER, header->tracker, strnlen(header->tracker, TABLE_NAME_MAX));
	header_epochs(header, ret + AT_EPOCHS);
	memcpy(ret + AT_PRESENT, header->present, sizeof header->present);
	table_put64(ret + AT_RULES, header->rules);
	table_put64(ret + AT_SEAL, seal(header, key, HEADER_PAGE, ret, AT_SEAL));
}

static void header_read(const unsigned char *in, struct table_header *ret)
{
	*ret = (struct table_header){
		.generation = table_get64(in + AT_GENERATION),
		.dated_ms = (int64_t)table_get64(in + AT_DATED),
		.horizon_ms = (int64_t)table_get64(in + AT_HORIZON),
		.n_entries = (uint32_t)table_get64(in + AT_ENTRIES),
		.rules = table_get64(in + AT_RULES),
	};
	memcpy(ret->nonce, in + AT_NONCE, sizeof ret->nonce);
	memcpy(ret->tracker, in + AT_TRACKER, TABLE_NAME_MAX);
	memcpy(ret->present, in + AT_PRESENT, sizeof ret->present);
	for (size_t i = 0; i < TABLE_EPOCHS; i++)
		ret->epochs[i] = (struct table_epoch){(int64_t)table_get64(in + AT_EPOCHS + 16 * i),
						      (int64_t)table_get64(in + AT_EPOCHS + 16 * i + 8)};
}

static uint32_t pages_before(const struct table_header *header, uint32_t plane_page)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < plane_page; i++)
		n += header->present[i / 8] >> (i % 8) & 1;
	return n;
}

uint32_t table_file_entry_pages(const struct table_header *header)
{
	return header->n_entries / TABLE_PAGE_ENTRIES + (header->n_entries % TABLE_PAGE_ENTRIES > 0);
}

/* ---- reading ---- */

static bool read_at(int fd, void *to, size_t n, off_t at)
{
	unsigned char *into = to;

	while (n > 0) {
		ssize_t got = pread(fd, into, n, at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		into += got;
		at += got;
		n -= (size_t)got;
	}
	return true;
}

/* Opens a regular file that nobody but its owner may change. */
static bool open_one(struct table_file *file, const char *path, int *ret, off_t *ret_size)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return refuse(file, errno == ENOENT ? "absent" : "cannot be opened");
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 022) != 0) {
		(void)close(fd);
		return refuse(file, "others may change it, or it is no regular file");
	}
	*ret = fd;
	*ret_size = st.st_size;
	return true;
}

static bool read_key(struct table_file *file, const char *path)
{
	off_t size = 0;
	int fd = -1;
	bool ok;

	if (!open_one(file, path, &fd, &size))
		return refuse(file, "no key that only its owner may change");
	ok = size == TABLE_KEY_BYTES && read_at(fd, file->key, TABLE_KEY_BYTES, 0);
	(void)close(fd);
	return ok || refuse(file, "not a key");
}

static bool read_header(struct table_file *file, off_t size)
{
	unsigned char bytes[TABLE_HEADER_BYTES];
	uint64_t pages;

	if (size < TABLE_HEADER_BYTES || !read_at(file->fd, bytes, sizeof bytes, 0))
		return refuse(file, "cut short");
	if (memcmp(bytes, magic, sizeof magic) != 0)
		return refuse(file, "not a table of bugs");
	if (table_get64(bytes + AT_VERSION) != TABLE_VERSION)
		return refuse(file, "another version");
	header_read(bytes, &file->header);
	if (table_get64(bytes + AT_SEAL) != seal(&file->header, file->key, HEADER_PAGE, bytes, AT_SEAL))
		return refuse(file, "seal of the header");
	file->n_pages = pages_before(&file->header, TABLE_PAGES);
	pages = (uint64_t)file->n_pages + table_file_entry_pages(&file->header);
	if ((uint64_t)size != TABLE_HEADER_BYTES + pages * TABLE_PAGE_BYTES)
		return refuse(file, "length");
	return true;
}

bool table_file_open(struct table_file *file, const char *path, const char *key_path)
{
	off_t size = 0;

	*file = (struct table_file){.fd = -1, .cached_page = UINT32_MAX, .why = ""};
	if (!open_one(file, path, &file->fd, &size))
		return false;
	if (read_key(file, key_path) && read_header(file, size))
		return true;
	table_file_close(file);
	return false;
}

void table_file_close(struct table_file *file)
{
	if (file->fd >= 0)
		(void)close(file->fd);
	file->fd = -1;
	explicit_bzero(file->key, sizeof file->key);
	explicit_bzero(file->cached_words, sizeof file->cached_words);
}

bool table_file_page(struct table_file *file, uint32_t page, const uint64_t **ret)
{
	unsigned char bytes[TABLE_PAGE_BYTES];
	off_t at = TABLE_HEADER_BYTES + (off_t)page * TABLE_PAGE_BYTES;
	size_t n = TABLE_PAGE_BYTES - 8;

	*ret = file->cached_words;
	if (file->cached_page == page)
		return true;
	file->cached_page = UINT32_MAX;
	if (file->fd < 0 || !read_at(file->fd, bytes, sizeof bytes, at))
		return refuse(file, "cannot be read");
	if (table_get64(bytes + n) != seal(&file->header, file->key, page, bytes, n))
		return refuse(file, "seal of a page");
	for (uint32_t i = 0; i < TABLE_PAGE_WORDS; i++)
		file->cached_words[i] = table_get64(bytes + (size_t)8 * i) ^ mask(&file->header, file->key, page, i);
	file->cached_page = page;
	return true;
}

static bool plane_state(struct table_file *file, uint32_t id, enum table_state *ret)
{
	uint32_t page = id / TABLE_PAGE_BUGS, in_page = id % TABLE_PAGE_BUGS;
	const uint64_t *words;

	if ((file->header.present[page / 8] >> (page % 8) & 1) == 0)
		return true;
	if (!table_file_page(file, pages_before(&file->header, page), &words))
		return false;
	*ret = (enum table_state)(words[in_page / 32] >> 2 * (in_page % 32) & 3);
	return true;
}

static bool listed_state(struct table_file *file, uint32_t id, enum table_state *ret)
{
	uint32_t from = 0, to = file->header.n_entries;
	struct table_entry entry;
	const uint64_t *words;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;

		if (!table_file_page(file, file->n_pages + middle / TABLE_PAGE_ENTRIES, &words))
			return false;
		table_entry_read(words, middle % TABLE_PAGE_ENTRIES, &entry);
		if (entry.id == id) {
			*ret = entry.state;
			return true;
		}
		if (entry.id < id)
			from = middle + 1;
		else
			to = middle;
	}
	return true;
}

bool table_file_state(struct table_file *file, int64_t id, enum table_state *ret)
{
	enum table_state found = TABLE_UNKNOWN;
	bool ok = true;

	if (id > 0 && id <= TABLE_ID_MAX)
		ok = id < TABLE_PLANES ? plane_state(file, (uint32_t)id, &found)
				       : listed_state(file, (uint32_t)id, &found);
	if (ok)
		*ret = found;
	return ok;
}
