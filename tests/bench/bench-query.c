/* Makes a recording of N events (default 5 million, every fifth with a path of its own) and asks it what an investigator
 * asks first. Each answer is timed on its own reader, so that nothing is compiled before. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "recorder/event.h"
#include "recorder/query/reader.h"
#include "recorder/store/store.h"
#include "recorder/store/vault.h"

#define CHECK(x) do { if (!(x)) { fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x); exit(1); } } while (0)

enum { BATCH = 20000, EVENTS_AN_IMAGE = 25 };

static const int64_t start_ms = INT64_C(1790000000000);

static void add_process(struct batch *b, int64_t id, int64_t time)
{
	static const char *const programs[] = { "/usr/bin/true", "/usr/bin/curl", "/bin/sh", "/usr/sbin/cron", "/usr/bin/make" };
	char line[64];
	struct image_start *im;

	batch_add(b, ITEM_PROCESS)->process = (struct process_start){ .id = id, .boot = 1, .pid = 300 + id % 30000,
		.start_ms = time, .start_known = true, .origin = PROCESS_EXEC, .parent_image = id > 1 ? 1 + id / 50 : 0 };
	snprintf(line, sizeof(line), "%s --job=%" PRId64, programs[id % 5], id % 1000);
	im = &batch_add(b, ITEM_IMAGE)->image;
	*im = (struct image_start){ .id = id, .process = id, .start_ms = time, .origin = PROCESS_EXEC,
		.executable = span_of(programs[id % 5]), .cwd = SPAN("/home/ann"),
		.command_line = arena_copy(&b->arena, span_of(line)), .who = { 1000, id % 3, 0, id % 3, 0, 4, SPAN("root") } };
}

static void add_event(struct batch *b, int64_t i, int64_t image, int64_t time)
{
	struct event *e = &batch_add(b, ITEM_EVENT)->event;
	char path[64];

	*e = (struct event){ .time_ms = time, .serial = (uint64_t)i + 1, .image = image, .action = ACTION_FILE_WRITE };
	if (i % 10 == 9) {
		e->action = ACTION_NETWORK_CONNECT;
		e->object = SPAN("192.0.2.9");
		e->port = i % 1000 == 9 ? 4444 : 443;
		return;
	}
	snprintf(path, sizeof(path), "/var/cache/d%" PRId64 "/f%" PRId64 ".o", i / 5 % 997, i % 5 ? i % 1000 : i);
	e->object = arena_copy(&b->arena, span_of(path));
}

static void make(const char *path, int64_t n)
{
	struct batch *b = batch_new();
	struct store *store = NULL;
	char *error = NULL;

	CHECK(b && store_open(path, STORE_CREATE | STORE_IMPORT, &store, &error) == 0);
	batch_add(b, ITEM_BOOT)->boot = (struct boot_seen){ 1, SPAN("bench"), SPAN("b"), start_ms };
	for (int64_t i = 0; i < n; i++) {
		int64_t image = 1 + i / EVENTS_AN_IMAGE, time = start_ms + i * 5;

		if (i % EVENTS_AN_IMAGE == 0)
			add_process(b, image, time);
		add_event(b, i, image, time);
		if (b->n >= BATCH) {
			CHECK(store_write(store, b) == 0);
			batch_reset(b);
		}
	}
	CHECK(store_write(store, b) == 0 && store_close(store) == 0);
	batch_free(b);
}

enum question { COUNT, ANCHORS, FIRST_PAGE, LAST_PAGE, HISTOGRAM };
static const char *const question_names[] = { "count", "count with anchors", "first page", "last page", "histogram" };

static uint64_t ask(struct reader *r, enum question q, const struct expr *where)
{
	struct reader_place at = { q == LAST_PAGE ? READER_NEWEST_FIRST : READER_OLDEST_FIRST, 0, 0 };
	struct reader_count c;
	struct reader_page p;
	struct reader_histogram h;
	uint64_t n;

	if (q == COUNT || q == ANCHORS) {
		CHECK(r->ops->count(r, NULL, where, READER_ALL_TIME, q == ANCHORS ? 1000 : 0, &c) == 0);
		n = c.total;
		reader_count_free(&c);
		return n;
	}
	if (q == HISTOGRAM) {
		CHECK(r->ops->histogram(r, NULL, where, READER_ALL_TIME, 1000, &h) == 0);
		reader_histogram_free(&h);
		return 1000;
	}
	CHECK(r->ops->page(r, NULL, where, READER_ALL_TIME, at, 200, &p) == 0);
	n = p.n;
	reader_page_free(&p);
	return n;
}

static void time_one(const char *path, enum question q, const char *text)
{
	struct expr_error fault;
	struct sqlite3 *db = NULL;
	AUTO_EXPR *where = NULL;
	AUTO_READER *r = NULL;
	char *error = NULL;
	int64_t before;
	uint64_t n;

	CHECK(expr_parse(span_of(text), &where, &fault) == 0);
	CHECK(vault_open(path, 0, NULL, NULL, NULL, &db, &error) == 0);
	r = reader_open_db(db);
	CHECK(r);
	before = clock_monotonic();
	n = ask(r, q, where);
	printf("%6" PRId64 " ms  %-18s %8" PRIu64 "  %s\n", clock_monotonic() - before, question_names[q], n, text);
}

/* bench-query [N]: asks a recording of N events. bench-query N PATH: only makes it, for others to ask. */
int main(int argc, char **argv)
{
	static const struct { enum question q; const char *text; } questions[] = {
		{ FIRST_PAGE, "" }, { LAST_PAGE, "" }, { COUNT, "" }, { ANCHORS, "" }, { HISTOGRAM, "" },
		{ FIRST_PAGE, "file.path contains \"f4999995\"" }, { COUNT, "file.path contains \"f4999995\"" },
		{ LAST_PAGE, "file.path == \"/VAR/cache/d1/f7.o\"" }, { COUNT, "file.path matches \"f12345\\d\\.o$\"" },
		{ FIRST_PAGE, "process.command_line contains \"job=77\"" }, { COUNT, "process.executable == \"/usr/bin/true\"" },
		{ COUNT, "event.category == network and destination.port == 4444" }, { COUNT, "event.category == network" },
		{ HISTOGRAM, "process.name == curl and user.id == 1" },
	};
	int64_t n = argc > 1 ? atoll(argv[1]) : 5000000, before = clock_monotonic();
	char path[] = "/tmp/spoor-bench-XXXXXX";
	int fd = mkstemp(path);

	CHECK(fd >= 0 && close(fd) == 0 && unlink(path) == 0);
	make(argc > 2 ? argv[2] : path, n);
	printf("%" PRId64 " events written in %" PRId64 " ms\n", n, clock_monotonic() - before);
	if (argc > 2)
		return 0;
	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++)
		time_one(path, questions[i].q, questions[i].text);
	unlink(path);
	return 0;
}
