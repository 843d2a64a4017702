/* server: what the parts of a running server share. Each part has its own header; here is what they find each other by.
 *
 * One loop does everything but checking passwords. A peer (peer.h) is one WebSocket, of four classes: an app's (app.h) or
 * an agent's (agent.h) control connection, a computer that enrols (enrol.h), and one end of a session or transfer
 * (data.h). */
#pragma once

#include "agent/base/map.h"
#include "server/authorise.h"
#include "server/conf.h"
#include "server/depot.h"

struct fdm;
struct peer;
struct app;
struct agent;
struct ticket;
struct session;
struct capture;
struct fetch;
struct save;
struct browse;
struct upload;

struct server {
	struct fdm *fdm;
	const char *folder;
	struct conf conf;
	struct depot *depot;
	char *authority, *authority_key; /* PEM: what signs endpoints' certificates */
	struct gate *gate;
	struct checker *checker;
	struct ratelimit *logins;        /* failures, by user and by address */
	struct revoked *revoked;
	struct contacts *contacts;
	struct peer *peers;              /* all, newest first; the lists below are parts of it */
	struct app *apps;
	struct agent *agents;
	struct map agents_by_key;        /* by the first 64 bits of it */
	struct ticket *tickets;
	struct session *sessions;
	struct capture *captures;        /* those that are not whole */
	struct fetch *fetches;
	struct save *saves;              /* files that are not whole */
	struct browse *browses;
	struct upload *uploads;
	char *objects;                   /* the folder of snapshots and files */
	uint64_t last_id;                /* of a session */
	int64_t started_ms, changes;     /* changes: depot_changes as last seen */
	unsigned n_apps, n_agents, n_sessions;
	bool stopping;
};

/* Adds to the activity log, and to the server's log. about: hostile text is made fit to show. */
void server_note(struct server *s, int64_t user, const char *address, const char *request, const char *about,
		 const char *outcome);
/* What an endpoint said of why it does not do something, as one line that can be sent, kept and shown. text may be NULL. */
void server_refusal(char *out, size_t size, const char *error, const char *text);
