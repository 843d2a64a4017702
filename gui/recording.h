/* recording: what a recording says of itself: its gaps, the audit records it was made of, and the first ones that could
 * not be understood, verbatim. In a popover behind the explorer's statement of completeness. */
#pragma once

#include <gtk/gtk.h>

#include "recorder/query/reader.h"

/* Builds the content anew inside the popover; first why what is shown is not complete (NULL: not known). What is handed over
 * is only read during the call. */
void recording_fill(GtkPopover *popover, const struct reader_info *info, const struct reader_completeness *shown);
