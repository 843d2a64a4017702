/* bench-parse [LOG]: parser, assembly, interpretation and identity on an audit log that is mapped, or made up when none
 * is given; batches are thrown away. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "recorder/recording.h"

enum { MADE_UP_PROCESSES = 60000 };

struct sink {
	struct recording *recording;
	size_t rows;
};

static int discard(struct batch *b, void *data)
{
	struct sink *sink = data;

	sink->rows += b->n;
	recording_recycle(sink->recording, b);
	return 0;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void add_call(struct buf *out, const char *stamp, int number, int items, int pid, const char *exe)
{
	buf_printf(out, "type=SYSCALL msg=%s arch=c000003e syscall=%d success=yes exit=0 a0=55d0c4a1b2c0 a1=55d0c4a1c010 "
		   "a2=55d0c49fe6e0 a3=8 items=%d ppid=900 pid=%d auid=1000 uid=1000 gid=1000 euid=1000 suid=1000 "
		   "fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=pts1 ses=4 comm=\"tool\" exe=\"%s\" key=(null)\035"
		   "ARCH=x86_64 AUID=\"ann\" UID=\"ann\" GID=\"ann\" EUID=\"ann\" SUID=\"ann\" FSUID=\"ann\"\n",
		   stamp, number, items, pid, exe);
}

static void add_path(struct buf *out, const char *stamp, int item, const char *name, const char *type)
{
	buf_printf(out, "type=PATH msg=%s item=%d name=\"%s\" inode=933890 dev=fe:00 mode=0100755 ouid=0 ogid=0 rdev=00:00 "
		   "nametype=%s cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0\035OUID=\"root\" OGID=\"root\"\n",
		   stamp, item, name, type);
}

static void stamp_of(char stamp[64], int process, int n)
{
	snprintf(stamp, 64, "audit(%d.%03d:%d):", 1790000000 + process / 1000, process % 1000, process * 3 + n + 1);
}

/* A program starts, renames a file, ends. */
static void add_process(struct buf *out, int n)
{
	int pid = 1000 + n % 30000;
	char stamp[64];

	stamp_of(stamp, n, 0);
	add_call(out, stamp, 59, 2, pid, "/usr/bin/tool");
	buf_printf(out, "type=EXECVE msg=%s argc=4 a0=\"tool\" a1=\"--number=%d\" a2=74776F20776F726473 a3=\"x\"\n", stamp, n);
	buf_printf(out, "type=CWD msg=%s cwd=\"/home/ann/work\"\n", stamp);
	add_path(out, stamp, 0, "/usr/bin/tool", "NORMAL");
	add_path(out, stamp, 1, "/lib64/ld-linux-x86-64.so.2", "NORMAL");
	buf_printf(out, "type=PROCTITLE msg=%s proctitle=746F6F6C\n", stamp);
	stamp_of(stamp, n, 1);
	add_call(out, stamp, 82, 4, pid, "/usr/bin/tool");
	buf_printf(out, "type=CWD msg=%s cwd=\"/home/ann/work\"\n", stamp);
	add_path(out, stamp, 0, "/home/ann/work", "PARENT");
	add_path(out, stamp, 1, "/home/ann/work", "PARENT");
	add_path(out, stamp, 2, "draft", "DELETE");
	add_path(out, stamp, 3, "final", "CREATE");
	buf_printf(out, "type=PROCTITLE msg=%s proctitle=746F6F6C\n", stamp);
	stamp_of(stamp, n, 2);
	add_call(out, stamp, 231, 0, pid, "/usr/bin/tool");
	buf_printf(out, "type=PROCTITLE msg=%s proctitle=746F6F6C\n", stamp);
}

static int measure(struct span text)
{
	struct sink sink = { 0 };
	struct recording_config config = { .host = SPAN("bench"), .sink = discard, .data = &sink };
	struct recording_stats stats;
	struct span rest = text, line;
	double start = seconds();
	int e = recording_new(&config, &sink.recording);

	if (e < 0)
		return e;
	recording_stable_lines(sink.recording, true);
	while (e == 0 && span_next(&rest, '\n', &line))
		e = recording_line(sink.recording, line);
	if (e == 0)
		e = recording_finish(sink.recording);
	stats = recording_stats(sink.recording);
	printf("parse: %.2f s, %.0f MB, %llu records, %llu events, %llu unparsed, %zu rows\n", seconds() - start,
	       (double)text.n / 1e6, (unsigned long long)stats.records, (unsigned long long)stats.events,
	       (unsigned long long)stats.unparsed, sink.rows);
	for (size_t i = 0; i < stats.n_types; i++)
		printf("  %-16s %9llu seen %9llu used\n", stats.types[i].name,
		       (unsigned long long)stats.types[i].seen, (unsigned long long)stats.types[i].used);
	recording_free(sink.recording);
	return e;
}

static int measure_file(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;
	int e;

	if (fd < 0 || fstat(fd, &st) < 0) {
		fprintf(stderr, "bench-parse: %s: %m\n", path);
		return -1;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED) {
		fprintf(stderr, "bench-parse: %s: %m\n", path);
		return -1;
	}
	e = measure((struct span){ p, (size_t)st.st_size });
	munmap(p, (size_t)st.st_size);
	return e;
}

int main(int argc, char **argv)
{
	AUTO_BUF text = BUF_INIT;

	if (argc == 2)
		return measure_file(argv[1]) < 0;
	for (int i = 0; i < MADE_UP_PROCESSES; i++)
		add_process(&text, i);
	return text.failed || measure(buf_span(&text)) < 0;
}
