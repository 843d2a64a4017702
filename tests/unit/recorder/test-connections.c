#include "tests/unit/test.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "recorder/connections.h"

/* What becomes of connections, with a kernel that is made up: sockets, their descriptors, and their ends. */

enum { ROWS_MAX = 20000, SOCKETS_MAX = 16 };

struct row {
	enum event_action action;
	int64_t time_ms, image;
	int32_t result, port, port2, flags;
	char object[48], object2[48];
};

struct fixture {
	struct recording_config config;
	struct emit emit;
	struct connections *connections;
	struct row *rows;
	size_t n;
	struct sockdiag_socket sockets[SOCKETS_MAX]; /* the descriptor is the place, the inode 100 more */
	uint8_t there[SOCKETS_MAX];
	int lists, refuse;
};

static int sink(struct batch *b, void *data)
{
	struct fixture *f = data;

	for (size_t i = 0; i < b->n; i++) {
		const struct event *e = &b->items[i].event;

		assert_int_equal(b->items[i].type, ITEM_EVENT);
		assert_true(f->n < ROWS_MAX);
		f->rows[f->n] = (struct row){ e->action, e->time_ms, e->image, e->result, e->port, e->port2, e->flags, "", "" };
		snprintf(f->rows[f->n].object, 48, "%.*s", SPAN_FMT(e->object));
		snprintf(f->rows[f->n++].object2, 48, "%.*s", SPAN_FMT(e->object2));
	}
	batch_free(b);
	return 0;
}

static uint64_t inode_of(int64_t pid, uint64_t fd, void *data)
{
	struct fixture *f = data;

	return fd < SOCKETS_MAX && f->there[fd] ? fd + 100 : 0;
}

static int list(uint8_t protocol, sockdiag_fn *fn, void *fn_data, void *data)
{
	struct fixture *f = data;

	if (f->refuse)
		return -EAGAIN;
	f->lists++;
	for (size_t i = 0; i < SOCKETS_MAX; i++)
		if (f->there[i] && f->sockets[i].protocol == protocol)
			fn(&f->sockets[i], fn_data);
	return 0;
}

static int setup_as(void **state, bool live)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	assert_non_null(f);
	f->rows = calloc(ROWS_MAX, sizeof(*f->rows));
	f->emit = (struct emit){ .limit = 1000, .sink = sink, .data = f };
	if (live)
		f->config = (struct recording_config){ .inode = inode_of, .sockets = list, .closes = true, .data = f };
	return connections_new(&f->emit, &f->config, &f->connections);
}

static int setup(void **state)
{
	return setup_as(state, true);
}

static int setup_log(void **state)
{
	return setup_as(state, false);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	connections_free(f->connections);
	emit_free(&f->emit);
	free(f->rows);
	free(f);
	return 0;
}

static size_t rows(struct fixture *f)
{
	assert_int_equal(emit_flush(&f->emit), 0);
	return f->n;
}

static struct endpoint at(const char *address, uint16_t port)
{
	struct endpoint e;

	assert_int_equal(endpoint_parse(&e, span_of(address), port), 0);
	return e;
}

static struct connection told(enum event_action action, int64_t time_ms, uint64_t fd, const char *remote, uint16_t port)
{
	return (struct connection){ .boot = 1, .image = 7, .time_ms = time_ms, .serial = 5, .pid = 50, .fd = fd,
	                            .action = action, .ends.remote = at(remote, port) };
}

static struct sockdiag_socket sock(uint16_t local, const char *remote, uint16_t port, uint8_t state)
{
	return (struct sockdiag_socket){ { at("192.0.2.1", local), at(remote, port) }, IPPROTO_TCP, state, true, 0 };
}

static void open_socket(struct fixture *f, uint64_t fd, struct sockdiag_socket s)
{
	f->sockets[fd] = s;
	f->sockets[fd].inode = (uint32_t)fd + 100;
	f->there[fd] = 1;
}

