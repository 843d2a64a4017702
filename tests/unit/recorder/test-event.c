#include "tests/unit/test.h"

#include "recorder/event.h"

static void every_action_has_a_name_of_its_own(void **state)
{
	size_t n = 0;

	for (; event_action_at(n); n++) {
		const char *name = event_action_name(*event_action_at(n));

		assert_non_null(name);
		assert_non_null(event_category_name(event_action_category(*event_action_at(n))));
		for (size_t k = 0; k < n; k++)
			assert_string_not_equal(name, event_action_name(*event_action_at(k)));
	}
	assert_int_equal(n, 37);
	assert_null(event_action_name(0));
	assert_null(event_action_name(299));
}

static void words_of_the_guide(void **state)
{
	assert_string_equal(event_action_name(ACTION_FILE_CREATE), "CreateNewFile");
	assert_string_equal(event_action_name(ACTION_FILE_WRITE), "Write");
	assert_string_equal(event_action_name(ACTION_FILE_DELETE), "DeletePath");
	assert_string_equal(event_action_name(ACTION_FILE_RENAME), "RenamePath");
	assert_string_equal(event_action_name(ACTION_FILE_CREATE_PATH), "CreateNewPath");
	assert_string_equal(event_category_name(EVENT_NETWORK), "network");
	assert_null(event_category_name(EVENT_NONE));
	assert_null(event_category_name(EVENT_CATEGORY_COUNT));
	assert_int_equal(event_action_category(ACTION_DRIVER_LOAD), EVENT_DRIVER);
	assert_int_equal(event_action_category(700), EVENT_NONE);
	assert_int_equal(event_action_category(-100), EVENT_NONE);
}

static void every_gap_has_a_cause_for_people(void **state)
{
	for (int c = GAP_KERNEL_LOST; c <= GAP_UNCOUNTED; c++)
		assert_non_null(gap_cause_name((enum gap_cause)c));
	assert_null(gap_cause_name((enum gap_cause)0));
	assert_null(gap_cause_name((enum gap_cause)(GAP_UNCOUNTED + 1)));
}

static void batch_is_empty_and_zeroed_again(void **state)
{
	struct batch *b = batch_new();

	assert_non_null(b);
	for (int i = 0; i < 1000; i++) {
		struct item *item = batch_add(b, ITEM_EVENT);

		assert_non_null(item);
		assert_null(item->event.object.p);
		assert_int_equal(item->event.serial, 0);
		item->event.serial = 7;
		item->event.object = arena_copy(&b->arena, SPAN("x"));
	}
	assert_int_equal(b->n, 1000);
	batch_reset(b);
	assert_int_equal(b->n, 0);
	assert_int_equal(batch_add(b, ITEM_GAP)->event.serial, 0);
	batch_free(b);
	batch_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_action_has_a_name_of_its_own),
		cmocka_unit_test(words_of_the_guide),
		cmocka_unit_test(every_gap_has_a_cause_for_people),
		cmocka_unit_test(batch_is_empty_and_zeroed_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
