/* KindBar: "Explore by": a button for each kind of event, and one for all, with how many there are. Signal:
 *   "chosen" (int category)   by the user; EVENT_NONE: all
 */
#pragma once

#include <gtk/gtk.h>

#include "recorder/event.h"

#define KIND_BAR_TYPE (kind_bar_get_type())
G_DECLARE_FINAL_TYPE(KindBar, kind_bar, KIND, BAR, GtkBox)

GtkWidget *kind_bar_new(void);
/* Emits nothing. */
void kind_bar_set_chosen(KindBar *self, enum event_category category);
/* Both by category. `present`: what the recording has at all; a kind without any cannot be chosen. */
void kind_bar_set_counts(KindBar *self, const uint64_t *counts, const uint64_t *present);
