/* spoor-server under many agents: starts it in a folder of its own, enrols so many, connects them at no more than RATE a
 * second, and tells what each costs in memory; then a session beside them, and a restart.
 *
 *   bench-server SPOOR-SERVER [AGENTS] */
#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/net/backoff.h"
#include "agent/net/dial.h"
#include "agent/net/link.h"
#include "agent/wire/control.h"
#include "agent/wire/wire.h"
#include "server/certificate.h"
#include "server/depot.h"
#include "server/place.h"

enum { RATE = 300, CALLS = 200, PATIENCE_MS = 120000, TICK_MS = 20 };
#define NAME "spoor.example"
#define PASSWORD "correct horse battery"

struct bench;

/* One WebSocket of ours: an agent's, an app's, or an end of a session. */
struct peer {
	struct bench *b;
	struct tls_identity *identity;
	struct link *link;
	struct dial *dial;
	const char *program;
	char target[80];
	uint16_t port;
	void (*got)(struct peer *p, const struct control *c);
	bool here, trying;
	struct backoff backoff;
	int64_t next, since;
};

struct bench {
	struct fdm *fdm;
	const char *program;
	char folder[64], conf[96], data[96];
	pid_t server;
	uint16_t apps, agents;
	struct tls_authority *authority;
	char *ca, *ca_key;
	struct peer *all;
	size_t n, here, failed;
	int64_t began;         /* of the second that `tries` are counted in */
	unsigned tries, most;
	struct peer app, app_end, agent_end;
	char endpoint[DEPOT_KEY + 1];
	uint64_t session;
	bool logged_in, ready;
	int64_t sent, spans[CALLS];
	size_t calls;
};

static void die(const char *what, int error)
{
	fprintf(stderr, "bench-server: %s: %s\n", what, strerror(error < 0 ? -error : error));
	exit(1);
}

/* ---- the server ---- */

static long memory_kb(const struct bench *b)
{
	AUTO_FCLOSE FILE *f = NULL;
	char path[64], line[256];
	long kb = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)b->server);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmRSS: %ld", &kb) == 1)
			break;
	return kb;
}

/* Runs a program to its end; input NULL: none. */
static void run(const char *const *words, const char *input)
{
	int fds[2], status = -1;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		die("pipe", errno);
	pid = fork();
	if (pid == 0) {
		dup2(fds[0], STDIN_FILENO);
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(words[0], (char *const *)(uintptr_t)words);
		_exit(1);
	}
	close(fds[0]);
	if (input && write(fds[1], input, strlen(input)) < 0)
		die(words[0], errno);
	close(fds[1]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
		die(words[0], EIO);
}

static void run_setup(struct bench *b)
{
	const char *words[] = { b->program, "setup", "--cn", NAME, "--password-stdin", "--data", b->data, NULL };

	snprintf(b->folder, sizeof(b->folder), "/tmp/bench-server-XXXXXX");
	if (!mkdtemp(b->folder))
		die("folder", errno);
	snprintf(b->conf, sizeof(b->conf), "%s/conf", b->folder);
	snprintf(b->data, sizeof(b->data), "%s/data", b->folder);
	run(words, PASSWORD "\n");
}

static void write_conf(const struct bench *b)
{
	AUTO_FCLOSE FILE *f = fopen(b->conf, "we");

	fprintf(f, "[listen]\naddress = 127.0.0.1\napp-port = %u\nagent-port = %u\n[log]\nfile = %s/log\n", b->apps, b->agents,
		b->folder);
}

/* From its log. */
static bool find_ports(const struct bench *b, unsigned *apps, unsigned *agents)
{
	AUTO_FCLOSE FILE *f = NULL;
	char path[96], line[512];

	snprintf(path, sizeof(path), "%s/log", b->folder);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		const char *at = strstr(line, "listens on port ");

		if (at && sscanf(at, "listens on port %u for apps, %u for agents", apps, agents) == 2)
			return true;
	}
	return false;
}

static void start_server(struct bench *b)
{
	unsigned apps = 0, agents = 0;

	write_conf(b);
	b->server = fork();
	if (b->server == 0) {
		execl(b->program, b->program, "run", "-c", b->conf, "--data", b->data, (char *)NULL);
		_exit(1);
	}
	for (int i = 0; !find_ports(b, &apps, &agents); i++) {
		usleep(10000);
		if (i == 1000)
			die("start", ETIMEDOUT);
	}
	b->apps = (uint16_t)apps;
	b->agents = (uint16_t)agents;
}

