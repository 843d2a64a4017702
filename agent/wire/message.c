#include "agent/wire/message.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>

#include "agent/base/text.h"

#define EXACT (INT64_C(1) << 53) /* integers up to here survive as a double */

/* ---- writing ---- */

/* Every value ends in a character that is none of these, so the last byte tells whether a comma is due. */
static void separate(struct buf *out, const char *name)
{
	char last = out->n ? out->p[out->n - 1] : '{';

	if (last != '{' && last != '[')
		buf_add_char(out, ',');
	if (name)
		buf_printf(out, "\"%s\":", name);
}

void message_begin(struct buf *out, uint64_t id, const char *type)
{
	buf_printf(out, "{\"v\":%d", MESSAGE_VERSION);
	message_put_uint(out, "id", id);
	message_put_text(out, "type", span_of(type));
}

void message_end(struct buf *out)
{
	buf_add_char(out, '}');
}

void message_put_int(struct buf *out, const char *name, int64_t v)
{
	separate(out, name);
	if (v >= -EXACT && v <= EXACT)
		buf_printf(out, "%" PRId64, v);
	else
		buf_printf(out, "\"%" PRId64 "\"", v);
}

void message_put_uint(struct buf *out, const char *name, uint64_t v)
{
	separate(out, name);
	if (v <= (uint64_t)EXACT)
		buf_printf(out, "%" PRIu64, v);
	else
		buf_printf(out, "\"%" PRIu64 "\"", v);
}

void message_put_bool(struct buf *out, const char *name, bool v)
{
	separate(out, name);
	buf_add_z(out, v ? "true" : "false");
}

static void put_string(struct buf *out, struct span v)
{
	static const char digits[] = "0123456789abcdef";
	size_t plain = 0;

	buf_add_char(out, '"');
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(out, v.p + plain, i - plain);
		plain = i + 1;
		if (c < 0x20)
			buf_add(out, (char[]){ '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] }, 6);
		else
			buf_add(out, (char[]){ '\\', (char)c }, 2);
	}
	if (v.n > plain)
		buf_add(out, v.p + plain, v.n - plain);
	buf_add_char(out, '"');
}

static void put_bytes(struct buf *out, struct span v)
{
	static const char digits[] = "0123456789abcdef";

	buf_add_z(out, "{\"x\":\"");
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		buf_add(out, (char[]){ digits[c >> 4], digits[c & 15] }, 2);
	}
	buf_add_z(out, "\"}");
}

void message_put_text(struct buf *out, const char *name, struct span v)
{
	separate(out, name);
	if (!v.p)
		buf_add_z(out, "null");
	else if (text_is_utf8(v) && !(v.n && memchr(v.p, 0, v.n)))
		put_string(out, v);
	else
		put_bytes(out, v);
}

void message_open_list(struct buf *out, const char *name)
{
	separate(out, name);
	buf_add_char(out, '[');
}

void message_close_list(struct buf *out)
{
	buf_add_char(out, ']');
}

/* ---- reading ---- */

bool message_within(struct span text, size_t max_values)
{
	size_t depth = 0, values = 1;
	bool quoted = false;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
			continue;
		}
		quoted = c == '"';
		if (c == '[' || c == '{')
			depth++;
		else if ((c == ']' || c == '}') && depth-- == 0)
			return false;
		values += c == ',' || c == '[' || c == '{';
		if (depth > MESSAGE_MAX_DEPTH || values > max_values)
			return false;
	}
	return depth == 0 && !quoted;
}

static bool is_only_space(const char *p, const char *end)
{
	for (; p < end; p++)
		if (*p != ' ' && *p != '\n' && *p != '\r' && *p != '\t')
			return false;
	return true;
}

int message_parse(struct span text, const struct message_limits *limits, struct message *ret)
{
	struct message m = { 0 };
	struct message_in in;
	const cJSON *type;
	const char *end = NULL;
	int64_t version;

	if (text.n == 0 || text.n > limits->bytes || !text_is_utf8(text) || !message_within(text, limits->values))
		return -EPROTO;
	m.json = cJSON_ParseWithLengthOpts(text.p, text.n, &end, false);
	if (!m.json)
		return -EPROTO;
	in = message_root(&m);
	version = message_int(&in, "v");
	m.id = message_uint(&in, "id");
	type = cJSON_GetObjectItemCaseSensitive(m.json, "type");
	if (!cJSON_IsObject(m.json) || !is_only_space(end, text.p + text.n) || m.error || version != MESSAGE_VERSION ||
	    !cJSON_IsString(type) || strlen(type->valuestring) > MESSAGE_MAX_NAME) {
		message_free(&m);
		return -EPROTO;
	}
	m.type = span_of(type->valuestring);
	*ret = m;
	return 0;
}