static void add(struct fixture *f, struct connection c)
{
	connections_add(f->connections, &c);
}

/* What is looked up is told at the next turn. */
static void look(struct fixture *f, int64_t now_ms)
{
	connections_tick(f->connections, now_ms);
	connections_tick(f->connections, now_ms + 1);
}

static void closed(struct fixture *f, int64_t time_ms, struct sockdiag_socket s)
{
	assert_int_equal(connections_closed(f->connections, time_ms, &s), 0);
}

static void assert_row(const struct row *r, enum event_action action, int64_t time_ms, int32_t port, int32_t port2)
{
	assert_int_equal(r->action, action);
	assert_true(r->time_ms == time_ms);
	assert_int_equal(r->port, port);
	assert_int_equal(r->port2, port2);
}

/* ---- */

static void the_local_side_is_looked_up_while_it_is_open(void **state)
{
	struct fixture *f = *state;

	open_socket(f, 3, sock(40000, "203.0.113.9", 80, SOCKDIAG_ESTABLISHED));
	add(f, told(ACTION_NETWORK_CONNECT, 1000, 3, "203.0.113.9", 80));
	assert_int_equal(rows(f), 0);
	look(f, 1020);
	assert_int_equal(rows(f), 1);
	assert_row(&f->rows[0], ACTION_NETWORK_CONNECT, 1000, 80, 40000);
	assert_string_equal(f->rows[0].object2, "192.0.2.1");
	assert_int_equal(f->rows[0].flags, EVENT_FLAG_TCP);
	connections_tick(f->connections, 2000);
	assert_int_equal(f->lists, 1); /* nothing more to look for */
	closed(f, 13345, sock(40000, "203.0.113.9", 80, 7));
	connections_release(f->connections, 13344);
	assert_int_equal(rows(f), 1);
	connections_release(f->connections, 13345);
	assert_int_equal(rows(f), 2);
	assert_row(&f->rows[1], ACTION_NETWORK_DISCONNECT, 13345, 80, 40000);
	assert_int_equal(f->rows[1].result, 12345);
	assert_int_equal(f->rows[1].image, 7);
	closed(f, 13400, sock(40000, "203.0.113.9", 80, 7)); /* it is forgotten: that is another */
	connections_finish(f->connections);
	assert_int_equal(rows(f), 3);
	assert_int_equal(f->rows[2].image, 0);
	assert_int_equal(f->rows[2].result, EVENT_DURATION_UNKNOWN);
}

static void a_short_one_is_known_by_its_end(void **state)
{
	struct fixture *f = *state;

	closed(f, 1005, sock(40000, "203.0.113.9", 80, 7)); /* it may come before the record */
	add(f, told(ACTION_NETWORK_CONNECT, 1000, 3, "203.0.113.9", 80));
	connections_tick(f->connections, 1100);
	assert_int_equal(rows(f), 0);
	connections_release(f->connections, 1005);
	assert_int_equal(rows(f), 2);
	assert_row(&f->rows[0], ACTION_NETWORK_CONNECT, 1000, 80, 40000);
	assert_row(&f->rows[1], ACTION_NETWORK_DISCONNECT, 1005, 80, 40000);
	assert_int_equal(f->rows[1].result, 5);
}

static void one_without_end_or_socket_waits_for_so_long_only(void **state)
{
	struct fixture *f = *state;

	add(f, told(ACTION_NETWORK_CONNECT, 1000, 3, "203.0.113.9", 80));
	connections_tick(f->connections, 1000 + CONNECTIONS_HELD_MS - 1);
	assert_int_equal(rows(f), 0);
	connections_tick(f->connections, 1000 + CONNECTIONS_HELD_MS);
	assert_int_equal(rows(f), 1);
	assert_row(&f->rows[0], ACTION_NETWORK_CONNECT, 1000, 80, 0);
	assert_string_equal(f->rows[0].object, "203.0.113.9");
	assert_string_equal(f->rows[0].object2, "");
	add(f, told(ACTION_NETWORK_CONNECT, 9000, 3, "203.0.113.9", 80));
	connections_finish(f->connections);
	assert_int_equal(rows(f), 2);
}

