/* row-set: which rows of a list of any length are selected, as ranges: all of five million are one. No widgets. */
#pragma once

#include <glib.h>

/* Ranges; what would need more is refused. */
enum { ROW_SET_MOST = 2000 };

struct row_range {
	guint64 from, to; /* to: the first behind it */
};

struct row_set; /* ranges in order, with rows between any two */

struct row_set *row_set_new(void);
struct row_set *row_set_copy(const struct row_set *s);
void row_set_free(struct row_set *s);
#define AUTO_ROW_SET __attribute__((cleanup(row_set_cleanup))) struct row_set
static inline void row_set_cleanup(struct row_set **s)
{
	row_set_free(*s);
}

void row_set_clear(struct row_set *s);
/* These too. FALSE: there is no room. */
gboolean row_set_add(struct row_set *s, guint64 from, guint64 to);
gboolean row_set_remove(struct row_set *s, guint64 from, guint64 to);
gboolean row_set_has(const struct row_set *s, guint64 row);
guint64 row_set_count(const struct row_set *s);
/* The i-th row of those in the set, from above; G_MAXUINT64: there are not so many. */
guint64 row_set_nth(const struct row_set *s, guint64 i);
/* The row of the set that is next to this one; G_MAXUINT64: it is empty. */
guint64 row_set_nearest(const struct row_set *s, guint64 row);
guint row_set_n_ranges(const struct row_set *s);
struct row_range row_set_range(const struct row_set *s, guint i);
