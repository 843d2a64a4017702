/* conn, listener and dial over loopback. Run by make-certificates.py with the folder of certificates. */
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/net/dial.h"
#include "agent/net/listener.h"
#include "tests/unit/net/pems.h"

static struct fdm *fdm;

/* One end of a connection, and what happened to it. */
struct end {
	struct conn *c;
	struct buf got;
	unsigned opened, closed, drained;
	int error;
	enum tls_fault fault;
	bool echoes, aborts;
	size_t wanted; /* bytes after which the loop stops */
};

static struct end server, client;

static void opened(struct conn *c, void *data)
{
	struct end *e = data;

	e->c = c;
	e->opened++;
	if (server.opened && client.opened)
		fdm_quit(fdm);
}

static void received(struct conn *c, struct span plain, void *data)
{
	struct end *e = data;

	buf_add_span(&e->got, plain);
	if (e->aborts)
		conn_abort(c, -ECANCELED);
	else if (e->echoes)
		assert_int_equal(conn_send(c, plain), 0);
	if (e->wanted && e->got.n >= e->wanted)
		fdm_quit(fdm);
}

static void drained(struct conn *c, void *data)
{
	((struct end *)data)->drained++;
}

static void closed(struct conn *c, int error, void *data)
{
	struct end *e = data;

	e->c = NULL;
	e->closed++;
	e->error = error;
	e->fault = tls_fault(conn_tls(c));
	fdm_quit(fdm);
}

static const struct conn_handler handler = { opened, received, drained, closed };

/* ---- a listener and who dials it ---- */

struct place {
	struct listener *l;
	struct dial *d;
	struct tls_identity *server_is, *client_is;
	struct tls_authority *ca;
	struct tls_policy client_policy;
	struct listener_config config;
	int fd; /* dialled */
};

static void place_init(struct place *p, const char *client_name)
{
	server = (struct end){ 0 };
	client = (struct end){ 0 };
	fdm = fdm_new();
	*p = (struct place){ .server_is = pems_identity("server"), .client_is = pems_identity(client_name),
			     .ca = pems_authority("ca"), .fd = -1 };
	p->config = (struct listener_config){
		.policy = { .identity = p->server_is, .authority = p->ca, .unit = "agent" },
		.limits = CONN_LIMITS, .max_connections = 100, .max_unopened = 10, .handler = &handler, .data = &server,
	};
	p->client_policy = (struct tls_policy){ .identity = p->client_is, .authority = p->ca, .unit = "server" };
}

static void place_listen(struct place *p)
{
	assert_int_equal(listener_new(fdm, "127.0.0.1", 0, &p->config, &p->l), 0);
}

static void place_free(struct place *p)
{
	if (client.c)
		conn_abort(client.c, -ECANCELED);
	listener_free(p->l);
	dial_free(p->d);
	fdm_free(fdm);
	tls_identity_free(p->server_is);
	tls_identity_free(p->client_is);
	tls_authority_free(p->ca);
	buf_free(&server.got);
	buf_free(&client.got);
}

static void dialled(struct dial *d, int fd, void *data)
{
	((struct place *)data)->fd = fd;
	fdm_quit(fdm);
}

static void dial(struct place *p, const struct dial_place *places, size_t n)
{
	p->fd = INT_MIN;
	assert_int_equal(dial_new(fdm, places, n, 5000, dialled, p, &p->d), 0);
	while (p->fd == INT_MIN)
		assert_int_equal(fdm_run(fdm), 0);
}

static void start_client(struct place *p)
{
	struct conn_limits limits = p->config.limits;
	struct tls *tls;

	dial(p, &(struct dial_place){ "127.0.0.1", listener_port(p->l) }, 1);
	assert_true(p->fd >= 0);
	assert_int_equal(tls_client_new(&p->client_policy, "server.test", clock_now(), &tls), 0);
	assert_int_equal(conn_new(fdm, p->fd, tls, &limits, NULL, &handler, &client, &client.c), 0);
}

