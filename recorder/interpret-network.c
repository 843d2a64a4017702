#include "recorder/interpret.h"
#include "recorder/sockaddr.h"

#include <errno.h>

enum { RESTART_SYSCALL = 512 }; /* ERESTARTSYS: begins again after a signal; no number of user space */

static bool remote_address(struct interpretation *in, struct sockaddr_text *ret)
{
	size_t at = 0;
	struct pending_record *r = interpret_record(in, TYPE_SOCKADDR, &at);
	struct arena *arena = emit_arena(in->emit);
	struct record_field f;

	return r && arena && record_find(r->body, SPAN("saddr"), &f) &&
	       sockaddr_decode(f.value, syscall_arch_little_endian(in->event->syscall.arch), arena, ret) == 0 &&
	       (ret->family == SOCKADDR_IPV4 || ret->family == SOCKADDR_IPV6);
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

static void address_row(struct interpretation *in, enum event_action action, int32_t result)
{
	struct sockaddr_text remote = { SOCKADDR_OTHER, 0, SPAN_NONE, 0 };
	bool lost = in->event->partial && !in->event->has_sockaddr;
	struct event *row = remote_address(in, &remote) || lost ? interpret_row(in, action) : NULL;

	if (!row)
		return;
	row->object = remote.address;
	row->port = remote.port;
	row->result = result;
}

void interpret_connect(struct interpretation *in)
{
	int32_t error = interpret_errno(&in->event->syscall);
	enum event_action action = connect_action(error);

	address_row(in, action, action == ACTION_NETWORK_CONNECT_FAILED ? error : 0);
}

void interpret_accept(struct interpretation *in)
{
	if (in->event->syscall.success == 1)
		address_row(in, ACTION_NETWORK_ACCEPT, 0);
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
	default:
		break;
	}
}
