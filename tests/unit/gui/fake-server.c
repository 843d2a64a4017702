#include "tests/unit/gui/fake-server.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/net/pump.h"
#include "agent/session/serve.h"
#include "agent/transfer/send.h"
#include "agent/wire/control.h"
#include "agent/wire/wire.h"

enum { MAX_PEERS = 64, MAX_SESSIONS = 256 };

/* The data of a link: the server, until it is known what it wants. */
enum what { SERVER, PEER };

struct peer {
	enum what what;
	struct fake_server *server;
	struct link *link;
	struct pump *pump; /* instead of the link */
	struct send *send; /* of a file, through the link */
	bool data, greeted;
	unsigned session;
};

struct fake_server {
	enum what what;
	struct fake_server_config config;
	struct fake_server_seen seen;
	struct link_server *listener;
	struct peer *peers[MAX_PEERS];
	struct peer *owners[MAX_SESSIONS]; /* the control connection of each session */
	unsigned tokens;
	enum control_capture_state capture;
	unsigned captures; /* 0 or 1 */
	bool whole[3];
	bool still[MAX_SESSIONS]; /* sessions of snapshots: nothing is told of them */
	unsigned saves;    /* asked for */
	char *saved;       /* the path of the file that is kept */
	bool fetch[MAX_SESSIONS]; /* no sessions, but files */
};

static struct peer *peer_new(struct fake_server *s, struct link *l, bool data)
{
	for (unsigned i = 0; i < MAX_PEERS; i++) {
		if (s->peers[i])
			continue;
		s->peers[i] = calloc(1, sizeof(struct peer));
		*s->peers[i] = (struct peer){ .what = PEER, .server = s, .link = l, .data = data };
		s->seen.links++;
		return s->peers[i];
	}
	abort();
}

static void peer_free(struct peer *p)
{
	struct fake_server *s = p->server;

	for (unsigned i = 0; i < MAX_PEERS; i++)
		if (s->peers[i] == p)
			s->peers[i] = NULL;
	for (unsigned i = 0; i < MAX_SESSIONS; i++)
		if (s->owners[i] == p)
			s->owners[i] = NULL;
	s->seen.links--;
	send_free(p->send);
	free(p);
}

static void say(struct peer *p, struct control *c)
{
	struct buf out = BUF_INIT;

	if (control_put(&out, c) < 0)
		abort();
	if (p->link)
		link_send(p->link, WEBSOCKET_TEXT, buf_span(&out));
	buf_free(&out);
}

static void say_error(struct peer *p, uint64_t id, const char *name, const char *text)
{
	struct control c = { .type = CONTROL_ERROR, .id = id };

	c.error.error = span_of(name);
	c.error.text = span_of(text);
	say(p, &c);
}

static void say_state(struct peer *p, unsigned session, unsigned state, const char *text)
{
	struct control c = { .type = CONTROL_LIVE_STATE };

	if (p->server->still[session % MAX_SESSIONS])
		return;
	c.live.session = session;
	c.live.state = state;
	if (text)
		c.live.text = span_of(text);
	say(p, &c);
}

/* ---- sessions ---- */

struct serving {
	int fd;
	struct reader *reader;
};

static void *serve_main(void *data)
{
	struct serving *s = data;

	serve_reader(s->fd, s->reader);
	reader_close(s->reader);
	close(s->fd);
	free(s);
	return NULL;
}

static void on_done(struct pump *pump, const struct link_end *end, void *data)
{
	struct peer *p = data, *owner = p->server->owners[p->session % MAX_SESSIONS];

	if (owner)
		say_state(owner, p->session, CONTROL_CLOSED, NULL);
	p->server->seen.closed++;
	peer_free(p);
}

