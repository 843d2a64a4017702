#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "recorder/modules.h"

#define SHA256_OF_CODE "5694d08a2e53ffcae0c3103e5ad6f6076abd960eb1f8a56577040bc1028f702b"

static char folder[] = "/tmp/spoor-modules-XXXXXX";

static int make_module(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "code", 4), 4);
	return fd;
}

static void remove_module(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

static bool ask(struct modules *s, const char *name, int64_t fd, uint64_t serial)
{
	struct recording_module m = { .name = span_of(name), .pid = getpid(), .fd = fd, .file = -1 };
	struct event row = { .time_ms = 1000, .serial = serial, .image = 3, .action = ACTION_DRIVER_LOAD };

	return modules_ask(s, &m, &row);
}

static struct event take(struct modules *s)
{
	int64_t end_by = clock_monotonic() + 10000;
	struct item item;

	while (!modules_take(s, &item)) {
		assert_true(clock_monotonic() < end_by);
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	}
	assert_int_equal(item.type, ITEM_EVENT);
	assert_int_equal(item.event.image, 3);
	assert_int_equal(item.event.action, ACTION_DRIVER_LOAD);
	return item.event;
}

static struct span detail(const struct event *e, enum detail_field field)
{
	for (size_t i = 0; i < e->n_details; i++)
		if (e->details[i].field == field)
			return e->details[i].value;
	return SPAN_NONE;
}

static void a_row_comes_with_what_was_found(void **state)
{
	struct modules *s = modules_new(folder);
	int fd = make_module("a.ko");
	char path[64];
	struct event e;

	assert_true(ask(s, "a", fd, 7));
	close(fd); /* the loader is gone */
	remove_module("a.ko");
	e = take(s);
	snprintf(path, sizeof(path), "%s/a.ko", folder);
	assert_true(span_eq(e.object, span_of(path)));
	assert_true(span_eq(e.object2, SPAN("a")));
	assert_int_equal(e.serial, 7);
	assert_true(span_eq(detail(&e, DETAIL_SHA256), SPAN(SHA256_OF_CODE)));
	assert_true(span_eq(detail(&e, DETAIL_SIGNATURE), SPAN("unsigned")));
	assert_true(ask(s, "b", -1, 8));
	e = take(s);
	assert_true(span_eq(e.object, SPAN("b")));
	assert_true(span_eq(detail(&e, DETAIL_SIGNATURE), SPAN("loaded from memory, not known")));
	assert_null(detail(&e, DETAIL_SHA256).p);
	modules_end(s);
	modules_free(s);
}

static void each_once_and_in_order(void **state)
{
	struct modules *s = modules_new(folder);
	int fd = make_module("a.ko"), taken = 0;

	for (uint64_t round = 0; round < 20; round++) {
		uint64_t n = 0;

		while (n < 10 && ask(s, "a", fd, round * 100 + n))
			n++;
		assert_int_equal(n, 10);
		for (uint64_t i = 0; i < n; i++, taken++)
			assert_int_equal(take(s).serial, round * 100 + i);
	}
	assert_int_equal(taken, 200);
	close(fd);
	remove_module("a.ko");
	modules_free(s);
}

/* Files that take longer to read than an end waits. */
static void rows_do_not_wait_for_ever(void **state)
{
	struct modules *s = modules_new(folder);
	int fd = make_module("slow.ko"), n = 0, late = 0;
	struct item item;

	assert_int_equal(ftruncate(fd, 90 << 20), 0);
	while (n < 100 && ask(s, "slow", fd, (uint64_t)n))
		n++;
	assert_int_equal(n, MODULES_MAX);
	modules_end(s);
	assert_false(ask(s, "late", -1, 1));
	for (int i = 0; i < n; i++) {
		struct event e = take(s);

		assert_int_equal(e.serial, i);
		late += span_eq(detail(&e, DETAIL_SIGNATURE), SPAN("not read in time"));
		if (!detail(&e, DETAIL_SHA256).p)
			assert_true(span_eq(e.object, SPAN("slow")));
	}
	assert_true(late > 1);
	assert_false(modules_take(s, &item));
	close(fd);
	remove_module("slow.ko");
	modules_free(s);
}

static int begin(void **state)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_comes_with_what_was_found), cmocka_unit_test(each_once_and_in_order),
		cmocka_unit_test(rows_do_not_wait_for_ever),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
