#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <minizip/unzip.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "gui/export.h"
#include "gui/export-file.h"
#include "gui/export-xlsx.h"
#include "tests/unit/gui/fake-reader.h"

static char folder[] = "/tmp/spoor-export-XXXXXX";

static int make_folder(void **state)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	return rmdir(folder); /* fails when a test left something */
}

static const char *at(const char *name, char path[96])
{
	snprintf(path, 96, "%s/%s", folder, name);
	return path;
}

static void test_formats(void **state)
{
	assert_int_equal(export_format_of_path("/x/a.XLSX"), EXPORT_XLSX);
	assert_int_equal(export_format_of_path("a.jsonl"), EXPORT_JSON);
	assert_int_equal(export_format_of_path("a.timesketch.jsonl"), EXPORT_TIMESKETCH);
	assert_int_equal(export_format_of_path("a.timesketch.csv"), EXPORT_TIMESKETCH_CSV);
	assert_int_equal(export_format_of_path(".csv"), EXPORT_FORMATS); /* a name with nothing before it */
	assert_int_equal(export_format_of_path("a.txt"), EXPORT_FORMATS);
	for (int f = 0; f < EXPORT_FORMATS; f++) {
		assert_int_equal(export_format_find(export_format_info((enum export_format)f)->name), f);
		if (export_format_info((enum export_format)f)->rows)
			assert_non_null(row_format_find(export_format_info((enum export_format)f)->rows));
	}
	assert_int_equal(export_format_find("xml"), EXPORT_FORMATS);
}

/* ---- texts of a workbook ---- */

static void test_letters(void **state)
{
	static const struct {
		unsigned column;
		const char *letters;
	} want[] = { { 0, "A" }, { 25, "Z" }, { 26, "AA" }, { 51, "AZ" }, { 52, "BA" }, { 701, "ZZ" }, { 702, "AAA" } };
	char letters[4];

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		export_xlsx_letters(want[i].column, letters);
		assert_string_equal(letters, want[i].letters);
	}
}

static const char *written(struct span text, struct buf *out)
{
	buf_clear(out);
	assert_false(export_xlsx_text(out, text));
	assert_false(out->failed);
	return out->p ? out->p : "";
}

static void test_xlsx_text(void **state)
{
	AUTO_BUF out = BUF_INIT;

	assert_string_equal(written(SPAN("<b>&\"'</b>]]>"), &out), "&lt;b&gt;&amp;\"'&lt;/b&gt;]]&gt;");
	assert_string_equal(written(SPAN("a\0b\x1b[2J\n\xff"), &out), "a\\x00b\\x1b[2J\\n\\xff");
	assert_string_equal(written(SPAN("_x0041_ _x004_ _x00g1_ _x0041"), &out), "_x005F_x0041_ _x004_ _x00g1_ _x0041");
	assert_string_equal(written(SPAN("\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd"), &out), "\\u{fffe}\\u{ffff}\xef\xbf\xbd");
	assert_string_equal(written(SPAN(""), &out), "");
}

/* What a cell takes is counted as a spreadsheet counts it, and nothing is cut inside a character. */
static void test_xlsx_cut(void **state)
{
	static char text[200000];
	AUTO_BUF out = BUF_INIT;

	memset(text, 'x', sizeof(text));
	assert_false(export_xlsx_text(&out, (struct span){ text, EXPORT_XLSX_CELL }));
	assert_int_equal(out.n, EXPORT_XLSX_CELL);
	buf_clear(&out);
	assert_true(export_xlsx_text(&out, (struct span){ text, EXPORT_XLSX_CELL + 1 }));
	assert_int_equal(out.n, EXPORT_XLSX_CELL - 1 + strlen("…"));
	assert_string_equal(out.p + out.n - strlen("…"), "…");
	for (size_t i = 0; i < sizeof(text); i += 4)
		memcpy(text + i, "\xf0\x9f\x98\x80", 4); /* two units each */
	buf_clear(&out);
	assert_true(export_xlsx_text(&out, (struct span){ text, sizeof(text) }));
	assert_int_equal(out.n, (EXPORT_XLSX_CELL - 1) / 2 * 4 + strlen("…"));
	assert_true(text_is_utf8(buf_span(&out)));
}

