#include "agent/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/cleanup.h"

int file_read(const char *path, size_t max, struct buf *out)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t before = out->n;
	char piece[8192];
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	while ((n = read(fd, piece, sizeof(piece))) > 0) {
		buf_add(out, piece, (size_t)n);
		if (out->n - before > max)
			return -EFBIG;
	}
	return n < 0 ? -errno : out->failed ? -ENOMEM : 0;
}

int file_write_all(int fd, struct span bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			bytes = (struct span){ bytes.p + n, bytes.n - (size_t)n };
	}
	return 0;
}

int file_sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *folder = !slash ? strdup(".") : slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
	AUTO_CLOSE int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (!folder)
		return -ENOMEM;
	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

int file_replace(const char *path, struct span bytes, mode_t mode)
{
	AUTO_BUF part = BUF_INIT;
	AUTO_CLOSE int fd = -1;
	int r;

	buf_printf(&part, "%s.new-%d", path, (int)getpid());
	if (part.failed)
		return -ENOMEM;
	unlink(part.p);
	fd = open(part.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return -errno;
	r = file_write_all(fd, bytes);
	if (r == 0 && (fsync(fd) < 0 || rename(part.p, path) < 0))
		r = -errno;
	if (r < 0)
		unlink(part.p);
	return r < 0 ? r : file_sync_folder(path);
}
