#include "tests/unit/gui/fake-reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "agent/base/cleanup.h"

enum { STEP_MS = 250, EVERY = 10, N_PROCESSES = 40 };

struct fake {
	struct reader reader;
	uint64_t n;
	struct fake_reader_stats *stats, own;
};

static const int actions[] = {
	ACTION_FILE_WRITE, ACTION_FILE_CREATE, ACTION_NETWORK_CONNECT, ACTION_FILE_RENAME, ACTION_PROCESS_CREATE,
	ACTION_FILE_DELETE, ACTION_NETWORK_CONNECT_FAILED, ACTION_PROCESS_EXIT,
};
static const char *const programs[] = { "/usr/bin/bash", "/usr/bin/curl", "/usr/sbin/nginx", "/usr/lib/systemd/systemd" };

static int64_t id_of(uint64_t i) { return 1000 + 7 * (int64_t)i; }
static int64_t time_of(uint64_t i) { return FAKE_READER_START + STEP_MS * (int64_t)i; }
static int action_of(uint64_t i) { return actions[i % ARRAY_LEN(actions)]; }

static uint64_t count_of(const struct fake *f)
{
	return f->n + f->stats->grown;
}

static int check(struct fake *f, struct cancel *c)
{
	if (c && atomic_load(&c->requested)) {
		f->stats->cancelled++;
		return -ECANCELED;
	}
	return f->stats->lost ? -EPIPE : f->stats->fail ? -EBADMSG : 0;
}

/* Matching rows are first, first + step, …: `n` of them. */
struct matching {
	uint64_t first, step, n;
};

static uint64_t rows_before(struct fake *f, int64_t ms)
{
	if (ms <= FAKE_READER_START)
		return 0;
	if (ms > time_of(count_of(f)))
		return count_of(f);
	return (uint64_t)(ms - FAKE_READER_START + STEP_MS - 1) / STEP_MS;
}

static struct matching match(struct fake *f, const struct expr *where, struct reader_range range)
{
	uint64_t from = rows_before(f, range.from_ms), to = rows_before(f, range.to_ms);
	struct matching m = { from, 1, to > from ? to - from : 0 };

	if (where) {
		m.step = EVERY;
		m.first = (from + EVERY - 1) / EVERY * EVERY;
		m.n = to > m.first ? (to - m.first + EVERY - 1) / EVERY : 0;
	}
	return m;
}

static int fake_info(struct reader *r, struct cancel *c, struct reader_info *ret)
{
	struct fake *f = (struct fake *)r;
	int error = check(f, c);

	if (error < 0)
		return error;
	*ret = (struct reader_info){ .arena = ARENA_INIT, .host = SPAN("web-03"), .schema_version = 1,
		                     .first_ms = FAKE_READER_START, .recorded_ms = FAKE_READER_START,
		                     .last_ms = count_of(f) ? time_of(count_of(f) - 1) : 0,
		                     .events = count_of(f), .processes = N_PROCESSES };
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		ret->by_category[event_action_category(actions[i])] += count_of(f) / ARRAY_LEN(actions);
	ret->gaps = arena_alloc(&ret->arena, sizeof(*ret->gaps));
	if (!ret->gaps)
		return -ENOMEM;
	ret->n_gaps = 1;
	ret->gaps[0] = (struct gap){ time_of(count_of(f) / 2), time_of(count_of(f) / 2 + count_of(f) / 20), GAP_KERNEL_LOST, 212 };
	return 0;
}

static int fake_count(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                      uint64_t step, struct reader_count *ret)
{
	struct fake *f = (struct fake *)r;
	struct matching m = match(f, where, range);
	struct timespec pause = { 0, 1000000 };
	struct reader_count out = { .total = m.n, .events = m.n, .step = step };
	int error;

	f->stats->counts++;
	while (f->stats->hold_counts && !(c && atomic_load(&c->requested)))
		nanosleep(&pause, NULL);
	error = check(f, c);
	if (error < 0)
		return error;
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		out.by_category[event_action_category(actions[i])] += m.n / ARRAY_LEN(actions);
	if (step && m.n) {
		out.n_anchors = (m.n + step - 1) / step;
		out.anchors = malloc(out.n_anchors * sizeof(*out.anchors));
		if (!out.anchors)
			return -ENOMEM;
		for (size_t i = 0; i < out.n_anchors; i++)
			out.anchors[i] = id_of(m.first + i * step * m.step);
	}
	*ret = out;
	return 0;
}

