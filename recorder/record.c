#include "recorder/record.h"

enum { ENRICHED = 0x1d };

static bool cut(struct span *s, struct span prefix)
{
	if (!span_starts(*s, prefix))
		return false;
	s->p += prefix.n;
	s->n -= prefix.n;
	return true;
}

static bool cut_number(struct span *s, uint64_t *ret, size_t *ret_digits)
{
	uint64_t v = 0;
	size_t i = 0;

	for (; i < s->n; i++) {
		unsigned d = (unsigned char)s->p[i] - '0';

		if (d > 9)
			break;
		if (i == 18)
			return false;
		v = v * 10 + d;
	}
	s->p += i;
	s->n -= i;
	*ret = v;
	*ret_digits = i;
	return i > 0;
}

static uint64_t milliseconds(uint64_t fraction, size_t digits)
{
	for (; digits < 3; digits++)
		fraction *= 10;
	for (; digits > 3; digits--)
		fraction /= 10;
	return fraction;
}

/* "S.mmm:N):" of a stamp. Seconds up to the year 9999. */
static const char *parse_stamp(struct span s, struct record *ret)
{
	uint64_t sec, fraction, serial;
	size_t digits, ignored;

	if (!cut_number(&s, &sec, &ignored) || sec > 253402300799)
		return "no time in the stamp";
	if (!cut(&s, SPAN(".")) || !cut_number(&s, &fraction, &digits))
		return "no milliseconds in the stamp";
	if (!cut(&s, SPAN(":")) || !cut_number(&s, &serial, &ignored))
		return "no serial number in the stamp";
	if (!cut(&s, SPAN(")")))
		return "stamp not closed";
	cut(&s, SPAN(":"));
	while (s.n && *s.p == ' ')
		cut(&s, SPAN(" "));
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r' || !s.p[s.n - 1]))
		s.n--;
	ret->time_ms = (int64_t)(sec * 1000 + milliseconds(fraction, digits));
	ret->serial = serial;
	ret->body = s;
	return NULL;
}

static bool cut_word(struct span *s, struct span *ret)
{
	const char *end = memchr(s->p, ' ', s->n);

	if (!end || end == s->p)
		return false;
	*ret = (struct span){ s->p, (size_t)(end - s->p) };
	s->n -= ret->n + 1;
	s->p = end + 1;
	return true;
}

const char *record_parse_line(struct span line, struct record *ret)
{
	struct record r = { SPAN_NONE, SPAN_NONE, 0, 0, SPAN_NONE };
	const char *why;

	if (line.n > RECORD_LINE_MAX)
		return "line too long";
	if ((cut(&line, SPAN("node=")) || cut(&line, SPAN("host="))) && (!cut_word(&line, &r.node) || r.node.n > 255))
		return "bad node name";
	if (!cut(&line, SPAN("type=")))
		return "not an audit record";
	if (!cut_word(&line, &r.type) || r.type.n > 64)
		return "no record type";
	if (!cut(&line, SPAN("msg=audit(")))
		return "no audit stamp";
	why = parse_stamp(line, &r);
	if (!why)
		*ret = r;
	return why;
}

const char *record_parse_message(struct span payload, struct record *ret)
{
	struct record r = { SPAN_NONE, SPAN_NONE, 0, 0, SPAN_NONE };
	const char *why;

	if (payload.n > RECORD_LINE_MAX)
		return "message too long";
	if (!cut(&payload, SPAN("audit(")))
		return "no audit stamp";
	why = parse_stamp(payload, &r);
	if (!why)
		*ret = r;
	return why;
}

struct span record_enrichment(struct span body)
{
	const char *at = body.n ? memchr(body.p, ENRICHED, body.n) : NULL;

	return at ? (struct span){ at + 1, body.n - (size_t)(at + 1 - body.p) } : SPAN_NONE;
}

struct span record_kernel_part(struct span body)
{
	const char *at = body.n ? memchr(body.p, ENRICHED, body.n) : NULL;

	return at ? (struct span){ body.p, (size_t)(at - body.p) } : body;
}

static const char *value_end(const char *p, const char *end)
{
	while (p < end && *p != ' ' && *p != ENRICHED)
		p++;
	return p;
}

/* p stands behind '='. A quote that is not closed takes the rest. Returns where the next field may begin. */
static const char *parse_value(const char *p, const char *end, struct record_field *f)
{
	const char *close;

	f->quote = 0;
	if (p < end && (*p == '"' || *p == '\'')) {
		f->quote = *p++;
		close = memchr(p, f->quote, (size_t)(end - p));
		if (!close)
			close = end;
		f->value = (struct span){ p, (size_t)(close - p) };
		return close < end ? close + 1 : end;
	}
	close = value_end(p, end);
	f->value = (struct span){ p, (size_t)(close - p) };
	return close;
}

bool record_next(struct span *rest, struct record_field *ret)
{
	const char *p = rest->p, *end = p + rest->n;

	while (p < end) {
		const char *key = p;

		while (p < end && *p != '=' && *p != ' ' && *p != ENRICHED && *p != ',')
			p++;
		if (p < end && *p == '=' && p > key) {
			ret->key = (struct span){ key, (size_t)(p - key) };
			p = parse_value(p + 1, end, ret);
			*rest = (struct span){ p, (size_t)(end - p) };
			return true;
		}
		if (p < end)
			p++;
	}
	*rest = (struct span){ end, 0 };
	return false;
}

bool record_find(struct span body, struct span key, struct record_field *ret)
{
	struct record_field f;

	while (record_next(&body, &f))
		if (span_eq(f.key, key)) {
			*ret = f;
			return true;
		}
	return false;
}

bool record_is_hex(struct span value)
{
	if (value.n == 0 || value.n % 2)
		return false;
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f')))
			return false;
	}
	return true;
}

struct span record_string(const struct record_field *f, struct arena *arena)
{
	char *out;

	if (f->quote) /* what is not there is written without quotes: a file may well be called "(null)" */
		return f->value;
	if (f->value.n == 0 || span_eq(f->value, SPAN("(null)")) || span_eq(f->value, SPAN("(none)")) ||
	    span_eq(f->value, SPAN("?")))
		return SPAN_NONE;
	if (!record_is_hex(f->value))
		return f->value;
	out = arena_alloc(arena, f->value.n / 2);
	if (!out || span_unhex(f->value, out) < 0)
		return SPAN_NONE;
	return (struct span){ out, f->value.n / 2 };
}

int64_t record_id(struct span value)
{
	int64_t v;

	if (span_to_i64(value, &v) < 0 || v < 0 || v >= UINT32_MAX)
		return -1;
	return v;
}
