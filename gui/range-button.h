/* RangeButton: shows the range of time that is looked at and opens the quick ranges: the last hours and days of the
 * recording, around the selected event, or from and to as written. Signal:
 *   "range-chosen" (gint64 from_ms, gint64 to_ms)   INT64_MIN, INT64_MAX: everything
 */
#pragma once

#include <gtk/gtk.h>

#include "recorder/query/reader.h"

#define RANGE_BUTTON_TYPE (range_button_get_type())
G_DECLARE_FINAL_TYPE(RangeButton, range_button, RANGE, BUTTON, GtkMenuButton)

GtkWidget *range_button_new(void);
/* Where the recording begins and ends. */
void range_button_set_bounds(RangeButton *self, struct reader_range bounds);
/* Emits nothing. Also called when the zone was switched. */
void range_button_set_range(RangeButton *self, struct reader_range range);
/* The time of the selected event; G_MININT64: none is. */
void range_button_set_selected(RangeButton *self, gint64 ms);
