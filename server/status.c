#include "server/status.h"

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/wire/http.h"
#include "agent/wire/wire.h"

void status_answer(const struct server *s, bool close, struct buf *out)
{
	int64_t now = clock_now();
	AUTO_BUF body = BUF_INIT;

	buf_printf(&body, "{\"program\":\"spoor-server\",\"version\":\"%s\",\"protocol_min\":%d,\"protocol_max\":%d,"
		   "\"time\":%lld,\"up_ms\":%lld,\"agents\":%u,\"apps\":%u,\"sessions\":%u,\"state\":\"%s\"}\n",
		   SPOOR_VERSION, WIRE_PROTOCOL_MIN, WIRE_PROTOCOL_MAX, (long long)now, (long long)(now - s->started_ms),
		   s->n_agents, s->n_apps, s->n_sessions, s->stopping ? "stopping" : "running");
	http_put_response(out, 200, "application/json", buf_span(&body), close, "Cache-Control: no-store\r\n");
}
