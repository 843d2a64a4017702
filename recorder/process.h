/* process: identity. Which process and which image of it a record speaks of, across reordered records, reused pids,
 * missed execs and parents that are gone. Emits what it learns as items before the event that needs it.
 *
 * A pid stands for another process than before when its exit was seen, when a fork with that pid as result is younger
 * than what is known, when its parent differs although the known parent has not ended (a parent that ended is replaced
 * by init or a subreaper: the process is the same) and /proc does not say otherwise, when /proc shows one that began
 * after the known one was last seen, or, in a log without exits, when it runs another program after ten silent
 * minutes.
 */
#pragma once

#include "agent/base/map.h"
#include "recorder/emit.h"
#include "recorder/syscall-record.h"

struct process_entry {
	int64_t id, image, boot;
	int64_t start_ms, end_ms, seen_ms; /* end_ms 0: lives */
	int64_t pid, parent_pid;           /* parent_pid 0 unknown */
	uint32_t uid, euid, gid, egid;     /* UINT32_MAX unknown */
	uint64_t exe;                      /* hash of the executable's path, 0 unknown */
	bool maybe_ended;    /* a thread's exit at end_ms may have been the last one's: not told yet */
	int32_t end_code;    /* then: of that exit */
	uint64_t end_serial;
	bool reaped;         /* the end came from somewhere else than a record: a record may tell it again */
};

struct process_table {
	struct emit *emit;
	const struct recording_config *config;
	struct map by_pid; /* boot and pid → index in entries */
	struct process_entry *entries;
	size_t n, cap;
	uint32_t *free; /* indexes to use again */
	size_t n_free, cap_free;
	uint64_t *ended; /* ring of keys of ended processes, oldest forgotten first */
	size_t n_ended, at_ended, at_sweep;
	int64_t last_id; /* of processes and images alike: a process's first image has its id */
	int64_t exits_in; /* the boot that an exit was recorded in last */
};

/* Who does something, as the record tells. */
struct process_actor {
	int64_t boot, time_ms;
	uint64_t serial;
	const struct syscall_record *record;
	struct span proctitle; /* decoded, NULs between arguments; absent when unknown */
	bool proctitle_cut;    /* there may be more of it */
};

void process_table_free(struct process_table *t);

/* Would process_image find the actor's process? */
bool process_is_known(struct process_table *t, const struct process_actor *a);
/* The image that the actor runs, made when the pid is unknown; 0 when there is no pid or memory. */
int64_t process_image(struct process_table *t, const struct process_actor *a);
/* The image that a process runs, if it is known; else 0. */
int64_t process_image_of(const struct process_table *t, int64_t boot, int64_t pid);
/* A successful exec: fills id, process, origin, start and who of `image` (the rest is the caller's), emits it with
 * its process when that is new. Returns the image or 0. */
int64_t process_exec(struct process_table *t, const struct process_actor *a, struct image_start *image);
struct process_ids {
	int64_t uid, euid, gid, egid; /* -1 unknown */
};
/* Whose rights the actor had before this record: from its process, or from its parent while it is not known. */
struct process_ids process_ids(struct process_table *t, const struct process_actor *a);
/* From now on it has those of the record: of the user, the group, or both. */
void process_set_ids(struct process_table *t, const struct process_actor *a, bool users, bool groups);
/* fork or clone returned `child`. */
void process_fork(struct process_table *t, const struct process_actor *a, int64_t child);
/* The actor ends; emits the end. Returns its image, 0 when process_reaped has told this already. */
int64_t process_exit(struct process_table *t, const struct process_actor *a, int32_t code, int32_t signal);
/* A thread of the actor ends. That is the process's end if nothing more is heard of it: told, with its event, when the
 * pid is forgotten or another's, or by process_table_finish. */
void process_thread_exit(struct process_table *t, const struct process_actor *a, int32_t code);
void process_table_finish(struct process_table *t);


/* An end that the kernel told beside its records, after all of the process's own records: see recording_exit. Emits it
 * with its event unless a record told it, the pid is not known or another's by now, or the process goes on (its first
 * thread ended, or another thread took its place by an exec). Was it news? */
struct process_reaped {
	int64_t pid, time_ms;
	int32_t code, signal; /* -1, 0: see event.h */
};
bool process_reaped(struct process_table *t, int64_t boot, const struct process_reaped *r);

int process_add(struct process_table *t, struct process_start *process, struct image_start *image, int64_t seen_ms);
/* An end that was learnt elsewhere. */
void process_ended(struct process_table *t, int64_t process, int64_t time_ms);
/* A boot is over. */
void process_forget_boot(struct process_table *t, int64_t boot);
