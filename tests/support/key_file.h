/*
 * key_file: private keys for tests, made when they are needed; none is ever kept.
 */
#ifndef TESTS_SUPPORT_KEY_FILE_H
#define TESTS_SUPPORT_KEY_FILE_H

#include <openssl/evp.h>
#include <sys/types.h>

#define KEY_FILE_BYTES 64

EVP_PKEY *key_rsa(unsigned bits); /* owned by the caller, as below */
EVP_PKEY *key_ec(void);

/* Writes a new private file with the key's PEM (password NULL: in clear) or, key NULL, with `text`; its name to path.
 */
void key_file_write(char path[KEY_FILE_BYTES], EVP_PKEY *key, const char *password);
void key_file_text(char path[KEY_FILE_BYTES], const char *text, mode_t mode);

#endif