static void whose_end_it_was_is_not_guessed(void **state)
{
	struct fixture *f = *state;
	struct connection other = told(ACTION_NETWORK_CONNECT, 1001, 3, "203.0.113.9", 80);

	add(f, told(ACTION_NETWORK_CONNECT, 1000, 3, "203.0.113.9", 80));
	other.pid = 51;
	other.image = 8;
	add(f, other);
	closed(f, 1005, sock(40000, "203.0.113.9", 80, 7));
	closed(f, 1006, sock(40001, "203.0.113.9", 80, 7));
	connections_finish(f->connections);
	assert_int_equal(rows(f), 4);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(f->rows[i].action, ACTION_NETWORK_DISCONNECT);
		assert_int_equal(f->rows[i].image, 0);
		assert_int_equal(f->rows[2 + i].action, ACTION_NETWORK_CONNECT);
		assert_int_equal(f->rows[2 + i].port2, 0);
	}
}

static void of_several_alike_the_ends_are_known(void **state)
{
	struct fixture *f = *state;

	add(f, told(ACTION_NETWORK_CONNECT, 1000, 3, "203.0.113.9", 80));
	add(f, told(ACTION_NETWORK_CONNECT, 1000, 3, "203.0.113.9", 80));
	closed(f, 1005, sock(40000, "203.0.113.9", 80, 7));
	closed(f, 1006, sock(40001, "203.0.113.9", 80, 7));
	connections_finish(f->connections);
	assert_int_equal(rows(f), 4);
	assert_row(&f->rows[0], ACTION_NETWORK_CONNECT, 1000, 80, 0); /* whose port is whose is not known */
	assert_row(&f->rows[1], ACTION_NETWORK_DISCONNECT, 1005, 80, 40000);
	assert_row(&f->rows[2], ACTION_NETWORK_CONNECT, 1000, 80, 0);
	assert_row(&f->rows[3], ACTION_NETWORK_DISCONNECT, 1006, 80, 40001);
	assert_int_equal(f->rows[3].image, 7);
}

static void one_after_the_other_are_told_apart_by_time(void **state)
{
	struct fixture *f = *state;
	struct connection other = told(ACTION_NETWORK_CONNECT, 1010, 3, "203.0.113.9", 80);

	add(f, told(ACTION_NETWORK_CONNECT, 1000, 3, "203.0.113.9", 80));
	other.image = 8;
	add(f, other);
	closed(f, 1005, sock(40000, "203.0.113.9", 80, 7));
	closed(f, 1015, sock(40001, "203.0.113.9", 80, 7));
	connections_finish(f->connections);
	assert_int_equal(rows(f), 4);
	assert_row(&f->rows[1], ACTION_NETWORK_DISCONNECT, 1005, 80, 40000);
	assert_int_equal(f->rows[1].image, 7);
	assert_row(&f->rows[3], ACTION_NETWORK_DISCONNECT, 1015, 80, 40001);
	assert_int_equal(f->rows[3].image, 8);
}

static void an_accepted_one_has_its_own_direction(void **state)
{
	struct fixture *f = *state;
	struct connection c = told(ACTION_NETWORK_ACCEPT, 1000, 4, "198.51.100.7", 50000);
	struct sockdiag_socket end = sock(22, "198.51.100.7", 50000, 7);

	c.ends.local = at("0.0.0.0", 22); /* as bound: its address is not known */
	add(f, c);
	closed(f, 1600, end);
	connections_finish(f->connections);
	assert_int_equal(rows(f), 2);
	assert_row(&f->rows[0], ACTION_NETWORK_ACCEPT, 1000, 50000, 22);
	assert_string_equal(f->rows[0].object2, "192.0.2.1");
	assert_row(&f->rows[1], ACTION_NETWORK_DISCONNECT, 1600, 50000, 22);
	assert_int_equal(f->rows[1].flags, EVENT_FLAG_TCP | EVENT_FLAG_ACCEPTED);
}

