/* Process details, timeline and tree of a small story whose every number is known. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>

#include "tests/unit/query/told-place.h"

enum { T = 1000000000 }; /* when it begins; each test row says how many ms later */

/* init(1) → shell(2) → curl(3) and 20 × id(4 … 23); curl → child(24) → grandchild(25). The shell runs two images. */
enum { INIT = 1, SHELL, CURL, FIRST_ID, IDS = 20, CHILD = FIRST_ID + IDS, GRANDCHILD, PROCESSES = GRANDCHILD };

static void process(struct batch *b, int64_t id, int64_t parent_image, int64_t start, int64_t end)
{
	struct item *i = batch_add(b, ITEM_PROCESS);

	i->process = (struct process_start){ .id = id, .boot = 1, .pid = 100 + id, .ns_pid = id,
		.start_ms = T + start, .start_known = id != INIT,
		.origin = id == INIT ? PROCESS_BASELINE : PROCESS_EXEC, .parent_image = parent_image,
		.parent_pid = id == INIT ? 77 : 0 };
	if (end) {
		i = batch_add(b, ITEM_END);
		i->end = (struct process_end){ id, T + end, 3, id == CHILD ? 9 : 0 };
	}
}

static struct image_start *image(struct batch *b, int64_t id, int64_t of, int64_t start, struct span executable,
                                 struct span command_line)
{
	struct item *i = batch_add(b, ITEM_IMAGE);

	i->image = (struct image_start){ .id = id, .process = of, .start_ms = T + start, .origin = PROCESS_EXEC,
		.executable = executable, .command_line = command_line, .who = { 1000, 0, 0, 0, 0, 4, SPAN("root"), SPAN("ann"),
		SPAN("pts1") } };
	return &i->image;
}

static void event(struct batch *b, int64_t at, int64_t who, enum event_action action, struct span object)
{
	batch_add(b, ITEM_EVENT)->event = (struct event){ .time_ms = T + at, .image = who, .action = action, .object = object };
}

static void tell(struct batch *b)
{
	static const int32_t lengths[] = { 4, 0, 3, -1, 2 };
	struct image_start *curl;

	batch_add(b, ITEM_BOOT)->boot = (struct boot_seen){ 1, SPAN("web-03"), SPAN("b"), T };
	process(b, INIT, 0, 0, 0);
	image(b, 1, INIT, 0, SPAN("/sbin/init"), SPAN("/sbin/init"));
	process(b, SHELL, 1, 100, 9000);
	image(b, 2, SHELL, 100, SPAN("/bin/sh"), SPAN("sh -c x"));
	image(b, 3, SHELL, 200, SPAN("/bin/bash"), SPAN("bash"));
	process(b, CURL, 2, 150, 5000);
	curl = image(b, 4, CURL, 150, SPAN("/usr/bin/curl"), SPAN("curl  a b \xff""c"));
	curl->arg_lengths = lengths;
	curl->argc = 5;
	curl->script = SPAN("/root/fetch");
	curl->who.cgroup = SPAN("/system.slice/docker-1f.scope");
	for (int64_t i = 0; i < IDS; i++) {
		process(b, FIRST_ID + i, 3, 1000 + i * 10, 1005 + i * 10);
		image(b, 5 + i, FIRST_ID + i, 1000 + i * 10, SPAN("/usr/bin/id"), SPAN("id"));
		event(b, 1000 + i * 10, 5 + i, ACTION_PROCESS_CREATE, SPAN("/usr/bin/id"));
	}
	process(b, CHILD, 4, 2000, 4000);
	image(b, 25, CHILD, 2000, SPAN_NONE, SPAN_NONE)->comm = SPAN("kid");
	process(b, GRANDCHILD, 25, 3000, 0);
	image(b, 26, GRANDCHILD, 3000, SPAN("/x"), SPAN("x"));
	event(b, 160, 4, ACTION_NETWORK_CONNECT, SPAN("192.0.2.1"));
	event(b, 4999, 4, ACTION_FILE_WRITE, SPAN("/tmp/a"));
	event(b, 2500, 25, ACTION_FILE_WRITE, SPAN("/tmp/a"));
	event(b, 2501, 25, ACTION_FILE_DELETE, SPAN("/tmp/a"));
	event(b, 100, 2, ACTION_PROCESS_CREATE, SPAN("/bin/sh"));
	event(b, 200, 3, ACTION_PROCESS_CREATE, SPAN("/bin/bash"));
	event(b, 8999, 3, ACTION_FILE_WRITE, SPAN("/tmp/b"));
}

