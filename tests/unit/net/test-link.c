/* link, both ends over loopback. Run by make-certificates.py with the folder of certificates. */
#include "tests/unit/test.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "agent/base/clock.h"
#include "agent/net/dial.h"
#include "agent/net/link.h"
#include "tests/unit/net/pems.h"

static struct fdm *fdm;

struct end {
	struct link *l;
	unsigned ready, messages, pieces, closed;
	struct buf got;
	enum websocket_kind kind;
	struct link_end end;
	char reason[128];
	struct buf body;
};

static struct end server, client;
static unsigned refused;
static enum tls_fault refused_for;

static unsigned upgrade(struct link *l, const struct http_head *head, void *data)
{
	return span_eq(head->target, SPAN("/agent")) ? 0 : 404;
}

static struct link *later; /* of a request that waits for its answer */

static void request(struct link *l, const struct http_event *e, struct buf *out, void *data)
{
	struct end *end = data;

	if (e->kind == HTTP_HEAD && span_eq(e->head->target, SPAN("/early")))
		link_answer(l, SPAN("at once"));
	if (e->kind == HTTP_END && span_eq(e->head->target, SPAN("/later"))) {
		link_defer(l);
		later = l;
		return;
	}
	if (e->kind == HTTP_BODY)
		buf_add_span(&end->body, e->piece);
	if (e->kind == HTTP_END)
		http_put_response(out, 200, "text/plain", buf_span(&end->body), !e->head->keep_alive, "");
}

static void ready(struct link *l, void *data)
{
	struct end *e = data;

	e->l = l;
	e->ready++;
	if (client.ready && server.ready)
		fdm_quit(fdm);
}

/* The server echoes, or does what the text says. */
static void message(struct link *l, enum websocket_kind kind, struct span payload, void *data)
{
	struct end *e = data;

	e->messages++;
	e->kind = kind;
	buf_clear(&e->got);
	buf_add_span(&e->got, payload);
	if (e != &server)
		fdm_quit(fdm);
	else if (span_eq(payload, SPAN("close")))
		link_close(l, WEBSOCKET_POLICY, "you asked");
	else if (span_eq(payload, SPAN("abort")))
		link_abort(l, -ECANCELED);
	else
		assert_int_equal(link_send(l, kind, payload), 0);
}

static void closed(struct link *l, const struct link_end *end, void *data)
{
	struct end *e = data;

	e->l = NULL;
	e->closed++;
	e->end = *end;
	snprintf(e->reason, sizeof(e->reason), "%s", end->reason);
	fdm_quit(fdm);
}

static void on_refused(int error, enum tls_fault fault, void *data)
{
	refused++;
	refused_for = fault;
	fdm_quit(fdm);
}

static void piece(struct link *l, enum websocket_kind kind, struct span payload, bool first, bool last, void *data)
{
	struct end *e = data;

	e->pieces++;
	e->messages += last;
	buf_add_span(&e->got, payload);
}

static const struct link_handler handler = { upgrade, request, ready, message, NULL, closed, piece };

struct place {
	struct tls_identity *server_is, *client_is;
	struct tls_authority *ca;
	struct link_server *s;
	struct dial *d;
	int fd;
};

static void dialled(struct dial *d, int fd, void *data)
{
	((struct place *)data)->fd = fd;
	fdm_quit(fdm);
}

static void place_init(struct place *p, const char *client_name)
{
	struct link_server_config config = { .max_message = 1 << 20, .max_body = 1000, .handler = &handler,
					     .data = &server, .refused = on_refused };

	server = client = (struct end){ 0 };
	refused = 0;
	fdm = fdm_new();
	*p = (struct place){ .server_is = pems_identity("server"), .client_is = pems_identity(client_name),
			     .ca = pems_authority("ca"), .fd = INT_MIN };
	config.listener = (struct listener_config){
		.policy = { .identity = p->server_is, .authority = p->ca, .unit = "agent" },
		.limits = CONN_LIMITS, .max_connections = 10, .max_unopened = 10,
	};
	assert_int_equal(link_server_new(fdm, "127.0.0.1", 0, &config, &p->s), 0);
	assert_int_equal(dial_new(fdm, &(struct dial_place){ "127.0.0.1", listener_port(link_server_listener(p->s)) }, 1,
				  5000, dialled, p, &p->d), 0);
	while (p->fd == INT_MIN)
		assert_int_equal(fdm_run(fdm), 0);
	assert_true(p->fd >= 0);
}

