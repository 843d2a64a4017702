/* permute LOG...: records that come in another order, each at most a window away from its place, make the same rows. */
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "tests/golden/dump.h"

enum { LINES_MAX = 256, ROUNDS = 300, WINDOW = 16 };

struct lines {
	struct span at[LINES_MAX];
	size_t n;
};

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static void split(struct span text, struct lines *ret)
{
	struct span line;

	ret->n = 0;
	while (ret->n < LINES_MAX && span_next(&text, '\n', &line))
		if (line.n)
			ret->at[ret->n++] = line;
}

/* Shuffles each run of WINDOW lines; every other round begins half a window later. */
static void shuffle(struct lines *l, uint64_t round)
{
	uint64_t seed = round + 1;

	for (size_t from = round % 2 ? WINDOW / 2 : 0; from < l->n; from += WINDOW) {
		size_t n = l->n - from < WINDOW ? l->n - from : WINDOW;

		for (size_t i = n; i > 1; i--) {
			size_t k = next_random(&seed) % i;
			struct span line = l->at[from + k];

			l->at[from + k] = l->at[from + i - 1];
			l->at[from + i - 1] = line;
		}
	}
}

static int rows_of(const struct lines *l, struct buf *ret)
{
	AUTO_BUF text = BUF_INIT;
	AUTO_REPLAY replay = { 0 };
	int r;

	for (size_t i = 0; i < l->n; i++) {
		buf_add_span(&text, l->at[i]);
		buf_add_char(&text, '\n');
	}
	r = replay_text(buf_span(&text), REPLAY_COPIED, &replay);
	buf_add_span(ret, buf_span(&replay.items));
	buf_printf(ret, "%llu events\n", (unsigned long long)replay.stats.events);
	return r;
}

static bool check(const char *log)
{
	AUTO_BUF text = BUF_INIT;
	AUTO_BUF want = BUF_INIT;
	struct lines lines;

	if (replay_read(log, &text) < 0)
		return false;
	split(buf_span(&text), &lines);
	if (rows_of(&lines, &want) < 0)
		return false;
	for (uint64_t round = 0; round < ROUNDS; round++) {
		struct lines mixed = lines;
		AUTO_BUF have = BUF_INIT;

		shuffle(&mixed, round);
		if (rows_of(&mixed, &have) == 0 && span_eq(buf_span(&have), buf_span(&want)))
			continue;
		printf("%s: round %llu differs:\n%s", log, (unsigned long long)round, have.p);
		for (size_t i = 0; i < mixed.n; i++)
			printf("%.*s\n", SPAN_FMT(mixed.at[i]));
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed += !check(argv[i]);
	printf("%d logs, %d failed\n", argc - 1, failed);
	return failed > 0 || argc < 2;
}
