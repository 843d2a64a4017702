#include "agent/session/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "agent/session/remote.h"

struct confine {
	pid_t pid;
	char *temp; /* the child's folder for temporary files while it opens; NULL afterwards */
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	remove(path);
	return 0;
}

static void remove_temp(struct confine *c)
{
	if (c->temp)
		nftw(c->temp, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	free(c->temp);
	c->temp = NULL;
}

void confine_end(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void end_child(struct confine *c)
{
	if (c->pid > 0)
		confine_end(c->pid);
	c->pid = 0;
}

static void confine_free(void *data)
{
	struct confine *c = data;

	end_child(c);
	remove_temp(c);
	free(c);
}

/* proc(5), statm. */
uint64_t confine_memory(pid_t pid)
{
	unsigned long long resident, shared;
	char path[64], text[128];
	AUTO_CLOSE int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = 0;
	if (sscanf(text, "%*u %llu %llu", &resident, &shared) != 2 || resident < shared)
		return 0;
	return (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* A limit of the kernel's would count what is reserved, and a set of ids reserves much more than it touches. */
static const char *guard(void *data, bool lost)
{
	struct confine *c = data;

	if (lost)
		end_child(c);
	if (c->pid <= 0 || confine_memory(c->pid) <= CONFINE_MEMORY)
		return NULL;
	return "the process that reads the recording took too much memory and was ended";
}

static struct confine *confine_new(void)
{
	struct confine *c = calloc(1, sizeof(*c));
	const char *base = getenv("TMPDIR");

	if (!c)
		return NULL;
	/* Copies may be as large as the recording: /tmp is often memory. */
	if (asprintf(&c->temp, "%s/spoor-XXXXXX", base && *base ? base : "/var/tmp") < 0)
		c->temp = NULL;
	if (!c->temp || !mkdtemp(c->temp)) {
		free(c->temp);
		free(c);
		return NULL;
	}
	return c;
}

/* The environment of the child: only what a sanitizer or an unusual library path needs. NULL-terminated; entries
 * belong to others but the first. */
static void child_environment(char *temp, char **env, size_t max)
{
	static const char *const kept[] = { "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "LD_LIBRARY_PATH=", "LD_PRELOAD=" };
	size_t n = 0;

	env[n++] = temp;
	for (char **e = environ; e && *e && n + 1 < max; e++)
		for (size_t i = 0; i < ARRAY_LEN(kept); i++)
			if (strncmp(*e, kept[i], strlen(kept[i])) == 0 && n + 1 < max)
				env[n++] = *e;
	env[n] = NULL;
}

/* folder: for its temporary files, "" none; how: see confine-child.c; fd becomes its socket. */
static int spawn_child(const char *path, char *folder, const char *how, int fd, pid_t *ret_pid)
{
	static const char *const exe = "/proc/self/exe";
	AUTO_FREE char *temp = NULL;
	char argument[] = CONFINE_ARGUMENT;
	char *argv[] = { (char *)exe, argument, (char *)path, folder, (char *)how, NULL };
	char *env[16];
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r;

	if (asprintf(&temp, "TMPDIR=%s", folder) < 0)
		return temp = NULL, -ENOMEM;
	child_environment(temp, env, ARRAY_LEN(env));
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	r = posix_spawn_file_actions_adddup2(&files, fd, 3);
	if (r == 0)
		r = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&files, 0, 1);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (r == 0)
		r = posix_spawn(ret_pid, exe, &files, &attr, argv, env);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return -r;
}

static int serve_stranger(const char *path, const char *how, int *ret_fd, pid_t *ret_pid)
{
	char none[] = "";
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	r = spawn_child(path, none, how, pair[1], ret_pid);
	close(pair[1]);
	if (r < 0)
		close(pair[0]);
	else
		*ret_fd = pair[0];
	return r;
}

int confine_serve_live(const char *path, int *ret_fd, pid_t *ret_pid)
{
	return serve_stranger(path, "serve", ret_fd, ret_pid);
}

int confine_serve_kept(const char *path, int *ret_fd, pid_t *ret_pid)
{
	return serve_stranger(path, "kept", ret_fd, ret_pid);
}

static char *error_line(const char *path, const char *what, const char *why)
{
	AUTO_BUF line = BUF_INIT;

	text_visible(&line, span_of(path));
	buf_printf(&line, ": %s: %s", what, why);
	return buf_steal(&line);
}

/* A reader whose child runs, but has not opened anything. */
static int start(const char *path, unsigned flags, struct reader **ret)
{
	struct confine *c = confine_new();
	struct reader *r;
	int pair[2], error;

	if (!c)
		return errno ? -errno : -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		error = -errno;
		confine_free(c);
		return error;
	}
	error = spawn_child(path, c->temp, flags & VAULT_LIVE ? "live" : "still", pair[1], &c->pid);
	if (error < 0)
		c->pid = 0;
	close(pair[1]);
	r = remote_reader_new(pair[0]);
	if (!r)
		error = -ENOMEM;
	if (error < 0) {
		reader_close(r);
		confine_free(c);
		return error;
	}
	remote_on_close(r, confine_free, c);
	remote_guard(r, guard);
	*ret = r;
	return 0;
}

int confine_open(const char *path, unsigned flags, struct cancel *cancel, vault_progress_fn *progress, void *data,
                 struct reader **ret, char **ret_error)
{
	struct reader *r = NULL;
	char *text = NULL;
	int error;

	error = start(path, flags, &r);
	if (error < 0) {
		*ret_error = error_line(path, "cannot start a process to read it", strerror(-error));
		return error;
	}
	error = remote_open(r, path, flags, cancel, progress, data, &text);
	if (error < 0) {
		if (!text)
			text = error_line(path, "cannot open", error == -ECANCELED ? "cancelled" : reader_error_text(r, error));
		reader_close(r);
		*ret_error = text;
		return error;
	}
	/* The child can make no file from now on, and what it has open needs no name. */
	remove_temp(remote_close_data(r));
	*ret = r;
	return 0;
}

pid_t confine_pid(const struct reader *r)
{
	const struct confine *c = r ? remote_close_data(r) : NULL;

	return c ? c->pid : 0;
}
