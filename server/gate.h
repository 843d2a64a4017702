/* gate: the two ports, and who is let in where (wire.h, "Between programs"). */
#pragma once

#include "server/server.h"

struct gate;
/* Opens both, or tells in *ret_error (one line, malloc'd) why not. */
int gate_new(struct server *s, struct gate **ret, char **ret_error);
/* Reads certificates and the server's key anew, for those that come from now on. On failure all stays as it was. */
int gate_reload(struct gate *g, char **ret_error);
void gate_stop(struct gate *g);           /* takes nobody in any more */
unsigned gate_connections(const struct gate *g);
uint16_t gate_app_port(const struct gate *g);
uint16_t gate_agent_port(const struct gate *g);
void gate_free(struct gate *g);           /* cuts who is there; NULL is fine */