static void start_client(struct place *p, const char *target, size_t max_message)
{
	struct link_config config = {
		.policy = { .identity = p->client_is, .authority = p->ca, .unit = "server" },
		.name = "server.test", .target = target, .limits = CONN_LIMITS, .max_message = max_message,
		.handler = &handler, .data = &client,
	};

	assert_int_equal(link_new(fdm, p->fd, &config, &client.l), 0);
}

static void connect_both(struct place *p)
{
	place_init(p, "agent");
	start_client(p, "/agent", 1000);
	while (!client.ready || !server.ready)
		assert_int_equal(fdm_run(fdm), 0);
}

static void until_closed(void)
{
	while (!client.closed || !server.closed)
		assert_int_equal(fdm_run(fdm), 0);
}

static void place_free(struct place *p)
{
	if (client.l)
		link_abort(client.l, -ECANCELED);
	link_server_free(p->s);
	dial_free(p->d);
	fdm_free(fdm);
	tls_identity_free(p->server_is);
	tls_identity_free(p->client_is);
	tls_authority_free(p->ca);
	buf_free(&server.got);
	buf_free(&client.got);
	buf_free(&server.body);
}

static void messages_go_there_and_back(void **state)
{
	char big[1000];
	struct place p;

	connect_both(&p);
	assert_memory_equal(tls_peer_key(link_tls(server.l)), tls_identity_key(p.client_is), TLS_KEY);
	assert_int_equal(link_send(client.l, WEBSOCKET_TEXT, SPAN("hello")), 0);
	while (client.messages < 1)
		assert_int_equal(fdm_run(fdm), 0);
	assert_true(span_eq(buf_span(&client.got), SPAN("hello")));
	assert_int_equal(client.kind, WEBSOCKET_TEXT);
	memset(big, 0xff, sizeof(big));
	assert_int_equal(link_send(client.l, WEBSOCKET_BINARY, (struct span){ big, sizeof(big) }), 0);
	while (client.messages < 2)
		assert_int_equal(fdm_run(fdm), 0);
	assert_int_equal(client.got.n, sizeof(big));
	assert_int_equal(client.kind, WEBSOCKET_BINARY);
	place_free(&p);
}

static void who_closes_says_why(void **state)
{
	struct place p;

	connect_both(&p);
	assert_int_equal(link_send(client.l, WEBSOCKET_TEXT, SPAN("close")), 0);
	until_closed();
	assert_int_equal(client.end.error, 0);
	assert_int_equal(client.end.code, WEBSOCKET_POLICY);
	assert_string_equal(client.reason, "you asked");
	assert_int_equal(server.end.error, 0);
	place_free(&p);

	connect_both(&p);
	link_close(client.l, WEBSOCKET_GOING_AWAY, "bye");
	if (client.l)
		assert_int_equal(link_send(client.l, WEBSOCKET_TEXT, SPAN("late")), -EPIPE);
	until_closed();
	assert_int_equal(server.end.code, WEBSOCKET_GOING_AWAY);
	assert_string_equal(server.reason, "bye");
	place_free(&p);
}

static void an_abort_is_a_cut(void **state)
{
	struct place p;

	connect_both(&p);
	assert_int_equal(link_send(client.l, WEBSOCKET_TEXT, SPAN("abort")), 0);
	until_closed();
	assert_int_equal(server.end.error, -ECANCELED);
	assert_int_equal(client.end.error, -ECONNRESET);
	assert_int_equal(client.end.code, 0);
	place_free(&p);
}

static void a_message_that_is_too_big_ends_it(void **state)
{
	char big[1001];
	struct place p;

	connect_both(&p);
	memset(big, 'x', sizeof(big));
	assert_int_equal(link_send(server.l, WEBSOCKET_TEXT, (struct span){ big, sizeof(big) }), 0);
	until_closed();
	assert_int_equal(client.end.error, -EMSGSIZE);
	assert_int_equal(server.end.code, WEBSOCKET_TOO_BIG);
	place_free(&p);
}