static void fill_row(struct arena *a, uint64_t i, struct reader_row *row)
{
	struct span exe = span_of(programs[i / 3 % ARRAY_LEN(programs)]);
	char text[96];
	int n = snprintf(text, sizeof(text), "/var/lib/app/%llu/data-%llu.bin", (unsigned long long)(i % 97),
	                 (unsigned long long)i);
	int action = action_of(i);

	*row = (struct reader_row){ .id = id_of(i), .time_ms = time_of(i), .process = 1 + (int64_t)(i % N_PROCESSES),
		                    .image = 1, .pid = 400 + (int64_t)(i % N_PROCESSES), .action = action,
		                    .category = event_action_category(action), .uid = 33, .euid = 33, .auid = -1,
		                    .session = -1, .count = 1, .executable = exe, .command_line = exe,
		                    .user = SPAN("www-data") };
	row->object = arena_copy(a, (struct span){ text, (size_t)n });
	if (row->category == EVENT_NETWORK) {
		row->object = SPAN("203.0.113.9");
		row->port = 443;
		row->result = action == ACTION_NETWORK_CONNECT_FAILED ? ECONNREFUSED : 0;
	}
	if (action == ACTION_FILE_RENAME)
		row->object2 = SPAN("/var/lib/app/renamed.bin");
}

static int fake_page(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                     struct reader_place at, size_t n, struct reader_page *ret)
{
	struct fake *f = (struct fake *)r;
	struct matching m = match(f, where, range);
	bool newest = at.order == READER_NEWEST_FIRST;
	uint64_t k = newest && m.n ? m.n - 1 : 0, left;
	struct reader_page out = { .arena = ARENA_INIT };
	int error = check(f, c);

	f->stats->pages++;
	if (error < 0)
		return error;
	if (at.id) {
		uint64_t i = (uint64_t)(at.id - 1000) / 7;

		k = (i - m.first) / m.step;
	}
	k = newest ? k - at.skip : k + at.skip;
	left = k >= m.n ? 0 : newest ? k + 1 : m.n - k;
	out.n = left < n ? left : n;
	out.more = left > out.n;
	out.rows = arena_alloc(&out.arena, out.n * sizeof(*out.rows));
	if (!out.rows)
		return -ENOMEM;
	for (size_t i = 0; i < out.n; i++)
		fill_row(&out.arena, m.first + (newest ? k - i : k + i) * m.step, &out.rows[i]);
	*ret = out;
	return 0;
}

static int fake_histogram(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                          size_t n_bins, struct reader_histogram *ret)
{
	struct fake *f = (struct fake *)r;
	int64_t bin = (range.to_ms - range.from_ms) / (int64_t)n_bins + 1;
	int error = check(f, c);

	if (error < 0)
		return error;
	*ret = (struct reader_histogram){ range.from_ms, bin, n_bins, NULL };
	ret->counts = calloc(n_bins * EVENT_CATEGORY_COUNT, sizeof(*ret->counts));
	if (!ret->counts)
		return -ENOMEM;
	for (size_t i = 0; i < n_bins; i++)
		for (size_t a = 0; a < ARRAY_LEN(actions); a++)
			ret->counts[i * EVENT_CATEGORY_COUNT + event_action_category(actions[a])] += (i * 7919) % (91 + a);
	return 0;
}

static int fake_process(struct reader *r, struct cancel *c, int64_t process, struct reader_process *ret)
{
	struct fake *f = (struct fake *)r;
	struct reader_image *image;
	int error = check(f, c);

	if (error < 0)
		return error;
	if (process < 1 || process > N_PROCESSES)
		return -ENOENT;
	*ret = (struct reader_process){ .arena = ARENA_INIT, .id = process, .pid = 399 + process, .boot = 1,
		                        .start_ms = FAKE_READER_START, .end_ms = time_of(count_of(f)), .start_known = true,
		                        .origin = PROCESS_EXEC, .host = SPAN("web-03"), .parent = process > 1,
		                        .parent_pid = 400, .parent_executable = SPAN("/usr/lib/systemd/systemd") };
	image = ret->images = arena_alloc(&ret->arena, sizeof(*image));
	if (!image)
		return -ENOMEM;
	ret->n_images = 1;
	*image = (struct reader_image){ .id = 1, .start_ms = FAKE_READER_START, .origin = PROCESS_EXEC,
		                        .executable = SPAN("/usr/bin/curl"), .command_line = SPAN("curl -s http://x/"),
		                        .cwd = SPAN("/tmp"), .user = SPAN("www-data"), .hash_reason = 1, .uid = 33,
		                        .gid = 33, .euid = 33, .egid = 33, .auid = -1, .session = -1 };
	return 0;
}

