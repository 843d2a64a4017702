#include "tests/unit/wire/samples.h"

#include <string.h>

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct control_rows endpoints(struct arena *arena)
{
	struct control_endpoint *e = arena_alloc(arena, 2 * sizeof(*e));

	e[0] = (struct control_endpoint){ SPAN(HEX), SPAN("web-03"), SPAN("web"), SPAN("192.0.2.7"), SPAN("0.1.0"),
					  CONTROL_HERE, 1795602667000, 1, 2 };
	e[1] = (struct control_endpoint){ SPAN(HEX), SPAN("wöb-03"), SPAN(""), SPAN(""), SPAN(""), CONTROL_REVOKED, 0, 0, 0 };
	return (struct control_rows){ e, 2 };
}

static struct control_rows snapshots(struct arena *arena)
{
	struct control_snapshot *s = arena_alloc(arena, sizeof(*s));

	*s = (struct control_snapshot){ SPAN("c1"), SPAN(HEX), SPAN("web-03"), SPAN("web-03_2026.db"), 1795602667000,
					CONTROL_CAPTURE_DONE, 10, 10, SPAN(HEX), SPAN("ada") };
	return (struct control_rows){ s, 1 };
}

static struct control_rows files(struct arena *arena)
{
	struct control_file *f = arena_alloc(arena, sizeof(*f));

	*f = (struct control_file){ SPAN("5"), SPAN(HEX), SPAN("web-03"), SPAN("/tmp/\xff"), 1795602667000, 10, 0100644, 0,
				    UINT32_MAX, -5, SPAN(HEX), SPAN("ada") };
	return (struct control_rows){ f, 1 };
}

static void of_agent_or_bulk(struct control *c)
{
	switch (c->type) {
	case CONTROL_AGENT_ENROL:
		c->enrol.token = SPAN("t"), c->enrol.key = SPAN("\x30\x59\x00\xff"), c->enrol.host = SPAN("web-03");
		c->enrol.machine = SPAN("m");
		break;
	case CONTROL_AGENT_ENROLLED: c->enrolled.certificate = SPAN("-----\n"), c->enrolled.authority = SPAN("-----\n"); break;
	case CONTROL_AGENT_STATE: c->state.recording = true, c->state.first = -1, c->state.last = 5, c->state.bytes = 4096; break;
	case CONTROL_AGENT_DIAL:
		c->dial.ticket = SPAN("ticket"), c->dial.path = SPAN("/bin/ls"), c->dial.task = CONTROL_TASK_FILE;
		c->dial.process = 4, c->dial.max_bytes = 1;
		break;
	case CONTROL_AGENT_LOG: c->log.level = CONTROL_LOG_DEBUG; break;
	case CONTROL_BULK_OFFER:
		c->offer.transfer = UINT32_MAX, c->offer.size = 10, c->offer.mode = 0100644, c->offer.name = SPAN("/bin/ls");
		c->offer.identity = SPAN("i"), c->offer.modified = 5;
		break;
	case CONTROL_BULK_ACCEPT: c->accept.transfer = 1, c->accept.offset = 5; break;
	default: break;
	}
}

struct control samples_control(enum control_type type, struct arena *arena)
{
	struct control c = { .type = type, .id = 7 };

	switch (type) {
	case CONTROL_HELLO:
		c.hello.protocol_min = 1, c.hello.protocol_max = 2;
		c.hello.program = SPAN("spoor-agent"), c.hello.version = SPAN("0.1.0"), c.hello.host = SPAN("web-03");
		break;
	case CONTROL_WELCOME:
		c.welcome.protocol = 1, c.welcome.program = SPAN("spoor-server"), c.welcome.version = SPAN("0.1.0");
		c.welcome.time = 1795602667000;
		break;
	case CONTROL_UNWELCOME:
		c.unwelcome.protocol_min = 3, c.unwelcome.protocol_max = 4, c.unwelcome.version = SPAN("0.9");
		c.unwelcome.text = SPAN("update it");
		break;
	case CONTROL_ERROR: c.error.error = SPAN("EPERM"), c.error.text = SPAN("not yours"); break;
	case CONTROL_APP_LOGIN: c.login.user = SPAN("ada"), c.login.password = SPAN("\"\\ü"); break;
	case CONTROL_APP_RESUME: c.resume.token = SPAN("t"); break;
	case CONTROL_APP_WELCOME:
		c.app_welcome.user = SPAN("ada"), c.app_welcome.role = CONTROL_INVESTIGATOR;
		c.app_welcome.token = SPAN("t"), c.app_welcome.expires = 1795602667000;
		break;
	case CONTROL_ENDPOINT_LIST:
	case CONTROL_CAPTURE_LIST: c.list.match = SPAN("web"), c.list.after = SPAN(HEX), c.list.n = 1000; break;
	case CONTROL_ENDPOINTS: c.rows.more = true, c.rows.rows = endpoints(arena); break;
	case CONTROL_FILE_LIST: c.list.after = SPAN("5"), c.list.n = 100; break;
	case CONTROL_FILES: c.rows.more = true, c.rows.rows = files(arena); break;
	case CONTROL_CAPTURES: c.rows.rows = snapshots(arena); break;
	case CONTROL_LIVE_OPEN:
	case CONTROL_CAPTURE_START: c.endpoint.endpoint = SPAN(HEX); break;
	case CONTROL_LIVE_CLOSE: c.session.session = 9; break;
	case CONTROL_LIVE_STATE:
		c.live.session = 9, c.live.state = CONTROL_FAILED, c.live.error = SPAN("ETIMEDOUT"), c.live.text = SPAN("away");
		break;
	case CONTROL_TICKET: c.ticket.session = 9, c.ticket.ticket = SPAN("ticket"); break;
	case CONTROL_CAPTURE_PAUSE:
	case CONTROL_CAPTURE_RESUME:
	case CONTROL_CAPTURE_DELETE:
	case CONTROL_FILE_FETCH:
	case CONTROL_FILE_DELETE:
	case CONTROL_CAPTURE_OPEN: c.fetch.capture = SPAN("c1"); break;
	case CONTROL_CAPTURE_FETCH: c.fetch.capture = SPAN("c1"), c.fetch.offset = 1 << 20; break;
	case CONTROL_FILE:
	case CONTROL_CAPTURE:
		c.capture.capture = SPAN("c1"), c.capture.state = CONTROL_CAPTURE_WAITING, c.capture.done = 5;
		c.capture.bytes = UINT64_C(1) << 53;
		break;
	case CONTROL_FILE_SAVE:
		c.file.session = 9, c.file.path = SPAN("/tmp/\xff"), c.file.process = 4, c.file.max_bytes = 1 << 30;
		break;
	default: of_agent_or_bulk(&c); break;
	}
	return c;
}

enum control_side samples_side(enum control_type type)
{
	switch (type) {
	case CONTROL_WELCOME:
	case CONTROL_UNWELCOME:
	case CONTROL_APP_WELCOME:
	case CONTROL_ENDPOINTS:
	case CONTROL_LIVE_STATE:
	case CONTROL_TICKET:
	case CONTROL_CAPTURE:
	case CONTROL_CAPTURES:
	case CONTROL_FILE:
	case CONTROL_FILES:
	case CONTROL_AGENT_ENROLLED:
	case CONTROL_AGENT_DIAL:
	case CONTROL_AGENT_LOG:
	case CONTROL_DATA_READY:
		return CONTROL_SERVER;
	case CONTROL_HELLO:
	case CONTROL_AGENT_ENROL:
	case CONTROL_AGENT_STATE:
		return CONTROL_AGENT;
	default:
		return CONTROL_APP;
	}
}