static void a_limit_may_be_raised(void **state)
{
	char big[1001];
	struct place p;

	connect_both(&p);
	memset(big, 'x', sizeof(big));
	link_set_max_message(client.l, sizeof(big));
	assert_int_equal(link_send(server.l, WEBSOCKET_TEXT, (struct span){ big, sizeof(big) }), 0);
	while (!client.messages)
		assert_int_equal(fdm_run(fdm), 0);
	assert_int_equal(client.got.n, sizeof(big));
	place_free(&p);
}

static void another_path_is_refused(void **state)
{
	struct place p;

	place_init(&p, "agent");
	start_client(&p, "/other", 1000);
	assert_int_equal(link_send(client.l, WEBSOCKET_TEXT, SPAN("early")), -EAGAIN);
	until_closed();
	assert_int_equal(client.end.error, -ECONNREFUSED);
	assert_int_equal(client.end.status, 404);
	assert_int_equal(client.ready + server.ready, 0);
	place_free(&p);
}

static void who_is_not_trusted_is_told_of(void **state)
{
	struct place p;

	place_init(&p, "agent-revoked"); /* fine, as nothing says that it is */
	start_client(&p, "/agent", 1000);
	while (!server.ready)
		assert_int_equal(fdm_run(fdm), 0);
	place_free(&p);

	place_init(&p, "agent-of-app");
	start_client(&p, "/agent", 1000);
	while (!refused)
		assert_int_equal(fdm_run(fdm), 0);
	assert_int_equal(refused_for, TLS_WRONG_USE);
	assert_int_equal(server.ready + server.closed, 0);
	place_free(&p);
}

static void who_dialled_pings(void **state)
{
	int64_t now;
	struct place p;

	connect_both(&p);
	now = clock_monotonic();
	link_check(client.l, now + LINK_PING_MS / 2);
	assert_int_equal(link_unsent(client.l), 0);
	link_check(client.l, now + LINK_PING_MS + 1000);
	assert_true(link_unsent(client.l) > 0);
	link_check(server.l, now + LINK_PING_MS + 1000);
	assert_int_equal(link_unsent(server.l), 0);
	link_check(client.l, now + CONN_LIMITS.silence_ms + 1000);
	assert_int_equal(client.end.error, -ETIMEDOUT);
	place_free(&p);
}

/* ---- plain requests, from a client that is no link ---- */

static struct conn *plain;
static struct buf answer;
static bool plain_open, plain_closed;

static void plain_opened(struct conn *c, void *says)
{
	assert_int_equal(conn_send(c, span_of(says)), 0);
	plain_open = true;
}

static void plain_received(struct conn *c, struct span bytes, void *data)
{
	buf_add_span(&answer, bytes);
}

static void plain_ended(struct conn *c, int error, void *data)
{
	plain_closed = true;
	fdm_quit(fdm);
}

static const struct conn_handler plain_handler = { plain_opened, plain_received, NULL, plain_ended };

static void plain_start(struct place *p, const char *says)
{
	struct conn_limits limits = CONN_LIMITS;
	struct tls_policy policy = { .identity = p->client_is, .authority = p->ca };
	struct tls *tls;

	plain_open = plain_closed = false;
	assert_int_equal(tls_client_new(&policy, "server.test", clock_now(), &tls), 0);
	assert_int_equal(conn_new(fdm, p->fd, tls, &limits, NULL, &plain_handler, (void *)(uintptr_t)says, &plain), 0);
}

static int quit(struct fdm *f, void *data)
{
	fdm_quit(f);
	return 0;
}

static void turn(void)
{
	int timer = fdm_timer_add(fdm, 20, quit, NULL);

	assert_int_equal(fdm_run(fdm), 0);
	fdm_timer_remove(fdm, timer);
}

/* A byte now and then breaks every silence, but is no request. */
static void who_trickles_is_let_go(void **state)
{
	struct conn_group *group;
	struct place p;
	int64_t now;

	place_init(&p, "agent");
	group = (struct conn_group *)(uintptr_t)listener_group(link_server_listener(p.s));
	plain_start(&p, "G");
	while (!plain_open || group->unopened)
		turn();
	now = clock_monotonic();
	conn_group_check(group, now + LINK_HEAD_MS - 2000);
	assert_int_equal(group->n, 1);
	conn_group_check(group, now + LINK_HEAD_MS + 2000);
	assert_int_equal(group->n, 0);
	while (!plain_closed)
		turn();
	place_free(&p);
}

