/* record: one audit record as text, taken apart without copying. The only parser of audit text; used for log lines
 * and netlink messages alike. Format: audit_log_start() in the kernel's kernel/audit.c, auparse(3).
 */
#pragma once

#include "agent/base/arena.h"

struct record {
	struct span node;  /* "node=H" (or "host=H") in front; absent when there is none */
	struct span type;  /* "SYSCALL"; absent for netlink messages, which carry a number */
	int64_t time_ms;
	uint64_t serial;
	struct span body;  /* behind "audit(…):", leading spaces skipped; enrichment included */
};

enum { RECORD_LINE_MAX = 1 << 20 }; /* longer lines are no records */

/* "[node=H ]type=T msg=audit(S.mmm:N): …". NULL, or static text telling why the line is no record. */
const char *record_parse_line(struct span line, struct record *ret);
/* Payload of a netlink message: "audit(S.mmm:N): …". NULL or the reason. */
const char *record_parse_message(struct span payload, struct record *ret);

/* What auditd appended for people behind a 0x1d (log_format = ENRICHED); absent when there is none. */
struct span record_enrichment(struct span body);
/* The body without it. */
struct span record_kernel_part(struct span body);

/* One "key=value" of a body. */
struct record_field {
	struct span key;
	struct span value; /* without its quotes */
	char quote;        /* '"', '\'' or 0 */
};
/* Cuts the next field off *rest; words without '=' are skipped. False at the end. */
bool record_next(struct span *rest, struct record_field *ret);
/* First field of that name; false when there is none. */
bool record_find(struct span body, struct span key, struct record_field *ret);

/* A field that is a string: quoted as it stands, unquoted hex decoded into the arena (untrusted strings are written
 * so, audit_log_untrustedstring()), unquoted (null), (none) and ? absent. Anything else as it stands. */
struct span record_string(const struct record_field *f, struct arena *arena);
/* Is this unquoted value one that record_string decodes? */
bool record_is_hex(struct span value);

/* Ids: "unset" (4294967295) and what is no number become -1. */
int64_t record_id(struct span value);
