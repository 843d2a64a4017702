/* i18n: the words of the app in the user's language.
 *
 * Every string that a user reads is written _("…"), or N_("…") in a static table that _() reads later, or ngettext()
 * where a number decides. Whole sentences, never pieces: another language orders them otherwise. Names of fields,
 * actions and kinds of events ("process.name", "CreateNewFile") are the recording's and stay as they are.
 * `timeline/view` includes <glib/gi18n.h> itself. The command line (gui/cmd.h) is not translated: scripts read it.
 */
#pragma once

#include <glib/gi18n.h>

/* Sets the locale and finds the translations: those of the build directory that this program stands in, else the
 * installed ones. $TEXTDOMAINDIR, as for gettext(1), goes before both. Before GTK is initialised. */
void i18n_init(void);
