/* Histogram: how many events happened when, over a whole recording, stacked by kind. Drag to choose a range.
 *
 * Heights grow with the square root, so that one event beside a million is still seen. It never fetches: it emits
 *   "need-data" (guint n_bins)                            when its width asks for other bins
 *   "range-chosen" (gint64 from_ms, gint64 to_ms)         a range was dragged; from = to: the choice was taken back
 * Keys: Left and Right move the chosen range, Shift makes it longer or shorter, Esc takes it back.
 */
#pragma once

#include <gtk/gtk.h>

#include "recorder/query/reader.h"

#define HISTOGRAM_TYPE (histogram_get_type())
G_DECLARE_FINAL_TYPE(Histogram, histogram, SPOOR, HISTOGRAM, GtkDrawingArea)

GtkWidget *histogram_new(void);
/* Where the recording begins and ends, and where it has gaps: those to be drawn (event.h) are copied. */
void histogram_set_subject(Histogram *self, struct reader_range bounds, const struct gap *gaps, size_t n_gaps);
/* Takes over what h holds. */
void histogram_set_data(Histogram *self, struct reader_histogram *h);
/* READER_ALL_TIME: nothing chosen. Emits nothing. */
void histogram_set_range(Histogram *self, struct reader_range range);
/* From the first to the last of the rows that a list shows: marked. from > to: none. */
void histogram_set_seen(Histogram *self, struct reader_range seen);
guint histogram_get_n_bins(Histogram *self);
