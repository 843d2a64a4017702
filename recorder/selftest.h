/* selftest: does what happens on this machine really reach us? A process is started that does nothing but end; the
 * record of its end must come within two seconds. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "agent/base/span.h"
#include "recorder/netlink.h"
#include "recorder/rules.h"

enum { SELFTEST_MS = 2000 };

enum selftest_result { SELFTEST_NOT_RUN, SELFTEST_WAITING, SELFTEST_PASSED, SELFTEST_FAILED };
const char *selftest_name(enum selftest_result r); /* "not run", "waiting", "passed", "failed" */

struct selftest {
	_Atomic int pid;       /* whose end is waited for; 0 nobody's */
	_Atomic bool seen;
	_Atomic int64_t until; /* monotonic; 0: not started */
};

/* Starts it: a fork. 0 or negative errno. */
int selftest_start(struct selftest *t);
/* Every record passes by here, in another thread; cheap unless one is awaited. */
void selftest_record(struct selftest *t, struct span record);
enum selftest_result selftest_look(const struct selftest *t);

/* The likely cause of a failure, as one line of static text. `status`, `rules`: as the kernel tells, NULL when it does
 * not. */
const char *selftest_cause(const struct audit_status *status, const struct rules_present *rules, bool plugin);
