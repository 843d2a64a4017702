#include "gui/view-export.h"

#include <string.h>

#include "gui/bar-list.h"
#include "gui/i18n.h"
#include "timeline/view/render.h"
#include "timeline/view/timeline-view.h"
#include "timeline/view/tree-view.h"

enum { NAME_CHARS = 100, HEADER = 28, PNG_SCALE = 2 };

static gboolean is_view(GtkWidget *w)
{
	return w && (TIMELINE_IS_VIEW(w) || TREE_IS_VIEW(w) || BAR_IS_LIST(w));
}

static void find_shown(GtkWidget *w, gpointer found)
{
	GtkWidget **ret = found;

	if (*ret || !gtk_widget_get_mapped(w))
		return;
	if (is_view(w))
		*ret = w;
	else if (GTK_IS_CONTAINER(w))
		gtk_container_forall(GTK_CONTAINER(w), find_shown, found);
}

GtkWidget *view_export_find(GtkWidget *page, GtkWidget *focus)
{
	GtkWidget *found = NULL;

	if (page && is_view(focus) && gtk_widget_is_ancestor(focus, page))
		return focus;
	if (page)
		find_shown(page, &found);
	return found;
}

static void draw(GtkWidget *view, cairo_t *cr, gboolean paper)
{
	if (TREE_IS_VIEW(view))
		tree_view_draw_picture(TREE_VIEW(view), cr, paper);
	else if (BAR_IS_LIST(view))
		bar_list_draw_picture(BAR_LIST(view), cr, paper);
	else
		timeline_view_draw_picture(TIMELINE_VIEW(view), cr, paper);
}

static void draw_as_shown(cairo_t *cr, void *view)
{
	draw(view, cr, FALSE);
}

/* ---- files ---- */

char *view_export_file_name(const char *title)
{
	g_autofree char *cut = g_utf8_substring(title, 0, MIN(g_utf8_strlen(title, -1), NAME_CHARS));

	g_strdelimit(cut, "/\\:*?\"<>|\n\t", '-');
	if (*cut == '.' || !*cut)
		return g_strdup_printf("picture%s.png", cut);
	return g_strdup_printf("%s.png", cut);
}

static gboolean is_dark(GtkWidget *view)
{
	GdkRGBA c = { 1, 1, 1, 1 };

	gtk_style_context_lookup_color(gtk_widget_get_style_context(view), "theme_base_color", &c);
	return c.red * 0.299 + c.green * 0.587 + c.blue * 0.114 < 0.5;
}

char *view_export_write(GtkWidget *view, const char *title, const char *path)
{
	struct render_options o = { .width = gtk_widget_get_allocated_width(view), .scale = PNG_SCALE,
		                    .height = gtk_widget_get_allocated_height(view), .dark = is_dark(view), .title = title };
	enum render_format format;
	int r;

	if (render_format_of(path, &format) < 0)
		return g_strdup_printf(_("%s: cannot save: the name must end in .png, .svg or .pdf"), path);
	r = render_drawing(draw_as_shown, view, &o, path, format);
	return r < 0 ? g_strdup_printf(_("%s: cannot save: %s"), path, g_strerror(-r)) : NULL;
}

struct saving {
	GtkWidget *view;
	char *title;
	void (*done)(const char *error, gpointer data);
	gpointer data;
};

static void free_saving(gpointer data, GClosure *unused)
{
	struct saving *s = data;

	if (s->view)
		g_object_remove_weak_pointer(G_OBJECT(s->view), (gpointer *)&s->view);
	if (s->data)
		g_object_remove_weak_pointer(G_OBJECT(s->data), &s->data);
	g_free(s->title);
	g_free(s);
}

static void on_response(GtkDialog *dialog, gint response, gpointer data)
{
	struct saving *s = data;

	if (response == GTK_RESPONSE_ACCEPT && s->view && s->data) {
		g_autofree char *path = gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(dialog));
		g_autofree char *error = path ? view_export_write(s->view, s->title, path)
		                              : g_strdup(_("cannot save: it is not on this computer"));

		s->done(error, s->data);
	}
	gtk_widget_destroy(GTK_WIDGET(dialog));
}

