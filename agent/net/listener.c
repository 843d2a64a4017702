#include "agent/net/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/clock.h"

enum { BACKLOG = 1024, AT_ONCE = 32, TICK_MS = 1000 };

struct listener {
	struct fdm *fdm;
	int fd, timer;
	uint16_t port;
	bool paused; /* descriptors are out: until the next tick */
	struct listener_config config;
	struct conn_group group;
};

static int parse_address(const char *address, uint16_t port, struct sockaddr_storage *ret, socklen_t *ret_size)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	if (address && inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		*ret_size = sizeof(*v4);
		return 0;
	}
	if (inet_pton(AF_INET6, address ? address : "::", &v6->sin6_addr) != 1)
		return -EINVAL;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	*ret_size = sizeof(*v6);
	return 0;
}

static int open_socket(const char *address, uint16_t port, int *ret)
{
	struct sockaddr_storage at;
	socklen_t size;
	int on = 1, off = 0, fd, r = parse_address(address, port, &at, &size);

	if (r < 0)
		return r;
	fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 && errno == EAFNOSUPPORT && !address)
		return open_socket("0.0.0.0", port, ret); /* a host without IPv6 */
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!address)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, (struct sockaddr *)&at, size) < 0 || listen(fd, BACKLOG) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	*ret = fd;
	return 0;
}

static int read_port(int fd, uint16_t *ret)
{
	struct sockaddr_storage at;
	socklen_t size = sizeof(at);

	if (getsockname(fd, (struct sockaddr *)&at, &size) < 0)
		return -errno;
	*ret = ntohs(at.ss_family == AF_INET ? ((struct sockaddr_in *)&at)->sin_port :
		     ((struct sockaddr_in6 *)&at)->sin6_port);
	return 0;
}

static bool is_crowded(const struct listener *l, int fd)
{
	unsigned char address[CONN_ADDRESS];

	if (!l->config.max_strangers)
		return false;
	conn_find_address(fd, address);
	return conn_group_strangers(&l->group, address) >= l->config.max_strangers;
}

/* One that was aborted from within its own call is still there, and counts. */
static bool make_room(struct listener *l)
{
	if (l->group.n >= l->config.max_connections)
		conn_group_drop_stranger(&l->group, -EBUSY);
	return l->group.n < l->config.max_connections;
}

static void take(struct listener *l, int fd)
{
	const struct listener_config *config = &l->config;
	struct tls *tls;
	struct conn *c;
	int on = 1;

	if (l->group.unopened >= config->max_unopened)
		conn_group_drop_unopened(&l->group, -EBUSY);
	if (is_crowded(l, fd) || !make_room(l) || tls_server_new(&config->policy, clock_now(), &tls) < 0) {
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	conn_new(l->fdm, fd, tls, &config->limits, &l->group, config->handler, config->data, &c);
}

static int on_ready(struct fdm *fdm, int fd, uint32_t events, void *data)
{
	struct listener *l = data;

	for (unsigned i = 0; i < AT_ONCE; i++) {
		int taken = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (taken >= 0) {
			take(l, taken);
			continue;
		}
		if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
			return 0; /* nobody waits any more, or who did is gone */
		l->paused = true;
		return fdm_modify(fdm, fd, 0);
	}
	return 0;
}

static int on_tick(struct fdm *fdm, void *data)
{
	struct listener *l = data;

	conn_group_check(&l->group, clock_monotonic());
	if (!l->paused)
		return 0;
	l->paused = false;
	return fdm_modify(fdm, l->fd, EPOLLIN);
}

int listener_new(struct fdm *fdm, const char *address, uint16_t port, const struct listener_config *config,
		 struct listener **ret)
{
	struct listener *l = malloc(sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	*l = (struct listener){ .fdm = fdm, .fd = -1, .timer = -1, .config = *config };
	r = open_socket(address, port, &l->fd);
	if (r == 0)
		r = read_port(l->fd, &l->port);
	if (r == 0)
		r = fdm_add(fdm, l->fd, EPOLLIN, on_ready, l);
	if (r == 0)
		r = l->timer = fdm_timer_add(fdm, TICK_MS, on_tick, l);
	if (r < 0) {
		listener_free(l);
		return r;
	}
	*ret = l;
	return 0;
}

void listener_stop(struct listener *l)
{
	if (l->fd < 0)
		return;
	fdm_remove(l->fdm, l->fd);
	close(l->fd);
	l->fd = -1;
	l->paused = false;
}

void listener_free(struct listener *l)
{
	if (!l)
		return;
	conn_group_abort(&l->group, -ESHUTDOWN);
	if (l->timer >= 0)
		fdm_timer_remove(l->fdm, l->timer);
	listener_stop(l);
	free(l);
}

void listener_set_policy(struct listener *l, const struct tls_policy *policy)
{
	l->config.policy = *policy;
}

uint16_t listener_port(const struct listener *l)
{
	return l->port;
}

const struct conn_group *listener_group(const struct listener *l)
{
	return &l->group;
}
