#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "agent/wire/http.h"

enum { MAX_BODY = 100 };

#define GET "GET /status HTTP/1.1\r\nHost: server\r\n"
#define POST "POST /up HTTP/1.1\r\nHost: server\r\n"

/* What a stream of messages says: methods and targets or statuses, bodies, ends; and how it went wrong. */
struct heard {
	struct buf words;
	int error;
	unsigned refusal;
	size_t left; /* bytes that were not taken */
};

static void write_down(struct heard *heard, const struct http_event *e)
{
	static const char *const names[] = { "GET", "POST", "PUT" };

	if (e->kind == HTTP_HEAD && e->head->status)
		buf_printf(&heard->words, "%u ", e->head->status);
	else if (e->kind == HTTP_HEAD)
		buf_printf(&heard->words, "%s %.*s ", names[e->head->method], SPAN_FMT(e->head->target));
	else if (e->kind == HTTP_BODY)
		buf_add_span(&heard->words, e->piece);
	else
		buf_add_char(&heard->words, ';');
}

static struct heard hear(enum http_role role, struct span bytes, size_t step)
{
	struct heard heard = { .words = BUF_INIT };
	struct http_event e;
	struct http h;

	http_init(&h, role, MAX_BODY);
	buf_add_z(&heard.words, "");
	while (bytes.n && heard.error == 0 && !http_is_upgraded(&h)) {
		struct span piece = { bytes.p, bytes.n < step ? bytes.n : step };
		size_t n = piece.n;

		while ((heard.error = http_read(&h, &piece, &e)) == 1)
			write_down(&heard, &e);
		n -= piece.n;
		bytes = (struct span){ bytes.p + n, bytes.n - n };
	}
	heard.left = bytes.n;
	heard.refusal = h.refusal;
	http_free(&h);
	return heard;
}

static void hears(enum http_role role, struct span bytes, const char *words, int error, unsigned refusal)
{
	for (size_t step = bytes.n; step > 0; step = step > 7 ? step / 3 : step - 1) {
		struct heard heard = hear(role, bytes, step);

		if (strcmp(heard.words.p, words) != 0 || heard.error != error ||
		    (role == HTTP_SERVER && heard.refusal != refusal))
			fail_msg("\"%.*s\" in pieces of %zu: \"%s\", error %d, refused with %u", SPAN_FMT(bytes), step,
				 heard.words.p, heard.error, heard.refusal);
		buf_free(&heard.words);
	}
}

