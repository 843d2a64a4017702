/* http: HTTP/1.1 (RFC 9112), as much as a WebSocket upgrade and small requests need. Both roles, bytes in, bytes and
 * events out: no I/O.
 *
 * Strict where leniency lets two readers see different messages: every line ends in CRLF, a bare CR or LF is an error, so
 * are folded lines, space before a colon, two lengths, a length beside chunks, another coding than one "chunked", chunk
 * extensions, trailers, a GET with a body, a POST or PUT or a response that does not tell its length, a request without
 * exactly one Host, and targets of another form than "/path?query". */
#pragma once

#include "agent/base/buf.h"

enum {
	HTTP_MAX_LINE = 8192, /* bytes, without CRLF */
	HTTP_MAX_HEAD = 16384,
	HTTP_MAX_FIELDS = 64,
	HTTP_MAX_INTERIM = 8, /* responses 1xx that a client skips before the one that counts */
};

enum http_role { HTTP_CLIENT, HTTP_SERVER };
enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT };

struct http_field {
	struct span name, value; /* value without the space around it */
};

struct http_head {
	enum http_method method; /* of a request */
	struct span target;      /* of a request: visible ASCII that begins with "/" */
	unsigned status;         /* of a response: 101, or 200 to 599 */
	bool chunked;
	uint64_t length;         /* of the body, unless chunked */
	bool keep_alive;         /* no "Connection: close" */
	bool expect_continue;    /* the client waits for http_put_continue before it sends the body */
	struct http_field fields[HTTP_MAX_FIELDS];
	size_t n_fields;
};

enum http_kind { HTTP_HEAD, HTTP_BODY, HTTP_END };

struct http_event {
	enum http_kind kind;
	const struct http_head *head; /* valid until the http_read after the END */
	struct span piece;            /* BODY: part of the bytes given */
};

struct http {
	enum http_role role;
	uint64_t max_body;
	unsigned refusal; /* SERVER, after an error: the status to answer with */
	int error;        /* sticky; of http_read */
	/* ---- private ---- */
	enum {
		HTTP_IN_HEAD, HTTP_IN_BODY, HTTP_IN_CHUNK_SIZE, HTTP_IN_CHUNK, HTTP_IN_CHUNK_END, HTTP_IN_LAST_LINE,
		HTTP_IN_END, HTTP_IN_NOTHING
	} state;
	struct buf in;   /* the head */
	size_t line;     /* where its current line begins */
	bool ended;      /* the END was told: the next byte begins the next head */
	struct http_head head;
	uint64_t left;   /* bytes of the body or chunk to come */
	uint64_t body;   /* bytes of the body so far, with the chunk that is to come */
	char size[18];   /* the line of a chunk's size, or what must be CRLF */
	unsigned n_size;
	unsigned interim;
};

/* max_body: a longer body is refused before it comes, or at the chunk that exceeds it. */
void http_init(struct http *h, enum http_role role, uint64_t max_body);
void http_free(struct http *h);

/* Takes bytes off the front of *bytes until there is an event: HEAD, the BODY in pieces, END; then the next HEAD. 1 with
 * one; 0 when all bytes are taken; -EPROTO malformed, -EMSGSIZE over a limit, -ENOTSUP (method, version, coding),
 * -ENOMEM: for good; a server answers with `refusal` and closes. After an END without keep_alive whatever comes is
 * dropped; after a response 101, or http_upgrade, nothing is taken: *bytes begins with what follows. */
int http_read(struct http *h, struct span *bytes, struct http_event *ret);
/* A server that answers the HEAD it just got with 101: there is no END, and nothing more is read here. */
void http_upgrade(struct http *h);
/* The connection is in another protocol's hands. */
bool http_is_upgraded(const struct http *h);

/* The value of the field of that name (case is ignored); absent when there is none or when there are several. */
struct span http_value(const struct http_head *head, const char *name);
size_t http_count(const struct http_head *head, const char *name);
/* Is `token` an item of the comma-separated lists that all fields of that name make? Case is ignored. */
bool http_lists(const struct http_head *head, const char *name, const char *token);

/* ---- writing ---- */

/* A response with its whole body. type: of the body, NULL for none; more: further fields, each with its CRLF, or "". */
void http_put_response(struct buf *out, unsigned status, const char *type, struct span body, bool close,
		       const char *more);
void http_put_continue(struct buf *out);

#define HTTP_NO_BODY (-1)
#define HTTP_CHUNKED (-2)
/* The head of a request. length: bytes of body that follow, or one of the above. */
void http_put_request(struct buf *out, enum http_method method, const char *target, const char *host, int64_t length,
		      const char *more);
/* A piece of a chunked body; an empty one ends it. */
void http_put_chunk(struct buf *out, struct span piece);
