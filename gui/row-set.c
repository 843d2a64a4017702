#include "gui/row-set.h"

struct row_set {
	GArray *ranges; /* struct row_range */
};

struct row_set *row_set_new(void)
{
	struct row_set *s = g_new(struct row_set, 1);

	s->ranges = g_array_new(FALSE, FALSE, sizeof(struct row_range));
	return s;
}

struct row_set *row_set_copy(const struct row_set *s)
{
	struct row_set *copy = row_set_new();

	g_array_append_vals(copy->ranges, s->ranges->data, s->ranges->len);
	return copy;
}

void row_set_free(struct row_set *s)
{
	if (!s)
		return;
	g_array_unref(s->ranges);
	g_free(s);
}

void row_set_clear(struct row_set *s)
{
	g_array_set_size(s->ranges, 0);
}

guint row_set_n_ranges(const struct row_set *s)
{
	return s->ranges->len;
}

struct row_range row_set_range(const struct row_set *s, guint i)
{
	return g_array_index(s->ranges, struct row_range, i);
}

/* The first range that ends at the row or behind it. */
static guint find(const struct row_set *s, guint64 row)
{
	guint low = 0, high = s->ranges->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (row_set_range(s, middle).to < row)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

gboolean row_set_add(struct row_set *s, guint64 from, guint64 to)
{
	guint i = find(s, from), n = 0;
	struct row_range whole = { from, to };

	if (from >= to)
		return TRUE;
	for (; i + n < s->ranges->len && row_set_range(s, i + n).from <= to; n++) {
		whole.from = MIN(whole.from, row_set_range(s, i + n).from);
		whole.to = MAX(whole.to, row_set_range(s, i + n).to);
	}
	if (!n && s->ranges->len >= ROW_SET_MOST)
		return FALSE;
	if (n)
		g_array_remove_range(s->ranges, i, n);
	g_array_insert_val(s->ranges, i, whole);
	return TRUE;
}

gboolean row_set_remove(struct row_set *s, guint64 from, guint64 to)
{
	for (guint i = find(s, from); from < to && i < s->ranges->len && row_set_range(s, i).from < to;) {
		struct row_range r = row_set_range(s, i), left = { r.from, MIN(r.to, from) }, right = { MAX(r.from, to), r.to };
		gboolean both = left.from < left.to && right.from < right.to;

		if (both && s->ranges->len >= ROW_SET_MOST)
			return FALSE;
		g_array_remove_index(s->ranges, i);
		if (right.from < right.to)
			g_array_insert_val(s->ranges, i, right);
		if (left.from < left.to)
			g_array_insert_val(s->ranges, i++, left);
		if (right.from < right.to)
			break;
	}
	return TRUE;
}

gboolean row_set_has(const struct row_set *s, guint64 row)
{
	guint i = row < G_MAXUINT64 ? find(s, row + 1) : s->ranges->len;

	return i < s->ranges->len && row_set_range(s, i).from <= row;
}

guint64 row_set_count(const struct row_set *s)
{
	guint64 n = 0;

	for (guint i = 0; i < s->ranges->len; i++)
		n += row_set_range(s, i).to - row_set_range(s, i).from;
	return n;
}

guint64 row_set_nth(const struct row_set *s, guint64 nth)
{
	for (guint i = 0; i < s->ranges->len; i++) {
		struct row_range r = row_set_range(s, i);

		if (nth < r.to - r.from)
			return r.from + nth;
		nth -= r.to - r.from;
	}
	return G_MAXUINT64;
}

guint64 row_set_nearest(const struct row_set *s, guint64 row)
{
	guint i = find(s, row);
	guint64 above = i ? row_set_range(s, i - 1).to - 1 : G_MAXUINT64, below;

	if (i == s->ranges->len)
		return above;
	if (row_set_has(s, row))
		return row;
	below = row_set_range(s, i).from;
	if (row_set_range(s, i).to <= row) /* it ends right above */
		return row_set_range(s, i).to - 1;
	return above != G_MAXUINT64 && row - above <= below - row ? above : below;
}
