/* Documents on standard input, each behind a line with its length in bytes; one line for each on standard output: the
 * tree (tests/support/toml_dump.h), or "refused LINE:COLUMN: why". */
#include "tests/support/toml_dump.h"

#include <assert.h>
#include <inttypes.h>

#define DOCUMENT_MAX ((size_t)1 << 20)

static void answer(struct text bytes)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct toml *root = NULL;

	if (toml_parse(bytes, &toml_dump_limits, &arena, &root, &problem))
		toml_dump(stdout, root);
	else
		printf("refused %u:%u: %s", problem.line, problem.column, problem.text);
	printf("\n");
}

int main(void)
{
	static char bytes[DOCUMENT_MAX];
	size_t n;

	while (scanf("%zu", &n) == 1) { /* NOLINT(cert-err34-c): our own script writes it */
		assert(n <= sizeof bytes && getchar() == '\n');
		n = fread(bytes, 1, n, stdin);
		answer((struct text){bytes, n});
	}
	return 0;
}
