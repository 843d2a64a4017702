#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "recorder/sockdiag.h"
#include "recorder/socketlook.h"

/* A message as the kernel sends it: nlmsghdr, inet_diag_msg, attributes PROTOCOL and INFO. */
enum { BODY = 16, ATTRIBUTES = 88, PROTOCOL = 10, INFO = 2, INFO_SIZE = 280, MIN_RTT = 148, WHOLE = 96 + 4 + INFO_SIZE };

struct message {
	unsigned char bytes[WHOLE];
	size_t n;
};

static void put32(struct message *m, size_t at, uint32_t value)
{
	memcpy(m->bytes + at, &value, 4);
}

static void put16(struct message *m, size_t at, uint16_t value)
{
	memcpy(m->bytes + at, &value, 2);
}

static struct message message(int family, const char *local, int local_port, const char *remote, int remote_port,
                              uint32_t min_rtt)
{
	struct message m = { .n = WHOLE };

	put32(&m, 0, WHOLE);
	put16(&m, 4, 20);
	m.bytes[BODY] = (unsigned char)family;
	m.bytes[BODY + 1] = TCP_CLOSE;
	put16(&m, BODY + 4, htons((uint16_t)local_port));
	put16(&m, BODY + 6, htons((uint16_t)remote_port));
	inet_pton(family, local, m.bytes + BODY + 8);
	inet_pton(family, remote, m.bytes + BODY + 24);
	put16(&m, ATTRIBUTES, 5);
	put16(&m, ATTRIBUTES + 2, PROTOCOL);
	m.bytes[ATTRIBUTES + 4] = IPPROTO_TCP;
	put16(&m, ATTRIBUTES + 8, 4 + INFO_SIZE);
	put16(&m, ATTRIBUTES + 10, INFO);
	put32(&m, ATTRIBUTES + 12 + MIN_RTT, min_rtt);
	return m;
}

static int parse(const struct message *m, struct sockdiag_socket *ret)
{
	char *copy = malloc(m->n ? m->n : 1); /* of the very size: reading past it shows */
	int r;

	assert_non_null(copy);
	memcpy(copy, m->bytes, m->n);
	r = sockdiag_parse((struct span){ copy, m->n }, ret);
	free(copy);
	return r;
}

static bool has_text(const struct endpoint *e, const char *z)
{
	struct arena arena = ARENA_INIT;
	struct span text = endpoint_text(e, &arena);
	bool same = span_eq(text, span_of(z));

	arena_free(&arena);
	return same;
}

static void both_ends_are_read(void **state)
{
	struct message m = message(AF_INET, "192.0.2.1", 40000, "203.0.113.9", 443, 25);
	struct sockdiag_socket s;

	assert_int_equal(parse(&m, &s), 0);
	assert_true(has_text(&s.ends.local, "192.0.2.1") && has_text(&s.ends.remote, "203.0.113.9"));
	assert_int_equal(s.ends.local.port, 40000);
	assert_int_equal(s.ends.remote.port, 443);
	assert_int_equal(s.protocol, IPPROTO_TCP);
	assert_int_equal(s.state, TCP_CLOSE);
	assert_true(s.established);
	m = message(AF_INET6, "2001:db8::1", 1, "::ffff:192.0.2.7", 2, UINT32_MAX);
	assert_int_equal(parse(&m, &s), 0);
	assert_true(has_text(&s.ends.local, "2001:db8::1") && has_text(&s.ends.remote, "192.0.2.7"));
	assert_false(s.established);
}

static void what_is_cut_or_strange_is_refused(void **state)
{
	struct message m = message(AF_INET, "192.0.2.1", 1, "192.0.2.2", 2, 25), other;
	struct sockdiag_socket s = { .protocol = 77 };

	for (m.n = 0; m.n < WHOLE; m.n++) /* the header says more than there is */
		assert_int_equal(parse(&m, &s), -EBADMSG);
	m.n = WHOLE;
	other = m;
	other.bytes[BODY] = AF_UNIX;
	assert_int_equal(parse(&other, &s), -EBADMSG);
	other = m;
	put16(&other, 4, 3); /* NLMSG_DONE */
	assert_int_equal(parse(&other, &s), -EBADMSG);
	other = m;
	put16(&other, ATTRIBUTES, 0); /* an attribute without length would never end */
	assert_int_equal(parse(&other, &s), -EBADMSG);
	put16(&other, ATTRIBUTES, 60000);
	assert_int_equal(parse(&other, &s), -EBADMSG);
	assert_int_equal(s.protocol, 77);
	for (uint32_t n = ATTRIBUTES; n <= WHOLE; n++) { /* a header that says less: what it covers is read */
		int r;

		other = m;
		put32(&other, 0, n);
		other.n = n;
		r = parse(&other, &s);
		assert_true(r == 0 || r == -EBADMSG);
	}
}

