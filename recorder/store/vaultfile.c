#include "recorder/store/vaultfile.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct file {
	sqlite3_file base;
	struct vaultfile *source;
};

/* What the xOpen inside of vaultfile_open is to open: it runs in the same thread. */
static _Thread_local struct vaultfile *opening;

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
	return SQLITE_READONLY;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	return SQLITE_READONLY;
}

static int file_sync(sqlite3_file *base, int flags)
{
	return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *ret)
{
	*ret = ((struct file *)base)->source->size;
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
	return SQLITE_IOCAP_IMMUTABLE;
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

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags, int *ret_flags)
{
	struct file *f = (struct file *)base;

	f->base.pMethods = NULL;
	if (!opening || !(flags & SQLITE_OPEN_MAIN_DB))
		return SQLITE_CANTOPEN;
	f->source = opening;
	opening = NULL;
	f->base.pMethods = &file_methods;
	if (ret_flags)
		*ret_flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	return SQLITE_READONLY;
}

/* No journal and no WAL is ever there. */
static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
	*ret = 0;
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
	int code;

	pthread_once(&once, register_vfs);
	opening = f;
	code = sqlite3_open_v2("vault", ret, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, vfs_methods.zName);
	if (opening) { /* it never came to reading it */
		opening = NULL;
		close(f->fd);
		free(f);
	} else if (code == SQLITE_OK) {
		f->db = *ret;
	}
	return code;
}
