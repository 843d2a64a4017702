/* ServerLink: one server and the app's control connection to it: login, calls, news, and coming back after a loss. The
 * password is kept until the server has taken it, the token as long as the app runs; neither is ever written anywhere.
 *
 * Signals:
 *   "changed"                                             state, reason or key
 *   "live-state" (guint64 session, guint state, const char *text)   as of wire.h's "live.state"; text may be NULL
 *   "capture"                                             one of its captures does otherwise than before
 *   "file" (const char *file, guint state, guint64 done, guint64 bytes, const char *text)   as of wire.h's "file"; text
 *                                                         may be ""
 */
#pragma once

#include <gio/gio.h>

#include "gui/server-line.h"

enum { SERVER_PORT = 17443, SERVER_KEY_TEXT = 2 * TLS_KEY + 1 };

#define SERVER_LINK_TYPE (server_link_get_type())
G_DECLARE_FINAL_TYPE(ServerLink, server_link, SERVER, LINK, GObject)

enum server_state {
	SERVER_OFF,        /* not connected; the reason, where there is one, tells why not */
	SERVER_CONNECTING, /* or waiting for the next attempt: then the reason tells why the last one failed */
	SERVER_ASKING,     /* it shows its key for the first time: server_link_trust, or _disconnect */
	SERVER_STRANGER,   /* it shows another key than the known one: nothing was said to it */
	SERVER_ONLINE,
};

/* key: in hexadecimal; NULL or "": not known yet. */
ServerLink *server_link_new(const char *host, guint port, const char *user, const char *key);
const char *server_link_get_host(ServerLink *self);
guint server_link_get_port(ServerLink *self);
const char *server_link_get_user(ServerLink *self);
const char *server_link_get_role(ServerLink *self); /* "" before it is online */
const char *server_link_get_key(ServerLink *self);  /* "" as long as none is trusted */
const char *server_link_get_shown_key(ServerLink *self); /* the last that it showed, where that is not the trusted one */
/* "relay.example", with the port where it is not the usual one. */
const char *server_link_get_name(ServerLink *self);
enum server_state server_link_get_state(ServerLink *self);
const char *server_link_get_reason(ServerLink *self); /* for people; NULL: none */

/* Connects, and logs in. */
void server_link_login(ServerLink *self, const char *user, const char *password);
/* The key that it shows is its key from now on: connects again. */
void server_link_trust(ServerLink *self);
/* Whether connecting again needs no password. */
gboolean server_link_can_resume(ServerLink *self);
/* Connects with the token of the last login; now, where an attempt is waited for. */
void server_link_resume(ServerLink *self);
/* The token stays good, here and at the server. */
void server_link_disconnect(ServerLink *self);
/* It is forgotten, here and at the server. */
void server_link_sign_out(ServerLink *self);

/* The answer of a call: c, or NULL with a text for people. Called once, never from within server_link_call. */
typedef void server_link_answer(const struct control *c, const char *error, gpointer data);
/* An id for server_link_drop. */
guint server_link_call(ServerLink *self, struct control *c, server_link_answer *answer, gpointer data);
/* The answer will not be told. */
void server_link_drop(ServerLink *self, guint id);
/* A line to another target of the same server, which must be trusted; as server_line_new. */
struct server_line *server_link_line(ServerLink *self, const char *target, const struct server_line_handler *handler,
                                     gpointer data);
/* "AB12 34CD …", in lines of 8 groups: to be compared by eye. */
char *server_link_key_words(const char *key);
