/* golden [--regenerate] LOG...: what each log becomes must be what LOG's neighbour NAME.txt says, with lines that stay
 * and with lines that are overwritten after each call. --regenerate writes the texts: read the difference. */
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "tests/golden/dump.h"

static int text_of(const char *log, enum replay_way way, struct buf *ret)
{
	AUTO_BUF text = BUF_INIT;
	AUTO_REPLAY replay = { 0 };
	int r = replay_read(log, &text);

	if (r == 0)
		r = replay_text(buf_span(&text), way, &replay);
	if (r < 0)
		return r;
	for (struct batch *b = replay.batches; b; b = b->next)
		for (size_t i = 0; i < b->n; i++)
			if (b->items[i].type == ITEM_UNPARSED)
				dump_item(ret, &b->items[i]);
	buf_add_span(ret, buf_span(&replay.items));
	buf_printf(ret, "%llu records, %llu events, %llu unparsed\n", (unsigned long long)replay.stats.records,
	           (unsigned long long)replay.stats.events, (unsigned long long)replay.stats.unparsed);
	return ret->failed ? -1 : 0;
}

static void print_difference(struct span have, struct span want)
{
	struct span a, b;

	while (span_next(&have, '\n', &a) && span_next(&want, '\n', &b))
		if (!span_eq(a, b)) {
			printf("  got  %.*s\n  want %.*s\n", SPAN_FMT(a), SPAN_FMT(b));
			return;
		}
	printf("  lengths differ\n");
}

static bool write_expected(const char *path, struct span text)
{
	AUTO_FCLOSE FILE *f = fopen(path, "we");

	return f && fwrite(text.p, 1, text.n, f) == text.n;
}

static bool check(const char *log, bool regenerate)
{
	AUTO_BUF stable = BUF_INIT;
	AUTO_BUF copied = BUF_INIT;
	AUTO_BUF want = BUF_INIT;
	AUTO_BUF path = BUF_INIT;

	buf_add(&path, log, strlen(log) - strlen(".log"));
	buf_add_z(&path, ".txt");
	if (text_of(log, REPLAY_STABLE, &stable) < 0 || text_of(log, REPLAY_COPIED, &copied) < 0) {
		printf("%s: failed\n", log);
		return false;
	}
	if (!span_eq(buf_span(&stable), buf_span(&copied))) {
		printf("%s: lines that are overwritten make a difference\n", log);
		print_difference(buf_span(&copied), buf_span(&stable));
		return false;
	}
	if (regenerate)
		return write_expected(path.p, buf_span(&stable));
	if (replay_read(path.p, &want) == 0 && span_eq(buf_span(&stable), buf_span(&want)))
		return true;
	printf("%s: not as expected\n", log);
	print_difference(buf_span(&stable), buf_span(&want));
	return false;
}

int main(int argc, char **argv)
{
	bool regenerate = argc > 1 && strcmp(argv[1], "--regenerate") == 0;
	int failed = 0;

	if (argc < 2 + regenerate) {
		fprintf(stderr, "usage: golden [--regenerate] LOG...\n");
		return 2;
	}
	for (int i = 1 + regenerate; i < argc; i++) {
		size_t n = strlen(argv[i]);

		if (n < 5 || strcmp(argv[i] + n - 4, ".log") != 0 || !check(argv[i], regenerate))
			failed++;
	}
	printf("%d logs, %d failed\n", argc - 1 - regenerate, failed);
	return failed > 0;
}
