/* serve: answers reader calls that arrive as messages: the far side of remote.h. Used by the confined child that opens
 * a snapshot (over a socketpair), later by a live endpoint's client (over the wire).
 *
 * A thread of its own watches the socket while a call runs: it sets the call's cancel when asked to (or when the peer
 * is gone), and tells the peer that the call is alive. Socket: a stream, frames of agent/wire/frame.h around messages
 * of agent/session/messages.h. */
#pragma once

#include "agent/session/messages.h"

/* Serves `reader` on fd until the peer closes. A `cancel` message for the running call sets its cancel within 50 ms.
 * 0 at a clean end, -EPROTO when the peer breaks the protocol, else negative errno. fd stays open. */
int serve_reader(int fd, struct reader *reader);

/* ---- the pieces, for who has calls of its own to answer first ---- */

struct serve;

/* Starts watching fd. at_end: the process is here for this peer only, and ends itself in this function as soon as it is
 * gone, whatever the other threads do; NULL: it goes on. 0, -ENOMEM, or the errno of making a thread. */
int serve_new(int fd, void (*at_end)(void), struct serve **ret);
void serve_free(struct serve *s); /* NULL is fine */
/* Calls that take longer are cancelled, and answered with -ETIMEDOUT. 0, as it is at first: none is. */
void serve_set_patience(struct serve *s, int64_t ms);
/* Set while the current call should stop. */
struct cancel *serve_cancel(struct serve *s);

/* Waits for the next call. 1 with it (ret->where is the caller's, the path is valid until the next call); 0 when the
 * peer closed; -EPROTO … for good. Calls whose expression does not parse were answered already. */
int serve_next(struct serve *s, struct messages_call *ret);
/* Ends the current call. error < 0: an error with the text (NULL: none); else the answer (NULL for OPEN). */
int serve_answer(struct serve *s, const struct messages_call *call, int error, const char *text,
                 const union messages_answer *a);
/* A vault_progress_fn whose data is the struct serve: tells the peer. */
void serve_progress(double fraction, void *data);
/* Runs one reader call, as its type says. As the reader's functions; -ENOTSUP: it is none of theirs. */
int serve_run(struct reader *r, struct cancel *cancel, const struct messages_call *call, union messages_answer *ret);
/* Runs one reader call and answers it. 0, or negative errno when the peer is lost. */
int serve_call(struct serve *s, struct reader *reader, const struct messages_call *call);
