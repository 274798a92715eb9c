#include "agent/cli/doctor.h"

#include "agent/cli/print.h"
#include "webhooks/jread.h"

static const char *const marks[DOCTOR_MARKS] = {"ok", "warn", "fail", "unknown"};

void doctor_say(struct doctor *doctor, enum doctor_mark mark, const char *check, struct text said, const char *remedy)
{
	if (doctor->n == DOCTOR_FINDINGS_MAX) {
		doctor->n_of[DOCTOR_FAIL]++;
		return;
	}
	doctor->n_of[mark]++;
	doctor->at[doctor->n++] =
		(struct doctor_finding){mark, doctor->about, check, arena_text(doctor->arena, said), remedy};
}

void doctor_print(const struct doctor *doctor, FILE *out)
{
	for (size_t i = 0; i < doctor->n; i++) {
		const struct doctor_finding *one = &doctor->at[i];

		(void)fprintf(out, "%-8s", marks[one->mark]);
		print_safe(out, one->about);
		(void)fprintf(out, ": %s: ", one->check);
		print_safe(out, one->said);
		(void)fprintf(out, "%s%s\n", one->remedy ? "; do: " : "", one->remedy ? one->remedy : "");
	}
	for (size_t i = 0; i < DOCTOR_MARKS; i++)
		(void)fprintf(out, "%zu %s%s", doctor->n_of[i], marks[i], i + 1 < DOCTOR_MARKS ? ", " : "\n");
}

void doctor_print_json(const struct doctor *doctor, FILE *out)
{
	struct jwrite *w = jwrite_new();

	jwrite_object(w, NULL);
	jwrite_array(w, "findings");
	for (size_t i = 0; i < doctor->n; i++) {
		const struct doctor_finding *one = &doctor->at[i];

		jwrite_object(w, NULL);
		jwrite_text(w, "mark", text_of(marks[one->mark]));
		jwrite_text(w, "about", one->about);
		jwrite_text(w, "check", text_of(one->check));
		jwrite_text(w, "said", one->said);
		if (one->remedy)
			jwrite_text(w, "remedy", text_of(one->remedy));
		jwrite_end(w);
	}
	jwrite_end(w);
	for (size_t i = 0; i < DOCTOR_MARKS; i++)
		jwrite_int(w, marks[i], (int64_t)doctor->n_of[i]);
	jwrite_end(w);
	(void)fprintf(out, "%.*s\n", TEXT_ARG(jwrite_text_of(w)));
	jwrite_free(w);
}
