#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>

#include "agent/base/clock.h"
#include "timeline/model/treelayout.h"

static const struct treelayout_metrics metrics = { .node_w = 200, .node_h = 40, .gap_x = 40, .gap_y = 8, .group_min = 5 };

static void check(const struct treelayout *l, const struct reader_tree *t)
{
	for (size_t c = 0; c < l->n_columns; c++) {
		const struct treelayout_column *col = &l->columns[c];

		for (uint32_t i = col->first; i < col->first + col->n; i++) {
			const struct treelayout_item *it = &l->items[i];

			assert_true(it->column == c && it->node < t->n && isfinite(it->y));
			assert_true(i == col->first || it->y >= l->items[i - 1].y + metrics.node_h - 1e-6);
			assert_true(it->y - metrics.node_h / 2 >= l->top && it->y + metrics.node_h / 2 <= l->bottom);
			assert_true(it->parent == TREELAYOUT_NONE || l->items[it->parent].column + 1 == c);
			assert_int_equal(treelayout_hit(l, treelayout_x(l, it->column) + 1, it->y), i);
		}
	}
	assert_true(l->items[l->self].role == TREELAYOUT_SELF && l->items[l->self].y == 0);
}

static struct reader_node node(int64_t process, int64_t parent, const char *name, const char *command)
{
	return (struct reader_node){ .process = process, .parent = parent, .pid = process, .start_ms = process * 10,
		                     .name = span_of(name), .command_line = span_of(command) };
}

static void family_stands_where_it_should(void **state)
{
	struct reader_node nodes[] = {
		node(50, 2, "bash", "bash"), node(2, 1, "sshd", "sshd"), node(1, 0, "systemd", "systemd"),
		node(40, 2, "id", "id -u"), node(60, 2, "ls", "ls -l"),
		node(70, 50, "curl", "curl -s http://a"), node(80, 50, "sh", "sh x"), node(90, 80, "rm", "rm y"),
	};
	struct reader_tree t = { .nodes = nodes, .n = 8, .n_ancestors = 2, .n_peers = 2, .children_left_out = 12 };
	struct treelayout l;

	assert_int_equal(treelayout_build(&t, &metrics, NULL, &l), 0);
	check(&l, &t);
	assert_int_equal(l.n, 9);
	assert_int_equal(l.n_columns, 5);
	assert_int_equal(l.items[0].node, 2); /* the first ancestor */
	assert_int_equal(l.items[1].node, 1);
	assert_true(l.items[0].y == 0 && l.items[1].y == 0);
	assert_true(l.items[treelayout_find(&l, &t, 40)].y < 0);
	assert_true(l.items[treelayout_find(&l, &t, 60)].y > 0);
	assert_int_equal(l.items[treelayout_find(&l, &t, 90)].parent, treelayout_find(&l, &t, 80));
	assert_int_equal(l.items[l.self].n_children, 3);
	assert_int_equal(l.items[l.items[l.self].first_child + 2].role, TREELAYOUT_MORE);
	assert_true(l.items[l.items[l.self].first_child + 2].count == 12);
	assert_int_equal(treelayout_find(&l, &t, 99), TREELAYOUT_NONE);
	assert_int_equal(treelayout_hit(&l, -1, 0), TREELAYOUT_NONE);
	assert_int_equal(treelayout_hit(&l, 220, 0), TREELAYOUT_NONE);
	assert_int_equal(treelayout_hit(&l, NAN, 0), TREELAYOUT_NONE);
	treelayout_free(&l);
}

enum { MANY = 37 };

