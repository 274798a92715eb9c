#include "tests/support/key_file.h"

#include <check.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sys/stat.h>
#include <unistd.h>

EVP_PKEY *key_rsa(unsigned bits)
{
	EVP_PKEY *key = EVP_RSA_gen(bits);

	if (!key)
		abort();
	return key;
}

EVP_PKEY *key_ec(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	if (!key)
		abort();
	return key;
}

static FILE *make(char path[KEY_FILE_BYTES])
{
	FILE *file;
	int fd;

	(void)snprintf(path, KEY_FILE_BYTES, "/tmp/headgate-key-XXXXXX");
	fd = mkstemp(path); /* 0600 */
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!file)
		abort();
	return file;
}

void key_file_write(char path[KEY_FILE_BYTES], EVP_PKEY *key, const char *password)
{
	FILE *file = make(path);

	if (PEM_write_PrivateKey(file, key, password ? EVP_aes_128_cbc() : NULL, (const unsigned char *)password,
				 password ? (int)strlen(password) : 0, NULL, NULL) != 1 ||
	    fclose(file) != 0)
		abort();
}

void key_file_text(char path[KEY_FILE_BYTES], const char *text, mode_t mode)
{
	FILE *file = make(path);

	if (fputs(text, file) < 0 || fchmod(fileno(file), mode) != 0 || fclose(file) != 0)
		abort();
}
