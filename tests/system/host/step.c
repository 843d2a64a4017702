/* Preloaded into an agent that is not static: the file named by SPOOR_STEP says by how many ms the clock was set, and, as a
 * second number, how many the machine slept (CLOCK_MONOTONIC does not count them). */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void read_offsets(long long *set, long long *slept)
{
	const char *path = getenv("SPOOR_STEP");
	char text[64] = "", *rest;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd >= 0 && read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	if (fd >= 0)
		close(fd);
	*set = strtoll(text, &rest, 10);
	*slept = strtoll(rest, NULL, 10);
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	int r = (int)syscall(SYS_clock_gettime, id, ts);
	long long set, slept, ms;

	if (r != 0 || (id != CLOCK_REALTIME && id != CLOCK_BOOTTIME))
		return r;
	read_offsets(&set, &slept);
	ms = id == CLOCK_REALTIME ? set + slept : slept;
	ts->tv_sec += ms / 1000;
	ts->tv_nsec += ms % 1000 * 1000000;
	if (ts->tv_nsec < 0 || ts->tv_nsec >= 1000000000) {
		ts->tv_sec += ts->tv_nsec < 0 ? -1 : 1;
		ts->tv_nsec += ts->tv_nsec < 0 ? 1000000000 : -1000000000;
	}
	return r;
}
