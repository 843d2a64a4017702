#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "tests/unit/wire/conformance.h"

enum { LIMIT = 1000 };

static void init(struct websocket *w)
{
	websocket_init(w, WEBSOCKET_SERVER, LIMIT);
}

/* Reads what those words say, as a client sends it; the result of the last read. */
static int read_words(struct websocket *w, const char *words, struct websocket_event *ret)
{
	struct conformance_frames f;
	struct span bytes;
	int r;

	conformance_encode(words, WEBSOCKET_CLIENT, &f);
	bytes = buf_span(&f.bytes);
	r = websocket_read(w, &bytes, ret);
	conformance_free(&f);
	return r;
}

static void sent_is(struct websocket *w, const char *words)
{
	struct conformance_frames f;

	conformance_encode(words, WEBSOCKET_SERVER, &f);
	assert_int_equal(w->out.n, f.bytes.n);
	assert_memory_equal(w->out.p, f.bytes.p, f.bytes.n);
	conformance_free(&f);
}

static void what_one_role_sends_the_other_reads(void **state)
{
	static const size_t sizes[] = { 0, 1, 125, 126, 65535, 65536, 100000 };
	struct websocket client, server;
	struct websocket_event e;
	AUTO_BUF big = BUF_INIT;

	websocket_init(&client, WEBSOCKET_CLIENT, 1 << 20);
	websocket_init(&server, WEBSOCKET_SERVER, 1 << 20);
	for (size_t i = 0; i < 100000; i++)
		buf_add_char(&big, (char)(i * 7));
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct span payload = { big.p, sizes[i] }, bytes;

		assert_int_equal(websocket_send(&client, WEBSOCKET_BINARY, payload), 0);
		bytes = buf_span(&client.out);
		assert_int_equal(websocket_read(&server, &bytes, &e), 1);
		assert_int_equal(bytes.n, 0);
		assert_int_equal(e.kind, WEBSOCKET_BINARY);
		assert_true(span_eq(e.payload, payload));
		assert_int_equal(websocket_send(&server, WEBSOCKET_BINARY, e.payload), 0);
		bytes = buf_span(&server.out);
		assert_int_equal(websocket_read(&client, &bytes, &e), 1);
		assert_true(span_eq(e.payload, payload));
		buf_clear(&client.out);
		buf_clear(&server.out);
	}
	websocket_free(&client);
	websocket_free(&server);
}

static void masks_differ_from_frame_to_frame(void **state)
{
	struct websocket w;
	char first[6], second[6];

	websocket_init(&w, WEBSOCKET_CLIENT, LIMIT);
	for (int i = 0; i < 8; i++)
		assert_int_equal(websocket_ping(&w, SPAN("")), 0);
	memcpy(first, w.out.p, 6);
	for (int i = 1; i < 8; i++) { /* all eight alike: once in 2^224 */
		memcpy(second, w.out.p + 6 * i, 6);
		if (memcmp(first, second, 6) != 0)
			break;
		assert_int_not_equal(i, 7);
	}
	websocket_free(&w);
}

static void a_wrong_mask_is_refused_in_both_roles(void **state)
{
	struct websocket client, server;
	struct websocket_event e;
	struct span unmasked = SPAN("\x81"), masked = SPAN("\x81\x81");

	websocket_init(&server, WEBSOCKET_SERVER, LIMIT);
	websocket_init(&client, WEBSOCKET_CLIENT, LIMIT);
	assert_int_equal(websocket_read(&server, &unmasked, &e), 0);
	unmasked = SPAN("\x01");
	assert_int_equal(websocket_read(&server, &unmasked, &e), -EPROTO);
	assert_int_equal(websocket_read(&client, &masked, &e), -EPROTO);
	websocket_free(&client);
	websocket_free(&server);
}

static void a_message_over_the_limit_is_refused_at_its_header(void **state)
{
	struct websocket w;
	struct websocket_event e;
	struct span header = SPAN("\x82\xfe\x03\xe9mask");

	init(&w);
	assert_int_equal(websocket_read(&w, &header, &e), -EMSGSIZE);
	sent_is(&w, "X#1009");
	header = SPAN("x");
	assert_int_equal(websocket_read(&w, &header, &e), -EMSGSIZE);
	websocket_free(&w);

	init(&w);
	assert_int_equal(read_words(&w, "B-*600 C-*400", &e), 0);
	assert_int_equal(read_words(&w, "C:x", &e), -EMSGSIZE);
	websocket_free(&w);

	init(&w);
	assert_int_equal(read_words(&w, "B-*600 C-*399 C:x", &e), 1);
	assert_int_equal(e.payload.n, LIMIT);
	websocket_free(&w);
}

