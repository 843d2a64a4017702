#include "server/server.h"

#include <errno.h>
#include <stdio.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/log.h"
#include "agent/base/text.h"
#include "agent/wire/wire.h"

void server_refusal(char *out, size_t size, const char *error, const char *text)
{
	static const char head[] = "the endpoint refused: ";
	AUTO_BUF shown = BUF_INIT;
	struct span cut;

	text_visible(&shown, span_of(text ? text : error));
	cut = text_cut(shown.failed ? SPAN("") : buf_span(&shown), size - sizeof(head));
	snprintf(out, size, "%s%.*s", head, SPAN_FMT(cut));
}

void server_note(struct server *s, int64_t user, const char *address, const char *request, const char *about,
		 const char *outcome)
{
	AUTO_BUF shown = BUF_INIT;
	struct depot_activity a = { 0, clock_now(), user, address, request, "", outcome };
	int r;

	text_visible(&shown, span_of(about));
	a.about = shown.failed || !shown.p ? "" : shown.p;
	log_info("%s: %s %s: %s", *address ? address : "here", request, a.about, outcome);
	r = depot_activity_add(s->depot, &a);
	if (r < 0)
		log_error("the activity log takes nothing: %s", strerror(-r));
}
