#include "recorder/usermessage.h"

static bool is_key_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* Where the next "key=" begins, at or after p, at the beginning of a word; end when there is none. */
static const char *next_key(const char *from, const char *p, const char *end, struct span *ret)
{
	for (; p < end; p++) {
		const char *q = p;

		if (p > from && p[-1] != ' ' && p[-1] != '(' && p[-1] != ',')
			continue;
		while (q < end && is_key_char(*q))
			q++;
		if (q > p && q < end && *q == '=') {
			*ret = (struct span){ p, (size_t)(q - p) };
			return p;
		}
	}
	return end;
}

void usermessage_parse(struct span body, struct usermessage *ret)
{
	struct span kernel = record_kernel_part(body);
	const char *at = kernel.n ? memmem(kernel.p, kernel.n, "msg='", 5) : NULL;
	const char *end;
	struct record_field exe;

	memset(ret, 0, sizeof(*ret));
	if (!at) {
		syscall_record_parse(body, &ret->kernel);
		return;
	}
	end = memrchr(at, '\'', (size_t)(kernel.p + kernel.n - at));
	if (end <= at + 4) /* not closed */
		end = kernel.p + kernel.n;
	syscall_record_parse((struct span){ kernel.p, (size_t)(at - kernel.p) }, &ret->kernel);
	ret->kernel.enrichment = record_enrichment(body);
	ret->text = (struct span){ at + 5, (size_t)(end - at - 5) };
	ret->plain = memmem(ret->text.p, ret->text.n, " (hostname=", 11) != NULL;
	ret->kernel.euid = ret->kernel.uid;
	ret->kernel.exe.key = SPAN_NONE;
	ret->kernel.comm.key = SPAN_NONE;
	if (usermessage_find(ret, SPAN("exe"), &exe))
		ret->kernel.exe = exe;
	if (usermessage_find(ret, SPAN("comm"), &exe))
		ret->kernel.comm = exe;
}

/* p stands behind '='. Returns where it ends. */
static const char *value(const char *p, const char *end, struct record_field *f)
{
	const char *from = p;

	f->quote = 0;
	if (p < end && *p == '"') {
		const char *close = memchr(p + 1, '"', (size_t)(end - p - 1));

		f->quote = '"';
		f->value = (struct span){ p + 1, (size_t)((close ? close : end) - p - 1) };
		return close ? close + 1 : end;
	}
	while (p < end && *p != ' ' && *p != ',' && *p != ')')
		p++;
	f->value = (struct span){ from, (size_t)(p - from) };
	return p;
}

bool usermessage_find(const struct usermessage *m, struct span key, struct record_field *ret)
{
	const char *p = m->text.p, *end = p ? p + m->text.n : NULL;
	struct span found;

	while (p < end && (p = next_key(m->text.p, p, end, &found)) < end) {
		struct record_field f = { .key = found };

		p = value(found.p + found.n + 1, end, &f);
		if (!span_eq(found, key))
			continue;
		if (f.value.n == 0 || span_eq(f.value, SPAN("?")))
			return false;
		*ret = f;
		return true;
	}
	return false;
}

struct span usermessage_string(const struct usermessage *m, struct span key, struct arena *arena)
{
	struct record_field f;

	if (!usermessage_find(m, key, &f))
		return SPAN_NONE;
	return m->plain ? f.value : record_string(&f, arena);
}

int usermessage_result(const struct usermessage *m)
{
	struct record_field f;

	if (!usermessage_find(m, SPAN("res"), &f) && !usermessage_find(m, SPAN("result"), &f))
		return -1;
	return span_eq(f.value, SPAN("success")) || span_eq(f.value, SPAN("Success")) || span_eq(f.value, SPAN("1"));
}

static struct span trimmed(struct span s)
{
	while (s.n && *s.p == ' ') {
		s.p++;
		s.n--;
	}
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == ':'))
		s.n--;
	return s.n ? s : SPAN_NONE;
}

struct span usermessage_operation(const struct usermessage *m)
{
	const char *end = m->text.p ? m->text.p + m->text.n : NULL, *p, *next;
	struct span key, ignored;

	if (!end)
		return SPAN_NONE;
	p = next_key(m->text.p, m->text.p, end, &key);
	if (p > m->text.p)
		return trimmed((struct span){ m->text.p, (size_t)(p - m->text.p) });
	while (p < end && !span_eq(key, SPAN("op")))
		p = next_key(m->text.p, p + 1, end, &key);
	if (p >= end)
		return SPAN_NONE;
	p += 3;
	if (p < end && *p == '"') {
		next = memchr(p + 1, '"', (size_t)(end - p - 1));
		return next ? (struct span){ p + 1, (size_t)(next - p - 1) } : SPAN_NONE;
	}
	next = next_key(m->text.p, p, end, &ignored);
	return trimmed((struct span){ p, (size_t)(next - p) });
}
