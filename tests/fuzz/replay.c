/* Gives every file of a folder to the fuzzer once, so that what was ever found stays fixed. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"

static int replay(const char *dir, const char *name)
{
	AUTO_BUF path = BUF_INIT;
	AUTO_BUF content = BUF_INIT;
	AUTO_FCLOSE FILE *f = NULL;
	char *to;
	size_t n;

	buf_printf(&path, "%s/%s", dir, name);
	f = fopen(path.p, "rb");
	if (!f) {
		perror(path.p);
		return 1;
	}
	while ((to = buf_reserve(&content, 65536)) && (n = fread(to, 1, 65536, f)) > 0)
		content.n += n;
	LLVMFuzzerTestOneInput((const uint8_t *)buf_span(&content).p, content.n);
	printf("%s: %zu bytes\n", name, content.n);
	return 0;
}

int main(int argc, char **argv)
{
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
	int bad = 0, seen = 0;

	if (!dir) {
		fprintf(stderr, "usage: replay SEEDS\n");
		return 2;
	}
	for (struct dirent *e; (e = readdir(dir));) {
		if (e->d_name[0] == '.')
			continue;
		bad += replay(argv[1], e->d_name);
		seen++;
	}
	closedir(dir);
	if (seen == 0)
		fprintf(stderr, "%s: no seeds\n", argv[1]);
	return bad || seen == 0;
}
