/* Preloaded into an agent that is not static: the kernel's audit as if it were locked (auditctl -e 2), which could not be
 * undone. Requests to change rules or settings never reach the kernel and are answered with EPERM. */
#include <dlfcn.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>


enum { DEPRECATED = AUDIT_ADD }; /* a request that every kernel refuses */

static int is_change(const struct nlmsghdr *h, const void *data)
{
	struct audit_status s;

	if (h->nlmsg_type == AUDIT_ADD_RULE || h->nlmsg_type == AUDIT_DEL_RULE)
		return 1;
	if (h->nlmsg_type != AUDIT_SET)
		return 0;
	memcpy(&s.mask, data, sizeof(s.mask));
	return s.mask != AUDIT_STATUS_PID;
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	ssize_t (*next)(int, const struct msghdr *, int) =
		(ssize_t (*)(int, const struct msghdr *, int))dlsym(RTLD_NEXT, "sendmsg");
	struct nlmsghdr *h = m->msg_iov[0].iov_base;

	if (m->msg_namelen == sizeof(struct sockaddr_nl) && m->msg_iovlen > 1 && is_change(h, m->msg_iov[1].iov_base))
		h->nlmsg_type = DEPRECATED;
	return next(fd, m, flags);
}

static void answer(struct nlmsghdr *h, size_t n)
{
	struct nlmsgerr *e = (struct nlmsgerr *)(h + 1);
	struct audit_status *s = (struct audit_status *)(h + 1);

	if (h->nlmsg_type == AUDIT_GET && n >= sizeof(*h) + sizeof(s->mask) + sizeof(s->enabled))
		s->enabled = 2;
	if (h->nlmsg_type == NLMSG_ERROR && n >= sizeof(*h) + sizeof(*e) && e->msg.nlmsg_type == DEPRECATED)
		e->error = -EPERM;
}

ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	ssize_t (*next)(int, struct msghdr *, int) = (ssize_t (*)(int, struct msghdr *, int))dlsym(RTLD_NEXT, "recvmsg");
	ssize_t n = next(fd, m, flags);

	if (n >= (ssize_t)sizeof(struct nlmsghdr) && m->msg_namelen == sizeof(struct sockaddr_nl))
		answer(m->msg_iov[0].iov_base, (size_t)n);
	return n;
}
