#include <errno.h>
#include <stdlib.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/text.h"
#include "server/evidence/casefile.h"

struct tags {
	struct span list[2 * CASEFILE_MAX_TAGS + 1];
	size_t n;
};

static struct span trimmed(struct span s)
{
	while (s.n && (*s.p == ' ' || *s.p == '\t'))
		s = (struct span){ s.p + 1, s.n - 1 };
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static bool can_be_seen(struct span s)
{
	uint32_t which;

	if (!text_is_utf8(s))
		return false;
	for (; s.n; s = (struct span){ s.p + 1, s.n - 1 })
		if (text_hidden(s, &which))
			return false;
	return true;
}

static bool has(const struct tags *t, struct span tag)
{
	for (size_t i = 0; i < t->n; i++)
		if (span_eq(t->list[i], tag))
			return true;
	return false;
}

static int by_bytes(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);

	return order ? order : x->n < y->n ? -1 : x->n > y->n;
}

static int add(struct tags *t, struct span tag)
{
	if (!tag.n || has(t, tag))
		return 0;
	if (t->n == sizeof(t->list) / sizeof(*t->list))
		return -EINVAL;
	t->list[t->n++] = tag;
	return 0;
}

static int split(struct tags *t, struct span written, char separator)
{
	struct span rest = written, piece;
	int r = 0;

	while (r == 0 && written.n && span_next(&rest, separator, &piece))
		r = separator == '\n' && memchr(piece.p, ',', piece.n) ? split(t, piece, ',') : add(t, trimmed(piece));
	return r;
}

static int write_out(struct tags *t, char **ret)
{
	AUTO_BUF out = BUF_INIT;
	char *text;

	if (t->n > CASEFILE_MAX_TAGS)
		return -EINVAL;
	qsort(t->list, t->n, sizeof(*t->list), by_bytes);
	for (size_t i = 0; i < t->n; i++) {
		if (t->list[i].n > CASEFILE_MAX_TAG || !can_be_seen(t->list[i]))
			return -EINVAL;
		if (i)
			buf_add_char(&out, '\n');
		buf_add_span(&out, t->list[i]);
	}
	if (!t->n)
		buf_add_z(&out, "");
	text = buf_steal(&out);
	if (!text)
		return -ENOMEM;
	*ret = text;
	return 0;
}

int casefile_tags(struct span written, char **ret)
{
	struct tags t = { .n = 0 };
	int r = split(&t, written, '\n');

	return r < 0 ? r : write_out(&t, ret);
}

int casefile_merge_tags(struct span have, struct span add_these, struct span remove, char **ret)
{
	struct tags all = { .n = 0 }, gone = { .n = 0 }, left = { .n = 0 };
	int r = split(&all, have, '\n');

	if (r == 0)
		r = split(&all, add_these, '\n');
	if (r == 0)
		r = split(&gone, remove, '\n');
	for (size_t i = 0; i < all.n && r == 0; i++)
		r = has(&gone, all.list[i]) ? 0 : add(&left, all.list[i]);
	return r < 0 ? r : write_out(&left, ret);
}
