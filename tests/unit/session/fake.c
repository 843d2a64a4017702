#include "tests/unit/session/fake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "tests/unit/test.h"

static uint64_t next(unsigned *seed)
{
	uint64_t v = 0;

	for (int i = 0; i < 4; i++) {
		*seed = *seed * 1103515245u + 12345u;
		v = v << 16 | *seed >> 16;
	}
	return v;
}

static int64_t number(unsigned *s)
{
	static const int64_t odd[] = { 0, -1, 1, INT64_MAX, INT64_MIN, (INT64_C(1) << 53) + 1, 4294967295 };
	uint64_t v = next(s);

	return v % 3 ? (int64_t)(v % 100000) : odd[v / 3 % (sizeof(odd) / sizeof(*odd))];
}

static int64_t moment(unsigned *s)
{
	uint64_t v = next(s);

	return v % 5 ? INT64_C(1763629501204) + (int64_t)(v % 1000000) : v % 2 ? CLOCK_MIN : 0;
}

static struct span words(unsigned *s, struct arena *a)
{
	static const struct span all[] = {
		{ NULL, 0 }, { "", 0 }, { "/usr/bin/curl", 13 }, { "a \"b\" \\c\n", 9 }, { "\xff\xfe/x", 4 }, { "a\0b", 3 },
		{ "gr\xc3\xbc\xc3\x9f", 6 }, { "{\"x\":\"00\"}", 10 }, { "\xe2\x80\xae", 3 },
	};

	return arena_copy(a, all[next(s) % (sizeof(all) / sizeof(*all))]);
}

static void *array(struct arena *a, size_t n, size_t size)
{
	void *p = arena_alloc(a, n * size + 1);

	assert_non_null(p);
	memset(p, 0, n * size + 1);
	return p;
}

static void counts(unsigned *s, uint64_t *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		c[i] = next(s) % 4 ? 0 : next(s) % 3 ? next(s) % 1000 : (uint64_t)INT64_MAX;
}

static void info(unsigned s, struct reader_info *i)
{
	i->host = words(&s, &i->arena);
	i->recording = next(&s);
	i->schema_version = 1;
	i->first_ms = 1000;
	i->recorded_ms = 1500;
	i->last_ms = INT64_C(1763629501204);
	i->events = next(&s);
	i->processes = next(&s);
	i->unparsed = next(&s);
	counts(&s, i->by_category, EVENT_CATEGORY_COUNT);
	i->n_gaps = next(&s) % 5;
	i->gaps = array(&i->arena, i->n_gaps, sizeof(*i->gaps));
	for (size_t k = 0; k < i->n_gaps; k++)
		i->gaps[k] = (struct gap){ (int64_t)k * 10, (int64_t)k * 20, GAP_RING_OVERFLOW, -1 };
	i->n_records = next(&s) % 5;
	i->records = array(&i->arena, i->n_records, sizeof(*i->records));
	for (size_t k = 0; k < i->n_records; k++)
		i->records[k] = (struct reader_record_count){ words(&s, &i->arena), next(&s), next(&s) };
	i->n_unparsed_lines = next(&s) % 5;
	i->unparsed_lines = array(&i->arena, i->n_unparsed_lines, sizeof(*i->unparsed_lines));
	for (size_t k = 0; k < i->n_unparsed_lines; k++)
		i->unparsed_lines[k] = (struct reader_unparsed){ words(&s, &i->arena), words(&s, &i->arena) };
}

static void count(unsigned s, const struct messages_call *c, struct reader_count *r)
{
	r->total = next(&s) % 1000;
	r->events = next(&s);
	counts(&s, r->by_category, EVENT_CATEGORY_COUNT);
	r->step = c->step;
	r->n_anchors = c->step ? (r->total + c->step - 1) / c->step : 0;
	r->anchors = calloc(r->n_anchors + 1, sizeof(*r->anchors));
	assert_non_null(r->anchors);
	for (size_t i = 0; i < r->n_anchors; i++)
		r->anchors[i] = number(&s);
}

