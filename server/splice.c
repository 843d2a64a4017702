#include "server/splice.h"

int splice_pass(struct splice *s, unsigned from, enum websocket_kind kind, struct span payload, bool first, bool last)
{
	int r = link_send_piece(s->ends[!from], kind, payload, first, last);

	if (r == 0 && !s->held[from] && link_unsent(s->ends[!from]) >= CONN_MUCH) {
		s->held[from] = true;
		link_hold(s->ends[from], true);
	}
	return r;
}

void splice_drained(struct splice *s, unsigned end)
{
	if (!s->held[!end])
		return;
	s->held[!end] = false;
	link_hold(s->ends[!end], false);
}
