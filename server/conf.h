/* conf: the server's configuration file (spoor-server.conf(5) is its manual; assets/spoor-server.conf shows the defaults). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/base/log.h"

#define CONF_DEFAULT "/etc/spoor/spoor-server.conf"

struct conf {
	char *address;                /* NULL: every one, IPv4 and IPv6 */
	int64_t app_port, agent_port; /* 0: any free one */
	int64_t connections;          /* of each port */
	int64_t strangers;            /* connections of one address that have not shown who they are; 0: no limit */
	int64_t unopened;             /* connections of a port whose TLS handshake is under way */
	int64_t sessions, sessions_per_user, sessions_per_endpoint;
	int64_t file_bytes, stored_bytes, free_bytes; /* snapshots: of one, of all, what the disk keeps */
	int64_t idle_ms, login_ms, certificate_days;
	char *log_file;               /* NULL: standard error */
	enum log_level log_level;
	enum log_format log_format;
	bool tells_agents;            /* agents' clients log at this level; false: at their own */
	enum log_level agents_level;
};

void conf_default(struct conf *ret);
/* 0; negative errno with one line "FILE:LINE: why" or "FILE: why" in *ret_error (malloc'd, may be NULL). */
int conf_load(const char *path, struct conf *ret, char **ret_error);
/* The same; path NULL: the usual file, and the defaults when there is none. */
int conf_load_usual(const char *path, struct conf *ret, char **ret_error);
void conf_free(struct conf *c);
