#include "tests/unit/test.h"

#include <errno.h>

#include "recorder/recording.h"
#include "tests/unit/recorder/lines.h"

enum { ITEMS_MAX = 128 };

struct sink {
	struct recording *recording;
	struct item items[ITEMS_MAX]; /* texts belong to batches that are kept */
	size_t n, batches;
	struct batch *kept[ITEMS_MAX];
	int error;
};

static int collect(struct batch *b, void *data)
{
	struct sink *s = data;

	for (size_t i = 0; i < b->n && s->n < ITEMS_MAX; i++)
		s->items[s->n++] = b->items[i];
	assert_true(s->batches < ITEMS_MAX);
	s->kept[s->batches++] = b;
	return s->error;
}

static void begin(struct sink *s, struct recording_config c)
{
	memset(s, 0, sizeof(*s));
	c.sink = collect;
	c.data = s;
	assert_int_equal(recording_new(&c, &s->recording), 0);
}

static void end(struct sink *s)
{
	for (size_t i = 0; i < s->batches; i++)
		recording_recycle(s->recording, s->kept[i]);
	recording_free(s->recording);
}

static int feed(struct sink *s, const struct buf *text)
{
	struct span rest = buf_span(text), line;
	int r = 0;

	while (r == 0 && span_next(&rest, '\n', &line))
		r = recording_line(s->recording, line);
	return r;
}

static const struct item *find(const struct sink *s, enum item_type type)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->items[i].type == type)
			return &s->items[i];
	return NULL;
}

static size_t count(const struct sink *s, enum item_type type)
{
	size_t n = 0;

	for (size_t i = 0; i < s->batches; i++)
		for (size_t k = 0; k < s->kept[i]->n; k++)
			n += s->kept[i]->items[k].type == type;
	return n;
}

static void ids_go_on_where_the_database_stopped(void **state)
{
	struct sink s;
	AUTO_BUF text = BUF_INIT;

	begin(&s, (struct recording_config){ .host = SPAN("h"), .last_boot_id = 4, .last_process = 10, .last_image = 20 });
	line_exec(&text, 0, 1, 100, 50, "/usr/bin/a");
	assert_int_equal(feed(&s, &text), 0);
	assert_int_equal(recording_finish(s.recording), 0);
	assert_int_equal(find(&s, ITEM_BOOT)->boot.id, 5);
	assert_int_equal(find(&s, ITEM_PROCESS)->process.id, 21); /* one series for both */
	assert_int_equal(find(&s, ITEM_IMAGE)->image.id, 21);
	assert_int_equal(find(&s, ITEM_EVENT)->event.image, 21);
	end(&s);
}

static void messages_are_lines_with_a_number(void **state)
{
	static const struct {
		int type;
		const char *text;
	} messages[] = {
		{ 1300, "audit(1790000000.000:7): arch=c000003e syscall=59 success=yes exit=0 items=0 ppid=1 pid=9 exe=\"/a\"" },
		{ 1309, "audit(1790000000.000:7): argc=2 a0=\"a\" a1=7820" },
		{ 1320, "audit(1790000000.000:7): " },
	};
	struct sink s;

	begin(&s, (struct recording_config){ .host = SPAN("h"), .boot_id = SPAN("b"), .boot = 3, .boot_ms = 5 });
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		char copy[256];
		size_t n = strlen(messages[i].text);

		memcpy(copy, messages[i].text, n);
		assert_int_equal(recording_message(s.recording, messages[i].type, (struct span){ copy, n }), 0);
		memset(copy, '!', sizeof(copy));
	}
	assert_int_equal(recording_message(s.recording, 1300, SPAN("nonsense")), 0);
	assert_int_equal(recording_tick(s.recording, 1790000003000), 0);
	assert_null(find(&s, ITEM_BOOT)); /* the database has it */
	assert_int_equal(find(&s, ITEM_PROCESS)->process.boot, 3);
	assert_true(span_eq(find(&s, ITEM_IMAGE)->image.command_line, SPAN("a x ")));
	assert_true(span_eq(find(&s, ITEM_UNPARSED)->unparsed.line, SPAN("nonsense")));
	end(&s);
}

