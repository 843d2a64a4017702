/* save: a file of an endpoint on its way here. It ends with the app's connection that asked for it, or the endpoint's: a file
 * is not waited for, as what it held then is what matters. One that is whole is an object of the depot. */
#pragma once

#include "server/app.h"
#include "server/endpoints.h"

enum { SAVE_MOST = 64, SAVE_MOST_OF_ONE = 8 /* of one user */, SAVE_SILENCE_MS = 60000, SAVE_TEXT = 256 };

/* What "file.save" asks for, of the endpoint of that key. Answers the call with its "file", or with why not. */
void save_begin(struct app *a, const struct control *c, const char *key, const struct endpoints_one *e);
/* Cancels that of the app, by the name that its "file" bears. */
bool save_cancel(struct app *a, struct span name);
/* What the agent said to an agent.dial that it will not do: an error's name and a line. */
void save_answered(struct server *s, const char *key, uint64_t call, const char *error, const char *text);
void save_lost(struct server *s, const char *key); /* that endpoint's connection is gone */
void save_close_app(struct app *a);
/* Tells how they do, and ends those from which nothing comes: once a second. */
void save_check(struct server *s, int64_t now);
/* Closes those whose user may not do that any more. */
void save_recheck(struct server *s);
