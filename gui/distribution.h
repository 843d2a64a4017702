/* distribution: what the page Event Distribution says: counts of kinds and actions, and what takes the space, as rows of
 * a BarList. No widgets. Texts are safe to show. */
#pragma once

#include "gui/bar-list.h"
#include "recorder/query/reader.h"

/* Kinds as headings, actions below them, each sorted by name, or by count. ids: the actions, and DISTRIBUTION_KIND + the
 * kind. g_free the array; its texts are for bar_list_set_rows. */
enum { DISTRIBUTION_KIND = 1 << 20 };
struct bar_row *distribution_rows(const struct reader_distribution *d, gboolean by_name, guint *ret_n);
/* The events of a row with that id; NULL where they cannot be asked for. g_free. */
char *distribution_expression(guint id);

/* The costs of one kind; ids: places in s->costs. `limit`: bytes that history may take (reader_space_more_ms). */
struct bar_row *distribution_costs(const struct reader_space *s, enum reader_cost_by by, guint64 limit, guint *ret_n);
/* "5,012,334 events in 190 MB: 38 bytes each. …": about the whole. g_free. */
char *distribution_summary(const struct reader_space *s, guint64 events, guint64 limit);
/* "134 MB". g_free. */
char *distribution_size(guint64 bytes);
