/* "Compare with…": asks for the other recording. */
#include "gui/window-private.h"

#include "gui/compare-page.h"
#include "gui/i18n.h"

static void on_response(GtkDialog *dialog, gint response, gpointer window)
{
	g_autofree char *path = gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(dialog));
	Page *from = window_pages_current(window);

	if (response == GTK_RESPONSE_ACCEPT && path && from)
		window_pages_add(window, SPOOR_PAGE(compare_page_new(page_get_source(from), path)), from);
	gtk_widget_destroy(GTK_WIDGET(dialog));
}

void window_compare_choose(SpoorWindow *self)
{
	GtkWidget *dialog = gtk_file_chooser_dialog_new(_("Compare with another snapshot of this host"), GTK_WINDOW(self),
	                                                GTK_FILE_CHOOSER_ACTION_OPEN, _("_Cancel"), GTK_RESPONSE_CANCEL,
	                                                _("C_ompare"), GTK_RESPONSE_ACCEPT, NULL);
	GtkFileFilter *filter = gtk_file_filter_new();
	Source *source = window_pages_source(self);
	g_autofree char *folder = source ? g_path_get_dirname(source_get_path(source)) : NULL;

	gtk_file_filter_set_name(filter, _("Snapshots"));
	gtk_file_filter_add_pattern(filter, "*.db");
	gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(dialog), filter);
	if (folder)
		gtk_file_chooser_set_current_folder(GTK_FILE_CHOOSER(dialog), folder);
	gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_ACCEPT);
	g_signal_connect_object(dialog, "response", G_CALLBACK(on_response), self, 0);
	gtk_window_present(GTK_WINDOW(dialog));
}
