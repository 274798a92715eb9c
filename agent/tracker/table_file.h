/*
 * table_file: the file that holds what is known of a tracker's bugs, and its reader: for the agent, and for the commit
 * hook, which is linked to nothing but the C library. This header and its sources include nothing else.
 *
 * The file is a header and sealed pages. A page is masked with a stream that the key makes for this file alone, so that
 * without the key neither the file nor two versions of it tell a bug's number; each page bears a keyed seal over its
 * place and its content, so that a bit, a page of another file or of an older version is noticed where it is read. One
 * bug is found by reading its page. Whatever does not fit is refused by name: nothing in it is known then.
 *
 * The key is in a file of its own. Who has both can try every number; keep both from who need not ask.
 *
 * The caller owns the struct; one thread at a time. Numbers are little-endian.
 */
#ifndef AGENT_TRACKER_TABLE_FILE_H
#define AGENT_TRACKER_TABLE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TABLE_ID_MAX   99999999  /* larger numbers are no bugs */
#define TABLE_PLANES   (1 << 22) /* bugs below this number lie in the planes; the others in a sorted list */
#define TABLE_NAME_MAX 40
#define TABLE_VERSION  1

/* Two bits of each bug. What secure is, is the tracker's side to say: the public cannot see it, or it is rated so. */
enum table_state { TABLE_UNKNOWN = 0, TABLE_INSECURE, TABLE_SECURE, TABLE_APPROVED };

/* ---- the form ---- */

#define TABLE_KEY_BYTES    32 /* of the key's file: 16 to mask with, 16 to seal with */
#define TABLE_HEADER_BYTES 512
#define TABLE_PAGE_WORDS   320 /* 128 with the states of 4096 bugs, 3 times 64 with their epochs; or 256 list entries */
#define TABLE_PAGE_BYTES   (TABLE_PAGE_WORDS * 8 + 8)
#define TABLE_PAGE_BUGS    4096
#define TABLE_PAGES        (TABLE_PLANES / TABLE_PAGE_BUGS)
#define TABLE_ENTRY_BYTES  10
#define TABLE_PAGE_ENTRIES (TABLE_PAGE_WORDS * 8 / TABLE_ENTRY_BYTES)
#define TABLE_EPOCHS       8

struct table_entry { /* of the list */
	uint32_t id;
	enum table_state state;
	int64_t version; /* Unix milliseconds */
};

/* When the readings of an epoch began, from the first to the last. Epoch 0: nobody knows any more. */
struct table_epoch {
	int64_t first, last;
};

struct table_header {
	char tracker[TABLE_NAME_MAX + 1];
	uint64_t generation; /* of this file: another one with every version */
	int64_t dated_ms;    /* what it says was true then */
	int64_t horizon_ms;  /* no secure bug that the list had no room for was read after this */
	uint64_t rules;      /* a digest of what made bugs secure when this was told; 0: not said */
	struct table_epoch epochs[TABLE_EPOCHS];
	unsigned char nonce[16];
	unsigned char present[TABLE_PAGES / 8]; /* which pages of the planes the file has */
	uint32_t n_entries;
};

struct table_file {
	int fd; /* -1: not open */
	struct table_header header;
	unsigned char key[TABLE_KEY_BYTES];
	uint32_t n_pages; /* of the planes; those of the list come after them */
	const char *why;  /* of a refusal: a fixed word or two, "seal", "version" */
	uint64_t cached_words[TABLE_PAGE_WORDS];
	uint32_t cached_page; /* the page in cached_words; UINT32_MAX: none */
};

/* False: file->why says what is wrong ("absent": there is no such file), and nothing is open. */
bool table_file_open(struct table_file *file, const char *path, const char *key_path);
void table_file_close(struct table_file *file);

/* False: the page that the bug is on is refused, and file->why says why. A number that is no bug's is unknown. */
bool table_file_state(struct table_file *file, int64_t id, enum table_state *ret);

/* One page in the file's order, checked and unmasked. False: refused. Words are borrowed until the next call. */
bool table_file_page(struct table_file *file, uint32_t page, const uint64_t **ret);
uint32_t table_file_entry_pages(const struct table_header *header);
void table_entry_read(const uint64_t *words, uint32_t i, struct table_entry *ret);

/* ---- for the writer ---- */

void table_header_write(const struct table_header *header, const unsigned char *key,
			unsigned char ret[TABLE_HEADER_BYTES]);
/* Masks and seals. */
void table_page_write(const struct table_header *header, const unsigned char *key, uint32_t page,
		      const uint64_t words[TABLE_PAGE_WORDS], unsigned char ret[TABLE_PAGE_BYTES]);
void table_entry_write(uint64_t *words, uint32_t i, const struct table_entry *entry);

#endif
