#include "tests/unit/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/transfer/part.h"

enum { MANY = 1 << 20 };

static char folder[64], last[256];

static struct part_place place(void)
{
	return (struct part_place){ folder, MANY, 16 * MANY, 0 };
}

static int set_up(void **state)
{
	snprintf(folder, sizeof(folder), "/tmp/test-part-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

/* Leaves the name of one of them in `last`. */
static size_t count_files(void)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	size_t n = 0;

	while ((e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(last, sizeof(last), "%s/%.160s", folder, e->d_name);
		n++;
	}
	closedir(d);
	return n;
}

static int tear_down(void **state)
{
	part_remove(folder, "a");
	part_remove(folder, "b");
	assert_int_equal(rmdir(folder), 0);
	return 0;
}

static struct part *opened(const char *key, struct span identity, uint64_t size)
{
	struct part_place p = place();
	struct part *part;

	assert_int_equal(part_open(&p, key, identity, size, &part), 0);
	return part;
}

static int refused(struct part_place p, const char *key, uint64_t size)
{
	struct part *part = NULL;
	int r = part_open(&p, key, SPAN("x"), size, &part);

	assert_null(part);
	return r;
}

static void it_goes_on_where_it_was(void **state)
{
	struct part *p = opened("a", SPAN("one"), 100);
	char back[6];

	assert_int_equal(part_size(p), 0);
	assert_int_equal(part_write(p, SPAN("abc")), 0);
	part_close(p);
	p = opened("a", SPAN("one"), 100);
	assert_int_equal(part_size(p), 3);
	assert_int_equal(part_write(p, SPAN("def")), 0);
	assert_int_equal(part_read(p, 0, back, 6), 0);
	assert_memory_equal(back, "abcdef", 6);
	assert_int_equal(part_read(p, 1, back, 6), -EIO);
	part_close(p);
}

static void another_content_of_that_key_begins_anew(void **state)
{
	struct part *p = opened("a", SPAN("one"), 100), *other = opened("b", SPAN("one"), 100);

	assert_int_equal(part_write(p, SPAN("abc")), 0);
	assert_int_equal(part_write(other, SPAN("abc")), 0);
	part_close(p);
	part_close(other);
	p = opened("a", SPAN("two"), 100);
	assert_int_equal(part_size(p), 0);
	part_close(p);
	assert_int_equal(count_files(), 2);
	p = opened("b", SPAN("one"), 100);
	assert_int_equal(part_size(p), 3);
	part_close(p);
}

static void whole_ones_have_their_name(void **state)
{
	const unsigned char sha[32] = { 0xab, 1 };
	char name[PART_NAME], path[160];

	for (int i = 0; i < 2; i++) { /* also when it is there already */
		struct part *p = opened("a", SPAN("one"), MANY);
		struct stat st;

		assert_int_equal(part_write(p, SPAN("abc")), 0);
		assert_int_equal(part_finish(p, sha, name), 0);
		part_close(p);
		assert_string_equal(name, "ab01000000000000000000000000000000000000000000000000000000000000");
		assert_int_equal(count_files(), 1);
		snprintf(path, sizeof(path), "%s/%s", folder, name);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_size, 3);
		assert_true(st.st_blocks * 512 < MANY); /* what was reserved in vain is free again */
		assert_int_equal(st.st_mode, S_IFREG | 0600);
	}
	unlink(path);
}

static void limits(void **state)
{
	struct part_place p = place();
	struct part *one, *two;

	assert_int_equal(refused(p, "a", MANY + 1), -EFBIG);
	p.min_free = UINT64_MAX / 2;
	assert_int_equal(refused(p, "a", 1), -ENOSPC);
	p = place();
	p.max_all = MANY + MANY / 2;
	assert_int_equal(part_open(&p, "a", SPAN("x"), MANY, &one), 0);
	assert_int_equal(part_open(&p, "b", SPAN("x"), MANY, &two), -ENOSPC); /* the other's is reserved */
	assert_int_equal(part_open(&p, "b", SPAN("x"), MANY / 4, &two), 0);
	part_close(one);
	part_close(two);
	p.max_bytes = 4;
	part_remove(folder, "a");
	assert_int_equal(part_open(&p, "a", SPAN("x"), 4, &one), 0);
	assert_int_equal(part_limit(one), 4);
	assert_int_equal(part_write(one, SPAN("12345")), -EFBIG);
	assert_int_equal(part_size(one), 0);
	part_close(one);
}

static void one_at_a_time(void **state)
{
	struct part *p = opened("a", SPAN("x"), 1);

	assert_int_equal(refused(place(), "a", 1), -EBUSY);
	part_sweep(folder, -60000);
	assert_int_equal(count_files(), 1);
	part_close(p);
	part_sweep(folder, 60000);
	assert_int_equal(count_files(), 1);
	part_sweep(folder, -60000);
	assert_int_equal(count_files(), 0);
}

static void names_are_checked(void **state)
{
	char target[160];
	struct part *p;

	assert_int_equal(refused(place(), "", 1), -EINVAL);
	assert_int_equal(refused(place(), "../a", 1), -EINVAL);
	assert_int_equal(refused((struct part_place){ "/nowhere", 1, 1, 0 }, "a", 1), -ENOENT);
	p = opened("a", SPAN("x"), 1);
	part_close(p);
	assert_int_equal(count_files(), 1);
	assert_int_equal(unlink(last), 0);
	assert_int_equal(symlink("target", last), 0);
	assert_int_equal(refused(place(), "a", 1), -ELOOP);
	snprintf(target, sizeof(target), "%s/target", folder);
	assert_int_not_equal(access(target, F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_goes_on_where_it_was, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_content_of_that_key_begins_anew, set_up, tear_down),
		cmocka_unit_test_setup_teardown(whole_ones_have_their_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(limits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_at_a_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_are_checked, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
