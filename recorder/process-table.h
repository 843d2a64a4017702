/* process-table: the processes that process.h knows, by boot and pid. Ended ones stay for a while; when there are too
 * many, one that has long been quiet is forgotten. For process.c only. */
#pragma once

#include "recorder/process.h"

/* NULL when there is none. Valid until the next put. */
struct process_entry *process_table_find(const struct process_table *t, int64_t boot, int64_t pid);
/* A fresh entry under that pid, in the place of the one that was there. NULL when memory is out. */
struct process_entry *process_table_put(struct process_table *t, int64_t boot, int64_t pid);
/* It ended then. */
void process_table_end(struct process_table *t, struct process_entry *e, int64_t time_ms);
void process_table_emit(struct process_table *t, const struct event *event);
