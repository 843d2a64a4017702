#include "recorder/datagrams.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>

enum { BATCH = 16 };

int datagrams_receive(int fd, datagrams_fn *fn, void *data)
{
	_Alignas(8) char buffers[BATCH][DATAGRAMS_MOST];
	struct sockaddr_nl senders[BATCH];
	struct iovec vectors[BATCH];
	struct mmsghdr headers[BATCH];
	int n;

	for (size_t i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec){ buffers[i], DATAGRAMS_MOST };
		headers[i].msg_hdr = (struct msghdr){ .msg_name = &senders[i], .msg_namelen = sizeof(senders[i]),
		                                      .msg_iov = &vectors[i], .msg_iovlen = 1 };
	}
	do
		n = recvmmsg(fd, headers, BATCH, MSG_DONTWAIT, NULL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	for (int i = 0; i < n; i++)
		if (senders[i].nl_pid == 0)
			fn((struct span){ buffers[i], headers[i].msg_len }, data);
	return n;
}
