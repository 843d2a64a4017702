#include "recorder/procfs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/clock.h"

enum { FILE_MAX = 2 * 1024 * 1024, ARGUMENTS_MAX = 65536 };

struct procfs {
	int64_t boot_ms;
	long ticks; /* a second */
	char boot_id[40], host[256];
	struct users *users;
	struct buf text; /* the file read last */
	char pid_namespace[32]; /* ours, as /proc/PID/ns/pid shows it */
};

/* ---- reading ---- */

static int read_file_at(int dir, const char *name, struct buf *out, size_t max)
{
	AUTO_CLOSE int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	buf_clear(out);
	while (out->n < max) {
		char *to = buf_reserve(out, 4096);
		ssize_t n = to ? read(fd, to, 4096) : -1;

		if (!to)
			return -ENOMEM;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		out->n += (size_t)n;
	}
	return 0;
}

static struct span trim(struct span s)
{
	while (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == ' '))
		s.n--;
	return s;
}

static struct span link_target(int dir, const char *name, struct arena *arena)
{
	char target[4096];
	ssize_t n = readlinkat(dir, name, target, sizeof(target));

	/* A kernel thread has no executable. */
	return n > 0 ? arena_copy(arena, (struct span){ target, (size_t)n }) : SPAN_NONE;
}

/* ---- users ---- */

struct span procfs_user(struct procfs *p, int64_t uid)
{
	return users_name(p->users, uid);
}

struct users *procfs_users(struct procfs *p)
{
	return p->users;
}

/* ---- the machine ---- */

static int64_t clock_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * MS_PER_SEC + ts.tv_nsec / 1000000;
}

static void read_line(struct procfs *p, const char *path, char *out, size_t size)
{
	struct span s;

	out[0] = 0;
	if (read_file_at(AT_FDCWD, path, &p->text, FILE_MAX) < 0)
		return;
	s = trim(buf_span(&p->text));
	if (s.n < size) {
		memcpy(out, s.p, s.n);
		out[s.n] = 0;
	}
}

static struct span namespace_of(int64_t pid, char out[32])
{
	char path[40];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%" PRId64 "/ns/pid", pid);
	n = readlink(path, out, 32);
	return n > 0 ? (struct span){ out, (size_t)n } : SPAN_NONE;
}

struct procfs *procfs_new(void)
{
	struct procfs *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	/* Not btime of /proc/stat: that is cut to seconds. */
	p->boot_ms = clock_ms(CLOCK_REALTIME) - clock_ms(CLOCK_BOOTTIME);
	p->ticks = sysconf(_SC_CLK_TCK);
	if (p->ticks <= 0)
		p->ticks = 100;
	read_line(p, "/proc/sys/kernel/random/boot_id", p->boot_id, sizeof(p->boot_id));
	if (gethostname(p->host, sizeof(p->host) - 1) < 0)
		p->host[0] = 0;
	namespace_of(getpid(), p->pid_namespace);
	p->pid_namespace[sizeof(p->pid_namespace) - 1] = 0;
	p->users = users_new("/etc/passwd");
	if (p->users)
		return p;
	procfs_free(p);
	return NULL;
}

void procfs_free(struct procfs *p)
{
	if (!p)
		return;
	users_free(p->users);
	buf_free(&p->text);
	free(p);
}

int64_t procfs_boot_ms(const struct procfs *p)
{
	return p->boot_ms;
}

const char *procfs_boot_id(const struct procfs *p)
{
	return p->boot_id;
}

const char *procfs_host(const struct procfs *p)
{
	return p->host;
}

/* ---- a process ---- */

int procfs_parse_stat(struct span text, struct procfs_stat *ret)
{
	const char *open = memchr(text.p, '(', text.n), *close = memrchr(text.p, ')', text.n);
	struct procfs_stat s = { 0 };
	struct span rest, field;
	uint64_t start = 0;
	int i = 3;

	if (!open || !close || close < open || span_to_i64(trim((struct span){ text.p, (size_t)(open - text.p) }), &s.pid) < 0)
		return -EBADMSG;
	s.comm = (struct span){ open + 1, (size_t)(close - open) - 1 };
	rest = trim((struct span){ close + 1, text.n - (size_t)(close + 1 - text.p) });
	if (rest.n < 2 || rest.p[0] != ' ')
		return -EBADMSG;
	rest.p++;
	rest.n--;
	for (; i <= 22 && span_next(&rest, ' ', &field); i++) { /* numbered as in proc(5) */
		int64_t number = 0;

		if (i == 3)
			s.state = field.n ? field.p[0] : '?';
		else if (i == 22 ? span_to_u64(field, &start) < 0 : (i <= 7 || i == 20) && span_to_i64(field, &number) < 0)
			return -EBADMSG;
		if (i == 4)
			s.parent = number;
		if (i == 7)
			s.terminal = (int)number;
		if (i == 20)
			s.threads = number;
	}
	if (i <= 22)
		return -EBADMSG;
	s.start_ticks = start;
	*ret = s;
	return 0;
}

