#include "recorder/query/cell.h"

#include "agent/base/cleanup.h"
#include "agent/base/text.h"

bool cell_is_formula(struct span text)
{
	static const struct span starts[] = { SPAN("="), SPAN("+"), SPAN("-"), SPAN("@"), SPAN("＝"), SPAN("＋"), SPAN("－"),
		SPAN("＠") };

	while (text.n && *text.p == ' ') { /* some strip them first */
		text.p++;
		text.n--;
	}
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (span_starts(text, starts[i]))
			return true;
	return false;
}

void cell_inert(struct buf *out, struct span text)
{
	AUTO_BUF visible = BUF_INIT;

	text_visible(&visible, text);
	if (cell_is_formula(buf_span(&visible)))
		buf_add_char(out, '\'');
	buf_add_span(out, buf_span(&visible));
	out->failed = out->failed || visible.failed;
}

void cell_csv(struct buf *out, struct span text)
{
	AUTO_BUF inert = BUF_INIT;
	struct span s;

	cell_inert(&inert, text);
	s = buf_span(&inert);
	buf_add_char(out, '"');
	for (const char *quote; (quote = s.n ? memchr(s.p, '"', s.n) : NULL);) {
		size_t n = (size_t)(quote + 1 - s.p);

		buf_add(out, s.p, n);
		buf_add_char(out, '"');
		s = (struct span){ s.p + n, s.n - n };
	}
	buf_add_span(out, s);
	buf_add_char(out, '"');
	out->failed = out->failed || inert.failed;
}

bool cell_is_exact(struct span text)
{
	return text_is_utf8(text);
}

/* JSON is often looked at on a terminal: controls are exact there too when escaped. */
static void escape(struct buf *out, uint32_t c)
{
	if (c > 0xffff)
		buf_printf(out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
	else
		buf_printf(out, "\\u%04x", c);
}

/* How many bytes at the start stand for themselves: printable ASCII mostly. */
static size_t plain(struct span text)
{
	size_t n = 0;

	while (n < text.n && text.p[n] >= ' ' && text.p[n] < 127 && text.p[n] != '"' && text.p[n] != '\\')
		n++;
	return n;
}

void cell_json(struct buf *out, struct span text)
{
	AUTO_BUF visible = BUF_INIT;

	if (!cell_is_exact(text)) {
		text_visible(&visible, text);
		text = buf_span(&visible);
	}
	buf_add_char(out, '"');
	while (text.n) {
		size_t taken = plain(text);
		uint32_t c;

		buf_add(out, text.p, taken);
		text = (struct span){ text.p + taken, text.n - taken };
		if (!text.n)
			break;
		taken = text_hidden(text, &c);
		if (taken)
			escape(out, c);
		else if (*text.p == '"' || *text.p == '\\')
			buf_printf(out, "\\%c", *text.p);
		else
			buf_add_char(out, *text.p);
		taken = taken ? taken : 1;
		text = (struct span){ text.p + taken, text.n - taken };
	}
	buf_add_char(out, '"');
	out->failed = out->failed || visible.failed;
}

void cell_json_hex(struct buf *out, struct span bytes)
{
	static const char digits[] = "0123456789abcdef";

	buf_add_char(out, '"');
	for (size_t i = 0; i < bytes.n; i++) {
		buf_add_char(out, digits[(unsigned char)bytes.p[i] >> 4]);
		buf_add_char(out, digits[bytes.p[i] & 15]);
	}
	buf_add_char(out, '"');
}
