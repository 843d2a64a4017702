/* status: GET /status, for who watches over the server. Small, and nothing in it that is not everybody's to know. */
#pragma once

#include "server/server.h"

struct buf;
/* Appends the response: {"program":"spoor-server","version":"…","protocol_min":1,"protocol_max":1,"time":ms UTC,
 * "up_ms":…,"agents":…,"apps":…,"sessions":…,"state":"running"|"stopping"} */
void status_answer(const struct server *s, bool close, struct buf *out);