static void namesakes_are_grouped_and_open(void **state)
{
	struct reader_node nodes[1 + MANY + 2];
	struct reader_tree t = { .nodes = nodes, .n = 1 + MANY + 2 };
	char commands[MANY][40];
	struct treelayout l;
	struct map opened = MAP_INIT;
	struct span detail;

	nodes[0] = node(1, 0, "sshd", "sshd -D");
	for (int i = 0; i < MANY; i++) {
		snprintf(commands[i], sizeof(commands[i]), "sshd: session for user%d", i);
		nodes[1 + i] = node(10 + i, 1, "sshd", commands[i]);
	}
	nodes[1 + MANY] = node(100, 1, "cron", "cron -f");
	nodes[2 + MANY] = node(101, 20, "bash", "bash"); /* below a member */
	assert_int_equal(treelayout_build(&t, &metrics, NULL, &l), 0);
	check(&l, &t);
	assert_int_equal(l.n, 3);
	assert_int_equal(l.items[1].role, TREELAYOUT_GROUP);
	assert_int_equal(l.items[1].count, MANY);
	assert_int_equal(treelayout_find(&l, &t, 20), 1);
	assert_int_equal(map_put(&opened, l.items[1].key, 1), 0);
	treelayout_free(&l);

	assert_int_equal(treelayout_build(&t, &metrics, &(struct treelayout_wish){ &opened, NULL, TREELAYOUT_ALWAYS }, &l), 0);
	check(&l, &t);
	assert_int_equal(l.n, 1 + 1 + MANY + 1 + 1);
	assert_true(l.items[1].role == TREELAYOUT_GROUP && l.items[1].open);
	detail = treelayout_detail(&l.items[2], &nodes[1]);
	assert_true(span_eq(detail, SPAN("user0"))); /* what they share is not repeated */
	detail = treelayout_detail(&l.items[treelayout_find(&l, &t, 100)], &nodes[1 + MANY]);
	assert_true(span_eq(detail, SPAN("-f")));
	treelayout_free(&l);
	map_free(&opened);
}

static void peers_of_one_name_stay_on_their_side(void **state)
{
	struct reader_node nodes[12];
	struct reader_tree t = { .nodes = nodes, .n = 12, .n_ancestors = 1, .n_peers = 10 };
	struct map opened = MAP_INIT;
	struct treelayout l;

	nodes[0] = node(50, 1, "sh", "sh -c a");
	nodes[1] = node(1, 0, "cron", "cron");
	for (int i = 0; i < 10; i++)
		nodes[2 + i] = node(46 + i + (i >= 4), 1, "sh", "sh -c b");
	assert_int_equal(treelayout_build(&t, &metrics, NULL, &l), 0);
	check(&l, &t);
	assert_int_equal(l.n, 3);
	assert_int_equal(l.items[1].count, 10); /* the process itself is not among them */
	assert_int_equal(map_put(&opened, l.items[1].key, 1), 0);
	treelayout_free(&l);
	assert_int_equal(treelayout_build(&t, &metrics, &(struct treelayout_wish){ &opened, NULL, TREELAYOUT_ALWAYS }, &l), 0);
	check(&l, &t);
	assert_int_equal(l.n, 13);
	for (size_t i = 0; i < t.n; i++)
		assert_true(treelayout_find(&l, &t, nodes[i].process) != TREELAYOUT_NONE);
	treelayout_free(&l);
	map_free(&opened);
}

static bool shows(const struct treelayout *l, uint32_t node)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->items[i].node == node && l->items[i].role != TREELAYOUT_GROUP && l->items[i].role != TREELAYOUT_MORE)
			return true;
	return false;
}

/* Self 0 from 10 to 100, its child 1 from 20 to 30, that one's child 2 from 25 on, another child 3 from 50 to 60, and a
 * peer 4 that was gone before. */
