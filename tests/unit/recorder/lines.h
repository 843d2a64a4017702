/* lines: audit records for tests, written short. */
#pragma once

#include <stdio.h>

#include "agent/base/buf.h"
#include "recorder/record.h"

enum { LINES_SECOND = 1790000000 };

/* "type=T msg=audit(…ms:serial): body" */
static inline void line_add(struct buf *b, const char *type, int ms, unsigned serial, const char *body)
{
	buf_printf(b, "type=%s msg=audit(%d.%03d:%u): %s\n", type, LINES_SECOND + ms / 1000, ms % 1000, serial, body);
}

static inline void line_call(struct buf *b, int ms, unsigned serial, int number, int pid, int ppid, const char *exe,
                             const char *more)
{
	AUTO_BUF body = BUF_INIT;

	buf_printf(&body, "arch=c000003e syscall=%d success=yes %s ppid=%d pid=%d auid=1000 uid=0 gid=0 euid=0 egid=0 "
		   "tty=pts1 ses=2 comm=\"c\" exe=\"%s\" key=(null)", number, more, ppid, pid, exe);
	line_add(b, "SYSCALL", ms, serial, body.p);
}

static inline void line_exec(struct buf *b, int ms, unsigned serial, int pid, int ppid, const char *exe)
{
	AUTO_BUF argv = BUF_INIT;

	line_call(b, ms, serial, 59, pid, ppid, exe, "exit=0 items=0");
	buf_printf(&argv, "argc=1 a0=\"%s\"", exe);
	line_add(b, "EXECVE", ms, serial, argv.p);
	line_add(b, "EOE", ms, serial, "");
}
