#include "recorder/execve.h"

#include <errno.h>
#include <stdlib.h>

enum { ARGS_MAX = 1 << 18, CHUNKS_MAX = 1 << 16, MISSING_MAX = 4096, PIECES_MAX = ARGS_MAX + CHUNKS_MAX };

struct piece {
	uint32_t arg, chunk;
	struct span value;
	bool hex;
	bool whole; /* a0=…, not a0[0]=… */
};

struct pieces {
	struct piece *p;
	size_t n, cap;
	uint32_t argc;
	bool has_argc, sorted, partial;
	uint64_t expected; /* a0_len of pieces, summed */
	uint64_t found;
};

static bool cut_index(struct span *s, uint32_t max, uint32_t *ret)
{
	uint32_t v = 0;
	size_t i = 0;

	for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
		v = v * 10 + (uint32_t)(s->p[i] - '0');
		if (v > max)
			return false;
	}
	s->p += i;
	s->n -= i;
	*ret = v;
	return i > 0;
}

enum key_type { KEY_OTHER, KEY_ARGC, KEY_WHOLE, KEY_LENGTH, KEY_CHUNK };

/* a12, a12_len, a12[3] */
static enum key_type parse_key(struct span key, uint32_t *ret_arg, uint32_t *ret_chunk)
{
	if (span_eq(key, SPAN("argc")))
		return KEY_ARGC;
	if (key.n < 2 || *key.p != 'a')
		return KEY_OTHER;
	key.p++;
	key.n--;
	if (!cut_index(&key, ARGS_MAX - 1, ret_arg))
		return KEY_OTHER;
	*ret_chunk = 0;
	if (key.n == 0)
		return KEY_WHOLE;
	if (span_eq(key, SPAN("_len")))
		return KEY_LENGTH;
	if (*key.p != '[')
		return KEY_OTHER;
	key.p++;
	key.n--;
	return cut_index(&key, CHUNKS_MAX, ret_chunk) && span_eq(key, SPAN("]")) ? KEY_CHUNK : KEY_OTHER;
}

static bool add(struct pieces *ps, uint32_t arg, uint32_t chunk, const struct record_field *f, bool whole)
{
	struct piece *p;

	if (ps->n == PIECES_MAX) { /* more than a kernel takes: the rest counts as missing */
		ps->partial = true;
		return true;
	}
	if (ps->n == ps->cap) {
		size_t cap = ps->cap ? ps->cap * 2 : 32;
		struct piece *bigger = reallocarray(ps->p, cap, sizeof(*bigger));

		if (!bigger)
			return false;
		ps->p = bigger;
		ps->cap = cap;
	}
	p = &ps->p[ps->n];
	*p = (struct piece){ arg, chunk, f->value, !f->quote && record_is_hex(f->value), whole };
	if (ps->n && (p[-1].arg > arg || (p[-1].arg == arg && p[-1].chunk >= chunk)))
		ps->sorted = false;
	ps->n++;
	if (!whole)
		ps->found += f->value.n;
	return true;
}

static int collect(struct pieces *ps, struct span body)
{
	struct record_field f;
	uint32_t arg, chunk;
	uint64_t v;

	while (record_next(&body, &f))
		switch (parse_key(f.key, &arg, &chunk)) {
		case KEY_ARGC:
			if (span_to_u64(f.value, &v) == 0 && v <= UINT32_MAX) {
				ps->argc = (uint32_t)v;
				ps->has_argc = true;
			}
			break;
		case KEY_LENGTH:
			if (span_to_u64(f.value, &v) == 0)
				ps->expected += v;
			break;
		case KEY_WHOLE:
		case KEY_CHUNK:
			if (!add(ps, arg, chunk, &f, f.key.p[f.key.n - 1] != ']'))
				return -ENOMEM;
			break;
		case KEY_OTHER:
			break;
		}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->arg != y->arg)
		return x->arg < y->arg ? -1 : 1;
	return x->chunk < y->chunk ? -1 : x->chunk > y->chunk;
}

/* Sorted, and of two pieces for one place the first. */
static void order(struct pieces *ps)
{
	size_t to = 0;

	if (ps->sorted)
		return;
	qsort(ps->p, ps->n, sizeof(*ps->p), compare);
	for (size_t i = 0; i < ps->n; i++)
		if (to == 0 || compare(&ps->p[to - 1], &ps->p[i]) != 0)
			ps->p[to++] = ps->p[i];
	ps->n = to;
}

/* A hostile argc must not cost more than what came. */
static uint32_t plausible_argc(struct pieces *ps)
{
	uint32_t seen = ps->n ? ps->p[ps->n - 1].arg + 1 : 0;

	if (!ps->has_argc || ps->argc < seen)
		return seen;
	if (ps->argc - seen > MISSING_MAX) {
		ps->partial = true;
		return seen;
	}
	return ps->argc;
}

static size_t put(char *out, const struct piece *p)
{
	if (p->hex && span_unhex(p->value, out) == 0)
		return p->value.n / 2;
	memcpy(out, p->value.p, p->value.n);
	return p->value.n;
}

static int join(struct pieces *ps, struct arena *arena, struct execve_args *ret)
{
	uint32_t argc = plausible_argc(ps);
	size_t room = argc, at = 0, k = 0;
	int32_t *lengths = arena_alloc(arena, argc * sizeof(*lengths));
	bool plain = true, any = false;
	char *out;

	for (size_t i = 0; i < ps->n; i++)
		room += ps->p[i].value.n;
	out = arena_alloc(arena, room);
	if (!out || !lengths)
		return -ENOMEM;
	for (uint32_t i = 0; i < argc; i++) {
		size_t from = at + any;

		if (k == ps->n || ps->p[k].arg != i) {
			lengths[i] = -1;
			ps->partial = true;
			continue;
		}
		if (from > at)
			out[at] = ' ';
		at = from;
		any = true;
		for (; k < ps->n && ps->p[k].arg == i; k++)
			at += put(out + at, &ps->p[k]);
		lengths[i] = (int32_t)(at - from);
		plain = plain && at > from && !memchr(out + from, ' ', at - from);
	}
	*ret = (struct execve_args){ { out, at }, plain && !ps->partial ? NULL : lengths, argc,
				     ps->partial || ps->found < ps->expected };
	return 0;
}

int execve_join(const struct span *bodies, size_t n, struct arena *arena, struct execve_args *ret)
{
	struct pieces ps = { .sorted = true };
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = collect(&ps, record_kernel_part(bodies[i]));
	if (r == 0 && ps.n == 0 && !ps.has_argc)
		r = -EINVAL;
	if (r == 0) {
		order(&ps);
		r = join(&ps, arena, ret);
	}
	free(ps.p);
	return r;
}

int execve_count(struct span body, uint32_t *ret_n, uint32_t *ret_argc)
{
	struct pieces ps = { .sorted = true };
	int r = collect(&ps, record_kernel_part(body));

	if (r == 0) {
		if (ps.has_argc)
			*ret_argc = ps.argc;
		*ret_n = 0;
		for (size_t i = 0; i < ps.n; i++)
			*ret_n += ps.p[i].whole || ps.p[i].chunk == 0;
	}
	free(ps.p);
	return r;
}