static void the_limit_may_change_between_frames(void **state)
{
	struct websocket w;
	struct websocket_event e;

	init(&w);
	websocket_set_limit(&w, 2 * LIMIT);
	assert_int_equal(read_words(&w, "B*2000", &e), 1);
	assert_int_equal(read_words(&w, "B-*1500", &e), 0);
	websocket_set_limit(&w, LIMIT);
	assert_int_equal(read_words(&w, "C", &e), -EMSGSIZE);
	sent_is(&w, "X#1009");
	websocket_free(&w);
}

static void a_length_in_more_bytes_than_needed_is_refused(void **state)
{
	static const struct span bad[] = {
		SPAN("\x82\xfe\x00\x7dmask"), SPAN("\x82\xff\0\0\0\0\0\0\xff\xffmask"),
		SPAN("\x82\xff\x80\0\0\0\0\0\0\0mask"),
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct span bytes = bad[i];
		struct websocket_event e;
		struct websocket w;

		websocket_init(&w, WEBSOCKET_SERVER, SIZE_MAX);
		assert_int_equal(websocket_read(&w, &bytes, &e), -EPROTO);
		websocket_free(&w);
	}
}

static void a_frame_needs_only_the_memory_of_what_came(void **state)
{
	struct websocket w;
	struct websocket_event e;
	struct span header = SPAN("\x82\xff\0\0\0\0\x7f\xff\xff\xffmaskx");

	websocket_init(&w, WEBSOCKET_SERVER, SIZE_MAX);
	assert_int_equal(websocket_read(&w, &header, &e), 0);
	assert_true(w.message.cap < 4096);
	websocket_free(&w);
}

static void we_close_and_the_peer_answers(void **state)
{
	struct websocket w;
	struct websocket_event e;

	init(&w);
	assert_int_equal(websocket_close(&w, WEBSOCKET_GOING_AWAY, SPAN("bye")), 0);
	assert_int_equal(websocket_close(&w, WEBSOCKET_NORMAL, SPAN("")), 0);
	assert_int_equal(websocket_send(&w, WEBSOCKET_TEXT, SPAN("late")), -EPIPE);
	assert_int_equal(websocket_ping(&w, SPAN("")), -EPIPE);
	assert_int_equal(read_words(&w, "T:still", &e), 1);
	assert_true(span_eq(e.payload, SPAN("still")));
	assert_int_equal(read_words(&w, "P:not_answered", &e), 1);
	assert_int_equal(w.state, WEBSOCKET_CLOSING);
	assert_int_equal(read_words(&w, "X#1001", &e), 1);
	assert_int_equal(e.kind, WEBSOCKET_CLOSE);
	assert_int_equal(e.code, WEBSOCKET_GOING_AWAY);
	assert_int_equal(w.state, WEBSOCKET_CLOSED);
	sent_is(&w, "X#1001:bye");
	websocket_free(&w);
}

static void the_peer_closes_with_a_reason(void **state)
{
	struct websocket w;
	struct websocket_event e;

	init(&w);
	assert_int_equal(read_words(&w, "X#4000:why", &e), 1);
	assert_int_equal(e.code, 4000);
	assert_true(span_eq(e.payload, SPAN("why")));
	assert_int_equal(read_words(&w, "T:after", &e), 0);
	websocket_free(&w);

	init(&w);
	assert_int_equal(read_words(&w, "X", &e), 1);
	assert_int_equal(e.code, WEBSOCKET_NO_CODE);
	sent_is(&w, "X");
	websocket_free(&w);
}

static void a_long_reason_is_cut_at_a_character(void **state)
{
	struct websocket w;
	AUTO_BUF reason = BUF_INIT, expected = BUF_INIT;

	for (int i = 0; i < 61; i++)
		buf_add_z(&reason, "ä");
	buf_add_z(&reason, "€"); /* bytes 122 to 124 */
	buf_printf(&expected, "X#1008:%.122s", reason.p);
	init(&w);
	assert_int_equal(websocket_close(&w, WEBSOCKET_POLICY, buf_span(&reason)), 0);
	sent_is(&w, expected.p);
	websocket_free(&w);
}

static void a_ping_that_is_too_long_is_not_sent(void **state)
{
	struct websocket w;
	char payload[WEBSOCKET_MAX_CONTROL + 1] = { 0 };

	init(&w);
	assert_int_equal(websocket_ping(&w, (struct span){ payload, sizeof(payload) }), -EMSGSIZE);
	assert_int_equal(w.out.n, 0);
	assert_int_equal(websocket_ping(&w, (struct span){ payload, sizeof(payload) - 1 }), 0);
	websocket_free(&w);
}

