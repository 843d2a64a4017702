#include "recorder/store/vaultfile.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct file {
	sqlite3_file base;
	struct vaultfile *source;
};

/* What the xOpen inside of vaultfile_open is to open: it runs in the same thread. */
static _Thread_local struct vaultfile *opening;
/* The WAL of the copy that vaultfile_work_in has open; -1 else. */
static _Thread_local int copy_wal = -1;

static void tell(struct vaultfile *f)
{
	double share = f->size > 0 ? (double)f->done / (double)f->size : 1;

	if (f->progress)
		f->progress(f->from + (1 - f->from) * (share < 1 ? share : 1), f->data);
}

static int file_close(sqlite3_file *base)
{
	struct file *f = (struct file *)base;

	close(f->source->fd);
	free(f->source);
	f->source = NULL;
	return SQLITE_OK;
}

/* quick_check is one long step of the virtual machine, without a call of the progress handler: reading is where it can
 * be followed and ended. */
static int file_read(sqlite3_file *base, void *to, int n, sqlite3_int64 offset)
{
	struct vaultfile *f = ((struct file *)base)->source;
	int done = 0;

	if (f->cancel && atomic_load(&f->cancel->requested) && f->db)
		sqlite3_interrupt(f->db);
	while (done < n) {
		ssize_t got = pread(f->fd, (char *)to + done, (size_t)(n - done), offset + done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return SQLITE_IOERR_READ;
		if (got == 0)
			break;
		done += (int)got;
	}
	f->done += done;
	tell(f);
	if (done == n)
		return SQLITE_OK;
	memset((char *)to + done, 0, (size_t)(n - done));
	return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *base, const void *from, int n, sqlite3_int64 offset)
{
	const struct vaultfile *f = ((struct file *)base)->source;

	if (!f->writable)
		return SQLITE_READONLY;
	for (int done = 0; done < n;) {
		ssize_t put = pwrite(f->fd, (const char *)from + done, (size_t)(n - done), offset + done);

		if (put < 0 && errno != EINTR)
			return errno == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
		done += put > 0 ? (int)put : 0;
	}
	return SQLITE_OK;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	const struct vaultfile *f = ((struct file *)base)->source;

	if (!f->writable)
		return SQLITE_READONLY;
	return ftruncate(f->fd, size) < 0 ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

static int file_sync(sqlite3_file *base, int flags)
{
	return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *ret)
{
	const struct vaultfile *f = ((struct file *)base)->source;
	struct stat st;

	*ret = f->size;
	if (!f->writable)
		return SQLITE_OK;
	if (fstat(f->fd, &st) < 0)
		return SQLITE_IOERR_FSTAT;
	*ret = st.st_size;
	return SQLITE_OK;
}

static int file_lock(sqlite3_file *base, int level)
{
	return SQLITE_OK;
}

static int file_check_lock(sqlite3_file *base, int *ret)
{
	*ret = 0;
	return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int op, void *arg)
{
	return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *base)
{
	return 4096;
}

static int file_characteristics(sqlite3_file *base)
{
	return ((struct file *)base)->source->writable ? 0 : SQLITE_IOCAP_IMMUTABLE;
}

static const sqlite3_io_methods file_methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_lock,
	.xCheckReservedLock = file_check_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
};

/* For SQLite to close, with all that belongs to it. */
static struct vaultfile *own_copy(int fd)
{
	struct vaultfile *f = calloc(1, sizeof(*f));

	if (f)
		*f = (struct vaultfile){ .fd = fcntl(fd, F_DUPFD_CLOEXEC, 0), .writable = true };
	if (f && f->fd < 0) {
		free(f);
		f = NULL;
	}
	return f;
}

static int open_copy_wal(struct file *f, int *ret_flags)
{
	f->source = own_copy(copy_wal);
	if (!f->source)
		return SQLITE_NOMEM;
	f->base.pMethods = &file_methods;
	if (ret_flags)
		*ret_flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL;
	return SQLITE_OK;
}

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags, int *ret_flags)
{
	struct file *f = (struct file *)base;

	f->base.pMethods = NULL;
	if (copy_wal >= 0 && flags & SQLITE_OPEN_WAL)
		return open_copy_wal(f, ret_flags);
	if (!opening || !(flags & SQLITE_OPEN_MAIN_DB))
		return SQLITE_CANTOPEN;
	f->source = opening;
	opening = NULL;
	f->base.pMethods = &file_methods;
	if (ret_flags)
		*ret_flags = (f->source->writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_MAIN_DB;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	return copy_wal >= 0 ? SQLITE_OK : SQLITE_READONLY;
}

/* No journal is ever there, and no WAL but the copy's. */
static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
	const char *end = name ? strrchr(name, '-') : NULL;

	*ret = copy_wal >= 0 && end && strcmp(end, "-wal") == 0;
	return SQLITE_OK;
}

static int vfs_full_name(sqlite3_vfs *vfs, const char *name, int n, char *out)
{
	sqlite3_snprintf(n, out, "%s", name);
	return SQLITE_OK;
}

static int vfs_random(sqlite3_vfs *vfs, int n, char *out)
{
	memset(out, 0, (size_t)n);
	return n;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
	return 0;
}

static int vfs_time(sqlite3_vfs *vfs, double *ret)
{
	*ret = 2440587.5 + (double)time(NULL) / 86400.0; /* Julian day of 1970-01-01 */
	return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int n, char *out)
{
	return errno;
}

static sqlite3_vfs vfs_methods = {
	.iVersion = 1,
	.szOsFile = sizeof(struct file),
	.mxPathname = 64,
	.zName = "spoor-vault",
	.xOpen = vfs_open,
	.xDelete = vfs_delete,
	.xAccess = vfs_access,
	.xFullPathname = vfs_full_name,
	.xRandomness = vfs_random,
	.xSleep = vfs_sleep,
	.xCurrentTime = vfs_time,
	.xGetLastError = vfs_last_error,
};

static void register_vfs(void)
{
	sqlite3_vfs_register(&vfs_methods, 0);
}

int vaultfile_open(struct vaultfile *f, sqlite3 **ret)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int flags = f->writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, code;

	pthread_once(&once, register_vfs);
	opening = f;
	code = sqlite3_open_v2("vault", ret, flags | SQLITE_OPEN_NOMUTEX, vfs_methods.zName);
	if (opening) { /* it never came to reading it */
		opening = NULL;
		close(f->fd);
		free(f);
	} else if (code == SQLITE_OK) {
		f->db = *ret;
	}
	return code;
}

int vaultfile_work_in(int db, int wal, struct cancel *cancel)
{
	struct vaultfile *f = own_copy(db);
	sqlite3 *copy = NULL;
	int code;

	if (!f)
		return SQLITE_NOMEM;
	f->cancel = cancel;
	copy_wal = wal;
	code = vaultfile_open(f, &copy);
	if (code == SQLITE_OK) {
		sqlite3_db_config(copy, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		sqlite3_db_config(copy, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		sqlite3_db_config(copy, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
		sqlite3_db_config(copy, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
		/* Exclusive: no shared memory file. */
		code = sqlite3_exec(copy, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA mmap_size = 0; PRAGMA cell_size_check = 1;"
		                          "PRAGMA synchronous = OFF; PRAGMA wal_checkpoint(TRUNCATE)",
		                    NULL, NULL, NULL);
	}
	sqlite3_close(copy);
	copy_wal = -1;
	return code;
}