static void page(unsigned s, const struct messages_call *c, struct reader_page *p)
{
	p->n = c->n;
	p->more = next(&s) % 2;
	p->rows = array(&p->arena, p->n, sizeof(*p->rows));
	for (size_t i = 0; i < p->n; i++)
		p->rows[i] = (struct reader_row){
			.id = number(&s), .time_ms = moment(&s), .process = number(&s), .image = number(&s), .pid = number(&s),
			.action = 200, .category = 2, .result = -115, .port = 65535, .port2 = 1, .flags = 7, .uid = number(&s),
			.euid = -1, .auid = number(&s), .session = -1, .serial = next(&s), .count = next(&s), .span_ms = 60000,
			.executable = words(&s, &p->arena), .command_line = words(&s, &p->arena), .user = words(&s, &p->arena),
			.comm = words(&s, &p->arena), .object = words(&s, &p->arena), .object2 = words(&s, &p->arena),
		};
}

static void histogram(unsigned s, const struct messages_call *c, struct reader_histogram *h)
{
	*h = (struct reader_histogram){ moment(&s), 1 + (int64_t)(next(&s) % 100000), c->n, NULL };
	h->counts = calloc(h->n_bins * EVENT_CATEGORY_COUNT, sizeof(*h->counts));
	assert_non_null(h->counts);
	counts(&s, h->counts, h->n_bins * EVENT_CATEGORY_COUNT);
}

static void image(unsigned *s, struct arena *a, struct reader_image *i)
{
	*i = (struct reader_image){
		.id = number(s), .start_ms = moment(s), .end_ms = moment(s), .origin = PROCESS_EXEC, .executable = words(s, a),
		.comm = words(s, a), .command_line = words(s, a), .cwd = words(s, a), .user = words(s, a),
		.audit_user = words(s, a), .tty = words(s, a), .md5 = words(s, a), .sha256 = words(s, a),
		.cgroup = words(s, a), .script = words(s, a), .hash_reason = 3,
		.uid = number(s), .gid = number(s), .euid = number(s), .egid = number(s), .auid = number(s), .session = -1,
	};
	i->n_args = next(s) % 4;
	i->args = array(a, i->n_args, sizeof(*i->args));
	for (size_t k = 0; k < i->n_args; k++)
		i->args[k] = words(s, a);
}

static void process(unsigned s, const struct messages_call *c, struct reader_process *p)
{
	*p = (struct reader_process){
		.arena = ARENA_INIT, .id = c->process, .pid = number(&s), .ns_pid = number(&s), .boot = number(&s),
		.start_ms = moment(&s), .end_ms = moment(&s), .start_known = true, .origin = PROCESS_SEEN,
		.exit_code = -1, .signal = 9,
		.parent = number(&s), .parent_image = number(&s), .parent_pid = number(&s), .children = next(&s),
	};
	p->host = words(&s, &p->arena);
	p->parent_executable = words(&s, &p->arena);
	p->parent_command_line = words(&s, &p->arena);
	counts(&s, p->by_category, EVENT_CATEGORY_COUNT);
	p->n_images = next(&s) % 3;
	p->images = array(&p->arena, p->n_images, sizeof(*p->images));
	for (size_t i = 0; i < p->n_images; i++)
		image(&s, &p->arena, &p->images[i]);
}

static struct reader_node *nodes(unsigned *s, struct arena *a, size_t n)
{
	struct reader_node *all = array(a, n, sizeof(*all));

	for (size_t i = 0; i < n; i++)
		all[i] = (struct reader_node){
			.process = number(s), .parent = number(s), .pid = number(s), .start_ms = moment(s), .end_ms = moment(s),
			.exit_code = -1, .signal = 15, .start_known = i % 2, .children = UINT32_MAX, .name = words(s, a),
			.executable = words(s, a), .command_line = words(s, a), .user = words(s, a),
		};
	return all;
}

