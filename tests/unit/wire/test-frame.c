#include "tests/unit/test.h"

#include <errno.h>

#include "agent/wire/frame.h"

enum { LIMIT = 100 };

static void add(struct buf *out, enum frame_kind kind, struct span payload)
{
	size_t begin = frame_begin(out);

	buf_add_span(out, payload);
	assert_int_equal(frame_end(out, begin, kind, LIMIT), 0);
}

static void frames_come_back_however_the_stream_is_cut(void **state)
{
	AUTO_BUF stream = BUF_INIT;

	add(&stream, FRAME_TEXT, SPAN("{}"));
	add(&stream, FRAME_BINARY, SPAN(""));
	add(&stream, FRAME_TEXT, SPAN("\0\1\2\3\4\5\6\7\x08"));
	for (size_t step = 1; step <= stream.n; step++) {
		struct frame_decoder d = FRAME_DECODER_INIT(LIMIT);
		struct frame f;
		size_t seen = 0, sizes[3] = { 0 };

		for (size_t i = 0; i < stream.n; i += step) {
			assert_int_equal(frame_feed(&d, stream.p + i, i + step > stream.n ? stream.n - i : step), 0);
			while (frame_next(&d, &f) == 1)
				sizes[seen++] = f.payload.n;
		}
		assert_int_equal(seen, 3);
		assert_int_equal(sizes[0], 2);
		assert_int_equal(sizes[1], 0);
		assert_int_equal(sizes[2], 9);
		assert_int_equal(f.kind, FRAME_TEXT);
		assert_true(span_eq(f.payload, SPAN("\0\1\2\3\4\5\6\7\x08")));
		frame_decoder_free(&d);
	}
}

/* However it is cut, between messages in one frame, and with frames that hold nothing. */
static void a_message_may_come_in_several_frames(void **state)
{
	static const char stream[] = "\x01\0\0\0\1a" "\x82\0\0\0\2bc" "\x82\0\0\0\0" "\x82\0\0\0\1d" "\x02\0\0\0\1e"
	                             "\x81\0\0\0\0" "\x01\0\0\0\0" "\x01\0\0\0\1f";
	static const char *const want[] = { "a", "bcde", "", "f" };
	size_t size = sizeof(stream) - 1;

	for (size_t step = 1; step <= size; step++) {
		struct frame_decoder d = FRAME_DECODER_INIT(LIMIT);
		struct frame f;
		size_t seen = 0;

		for (size_t i = 0; i < size; i += step) {
			assert_int_equal(frame_feed(&d, stream + i, i + step > size ? size - i : step), 0);
			while (frame_next(&d, &f) == 1) {
				assert_true(span_eq(f.payload, span_of(want[seen])));
				assert_int_equal(f.kind, seen == 1 ? FRAME_BINARY : FRAME_TEXT);
				seen++;
			}
		}
		assert_int_equal(d.error, 0);
		assert_int_equal(seen, 4);
		frame_decoder_free(&d);
	}
}

static int feed(struct span stream, uint32_t limit)
{
	struct frame_decoder d = FRAME_DECODER_INIT(limit);
	struct frame f;
	int r;

	assert_int_equal(frame_feed(&d, stream.p, stream.n), 0);
	while ((r = frame_next(&d, &f)) == 1)
		;
	frame_decoder_free(&d);
	return r;
}

static void several_frames_are_one_kind_and_within_the_limit(void **state)
{
	assert_int_equal(feed(SPAN("\x81\0\0\0\1a" "\x02"), LIMIT), -EPROTO);
	assert_int_equal(feed(SPAN("\x81\0\0\0\2ab" "\x01\0\0\0\1c"), 3), 0);
	assert_int_equal(feed(SPAN("\x81\0\0\0\2ab" "\x01\0\0\0\2"), 3), -EMSGSIZE);
	assert_int_equal(feed(SPAN("\x83"), LIMIT), -EPROTO);
}

static void a_header_reads_as_it_was_written(void **state)
{
	AUTO_BUF out = BUF_INIT;
	enum frame_kind kind;
	uint32_t length;
	bool more;

	frame_put_header(&out, FRAME_BINARY, true, 0x01020304);
	assert_int_equal(out.n, FRAME_HEADER);
	assert_int_equal(frame_parse(out.p, &kind, &more, &length), 0);
	assert_int_equal(kind, FRAME_BINARY);
	assert_true(more);
	assert_int_equal(length, 0x01020304);
	assert_int_equal(frame_parse("\x09\0\0\0\0", &kind, &more, &length), -EPROTO);
}

static void an_announced_length_over_the_limit_is_refused_at_once(void **state)
{
	struct frame_decoder d = FRAME_DECODER_INIT(LIMIT);
	struct frame f;

	assert_int_equal(frame_feed(&d, "\x01\x00\x00\x00\x65", 5), 0);
	assert_int_equal(frame_next(&d, &f), -EMSGSIZE);
	assert_int_equal(frame_feed(&d, "x", 1), -EMSGSIZE);
	assert_int_equal(frame_next(&d, &f), -EMSGSIZE);
	frame_decoder_free(&d);
}

static void an_unknown_kind_is_refused_at_its_first_byte(void **state)
{
	struct frame_decoder d = FRAME_DECODER_INIT(LIMIT);
	struct frame f;

	assert_int_equal(frame_feed(&d, "\x03", 1), 0);
	assert_int_equal(frame_next(&d, &f), -EPROTO);
	frame_decoder_free(&d);
}

static void too_much_to_send_leaves_what_was_there(void **state)
{
	AUTO_BUF out = BUF_INIT;
	char big[LIMIT + 1] = { 0 };
	size_t begin, before;

	add(&out, FRAME_TEXT, SPAN("{}"));
	before = out.n;
	begin = frame_begin(&out);
	buf_add(&out, big, sizeof(big));
	assert_int_equal(frame_end(&out, begin, FRAME_TEXT, LIMIT), -EMSGSIZE);
	assert_int_equal(out.n, before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_back_however_the_stream_is_cut),
		cmocka_unit_test(a_message_may_come_in_several_frames),
		cmocka_unit_test(several_frames_are_one_kind_and_within_the_limit),
		cmocka_unit_test(a_header_reads_as_it_was_written),
		cmocka_unit_test(an_announced_length_over_the_limit_is_refused_at_once),
		cmocka_unit_test(an_unknown_kind_is_refused_at_its_first_byte),
		cmocka_unit_test(too_much_to_send_leaves_what_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
