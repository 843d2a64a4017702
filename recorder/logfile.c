#include "recorder/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"

enum { BUFFER_SIZE = 2 * LOGFILE_LINE_MAX, INPUT_SIZE = 64 * 1024, PROBE_SIZE = 4096 };

enum coding { CODING_PLAIN, CODING_GZIP, CODING_ZSTD };

struct logfile {
	char *path;
	int fd;
	int64_t size, consumed;
	enum coding coding;
	bool ended;    /* no more bytes will come out of fd */
	bool complete; /* the decoder is at the end of a frame */
	bool checked;  /* the beginning was looked at: it is text */
	bool ahead;    /* `lines` was read ahead by logfile_first_time */
	struct span lines;
	z_stream zip;
	ZSTD_DStream *zstd;
	size_t in_at, in_n; /* bytes of `in` not decoded yet */
	size_t n, taken;    /* bytes in `buffer`; of those handed out by the last call */
	unsigned char in[INPUT_SIZE];
	char buffer[BUFFER_SIZE];
};

static int fail(const struct logfile *f, int error, const char *why, char **ret_error)
{
	AUTO_BUF line = BUF_INIT;

	buf_printf(&line, "%s: %s", strcmp(f->path, "-") == 0 ? "standard input" : f->path, why);
	*ret_error = buf_steal(&line);
	return *ret_error ? error : -ENOMEM;
}

/* Reads more into `in`, behind what is there. Bytes read, 0 at the end, or negative errno. */
static ssize_t read_input(struct logfile *f, void *to, size_t n)
{
	ssize_t got;

	do
		got = read(f->fd, to, n);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	if (got == 0)
		f->ended = true;
	f->consumed += got;
	return got;
}

static bool starts(const struct logfile *f, const char *magic, size_t n)
{
	return f->in_n >= n && memcmp(f->in, magic, n) == 0;
}

/* What it is stored as, from the first bytes; NULL, or why it cannot be read. */
static const char *detect(struct logfile *f)
{
	if (starts(f, "\x1f\x8b", 2))
		f->coding = CODING_GZIP;
	else if (starts(f, "\x28\xb5\x2f\xfd", 4))
		f->coding = CODING_ZSTD;
	else if (starts(f, "\xfd" "7zXZ", 5))
		return "is compressed with xz: decompress it first, or pipe xz -dc into standard input";
	else if (starts(f, "BZh", 3))
		return "is compressed with bzip2: decompress it first, or pipe bzip2 -dc into standard input";
	else if (starts(f, "SQLite format 3", 15))
		return "is a database, not an audit log";
	return NULL;
}

static int start_decoder(struct logfile *f)
{
	f->complete = f->coding == CODING_PLAIN;
	if (f->coding == CODING_GZIP)
		return inflateInit2(&f->zip, 15 + 16) == Z_OK ? 0 : -ENOMEM;
	if (f->coding == CODING_ZSTD) {
		f->zstd = ZSTD_createDStream();
		if (!f->zstd || ZSTD_isError(ZSTD_initDStream(f->zstd)))
			return -ENOMEM;
	}
	return 0;
}

