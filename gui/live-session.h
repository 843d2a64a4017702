/* live-session: one session of reader calls to an endpoint, or to a snapshot at the server: asked for at its server,
 * dialled, and carried between the network and a socket. For the main thread. */
#pragma once

#include "gui/server-link.h"

struct live_session;

struct live_session_handler {
	/* Once, not from within live_session_new: fd ≥ 0 is a socket that speaks frames (remote.h), and the receiver's;
	 * else `error` tells people why not, and the session is freed when it returns. */
	void (*opened)(struct live_session *s, int fd, const char *error, gpointer data);
	/* After it was opened; the last call, the session is freed when it returns. by_server: it was closed in order, as
	 * the server does when nothing was asked for long, or somebody asked for that. */
	void (*ended)(struct live_session *s, gboolean by_server, const char *why, gpointer data);
};

/* open: CONTROL_LIVE_OPEN of an endpoint, or CONTROL_CAPTURE_OPEN; id: of that, as in wire.h. */
struct live_session *live_session_new(ServerLink *server, enum control_type open, const char *id,
                                      const struct live_session_handler *handler, gpointer data);
/* Its number at the server; 0: none yet. */
guint64 live_session_get_number(struct live_session *s);
/* Closes it without a call. NULL is fine. */
void live_session_free(struct live_session *s);