static int setup(void **state)
{
	return told_place_begin(tell, state);
}

#define assert_span(s, literal) assert_true(span_eq(s, SPAN(literal)))

static void test_process(void **state)
{
	struct reader *r = ((struct told_place *)*state)->reader;
	struct reader_process p;

	assert_int_equal(r->ops->process(r, NULL, CURL, &p), 0);
	assert_int_equal(p.pid, 100 + CURL);
	assert_int_equal(p.ns_pid, CURL);
	assert_int_equal(p.start_ms, T + 150);
	assert_int_equal(p.end_ms, T + 5000);
	assert_int_equal(p.exit_code, 3);
	assert_int_equal(p.signal, 0);
	assert_true(p.start_known);
	assert_span(p.host, "web-03");
	assert_int_equal(p.parent, SHELL);
	assert_int_equal(p.parent_image, 2);
	assert_int_equal(p.parent_pid, 100 + SHELL);
	assert_span(p.parent_executable, "/bin/sh");
	assert_span(p.parent_command_line, "sh -c x");
	assert_int_equal(p.n_images, 1);
	assert_int_equal(p.by_category[EVENT_NETWORK], 1);
	assert_int_equal(p.by_category[EVENT_FILE], 1);
	assert_int_equal(p.by_category[EVENT_PROCESS], 0);
	assert_int_equal(p.children, 1);
	reader_process_free(&p);
}

static void test_arguments(void **state)
{
	struct reader *r = ((struct told_place *)*state)->reader;
	struct reader_process p;

	assert_int_equal(r->ops->process(r, NULL, CURL, &p), 0);
	assert_int_equal(p.images[0].n_args, 5);
	assert_span(p.images[0].args[0], "curl");
	assert_span(p.images[0].args[1], "");
	assert_non_null(p.images[0].args[1].p);
	assert_span(p.images[0].args[2], "a b");
	assert_null(p.images[0].args[3].p);
	assert_span(p.images[0].args[4], "\xff""c");
	assert_span(p.images[0].user, "root");
	assert_span(p.images[0].audit_user, "ann");
	assert_span(p.images[0].tty, "pts1");
	assert_span(p.images[0].script, "/root/fetch");
	assert_span(p.images[0].cgroup, "/system.slice/docker-1f.scope");
	assert_int_equal(p.images[0].auid, 1000);
	reader_process_free(&p);
	assert_int_equal(r->ops->process(r, NULL, SHELL, &p), 0);
	assert_int_equal(p.n_images, 2);
	assert_int_equal(p.images[0].end_ms, T + 200);
	assert_int_equal(p.images[1].end_ms, T + 9000);
	assert_int_equal(p.images[0].n_args, 3);
	assert_span(p.images[0].args[2], "x");
	assert_int_equal(p.children, IDS + 1);
	reader_process_free(&p);
}

static void test_unknown_parent(void **state)
{
	struct reader *r = ((struct told_place *)*state)->reader;
	struct reader_process p;

	assert_int_equal(r->ops->process(r, NULL, INIT, &p), 0);
	assert_int_equal(p.parent, 0);
	assert_int_equal(p.parent_pid, 77);
	assert_null(p.parent_executable.p);
	assert_false(p.start_known);
	assert_int_equal(p.origin, PROCESS_BASELINE);
	assert_int_equal(p.end_ms, 0);
	assert_int_equal(p.exit_code, -1);
	reader_process_free(&p);
}

static uint64_t sum(const struct reader_histogram *h)
{
	uint64_t n = 0;

	for (size_t i = 0; i < h->n_bins * EVENT_CATEGORY_COUNT; i++)
		n += h->counts[i];
	return n;
}

