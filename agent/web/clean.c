#include "agent/web/clean.h"

/* Characters that hide or reorder their neighbours: a name with them reads as another. */
static const struct {
	unsigned long first, last;
} refused[] = {
	{0, 0x1f},        {0x7f, 0x9f},     {0x61c, 0x61c},   {0x200b, 0x200f},   {0x2028, 0x202e},
	{0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
};

static unsigned long code_of(struct text t, size_t n)
{
	unsigned char c = (unsigned char)t.at[0];
	unsigned long code = n == 1 ? c : c & (0xffu >> (n + 1));

	for (size_t k = 1; k < n; k++)
		code = code << 6 | ((unsigned char)t.at[k] & 0x3f);
	return code;
}

size_t clean_step(struct text t)
{
	unsigned char c = (unsigned char)t.at[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	unsigned long code;

	if (n > t.len || !text_utf8((struct text){t.at, n}))
		return 0;
	code = code_of(t, n);
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		if (code >= refused[i].first && code <= refused[i].last)
			return 0;
	return n;
}

struct text clean_text(struct text t, struct arena *arena)
{
	struct text mark = CLEAN_REPLACEMENT;
	char *to = arena_alloc(arena, t.len + 1, mark.len);
	size_t len = 0;

	for (size_t i = 0, n; i < t.len; i += n) {
		struct text rest = {t.at + i, t.len - i};

		n = clean_step(rest);
		memcpy(to + len, n > 0 ? rest.at : mark.at, n > 0 ? n : mark.len);
		len += n > 0 ? n : mark.len;
		n = n > 0 ? n : 1;
	}
	return (struct text){to, len};
}
