/* fetch: a stored file on its way to an app, over a connection of its own. It ends with that, or with the app's. */
#pragma once

#include "agent/transfer/send.h"
#include "server/app.h"

struct fetch;
/* Takes fd, also on failure, and answers the call with a ticket. 0; -EMFILE, or negative errno: nothing was answered. */
int fetch_new(struct app *a, uint64_t call, int fd, const char *name, const char *sha256);
void fetch_close_app(struct app *a); /* it went away */
void fetch_check(struct server *s, int64_t now); /* lets those go that take nothing for conf.idle_ms */
