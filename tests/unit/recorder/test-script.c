#include "tests/unit/test.h"

#include "recorder/script.h"

static struct image_start image(const char *exe, const char *line, uint32_t argc)
{
	return (struct image_start){ .executable = span_of(exe), .command_line = span_of(line), .argc = argc };
}

static void check(const struct image_start *im, const char *name, const char *interpreter, const char *want)
{
	struct span got = script_find(im, span_of(name), span_of(interpreter));

	assert_true(want ? span_eq(got, span_of(want)) : !got.p);
}

static void kernel_puts_the_interpreter_in_front(void **state)
{
	struct image_start im = image("/usr/bin/awk", "/usr/bin/awk -f ./x.awk in", 4);

	check(&im, "./x.awk", "/usr/bin/awk", "./x.awk");
	check(&im, "/usr/bin/awk", "/lib64/ld-linux.so", NULL); /* started by name, and awk is no interpreter that is known */
}

static void first_plain_argument_of_an_interpreter(void **state)
{
	struct image_start im = image("/usr/bin/python3.11", "python3 x.py -v", 3);

	check(&im, "/usr/bin/python3", "", "x.py");
	im = image("/usr/bin/python3.11", "python3 -c pass", 3);
	check(&im, "/usr/bin/python3", "", NULL);
	im = image("/usr/bin/dash", "sh -ex y.sh", 3);
	check(&im, "/bin/sh", "", "y.sh");
}

static void names_that_only_begin_alike(void **state)
{
	struct image_start im = image("/usr/bin/shred", "shred file", 2);

	check(&im, "/usr/bin/shred", "", NULL);
	im = image("/usr/bin/perldoc", "perldoc x", 2);
	check(&im, "/usr/bin/perldoc", "", NULL);
}

static void arguments_with_spaces_and_missing_ones(void **state)
{
	static const int32_t lengths[] = { 2, 7, 1 }, missing[] = { 2, -1, 1 };
	struct image_start im = image("/usr/bin/bash", "sh my x.sh a", 3);

	im.arg_lengths = lengths;
	check(&im, "/bin/sh", "", "my x.sh");
	im.arg_lengths = missing;
	im.command_line = SPAN("sh a");
	check(&im, "/bin/sh", "", NULL);
	im.arg_lengths = lengths;
	im.command_line = SPAN("sh m"); /* shorter than the lengths say */
	check(&im, "/bin/sh", "", NULL);
	im = image("/bin/sh", NULL, 7);
	check(&im, "/bin/sh", "", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_puts_the_interpreter_in_front),
		cmocka_unit_test(first_plain_argument_of_an_interpreter),
		cmocka_unit_test(names_that_only_begin_alike),
		cmocka_unit_test(arguments_with_spaces_and_missing_ones),
	};

	return cmocka_run_group_tests_name("script", tests, NULL, NULL);
}