static struct span terminal_name(int device, struct arena *arena)
{
	unsigned major_no = major((dev_t)(unsigned)device), minor_no = minor((dev_t)(unsigned)device);
	char name[32];

	if (major_no >= 136 && major_no <= 143) /* Documentation/admin-guide/devices.txt */
		snprintf(name, sizeof(name), "pts%u", (major_no - 136) * 256 + minor_no);
	else if (major_no == 4 && minor_no < 64)
		snprintf(name, sizeof(name), "tty%u", minor_no);
	else if (major_no == 4)
		snprintf(name, sizeof(name), "ttyS%u", minor_no - 64);
	else
		return SPAN_NONE;
	return arena_copy(arena, span_of(name));
}

/* The value of the n-th number in "Uid:\t0\t0\t0\t0". */
static int64_t status_number(struct span text, const char *key, int n)
{
	const char *at = memmem(text.p, text.n, key, strlen(key));
	const char *end = text.p + text.n;
	int64_t value = -1;

	if (!at)
		return -1;
	for (at += strlen(key); n >= 0; n--) {
		struct span digits;

		while (at < end && (*at == '\t' || *at == ' '))
			at++;
		digits = (struct span){ at, 0 };
		while (at < end && isdigit((unsigned char)*at))
			at++;
		digits.n = (size_t)(at - digits.p);
		if (span_to_i64(digits, &value) < 0)
			return -1;
	}
	return value;
}

static int64_t number_in(struct procfs *p, int dir, const char *name)
{
	int64_t value;

	if (read_file_at(dir, name, &p->text, FILE_MAX) < 0 || span_to_i64(trim(buf_span(&p->text)), &value) < 0)
		return -1;
	return value == UINT32_MAX ? -1 : value; /* unset */
}

static void read_credentials(struct procfs *p, int dir, struct credentials *who)
{
	struct span s;

	who->uid = who->gid = who->euid = who->egid = -1;
	if (read_file_at(dir, "status", &p->text, FILE_MAX) == 0) {
		s = buf_span(&p->text);
		who->uid = status_number(s, "\nUid:", 0);
		who->euid = status_number(s, "\nUid:", 1);
		who->gid = status_number(s, "\nGid:", 0);
		who->egid = status_number(s, "\nGid:", 1);
	}
	who->auid = number_in(p, dir, "loginuid");
	who->session = number_in(p, dir, "sessionid");
	who->user = procfs_user(p, who->euid);
	who->audit_user = procfs_user(p, who->auid);
}

static size_t count_arguments(struct span text, bool *ret_plain)
{
	struct span argument;
	size_t n = 0;

	*ret_plain = true;
	while (n < ARGUMENTS_MAX && span_next(&text, 0, &argument)) {
		if (argument.n == 0 || memchr(argument.p, ' ', argument.n))
			*ret_plain = false;
		n++;
	}
	return n;
}

int procfs_parse_arguments(struct span text, struct arena *arena, struct image_start *image)
{
	struct span rest, argument;
	bool plain;
	size_t n, i = 0, end = 0;
	int32_t *lengths = NULL;
	char *line;

	if (text.n == 0)
		return 0;
	if (text.p[text.n - 1] == 0)
		text.n--;
	n = count_arguments(text, &plain);
	line = arena_alloc(arena, text.n + 1);
	if (!plain)
		lengths = arena_alloc(arena, n * sizeof(*lengths));
	if (!line || (!plain && !lengths))
		return -ENOMEM;
	memcpy(line, text.p, text.n);
	line[text.n] = 0;
	for (rest = text; i < n && span_next(&rest, 0, &argument); i++) {
		end = (size_t)(argument.p - text.p) + argument.n;
		if (lengths)
			lengths[i] = (int32_t)argument.n;
		if (end < text.n)
			line[end] = ' ';
	}
	image->command_line = (struct span){ line, end };
	image->argc = (uint32_t)n;
	image->arg_lengths = lengths;
	return 0;
}

static int open_process(int64_t pid)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%" PRId64, pid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -ENOENT : fd;
}

static int read_stat(int dir, struct buf *text, struct procfs_stat *ret)
{
	int r = read_file_at(dir, "stat", text, FILE_MAX);

	return r == 0 ? procfs_parse_stat(buf_span(text), ret) : -ENOENT;
}

static int64_t start_of(const struct procfs *p, const struct procfs_stat *s)
{
	int64_t ticks = (int64_t)s->start_ticks;

	return p->boot_ms + ticks / p->ticks * MS_PER_SEC + ticks % p->ticks * MS_PER_SEC / p->ticks;
}

