/* export-file: a file that gets its name when it is whole. */
#pragma once

#include <stdio.h>

#include "agent/base/span.h"

struct export_file;

/* -EISDIR, -EINVAL (something else than a file has that name), or why none can be made there. */
int export_file_new(const char *path, struct export_file **ret);
/* For who must write here and there. Failures are kept: export_file_error. */
FILE *export_file_stream(struct export_file *f);
int export_file_error(const struct export_file *f); /* the first one: 0 or negative errno */
int export_file_fail(struct export_file *f);        /* keeps errno and returns it, negative */
int export_file_write(struct export_file *f, struct span bytes);
/* Brings all of it to the disk. */
int export_file_finish(struct export_file *f);
/* Gives it its name, in place of a file that has it. */
int export_file_commit(struct export_file *f);
/* Without commit nothing is left. NULL is fine. */
void export_file_free(struct export_file *f);
static inline void cleanup_export_file(struct export_file **f) { export_file_free(*f); }
#define AUTO_EXPORT_FILE __attribute__((cleanup(cleanup_export_file))) struct export_file
