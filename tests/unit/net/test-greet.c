/* greet, with a server that answers as it is told to. Run by make-certificates.py with the folder of certificates. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "agent/net/greet.h"
#include "tests/unit/net/pems.h"

static struct fdm *fdm;

static struct {
	struct control answer; /* of the server; type CONTROL_TYPES: nonsense; CONTROL_DONE: a close with a reason */
	unsigned status;       /* of the upgrade */
	struct control heard;
	struct buf hello;
	unsigned called;
	bool welcome;
	struct greet_end end;
	char text[GREET_TEXT];
} seen;

static unsigned upgrade(struct link *l, const struct http_head *head, void *data)
{
	return seen.status;
}

static void nothing(struct link *l, void *data)
{
}

static void message(struct link *l, enum websocket_kind kind, struct span payload, void *data)
{
	AUTO_BUF out = BUF_INIT;

	buf_add_span(&seen.hello, payload);
	if (seen.answer.type == CONTROL_DONE) {
		link_close(l, WEBSOCKET_POLICY, "go away\n");
		return;
	}
	if (seen.answer.type == CONTROL_TYPES)
		buf_add_z(&out, "{}");
	else
		assert_int_equal(control_put(&out, &seen.answer), 0);
	link_send(l, WEBSOCKET_TEXT, buf_span(&out));
}

static void closed(struct link *l, const struct link_end *end, void *data)
{
}

static void closed_after(struct link *l, const struct link_end *end, void *data)
{
	fdm_quit(fdm);
}

static const struct link_handler server_handler = { .upgrade = upgrade, .ready = nothing, .message = message, .closed = closed };
static const struct link_handler after = { .message = message, .closed = closed_after };

static void on_greeted(struct link *l, const struct greet_end *why, void *data)
{
	seen.called++;
	seen.welcome = l;
	if (l) {
		link_set_handler(l, &after, NULL);
		link_close(l, WEBSOCKET_NORMAL, "");
	} else {
		seen.end = *why;
		snprintf(seen.text, sizeof(seen.text), "%s", why->text);
		fdm_quit(fdm);
	}
}

/* One greeting of that server by that name, at its port plus so much. */
static void greet(const char *name, const char *identity, const struct control *answer, unsigned status, bool elsewhere)
{
	struct tls_identity *server_is = pems_identity("server"), *client_is = pems_identity(identity);
	struct tls_authority *ca = pems_authority("ca");
	struct link_server_config config = { .max_message = 1 << 16, .handler = &server_handler };
	struct greet_config greeting = { .name = name, .address = "127.0.0.1", .target = "/agent", .program = "spoor-agent",
					 .host = "a-host", .done = on_greeted };
	struct link_server *s;
	struct greet *g;

	buf_free(&seen.hello);
	memset(&seen, 0, sizeof(seen));
	seen.answer = *answer;
	seen.status = status;
	fdm = fdm_new();
	config.listener = (struct listener_config){
		.policy = { .identity = server_is, .authority = ca, .unit = "agent" }, .limits = CONN_LIMITS,
		.max_connections = 10, .max_unopened = 10 };
	assert_int_equal(link_server_new(fdm, "127.0.0.1", 0, &config, &s), 0);
	greeting.fdm = fdm;
	greeting.policy = (struct tls_policy){ .identity = client_is, .authority = ca, .unit = "server" };
	greeting.port = elsewhere ? 1 : listener_port(link_server_listener(s));
	assert_int_equal(greet_new(&greeting, &g), 0);
	assert_int_equal(fdm_run(fdm), 0);
	assert_int_equal(seen.called, 1);
	link_server_free(s);
	fdm_free(fdm);
	tls_identity_free(server_is);
	tls_identity_free(client_is);
	tls_authority_free(ca);
}

static struct control welcome(unsigned protocol)
{
	return (struct control){ .type = CONTROL_WELCOME, .id = 1, .welcome = { protocol, SPAN("spoor-server"), SPAN("9"), 5 } };
}

static void who_is_welcome_gets_the_link(void **state)
{
	struct control ok = welcome(1);

	greet("server.test", "agent", &ok, 0, false);
	assert_true(seen.welcome);
	assert_non_null(strstr(seen.hello.p, "\"type\":\"hello\""));
	assert_non_null(strstr(seen.hello.p, "\"host\":\"a-host\""));
	buf_free(&seen.hello);
}

static void fails(const char *name, const char *identity, const struct control *answer, unsigned status, bool elsewhere,
		  int error, const char *text)
{
	greet(name, identity, answer, status, elsewhere);
	assert_false(seen.welcome);
	if (!strstr(seen.text, text))
		fail_msg("\"%s\" is not \"%s\"", seen.text, text);
	assert_int_equal(seen.end.error, error);
	buf_free(&seen.hello);
}

static void why_it_failed_is_told(void **state)
{
	struct control ok = welcome(1), other = welcome(2), nonsense = { .type = CONTROL_TYPES }, close = { .type = CONTROL_DONE };
	struct control unwelcome = { .type = CONTROL_UNWELCOME, .id = 1, .unwelcome = { 2, 3, SPAN("9"), SPAN("update\x07 it") } };

	fails("other.test", "agent", &ok, 0, false, -EKEYREJECTED, "another name");
	fails("server.test", "agent-of-app", &ok, 0, false, -EPROTO, "does not accept this endpoint's certificate");
	fails("server.test", "agent", &ok, 0, true, -ECONNREFUSED, "refused");
	fails("server.test", "agent", &ok, 503, false, -ECONNREFUSED, "HTTP status 503");
	fails("server.test", "agent", &unwelcome, 0, false, -EPROTONOSUPPORT, "update\\x07 it");
	fails("server.test", "agent", &other, 0, false, -EPROTO, "makes no sense");
	fails("server.test", "agent", &nonsense, 0, false, -EPROTO, "makes no sense");
	fails("server.test", "agent", &close, 0, false, -ECONNRESET, "it closed the connection: go away\\n");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_welcome_gets_the_link),
		cmocka_unit_test(why_it_failed_is_told),
	};

	pems_folder = argc > 1 ? argv[1] : ".";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