static void timeline(unsigned s, const struct messages_call *c, struct reader_timeline *t)
{
	size_t n = c->n * EVENT_CATEGORY_COUNT;

	t->bins = t->child_bins = (struct reader_histogram){ moment(&s), 17, c->n, NULL };
	t->bins.counts = array(&t->arena, n, sizeof(uint64_t));
	t->child_bins.counts = array(&t->arena, n, sizeof(uint64_t));
	counts(&s, t->bins.counts, n);
	counts(&s, t->child_bins.counts, n);
	t->n_children = c->max_children;
	t->children = nodes(&s, &t->arena, t->n_children);
	t->children_left_out = next(&s);
	t->n_child_marks = t->n_children ? 3 : 0;
	t->child_marks = array(&t->arena, 3, sizeof(*t->child_marks));
	for (size_t i = 0; i < t->n_child_marks; i++) {
		t->child_marks[i].child = (uint32_t)(t->n_children - 1);
		t->child_marks[i].bin = (uint32_t)(c->n - 1);
		t->child_marks[i].category = (uint32_t)i;
		t->child_marks[i].count = next(&s);
	}
}

static void tree(unsigned s, const struct messages_call *c, struct reader_tree *t)
{
	t->n_ancestors = c->limits.depth_up;
	t->n_peers = c->limits.max_peers;
	t->n = 1 + t->n_ancestors + t->n_peers + 2;
	t->nodes = nodes(&s, &t->arena, t->n);
	t->nodes[0].process = c->process;
	t->peers_left_out = next(&s);
	t->children_left_out = next(&s);
}

static void lanes(unsigned s, const struct messages_call *c, struct reader_lanes *l)
{
	*l = (struct reader_lanes){ .arena = ARENA_INIT, .from_ms = moment(&s), .bin_ms = c->n ? 1 + (int64_t)(next(&s) % 999) : 0,
		                    .n_bins = c->n, .n = c->max_children, .left_out = next(&s) % 9,
		                    .events_left_out = next(&s) % 99 };
	l->lanes = array(&l->arena, l->n, sizeof(*l->lanes));
	for (size_t i = 0; i < l->n; i++) {
		l->lanes[i].name = words(&s, &l->arena);
		l->lanes[i].key = number(&s);
		l->lanes[i].total = next(&s) % 1000;
		counts(&s, l->lanes[i].by_category, EVENT_CATEGORY_COUNT);
		if (c->n) {
			l->lanes[i].counts = array(&l->arena, c->n * EVENT_CATEGORY_COUNT, sizeof(uint64_t));
			counts(&s, l->lanes[i].counts, c->n * EVENT_CATEGORY_COUNT);
		}
	}
}

static void story(unsigned s, const struct messages_call *c, struct reader_story *t)
{
	*t = (struct reader_story){ .left_out = next(&s) % 9, .session = number(&s), .auid = number(&s),
		                    .logon_ms = moment(&s) };
	t->tree.n = c->max_children;
	t->tree.nodes = nodes(&s, &t->tree.arena, t->tree.n);
	t->user = words(&s, &t->tree.arena);
	t->source = words(&s, &t->tree.arena);
	t->terminal = words(&s, &t->tree.arena);
	t->type = words(&s, &t->tree.arena);
}

static void distribution(unsigned s, struct reader_distribution *d)
{
	d->n = next(&s) % 5;
	d->shares = calloc(d->n + 1, sizeof(*d->shares));
	assert_non_null(d->shares);
	for (size_t i = 0; i < d->n; i++)
		d->shares[i] = (struct reader_share){ (int)(next(&s) % 700), next(&s) };
}

