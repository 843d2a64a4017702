#include "tests/unit/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/file.h"

static char folder[] = "/tmp/spoor-file-XXXXXX", path[64];

static void write_bytes(size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	for (size_t i = 0; i < n; i++)
		fputc("abc"[i % 3], f);
	assert_int_equal(fclose(f), 0);
}

static void it_is_read_whole(void **state)
{
	static const size_t sizes[] = { 0, 1, 8191, 8192, 8193, 100000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		AUTO_BUF out = BUF_INIT;

		write_bytes(sizes[i]);
		buf_add_z(&out, "before");
		assert_int_equal(file_read(path, sizes[i], &out), 0);
		assert_int_equal(out.n, 6 + sizes[i]);
		if (sizes[i])
			assert_int_equal(out.p[out.n - 1], "abc"[(sizes[i] - 1) % 3]);
	}
}

static void what_is_too_large_or_no_file_is_refused(void **state)
{
	AUTO_BUF out = BUF_INIT;

	write_bytes(10001);
	assert_int_equal(file_read(path, 10000, &out), -EFBIG);
	assert_int_equal(file_read(folder, 10000, &out), -EISDIR);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(file_read(path, 10000, &out), -ENOENT);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(file_read(path, 10000, &out), -EINVAL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(file_read("/dev/zero", 10000, &out), -EINVAL);
}

static void assert_holds(const char *text)
{
	AUTO_BUF out = BUF_INIT;

	assert_int_equal(file_read(path, 100, &out), 0);
	assert_true(span_eq(buf_span(&out), span_of(text)));
}

static size_t names(void)
{
	DIR *d = opendir(folder);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2; /* . and .. */
}

static void it_is_replaced_whole(void **state)
{
	char inside[80];
	struct stat st;

	assert_int_equal(file_replace(path, SPAN("one"), 0600), 0);
	assert_holds("one");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(file_replace(path, SPAN("two"), 0600), 0);
	assert_holds("two");
	assert_int_equal(names(), 1);
	snprintf(inside, sizeof(inside), "%s/x", path);
	assert_int_equal(file_replace(inside, SPAN("x"), 0600), -ENOTDIR);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(file_replace(path, SPAN("x"), 0600), -EISDIR);
	assert_int_equal(names(), 1); /* no part stays behind */
	assert_int_equal(rmdir(path), 0);
}

static void all_is_written_or_it_says_why(void **state)
{
	int ends[2];
	char got[8];

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	assert_int_equal(file_write_all(ends[1], SPAN("a b")), 0);
	assert_int_equal(read(ends[0], got, sizeof(got)), 3);
	assert_memory_equal(got, "a b", 3);
	assert_int_equal(file_write_all(ends[0], SPAN("x")), -EBADF);
	assert_int_equal(file_write_all(ends[0], SPAN_NONE), 0);
	close(ends[0]);
	close(ends[1]);
}

static void folders_are_found(void **state)
{
	assert_int_equal(file_sync_folder(path), 0);
	assert_int_equal(file_sync_folder("name"), 0);
	assert_int_equal(file_sync_folder("/name"), 0);
	assert_int_equal(file_sync_folder("/nonexistent/name"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_read_whole),
		cmocka_unit_test(what_is_too_large_or_no_file_is_refused),
		cmocka_unit_test(it_is_replaced_whole),
		cmocka_unit_test(all_is_written_or_it_says_why),
		cmocka_unit_test(folders_are_found),
	};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/it", folder);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(folder);
	return failed;
}
