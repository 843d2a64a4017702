/* pump: a socketpair at each end of a link over loopback. Run by make-certificates.py with the folder of certificates. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/net/dial.h"
#include "agent/net/pump.h"
#include "agent/wire/frame.h"
#include "tests/unit/net/pems.h"

enum { MESSAGE_MOST = 4 << 20 };

static struct fdm *fdm;

/* One side: the link, its pump, and the far end of its socket. */
struct side {
	struct link *l;
	struct pump *p;
	int fd;
	bool done;
	struct link_end end;
	char reason[128];
};

static struct place {
	struct tls_identity *server_is, *client_is;
	struct tls_authority *ca;
	struct link_server *s;
	struct dial *d;
	struct side server, client;
} place;

static int quit(struct fdm *f, void *data)
{
	fdm_quit(f);
	return 0;
}

static void turn(void)
{
	int timer = fdm_timer_add(fdm, 2, quit, NULL);

	assert_int_equal(fdm_run(fdm), 0);
	fdm_timer_remove(fdm, timer);
}

static unsigned upgrade(struct link *l, const struct http_head *head, void *data)
{
	return 0;
}

static void ready(struct link *l, void *data)
{
	((struct side *)data)->l = l;
}

static void closed(struct link *l, const struct link_end *end, void *data)
{
	fail_msg("a link ended before it had its pump");
}

static const struct link_handler handler = { .upgrade = upgrade, .ready = ready, .closed = closed };

static void on_done(struct pump *p, const struct link_end *end, void *data)
{
	struct side *s = data;

	s->done = true;
	s->end = *end;
	snprintf(s->reason, sizeof(s->reason), "%s", end->reason);
}

static void on_dialled(struct dial *d, int fd, void *data)
{
	struct link_config config = {
		.policy = { .identity = place.client_is, .authority = place.ca, .unit = "server" },
		.name = "server.test", .target = "/", .limits = CONN_LIMITS, .max_message = MESSAGE_MOST,
		.handler = &handler, .data = &place.client,
	};
	struct link *l;

	assert_int_equal(link_new(fdm, fd, &config, &l), 0);
}