static void completeness(unsigned s, const struct messages_call *c, struct reader_completeness *r)
{
	*r = (struct reader_completeness){ (enum reader_verdict)(1 + next(&s) % 4), { 1000, 2000 }, c->kinds, NULL, 0 };
	r->n = next(&s) % 4;
	r->reasons = calloc(r->n + 1, sizeof(*r->reasons));
	assert_non_null(r->reasons);
	for (size_t i = 0; i < r->n; i++)
		r->reasons[i] = (struct reader_reason){ READER_BEFORE, 1000 + (int64_t)i, 1500 + (int64_t)i, -1,
			c->kinds, i % 2, !(i % 2), next(&s) % 99 };
}

static void values(unsigned s, const struct messages_call *c, struct reader_values *v)
{
	v->distinct = c->wish.max + next(&s) % 9;
	v->more = next(&s) % 2;
	v->rows = next(&s);
	v->events = next(&s);
	v->without = next(&s);
	v->n = next(&s) % (c->wish.max + 1);
	v->values = arena_alloc(&v->arena, (v->n + 1) * sizeof(*v->values));
	assert_non_null(v->values);
	for (size_t i = 0; i < v->n; i++) {
		struct span text = words(&s, &v->arena);

		v->values[i] = (struct reader_value){ text.p ? text : SPAN(""), next(&s) % 2, next(&s), next(&s) };
	}
}

static void space(unsigned s, const struct messages_call *c, struct reader_space *v)
{
	*v = (struct reader_space){ .arena = ARENA_INIT, .bytes = INT64_MAX, .event_bytes = next(&s), .recorded_ms = 99,
		                    .n = c->n };
	v->costs = array(&v->arena, v->n, sizeof(*v->costs));
	for (size_t i = 0; i < v->n; i++)
		v->costs[i] = (struct reader_cost){ (int)(i * READER_COSTS / v->n), number(&s), words(&s, &v->arena), next(&s),
			next(&s), next(&s) % 1000 };
}

static void inventory(unsigned s, struct reader_inventory *v)
{
	*v = (struct reader_inventory){ .arena = ARENA_INIT, .n = next(&s) % READER_AREAS, .left_out = next(&s) };
	v->things = array(&v->arena, v->n, sizeof(*v->things));
	for (size_t i = 0; i < v->n; i++)
		v->things[i] = (struct reader_thing){ (int)i, words(&s, &v->arena), words(&s, &v->arena), number(&s), moment(&s),
			moment(&s), next(&s), words(&s, &v->arena) };
}

static void cells(unsigned s, const struct messages_call *c, struct reader_cells *r)
{
	r->n_ids = c->cells.n_ids;
	r->n_fields = c->cells.n_fields;
	r->texts = arena_alloc(&r->arena, (r->n_ids * r->n_fields + 1) * sizeof(*r->texts));
	r->fulfilled = arena_alloc(&r->arena, (r->n_ids + 1) * sizeof(*r->fulfilled));
	assert_true(r->texts && r->fulfilled);
	for (size_t i = 0; i < r->n_ids; i++)
		r->fulfilled[i] = (uint32_t)next(&s);
	for (size_t i = 0; i < r->n_ids * r->n_fields; i++)
		r->texts[i] = words(&s, &r->arena);
}

void fake_answer(unsigned seed, const struct messages_call *c, union messages_answer *ret)
{
	memset(ret, 0, sizeof(*ret));
	switch (c->type) {
	case MESSAGES_INFO: info(seed, &ret->info); break;
	case MESSAGES_COUNT: count(seed, c, &ret->count); break;
	case MESSAGES_PAGE: page(seed, c, &ret->page); break;
	case MESSAGES_HISTOGRAM: histogram(seed, c, &ret->histogram); break;
	case MESSAGES_PROCESS: process(seed, c, &ret->process); break;
	case MESSAGES_TIMELINE: timeline(seed, c, &ret->timeline); break;
	case MESSAGES_TREE: tree(seed, c, &ret->tree); break;
	case MESSAGES_DISTRIBUTION: distribution(seed, &ret->distribution); break;
	case MESSAGES_LANES: lanes(seed, c, &ret->lanes); break;
	case MESSAGES_STORY: story(seed, c, &ret->story); break;
	case MESSAGES_COMPLETENESS: completeness(seed, c, &ret->completeness); break;
	case MESSAGES_VALUES: values(seed, c, &ret->values); break;
	case MESSAGES_CELLS: cells(seed, c, &ret->cells); break;
	case MESSAGES_SPACE: space(seed, c, &ret->space); break;
	case MESSAGES_INVENTORY: inventory(seed, &ret->inventory); break;
	default: break;
	}
}

