/*
 * A fuzz target without libFuzzer: every file of the folders named on the command line, then its prefixes and its
 * copies with one byte changed. Each input gets memory of its own size, so that a sanitizer sees one byte too far.
 */
#include <assert.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED_MAX   (64u << 10)
#define VARIED_MAX 1024u /* longer seeds are played as they are, to bound the time */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void play(const uint8_t *bytes, size_t size, size_t changed)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	assert(copy);
	memcpy(copy, bytes, size);
	if (changed < size)
		copy[changed] = (uint8_t)(copy[changed] ^ (1u << changed % 8));
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void play_seed(const char *path)
{
	static uint8_t bytes[SEED_MAX];
	FILE *file = fopen(path, "rb");
	size_t size;

	assert(file);
	size = fread(bytes, 1, sizeof bytes, file);
	assert(!ferror(file) && size < sizeof bytes);
	(void)fclose(file);
	play(bytes, size, size);
	if (size > VARIED_MAX)
		return;
	for (size_t i = 0; i < size; i++) {
		play(bytes, i, i);
		play(bytes, size, i);
	}
}

static int play_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[4096];
	int n = 0;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		play_seed(path);
		n++;
	}
	if (dir)
		(void)closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	int seeds = 0;

	for (int i = 1; i < argc; i++)
		seeds += play_folder(argv[i]);
	printf("%d seeds\n", seeds);
	return seeds > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
