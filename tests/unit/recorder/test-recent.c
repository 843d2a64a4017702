#include "tests/unit/test.h"

#include "recorder/recent.h"

static void files_by_device_and_inode(void **state)
{
	struct recent *r = recent_new();
	char path[300];

	assert_non_null(r);
	recent_add_file(r, 1, 77, SPAN("fe:00"), SPAN("/tmp/x"));
	assert_true(span_eq(recent_file(r, 1, 77, SPAN("fe:00")), SPAN("/tmp/x")));
	assert_null(recent_file(r, 2, 77, SPAN("fe:00")).p);
	assert_null(recent_file(r, 1, 78, SPAN("fe:00")).p);
	assert_null(recent_file(r, 1, 77, SPAN("fe:01")).p);
	memset(path, 'a', sizeof(path));
	recent_add_file(r, 1, 77, SPAN("fe:00"), (struct span){ path, sizeof(path) });
	assert_null(recent_file(r, 1, 77, SPAN("fe:00")).p); /* not the old name either */
	for (uint64_t i = 0; i < 5000; i++)
		recent_add_file(r, 1, i, SPAN("fe:00"), SPAN("/y"));
	assert_true(span_eq(recent_file(r, 1, 4999, SPAN("fe:00")), SPAN("/y")));
	recent_free(r);
}

static void sockets_by_descriptor(void **state)
{
	struct recent *r = recent_new();
	int32_t port = 5;

	assert_non_null(r);
	recent_add_socket(r, 1, 10, 3, SPAN("10.0.0.1"), 80);
	assert_null(recent_socket(r, 1, 10, 4, &port).p);
	assert_int_equal(port, 5);
	assert_true(span_eq(recent_socket(r, 1, 10, 3, &port), SPAN("10.0.0.1")));
	assert_int_equal(port, 80);
	recent_free(r);
	recent_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_by_device_and_inode), cmocka_unit_test(sockets_by_descriptor),
	};

	return cmocka_run_group_tests_name("recent", tests, NULL, NULL);
}
