/* type: record types of one recording: name ↔ number, what assembly must know of them, and how many came. */
#pragma once

#include "recorder/recording.h"

/* Types that assembly or interpretation looks at. */
enum type_kind {
	TYPE_OTHER,
	TYPE_SYSCALL, TYPE_URINGOP, TYPE_EXECVE, TYPE_CWD, TYPE_PATH, TYPE_SOCKADDR, TYPE_SOCKETCALL, TYPE_OPENAT2,
	TYPE_PROCTITLE, TYPE_EOE, TYPE_ANOM_ABEND, TYPE_SYSTEM_BOOT, TYPE_SYSTEM_SHUTDOWN,
	TYPE_OBJ_PID, TYPE_BPRM_FCAPS, TYPE_CAPSET, TYPE_KERN_MODULE,
	/* These say something without a SYSCALL, and are security events: */
	TYPE_LOGIN,  /* of the kernel: auid was set */
	TYPE_AUTH, TYPE_ACCT, TYPE_SESSION, TYPE_SESSION_END, TYPE_USER_LOGIN, TYPE_USER_LOGOUT, TYPE_COMMAND, /* of user space */
	TYPE_ACCOUNT,
	TYPE_SECCOMP, TYPE_AVC, TYPE_AVC_PATH, TYPE_SELINUX_ERR, TYPE_CONFIG, TYPE_PROMISCUOUS, TYPE_POLICY,
};

static inline bool type_is_security(enum type_kind k) { return k >= TYPE_LOGIN && k != TYPE_AVC_PATH; }

struct type_traits {
	enum type_kind kind;
	bool single;  /* always the only record of its event */
	bool foreign; /* its serial numbers are not the kernel's but the audit daemon's */
};

struct type_table {
	struct recording_type_count *counts; /* indexed like traits */
	struct type_traits *traits;
	size_t n, cap;
	uint16_t *slots; /* by name; index + 1 */
	size_t n_slots;
	int next_unknown; /* number for a name that has none */
	struct arena names;
};

void type_table_free(struct type_table *t);
/* Index of a type by the name in a log ("SYSCALL", "UNKNOWN[1334]") or by its number; made when new.
 * -ENOMEM; -E2BIG after 4096 different ones. */
int type_by_name(struct type_table *t, struct span name);
int type_by_number(struct type_table *t, int number);

/* AUDIT_* number of a name; -1 when it has none. */
int type_number(struct span name);
