#include "agent/client/report.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/ini.h"
#include "recorder/procfs.h"

enum { BYTES_MAX = 4096 };

static const char *const state_names[REPORT_STATES] = { "not enrolled", "off", "failed", "away", "connected" };

const char *report_state_name(enum report_state state)
{
	return state < REPORT_STATES ? state_names[state] : "unknown";
}

/* One line, whatever it holds. */
static void put_text(struct buf *out, const char *key, const char *text)
{
	buf_printf(out, "%s = ", key);
	for (; *text; text++)
		buf_add_char(out, (unsigned char)*text < ' ' ? ' ' : *text);
	buf_add_char(out, '\n');
}

int report_save(const char *path, const struct report *r)
{
	AUTO_BUF text = BUF_INIT;
	AUTO_BUF part = BUF_INIT;
	AUTO_CLOSE int fd = -1;
	int error = 0;

	buf_printf(&text, "[client]\npid = %d\npid_start = %llu\nsince_ms = %" PRId64 "\nerror_ms = %" PRId64 "\nsessions = %u\n",
		   (int)r->pid, r->pid_start, r->since_ms, r->error_ms, r->sessions);
	put_text(&text, "state", report_state_name(r->state));
	put_text(&text, "server", r->server);
	put_text(&text, "endpoint", r->endpoint);
	put_text(&text, "error", r->error);
	buf_printf(&part, "%s.new", path);
	if (text.failed || part.failed)
		return -ENOMEM;
	unlink(part.p); /* whatever it is: the folder may be another's */
	fd = open(part.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	fchmod(fd, 0644); /* whatever the umask is: anybody may ask for the status */
	if (write(fd, text.p, text.n) != (ssize_t)text.n)
		error = errno ? -errno : -EIO;
	if (error == 0 && rename(part.p, path) < 0)
		error = -errno;
	if (error < 0)
		unlink(part.p);
	return error;
}

static int keep(char *to, size_t size, struct span value)
{
	if (value.n >= size)
		return -EBADMSG;
	memcpy(to, value.p, value.n);
	to[value.n] = 0;
	return 0;
}

static int keep_state(struct report *r, struct span value)
{
	for (unsigned i = 0; i < REPORT_STATES; i++) {
		if (!span_eq(value, span_of(state_names[i])))
			continue;
		r->state = i;
		return 0;
	}
	return -EBADMSG;
}

static int take(const struct ini_line *line, struct buf *why, void *data)
{
	struct span key = line->key, value = line->value;
	struct report *r = data;
	int64_t n = 0;

	if (!key.p)
		return 0;
	if (span_eq(key, SPAN("state")))
		return keep_state(r, value);
	if (span_eq(key, SPAN("server")))
		return keep(r->server, sizeof(r->server), value);
	if (span_eq(key, SPAN("endpoint")))
		return keep(r->endpoint, sizeof(r->endpoint), value);
	if (span_eq(key, SPAN("error")))
		return keep(r->error, sizeof(r->error), value);
	if (span_to_i64(value, &n) < 0)
		return -EBADMSG;
	if (span_eq(key, SPAN("pid")))
		r->pid = (pid_t)n;
	else if (span_eq(key, SPAN("pid_start")))
		r->pid_start = (unsigned long long)n;
	else if (span_eq(key, SPAN("since_ms")))
		r->since_ms = n;
	else if (span_eq(key, SPAN("error_ms")))
		r->error_ms = n;
	else if (span_eq(key, SPAN("sessions")))
		r->sessions = (unsigned)n;
	return 0; /* others are of another version */
}

int report_load(const char *path, struct report *ret)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	AUTO_BUF why = BUF_INIT;
	struct report r = { 0 };
	char text[BYTES_MAX];
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text));
	if (n < 0)
		return -errno;
	if (ini_read((struct span){ text, (size_t)n }, take, &why, &r) < 0)
		return -EBADMSG;
	*ret = r;
	return 0;
}

bool report_alive(const struct report *r)
{
	unsigned long long start;

	return r->pid > 0 && procfs_start_ticks(r->pid, &start) == 0 && start == r->pid_start;
}

void report_begin(struct report *r)
{
	*r = (struct report){ .pid = getpid() };
	procfs_start_ticks(r->pid, &r->pid_start);
}
