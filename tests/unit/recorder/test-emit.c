#include "tests/unit/test.h"

#include <errno.h>
#include <pthread.h>

#include "recorder/emit.h"

struct sink {
	struct emit *emit;
	size_t batches, items;
	int error;
};

static int count(struct batch *b, void *data)
{
	struct sink *s = data;

	s->batches++;
	s->items += b->n;
	emit_recycle(s->emit, b);
	return s->error;
}

static void full_batches_are_handed_over_between_events(void **state)
{
	struct emit e = { .limit = 4, .sink = count };
	struct sink s = { &e, 0, 0, 0 };

	e.data = &s;
	for (int i = 0; i < 6; i++)
		assert_non_null(emit_item(&e, ITEM_GAP));
	assert_int_equal(s.batches, 0); /* an event's rows stay together */
	assert_int_equal(emit_settle(&e), 0);
	assert_int_equal(s.items, 6);
	assert_non_null(emit_item(&e, ITEM_GAP));
	assert_int_equal(emit_settle(&e), 0);
	assert_int_equal(s.batches, 1);
	assert_int_equal(emit_flush(&e), 0);
	assert_int_equal(emit_flush(&e), 0);
	assert_int_equal(s.batches, 2);
	assert_int_equal(e.rows, 7);
	emit_free(&e);
}

static void large_texts_make_a_batch_full_too(void **state)
{
	struct emit e = { .limit = 1000, .sink = count };
	struct sink s = { &e, 0, 0, 0 };

	e.data = &s;
	for (int i = 0; i < 64; i++) {
		assert_non_null(emit_item(&e, ITEM_GAP));
		assert_non_null(arena_alloc(emit_arena(&e), 100000));
		assert_int_equal(emit_settle(&e), 0);
	}
	assert_true(s.batches >= 2 && s.batches < 16);
	emit_free(&e);
}

static void errors_of_the_sink_stick(void **state)
{
	struct emit e = { .limit = 1, .sink = count };
	struct sink s = { &e, 0, 0, -EIO };

	e.data = &s;
	assert_non_null(emit_item(&e, ITEM_GAP));
	assert_int_equal(emit_settle(&e), -EIO);
	s.error = 0;
	assert_int_equal(emit_settle(&e), -EIO);
	emit_free(&e);
}

static void *recycle_many(void *data)
{
	for (int i = 0; i < 2000; i++)
		emit_recycle(data, batch_new());
	return NULL;
}

static void batches_come_back_from_other_threads(void **state)
{
	struct emit e = { .limit = 1, .sink = count };
	struct sink s = { &e, 0, 0, 0 };
	pthread_t threads[2];

	e.data = &s;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, recycle_many, &e), 0);
	for (int i = 0; i < 2000; i++) {
		assert_non_null(emit_item(&e, ITEM_GAP));
		assert_int_equal(emit_settle(&e), 0);
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(s.items, 2000);
	emit_free(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_batches_are_handed_over_between_events),
		cmocka_unit_test(large_texts_make_a_batch_full_too),
		cmocka_unit_test(errors_of_the_sink_stick),
		cmocka_unit_test(batches_come_back_from_other_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
