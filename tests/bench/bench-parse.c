/* bench-parse LOG: parser, assembly, interpretation and identity on a mapped audit log; batches are thrown away. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "agent/base/cleanup.h"
#include "recorder/recording.h"

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

static int feed(struct recording *r, struct span text)
{
	struct span line;
	int e = 0;

	while (e == 0 && span_next(&text, '\n', &line))
		e = recording_line(r, line);
	return e < 0 ? e : recording_finish(r);
}

int main(int argc, char **argv)
{
	struct sink sink = { 0 };
	struct recording_config config = { .host = SPAN("bench"), .sink = discard, .data = &sink };
	struct recording_stats stats;
	AUTO_CLOSE int fd = -1;
	struct stat st;
	double start;
	void *p;
	int e;

	if (argc != 2) {
		fprintf(stderr, "usage: bench-parse LOG\n");
		return 2;
	}
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		printf("skipped: %s: %m\n", argv[1]);
		return 77;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED || recording_new(&config, &sink.recording) < 0)
		return 1;
	recording_stable_lines(sink.recording, true);
	start = seconds();
	e = feed(sink.recording, (struct span){ p, (size_t)st.st_size });
	stats = recording_stats(sink.recording);
	printf("parse: %.2f s, %.0f MB, %llu records, %llu events, %llu unparsed, %zu rows\n", seconds() - start,
	       (double)st.st_size / 1e6, (unsigned long long)stats.records, (unsigned long long)stats.events,
	       (unsigned long long)stats.unparsed, sink.rows);
	for (size_t i = 0; i < stats.n_types; i++)
		printf("  %-16s %9llu seen %9llu used\n", stats.types[i].name,
		       (unsigned long long)stats.types[i].seen, (unsigned long long)stats.types[i].used);
	recording_free(sink.recording);
	munmap(p, (size_t)st.st_size);
	return e < 0;
}
