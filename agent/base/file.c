#include "agent/base/file.h"

#include <errno.h>
#include <fcntl.h>
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
