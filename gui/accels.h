/* accels: the keys of the app's actions. The keys window (assets/ui/help-overlay.ui) shows each of them: a test compares.
 * Keys that a view has of its own are in its header. */
#pragma once

#include <gtk/gtk.h>

struct accel {
	const char *action, *keys[4]; /* the last one NULL */
};

const struct accel *accels_all(gsize *ret_n);
void accels_set(GtkApplication *app);
