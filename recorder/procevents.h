/* procevents: the kernel's process connector (linux/cn_proc.h, drivers/connector/cn_proc.c): every end of a process, with
 * the signal that caused it. Audit does not see those that a signal kills.
 *
 * Only the first pid and network namespace have it, and CAP_NET_ADMIN. A filter in the kernel (SO_ATTACH_FILTER) lets
 * through ends only: of a process's first thread, and of any thread that a signal killed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/base/span.h"

struct procevents_exit {
	int64_t monotonic_ns; /* CLOCK_MONOTONIC */
	int32_t pid;          /* of the process, not of its thread */
	int32_t code;         /* -1: a signal ended it */
	int32_t signal;       /* 0: it ended by itself */
};

/* A socket that receives them, or negative errno. */
int procevents_open(void);
typedef void procevents_fn(const struct procevents_exit *e, void *data);
/* Hands what waits to fn: how many messages there were, 0 none, -ENOBUFS: the socket overflowed (go on). */
int procevents_receive(int fd, procevents_fn *fn, void *data);

/* For tests: one message. 0, -EBADMSG: not the end of a process, or cut. */
int procevents_parse(struct span message, struct procevents_exit *ret);
