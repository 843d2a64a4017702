/* bench-reader RECORDING [RUNS]: a large recording as the desktop app reads it, through a confined child: what each call
 * takes, how soon a cancelled one ends, how soon a search for rare, frequent and absent text has its first rows. Each
 * figure is the best of RUNS (3), each on a reader of its own, so that nothing was compiled before. */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "agent/session/confine.h"
#include "agent/session/serve.h"
#include "recorder/query/expr-def.h"

#define CHECK(x) do { if (!(x)) { fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x); exit(1); } } while (0)

enum { ROWS = 200, ANCHORS = 200, BINS = 1000, CANCEL_AFTER_MS = 30 };

static const char *path;
static int64_t runs = 3;
static uint64_t most_memory; /* kB, of any child */

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static struct reader *open_reader(void)
{
	AUTO_FREE char *error = NULL;
	struct reader *r = NULL;

	if (confine_open(path, 0, NULL, NULL, NULL, &r, &error) < 0) {
		fprintf(stderr, "%s\n", error);
		exit(1);
	}
	return r;
}

static void note_memory(const struct reader *r)
{
	char name[64], line[256];
	uint64_t kb = 0;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/status", (int)confine_pid(r));
	f = fopen(name, "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmHWM: %" SCNu64, &kb) == 1 && kb > most_memory)
			most_memory = kb;
	if (f)
		fclose(f);
}

/* ---- one call ---- */

static double time_call(const struct messages_call *c)
{
	double best = 1e9;

	for (int i = 0; i < runs; i++) {
		struct messages_call call = *c;
		struct reader *r = open_reader();
		union messages_answer a;
		double before = now_ms(), took;
		int e = serve_run(r, NULL, &call, &a);

		took = now_ms() - before;
		if (e < 0 && e != -ENOENT) {
			fprintf(stderr, "call %d: %s\n", c->type, reader_error_text(r, e));
			exit(1);
		}
		if (e == 0)
			messages_answer_free(c->type, &a);
		note_memory(r);
		reader_close(r);
		best = took < best ? took : best;
	}
	return best;
}

struct canceller {
	struct cancel cancel;
	double at;
};

static void *cancel_late(void *data)
{
	struct canceller *c = data;

	usleep(CANCEL_AFTER_MS * 1000);
	c->at = now_ms();
	atomic_store(&c->cancel.requested, true);
	return NULL;
}

/* From the wish to the end of the call: the worst of the runs. */
static double time_cancel(const struct messages_call *c)
{
	double worst = 0;

	for (int i = 0; i < runs; i++) {
		struct canceller late = { 0 };
		struct reader *r = open_reader();
		union messages_answer a;
		pthread_t thread;
		double end;
		int e;

		CHECK(pthread_create(&thread, NULL, cancel_late, &late) == 0);
		e = serve_run(r, &late.cancel, c, &a);
		end = now_ms();
		pthread_join(thread, NULL);
		if (e == 0)
			messages_answer_free(c->type, &a);
		else if (e == -ECANCELED && end - late.at > worst)
			worst = end - late.at;
		reader_close(r);
	}
	return worst;
}

/* ---- what there is to ask for ---- */

struct subject {
	int64_t process; /* one with children */
	char rare[64], frequent[64], file[64], address[64];
};

static void copy_text(char *to, size_t size, struct span from, size_t most)
{
	size_t n = 0;

	if (from.n > most)
		from = (struct span){ from.p + (from.n - most), most };
	for (size_t i = 0; i < from.n && n + 1 < size; i++)
		if (from.p[i] > ' ' && from.p[i] != '"' && from.p[i] != '\\' && (signed char)from.p[i] > 0)
			to[n++] = from.p[i];
	to[n] = 0;
}

static void look_at_rows(struct reader *r, const char *where, struct subject *s)
{
	AUTO_EXPR *e = NULL;
	struct expr_error fault;
	struct reader_page p;

	CHECK(expr_parse(span_of(where), &e, &fault) == 0);
	CHECK(r->ops->page(r, NULL, e, READER_ALL_TIME, (struct reader_place){ READER_NEWEST_FIRST, 0, 0 }, ROWS, &p) == 0);
	for (size_t i = 0; i < p.n; i++) {
		const struct reader_row *row = &p.rows[i];

		if (row->category == EVENT_NETWORK && row->object.n)
			copy_text(s->address, sizeof(s->address), row->object, 40);
		else if (row->category == EVENT_FILE && row->object.n)
			copy_text(s->file, sizeof(s->file), row->object, 12);
		if (row->executable.n)
			copy_text(s->frequent, sizeof(s->frequent), row->executable, 5);
		if (row->command_line.n > 12)
			copy_text(s->rare, sizeof(s->rare), row->command_line, 9);
		if (row->process && !s->process)
			s->process = row->process;
	}
	reader_page_free(&p);
}

