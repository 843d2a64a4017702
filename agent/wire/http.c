#include "agent/wire/http.h"

#include <errno.h>
#include <strings.h>

static const char *const methods[] = { [HTTP_GET] = "GET", [HTTP_POST] = "POST", [HTTP_PUT] = "PUT" };
enum { N_METHODS = sizeof(methods) / sizeof(*methods) };

void http_init(struct http *h, enum http_role role, uint64_t max_body)
{
	*h = (struct http){ .role = role, .max_body = max_body };
}

void http_free(struct http *h)
{
	buf_free(&h->in);
}

static int refuse(struct http *h, int error, unsigned status)
{
	h->refusal = status;
	return h->error = error;
}

/* ---- characters ---- */

static bool is_token_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_token_char((unsigned char)s.p[i]))
			return false;
	return s.n > 0;
}

static bool is_target(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '#')
			return false;
	return s.n > 0 && s.p[0] == '/';
}

static bool is_host(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_token_char((unsigned char)s.p[i]) && !strchr(":[]", s.p[i]))
			return false;
	return s.n > 0;
}

static struct span trim(struct span s)
{
	while (s.n && (*s.p == ' ' || *s.p == '\t'))
		s.p++, s.n--;
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static bool same(struct span s, const char *z)
{
	return s.n == strlen(z) && strncasecmp(s.p, z, s.n) == 0;
}

/* ---- fields ---- */

size_t http_count(const struct http_head *head, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < head->n_fields; i++)
		n += same(head->fields[i].name, name);
	return n;
}

struct span http_value(const struct http_head *head, const char *name)
{
	struct span value = SPAN_NONE;

	for (size_t i = 0; i < head->n_fields; i++) {
		if (!same(head->fields[i].name, name))
			continue;
		if (value.p)
			return SPAN_NONE;
		value = head->fields[i].value;
	}
	return value;
}

bool http_lists(const struct http_head *head, const char *name, const char *token)
{
	for (size_t i = 0; i < head->n_fields; i++) {
		struct span rest = head->fields[i].value, item;

		if (!same(head->fields[i].name, name))
			continue;
		while (span_next(&rest, ',', &item))
			if (same(trim(item), token))
				return true;
	}
	return false;
}

/* ---- the head ---- */

static int read_version(struct http *h, struct span s)
{
	if (span_eq(s, SPAN("HTTP/1.1")))
		return 0;
	if (s.n == 8 && span_starts(s, SPAN("HTTP/")) && s.p[6] == '.')
		return refuse(h, -ENOTSUP, 505);
	return refuse(h, -EPROTO, 400);
}

static int read_request_line(struct http *h, struct span line)
{
	struct span method, target;
	int r;

	if (!span_next(&line, ' ', &method) || !is_token(method) || !span_next(&line, ' ', &target) || !line.p)
		return refuse(h, -EPROTO, 400);
	r = read_version(h, line);
	if (r < 0)
		return r;
	if (!is_target(target))
		return refuse(h, -EPROTO, 400);
	h->head.target = target;
	for (unsigned i = 0; i < N_METHODS; i++) {
		if (!span_eq(method, span_of(methods[i])))
			continue;
		h->head.method = i;
		return 0;
	}
	return refuse(h, -ENOTSUP, 501);
}

static int read_status_line(struct http *h, struct span line)
{
	struct span version, status;
	uint64_t v;
	int r;

	if (!span_next(&line, ' ', &version) || !span_next(&line, ' ', &status) || !line.p)
		return -EPROTO;
	r = read_version(h, version);
	if (r < 0)
		return r;
	if (status.n != 3 || span_to_u64(status, &v) < 0 || v < 100 || v > 599)
		return -EPROTO;
	h->head.status = (unsigned)v;
	return 0;
}

static int read_field(struct http *h, struct span line)
{
	struct http_head *head = &h->head;
	struct span name;

	if (!span_next(&line, ':', &name) || !line.p || !is_token(name))
		return refuse(h, -EPROTO, 400);
	if (head->n_fields == HTTP_MAX_FIELDS)
		return refuse(h, -EMSGSIZE, 431);
	head->fields[head->n_fields++] = (struct http_field){ name, trim(line) };
	return 0;
}

/* Content-Length and Transfer-Encoding (RFC 9112 section 6.3, without what it tolerates). */
static int read_length(struct http *h)
{
	struct http_head *head = &h->head;
	size_t lengths = http_count(head, "Content-Length"), codings = http_count(head, "Transfer-Encoding");

	if (lengths + codings > 1)
		return refuse(h, -EPROTO, 400);
	if (codings) {
		head->chunked = same(http_value(head, "Transfer-Encoding"), "chunked");
		return head->chunked ? 0 : refuse(h, -ENOTSUP, 501);
	}
	if (lengths) {
		int r = span_to_u64(http_value(head, "Content-Length"), &head->length);

		if (r == -EINVAL)
			return refuse(h, -EPROTO, 400);
		return r < 0 || head->length > h->max_body ? refuse(h, -EMSGSIZE, 413) : 0;
	}
	return 0;
}

