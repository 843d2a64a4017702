#include "recorder/module.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "recorder/module-signature.h"

enum { DEP_MOST = 16 << 20, PATH_MOST = 4096 };

/* "/x/nf-tables.ko.zst" is nf_tables: the kernel's names have no '-'. */
static bool is_file_of(struct span path, struct span name)
{
	const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;
	struct span file = slash ? (struct span){ slash + 1, path.n - (size_t)(slash + 1 - path.p) } : path;

	if (!name.n || file.n < name.n + 3 || memcmp(file.p + name.n, ".ko", 3) != 0)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (file.p[i] != name.p[i] && !(file.p[i] == '-' && name.p[i] == '_'))
			return false;
	return true;
}

static struct span from_descriptor(const struct recording_module *m, struct arena *arena)
{
	char link[64], path[PATH_MOST];
	ssize_t n;

	if (m->fd < 0 || m->pid <= 0)
		return SPAN_NONE;
	snprintf(link, sizeof(link), "/proc/%lld/fd/%lld", (long long)m->pid, (long long)m->fd);
	n = readlink(link, path, sizeof(path));
	if (n <= 0 || *path != '/' || !is_file_of((struct span){ path, (size_t)n }, m->name))
		return SPAN_NONE;
	return arena_copy(arena, (struct span){ path, (size_t)n });
}

static char *read_dep(const char *folder, size_t *ret_n)
{
	char path[PATH_MOST], *text;
	size_t n = 0;
	ssize_t got;
	AUTO_CLOSE int fd = -1;

	if ((size_t)snprintf(path, sizeof(path), "%s/modules.dep", folder) >= sizeof(path))
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	text = fd < 0 ? NULL : malloc(DEP_MOST);
	while (text && n < DEP_MOST && (got = read(fd, text + n, DEP_MOST - n)) > 0)
		n += (size_t)got;
	*ret_n = n;
	return text;
}

/* Lines "kernel/net/nf_tables.ko: kernel/lib/…". */
static struct span from_dep(const struct recording_module *m, const char *folder, struct arena *arena)
{
	char path[PATH_MOST];
	size_t n = 0;
	AUTO_FREE char *text = read_dep(folder, &n);
	struct span rest = { text, n }, line;

	while (text && span_next(&rest, '\n', &line)) {
		const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
		struct span file = { line.p, colon ? (size_t)(colon - line.p) : 0 };
		int length;

		if (!is_file_of(file, m->name))
			continue;
		length = *file.p == '/' ? snprintf(path, sizeof(path), "%.*s", SPAN_FMT(file)) :
					  snprintf(path, sizeof(path), "%s/%.*s", folder, SPAN_FMT(file));
		return length > 0 && length < PATH_MOST ? arena_copy(arena, span_of(path)) : SPAN_NONE;
	}
	return SPAN_NONE;
}

void module_look_up(struct recording_module *m, const char *folder, struct arena *arena)
{
	struct module_signature s;

	m->path = from_descriptor(m, arena);
	if (!m->path.p && m->fd >= 0)
		m->path = from_dep(m, folder, arena);
	if (!m->path.p) {
		m->signature = m->fd < 0 ? SPAN("loaded from memory, not known") : SPAN("file not found");
		return;
	}
	module_signature_read(m->path.p, arena, &s);
	m->signature = s.status;
	m->signer = s.signer;
}