static void test_timeline(void **state)
{
	struct reader *r = ((struct told_place *)*state)->reader;
	struct reader_timeline t;
	uint64_t marks = 0;

	assert_int_equal(r->ops->timeline(r, NULL, SHELL, READER_ALL_TIME, 89, 10, &t), 0);
	assert_int_equal(t.bins.from_ms, T + 100);
	assert_int_equal(t.bins.bin_ms, 101);
	assert_true(t.bins.n_bins <= 89);
	assert_int_equal(sum(&t.bins), 3);
	assert_int_equal(t.bins.counts[0 * EVENT_CATEGORY_COUNT + EVENT_PROCESS], 2);
	assert_int_equal(t.bins.counts[88 * EVENT_CATEGORY_COUNT + EVENT_FILE], 1);
	assert_int_equal(t.n_children, 10);
	assert_int_equal(t.children_left_out, IDS + 1 - 10);
	assert_int_equal(t.children[0].process, CURL);
	assert_span(t.children[0].name, "curl");
	assert_int_equal(t.children[0].children, 1);
	assert_int_equal(sum(&t.child_bins), IDS + 2);
	for (size_t i = 0; i < t.n_child_marks; i++) {
		const struct reader_child_mark *m = &t.child_marks[i], *before = i ? m - 1 : NULL;

		assert_true(m->child < t.n_children && m->count > 0);
		assert_true(!before || before->child < m->child || (before->child == m->child && before->bin <= m->bin));
		marks += m->count;
	}
	assert_int_equal(marks, 2 + 9);
	reader_timeline_free(&t);
}

static void test_timeline_range(void **state)
{
	struct reader *r = ((struct told_place *)*state)->reader;
	struct reader_timeline t;

	assert_int_equal(r->ops->timeline(r, NULL, SHELL, (struct reader_range){ T + 1100, T + 1130 }, 30, 100, &t), 0);
	assert_int_equal(t.bins.bin_ms, 1);
	assert_int_equal(t.bins.n_bins, 30);
	assert_int_equal(sum(&t.bins), 0);
	assert_int_equal(t.n_children, 4); /* curl and three of id */
	assert_int_equal(sum(&t.child_bins), 3);
	assert_int_equal(t.n_child_marks, 3);
	assert_int_equal(t.child_marks[1].child, 2);
	assert_int_equal(t.child_marks[1].bin, 10);
	assert_int_equal(t.child_marks[1].category, EVENT_PROCESS);
	reader_timeline_free(&t);
	assert_int_equal(r->ops->timeline(r, NULL, SHELL, (struct reader_range){ T, T }, 30, 100, &t), -EINVAL);
	assert_int_equal(r->ops->timeline(r, NULL, SHELL, READER_ALL_TIME, READER_MAX_BINS + 1, 100, &t), -EINVAL);
	assert_int_equal(r->ops->timeline(r, NULL, 999, READER_ALL_TIME, 10, 100, &t), -ENOENT);
}

static void test_tree(void **state)
{
	struct reader *r = ((struct told_place *)*state)->reader;
	struct reader_tree t;

	assert_int_equal(r->ops->tree(r, NULL, CURL, (struct reader_tree_limits){ 8, 2, 5, 10 }, &t), 0);
	assert_int_equal(t.nodes[0].process, CURL);
	assert_int_equal(t.n_ancestors, 2);
	assert_int_equal(t.nodes[1].process, SHELL);
	assert_int_equal(t.nodes[2].process, INIT);
	assert_int_equal(t.n_peers, 5);
	assert_int_equal(t.peers_left_out, IDS - 5);
	assert_int_equal(t.nodes[3].process, FIRST_ID); /* those nearest in time, oldest first */
	assert_int_equal(t.nodes[7].process, FIRST_ID + 4);
	assert_int_equal(t.n, 1 + 2 + 5 + 2);
	assert_int_equal(t.nodes[8].process, CHILD);
	assert_int_equal(t.nodes[8].signal, 9);
	assert_span(t.nodes[8].name, "kid");
	assert_int_equal(t.nodes[9].process, GRANDCHILD);
	assert_int_equal(t.nodes[9].parent, CHILD);
	assert_int_equal(t.nodes[9].end_ms, 0);
	assert_int_equal(t.children_left_out, 0);
	reader_tree_free(&t);
	assert_int_equal(r->ops->tree(r, NULL, SHELL, (struct reader_tree_limits){ 0, 1, 5, 4 }, &t), 0);
	assert_int_equal(t.n_ancestors, 0);
	assert_int_equal(t.n_peers, 0);
	assert_int_equal(t.n, 5);
	assert_int_equal(t.children_left_out, IDS + 1 - 4);
	reader_tree_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_process), cmocka_unit_test(test_arguments), cmocka_unit_test(test_unknown_parent),
		cmocka_unit_test(test_timeline), cmocka_unit_test(test_timeline_range), cmocka_unit_test(test_tree),
	};

	return cmocka_run_group_tests_name("reader-process", tests, setup, told_place_end);
}
