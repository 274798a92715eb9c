/*
 * corpus: a mix of signed deliveries as a busy organisation sends them, all of our own making. Each is one of
 * tests/data/deliveries, filled up with members as the forge's payloads have them (addresses, mostly) to about the size
 * that its event has at GitHub, with a change number, commits and times of its own. Sizes and shares: corpus.c's table.
 * The same arguments make the same bytes. Owned until corpus_free; read-only, hence any thread.
 */
#ifndef TESTS_BENCH_CORPUS_H
#define TESTS_BENCH_CORPUS_H

#include <stddef.h>

struct corpus_delivery {
	const char *event; /* static */
	char *body;
	size_t len;
	char signature[72]; /* "sha256=..." */
};
struct corpus {
	struct corpus_delivery *at;
	size_t n;
	size_t bytes; /* of all bodies */
};

/* n deliveries; secret NULL: not signed. Says on stderr what it cannot read, and leaves with 2. */
void corpus_make(struct corpus *corpus, const char *dir, size_t n, const char *secret);
void corpus_free(struct corpus *corpus);

#endif
