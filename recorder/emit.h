/* emit: where rows go: fills batches and hands each over when it is full. Errors are
 * sticky: after one, nothing more is handed over. */
#pragma once

#include "recorder/recording.h"

struct emit {
	struct batch *batch;
	size_t limit; /* items */
	recording_sink_fn *sink;
	void *data;
	uint64_t rows;
	int error;
	_Atomic(struct batch *) spare;
};

void emit_free(struct emit *e);
/* A zeroed item in the current batch; NULL when memory is out. It moves at the next call. */
struct item *emit_item(struct emit *e, enum item_type type);
/* Arena of the current batch: valid for items emitted before the next emit_settle. NULL when memory is out. */
struct arena *emit_arena(struct emit *e);
/* Between events: hands over when full. 0 or the sticky error. */
int emit_settle(struct emit *e);
/* Hands over what there is. */
int emit_flush(struct emit *e);
/* Memory was out for something that a row needs: the error that is kept. */
void emit_lacks_memory(struct emit *e);
/* Thread-safe. */
void emit_recycle(struct emit *e, struct batch *b);
