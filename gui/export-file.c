#include "gui/export-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"

enum { BUFFER = 256 << 10, MODE = 0666, TRIES = 100 };

struct export_file {
	char *path, *temporary; /* temporary: the name that it has meanwhile; NULL: none */
	char *buffer;
	FILE *stream;
	int error;
};

/* ".NAME.part-N" beside PATH, malloc'd. */
static char *hidden_name(const char *path, unsigned n)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	AUTO_BUF out = BUF_INIT;

	buf_add(&out, path, (size_t)(name - path));
	buf_printf(&out, ".%.200s.part-%d-%u", name, (int)getpid(), n);
	return buf_steal(&out);
}

static int open_nameless(const char *path)
{
	const char *slash = strrchr(path, '/');
	AUTO_BUF folder = BUF_INIT;

	if (!slash)
		return open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, MODE);
	buf_add(&folder, path, slash == path ? 1 : (size_t)(slash - path));
	if (folder.failed)
		return errno = ENOMEM, -1;
	return open(folder.p, O_TMPFILE | O_RDWR | O_CLOEXEC, MODE);
}

static int open_hidden(struct export_file *f)
{
	int fd = -1;

	for (unsigned i = 0; fd < 0 && i < TRIES; i++) {
		free(f->temporary);
		f->temporary = hidden_name(f->path, i);
		if (!f->temporary)
			return errno = ENOMEM, -1;
		fd = open(f->temporary, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, MODE);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0) {
		free(f->temporary);
		f->temporary = NULL;
	}
	return fd;
}

static int open_stream(struct export_file *f)
{
	int fd = open_nameless(f->path);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
		fd = open_hidden(f);
	if (fd < 0)
		return -errno;
	f->stream = fdopen(fd, "w+");
	if (!f->stream) {
		close(fd);
		return -ENOMEM;
	}
	setvbuf(f->stream, f->buffer, _IOFBF, BUFFER);
	return 0;
}

int export_file_new(const char *path, struct export_file **ret)
{
	AUTO_EXPORT_FILE *f = NULL;
	struct stat st;
	int r;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->path = strdup(path);
	f->buffer = malloc(BUFFER);
	if (!f->path || !f->buffer)
		return -ENOMEM;
	r = open_stream(f);
	if (r < 0)
		return r;
	*ret = STEAL(f);
	return 0;
}

FILE *export_file_stream(struct export_file *f)
{
	return f->stream;
}

int export_file_error(const struct export_file *f)
{
	return f->error;
}

int export_file_fail(struct export_file *f)
{
	if (!f->error)
		f->error = errno ? -errno : -EIO;
	return f->error;
}

int export_file_write(struct export_file *f, struct span bytes)
{
	if (f->error)
		return f->error;
	return fwrite(bytes.p, 1, bytes.n, f->stream) == bytes.n ? 0 : export_file_fail(f);
}

int export_file_finish(struct export_file *f)
{
	if (f->error)
		return f->error;
	if (fflush(f->stream) != 0 || fsync(fileno(f->stream)) < 0)
		return export_file_fail(f);
	return 0;
}

/* A name that nobody else has, for what has none. */
static int give_name(struct export_file *f)
{
	char self[64];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fileno(f->stream));
	for (unsigned i = 0; i < TRIES; i++) {
		char *name = hidden_name(f->path, i);

		if (!name)
			return -ENOMEM;
		if (linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0) {
			f->temporary = name;
			return 0;
		}
		free(name);
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

int export_file_commit(struct export_file *f)
{
	int r = f->error;

	if (r == 0 && !f->temporary)
		r = give_name(f);
	if (r == 0 && rename(f->temporary, f->path) < 0)
		r = -errno;
	if (r < 0)
		return r;
	free(f->temporary);
	f->temporary = NULL;
	return 0;
}

void export_file_free(struct export_file *f)
{
	if (!f)
		return;
	if (f->stream)
		fclose(f->stream);
	if (f->temporary)
		unlink(f->temporary);
	free(f->temporary);
	free(f->buffer);
	free(f->path);
	free(f);
}
