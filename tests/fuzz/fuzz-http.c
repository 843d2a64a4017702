/* Bytes of a hostile HTTP peer: the first chooses our role and the size of the pieces. However the stream is cut the same
 * comes out; what comes out keeps http.h's promises, and a request written down again from what was understood is
 * understood alike, so that no second reader sees another message in it. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/wire/upgrade.h"

enum { MAX_BODY = 3000 };

struct seen {
	uint64_t hash;  /* of all events, bodies joined */
	uint64_t body;  /* hash of the body so far */
	size_t length;
	int error;
	unsigned refusal;
	struct buf again; /* the same as requests */
};

static void check_head(const struct http_head *head)
{
	for (size_t i = 0; i < head->n_fields; i++) {
		struct http_field f = head->fields[i];

		if (f.name.n == 0 || memchr(f.name.p, ' ', f.name.n) || memchr(f.value.p, '\n', f.value.n) ||
		    memchr(f.value.p, '\r', f.value.n) || memchr(f.value.p, 0, f.value.n))
			abort();
	}
	if (head->status == 0 && (head->target.n == 0 || head->target.p[0] != '/' || !http_value(head, "Host").p))
		abort();
	if (head->chunked && (head->length || http_count(head, "Content-Length")))
		abort();
}

static void write_again(struct buf *out, const struct http_head *head)
{
	char target[HTTP_MAX_LINE + 1], host[HTTP_MAX_LINE + 1];
	struct span h = http_value(head, "Host");

	snprintf(target, sizeof(target), "%.*s", SPAN_FMT(head->target));
	snprintf(host, sizeof(host), "%.*s", SPAN_FMT(h));
	http_put_request(out, head->method, target, host,
			 head->method == HTTP_GET ? HTTP_NO_BODY : head->chunked ? HTTP_CHUNKED : (int64_t)head->length,
			 head->keep_alive ? "" : "Connection: close\r\n");
}

static void see(struct seen *s, const struct http_event *e)
{
	const struct http_head *head = e->head;

	if (e->kind == HTTP_HEAD) {
		char accept[UPGRADE_ACCEPT];

		check_head(head);
		s->body = s->length = 0;
		s->hash = s->hash * 31 + span_hash(head->target) + head->status + head->method + head->keep_alive;
		if (head->status)
			upgrade_check_response(head, "dGhlIHNhbXBsZSBub25jZQ==");
		else if (upgrade_check_request(head, accept) == 0 && strlen(accept) != UPGRADE_ACCEPT - 1)
			abort();
		if (head->status == 0)
			write_again(&s->again, head);
	} else if (e->kind == HTTP_BODY) {
		for (size_t i = 0; i < e->piece.n; i++)
			s->body = s->body * 131 + (unsigned char)e->piece.p[i] + 1;
		s->length += e->piece.n;
		if (s->length > MAX_BODY)
			abort();
		if (head->status == 0 && head->chunked)
			http_put_chunk(&s->again, e->piece);
		else
			buf_add_span(&s->again, e->piece);
	} else {
		if (!head->chunked && s->length != head->length)
			abort();
		s->hash = s->hash * 31 + s->body + 7;
		if (head->status == 0 && head->chunked)
			http_put_chunk(&s->again, SPAN(""));
	}
}

static struct seen read_all(enum http_role role, struct span bytes, size_t step)
{
	struct seen seen = { .again = BUF_INIT };
	struct http_event e;
	struct http h;

	http_init(&h, role, MAX_BODY);
	while (bytes.n && seen.error == 0 && !http_is_upgraded(&h)) {
		struct span piece = { bytes.p, bytes.n < step ? bytes.n : step };

		bytes = (struct span){ bytes.p + piece.n, bytes.n - piece.n };
		while ((seen.error = http_read(&h, &piece, &e)) == 1)
			see(&seen, &e);
	}
	seen.refusal = h.refusal;
	if (role == HTTP_SERVER && seen.error < 0 && seen.refusal < 400)
		abort();
	http_free(&h);
	return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	enum http_role role;
	struct span bytes;
	struct seen whole, cut, again;

	if (n == 0)
		return 0;
	role = data[0] & 1 ? HTTP_SERVER : HTTP_CLIENT;
	bytes = (struct span){ (const char *)data + 1, n - 1 };
	whole = read_all(role, bytes, SIZE_MAX);
	cut = read_all(role, bytes, 1 + (data[0] >> 1) % 16);
	if (whole.hash != cut.hash || whole.body != cut.body || whole.error != cut.error || whole.refusal != cut.refusal)
		abort();
	if (role == HTTP_SERVER) {
		again = read_all(HTTP_SERVER, buf_span(&whole.again), SIZE_MAX);
		if (again.error || again.hash != whole.hash || again.body != whole.body)
			abort();
		buf_free(&again.again);
	}
	buf_free(&whole.again);
	buf_free(&cut.again);
	return 0;
}