static void a_great_message_leaves_no_memory_behind(void **state)
{
	struct websocket w;
	struct websocket_event e;

	websocket_init(&w, WEBSOCKET_SERVER, 1 << 20);
	assert_int_equal(read_words(&w, "B*100000", &e), 1);
	assert_int_equal(read_words(&w, "P", &e), 1);
	assert_true(w.message.cap <= 16384);
	websocket_free(&w);
}

/* Whatever the pieces, together they are the messages; what is passed on so is read as the same messages. */
static void pieces_are_the_message(void **state)
{
	AUTO_BUF all = BUF_INIT;
	struct websocket client, server, onward;
	struct websocket_event e;
	struct span bytes;
	bool begins = true;
	unsigned messages = 0, pieces = 0;

	websocket_init(&client, WEBSOCKET_CLIENT, LIMIT);
	websocket_init(&server, WEBSOCKET_SERVER, LIMIT);
	websocket_init(&onward, WEBSOCKET_SERVER, LIMIT);
	websocket_set_pieces(&server);
	assert_int_equal(websocket_send_piece(&client, WEBSOCKET_TEXT, SPAN("gr\xc3"), true, false), 0);
	assert_int_equal(websocket_ping(&client, SPAN("")), 0);
	assert_int_equal(websocket_send_piece(&client, WEBSOCKET_TEXT, SPAN(""), false, false), 0);
	assert_int_equal(websocket_send_piece(&client, WEBSOCKET_TEXT, SPAN("\xbc\xc3\x9f"), false, true), 0);
	assert_int_equal(websocket_send(&client, WEBSOCKET_TEXT, SPAN("")), 0);
	assert_int_equal(websocket_send(&client, WEBSOCKET_BINARY, SPAN("0123456789")), 0);
	bytes = buf_span(&client.out);
	for (size_t i = 0; i < bytes.n; i++) {
		struct span one = { bytes.p + i, 1 };

		while (websocket_read(&server, &one, &e) == 1) {
			if (e.kind == WEBSOCKET_PING)
				continue;
			assert_int_equal(e.first, begins);
			begins = e.last;
			pieces++;
			messages += e.last;
			buf_add_span(&all, e.payload);
		}
		assert_int_equal(server.error, 0);
	}
	assert_int_equal(messages, 3);
	assert_true(pieces > 10);
	assert_true(span_eq(buf_span(&all), SPAN("gr\xc3\xbc\xc3\x9f" "0123456789")));
	assert_int_equal(websocket_read(&onward, &bytes, &e), 1);
	assert_int_equal(e.kind, WEBSOCKET_PING);
	assert_int_equal(websocket_read(&onward, &bytes, &e), 1);
	assert_true(span_eq(e.payload, SPAN("gr\xc3\xbc\xc3\x9f")) && e.first && e.last);
	websocket_free(&client);
	websocket_free(&server);
	websocket_free(&onward);
}

static void pieces_have_the_limit_of_the_whole(void **state)
{
	char half[LIMIT / 2 + 1] = { 0 };
	struct websocket client, server;
	struct websocket_event e;
	struct span bytes;

	websocket_init(&client, WEBSOCKET_CLIENT, LIMIT);
	websocket_init(&server, WEBSOCKET_SERVER, LIMIT);
	websocket_set_pieces(&server);
	for (int i = 0; i < 2; i++)
		assert_int_equal(websocket_send_piece(&client, WEBSOCKET_BINARY, (struct span){ half, sizeof(half) }, !i, i), 0);
	bytes = buf_span(&client.out);
	assert_int_equal(websocket_read(&server, &bytes, &e), 1);
	assert_true(e.first && !e.last);
	assert_int_equal(websocket_read(&server, &bytes, &e), -EMSGSIZE);
	websocket_free(&client);
	websocket_free(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_one_role_sends_the_other_reads),
		cmocka_unit_test(masks_differ_from_frame_to_frame),
		cmocka_unit_test(a_wrong_mask_is_refused_in_both_roles),
		cmocka_unit_test(a_message_over_the_limit_is_refused_at_its_header),
		cmocka_unit_test(the_limit_may_change_between_frames),
		cmocka_unit_test(a_length_in_more_bytes_than_needed_is_refused),
		cmocka_unit_test(a_frame_needs_only_the_memory_of_what_came),
		cmocka_unit_test(we_close_and_the_peer_answers),
		cmocka_unit_test(the_peer_closes_with_a_reason),
		cmocka_unit_test(a_long_reason_is_cut_at_a_character),
		cmocka_unit_test(a_ping_that_is_too_long_is_not_sent),
		cmocka_unit_test(a_great_message_leaves_no_memory_behind),
		cmocka_unit_test(pieces_are_the_message),
		cmocka_unit_test(pieces_have_the_limit_of_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
