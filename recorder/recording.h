/* recording: audit records in, batches of the event model out. The record parser, event assembly, interpretation and
 * process identity behind one seam; used by live recording, import and tests alike. No I/O, no threads, no clocks of
 * its own (the procfs look-up is a callback).
 */
#pragma once

#include <stdatomic.h>

#include "recorder/event.h"
#include "recorder/sockdiag.h"

struct recording;
struct logon_facts;

/* A full batch: the callee takes it over (batch_free it, or hand it back with recording_recycle). 0, or a negative
 * errno that the call which caused it returns. */
typedef int recording_sink_fn(struct batch *b, void *data);

/* Live recording: what /proc knows of a pid that was met without its exec. Fills the spans from `arena`. 0, -ENOENT. */
typedef int recording_lookup_fn(int64_t pid, struct arena *arena, struct process_start *ret_process,
                                struct image_start *ret_image, void *data);

/* Live: does a process that began before before_ms still run under that pid? Not one that only waits to be reaped. */
typedef bool recording_runs_fn(int64_t pid, int64_t before_ms, void *data);

/* Live: an image is about to be told. May fill in what /proc and the files tell beside the record: its hash or the reason,
 * its cgroup, with what that points to in the arena. An ITEM_HASH may follow. */
typedef void recording_program_fn(int64_t pid, struct image_start *image, int64_t parent, struct arena *arena,
                                  void *data);

/* Live: the pid that a process has in its own pid namespace; 0: the same, or not known. */
typedef int64_t recording_ns_pid_fn(int64_t pid, void *data);
/* Live: the inode of the socket that a process has under a descriptor; 0: closed, or not known. */
typedef uint64_t recording_inode_fn(int64_t pid, uint64_t fd, void *data);
/* Live: hands every socket that has or is making a connection to fn. 0, -EAGAIN: not now, or negative errno. */
typedef int recording_sockets_fn(uint8_t protocol, sockdiag_fn *fn, void *fn_data, void *data);

/* Number → name ("root"), absent when unknown. Spans must stay valid as long as the recording. */
typedef struct span recording_user_fn(int64_t uid, void *data);

/* Live: a kernel module was loaded. True: its row is the callee's, who gives it by recording_item with what was found out
 * of the module (modules.h). */
struct recording_module {
	struct span name; /* "nf_tables"; absent where the kernel did not say */
	int64_t pid, fd;  /* who loaded it, from which descriptor; -1: from memory */
	int file;         /* that, opened; -1: not */
	struct span path, signature, signer, sha256; /* to be filled: event.h, DETAIL_* */
};
typedef bool recording_module_fn(const struct recording_module *m, const struct event *row, void *data);

/* What the live recorder sets audit's backlog_limit to, as records of that change tell it: no security event. */
#define RECORDING_BACKLOG_LIMIT 32768

struct recording_config {
	struct span host;      /* for records without node= */
	struct span boot_id;   /* live; absent for imports */
	int64_t boot_ms;       /* live: when it booted */
	int64_t boot;          /* id of that boot if the database has it, else 0: it is announced as ITEM_BOOT */
	int64_t last_boot_id, last_process, last_image; /* greatest ids in use (store_ids) */
	/* What most do not want. Live, the rules must ask for it too (RULES_SENDTO). */
	bool sendto;           /* datagrams sent to an address */
	bool unix_sockets;     /* connections over unix sockets */
	int64_t self;          /* live: our own pid, whose changes of the audit configuration are no events; else 0 */
	const atomic_bool *leaving; /* live: its settings are being put back: changes of them are ours; NULL: never */
	size_t batch_items;    /* hand over at this many items; 0: a good default */
	recording_sink_fn *sink;
	recording_lookup_fn *lookup; /* NULL: imports */
	recording_user_fn *user;     /* NULL: imports; enriched names in records are used in any case */
	recording_runs_fn *runs; /* NULL: imports */
	recording_module_fn *module; /* NULL: imports */
	recording_program_fn *program; /* NULL: imports */
	recording_ns_pid_fn *ns_pid; /* NULL: imports */
	recording_inode_fn *inode;     /* NULL: imports */
	recording_sockets_fn *sockets; /* NULL: imports */
	bool closes;           /* live: recording_closed will be called */
	void *data;            /* for the functions above */
};

/* 0 or -ENOMEM. */
int recording_new(const struct recording_config *c, struct recording **ret);
/* A process known from before (the database, or the baseline read from /proc, which is also emitted as items when
 * seen_ms > 0, with an event that it was seen then: it may have begun long before). ids are given here when 0. */
int recording_add_process(struct recording *r, struct process_start *process, struct image_start *image,
                          int64_t seen_ms);

/* One line of a log, without its newline: "[node=H ]type=T msg=audit(S.mmm:N): …". Not copied longer than the call
 * needs: the caller may reuse the buffer at once, except with recording_stable_lines. */
int recording_line(struct recording *r, struct span line);
/* Promise that lines stay valid until recording_finish (a mapped file): saves copying them. */
void recording_stable_lines(struct recording *r, bool stable);
/* One netlink message: type and payload "audit(S.mmm:N): …". */
int recording_message(struct recording *r, int type, struct span payload);
/* An event that comes from elsewhere (gap, baseline …): emitted in order. The item's spans are copied. */
int recording_item(struct recording *r, const struct item *item);
/* Live: the kernel told, beside its records, that a process ended: code, or -1 and the signal. Held until the records of
 * that time have been interpreted, so that one ProcessExit row is made of both. -ENOMEM, or as recording_item. */
int recording_exit(struct recording *r, int64_t time_ms, int64_t pid, int32_t code, int32_t signal);
/* Live: the kernel told, beside its records, that a socket was destroyed. Held as ends of processes are. -ENOMEM, -ENOBUFS:
 * too many wait, or as recording_item. */
int recording_closed(struct recording *r, int64_t time_ms, const struct sockdiag_socket *s);
/* Live: a connection that was there before the recording, and the process that has it. */
void recording_add_connection(struct recording *r, int64_t pid, const struct sockdiag_socket *s, bool accepted);
/* Other choices from now on: those of recording_config. */
void recording_choose(struct recording *r, bool sendto, bool unix_sockets);
/* Live: a logon, end or failed attempt from before recording, as a file tells it (wtmp.h): logons_read. f->boot is filled
 * in. */
int recording_logon(struct recording *r, enum event_action action, const struct logon_facts *f, bool goes_on);
/* Live: ends events whose first record came ≥ 2 s before now_ms (audit time), and hands over a batch that has waited. */
int recording_tick(struct recording *r, int64_t now_ms);
/* Ends every event and hands over what is left. */
int recording_finish(struct recording *r);
void recording_free(struct recording *r); /* NULL is fine */
void recording_recycle(struct recording *r, struct batch *b); /* thread-safe */

struct recording_type_count {
	int type;         /* AUDIT_*; names without a number get one from 100000 on, stable within this recording */
	const char *name; /* "SYSCALL" */
	uint64_t seen, used;
};
struct recording_stats {
	uint64_t records, events, unparsed; /* events: audit events, not rows */
	uint64_t rows;
	const struct recording_type_count *types;
	size_t n_types;
};
/* Valid until the next call on r. */
struct recording_stats recording_stats(const struct recording *r);
