#include "server/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"

enum { LARGEST = 1 << 20 };

char *place_path(const char *folder, const char *name)
{
	AUTO_BUF path = BUF_INIT;

	buf_printf(&path, "%s/%s", folder, name);
	return buf_steal(&path);
}

/* Also looks at one that is there: whoever else may write to it would be the server's master. */
static int make_folder(const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (st.st_uid != geteuid())
		return -EXDEV;
	if (st.st_mode & 022)
		return -EPERM;
	return (st.st_mode & 077) && chmod(path, 0700) < 0 ? -errno : 0;
}

int place_make(const char *folder, char **ret_what)
{
	static const char *const names[] = { "", "tls", "objects" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO_FREE char *path = names[i][0] ? place_path(folder, names[i]) : strdup(folder);
		int r = path ? make_folder(path) : -ENOMEM;

		if (r < 0) {
			*ret_what = STEAL(path);
			return r;
		}
	}
	return 0;
}

int place_read(const char *path, char **ret_text)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	AUTO_BUF text = BUF_INIT;
	struct stat st;
	ssize_t n = 1;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	while (n > 0) {
		char *to = buf_reserve(&text, 4096);

		if (!to)
			return -ENOMEM;
		n = read(fd, to, 4096);
		if (n < 0)
			return -errno;
		text.n += (size_t)n;
		if (text.n > LARGEST)
			return -EFBIG;
	}
	buf_add_char(&text, '\0');
	if (text.failed)
		return -ENOMEM;
	if (strlen(text.p) != text.n - 1)
		return -EINVAL;
	*ret_text = buf_steal(&text);
	return 0;
}

static int sync_folder_of(const char *path)
{
	AUTO_FREE char *folder = strdup(path);
	AUTO_CLOSE int fd = -1;
	char *slash;

	if (!folder)
		return -ENOMEM;
	slash = strrchr(folder, '/');
	if (slash)
		*slash = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

static int fill(int fd, const char *text)
{
	for (size_t done = 0, n = strlen(text); done < n;) {
		ssize_t w = write(fd, text + done, n - done);

		if (w < 0 && errno != EINTR)
			return -errno;
		done += w > 0 ? (size_t)w : 0;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

int place_write(const char *path, const char *text, bool secret)
{
	AUTO_BUF part = BUF_INIT;
	AUTO_CLOSE int fd = -1;
	int r;

	buf_printf(&part, "%s.new-%d", path, (int)getpid());
	if (part.failed)
		return -ENOMEM;
	unlink(part.p);
	fd = open(part.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0600 : 0644);
	if (fd < 0)
		return -errno;
	r = fill(fd, text);
	if (r == 0 && rename(part.p, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(part.p);
	return r < 0 ? r : sync_folder_of(path);
}
