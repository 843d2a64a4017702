#include "agent/userask.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/span.h"

enum { NUMBER = 24, LINE = 1024 };

/* Capabilities and "no new privileges" are a thread's own (capabilities(7)): not libc's calls, which may do it for all.
 * With both a program that root starts gets none back. The systemd unit allows no capset: there it has what the unit
 * leaves to any of us. */
int userask_drop_privileges(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return syscall(SYS_capset, &header, none) < 0 && errno != EPERM ? -errno : 0;
}

/* ---- nscd ---- */

enum { NSCD_VERSION = 2, GETPWBYUID = 1, FOUND = 1, NOT_FOUND = 0 };
enum { ANSWER_VERSION, ANSWER_FOUND, ANSWER_NAME_LENGTH, ANSWER_NUMBERS = 9 };

static int connect_to(const char *path, int64_t limit_ms)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval limit = { (time_t)(limit_ms / 1000), (suseconds_t)(limit_ms % 1000 * 1000) };
	int fd;

	if (strlen(path) >= sizeof(to.sun_path))
		return -1;
	memcpy(to.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0 ||
	                setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
	                connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int read_all(int fd, void *to, size_t n)
{
	char *p = to;

	while (n) {
		ssize_t got = recv(fd, p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -EAGAIN;
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

static bool is_name(const char *p, size_t n)
{
	return n > 0 && n < USERS_NAME && !memchr(p, 0, n) && !memchr(p, ':', n) && !memchr(p, '\n', n);
}

static int ask_nscd(const struct userask *a, const char *number, char ret_name[USERS_NAME])
{
	int32_t question[3] = { NSCD_VERSION, GETPWBYUID, (int32_t)strlen(number) + 1 }, answer[ANSWER_NUMBERS];
	struct iovec parts[] = { { question, sizeof(question) }, { (char *)(uintptr_t)number, strlen(number) + 1 } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	AUTO_CLOSE int fd = connect_to(a->socket, a->limit_ms);
	char name[USERS_NAME];
	int32_t n;

	if (fd < 0)
		return -EOPNOTSUPP;
	if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0 || read_all(fd, answer, sizeof(answer)) < 0)
		return -EAGAIN;
	if (answer[ANSWER_VERSION] == NSCD_VERSION && answer[ANSWER_FOUND] == NOT_FOUND)
		return -ENOENT;
	n = answer[ANSWER_NAME_LENGTH]; /* with its NUL */
	if (answer[ANSWER_VERSION] != NSCD_VERSION || answer[ANSWER_FOUND] != FOUND) /* it keeps no users */
		return -EOPNOTSUPP;
	if (n < 2 || n > USERS_NAME || read_all(fd, name, (size_t)n) < 0 || !is_name(name, (size_t)n - 1))
		return -EAGAIN;
	memcpy(ret_name, name, (size_t)n - 1);
	ret_name[n - 1] = 0;
	return 0;
}

/* ---- getent ---- */

static int start(const char *program, const char *number, int out, pid_t *ret)
{
	char *argv[] = { (char *)"getent", (char *)"passwd", (char *)(uintptr_t)number, NULL }, *env[] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, ignored;
	int r;

	sigemptyset(&none);
	sigemptyset(&ignored);
	sigaddset(&ignored, SIGPIPE);
	if (posix_spawn_file_actions_init(&files) != 0)
		return -ENOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		posix_spawn_file_actions_destroy(&files);
		return -ENOMEM;
	}
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &ignored);
	r = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&files, out, 1);
	if (r == 0)
		r = posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	if (r == 0)
		r = posix_spawn(ret, program, &files, &attributes, argv, env);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return -r;
}

/* Until its end, or the limit. */
static int read_line(int fd, int64_t end_by, char *line, size_t room, size_t *ret_n)
{
	size_t n = 0;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = end_by - clock_monotonic();
		ssize_t got;

		if (left <= 0 || n == room)
			return -EAGAIN;
		if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
			return -EAGAIN;
		if (!p.revents)
			continue;
		got = read(fd, line + n, room - n);
		if (got < 0 && errno != EINTR)
			return -EAGAIN;
		if (got == 0)
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	*ret_n = n;
	return 0;
}

/* Its output may end before it does. */
static int wait_for(pid_t pid, int64_t end_by, bool kill_it)
{
	static const struct timespec moment = { 0, 5000000 };
	int status = 0;
	pid_t r;

	for (;;) {
		if (kill_it || clock_monotonic() >= end_by)
			kill(pid, SIGKILL);
		r = waitpid(pid, &status, WNOHANG);
		if (r == pid || (r < 0 && errno != EINTR))
			break;
		nanosleep(&moment, NULL);
	}
	return r == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* "name:x:1000:…", of the user asked for. */
static int parse_line(struct span line, const char *number, char ret_name[USERS_NAME])
{
	struct span name, password, uid;

	if (!span_next(&line, ':', &name) || !span_next(&line, ':', &password) || !span_next(&line, ':', &uid) ||
	    !span_eq(uid, span_of(number)) || !is_name(name.p, name.n))
		return -EAGAIN;
	memcpy(ret_name, name.p, name.n);
	ret_name[name.n] = 0;
	return 0;
}

static int ask_getent(const struct userask *a, const char *number, char ret_name[USERS_NAME])
{
	enum { NOT_THERE = 2 }; /* getent(1) */
	int64_t end_by = clock_monotonic() + a->limit_ms;
	char line[LINE];
	size_t n = 0;
	int fds[2], r, status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -EAGAIN;
	r = start(a->getent, number, fds[1], &pid);
	close(fds[1]);
	if (r < 0) {
		close(fds[0]);
		return r == -ENOENT || r == -EACCES || r == -EPERM ? -EOPNOTSUPP : -EAGAIN;
	}
	r = read_line(fds[0], end_by, line, sizeof(line), &n);
	close(fds[0]);
	status = wait_for(pid, end_by, r < 0);
	if (r == 0 && status == NOT_THERE)
		return -ENOENT;
	return r < 0 || status != 0 ? -EAGAIN : parse_line((struct span){ line, n }, number, ret_name);
}

int userask_name(const struct userask *a, int64_t uid, char ret_name[USERS_NAME])
{
	char number[NUMBER];
	int r;

	snprintf(number, sizeof(number), "%" PRId64, uid);
	r = ask_nscd(a, number, ret_name);
	return r == -EOPNOTSUPP ? ask_getent(a, number, ret_name) : r;
}

int userask_system(int64_t uid, char ret_name[USERS_NAME], void *ignored)
{
	static const struct userask ask = { "/run/nscd/socket", "/usr/bin/getent", 2000 };

	return userask_drop_privileges() < 0 ? -EOPNOTSUPP : userask_name(&ask, uid, ret_name);
}
