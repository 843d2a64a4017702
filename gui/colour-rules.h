/* ColourRules: which rows of event grids have which colour, and why: a list of named expressions, of which the first that
 * a row fulfils gives its colour. Kept in settings; every change can be taken back for as long as the app runs. No
 * widgets. Signal:
 *   "changed"   another list
 */
#pragma once

#include <gio/gio.h>

#include "recorder/query/reader.h"
#include "timeline/view/theme.h"

enum { COLOUR_RULES_MOST = READER_MAX_CELL_RULES, COLOUR_RULES_NAME_MOST = 60 /* characters */,
       COLOUR_RULES_EXPRESSION_MOST = 4000 /* bytes */, COLOUR_RULES_NONE = -1 };

enum colour_hue { HUE_RED, HUE_ORANGE, HUE_YELLOW, HUE_GREEN, HUE_TEAL, HUE_BLUE, HUE_PURPLE, HUE_GREY, N_HUES };

struct colour_rule {
	const char *name, *expression;
	enum colour_hue hue;
	gboolean on;
};

#define COLOUR_RULES_TYPE (colour_rules_get_type())
G_DECLARE_FINAL_TYPE(ColourRules, colour_rules, COLOUR, RULES, GObject)

/* Those of the settings: one for all who ask. Owned by them. NULL: none are kept. */
ColourRules *colour_rules_of(GSettings *settings);
ColourRules *colour_rules_new(void);

guint colour_rules_count(ColourRules *self);
/* Valid until the next change. */
struct colour_rule colour_rules_get(ColourRules *self, guint i);
/* One line with the column of the fault; NULL: it can be a rule's. An empty one cannot: it would colour everything. */
char *colour_rules_fault(const char *expression);
/* FALSE: the rule is not sound, or there is no room. */
gboolean colour_rules_insert(ColourRules *self, guint at, const struct colour_rule *rule);
gboolean colour_rules_replace(ColourRules *self, guint i, const struct colour_rule *rule);
void colour_rules_remove(ColourRules *self, guint i);
/* From one place to another; both are there. */
void colour_rules_move(ColourRules *self, guint from, guint to);
/* As they come with the app. */
void colour_rules_reset(ColourRules *self);
/* FALSE: there is nothing to take back. */
gboolean colour_rules_undo(ColourRules *self);
gboolean colour_rules_can_undo(ColourRules *self);
/* The colour that the fewest rules have. */
enum colour_hue colour_rules_free_hue(ColourRules *self);

/* What a reader is to be asked: the expressions of those that are on, and their numbers. Valid until the next change. */
gsize colour_rules_asked(ColourRules *self, struct span ret_expressions[COLOUR_RULES_MOST],
                         guint ret_numbers[COLOUR_RULES_MOST]);

/* "Red", in the user's language. */
const char *colour_rules_hue_name(enum colour_hue hue);
/* Strong: for a stripe or a swatch. A row's whole background has it at COLOUR_RULES_TINT, which keeps text readable. */
struct theme_colour colour_rules_colour(enum colour_hue hue, bool dark);
#define COLOUR_RULES_TINT 0.17
