#include "gui/compare-text.h"

#include "gui/event-column.h"
#include "gui/i18n.h"

const char *compare_text_area(int area)
{
	static const char *const names[READER_AREAS] = { N_("Programs"), N_("Listeners"), N_("Accounts"), N_("Kernel modules"),
		N_("Autostart files") };

	return _(names[CLAMP(area, 0, READER_AREAS - 1)]);
}

const char *compare_text_change(enum compare_change change)
{
	static const char *const names[COMPARE_CHANGES] = { N_("New"), N_("Changed"), N_("Gone") };

	return _(names[MIN(change, COMPARE_CHANGES - 1)]);
}

static void add_count(GString *out, enum compare_change change, const char *n)
{
	g_string_append(out, out->len ? " · " : "");
	switch (change) {
	case COMPARE_NEW: g_string_append_printf(out, _("%s new"), n); break;
	case COMPARE_CHANGED: g_string_append_printf(out, _("%s changed"), n); break;
	case COMPARE_GONE: case COMPARE_CHANGES: g_string_append_printf(out, _("%s gone"), n); break;
	}
}

char *compare_text_counts(const size_t counts[COMPARE_CHANGES])
{
	GString *out = g_string_new(NULL);

	for (int i = 0; i < COMPARE_CHANGES; i++) {
		g_autofree char *n = event_number(counts[i]);

		if (counts[i])
			add_count(out, (enum compare_change)i, n);
	}
	if (!out->len)
		g_string_append(out, _("no difference"));
	return g_string_free(out, FALSE);
}

char *compare_text_name(const struct compare_item *item)
{
	const struct reader_thing *t = item->thing;
	g_autofree char *name = t->name.n ? event_text(t->name) : g_strdup(_("unknown"));

	if (t->area != READER_AREA_LISTENER)
		return g_steal_pointer(&name);
	return g_strdup_printf(_("%s, port %d"), name, (int)t->port);
}

static char *hash_text(const struct reader_thing *t)
{
	return t->detail.n ? event_text(t->detail) : g_strdup(_("hash not known"));
}

char *compare_text_detail(const struct compare_item *item)
{
	const struct reader_thing *t = item->thing, *was = item->before;
	g_autofree char *now = NULL, *before = NULL;

	switch ((enum reader_area)t->area) {
	case READER_AREA_EXECUTABLE: case READER_AREA_MODULE:
		now = hash_text(t);
		before = was ? hash_text(was) : NULL;
		break;
	case READER_AREA_LISTENER:
		before = was ? event_text(was->by) : NULL;
		now = was ? event_text(t->by) : g_strdup("");
		break;
	case READER_AREA_ACCOUNT: case READER_AREA_AUTOSTART: case READER_AREAS:
		return event_text(t->detail);
	}
	return before ? g_strdup_printf(_("%s, was %s"), now, before) : g_steal_pointer(&now);
}

gint64 compare_text_time(const struct compare_item *item)
{
	return item->change == COMPARE_GONE ? item->thing->last_ms : item->thing->first_ms;
}

char *compare_text_by(const struct compare_item *item)
{
	return event_text(item->thing->by);
}

char *compare_text_expression(const struct compare_item *item)
{
	struct buf text = BUF_INIT;
	char *copy;

	compare_expression(item, &text);
	copy = g_strndup(text.failed || !text.p ? "" : text.p, text.failed ? 0 : text.n);
	buf_free(&text);
	return copy;
}