void view_export_save(GtkWidget *view, const char *title, void (*done)(const char *error, gpointer data), gpointer data)
{
	GtkWidget *window = gtk_widget_get_toplevel(view);
	GtkWidget *dialog = gtk_file_chooser_dialog_new(_("Save as a picture (.png, .svg or .pdf)"), GTK_WINDOW(window),
	                                                GTK_FILE_CHOOSER_ACTION_SAVE, _("_Cancel"), GTK_RESPONSE_CANCEL,
	                                                _("_Save"), GTK_RESPONSE_ACCEPT, NULL);
	g_autofree char *name = view_export_file_name(title);
	struct saving *s = g_new(struct saving, 1);

	*s = (struct saving){ view, g_strdup(title), done, data };
	g_object_add_weak_pointer(G_OBJECT(view), (gpointer *)&s->view);
	g_object_add_weak_pointer(G_OBJECT(data), &s->data);
	gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_ACCEPT);
	gtk_file_chooser_set_do_overwrite_confirmation(GTK_FILE_CHOOSER(dialog), TRUE);
	gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), name);
	g_signal_connect_data(dialog, "response", G_CALLBACK(on_response), s, free_saving, 0);
	gtk_window_present(GTK_WINDOW(dialog));
}

/* ---- paper ---- */

struct page {
	GtkWidget *view;
	const char *title;
};

static void draw_header(GtkPrintContext *context, cairo_t *cr, const char *title)
{
	PangoLayout *layout = gtk_print_context_create_pango_layout(context);
	PangoFontDescription *font = pango_font_description_from_string("Sans 9");

	pango_layout_set_font_description(layout, font);
	pango_layout_set_text(layout, title, -1);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
	pango_layout_set_width(layout, (int)(gtk_print_context_get_width(context) * PANGO_SCALE));
	cairo_set_source_rgb(cr, 0.1, 0.1, 0.1);
	cairo_move_to(cr, 0, 4);
	pango_cairo_show_layout(cr, layout);
	pango_font_description_free(font);
	g_object_unref(layout);
}

/* As large as the page allows, below a line that says what it is. */
static void on_draw_page(GtkPrintOperation *op, GtkPrintContext *context, gint n, struct page *p)
{
	cairo_t *cr = gtk_print_context_get_cairo_context(context);
	double w = gtk_widget_get_allocated_width(p->view), h = gtk_widget_get_allocated_height(p->view);
	double factor = MIN(gtk_print_context_get_width(context) / w, (gtk_print_context_get_height(context) - HEADER) / h);

	draw_header(context, cr, p->title);
	cairo_translate(cr, 0, HEADER);
	cairo_scale(cr, factor, factor);
	cairo_rectangle(cr, 0, 0, w, h);
	cairo_clip(cr);
	draw(p->view, cr, TRUE);
}

char *view_export_print(GtkWidget *view, const char *title, const char *path)
{
	g_autoptr(GtkPrintOperation) op = gtk_print_operation_new();
	g_autoptr(GtkPageSetup) setup = gtk_page_setup_new();
	g_autoptr(GError) error = NULL;
	struct page p = { view, title };
	GtkPrintOperationResult r;

	gtk_page_setup_set_orientation(setup, GTK_PAGE_ORIENTATION_LANDSCAPE);
	gtk_print_operation_set_default_page_setup(op, setup);
	gtk_print_operation_set_n_pages(op, 1);
	gtk_print_operation_set_unit(op, GTK_UNIT_POINTS);
	gtk_print_operation_set_job_name(op, title);
	if (path)
		gtk_print_operation_set_export_filename(op, path);
	g_object_ref(view);
	g_signal_connect(op, "draw-page", G_CALLBACK(on_draw_page), &p);
	r = gtk_print_operation_run(op, path ? GTK_PRINT_OPERATION_ACTION_EXPORT : GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG,
	                            GTK_WINDOW(gtk_widget_get_toplevel(view)), &error);
	g_object_unref(view);
	return r == GTK_PRINT_OPERATION_RESULT_ERROR ? g_strdup_printf(_("cannot print: %s"), error->message) : NULL;
}

/* ---- the menu ---- */

static void on_item(GtkWidget *item, const char *action)
{
	GtkWidget *view = gtk_menu_get_attach_widget(GTK_MENU(gtk_widget_get_parent(item)));
	GtkWidget *window = gtk_widget_get_toplevel(view);

	gtk_widget_grab_focus(view); /* the one that is meant */
	if (G_IS_ACTION_GROUP(window))
		g_action_group_activate_action(G_ACTION_GROUP(window), action, NULL);
}

void view_export_fill_menu(GtkWidget *view, GtkMenu *menu)
{
	static const char *const items[][2] = { { N_("Save as _picture…"), "save-picture" }, { N_("P_rint…"), "print" } };
	g_autoptr(GList) others = gtk_container_get_children(GTK_CONTAINER(menu));

	if (others)
		gtk_menu_shell_append(GTK_MENU_SHELL(menu), gtk_separator_menu_item_new());
	for (guint i = 0; i < G_N_ELEMENTS(items); i++) {
		GtkWidget *item = gtk_menu_item_new_with_mnemonic(_(items[i][0]));

		g_signal_connect(item, "activate", G_CALLBACK(on_item), (gpointer)items[i][1]);
		gtk_menu_shell_append(GTK_MENU_SHELL(menu), item);
	}
}
