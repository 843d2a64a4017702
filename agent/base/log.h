/* log: lines for people, on standard error. Programs log; library code returns errors instead. */
#pragma once

#include <stdarg.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Default: program name "spoor", level info. The name must outlive the program. */
void log_setup(const char *program, enum log_level max);
/* The program's name as set, for messages that name it. */
const char *log_name(void);
/* One line, "program: text". Control characters from arguments are the caller's care (text_visible). Thread-safe. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
