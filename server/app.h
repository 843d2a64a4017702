/* app: an app's control connection: login, then requests, each of which passes authorise. */
#pragma once

#include "server/peer.h"

/* A list looks at all there is: so many messages' work (peer_pay). */
enum { APP_LIST_COST = 10 };

struct app {
	struct peer peer;
	struct app *next, **at;    /* of server->apps */
	int64_t user;              /* 0: not logged in */
	char name[DEPOT_NAME_MAX + 1];
	int64_t token, expires_ms; /* of its login */
	bool dropped;              /* it goes, as others that came wait */
	bool asked;                /* a password is being checked */
	uint64_t call;             /* of that login */
};

/* May the app's user do that? As authorise, with the user as the depot has it now; what is refused is noted in the
 * activity log with `about`. */
int app_may(struct app *a, enum authorise_request request, const struct authorise_what *what, const char *about);
/* app_may, and whoever may not is answered. */
bool app_allows(struct app *a, uint64_t call, enum authorise_request request, const struct authorise_what *what,
		const char *about);

unsigned app_accept(struct server *s, struct link *l, struct peer **ret);
/* Lets those go whose login is over: expired, logged out, disabled. recheck: as somebody else may have changed that. */
void app_check(struct server *s, bool recheck);
