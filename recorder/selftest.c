#include "recorder/selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"

const char *selftest_name(enum selftest_result r)
{
	static const char *const names[] = { "not run", "waiting", "passed", "failed" };

	return names[r];
}

/* It must not end before its pid is known to who reads the records. */
static void wait_and_end(int go)
{
	char c;

	while (read(go, &c, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

int selftest_start(struct selftest *t)
{
	int go[2];
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		wait_and_end(go[0]);
	}
	if (pid > 0) {
		atomic_store(&t->seen, false);
		atomic_store(&t->until, clock_monotonic() + SELFTEST_MS);
		atomic_store(&t->pid, (int)pid);
	}
	close(go[0]);
	close(go[1]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return pid < 0 ? -errno : 0;
}

void selftest_record(struct selftest *t, struct span record)
{
	int pid = atomic_load_explicit(&t->pid, memory_order_relaxed), n;
	char wanted[32];

	if (pid == 0)
		return;
	n = snprintf(wanted, sizeof(wanted), " pid=%d ", pid);
	if (memmem(record.p, record.n, " syscall=", 9) && memmem(record.p, record.n, wanted, (size_t)n)) {
		atomic_store(&t->seen, true);
		atomic_store(&t->pid, 0);
	}
}

enum selftest_result selftest_look(const struct selftest *t)
{
	int64_t until = atomic_load(&t->until);

	if (until == 0)
		return SELFTEST_NOT_RUN;
	if (atomic_load(&t->seen))
		return SELFTEST_PASSED;
	return clock_monotonic() < until ? SELFTEST_WAITING : SELFTEST_FAILED;
}

const char *selftest_cause(const struct audit_status *status, const struct rules_present *rules, bool plugin)
{
	if (!status || !rules)
		return "the kernel does not tell the state of its audit: a missing capability (CAP_AUDIT_CONTROL), or a container";
	if (rules->never_task)
		return "a rule \"never,task\" of somebody else keeps system calls from being recorded";
	if (status->enabled == 2 && rules->ours == 0)
		return "the audit configuration is locked (auditctl -e 2) without our rules";
	if (status->enabled == 0)
		return "auditing is switched off (auditctl -e 0, or audit=0 when the kernel booted)";
	if (rules->ours == 0)
		return "our rules are not there";
	if (plugin)
		return "auditd does not hand its records to us: is its plugin active, and is it running?";
	if (status->pid == 0)
		return "nobody receives the records: a container, or a network namespace of its own";
	return rules->others ? "a rule of somebody else excludes what we ask for, or the kernel is overloaded" :
	       "the kernel is overloaded, or this is a network namespace of its own";
}
