#include "timeline/view/words.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"

const char *words_number(uint64_t n, char text[WORDS_NUMBER_MOST])
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n), at = 0;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	return text;
}

void words_count(struct buf *out, uint64_t n)
{
	buf_add_z(out, WORDS_NUMBER(n));
}

void words_events(struct buf *out, uint64_t n)
{
	buf_printf(out, ngettext("%s event", "%s events", n), WORDS_NUMBER(n));
}

void words_duration(struct buf *out, int64_t ms)
{
	static const struct { int64_t ms; const char *name; } units[] = {
		{ INT64_C(31556952000), NULL }, { MS_PER_DAY, "d" }, { 3600 * MS_PER_SEC, "h" }, { 60 * MS_PER_SEC, "min" },
		{ MS_PER_SEC, "s" },
	};
	size_t i = 0;
	uint64_t n;

	if (ms < 0) {
		buf_add_z(out, "−");
		ms = ms == INT64_MIN ? INT64_MAX : -ms;
	}
	if (ms < MS_PER_SEC) {
		buf_printf(out, "%d ms", (int)ms);
		return;
	}
	if (ms < 60 * MS_PER_SEC) {
		buf_printf(out, "%d.%03d s", (int)(ms / MS_PER_SEC), (int)(ms % MS_PER_SEC));
		return;
	}
	while (ms < units[i].ms)
		i++;
	n = (uint64_t)(ms / units[i].ms);
	if (units[i].name)
		buf_printf(out, "%s %s", WORDS_NUMBER(n), units[i].name);
	else
		buf_printf(out, ngettext("%s year", "%s years", n), WORDS_NUMBER(n));
	ms %= units[i].ms;
	if (ms / units[i + 1].ms)
		buf_printf(out, " %" PRId64 " %s", ms / units[i + 1].ms, units[i + 1].name);
}

void words_time(struct buf *out, int64_t ms)
{
	char text[CLOCK_TEXT];

	clock_format(ms, text);
	buf_add(out, text, 23);
}

void words_range(struct buf *out, int64_t from_ms, int64_t to_ms)
{
	char a[CLOCK_TEXT], b[CLOCK_TEXT];
	size_t skip;

	clock_format(from_ms, a);
	clock_format(to_ms, b);
	buf_add(out, a, 23);
	if (memcmp(a, b, 23) == 0)
		return;
	skip = memcmp(a, b, 10) == 0 ? 11 : 0;
	buf_add_z(out, " – ");
	buf_add(out, b + skip, 23 - skip);
}

void words_life(struct buf *out, int64_t start_ms, int64_t end_ms, bool start_known)
{
	AUTO_BUF range = BUF_INIT;

	words_range(&range, start_ms, end_ms ? end_ms : start_ms);
	if (!range.failed)
		buf_printf(out, start_known ? "%s" : _("first seen %s"), range.p);
}

void words_end(struct buf *out, int64_t end_ms, int32_t exit_code, int32_t signal)
{
	static const char *const names[] = {
		[1] = "SIGHUP", [2] = "SIGINT", [3] = "SIGQUIT", [4] = "SIGILL", [5] = "SIGTRAP", [6] = "SIGABRT",
		[7] = "SIGBUS", [8] = "SIGFPE", [9] = "SIGKILL", [10] = "SIGUSR1", [11] = "SIGSEGV", [12] = "SIGUSR2",
		[13] = "SIGPIPE", [14] = "SIGALRM", [15] = "SIGTERM", [24] = "SIGXCPU", [25] = "SIGXFSZ", [31] = "SIGSYS",
	};

	if (end_ms == 0) {
		buf_add_z(out, _("no end recorded"));
	} else if (signal > 0) {
		if ((size_t)signal < sizeof(names) / sizeof(*names) && names[signal])
			buf_printf(out, _("killed by %s"), names[signal]);
		else
			buf_printf(out, _("killed by signal %d"), (int)signal);
	} else if (exit_code < 0) {
		buf_add_z(out, _("ended, exit code unknown"));
	} else {
		buf_printf(out, _("exit %d"), (int)exit_code);
	}
}
