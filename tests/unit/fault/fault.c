/* Both names of each call, 64 and plain, and no inline ones. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#include "tests/unit/fault/fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif
void *REAL(malloc)(size_t n);
void *REAL(calloc)(size_t n, size_t size);
void *REAL(realloc)(void *p, size_t n);
void REAL(free)(void *p);

const char *const fault_names[FAULT_KINDS] = { "memory", "full", "io" };

static atomic_int armed = -1;
static atomic_bool lasts, struck;
static _Atomic uint64_t calls, fatal;
static _Atomic int64_t blocks;

void fault_arm(enum fault_kind kind, uint64_t nth, bool lasting)
{
	calls = 0;
	fatal = nth;
	lasts = lasting;
	struck = false;
	armed = (int)kind;
}

uint64_t fault_disarm(void)
{
	armed = -1;
	return calls;
}

bool fault_struck(void)
{
	return struck;
}

int64_t fault_blocks(void)
{
	return FAULT_SANITIZED ? 0 : blocks;
}

static bool strikes(enum fault_kind kind)
{
	uint64_t n;

	if (armed != (int)kind)
		return false;
	n = ++calls;
	if (n != fatal && (n < fatal || !lasts))
		return false;
	struck = true;
	return true;
}

/* ---- memory ---- */

static void *counted(void *p)
{
	if (p)
		blocks++;
	return p;
}

static void *none(void)
{
	errno = ENOMEM;
	return NULL;
}

void *malloc(size_t n)
{
	return strikes(FAULT_MEMORY) ? none() : counted(REAL(malloc)(n));
}

void *calloc(size_t n, size_t size)
{
	return strikes(FAULT_MEMORY) ? none() : counted(REAL(calloc)(n, size));
}

void *realloc(void *p, size_t n)
{
	if (strikes(FAULT_MEMORY))
		return none();
	return p ? REAL(realloc)(p, n) : counted(REAL(realloc)(p, n));
}

void free(void *p)
{
	if (p)
		blocks--;
	REAL(free)(p);
}

/* ---- files ---- */

/* libc's, looked up when first needed. */
#define NEXT(ret, name, ...) \
	static ret (*next)(__VA_ARGS__); \
	if (!next) \
		*(void **)&next = dlsym(RTLD_NEXT, #name)

static bool refuses(int fd, bool takes_space)
{
	if (fd >= 0 && fd <= STDERR_FILENO)
		return false;
	if (takes_space && strikes(FAULT_FULL)) {
		errno = ENOSPC;
		return true;
	}
	if (strikes(FAULT_IO)) {
		errno = EIO;
		return true;
	}
	return false;
}

static bool refuses_open(void)
{
	if (!refuses(-1, true))
		return false;
	errno = errno == ENOSPC ? EMFILE : EACCES;
	return true;
}

#define OPEN(name) \
	int name(const char *path, int flags, ...) \
	{ \
		va_list ap; \
		mode_t mode; \
		NEXT(int, name, const char *, int, ...); \
		va_start(ap, flags); \
		mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(ap, mode_t) : 0; \
		va_end(ap); \
		return refuses_open() ? -1 : next(path, flags, mode); \
	}
OPEN(open)
OPEN(open64)

#define WRITE(name, ret, fd, takes_space, params, ...) \
	ret name params \
	{ \
		NEXT(ret, name, PARAMS_##name); \
		return refuses(fd, takes_space) ? -1 : next(__VA_ARGS__); \
	}
#define PARAMS_write int, const void *, size_t
#define PARAMS_pwrite int, const void *, size_t, off_t
#define PARAMS_pwrite64 int, const void *, size_t, off64_t
#define PARAMS_read int, void *, size_t
#define PARAMS_pread int, void *, size_t, off_t
#define PARAMS_pread64 int, void *, size_t, off64_t
#define PARAMS_fsync int
#define PARAMS_fdatasync int
#define PARAMS_ftruncate int, off_t
#define PARAMS_ftruncate64 int, off64_t
#define PARAMS_fallocate int, int, off_t, off_t
#define PARAMS_fallocate64 int, int, off64_t, off64_t
#define PARAMS_rename const char *, const char *
#define PARAMS_link const char *, const char *
WRITE(write, ssize_t, fd, true, (int fd, const void *p, size_t n), fd, p, n)
WRITE(pwrite, ssize_t, fd, true, (int fd, const void *p, size_t n, off_t at), fd, p, n, at)
WRITE(pwrite64, ssize_t, fd, true, (int fd, const void *p, size_t n, off64_t at), fd, p, n, at)
WRITE(read, ssize_t, fd, false, (int fd, void *p, size_t n), fd, p, n)
WRITE(pread, ssize_t, fd, false, (int fd, void *p, size_t n, off_t at), fd, p, n, at)
WRITE(pread64, ssize_t, fd, false, (int fd, void *p, size_t n, off64_t at), fd, p, n, at)
WRITE(fsync, int, fd, false, (int fd), fd)
WRITE(fdatasync, int, fd, false, (int fd), fd)
WRITE(ftruncate, int, fd, true, (int fd, off_t n), fd, n)
WRITE(ftruncate64, int, fd, true, (int fd, off64_t n), fd, n)
WRITE(fallocate, int, fd, true, (int fd, int mode, off_t at, off_t n), fd, mode, at, n)
WRITE(fallocate64, int, fd, true, (int fd, int mode, off64_t at, off64_t n), fd, mode, at, n)
WRITE(rename, int, -1, false, (const char *from, const char *to), from, to)
WRITE(link, int, -1, false, (const char *from, const char *to), from, to)

/* renameat2 has no function of its own in every libc. */
long syscall(long number, ...)
{
	va_list ap;
	long a[6];
	NEXT(long, syscall, long, ...);

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_renameat2 && refuses(-1, false))
		return -1;
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
