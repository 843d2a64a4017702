#include "recorder/store/delta.h"

#include <errno.h>
#include <stdlib.h>

enum {
	HASH_BITS = 12, GRAM = 4, /* bytes that are looked up */
	MATCH_MIN = 6,            /* a step costs three bytes and more */
	TRIES = 6,                /* places looked at that begin alike */
};

struct delta_work {
	char window[2 * DELTA_MAX];      /* base and text, one behind the other */
	size_t n;
	uint16_t head[1 << HASH_BITS];   /* place + 1 of the last gram with that hash, 0 none */
	uint16_t before[2 * DELTA_MAX];  /* the one before it */
	struct buf *out;
	size_t copied_to;                /* end of the last copy that was written */
};

struct delta_work *delta_work_new(void)
{
	return calloc(1, sizeof(struct delta_work));
}

bool delta_may(struct span text)
{
	unsigned char all = 0;

	if (text.n < DELTA_MIN || text.n > DELTA_MAX)
		return false;
	for (size_t i = 0; i < text.n; i++)
		all |= (unsigned char)((unsigned char)text.p[i] - 1) | (unsigned char)text.p[i];
	return all < 0x80;
}

/* ---- numbers: at most 4 * DELTA_MAX, below the surrogates ---- */

static void add_number(struct buf *out, size_t number)
{
	unsigned n = (unsigned)number + 1;

	if (n < 0x80) {
		buf_add_char(out, (char)n);
	} else if (n < 0x800) {
		buf_add_char(out, (char)(0xc0 | n >> 6));
		buf_add_char(out, (char)(0x80 | (n & 0x3f)));
	} else {
		buf_add_char(out, (char)(0xe0 | n >> 12));
		buf_add_char(out, (char)(0x80 | (n >> 6 & 0x3f)));
		buf_add_char(out, (char)(0x80 | (n & 0x3f)));
	}
}

static bool take_number(struct span *rest, size_t *ret)
{
	const unsigned char *p = (const unsigned char *)rest->p;
	size_t more, n;

	if (rest->n == 0)
		return false;
	if (p[0] - 1u < 0x7f) {
		*ret = p[0] - 1u;
		rest->p++;
		rest->n--;
		return true;
	}
	more = (p[0] & 0xe0) == 0xc0 ? 1 : (p[0] & 0xf0) == 0xe0 ? 2 : SIZE_MAX;
	if (more >= rest->n)
		return false;
	n = p[0] & (more == 1 ? 0x1f : 0x0f);
	for (size_t i = 1; i <= more; i++)
		n = n << 6 | (p[i] & 0x3f);
	if (n == 0)
		return false;
	rest->p += more + 1;
	rest->n -= more + 1;
	*ret = n - 1;
	return true;
}

/* ---- making ---- */

static uint32_t hash_at(const struct delta_work *w, size_t at)
{
	uint32_t x;

	memcpy(&x, w->window + at, GRAM);
	return x * UINT32_C(2654435761) >> (32 - HASH_BITS);
}

static void remember(struct delta_work *w, size_t at)
{
	uint32_t hash;

	if (at + GRAM > w->n)
		return;
	hash = hash_at(w, at);
	w->before[at] = w->head[hash];
	w->head[hash] = (uint16_t)(at + 1);
}

/* How many bytes from `from` are as those from `at`, without reaching into these. */
static size_t match_length(const struct delta_work *w, size_t from, size_t at)
{
	size_t n = 0, most = w->n - at < at - from ? w->n - at : at - from;

	while (n < most && w->window[from + n] == w->window[at + n])
		n++;
	return n;
}

/* `likely`: where it would go on if what is new replaced as much. Places far from there cost more bytes. */
static size_t find_match(const struct delta_work *w, size_t at, size_t likely, size_t *ret_from)
{
	size_t best = likely < at ? match_length(w, likely, at) : 0;
	size_t next = w->head[hash_at(w, at)];

	*ret_from = likely;
	for (int i = 0; i < TRIES && next; i++, next = w->before[next - 1]) {
		size_t n = match_length(w, next - 1, at);

		if (n > best + 2 || (n > best && best < MATCH_MIN)) {
			best = n;
			*ret_from = next - 1;
		}
	}
	return best < MATCH_MIN ? 0 : best;
}

/* Copies n bytes from there, then takes the new ones [at, to). */
static void add_step(struct delta_work *w, size_t from, size_t n, size_t at, size_t to)
{
	add_number(w->out, from >= w->copied_to ? 2 * (from - w->copied_to) : 2 * (w->copied_to - from) - 1);
	add_number(w->out, n);
	add_number(w->out, to - at);
	buf_add(w->out, w->window + at, to - at);
	w->copied_to = from + n;
}

static void make_steps(struct delta_work *w, size_t base, size_t end)
{
	size_t from = 0, n = 0;      /* of the copy that is not written yet */
	size_t fresh = base, at = base; /* what is new begins there */

	while (at + MATCH_MIN <= w->n && w->out->n < end) {
		size_t place, more = find_match(w, at, from + n + (at - fresh), &place);

		if (more == 0) {
			remember(w, at++);
			continue;
		}
		if (n > 0 || at > base)
			add_step(w, from, n, fresh, at);
		from = place;
		n = more;
		fresh = at + n;
		while (at < fresh)
			remember(w, at++);
	}
	add_step(w, from, n, fresh, w->n);
}

bool delta_make(struct delta_work *w, struct span base, struct span text, size_t most, struct buf *out)
{
	size_t start = out->n;

	memcpy(w->window, base.p, base.n);
	memcpy(w->window + base.n, text.p, text.n);
	w->n = base.n + text.n;
	w->out = out;
	w->copied_to = 0;
	memset(w->head, 0, sizeof(w->head));
	for (size_t i = 0; i + GRAM <= base.n; i++)
		remember(w, i);
	make_steps(w, base.n, start + most);
	if (!out->failed && out->n < start + most)
		return true;
	if (!out->failed)
		out->n = start;
	return false;
}

/* ---- undoing ---- */

/* Bytes [from, from + n) of the base and what is done, as one text, to the end of what is done. */
static void copy(struct span base, char *done, size_t done_n, size_t from, size_t n)
{
	size_t of_base = from >= base.n ? 0 : n < base.n - from ? n : base.n - from;

	if (of_base)
		memcpy(done + done_n, base.p + from, of_base);
	if (n > of_base)
		memcpy(done + done_n + of_base, done + (from + of_base - base.n), n - of_base);
}

int delta_undo(struct span base, struct span delta, struct buf *out)
{
	char *done = buf_reserve(out, DELTA_MAX);
	size_t done_n = 0, at = 0, place, n, fresh;

	if (!done)
		return -ENOMEM;
	while (delta.n > 0) {
		size_t window = base.n + done_n;

		if (!take_number(&delta, &place) || !take_number(&delta, &n) || !take_number(&delta, &fresh))
			return -EBADMSG;
		if (place & 1 ? (place + 1) / 2 > at : place / 2 > window - at)
			return -EBADMSG;
		at = place & 1 ? at - (place + 1) / 2 : at + place / 2;
		if (n > window - at || fresh > delta.n || done_n + n + fresh > DELTA_MAX)
			return -EBADMSG;
		copy(base, done, done_n, at, n);
		memcpy(done + done_n + n, delta.p, fresh);
		done_n += n + fresh;
		delta.p += fresh;
		delta.n -= fresh;
		at += n;
	}
	out->n += done_n;
	done[done_n] = 0;
	return 0;
}
