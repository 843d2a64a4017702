#include "tests/unit/test.h"

#include "gui/reason-text.h"

static const int64_t from = INT64_C(1763628901204), to = INT64_C(1763628902000);

static void says(const char *want, struct reader_reason r)
{
	g_autofree char *text = reason_text(&r);

	assert_string_equal(text, want);
}

static void test_reasons(void **state)
{
	says("212 events lost between 2025-11-20 08:55:01.204 UTC and 2025-11-20 08:55:02.000 UTC: kernel backlog overflow",
	     (struct reader_reason){ GAP_KERNEL_LOST, from, to, 212, 2, false, false, 1 });
	says("Nothing lost at 2025-11-20 08:55:01.204 UTC: clock was set",
	     (struct reader_reason){ GAP_CLOCK_STEP, from, from, -1, 2, false, true, 1 });
	says("Process, Network between 2025-11-20 08:55:01.204 UTC and 2025-11-20 08:55:02.000 UTC: a filter leaves some out",
	     (struct reader_reason){ READER_FILTERED, from, to, -1, 1u << EVENT_PROCESS | 1u << EVENT_NETWORK, false, false, 1 });
	says("Recording began 2025-11-20 08:55:02.000 UTC",
	     (struct reader_reason){ READER_BEFORE, from, to, -1, 2, true, false, 1 });
	says("Recording ended 2025-11-20 08:55:01.203 UTC",
	     (struct reader_reason){ READER_AFTER, from, to, -1, 2, true, false, 1 });
	says("1 record that could not be understood", (struct reader_reason){ READER_UNPARSED, from, to, 1, 2, false, false, 1 });
}

/* Each cause that the recorder knows has words here, whatever its numbers. */
static void test_every_cause(void **state)
{
	for (int why = 0; why <= READER_UNPARSED; why = why == 40 ? READER_BEFORE : why + 1) {
		struct reader_reason r = { why, from, to, why % 3 - 1, ~0u, why % 2, why % 5 == 0, 1 };
		g_autofree char *text = reason_text(&r);

		if (why != READER_BEFORE && why != READER_AFTER)
			assert_non_null(strstr(text, why == READER_UNPARSED ? "could not be understood" : complete_why(why)));
	}
}

static void test_all(void **state)
{
	struct reader_reason r[5] = { { READER_UNPARSED, from, to, 3, 2, false, false, 1 } };
	struct reader_completeness c = { .verdict = READER_PARTLY, .reasons = r, .n = 5 };
	g_autofree char *fully = NULL, *text = NULL;

	for (int i = 1; i < 5; i++)
		r[i] = r[0];
	text = reason_text_all(&c);
	assert_string_equal(text, "Not fully recorded\n3 records that could not be understood\n3 records that could not be "
	                          "understood\n3 records that could not be understood\nand 2 more");
	c = (struct reader_completeness){ .verdict = READER_FULLY };
	fully = reason_text_all(&c);
	assert_string_equal(fully, "Fully recorded");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_every_cause),
		cmocka_unit_test(test_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