static void an_attempt_is_followed(void **state)
{
	struct fixture *f = *state;
	struct connection again = told(ACTION_NETWORK_CONNECT, 1500, 3, "203.0.113.9", 80);

	open_socket(f, 3, sock(40000, "203.0.113.9", 80, 2)); /* SYN_SENT */
	add(f, told(ACTION_NETWORK_CONNECT_ATTEMPT, 1000, 3, "203.0.113.9", 80));
	look(f, 1020);
	assert_int_equal(rows(f), 1);
	assert_row(&f->rows[0], ACTION_NETWORK_CONNECT_ATTEMPT, 1000, 80, 40000);
	assert_true(connections_is_pending(f->connections, &again)); /* EALREADY */
	connections_tick(f->connections, 1050);
	assert_int_equal(rows(f), 1);
	f->sockets[3].state = SOCKDIAG_ESTABLISHED;
	connections_tick(f->connections, 1400);
	assert_int_equal(rows(f), 2);
	assert_row(&f->rows[1], ACTION_NETWORK_CONNECT, 1400, 80, 40000);
	assert_true(connections_succeeded(f->connections, &again)); /* a record says so, too: no second row */
	assert_false(connections_is_pending(f->connections, &again));
	assert_int_equal(rows(f), 2);
	assert_false(connections_succeeded(f->connections, &again)); /* that would be a new one */
	closed(f, 3000, sock(40000, "203.0.113.9", 80, 7));
	connections_finish(f->connections);
	assert_int_equal(rows(f), 3);
	assert_int_equal(f->rows[2].result, 2000);
}

static void a_record_may_tell_first_what_became_of_it(void **state)
{
	struct fixture *f = *state;
	struct connection again = told(ACTION_NETWORK_CONNECT, 1500, 3, "203.0.113.9", 80);
	struct endpoint local = { .port = 0 };

	open_socket(f, 3, sock(40000, "203.0.113.9", 80, 2));
	add(f, told(ACTION_NETWORK_CONNECT_ATTEMPT, 1000, 3, "203.0.113.9", 80));
	assert_true(connections_succeeded(f->connections, &again));
	assert_int_equal(rows(f), 0);
	f->sockets[3].state = SOCKDIAG_ESTABLISHED;
	look(f, 1501);
	assert_int_equal(rows(f), 2);
	assert_row(&f->rows[0], ACTION_NETWORK_CONNECT_ATTEMPT, 1000, 80, 40000);
	assert_row(&f->rows[1], ACTION_NETWORK_CONNECT, 1500, 80, 40000);
	f->sockets[3].state = 2;
	add(f, told(ACTION_NETWORK_CONNECT_ATTEMPT, 2000, 3, "203.0.113.9", 80));
	look(f, 2001);
	connections_failed(f->connections, &again, &local);
	assert_int_equal(local.port, 40000);
	assert_false(connections_succeeded(f->connections, &again));
	connections_finish(f->connections);
	assert_int_equal(rows(f), 3); /* the caller makes the row of the failure */
}

static void an_attempt_that_came_to_nothing_has_failed(void **state)
{
	struct fixture *f = *state;
	struct sockdiag_socket end = sock(40000, "203.0.113.9", 80, 7);

	end.established = false;
	add(f, told(ACTION_NETWORK_CONNECT_ATTEMPT, 1000, 3, "203.0.113.9", 80));
	closed(f, 1300, end);
	closed(f, 1301, end); /* of nobody: it never was a connection */
	connections_finish(f->connections);
	assert_int_equal(rows(f), 2);
	assert_row(&f->rows[0], ACTION_NETWORK_CONNECT_ATTEMPT, 1000, 80, 40000);
	assert_row(&f->rows[1], ACTION_NETWORK_CONNECT_FAILED, 1300, 80, 40000);
	assert_int_equal(f->rows[1].result, 0);
	f->n = 0;
	end.established = true;
	add(f, told(ACTION_NETWORK_CONNECT_ATTEMPT, 2000, 3, "203.0.113.9", 80));
	closed(f, 2300, end);
	connections_finish(f->connections);
	assert_int_equal(rows(f), 3);
	assert_row(&f->rows[1], ACTION_NETWORK_CONNECT, 2000, 80, 40000);
	assert_row(&f->rows[2], ACTION_NETWORK_DISCONNECT, 2300, 80, 40000);
}

