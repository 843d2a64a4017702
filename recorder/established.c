#include "recorder/established.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/cleanup.h"
#include "agent/base/map.h"
#include "recorder/socketlook.h"

DEFINE_CLEANUP(DIR, closedir)

struct found {
	struct recording *recording;
	struct sockdiag_socket *sockets;
	size_t n;
	struct map by_inode;
	uint8_t listens[65536 / 8]; /* ports */
	int error;
};

static bool listens(const struct found *f, uint16_t port)
{
	return f->listens[port / 8] >> (port % 8) & 1;
}

static void on_socket(const struct sockdiag_socket *s, void *data)
{
	struct found *f = data;
	uint16_t port = s->ends.local.port;

	if (s->state == TCP_LISTEN) {
		f->listens[port / 8] |= (uint8_t)(1u << (port % 8));
		return;
	}
	if (!s->inode || f->n == ESTABLISHED_MAX || f->error)
		return;
	f->error = map_put(&f->by_inode, s->inode, f->n);
	f->sockets[f->n++] = *s;
}

static void look_at(struct found *f, int64_t pid, uint64_t fd)
{
	uint64_t inode = socketlook_inode(pid, fd);
	uint64_t *at = inode ? map_get(&f->by_inode, inode) : NULL;
	const struct sockdiag_socket *s;

	if (!at)
		return;
	s = &f->sockets[*at];
	recording_add_connection(f->recording, pid, s, listens(f, s->ends.local.port));
	map_remove(&f->by_inode, inode);
}

static void look_at_process(struct found *f, const char *name)
{
	__attribute__((cleanup(cleanup_closedir))) DIR *dir = NULL;
	const struct dirent *entry;
	char path[32];
	uint64_t pid, fd;

	if (span_to_u64(span_of(name), &pid) < 0)
		return;
	snprintf(path, sizeof(path), "/proc/%.10s/fd", name);
	dir = opendir(path);
	while (dir && f->by_inode.n > 0 && (entry = readdir(dir)))
		if (span_to_u64(span_of(entry->d_name), &fd) == 0)
			look_at(f, (int64_t)pid, fd);
}

int established_add(struct recording *r)
{
	static const uint32_t states = 1u << TCP_ESTABLISHED | 1u << TCP_CLOSE_WAIT | 1u << TCP_LISTEN;
	AUTO_FREE struct found *f = calloc(1, sizeof(*f));
	AUTO_FREE struct sockdiag_socket *sockets = calloc(ESTABLISHED_MAX, sizeof(*sockets));
	__attribute__((cleanup(cleanup_closedir))) DIR *proc = NULL;
	const struct dirent *entry;
	int error;

	if (!f || !sockets)
		return -ENOMEM;
	f->recording = r;
	f->sockets = sockets;
	sockdiag_list(IPPROTO_TCP, states, on_socket, f); /* an old kernel may not know how: then there are none */
	proc = f->n ? opendir("/proc") : NULL;
	while (proc && f->by_inode.n > 0 && (entry = readdir(proc)))
		look_at_process(f, entry->d_name);
	error = f->error;
	map_free(&f->by_inode);
	return error;
}
