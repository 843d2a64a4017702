#include "server/cmd.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/net/conn.h"
#include "agent/net/dial.h"
#include "agent/wire/http.h"
#include "server/conf.h"
#include "server/place.h"

static const char help[] =
	"Usage: spoor-server status [--json] [-c FILE] [--data DIR]\n\n"
	"Asks the server that runs here (GET /status) how it is.\n\n"
	"  --json             what it answered, as it is\n"
	"  -c, --config FILE  else " CONF_DEFAULT ", if it is there: on which port\n"
	"  --data DIR         the server's data folder, else /var/lib/spoor-server: by whose key it is known\n"
	"  --help             this text\n";

enum { PATIENCE_MS = 5000, MAX_BODY = 65536 };

struct asking {
	struct fdm *fdm;
	struct tls_identity *identity; /* whose key the server has */
	struct dial *dial;
	struct conn *conn;
	struct http http;
	unsigned status;
	struct buf body;
	int error;
};

static void finish(struct asking *a, int error)
{
	a->error = error;
	fdm_quit(a->fdm);
}

static void on_opened(struct conn *c, void *data)
{
	AUTO_BUF request = BUF_INIT;

	http_put_request(&request, HTTP_GET, "/status", "localhost", HTTP_NO_BODY, "Connection: close\r\n");
	if (request.failed || conn_send(c, buf_span(&request)) < 0)
		conn_abort(c, -ENOMEM);
}

static void on_received(struct conn *c, struct span plain, void *data)
{
	struct asking *a = data;
	struct http_event e;
	int r;

	while ((r = http_read(&a->http, &plain, &e)) == 1) {
		if (e.kind == HTTP_HEAD)
			a->status = e.head->status;
		else if (e.kind == HTTP_BODY)
			buf_add_span(&a->body, e.piece);
		else
			finish(a, 0);
	}
	if (r < 0)
		finish(a, r);
}

static void on_closed(struct conn *c, int error, void *data)
{
	struct asking *a = data;

	a->conn = NULL;
	finish(a, a->status && a->body.n ? 0 : error ? error : -ECONNRESET);
}

static const struct conn_handler handler = { on_opened, on_received, NULL, on_closed };

static void on_dialled(struct dial *d, int fd, void *data)
{
	struct asking *a = data;
	struct conn_limits limits = CONN_LIMITS;
	struct tls_policy policy = { .pin = tls_identity_key(a->identity) };
	struct tls *tls = NULL;
	int r = fd;

	if (fd >= 0) {
		r = tls_client_new(&policy, "localhost", clock_now(), &tls);
		if (r < 0)
			close(fd);
		else
			r = conn_new(a->fdm, fd, tls, &limits, NULL, &handler, a, &a->conn);
	}
	if (r < 0)
		finish(a, r);
}

static int on_late(struct fdm *fdm, void *data)
{
	finish(data, -ETIMEDOUT);
	return 0;
}

static int read_identity(const char *folder, struct asking *a)
{
	AUTO_FREE char *path = place_path(folder, "tls/server.pem");
	AUTO_SECRET char *text = NULL;
	int r = path ? place_read(path, &text) : -ENOMEM;

	if (r == 0)
		r = tls_identity_parse(span_of(text), span_of(text), &a->identity);
	return r < 0 ? cmd_fail_errno(path ? path : folder, r) : CMD_OK;
}

static int ask(struct asking *a, const struct conf *conf)
{
	struct dial_place place = { conf->address ? conf->address : "localhost", (uint16_t)conf->app_port };
	int r;

	http_init(&a->http, HTTP_CLIENT, MAX_BODY);
	a->fdm = fdm_new();
	r = a->fdm ? fdm_timer_add(a->fdm, PATIENCE_MS, on_late, a) : -ENOMEM;
	if (r >= 0)
		r = dial_new(a->fdm, &place, 1, PATIENCE_MS, on_dialled, a, &a->dial);
	if (r == 0)
		r = fdm_run(a->fdm);
	return r < 0 ? r : a->error < 0 ? a->error : a->status == 200 ? 0 : -EBADMSG;
}

static void free_asking(struct asking *a)
{
	if (a->conn)
		conn_abort(a->conn, -ECANCELED);
	dial_free(a->dial);
	fdm_free(a->fdm);
	http_free(&a->http);
	buf_free(&a->body);
	tls_identity_free(a->identity);
}

/* ---- telling ---- */

static int64_t number(struct span json, const char *name)
{
	AUTO_BUF key = BUF_INIT;
	const char *at;
	char *end;

	buf_printf(&key, "\"%s\":", name);
	at = key.failed ? NULL : memmem(json.p, json.n, key.p, key.n);
	return at ? strtoll(at + key.n, &end, 10) : 0;
}

/* Its own server is believed: the key was the data folder's. */
static void tell(const struct buf *body)
{
	struct span json = buf_span(body);
	int64_t up = number(json, "up_ms") / 1000;
	bool stops = memmem(json.p, json.n, "\"stopping\"", 10) != NULL;

	printf("%s since %" PRId64 " d %02d:%02d:%02d\n", stops ? "stops, ran" : "running", up / 86400, (int)(up / 3600 % 24),
	       (int)(up / 60 % 60), (int)(up % 60));
	printf("agents    %" PRId64 "\napps      %" PRId64 "\nsessions  %" PRId64 "\n", number(json, "agents"),
	       number(json, "apps"), number(json, "sessions"));
}

int cmd_status(int argc, char **argv)
{
	CLEANUP(free_asking) struct asking a = { 0 };
	CLEANUP(conf_free) struct conf conf = { 0 };
	AUTO_FREE char *error = NULL;
	const char *config = NULL, *data = NULL;
	bool json = false;
	const struct options_option options[] = {
		{ "config", 'c', NULL, &config }, { "data", 0, NULL, &data }, { "json", 0, &json, NULL }, { NULL, 0, NULL, NULL },
	};
	int r = cmd_take(help, options, argc, argv, 0, NULL);

	if (r != CMD_GO_ON)
		return r;
	if (conf_load_usual(config, &conf, &error) < 0)
		return cmd_fail_line(error ? error : "configuration: out of memory");
	r = read_identity(data ? data : PLACE_DEFAULT, &a);
	if (r != CMD_OK)
		return r;
	r = ask(&a, &conf);
	if (r < 0)
		return cmd_fail("server", r == -EKEYREJECTED ? "another than this data folder's answers on that port" :
				strerror(-r));
	if (json)
		fwrite(a.body.p, 1, a.body.n, stdout);
	else
		tell(&a.body);
	return CMD_OK;
}
