/* The table: five columns, the last one wrapped at the width. Colour only where it is asked for, and ASCII only. */
#include "tests/e2e/demo.h"

#include <stdlib.h>
#include <string.h>

enum { HAPPENS = 22, COMMIT = 7, VERDICT = 13, BEFORE_TEXT = 2 + 1 + HAPPENS + 2 + COMMIT + 2 + VERDICT + 2 };

static size_t room(const struct demo *demo)
{
	return demo->width > BEFORE_TEXT + 20 ? demo->width - BEFORE_TEXT : 20;
}

/* The length of the first line of the text within the room. */
static size_t line_of(const char *text, size_t max)
{
	size_t n = strlen(text), at = max;

	if (n <= max)
		return n;
	while (at > 0 && text[at] != ' ')
		at--;
	return at > 0 ? at : max;
}

/* Whatever came, the terminal gets printable ASCII. */
static void put(FILE *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)fputc(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?', out);
}

static void put_line(FILE *out, const char *text, size_t n)
{
	put(out, text, n);
	(void)fputc('\n', out);
}

static void put_wrapped(const struct demo *demo, const char *text)
{
	size_t n = line_of(text, room(demo));

	put_line(demo->out, text, n);
	for (text += n; *text == ' '; text++)
		;
	while (*text) {
		n = line_of(text, room(demo));
		(void)fprintf(demo->out, "%*s", BEFORE_TEXT, "");
		put_line(demo->out, text, n);
		for (text += n; *text == ' '; text++)
			;
	}
}

void demo_print_head(const struct demo *demo)
{
	const char *colon = strrchr(demo->rig.tracker_url, ':');

	(void)fprintf(demo->out,
		      "sandbox forge on %s, bug tracker on %s, headgate on http://127.0.0.1:%u (all loopback)\n",
		      demo->rig.world_url, colon ? colon : "none", demo->rig.port);
	(void)fprintf(
		demo->out,
		"%s, policy: examples/policies/demo.yml (2 fresh reviews, release word, security bugs cleared)\n\n",
		demo->rig.repo);
	(void)fprintf(demo->out, "%2s %-*s  %-*s  %-*s  %s\n", "#", HAPPENS, "what happens", COMMIT, "commit", VERDICT,
		      "verdict", "status text");
	(void)fflush(demo->out);
}

static void print_wrong(const struct demo *demo, const struct demo_seen *seen)
{
	(void)fprintf(demo->out, "\nstep %zu (%s): %s\n  expected  %s  %s  %s...\n  got       %s  %s  %s\n",
		      seen->number, seen->happens, seen->wrong, demo_word(seen->expect->verdict)->shown,
		      demo_word(seen->expect->verdict)->state, seen->expected, demo_word(seen->verdict)->shown,
		      seen->state[0] ? seen->state : "-", seen->text[0] ? seen->text : "no status");
}

void demo_print_seen(const struct demo *demo, const struct demo_seen *seen)
{
	const struct demo_word *word = demo_word(seen->verdict);
	char number[24] = "";

	if (seen->first)
		(void)snprintf(number, sizeof number, "%zu", seen->number);
	(void)fprintf(demo->out, "%2s %-*s  %.*s  %s%s%s%s %-*s%s  ", number, HAPPENS, seen->first ? seen->happens : "",
		      COMMIT, seen->sha, demo->colour ? "\033[" : "", demo->colour ? word->colour : "",
		      demo->colour ? "m" : "", word->sign, VERDICT - 3, word->shown, demo->colour ? "\033[0m" : "");
	put_wrapped(demo, seen->text);
	if (seen->wrong)
		print_wrong(demo, seen);
	(void)fflush(demo->out);
}

void demo_print_note(const struct demo *demo, const char *text)
{
	char line[DEMO_TEXT];

	if (!text || text[0] == '\0')
		return;
	demo_fill(demo, text, line);
	(void)fprintf(demo->out, "      %s", demo->colour ? "\033[2m" : "");
	put(demo->out, line, strlen(line));
	(void)fprintf(demo->out, "%s\n", demo->colour ? "\033[0m" : "");
	(void)fflush(demo->out);
}

void demo_print_broken(const struct demo *demo, size_t number)
{
	size_t n;
	const struct demo_step *step = &demo_steps(&n)[number - 1];
	char happens[DEMO_TEXT];

	demo_fill(demo, step->happens, happens);
	(void)fprintf(demo->out, "\nstep %zu (%s): ", number, happens);
	put_line(demo->out, demo->rig.why, strcspn(demo->rig.why, "\n"));
	(void)fflush(demo->out);
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static long long p50(struct demo_samples *samples)
{
	if (samples->n == 0)
		return -1;
	qsort(samples->ms, samples->n, sizeof samples->ms[0], by_size);
	return samples->ms[(samples->n - 1) / 2];
}

static size_t count(struct demo *demo, const char *kind)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(demo->rig.log); i++) {
		const char *own = json_string_value(json_object_get(json_array_get(demo->rig.log, i), "kind"));

		n += own && strcmp(own, kind) == 0;
	}
	return n;
}

void demo_print_end(struct demo *demo)
{
	(void)rig_log(&demo->rig);
	(void)fprintf(
		demo->out,
		"\n%zu of %zu verdicts as expected. %zu webhooks of the forge, %zu of the tracker, %zu statuses.\n",
		demo->good, demo->all, count(demo, "delivery"), count(demo, "push"), count(demo, "post"));
	if (demo->good == demo->all)
		(void)fprintf(demo->out,
			      "Push to status p50 %lld ms (%zu pushes), review to status p50 %lld ms (%zu reviews),\n"
			      "a bug's delivery to revocation %lld ms, measured in this run.\n",
			      p50(&demo->pushes), demo->pushes.n, p50(&demo->reviews), demo->reviews.n,
			      p50(&demo->bugs));
	(void)fflush(demo->out);
}

void demo_print_where(const struct demo *demo)
{
	for (char commit = 'A'; commit < 'A' + DEMO_COMMITS && demo_sha(demo, commit)[0]; commit++)
		(void)fprintf(demo->out, "%s http://127.0.0.1:%u/%s/c/%s\n", commit == 'A' ? "Look: " : "      ",
			      demo->rig.port, demo->rig.repo, demo_sha(demo, commit));
	(void)fprintf(demo->out, "Ctrl-C stops.\n");
	(void)fflush(demo->out);
}
