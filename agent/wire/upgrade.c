#include "agent/wire/upgrade.h"

#include <errno.h>
#include <sha1.h>
#include <sys/random.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* n bytes as (n + 2) / 3 * 4 characters and a NUL. */
static void base64(const unsigned char *p, size_t n, char *out)
{
	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)p[i] << 16 | (i + 1 < n ? (unsigned)p[i + 1] << 8 : 0) | (i + 2 < n ? p[i + 2] : 0);

		*out++ = digits[v >> 18];
		*out++ = digits[v >> 12 & 63];
		*out++ = i + 1 < n ? digits[v >> 6 & 63] : '=';
		*out++ = i + 2 < n ? digits[v & 63] : '=';
	}
	*out = 0;
}

/* 16 bytes in base64. */
static bool is_key(struct span s)
{
	if (s.n != UPGRADE_KEY - 1 || s.p[22] != '=' || s.p[23] != '=')
		return false;
	for (size_t i = 0; i < 22; i++)
		if (!memchr(digits, s.p[i], 64))
			return false;
	return memchr("AQgw", s.p[21], 4) != NULL; /* the four bits that are not there are 0 */
}

static void accept_of(struct span key, char ret[UPGRADE_ACCEPT])
{
	static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* section 1.3 */
	unsigned char hash[SHA1_DIGEST_LENGTH];
	SHA1_CTX sha;

	SHA1Init(&sha);
	SHA1Update(&sha, (const unsigned char *)key.p, key.n);
	SHA1Update(&sha, (const unsigned char *)magic, sizeof(magic) - 1);
	SHA1Final(hash, &sha);
	base64(hash, sizeof(hash), ret);
}

int upgrade_make_key(char ret[UPGRADE_KEY])
{
	unsigned char nonce[16];

	if (getrandom(nonce, sizeof(nonce), 0) != sizeof(nonce))
		return -EIO;
	base64(nonce, sizeof(nonce), ret);
	return 0;
}

void upgrade_put_request(struct buf *out, const char *target, const char *host, const char *key)
{
	AUTO_BUF more = BUF_INIT;

	buf_printf(&more, "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		   "Sec-WebSocket-Key: %s\r\n", key);
	if (more.failed)
		out->failed = true;
	else
		http_put_request(out, HTTP_GET, target, host, HTTP_NO_BODY, more.p);
}

int upgrade_check_response(const struct http_head *head, const char *key)
{
	char accept[UPGRADE_ACCEPT];

	if (head->status != 101)
		return -ECONNREFUSED;
	accept_of(span_of(key), accept);
	if (!http_lists(head, "Upgrade", "websocket") || !http_lists(head, "Connection", "Upgrade") ||
	    !span_eq(http_value(head, "Sec-WebSocket-Accept"), span_of(accept)) ||
	    http_count(head, "Sec-WebSocket-Extensions") || http_count(head, "Sec-WebSocket-Protocol"))
		return -EPROTO;
	return 0;
}

unsigned upgrade_check_request(const struct http_head *head, char ret_accept[UPGRADE_ACCEPT])
{
	struct span key = http_value(head, "Sec-WebSocket-Key");

	if (head->method != HTTP_GET)
		return 405;
	if (!http_lists(head, "Upgrade", "websocket") || !http_lists(head, "Connection", "Upgrade") ||
	    !span_eq(http_value(head, "Sec-WebSocket-Version"), SPAN("13")))
		return 426;
	if (!is_key(key))
		return 400;
	if (http_count(head, "Origin"))
		return 403;
	accept_of(key, ret_accept);
	return 0;
}

void upgrade_put_response(struct buf *out, const char *accept)
{
	buf_printf(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		   "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
}

void upgrade_put_refusal(struct buf *out, unsigned status)
{
	http_put_response(out, status, NULL, SPAN(""), true,
			  status == 426 ? "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" : "");
}
