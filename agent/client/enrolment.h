/* enrolment: what ties this endpoint to a server, in one file, so that it always belongs together: the key, the server's
 * certificate for it, the authority that the server must be known by, and the server's name. As text: "server NAME PORT",
 * "foreign yes|no", then the key, the certificate and the authority as PEM.
 *
 * The file is root's alone (0600): the client reads it before it gives its rights up. */
#pragma once

#include "agent/client/client-conf.h"
#include "agent/net/tls.h"

struct enrolment {
	struct client_conf_server server;
	bool foreign; /* the authority signs others' servers too, and no unit tells which is Spoor's */
	struct tls_identity *identity;
	struct tls_authority *authority;
};

/* 0; -ENOENT there is none; -EINVAL it makes no sense; … */
int enrolment_load(const char *path, struct enrolment *ret);
void enrolment_free(struct enrolment *e); /* the key is wiped */
/* Appears whole or not at all. certificate, authority: PEM, one each. 0 or negative errno; -EKEYREJECTED: the certificate is not
 * for that key. */
int enrolment_save(const char *path, const struct client_conf_server *server, bool foreign, struct span key,
		   struct span certificate, struct span authority);
/* The policy for this server: what it points to is the enrolment's. */
struct tls_policy enrolment_policy(const struct enrolment *e);
/* The endpoint's name: 64 hex digits. */
enum { ENROLMENT_ID = 2 * TLS_KEY + 1 };
char *enrolment_id(const struct enrolment *e, char out[ENROLMENT_ID]);
