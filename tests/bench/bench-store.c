/* bench-store: how fast batches become rows and how many bytes a row takes. The shape is that of a busy build
 * machine: each process is started by a shell, writes, renames and deletes three files of its own, makes a connection
 * and ends: twelve audit events. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "recorder/store/store.h"

#define T0 INT64_C(1795571244000)

enum { EVENTS_A_PROCESS = 12, PROCESSES_A_BATCH = 64 };

struct bench {
	struct batch *batch;
	uint64_t serial;
	int64_t now; /* microseconds since T0 */
};

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct span number_name(struct bench *b, const char *before, int64_t n, const char *after)
{
	char text[128];
	int len = snprintf(text, sizeof(text), "%s%" PRId64 "%s", before, n, after);

	return arena_copy(&b->batch->arena, (struct span){ text, (size_t)len });
}

static struct event *add_event(struct bench *b, enum event_action action, int64_t image, struct span object)
{
	struct item *item = batch_add(b->batch, ITEM_EVENT);

	if (!item)
		abort();
	b->now += 160;
	item->event = (struct event){ .time_ms = T0 + b->now / 1000, .serial = ++b->serial, .image = image,
		.action = action, .object = object };
	return &item->event;
}

static void add_process(struct bench *b, int64_t id)
{
	int64_t ms = T0 + b->now / 1000;
	struct item *item = batch_add(b->batch, ITEM_PROCESS);

	item->process = (struct process_start){ id, 1, 300 + id % 32000, 0, ms, true, PROCESS_EXEC, id > 1, 0 };
	item = batch_add(b->batch, ITEM_IMAGE);
	item->image = (struct image_start){ .id = id, .process = id, .start_ms = ms, .origin = PROCESS_EXEC,
		.executable = SPAN("/usr/bin/cc"), .comm = SPAN("cc"), .cwd = SPAN("/home/build/project"),
		.command_line = number_name(b, "cc -O2 -c -o out/f", id, ".o source.c"),
		.who = { 1000, 1000, 1000, 1000, 1000, 3, SPAN("build"), SPAN("build"), SPAN("pts0") } };
	add_event(b, ACTION_PROCESS_CREATE, id, SPAN("/usr/bin/cc"));
	for (int i = 0; i < 3; i++) {
		struct span path = number_name(b, "/home/build/project/out/f", id * 3 + i, "");
		struct span renamed = number_name(b, "/home/build/project/out/f", id * 3 + i, ".o");

		add_event(b, ACTION_FILE_CREATE, id, path);
		add_event(b, ACTION_FILE_RENAME, id, path)->object2 = renamed;
		add_event(b, ACTION_FILE_DELETE, id, renamed);
	}
	add_event(b, ACTION_NETWORK_CONNECT_FAILED, id, SPAN("127.0.0.1"))->port = 80;
	add_event(b, ACTION_PROCESS_EXIT, id, SPAN_NONE);
	item = batch_add(b->batch, ITEM_END);
	item->end = (struct process_end){ id, T0 + b->now / 1000, 0, 0 };
}

static int write_all(struct store *s, int64_t processes, bool commits)
{
	struct bench b = { .batch = batch_new() };
	int r = 0;

	batch_add(b.batch, ITEM_BOOT)->boot = (struct boot_seen){ 1, SPAN("bench"), SPAN_NONE, T0 };
	for (int64_t id = 1; id <= processes && r == 0; id++) {
		add_process(&b, id);
		if (id % PROCESSES_A_BATCH && id < processes)
			continue;
		r = store_write(s, b.batch);
		batch_reset(b.batch);
		if (r == 0 && commits)
			r = store_commit(s);
	}
	batch_free(b.batch);
	return r;
}

static int run(const char *dir, int64_t processes, bool bulk)
{
	AUTO_FREE char *error = NULL;
	AUTO_FREE char *path = NULL;
	struct store *s = NULL;
	struct stat st;
	double start, events = (double)processes * EVENTS_A_PROCESS;
	int r;

	if (asprintf(&path, "%s/bench-%d.db", dir, bulk) < 0)
		return -1;
	start = cpu_seconds();
	r = store_open(path, STORE_CREATE | (bulk ? STORE_IMPORT : 0), &s, &error);
	if (r < 0) {
		fprintf(stderr, "%s\n", error);
		return r;
	}
	r = write_all(s, processes, !bulk);
	r = store_close(s) < 0 ? -1 : r;
	start = cpu_seconds() - start;
	if (r < 0 || stat(path, &st) < 0)
		return -1;
	printf("%-22s %8.0f events  %6.2f s CPU  %7.0f events/s  %5.1f bytes/event\n",
	       bulk ? "store, bulk" : "store, many commits", events, start, events / start, (double)st.st_size / events);
	unlink(path);
	return 0;
}

int main(void)
{
	char dir[] = "/tmp/bench-store-XXXXXX";
	int64_t processes = 30000;
	int r;

	if (!mkdtemp(dir))
		return 1;
	r = run(dir, processes, true);
	if (r == 0)
		r = run(dir, processes, false);
	rmdir(dir);
	return r < 0;
}
