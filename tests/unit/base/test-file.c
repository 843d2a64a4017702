#include "tests/unit/test.h"

#include <errno.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_read_whole),
		cmocka_unit_test(what_is_too_large_or_no_file_is_refused),
	};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/it", folder);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(folder);
	return failed;
}