static void live_machine_boots_once(void **state)
{
	struct process_start p = { .pid = 1, .origin = PROCESS_BASELINE };
	struct image_start i = { .origin = PROCESS_BASELINE };
	struct sink s;
	AUTO_BUF text = BUF_INIT;

	begin(&s, (struct recording_config){ .host = SPAN("h"), .boot_id = SPAN("b-1"), .boot_ms = 5 });
	assert_int_equal(recording_add_process(s.recording, &p, &i, 1000), 0);
	line_exec(&text, 0, 1, 100, 1, "/usr/bin/a");
	line_add(&text, "SYSTEM_BOOT", 1, 2, "pid=1");
	line_exec(&text, 2, 3, 101, 1, "/usr/bin/a");
	assert_int_equal(feed(&s, &text), 0);
	assert_int_equal(recording_finish(s.recording), 0);
	assert_int_equal(s.items[0].type, ITEM_BOOT);
	assert_int_equal(s.items[0].boot.start_ms, 5);
	assert_true(span_eq(s.items[0].boot.boot_id, SPAN("b-1")));
	for (size_t k = 1; k < s.n; k++)
		assert_int_not_equal(s.items[k].type, ITEM_BOOT);
	end(&s);
}

static void types_are_counted_seen_and_used(void **state)
{
	struct sink s;
	AUTO_BUF text = BUF_INIT;
	struct recording_stats stats;
	bool found = false;

	begin(&s, (struct recording_config){ .host = SPAN("h") });
	line_exec(&text, 0, 1, 100, 50, "/usr/bin/a");
	line_add(&text, "SERVICE_START", 1, 2, "pid=1");
	line_add(&text, "NEVER_HEARD_OF", 2, 3, "pid=1");
	buf_add_z(&text, "garbage\n\n   \n");
	assert_int_equal(feed(&s, &text), 0);
	assert_int_equal(recording_finish(s.recording), 0);
	stats = recording_stats(s.recording);
	assert_int_equal(stats.records, 5);
	assert_int_equal(stats.events, 3);
	assert_int_equal(stats.unparsed, 1);
	assert_int_equal(stats.rows, s.n - count(&s, ITEM_COUNT));
	for (size_t i = 0; i < stats.n_types; i++) {
		assert_int_equal(stats.types[i].seen, 1);
		if (strcmp(stats.types[i].name, "EXECVE") == 0) {
			found = true;
			assert_int_equal(stats.types[i].used, 1);
		}
		if (strcmp(stats.types[i].name, "SERVICE_START") == 0)
			assert_int_equal(stats.types[i].used, 0);
	}
	assert_true(found);
	end(&s);
}

/* Each batch tells of the records that came since the last, also one that has nothing else to tell. */
static void totals_travel_with_the_batches(void **state)
{
	struct sink s;
	AUTO_BUF text = BUF_INIT;
	uint64_t seen = 0, used = 0, unparsed = 0;

	begin(&s, (struct recording_config){ .host = SPAN("h"), .boot_id = SPAN("b"), .batch_items = 4 });
	for (unsigned i = 0; i < 10; i++)
		line_exec(&text, (int)i, i + 1, 100 + i, 50, "/usr/bin/a");
	assert_int_equal(feed(&s, &text), 0);
	assert_int_equal(recording_tick(s.recording, (LINES_SECOND + 10) * INT64_C(1000)), 0);
	assert_true(s.batches > 2);
	assert_int_equal(s.kept[0]->items[s.kept[0]->n - 1].type, ITEM_COUNT);
	buf_clear(&text);
	line_add(&text, "NEVER_HEARD_OF", 20, 30, "pid=1");
	buf_add_z(&text, "garbage\n");
	assert_int_equal(feed(&s, &text), 0);
	assert_int_equal(recording_tick(s.recording, 0), 0);
	for (size_t i = 0; i < s.batches; i++)
		for (size_t k = 0; k < s.kept[i]->n; k++) {
			const struct record_count *c = &s.kept[i]->items[k].count;

			if (s.kept[i]->items[k].type != ITEM_COUNT)
				continue;
			seen += c->name.p ? c->seen : 0;
			used += c->used;
			unparsed += c->name.p ? 0 : c->seen;
		}
	assert_int_equal(seen, recording_stats(s.recording).records);
	assert_int_equal(used, 10 * 2);
	assert_int_equal(unparsed, 1);
	end(&s);
}

static void first_unparsed_lines_are_kept_all_are_counted(void **state)
{
	struct sink s;

	begin(&s, (struct recording_config){ .host = SPAN("h"), .batch_items = 100000 });
	for (int i = 0; i < 5000; i++)
		assert_int_equal(recording_line(s.recording, SPAN("junk")), 0);
	assert_int_equal(recording_finish(s.recording), 0);
	assert_int_equal(count(&s, ITEM_UNPARSED), 1000);
	assert_int_equal(recording_stats(s.recording).unparsed, 5000);
	end(&s);
}

