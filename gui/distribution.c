#include "gui/distribution.h"

#include <string.h>

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "timeline/view/theme.h"

/* ---- words ---- */

/* "42 %", "0.3 %", "< 0.1 %" */
static char *percent(double part, double all)
{
	double p = all > 0 ? part * 100 / all : 0;

	if (part > 0 && p < 0.1)
		return g_strdup("< 0.1 %");
	return g_strdup_printf(p < 10 && p > 0 ? "%.1f %%" : "%.0f %%", p);
}

char *distribution_size(guint64 bytes)
{
	return g_format_size(bytes);
}

static const char *action_name(int action)
{
	const char *name = event_action_name(action);

	return name ? name : _("Unknown");
}

/* ---- what happened ---- */

static int by_number(gconstpointer a, gconstpointer b, gpointer by_name)
{
	const struct reader_share *x = a, *y = b;

	if (GPOINTER_TO_INT(by_name))
		return strcmp(action_name(x->action), action_name(y->action));
	return x->count != y->count ? x->count < y->count ? 1 : -1 : x->action - y->action;
}

struct kind {
	int category;
	guint64 count;
};

static int by_kind(gconstpointer a, gconstpointer b, gpointer by_name)
{
	const struct kind *x = a, *y = b;

	if (GPOINTER_TO_INT(by_name))
		return strcmp(theme_kind_name(x->category), theme_kind_name(y->category));
	return x->count != y->count ? x->count < y->count ? 1 : -1 : x->category - y->category;
}

/* `most`: the count of the longest bar. */
static struct bar_row make_row(const char *label, guint64 count, guint64 total, guint64 most, enum event_category kind)
{
	g_autofree char *n = event_number(count), *share = percent((double)count, (double)total);
	struct bar_row r = { .label = g_strdup(label), .part = most ? (double)count / (double)most : 0, .category = kind };

	r.about = g_strdup_printf(ngettext("%s: %s event, %s of all", "%s: %s events, %s of all", (gulong)MIN(count, 1000)),
	                          label, n, share);
	r.amount = g_steal_pointer(&n);
	r.share = g_steal_pointer(&share);
	return r;
}

struct bar_row *distribution_rows(const struct reader_distribution *d, gboolean by_name, guint *ret_n)
{
	struct kind kinds[EVENT_CATEGORY_COUNT] = { 0 };
	g_autofree struct reader_share *shares = g_memdup2(d->shares, d->n * sizeof(*shares));
	struct bar_row *rows = g_new0(struct bar_row, d->n + EVENT_CATEGORY_COUNT);
	guint64 total = 0, most = 0;
	guint n = 0;

	for (size_t i = 0; i < d->n; i++) {
		kinds[event_action_category(shares[i].action)].count += shares[i].count;
		total += shares[i].count;
	}
	for (int c = 0; c < EVENT_CATEGORY_COUNT; c++) {
		kinds[c].category = c;
		most = MAX(most, kinds[c].count);
	}
	g_qsort_with_data(kinds, EVENT_CATEGORY_COUNT, sizeof(*kinds), by_kind, GINT_TO_POINTER(by_name));
	if (d->n)
		g_qsort_with_data(shares, (int)d->n, sizeof(*shares), by_number, GINT_TO_POINTER(by_name));
	for (int k = 0; k < EVENT_CATEGORY_COUNT; k++) {
		enum event_category c = kinds[k].category;

		if (!kinds[k].count)
			continue;
		rows[n] = make_row(theme_kind_name(c), kinds[k].count, total, most, c);
		rows[n].heading = TRUE;
		rows[n++].id = DISTRIBUTION_KIND + (guint)c;
		for (size_t i = 0; i < d->n; i++)
			if (event_action_category(shares[i].action) == c) {
				rows[n] = make_row(action_name(shares[i].action), shares[i].count, total, most, c);
				rows[n++].id = (guint)shares[i].action;
			}
	}
	*ret_n = n;
	return rows;
}

char *distribution_expression(guint id)
{
	const char *name;

	if (id >= DISTRIBUTION_KIND) {
		name = event_category_name((enum event_category)(id - DISTRIBUTION_KIND));
		return name ? g_strdup_printf("event.category == %s", name) : NULL;
	}
	name = event_action_name((int)id);
	return name ? g_strdup_printf("event.action == %s", name) : NULL;
}

/* ---- what takes the space ---- */

static char *cost_label(const struct reader_cost *c)
{
	g_autofree char *key = g_strdup_printf("%" G_GINT64_FORMAT, (gint64)c->key);

	if (c->by == READER_COST_ACTION)
		return g_strdup(action_name((int)c->key));
	if (c->by == READER_COST_PORT)
		return g_strdup_printf(_("Port %s"), key);
	if (c->by == READER_COST_USER && c->key >= 0)
		return g_strdup_printf(_("User %s"), key);
	return event_text(c->name);
}

static struct bar_row make_cost(const struct reader_space *s, const struct reader_cost *c, guint64 most, guint64 limit)
{
	gint64 more = reader_space_more_ms(s, c->bytes, limit);
	g_autofree char *label = cost_label(c), *n = event_number(c->events), *size = distribution_size(c->bytes);
	g_autofree char *share = percent((double)c->bytes, (double)s->bytes), *longer = event_duration(more);
	g_autofree char *kept = distribution_size(MAX(limit, s->bytes));
	struct bar_row r = { .part = most ? (double)c->bytes / (double)most : 0 };

	if (c->by == READER_COST_ACTION)
		r.category = event_action_category((int)c->key);
	/* Translators: name, number, size, percent, size, duration */
	r.about = g_strdup_printf(_("%s: %s events take about %s, %s of the recording. Without them %s would reach back %s "
	                            "further."), label, n, size, share, kept, longer);
	r.amount = g_steal_pointer(&size);
	r.share = more >= 60000 ? g_strdup_printf("+%s", longer) : g_strdup("–");
	r.label = g_steal_pointer(&label);
	return r;
}

struct bar_row *distribution_costs(const struct reader_space *s, enum reader_cost_by by, guint64 limit, guint *ret_n)
{
	struct bar_row *rows = g_new0(struct bar_row, s->n + 1);
	guint64 most = 0;
	guint n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->costs[i].by != (int)by)
			continue;
		most = MAX(most, s->costs[i].bytes);
		rows[n] = make_cost(s, &s->costs[i], most, limit);
		rows[n++].id = (guint)i;
	}
	*ret_n = n;
	return rows;
}

char *distribution_summary(const struct reader_space *s, guint64 events, guint64 limit)
{
	g_autofree char *size = distribution_size(s->bytes), *span = event_duration(s->recorded_ms), *n = event_number(events);
	g_autofree char *kept = distribution_size(MAX(limit, s->bytes)), *fixed = percent((double)(s->bytes - s->event_bytes),
	                                                                                  (double)s->bytes);
	double all = s->bytes ? (double)s->recorded_ms / (double)s->bytes * (double)MAX(limit, s->bytes) : 0;
	g_autofree char *reach = event_duration((gint64)MIN(all, 9e15));

	if (!events || !s->recorded_ms)
		return g_strdup_printf(_("%s events in %s."), n, size);
	/* Translators: number, size, duration, size, duration, percent */
	return g_strdup_printf(_("%s events in %s, recorded in %s: %s would reach back %s. Processes and what they were take "
	                         "%s of it and are always recorded. Sizes are estimates."), n, size, span, kept, reach, fixed);
}
