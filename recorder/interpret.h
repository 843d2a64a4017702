/* interpret: an assembled audit event → rows of the event model. One small function per operation, in a table by
 * system call operation and one by record type. What has no function gives no row; its records are still counted.
 *
 * An event whose records were lost in part gives its row all the same, marked, with what is known of its paths or address.
 * File operations that failed give no row. Opening gives a row when it created the file or may write to it.
 * Unix sockets give network rows only by option; a socket bound to a path gives CreateNewPath.
 */
#pragma once

#include "agent/base/buf.h"
#include "recorder/assemble.h"
#include "recorder/process.h"

struct connections;
struct logons;
struct recent;

struct interpretation {
	struct pending *event;
	struct process_table *processes;
	struct emit *emit;
	struct type_table *types;
	int64_t boot;
	const struct recording_config *config;
	struct recent *recent;
	struct logons *logons;
	struct connections *connections;
};

void interpret_event(struct interpretation *in);

/* ---- for the functions in the tables ---- */

/* The next record of that kind, from *at on; counted as used. NULL at the end. */
struct pending_record *interpret_record(struct interpretation *in, enum type_kind kind, size_t *at);
struct process_actor interpret_actor(struct interpretation *in);
/* An event row of the actor with time, serial, flags and image filled in; NULL when memory is out. */
struct event *interpret_row(struct interpretation *in, enum event_action action);
/* The same, not among the rows yet. */
struct event interpret_event_row(struct interpretation *in, enum event_action action);
/* The image that the actor runs, made when it is not known; 0 when memory is out. */
int64_t interpret_image(struct interpretation *in);
/* EVENT_FLAG_PARTIAL, EVENT_FLAG_COMPAT. */
int32_t interpret_flags(const struct interpretation *in);
/* Row of an image that is known already. */
struct event *interpret_row_of(struct interpretation *in, enum event_action action, int64_t image);
/* Negative errno of a failed call as a positive number; 0 for success. */
int32_t interpret_errno(const struct syscall_record *r);
/* The working directory; absent when the event has none. */
struct span interpret_cwd(struct interpretation *in);
/* The string of that name in a record's body; absent when it has none. In the batch's arena. */
struct span interpret_string(struct interpretation *in, struct span body, struct span key);
/* A copy of what was put together in a buffer, in the batch's arena; frees the buffer. */
struct span interpret_text(struct interpretation *in, struct buf *text);

/* After an exec: the rights that the new image has and the caller had not. */
void interpret_gain(struct interpretation *in, const struct process_ids *before, int64_t image);

/* Records that are security events, whatever call they came with. */
void interpret_security(struct interpretation *in);

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
void interpret_chmod(struct interpretation *in);
void interpret_chown(struct interpretation *in);
void interpret_setxattr(struct interpretation *in);
void interpret_removexattr(struct interpretation *in);
void interpret_utime(struct interpretation *in);
void interpret_mount(struct interpretation *in);
void interpret_unmount(struct interpretation *in);
void interpret_move_mount(struct interpretation *in);
void interpret_setid(struct interpretation *in);
void interpret_capset(struct interpretation *in);
void interpret_ptrace(struct interpretation *in);
void interpret_io_uring(struct interpretation *in);
void interpret_load_module(struct interpretation *in);
void interpret_unload_module(struct interpretation *in);
void interpret_connect(struct interpretation *in);
void interpret_accept(struct interpretation *in);
void interpret_bind(struct interpretation *in);
void interpret_listen(struct interpretation *in);
void interpret_sendto(struct interpretation *in);
void interpret_socketcall(struct interpretation *in);
