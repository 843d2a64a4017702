/* client-conf: what the agent's client is told by the configuration file's section [client] (assets/spoor-agent.conf has
 * it with comments); other sections are read by others.
 *
 *   connect = yes             to the server that this endpoint was enrolled with
 *   server = NAME[:PORT] [ADDRESS[:PORT]]   instead of the one enrolled with; several are tried in order
 *   user = spoor              whose rights the client has
 *   identity = FILE           what enroll wrote
 *   status = FILE             what it tells about itself, for `status`
 *   log = FILE, log-level = LEVEL
 *   sessions = N              how many at once
 *   session-memory = SIZE     of one: K, M, G are powers of 1000
 */
#pragma once

#include "agent/base/buf.h"
#include "agent/base/log.h"

#define CLIENT_CONF_IDENTITY "/var/lib/spoor/client.pem"
#define CLIENT_CONF_STATUS "/run/spoor/client/status"
#define CLIENT_CONF_LOG "/var/log/spoor/client.log"
enum {
	CLIENT_CONF_PORT = 17444, CLIENT_CONF_SERVERS = 8, CLIENT_CONF_NAME = 254, CLIENT_CONF_PATH = 1024,
	CLIENT_CONF_USER = 33, CLIENT_CONF_SESSIONS_MAX = 64,
};

struct client_conf_server {
	char name[CLIENT_CONF_NAME];    /* what its certificate says */
	char address[CLIENT_CONF_NAME]; /* where it is; "": at its name */
	uint16_t port;
};

struct client_conf {
	bool connect;
	struct client_conf_server servers[CLIENT_CONF_SERVERS];
	size_t n_servers;
	char user[CLIENT_CONF_USER];
	char identity[CLIENT_CONF_PATH], status[CLIENT_CONF_PATH], log[CLIENT_CONF_PATH];
	enum log_level log_level;
	unsigned sessions;
	uint64_t session_memory;
};

/* The defaults where the file says nothing; `optional`: also where there is no file. 0, or negative errno with one malloc'd
 * line "PATH: line N: why". */
int client_conf_load(const char *path, bool optional, struct client_conf *ret, char **ret_error);
/* name: for the line. */
int client_conf_parse(const char *name, struct span text, struct client_conf *ret, char **ret_error);

/* "NAME[:PORT]", "NAME:PORT ADDRESS:PORT": an IPv6 address with a port stands in brackets. 0, or -EINVAL with why. */
int client_conf_read_server(struct span value, struct client_conf_server *ret, struct buf *why);
