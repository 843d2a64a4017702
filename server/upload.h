/* upload: a snapshot that a plain HTTP client brings, "PUT /snapshots/HOST_2026_11_20T08.55.01.204Z.db" with the token of a
 * login (wire.h). It comes into a part file; a confined child must be able to open it; then it is listed like a capture. One
 * that breaks off, or is not taken, leaves nothing. */
#pragma once

#include "agent/net/link.h"
#include "server/server.h"

#define UPLOAD_TARGET "/snapshots/"

/* The head of such a request is here. The link is the upload's from now on, until it is answered. */
void upload_begin(struct server *s, struct link *l, const struct http_head *head, struct buf *out);
void upload_check_all(struct server *s, int64_t now); /* once a second */
void upload_stop_all(struct server *s);               /* the server stops: they are told */
void upload_sweep(struct server *s);                  /* at the start: what a server that was killed left */