static int open_input(struct logfile *f, char **ret_error)
{
	struct stat st;

	f->fd = strcmp(f->path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	                                  : open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (f->fd < 0 || fstat(f->fd, &st) < 0) {
		int error = errno;

		return fail(f, -error, strerror(error), ret_error);
	}
	if (S_ISDIR(st.st_mode))
		return fail(f, -EISDIR, "is a directory, not an audit log", ret_error);
	if (S_ISREG(st.st_mode)) {
		f->size = st.st_size;
		posix_fadvise(f->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	return 0;
}

static int probe(struct logfile *f, char **ret_error)
{
	const char *why;
	int r;

	while (!f->ended && f->in_n < 16) { /* a pipe may give few bytes at first */
		ssize_t got = read_input(f, f->in + f->in_n, PROBE_SIZE);

		if (got < 0)
			return fail(f, (int)got, strerror((int)-got), ret_error);
		f->in_n += (size_t)got;
	}
	why = detect(f);
	if (why)
		return fail(f, -ENOTSUP, why, ret_error);
	r = start_decoder(f);
	return r < 0 ? fail(f, r, "out of memory", ret_error) : 0;
}

int logfile_open(const char *path, struct logfile **ret, char **ret_error)
{
	struct logfile *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return -ENOMEM;
	f->fd = -1;
	f->path = strdup(path);
	r = f->path ? open_input(f, ret_error) : -ENOMEM;
	if (r == 0)
		r = probe(f, ret_error);
	if (r < 0) {
		logfile_close(f);
		return r;
	}
	*ret = f;
	return 0;
}

void logfile_close(struct logfile *f)
{
	if (!f)
		return;
	if (f->coding == CODING_GZIP)
		inflateEnd(&f->zip);
	ZSTD_freeDStream(f->zstd);
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f);
}

/* Puts decoded bytes at `to`; both move on what they used. 0, -EBADMSG or -ENOMEM. */
static int inflate_some(struct logfile *f, char *to, size_t room, size_t *ret_n)
{
	int r;

	if (f->complete) { /* the next member; gzip allows zeros behind the last one */
		while (f->in_at < f->in_n && f->in[f->in_at] == 0)
			f->in_at++;
		if (f->in_at == f->in_n)
			return 0;
		inflateReset(&f->zip);
		f->complete = false;
	}
	f->zip.next_in = f->in + f->in_at;
	f->zip.avail_in = (uInt)(f->in_n - f->in_at);
	f->zip.next_out = (Bytef *)to;
	f->zip.avail_out = (uInt)room;
	r = inflate(&f->zip, Z_NO_FLUSH);
	f->in_at = f->in_n - f->zip.avail_in;
	*ret_n = room - f->zip.avail_out;
	if (r == Z_STREAM_END)
		f->complete = true;
	else if (r != Z_OK && r != Z_BUF_ERROR)
		return r == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
	return 0;
}

static int unzstd_some(struct logfile *f, char *to, size_t room, size_t *ret_n)
{
	ZSTD_inBuffer in = { f->in, f->in_n, f->in_at };
	ZSTD_outBuffer out = { to, room, 0 };
	size_t r = ZSTD_decompressStream(f->zstd, &out, &in);

	if (ZSTD_isError(r))
		return -EBADMSG;
	if (in.pos > f->in_at || out.pos > 0) /* without input it only says what it would like to have */
		f->complete = r == 0;
	f->in_at = in.pos;
	*ret_n = out.pos;
	return 0;
}

static int decode_some(struct logfile *f, char *to, size_t room, size_t *ret_n)
{
	size_t n = f->in_n - f->in_at;

	if (f->coding == CODING_GZIP)
		return inflate_some(f, to, room, ret_n);
	if (f->coding == CODING_ZSTD)
		return unzstd_some(f, to, room, ret_n);
	if (n > room)
		n = room;
	memcpy(to, f->in + f->in_at, n);
	f->in_at += n;
	*ret_n = n;
	return 0;
}

/* Decoded bytes to `to`: how many, 0 at the end, negative errno. */
static ssize_t fill(struct logfile *f, char *to, size_t room)
{
	size_t n = 0;
	int r = 0;

	for (;;) {
		ssize_t got;

		/* A decoder may still hold output when its input is used up. */
		if (f->in_at < f->in_n || f->coding != CODING_PLAIN)
			r = decode_some(f, to, room, &n);
		if (r < 0 || n > 0)
			return r < 0 ? r : (ssize_t)n;
		if (f->ended)
			return f->complete ? 0 : -EBADMSG;
		if (f->in_at < f->in_n)
			continue;
		if (f->coding == CODING_PLAIN)
			return read_input(f, to, room);
		got = read_input(f, f->in, sizeof(f->in));
		if (got < 0)
			return got;
		f->in_at = 0;
		f->in_n = (size_t)got;
	}
}

static int fail_fill(const struct logfile *f, int error, char **ret_error)
{
	if (error != -EBADMSG)
		return fail(f, error, strerror(-error), ret_error);
	return fail(f, error, f->ended && f->in_at == f->in_n ? "compressed data ends too early: the file is truncated"
	                                                      : "compressed data is damaged", ret_error);
}

/* Everything in `buffer` up to its last newline; at the end of the log or when a line fills it, all of it. */
static struct span whole_lines(struct logfile *f, bool end)
{
	const char *newline = memrchr(f->buffer, '\n', f->n);

	f->taken = newline && !end ? (size_t)(newline - f->buffer) + 1 : f->n;
	return (struct span){ f->buffer, f->taken };
}

int logfile_read(struct logfile *f, struct span *ret_lines, char **ret_error)
{
	bool end = false;

	if (f->ahead) {
		f->ahead = false;
		*ret_lines = f->lines;
		return 1;
	}
	f->n -= f->taken;
	memmove(f->buffer, f->buffer + f->taken, f->n);
	f->taken = 0;
	for (;;) {
		ssize_t got = fill(f, f->buffer + f->n, sizeof(f->buffer) - f->n);

		if (got < 0)
			return fail_fill(f, (int)got, ret_error);
		if (!f->checked && memchr(f->buffer + f->n, 0, (size_t)got))
			return fail(f, -ENOTSUP, "is a binary file, not an audit log", ret_error);
		f->checked = true;
		end = got == 0;
		if (end || f->n + (size_t)got > LOGFILE_LINE_MAX || memchr(f->buffer + f->n, '\n', (size_t)got)) {
			f->n += (size_t)got;
			break;
		}
		f->n += (size_t)got;
	}
	*ret_lines = whole_lines(f, end);
	return f->taken > 0;
}

const char *logfile_path(const struct logfile *f)
{
	return f->path;
}

int64_t logfile_size(const struct logfile *f)
{
	return f->size;
}

int64_t logfile_consumed(const struct logfile *f)
{
	return f->consumed;
}

/* The time in the first "audit(SECONDS.MS:" of the text. */
static int64_t first_time(struct span s)
{
	const char *at = memmem(s.p, s.n, "audit(", 6);
	struct span digits, ms;
	uint64_t seconds, fraction;

	if (!at)
		return INT64_MIN;
	digits = (struct span){ at + 6, 0 };
	while (digits.p + digits.n < s.p + s.n && digits.n < 12 && digits.p[digits.n] != '.')
		digits.n++;
	ms = (struct span){ digits.p + digits.n + 1, 3 };
	if (ms.p + ms.n > s.p + s.n || span_to_u64(digits, &seconds) < 0 || span_to_u64(ms, &fraction) < 0)
		return INT64_MIN;
	return (int64_t)(seconds * 1000 + fraction);
}

int logfile_first_time(struct logfile *f, int64_t *ret_ms, char **ret_error)
{
	int r = logfile_read(f, &f->lines, ret_error);

	if (r < 0)
		return r;
	f->ahead = r > 0;
	*ret_ms = f->ahead ? first_time(f->lines) : INT64_MIN;
	return 0;
}
