/* Captures: the snapshots that the connected servers hold, whole or on their way there. One for the app, for the main
 * thread. Signals:
 *   "changed"                    what captures_all tells
 *   "told" (const char *error)   how something that was to be done went; NULL: well
 */
#pragma once

#include "agent/wire/control.h"
#include "gui/live-endpoint.h"

/* One of them, as it was when it was listed. Texts are for people but for the first two. */
struct capture {
	ServerLink *server;
	char *id, *endpoint, *host, *name, *by;
	gint64 taken;
	enum control_capture_state state;
	guint64 done, bytes;
};

struct capture *capture_ref(struct capture *c);
void capture_unref(gpointer c);

#define CAPTURES_TYPE (captures_get_type())
G_DECLARE_FINAL_TYPE(Captures, captures, SPOOR, CAPTURES, GObject)

Captures *captures_get(void); /* not the caller's */
/* Of struct capture; until the next "changed". */
const GPtrArray *captures_all(Captures *self);
/* Begins one. */
void captures_start(Captures *self, LiveEndpoint *e);
/* CONTROL_CAPTURE_PAUSE, _RESUME or _DELETE. */
void captures_call(Captures *self, const struct capture *c, enum control_type what);
