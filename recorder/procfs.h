/* procfs: what /proc knows of running processes, and the few other files that say what this machine is (proc(5)). */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "agent/base/arena.h"
#include "recorder/event.h"
#include "recorder/users.h"

struct procfs;

/* Reads the clock once. NULL when memory is out. One thread at a time. */
struct procfs *procfs_new(void);
void procfs_free(struct procfs *p); /* NULL is fine */

/* When the machine booted, and the kernel's id of this boot ("" when unknown); valid as long as p. */
int64_t procfs_boot_ms(const struct procfs *p);
const char *procfs_boot_id(const struct procfs *p);
const char *procfs_host(const struct procfs *p);

/* users_name of this machine's. Valid as long as p. */
struct span procfs_user(struct procfs *p, int64_t uid);
struct users *procfs_users(struct procfs *p);

/* One process: pid, start, parent's pid, executable, arguments, cwd, comm, credentials, terminal; origin
 * PROCESS_SEEN, ids 0. The kernel puts " (deleted)" behind the path of what is gone. Of what may not be read (privileges,
 * a kernel thread) the span is absent. Spans are in `arena`. 0, -ENOENT when there is no such process,
 * -ENOMEM. */
int procfs_read(struct procfs *p, int64_t pid, struct arena *arena, struct process_start *ret_process,
                struct image_start *ret_image);
/* The pid that a process has in its own pid namespace; 0 when that is ours, or it is gone. */
int64_t procfs_ns_pid(const struct procfs *p, int64_t pid);
/* Every pid there is now, sorted; malloc'd. 0 or negative errno. */
int procfs_pids(int64_t **ret, size_t *ret_n);

/* When it started, in clock ticks since boot. 0 or negative errno. */
int procfs_start_ticks(pid_t pid, unsigned long long *ret);

/* Does a process that began before before_ms run under that pid, as more than a zombie? */
bool procfs_runs(const struct procfs *p, int64_t pid, int64_t before_ms);

/* ---- for tests: the pieces that read text ---- */

struct procfs_stat {
	int64_t pid, parent;
	char state;
	int terminal; /* device number, 0 none */
	int64_t threads;
	unsigned long long start_ticks;
	struct span comm;
};
/* The last number of the line "NSpid:" of /proc/PID/status; 0: none. */
int64_t procfs_parse_ns_pid(struct span text);
/* A line of /proc/PID/stat: the name in parentheses may hold anything, parentheses too. 0 or -EBADMSG. */
int procfs_parse_stat(struct span text, struct procfs_stat *ret);
/* The arguments of /proc/PID/cmdline as an image has them. 0 or -ENOMEM. */
int procfs_parse_arguments(struct span text, struct arena *arena, struct image_start *image);
