#include "agent/base/log.h"

#include <stdio.h>

static const char *log_program = "spoor";
static enum log_level log_max = LOG_LEVEL_INFO;

void log_setup(const char *program, enum log_level max)
{
	log_program = program;
	log_max = max;
}

const char *log_name(void)
{
	return log_program;
}

static void write_line(enum log_level level, const char *format, va_list ap)
{
	char line[2048];
	int n;

	if (level > log_max)
		return;
	n = snprintf(line, sizeof(line), "%s: ", log_program);
	if (n < 0 || (size_t)n >= sizeof(line))
		return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	vsnprintf(line + n, sizeof(line) - (size_t)n, format, ap);
#pragma GCC diagnostic pop
	fprintf(stderr, "%s\n", line);
}

#define LOG_AT(level) \
	do { \
		va_list ap; \
		va_start(ap, format); \
		write_line(level, format, ap); \
		va_end(ap); \
	} while (0)

void log_error(const char *format, ...) { LOG_AT(LOG_LEVEL_ERROR); }
void log_warning(const char *format, ...) { LOG_AT(LOG_LEVEL_WARNING); }
void log_info(const char *format, ...) { LOG_AT(LOG_LEVEL_INFO); }
void log_debug(const char *format, ...) { LOG_AT(LOG_LEVEL_DEBUG); }
