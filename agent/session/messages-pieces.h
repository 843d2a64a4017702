/* messages-pieces: what the files of answers share. Internal to agent/session. */
#pragma once

#include "agent/session/messages.h"

enum { MESSAGES_NODES_MOST = 110000 }; /* more than any reader gives */

/* Arithmetic on times must not overflow, whatever a recording holds. */
int64_t messages_get_time(struct message_in *in, const char *name);
/* Many may share one long text, but each has it written: once there is plenty, the long ones are only hinted at. */
void messages_put_shared(struct buf *out, struct span v, size_t max);
void messages_put_counts(struct buf *out, const char *name, const uint64_t *counts, size_t n);
/* Exactly n of them. */
void messages_get_counts(struct message_in *in, const char *name, uint64_t *counts, size_t n);
/* Bins are mostly empty: a run of n zeros is the one value -n. */
void messages_put_bins_counts(struct buf *out, const char *name, const uint64_t *counts, size_t n);
/* Exactly n of them. */
void messages_get_bins_counts(struct message_in *in, const char *name, uint64_t *counts, size_t n);
/* An array with a place for each value left in the list; NULL, and *ret_n 0, when there are none or more than max. */
void *messages_get_array(struct message_in *list, struct arena *arena, size_t size, size_t max, size_t *ret_n);

void messages_put_nodes(struct buf *out, const char *name, const struct reader_node *nodes, size_t n);
struct reader_node *messages_get_nodes(struct message_in *in, const char *name, struct arena *arena, size_t max,
                                       size_t *ret_n);

/* ---- messages-groups.c ---- */
void messages_put_lanes(struct buf *out, const struct reader_lanes *l);
void messages_get_lanes(struct message_in *in, const struct messages_call *call, struct reader_lanes *l);
void messages_put_story(struct buf *out, const struct reader_story *s);
void messages_get_story(struct message_in *in, const struct messages_call *call, struct reader_story *s);

/* ---- messages-complete.c ---- */
void messages_put_completeness(struct buf *out, const struct reader_completeness *c);
void messages_get_completeness(struct message_in *in, struct reader_completeness *c);

/* ---- messages-values.c ---- */
void messages_put_wish(struct buf *out, const struct reader_values_wish *w);
void messages_get_wish(struct message_in *in, struct arena *arena, struct reader_values_wish *w);
void messages_put_values(struct buf *out, const struct reader_values *v);
void messages_get_values(struct message_in *in, const struct messages_call *call, struct reader_values *v);

/* ---- messages-cells.c ---- */
void messages_put_cells_wish(struct buf *out, const struct reader_cells_wish *w);
void messages_get_cells_wish(struct message_in *in, struct arena *arena, struct reader_cells_wish *w);
void messages_put_cells(struct buf *out, const struct reader_cells *c);
void messages_get_cells(struct message_in *in, const struct messages_call *call, struct reader_cells *c);

/* ---- messages-info.c ---- */
void messages_put_info(struct buf *out, const struct reader_info *i);
void messages_get_info(struct message_in *in, struct reader_info *i);

/* ---- messages-space.c ---- */
void messages_put_space(struct buf *out, const struct reader_space *s);
void messages_get_space(struct message_in *in, const struct messages_call *call, struct reader_space *s);
void messages_put_inventory(struct buf *out, const struct reader_inventory *v);
void messages_get_inventory(struct message_in *in, struct reader_inventory *v);
