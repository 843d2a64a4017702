/* Preloaded into an agent that is not static: the clock is off by as many ms as the file named by SPOOR_STEP says. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long long offset(void)
{
	const char *path = getenv("SPOOR_STEP");
	char text[32] = "";
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return strtoll(text, NULL, 10);
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	int r = (int)syscall(SYS_clock_gettime, id, ts);
	long long ms;

	if (r == 0 && id == CLOCK_REALTIME) {
		ms = offset();
		ts->tv_sec += ms / 1000;
		ts->tv_nsec += ms % 1000 * 1000000;
		if (ts->tv_nsec < 0 || ts->tv_nsec >= 1000000000) {
			ts->tv_sec += ts->tv_nsec < 0 ? -1 : 1;
			ts->tv_nsec += ts->tv_nsec < 0 ? 1000000000 : -1000000000;
		}
	}
	return r;
}
