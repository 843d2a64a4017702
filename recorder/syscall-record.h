/* syscall-record: the fields of a SYSCALL record, taken in one pass. */
#pragma once

#include "recorder/record.h"

struct syscall_record {
	uint32_t arch, number;
	int8_t success;  /* 1, 0, or -1 where the record does not say (exit) */
	int64_t exit;    /* result or negative errno */
	uint64_t a[4];
	uint32_t items;
	int64_t ppid, pid;                         /* -1 unknown */
	int64_t auid, uid, gid, euid, egid, suid, sgid, session; /* -1 unknown or unset */
	struct record_field tty, comm, exe;        /* key absent when not there */
	struct span enrichment;
};

void syscall_record_parse(struct span body, struct syscall_record *ret);
