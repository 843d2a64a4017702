/* dbfile: the files of a database, before and after SQLite has them. Inside recorder/store and server/evidence only. */
#pragma once

#include <stdbool.h>

/* PATH with its folder resolved, so that only its last name can be a symbolic link (which SQLITE_OPEN_NOFOLLOW then
 * refuses). malloc'd. 0 or negative errno. */
int dbfile_resolve(const char *path, char **ret);
/* A hidden name beside PATH that does not exist: ".NAME.WHAT-PID". malloc'd, NULL when memory is out. */
char *dbfile_beside(const char *path, const char *what);
/* Makes an empty recording at PATH, whole or not at all, never over another file but an empty one.
 * 0, -EEXIST or negative errno. */
int dbfile_create(const char *path);
/* Opens an existing file, locks it against a second writer, and looks at its header. The descriptor holds the lock and
 * must be closed after SQLite's connection. 0 or as schema_check_header, -EBUSY, -EISDIR, -ENOTSUP (no regular file), …
 * with *ret_what static text for people; *ret_version: the schema's version. */
int dbfile_lock(const char *path, int *ret_fd, int *ret_version, const char **ret_what);
/* Renames the file and its -wal, -shm, -journal to NAME.aside-TIME…. 0 or negative errno. */
int dbfile_set_aside(const char *path);
/* Moves `from` to `to`, never over a file; a WAL left there by another database is set aside. Durable afterwards.
 * 0, -EEXIST or negative errno. */
int dbfile_move(const char *from, const char *to);
/* Locks a file made under a hidden name beside PATH, so that others let it be. The descriptor holds the lock. */
int dbfile_hold(const char *part, int *ret_fd);
/* Removes what processes that were killed left under hidden names (dbfile_beside) of PATH. */
void dbfile_remove_stale(const char *path);
/* The same of snapshots of any name in that folder: ".NAME.db.part-PID". */
void dbfile_remove_stale_parts(const char *dir);
int dbfile_sync(const char *path);
/* The file and its -wal, -shm and -journal are gone afterwards. */
void dbfile_remove(const char *path);