static void datagrams_have_a_local_side_and_no_end(void **state)
{
	struct fixture *f = *state;
	struct sockdiag_socket s = sock(40000, "203.0.113.53", 53, SOCKDIAG_ESTABLISHED);

	s.protocol = IPPROTO_UDP;
	open_socket(f, 3, s);
	add(f, told(ACTION_NETWORK_CONNECT, 1000, 3, "203.0.113.53", 53));
	look(f, 1001);
	assert_int_equal(rows(f), 1);
	assert_row(&f->rows[0], ACTION_NETWORK_CONNECT, 1000, 53, 40000);
	assert_int_equal(f->rows[0].flags, EVENT_FLAG_UDP);
	closed(f, 2000, s);
	connections_finish(f->connections);
	assert_int_equal(rows(f), 1);
	f->there[3] = 0;
	add(f, told(ACTION_NETWORK_CONNECT, 3000, 3, "203.0.113.53", 53)); /* short */
	closed(f, 3001, s);
	connections_finish(f->connections);
	assert_int_equal(rows(f), 2);
	assert_row(&f->rows[1], ACTION_NETWORK_CONNECT, 3000, 53, 40000);
}

static void a_descriptor_used_again_does_not_mislead(void **state)
{
	struct fixture *f = *state;

	open_socket(f, 3, sock(40001, "198.51.100.7", 443, SOCKDIAG_ESTABLISHED)); /* another connection by now */
	add(f, told(ACTION_NETWORK_CONNECT, 1000, 3, "203.0.113.9", 80));
	connections_tick(f->connections, 1020);
	assert_int_equal(rows(f), 0);
	closed(f, 1003, sock(40000, "203.0.113.9", 80, 7));
	connections_finish(f->connections);
	assert_int_equal(rows(f), 2);
	assert_row(&f->rows[0], ACTION_NETWORK_CONNECT, 1000, 80, 40000);
}

/* Closed, and the same done again under the same descriptor, before the first was looked at. */
static void a_socket_is_its_last_connections(void **state)
{
	struct fixture *f = *state;

	open_socket(f, 3, sock(40001, "203.0.113.9", 80, SOCKDIAG_ESTABLISHED));
	add(f, told(ACTION_NETWORK_CONNECT, 1000, 3, "203.0.113.9", 80));
	connections_tick(f->connections, 1020);
	add(f, told(ACTION_NETWORK_CONNECT, 1019, 3, "203.0.113.9", 80));
	look(f, 1040);
	closed(f, 1018, sock(40000, "203.0.113.9", 80, 7));
	closed(f, 1500, sock(40001, "203.0.113.9", 80, 7));
	connections_finish(f->connections);
	assert_int_equal(rows(f), 4);
	assert_row(&f->rows[0], ACTION_NETWORK_CONNECT, 1019, 80, 40001);
	assert_row(&f->rows[1], ACTION_NETWORK_CONNECT, 1000, 80, 40000);
	assert_row(&f->rows[2], ACTION_NETWORK_DISCONNECT, 1018, 80, 40000);
	assert_row(&f->rows[3], ACTION_NETWORK_DISCONNECT, 1500, 80, 40001);
}