static struct subject find_subject(void)
{
	struct subject s = { .rare = "rare", .frequent = "bin", .file = "tmp", .address = "127.0.0.1" };
	struct reader *r = open_reader();
	struct reader_process p;

	look_at_rows(r, "event.category == network", &s);
	look_at_rows(r, "event.category == file", &s);
	look_at_rows(r, "event.category == process", &s);
	if (r->ops->process(r, NULL, s.process, &p) == 0) {
		s.process = p.parent ? p.parent : s.process;
		reader_process_free(&p);
	}
	reader_close(r);
	return s;
}

/* ---- the tables ---- */

struct worst {
	double first, counted, call, cancel;
	char what[300];
};

static void measure_calls(const struct subject *s, struct worst *w)
{
	const struct reader_range all = READER_ALL_TIME;
	AUTO_EXPR *where = NULL;
	struct expr_error fault;
	const struct { const char *name; bool filtered; struct messages_call call; } calls[] = {
		{ "info", false, { .type = MESSAGES_INFO } },
		{ "first page", false, { .type = MESSAGES_PAGE, .range = all, .n = ROWS, .at = { READER_NEWEST_FIRST, 0, 0 } } },
		{ "count", false, { .type = MESSAGES_COUNT, .range = all } },
		{ "count with anchors", false, { .type = MESSAGES_COUNT, .range = all, .step = ANCHORS } },
		{ "count, filtered", true, { .type = MESSAGES_COUNT, .range = all, .step = ANCHORS } },
		{ "histogram", false, { .type = MESSAGES_HISTOGRAM, .range = all, .n = BINS } },
		{ "histogram, filtered", true, { .type = MESSAGES_HISTOGRAM, .range = all, .n = BINS } },
		{ "process", false, { .type = MESSAGES_PROCESS, .process = s->process } },
		{ "timeline", false, { .type = MESSAGES_TIMELINE, .process = s->process, .range = all, .n = BINS,
		                       .max_children = 500 } },
		{ "tree", false, { .type = MESSAGES_TREE, .process = s->process, .limits = { 64, 3, 2000, 10000 } } },
		{ "story", false, { .type = MESSAGES_STORY, .process = s->process, .max_children = 10000 } },
		{ "distribution", false, { .type = MESSAGES_DISTRIBUTION, .range = all } },
		{ "distribution, filtered", true, { .type = MESSAGES_DISTRIBUTION, .range = all } },
		{ "completeness", false, { .type = MESSAGES_COMPLETENESS, .range = all } },
		{ "lanes by kind", false, { .type = MESSAGES_LANES, .range = all, .n = BINS, .max_children = 50 } },
		{ "lanes by user", false, { .type = MESSAGES_LANES, .range = all, .n = BINS, .max_children = 50,
		                            .by = READER_BY_USER } },
		{ "lanes by executable", false, { .type = MESSAGES_LANES, .range = all, .n = BINS, .max_children = 50,
		                                  .by = READER_BY_EXECUTABLE } },
		{ "lanes by container", false, { .type = MESSAGES_LANES, .range = all, .n = BINS, .max_children = 50,
		                                 .by = READER_BY_CONTAINER } },
		{ "lanes by process", false, { .type = MESSAGES_LANES, .range = all, .n = BINS, .max_children = 50,
		                               .by = READER_BY_PROCESS } },
	};

	CHECK(expr_parse(SPAN("event.serial > 1000 and process.command_line contains \"e\""), &where, &fault) == 0);
	printf("%-24s %10s %14s\n", "call", "ms", "cancelled, ms");
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		struct messages_call c = calls[i].call;
		double took, cancelled;

		c.where = calls[i].filtered ? where : NULL;
		took = time_call(&c);
		cancelled = took > 2 * CANCEL_AFTER_MS ? time_cancel(&c) : 0;
		printf("%-24s %10.1f %14.1f\n", calls[i].name, took, cancelled);
		w->call = took > w->call ? took : w->call;
		w->cancel = cancelled > w->cancel ? cancelled : w->cancel;
	}
}

