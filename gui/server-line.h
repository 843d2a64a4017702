/* server-line: one connection of the app to a server: dialled, the server's key compared with the one that is known,
 * greeted. Then messages of agent/wire/control.h go both ways, or the link is taken over, once both
 * ends of a session are there. For the main thread; nothing waits.
 *
 * A server is known by its key, not by its name or certificate: whoever has no key of it yet learns which it shows from
 * the end of a first attempt, and nothing was said to it then. */
#pragma once

#include <glib.h>

#include "agent/net/link.h"
#include "agent/wire/control.h"

struct server_line;

enum server_line_why {
	SERVER_LINE_CUT,       /* it was there and is not any more, or is not to be reached: worth another attempt */
	SERVER_LINE_OTHER_KEY, /* or one that shows itself for the first time */
	SERVER_LINE_REFUSED,   /* it answers, but will not have us */
};

struct server_line_end {
	enum server_line_why why;
	const char *text;         /* for people */
	const unsigned char *key; /* of OTHER_KEY: TLS_KEY bytes that it showed */
};

struct server_line_handler {
	void (*ready)(struct server_line *l, void *data);
	/* What c points to is there during the call. */
	void (*message)(struct server_line *l, const struct control *c, void *data);
	/* The last call; the line is freed when it returns. */
	void (*closed)(struct server_line *l, const struct server_line_end *end, void *data);
};

struct server_line_place {
	const char *host; /* a name or an address */
	guint16 port;
	const unsigned char *key; /* TLS_KEY bytes; NULL: not known yet, so it will end with OTHER_KEY */
	const char *target;       /* "/app" */
};

/* The place is copied. NULL: descriptors, threads or memory are out. The handler must outlive it. */
struct server_line *server_line_new(const struct server_line_place *place, const struct server_line_handler *handler,
                                    void *data);
/* Gives it an id, which is returned: rising from 1; 0: it is not to be sent, as closed says or has said. */
guint64 server_line_send(struct server_line *l, struct control *c);
/* Ends it without a call. NULL is fine. */
void server_line_free(struct server_line *l);
/* From within `message`: the link is the caller's from now on, and must have ended before the line is freed. */
struct link *server_line_steal(struct server_line *l);
