#include "gui/export-dialog.h"

#include "gui/event-column.h"
#include "gui/i18n.h"
#include "gui/view-export.h"

enum { LOOK_EVERY_MS = 100, MARGIN = 18, WIDTH = 460, RESPONSE_FOLDER = 1 };

/* ---- how it goes ---- */

struct progress {
	ExportJob *job;
	GtkWidget *dialog, *label, *bar, *stop, *folder, *close;
	guint timer;
};

static void progress_free(gpointer data, GClosure *unused)
{
	struct progress *p = data;

	export_job_cancel(p->job);
	g_signal_handlers_disconnect_by_data(p->job, p);
	g_clear_handle_id(&p->timer, g_source_remove);
	g_object_unref(p->job);
	g_free(p);
}

static gboolean look(gpointer data)
{
	struct progress *p = data;
	g_autofree char *text = NULL, *done = NULL, *all = NULL;
	guint64 rows, total;

	export_job_get_progress(p->job, &rows, &total);
	if (!total) {
		gtk_progress_bar_pulse(GTK_PROGRESS_BAR(p->bar));
		gtk_progress_bar_set_text(GTK_PROGRESS_BAR(p->bar), _("Counting…"));
		return G_SOURCE_CONTINUE;
	}
	done = event_number(rows);
	all = event_number(total);
	text = rows < total ? g_strdup_printf(_("%s of %s rows"), done, all) : g_strdup(_("Finishing…"));
	gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(p->bar), MIN((double)rows / (double)total, 1));
	gtk_progress_bar_set_text(GTK_PROGRESS_BAR(p->bar), text);
	return G_SOURCE_CONTINUE;
}

static char *file_name(ExportJob *job)
{
	g_autofree char *name = g_path_get_basename(export_job_get_path(job)), *shown = g_filename_display_name(name);

	return event_text(span_of(shown));
}

/* Where it says what was asked. */
static void add_facts(GString *out, ExportJob *job, const char *name)
{
	g_string_append_c(out, '\n');
	if (export_format_info(export_job_get_format(job))->rows)
		g_string_append_printf(out, _("What was asked, and the recording's SHA-256, are in %s.meta.json."), name);
	else
		g_string_append(out, _("What was asked, and the recording's SHA-256, are on its sheet “About”."));
}

static char *result_text(ExportJob *job, const struct export_result *result)
{
	g_autofree char *name = file_name(job), *rows = event_number(result->rows), *events = event_number(result->events);
	GString *out = g_string_new(NULL);

	if (result->events == result->rows)
		g_string_append_printf(out, ngettext("%s: %s row", "%s: %s rows", (gulong)result->rows), name, rows);
	else
		g_string_append_printf(out, ngettext("%s: %s row of %s events", "%s: %s rows of %s events", (gulong)result->rows),
		                       name, rows, events);
	if (result->cut) {
		g_autofree char *cut = event_number(result->cut);

		g_string_append_printf(out, "\n");
		g_string_append_printf(out, ngettext("%s text is longer than a spreadsheet takes, and cut",
		                                     "%s texts are longer than a spreadsheet takes, and cut", (gulong)result->cut),
		                       cut);
	}
	add_facts(out, job, name);
	return g_string_free(out, FALSE);
}

static void on_ended(ExportJob *job, gpointer data)
{
	struct progress *p = data;
	const char *error = NULL;
	const struct export_result *result = export_job_get_result(job, &error);
	g_autofree char *text = result ? result_text(job, result) : g_strdup(error);

	if (!*text) { /* cancelled */
		gtk_widget_destroy(p->dialog);
		return;
	}
	g_clear_handle_id(&p->timer, g_source_remove);
	gtk_label_set_text(GTK_LABEL(p->label), text);
	gtk_widget_hide(p->bar);
	gtk_widget_hide(p->stop);
	gtk_widget_show(p->close);
	gtk_widget_set_visible(p->folder, result != NULL);
	gtk_window_set_title(GTK_WINDOW(p->dialog), result ? _("Exported") : _("Export failed"));
	gtk_window_resize(GTK_WINDOW(p->dialog), WIDTH, 1);
	gtk_widget_grab_focus(result ? p->folder : p->close);
}

static void open_folder(struct progress *p)
{
	g_autofree char *folder = g_path_get_dirname(export_job_get_path(p->job));
	g_autoptr(GFile) file = g_file_new_for_path(folder);
	g_autofree char *uri = g_file_get_uri(file);
	g_autoptr(GError) error = NULL;

	if (gtk_show_uri_on_window(GTK_WINDOW(p->dialog), uri, GDK_CURRENT_TIME, &error))
		gtk_widget_destroy(p->dialog);
	else
		gtk_label_set_text(GTK_LABEL(p->label), error->message);
}

