/* listener: accepts TCP connections on an fdm and makes a conn of each, with limits: how many there may be, and how many
 * that have not shown who they are. When there are too many of these the oldest goes, so that a flood of half-open ones
 * keeps nobody out whose handshake takes its usual moment. Once a second all of them are checked (conn_check). */
#pragma once

#include "agent/net/conn.h"

struct listener_config {
	struct tls_policy policy;   /* of every connection; what it points to must outlive the listener */
	struct conn_limits limits;
	unsigned max_connections;   /* when there are more the oldest stranger goes (conn_vouch), or who comes when there is none */
	unsigned max_unopened;
	unsigned max_strangers;     /* at one address: more are closed as they come (conn_vouch); 0: no limit */
	const struct conn_handler *handler;
	void *data;                 /* of the handler, until conn_set_data */
};

struct listener;
/* address: IPv4 or IPv6, NULL: any of both. port 0: any free one. 0, -EINVAL, -ENOMEM, or the errno of socket, bind, listen
 * and so on. */
int listener_new(struct fdm *fdm, const char *address, uint16_t port, const struct listener_config *config,
		 struct listener **ret);
/* Aborts its connections (with -ESHUTDOWN). Not from a handler of one of them. NULL is fine. */
void listener_free(struct listener *l);
/* Takes no more connections; those that are there stay. */
void listener_stop(struct listener *l);
/* Of those that come from now on. */
void listener_set_policy(struct listener *l, const struct tls_policy *policy);
uint16_t listener_port(const struct listener *l);
const struct conn_group *listener_group(const struct listener *l);