static void plain_requests_are_answered(void **state)
{
	struct place p;

	place_init(&p, "agent");
	plain_start(&p, "POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
	                "GET /status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	while (!plain_closed)
		assert_int_equal(fdm_run(fdm), 0);
	assert_string_equal(answer.p, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody"
			    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n"
			    "Connection: close\r\n\r\nbody");
	buf_free(&answer);
	place_free(&p);
}

/* Neither what comes behind it nor its own wish to close is in the way. */
static void an_answer_may_come_later(void **state)
{
	struct place p;

	later = NULL;
	place_init(&p, "agent");
	plain_start(&p, "POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody"
	                "GET /status HTTP/1.1\r\nHost: a\r\n\r\n");
	while (!later)
		turn();
	for (int i = 0; i < 5; i++)
		turn();
	link_check(later, clock_monotonic() + LINK_IDLE_MS + 1000);
	assert_int_equal(answer.n + plain_closed, 0);
	link_answer(later, SPAN("at last"));
	while (!plain_closed)
		turn();
	assert_string_equal(answer.p, "at last");
	buf_free(&answer);
	place_free(&p);
}

static void an_answer_before_the_end_is_the_last(void **state)
{
	struct place p;

	place_init(&p, "agent");
	plain_start(&p, "POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
	                "GET /status HTTP/1.1\r\nHost: a\r\n\r\n");
	while (!plain_closed)
		turn();
	assert_string_equal(answer.p, "at once");
	buf_free(&answer);
	place_free(&p);
}

/* Nothing is read while it is held, by whomever, however long; then all comes. */
static void who_is_held_waits(void **state)
{
	struct place p;
	char big[1000];

	connect_both(&p);
	memset(big, 'x', sizeof(big));
	link_set_pieces(server.l);
	link_hold(server.l, true);
	link_hold(server.l, true);
	assert_int_equal(link_send(client.l, WEBSOCKET_TEXT, (struct span){ big, sizeof(big) }), 0);
	for (int i = 0; i < 5; i++)
		turn();
	link_hold(server.l, false);
	for (int i = 0; i < 5; i++)
		turn();
	link_check(server.l, clock_monotonic() + CONN_LIMITS.silence_ms + 1000);
	assert_int_equal(server.pieces + server.closed, 0);
	link_hold(server.l, false);
	while (!server.messages)
		turn();
	assert_int_equal(server.got.n, sizeof(big));
	place_free(&p);
}

static void strangers_are_counted_by_address(void **state)
{
	static const unsigned char here[CONN_ADDRESS] = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 };
	unsigned char address[CONN_ADDRESS];
	char text[CONN_ADDRESS_TEXT];
	const struct conn_group *group;
	struct place p;

	connect_both(&p);
	group = listener_group(link_server_listener(p.s));
	assert_memory_equal(link_address(server.l), here, sizeof(here));
	assert_string_equal(conn_address_text(here, text), "127.0.0.1");
	assert_int_equal(conn_group_strangers(group, here), 1);
	memcpy(address, here, sizeof(here));
	address[15] = 2;
	assert_int_equal(conn_group_strangers(group, address), 0);
	link_vouch(server.l);
	assert_int_equal(conn_group_strangers(group, here), 0);
	place_free(&p);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_go_there_and_back),
		cmocka_unit_test(who_closes_says_why),
		cmocka_unit_test(an_abort_is_a_cut),
		cmocka_unit_test(a_message_that_is_too_big_ends_it),
		cmocka_unit_test(a_limit_may_be_raised),
		cmocka_unit_test(another_path_is_refused),
		cmocka_unit_test(who_is_not_trusted_is_told_of),
		cmocka_unit_test(who_dialled_pings),
		cmocka_unit_test(plain_requests_are_answered),
		cmocka_unit_test(an_answer_may_come_later),
		cmocka_unit_test(an_answer_before_the_end_is_the_last),
		cmocka_unit_test(who_trickles_is_let_go),
		cmocka_unit_test(who_is_held_waits),
		cmocka_unit_test(strangers_are_counted_by_address),
	};

	pems_folder = argc > 1 ? argv[1] : ".";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
