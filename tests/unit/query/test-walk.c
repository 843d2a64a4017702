#include "tests/unit/test.h"

#include <errno.h>

#include "recorder/query/walk.h"

enum { ROWS = 2500, IMAGES = 3 };

/* Rows 1, 2, …; those of one image follow each other. What a hostile end may answer is chosen by `trick`. */
struct many {
	struct reader reader;
	enum { HONEST, REPEATS, EMPTY } trick;
	unsigned pages, processes;
	int64_t mixed; /* rows go round among that many processes; 0: all are of one */
	bool large;    /* arguments of a megabyte */
};

static int page(struct reader *r, struct cancel *c, const struct expr *where, struct reader_range range,
                struct reader_place at, size_t n, struct reader_page *ret)
{
	struct many *m = (struct many *)r;
	bool newest = at.order == READER_NEWEST_FIRST;
	int64_t id = at.id ? at.id + (newest ? -1 : 1) : newest ? ROWS : 1;

	m->pages++;
	*ret = (struct reader_page){ .arena = ARENA_INIT, .more = true };
	if (m->trick == EMPTY)
		return 0;
	ret->rows = arena_alloc(&ret->arena, n * sizeof(*ret->rows));
	assert_non_null(ret->rows);
	for (; ret->n < n && id > 0 && id <= ROWS; id += newest ? -1 : 1)
		ret->rows[ret->n++] = (struct reader_row){
			.id = m->trick == REPEATS ? 7 : id, .category = EVENT_PROCESS, .command_line = SPAN("x"), .count = 1,
			.process = 1 + (m->mixed ? id % m->mixed : 0), .image = 1 + id * IMAGES / (ROWS + 1) };
	ret->more = id > 0 && id <= ROWS;
	return 0;
}

static int process(struct reader *r, struct cancel *c, int64_t id, struct reader_process *ret)
{
	*ret = (struct reader_process){ .arena = ARENA_INIT, .id = id, .n_images = IMAGES };
	((struct many *)r)->processes++;
	if (((struct many *)r)->large)
		assert_non_null(arena_alloc(&ret->arena, 1 << 20));
	ret->images = arena_alloc(&ret->arena, IMAGES * sizeof(*ret->images));
	assert_non_null(ret->images);
	for (int i = 0; i < IMAGES; i++) {
		static struct span args[IMAGES][1] = { { SPAN("first") }, { SPAN("second") } };

		ret->images[i] = (struct reader_image){ .id = i + 1, .args = i < 2 ? args[i] : NULL, .n_args = i < 2 };
	}
	return 0;
}

static const struct reader_ops ops = { .page = page, .process = process };

struct seen {
	uint64_t rows;
	int64_t last;
	uint64_t first_args, no_args;
	int answer;
};

static int see(const struct row_format_line *line, void *data)
{
	struct seen *s = data;

	s->rows++;
	s->last = line->row->id;
	s->first_args += line->args && line->n_args == 1 && span_eq(line->args[0], SPAN("first"));
	s->no_args += line->args && line->n_args == 0;
	return s->rows == 10 ? s->answer : 0;
}

static int walk(struct many *m, enum reader_order order, uint64_t limit, bool args, struct seen *s)
{
	struct walk w = { .reader = &m->reader, .range = READER_ALL_TIME, .order = order, .limit = limit, .args = args };

	m->reader.ops = &ops;
	return walk_rows(&w, see, s);
}

static void test_all(void **state)
{
	struct many m = { 0 };
	struct seen s = { 0 };

	assert_int_equal(walk(&m, READER_OLDEST_FIRST, UINT64_MAX, true, &s), 0);
	assert_int_equal(s.rows, ROWS);
	assert_int_equal(s.last, ROWS);
	assert_int_equal(m.processes, 1); /* asked once, not once a row */
	assert_in_range(s.first_args, ROWS / 3 - 1, ROWS / 3 + 1);
	assert_in_range(s.no_args, ROWS / 3 - 1, ROWS / 3 + 1);
	s = (struct seen){ 0 };
	m.processes = 0;
	assert_int_equal(walk(&m, READER_NEWEST_FIRST, 1500, false, &s), 0);
	assert_int_equal(s.rows, 1500);
	assert_int_equal(s.last, ROWS - 1499);
	assert_int_equal(m.processes, 0);
	s = (struct seen){ 0 };
	assert_int_equal(walk(&m, READER_NEWEST_FIRST, 0, false, &s), 0);
	assert_int_equal(s.rows, 0);
}

/* Those that run at once are asked for once each; large ones are not all kept. */
static void test_mixed(void **state)
{
	struct many m = { .mixed = 40 };
	struct seen s = { 0 };

	assert_int_equal(walk(&m, READER_OLDEST_FIRST, UINT64_MAX, true, &s), 0);
	assert_int_equal(m.processes, 40);
	assert_in_range(s.first_args, ROWS / 3 - 1, ROWS / 3 + 1);
	m = (struct many){ .mixed = 40, .large = true };
	s = (struct seen){ 0 };
	assert_int_equal(walk(&m, READER_OLDEST_FIRST, 400, true, &s), 0);
	assert_int_equal(s.rows, 400);
	assert_in_range(m.processes, 41, 400);
}

static void test_stops(void **state)
{
	struct many m = { 0 };
	struct seen s = { .answer = -ENOSPC };

	assert_int_equal(walk(&m, READER_OLDEST_FIRST, UINT64_MAX, true, &s), -ENOSPC);
	assert_int_equal(s.rows, 10);
	assert_int_equal(m.pages, 1);
}

/* One that never ends its answers is not listened to for ever. */
static void test_hostile(void **state)
{
	struct many m = { .trick = REPEATS };
	struct seen s = { 0 };

	assert_int_equal(walk(&m, READER_OLDEST_FIRST, UINT64_MAX, false, &s), -EBADMSG);
	m = (struct many){ .trick = EMPTY };
	assert_int_equal(walk(&m, READER_OLDEST_FIRST, UINT64_MAX, false, &s), 0);
	assert_int_equal(m.pages, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all), cmocka_unit_test(test_mixed), cmocka_unit_test(test_stops),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
