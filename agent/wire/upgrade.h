/* upgrade: from HTTP/1.1 to WebSocket (RFC 6455 section 4), both roles. No extensions and no subprotocols: a client that
 * offers some gets none; a server that chooses one breaks the protocol. A browser is no peer of ours: requests with an
 * Origin are refused, so that no web page can drive a connection. */
#pragma once

#include "agent/wire/http.h"

enum { UPGRADE_KEY = 25, UPGRADE_ACCEPT = 29 }; /* bytes, NUL included */

/* ---- client ---- */

/* A random Sec-WebSocket-Key. 0 or negative errno. */
int upgrade_make_key(char ret[UPGRADE_KEY]);
void upgrade_put_request(struct buf *out, const char *target, const char *host, const char *key);
/* 0; -ECONNREFUSED: answered, but not with 101 (head->status tells); -EPROTO: the answer fits not the key, or not us. */
int upgrade_check_response(const struct http_head *head, const char *key);

/* ---- server ---- */

/* 0: accept it with upgrade_put_response; else the status to refuse it with: 400, 403 (Origin), 405, 426 (it asks for no
 * WebSocket, or not version 13; upgrade_put_refusal says which is spoken). */
unsigned upgrade_check_request(const struct http_head *head, char ret_accept[UPGRADE_ACCEPT]);
void upgrade_put_response(struct buf *out, const char *accept);
void upgrade_put_refusal(struct buf *out, unsigned status);