#define SAME(field) assert_true(a->field == b->field)
#define SAME_TEXT(field) assert_true(span_eq(a->field, b->field) && !a->field.p == !b->field.p)

static void same_row(const struct reader_row *a, const struct reader_row *b)
{
	SAME(id); SAME(time_ms); SAME(process); SAME(image); SAME(pid); SAME(action); SAME(category); SAME(result);
	SAME(port); SAME(port2); SAME(flags); SAME(uid); SAME(euid); SAME(auid); SAME(session); SAME(serial); SAME(count);
	SAME(span_ms);
	SAME_TEXT(executable); SAME_TEXT(command_line); SAME_TEXT(user); SAME_TEXT(comm); SAME_TEXT(object);
	SAME_TEXT(object2);
}

static void same_image(const struct reader_image *a, const struct reader_image *b)
{
	SAME(id); SAME(start_ms); SAME(end_ms); SAME(origin); SAME(n_args); SAME(hash_reason); SAME(uid); SAME(gid);
	SAME(euid); SAME(egid); SAME(auid); SAME(session);
	SAME_TEXT(executable); SAME_TEXT(comm); SAME_TEXT(command_line); SAME_TEXT(cwd); SAME_TEXT(user);
	SAME_TEXT(audit_user); SAME_TEXT(tty); SAME_TEXT(md5); SAME_TEXT(sha256);
	SAME_TEXT(cgroup); SAME_TEXT(script);
	for (size_t i = 0; i < a->n_args; i++)
		SAME_TEXT(args[i]);
}

static void same_process(const struct reader_process *a, const struct reader_process *b)
{
	SAME(id); SAME(pid); SAME(boot); SAME(start_ms); SAME(end_ms); SAME(start_known); SAME(origin); SAME(exit_code);
	SAME(signal); SAME(parent); SAME(parent_image); SAME(parent_pid); SAME(n_images); SAME(children);
	SAME_TEXT(host); SAME_TEXT(parent_executable); SAME_TEXT(parent_command_line);
	assert_memory_equal(a->by_category, b->by_category, sizeof(a->by_category));
	for (size_t i = 0; i < a->n_images; i++)
		same_image(&a->images[i], &b->images[i]);
}

static void same_nodes(const struct reader_node *a, const struct reader_node *b, size_t n)
{
	for (; n > 0; n--, a++, b++) {
		SAME(process); SAME(parent); SAME(pid); SAME(start_ms); SAME(end_ms); SAME(exit_code); SAME(signal);
		SAME(start_known); SAME(children);
		SAME_TEXT(name); SAME_TEXT(executable); SAME_TEXT(command_line); SAME_TEXT(user);
	}
}

static void same_bins(const struct reader_histogram *a, const struct reader_histogram *b)
{
	SAME(from_ms); SAME(bin_ms); SAME(n_bins);
	for (size_t i = 0; i < a->n_bins * EVENT_CATEGORY_COUNT; i++)
		SAME(counts[i]);
}

static void same_info(const struct reader_info *a, const struct reader_info *b)
{
	SAME(recording); SAME(schema_version); SAME(first_ms); SAME(last_ms);
	SAME(recorded_ms); SAME(events); SAME(processes); SAME(unparsed); SAME(n_gaps);
	SAME(n_records); SAME(n_unparsed_lines);
	SAME_TEXT(host);
	assert_memory_equal(a->by_category, b->by_category, sizeof(a->by_category));
	for (size_t i = 0; i < a->n_gaps; i++) {
		SAME(gaps[i].from_ms); SAME(gaps[i].to_ms); SAME(gaps[i].cause); SAME(gaps[i].count);
	}
	for (size_t i = 0; i < a->n_records; i++) {
		SAME_TEXT(records[i].name); SAME(records[i].count); SAME(records[i].used);
	}
	for (size_t i = 0; i < a->n_unparsed_lines; i++) {
		SAME_TEXT(unparsed_lines[i].line); SAME_TEXT(unparsed_lines[i].reason);
	}
}

