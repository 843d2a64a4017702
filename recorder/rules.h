/* rules: what the kernel is asked to record: our rules under our own key. Rules of others are never touched.
 *
 * In exit-filter order: never for our own process, put first; then per system call table (native and 32-bit) exec and
 * exit, files opened for writing, changes of names, attributes, mounts and credentials, connections, modules, ptrace.
 * The calls are those that the parser knows (syscalls.h): what is asked for is understood.
 */
#pragma once

#include <linux/audit.h>
#include <stdbool.h>
#include <sys/types.h>

#include "agent/base/span.h"

#define RULES_KEY "spoor"

/* One rule as the kernel takes it (AUDIT_ADD_RULE). */
struct rules_rule {
	struct audit_rule_data data;
	char key[sizeof(RULES_KEY)]; /* data.buf */
};

enum { RULES_MAX = 32 };
enum rules_flags { RULES_SENDTO = 1 /* datagrams to an address */ };
enum { RULES_FLAGS_ALL = RULES_SENDTO };
/* Builds every rule for a recorder with that pid. How many. */
size_t rules_build(pid_t self, unsigned flags, struct rules_rule rules[RULES_MAX]);

/* Adds them all; on failure those added are removed again. fd: a control socket (netlink.h). 0; -EPERM: no privilege or
 * locked; -EEXIST is not an error: a rule that is there stays (but that for our own process, which is added again). */
int rules_add(int fd, pid_t self, unsigned flags);
/* From the rules of some flags to those of others, of a recorder that goes on: what both have is not touched, so that
 * nothing is missed. How many there are then, or negative errno. */
int rules_change(int fd, pid_t self, unsigned from, unsigned to);
/* Removes every rule under our key, whoever put it there. How many, or negative errno. */
int rules_remove(int fd);

struct rules_present {
	size_t ours;        /* under our key */
	size_t others;
	bool never_task;    /* a rule "never,task" stops the auditing of system calls altogether */
};
int rules_list(int fd, struct rules_present *ret);
/* Is this rule under our key? `n` bytes of it are there. */
bool rules_is_ours(const struct audit_rule_data *rule, size_t n);
