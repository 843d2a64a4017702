#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "recorder/logfile.h"

static char dir[] = "/tmp/test-logfile-XXXXXX";
static char path[64];

static int setup(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/log", dir);
	return 0;
}

static int teardown(void **state)
{
	unlink(path);
	return rmdir(dir);
}

static void write_log(const void *p, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* About 1 MB of lines of different lengths, so that runs end inside lines. */
static void make_lines(struct buf *b)
{
	for (unsigned i = 0; b->n < 1000000; i++) {
		buf_printf(b, "type=SYSCALL msg=audit(17955712%02u.459:%u): %.*s\n", i % 100, i, (int)(i % 97),
		           "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	}
	assert_false(b->failed);
}

/* Everything in the log. The result of the last logfile_read or logfile_open. */
static int read_all(struct buf *out, char **ret_error)
{
	struct logfile *f;
	struct span lines;
	int r = logfile_open(path, &f, ret_error);

	if (r < 0)
		return r;
	while ((r = logfile_read(f, &lines, ret_error)) > 0) {
		assert_true(lines.n > 0);
		buf_add_span(out, lines);
	}
	if (r == 0)
		assert_int_equal(logfile_consumed(f), logfile_size(f));
	logfile_close(f);
	return r;
}

static void assert_reads(struct span expected)
{
	AUTO_BUF out = BUF_INIT;
	char *error = NULL;

	assert_int_equal(read_all(&out, &error), 0);
	assert_null(error);
	assert_int_equal(out.n, expected.n);
	assert_memory_equal(buf_span(&out).p, expected.p, expected.n);
}

static void assert_fails(int expected, const char *words)
{
	AUTO_BUF out = BUF_INIT;
	AUTO_FREE char *error = NULL;

	assert_int_equal(read_all(&out, &error), expected);
	assert_non_null(error);
	assert_true(strncmp(error, path, strlen(path)) == 0);
	if (!strstr(error, words))
		fail_msg("\"%s\" does not say \"%s\"", error, words);
}

static void test_plain(void **state)
{
	AUTO_BUF text = BUF_INIT;

	make_lines(&text);
	write_log(text.p, text.n);
	assert_reads(buf_span(&text));
	text.n--; /* without the last newline */
	write_log(text.p, text.n);
	assert_reads(buf_span(&text));
	write_log("", 0);
	assert_reads(SPAN(""));
	write_log("\n", 1);
	assert_reads(SPAN("\n"));
}

static void test_whole_lines(void **state)
{
	AUTO_BUF text = BUF_INIT;
	struct logfile *f;
	struct span lines;
	char *error = NULL;

	make_lines(&text);
	write_log(text.p, text.n);
	assert_int_equal(logfile_open(path, &f, &error), 0);
	assert_int_equal(logfile_size(f), text.n);
	while (logfile_read(f, &lines, &error) > 0)
		assert_int_equal(lines.p[lines.n - 1], '\n');
	logfile_close(f);
}

static void test_overlong_line(void **state)
{
	size_t n = 5 * LOGFILE_LINE_MAX;
	AUTO_FREE char *line = malloc(n + 4);

	assert_non_null(line);
	memset(line, 'x', n);
	memcpy(line + n, "\nab\n", 4);
	write_log(line, n + 4);
	assert_reads((struct span){ line, n + 4 });
}

static void add_gzip(struct buf *out, struct span s)
{
	z_stream z = { 0 };
	uLong bound = compressBound(s.n) + 64;
	char *to = buf_reserve(out, bound);

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)s.p;
	z.avail_in = (uInt)s.n;
	z.next_out = (Bytef *)to;
	z.avail_out = (uInt)bound;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->n += bound - z.avail_out;
	deflateEnd(&z);
}

static void add_zstd(struct buf *out, struct span s)
{
	size_t bound = ZSTD_compressBound(s.n);
	char *to = buf_reserve(out, bound);
	size_t n = ZSTD_compress(to, bound, s.p, s.n, 3);

	assert_false(ZSTD_isError(n));
	out->n += n;
}

/* One member, two members, a truncated one, a damaged one. */
static void check_compressed(void (*add)(struct buf *, struct span))
{
	AUTO_BUF text = BUF_INIT;
	AUTO_BUF packed = BUF_INIT;
	size_t half;

	make_lines(&text);
	half = text.n / 2;
	add(&packed, buf_span(&text));
	write_log(packed.p, packed.n);
	assert_reads(buf_span(&text));
	write_log(packed.p, packed.n - 5);
	assert_fails(-EBADMSG, "truncated");
	memset(packed.p + packed.n / 2, 0x55, 64);
	write_log(packed.p, packed.n);
	assert_fails(-EBADMSG, "damaged");

	buf_clear(&packed);
	add(&packed, (struct span){ text.p, half });
	add(&packed, (struct span){ text.p + half, text.n - half });
	write_log(packed.p, packed.n);
	assert_reads(buf_span(&text));
}

static void test_gzip(void **state) { check_compressed(add_gzip); }
static void test_zstd(void **state) { check_compressed(add_zstd); }

static void test_refused(void **state)
{
	char *error = NULL;
	struct logfile *f;

	write_log("\x7f" "ELF\0\0\0\0 and more", 17);
	assert_fails(-ENOTSUP, "binary file");
	write_log("SQLite format 3\0 and more", 25);
	assert_fails(-ENOTSUP, "database");
	write_log("\xfd" "7zXZ\0 and some more", 19);
	assert_fails(-ENOTSUP, "xz");
	write_log("BZh91AY&SY and some more", 24);
	assert_fails(-ENOTSUP, "bzip2");
	unlink(path);
	assert_fails(-ENOENT, "No such file");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_fails(-EISDIR, "directory");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(logfile_open(path, &f, &error), -ENOENT);
	free(error);
}

static void test_first_time(void **state)
{
	static const char log[] = "type=DAEMON_START msg=audit(1795571244.459:752): op=start\n"
	                          "type=EOE msg=audit(1795571245.001:753): \n";
	struct logfile *f;
	struct span lines;
	char *error = NULL;
	int64_t ms = 0;

	write_log(log, strlen(log));
	assert_int_equal(logfile_open(path, &f, &error), 0);
	assert_int_equal(logfile_first_time(f, &ms, &error), 0);
	assert_int_equal(ms, 1795571244459);
	assert_int_equal(logfile_read(f, &lines, &error), 1);
	assert_int_equal(lines.n, strlen(log));
	assert_int_equal(logfile_read(f, &lines, &error), 0);
	logfile_close(f);

	write_log("msg=audit(17955", 15);
	assert_int_equal(logfile_open(path, &f, &error), 0);
	assert_int_equal(logfile_first_time(f, &ms, &error), 0);
	assert_true(ms == INT64_MIN);
	logfile_close(f);
}

static void test_pipe(void **state)
{
	int fds[2], saved = dup(STDIN_FILENO);
	struct logfile *f;
	struct span lines;
	char *error = NULL;

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "one\ntwo", 7), 7);
	close(fds[1]);
	dup2(fds[0], STDIN_FILENO);
	close(fds[0]);
	assert_int_equal(logfile_open("-", &f, &error), 0);
	assert_int_equal(logfile_size(f), 0);
	assert_int_equal(logfile_read(f, &lines, &error), 1);
	assert_true(span_eq(lines, SPAN("one\n")));
	assert_int_equal(logfile_read(f, &lines, &error), 1);
	assert_true(span_eq(lines, SPAN("two")));
	assert_int_equal(logfile_read(f, &lines, &error), 0);
	logfile_close(f);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),     cmocka_unit_test(test_whole_lines),
		cmocka_unit_test(test_overlong_line), cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_zstd),      cmocka_unit_test(test_refused),
		cmocka_unit_test(test_first_time), cmocka_unit_test(test_pipe),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