static void stop_server(struct bench *b)
{
	kill(b->server, SIGTERM);
	if (waitpid(b->server, NULL, 0) < 0)
		die("wait", errno);
}

/* ---- so many identities ---- */

static void public_of(const char *key, gnutls_datum_t *ret)
{
	gnutls_datum_t d = { (unsigned char *)(uintptr_t)key, (unsigned)strlen(key) };
	gnutls_privkey_t private;
	gnutls_pubkey_t public;

	gnutls_privkey_init(&private);
	gnutls_pubkey_init(&public);
	if (gnutls_privkey_import_x509_raw(private, &d, GNUTLS_X509_FMT_PEM, NULL, 0) < 0 ||
	    gnutls_pubkey_import_privkey(public, private, 0, 0) < 0 ||
	    gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, ret) < 0)
		die("key", EIO);
	gnutls_pubkey_deinit(public);
	gnutls_privkey_deinit(private);
}

static void enrol(struct bench *b, struct depot *d, struct peer *p, size_t i)
{
	AUTO_FREE char *key = NULL;
	AUTO_FREE char *crt = NULL;
	AUTO_FREE char *error = NULL;
	char id[CERTIFICATE_KEY_ID], host[32];
	gnutls_datum_t der;
	int r = certificate_key_new(0, &key);

	snprintf(host, sizeof(host), "host-%04zu", i);
	public_of(key, &der);
	if (r == 0)
		r = certificate_agent_new(b->ca, b->ca_key, (struct span){ (char *)der.data, der.size }, host, clock_now(), 30,
					  &crt, &error);
	gnutls_free(der.data);
	if (r == 0)
		r = certificate_key_id(crt, id);
	if (r == 0)
		r = depot_endpoint_put(d, &(struct depot_endpoint){ .key = id, .name = host, .enrolled_ms = 1, .address = "",
								    .agent = "" }, NULL);
	if (r == 0)
		r = tls_identity_parse(span_of(crt), span_of(key), &p->identity);
	if (r < 0)
		die("enrol", r);
	if (i == 0)
		memcpy(b->endpoint, id, sizeof(b->endpoint));
}

static void enrol_all(struct bench *b)
{
	AUTO_FREE char *db = NULL;
	AUTO_FREE char *error = NULL;
	char path[128];
	struct depot *d;

	snprintf(path, sizeof(path), "%s/data/tls/authority.pem", b->folder);
	if (place_read(path, &b->ca) < 0 || tls_authority_parse(span_of(b->ca), &b->authority) < 0)
		die(path, EIO);
	snprintf(path, sizeof(path), "%s/data/tls/authority.key", b->folder);
	if (place_read(path, &b->ca_key) < 0)
		die(path, EIO);
	snprintf(path, sizeof(path), "%s/data/server.db", b->folder);
	if (depot_open(path, false, &d, &error) < 0)
		die(path, EIO);
	for (size_t i = 0; i < b->n; i++)
		enrol(b, d, &b->all[i], i);
	depot_close(d);
}

/* ---- connections ---- */

static int say(struct peer *p, const struct control *c)
{
	AUTO_BUF out = BUF_INIT;
	int r = control_put(&out, c);

	return r < 0 ? r : link_send(p->link, WEBSOCKET_TEXT, buf_span(&out));
}

static void on_ready(struct link *l, void *data)
{
	struct peer *p = data;
	struct control c = { .type = CONTROL_HELLO, .id = 1 };

	c.hello.protocol_min = c.hello.protocol_max = 1;
	c.hello.program = span_of(p->program);
	c.hello.version = SPAN("bench");
	c.hello.host = SPAN("bench");
	say(p, &c);
}

static void on_message(struct link *l, enum websocket_kind kind, struct span payload, void *data)
{
	static const struct message_limits limits = { WIRE_CONTROL_BYTES, WIRE_CONTROL_VALUES };
	struct arena arena = ARENA_INIT;
	struct peer *p = data;
	struct message m;
	struct control c = { .type = CONTROL_TYPES };

	if (message_parse(payload, &limits, &m) < 0)
		die("message", EPROTO);
	if (control_get(&m, CONTROL_SERVER, &arena, &c) == 0 && c.type == CONTROL_WELCOME) {
		p->here = true;
		p->b->here++;
		p->trying = false;
		p->since = clock_monotonic();
	}
	if (p->got)
		p->got(p, &c);
	message_free(&m);
	arena_free(&arena);
}

