#include "gui/colour-rules.h"

#include <string.h>

#include "gui/fault-text.h"
#include "gui/i18n.h"
#include "recorder/query/expr.h"

#define KEY "colour-rules"
#define TYPE "a(sssb)" /* name, expression, colour, on */

enum { UNDO_MOST = 50 };

struct rule {
	char *name, *expression;
	enum colour_hue hue;
	gboolean on, sound;
};

struct _ColourRules {
	GObject parent;
	GSettings *settings; /* not owned: it owns us; NULL: kept nowhere */
	GArray *rules;
	GQueue undo;         /* GArray of struct rule, the latest first */
};
G_DEFINE_FINAL_TYPE(ColourRules, colour_rules, G_TYPE_OBJECT)

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- colours ---- */

#define RGB(x) { ((x) >> 16 & 0xff) / 255.0, ((x) >> 8 & 0xff) / 255.0, ((x) & 0xff) / 255.0 }

static const struct {
	const char *id, *name;
	struct theme_colour light, dark;
} hues[N_HUES] = {
	[HUE_RED] = { "red", N_("Red"), RGB(0xc01c28), RGB(0xff7b72) },
	[HUE_ORANGE] = { "orange", N_("Orange"), RGB(0xc25400), RGB(0xffa657) },
	[HUE_YELLOW] = { "yellow", N_("Yellow"), RGB(0x8f6c00), RGB(0xf0d25a) },
	[HUE_GREEN] = { "green", N_("Green"), RGB(0x2b7a2f), RGB(0x7fd384) },
	[HUE_TEAL] = { "teal", N_("Teal"), RGB(0x007a78), RGB(0x5ed3cf) },
	[HUE_BLUE] = { "blue", N_("Blue"), RGB(0x1c66c9), RGB(0x78aef7) },
	[HUE_PURPLE] = { "purple", N_("Purple"), RGB(0x8b2fa8), RGB(0xd79bf0) },
	[HUE_GREY] = { "grey", N_("Grey"), RGB(0x5e5e66), RGB(0xabaab4) },
};

const char *colour_rules_hue_name(enum colour_hue hue)
{
	return _(hues[hue].name);
}

struct theme_colour colour_rules_colour(enum colour_hue hue, bool dark)
{
	return dark ? hues[hue].dark : hues[hue].light;
}

static enum colour_hue hue_of(const char *id)
{
	for (guint i = 0; i < N_HUES; i++)
		if (g_str_equal(id, hues[i].id))
			return i;
	return HUE_GREY;
}

/* ---- one rule ---- */

/* As they come with the app, in this order. Names are translated when they are taken. */
static const struct colour_rule defaults[] = {
	{ N_("Program in a place that anybody can write to"),
	  "event.action in (ProcessCreate, ProcessSeen) and (process.executable startswith \"/tmp/\" or "
	  "process.executable startswith \"/var/tmp/\" or process.executable startswith \"/dev/shm/\")", HUE_RED, TRUE },
	{ N_("Program only in memory, or deleted"),
	  "event.action in (ProcessCreate, ProcessSeen) and process.executable endswith \" (deleted)\"", HUE_PURPLE, TRUE },
	{ N_("Shell or interpreter on the network"),
	  "event.category == network and process.name in (sh, bash, dash, zsh, perl, ruby, php, nc, ncat, socat)", HUE_ORANGE,
	  TRUE },
	{ N_("Refused: logon or access"),
	  "event.action == Denial or (event.category == security and event.outcome == failure)", HUE_YELLOW, TRUE },
	{ N_("Changes what the host trusts"),
	  "event.category == driver or event.action in (AccountChange, AuditConfiguration, SecurityPolicy, PromiscuousMode)",
	  HUE_TEAL, TRUE },
	{ N_("Written where programs start by themselves"),
	  "event.action in (CreateNewFile, Write, RenamePath, Link) and (file.path startswith \"/etc/cron\" or "
	  "file.path startswith \"/var/spool/cron/\" or file.path startswith \"/etc/systemd/system/\" or "
	  "file.path startswith \"/etc/init.d/\" or file.path startswith \"/etc/profile.d/\" or "
	  "file.path endswith \"/.ssh/authorized_keys\" or file.path == \"/etc/ld.so.preload\")", HUE_BLUE, TRUE },
};

static void rule_clear(gpointer data)
{
	struct rule *r = data;

	g_free(r->name);
	g_free(r->expression);
}

static GArray *list_new(void)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct rule));

	g_array_set_clear_func(list, rule_clear);
	return list;
}

static struct rule *at(GArray *list, guint i)
{
	return &g_array_index(list, struct rule, i);
}

