/* servers: the servers that the app knows, and the endpoints that are read live. Servers are remembered with user and key,
 * never a password, in the setting "servers"; endpoints until the app ends. Main thread. */
#pragma once

#include "gui/live-endpoint.h"

/* Once, at the start; before, nothing is remembered. */
void servers_begin(GSettings *settings);

GListModel *servers_list(void); /* of ServerLink */
/* NULL: it is not known. */
ServerLink *servers_find(const char *host, guint port);
/* The known one, or a new one; key: as of server_link_new. */
ServerLink *servers_get(const char *host, guint port, const char *user, const char *key);
/* It has been met: as it is now. */
void servers_remember(ServerLink *server);
/* With its key, and what is read through it. */
void servers_forget(ServerLink *server);

GListModel *servers_endpoints(void); /* of LiveEndpoint */
GListModel *servers_snapshots(void); /* those at servers that are open */
/* By what names it; NULL: it is not there. */
LiveEndpoint *servers_find_endpoint(const char *path);
/* The one that is there, or a new one, which is not opened yet. */
LiveEndpoint *servers_add_endpoint(ServerLink *server, const char *id, const char *host, const char *address);
/* The one that is open, or one that is to be. */
LiveEndpoint *servers_add_snapshot(ServerLink *server, const char *id, const char *name);
/* Closes it. */
void servers_remove_endpoint(LiveEndpoint *endpoint);

/* "relay.example", "relay.example:17443", "192.0.2.1:1", "[::1]:1", "::1". FALSE: it is no such thing. */
gboolean servers_parse(const char *text, char **ret_host, guint *ret_port);
