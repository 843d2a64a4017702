/* ask: what the agent's client, which has no rights, asks the opener for, which has some and no network: descriptors of
 * files for reading. Over a socket of SOCK_SEQPACKET beside the database, both ends this program. An answer comes when it
 * does: others may come before it. What the client asks for is checked as if it came from the server, as it does. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "agent/base/fdm.h"

enum { ASK_PATH = 4096, ASK_FILE_NAME = 256, ASK_WHY = 256, ASK_AT_ONCE = 8 };
enum ask_kind {
	ASK_FILE = 1,   /* path, max_bytes */
	ASK_EXECUTABLE, /* path, max_bytes, pid, start_ms: openfile.h */
	ASK_CAPTURE,    /* path: the capture's name: keep.h */
	ASK_FETCHED,    /* path: the same; has no answer */
};

struct ask_request {
	uint32_t kind;
	uint64_t id;
	int64_t pid, start_ms;
	uint64_t max_bytes;
	char path[ASK_PATH + 1];
};

struct ask_answer {
	uint64_t id;
	int32_t error;            /* 0: with a descriptor */
	char file[ASK_FILE_NAME]; /* of a capture: its name */
	char why[ASK_WHY];        /* of an error: a line for people */
};

/* ---- the opener ---- */

/* A socket at "DATABASE" ASK_SOCKET that the group may connect to. 0 or negative errno. */
#define ASK_SOCKET ".opener"
int ask_listen(const char *database, gid_t group, int *ret_fd);
/* Answers that user, and root: each request in a process of its own, ASK_AT_ONCE at most. Ends with a negative errno. */
int ask_serve(int listener, uid_t user, const char *database);

/* ---- the client ---- */

struct asker;
/* fd: -1 with an error; else the callee's. */
typedef void asker_answer_fn(const struct ask_answer *a, int fd, void *data);

/* Connects when something is asked; when the opener goes, what was asked is answered with -EPIPE. 0 or -ENOMEM. */
int asker_new(struct fdm *fdm, const char *database, struct asker **ret);
void asker_free(struct asker *a); /* nobody hears anything more; NULL is fine */
/* Sets the request's id. 0; -EAGAIN when too much is asked already; -ENOENT, -ECONNREFUSED nobody opens; or negative errno.
 * Never answers from here. answer: NULL for what has none. */
int asker_ask(struct asker *a, struct ask_request *request, asker_answer_fn *answer, void *data);
/* The answer is not wanted any more. */
void asker_forget(struct asker *a, uint64_t id);
