/* remote: a reader whose recording is at the other end of a stream socket. What the other side says is checked
 * (messages.h); a call that it cannot answer sensibly ends the connection, never the program. */
#pragma once

#include "recorder/query/reader.h"
#include "recorder/store/vault.h"

/* Takes fd over (also on failure). Calls fail with -EPIPE once the other side is gone, with -EPROTO on nonsense, with
 * -ETIMEDOUT when it gives no sign of life (wire.h: WIRE_SILENCE_MS, WIRE_CANCEL_MS); all for good.
 * NULL when memory is out. */
struct reader *remote_reader_new(int fd);

/* Asks the other side to open PATH (session.open): for confine.c. As confine_open, but *ret_error may stay NULL when
 * the other side gave no text. */
int remote_open(struct reader *r, const char *path, unsigned flags, struct cancel *cancel, vault_progress_fn *progress,
                void *data, char **ret_error);
/* What fn is called with once, after the socket was closed; and that data (NULL for other readers and before). */
void remote_on_close(struct reader *r, void (*fn)(void *data), void *data);
void *remote_close_data(const struct reader *r);
