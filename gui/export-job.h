/* ExportJob: one export on a thread of its own, with a reader of its own, so that the pages go on being answered.
 *
 * Signal "ended" (on the main loop, once). Cancelling returns at once; what was being written is gone when the thread has
 * noticed, within 100 ms, and "ended" comes then. */
#pragma once

#include "gui/export.h"
#include "gui/source.h"

#define EXPORT_TYPE_JOB (export_job_get_type())
G_DECLARE_FINAL_TYPE(ExportJob, export_job, EXPORT, JOB, GObject)

/* What is to be written; copied. */
struct export_wish {
	Source *source;
	const char *expression; /* "": everything */
	struct reader_range range;
	enum reader_order order;
	struct row_format_columns columns;
	enum export_format format;
	const char *path;
};

ExportJob *export_job_new(const struct export_wish *wish);
void export_job_cancel(ExportJob *self);
const char *export_job_get_path(ExportJob *self);
enum export_format export_job_get_format(ExportJob *self);
/* So far; total 0: not known yet. */
void export_job_get_progress(ExportJob *self, guint64 *ret_rows, guint64 *ret_total);
/* Once ended: what was written, or NULL with one line in *ret_error ("" when it was cancelled). */
const struct export_result *export_job_get_result(ExportJob *self, const char **ret_error);