static void same_timeline(const struct reader_timeline *a, const struct reader_timeline *b)
{
	same_bins(&a->bins, &b->bins);
	same_bins(&a->child_bins, &b->child_bins);
	SAME(n_children); SAME(children_left_out); SAME(n_child_marks);
	same_nodes(a->children, b->children, a->n_children);
	for (size_t i = 0; i < a->n_child_marks; i++) {
		SAME(child_marks[i].child); SAME(child_marks[i].bin); SAME(child_marks[i].category);
		SAME(child_marks[i].count);
	}
}

static void same_tree(const struct reader_tree *a, const struct reader_tree *b)
{
	SAME(n); SAME(n_ancestors); SAME(n_peers); SAME(peers_left_out); SAME(children_left_out);
	same_nodes(a->nodes, b->nodes, a->n);
}

static void same_count(const struct reader_count *a, const struct reader_count *b)
{
	SAME(total); SAME(events); SAME(step); SAME(n_anchors);
	assert_memory_equal(a->by_category, b->by_category, sizeof(a->by_category));
	for (size_t i = 0; i < a->n_anchors; i++)
		SAME(anchors[i]);
}

static void same_page(const struct reader_page *a, const struct reader_page *b)
{
	SAME(n); SAME(more);
	for (size_t i = 0; i < a->n; i++)
		same_row(&a->rows[i], &b->rows[i]);
}

static void same_lanes(const struct reader_lanes *a, const struct reader_lanes *b)
{
	SAME(from_ms), SAME(bin_ms), SAME(n_bins), SAME(n), SAME(left_out), SAME(events_left_out);
	for (size_t i = 0; i < a->n; i++) {
		SAME_TEXT(lanes[i].name), SAME(lanes[i].key), SAME(lanes[i].total);
		assert_memory_equal(a->lanes[i].by_category, b->lanes[i].by_category, sizeof(a->lanes[i].by_category));
		if (a->n_bins)
			assert_memory_equal(a->lanes[i].counts, b->lanes[i].counts,
			                    a->n_bins * EVENT_CATEGORY_COUNT * sizeof(uint64_t));
	}
}

static void same_story(const struct reader_story *a, const struct reader_story *b)
{
	SAME(left_out), SAME(session), SAME(auid), SAME(logon_ms), SAME(tree.n);
	SAME_TEXT(user), SAME_TEXT(source), SAME_TEXT(terminal), SAME_TEXT(type);
	same_nodes(a->tree.nodes, b->tree.nodes, a->tree.n);
}

static void same_distribution(const struct reader_distribution *a, const struct reader_distribution *b)
{
	SAME(n);
	for (size_t i = 0; i < a->n; i++) {
		SAME(shares[i].action); SAME(shares[i].count);
	}
}

static void same_completeness(const struct reader_completeness *a, const struct reader_completeness *b)
{
	SAME(verdict); SAME(range.from_ms); SAME(range.to_ms); SAME(kinds); SAME(n);
	for (size_t i = 0; i < a->n; i++) {
		SAME(reasons[i].why); SAME(reasons[i].from_ms); SAME(reasons[i].to_ms); SAME(reasons[i].count);
		SAME(reasons[i].kinds); SAME(reasons[i].whole); SAME(reasons[i].note); SAME(reasons[i].rows);
	}
}

