#include "tests/unit/test.h"

#include "recorder/path.h"

static void join(const char *base, const char *name, const char *want, bool want_relative)
{
	struct arena arena = ARENA_INIT;
	bool relative;
	struct span path = path_join(&arena, span_of(base), span_of(name), &relative);

	if (!span_eq(path, span_of(want)) || relative != want_relative)
		fail_msg("%s + %s: got \"%.*s\" (%d), not \"%s\"", base, name, SPAN_FMT(path), relative, want);
	arena_free(&arena);
}

static void names_become_absolute(void **state)
{
	join("/home/ann", "f", "/home/ann/f", false);
	join("/home/ann/", "f", "/home/ann/f", false);
	join("/", "f", "/f", false);
	join("/home/ann", "/etc/passwd", "/etc/passwd", false);
	join("/home/ann", "./f", "/home/ann/f", false);
	join("/home/ann", ".", "/home/ann", false);
	join("/home/ann", "a//b/./c/", "/home/ann/a/b/c", false);
	join("/x", "/a//b/./c", "/a/b/c", false);
	join("/x", "/.hidden/..file", "/.hidden/..file", false);
	join("/x", "//", "/", false);
}

static void leading_dots_climb_inner_ones_stay(void **state)
{
	join("/home/ann", "../bob/f", "/home/bob/f", false);
	join("/home/ann", "./../.././f", "/f", false);
	join("/home/ann", "../../../../f", "/f", false);
	join("/home/ann", "..", "/home", false);
	join("/home/ann", "a/../b", "/home/ann/a/../b", false);
	join("/x", "/../a", "/a", false);
	join("/x", "/a/../b", "/a/../b", false);
}

static void without_a_base_the_name_stays(void **state)
{
	join("", "a//b", "a//b", true);
	join("not/absolute", "f", "f", true);
	join("", "/a", "/a", false);
	join("", "", "", true);
}

static void item_of_a_path_record(void **state)
{
	struct path_item item;

	path_item_parse(SPAN("item=3 name=\"/tmp/a b\" inode=7 dev=fe:00 mode=0140755 ouid=0 ogid=0 rdev=00:00 "
			     "nametype=CREATE cap_fp=0\035OUID=\"root\""), &item);
	assert_int_equal(item.item, 3);
	assert_int_equal(item.mode, 0140755);
	assert_int_equal(item.nametype, PATH_CREATE);
	assert_int_equal(item.name.value.n, 8);
	path_item_parse(SPAN("item=x name=(null)"), &item);
	assert_int_equal(item.item, 0);
	assert_int_equal(item.nametype, PATH_UNKNOWN);
	assert_non_null(item.name.key.p);
	path_item_parse(SPAN(""), &item);
	assert_null(item.name.key.p);
}

static void devices_as_stat_numbers_them(void **state)
{
	assert_int_equal(path_device(SPAN("fd:01")), 0xfd01);
	assert_int_equal(path_device(SPAN("00:1a")), 0x1a);
	assert_int_equal(path_device(SPAN("103:00005")), 0x10305);
	assert_int_equal(path_device(SPAN("fd")), 0);
	assert_int_equal(path_device(SPAN("x:01")), 0);
	assert_int_equal(path_device(SPAN("fd:01:02")), 0);
	assert_int_equal(path_device(SPAN_NONE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_absolute),
		cmocka_unit_test(devices_as_stat_numbers_them),
		cmocka_unit_test(leading_dots_climb_inner_ones_stay),
		cmocka_unit_test(without_a_base_the_name_stays),
		cmocka_unit_test(item_of_a_path_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