void message_free(struct message *m)
{
	cJSON_Delete(m->json);
	*m = (struct message){ 0 };
}

bool message_is(const struct message *m, const char *type)
{
	return span_eq(m->type, span_of(type));
}

struct message_in message_root(struct message *m)
{
	return (struct message_in){ m, m->json, NULL };
}

void message_bad(struct message_in *in)
{
	if (!in->message->error)
		in->message->error = -EPROTO;
}

/* NULL, and the error is set, when there is none. */
static const cJSON *take(struct message_in *in, const char *name)
{
	const cJSON *item;

	if (name) {
		item = in->object ? cJSON_GetObjectItemCaseSensitive(in->object, name) : NULL;
	} else {
		item = in->next;
		in->next = item ? item->next : NULL;
	}
	if (!item)
		message_bad(in);
	return item;
}

int64_t message_int(struct message_in *in, const char *name)
{
	const cJSON *item = take(in, name);
	int64_t v = 0;

	if (cJSON_IsNumber(item) && item->valuedouble >= (double)-EXACT && item->valuedouble <= (double)EXACT &&
	    (double)(int64_t)item->valuedouble == item->valuedouble)
		return (int64_t)item->valuedouble;
	if (!cJSON_IsString(item) || span_to_i64(span_of(item->valuestring), &v) < 0)
		message_bad(in);
	return v;
}

int64_t message_int_in(struct message_in *in, const char *name, int64_t min, int64_t max)
{
	int64_t v = message_int(in, name);

	if (v >= min && v <= max)
		return v;
	message_bad(in);
	return min > 0 ? min : max < 0 ? max : 0;
}

uint64_t message_uint(struct message_in *in, const char *name)
{
	const cJSON *item = take(in, name);
	uint64_t v = 0;

	if (cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= (double)EXACT &&
	    (double)(uint64_t)item->valuedouble == item->valuedouble)
		return (uint64_t)item->valuedouble;
	if (!cJSON_IsString(item) || span_to_u64(span_of(item->valuestring), &v) < 0)
		message_bad(in);
	return v;
}

bool message_bool(struct message_in *in, const char *name)
{
	const cJSON *item = take(in, name);

	if (!cJSON_IsBool(item))
		message_bad(in);
	return cJSON_IsTrue(item);
}

static struct span unhex(struct message_in *in, const cJSON *hex, struct arena *arena)
{
	struct span digits, out;
	char *p;

	if (!cJSON_IsString(hex) || hex->next) {
		message_bad(in);
		return SPAN_NONE;
	}
	digits = span_of(hex->valuestring);
	p = arena_alloc(arena, digits.n / 2 + 1);
	if (!p) {
		in->message->error = -ENOMEM;
		return SPAN_NONE;
	}
	if (span_unhex(digits, p) < 0) {
		message_bad(in);
		return SPAN_NONE;
	}
	p[digits.n / 2] = 0;
	out = (struct span){ p, digits.n / 2 };
	return out;
}

struct span message_text(struct message_in *in, const char *name, struct arena *arena)
{
	const cJSON *item = take(in, name);
	struct span s;

	if (cJSON_IsObject(item) && item->child && strcmp(item->child->string, "x") == 0)
		return unhex(in, item->child, arena);
	if (!cJSON_IsString(item)) {
		if (!cJSON_IsNull(item))
			message_bad(in);
		return SPAN_NONE;
	}
	s = arena_copy(arena, span_of(item->valuestring));
	if (!s.p)
		in->message->error = -ENOMEM;
	return s;
}

struct message_in message_list(struct message_in *in, const char *name)
{
	const cJSON *item = take(in, name);

	if (!cJSON_IsArray(item)) {
		message_bad(in);
		item = NULL;
	}
	return (struct message_in){ in->message, NULL, item ? item->child : NULL };
}

size_t message_left(const struct message_in *in)
{
	size_t n = 0;

	for (const cJSON *i = in->next; i; i = i->next)
		n++;
	return n;
}

void message_at_end(struct message_in *in)
{
	if (in->next)
		message_bad(in);
}
