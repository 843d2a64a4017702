#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "recorder/ring.h"

enum { SIZE = 4096, MESSAGES = 200000 };

static void test_order_and_content(void **state)
{
	struct ring *r = ring_new(SIZE);
	struct span s;
	int type;

	assert_non_null(r);
	assert_false(ring_take(r, &type, &s));
	assert_true(ring_put(r, 1300, SPAN("one")));
	assert_true(ring_put(r, 1301, SPAN("")));
	assert_true(ring_put(r, 1302, SPAN("three of them")));
	assert_true(ring_take(r, &type, &s));
	assert_int_equal(type, 1300);
	assert_true(span_eq(s, SPAN("one")));
	assert_true(ring_take(r, &type, &s));
	assert_int_equal(type, 1301);
	assert_int_equal(s.n, 0);
	assert_true(ring_take(r, &type, &s));
	assert_true(span_eq(s, SPAN("three of them")));
	assert_false(ring_take(r, &type, &s));
	ring_free(r);
}

/* However much goes through it, a ring that is emptied in time uses its first bytes only; and it holds as much as ever. */
static void test_emptied_begins_anew(void **state)
{
	struct ring *r = ring_new(SIZE);
	const char *first = NULL;
	char block[1000] = { 0 };
	struct span s;
	int type, fit = 0;

	assert_non_null(r);
	for (int i = 0; i < 100; i++) {
		assert_true(ring_put(r, i, SPAN("a message")));
		assert_true(ring_put(r, i, SPAN("and another")));
		assert_true(ring_take(r, &type, &s));
		assert_true(span_eq(s, SPAN("a message")));
		first = first ? first : s.p;
		assert_ptr_equal(s.p, first);
		assert_true(ring_take(r, &type, &s));
		assert_true(span_eq(s, SPAN("and another")));
		assert_int_equal(type, i);
		assert_false(ring_take(r, &type, &s));
		assert_false(ring_put(r, i, (struct span){ block, SIZE }));
	}
	while (ring_put(r, fit, (struct span){ block, sizeof(block) }))
		fit++;
	assert_int_equal(fit, SIZE / (1000 + 8));
	for (int i = 0; i < fit; i++) {
		assert_true(ring_take(r, &type, &s));
		assert_int_equal(type, i);
	}
	assert_false(ring_take(r, &type, &s));
	ring_free(r);
}

static void test_full(void **state)
{
	struct ring *r = ring_new(SIZE);
	char block[1000] = { 0 };
	struct span s, big = { block, sizeof(block) };
	int type, fit = 0;

	assert_non_null(r);
	while (ring_put(r, fit, big))
		fit++;
	assert_int_equal(fit, SIZE / (1000 + 8));
	assert_int_equal(ring_lost(r), 1);
	assert_true(ring_take(r, &type, &s));
	assert_false(ring_put(r, 99, big)); /* what was taken last is still the reader's */
	assert_true(ring_take(r, &type, &s));
	assert_true(ring_put(r, 99, big));
	assert_int_equal(ring_lost(r), 2);
	assert_false(ring_put(r, 0, (struct span){ block, SIZE / 4 + 1 }));
	for (int i = 2; i < fit; i++) {
		assert_true(ring_take(r, &type, &s));
		assert_int_equal(type, i);
	}
	assert_true(ring_take(r, &type, &s));
	assert_int_equal(type, 99);
	ring_free(r);
}

static void test_bad_size(void **state)
{
	assert_null(ring_new(5000));
	assert_null(ring_new(64));
}

static void test_end(void **state)
{
	struct ring *r = ring_new(SIZE);
	struct span s;
	int type;

	assert_non_null(r);
	assert_true(ring_wait(r, 0));
	assert_true(ring_put(r, 1, SPAN("x")));
	ring_end(r);
	assert_true(ring_wait(r, -1)); /* ended, but not empty */
	assert_true(ring_take(r, &type, &s));
	assert_false(ring_take(r, &type, &s));
	assert_false(ring_wait(r, -1));
	ring_free(r);
}

static void *write_messages(void *data)
{
	struct ring *r = data;
	char text[64];

	for (int i = 0; i < MESSAGES; i++) {
		size_t n = (size_t)i % sizeof(text);

		memset(text, 'a' + i % 26, n);
		while (!ring_put(r, i, (struct span){ text, n })) {
			ring_wake(r);
			sched_yield();
		}
		if (i % 32 == 0)
			ring_wake(r);
	}
	ring_end(r);
	return NULL;
}

static void test_two_threads(void **state)
{
	struct ring *r = ring_new(SIZE);
	pthread_t writer;
	struct span s;
	int type, next = 0;

	assert_non_null(r);
	assert_int_equal(pthread_create(&writer, NULL, write_messages, r), 0);
	while (ring_wait(r, 1000)) {
		while (ring_take(r, &type, &s)) {
			assert_int_equal(type, next);
			assert_int_equal(s.n, (size_t)next % 64);
			for (size_t i = 0; i < s.n; i++)
				assert_int_equal(s.p[i], 'a' + next % 26);
			next++;
		}
	}
	assert_int_equal(next, MESSAGES);
	pthread_join(writer, NULL);
	ring_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_content), cmocka_unit_test(test_emptied_begins_anew),
		cmocka_unit_test(test_full), cmocka_unit_test(test_bad_size),
		cmocka_unit_test(test_end), cmocka_unit_test(test_two_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