static void connect_both(struct place *p)
{
	place_listen(p);
	start_client(p);
	assert_int_equal(fdm_run(fdm), 0);
	assert_int_equal(server.opened, 1);
	assert_int_equal(client.opened, 1);
}

/* A socket that never says a word. */
static int mute(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static uint16_t closed_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	AUTO_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	return ntohs(at.sin_port);
}

static int stop(struct fdm *f, void *data)
{
	fdm_quit(f);
	return 0;
}

static void run_a_moment(void)
{
	int timer = fdm_timer_add(fdm, 50, stop, NULL);

	assert_int_equal(fdm_run(fdm), 0);
	fdm_timer_remove(fdm, timer);
}

/* ---- tests ---- */

static void what_is_sent_comes_back(void **state)
{
	AUTO_BUF much = BUF_INIT;
	struct place p;

	for (size_t i = 0; i < 2000000; i++)
		buf_add_char(&much, (char)(i * 131 >> 4));
	place_init(&p, "agent");
	connect_both(&p);
	assert_memory_equal(tls_peer_key(conn_tls(server.c)), tls_identity_key(p.client_is), TLS_KEY);
	server.echoes = true;
	client.wanted = much.n;
	assert_int_equal(conn_send(client.c, buf_span(&much)), 0);
	assert_int_equal(fdm_run(fdm), 0);
	assert_true(span_eq(buf_span(&client.got), buf_span(&much)));
	assert_true(client.drained > 0);
	place_free(&p);
}

static void the_last_words_arrive_before_the_end(void **state)
{
	struct place p;

	place_init(&p, "agent");
	connect_both(&p);
	conn_send(server.c, SPAN("never read"));
	assert_int_equal(conn_send(client.c, SPAN("goodbye")), 0);
	conn_close(client.c);
	assert_int_equal(conn_send(client.c, SPAN("late")), -EPIPE);
	while (!server.closed || !client.closed)
		assert_int_equal(fdm_run(fdm), 0);
	assert_int_equal(server.error, 0);
	assert_int_equal(client.error, 0);
	assert_true(span_eq(buf_span(&server.got), SPAN("goodbye")));
	assert_int_equal(listener_group(p.l)->n, 0);
	place_free(&p);
}

static void an_end_without_a_word_is_a_cut(void **state)
{
	struct place p;

	place_init(&p, "agent");
	connect_both(&p);
	conn_abort(client.c, -ECANCELED);
	assert_int_equal(client.error, -ECANCELED);
	while (!server.closed)
		assert_int_equal(fdm_run(fdm), 0);
	assert_int_equal(server.error, -ECONNRESET);
	place_free(&p);
}

static void a_handler_may_abort_its_connection(void **state)
{
	struct place p;

	place_init(&p, "agent");
	connect_both(&p);
	server.aborts = true;
	conn_send(client.c, SPAN("abort"));
	while (!server.closed)
		assert_int_equal(fdm_run(fdm), 0);
	assert_int_equal(server.error, -ECANCELED);
	place_free(&p);
}

static void who_is_not_trusted_never_opens(void **state)
{
	struct place p;

	place_init(&p, "agent-expired");
	place_listen(&p);
	start_client(&p);
	while (!server.closed)
		assert_int_equal(fdm_run(fdm), 0);
	assert_int_equal(server.error, -EKEYREJECTED);
	assert_int_equal(server.fault, TLS_EXPIRED);
	assert_int_equal(server.opened, 0);
	place_free(&p);
}

static void the_silent_and_the_slow_are_let_go(void **state)
{
	static const char lot[1 << 20];
	struct place p;
	int64_t now = clock_monotonic();

	place_init(&p, "agent");
	connect_both(&p);
	conn_check(server.c, now + p.config.limits.handshake_ms + 1);
	assert_int_equal(server.closed, 0); /* it is open */
	conn_check(server.c, clock_monotonic() + p.config.limits.silence_ms + 1);
	assert_int_equal(server.error, -ETIMEDOUT);
	place_free(&p);

	place_init(&p, "agent");
	connect_both(&p);
	for (int i = 0; i < 8; i++)
		conn_send(server.c, (struct span){ lot, sizeof(lot) });
	assert_int_equal(conn_send(server.c, (struct span){ lot, sizeof(lot) }), -ENOBUFS);
	conn_check(server.c, clock_monotonic() + p.config.limits.stall_ms + 1);
	assert_int_equal(server.error, -ETIMEDOUT);
	place_free(&p);
}

