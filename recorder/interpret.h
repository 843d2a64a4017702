/* interpret: an assembled audit event → rows of the event model. One small function per operation, in a table by
 * system call operation and one by record type. What has no function gives no row; its records are still counted.
 *
 * An event whose records were lost in part gives its row all the same, marked, with what is known of its paths or address.
 * File operations that failed give no row. Opening gives a row when it created the file or may write to it.
 * Unix sockets give no network row; a socket bound to a path gives CreateNewPath.
 */
#pragma once

#include "recorder/assemble.h"
#include "recorder/process.h"

struct interpretation {
	struct pending *event;
	struct process_table *processes;
	struct emit *emit;
	struct type_table *types;
	int64_t boot;
};

void interpret_event(struct interpretation *in);

/* ---- for the functions in the tables ---- */

/* The next record of that kind, from *at on; counted as used. NULL at the end. */
struct pending_record *interpret_record(struct interpretation *in, enum type_kind kind, size_t *at);
struct process_actor interpret_actor(struct interpretation *in);
/* An event row of the actor with time, serial, flags and image filled in; NULL when memory is out. */
struct event *interpret_row(struct interpretation *in, enum event_action action);
/* Row of an image that is known already. */
struct event *interpret_row_of(struct interpretation *in, enum event_action action, int64_t image);
/* Negative errno of a failed call as a positive number; 0 for success. */
int32_t interpret_errno(const struct syscall_record *r);
/* The working directory; absent when the event has none. */
struct span interpret_cwd(struct interpretation *in);

void interpret_exec(struct interpretation *in);
void interpret_exit(struct interpretation *in);
void interpret_thread_exit(struct interpretation *in);
void interpret_fork(struct interpretation *in);
void interpret_clone(struct interpretation *in);
void interpret_abend(struct interpretation *in);
void interpret_open(struct interpretation *in);
void interpret_unlink(struct interpretation *in);
void interpret_rename(struct interpretation *in);
void interpret_mkdir(struct interpretation *in);
void interpret_mknod(struct interpretation *in);
void interpret_link(struct interpretation *in);
void interpret_symlink(struct interpretation *in);
void interpret_truncate(struct interpretation *in);
void interpret_connect(struct interpretation *in);
void interpret_accept(struct interpretation *in);
void interpret_bind(struct interpretation *in);
void interpret_socketcall(struct interpretation *in);