static int judge_request(struct http *h)
{
	struct http_head *head = &h->head;
	bool told = head->chunked || http_count(head, "Content-Length");

	if (http_count(head, "Host") != 1 || !is_host(http_value(head, "Host")))
		return refuse(h, -EPROTO, 400);
	if (head->method == HTTP_GET && (head->chunked || head->length))
		return refuse(h, -EPROTO, 400);
	if (head->method != HTTP_GET && !told)
		return refuse(h, -EPROTO, 411);
	if (http_count(head, "Expect")) {
		if (!same(http_value(head, "Expect"), "100-continue"))
			return refuse(h, -ENOTSUP, 417);
		head->expect_continue = head->chunked || head->length;
	}
	return 0;
}

static bool is_interim(const struct http_head *head)
{
	return head->status >= 100 && head->status < 200 && head->status != 101;
}

static int judge_response(struct http *h)
{
	struct http_head *head = &h->head;
	bool told = head->chunked || http_count(head, "Content-Length");
	bool none = head->status < 200 || head->status == 204 || head->status == 304;

	if (none ? head->chunked || head->length : !told)
		return -EPROTO;
	return is_interim(head) && ++h->interim > HTTP_MAX_INTERIM ? -EMSGSIZE : 0;
}

/* The whole head stands in h->in, with the empty line. */
static int parse_head(struct http *h)
{
	struct span rest = buf_span(&h->in), line;
	bool first = true;
	int r;

	h->head = (struct http_head){ 0 };
	while (span_next(&rest, '\n', &line) && line.n > 1) {
		line.n--; /* the CR */
		if (first)
			r = h->role == HTTP_SERVER ? read_request_line(h, line) : read_status_line(h, line);
		else
			r = read_field(h, line);
		if (r < 0)
			return r;
		first = false;
	}
	h->head.keep_alive = !http_lists(&h->head, "Connection", "close");
	r = read_length(h);
	if (r < 0)
		return r;
	return h->role == HTTP_SERVER ? judge_request(h) : judge_response(h);
}

/* 1: that was the head's last byte. */
static int add_to_head(struct http *h, unsigned char c)
{
	bool after_cr = h->in.n > h->line && h->in.p[h->in.n - 1] == '\r';
	bool empty = h->in.n - h->line == 1;

	if ((c == '\n') != after_cr || (c < ' ' && !strchr("\t\r\n", c)) || c == 0 || c == 0x7f)
		return refuse(h, -EPROTO, 400);
	if (h->in.n - h->line >= (size_t)HTTP_MAX_LINE + (c == '\r' ? 1 : c == '\n' ? 2 : 0))
		return refuse(h, -EMSGSIZE, h->line == 0 ? 414 : 431);
	if (h->in.n == HTTP_MAX_HEAD)
		return refuse(h, -EMSGSIZE, 431);
	buf_add_char(&h->in, (char)c);
	if (h->in.failed)
		return refuse(h, -ENOMEM, 503);
	if (c != '\n')
		return 0;
	if (empty)
		return h->line == 0 ? refuse(h, -EPROTO, 400) : 1;
	h->line = h->in.n;
	return 0;
}

static void forget_head(struct http *h)
{
	buf_clear(&h->in);
	h->line = 0;
	h->ended = false;
}

/* 1 when the head is whole and good. */
static int read_head(struct http *h, struct span *bytes)
{
	while (bytes->n) {
		int r = add_to_head(h, (unsigned char)*bytes->p);

		bytes->p++, bytes->n--;
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		r = parse_head(h);
		if (r < 0)
			return h->error = r;
		if (is_interim(&h->head)) {
			forget_head(h);
			continue;
		}
		h->left = h->head.length;
		h->body = 0;
		h->interim = 0;
		h->state = h->head.status == 101 ? HTTP_IN_NOTHING : h->head.chunked ? HTTP_IN_CHUNK_SIZE :
			   h->left ? HTTP_IN_BODY : HTTP_IN_END;
		return 1;
	}
	return 0;
}

/* ---- the body ---- */

/* Gathers a line of at most `max` bytes with its CRLF. 1 with it in h->size. */
static int read_short_line(struct http *h, struct span *bytes, unsigned max)
{
	while (bytes->n) {
		char c = *bytes->p;
		bool after_cr = h->n_size && h->size[h->n_size - 1] == '\r';

		if (h->n_size == max || (c == '\n') != after_cr)
			return refuse(h, -EPROTO, 400);
		h->size[h->n_size++] = c;
		bytes->p++, bytes->n--;
		if (c == '\n')
			return 1;
	}
	return 0;
}

static int read_chunk_size(struct http *h, struct span *bytes)
{
	int r = read_short_line(h, bytes, sizeof(h->size));
	struct span digits = { h->size, h->n_size - 2 };

	if (r <= 0)
		return r;
	h->n_size = 0;
	if (span_hex_to_u64(digits, &h->left) < 0)
		return refuse(h, -EPROTO, 400);
	if (h->left > h->max_body - h->body)
		return refuse(h, -EMSGSIZE, 413);
	h->body += h->left;
	h->state = h->left ? HTTP_IN_CHUNK : HTTP_IN_LAST_LINE;
	return 0;
}

