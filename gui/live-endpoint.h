/* LiveEndpoint: one endpoint that is read while it runs, or a snapshot that is read at its server: its Source, and the
 * sessions behind it. It keeps coming back after a loss, until it is closed. Signals:
 *   "changed"                 state or reason
 *   "opened" (Source *)       it can be read: once, whatever is lost and found later
 */
#pragma once

#include "gui/server-link.h"
#include "gui/source.h"

#define LIVE_ENDPOINT_TYPE (live_endpoint_get_type())
G_DECLARE_FINAL_TYPE(LiveEndpoint, live_endpoint, LIVE, ENDPOINT, GObject)

enum live_state {
	LIVE_ATTEMPTED, /* the reason, where there is one, tells why it is not there yet */
	LIVE_CONNECTED,
	LIVE_FAILED,
	LIVE_CLOSED,    /* by the user, or by the server when nothing was asked for long */
};

/* id: as in wire.h. host: its name, for people; NULL: not known, it will be when it was opened. */
LiveEndpoint *live_endpoint_new(ServerLink *server, const char *id, const char *host, const char *address);
/* A snapshot at the server. name: "HOST_2026-…Z.db", for people. */
LiveEndpoint *live_endpoint_new_snapshot(ServerLink *server, const char *id, const char *name);
gboolean live_endpoint_is_snapshot(LiveEndpoint *self);
/* Connects, where it is not connected; where the server is not, as soon as it is. */
void live_endpoint_open(LiveEndpoint *self);
/* What is shown of it stays. */
void live_endpoint_close(LiveEndpoint *self);

ServerLink *live_endpoint_get_server(LiveEndpoint *self);
const char *live_endpoint_get_id(LiveEndpoint *self);
const char *live_endpoint_get_host(LiveEndpoint *self); /* of a snapshot its name */
const char *live_endpoint_get_address(LiveEndpoint *self);
/* "live://relay.example:17443/…", or "snapshot://relay.example:17443/ID/NAME", which names it: the path of its source. */
const char *live_endpoint_get_path(LiveEndpoint *self);
enum live_state live_endpoint_get_state(LiveEndpoint *self);
const char *live_endpoint_get_reason(LiveEndpoint *self); /* NULL: none */
/* "connected", "not connected: it does not answer": one line. g_free. */
char *live_endpoint_get_words(LiveEndpoint *self);
/* NULL before it was opened once. */
Source *live_endpoint_get_source(LiveEndpoint *self);

/* The number of a session of it at the server, for what else is asked about it; 0: there is none now. */
guint64 live_endpoint_get_session(LiveEndpoint *self);

/* The one of that path; NULL: there is none. */
LiveEndpoint *live_endpoint_find(const char *path);
char *live_endpoint_path(ServerLink *server, const char *id);
char *live_endpoint_snapshot_path(ServerLink *server, const char *id, const char *name);
gboolean live_endpoint_is_path(const char *path);
/* The parts of such a path; FALSE where it is none. name: NULL unless it is of a snapshot. */
gboolean live_endpoint_split(const char *path, char **ret_host, guint *ret_port, char **ret_id, char **ret_name);
