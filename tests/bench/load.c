/* load: work that audit sees, at a steady rate, so that recording it can be measured.
 *
 *   load [--rate EVENTS] [--seconds N] [--names N] FOLDER
 *
 * A block of 50 events: one program started that ends at once (2), and 12 times a file created, renamed and deleted and
 * a connection refused (48). Blocks begin when they are due, whatever the ones before took; at the end what was really
 * done is told as one line of JSON. --names: so many file names, used again and again; 0: each is used once. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/span.h"

enum { TURNS = 12, BLOCK = 4 * TURNS + 2, REFUSED_PORT = 9 };
enum { SECOND = 1000000000 };

struct load {
	int64_t rate, seconds, names;
	int64_t files, connects, programs; /* done */
	int64_t late_ns;                   /* at most */
	const char *self;
};

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * SECOND + ts.tv_nsec;
}

static void fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void wait_until(struct load *l, int64_t due)
{
	struct timespec ts = { due / SECOND, due % SECOND };
	int64_t late = now() - due;

	if (late > l->late_ns)
		l->late_ns = late;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

static void use_file(struct load *l)
{
	int64_t n = l->names ? l->files % l->names : l->files;
	char name[32], other[32];
	int fd;

	snprintf(name, sizeof(name), "file-%lld", (long long)n);
	snprintf(other, sizeof(other), "file-%lld.new", (long long)n);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || close(fd) < 0 || rename(name, other) < 0 || unlink(other) < 0)
		fail(name);
	l->files++;
}

static void use_network(struct load *l)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(REFUSED_PORT),
	                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("socket");
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 || errno != ECONNREFUSED)
		fail("a connection that should be refused");
	close(fd);
	l->connects++;
}

static void use_program(struct load *l)
{
	static char leaf[] = "--leaf", *const environment[] = { NULL };
	char number[24];
	char *const arguments[] = { (char *)(uintptr_t)l->self, leaf, number, NULL };
	pid_t pid;

	snprintf(number, sizeof(number), "%lld", (long long)l->programs);
	errno = posix_spawn(&pid, l->self, NULL, NULL, arguments, environment);
	if (errno || waitpid(pid, NULL, 0) < 0)
		fail(l->self);
	l->programs++;
}

static int64_t run(struct load *l)
{
	int64_t begun = now(), blocks = l->rate * l->seconds / BLOCK;

	for (int64_t i = 0; i < blocks; i++) {
		wait_until(l, begun + i * BLOCK * SECOND / l->rate);
		use_program(l);
		for (int turn = 0; turn < TURNS; turn++) {
			use_file(l);
			use_network(l);
		}
	}
	return now() - begun;
}

static void parse(int argc, char **argv, struct load *l)
{
	static const struct option options[] = { { "rate", required_argument, NULL, 'r' },
		{ "seconds", required_argument, NULL, 's' }, { "names", required_argument, NULL, 'n' }, { 0 } };
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		int64_t *to = opt == 'r' ? &l->rate : opt == 's' ? &l->seconds : &l->names;

		if (opt == '?' || span_to_i64(span_of(optarg), to) < 0)
			exit(2);
	}
	if (optind + 1 != argc || l->rate < BLOCK || l->rate > 1000000 || l->seconds < 1 || l->seconds > 86400 || l->names < 0) {
		fprintf(stderr, "usage: load [--rate EVENTS] [--seconds N] [--names N] FOLDER\n");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct load l = { .rate = 5000, .seconds = 60 };
	int64_t took;

	if (argc > 1 && strcmp(argv[1], "--leaf") == 0)
		return 0;
	parse(argc, argv, &l);
	l.self = realpath("/proc/self/exe", NULL);
	if (!l.self || chdir(argv[optind]) < 0)
		fail(argv[optind]);
	took = run(&l);
	printf("{\"pid\": %d, \"events\": %lld, \"files\": %lld, \"connects\": %lld, \"programs\": %lld, \"seconds\": %.3f, "
	       "\"late_ms\": %.1f, \"program\": \"%s\"}\n", (int)getpid(),
	       (long long)(3 * l.files + l.connects + 2 * l.programs), (long long)l.files, (long long)l.connects,
	       (long long)l.programs, (double)took / SECOND, (double)l.late_ns / 1e6, l.self);
	free((char *)(uintptr_t)l.self);
	return 0;
}
