#include "recorder/netlink.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/cleanup.h"

enum { REPLY_MS = 2000, RECEIVE_BUFFER = 32 * 1024 * 1024 };

struct netlink_source {
	int fd;
	bool asked;
	struct mmsghdr headers[NETLINK_BATCH];
	struct iovec vectors[NETLINK_BATCH];
	struct sockaddr_nl senders[NETLINK_BATCH];
	_Alignas(8) char buffers[NETLINK_BATCH][NETLINK_MESSAGE_MAX];
};

struct message {
	struct nlmsghdr header;
	char data[NETLINK_MESSAGE_MAX];
};

int netlink_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	return fd < 0 ? -errno : fd;
}

static int send_message(int fd, int type, unsigned flags, const void *data, size_t n)
{
	struct nlmsghdr header = { .nlmsg_len = (unsigned)NLMSG_LENGTH(n), .nlmsg_type = (unsigned short)type,
	                           .nlmsg_flags = (unsigned short)(NLM_F_REQUEST | flags), .nlmsg_seq = 1 };
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	char zero[NLMSG_ALIGNTO] = { 0 };
	struct iovec parts[] = { { &header, sizeof(header) }, { (void *)(uintptr_t)data, n },
	                         { zero, NLMSG_ALIGN(n) - n } };
	struct msghdr m = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = parts, .msg_iovlen = 3 };
	ssize_t r;

	do
		r = sendmsg(fd, &m, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

/* One message from the kernel: its whole length, or -ETIMEDOUT … */
static ssize_t receive_message(int fd, struct message *ret)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		struct sockaddr_nl from = { 0 };
		struct iovec part = { ret, sizeof(*ret) };
		struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &part, .msg_iovlen = 1 };
		ssize_t n;
		int r = poll(&p, 1, REPLY_MS);

		if (r == 0)
			return -ETIMEDOUT;
		n = r < 0 ? -1 : recvmsg(fd, &m, MSG_DONTWAIT);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -errno;
		if (from.nl_pid == 0 && (size_t)n >= sizeof(ret->header))
			return n;
	}
}

static int error_of(const struct message *m, ssize_t n)
{
	struct nlmsgerr e;

	if ((size_t)n < sizeof(m->header) + sizeof(e.error))
		return -EPROTO;
	memcpy(&e.error, m->data, sizeof(e.error));
	return e.error;
}

int netlink_request(int fd, int type, const void *data, size_t n)
{
	struct message m;
	int r = send_message(fd, type, NLM_F_ACK, data, n);

	while (r == 0) {
		ssize_t got = receive_message(fd, &m);

		if (got < 0)
			return (int)got;
		if (m.header.nlmsg_type == NLMSG_ERROR)
			return error_of(&m, got);
	}
	return r;
}

int netlink_status(int fd, struct audit_status *ret)
{
	struct audit_status s = { 0 };
	struct message m;
	bool answered = false, acknowledged = false;
	int r = send_message(fd, AUDIT_GET, NLM_F_ACK, NULL, 0);

	/* In whichever order: the kernel sends answers from a thread of their own. */
	while (r == 0 && !(answered && acknowledged)) {
		ssize_t got = receive_message(fd, &m);

		if (got < 0)
			return (int)got;
		if (m.header.nlmsg_type == AUDIT_GET) {
			size_t n = (size_t)got - sizeof(m.header);

			memcpy(&s, m.data, n < sizeof(s) ? n : sizeof(s));
			answered = true;
		} else if (m.header.nlmsg_type == NLMSG_ERROR) {
			r = error_of(&m, got);
			acknowledged = true;
		}
	}
	if (r == 0)
		*ret = s;
	return r;
}

int netlink_set(int fd, const struct audit_status *s)
{
	return netlink_request(fd, AUDIT_SET, s, sizeof(*s));
}

int netlink_rules(int fd, netlink_rule_fn *fn, void *data)
{
	struct message m;
	bool done = false, acknowledged = false;
	int r = send_message(fd, AUDIT_LIST_RULES, NLM_F_ACK, NULL, 0), stop = 0;

	while (r == 0 && !(done && acknowledged)) {
		ssize_t got = receive_message(fd, &m);
		size_t n = (size_t)got - sizeof(m.header);
		struct audit_rule_data rule;

		if (got < 0)
			return (int)got;
		if (m.header.nlmsg_type == NLMSG_DONE)
			done = true;
		if (m.header.nlmsg_type == NLMSG_ERROR) {
			r = error_of(&m, got);
			acknowledged = true;
		}
		if (m.header.nlmsg_type != AUDIT_LIST_RULES || n < sizeof(rule))
			continue;
		memcpy(&rule, m.data, sizeof(rule));
		if (stop == 0 && rule.buflen <= n - sizeof(rule) && rule.field_count <= AUDIT_MAX_FIELDS)
			stop = fn((const struct audit_rule_data *)(const void *)m.data, n, data);
	}
	return r < 0 ? r : stop;
}

/* "audit=0" or "audit=off" on the kernel's command line? */
static bool off_at_boot(void)
{
	AUTO_FCLOSE FILE *f = fopen("/proc/cmdline", "re");
	char line[4096] = "";

	if (!f || !fgets(line, sizeof(line), f))
		return false;
	return strstr(line, "audit=0") || strstr(line, "audit=off");
}

static bool have_audit_control(void)
{
	AUTO_FCLOSE FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	unsigned long long effective = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "CapEff: %llx", &effective) == 1)
			break;
	return effective >> CAP_AUDIT_CONTROL & 1;
}

