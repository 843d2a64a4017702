/* restore: what audit was like before we changed it, kept in a file so that it can be put back after any end.
 *
 * The file lives where a reboot clears it (/run), since a reboot resets audit too; it also names the boot. There is one
 * audit a machine, so there is one such file. Written whole and renamed into place before anything is changed.
 */
#pragma once

#include <linux/audit.h>
#include <stdbool.h>
#include <sys/types.h>

#define RESTORE_PATH "/run/spoor/audit.state"

/* The settings of struct audit_status that are changed and put back. */
enum { RESTORE_MASK = AUDIT_STATUS_ENABLED | AUDIT_STATUS_FAILURE | AUDIT_STATUS_RATE_LIMIT |
                      AUDIT_STATUS_BACKLOG_LIMIT | AUDIT_STATUS_BACKLOG_WAIT_TIME };

struct restore_state {
	char boot_id[40];
	pid_t pid;           /* who changed audit, and when it started (clock ticks after boot, proc(5) stat) */
	unsigned long long pid_start;
	struct audit_status found, set;
};

/* Makes the folder where needed. 0 or negative errno. */
int restore_save(const char *path, const struct restore_state *s);
/* 0; -ENOENT: none, or of another boot (it is removed); -EBADMSG: not understood (left there). */
int restore_load(const char *path, const char *boot_id, struct restore_state *ret);
int restore_remove(const char *path);
/* Does the process that wrote it still run? */
bool restore_owner_alive(const struct restore_state *s);

/* What has to be set now to get back to `found`: only what still is as we set it, since somebody else may have
 * changed it meanwhile. Auditing stays on when another daemon receives the records by now. mask 0: nothing. */
struct audit_status restore_plan(const struct restore_state *s, const struct audit_status *now);
/* Our rules and our settings gone, by what the state says. fd: a control socket. 0 or the first error. */
int restore_apply(int fd, const struct restore_state *s);
/* For the start: puts back what an earlier recorder of ours left behind, whether or not it left a file. *ret_was: it
 * had. -EALREADY: one runs (its pid in *ret_pid). */
int restore_leftovers(int fd, const char *path, const char *boot_id, bool *ret_was, pid_t *ret_pid);
