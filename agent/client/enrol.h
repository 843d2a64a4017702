/* enrol: makes this endpoint known to a server: a key is made, the server asked to certify it, and what comes back kept
 * (enrolment.h). */
#pragma once

#include "agent/client/enrolment.h"

struct enrol_request {
	const struct client_conf_server *server;
	bool foreign;            /* see enrolment.h */
	struct span authority;   /* PEM: whom to believe */
	struct span token;       /* of `spoor-server token create` */
	const char *host;        /* how the endpoint is called */
	const char *path;        /* of the enrolment to be */
};

/* Blocks until the server answered. 0; negative errno with one malloc'd line "what: why" in *ret_error. */
int enrol_run(const struct enrol_request *request, char **ret_error);