static void begin_session(struct peer *p)
{
	struct serving *s = malloc(sizeof(*s));
	struct control c = { .type = CONTROL_DATA_READY };
	struct pump_config config = { .fdm = p->server->config.fdm, .link = p->link, .max_message = WIRE_ANSWER_BYTES,
				      .done = on_done, .data = p };
	pthread_t thread;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	say(p, &c);
	link_set_max_message(p->link, WIRE_REQUEST_BYTES);
	*s = (struct serving){ fds[1], p->server->config.open(p->server->config.data) };
	config.fd = fds[0];
	if (pthread_create(&thread, NULL, serve_main, s) != 0 || pump_new(&config, &p->pump) < 0)
		abort();
	pthread_detach(thread);
	p->link = NULL;
	say_state(p->server->owners[p->session % MAX_SESSIONS], p->session, CONTROL_CONNECTED, NULL);
}

static void on_sent(struct send *s, int error, const char *text, void *data)
{
	link_close(((struct peer *)data)->link, WEBSOCKET_NORMAL, "");
}

static void begin_fetch(struct peer *p)
{
	struct control c = { .type = CONTROL_DATA_READY };
	struct send_config config = { .fdm = p->server->config.fdm, .link = p->link, .name = SPAN("web-03.db"),
				      .identity = SPAN("one"), .max_bytes = INT64_MAX, .done = on_sent, .data = p };
	unsigned char *bytes = malloc(FAKE_SERVER_SIZE);

	for (size_t i = 0; i < FAKE_SERVER_SIZE; i++)
		bytes[i] = (unsigned char)(i / 1000);
	config.fd = memfd_create("snapshot", MFD_CLOEXEC);
	if (write(config.fd, bytes, FAKE_SERVER_SIZE) != FAKE_SERVER_SIZE)
		abort();
	free(bytes);
	p->server->seen.fetched++;
	say(p, &c);
	link_set_max_message(p->link, BULK_MAX_MESSAGE);
	if (send_new(&config, &p->send) < 0)
		abort();
}

/* ---- control ---- */

static void welcome_app(struct peer *p, uint64_t id)
{
	struct control c = { .type = CONTROL_APP_WELCOME, .id = id };
	char token[32];

	snprintf(token, sizeof(token), "token-%u", ++p->server->tokens);
	c.app_welcome.user = SPAN("alice");
	c.app_welcome.role = CONTROL_INVESTIGATOR;
	c.app_welcome.token = span_of(token);
	c.app_welcome.expires = clock_now() + MS_PER_DAY;
	say(p, &c);
}

static void resume(struct peer *p, const struct control *c)
{
	char token[32];

	p->server->seen.resumes++;
	snprintf(token, sizeof(token), "token-%u", p->server->tokens);
	if (span_eq(c->resume.token, span_of(token)))
		welcome_app(p, c->id);
	else
		say_error(p, c->id, "EACCES", "the token is not known");
}

static void log_in(struct peer *p, const struct control *c)
{
	p->server->seen.logins++;
	if (span_eq(c->login.user, SPAN("alice")) && span_eq(c->login.password, SPAN("secret")))
		welcome_app(p, c->id);
	else
		say_error(p, c->id, "EACCES", "no such user with that password");
}

static void list(struct peer *p, const struct control *asked)
{
	static const struct { const char *endpoint, *host, *address; unsigned state; } all[] = {
		{ FAKE_SERVER_WEB, "web-03", "192.0.2.3", CONTROL_HERE },
		{ FAKE_SERVER_DB, "db-01", "192.0.2.7", CONTROL_AWAY },
		{ FAKE_SERVER_TWIN, "web-03", "192.0.2.9", CONTROL_HERE },
	};
	struct control c = { .type = CONTROL_ENDPOINTS, .id = asked->id };
	struct control_endpoint rows[3];
	char *match = asked->list.match.p ? strndup(asked->list.match.p, asked->list.match.n) : strdup("");
	size_t n = 0;

	p->server->seen.lists++;
	for (size_t i = 0; i < 3; i++) {
		if (!strstr(all[i].host, match) && !strstr(all[i].address, match))
			continue;
		rows[n++] = (struct control_endpoint){
			.endpoint = span_of(all[i].endpoint), .host = span_of(all[i].host), .group = SPAN("Servers"),
			.address = span_of(all[i].address), .version = SPAN("0.1.0"), .state = all[i].state,
			.last_contact = INT64_C(1763632800000), .first = INT64_C(1763600000000), .last = INT64_C(1763632800000),
		};
	}
	c.rows.rows = (struct control_rows){ rows, n };
	say(p, &c);
	free(match);
}

