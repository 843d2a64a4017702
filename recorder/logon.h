/* logon: one logon is told by several records: the kernel's LOGIN, PAM's session, the program's own USER_LOGIN; one
 * attempt to authenticate by PAM and by the program; one sudo by its command and its session. This puts together what
 * belongs together, so that each gives one row. Rows wait up to 3 s for what completes them.
 */
#pragma once

#include "recorder/emit.h"

enum { LOGONS_OPEN = 64, LOGONS_KNOWN = 512, LOGONS_ATTEMPTS = 256, LOGONS_WAYS = 4 };

/* What a record tells; absent spans are not known. */
struct logon_facts {
	int64_t boot, time_ms;
	uint64_t serial;
	int64_t session, pid; /* -1 unknown */
	int64_t image;
	int32_t result;
	struct span program;  /* last name of the program that reports it: "sshd" */
	struct span user, address, host, terminal, command, reason;
	bool read;            /* from wtmp or btmp, not told by a record */
};

struct logon {
	bool open;
	enum event_action action; /* ACTION_SECURITY_LOGIN, or _PRIVILEGE */
	struct logon_facts facts; /* texts are malloc'd */
};

struct logon_known {
	int64_t boot, session, pid;
	int64_t read_ms; /* when it began, of one that was read; else 0 */
	bool ended;
	uint8_t n_user, n_address, n_terminal;
	char user[32], address[46], terminal[18]; /* for the row of its end; nothing where they are longer */
};

struct logon_attempt {
	uint64_t key;
	int64_t time_ms;
	uint32_t told;
	struct { uint64_t way; uint32_t count; } ways[LOGONS_WAYS];
};

/* Zeroed: empty. */
struct logons {
	struct logon open[LOGONS_OPEN];
	size_t n_open;
	struct logon_known known[LOGONS_KNOWN];
	size_t at_known;
	struct logon_attempt attempts[LOGONS_ATTEMPTS];
};

void logons_free(struct logons *l);

/* A logon began, or another record of one that waits: takes what that did not know yet; of the terminal the later one.
 * Nothing when its row was given already. */
void logons_begin(struct logons *l, struct emit *e, const struct logon_facts *f);
/* It ended: gives the row of the end, once. */
void logons_end(struct logons *l, struct emit *e, const struct logon_facts *f);
/* su, sudo: a command (facts.command) waits for the session that tells whose rights it got; a session without a
 * command gives a row of its own. */
void logons_privilege(struct logons *l, struct emit *e, const struct logon_facts *f);
/* An attempt to authenticate by `way` ("PAM:authentication"). One that another way reports too counts once: there were
 * as many attempts as the way with the most reports has. */
void logons_attempt(struct logons *l, struct emit *e, const struct logon_facts *f, struct span way);
/* A logon, end or failed attempt (action) that was read: gives its row. A logon that goes on is remembered, for the row
 * of its end and so that records told at the same time give no other. */
void logons_read(struct logons *l, struct emit *e, enum event_action action, const struct logon_facts *f, bool goes_on);
/* Gives the rows of those that have waited long enough; INT64_MAX: of all. */
void logons_due(struct logons *l, struct emit *e, int64_t now_ms);

/* "interactive", "remote interactive", "network", "batch" or "service"; absent when nothing tells. */
struct span logon_type(const struct logon_facts *f);
