#include "recorder/sockdiag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "recorder/datagrams.h"

enum { RECEIVE_BUFFER = 2 * 1024 * 1024, LIST_BUFFER = 32 * 1024, LIST_WAIT_S = 2 };
enum { BODY = NLMSG_HDRLEN, ATTRIBUTES = BODY + sizeof(struct inet_diag_msg) };
/* struct tcp_info of linux/tcp.h, of which libc's own header knows only the beginning. */
enum { INFO_MIN_RTT = 148 };
#define NO_RTT UINT32_MAX /* the kernel's value before the first: never connected */

#define GROUP(g) (1u << ((g) - 1))

/* Lets through what has a remote port, and what has none any more but was connected once: see sockdiag.h. */
static int attach_filter(int fd)
{
	enum { LOCAL = BODY + offsetof(struct inet_diag_msg, id.idiag_sport),
	       REMOTE = BODY + offsetof(struct inet_diag_msg, id.idiag_dport) };
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, REMOTE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 10),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, LOCAL),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 7, 0),
		BPF_STMT(BPF_LDX | BPF_IMM, INET_DIAG_INFO),
		BPF_STMT(BPF_LD | BPF_IMM, ATTRIBUTES),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_NLATTR)), /* A: where it is, or 0 */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, NLA_HDRLEN + INFO_MIN_RTT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NO_RTT, 0, 1), /* the same in either byte order */
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
	};
	struct sock_fprog program = { ARRAY_LEN(code), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ? -errno : 0;
}

int sockdiag_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups =
		GROUP(SKNLGRP_INET_TCP_DESTROY) | GROUP(SKNLGRP_INET6_TCP_DESTROY) |
		GROUP(SKNLGRP_INET_UDP_DESTROY) | GROUP(SKNLGRP_INET6_UDP_DESTROY) };
	AUTO_CLOSE int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
	int size = RECEIVE_BUFFER, r, opened;

	if (fd < 0)
		return -errno;
	r = attach_filter(fd);
	if (r < 0)
		return r;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	opened = fd;
	fd = -1;
	return opened;
}

/* ---- messages ---- */

static void read_info(const char *p, size_t n, struct sockdiag_socket *s)
{
	uint32_t rtt;

	if (n < INFO_MIN_RTT + sizeof(rtt))
		return;
	memcpy(&rtt, p + INFO_MIN_RTT, sizeof(rtt));
	s->established = rtt != NO_RTT;
}

static int read_attributes(struct span rest, struct sockdiag_socket *s)
{
	while (rest.n >= NLA_HDRLEN) {
		struct nlattr a;
		size_t step;

		memcpy(&a, rest.p, sizeof(a));
		if (a.nla_len < NLA_HDRLEN || a.nla_len > rest.n)
			return -EBADMSG;
		if (a.nla_type == INET_DIAG_PROTOCOL && a.nla_len > NLA_HDRLEN)
			s->protocol = (uint8_t)rest.p[NLA_HDRLEN];
		else if (a.nla_type == INET_DIAG_INFO)
			read_info(rest.p + NLA_HDRLEN, a.nla_len - NLA_HDRLEN, s);
		step = NLA_ALIGN(a.nla_len);
		if (step > rest.n)
			step = rest.n;
		rest.p += step;
		rest.n -= step;
	}
	return 0;
}

static int read_ends(const struct inet_diag_msg *m, struct endpoint_pair *ret)
{
	uint16_t local = ntohs(m->id.idiag_sport), remote = ntohs(m->id.idiag_dport);

	switch (m->idiag_family) {
	case AF_INET:
		endpoint_set_ipv4(&ret->local, m->id.idiag_src, local);
		endpoint_set_ipv4(&ret->remote, m->id.idiag_dst, remote);
		return 0;
	case AF_INET6:
		endpoint_set_ipv6(&ret->local, m->id.idiag_src, local);
		endpoint_set_ipv6(&ret->remote, m->id.idiag_dst, remote);
		return 0;
	}
	return -EBADMSG;
}