static void an_old_kernel_says_less(void **state)
{
	struct message m = message(AF_INET, "192.0.2.1", 1, "192.0.2.2", 2, 25);
	struct sockdiag_socket s;

	put16(&m, ATTRIBUTES + 8, 4 + 100); /* its tcp_info has no min_rtt */
	put32(&m, 0, ATTRIBUTES + 8 + 104);
	assert_int_equal(parse(&m, &s), 0);
	assert_false(s.established);
	put32(&m, 0, ATTRIBUTES);
	assert_int_equal(parse(&m, &s), 0);
	assert_int_equal(s.protocol, 0);
}

/* ---- the kernel itself ---- */

struct seen {
	uint16_t local, remote;
	uint64_t inode;
	int n, others;
	struct sockdiag_socket last;
};

static void note(const struct sockdiag_socket *s, void *data)
{
	struct seen *seen = data;

	if ((seen->inode && s->inode == seen->inode) ||
	    (!seen->inode && s->ends.local.port == seen->local && s->ends.remote.port == seen->remote)) {
		seen->last = *s;
		seen->n++;
	} else {
		seen->others++;
	}
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	return ntohs(a.sin_port);
}

static int loopback(int type, int *ret_listener)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, type, 0), fd = socket(AF_INET, type, 0);
	socklen_t n = sizeof(a);

	assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_true(type != SOCK_STREAM || listen(listener, 5) == 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &n), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	*ret_listener = listener;
	return fd;
}

static void receive(int fd, struct seen *seen, int wanted)
{
	for (int i = 0; i < 500 && seen->n < wanted; i++) {
		while (sockdiag_receive(fd, note, seen) > 0)
			;
		nanosleep(&(struct timespec){ 0, 2000000 }, NULL);
	}
}

static void the_kernel_tells_of_each_end(void **state)
{
	int watch = sockdiag_open(), listener, fd;
	struct linger reset = { 1, 0 };
	struct seen seen = { 0 };

	if (watch < 0 || sockdiag_list(IPPROTO_TCP, 1u << TCP_LISTEN, note, &seen) < 0) {
		printf("skipped: no sock_diag here: %s\n", watch < 0 ? strerror(-watch) : "no inet_diag");
		skip();
	}
	fd = loopback(SOCK_STREAM, &listener);
	seen = (struct seen){ port_of(fd), port_of(listener), 0, 0, 0, { .protocol = 0 } };
	close(fd);
	close(accept(listener, NULL, NULL));
	receive(watch, &seen, 1);
	assert_int_equal(seen.n, 1);
	assert_true(seen.last.established && seen.last.protocol == IPPROTO_TCP && seen.last.inode == 0);
	close(listener);
	fd = loopback(SOCK_STREAM, &listener);
	seen = (struct seen){ port_of(fd), 0, 0, 0, 0, { .protocol = 0 } }; /* reset by itself: no remote side is left */
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	receive(watch, &seen, 1);
	assert_int_equal(seen.n, 1);
	assert_true(seen.last.established);
	close(listener);
	fd = loopback(SOCK_DGRAM, &listener);
	seen = (struct seen){ port_of(fd), port_of(listener), 0, 0, 0, { .protocol = 0 } };
	close(fd);
	receive(watch, &seen, 1);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.last.protocol, IPPROTO_UDP);
	close(listener);
	close(watch);
}

static void a_descriptor_leads_to_the_ends(void **state)
{
	static const struct { int type; uint8_t protocol; } cases[] = { { SOCK_STREAM, IPPROTO_TCP }, { SOCK_DGRAM, IPPROTO_UDP } };

	for (size_t i = 0; i < 2; i++) {
		struct socketlook look = { 0 };
		int listener, fd = loopback(cases[i].type, &listener);
		struct seen seen = { .inode = socketlook_inode(getpid(), (uint64_t)fd) };
		int r = socketlook_list(&look, cases[i].protocol, note, &seen);

		assert_true(seen.inode != 0);
		if (r == -ENOENT || r == -EPROTONOSUPPORT)
			skip();
		assert_int_equal(r, 0);
		assert_int_equal(seen.n, 1);
		assert_int_equal(seen.last.ends.local.port, port_of(fd));
		assert_int_equal(seen.last.ends.remote.port, port_of(listener));
		assert_int_equal(seen.last.protocol, cases[i].protocol);
		assert_int_equal(socketlook_list(&look, cases[i].protocol, note, &seen), -EAGAIN); /* not again at once */
		close(fd);
		assert_int_equal(socketlook_inode(getpid(), (uint64_t)fd), 0);
		close(listener);
	}
	assert_int_equal(socketlook_inode(getpid(), UINT64_MAX), 0);
	assert_int_equal(socketlook_inode(-1, 0), 0);
	assert_int_equal(socketlook_inode(getpid(), 0), 0); /* no socket */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_are_read), cmocka_unit_test(what_is_cut_or_strange_is_refused),
		cmocka_unit_test(an_old_kernel_says_less), cmocka_unit_test(the_kernel_tells_of_each_end),
		cmocka_unit_test(a_descriptor_leads_to_the_ends),
	};

	return cmocka_run_group_tests_name("sockdiag", tests, NULL, NULL);
}
