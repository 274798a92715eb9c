#include "tests/sim/sometimes.h"

static const char *const texts[] = {
#define X(name, text) text,
	SOMETIMES(X)
#undef X
};
static const char *const names[] = {
#define X(name, text) #name,
	SOMETIMES(X)
#undef X
};

const char *sometimes_text(enum sometimes what)
{
	return texts[what];
}

const char *sometimes_name(enum sometimes what)
{
	return names[what];
}

void sometimes_add(struct sometimes_counts *to, const struct sometimes_counts *from)
{
	for (int i = 0; i < SOMETIMES_KINDS; i++)
		to->at[i] += from->at[i];
}

unsigned sometimes_print(const struct sometimes_counts *counts, struct sometimes_part part, uint64_t least, FILE *out)
{
	bool told[SOMETIMES_KINDS] = {false};
	unsigned rare = 0;

	for (int n = part.from; n < part.upto; n++) {
		int next = -1;

		for (int i = part.from; i < part.upto; i++)
			if (!told[i] && (next < 0 || counts->at[i] < counts->at[next]))
				next = i;
		told[next] = true;
		rare += counts->at[next] < least;
		(void)fprintf(out, "%10llu  %s%s\n", (unsigned long long)counts->at[next], texts[next],
			      counts->at[next] < least ? "   <-- too rare" : "");
	}
	return rare;
}
