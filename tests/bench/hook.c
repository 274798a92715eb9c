/*
 * bench_hook ROUNDS EACH WORK RESET [WORK RESET]...
 *
 * How long shell lines take beside each other: each round runs every WORK once, EACH times over, one after the other,
 * and its RESET untimed. `exec:PROGRAM ARGS...`, split at blanks, is started without a shell, its input empty. Prints
 * for each the median in microseconds, and of the rounds' ratios to the first the median, least and most.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { WORKS_MAX = 8, ROUNDS_MAX = 1000, WORDS_MAX = 16 };

static double took[WORKS_MAX][ROUNDS_MAX];

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void split(char *line, char **words)
{
	int n = 0;

	while (n < WORDS_MAX - 1 && *line) {
		words[n++] = line;
		line += strcspn(line, " ");
		if (*line)
			*line++ = '\0';
	}
	words[n] = NULL;
}

static void run(const char *line)
{
	char copy[2000], sh[] = "/bin/sh", dash_c[] = "-c", *words[WORDS_MAX] = {sh, dash_c, copy, NULL};
	posix_spawn_file_actions_t actions;
	int plain = strncmp(line, "exec:", 5) == 0, status = 0;
	pid_t pid;

	(void)snprintf(copy, sizeof copy, "%s", line + (plain ? 5 : 0));
	if (plain)
		split(copy, words);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (posix_spawn(&pid, words[0], &actions, NULL, words, environ) != 0 || waitpid(pid, &status, 0) != pid ||
	    !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		(void)fprintf(stderr, "it failed: %s\n", line);
		exit(1);
	}
	posix_spawn_file_actions_destroy(&actions);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print(int work, int rounds)
{
	static double ratios[ROUNDS_MAX], sorted[ROUNDS_MAX];

	for (int i = 0; i < rounds; i++) {
		sorted[i] = took[work][i];
		ratios[i] = took[work][i] / took[0][i];
	}
	qsort(sorted, (size_t)rounds, sizeof *sorted, by_size);
	qsort(ratios, (size_t)rounds, sizeof *ratios, by_size);
	(void)printf("work%d median_us=%.1f ratio=%.3f least=%.3f most=%.3f n=%d\n", work, sorted[rounds / 2],
		     ratios[rounds / 2], ratios[0], ratios[rounds - 1], rounds);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? (int)strtoul(argv[1], NULL, 10) : 0, works = (argc - 3) / 2,
	    each = argc > 2 ? (int)strtoul(argv[2], NULL, 10) : 0;

	if (rounds < 1 || rounds > ROUNDS_MAX || each < 1 || works < 1 || works > WORKS_MAX || argc % 2 == 0)
		return 2;
	for (int i = -1; i < rounds; i++) /* one round to warm up */
		for (int w = 0; w < works; w++) {
			double from = now_us();

			for (int k = 0; k < each; k++)
				run(argv[3 + 2 * w]);
			if (i >= 0)
				took[w][i] = (now_us() - from) / each;
			if (argv[4 + 2 * w][0])
				run(argv[4 + 2 * w]);
		}
	for (int w = 0; w < works; w++)
		print(w, rounds);
	return 0;
}