static void same_values(const struct reader_values *a, const struct reader_values *b)
{
	SAME(distinct); SAME(more); SAME(rows); SAME(events); SAME(without); SAME(n);
	for (size_t i = 0; i < a->n; i++) {
		SAME_TEXT(values[i].text); SAME(values[i].cut); SAME(values[i].rows); SAME(values[i].events);
	}
}

static void same_space(const struct reader_space *a, const struct reader_space *b)
{
	SAME(bytes); SAME(event_bytes); SAME(recorded_ms); SAME(n);
	for (size_t i = 0; i < a->n; i++) {
		SAME(costs[i].by); SAME(costs[i].key); SAME(costs[i].rows); SAME(costs[i].events); SAME(costs[i].bytes);
		SAME_TEXT(costs[i].name);
	}
}

static void same_inventory(const struct reader_inventory *a, const struct reader_inventory *b)
{
	SAME(left_out); SAME(n);
	for (size_t i = 0; i < a->n; i++) {
		SAME(things[i].area); SAME(things[i].port); SAME(things[i].first_ms); SAME(things[i].last_ms);
		SAME(things[i].count);
		SAME_TEXT(things[i].name); SAME_TEXT(things[i].detail); SAME_TEXT(things[i].by);
	}
}

static void same_cells(const struct reader_cells *a, const struct reader_cells *b)
{
	SAME(n_ids); SAME(n_fields);
	for (size_t i = 0; i < a->n_ids; i++)
		SAME(fulfilled[i]);
	for (size_t i = 0; i < a->n_ids * a->n_fields; i++)
		SAME_TEXT(texts[i]);
}

void fake_assert_equal(enum messages_type type, const union messages_answer *a, const union messages_answer *b)
{
	switch (type) {
	case MESSAGES_INFO: same_info(&a->info, &b->info); break;
	case MESSAGES_COUNT: same_count(&a->count, &b->count); break;
	case MESSAGES_PAGE: same_page(&a->page, &b->page); break;
	case MESSAGES_HISTOGRAM: same_bins(&a->histogram, &b->histogram); break;
	case MESSAGES_PROCESS: same_process(&a->process, &b->process); break;
	case MESSAGES_TIMELINE: same_timeline(&a->timeline, &b->timeline); break;
	case MESSAGES_TREE: same_tree(&a->tree, &b->tree); break;
	case MESSAGES_DISTRIBUTION: same_distribution(&a->distribution, &b->distribution); break;
	case MESSAGES_LANES: same_lanes(&a->lanes, &b->lanes); break;
	case MESSAGES_STORY: same_story(&a->story, &b->story); break;
	case MESSAGES_COMPLETENESS: same_completeness(&a->completeness, &b->completeness); break;
	case MESSAGES_VALUES: same_values(&a->values, &b->values); break;
	case MESSAGES_CELLS: same_cells(&a->cells, &b->cells); break;
	case MESSAGES_SPACE: same_space(&a->space, &b->space); break;
	case MESSAGES_INVENTORY: same_inventory(&a->inventory, &b->inventory); break;
	default: fail(); break;
	}
}

/* ---- the reader ---- */

static int answer(struct reader *r, struct cancel *c, struct messages_call call, union messages_answer *ret)
{
	struct fake *f = (struct fake *)r;
	AUTO_BUF where = BUF_INIT;

	if (call.where)
		expr_print(call.where, &where);
	snprintf(f->where, sizeof(f->where), "%s", where.p ? where.p : "");
	f->seen = call;
	f->seen.where = NULL;
	for (int i = 0; f->wait && i < 6000; i++) {
		if (!f->deaf && atomic_load(&c->requested))
			return -ECANCELED;
		usleep(10000);
	}
	if (f->fail) {
		snprintf(r->error, sizeof(r->error), "made to fail");
		return f->fail;
	}
	if (call.type == MESSAGES_PAGE && f->rows)
		call.n = f->rows;
	fake_answer(f->seed, &call, ret);
	return 0;
}

#define ANSWER(member, ...) \
	union messages_answer a; \
	int error = answer(r, c, (struct messages_call){ __VA_ARGS__ }, &a); \
	if (error == 0) \
		*ret = a.member; \
	return error

