/* live: records this machine until told to stop.
 *
 * Three threads: one drains the kernel into a ring, one parses and assembles, one stores. Audit is found, changed and
 * put back as restore.h says; everything recorded before live_stop is in the database when it returns.
 */
#pragma once

#include "agent/base/span.h"

struct live;

struct live_config {
	const char *db;
	const char *state_path; /* NULL: RESTORE_PATH */
};

struct live_result {
	uint64_t records, events, unparsed, rows;
	uint64_t kernel_lost, overruns, ring_lost; /* records that the kernel dropped; socket overflows; records we dropped */
	uint64_t rules_restored; /* how often somebody else removed our rules */
	int64_t ms, db_bytes;
	bool was_left_over;      /* an earlier recorder ended without putting audit back: that was done first */
};

/* Takes audit over and records. 0, or negative errno with one malloc'd line "what: why":
 * -EALREADY another recorder of ours runs, -EEXIST another audit daemon does, -EPERM … (netlink_explain), or as
 * store_open. On failure nothing is changed. */
int live_start(const struct live_config *c, struct live **ret, char **ret_error);
/* Becomes readable when recording failed: then call live_stop. */
int live_fd(const struct live *l);
/* Puts audit back, stores everything, frees l. 0, or the error that ended recording, with *ret_error as above. */
int live_stop(struct live *l, struct live_result *ret, char **ret_error);
/* Does somebody have a rule that stops system calls from being recorded ("never,task")? Recording works but stays
 * empty. */
bool live_blocked(const struct live *l);