static void add_pump(struct side *s)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	s->fd = pair[0];
	assert_int_equal(fcntl(s->fd, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(pump_new(&(struct pump_config){ fdm, s->l, pair[1], MESSAGE_MOST, on_done, s }, &s->p), 0);
}

static void start(void)
{
	struct link_server_config config = { .max_message = MESSAGE_MOST, .handler = &handler, .data = &place.server };

	fdm = fdm_new();
	place = (struct place){ .server_is = pems_identity("server"), .client_is = pems_identity("agent"),
				.ca = pems_authority("ca") };
	config.listener = (struct listener_config){ .policy = { .identity = place.server_is }, .limits = CONN_LIMITS,
						    .max_connections = 10, .max_unopened = 10 };
	assert_int_equal(link_server_new(fdm, "127.0.0.1", 0, &config, &place.s), 0);
	assert_int_equal(dial_new(fdm, &(struct dial_place){ "127.0.0.1", listener_port(link_server_listener(place.s)) }, 1,
				  5000, on_dialled, NULL, &place.d), 0);
	while (!place.server.l || !place.client.l)
		turn();
	add_pump(&place.server);
	add_pump(&place.client);
}

/* Whatever is left is closed. */
static void end(void)
{
	close(place.client.fd);
	close(place.server.fd);
	while (!place.client.done || !place.server.done)
		turn();
	link_server_free(place.s);
	dial_free(place.d);
	fdm_free(fdm);
	tls_identity_free(place.server_is);
	tls_identity_free(place.client_is);
	tls_authority_free(place.ca);
}

static void say(int fd, struct span bytes)
{
	assert_int_equal(write(fd, bytes.p, bytes.n), bytes.n);
}

/* The next message, which must be in fd by and by. */
static void expect(int fd, enum frame_kind kind, struct span payload)
{
	struct frame_decoder d = FRAME_DECODER_INIT(MESSAGE_MOST);
	struct frame f;
	char byte;
	int r;

	while ((r = frame_next(&d, &f)) == 0) {
		if (read(fd, &byte, 1) == 1)
			assert_int_equal(frame_feed(&d, &byte, 1), 0);
		else
			turn();
	}
	assert_int_equal(r, 1);
	assert_int_equal(f.kind, kind);
	assert_true(span_eq(f.payload, payload));
	frame_decoder_free(&d);
}

static void messages_go_both_ways(void **state)
{
	start();
	say(place.client.fd, SPAN("\x01\0\0\0\2{}" "\x02\0\0\0\0" "\x81\0\0\0\1a\x01"));
	expect(place.server.fd, FRAME_TEXT, SPAN("{}"));
	expect(place.server.fd, FRAME_BINARY, SPAN(""));
	say(place.client.fd, SPAN("\0\0\0\2bc"));
	expect(place.server.fd, FRAME_TEXT, SPAN("abc"));
	say(place.server.fd, SPAN("\x02\0\0\0\3\xff\0\xfe"));
	expect(place.client.fd, FRAME_BINARY, SPAN("\xff\0\xfe"));
	assert_true(clock_monotonic() - pump_heard(place.client.p) < 60000);
	end();
	assert_int_equal(place.client.end.error, 0);
	assert_int_equal(place.server.end.error, 0);
}

/* Writes as much of `bytes` as is taken while nobody reads. */
static size_t fill(int fd, struct span bytes)
{
	size_t done = 0;

	for (int idle = 0; idle < 20 && done < bytes.n;) {
		ssize_t n = write(fd, bytes.p + done, bytes.n - done);

		if (n > 0) {
			done += (size_t)n;
			idle = 0;
		} else {
			turn();
			idle++;
		}
	}
	return done;
}

static void add_message(struct buf *out, unsigned seed, size_t n)
{
	frame_put_header(out, FRAME_BINARY, false, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		buf_add_char(out, (char)(i * 31 + i / 251 + seed));
}

/* Who does not read is not read for, beyond what the sockets hold; and nothing is lost by it. */
static void who_does_not_read_is_waited_for(void **state)
{
	enum { MESSAGES = 12 };
	struct frame_decoder d = FRAME_DECODER_INIT(MESSAGE_MOST);
	AUTO_BUF all = BUF_INIT;
	size_t sent, at = 0;
	unsigned seen = 0;
	struct frame f;

	start();
	for (unsigned i = 0; i < MESSAGES; i++)
		add_message(&all, i, MESSAGE_MOST - i);
	assert_false(all.failed);
	sent = fill(place.client.fd, buf_span(&all));
	assert_true(sent < all.n / 2);
	while (seen < MESSAGES) {
		char piece[65536];
		ssize_t n = sent < all.n ? write(place.client.fd, all.p + sent, all.n - sent) : 0;

		sent += n > 0 ? (size_t)n : 0;
		n = read(place.server.fd, piece, sizeof(piece));
		if (n <= 0) {
			turn();
			continue;
		}
		assert_int_equal(frame_feed(&d, piece, (size_t)n), 0);
		while (frame_next(&d, &f) == 1) {
			assert_int_equal(f.payload.n, MESSAGE_MOST - seen);
			assert_memory_equal(f.payload.p, all.p + at + FRAME_HEADER, f.payload.n);
			at += FRAME_HEADER + f.payload.n;
			seen++;
		}
	}
	frame_decoder_free(&d);
	end();
	assert_int_equal(place.client.end.error, 0);
}

static void an_end_of_either_ends_both(void **state)
{
	char byte;

	start();
	say(place.client.fd, SPAN("\x01\0\0\0\2{}"));
	close(place.client.fd);
	place.client.fd = -1;
	while (!place.client.done || !place.server.done)
		turn();
	expect(place.server.fd, FRAME_TEXT, SPAN("{}")); /* what was said last comes still */
	assert_int_equal(read(place.server.fd, &byte, 1), 0);
	assert_int_equal(place.server.end.code, WEBSOCKET_NORMAL);
	end();

	start();
	pump_close(place.server.p, WEBSOCKET_POLICY, "idle");
	while (!place.client.done)
		turn();
	assert_int_equal(place.client.end.code, WEBSOCKET_POLICY);
	assert_string_equal(place.client.reason, "idle");
	assert_int_equal(read(place.client.fd, &byte, 1), 0);
	end();
	assert_int_equal(place.server.end.error, 0);

	start();
	link_abort(place.server.l, -ECANCELED);
	while (!place.client.done)
		turn();
	assert_int_equal(place.server.end.error, -ECANCELED);
	assert_int_equal(place.client.end.error, -ECONNRESET);
	end();
}

/* What its socket had to say comes though it takes nothing any more. */
static void who_stopped_reading_is_still_heard(void **state)
{
	start();
	say(place.client.fd, SPAN("\x01\0\0\0\4last"));
	close(place.client.fd);
	place.client.fd = -1;
	say(place.server.fd, SPAN("\x01\0\0\0\2{}"));
	expect(place.server.fd, FRAME_TEXT, SPAN("last"));
	end();
	assert_int_equal(place.client.end.error, 0);
}

static void fails_with(struct span bytes, int error)
{
	start();
	say(place.client.fd, bytes);
	if (error == -EPIPE) {
		close(place.client.fd);
		place.client.fd = -1;
	}
	while (!place.client.done || !place.server.done)
		turn();
	assert_int_equal(place.client.end.error, error);
	assert_int_equal(place.server.end.code, WEBSOCKET_INTERNAL);
	end();
}

static void a_socket_that_breaks_the_rules_is_ended(void **state)
{
	fails_with(SPAN("\x03\0\0\0\1x"), -EPROTO);
	fails_with(SPAN("\x81\0\0\0\1x\x02\0\0\0\1y"), -EPROTO);
	fails_with(SPAN("\x01\0\x40\0\1x"), -EMSGSIZE);
	fails_with(SPAN("\x82\0\x40\0\0"), -EPIPE);
	fails_with(SPAN("\x81\0\0\0\1x\x81\0\x40\0\0"), -EMSGSIZE);
	fails_with(SPAN("\x01\0"), -EPIPE);
	fails_with(SPAN("\x01\0\0\0\2x"), -EPIPE);
	fails_with(SPAN("\x81\0\0\0\1x"), -EPIPE);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_go_both_ways),
		cmocka_unit_test(who_does_not_read_is_waited_for),
		cmocka_unit_test(an_end_of_either_ends_both),
		cmocka_unit_test(who_stopped_reading_is_still_heard),
		cmocka_unit_test(a_socket_that_breaks_the_rules_is_ended),
	};

	pems_folder = argc > 1 ? argv[1] : ".";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
