#include "agent/base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/memory.h"

#define PATH_BYTES ((size_t)4096)

struct secret {
	char *at; /* one mapping of map_bytes */
	size_t len, map_bytes;
};

static bool resolve(struct text path, char *name, size_t size, struct err *err)
{
	struct text prefix = TEXT_LIT("credential:");
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	struct text rest = {path.at + prefix.len, path.len - prefix.len};
	int n;

	if (!text_starts(path, prefix)) {
		n = snprintf(name, size, "%.*s", TEXT_ARG(path));
	} else if (!folder || folder[0] != '/') {
		return err_set(err, ERR_INVALID, "%.*s: CREDENTIALS_DIRECTORY is not set", TEXT_ARG(path));
	} else if (rest.len == 0 || memchr(rest.at, '/', rest.len)) {
		return err_set(err, ERR_INVALID, "%.*s: not the name of a credential", TEXT_ARG(path));
	} else {
		n = snprintf(name, size, "%s/%.*s", folder, TEXT_ARG(rest));
	}
	if (n <= 0 || (size_t)n >= size || strlen(name) != (size_t)n)
		return err_set(err, ERR_INVALID, "the name of a secret's file is malformed");
	return true;
}

/* A credential that the service manager grants to one user by an access list shows the list's mask as the group's
 * permission, although no group has it; its directory is closed to others. */
static bool trusted(int fd, const char *name, bool credential, struct err *err)
{
	const mode_t forbidden = credential ? 037 : 077;
	struct stat info;

	if (fstat(fd, &info) != 0)
		return err_set(err, ERR_INVALID, "%s: %s", name, strerror(errno));
	if (!S_ISREG(info.st_mode))
		return err_set(err, ERR_INVALID, "%s: not a regular file", name);
	if (info.st_uid != 0 && info.st_uid != geteuid())
		return err_set(err, ERR_INVALID, "%s: belongs to somebody else; chown it to this user", name);
	if ((info.st_mode & forbidden) != 0)
		return err_set(err, ERR_INVALID, "%s: others may read it; chmod 600 %s", name, name);
	return true;
}

static struct secret *hold(void)
{
	struct secret *secret = calloc(1, sizeof *secret);

	if (!secret)
		out_of_memory();
	secret->map_bytes = SECRET_BYTES_MAX + 1;
	secret->at = mmap(NULL, secret->map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (secret->at == MAP_FAILED)
		out_of_memory();
	/* Best effort: small limits of locked memory are common, and no reason not to start. */
	(void)mlock(secret->at, secret->map_bytes);
	(void)madvise(secret->at, secret->map_bytes, MADV_DONTDUMP);
	return secret;
}

static bool fill(struct secret *secret, int fd, const char *name, struct err *err)
{
	ssize_t n;

	do {
		n = read(fd, secret->at + secret->len, secret->map_bytes - secret->len);
		if (n > 0)
			secret->len += (size_t)n;
	} while ((n > 0 && secret->len < secret->map_bytes) || (n < 0 && errno == EINTR));
	if (n < 0)
		return err_set(err, ERR_INVALID, "%s: %s", name, strerror(errno));
	if (secret->len > SECRET_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "%s: more than %zu bytes", name, SECRET_BYTES_MAX);
	if (secret->len > 0 && secret->at[secret->len - 1] == '\n')
		secret->len--;
	if (secret->len > 0 && secret->at[secret->len - 1] == '\r')
		secret->len--;
	return true;
}

static bool usable(const struct secret *secret, size_t min, const char *name, struct err *err)
{
	if (secret->len < min || secret->len == 0)
		return err_set(err, ERR_INVALID, "%s: a secret of %zu bytes; at least %zu are needed", name,
			       secret->len, min > 0 ? min : 1);
	for (size_t i = 0; i < secret->len; i++)
		if ((unsigned char)secret->at[i] < 0x20 || secret->at[i] == 0x7f)
			return err_set(err, ERR_INVALID, "%s: holds a control byte; one line of text is expected",
				       name);
	return true;
}

/* name: a buffer of PATH_BYTES. */
static struct secret *read_private(struct text path, char *name, struct err *err)
{
	struct secret *secret = NULL;
	int fd;

	if (!resolve(path, name, PATH_BYTES, err))
		return NULL;
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a FIFO must not hang the start */
	if (fd < 0) {
		(void)err_set(err, ERR_INVALID, "%s: %s", name, strerror(errno));
		return NULL;
	}
	if (!trusted(fd, name, text_starts(path, TEXT_LIT("credential:")), err))
		goto out;
	secret = hold();
	if (!fill(secret, fd, name, err)) {
		secret_free(secret);
		secret = NULL;
	}
out:
	(void)close(fd);
	return secret;
}

struct secret *secret_read(struct text path, size_t min, struct err *err)
{
	char name[PATH_BYTES];
	struct secret *secret = read_private(path, name, err);

	if (!secret || usable(secret, min, name, err))
		return secret;
	secret_free(secret);
	return NULL;
}

struct secret *secret_read_lines(struct text path, struct err *err)
{
	char name[PATH_BYTES];

	return read_private(path, name, err);
}

struct text secret_text(const struct secret *secret)
{
	return (struct text){secret->at, secret->len};
}

void secret_free(struct secret *secret)
{
	if (!secret)
		return;
	explicit_bzero(secret->at, secret->map_bytes);
	(void)munmap(secret->at, secret->map_bytes);
	free(secret);
}
