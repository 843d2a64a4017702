/* fake-server: what the app sees of a Spoor server, on loopback, in this thread's fdm; sessions are answered by threads with
 * readers that the test brings. User "alice", password "secret", endpoints FAKE_SERVER_WEB (here), _DB (away), and _TWIN,
 * which has _WEB's name. */
#pragma once

#include "agent/base/fdm.h"
#include "agent/net/tls.h"
#include "recorder/query/reader.h"

#define FAKE_SERVER_WEB "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FAKE_SERVER_DB "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define FAKE_SERVER_TWIN "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

enum { FAKE_SERVER_SIZE = 12 << 20 };

/* One of two. */
struct tls_identity *fake_server_identity(unsigned which);

struct fake_server_config {
	struct fdm *fdm;
	const struct tls_identity *identity; /* must outlive it */
	uint16_t port;                       /* 0: any */
	struct reader *(*open)(void *data);  /* from the main thread */
	void *data;
};

struct fake_server_seen {
	unsigned logins, resumes, lists, opened, closed, fetched, links; /* links: that are there now */
};

struct fake_server;
struct fake_server *fake_server_new(const struct fake_server_config *config);
void fake_server_free(struct fake_server *s);
uint16_t fake_server_port(const struct fake_server *s);
const struct fake_server_seen *fake_server_seen(const struct fake_server *s);
/* Of the sessions of readers and what is fetched, or all connections. */
void fake_server_cut(struct fake_server *s, bool all);
/* There are whole snapshots: "10" and "11" of web-03, "12" of db-01, which cannot be opened. Whichever is fetched is
 * FAKE_SERVER_SIZE bytes, each that of its place, divided by 1000. */
void fake_server_hold(struct fake_server *s);
/* Tokens are not good any more. */
void fake_server_expire(struct fake_server *s);
