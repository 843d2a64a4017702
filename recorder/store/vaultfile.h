/* vaultfile: an SQLite VFS that can do one thing: read a descriptor that was opened and checked before. No names, no
 * locks, no other files; writing only to a copy of our own. Inside recorder/store only. */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "recorder/store/vault.h"

/* What the connection reads from. Lives as long as the connection. */
struct vaultfile {
	int fd;        /* closed with the connection */
	int64_t size;
	int64_t done;  /* bytes read */
	struct cancel *cancel;
	vault_progress_fn *progress; /* told of done / size while set */
	void *data;
	double from;   /* progress starts here */
	bool writable; /* ours: vaultfile_work_in */
	sqlite3 *db;   /* interrupted when cancel is set */
};

/* Opens a connection for reading. Takes *f over, fd and all, also on failure. An SQLite result code; *ret must be closed
 * in either case. */
int vaultfile_open(struct vaultfile *f, sqlite3 **ret);

/* Moves what the WAL holds into the database. Both descriptors are copies of our own, stay open, and need no names. An
 * SQLite result code. */
int vaultfile_work_in(int db, int wal, struct cancel *cancel);