static void on_progress_response(GtkDialog *dialog, gint response, gpointer data)
{
	struct progress *p = data;

	if (response == RESPONSE_FOLDER)
		open_folder(p);
	else
		gtk_widget_destroy(GTK_WIDGET(dialog)); /* which cancels what still runs */
}

static void build_content(struct progress *p)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
	GtkWidget *content = gtk_dialog_get_content_area(GTK_DIALOG(p->dialog));
	g_autofree char *name = file_name(p->job), *text = g_strdup_printf(_("Writing %s"), name);

	p->label = gtk_label_new(text);
	gtk_label_set_xalign(GTK_LABEL(p->label), 0);
	gtk_label_set_line_wrap(GTK_LABEL(p->label), TRUE);
	gtk_label_set_line_wrap_mode(GTK_LABEL(p->label), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_max_width_chars(GTK_LABEL(p->label), 60);
	gtk_label_set_selectable(GTK_LABEL(p->label), TRUE);
	gtk_widget_set_can_focus(p->label, FALSE);
	p->bar = gtk_progress_bar_new();
	gtk_progress_bar_set_show_text(GTK_PROGRESS_BAR(p->bar), TRUE);
	gtk_progress_bar_set_text(GTK_PROGRESS_BAR(p->bar), _("Counting…"));
	g_object_set(box, "margin", MARGIN, NULL);
	gtk_box_pack_start(GTK_BOX(box), p->label, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), p->bar, FALSE, FALSE, 0);
	gtk_container_add(GTK_CONTAINER(content), box);
	gtk_widget_show_all(box);
}

GtkWidget *export_dialog_show(GtkWindow *parent, ExportJob *job)
{
	struct progress *p = g_new0(struct progress, 1);
	GtkDialog *dialog;

	p->job = job;
	p->dialog = gtk_dialog_new_with_buttons(_("Export"), parent, GTK_DIALOG_DESTROY_WITH_PARENT, NULL, NULL);
	dialog = GTK_DIALOG(p->dialog);
	p->stop = gtk_dialog_add_button(dialog, _("_Cancel"), GTK_RESPONSE_CANCEL);
	p->folder = gtk_dialog_add_button(dialog, _("_Open folder"), RESPONSE_FOLDER);
	p->close = gtk_dialog_add_button(dialog, _("_Close"), GTK_RESPONSE_CLOSE);
	gtk_window_set_default_size(GTK_WINDOW(dialog), WIDTH, -1);
	gtk_container_set_border_width(GTK_CONTAINER(dialog), 6);
	gtk_widget_hide(p->folder);
	gtk_widget_hide(p->close);
	build_content(p);
	p->timer = g_timeout_add(LOOK_EVERY_MS, look, p);
	g_signal_connect(job, "ended", G_CALLBACK(on_ended), p);
	g_signal_connect_data(dialog, "response", G_CALLBACK(on_progress_response), p, progress_free, 0);
	gtk_window_present(GTK_WINDOW(dialog));
	return p->dialog;
}

/* ---- where to ---- */

struct asking {
	struct export_wish wish;
	struct row_format_columns all;
	char *expression;
	GtkWidget *format, *columns; /* columns: NULL when there is no choice */
};

static const struct {
	enum export_format format;
	const char *label;
} formats[] = {
	{ EXPORT_XLSX, N_("Spreadsheet (XLSX)") },
	{ EXPORT_CSV, N_("CSV") },
	{ EXPORT_JSON, N_("JSON lines") },
	{ EXPORT_TIMESKETCH, N_("Timesketch (JSON lines)") },
	{ EXPORT_TIMESKETCH_CSV, N_("Timesketch (CSV)") },
};
static int last_format; /* index into formats: the next export is likely to be alike */

static void asking_free(gpointer data, GClosure *unused)
{
	struct asking *a = data;

	g_object_unref(a->wish.source);
	g_free(a->expression);
	g_free(a);
}

static enum export_format chosen_format(struct asking *a)
{
	return formats[MAX(gtk_combo_box_get_active(GTK_COMBO_BOX(a->format)), 0)].format;
}

/* The name's ending follows the format. */
static void on_format(GtkComboBox *combo, gpointer dialog)
{
	struct asking *a = g_object_get_data(dialog, "asking");
	g_autofree char *name = gtk_file_chooser_get_current_name(dialog), *next = NULL;
	enum export_format was = export_format_of_path(name);

	if (was == EXPORT_FORMATS)
		return;
	name[strlen(name) - strlen(export_format_info(was)->suffix)] = '\0';
	next = g_strconcat(name, export_format_info(chosen_format(a))->suffix, NULL);
	gtk_file_chooser_set_current_name(dialog, next);
}

