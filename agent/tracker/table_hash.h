/*
 * table_hash: SipHash-2-4 with 64 bits, the keyed hash of the table's file: its seals, and the stream that its pages
 * are masked with. Needs the C library alone. Stateless; any thread.
 */
#ifndef AGENT_TRACKER_TABLE_HASH_H
#define AGENT_TRACKER_TABLE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define TABLE_HASH_KEY 16

uint64_t table_hash(const unsigned char key[TABLE_HASH_KEY], const void *bytes, size_t n);

uint64_t table_get64(const unsigned char *at); /* little-endian, wherever it is read */
void table_put64(unsigned char *at, uint64_t n);

#endif