static int fake_info(struct reader *r, struct cancel *c, struct reader_info *ret)
{
	ANSWER(info, .type = MESSAGES_INFO);
}

static int fake_count(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                      uint64_t step, struct reader_count *ret)
{
	ANSWER(count, .type = MESSAGES_COUNT, .where = where, .range = range, .step = step);
}

static int fake_page(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                     struct reader_place at, size_t n, struct reader_page *ret)
{
	ANSWER(page, .type = MESSAGES_PAGE, .where = where, .range = range, .at = at, .n = n);
}

static int fake_histogram(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                          size_t n, struct reader_histogram *ret)
{
	ANSWER(histogram, .type = MESSAGES_HISTOGRAM, .where = where, .range = range, .n = n);
}

static int fake_process(struct reader *r, struct cancel *c, int64_t id, struct reader_process *ret)
{
	ANSWER(process, .type = MESSAGES_PROCESS, .process = id);
}

static int fake_timeline(struct reader *r, struct cancel *c, int64_t id, struct reader_range range, size_t n,
                         size_t max_children, struct reader_timeline *ret)
{
	ANSWER(timeline, .type = MESSAGES_TIMELINE, .process = id, .range = range, .n = n, .max_children = max_children);
}

static int fake_tree(struct reader *r, struct cancel *c, int64_t id, struct reader_tree_limits limits,
                     struct reader_tree *ret)
{
	ANSWER(tree, .type = MESSAGES_TREE, .process = id, .limits = limits);
}

static int fake_distribution(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                             struct reader_distribution *ret)
{
	ANSWER(distribution, .type = MESSAGES_DISTRIBUTION, .where = where, .range = range);
}

static int fake_lanes(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                      enum reader_group by, size_t n_bins, size_t max_lanes, struct reader_lanes *ret)
{
	ANSWER(lanes, .type = MESSAGES_LANES, .where = where, .range = range, .by = by, .n = n_bins, .max_children = max_lanes);
}

static int fake_story(struct reader *r, struct cancel *c, int64_t id, size_t max, struct reader_story *ret)
{
	ANSWER(story, .type = MESSAGES_STORY, .process = id, .max_children = max);
}

static int fake_completeness(struct reader *r, struct cancel *c, struct reader_range range, unsigned kinds,
                             struct reader_completeness *ret)
{
	ANSWER(completeness, .type = MESSAGES_COMPLETENESS, .range = range, .kinds = kinds);
}

static int fake_values(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                       const struct reader_values_wish *wish, struct reader_values *ret)
{
	ANSWER(values, .type = MESSAGES_VALUES, .where = where, .range = range, .wish = *wish);
}

static int fake_space(struct reader *r, struct cancel *c, size_t max, struct reader_space *ret)
{
	if (r->progress)
		r->progress(0.5, r->progress_data);
	ANSWER(space, .type = MESSAGES_SPACE, .n = max);
}

static int fake_inventory(struct reader *r, struct cancel *c, struct reader_inventory *ret)
{
	ANSWER(inventory, .type = MESSAGES_INVENTORY);
}

static int fake_cells(struct reader *r, struct cancel *c, const struct reader_cells_wish *wish, struct reader_cells *ret)
{
	ANSWER(cells, .type = MESSAGES_CELLS, .cells = *wish);
}

static void fake_close(struct reader *r)
{
	((struct fake *)r)->closed = true;
}

static const struct reader_ops fake_ops = {
	fake_info, fake_count, fake_page, fake_histogram, fake_process, fake_timeline, fake_tree, fake_distribution,
	fake_lanes, fake_story, fake_completeness, fake_values, fake_space, fake_inventory, fake_cells, fake_close,
};

void fake_init(struct fake *f, unsigned seed)
{
	memset(f, 0, sizeof(*f));
	f->base.ops = &fake_ops;
	f->seed = seed;
}
