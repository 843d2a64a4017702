/* login: how an app's connection becomes a user's: by password (checker.h), or by the token of an earlier login. Failures
 * are counted by user and by address (ratelimit.h), before the check: who asks twice at once is counted twice. */
#pragma once

#include "server/app.h"
#include "server/who.h"

void login_begin(struct app *a, const struct control *c);  /* "app.login" */
void login_resume(struct app *a, const struct control *c); /* "app.resume" */
/* The token is forgotten, and the connection with it. */
void login_end(struct app *a, const struct control *c);
/* Whose token it is. */
struct login_holder {
	int64_t user, token, expires_ms;
	char name[DEPOT_NAME_MAX + 1];
	struct who who; /* for who_free */
};
/* For one request. network: see peer_network. 0; -EBUSY too many failed there; -EACCES it is none, or the user is
 * disabled; or negative errno. */
int login_find(struct server *s, const char *network, struct span token, struct login_holder *ret);
/* What is under way is forgotten. */
void login_cancel(struct app *a);
/* Tokens that nobody can use any more go. */
void login_sweep(struct server *s);
