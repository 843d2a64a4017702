/* remote: a reader whose recording is at the other end of a stream socket. What the other side says is checked
 * (messages.h); a call that it cannot answer sensibly ends the connection, never the program. */
#pragma once

#include "recorder/query/reader.h"
#include "recorder/store/vault.h"

/* Takes fd over (also on failure). Calls fail with -EPIPE once the other side is gone, with -EPROTO on nonsense, with
 * -ETIMEDOUT when it gives no sign of life, or no answer (wire.h: WIRE_SILENCE_MS, WIRE_CANCEL_MS, WIRE_CALL_MS); all for
 * good.
 * NULL when memory is out. */
struct reader *remote_reader_new(int fd);

/* Asks the other side to open PATH (session.open): for confine.c. As confine_open, but *ret_error may stay NULL when
 * the other side gave no text. */
int remote_open(struct reader *r, const char *path, unsigned flags, struct cancel *cancel, vault_progress_fn *progress,
                void *data, char **ret_error);
/* What fn is called with once, after the socket was closed; and that data (NULL for other readers and before). */
void remote_on_close(struct reader *r, void (*fn)(void *data), void *data);
void *remote_close_data(const struct reader *r);

/* Looks at the other side while a call runs, several times a second; data: that of remote_on_close. NULL to go on, or a
 * line for people, valid for good, about why the connection ends: the call then fails with -EPIPE. `lost`: the connection
 * just ended, for whatever reason. */
typedef const char *remote_guard_fn(void *data, bool lost);
void remote_guard(struct reader *r, remote_guard_fn *fn);
/* Instead of WIRE_CALL_MS. */
void remote_set_patience(struct reader *r, int64_t call_ms);
