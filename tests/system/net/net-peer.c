/* net-peer: agent/net for peers written by others.
 *
 *   net-peer serve FOLDER        listens on 127.0.0.1 as server.test, prints the port, answers every request with "ok" and
 *                                the bytes of its body; agents only; prints why others were refused
 *   net-peer open FOLDER         the same for everybody
 *   net-peer get FOLDER PORT     gets / from server.test at 127.0.0.1, as an agent; prints what came, or why not */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/net/link.h"

static int load(const char *folder, const char *name, struct buf *out)
{
	AUTO_BUF path = BUF_INIT;
	AUTO_FCLOSE FILE *f = NULL;
	char piece[4096];
	size_t n;

	buf_printf(&path, "%s/%s", folder, name);
	f = fopen(path.p, "r");
	if (!f)
		return -errno;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	return 0;
}

static int load_policy(const char *folder, const char *who, const char *unit, struct tls_policy *ret)
{
	AUTO_BUF certificate = BUF_INIT, key = BUF_INIT, ca = BUF_INIT, pem = BUF_INIT, private = BUF_INIT;
	struct tls_identity *identity;
	struct tls_authority *authority;
	int r;

	buf_printf(&pem, "%s.pem", who);
	buf_printf(&private, "%s.key", who);
	r = load(folder, pem.p, &certificate);
	if (r == 0)
		r = load(folder, private.p, &key);
	if (r == 0)
		r = load(folder, "ca.one", &ca);
	if (r == 0)
		r = tls_identity_parse(buf_span(&certificate), buf_span(&key), &identity);
	if (r == 0)
		r = tls_authority_parse(buf_span(&ca), &authority);
	if (r == 0)
		*ret = (struct tls_policy){ .identity = identity, .authority = authority, .unit = unit };
	return r;
}

/* ---- serve ---- */

static unsigned upgrade(struct link *l, const struct http_head *head, void *data)
{
	return 404;
}

static void request(struct link *l, const struct http_event *e, struct buf *out, void *data)
{
	static size_t body; /* one request at a time */
	AUTO_BUF text = BUF_INIT;

	if (e->kind == HTTP_HEAD) {
		body = 0;
		if (e->head->expect_continue)
			http_put_continue(out);
	} else if (e->kind == HTTP_BODY) {
		body += e->piece.n;
	} else {
		buf_printf(&text, "ok %zu\n", body);
		http_put_response(out, 200, "text/plain", buf_span(&text), !e->head->keep_alive, "");
	}
}

static void ready(struct link *l, void *data)
{
}

static void message(struct link *l, enum websocket_kind kind, struct span payload, void *data)
{
}

static void closed(struct link *l, const struct link_end *end, void *data)
{
	puts("closed");
	fflush(stdout);
}

static void refused(int error, enum tls_fault fault, void *data)
{
	printf("refused: %s\n", tls_fault_text(fault));
	fflush(stdout);
}

static const struct link_handler link_handler = { upgrade, request, ready, message, NULL, closed };

static int serve(const char *folder, bool open)
{
	struct link_server_config config = { .max_body = 10 << 20, .handler = &link_handler, .refused = refused };
	struct fdm *fdm = fdm_new();
	struct link_server *s;
	int r = load_policy(folder, "server", "agent", &config.listener.policy);

	if (open)
		config.listener.policy.authority = NULL;
	config.listener.limits = CONN_LIMITS;
	config.listener.max_connections = config.listener.max_unopened = 100;
	if (r == 0)
		r = link_server_new(fdm, "127.0.0.1", 0, &config, &s);
	if (r < 0)
		return r;
	printf("%u\n", listener_port(link_server_listener(s)));
	fflush(stdout);
	return fdm_run(fdm);
}

/* ---- get ---- */

static void opened(struct conn *c, void *data)
{
	conn_send(c, SPAN("GET / HTTP/1.0\r\n\r\n"));
}

static void received(struct conn *c, struct span plain, void *data)
{
	fwrite(plain.p, 1, plain.n, stdout);
}

static void ended(struct conn *c, int error, void *data)
{
	printf("ended: %d: %s\n", error, tls_fault_text(tls_fault(conn_tls(c))));
	fdm_quit(data);
}

static const struct conn_handler conn_handler = { opened, received, NULL, ended };

static int get(const char *folder, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct conn_limits limits = CONN_LIMITS;
	struct fdm *fdm = fdm_new();
	struct tls_policy policy;
	struct tls *tls;
	struct conn *c;
	uint64_t number;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), r = load_policy(folder, "agent", "server", &policy);

	if (r < 0 || span_to_u64(span_of(port), &number) < 0)
		return r < 0 ? r : -EINVAL;
	to.sin_port = htons((uint16_t)number);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -errno;
	r = tls_client_new(&policy, "server.test", clock_now(), &tls);
	if (r == 0)
		r = conn_new(fdm, fd, tls, &limits, NULL, &conn_handler, fdm, &c);
	if (r == 0)
		r = fdm_run(fdm);
	fdm_free(fdm);
	tls_identity_free((struct tls_identity *)policy.identity);
	tls_authority_free((struct tls_authority *)policy.authority);
	return r;
}

int main(int argc, char **argv)
{
	int r = -EINVAL;

	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		r = serve(argv[2], false);
	else if (argc == 3 && strcmp(argv[1], "open") == 0)
		r = serve(argv[2], true);
	else if (argc == 4 && strcmp(argv[1], "get") == 0)
		r = get(argv[2], argv[3]);
	if (r < 0)
		fprintf(stderr, "net-peer: %s\n", strerror(-r));
	return r < 0;
}