static void no_gap_is_left_out_of_the_count(void **state)
{
	enum { GAPS = 12000 };
	struct sink s;
	int64_t missing = 0;
	size_t rows = 0;

	begin(&s, (struct recording_config){ .host = SPAN("h"), .batch_items = 100000 });
	for (int i = 0; i <= GAPS; i++) {
		AUTO_BUF line = BUF_INIT;

		buf_printf(&line, "type=USER_CMD msg=audit(%d.000:%d): pid=1", LINES_SECOND + i * 10, 1 + i * 4);
		assert_int_equal(recording_line(s.recording, buf_span(&line)), 0);
	}
	assert_int_equal(recording_finish(s.recording), 0);
	for (size_t b = 0; b < s.batches; b++)
		for (size_t i = 0; i < s.kept[b]->n; i++) {
			const struct item *item = &s.kept[b]->items[i];

			missing += item->type == ITEM_GAP ? item->gap.count : 0;
			rows += item->type == ITEM_GAP;
		}
	assert_int_equal(missing, GAPS * 3);
	assert_int_equal(rows, 10001);
	end(&s);
}

static void failure_of_the_sink_comes_back(void **state)
{
	struct sink s;
	AUTO_BUF text = BUF_INIT;

	begin(&s, (struct recording_config){ .host = SPAN("h"), .batch_items = 1 });
	s.error = -ENOSPC;
	line_exec(&text, 0, 1, 100, 50, "/usr/bin/a");
	line_exec(&text, 3000, 2, 101, 50, "/usr/bin/a");
	assert_int_equal(feed(&s, &text), -ENOSPC);
	assert_int_equal(recording_finish(s.recording), -ENOSPC);
	end(&s);
}

static void items_from_elsewhere_pass_in_order(void **state)
{
	char text[] = "/tmp/f";
	struct item gap = { .type = ITEM_GAP, .gap = { 1, 2, GAP_KERNEL_LOST, 9 } };
	struct item event = { .type = ITEM_EVENT, .event = { .action = ACTION_FILE_WRITE, .object = { text, 6 } } };
	struct sink s;

	begin(&s, (struct recording_config){ .host = SPAN("h") });
	assert_int_equal(recording_item(s.recording, &gap), 0);
	assert_int_equal(recording_item(s.recording, &event), 0);
	memset(text, 'X', 6);
	assert_int_equal(recording_finish(s.recording), 0);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.items[0].gap.count, 9);
	assert_true(span_eq(s.items[1].event.object, SPAN("/tmp/f")));
	end(&s);
}

static void end_from_elsewhere_frees_the_pid(void **state)
{
	struct item gone = { .type = ITEM_END, .end = { 1, (LINES_SECOND + 5) * INT64_C(1000), -1, 9 } };
	struct sink s;
	AUTO_BUF text = BUF_INIT;
	AUTO_BUF more = BUF_INIT;
	size_t processes = 0;

	begin(&s, (struct recording_config){ .host = SPAN("h") });
	line_exec(&text, 0, 1, 100, 50, "/usr/bin/a");
	assert_int_equal(feed(&s, &text), 0);
	assert_int_equal(recording_tick(s.recording, (LINES_SECOND + 3) * INT64_C(1000)), 0);
	assert_int_equal(recording_item(s.recording, &gone), 0);
	line_exec(&more, 6000, 2, 100, 50, "/usr/bin/a");
	assert_int_equal(feed(&s, &more), 0);
	assert_int_equal(recording_finish(s.recording), 0);
	for (size_t i = 0; i < s.n; i++)
		processes += s.items[i].type == ITEM_PROCESS;
	assert_int_equal(processes, 2);
	end(&s);
}

static struct span name_of(int64_t uid, void *data)
{
	return uid == 0 ? SPAN("root") : SPAN_NONE;
}

static void users_are_named_by_the_callback(void **state)
{
	struct sink s;
	AUTO_BUF text = BUF_INIT;

	begin(&s, (struct recording_config){ .host = SPAN("h"), .user = name_of });
	line_exec(&text, 0, 1, 100, 50, "/usr/bin/a");
	assert_int_equal(feed(&s, &text), 0);
	assert_int_equal(recording_finish(s.recording), 0);
	assert_true(span_eq(find(&s, ITEM_IMAGE)->image.who.user, SPAN("root")));
	assert_null(find(&s, ITEM_IMAGE)->image.who.audit_user.p);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_go_on_where_the_database_stopped),
		cmocka_unit_test(messages_are_lines_with_a_number),
		cmocka_unit_test(live_machine_boots_once),
		cmocka_unit_test(types_are_counted_seen_and_used),
		cmocka_unit_test(first_unparsed_lines_are_kept_all_are_counted),
		cmocka_unit_test(totals_travel_with_the_batches),
		cmocka_unit_test(no_gap_is_left_out_of_the_count),
		cmocka_unit_test(failure_of_the_sink_comes_back),
		cmocka_unit_test(items_from_elsewhere_pass_in_order),
		cmocka_unit_test(end_from_elsewhere_frees_the_pid),
		cmocka_unit_test(users_are_named_by_the_callback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