static void later(struct peer *p)
{
	uint64_t random = 0;
	int64_t now = clock_monotonic();

	if (getrandom(&random, sizeof(random), 0) < 0)
		die("random", errno);
	backoff_ended(&p->backoff, p->since ? now - p->since : 0);
	p->next = now + backoff_wait(&p->backoff, random);
	p->trying = false;
	p->since = 0;
}

static void on_closed(struct link *l, const struct link_end *end, void *data)
{
	struct peer *p = data;

	p->b->here -= p->here;
	p->here = false;
	p->link = NULL;
	later(p);
}

static const struct link_handler handler = { NULL, NULL, on_ready, on_message, NULL, on_closed, NULL };

static void on_dialled(struct dial *d, int fd, void *data)
{
	struct peer *p = data;
	struct link_config config = {
		.policy = { .identity = p->identity, .authority = p->b->authority, .unit = "server" },
		.name = NAME, .target = p->target, .limits = CONN_LIMITS, .max_message = WIRE_CONTROL_BYTES,
		.handler = &handler, .data = p,
	};

	dial_free(d);
	p->dial = NULL;
	if (fd < 0 || link_new(p->b->fdm, fd, &config, &p->link) < 0)
		later(p);
}

static void connect_to(struct peer *p)
{
	int r;

	p->trying = true;
	r = dial_new(p->b->fdm, &(struct dial_place){ "127.0.0.1", p->port }, 1, 10000, on_dialled, p, &p->dial);
	if (r < 0)
		die("dial", r);
}

/* Agents try when their time has come; at the first start no more than RATE a second. */
static int on_tick(struct fdm *fdm, void *data)
{
	struct bench *b = data;
	int64_t now = clock_monotonic();

	if (now - b->began >= 1000) {
		b->began = now;
		b->most = b->tries > b->most ? b->tries : b->most;
		b->tries = 0;
	}
	for (size_t i = 0; i < b->n; i++) {
		struct peer *p = &b->all[i];

		if (p->here || p->trying || now < p->next)
			continue;
		connect_to(p);
		b->tries++;
	}
	fdm_quit(fdm);
	return 0;
}

static void turn(struct bench *b)
{
	int r = fdm_run(b->fdm);

	if (r < 0)
		die("loop", r);
}

static int64_t until_all(struct bench *b)
{
	int64_t begin = clock_monotonic();

	b->most = b->tries = 0;
	b->began = begin;
	while (b->here < b->n) {
		turn(b);
		if (clock_monotonic() - begin > PATIENCE_MS)
			die("not all came", ETIMEDOUT);
	}
	b->most = b->tries > b->most ? b->tries : b->most;
	return clock_monotonic() - begin;
}

/* ---- one session beside them ---- */

static void peer_init(struct peer *p, struct bench *b, const char *program, uint16_t port, const char *target)
{
	*p = (struct peer){ .b = b, .identity = p->identity, .program = program, .port = port };
	snprintf(p->target, sizeof(p->target), "%s", target);
}

static void on_app_end(struct peer *p, const struct control *c)
{
	struct bench *b = p->b;

	if (c->type == CONTROL_DATA_READY)
		b->ready = true;
	else if (c->type != CONTROL_WELCOME && b->sent) {
		b->spans[b->calls++] = clock_monotonic() - b->sent;
		b->sent = 0;
	}
}

/* The endpoint answers at once: what is measured is the way. */
static void on_agent_end(struct peer *p, const struct control *c)
{
	static const struct span answer = SPAN("{\"v\":1,\"id\":1,\"type\":\"count\",\"total\":0}");

	if (c->type != CONTROL_WELCOME && c->type != CONTROL_DATA_READY)
		link_send(p->link, WEBSOCKET_TEXT, answer);
}

static void dial_data(struct peer *p, struct bench *b, const char *program, uint16_t port, struct span ticket,
		      void (*got)(struct peer *p, const struct control *c))
{
	char target[80];

	snprintf(target, sizeof(target), "/data/%.*s", SPAN_FMT(ticket));
	peer_init(p, b, program, port, target);
	p->got = got;
	connect_to(p);
}