int sockdiag_parse(struct span message, struct sockdiag_socket *ret)
{
	struct sockdiag_socket s = { .protocol = 0 };
	struct inet_diag_msg m;
	struct nlmsghdr header;
	int r;

	if (message.n < ATTRIBUTES)
		return -EBADMSG;
	memcpy(&header, message.p, sizeof(header));
	memcpy(&m, message.p + BODY, sizeof(m));
	if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || header.nlmsg_len < ATTRIBUTES || header.nlmsg_len > message.n)
		return -EBADMSG;
	s.state = m.idiag_state;
	s.inode = m.idiag_inode;
	r = read_ends(&m, &s.ends);
	if (r == 0)
		r = read_attributes((struct span){ message.p + ATTRIBUTES, header.nlmsg_len - ATTRIBUTES }, &s);
	if (r == 0)
		*ret = s;
	return r;
}

struct receiver {
	sockdiag_fn *fn;
	void *data;
};

static void on_message(struct span message, void *data)
{
	const struct receiver *r = data;
	struct sockdiag_socket s;

	if (sockdiag_parse(message, &s) == 0)
		r->fn(&s, r->data);
}

int sockdiag_receive(int fd, sockdiag_fn *fn, void *data)
{
	struct receiver r = { fn, data };

	return datagrams_receive(fd, on_message, &r);
}

/* ---- those that there are ---- */

static int ask_list(int fd, uint8_t family, uint8_t protocol, uint32_t states)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 body;
	} m = {
		.header = { .nlmsg_len = sizeof(m), .nlmsg_type = SOCK_DIAG_BY_FAMILY,
		            .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.body = { .sdiag_family = family, .sdiag_protocol = protocol, .idiag_states = states },
	};

	return send(fd, &m, sizeof(m), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* One datagram of the answer. 1: there is more, 0: that was all. */
static int read_list(struct span rest, uint8_t protocol, sockdiag_fn *fn, void *data)
{
	while (rest.n >= sizeof(struct nlmsghdr)) {
		struct sockdiag_socket s;
		struct nlmsghdr header;
		size_t step;
		int error;

		memcpy(&header, rest.p, sizeof(header));
		if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > rest.n)
			return -EBADMSG;
		if (header.nlmsg_type == NLMSG_DONE)
			return 0;
		if (header.nlmsg_type == NLMSG_ERROR) {
			if (header.nlmsg_len < sizeof(header) + sizeof(error))
				return -EBADMSG;
			memcpy(&error, rest.p + sizeof(header), sizeof(error));
			return error < 0 ? error : -EBADMSG;
		}
		if (sockdiag_parse((struct span){ rest.p, header.nlmsg_len }, &s) == 0) {
			s.protocol = protocol; /* only that was asked for; not all kernels repeat it */
			fn(&s, data);
		}
		step = NLMSG_ALIGN(header.nlmsg_len);
		if (step > rest.n)
			step = rest.n;
		rest.p += step;
		rest.n -= step;
	}
	return 1;
}

static int receive_list(int fd, char *buffer, uint8_t protocol, sockdiag_fn *fn, void *data)
{
	int more = 1;

	while (more > 0) {
		struct sockaddr_nl sender = { .nl_pid = 0 };
		socklen_t size = sizeof(sender);
		ssize_t n = recvfrom(fd, buffer, LIST_BUFFER, 0, (struct sockaddr *)&sender, &size);

		if ((n < 0 && errno == EINTR) || (n >= 0 && sender.nl_pid != 0)) /* 0: the kernel */
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EBADMSG;
		more = read_list((struct span){ buffer, (size_t)n }, protocol, fn, data);
	}
	return more;
}

int sockdiag_list(uint8_t protocol, uint32_t states, sockdiag_fn *fn, void *data)
{
	AUTO_CLOSE int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	AUTO_FREE char *buffer = malloc(LIST_BUFFER);
	struct timeval wait = { LIST_WAIT_S, 0 };
	int r;

	if (fd < 0)
		return -errno;
	if (!buffer)
		return -ENOMEM;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0)
		return -errno;
	r = ask_list(fd, AF_INET, protocol, states);
	if (r == 0)
		r = receive_list(fd, buffer, protocol, fn, data);
	if (r == 0)
		r = ask_list(fd, AF_INET6, protocol, states);
	if (r == 0)
		r = receive_list(fd, buffer, protocol, fn, data);
	return r == -EAGAIN ? -ETIMEDOUT : r;
}
