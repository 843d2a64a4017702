/* Which records are events, and in which order. */
#include "tests/golden/corpus.h"

#include "agent/base/cleanup.h"
#include "recorder/assemble.h"

/* ---- counts ---- */

static void counts_are_those_of_other_tools(void **state)
{
	static const struct {
		const char *name;
		uint64_t records, events, unparsed;
	} want[] = {
		{ ELASTIC "testdata/rollover.log", 5, 5, 0 },
		{ ELASTIC "testdata/normal.log", 17, 5, 0 },
		{ ELASTIC "testdata/out_of_order.log", 17, 5, 0 },
		{ ELASTIC "testdata/lost_messages.log", 17, 5, 0 },
		{ LINUX "test3.log", 15, 8, 0 },
		{ "log2timeline__plaso/test_data/audit_enriched.log", 29, 12, 0 },
		{ "log2timeline__plaso/test_data/selinux.log", 7, 6, 4 },
		{ SELINUX "audit.log", 5225, 2741, 0 },
		{ SELINUX "httpd.log", 10850, 6470, 0 },
		{ "microsoft__OMS-Auditd-Plugin/raw_test_events.derived.log", 37, 13, 2 },
	};

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		AUTO_REPLAY r = { 0 };

		corpus_replay(want[i].name, &r);
		if (r.stats.records != want[i].records || r.stats.events != want[i].events ||
		    r.stats.unparsed != want[i].unparsed)
			fail_msg("%s: %llu records, %llu events, %llu unparsed", want[i].name,
			         (unsigned long long)r.stats.records, (unsigned long long)r.stats.events,
			         (unsigned long long)r.stats.unparsed);
	}
}

static void comments_are_no_records(void **state)
{
	static const struct {
		const char *name;
		uint64_t records, events;
	} want[] = {
		{ LAUREL "shell-proc-trace.txt", 39, 9 },
		{ LAUREL "shell-proc-trace-reordered.txt", 39, 9 },
		{ LAUREL "shell-proc-trace-confusion.txt", 164, 72 },
	};

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		AUTO_REPLAY r = { 0 };

		corpus_replay(want[i].name, &r);
		assert_int_equal(r.stats.records, want[i].records);
		assert_int_equal(r.stats.events, want[i].events);
	}
}

/* ---- assembly ---- */

static void permuted_log_gives_the_same_rows(void **state)
{
	AUTO_REPLAY normal = { 0 };
	AUTO_REPLAY permuted = { 0 };

	corpus_replay(ELASTIC "testdata/normal.log", &normal);
	corpus_replay(ELASTIC "testdata/out_of_order.log", &permuted);
	assert_string_equal(normal.items.p, permuted.items.p);
}

static void lost_serials_are_a_gap(void **state)
{
	AUTO_REPLAY r = { 0 };
	const struct item *gap;

	corpus_replay(ELASTIC "testdata/lost_messages.log", &r);
	gap = corpus_item(&r, ITEM_GAP, 0);
	assert_non_null(gap);
	assert_int_equal(gap->gap.cause, GAP_SERIAL_JUMP);
	assert_int_equal(gap->gap.count, 9);
	assert_null(corpus_item(&r, ITEM_GAP, 1));
}

static void note_serial(struct pending *p, void *data)
{
	struct buf *out = data;

	buf_printf(out, " %llu", (unsigned long long)p->serial);
}

static void ignore_gap(uint32_t node, int64_t from_ms, int64_t to_ms, uint64_t missing, void *data)
{
}

static void ignore_restart(uint32_t node, bool forward, void *data)
{
}

static void serials_go_on_at_zero(void **state)
{
	AUTO_BUF text = BUF_INIT;
	AUTO_BUF serials = BUF_INIT;
	struct type_table types = { 0 };
	struct assembly a = { .types = &types, .event = note_serial, .gap = ignore_gap, .restart = ignore_restart,
			      .data = &serials };
	struct span rest, line;

	corpus_load(ELASTIC "testdata/rollover.log", &text);
	rest = buf_span(&text);
	while (span_next(&rest, '\n', &line)) {
		struct record r;

		if (line.n && !record_parse_line(line, &r))
			assert_int_equal(assembly_add(&a, 0, type_by_name(&types, r.type), &r), 0);
	}
	assembly_finish(&a);
	assert_string_equal(serials.p, " 4294967294 4294967295 0 1 2");
	assembly_free(&a);
	type_table_free(&types);
}

const struct CMUnitTest corpus_events[] = {
	cmocka_unit_test(counts_are_those_of_other_tools),
	cmocka_unit_test(comments_are_no_records),
	cmocka_unit_test(permuted_log_gives_the_same_rows),
	cmocka_unit_test(lost_serials_are_a_gap),
	cmocka_unit_test(serials_go_on_at_zero),
};
const size_t n_corpus_events = ARRAY_LEN(corpus_events);
