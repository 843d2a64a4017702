/* client: keeps this endpoint connected to its server and does there what it is asked for (task.h). One thread, one loop; it
 * never touches the recording but to read it. */
#pragma once

#include "agent/client/report.h"

struct client_config {
	const char *database;              /* of the recorder */
	const char *health;                /* what the recorder tells (recorder/health.h) */
	const char *host;                  /* how this endpoint is called */
	struct client_conf *conf;
	const struct enrolment *enrolment;
	/* For the log; text is fit to show. */
	void (*tell)(enum log_level level, const char *text);
	/* The server wants the log to tell so much. */
	void (*set_level)(enum log_level level);
	/* SIGHUP: *conf may change in what is used anew each time (sessions, session_memory). false: end, to begin anew. */
	bool (*reload)(struct client_conf *conf);
};

/* Until SIGTERM, SIGINT, or `reload` says so: 0. Negative errno when it could not begin. */
int client_run(const struct client_config *config);