/* What is chosen, unless the name says otherwise: its ending was typed. */
static enum export_format meant_format(const char *path, enum export_format chosen)
{
	const char *ending = strrchr(export_format_info(chosen)->suffix, '.');
	enum export_format named = export_format_of_path(path);

	return named == EXPORT_FORMATS || g_str_has_suffix(path, ending) ? chosen : named;
}

/* A name without an ending gets the format's, unless that would replace a file that nobody was asked about. */
static char *with_ending(char *path, enum export_format format)
{
	g_autofree char *whole = g_strconcat(path, export_format_info(format)->suffix, NULL);
	g_autofree char *name = g_path_get_basename(path);

	if (strchr(name, '.') || g_file_test(path, G_FILE_TEST_EXISTS) || g_file_test(whole, G_FILE_TEST_EXISTS))
		return path;
	g_free(path);
	return g_steal_pointer(&whole);
}

static void start(GtkDialog *dialog, struct asking *a)
{
	g_autofree char *path = gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(dialog));
	GtkWindow *parent = gtk_window_get_transient_for(GTK_WINDOW(dialog));
	struct export_wish wish = a->wish;

	if (!path)
		return;
	last_format = MAX(gtk_combo_box_get_active(GTK_COMBO_BOX(a->format)), 0);
	wish.format = meant_format(path, chosen_format(a));
	path = with_ending(path, wish.format);
	if (a->columns && gtk_combo_box_get_active(GTK_COMBO_BOX(a->columns)) == 1)
		wish.columns = a->all;
	wish.path = path;
	export_dialog_show(parent, export_job_new(&wish));
}

static void on_response(GtkDialog *dialog, gint response, gpointer data)
{
	if (response == GTK_RESPONSE_ACCEPT)
		start(dialog, data);
	gtk_widget_destroy(GTK_WIDGET(dialog));
}

static GtkWidget *add_combo(GtkWidget *box, const char *text)
{
	GtkWidget *label = gtk_label_new_with_mnemonic(text), *combo = gtk_combo_box_text_new();

	gtk_label_set_mnemonic_widget(GTK_LABEL(label), combo);
	atk_object_set_name(gtk_widget_get_accessible(combo), gtk_label_get_text(GTK_LABEL(label)));
	gtk_box_pack_start(GTK_BOX(box), label, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), combo, FALSE, FALSE, 0);
	return combo;
}

static GtkWidget *build_choices(struct asking *a, gboolean shown)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);

	a->format = add_combo(box, _("_Format"));
	for (guint i = 0; i < G_N_ELEMENTS(formats); i++)
		gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(a->format), _(formats[i].label));
	gtk_combo_box_set_active(GTK_COMBO_BOX(a->format), last_format);
	if (shown) {
		a->columns = add_combo(box, _("C_olumns"));
		gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(a->columns), _("Those shown"));
		gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(a->columns), _("All fields"));
		gtk_combo_box_set_active(GTK_COMBO_BOX(a->columns), 0);
	}
	gtk_widget_show_all(box);
	return box;
}

void export_dialog_ask(GtkWidget *over, const struct export_wish *wish, gboolean shown, const char *what)
{
	GtkWidget *window = gtk_widget_get_toplevel(over);
	GtkWidget *dialog = gtk_file_chooser_dialog_new(_("Export events"), GTK_WINDOW(window), GTK_FILE_CHOOSER_ACTION_SAVE,
	                                                _("_Cancel"), GTK_RESPONSE_CANCEL, _("_Export"), GTK_RESPONSE_ACCEPT,
	                                                NULL);
	struct asking *a = g_new0(struct asking, 1);
	g_autofree char *safe = view_export_file_name(what), *name = NULL;

	a->wish = *wish;
	a->all = row_format_all();
	a->wish.source = g_object_ref(wish->source);
	a->wish.expression = a->expression = g_strdup(wish->expression);
	safe[strlen(safe) - strlen(".png")] = '\0';
	name = g_strconcat(safe, export_format_info(formats[last_format].format)->suffix, NULL);
	g_object_set_data(G_OBJECT(dialog), "asking", a);
	gtk_file_chooser_set_extra_widget(GTK_FILE_CHOOSER(dialog), build_choices(a, shown));
	gtk_file_chooser_set_do_overwrite_confirmation(GTK_FILE_CHOOSER(dialog), TRUE);
	gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), name);
	gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_ACCEPT);
	g_signal_connect(a->format, "changed", G_CALLBACK(on_format), dialog);
	g_signal_connect_data(dialog, "response", G_CALLBACK(on_response), a, asking_free, 0);
	gtk_window_present(GTK_WINDOW(dialog));
}
