#include "recorder/syscall-record.h"

#include <endian.h>

enum { ENRICHED = 0x1d };

/* Up to 8 bytes of a key as one number: comparing keys costs one compare. */
#define KEY1(a) ((uint64_t)(a))
#define KEY2(a, b) (KEY1(a) | KEY1(b) << 8)
#define KEY3(a, b, c) (KEY2(a, b) | KEY1(c) << 16)
#define KEY4(a, b, c, d) (KEY3(a, b, c) | KEY1(d) << 24)
#define KEY5(a, b, c, d, e) (KEY4(a, b, c, d) | KEY1(e) << 32)
#define KEY7(a, b, c, d, e, f, g) (KEY5(a, b, c, d, e) | KEY1(f) << 40 | KEY1(g) << 48)

static uint64_t key_of(const char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)(unsigned char)p[i] << 8 * i;
	return v;
}

static uint64_t decimal(struct span s)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned d = (unsigned char)s.p[i] - '0';

		if (d > 9)
			return UINT64_MAX;
		v = v * 10 + d;
	}
	return v;
}

static int64_t signed_decimal(struct span s)
{
	if (s.n && *s.p == '-')
		return -(int64_t)(decimal((struct span){ s.p + 1, s.n - 1 }) & INT64_MAX);
	return (int64_t)(decimal(s) & INT64_MAX);
}

static int64_t id(struct span s)
{
	uint64_t v = s.n && s.n <= 10 ? decimal(s) : UINT64_MAX;

	return v < UINT32_MAX ? (int64_t)v : -1;
}

static uint64_t hex(struct span s)
{
	uint64_t v = 0;

	return span_hex_to_u64(s, &v) == 0 ? v : 0;
}

static void set(struct syscall_record *r, uint64_t key, const struct record_field *f)
{
	struct span v = f->value;

	switch (key) {
	case KEY4('a', 'r', 'c', 'h'): r->arch = (uint32_t)hex(v); break;
	case KEY7('s', 'y', 's', 'c', 'a', 'l', 'l'): r->number = (uint32_t)decimal(v); break;
	case KEY7('s', 'u', 'c', 'c', 'e', 's', 's'): r->success = v.n && *v.p == 'y'; break;
	case KEY4('e', 'x', 'i', 't'): r->exit = signed_decimal(v); break;
	case KEY2('a', '0'): r->a[0] = hex(v); break;
	case KEY2('a', '1'): r->a[1] = hex(v); break;
	case KEY2('a', '2'): r->a[2] = hex(v); break;
	case KEY2('a', '3'): r->a[3] = hex(v); break;
	case KEY5('i', 't', 'e', 'm', 's'): r->items = (uint32_t)decimal(v); break;
	case KEY4('p', 'p', 'i', 'd'): r->ppid = id(v); break;
	case KEY3('p', 'i', 'd'): r->pid = id(v); break;
	case KEY4('a', 'u', 'i', 'd'): r->auid = id(v); break;
	case KEY3('u', 'i', 'd'): r->uid = id(v); break;
	case KEY3('g', 'i', 'd'): r->gid = id(v); break;
	case KEY4('e', 'u', 'i', 'd'): r->euid = id(v); break;
	case KEY4('e', 'g', 'i', 'd'): r->egid = id(v); break;
	case KEY4('s', 'u', 'i', 'd'): r->suid = id(v); break;
	case KEY4('s', 'g', 'i', 'd'): r->sgid = id(v); break;
	case KEY3('s', 'e', 's'): r->session = id(v); break;
	case KEY3('t', 't', 'y'): r->tty = *f; break;
	case KEY4('c', 'o', 'm', 'm'): r->comm = *f; break;
	case KEY3('e', 'x', 'e'): r->exe = *f; break;
	}
}

/* p stands behind '='; returns where the value ends (at its separator). */
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
	while (p < end && *p != ' ' && *p != ENRICHED)
		p++;
	f->value = (struct span){ from, (size_t)(p - from) };
	return p;
}

void syscall_record_parse(struct span body, struct syscall_record *ret)
{
	const char *p = body.p, *end = p + body.n;

	memset(ret, 0, sizeof(*ret));
	ret->success = -1;
	ret->ppid = ret->pid = ret->auid = ret->uid = ret->gid = ret->euid = ret->egid = ret->session = -1;
	ret->suid = ret->sgid = -1;
	while (p < end && *p != ENRICHED) {
		const char *key = p;
		struct record_field f;

		while (p < end && *p != '=' && *p != ' ' && *p != ENRICHED)
			p++;
		if (p < end && *p == '=') {
			f.key = (struct span){ key, (size_t)(p - key) };
			p = value(p + 1, end, &f);
			if (f.key.n <= 7)
				set(ret, key_of(f.key.p, f.key.n), &f);
		}
		if (p < end && *p == ' ')
			p++;
	}
	if (p < end)
		ret->enrichment = (struct span){ p + 1, (size_t)(end - p - 1) };
}