/* The CRLF behind a chunk, or in place of trailers. */
static int read_crlf(struct http *h, struct span *bytes)
{
	int r = read_short_line(h, bytes, 2);

	if (r <= 0)
		return r;
	h->n_size = 0;
	h->state = h->state == HTTP_IN_CHUNK_END ? HTTP_IN_CHUNK_SIZE : HTTP_IN_END;
	return 0;
}

static void read_piece(struct http *h, struct span *bytes, struct http_event *ret)
{
	size_t n = bytes->n < h->left ? bytes->n : (size_t)h->left;

	*ret = (struct http_event){ HTTP_BODY, &h->head, { bytes->p, n } };
	bytes->p += n;
	bytes->n -= n;
	h->left -= n;
	if (h->left == 0)
		h->state = h->state == HTTP_IN_CHUNK ? HTTP_IN_CHUNK_END : HTTP_IN_END;
}

static void end(struct http *h, struct http_event *ret)
{
	*ret = (struct http_event){ HTTP_END, &h->head, SPAN_NONE };
	h->state = h->head.keep_alive ? HTTP_IN_HEAD : HTTP_IN_NOTHING;
	h->ended = true;
}

static int step(struct http *h, struct span *bytes, struct http_event *ret)
{
	int r;

	switch (h->state) {
	case HTTP_IN_HEAD:
		r = read_head(h, bytes);
		if (r == 1)
			*ret = (struct http_event){ HTTP_HEAD, &h->head, SPAN_NONE };
		return r;
	case HTTP_IN_CHUNK_SIZE:
		return read_chunk_size(h, bytes);
	case HTTP_IN_CHUNK_END:
	case HTTP_IN_LAST_LINE:
		return read_crlf(h, bytes);
	case HTTP_IN_END:
		end(h, ret);
		return 1;
	default:
		read_piece(h, bytes, ret);
		return 1;
	}
}

int http_read(struct http *h, struct span *bytes, struct http_event *ret)
{
	int r = h->error;

	if (h->ended)
		forget_head(h);
	if (http_is_upgraded(h))
		return 0;
	if (h->state == HTTP_IN_NOTHING)
		*bytes = (struct span){ bytes->p + bytes->n, 0 };
	while (r == 0 && (bytes->n || h->state == HTTP_IN_END))
		r = step(h, bytes, ret);
	return r;
}

void http_upgrade(struct http *h)
{
	h->head.status = 101;
	h->state = HTTP_IN_NOTHING;
}

bool http_is_upgraded(const struct http *h)
{
	return h->state == HTTP_IN_NOTHING && h->head.status == 101;
}

/* ---- writing ---- */

static const char *reason(unsigned status)
{
	static const struct {
		unsigned status;
		const char *text;
	} reasons[] = {
		{ 101, "Switching Protocols" }, { 200, "OK" }, { 201, "Created" }, { 400, "Bad Request" },
		{ 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
		{ 408, "Request Timeout" }, { 409, "Conflict" }, { 411, "Length Required" },
		{ 413, "Content Too Large" }, { 414, "URI Too Long" }, { 417, "Expectation Failed" },
		{ 422, "Unprocessable Content" }, { 426, "Upgrade Required" }, { 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" }, { 500, "Internal Server Error" },
		{ 501, "Not Implemented" }, { 503, "Service Unavailable" }, { 505, "HTTP Version Not Supported" },
		{ 507, "Insufficient Storage" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "";
}

void http_put_response(struct buf *out, unsigned status, const char *type, struct span body, bool close,
		       const char *more)
{
	buf_printf(out, "HTTP/1.1 %u %s\r\n", status, reason(status));
	if (type)
		buf_printf(out, "Content-Type: %s\r\n", type);
	if (status >= 200 && status != 204)
		buf_printf(out, "Content-Length: %zu\r\n", body.n);
	buf_printf(out, "%s%s\r\n", close ? "Connection: close\r\n" : "", more);
	buf_add_span(out, body);
}

void http_put_continue(struct buf *out)
{
	buf_add_z(out, "HTTP/1.1 100 Continue\r\n\r\n");
}

void http_put_request(struct buf *out, enum http_method method, const char *target, const char *host, int64_t length,
		      const char *more)
{
	buf_printf(out, "%s %s HTTP/1.1\r\nHost: %s\r\n", methods[method], target, host);
	if (length == HTTP_CHUNKED)
		buf_add_z(out, "Transfer-Encoding: chunked\r\n");
	else if (length >= 0)
		buf_printf(out, "Content-Length: %lld\r\n", (long long)length);
	buf_printf(out, "%s\r\n", more);
}

void http_put_chunk(struct buf *out, struct span piece)
{
	buf_printf(out, "%zx\r\n", piece.n);
	buf_add_span(out, piece);
	buf_add_z(out, "\r\n");
}
