/* session: an investigator's reader calls to an endpoint, relayed: two ends (data.h) and a splice. It lives from live.open
 * until it is closed: by hand, by an end that goes, after a time without activity, or because it may not be any more. Its
 * states are told as "live.state"; what is searched goes into the activity log. */
#pragma once

#include "server/app.h"
#include "server/data.h"
#include "server/splice.h"
#include "server/tap.h"

enum { SESSION_APP, SESSION_AGENT };

struct session_end {
	struct session *session;
	struct ticket *ticket;
	struct data *data;
};

struct session {
	struct session *next, **at; /* of server->sessions */
	struct server *server;
	struct app *app;
	uint64_t id, call;          /* call: of the agent.dial */
	int64_t user;
	char key[DEPOT_KEY + 1], host[256];
	int64_t computers;
	struct session_end ends[2];
	bool connected;
	struct splice splice;
	struct tap tap;
	int64_t active;             /* monotonic: the last message of the app */
};

/* Begins one and answers the call with its ticket, or with why not. */
void session_open(struct app *app, uint64_t call, const char *key);
/* NULL when there is none of that number. */
struct session *session_find(const struct server *s, uint64_t id);
/* error: 0 closed in order (or 0 with text), else failed, or closed after it was connected. */
void session_close(struct session *s, int error, const char *text);
/* What the agent said to an agent.dial: error 0, or a name and a line. */
void session_answered(struct server *s, const char *key, uint64_t call, const char *error, const char *text);
/* Of an app or of an endpoint that went away. */
void session_close_app(struct app *app);
void session_close_key(struct server *s, const char *key, int error, const char *text);
/* Closes those that are idle for too long. */
void session_check(struct server *s, int64_t now);
/* Closes those whose user may not do that any more. */
void session_recheck(struct server *s);