static void measure_search(const char *text, struct worst *w)
{
	AUTO_EXPR *where = NULL;
	struct expr_error fault;
	struct messages_call c = { .type = MESSAGES_PAGE, .range = READER_ALL_TIME, .n = ROWS,
		                       .at = { READER_NEWEST_FIRST, 0, 0 } };
	double first, counted;

	if (expr_parse(span_of(text), &where, &fault) < 0) {
		fprintf(stderr, "%s: %s\n", text, fault.message);
		exit(1);
	}
	c.where = where;
	first = time_call(&c);
	c.type = MESSAGES_COUNT;
	c.step = ANCHORS;
	counted = time_call(&c);
	printf("%8.1f %8.1f  %s\n", first, counted, text);
	fflush(stdout);
	if (first > w->first) {
		w->first = first;
		snprintf(w->what, sizeof(w->what), "%s", text);
	}
	w->counted = counted > w->counted ? counted : w->counted;
}

static size_t measure_searches(const struct subject *s, struct worst *w)
{
	static const char *const fields[] = { "process.executable", "process.command_line", "process.name", "file.path",
		                                  "process.parent.command_line" };
	const char *const words[] = { s->rare, s->frequent, s->file, "zqxjkvz" };
	static const char *const ops[] = { "contains", "startswith", "endswith", "matches", "==" };
	const char *const whole[] = {
		"not process.command_line contains \"e\"", "not process.command_line contains \"zqxjkvz\"",
		"not file.path contains \"/\" and process.name contains \"zqxjkvz\"",
		"file.path contains \"zqxjkvz\" or process.command_line contains \"zqxjkvz\" or "
		"process.executable contains \"zqxjkvz\"",
		"process.command_line matches \"z{3}q\" or destination.ip == 203.0.113.77", "destination.ip cidr 0.0.0.0/0",
		"destination.ip cidr 203.0.113.0/24", "not destination.ip cidr 0.0.0.0/0", "source.ip cidr 203.0.113.0/24",
		"user.name contains \"zqx\" or file.extension == \"zqx\"", "event.serial == 7",
		"event.serial > 1 and event.serial < 3",
		"file.path contains \"a\" and process.command_line contains \"zqxjkvz\"",
		"process.command_line contains \"a\" and file.path contains \"zqxjkvz\"",
		"not (file.path contains \"a\" or process.executable contains \"/\")", "process.hash.sha256 startswith \"0000000\"",
		"event.action == RenamePath and file.path contains \"zqxjkvz\"", "process.working_directory contains \"zqxjkvz\"",
	};
	size_t n = 0;
	char text[400];

	printf("%8s %8s  %s\n", "first", "counted", "ms, expression");
	for (size_t f = 0; f < ARRAY_LEN(fields); f++)
		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			for (size_t o = 0; o < ARRAY_LEN(ops); o++) {
				if (o > 0 && (i + f) % 3) /* not all of them */
					continue;
				snprintf(text, sizeof(text), "%s %s \"%s\"", fields[f], ops[o],
				         o == 3 ? "[a-f]x+[0-9]{3}z" : words[i]);
				measure_search(text, w);
				n++;
			}
	for (size_t i = 0; i < ARRAY_LEN(whole); i++, n++)
		measure_search(whole[i], w);
	snprintf(text, sizeof(text), "destination.ip == %s", s->address);
	measure_search(text, w);
	return n + 1;
}

int main(int argc, char **argv)
{
	struct worst w = { 0 };
	struct subject s;
	size_t n;

	confine_child_main(argc, argv);
	if (argc < 2 || argc > 3) {
		fprintf(stderr, "bench-reader: usage: bench-reader RECORDING [RUNS]\n");
		return 2;
	}
	path = argv[1];
	CHECK(argc == 2 || span_to_i64(span_of(argv[2]), &runs) == 0);
	CHECK(runs > 0);
	s = find_subject();
	measure_calls(&s, &w);
	n = measure_searches(&s, &w);
	printf("slowest first rows: %s\n", w.what);
	printf("reader: slowest call %.0f ms, cancelled in %.0f ms; %zu searches: first rows in %.0f ms at most, counted in "
	       "%.0f ms; child %.0f MB\n", w.call, w.cancel, n, w.first, w.counted, (double)most_memory / 1024);
	return 0;
}