/* What `comm` and the start time say, from stat. */
static int fill_start(struct procfs *p, const struct procfs_stat *s, struct arena *arena, struct process_start *process,
                      struct image_start *image)
{
	int64_t start = start_of(p, s);

	*process = (struct process_start){ .pid = s->pid, .start_ms = start, .start_known = true, .origin = PROCESS_SEEN,
	                                   .parent_pid = s->parent };
	*image = (struct image_start){ .start_ms = start, .origin = PROCESS_SEEN };
	image->comm = arena_copy(arena, s->comm);
	image->who.tty = terminal_name(s->terminal, arena);
	return image->comm.p ? 0 : -ENOMEM;
}

int procfs_read(struct procfs *p, int64_t pid, struct arena *arena, struct process_start *ret_process,
                struct image_start *ret_image)
{
	AUTO_CLOSE int dir = open_process(pid);
	struct procfs_stat s;
	struct process_start process;
	struct image_start image;
	int r = dir < 0 ? dir : read_stat(dir, &p->text, &s);

	if (r == 0)
		r = fill_start(p, &s, arena, &process, &image);
	if (r < 0)
		return r == -ENOMEM ? r : -ENOENT;
	image.executable = link_target(dir, "exe", arena);
	image.cwd = link_target(dir, "cwd", arena);
	if (read_file_at(dir, "cmdline", &p->text, FILE_MAX) == 0)
		r = procfs_parse_arguments(buf_span(&p->text), arena, &image);
	if (r < 0)
		return r;
	read_credentials(p, dir, &image.who);
	*ret_process = process;
	*ret_image = image;
	return 0;
}

int64_t procfs_parse_ns_pid(struct span text)
{
	const char *at = memmem(text.p, text.n, "\nNSpid:", 7), *end;
	struct span line, number;
	int64_t pid;

	if (!at)
		return 0;
	line = (struct span){ at + 7, text.n - (size_t)(at + 7 - text.p) };
	end = memchr(line.p, '\n', line.n);
	if (end)
		line.n = (size_t)(end - line.p);
	end = memrchr(line.p, '\t', line.n);
	number = end ? (struct span){ end + 1, line.n - (size_t)(end + 1 - line.p) } : SPAN_NONE;
	return span_to_i64(number, &pid) == 0 && pid > 0 ? pid : 0;
}

/* The link first: it costs a fraction of what `status` does, and nearly always says that there is nothing to know. */
int64_t procfs_ns_pid(const struct procfs *p, int64_t pid)
{
	char link[32], text[4096], path[40];
	struct span its = namespace_of(pid, link);
	AUTO_CLOSE int fd = -1;
	ssize_t n;

	if (!its.p || span_eq(its, span_of(p->pid_namespace)))
		return 0;
	snprintf(path, sizeof(path), "/proc/%" PRId64 "/status", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	return n > 0 ? procfs_parse_ns_pid((struct span){ text, (size_t)n }) : 0;
}

int procfs_start_ticks(pid_t pid, unsigned long long *ret)
{
	AUTO_CLOSE int dir = open_process(pid);
	AUTO_BUF text = BUF_INIT;
	struct procfs_stat s;
	int r = dir < 0 ? dir : read_stat(dir, &text, &s);

	if (r == 0)
		*ret = s.start_ticks;
	return r;
}

bool procfs_runs(const struct procfs *p, int64_t pid, int64_t before_ms)
{
	AUTO_CLOSE int dir = open_process(pid);
	AUTO_BUF text = BUF_INIT;
	struct procfs_stat s;

	if (dir < 0 || read_stat(dir, &text, &s) < 0 || start_of(p, &s) > before_ms)
		return false;
	return (s.state != 'Z' && s.state != 'X') || s.threads > 1; /* a first thread that ended stays one until all have */
}

static int compare_pids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int collect_pids(DIR *d, int64_t **ret, size_t *ret_n)
{
	AUTO_FREE int64_t *pids = NULL;
	size_t n = 0, cap = 0;
	struct dirent *e;

	while ((e = readdir(d))) {
		int64_t pid;

		if (span_to_i64(span_of(e->d_name), &pid) < 0)
			continue;
		if (n == cap) {
			int64_t *more = reallocarray(pids, cap = cap ? cap * 2 : 256, sizeof(*pids));

			if (!more)
				return -ENOMEM;
			pids = more;
		}
		pids[n++] = pid;
	}
	if (n)
		qsort(pids, n, sizeof(*pids), compare_pids);
	*ret = STEAL(pids);
	*ret_n = n;
	return 0;
}

int procfs_pids(int64_t **ret, size_t *ret_n)
{
	DIR *d = opendir("/proc");
	int r = d ? collect_pids(d, ret, ret_n) : -errno;

	if (d)
		closedir(d);
	return r;
}