static void good_requests_are_read_however_cut(void **state)
{
	static const struct { const char *text, *words; } good[] = {
		{ GET "\r\n", "GET /status ;" },
		{ "GET / HTTP/1.1\r\nhOsT:\t [2001:db8::1]:17443 \t\r\nX-Empty:\r\n\r\n", "GET / ;" },
		{ "GET /a?b=%20&c HTTP/1.1\r\nX: \xc3\xa4\ty\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "GET /a?b=%20&c ;" },
		{ GET "\r\n" GET "\r\n", "GET /status ;GET /status ;" },
		{ GET "Connection: keep-alive, Close\r\n\r\n" GET "\r\n", "GET /status ;" },
		{ POST "Content-Length: 5\r\n\r\nhello" GET "\r\n", "POST /up hello;GET /status ;" },
		{ POST "Content-Length: 0\r\n\r\n", "POST /up ;" },
		{ POST "Content-Length: 100\r\n\r\n", "POST /up " },
		{ POST "Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n00C\r\n, dear world\r\n0\r\n\r\n" GET "\r\n",
		  "POST /up hello, dear world;GET /status ;" },
		{ "PUT /f HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n", "PUT /f " },
		{ POST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "POST /up ;" },
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		hears(HTTP_SERVER, span_of(good[i].text), good[i].words, 0, 0);
}

static const struct { const char *text; int error; unsigned refusal; } bad[] = {
	/* lines */
	{ "\r\n" GET "\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1\nHost: a\n\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1\r\nHost: a\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n folded\r\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1\r\n Host: a\r\n\r\n", -EPROTO, 400 },
	/* the first */
	{ "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", -EPROTO, 400 },
	{ "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", -EPROTO, 400 },
	{ "GET /\r\nHost: a\r\n\r\n", -EPROTO, 400 },
	{ "GET\r\n\r\n", -EPROTO, 400 },
	{ "GET a HTTP/1.1\r\nHost: a\r\n\r\n", -EPROTO, 400 },
	{ "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", -EPROTO, 400 },
	{ "GET * HTTP/1.1\r\nHost: a\r\n\r\n", -EPROTO, 400 },
	{ "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", -EPROTO, 400 },
	{ "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", -EPROTO, 400 },
	{ "GET / http/1.1\r\nHost: a\r\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1.1\r\nHost: a\r\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.0\r\nHost: a\r\n\r\n", -ENOTSUP, 505 },
	{ "GET / HTTP/2.0\r\nHost: a\r\n\r\n", -ENOTSUP, 505 },
	{ "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", -EPROTO, 400 },
	{ "get / HTTP/1.1\r\nHost: a\r\n\r\n", -ENOTSUP, 501 },
	{ "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", -ENOTSUP, 501 },
	/* fields */
	{ "GET / HTTP/1.1\r\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1\r\nHost:\r\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1\r\nHost : a\r\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", -EPROTO, 400 },
	{ "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", -EPROTO, 400 },
	{ POST "Content-Length: 3\r\nExpect: a miracle\r\n\r\n", -ENOTSUP, 417 },
	/* lengths */
	{ GET "Content-Length: 1\r\n\r\n", -EPROTO, 400 },
	{ GET "Transfer-Encoding: chunked\r\n\r\n", -EPROTO, 400 },
	{ POST "\r\n", -EPROTO, 411 },
	{ POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", -EPROTO, 400 },
	{ POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", -EPROTO, 400 },
	{ POST "Content-Length: 5, 5\r\n\r\n", -EPROTO, 400 },
	{ POST "Content-Length: +5\r\n\r\n", -EPROTO, 400 },
	{ POST "Content-Length: -5\r\n\r\n", -EPROTO, 400 },
	{ POST "Content-Length: 0x5\r\n\r\n", -EPROTO, 400 },
	{ POST "Content-Length: 5 5\r\n\r\n", -EPROTO, 400 },
	{ POST "Content-Length:\r\n\r\n", -EPROTO, 400 },
	{ POST "Content-Length: 101\r\n\r\n", -EMSGSIZE, 413 },
	{ POST "Content-Length: 18446744073709551621\r\n\r\n", -EMSGSIZE, 413 },
	{ POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", -EPROTO, 400 },
	{ POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", -EPROTO, 400 },
	{ POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", -EPROTO, 400 },
	{ POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", -EPROTO, 400 },
	{ POST "Transfer-Encoding: gzip, chunked\r\n\r\n", -ENOTSUP, 501 },
	{ POST "Transfer-Encoding: xchunked\r\n\r\n", -ENOTSUP, 501 },
	{ POST "Transfer-Encoding:\x0b""chunked\r\n\r\n", -EPROTO, 400 },
	{ POST "Transfer-Encoding : chunked\r\n\r\n", -EPROTO, 400 },
};

static void bad_requests_are_refused_with_a_reason(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		hears(HTTP_SERVER, span_of(bad[i].text), "", bad[i].error, bad[i].refusal);
	hears(HTTP_SERVER, SPAN("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n"), "", -EPROTO, 400);
}

static void bad_chunks_are_refused(void **state)
{
	static const struct { const char *chunks, *words; int error; unsigned refusal; } chunks[] = {
		{ "5\nhello\r\n0\r\n\r\n", "", -EPROTO, 400 },
		{ "\r\nhello", "", -EPROTO, 400 },
		{ "0x5\r\nhello", "", -EPROTO, 400 },
		{ " 5\r\nhello", "", -EPROTO, 400 },
		{ "5 \r\nhello", "", -EPROTO, 400 },
		{ "-5\r\nhello", "", -EPROTO, 400 },
		{ "5;name=value\r\nhello", "", -EPROTO, 400 },
		{ "10000000000000005\r\nhello", "", -EPROTO, 400 },
		{ "65\r\n", "", -EMSGSIZE, 413 },
		{ "ffffffffffffffff\r\n", "", -EMSGSIZE, 413 },
		{ "5\r\nhelloX\r\n", "hello", -EPROTO, 400 },
		{ "5\r\nhello\n", "hello", -EPROTO, 400 },
		{ "5\r\nhello\r\n60\r\n", "hello", -EMSGSIZE, 413 },
		{ "5\r\nhello\r\n0\r\nTrailer: a\r\n\r\n", "hello", -EPROTO, 400 },
		{ "5\r\nhello\r\n0\r\n\n", "hello", -EPROTO, 400 },
	};

	for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
		AUTO_BUF text = BUF_INIT, words = BUF_INIT;

		buf_printf(&text, POST "Transfer-Encoding: chunked\r\n\r\n%s", chunks[i].chunks);
		buf_printf(&words, "POST /up %s", chunks[i].words);
		hears(HTTP_SERVER, buf_span(&text), words.p, chunks[i].error, chunks[i].refusal);
	}
}

static void fill(struct buf *text, size_t n)
{
	while (n--)
		buf_add_char(text, 'x');
}

static void heads_are_bounded(void **state)
{
	AUTO_BUF target = BUF_INIT, line = BUF_INIT, head = BUF_INIT, fields = BUF_INIT;

	buf_add_z(&target, "GET /");
	fill(&target, HTTP_MAX_LINE);
	hears(HTTP_SERVER, buf_span(&target), "", -EMSGSIZE, 414);
	buf_add_z(&line, GET);
	fill(&line, HTTP_MAX_LINE + 1);
	hears(HTTP_SERVER, buf_span(&line), "", -EMSGSIZE, 431);
	buf_add_z(&head, GET);
	for (int i = 0; i < 5; i++) {
		buf_add_z(&head, "x:");
		fill(&head, HTTP_MAX_LINE - 2);
		buf_add_z(&head, "\r\n");
	}
	hears(HTTP_SERVER, buf_span(&head), "", -EMSGSIZE, 431);
	buf_add_z(&fields, GET);
	for (int i = 0; i < HTTP_MAX_FIELDS - 1; i++)
		buf_add_z(&fields, "x:\r\n");
	buf_add_z(&fields, "\r\n");
	hears(HTTP_SERVER, buf_span(&fields), "GET /status ;", 0, 0);
	fields.n -= 2;
	buf_add_z(&fields, "x:\r\n\r\n");
	hears(HTTP_SERVER, buf_span(&fields), "", -EMSGSIZE, 431);
}

static void a_line_may_be_as_long_as_the_limit(void **state)
{
	AUTO_BUF text = BUF_INIT;

	buf_add_z(&text, GET "x:");
	fill(&text, HTTP_MAX_LINE - 2);
	buf_add_z(&text, "\r\n\r\n");
	hears(HTTP_SERVER, buf_span(&text), "GET /status ;", 0, 0);
}

static void responses_are_read(void **state)
{
	static const struct { const char *text, *words; int error; } responses[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" "HTTP/1.1 204 \r\n\r\n", "200 hi;204 ;", 0 },
		{ "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", "404 no;", 0 },
		{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", "201 ;", 0 },
		{ "HTTP/1.1 200 OK\r\n\r\nuntil it ends", "", -EPROTO },
		{ "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "", -EPROTO },
		{ "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n", "", -EPROTO },
		{ "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n", "", -EPROTO },
		{ "HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n", "", -EPROTO },
		{ "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "", -ENOTSUP },
		{ "SSH-2.0-OpenSSH_9.2\r\n\r\n", "", -EPROTO },
		{ "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc", "", -EPROTO },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", "", -EMSGSIZE },
	};
	AUTO_BUF endless = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(responses); i++)
		hears(HTTP_CLIENT, span_of(responses[i].text), responses[i].words, responses[i].error, 0);
	for (int i = 0; i <= HTTP_MAX_INTERIM; i++)
		buf_add_z(&endless, "HTTP/1.1 102 Processing\r\n\r\n");
	hears(HTTP_CLIENT, buf_span(&endless), "", -EMSGSIZE, 0);
}

static void what_follows_an_upgrade_is_left(void **state)
{
	struct heard heard = hear(HTTP_CLIENT, SPAN("HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x01x"), 100);
	struct span bytes = SPAN(GET "\r\n\x81\x81");
	struct http_event e;
	struct http h;

	assert_string_equal(heard.words.p, "101 ");
	assert_int_equal(heard.left, 3);
	buf_free(&heard.words);
	http_init(&h, HTTP_SERVER, 0);
	assert_int_equal(http_read(&h, &bytes, &e), 1);
	http_upgrade(&h);
	assert_true(span_eq(e.head->target, SPAN("/status")));
	assert_int_equal(http_read(&h, &bytes, &e), 0);
	assert_int_equal(bytes.n, 2);
	http_free(&h);
}

static void fields_are_found_and_lists_searched(void **state)
{
	struct span bytes = SPAN(GET "A: 1\r\nB: one, Two\r\nb:three\r\nConnection: close\r\n\r\n");
	struct http_event e;
	struct http h;

	http_init(&h, HTTP_SERVER, 0);
	assert_int_equal(http_read(&h, &bytes, &e), 1);
	assert_true(span_eq(http_value(e.head, "a"), SPAN("1")));
	assert_null(http_value(e.head, "b").p);
	assert_null(http_value(e.head, "c").p);
	assert_int_equal(http_count(e.head, "b"), 2);
	assert_true(http_lists(e.head, "b", "two"));
	assert_true(http_lists(e.head, "B", "THREE"));
	assert_false(http_lists(e.head, "b", "on"));
	assert_false(e.head->keep_alive);
	http_free(&h);
}

static void a_client_that_waits_is_known(void **state)
{
	struct span bytes = SPAN(POST "Content-Length: 5\r\nExpect: 100-Continue\r\n\r\n");
	struct http_event e;
	struct http h;

	http_init(&h, HTTP_SERVER, MAX_BODY);
	assert_int_equal(http_read(&h, &bytes, &e), 1);
	assert_true(e.head->expect_continue);
	http_free(&h);
}

static void what_is_written_is_read(void **state)
{
	AUTO_BUF request = BUF_INIT, response = BUF_INIT;

	http_put_request(&request, HTTP_GET, "/status", "server:17443", HTTP_NO_BODY, "X: y\r\n");
	http_put_request(&request, HTTP_POST, "/up", "server", 3, "");
	buf_add_z(&request, "abc");
	http_put_request(&request, HTTP_PUT, "/up", "server", HTTP_CHUNKED, "");
	http_put_chunk(&request, SPAN("some bytes of it"));
	http_put_chunk(&request, SPAN("!"));
	http_put_chunk(&request, SPAN(""));
	hears(HTTP_SERVER, buf_span(&request), "GET /status ;POST /up abc;PUT /up some bytes of it!;", 0, 0);
	http_put_continue(&response);
	http_put_response(&response, 200, "application/json", SPAN("{}"), false, "X: y\r\n");
	http_put_response(&response, 204, NULL, SPAN(""), true, "");
	hears(HTTP_CLIENT, buf_span(&response), "200 {};204 ;", 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_requests_are_read_however_cut),
		cmocka_unit_test(bad_requests_are_refused_with_a_reason),
		cmocka_unit_test(bad_chunks_are_refused),
		cmocka_unit_test(heads_are_bounded),
		cmocka_unit_test(a_line_may_be_as_long_as_the_limit),
		cmocka_unit_test(responses_are_read),
		cmocka_unit_test(what_follows_an_upgrade_is_left),
		cmocka_unit_test(fields_are_found_and_lists_searched),
		cmocka_unit_test(a_client_that_waits_is_known),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
