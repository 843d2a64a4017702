#include "recorder/connections.h"
#include "recorder/interpret.h"
#include "recorder/recent.h"
#include "recorder/sockaddr.h"

#include <errno.h>

enum { UNIX_PORT = -1 }; /* of a socket with a name */
enum { RESTART_SYSCALL = 512 }; /* ERESTARTSYS: begins again after a signal; no number of user space */

static bool socket_address(struct interpretation *in, struct sockaddr_text *ret)
{
	size_t at = 0;
	struct pending_record *r = interpret_record(in, TYPE_SOCKADDR, &at);
	struct arena *arena = emit_arena(in->emit);
	struct record_field f;

	return r && arena && record_find(r->body, SPAN("saddr"), &f) &&
	       sockaddr_decode(f.value, syscall_arch_little_endian(in->event->syscall.arch), arena, ret) == 0;
}

static bool is_ip(const struct sockaddr_text *a)
{
	return a->family == SOCKADDR_IPV4 || a->family == SOCKADDR_IPV6;
}

static bool remote_address(struct interpretation *in, struct sockaddr_text *ret)
{
	return socket_address(in, ret) &&
	       (is_ip(ret) || (in->config->unix_sockets && ret->family == SOCKADDR_UNIX && ret->address.n));
}

/* The descriptor that a socket call is about: its first argument, of socketcall(2) in a record of its own. */
static bool descriptor(struct interpretation *in, uint64_t *ret)
{
	struct pending_record *r;
	struct record_field f;
	size_t at = 0;

	if (in->event->call.op != OP_SOCKETCALL) {
		*ret = (uint32_t)in->event->syscall.a[0];
		return true;
	}
	r = interpret_record(in, TYPE_SOCKETCALL, &at);
	return r && record_find(r->body, SPAN("a0"), &f) && span_hex_to_u64(f.value, ret) == 0;
}

static enum event_action connect_action(int32_t error)
{
	switch (error) {
	case 0:
	case EISCONN: return ACTION_NETWORK_CONNECT;
	case EINPROGRESS:
	case EALREADY:
	case EINTR:
	case RESTART_SYSCALL: return ACTION_NETWORK_CONNECT_ATTEMPT;
	}
	return ACTION_NETWORK_CONNECT_FAILED;
}

static struct event *row_with(struct interpretation *in, enum event_action action, const struct sockaddr_text *remote)
{
	struct event *row = interpret_row(in, action);

	if (!row)
		return NULL;
	row->object = remote->address;
	row->port = remote->port;
	return row;
}

/* Of which the records are lost that would tell the address. */
static bool lost_address(const struct interpretation *in)
{
	return in->event->partial && !in->event->has_sockaddr;
}

static struct connection connection_of(struct interpretation *in, enum event_action action,
                                       const struct sockaddr_text *remote, uint64_t fd)
{
	return (struct connection){ .boot = in->boot, .image = interpret_image(in), .time_ms = in->event->time_ms,
		.serial = in->event->serial, .pid = in->event->syscall.pid, .fd = fd, .action = action,
		.flags = interpret_flags(in), .ends.remote = remote->endpoint };
}

/* Only TCP tells these at once. */
static int32_t transport_of(int32_t error)
{
	return error == ECONNREFUSED || error == ETIMEDOUT || error == ECONNRESET ? EVENT_FLAG_TCP : 0;
}

static void connect_failed(struct interpretation *in, const struct sockaddr_text *remote, uint64_t fd, int32_t error)
{
	struct connection told = { .boot = in->boot, .pid = in->event->syscall.pid, .fd = fd,
	                           .ends.remote = remote->endpoint };
	struct endpoint local = { .port = 0 };
	struct event *row;

	connections_failed(in->connections, &told, &local);
	row = row_with(in, ACTION_NETWORK_CONNECT_FAILED, remote);
	if (!row)
		return;
	row->result = error;
	row->flags |= transport_of(error);
	row->object2 = endpoint_text(&local, emit_arena(in->emit));
	row->port2 = local.port;
}

/* connect called again says what became of the first call: nothing new was begun. Only EINPROGRESS always says that
 * something was (net/ipv4/af_inet.c): the descriptor is then another socket's. */