char *colour_rules_fault(const char *expression)
{
	AUTO_EXPR *e = NULL;
	struct expr_error fault = { 0 };
	gsize n = strlen(expression);

	if (n > COLOUR_RULES_EXPRESSION_MOST)
		return g_strdup(_("The expression is too long: 4,000 bytes is the most."));
	if (expr_parse(span_of(expression), &e, &fault) < 0) {
		g_autofree char *why = fault_text_of_expression(&fault);

		return g_strdup_printf(_("Column %ld: %s"), g_utf8_strlen(expression, (gssize)MIN(fault.column, n)) + 1, why);
	}
	return e->op == EXPR_ALL ? g_strdup(_("An expression is missing: which rows are to have the colour?")) : NULL;
}

/* One line without ends, not too long. */
static char *name_of(const char *name)
{
	g_autofree char *valid = g_utf8_make_valid(name, -1), *line = NULL;

	line = g_strstrip(g_strdelimit(g_steal_pointer(&valid), "\n\r\t", ' '));
	if (g_utf8_strlen(line, -1) > COLOUR_RULES_NAME_MOST)
		return g_utf8_substring(line, 0, COLOUR_RULES_NAME_MOST);
	return g_steal_pointer(&line);
}

static struct rule rule_new(const struct colour_rule *from)
{
	g_autofree char *fault = colour_rules_fault(from->expression);

	return (struct rule){ name_of(from->name), g_strdup(from->expression), MIN(from->hue, N_HUES - 1), from->on, !fault };
}

static void append(GArray *list, const struct colour_rule *from)
{
	struct rule r = rule_new(from);

	g_array_append_val(list, r);
}

static GArray *copy_of(GArray *list)
{
	GArray *copy = list_new();

	for (guint i = 0; i < list->len; i++)
		append(copy, &(struct colour_rule){ at(list, i)->name, at(list, i)->expression, at(list, i)->hue,
		                                    at(list, i)->on });
	return copy;
}

/* ---- kept in settings ---- */

static void take_defaults(GArray *list)
{
	for (guint i = 0; i < G_N_ELEMENTS(defaults); i++) {
		struct colour_rule r = defaults[i];

		r.name = _(r.name);
		append(list, &r);
	}
}

static GArray *load(GSettings *settings)
{
	GArray *list = list_new();
	g_autoptr(GVariant) kept = settings ? g_settings_get_user_value(settings, KEY) : NULL;
	const char *name, *expression, *hue;
	GVariantIter iter;
	gboolean on;

	if (!kept) {
		take_defaults(list);
		return list;
	}
	g_variant_iter_init(&iter, kept);
	while (list->len < COLOUR_RULES_MOST && g_variant_iter_next(&iter, "(&s&s&sb)", &name, &expression, &hue, &on))
		append(list, &(struct colour_rule){ name, expression, hue_of(hue), on });
	return list;
}

static void keep(ColourRules *self)
{
	GVariantBuilder b;

	if (!self->settings)
		return;
	g_variant_builder_init(&b, G_VARIANT_TYPE(TYPE));
	for (guint i = 0; i < self->rules->len; i++) {
		const struct rule *r = at(self->rules, i);

		g_variant_builder_add(&b, "(sssb)", r->name, r->expression, hues[r->hue].id, r->on);
	}
	g_settings_set_value(self->settings, KEY, g_variant_builder_end(&b));
}

static gboolean equal(GArray *a, GArray *b)
{
	if (a->len != b->len)
		return FALSE;
	for (guint i = 0; i < a->len; i++) {
		const struct rule *x = at(a, i), *y = at(b, i);

		if (x->hue != y->hue || x->on != y->on || !g_str_equal(x->name, y->name) ||
		    !g_str_equal(x->expression, y->expression))
			return FALSE;
	}
	return TRUE;
}

static void set_rules(ColourRules *self, GArray *list)
{
	g_array_unref(self->rules);
	self->rules = list;
	g_signal_emit(self, signals[CHANGED], 0);
}

/* By another window's rules, or from outside of the app. */
static void on_settings(ColourRules *self)
{
	GArray *list = load(self->settings);

	if (equal(list, self->rules))
		g_array_unref(list);
	else
		set_rules(self, list);
}

/* ---- changes ---- */

static void list_unref(gpointer list)
{
	g_array_unref(list);
}

static void remember(ColourRules *self)
{
	g_queue_push_head(&self->undo, copy_of(self->rules));
	while (g_queue_get_length(&self->undo) > UNDO_MOST)
		list_unref(g_queue_pop_tail(&self->undo));
}

static void told(ColourRules *self)
{
	keep(self);
	g_signal_emit(self, signals[CHANGED], 0);
}

static gboolean sound(const struct colour_rule *rule)
{
	g_autofree char *fault = colour_rules_fault(rule->expression), *name = name_of(rule->name);

	return !fault && *name;
}