static void say_ticket(struct peer *p, uint64_t id, bool still, bool fetch)
{
	struct control c = { .type = CONTROL_TICKET, .id = id };
	unsigned session = ++p->server->seen.opened;
	char ticket[32];

	p->server->still[session % MAX_SESSIONS] = still;
	p->server->fetch[session % MAX_SESSIONS] = fetch;
	snprintf(ticket, sizeof(ticket), "ticket-%u", session);
	p->server->owners[session % MAX_SESSIONS] = p;
	c.ticket.session = session;
	c.ticket.ticket = span_of(ticket);
	say(p, &c);
	say_state(p, session, CONTROL_ATTEMPTED, NULL);
}

static void open_live(struct peer *p, const struct control *asked)
{
	if (span_eq(asked->endpoint.endpoint, SPAN(FAKE_SERVER_DB)))
		say_error(p, asked->id, "ENXIO", "db-01 is away");
	else
		say_ticket(p, asked->id, false, false);
}

/* ---- whole snapshots, and a capture that stands still ---- */

static const struct { const char *id, *endpoint, *host, *name; int64_t taken; } whole[] = {
	{ "10", FAKE_SERVER_WEB, "web-03", "web-03_2025_11_20_08_00_00_000_Z.db", INT64_C(1763625600000) },
	{ "11", FAKE_SERVER_WEB, "web-03", "web-03_2025_11_20_09_00_00_000_Z.db", INT64_C(1763629200000) },
	{ "12", FAKE_SERVER_DB, "db-01", "db-01_2025_11_20_08_00_00_000_Z.db", INT64_C(1763625600000) },
};

/* NULL: there is none. */
static bool *find_whole(struct fake_server *s, struct span id)
{
	for (size_t i = 0; i < 3; i++)
		if (s->whole[i] && span_eq(id, span_of(whole[i].id)))
			return &s->whole[i];
	return NULL;
}

static void open_capture(struct peer *p, const struct control *asked)
{
	bool *it = find_whole(p->server, asked->fetch.capture);

	if (it && it != &p->server->whole[2])
		say_ticket(p, asked->id, true, asked->type == CONTROL_CAPTURE_FETCH);
	else
		say_error(p, asked->id, "EIO", "it could not be opened");
}

static void list_captures(struct peer *p, uint64_t id)
{
	struct control_snapshot rows[4];
	size_t n = 0;
	struct control_snapshot row = {
		.capture = SPAN("1"), .endpoint = SPAN(FAKE_SERVER_WEB), .host = SPAN("web-03"), .name = SPAN("web-03.db"),
		.taken = 1763625600000, .state = p->server->capture, .done = 5000000, .bytes = 40000000, .by = SPAN("alice"),
	};
	struct control c = { .type = CONTROL_CAPTURES, .id = id };

	if (p->server->captures)
		rows[n++] = row;
	for (size_t i = 0; i < 3; i++)
		if (p->server->whole[i])
			rows[n++] = (struct control_snapshot){
				.capture = span_of(whole[i].id), .endpoint = span_of(whole[i].endpoint),
				.host = span_of(whole[i].host), .name = span_of(whole[i].name), .taken = whole[i].taken,
				.state = CONTROL_CAPTURE_DONE, .done = 40000000, .bytes = 40000000, .by = SPAN("alice"),
			};
	c.rows.rows = (struct control_rows){ rows, n };
	say(p, &c);
}

static void capture(struct peer *p, const struct control *asked)
{
	struct fake_server *s = p->server;
	struct control c = { .type = CONTROL_CAPTURE };
	bool *it = asked->type == CONTROL_CAPTURE_DELETE ? find_whole(s, asked->fetch.capture) : NULL;

	if (it) {
		*it = false;
		say(p, &(struct control){ .type = CONTROL_DONE, .id = asked->id });
		return;
	}
	s->captures = asked->type != CONTROL_CAPTURE_DELETE;
	s->capture = asked->type == CONTROL_CAPTURE_PAUSE ? CONTROL_CAPTURE_PAUSED : CONTROL_CAPTURE_RUNNING;
	c.capture.capture = SPAN("1");
	c.capture.state = s->capture;
	say(p, &c);
	if (asked->type != CONTROL_CAPTURE_START)
		c.type = CONTROL_DONE;
	c.id = asked->id;
	say(p, &c);
}

