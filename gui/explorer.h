/* Explorer, a Page: the events of one Source: kinds with counts, filter bar, histogram, completeness, grid. Signals:
 *   "open-process" (gint64 process)
 *   "moved"   what is asked has changed by the user's hand: see explorer_get_state (for Back and Forward)
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"

enum { EXPLORER_VIEW = 80 };

#define EXPLORER_TYPE (explorer_get_type())
G_DECLARE_FINAL_TYPE(Explorer, explorer, SPOOR, EXPLORER, GtkBox)

struct explorer_state {
	enum event_category category; /* EVENT_NONE: all */
	char *expression;             /* never NULL */
	struct reader_range range;
	char view[EXPLORER_VIEW];     /* by what is said of the rows: as of notes-view.h; "" all */
};
void explorer_state_clear(struct explorer_state *s);

GtkWidget *explorer_new(Source *source, GSettings *settings);
/* A copy. */
struct explorer_state explorer_get_state(Explorer *self);
void explorer_set_state(Explorer *self, const struct explorer_state *s);
/* Asks for the expression instead, over the whole recording; as if the user had: emits "moved". */
void explorer_ask(Explorer *self, const char *expression);
/* Of what is shown, more narrowly. */
void explorer_ask_beside(Explorer *self, const char *expression);
/* What is asked: the expression, the kind, and what the view is of. To be freed. */
char *explorer_expression(Explorer *self);
void explorer_focus_filter(Explorer *self);
void explorer_focus_grid(Explorer *self);
/* Ctrl+C. */
gboolean explorer_copy(Explorer *self, gboolean whole_row);