/* Moves bytes by hand; `listens`: also those to us. */
static void by_hand(struct tls *tls, int fd, bool listens)
{
	struct buf *out = tls_output(tls);
	AUTO_BUF plain = BUF_INIT;
	char piece[4096];
	ssize_t n = send(fd, out->p, out->n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		buf_consume(out, (size_t)n);
	n = listens ? recv(fd, piece, sizeof(piece), MSG_DONTWAIT) : 0;
	if (n > 0)
		assert_int_equal(tls_feed(tls, (struct span){ piece, (size_t)n }, &plain), 0);
}

static void who_asks_and_never_listens_costs_bounded_memory(void **state)
{
	static const char question[16384];
	struct tls *tls;
	struct place p;
	size_t asked = 0, most = 0;

	place_init(&p, "agent");
	place_listen(&p);
	server.echoes = true;
	dial(&p, &(struct dial_place){ "127.0.0.1", listener_port(p.l) }, 1);
	assert_int_equal(tls_client_new(&p.client_policy, "server.test", clock_now(), &tls), 0);
	while (!server.opened || !tls_is_open(tls)) {
		by_hand(tls, p.fd, true);
		run_a_moment();
	}
	for (unsigned stuck = 0; stuck < 5;) {
		size_t before = tls_output(tls)->n;

		if (before < sizeof(question)) {
			assert_int_equal(tls_put(tls, (struct span){ question, sizeof(question) }), 0);
			asked += sizeof(question);
		}
		before = tls_output(tls)->n;
		by_hand(tls, p.fd, false);
		if (tls_output(tls)->n < before) {
			stuck = 0;
			continue;
		}
		run_a_moment();
		stuck++;
		most = conn_unsent(server.c) > most ? conn_unsent(server.c) : most;
	}
	assert_true(asked > CONN_MUCH);
	assert_true(most < CONN_MUCH + 2 * sizeof(question));
	tls_free(tls);
	close(p.fd);
	place_free(&p);
}

static void half_open_ones_time_out_and_keep_nobody_out(void **state)
{
	int fds[50];
	struct place p;

	place_init(&p, "agent");
	place_listen(&p);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = mute(listener_port(p.l));
	while (server.closed < ARRAY_LEN(fds) - p.config.max_unopened)
		assert_int_equal(fdm_run(fdm), 0);
	assert_int_equal(server.error, -EBUSY);
	assert_int_equal(listener_group(p.l)->unopened, p.config.max_unopened);
	start_client(&p);
	while (!client.opened || !server.opened)
		assert_int_equal(fdm_run(fdm), 0);
	conn_group_check((struct conn_group *)listener_group(p.l),
			 clock_monotonic() + p.config.limits.handshake_ms + 1);
	assert_int_equal(listener_group(p.l)->unopened, 0);
	assert_int_equal(listener_group(p.l)->n, 1);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	place_free(&p);
}

/* Who showed who they are keep their place; a stranger makes room. */
static void there_are_at_most_so_many(void **state)
{
	char byte;
	struct place p;

	place_init(&p, "agent");
	p.config.max_connections = 1;
	connect_both(&p);
	conn_vouch(server.c);
	{
		AUTO_CLOSE int fd = mute(listener_port(p.l));

		run_a_moment();
		assert_int_equal(recv(fd, &byte, 1, 0), 0);
	}
	assert_int_equal(listener_group(p.l)->n, 1);
	assert_int_equal(server.closed, 0);
	place_free(&p);

	place_init(&p, "agent");
	p.config.max_connections = 1;
	connect_both(&p);
	{
		AUTO_CLOSE int fd = mute(listener_port(p.l));

		while (!server.closed)
			assert_int_equal(fdm_run(fdm), 0);
		assert_int_equal(server.error, -EBUSY);
		assert_int_equal(listener_group(p.l)->n, 1);
	}
	place_free(&p);
}

static void places_are_tried_in_order(void **state)
{
	struct place p;

	place_init(&p, "agent");
	place_listen(&p);
	dial(&p, (struct dial_place[]){ { "127.0.0.1", closed_port() }, { "localhost", listener_port(p.l) } }, 2);
	assert_true(p.fd >= 0);
	assert_int_equal(dial_which(p.d), 1);
	close(p.fd);
	dial_free(p.d);
	dial(&p, &(struct dial_place){ "127.0.0.1", closed_port() }, 1);
	assert_int_equal(p.fd, -ECONNREFUSED);
	place_free(&p);
}

/* A listener whose queue is full answers no further connect. */
static void who_does_not_answer_is_given_up(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	AUTO_CLOSE int deaf = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int queue[4];
	struct place p;

	assert_int_equal(bind(deaf, (struct sockaddr *)&at, size), 0);
	assert_int_equal(listen(deaf, 0), 0);
	assert_int_equal(getsockname(deaf, (struct sockaddr *)&at, &size), 0);
	for (size_t i = 0; i < ARRAY_LEN(queue); i++) {
		queue[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		connect(queue[i], (struct sockaddr *)&at, size);
	}
	place_init(&p, "agent");
	place_listen(&p);
	p.fd = INT_MIN;
	assert_int_equal(dial_new(fdm, (struct dial_place[]){ { "127.0.0.1", ntohs(at.sin_port) },
							      { "127.0.0.1", listener_port(p.l) } },
				  2, 100, dialled, &p, &p.d), 0);
	while (p.fd == INT_MIN)
		assert_int_equal(fdm_run(fdm), 0);
	assert_true(p.fd >= 0);
	assert_int_equal(dial_which(p.d), 1);
	close(p.fd);
	for (size_t i = 0; i < ARRAY_LEN(queue); i++)
		close(queue[i]);
	place_free(&p);
}

static void a_dial_may_end_while_it_runs(void **state)
{
	struct place p;
	struct dial *d;

	place_init(&p, "agent");
	for (int i = 0; i < 20; i++) {
		assert_int_equal(dial_new(fdm, &(struct dial_place){ "localhost", 1 }, 1, 5000, dialled, &p, &d), 0);
		dial_free(d);
	}
	assert_int_equal(dial_new(fdm, NULL, 0, 5000, dialled, &p, &d), -EINVAL);
	assert_int_equal(dial_new(fdm, &(struct dial_place){ "", 1 }, 1, 5000, dialled, &p, &d), -EINVAL);
	place_free(&p);
}

static void both_families_are_listened_to(void **state)
{
	struct place p;

	place_init(&p, "agent");
	assert_int_equal(listener_new(fdm, NULL, 0, &p.config, &p.l), 0);
	close(mute(listener_port(p.l)));
	listener_free(p.l);
	p.l = NULL;
	assert_int_equal(listener_new(fdm, "not an address", 0, &p.config, &p.l), -EINVAL);
	place_free(&p);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent_comes_back),
		cmocka_unit_test(the_last_words_arrive_before_the_end),
		cmocka_unit_test(an_end_without_a_word_is_a_cut),
		cmocka_unit_test(a_handler_may_abort_its_connection),
		cmocka_unit_test(who_is_not_trusted_never_opens),
		cmocka_unit_test(the_silent_and_the_slow_are_let_go),
		cmocka_unit_test(who_asks_and_never_listens_costs_bounded_memory),
		cmocka_unit_test(half_open_ones_time_out_and_keep_nobody_out),
		cmocka_unit_test(there_are_at_most_so_many),
		cmocka_unit_test(places_are_tried_in_order),
		cmocka_unit_test(who_does_not_answer_is_given_up),
		cmocka_unit_test(a_dial_may_end_while_it_runs),
		cmocka_unit_test(both_families_are_listened_to),
	};

	pems_folder = argc > 1 ? argv[1] : ".";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