/* ---- files: the first stands still, the second is refused, the others are kept, one at a time ---- */

static void say_file(struct peer *p, uint64_t id, enum control_capture_state state, const char *text)
{
	struct control c = { .type = CONTROL_FILE, .id = id };

	c.capture.capture = SPAN("save-1");
	c.capture.state = state;
	c.capture.done = state == CONTROL_CAPTURE_DONE ? 40000 : 5000;
	c.capture.bytes = 40000;
	c.capture.error = text ? SPAN("EACCES") : SPAN_NONE;
	c.capture.text = text ? span_of(text) : SPAN_NONE;
	say(p, &c);
}

static void save_file(struct peer *p, const struct control *c)
{
	struct fake_server *s = p->server;

	s->saves++;
	say_file(p, c->id, CONTROL_CAPTURE_RUNNING, NULL);
	say_file(p, 0, CONTROL_CAPTURE_RUNNING, NULL);
	if (s->saves == 2)
		say_file(p, 0, CONTROL_CAPTURE_FAILED, "the endpoint refused: it is a FIFO");
	if (s->saves <= 2)
		return;
	free(s->saved);
	s->saved = strndup(c->file.path.p, c->file.path.n);
	say_file(p, 0, CONTROL_CAPTURE_DONE, NULL);
}

static void delete_file(struct peer *p, const struct control *asked)
{
	struct fake_server *s = p->server;
	struct control c = { .type = CONTROL_DONE, .id = asked->id };

	if (span_eq(asked->fetch.capture, SPAN("save-1"))) {
		say_file(p, 0, CONTROL_CAPTURE_FAILED, "it was cancelled");
	} else {
		free(s->saved);
		s->saved = NULL;
	}
	say(p, &c);
}

static void list_files(struct peer *p, uint64_t id)
{
	struct control_file row = {
		.file = SPAN("5"), .endpoint = SPAN(FAKE_SERVER_WEB), .host = SPAN("web-03"), .path = span_of(p->server->saved),
		.saved = 1763625600000, .bytes = 40000, .mode = 0104755, .uid = 0, .gid = 33, .modified = 1763600000123,
		.sha256 = SPAN(FAKE_SERVER_DB), .by = SPAN("alice"),
	};
	struct control c = { .type = CONTROL_FILES, .id = id };

	c.rows.rows = (struct control_rows){ &row, p->server->saved ? 1 : 0 };
	say(p, &c);
}

static void on_control(struct peer *p, const struct control *c)
{
	struct control answer = { .id = c->id };

	switch (c->type) {
	case CONTROL_HELLO:
		answer.type = CONTROL_WELCOME;
		answer.welcome.protocol = WIRE_PROTOCOL_MAX;
		answer.welcome.program = SPAN("spoor-server");
		answer.welcome.version = SPAN("0.1.0");
		answer.welcome.time = clock_now();
		say(p, &answer);
		if (p->data && p->server->fetch[p->session % MAX_SESSIONS])
			begin_fetch(p);
		else if (p->data)
			begin_session(p);
		break;
	case CONTROL_APP_LOGIN: log_in(p, c); break;
	case CONTROL_APP_RESUME: resume(p, c); break;
	case CONTROL_APP_LOGOUT: p->server->tokens++; break;
	case CONTROL_ENDPOINT_LIST: list(p, c); break;
	case CONTROL_LIVE_OPEN: open_live(p, c); break;
	case CONTROL_CAPTURE_FETCH:
	case CONTROL_CAPTURE_OPEN: open_capture(p, c); break;
	case CONTROL_CAPTURE_LIST: list_captures(p, c->id); break;
	case CONTROL_FILE_SAVE: save_file(p, c); break;
	case CONTROL_FILE_LIST: list_files(p, c->id); break;
	case CONTROL_FILE_DELETE: delete_file(p, c); break;
	case CONTROL_CAPTURE_START:
	case CONTROL_CAPTURE_PAUSE:
	case CONTROL_CAPTURE_RESUME:
	case CONTROL_CAPTURE_DELETE: capture(p, c); break;
	case CONTROL_LIVE_CLOSE:
		answer.type = CONTROL_DONE;
		say(p, &answer);
		break;
	default: say_error(p, c->id, "ENOSYS", "no such call"); break;
	}
}

