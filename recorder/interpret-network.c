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
	case 0: return ACTION_NETWORK_CONNECT;
	case EINPROGRESS:
	case EALREADY:
	case EINTR:
	case RESTART_SYSCALL: return ACTION_NETWORK_CONNECT_ATTEMPT;
	}
	return ACTION_NETWORK_CONNECT_FAILED;
}

static struct event *address_row(struct interpretation *in, enum event_action action, int32_t result)
{
	struct sockaddr_text remote = { SOCKADDR_OTHER, 0, SPAN_NONE, 0 };
	bool lost = in->event->partial && !in->event->has_sockaddr;
	struct event *row = remote_address(in, &remote) || lost ? interpret_row(in, action) : NULL;

	if (!row)
		return NULL;
	row->object = remote.address;
	row->port = remote.port;
	row->result = result;
	return row;
}

void interpret_connect(struct interpretation *in)
{
	int32_t error = interpret_errno(&in->event->syscall);
	enum event_action action = connect_action(error);

	address_row(in, action, action == ACTION_NETWORK_CONNECT_FAILED ? error : 0);
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

void interpret_accept(struct interpretation *in)
{
	int32_t port = 0;
	struct span local;
	struct event *row;

	if (in->event->syscall.success != 1)
		return;
	local = bound_to(in, &port);
	row = address_row(in, ACTION_NETWORK_ACCEPT, 0);
	if (!row || !local.p || port == UNIX_PORT)
		return;
	row->port2 = port;
	if (!span_eq(local, SPAN("0.0.0.0")) && !span_eq(local, SPAN("::"))) /* any: not the one it came to */
		row->object2 = local;
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
	if (in->config->sendto && in->event->syscall.success == 1)
		address_row(in, ACTION_NETWORK_SEND, 0);
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
