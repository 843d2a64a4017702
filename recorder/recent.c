#include "recorder/recent.h"

#include <stdlib.h>

enum { FILES = 1024, PATH_BYTES = 247, SOCKETS = 256, ADDRESS_BYTES = 114 };

struct recent {
	struct recent_file {
		uint64_t key;
		uint8_t n;
		char path[PATH_BYTES];
	} files[FILES];
	struct recent_socket {
		uint64_t key;
		int32_t port;
		uint8_t n;
		char address[ADDRESS_BYTES];
	} sockets[SOCKETS];
};

struct recent *recent_new(void)
{
	return calloc(1, sizeof(struct recent));
}

void recent_free(struct recent *r)
{
	free(r);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ b * 0xc2b2ae3d27d4eb4fu) * 0x9e3779b97f4a7c15u;

	return (h ^ h >> 31) | 1; /* 0 is an empty place */
}

static uint64_t file_key(int64_t boot, uint64_t inode, struct span device)
{
	return mix(mix((uint64_t)boot, inode), span_hash(device));
}

static uint64_t socket_key(int64_t boot, int64_t pid, uint64_t fd)
{
	return mix(mix((uint64_t)boot, (uint64_t)pid), fd);
}

void recent_add_file(struct recent *r, int64_t boot, uint64_t inode, struct span device, struct span path)
{
	uint64_t key = file_key(boot, inode, device);
	struct recent_file *f = &r->files[key >> 8 & (FILES - 1)];

	f->key = path.n <= PATH_BYTES ? key : 0;
	if (!f->key)
		return;
	f->n = (uint8_t)path.n;
	memcpy(f->path, path.p, path.n);
}

struct span recent_file(const struct recent *r, int64_t boot, uint64_t inode, struct span device)
{
	uint64_t key = file_key(boot, inode, device);
	const struct recent_file *f = &r->files[key >> 8 & (FILES - 1)];

	return f->key == key ? (struct span){ f->path, f->n } : SPAN_NONE;
}

void recent_add_socket(struct recent *r, int64_t boot, int64_t pid, uint64_t fd, struct span address, int32_t port)
{
	uint64_t key = socket_key(boot, pid, fd);
	struct recent_socket *s = &r->sockets[key >> 8 & (SOCKETS - 1)];

	s->key = address.n <= ADDRESS_BYTES ? key : 0;
	if (!s->key)
		return;
	s->port = port;
	s->n = (uint8_t)address.n;
	memcpy(s->address, address.p, address.n);
}

struct span recent_socket(const struct recent *r, int64_t boot, int64_t pid, uint64_t fd, int32_t *ret_port)
{
	uint64_t key = socket_key(boot, pid, fd);
	const struct recent_socket *s = &r->sockets[key >> 8 & (SOCKETS - 1)];

	if (s->key != key)
		return SPAN_NONE;
	*ret_port = s->port;
	return (struct span){ s->address, s->n };
}
