/* Opener: opens one file and shows how far it is, with a button to cancel. A snapshot is opened in a confined child
 * process; an audit log is first imported by spoor-agent, another process, into a temporary recording that goes when it
 * is closed. It appears after a moment only, so that quick openings do not flicker. Signals, one of them once:
 *   "opened" (Source *source)
 *   "failed" (const char *message)   one line: what, why
 *   "cancelled"
 * The owner destroys it then.
 */
#pragma once

#include <gtk/gtk.h>

#include "gui/source.h"

#define OPENER_TYPE (opener_get_type())
G_DECLARE_FINAL_TYPE(Opener, opener, SPOOR, OPENER, GtkBox)

GtkWidget *opener_new(const char *path);
const char *opener_get_path(Opener *self);
void opener_start(Opener *self);
