/* login: how an app's connection becomes a user's: by password (checker.h), or by the token of an earlier login. Failures
 * are counted by user and by address (ratelimit.h), before the check: who asks twice at once is counted twice. */
#pragma once

#include "server/app.h"

void login_begin(struct app *a, const struct control *c);  /* "app.login" */
void login_resume(struct app *a, const struct control *c); /* "app.resume" */
/* The token is forgotten, and the connection with it. */
void login_end(struct app *a, const struct control *c);
/* What is under way is forgotten. */
void login_cancel(struct app *a);
/* Tokens that nobody can use any more go. */
void login_sweep(struct server *s);
