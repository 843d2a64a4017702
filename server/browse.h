/* browse: reader calls of an app about a stored snapshot, answered by a confined child (agent/session/confine.h): what an
 * endpoint or a person brought here is read by nobody else. */
#pragma once

#include "server/app.h"

struct browse;
/* Answers the call with a ticket. 0; -EMFILE, or negative errno: nothing was answered. */
int browse_new(struct app *a, uint64_t call, const char *path);
void browse_close_app(struct app *a); /* it went away */
/* Closes those that are idle for too long, or take too much memory. */
void browse_check(struct server *s, int64_t now);