static void trees_are_folded_and_shown_as_they_were(void **state)
{
	struct reader_node nodes[] = {
		{ .process = 1, .parent = 9, .start_ms = 10, .end_ms = 100, .name = SPAN("self"), .children = 2 },
		{ .process = 5, .parent = 9, .start_ms = 1, .end_ms = 9, .name = SPAN("peer") },
		{ .process = 2, .parent = 1, .start_ms = 20, .end_ms = 30, .name = SPAN("a"), .children = 1 },
		{ .process = 4, .parent = 1, .start_ms = 50, .end_ms = 60, .name = SPAN("b") },
		{ .process = 3, .parent = 2, .start_ms = 25, .name = SPAN("c") },
	};
	struct reader_tree t = { .nodes = nodes, .n = 5, .n_peers = 1 };
	struct map collapsed = MAP_INIT;
	struct treelayout_wish wish = { NULL, &collapsed, TREELAYOUT_ALWAYS };
	struct treelayout l;

	assert_int_equal(treelayout_build(&t, &metrics, &wish, &l), 0);
	check(&l, &t);
	assert_true(l.n == 5 && l.items[l.self].descendants == 3);
	treelayout_free(&l);
	assert_int_equal(map_put(&collapsed, 2, 1), 0);
	assert_int_equal(treelayout_build(&t, &metrics, &wish, &l), 0);
	check(&l, &t);
	assert_true(l.n == 4 && shows(&l, 2) && !shows(&l, 4) && l.items[l.self].descendants == 3);
	treelayout_free(&l);
	map_clear(&collapsed);
	wish.instant = 22;
	assert_int_equal(treelayout_build(&t, &metrics, &wish, &l), 0);
	assert_true(shows(&l, 0) && shows(&l, 2) && !shows(&l, 4) && !shows(&l, 3) && !shows(&l, 1));
	treelayout_free(&l);
	wish.instant = 55; /* a has ended, but c, which it started, is there */
	assert_int_equal(treelayout_build(&t, &metrics, &wish, &l), 0);
	check(&l, &t);
	assert_true(shows(&l, 2) && shows(&l, 4) && shows(&l, 3));
	for (size_t i = 0; i < l.n; i++)
		assert_int_equal(l.items[i].ended, l.items[i].node == 2);
	treelayout_free(&l);
	wish.instant = 0; /* before everything: itself, at least */
	assert_int_equal(treelayout_build(&t, &metrics, &wish, &l), 0);
	assert_true(l.n == 1 && l.items[0].ended);
	treelayout_free(&l);
	map_free(&collapsed);
}

static void any_answer_can_be_drawn(void **state)
{
	static const char *const names[] = { "a", "b", "", "sshd" };
	struct reader_node nodes[300];

	srand(11);
	for (int round = 0; round < 2000; round++) {
		struct reader_tree t = { .nodes = nodes, .n = 1 + (size_t)rand() % 300, .peers_left_out = rand() % 2 };
		struct treelayout l;
		int ids = 1 + rand() % 400;

		t.n_ancestors = (size_t)rand() % 400;
		t.n_peers = rand() % 2 ? (size_t)rand() % 400 : 0;
		for (size_t i = 0; i < t.n; i++) {
			nodes[i] = node(rand() % ids, rand() % ids, names[rand() % 4], rand() % 3 ? "x y z" : NULL);
			nodes[i].name.p = rand() % 20 ? nodes[i].name.p : NULL;
			nodes[i].name.n = nodes[i].name.p ? nodes[i].name.n : 0;
		}
		assert_int_equal(treelayout_build(&t, &metrics, NULL, &l), 0);
		check(&l, &t);
		treelayout_free(&l);
	}
}

enum { HUGE_N = 100000 };

static void a_hundred_thousand_are_laid_out(void **state)
{
	struct reader_node *nodes = calloc(HUGE_N, sizeof(*nodes));
	struct reader_tree t = { .nodes = nodes, .n = HUGE_N };
	static char names[1000][8];
	struct treelayout l;
	int64_t began;

	assert_non_null(nodes);
	for (int i = 0; i < 1000; i++)
		snprintf(names[i], sizeof(names[i]), "p%d", i);
	for (int i = 0; i < HUGE_N; i++)
		nodes[i] = node(i + 1, i ? 1 + (i - 1) / 12 : 0, names[i % 1000], names[i % 999]);
	began = clock_monotonic();
	assert_int_equal(treelayout_build(&t, &metrics, NULL, &l), 0);
	print_message("# 100,000 nodes laid out in %d ms\n", (int)(clock_monotonic() - began));
	assert_int_equal(l.n, HUGE_N);
	check(&l, &t);
	treelayout_free(&l);
	free(nodes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(family_stands_where_it_should),
		cmocka_unit_test(namesakes_are_grouped_and_open),
		cmocka_unit_test(peers_of_one_name_stay_on_their_side),
		cmocka_unit_test(trees_are_folded_and_shown_as_they_were),
		cmocka_unit_test(any_answer_can_be_drawn),
		cmocka_unit_test(a_hundred_thousand_are_laid_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
