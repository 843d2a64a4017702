/* page-restore: makes pages again from what page_save() said of them. */
#pragma once

#include "gui/page.h"

/* NULL where `saved` (an a{sv}) tells no page that there is: it comes from a file. */
GtkWidget *page_restore(GVariant *saved, Source *source, GSettings *settings);