const char *netlink_explain(int error, const struct audit_status *known)
{
	if (known && known->enabled == 2 && error == -EPERM)
		return "the audit configuration is locked until the next boot (auditctl -e 2)";
	switch (error) {
	case -EPROTONOSUPPORT:
	case -EAFNOSUPPORT:
		return off_at_boot() ? "audit was switched off when the kernel booted (audit=0)" : "this kernel has no audit";
	case -ECONNREFUSED:
		return "the kernel gives audit records to its first user namespace only: this is a container";
	case -EPERM:
		return have_audit_control() ? "the kernel gives audit records to its first pid namespace only: this is a "
		                              "container" : "needs root (CAP_AUDIT_CONTROL)";
	case -EEXIST:
		return "another process already receives the audit records";
	case -ETIMEDOUT:
		return "the kernel does not answer";
	default:
		return strerror(-error);
	}
}

/* ---- the data socket ---- */

static void prepare(struct netlink_source *s)
{
	int size = RECEIVE_BUFFER;

	for (size_t i = 0; i < NETLINK_BATCH; i++) {
		s->vectors[i] = (struct iovec){ s->buffers[i], NETLINK_MESSAGE_MAX };
		s->headers[i].msg_hdr = (struct msghdr){ .msg_name = &s->senders[i], .msg_namelen = sizeof(s->senders[i]),
		                                         .msg_iov = &s->vectors[i], .msg_iovlen = 1 };
	}
	if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/* A record's nlmsg_len counts the payload only, without its header (kernel/audit.c, audit_log_end). Some senders count
 * it in: what was received decides. */
static struct span payload_of(const struct nlmsghdr *h, size_t received)
{
	size_t n = received - sizeof(*h);

	if (h->nlmsg_len < n && h->nlmsg_len > 0)
		n = h->nlmsg_len;
	while (n > 0 && (((const char *)(h + 1))[n - 1] == 0 || ((const char *)(h + 1))[n - 1] == '\n'))
		n--;
	return (struct span){ (const char *)(h + 1), n };
}

bool netlink_is_record(int type)
{
	return (type >= AUDIT_FIRST_USER_MSG && type != AUDIT_REPLACE) || type == AUDIT_LOGIN || type == AUDIT_USER;
}

static void hand_over(struct netlink_source *s, size_t i, netlink_record_fn *fn, void *data)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)s->buffers[i];
	size_t n = s->headers[i].msg_len;

	if (n < sizeof(*h) || s->senders[i].nl_pid != 0)
		return;
	s->asked = s->asked || h->nlmsg_type == AUDIT_REPLACE;
	if (!netlink_is_record(h->nlmsg_type))
		return;
	fn(h->nlmsg_type, payload_of(h, n), data);
}

int netlink_receive(struct netlink_source *s, netlink_record_fn *fn, void *data)
{
	int n;

	do
		n = recvmmsg(s->fd, s->headers, NETLINK_BATCH, MSG_DONTWAIT, NULL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		hand_over(s, (size_t)i, fn, data);
		s->headers[i].msg_hdr.msg_namelen = sizeof(s->senders[i]);
	}
	return n;
}

/* Waits for the answer to our AUDIT_SET; records that come first are handed on. */
static int wait_for_claim(struct netlink_source *s, netlink_record_fn *fn, void *data)
{
	struct message m;

	for (;;) {
		ssize_t n = receive_message(s->fd, &m);

		if (n < 0)
			return (int)n;
		if (m.header.nlmsg_type == NLMSG_ERROR)
			return error_of(&m, n);
		if (netlink_is_record(m.header.nlmsg_type))
			fn(m.header.nlmsg_type, payload_of(&m.header, (size_t)n), data);
	}
}

static int open_source(struct netlink_source **ret)
{
	struct netlink_source *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->fd = netlink_open();
	if (s->fd < 0) {
		int r = s->fd;

		free(s);
		return r;
	}
	prepare(s);
	*ret = s;
	return 0;
}

int netlink_claim(struct netlink_source **ret, netlink_record_fn *fn, void *data)
{
	struct audit_status set = { .mask = AUDIT_STATUS_PID, .pid = (unsigned)getpid() };
	struct netlink_source *s;
	int r = open_source(&s);

	if (r < 0)
		return r;
	r = send_message(s->fd, AUDIT_SET, NLM_F_ACK, &set, sizeof(set));
	if (r == 0)
		r = wait_for_claim(s, fn, data);
	if (r < 0) {
		netlink_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

int netlink_join(struct netlink_source **ret)
{
	struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1) };
	struct netlink_source *s;
	int r = open_source(&s);

	if (r < 0)
		return r;
	if (bind(s->fd, (const struct sockaddr *)&group, sizeof(group)) < 0) {
		r = -errno;
		netlink_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

bool netlink_was_asked(struct netlink_source *s)
{
	bool asked = s->asked;

	s->asked = false;
	return asked;
}

int netlink_fd(const struct netlink_source *s)
{
	return s->fd;
}

int netlink_release(struct netlink_source *s)
{
	struct audit_status set = { .mask = AUDIT_STATUS_PID, .pid = 0 };

	/* Without an acknowledgement: it would come between records. The kernel answers errors in any case. */
	return send_message(s->fd, AUDIT_SET, 0, &set, sizeof(set));
}

void netlink_free(struct netlink_source *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}