static void listing_may_be_refused_for_a_while(void **state)
{
	struct fixture *f = *state;

	f->refuse = 1;
	open_socket(f, 3, sock(40000, "203.0.113.9", 80, SOCKDIAG_ESTABLISHED));
	add(f, told(ACTION_NETWORK_CONNECT, 1000, 3, "203.0.113.9", 80));
	connections_tick(f->connections, 1020);
	assert_int_equal(rows(f), 0);
	f->refuse = 0;
	look(f, 1500);
	assert_int_equal(rows(f), 1);
	assert_row(&f->rows[0], ACTION_NETWORK_CONNECT, 1000, 80, 40000);
}

static void one_reset_by_itself_is_known_by_its_port(void **state)
{
	struct fixture *f = *state;
	struct sockdiag_socket end = { .ends.local.port = 40000, .protocol = IPPROTO_TCP, .established = true };

	open_socket(f, 3, sock(40000, "203.0.113.9", 80, SOCKDIAG_ESTABLISHED));
	add(f, told(ACTION_NETWORK_CONNECT, 1000, 3, "203.0.113.9", 80));
	connections_tick(f->connections, 1020);
	closed(f, 1500, end);
	closed(f, 1501, end); /* of nobody, and nothing is known of it */
	connections_finish(f->connections);
	assert_int_equal(rows(f), 2);
	assert_row(&f->rows[1], ACTION_NETWORK_DISCONNECT, 1500, 80, 40000);
	assert_string_equal(f->rows[1].object, "203.0.113.9");
	assert_int_equal(f->rows[1].result, 500);
}

static void those_from_before_have_no_duration(void **state)
{
	struct fixture *f = *state;
	struct sockdiag_socket s = sock(22, "198.51.100.7", 50000, SOCKDIAG_ESTABLISHED);
	struct connection before = { .boot = 1, .image = 9, .pid = 60, .fd = UINT64_MAX, .ends = s.ends,
	                             .action = ACTION_NETWORK_ACCEPT };

	connections_known(f->connections, &before, 77);
	closed(f, 1500, s);
	connections_finish(f->connections);
	assert_int_equal(rows(f), 1);
	assert_row(&f->rows[0], ACTION_NETWORK_DISCONNECT, 1500, 50000, 22);
	assert_int_equal(f->rows[0].image, 9);
	assert_int_equal(f->rows[0].result, EVENT_DURATION_UNKNOWN);
	assert_true(f->rows[0].flags & EVENT_FLAG_ACCEPTED);
}

static void any_address_is_this_machine(void **state)
{
	struct fixture *f = *state;
	struct sockdiag_socket s = { { at("127.0.0.1", 40000), at("127.0.0.1", 80) }, IPPROTO_TCP, 7, true, 0 };

	add(f, told(ACTION_NETWORK_CONNECT, 1000, 3, "0.0.0.0", 80));
	closed(f, 1001, s);
	connections_finish(f->connections);
	assert_int_equal(rows(f), 2);
	assert_string_equal(f->rows[0].object, "0.0.0.0");
	assert_int_equal(f->rows[1].image, 7);
}

static void a_long_one_does_not_wrap(void **state)
{
	struct fixture *f = *state;

	open_socket(f, 3, sock(40000, "203.0.113.9", 80, SOCKDIAG_ESTABLISHED));
	add(f, told(ACTION_NETWORK_CONNECT, 1000, 3, "203.0.113.9", 80));
	connections_tick(f->connections, 1020);
	closed(f, INT64_C(90) * 86400000, sock(40000, "203.0.113.9", 80, 7));
	connections_finish(f->connections);
	assert_int_equal(rows(f), 2);
	assert_int_equal(f->rows[1].result, INT32_MAX);
	add(f, told(ACTION_NETWORK_CONNECT, 5000, 3, "203.0.113.9", 80));
	connections_tick(f->connections, 5001);
	closed(f, 4000, sock(40000, "203.0.113.9", 80, 7)); /* the clock was set back */
	connections_finish(f->connections);
	assert_int_equal(rows(f), 4);
	assert_int_equal(f->rows[3].result, 0);
}

