#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "agent/wire/upgrade.h"

/* Of RFC 6455 section 1.3. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static int read_head(struct http *h, enum http_role role, struct span bytes, struct http_event *e)
{
	http_init(h, role, 0);
	return http_read(h, &bytes, e);
}

static unsigned judge(const char *request, char accept[UPGRADE_ACCEPT])
{
	struct http_event e;
	struct http h;
	unsigned status;

	assert_int_equal(read_head(&h, HTTP_SERVER, span_of(request), &e), 1);
	status = upgrade_check_request(e.head, accept);
	http_free(&h);
	return status;
}

static int judge_response(const char *response)
{
	struct http_event e;
	struct http h;
	int r;

	assert_int_equal(read_head(&h, HTTP_CLIENT, span_of(response), &e), 1);
	r = upgrade_check_response(e.head, KEY);
	http_free(&h);
	return r;
}

static void the_example_of_the_standard(void **state)
{
	char accept[UPGRADE_ACCEPT];

	assert_int_equal(judge("GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
			       "Connection: Upgrade\r\nSec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\n\r\n",
			       accept), 0);
	assert_string_equal(accept, ACCEPT);
}

static void requests_that_are_none_of_ours_are_refused(void **state)
{
#define REQUEST(more) "GET / HTTP/1.1\r\nHost: a\r\n" more "\r\n"
	static const struct { const char *text; unsigned status; } requests[] = {
		{ REQUEST("upgrade: h2c, WebSocket\r\nconnection: keep-alive, upgrade\r\nSec-WebSocket-Key: " KEY
			  "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"), 0 },
		{ REQUEST(""), 426 },
		{ REQUEST("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " KEY
			  "\r\nSec-WebSocket-Version: 8\r\n"), 426 },
		{ REQUEST("Upgrade: websocket\r\nSec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\n"), 426 },
		{ REQUEST("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"), 400 },
		{ REQUEST("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
			  "Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Key: " KEY "\r\n"), 400 },
		{ REQUEST("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
			  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\n"), 400 },
		{ REQUEST("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
			  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n"), 400 },
		{ REQUEST("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
			  "Sec-WebSocket-Key: " KEY "\r\nOrigin: https://example.org\r\n"), 403 },
		{ "PUT / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0\r\n"
		  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n\r\n", 405 },
	};
	char accept[UPGRADE_ACCEPT];

	for (size_t i = 0; i < ARRAY_LEN(requests); i++)
		if (judge(requests[i].text, accept) != requests[i].status)
			fail_msg("%s", requests[i].text);
}

static void responses_must_fit_the_key(void **state)
{
#define RESPONSE(more) "HTTP/1.1 101 Switching Protocols\r\n" more "\r\n"
#define GOOD "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: " ACCEPT "\r\n"
	static const struct { const char *text; int error; } responses[] = {
		{ RESPONSE(GOOD), 0 },
		{ RESPONSE(GOOD "Sec-WebSocket-Extensions: permessage-deflate\r\n"), -EPROTO },
		{ RESPONSE(GOOD "Sec-WebSocket-Protocol: chat\r\n"), -EPROTO },
		{ RESPONSE(GOOD "Sec-WebSocket-Accept: " ACCEPT "\r\n"), -EPROTO },
		{ RESPONSE("Upgrade: websocket\r\nConnection: upgrade\r\n"
			   "Sec-WebSocket-Accept: t3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), -EPROTO },
		{ RESPONSE("Upgrade: h2c\r\nConnection: upgrade\r\nSec-WebSocket-Accept: " ACCEPT "\r\n"), -EPROTO },
		{ RESPONSE("Upgrade: websocket\r\nSec-WebSocket-Accept: " ACCEPT "\r\n"), -EPROTO },
		{ "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", -ECONNREFUSED },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" GOOD "\r\n", -ECONNREFUSED },
	};

	for (size_t i = 0; i < ARRAY_LEN(responses); i++)
		if (judge_response(responses[i].text) != responses[i].error)
			fail_msg("%s", responses[i].text);
}

static void both_ends_agree(void **state)
{
	AUTO_BUF request = BUF_INIT, response = BUF_INIT, refusal = BUF_INIT;
	char key[UPGRADE_KEY], other[UPGRADE_KEY], accept[UPGRADE_ACCEPT];
	struct http_event e;
	struct http h;

	assert_int_equal(upgrade_make_key(key), 0);
	assert_int_equal(upgrade_make_key(other), 0);
	assert_string_not_equal(key, other);
	upgrade_put_request(&request, "/app", "server:17443", key);
	assert_int_equal(judge(request.p, accept), 0);
	upgrade_put_response(&response, accept);
	assert_int_equal(read_head(&h, HTTP_CLIENT, buf_span(&response), &e), 1);
	assert_int_equal(upgrade_check_response(e.head, key), 0);
	assert_int_equal(upgrade_check_response(e.head, other), -EPROTO);
	http_free(&h);
	upgrade_put_refusal(&refusal, 426);
	assert_int_equal(read_head(&h, HTTP_CLIENT, buf_span(&refusal), &e), 1);
	assert_int_equal(e.head->status, 426);
	assert_true(span_eq(http_value(e.head, "Sec-WebSocket-Version"), SPAN("13")));
	assert_int_equal(upgrade_check_response(e.head, key), -ECONNREFUSED);
	http_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_standard),
		cmocka_unit_test(requests_that_are_none_of_ours_are_refused),
		cmocka_unit_test(responses_must_fit_the_key),
		cmocka_unit_test(both_ends_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