static void connect_ip(struct interpretation *in, const struct sockaddr_text *remote, uint64_t fd, int32_t error)
{
	enum event_action action = connect_action(error);
	struct connection told;

	if (action == ACTION_NETWORK_CONNECT_FAILED) {
		connect_failed(in, remote, fd, error);
		return;
	}
	told = connection_of(in, action, remote, fd);
	if (action == ACTION_NETWORK_CONNECT ? connections_succeeded(in->connections, &told) || error == EISCONN :
	                                       error != EINPROGRESS && connections_is_pending(in->connections, &told))
		return;
	connections_add(in->connections, &told);
}

void interpret_connect(struct interpretation *in)
{
	int32_t error = interpret_errno(&in->event->syscall);
	struct sockaddr_text remote = { .family = SOCKADDR_OTHER };
	bool known = remote_address(in, &remote);
	struct event *row;
	uint64_t fd;

	if (known && is_ip(&remote) && descriptor(in, &fd)) {
		connect_ip(in, &remote, fd, error);
		return;
	}
	if (error == EISCONN || (!known && !lost_address(in)))
		return;
	row = row_with(in, connect_action(error), &remote);
	if (row)
		row->result = row->action == ACTION_NETWORK_CONNECT_FAILED ? error : 0;
}

/* Where the socket was bound to, when that was this process's doing and recorded. */
static struct span bound_to(struct interpretation *in, int32_t *ret_port)
{
	struct arena *arena = emit_arena(in->emit);
	uint64_t fd;

	if (!arena || !descriptor(in, &fd))
		return SPAN_NONE;
	return arena_copy(arena, recent_socket(in->recent, in->boot, in->event->syscall.pid, fd, ret_port));
}

/* As far as it is known: all 0 when not. */
static struct endpoint bound_to_endpoint(struct interpretation *in)
{
	struct endpoint e = { .port = 0 };
	int32_t port = 0;
	struct span local = bound_to(in, &port);

	if (local.p && port > 0)
		endpoint_parse(&e, local, (uint16_t)port);
	return e;
}

void interpret_accept(struct interpretation *in)
{
	struct sockaddr_text remote = { .family = SOCKADDR_OTHER };
	struct connection told;
	bool known;

	if (in->event->syscall.success != 1)
		return;
	known = remote_address(in, &remote);
	if (!known || !is_ip(&remote)) {
		if (known || lost_address(in))
			row_with(in, ACTION_NETWORK_ACCEPT, &remote);
		return;
	}
	told = connection_of(in, ACTION_NETWORK_ACCEPT, &remote, (uint64_t)in->event->syscall.exit);
	told.ends.local = bound_to_endpoint(in);
	connections_add(in->connections, &told);
}

/* The name of a unix socket is a file; the address of another is told when somebody listens there. */
void interpret_bind(struct interpretation *in)
{
	struct sockaddr_text local;
	uint64_t fd;

	if (in->event->n_path)
		interpret_mkdir(in);
	if (in->event->syscall.success == 1 && socket_address(in, &local) && descriptor(in, &fd) &&
	    (is_ip(&local) || local.family == SOCKADDR_UNIX))
		recent_add_socket(in->recent, in->boot, in->event->syscall.pid, fd, local.address,
		                  is_ip(&local) ? local.port : UNIX_PORT);
}

void interpret_listen(struct interpretation *in)
{
	int32_t port = 0;
	struct span local;
	struct event *row;

	if (in->event->syscall.success != 1)
		return;
	local = bound_to(in, &port);
	if (port == UNIX_PORT && !in->config->unix_sockets)
		return;
	row = interpret_row(in, ACTION_NETWORK_LISTEN);
	if (!row)
		return;
	row->object = local;
	row->port = port == UNIX_PORT ? 0 : port;
}

void interpret_sendto(struct interpretation *in)
{
	struct sockaddr_text remote = { .family = SOCKADDR_OTHER };

	if (in->config->sendto && in->event->syscall.success == 1 && (remote_address(in, &remote) || lost_address(in)))
		row_with(in, ACTION_NETWORK_SEND, &remote);
}

void interpret_socketcall(struct interpretation *in)
{
	switch (syscall_socketcall(in->event->syscall.a[0])) {
	case OP_CONNECT:
		interpret_connect(in);
		break;
	case OP_ACCEPT:
		interpret_accept(in);
		break;
	case OP_BIND:
		interpret_bind(in);
		break;
	case OP_LISTEN:
		interpret_listen(in);
		break;
	case OP_SENDTO:
		interpret_sendto(in);
		break;
	default:
		break;
	}
}
