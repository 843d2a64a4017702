#include "tests/unit/test.h"

#include "agent/base/text.h"
#include "agent/base/utf8.h"

/* Valid, and complete at the end, fed in pieces of `step`. */
static bool valid_in_steps(struct span s, size_t step)
{
	struct utf8 u = { 0 };

	for (size_t i = 0; i < s.n; i += step)
		if (!utf8_feed(&u, (struct span){ s.p + i, i + step > s.n ? s.n - i : step }))
			return false;
	return utf8_complete(&u);
}

static void every_sequence_of_up_to_three_bytes_is_judged_as_whole_text_is(void **state)
{
	char s[3];

	for (unsigned v = 0; v < 1u << 24; v++) {
		struct span text = { s, v < 1u << 8 ? 1 : v < 1u << 16 ? 2 : 3 };

		memcpy(s, (char[]){ (char)v, (char)(v >> 8), (char)(v >> 16) }, 3);
		if (valid_in_steps(text, 1) != text_is_utf8(text))
			fail_msg("%06x", v);
	}
}

static void four_bytes_are_judged_at_their_bounds(void **state)
{
	static const unsigned char edges[] = { 0, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff };
	size_t n = sizeof(edges);

	for (unsigned first = 0xe0; first < 0x100; first++) {
		for (size_t k = 0; k < n * n * n; k++) {
			char s[4] = { (char)first, (char)edges[k % n], (char)edges[k / n % n], (char)edges[k / n / n] };
			struct span text = { s, 4 };

			assert_int_equal(valid_in_steps(text, 1), text_is_utf8(text));
			assert_int_equal(valid_in_steps(text, 3), text_is_utf8(text));
		}
	}
}

static void a_wrong_byte_is_noticed_before_the_character_ends(void **state)
{
	struct utf8 u = { 0 };

	assert_true(utf8_feed(&u, SPAN("ok \xf4")));
	assert_false(utf8_complete(&u));
	assert_false(utf8_feed(&u, SPAN("\x90")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sequence_of_up_to_three_bytes_is_judged_as_whole_text_is),
		cmocka_unit_test(four_bytes_are_judged_at_their_bounds),
		cmocka_unit_test(a_wrong_byte_is_noticed_before_the_character_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
