#include "agent/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/cleanup.h"
#include "agent/base/text.h"

static const char *const level_names[LOG_LEVELS] = { "error", "warning", "info", "debug" };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static const char *log_program = "spoor";
static enum log_level log_max = LOG_LEVEL_INFO;
static enum log_format log_format = LOG_TEXT;
static int log_fd = STDERR_FILENO;

void log_setup(const char *program, enum log_level max)
{
	log_program = program;
	log_set_level(max);
}

const char *log_name(void)
{
	return log_program;
}

void log_set_level(enum log_level max)
{
	pthread_mutex_lock(&lock);
	log_max = max;
	pthread_mutex_unlock(&lock);
}

const char *log_level_name(enum log_level level)
{
	return level < LOG_LEVELS ? level_names[level] : NULL;
}

bool log_level_named(struct span name, enum log_level *ret)
{
	for (unsigned i = 0; i < LOG_LEVELS; i++) {
		if (!span_eq(name, span_of(level_names[i])))
			continue;
		*ret = i;
		return true;
	}
	return false;
}

int log_open(const char *path, enum log_format format)
{
	int fd = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640) : STDERR_FILENO, before;

	if (fd < 0)
		return -errno;
	pthread_mutex_lock(&lock);
	before = log_fd;
	log_fd = fd;
	log_format = format;
	pthread_mutex_unlock(&lock);
	if (before != STDERR_FILENO)
		close(before);
	return 0;
}

static void put_json_text(struct buf *out, const char *text)
{
	AUTO_BUF plain = BUF_INIT;

	text_visible(&plain, span_of(text)); /* UTF-8 without control characters */
	for (size_t i = 0; i < plain.n; i++) {
		if (plain.p[i] == '"' || plain.p[i] == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, plain.p[i]);
	}
	out->failed |= plain.failed;
}

static void put_line(struct buf *out, enum log_level level, const char *text)
{
	char time[CLOCK_TEXT];

	if (log_format == LOG_JSON) {
		buf_printf(out, "{\"time\":\"%s\",\"level\":\"%s\",\"program\":\"%s\",\"text\":\"",
			   clock_format_iso(clock_now(), time), level_names[level], log_program);
		put_json_text(out, text);
		buf_add_z(out, "\"}\n");
	} else if (log_fd == STDERR_FILENO) {
		buf_printf(out, "%s: %s\n", log_program, text);
	} else {
		buf_printf(out, "%s %s: %s\n", clock_format_iso(clock_now(), time), level_names[level], text);
	}
}

static void write_line(enum log_level level, const char *format, va_list ap)
{
	AUTO_BUF line = BUF_INIT;
	char text[2048];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	vsnprintf(text, sizeof(text), format, ap);
#pragma GCC diagnostic pop
	pthread_mutex_lock(&lock);
	if (level <= log_max) {
		put_line(&line, level, text);
		if (!line.failed && write(log_fd, line.p, line.n) < 0)
			line.failed = true; /* and nowhere to tell it */
	}
	pthread_mutex_unlock(&lock);
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
