#include "recorder/health.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "recorder/procfs.h"

static const char magic[] = "spoor recorder status 1\n";

/* One line an entry: name, value. Texts hold no newline: it is made a space. */
enum kind { TEXT, I64, U64, U32, INT, BOOL };
struct entry {
	const char *name;
	enum kind kind;
	size_t offset, size;
};

#define ENTRY(kind, field) { #field, kind, offsetof(struct health, field), sizeof(((struct health *)NULL)->field) }
static const struct entry entries[] = {
	ENTRY(INT, pid), ENTRY(U64, pid_start), ENTRY(I64, started_ms), ENTRY(I64, updated_ms), ENTRY(TEXT, db),
	ENTRY(TEXT, source), ENTRY(TEXT, wish), ENTRY(TEXT, why), ENTRY(U32, owner), ENTRY(U32, changes),
	ENTRY(TEXT, selftest), ENTRY(TEXT, cause), ENTRY(TEXT, exits), ENTRY(TEXT, closes),
	ENTRY(BOOL, locked), ENTRY(U64, records), ENTRY(U64, lost),
	ENTRY(U64, overruns), ENTRY(U64, rules_restored), ENTRY(I64, last_loss_ms), ENTRY(I64, full_since_ms),
	ENTRY(U32, full_cause), ENTRY(TEXT, ended),
	ENTRY(I64, aside_ms),
};

static void add_entry(struct buf *out, const struct health *h, const struct entry *e)
{
	const void *p = (const char *)h + e->offset;

	buf_printf(out, "%s ", e->name);
	switch (e->kind) {
	case TEXT:
		for (const char *c = p; *c; c++)
			buf_add_char(out, *c == '\n' ? ' ' : *c);
		break;
	case I64: buf_printf(out, "%" PRId64, *(const int64_t *)p); break;
	case U64: buf_printf(out, "%" PRIu64, *(const uint64_t *)p); break;
	case U32: buf_printf(out, "%" PRIu32, *(const uint32_t *)p); break;
	case INT: buf_printf(out, "%d", *(const int *)p); break;
	case BOOL: buf_printf(out, "%d", *(const bool *)p); break;
	}
	buf_add_char(out, '\n');
}

static int write_all(int fd, const struct buf *text)
{
	size_t done = 0;

	while (done < text->n) {
		ssize_t n = write(fd, text->p + done, text->n - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int health_save(const char *path, const struct health *h)
{
	AUTO_BUF text = BUF_INIT;
	AUTO_BUF temporary = BUF_INIT;
	AUTO_CLOSE int fd = -1;
	int r;

	buf_add_z(&text, magic);
	for (size_t i = 0; i < ARRAY_LEN(entries); i++)
		add_entry(&text, h, &entries[i]);
	buf_printf(&temporary, "%s.new", path);
	if (text.failed || temporary.failed)
		return -ENOMEM;
	fd = open(temporary.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	r = write_all(fd, &text);
	if (r == 0 && rename(temporary.p, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(temporary.p);
	return r;
}

static int read_value(struct health *h, const struct entry *e, struct span value)
{
	void *p = (char *)h + e->offset;
	uint64_t u = 0;
	int64_t i = 0;
	int r;

	if (e->kind == TEXT) {
		if (value.n >= e->size)
			return -EBADMSG;
		if (value.n > 0)
			memcpy(p, value.p, value.n);
		((char *)p)[value.n] = 0;
		return 0;
	}
	r = e->kind == U64 ? span_to_u64(value, &u) : span_to_i64(value, &i);
	if (r < 0)
		return -EBADMSG;
	switch (e->kind) {
	case I64: *(int64_t *)p = i; break;
	case U64: *(uint64_t *)p = u; break;
	case U32: *(uint32_t *)p = (uint32_t)i; break;
	case INT: *(int *)p = (int)i; break;
	default: *(bool *)p = i != 0; break;
	}
	return 0;
}

static int read_line(struct health *h, struct span line)
{
	struct span name;

	if (!span_next(&line, ' ', &name))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(entries); i++)
		if (span_eq(name, span_of(entries[i].name)))
			return read_value(h, &entries[i], line);
	return 0; /* of another version */
}

int health_load(const char *path, struct health *ret)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct health h = { 0 };
	struct span rest, line;
	char text[8192];
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text));
	if (n < 0)
		return -errno;
	rest = (struct span){ text, (size_t)n };
	if (!span_starts(rest, span_of(magic)))
		return -EBADMSG;
	while (span_next(&rest, '\n', &line))
		if (read_line(&h, line) < 0)
			return -EBADMSG;
	*ret = h;
	return 0;
}

bool health_alive(const struct health *h)
{
	unsigned long long start;

	return h->pid > 0 && procfs_start_ticks(h->pid, &start) == 0 && start == h->pid_start;
}
