/* netlink: the kernel's audit interface (NETLINK_AUDIT; linux/audit.h, kernel/audit.c).
 *
 * Two sockets: a control socket asks and sets, one answer a request; the data socket, once claimed, receives every
 * record (unicast: whoever claims it is "the audit daemon", there can be one a machine). Functions return 0 or a
 * negative errno as the kernel gave it; netlink_explain turns one into words.
 */
#pragma once

#include <linux/audit.h>
#include <sys/types.h>

#include "agent/base/span.h"

int netlink_open(void); /* a socket, or negative errno */

/* Sends and waits for the kernel's acknowledgement. Control socket only. */
int netlink_request(int fd, int type, const void *data, size_t n);
int netlink_status(int fd, struct audit_status *ret);
/* Sets the fields named by s->mask (AUDIT_STATUS_*). */
int netlink_set(int fd, const struct audit_status *s);
/* Every rule in order. A non-zero return of fn ends it and is returned. The rule is valid during the call. */
typedef int netlink_rule_fn(const struct audit_rule_data *rule, size_t n, void *data);
int netlink_rules(int fd, netlink_rule_fn *fn, void *data);

/* One line why claiming or setting failed with `error`, as static text, with what the machine is like taken into
 * account: privileges, containers, a locked configuration, a kernel without audit. */
const char *netlink_explain(int error, const struct audit_status *known);

/* ---- the data socket ---- */

enum {
	NETLINK_BATCH = 64,
	NETLINK_MESSAGE_MAX = 9008, /* MAX_AUDIT_MESSAGE_LENGTH, 8970, with a header; a multiple of the alignment */
};

/* A record: `type` AUDIT_*, payload "audit(S.mmm:N): …". Anything from another process than the kernel is dropped. */
typedef void netlink_record_fn(int type, struct span payload, void *data);

/* Is a message of that type a record? Not what answers requests (1000…1099, but for two old records), nor
 * AUDIT_REPLACE, which only tells that somebody else asked for our role. */
bool netlink_is_record(int type);

struct netlink_source;
/* Makes this process the receiver of all records: a large receive buffer, AUDIT_SET pid. Records that arrive before
 * the kernel's answer go to fn. -EEXIST: somebody else is the receiver. */
int netlink_claim(struct netlink_source **ret, netlink_record_fn *fn, void *data);
/* Listens beside whoever owns the records: the read-only multicast group AUDIT_NLGRP_READLOG (CAP_AUDIT_READ). The same
 * records come, EOE too; but the kernel does not keep any for a listener that falls behind (-ENOBUFS from receive, which
 * `lost` does not count), and only listeners in its first network namespace get them (kernel/audit.c). */
int netlink_join(struct netlink_source **ret);
int netlink_fd(const struct netlink_source *s);
/* Has another process asked for our role since the last call (AUDIT_REPLACE)? The kernel refused it: it has to be given. */
bool netlink_was_asked(struct netlink_source *s);
/* Hands what is waiting to fn: how many records, 0 when none was waiting, -ENOBUFS: the socket overflowed (go on). */
int netlink_receive(struct netlink_source *s, netlink_record_fn *fn, void *data);
/* Gives the role up; records may still wait: receive until 0 is returned, then free. */
int netlink_release(struct netlink_source *s);
void netlink_free(struct netlink_source *s); /* NULL is fine */
