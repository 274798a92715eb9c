#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/forge/github_inner.h"
#include "policy/memory.h"
#include "webhooks/crypto.h"

#define TOKEN_MAX 4096

void github_token_forget(struct github *github)
{
	if (github->token)
		crypto_cleanse(github->token, strlen(github->token));
	free(github->token);
	github->token = NULL;
}

/* Only its owner may read the file: whoever else could read it could post statuses. */
static int open_private(const char *path, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		err_set(err, ERR_DENIED, "token file %.100s cannot be read", path);
	} else if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		err_set(err, ERR_DENIED, "token file %.100s can be read by others: chmod 600", path);
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool read_all(int fd, char *buffer, size_t *ret)
{
	size_t n = 0;

	for (;;) {
		ssize_t got = read(fd, buffer + n, TOKEN_MAX - n);

		if (got <= 0) {
			*ret = n;
			return got == 0;
		}
		n += (size_t)got;
		if (n == TOKEN_MAX)
			return false;
	}
}

static bool well_formed(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] <= 0x20 || t.at[i] >= 0x7f)
			return false;
	return t.len > 0;
}

bool github_token_read(struct github *github, struct err *err)
{
	char *buffer = calloc(1, TOKEN_MAX + 1);
	int fd = open_private(github->config.token_file, err);
	size_t n = 0;
	bool ok = false;

	if (!buffer)
		out_of_memory();
	if (fd < 0)
		goto out;
	ok = read_all(fd, buffer, &n);
	close(fd);
	while (ok && n && (buffer[n - 1] == '\n' || buffer[n - 1] == '\r'))
		buffer[--n] = '\0';
	if (!ok || !well_formed((struct text){buffer, n}) || strlen(buffer) != n)
		ok = err_set(err, ERR_DENIED, "token file %.100s does not hold one token", github->config.token_file);
out:
	if (ok) {
		github_token_forget(github);
		github->token = buffer;
		return true;
	}
	crypto_cleanse(buffer, TOKEN_MAX);
	free(buffer);
	return false;
}
