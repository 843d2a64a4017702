#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "agent/config.h"
#include "agent/filter.h"

static const char *default_file;

static int parse(const char *text, struct config *ret, char **ret_error)
{
	return config_parse("c", span_of(text), ret, ret_error);
}

static void test_values(void **state)
{
	struct config c;
	char *error = NULL;

	assert_int_equal(parse("# a comment\n\n[limits]\n max-size = 20M \nmax-days=30\r\n[Record]\nkinds = file, driver\n"
	                       "collate-seconds = 0\nsendto = yes\nunix-sockets = Yes\n"
	                       "[exclude]\nnoise = no\nport = 53\nport = 123\n", &c, &error), 0);
	assert_int_equal(c.limits.max_bytes, 20000000);
	assert_int_equal(c.limits.max_age_ms, INT64_C(30) * 86400000);
	assert_int_equal(c.collate_ms, 0);
	assert_true(c.sendto && c.unix_sockets);
	assert_int_equal(c.categories, 1 << EVENT_PROCESS | 1 << EVENT_FILE | 1 << EVENT_DRIVER);
	assert_non_null(c.exclude);
	assert_int_equal(c.n_exclusions, 2);
	assert_int_equal(config_filtered(&c), 0); /* ports are of a kind that is off */
	config_free(&c);
	assert_int_equal(parse("[record]\nsendto = yes\nsendto = no\n", &c, &error), 0);
	assert_false(c.sendto || c.unix_sockets);
	config_free(&c);
	assert_int_equal(parse("", &c, &error), 0);
	assert_false(c.sendto || c.unix_sockets);
	assert_int_equal(c.limits.max_bytes, STORE_DEFAULT_BYTES);
	assert_non_null(c.exclude); /* the noise */
	assert_int_equal(config_filtered(&c), 1 << EVENT_FILE);
	config_free(&c);
	assert_int_equal(parse("[exclude]\nnoise = no\n", &c, &error), 0);
	assert_null(c.exclude);
	config_free(&c);
}

