#include "recorder/procevents.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "recorder/datagrams.h"

enum { RECEIVE_BUFFER = 4 * 1024 * 1024 };
enum { SIGNAL_MASK = 0x7f, SIGNAL_MAX = 64 };
/* enum proc_cn_event; it moved within the header, the number did not. */
#define EVENT_EXIT 0x80000000u

/* What one message is made of, as it lies in memory: no part of it needs padding. */
struct message {
	struct nlmsghdr header;
	struct cn_msg connector;
	uint32_t what, cpu;
	uint32_t time[2]; /* u64, which is only 4-byte aligned here */
	int32_t pid, tgid;
	uint32_t exit_code, exit_signal;
} __attribute__((packed));

/* Loads of a filter are big-endian, the message is not. */
static int attach_filter(int fd)
{
	enum { WHAT = offsetof(struct message, what), PID = offsetof(struct message, pid),
	       TGID = offsetof(struct message, tgid), CODE = offsetof(struct message, exit_code) };
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, WHAT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(EVENT_EXIT), 0, 6),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PID),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, TGID),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 3, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, CODE),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, htonl(SIGNAL_MASK), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
	};
	struct sock_fprog program = { ARRAY_LEN(code), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ? -errno : 0;
}

static int listen_to(int fd)
{
	struct {
		struct nlmsghdr header;
		struct cn_msg connector;
		uint32_t operation;
	} __attribute__((packed)) m = {
		.header = { .nlmsg_len = sizeof(m), .nlmsg_type = NLMSG_DONE },
		.connector = { .id = { CN_IDX_PROC, CN_VAL_PROC }, .len = sizeof(m.operation) },
		.operation = PROC_CN_MCAST_LISTEN,
	};

	return send(fd, &m, sizeof(m), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int procevents_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC };
	AUTO_CLOSE int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
	int size = RECEIVE_BUFFER, r, opened;

	if (fd < 0)
		return -errno;
	r = attach_filter(fd);
	if (r == 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		r = -errno;
	if (r == 0)
		r = listen_to(fd);
	if (r < 0)
		return r;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	opened = fd;
	fd = -1;
	return opened;
}

int procevents_parse(struct span message, struct procevents_exit *ret)
{
	struct message m;
	uint64_t time;
	int signal;

	if (message.n < sizeof(m))
		return -EBADMSG;
	memcpy(&m, message.p, sizeof(m));
	if (m.connector.id.idx != CN_IDX_PROC || m.connector.id.val != CN_VAL_PROC || m.what != EVENT_EXIT)
		return -EBADMSG;
	signal = (int)(m.exit_code & SIGNAL_MASK);
	memcpy(&time, m.time, sizeof(time));
	if (m.tgid <= 0 || signal > SIGNAL_MAX || time > INT64_MAX || (signal == 0 && m.pid != m.tgid))
		return -EBADMSG;
	*ret = (struct procevents_exit){ .monotonic_ns = (int64_t)time, .pid = m.tgid, .signal = signal,
	                                 .code = signal ? -1 : (int32_t)(m.exit_code >> 8 & 0xff) };
	return 0;
}

struct receiver {
	procevents_fn *fn;
	void *data;
};

static void on_message(struct span message, void *data)
{
	const struct receiver *r = data;
	struct procevents_exit e;

	if (procevents_parse(message, &e) == 0)
		r->fn(&e, r->data);
}

int procevents_receive(int fd, procevents_fn *fn, void *data)
{
	struct receiver r = { fn, data };

	return datagrams_receive(fd, on_message, &r);
}