/* ---- files ---- */

static void test_file(void **state)
{
	char path[96], text[16] = "";
	struct export_file *f = NULL;
	FILE *in;

	assert_int_equal(export_file_new(folder, &f), -EISDIR);
	assert_int_equal(export_file_new("/nowhere/x", &f), -ENOENT);
	assert_null(f);
	assert_int_equal(export_file_new(at("x", path), &f), 0);
	assert_int_equal(export_file_write(f, SPAN("half")), 0);
	assert_int_equal(export_file_finish(f), 0);
	assert_int_equal(access(path, F_OK), -1); /* whole, but not yet named */
	export_file_free(f);
	assert_int_equal(access(path, F_OK), -1);
	for (int i = 0; i < 2; i++) { /* the second takes the place of the first */
		assert_int_equal(export_file_new(path, &f), 0);
		assert_int_equal(export_file_write(f, i ? SPAN("second") : SPAN("the first")), 0);
		assert_int_equal(export_file_finish(f), 0);
		assert_int_equal(export_file_commit(f), 0);
		export_file_free(f);
	}
	in = fopen(path, "r");
	assert_non_null(in);
	assert_int_equal(fread(text, 1, sizeof(text), in), 6);
	assert_string_equal(text, "second");
	fclose(in);
	assert_int_equal(unlink(path), 0);
}

/* ---- whole exports ---- */

struct watch {
	struct cancel *cancel;
	uint64_t stop_at, last;
};

static void watch(uint64_t rows, uint64_t total, void *data)
{
	struct watch *w = data;

	assert_true(rows >= w->last);
	w->last = rows;
	if (rows >= w->stop_at)
		atomic_store(&w->cancel->requested, true);
}

static int run(struct export_request *q, uint64_t n, const char *path, uint64_t stop_at, struct export_result *result)
{
	struct cancel cancel = { false };
	struct watch w = { &cancel, stop_at, 0 };
	AUTO_READER *reader = fake_reader_new(n, NULL);
	char *error = NULL;
	int r;

	q->reader = reader;
	q->source = q->live ? "live://relay.example:17443/ab" : "/proc/self/exe";
	q->source_name = "web-03";
	q->expression = q->expression ? q->expression : "";
	q->range = READER_ALL_TIME;
	q->path = path;
	if (!q->columns.n)
		q->columns = row_format_all();
	r = export_run(q, &cancel, watch, &w, result, &error);
	if (r == 0)
		assert_null(error);
	else
		assert_non_null(error);
	free(error);
	return r;
}

/* Rows of one sheet, and whether its last cells are there. */
static unsigned rows_of(unzFile zip, const char *name)
{
	static char text[1 << 20];
	unsigned rows = 0;
	int n;

	assert_int_equal(unzLocateFile(zip, name, 1), UNZ_OK);
	assert_int_equal(unzOpenCurrentFile(zip), UNZ_OK);
	while ((n = unzReadCurrentFile(zip, text, sizeof(text))) > 0)
		for (char *p = text; (p = memmem(p, (size_t)(text + n - p), "</c></row>", 10)); p++)
			rows++;
	assert_int_equal(n, 0);
	assert_int_equal(unzCloseCurrentFile(zip), UNZ_OK); /* the checksum is right */
	return rows;
}