/* The oldest goes, with the row that it still owes; its end is nobody's then. */
static void the_table_is_bounded(void **state)
{
	enum { MANY = 9000, KEPT = 8192 };
	struct fixture *f = *state;

	for (int i = 0; i < MANY; i++)
		add(f, told(ACTION_NETWORK_CONNECT, 1000 + i, 20 + (uint64_t)i, "203.0.113.9", (uint16_t)(1 + i)));
	assert_int_equal(rows(f), MANY - KEPT);
	assert_row(&f->rows[0], ACTION_NETWORK_CONNECT, 1000, 1, 0);
	f->n = 0;
	closed(f, 1001, sock(40000, "203.0.113.9", 1, 7));
	closed(f, 1002 + MANY, sock(40001, "203.0.113.9", MANY, 7));
	connections_finish(f->connections);
	assert_int_equal(rows(f), KEPT + 2);
	assert_int_equal(f->rows[0].image, 0);
	assert_row(&f->rows[2], ACTION_NETWORK_DISCONNECT, 1002 + MANY, MANY, 40001);
	assert_int_equal(f->rows[2].image, 7);
}

static void too_many_ends_are_refused(void **state)
{
	struct fixture *f = *state;
	struct sockdiag_socket s = sock(40000, "203.0.113.9", 80, 7);
	int r = 0;
	size_t n = 0;

	while (r == 0 && n <= CONNECTIONS_CLOSED_MAX) {
		r = connections_closed(f->connections, 1000, &s);
		n += r == 0;
	}
	assert_int_equal(r, -ENOBUFS);
	assert_int_equal(n, CONNECTIONS_CLOSED_MAX);
}

static void in_a_log_rows_are_made_at_once(void **state)
{
	struct fixture *f = *state;
	struct connection again = told(ACTION_NETWORK_CONNECT, 1500, 3, "203.0.113.9", 80);

	add(f, told(ACTION_NETWORK_CONNECT, 1000, 3, "203.0.113.9", 80));
	assert_int_equal(rows(f), 1);
	assert_false(connections_succeeded(f->connections, &again)); /* a second one */
	add(f, told(ACTION_NETWORK_CONNECT_ATTEMPT, 1100, 3, "203.0.113.9", 80));
	assert_int_equal(rows(f), 2);
	assert_true(connections_is_pending(f->connections, &again));
	assert_true(connections_succeeded(f->connections, &again));
	assert_int_equal(rows(f), 3);
	assert_row(&f->rows[2], ACTION_NETWORK_CONNECT, 1500, 80, 0);
	assert_false(connections_succeeded(f->connections, &again));
}

#define LIVE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE(the_local_side_is_looked_up_while_it_is_open), LIVE(a_short_one_is_known_by_its_end),
		LIVE(one_without_end_or_socket_waits_for_so_long_only), LIVE(whose_end_it_was_is_not_guessed),
		LIVE(one_after_the_other_are_told_apart_by_time), LIVE(of_several_alike_the_ends_are_known),
		LIVE(an_accepted_one_has_its_own_direction),
		LIVE(an_attempt_is_followed), LIVE(a_record_may_tell_first_what_became_of_it),
		LIVE(an_attempt_that_came_to_nothing_has_failed), LIVE(datagrams_have_a_local_side_and_no_end),
		LIVE(a_descriptor_used_again_does_not_mislead), LIVE(a_socket_is_its_last_connections),
		LIVE(listing_may_be_refused_for_a_while),
		LIVE(one_reset_by_itself_is_known_by_its_port), LIVE(those_from_before_have_no_duration),
		LIVE(any_address_is_this_machine), LIVE(a_long_one_does_not_wrap), LIVE(the_table_is_bounded),
		LIVE(too_many_ends_are_refused),
		cmocka_unit_test_setup_teardown(in_a_log_rows_are_made_at_once, setup_log, teardown),
	};

	return cmocka_run_group_tests_name("connections", tests, NULL, NULL);
}
