/* wire-peer: agent/wire behind a plain TCP socket, for peers written by others.
 *
 *   wire-peer serve       listens on 127.0.0.1, prints the port, serves one connection after the other until killed:
 *                         GET /status, POST and PUT anywhere (the body comes back), a WebSocket anywhere (echo)
 *   wire-peer dial PORT   a WebSocket that echoes; ends with the peer's close, prints its code */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/base/cleanup.h"
#include "agent/wire/upgrade.h"
#include "agent/wire/websocket.h"

enum { MAX_BODY = 1 << 20, MAX_MESSAGE = 4 << 20 };

static int send_all(int fd, struct buf *out)
{
	for (size_t at = 0; at < out->n;) {
		ssize_t n = send(fd, out->p + at, out->n - at, MSG_NOSIGNAL);

		if (n < 0)
			return -errno;
		at += (size_t)n;
	}
	buf_clear(out);
	return 0;
}

/* What is left in *bytes, or else what comes. 0 at the end. */
static ssize_t more(int fd, char *to, size_t size, struct span *bytes)
{
	ssize_t n = bytes->n ? (ssize_t)bytes->n : recv(fd, to, size, 0);

	if (bytes->n == 0)
		*bytes = (struct span){ to, n > 0 ? (size_t)n : 0 };
	return n;
}

/* Echoes until the peer is gone. The code of its close; negative when there was none. */
static int echo(int fd, enum websocket_role role, struct span bytes)
{
	struct websocket w;
	struct websocket_event e;
	char piece[4096];
	int code = -1, r = 0;

	websocket_init(&w, role, MAX_MESSAGE);
	while (r == 0 && w.state != WEBSOCKET_CLOSED && more(fd, piece, sizeof(piece), &bytes) > 0) {
		while ((r = websocket_read(&w, &bytes, &e)) == 1) {
			if (e.kind == WEBSOCKET_TEXT || e.kind == WEBSOCKET_BINARY)
				websocket_send(&w, e.kind, e.payload);
			else if (e.kind == WEBSOCKET_CLOSE)
				code = (int)e.code;
		}
		if (send_all(fd, &w.out) < 0)
			break;
	}
	websocket_free(&w);
	return code;
}

/* true: upgraded. */
static bool answer(const struct http_event *e, struct http *h, struct buf *body, struct buf *out)
{
	char accept[UPGRADE_ACCEPT];

	if (e->kind == HTTP_BODY) {
		buf_add_span(body, e->piece);
	} else if (e->kind == HTTP_HEAD) {
		buf_clear(body);
		if (e->head->expect_continue)
			http_put_continue(out);
		if (http_count(e->head, "Upgrade") && upgrade_check_request(e->head, accept) == 0) {
			upgrade_put_response(out, accept);
			http_upgrade(h);
			return true;
		}
	} else if (e->head->method == HTTP_GET && !span_eq(e->head->target, SPAN("/status"))) {
		http_put_response(out, 404, NULL, SPAN(""), !e->head->keep_alive, "");
	} else {
		http_put_response(out, 200, "text/plain", e->head->method == HTTP_GET ? SPAN("ok\n") : buf_span(body),
				  !e->head->keep_alive, "");
	}
	return false;
}

static void serve_one(int fd)
{
	AUTO_BUF body = BUF_INIT, out = BUF_INIT;
	struct span bytes = SPAN("");
	struct http_event e;
	struct http h;
	char piece[4096];
	bool upgraded = false;
	int r = 0;

	http_init(&h, HTTP_SERVER, MAX_BODY);
	while (r == 0 && !upgraded && more(fd, piece, sizeof(piece), &bytes) > 0) {
		while (!upgraded && (r = http_read(&h, &bytes, &e)) == 1)
			upgraded = answer(&e, &h, &body, &out);
		if (r < 0)
			http_put_response(&out, h.refusal, NULL, SPAN(""), true, "");
		if (send_all(fd, &out) < 0)
			break;
	}
	http_free(&h);
	if (upgraded)
		echo(fd, WEBSOCKET_SERVER, bytes);
}

static int serve(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (listener < 0 || bind(listener, (struct sockaddr *)&at, size) < 0 || listen(listener, 16) < 0 ||
	    getsockname(listener, (struct sockaddr *)&at, &size) < 0)
		return -errno;
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	for (;;) {
		AUTO_CLOSE int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			return -errno;
		serve_one(fd);
	}
}

/* 0 when the server agreed; *bytes is what came behind its answer. */
static int shake_hands(int fd, char *piece, size_t size, struct span *bytes)
{
	AUTO_BUF out = BUF_INIT;
	char key[UPGRADE_KEY];
	struct http_event e;
	struct http h;
	int r = upgrade_make_key(key);

	if (r < 0)
		return r;
	upgrade_put_request(&out, "/echo", "127.0.0.1", key);
	r = send_all(fd, &out);
	http_init(&h, HTTP_CLIENT, MAX_BODY);
	while (r == 0 && more(fd, piece, size, bytes) > 0)
		r = http_read(&h, bytes, &e);
	if (r == 1)
		r = upgrade_check_response(e.head, key);
	else if (r == 0)
		r = -ECONNRESET;
	http_free(&h);
	return r;
}

static int dial(const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct span bytes = SPAN("");
	char piece[4096];
	uint64_t number;
	AUTO_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r;

	if (span_to_u64(span_of(port), &number) < 0 || number > 65535)
		return -EINVAL;
	to.sin_port = htons((uint16_t)number);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -errno;
	r = shake_hands(fd, piece, sizeof(piece), &bytes);
	if (r < 0)
		return r;
	printf("%d\n", echo(fd, WEBSOCKET_CLIENT, bytes));
	return 0;
}

int main(int argc, char **argv)
{
	int r = -EINVAL;

	if (argc == 2 && strcmp(argv[1], "serve") == 0)
		r = serve();
	else if (argc == 3 && strcmp(argv[1], "dial") == 0)
		r = dial(argv[2]);
	if (r < 0)
		fprintf(stderr, "wire-peer: %s\n", strerror(-r));
	return r < 0;
}