gboolean colour_rules_insert(ColourRules *self, guint i, const struct colour_rule *rule)
{
	struct rule r;

	if (!sound(rule) || self->rules->len >= COLOUR_RULES_MOST)
		return FALSE;
	remember(self);
	r = rule_new(rule);
	g_array_insert_val(self->rules, MIN(i, self->rules->len), r);
	told(self);
	return TRUE;
}

gboolean colour_rules_replace(ColourRules *self, guint i, const struct colour_rule *rule)
{
	struct rule r;

	if (!sound(rule) || i >= self->rules->len)
		return FALSE;
	remember(self);
	r = rule_new(rule);
	rule_clear(at(self->rules, i));
	*at(self->rules, i) = r;
	told(self);
	return TRUE;
}

void colour_rules_remove(ColourRules *self, guint i)
{
	if (i >= self->rules->len)
		return;
	remember(self);
	g_array_remove_index(self->rules, i);
	told(self);
}

void colour_rules_move(ColourRules *self, guint from, guint to)
{
	struct rule moved;

	if (from == to || from >= self->rules->len || to >= self->rules->len)
		return;
	remember(self);
	moved = *at(self->rules, from);
	*at(self->rules, from) = (struct rule){ 0 };
	g_array_remove_index(self->rules, from);
	g_array_insert_val(self->rules, to, moved);
	told(self);
}

void colour_rules_reset(ColourRules *self)
{
	GArray *list = list_new();

	take_defaults(list);
	remember(self);
	g_array_unref(self->rules);
	self->rules = list;
	if (self->settings)
		g_settings_reset(self->settings, KEY);
	g_signal_emit(self, signals[CHANGED], 0);
}

gboolean colour_rules_undo(ColourRules *self)
{
	GArray *last = g_queue_pop_head(&self->undo);

	if (!last)
		return FALSE;
	g_array_unref(self->rules);
	self->rules = last;
	told(self);
	return TRUE;
}

gboolean colour_rules_can_undo(ColourRules *self)
{
	return !g_queue_is_empty(&self->undo);
}

/* ---- what there is ---- */

guint colour_rules_count(ColourRules *self)
{
	return self->rules->len;
}

struct colour_rule colour_rules_get(ColourRules *self, guint i)
{
	const struct rule *r = at(self->rules, i);

	return (struct colour_rule){ r->name, r->expression, r->hue, r->on };
}

enum colour_hue colour_rules_free_hue(ColourRules *self)
{
	guint used[N_HUES] = { 0 };
	enum colour_hue best = HUE_RED;

	for (guint i = 0; i < self->rules->len; i++)
		used[at(self->rules, i)->hue]++;
	for (enum colour_hue h = HUE_RED; h < N_HUES; h++)
		if (used[h] < used[best])
			best = h;
	return best;
}

gsize colour_rules_asked(ColourRules *self, struct span ret_expressions[COLOUR_RULES_MOST],
                         guint ret_numbers[COLOUR_RULES_MOST])
{
	gsize n = 0;

	for (guint i = 0; i < self->rules->len && n < COLOUR_RULES_MOST; i++) {
		const struct rule *r = at(self->rules, i);

		if (!r->on || !r->sound)
			continue;
		ret_expressions[n] = span_of(r->expression);
		ret_numbers[n++] = i;
	}
	return n;
}

/* ---- the object ---- */

static void colour_rules_finalize(GObject *object)
{
	ColourRules *self = COLOUR_RULES(object);

	g_array_unref(self->rules);
	g_queue_clear_full(&self->undo, list_unref);
	G_OBJECT_CLASS(colour_rules_parent_class)->finalize(object);
}

static void colour_rules_class_init(ColourRulesClass *class)
{
	G_OBJECT_CLASS(class)->finalize = colour_rules_finalize;
	signals[CHANGED] = g_signal_new("changed", COLOUR_RULES_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void colour_rules_init(ColourRules *self)
{
	self->rules = load(NULL);
	g_queue_init(&self->undo);
}

ColourRules *colour_rules_new(void)
{
	return g_object_new(COLOUR_RULES_TYPE, NULL);
}

ColourRules *colour_rules_of(GSettings *settings)
{
	ColourRules *self = settings ? g_object_get_data(G_OBJECT(settings), KEY) : NULL;

	if (self || !settings)
		return self;
	self = colour_rules_new();
	self->settings = settings;
	g_array_unref(self->rules);
	self->rules = load(settings);
	g_signal_connect_object(settings, "changed::" KEY, G_CALLBACK(on_settings), self, G_CONNECT_SWAPPED);
	g_object_set_data_full(G_OBJECT(settings), KEY, self, g_object_unref);
	return self;
}
