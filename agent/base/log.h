/* log: lines for people, on standard error or in a file. Programs log; library code returns errors instead. */
#pragma once

#include <stdarg.h>

#include "agent/base/span.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVELS };
enum log_format { LOG_TEXT, LOG_JSON };

/* Default: program name "spoor", level info. The name must outlive the program. */
void log_setup(const char *program, enum log_level max);
/* The program's name as set, for messages that name it. */
const char *log_name(void);
void log_set_level(enum log_level max);
/* "error", "warning", "info", "debug". */
const char *log_level_name(enum log_level level);
bool log_level_named(struct span name, enum log_level *ret);
/* Where lines go from now on: a file that is appended to (made, mode 0640 less the umask), or with NULL standard error.
 * Called again it opens the file anew: after it was moved away. 0, or negative errno and all stays as it was.
 * LOG_TEXT: "program: text" on standard error, "2026-11-20T08:55:01.204Z warning: text" in a file.
 * LOG_JSON: {"time":"2026-11-20T08:55:01.204Z","level":"warning","program":"…","text":"…"} */
int log_open(const char *path, enum log_format format);
/* One line. Control characters from arguments are the caller's care (text_visible); in JSON they are escaped. Thread-safe. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