/* ---- links ---- */

static unsigned upgrade(struct link *l, const struct http_head *head, void *data)
{
	struct fake_server *s = data;
	unsigned session;
	struct peer *p;
	char target[64];

	snprintf(target, sizeof(target), "%.*s", SPAN_FMT(head->target));
	if (strcmp(target, "/app") == 0) {
		link_set_data(l, peer_new(s, l, false));
		return 0;
	}
	if (sscanf(target, "/data/ticket-%u", &session) != 1 || !s->owners[session % MAX_SESSIONS])
		return 404;
	p = peer_new(s, l, true);
	p->session = session;
	link_set_data(l, p);
	return 0;
}

static void request(struct link *l, const struct http_event *e, struct buf *out, void *data)
{
	if (e->kind == HTTP_END)
		http_put_response(out, 404, "text/plain", SPAN("no\n"), true, "");
}

static void ready(struct link *l, void *data)
{
}

static void message(struct link *l, enum websocket_kind kind, struct span payload, void *data)
{
	static const struct message_limits limits = { WIRE_CONTROL_BYTES, WIRE_CONTROL_VALUES };
	struct arena arena = ARENA_INIT;
	struct peer *p = data;
	struct message m;
	struct control c;

	if (p->send) {
		send_message(p->send, kind, payload);
		return;
	}
	if (message_parse(payload, &limits, &m) < 0)
		abort();
	if (control_get(&m, CONTROL_APP, &arena, &c) < 0)
		abort();
	on_control(data, &c);
	message_free(&m);
	arena_free(&arena);
}

static void closed(struct link *l, const struct link_end *end, void *data)
{
	if (*(enum what *)data == PEER)
		peer_free(data);
}

static void drained(struct link *l, void *data)
{
	struct peer *p = data;

	if (p->what == PEER && p->send)
		send_drained(p->send);
}

static const struct link_handler handler = { .upgrade = upgrade, .request = request, .ready = ready, .message = message,
	                                     .drained = drained, .closed = closed };

/* ---- the server ---- */

struct fake_server *fake_server_new(const struct fake_server_config *config)
{
	struct fake_server *s = calloc(1, sizeof(*s));
	struct link_server_config c = {
		.listener = { .policy = { .identity = config->identity }, .limits = CONN_LIMITS, .max_connections = MAX_PEERS,
			      .max_unopened = MAX_PEERS },
		.max_message = WIRE_CONTROL_BYTES, .max_body = 1000, .handler = &handler, .data = s,
	};

	s->config = *config;
	if (link_server_new(config->fdm, "127.0.0.1", config->port, &c, &s->listener) < 0)
		abort();
	return s;
}

void fake_server_free(struct fake_server *s)
{
	link_server_free(s->listener);
	free(s->saved);
	free(s);
}

uint16_t fake_server_port(const struct fake_server *s)
{
	return listener_port(link_server_listener(s->listener));
}

const struct fake_server_seen *fake_server_seen(const struct fake_server *s)
{
	return &s->seen;
}

void fake_server_cut(struct fake_server *s, bool all)
{
	for (unsigned i = 0; i < MAX_PEERS; i++) {
		struct peer *p = s->peers[i];

		if (p && p->pump)
			pump_close(p->pump, WEBSOCKET_GOING_AWAY, "the endpoint has gone");
		else if (p && (all || p->send))
			link_abort(p->link, -ECONNRESET);
	}
}

void fake_server_hold(struct fake_server *s)
{
	for (size_t i = 0; i < 3; i++)
		s->whole[i] = true;
}

void fake_server_expire(struct fake_server *s)
{
	s->tokens++;
}
