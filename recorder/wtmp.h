/* wtmp: logons, their ends and failed attempts as the system's own files tell them, from before recording began
 * (utmp(5); /var/log/wtmp and btmp, with what was rotated to .1). Whoever may write these files may have written
 * anything: nothing of them is believed but its length.
 */
#pragma once

#include <stdbool.h>

#include "agent/base/arena.h"
#include "recorder/event.h"

enum {
	WTMP_ROWS_MAX = 2000,       /* the newest, of wtmp and of btmp each */
	WTMP_LOOKED_AT_MAX = 8000,  /* records of a file, from its end */
	WTMP_DAYS_MAX = 366,
};

struct wtmp_entry {
	enum event_action action; /* ACTION_SECURITY_LOGIN, _LOGOUT, or of btmp _AUTHENTICATION */
	int64_t time_ms, pid;     /* pid: of the session's process; 0 unknown */
	bool open;                /* a logon whose end is not told */
	struct span user, terminal, host, address; /* absent: not told; in the arena */
};

struct wtmp {
	struct arena arena;
	struct wtmp_entry *entries; /* wtmp's, then btmp's; each in the order of the file */
	size_t n, cap;
};

/* Those of from_ms ≤ time < to_ms. What cannot be read is not there. 0 or -ENOMEM (nothing to free then).
 * folder: "/var/log". */
int wtmp_read(const char *folder, int64_t from_ms, int64_t to_ms, struct wtmp *ret);
void wtmp_free(struct wtmp *w);
/* The earliest time of all; INT64_MAX: none. */
int64_t wtmp_first_ms(const struct wtmp *w);

/* ---- for tests: one record ---- */

struct wtmp_record {
	int type;
	int64_t time_ms, pid;
	char line[32], user[32], host[256]; /* not terminated when full */
	unsigned char address[16];
};
/* Bytes of a record in these files on this machine. */
size_t wtmp_record_size(void);
void wtmp_record_parse(const unsigned char *bytes, struct wtmp_record *ret);