static void test_faults(void **state)
{
	static const struct { const char *text, *says; } cases[] = {
		{ "[limits]\nmax-size = lots", "c:2: a size is a number" },
		{ "[limits]\nmax-size = 99999999T", "c:2: a size is a number" },
		{ "[limits]\nmax-size = 4K", "c:2: at least" },
		{ "[limits]\n\nmax-days = -1", "c:3: a number from 0 to" },
		{ "[limits]\nkinds = file", "c:2: [limits] has no key \"kinds\"" },
		{ "[record]\nkinds = file, flie", "c:2: there is no kind of event \"flie\"" },
		{ "[record]\nsendto = 1", "c:2: yes or no is wanted, not \"1\"" },
		{ "[record]\nunix-sockets =", "c:2: yes or no is wanted" },
		{ "max-size = 1G", "c:1: \"max-size\" stands before" },
		{ "[nothing]", "c:1: there is no section [nothing]" },
		{ "[limits]\n\n[]", "c:3: there is no section []" },
		{ "[limits", "c:1: a section ends" },
		{ "[limits]\nnonsense", "c:2: this is neither" },
		{ "[exclude]\nport = x", "c:2: column" },
		{ "[exclude]\naddress = 10.0.0.0/99", "c:2: column" },
		{ "[exclude]\noperation = Fly", "c:2: column" },
		{ "[exclude]\nfile-prefix = it's", "c:2: a quote" },
		{ "[exclude]\nuser =", "c:2: a value is missing" },
		{ "[exclude]\nevent =", "c:2: an expression is missing" },
		{ "[exclude]\nevent = process.exit_code == 1", "c:2: column 1 of the expression: process.exit_code is not known" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct config c = { .collate_ms = 77 };
		char *error = NULL;

		assert_int_equal(parse(cases[i].text, &c, &error), -EINVAL);
		if (!error || strncmp(error, cases[i].says, strlen(cases[i].says)) != 0)
			fail_msg("%s: %s", cases[i].text, error);
		assert_int_equal(c.collate_ms, 77);
		free(error);
	}
}

static void test_default_file(void **state)
{
	struct config c;
	char *error = NULL;

	assert_int_equal(config_load(default_file, &c, &error), 0);
	assert_int_equal(c.limits.max_bytes, STORE_DEFAULT_BYTES);
	assert_int_equal(c.collate_ms, STORE_COLLATE_MS);
	assert_int_equal(config_filtered(&c), 1 << EVENT_FILE);
	config_free(&c);
	assert_int_equal(config_load("/nowhere/at/all", &c, &error), -ENOENT);
	assert_string_equal(error, "/nowhere/at/all: No such file or directory");
	free(error);
	assert_int_equal(config_load("/", &c, &error), -EISDIR);
	free(error);
}

/* ---- the filter ---- */

static void add_image(struct batch *b, int64_t id, int64_t parent_image, const char *exe, int64_t euid)
{
	batch_add(b, ITEM_PROCESS)->process = (struct process_start){ .id = id, .boot = 1, .pid = 100 + id,
		.origin = PROCESS_EXEC, .parent_image = parent_image };
	batch_add(b, ITEM_IMAGE)->image = (struct image_start){ .id = id, .process = id, .executable = span_of(exe),
		.who = { .euid = euid } };
	batch_add(b, ITEM_EVENT)->event = (struct event){ .image = id, .action = ACTION_PROCESS_CREATE,
		.object = span_of(exe) };
}

static void add_write(struct batch *b, int64_t image, const char *path)
{
	batch_add(b, ITEM_EVENT)->event = (struct event){ .image = image, .action = ACTION_FILE_WRITE,
		.object = span_of(path) };
}

/* The paths written, in order. */
static const char *left(struct batch *b)
{
	static char text[256];

	text[0] = 0;
	for (size_t i = 0; i < b->n; i++)
		if (b->items[i].type == ITEM_EVENT && b->items[i].event.action == ACTION_FILE_WRITE)
			strncat(text, b->items[i].event.object.p, b->items[i].event.object.n);
	return text;
}

static void test_filter(void **state)
{
	struct batch *b = batch_new();
	struct filter *f = NULL;
	struct config c;
	char *error = NULL;

	assert_int_equal(parse("[exclude]\nfile-prefix = /proc/\nexecutable = /bin/backup\nuser = 7\n"
	                       "event = process.parent.executable == '/bin/cron' and file.path endswith '.tmp'", &c, &error), 0);
	assert_int_equal(filter_new(&c, &f), 0);
	config_free(&c);
	add_image(b, 1, 0, "/bin/backup", 0);
	add_image(b, 2, 0, "/bin/cron", 0);
	add_image(b, 3, 2, "/bin/sh", 0);
	add_image(b, 4, 2, "/bin/sh", 7);
	filter_batch(b, f);
	assert_int_equal(b->n, 12); /* processes stay */
	batch_reset(b);
	add_write(b, 1, "/a");
	add_write(b, 2, "/b");
	add_write(b, 2, "/proc/c");
	add_write(b, 3, "/d");
	add_write(b, 3, "/e.tmp");
	add_write(b, 2, "/f.tmp");
	add_write(b, 4, "/g");
	add_write(b, 99, "/h");
	filter_batch(b, f);
	assert_string_equal(left(b), "/b/d/f.tmp/h");
	assert_int_equal(filter_excluded(f), 4);
	batch_reset(b);
	batch_add(b, ITEM_END)->end = (struct process_end){ 1, 5, 0, 0 };
	filter_batch(b, f);
	batch_reset(b);
	add_write(b, 1, "/i"); /* a row may come late */
	filter_batch(b, f);
	assert_string_equal(left(b), "");
	for (int i = 0; i < 1024; i++)
		batch_add(b, ITEM_END)->end = (struct process_end){ 1000 + i, 5, 0, 0 };
	filter_batch(b, f);
	batch_reset(b);
	add_write(b, 1, "/i"); /* nobody knows any more who that was */
	assert_int_equal(parse("[record]\nkinds = network", &c, &error), 0);
	filter_batch(b, f);
	assert_string_equal(left(b), "/i");
	assert_int_equal(filter_set(f, &c), 0);
	config_free(&c);
	filter_batch(b, f);
	assert_int_equal(b->n, 0);
	filter_free(f);
	batch_free(b);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_default_file),
		cmocka_unit_test(test_filter),
	};

	assert_true(argc == 2);
	default_file = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
