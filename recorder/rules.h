/* rules: what the kernel is asked to record: our rules under our own key. Rules of others are never touched.
 *
 * In exit-filter order: never for what the configuration leaves out and for our own process, put first; then per system
 * call table (native and 32-bit) exec and exit, files opened for writing, changes of names, attributes, mounts and
 * credentials, connections, modules, ptrace. The calls are those that the parser knows (syscalls.h): what is asked for is
 * understood.
 */
#pragma once

#include <linux/audit.h>
#include <stdbool.h>
#include <sys/types.h>

#include "agent/base/span.h"

#define RULES_KEY "spoor"

enum { RULES_MAX = 64, RULES_PATH = 256, RULES_LEFT_OUT = 16, RULES_USERS = 16 };

/* One rule as the kernel takes it (AUDIT_ADD_RULE). */
struct rules_rule {
	struct audit_rule_data data;
	char buf[RULES_PATH + sizeof(RULES_KEY)]; /* data.buf: a path, our key */
};

/* What is not asked for, file system things by their inode, whatever name is used (auditctl(8): dir, path, exe). */
enum rules_what {
	RULES_FOLDER,     /* that a file in it is opened or made; there may be folders in it */
	RULES_DEVICE,     /* that it is opened */
	RULES_EXECUTABLE, /* what a process that runs it does to files and on the network */
};
struct rules_left_out {
	enum rules_what what;
	char path[RULES_PATH]; /* absolute; it exists */
};

struct rules_wish {
	pid_t self;   /* the recorder */
	bool sendto;  /* datagrams to an address, too */
	unsigned off; /* bits 1 << enum event_category: kinds whose calls are not asked for; those of processes always are */
	bool alone;   /* the records come to us only: others do not miss those that left_out holds back */
	uint32_t users[RULES_USERS]; /* whose calls to files and the network are not asked for: effective user */
	size_t n_users;
	struct rules_left_out left_out[RULES_LEFT_OUT]; /* only when alone */
	size_t n_left_out;
};

/* Builds every rule. How many. */
size_t rules_build(const struct rules_wish *w, struct rules_rule rules[RULES_MAX]);

/* Adds them all; on failure those added are removed again. fd: a control socket (netlink.h). 0; -EPERM: no privilege or
 * locked; -EEXIST is not an error: a rule that is there stays (but that for our own process, which is added again), nor is
 * it one when the kernel does not take a rule for what is left out. */
int rules_add(int fd, const struct rules_wish *w);
/* From one wish to another, of a recorder that goes on: what both want is not touched, and what is new is there before
 * what is old goes, so that nothing is missed. How many there are then (rules_present.ours), or negative errno. */
int rules_change(int fd, const struct rules_wish *from, const struct rules_wish *to);
/* Removes every rule under our key, whoever put it there. How many, or negative errno. */
int rules_remove(int fd);

struct rules_present {
	size_t ours;        /* under our key, but those for what is left out, which go with the folder or file */
	size_t left_out;    /* these */
	size_t others;
	bool never_task;    /* a rule "never,task" stops the auditing of system calls altogether */
};
int rules_list(int fd, struct rules_present *ret);
/* Is this rule under our key? `n` bytes of it are there. */
bool rules_is_ours(const struct audit_rule_data *rule, size_t n);