static void on_agent(struct peer *p, const struct control *c)
{
	struct bench *b = p->b;

	if (c->type != CONTROL_AGENT_DIAL)
		return;
	b->agent_end.identity = p->identity;
	dial_data(&b->agent_end, b, "spoor-agent", b->agents, c->dial.ticket, on_agent_end);
	say(p, &(struct control){ .type = CONTROL_DONE, .id = c->id });
}

static void on_app(struct peer *p, const struct control *c)
{
	struct bench *b = p->b;
	struct control next = { .id = 2 };

	if (c->type == CONTROL_WELCOME) {
		next.type = CONTROL_APP_LOGIN;
		next.login.user = SPAN("admin");
		next.login.password = SPAN(PASSWORD);
		say(p, &next);
	} else if (c->type == CONTROL_APP_WELCOME) {
		next.type = CONTROL_LIVE_OPEN;
		next.endpoint.endpoint = span_of(b->endpoint);
		say(p, &next);
	} else if (c->type == CONTROL_TICKET) {
		dial_data(&b->app_end, b, "spoor", b->apps, c->ticket.ticket, on_app_end);
	} else if (c->type == CONTROL_ERROR) {
		die("session", EACCES);
	}
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void measure_calls(struct bench *b)
{
	static const struct span call =
		SPAN("{\"v\":1,\"id\":1,\"type\":\"reader.count\",\"where\":\"process.pid == 1\",\"from\":0,\"to\":1,\"step\":0}");
	size_t sent = 0;

	b->all[0].got = on_agent;
	peer_init(&b->app, b, "spoor", b->apps, "/app");
	b->app.got = on_app;
	connect_to(&b->app);
	while (b->calls < CALLS) {
		if (b->ready && sent == b->calls && !b->sent) {
			b->sent = clock_monotonic();
			sent++;
			link_send(b->app_end.link, WEBSOCKET_TEXT, call);
		}
		turn(b);
	}
	qsort(b->spans, CALLS, sizeof(*b->spans), compare);
	printf("a call to one of them      median %" PRId64 " ms, 99%% within %" PRId64 " ms, there and back\n",
	       b->spans[CALLS / 2], b->spans[CALLS * 99 / 100]);
	link_abort(b->app_end.link, -ECANCELED);
	link_abort(b->app.link, -ECANCELED);
}

static void rest(struct bench *b, int64_t ms)
{
	int64_t begin = clock_monotonic();

	while (clock_monotonic() - begin < ms)
		turn(b);
}

int main(int argc, char **argv)
{
	struct bench b = { .program = argv[1], .n = argc > 2 ? strtoul(argv[2], NULL, 10) : 2000 };
	struct rlimit many = { 65536, 65536 };
	int64_t took;
	long before, after;

	if (argc < 2 || b.n < 1 || b.n > 20000)
		return 2;
	setrlimit(RLIMIT_NOFILE, &many);
	signal(SIGPIPE, SIG_IGN);
	b.fdm = fdm_new();
	b.all = calloc(b.n, sizeof(*b.all));
	run_setup(&b);
	enrol_all(&b);
	start_server(&b);
	for (size_t i = 0; i < b.n; i++) {
		peer_init(&b.all[i], &b, "spoor-agent", b.agents, "/agent");
		b.all[i].next = clock_monotonic() + (int64_t)i * 1000 / RATE;
	}
	fdm_timer_add(b.fdm, TICK_MS, on_tick, &b);
	before = memory_kb(&b);
	took = until_all(&b);
	rest(&b, 3000);
	after = memory_kb(&b);
	printf("%zu agents are there after  %.1f s, at most %u connects a second\n", b.n, (double)took / 1000, b.most);
	printf("memory of the server       %ld KiB before, %ld with them: %.1f KiB each\n", before, after,
	       (double)(after - before) / (double)b.n);
	measure_calls(&b);
	stop_server(&b);
	while (b.here)
		turn(&b);
	start_server(&b);
	took = until_all(&b);
	printf("after a restart            all are back after %.1f s, at most %u connects a second\n", (double)took / 1000, b.most);
	stop_server(&b);
	run((const char *[]){ "rm", "-r", b.folder, NULL }, NULL);
	return 0;
}
