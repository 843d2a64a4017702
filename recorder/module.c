#include "recorder/module.h"

#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "recorder/module-signature.h"

enum { DEP_MOST = 16 << 20, PATH_MOST = 4096, CHUNK = 64 << 10, FILE_MOST = 100 << 20 };

/* "/x/nf-tables.ko.zst" is nf_tables: the kernel's names have no '-'. */
static bool is_file_of(struct span path, struct span name)
{
	const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;
	struct span file = slash ? (struct span){ slash + 1, path.n - (size_t)(slash + 1 - path.p) } : path;

	if (!name.p) /* it was not loaded: the kernel told no name */
		return file.n > 3 && memmem(file.p, file.n, ".ko", 3);
	if (!name.n || file.n < name.n + 3 || memcmp(file.p + name.n, ".ko", 3) != 0)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (file.p[i] != name.p[i] && !(file.p[i] == '-' && name.p[i] == '_'))
			return false;
	return true;
}

static int open_file(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

void module_open(struct recording_module *m, struct arena *arena)
{
	char link[64], path[PATH_MOST];
	ssize_t n;

	m->path = SPAN_NONE;
	m->file = -1;
	if (m->fd < 0 || m->pid <= 0)
		return;
	snprintf(link, sizeof(link), "/proc/%lld/fd/%lld", (long long)m->pid, (long long)m->fd);
	n = readlink(link, path, sizeof(path));
	if (n <= 0 || *path != '/' || !is_file_of((struct span){ path, (size_t)n }, m->name))
		return;
	m->file = open_file(link);
	m->path = arena_copy(arena, (struct span){ path, (size_t)n });
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

static struct span hash(int fd, struct arena *arena)
{
	AUTO_FREE unsigned char *chunk = malloc(CHUNK);
	unsigned char sha256[SHA256_DIGEST_LENGTH];
	SHA2_CTX sum;
	off_t at = 0;
	ssize_t n = -1;
	char *out;

	SHA256Init(&sum);
	while (chunk && at <= FILE_MOST && (n = pread(fd, chunk, CHUNK, at)) > 0) {
		SHA256Update(&sum, chunk, (size_t)n);
		at += n;
	}
	out = n == 0 ? arena_alloc(arena, SHA256_DIGEST_STRING_LENGTH) : NULL;
	if (!out)
		return SPAN_NONE;
	SHA256Final(sha256, &sum);
	for (size_t i = 0; i < sizeof(sha256); i++)
		snprintf(out + 2 * i, 3, "%02x", sha256[i]);
	return (struct span){ out, 2 * sizeof(sha256) };
}

void module_look_up(struct recording_module *m, const char *folder, struct arena *arena)
{
	struct module_signature s;
	struct stat st;

	if (!m->path.p && m->fd >= 0 && m->name.p)
		m->path = from_dep(m, folder, arena);
	if (!m->path.p) {
		m->signature = m->fd < 0 ? SPAN("loaded from memory, not known") : SPAN("file not found");
		return;
	}
	if (m->file < 0)
		m->file = open_file(m->path.p);
	if (m->file >= 0 && fstat(m->file, &st) == 0 && S_ISREG(st.st_mode))
		m->sha256 = hash(m->file, arena);
	module_signature_read(m->file, m->path, arena, &s);
	m->signature = s.status;
	m->signer = s.signer;
}
