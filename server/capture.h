/* capture: a snapshot of an endpoint's database, brought here by a transfer of its own, however often that must begin again:
 * it waits for an endpoint that is away, and goes on where it was after a restart of either program. One that is whole is
 * an object of the depot, and no struct capture any more. Whoever may see its endpoint hears how it does. */
#pragma once

#include "agent/transfer/receive.h"
#include "server/app.h"
#include "server/data.h"

enum { CAPTURE_TEXT = 256, CAPTURE_MOST = 256, CAPTURE_SILENCE_MS = 60000, CAPTURE_RETRY_MS = 2000, CAPTURE_TRIES = 20 };

struct capture {
	struct capture *next, **at;  /* of server->captures */
	struct server *server;
	int64_t id;                  /* the object's; "capture" in messages is its digits */
	char key[DEPOT_KEY + 1], host[256], by[DEPOT_NAME_MAX + 1];
	int64_t endpoint, computers, user, taken_ms;
	enum control_capture_state state; /* never DONE */
	int error;                   /* FAILED */
	char text[CAPTURE_TEXT];
	char name[256];              /* as offered */
	uint64_t done, bytes;
	struct ticket *ticket;
	struct data *data;
	struct receive *receive;
	uint64_t call;               /* of the agent.dial; 0: answered */
	int64_t heard, again;        /* monotonic: the last progress; when it is tried again */
	unsigned tries;              /* without progress */
	bool news;                   /* somebody is to hear of its progress */
};

/* What the depot has of those that are not whole. 0 or negative errno. */
int capture_load_all(struct server *s);
void capture_free_all(struct server *s);
/* A new one, stored, that begins as soon as its endpoint is here. 0; -EBUSY one of it is under way; -EMFILE; … */
int capture_new(struct app *app, const char *key, const char *host, int64_t endpoint, int64_t computers,
		struct capture **ret);
struct capture *capture_find(const struct server *s, int64_t id); /* NULL: none that is not whole */
int capture_pause(struct capture *c);
int capture_resume(struct capture *c); /* also one that failed */
/* It is no more, nor what came of it. 0 or negative errno. */
int capture_delete(struct capture *c);
/* What a message tells of it; lasts as long as *c and `id`. */
struct control capture_message(const struct capture *c, char id[24]);
/* What the agent said to an agent.dial that it will not do: an error's name and a line. */
void capture_answered(struct server *s, const char *key, uint64_t call, const char *error, const char *text);
/* That endpoint's connection is gone: they wait for it. */
void capture_lost(struct server *s, const char *key);
/* That endpoint is here, or something is to begin: what waits for it does. */
void capture_go_on(struct server *s, const char *key);
void capture_check(struct server *s, int64_t now); /* once a second */
/* Can a snapshot be called so: what can be in the name of one as it is shown, and becomes that of a download. */
bool capture_is_name(struct span name);
/* Who may see computers of that group hears that a snapshot of so many bytes is here whole. */
void capture_tell_done(struct server *s, int64_t id, int64_t computers, uint64_t bytes);
/* The folder of snapshots and files, and its limits. */
struct part_place capture_place(const struct server *s);