/* More rows than a sheet takes. A row's end may lie across two reads, so that few may be missed. */
static void test_sheets(void **state)
{
	struct export_request q = { .format = EXPORT_XLSX, .columns = { { ROW_PID }, 1 } };
	struct export_result result;
	char path[96];
	unzFile zip;

	assert_int_equal(run(&q, EXPORT_XLSX_ROWS + 500, at("x.xlsx", path), UINT64_MAX, &result), 0);
	assert_int_equal(result.rows, EXPORT_XLSX_ROWS + 500);
	zip = unzOpen64(path);
	assert_non_null(zip);
	assert_in_range(rows_of(zip, "xl/worksheets/sheet2.xml"), EXPORT_XLSX_ROWS - 200, EXPORT_XLSX_ROWS);
	assert_in_range(rows_of(zip, "xl/worksheets/sheet3.xml"), 500, 502); /* with the names, and the row left over */
	assert_int_equal(unzLocateFile(zip, "xl/worksheets/sheet4.xml", 1), UNZ_END_OF_LIST_OF_FILE);
	unzClose(zip);
	assert_int_equal(unlink(path), 0);
}

static void remove_both(const char *path)
{
	char beside[128];

	snprintf(beside, sizeof(beside), "%s.meta.json", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(beside), 0);
}

/* The hash is taken once for as long as the file stays what it is. */
static void test_known(void **state)
{
	struct export_known known = { "" };
	struct export_request q = { .format = EXPORT_CSV, .known = &known };
	struct export_result result;
	char path[96], sum[SHA256_TEXT];
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	assert_int_equal(run(&q, 100, at("x.csv", path), UINT64_MAX, &result), 0);
	assert_int_equal(sha256_file(fd, NULL, sum), 0);
	assert_string_equal(known.sha256, sum);
	known.sha256[0] = 'x'; /* believed */
	assert_int_equal(run(&q, 100, path, UINT64_MAX, &result), 0);
	assert_int_equal(known.sha256[0], 'x');
	known.size++; /* of another file */
	assert_int_equal(run(&q, 100, path, UINT64_MAX, &result), 0);
	assert_string_equal(known.sha256, sum);
	close(fd);
	remove_both(path);
}

/* What is read live is no file: its facts name it, and no hash. */
static void test_live(void **state)
{
	struct export_request q = { .format = EXPORT_CSV, .live = true };
	struct export_result result;
	char path[96], beside[128], facts[8192] = "";
	int fd;

	assert_int_equal(run(&q, 100, at("x.csv", path), UINT64_MAX, &result), 0);
	snprintf(beside, sizeof(beside), "%s.meta.json", path);
	fd = open(beside, O_RDONLY | O_CLOEXEC);
	assert_true(read(fd, facts, sizeof(facts) - 1) > 0);
	close(fd);
	assert_non_null(strstr(facts, "live://relay.example:17443/ab"));
	assert_null(strstr(facts, "source.sha256"));
	remove_both(path);
}

static void test_cancel(void **state)
{
	char path[96];

	for (int f = 0; f < EXPORT_FORMATS; f++)
		for (uint64_t stop = 0; stop <= 20000; stop += 10000) {
			struct export_request q = { .format = (enum export_format)f };
			struct export_result result = { .rows = 7 };

			assert_int_equal(run(&q, 20000, at("x", path), stop, &result), -ECANCELED);
			assert_int_equal(result.rows, 7);
			assert_int_equal(access(path, F_OK), -1);
		}
}

static void test_wrong_expression(void **state)
{
	struct export_request q = { .format = EXPORT_CSV, .expression = "proces.pid == 1" };
	struct export_result result;
	char path[96];

	assert_int_equal(run(&q, 100, at("x.csv", path), UINT64_MAX, &result), -EINVAL);
	assert_int_equal(access(path, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats), cmocka_unit_test(test_letters), cmocka_unit_test(test_xlsx_text),
		cmocka_unit_test(test_xlsx_cut), cmocka_unit_test(test_file), cmocka_unit_test(test_sheets),
		cmocka_unit_test(test_known), cmocka_unit_test(test_live), cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_wrong_expression),
	};

	return cmocka_run_group_tests_name("export", tests, make_folder, remove_folder);
}