static int fake_timeline(struct reader *r, struct cancel *c, int64_t process, struct reader_range range,
                         size_t n_bins, size_t max_children, struct reader_timeline *ret)
{
	return -ENOENT;
}

static int fake_tree(struct reader *r, struct cancel *c, int64_t process, struct reader_tree_limits limits,
                     struct reader_tree *ret)
{
	return -ENOENT;
}

static int fake_distribution(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                             struct reader_distribution *ret)
{
	return -ENOENT;
}

static int fake_lanes(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                      enum reader_group by, size_t n_bins, size_t max_lanes, struct reader_lanes *ret)
{
	struct fake *f = (struct fake *)r;
	size_t n = by == READER_BY_KIND ? 3 : max_lanes < 4 ? max_lanes : 4;
	int error = check(f, c);

	if (error < 0)
		return error;
	*ret = (struct reader_lanes){ .arena = ARENA_INIT, .from_ms = range.from_ms, .n_bins = n_bins };
	ret->bin_ms = n_bins ? (range.to_ms - range.from_ms) / (int64_t)n_bins + 1 : 0;
	ret->lanes = arena_alloc(&ret->arena, n * sizeof(*ret->lanes));
	if (!ret->lanes)
		return -ENOMEM;
	for (ret->n = 0; ret->n < n; ret->n++) {
		struct reader_lane *l = &ret->lanes[ret->n];
		size_t counts = (n_bins + 1) * EVENT_CATEGORY_COUNT;

		*l = (struct reader_lane){ .name = span_of(programs[ret->n]), .key = (int64_t)ret->n + 1, .total = 100 };
		l->by_category[EVENT_FILE] = 100;
		l->counts = arena_alloc(&ret->arena, counts * sizeof(*l->counts));
		if (!l->counts)
			return -ENOMEM;
		memset(l->counts, 0, counts * sizeof(*l->counts));
		l->counts[EVENT_FILE] = 100;
	}
	return 0;
}

static int fake_story(struct reader *r, struct cancel *c, int64_t process, size_t max, struct reader_story *ret)
{
	return -ENOENT;
}

static int fake_completeness(struct reader *r, struct cancel *c, struct reader_range range, unsigned kinds,
                             struct reader_completeness *ret)
{
	*ret = (struct reader_completeness){ READER_FULLY, range, kinds, NULL, 0 };
	return 0;
}

static int fake_values(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                       const struct reader_values_wish *wish, struct reader_values *ret)
{
	return -ENOTSUP;
}

static int fake_space(struct reader *r, struct cancel *c, size_t max, struct reader_space *ret)
{
	return -ENOENT;
}

static int fake_inventory(struct reader *r, struct cancel *c, struct reader_inventory *ret)
{
	return -ENOENT;
}

/* Every cell of event id n holds "n/field"; rule i is fulfilled by the ids that i + 2 divides. */
static int fake_cells(struct reader *r, struct cancel *c, const struct reader_cells_wish *wish, struct reader_cells *ret)
{
	struct fake *f = (struct fake *)r;

	*ret = (struct reader_cells){ .n_ids = wish->n_ids, .n_fields = wish->n_fields };
	ret->texts = arena_alloc(&ret->arena, (wish->n_ids * wish->n_fields + 1) * sizeof(*ret->texts));
	ret->fulfilled = arena_alloc(&ret->arena, (wish->n_ids + 1) * sizeof(*ret->fulfilled));
	for (size_t i = 0; i < wish->n_ids; i++) {
		ret->fulfilled[i] = 0;
		for (size_t k = 0; k < wish->n_rules; k++)
			ret->fulfilled[i] |= (uint32_t)(wish->ids[i] % (int64_t)(k + 2) == 0) << k;
		for (size_t k = 0; k < wish->n_fields; k++) {
			char text[128];
			int n = snprintf(text, sizeof(text), "%lld/%s", (long long)wish->ids[i], wish->fields[k]->name);

			ret->texts[i * wish->n_fields + k] = arena_copy(&ret->arena, (struct span){ text, (size_t)n });
		}
	}
	f->stats->cells++;
	return 0;
}

static void fake_close(struct reader *r)
{
	free(r);
}

static const struct reader_ops ops = {
	fake_info, fake_count, fake_page, fake_histogram, fake_process, fake_timeline, fake_tree, fake_distribution,
	fake_lanes, fake_story, fake_completeness, fake_values, fake_space, fake_inventory, fake_cells, fake_close,
};

struct reader *fake_reader_new(uint64_t n_rows, struct fake_reader_stats *stats)
{
	struct fake *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->reader.ops = &ops;
	f->n = n_rows;
	f->stats = stats ? stats : &f->own;
	return &f->reader;
}
