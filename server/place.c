#include "server/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/file.h"

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

int place_write(const char *path, const char *text, bool secret)
{
	return file_replace(path, span_of(text), secret ? 0600 : 0644);
}
