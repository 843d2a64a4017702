/* A client that sends, and ends or errs, in one piece with the end of its handshake (RFC 7918, false start): GnuTLS makes
 * those bytes. What comes before the connection opened is handed to nobody. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/fdm.h"
#include "agent/net/conn.h"
#include "tests/unit/net/pems.h"

struct client {
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	int fd;
	struct buf up; /* held back until flush */
};

static int opened, received, closed;
static struct fdm *fdm;

static ssize_t push(gnutls_transport_ptr_t client, const void *p, size_t n)
{
	struct client *c = client;

	buf_add(&c->up, p, n);
	return (ssize_t)n;
}

static ssize_t pull(gnutls_transport_ptr_t client, void *p, size_t n)
{
	struct client *c = client;
	ssize_t got = recv(c->fd, p, n, MSG_DONTWAIT);

	if (got < 0)
		gnutls_transport_set_errno(c->session, EAGAIN);
	return got;
}

static int pull_timeout(gnutls_transport_ptr_t client, unsigned ms)
{
	char byte;

	return recv(((struct client *)client)->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 1;
}

static void flush(struct client *c)
{
	assert_int_equal(send(c->fd, c->up.p, c->up.n, 0), c->up.n);
	buf_clear(&c->up);
}

static void on_opened(struct conn *c, void *data)
{
	opened++;
}

static void on_received(struct conn *c, struct span plain, void *data)
{
	assert_int_equal(opened, 1); /* never before */
	received++;
}

static void on_closed(struct conn *c, int error, void *data)
{
	closed++;
	fdm_quit(fdm);
}

static int quit(struct fdm *f, void *data)
{
	fdm_quit(f);
	return 0;
}

static void turn(void)
{
	int timer = fdm_timer_add(fdm, 50, quit, NULL);

	assert_int_equal(fdm_run(fdm), 0);
	fdm_timer_remove(fdm, timer);
}

static void client_init(struct client *c, int fd)
{
	*c = (struct client){ .fd = fd, .up = BUF_INIT };
	gnutls_certificate_allocate_credentials(&c->credentials);
	gnutls_init(&c->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_ENABLE_FALSE_START);
	assert_int_equal(gnutls_priority_set_direct(c->session, "NORMAL:-VERS-ALL:+VERS-TLS1.2", NULL), 0);
	gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE, c->credentials);
	gnutls_transport_set_ptr(c->session, c);
	gnutls_transport_set_push_function(c->session, push);
	gnutls_transport_set_pull_function(c->session, pull);
	gnutls_transport_set_pull_timeout_function(c->session, pull_timeout);
}

static void client_free(struct client *c)
{
	gnutls_deinit(c->session);
	gnutls_certificate_free_credentials(c->credentials);
	buf_free(&c->up);
	close(c->fd);
}

/* Up to where the client may send already, with its end of the handshake held back. */
static void shake_hands(struct client *c)
{
	int r;

	for (int i = 0; (r = gnutls_handshake(c->session)) != 0; i++) {
		assert_true(r == GNUTLS_E_AGAIN && i < 20);
		flush(c);
		turn();
	}
	assert_true(gnutls_session_get_flags(c->session) & GNUTLS_SFLAGS_FALSE_START);
	assert_int_equal(opened, 0);
}

static void meet(struct client *c, bool garbage)
{
	static const struct conn_handler handler = { on_opened, on_received, NULL, on_closed };
	static const char record[] = "\x15\x03\x03\x00\x20garbage garbage garbage garbage!";
	struct tls_identity *identity = pems_identity("server");
	struct tls_policy policy = { .identity = identity };
	struct tls *tls = NULL;
	struct conn *conn;
	int fds[2];

	opened = received = closed = 0;
	fdm = fdm_new();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(tls_server_new(&policy, clock_now(), &tls), 0);
	assert_int_equal(conn_new(fdm, fds[0], tls, &CONN_LIMITS, NULL, &handler, NULL, &conn), 0);
	client_init(c, fds[1]);
	shake_hands(c);
	assert_int_equal(gnutls_record_send(c->session, "hello", 5), 5);
	if (garbage)
		buf_add(&c->up, record, sizeof(record) - 1);
	else
		gnutls_alert_send(c->session, GNUTLS_AL_WARNING, GNUTLS_A_CLOSE_NOTIFY);
	flush(c);
	shutdown(c->fd, SHUT_WR); /* who erred is waited for, to hear of it */
	while (!closed)
		turn();
	assert_int_equal(received, opened);
	client_free(c);
	fdm_free(fdm);
	tls_identity_free(identity);
}

static void it_sends_and_ends(void **state)
{
	struct client c;

	meet(&c, false);
}

static void it_sends_and_errs(void **state)
{
	struct client c;

	meet(&c, true);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_sends_and_ends),
		cmocka_unit_test(it_sends_and_errs),
	};

	pems_folder = argc > 1 ? argv[1] : ".";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
