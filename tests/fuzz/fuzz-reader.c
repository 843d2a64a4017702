/* A recording from elsewhere either does not open, with a reason, or answers every call; it never crashes or hangs.
 *
 * Input: a byte, then for an even one the file itself, for an odd one changes to a sound recording, six bytes each:
 * where (little endian, 32 bits, modulo its size), what, how (0 sets the byte, else flips its bits). That reaches
 * further than bytes made up. */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "recorder/query/reader.h"
#include "recorder/store/store.h"
#include "recorder/store/vault.h"
#include "tests/unit/store/items.h"

#define T0 INT64_C(1795571244000)

static char dir[64], path[96];
static struct buf sound = BUF_INIT;

static void must(int good)
{
	if (!good)
		abort();
}

static void remove_all(void)
{
	unlink(path);
	rmdir(dir);
	buf_free(&sound);
}

/* Long and alike, as a compiler run has them: most are deltas. */
static struct span line_of(struct batch *b, int i)
{
	char text[128];
	int n = snprintf(text, sizeof(text), "program -quiet -I include -I ../include/%d -dumpbase f%d.c -O2 -o f%d.s", i % 3,
	                 i, i);

	return arena_copy(&b->arena, (struct span){ text, (size_t)n });
}

static void write_recording(void)
{
	AUTO_FREE char *error = NULL;
	struct store *s = NULL;
	struct batch *b = batch_new();

	add_boot(b, 1);
	for (int i = 1; i <= 40; i++) {
		add_process(b, i, 100 + i, T0 + i, i > 1 ? i / 3 + 1 : 0);
		add_image(b, i, i, T0 + i, "/usr/bin/program", "")->command_line = line_of(b, i);
		add_event(b, T0 + i, ACTION_PROCESS_CREATE, i, SPAN("/usr/bin/program"));
		add_event(b, T0 + i * 100, ACTION_FILE_WRITE, i, i % 2 ? SPAN("/tmp/Odd") : SPAN("/tmp/even"));
		add_event(b, T0 + i * 200, ACTION_NETWORK_CONNECT, i, SPAN("192.0.2.1"));
	}
	must(store_open(path, STORE_CREATE | STORE_IMPORT, &s, &error) == 0);
	must(store_write(s, b) == 0);
	must(store_close(s) == 0);
	batch_free(b);
}

static void read_recording(void)
{
	AUTO_FCLOSE FILE *f = fopen(path, "rb");
	char *to;
	size_t n;

	must(f != NULL);
	while ((to = buf_reserve(&sound, 65536)) && (n = fread(to, 1, 65536, f)) > 0)
		sound.n += n;
	must(sound.n > 0);
}

static void set_up(void)
{
	snprintf(dir, sizeof(dir), "%s/fuzz-reader-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	must(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/monitor.db", dir);
	atexit(remove_all);
	write_recording();
	read_recording();
}

static void write_file(const uint8_t *data, size_t n)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0 && write(fd, data, n) == (ssize_t)n);
}

static void write_changed(const uint8_t *changes, size_t n)
{
	AUTO_BUF b = BUF_INIT;

	buf_add_span(&b, buf_span(&sound));
	must(!b.failed);
	for (; n >= 6; changes += 6, n -= 6) {
		uint32_t at = changes[0] | changes[1] << 8 | changes[2] << 16 | (uint32_t)changes[3] << 24;
		char *p = &b.p[at % b.n];

		*p = (char)(changes[5] ? *p ^ changes[4] : changes[4]);
	}
	write_file((const uint8_t *)b.p, b.n);
}

static void ask_rows(struct reader *r, const struct expr *where)
{
	struct reader_count count;
	struct reader_page page;
	struct reader_histogram histogram;
	struct reader_distribution distribution;
	struct reader_completeness complete;
	struct reader_lanes lanes;
	struct reader_values values;

	if (r->ops->count(r, NULL, where, READER_ALL_TIME, 16, &count) == 0)
		reader_count_free(&count);
	if (r->ops->page(r, NULL, where, READER_ALL_TIME, (struct reader_place){ READER_NEWEST_FIRST, 0, 0 }, 50,
	                 &page) == 0)
		reader_page_free(&page);
	if (r->ops->histogram(r, NULL, where, READER_ALL_TIME, 64, &histogram) == 0)
		reader_histogram_free(&histogram);
	if (r->ops->completeness(r, NULL, READER_ALL_TIME, 0, &complete) == 0)
		reader_completeness_free(&complete);
	if (r->ops->distribution(r, NULL, where, READER_ALL_TIME, &distribution) == 0)
		reader_distribution_free(&distribution);
	for (int by = 0; by < READER_GROUPS; by++)
		if (r->ops->lanes(r, NULL, where, READER_ALL_TIME, (enum reader_group)by, 64, 9, &lanes) == 0)
			reader_lanes_free(&lanes);
	for (size_t i = 0; field_at(i); i++) {
		struct reader_values_wish wish = { .field = field_at(i), .max = 9, .quick = i % 2 };

		if (r->ops->values(r, NULL, where, READER_ALL_TIME, &wish, &values) == 0)
			reader_values_free(&values);
	}
}

static void ask_process(struct reader *r, int64_t id)
{
	struct reader_tree_limits limits = { 8, 3, 50, 50 };
	struct reader_process process;
	struct reader_timeline timeline;
	struct reader_tree tree;
	struct reader_story story;

	if (r->ops->process(r, NULL, id, &process) == 0)
		reader_process_free(&process);
	if (r->ops->timeline(r, NULL, id, (struct reader_range){ T0, T0 + 10000 }, 64, 50, &timeline) == 0)
		reader_timeline_free(&timeline);
	if (r->ops->story(r, NULL, id, 50, &story) == 0)
		reader_story_free(&story);
	if (r->ops->tree(r, NULL, id, limits, &tree) == 0)
		reader_tree_free(&tree);
}

static void ask_whole(struct reader *r)
{
	struct reader_space space;
	struct reader_inventory inventory;

	if (r->ops->space(r, NULL, 20, &space) == 0)
		reader_space_free(&space);
	if (r->ops->inventory(r, NULL, &inventory) == 0)
		reader_inventory_free(&inventory);
}

static void ask(struct reader *r)
{
	static const char text[] = "process.executable contains \"PROG\" or file.path endswith odd";
	AUTO_EXPR *where = NULL;
	struct expr_error error;
	struct reader_info info;

	must(expr_parse(span_of(text), &where, &error) == 0);
	if (r->ops->info(r, NULL, &info) == 0)
		reader_info_free(&info);
	ask_rows(r, NULL);
	ask_rows(r, where);
	ask_whole(r);
	ask_process(r, 1);
	ask_process(r, 7);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO_FREE char *error = NULL;
	struct sqlite3 *db = NULL;
	AUTO_READER *r = NULL;

	if (n == 0)
		return 0;
	if (!dir[0])
		set_up();
	if (data[0] % 2)
		write_changed(data + 1, n - 1);
	else
		write_file(data + 1, n - 1);
	if (vault_open(path, VAULT_CHECK, NULL, NULL, NULL, &db, &error) < 0) {
		must(error != NULL && !strchr(error, '\n'));
		return 0;
	}
	r = reader_open_db(db);
	must(r != NULL);
	ask(r);
	return 0;
}
