#include "gui/opener.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "gui/event-column.h"
#include "gui/i18n.h"

enum { SHOW_AFTER_MS = 250, PULSE_MS = 120, MAX_ERROR = 2000 };

struct _Opener {
	GtkBox parent;
	char *path, *display;
	Source *source;
	GCancellable *cancellable;
	GSubprocess *import;
	char *import_path; /* the temporary recording; removed unless a source took it over */
	guint show_timer, pulse_timer;
	gboolean over, imported; /* the import has ended */
	GtkWidget *label, *bar, *cancel;
};
G_DEFINE_FINAL_TYPE(Opener, opener, GTK_TYPE_BOX)

enum { SIGNAL_OPENED, SIGNAL_FAILED, SIGNAL_CANCELLED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- the end ---- */

/* The import writes beside its result too: all of the folder is ours. */
static void remove_import(Opener *self)
{
	g_autofree char *folder = self->import_path ? g_path_get_dirname(self->import_path) : NULL;
	g_autoptr(GDir) dir = folder ? g_dir_open(folder, 0, NULL) : NULL;
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *p = g_build_filename(folder, name, NULL);

		g_unlink(p);
	}
	if (folder)
		g_rmdir(folder);
	g_clear_pointer(&self->import_path, g_free);
}

/* Waits for the process to be gone, which after SIGKILL is at once, so that it leaves nothing behind. */
static void stop_import(Opener *self)
{
	if (!self->import || self->imported)
		return;
	self->imported = TRUE;
	g_subprocess_force_exit(self->import);
	g_subprocess_wait(self->import, NULL, NULL);
	remove_import(self);
}

static void end(Opener *self, guint signal, gpointer argument)
{
	if (self->over)
		return;
	self->over = TRUE;
	g_object_ref(self);
	if (signal == SIGNAL_CANCELLED)
		g_signal_emit(self, signals[signal], 0);
	else
		g_signal_emit(self, signals[signal], 0, argument);
	g_object_unref(self);
}

static void fail(Opener *self, const char *why)
{
	g_autofree char *line = g_strdup_printf(_("%s: cannot open: %s"), self->display, why);

	end(self, SIGNAL_FAILED, line);
}

/* Lines of others begin with the whole path: the name is enough beside its tooltip. */
static void fail_line(Opener *self, const char *line)
{
	g_autofree char *shorter = NULL;

	if (g_str_has_prefix(line, self->path) && line[strlen(self->path)] == ':')
		shorter = g_strconcat(self->display, line + strlen(self->path), NULL);
	end(self, SIGNAL_FAILED, shorter ? shorter : (gpointer)line);
}

static void fail_error(Opener *self, const GError *error)
{
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		end(self, SIGNAL_CANCELLED, NULL);
	else
		fail_line(self, error->message);
}

/* ---- a recording ---- */

static void on_progress(Opener *self, double fraction)
{
	g_clear_handle_id(&self->pulse_timer, g_source_remove);
	gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(self->bar), fraction);
}

static void on_opened(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(Opener) self = data;
	g_autoptr(GError) error = NULL;

	if (!source_open_finish(SPOOR_SOURCE(object), result, &error)) {
		fail_error(self, error);
		remove_import(self);
		return;
	}
	if (self->over)
		return;
	if (self->import_path) {
		source_set_temporary(self->source, TRUE);
		g_clear_pointer(&self->import_path, g_free);
	}
	end(self, SIGNAL_OPENED, self->source);
}

static void open_recording(Opener *self, const char *path, const char *name)
{
	self->source = source_new(path, name);
	g_signal_connect_object(self->source, "progress", G_CALLBACK(on_progress), self, G_CONNECT_SWAPPED);
	source_open_async(self->source, self->cancellable, on_opened, g_object_ref(self));
}

/* ---- a log ---- */

static char *agent_path(void)
{
	static const char *const places[] = { "../agent/spoor-agent", "spoor-agent" };
	g_autofree char *exe = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = exe ? g_path_get_dirname(exe) : NULL;

	for (guint i = 0; folder && i < G_N_ELEMENTS(places); i++) {
		g_autofree char *p = g_build_filename(folder, places[i], NULL);

		if (g_file_test(p, G_FILE_TEST_IS_EXECUTABLE))
			return g_steal_pointer(&p);
	}
	return g_find_program_in_path("spoor-agent");
}

/* The last line that the agent wrote, without its name: it is one line "spoor-agent: what: why". */
static char *agent_error(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
	g_auto(GStrv) lines = g_strsplit(g_strstrip(valid), "\n", -1);
	guint n = g_strv_length(lines);
	const char *last = n ? lines[n - 1] : "";

	if (g_str_has_prefix(last, "spoor-agent: "))
		last += strlen("spoor-agent: ");
	return *last ? g_strndup(last, MAX_ERROR) : g_strdup(_("the import failed without a reason"));
}

static void on_imported(GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(Opener) self = data;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL, *why = NULL;

	if (!g_subprocess_communicate_utf8_finish(self->import, result, NULL, &text, &error)) {
		stop_import(self);
		fail_error(self, error);
		return;
	}
	if (self->imported)
		return;
	self->imported = TRUE;
	if (!g_subprocess_get_successful(self->import)) {
		why = g_subprocess_get_if_exited(self->import) ? agent_error(text)
		                                               : g_strdup(_("the import ended unexpectedly"));
		fail_line(self, why);
		remove_import(self);
		return;
	}
	open_recording(self, self->import_path, self->display);
}

static char *make_import_place(Opener *self, GError **error)
{
	g_autofree char *folder = g_build_filename(g_get_user_cache_dir(), "spoor", NULL);
	g_autofree char *place = g_build_filename(folder, "import-XXXXXX", NULL);

	if (g_mkdir_with_parents(folder, 0700) < 0 || !g_mkdtemp(place)) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), _("%s: cannot import: %s"), self->display,
		            g_strerror(errno));
		return NULL;
	}
	return g_build_filename(place, "import.db", NULL);
}

static void import_log(Opener *self)
{
	g_autofree char *agent = agent_path(), *text = NULL;
	g_autoptr(GError) error = NULL;

	if (!agent) {
		fail(self, _("importing a log needs spoor-agent, which was not found beside this program"));
		return;
	}
	self->import_path = make_import_place(self, &error);
	if (self->import_path)
		self->import = g_subprocess_new(G_SUBPROCESS_FLAGS_STDERR_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error,
		                                agent, "import", "--db", self->import_path, self->path, NULL);
	if (!self->import) {
		remove_import(self);
		end(self, SIGNAL_FAILED, error->message);
		return;
	}
	text = g_strdup_printf(_("Importing %s"), self->display);
	gtk_label_set_text(GTK_LABEL(self->label), text);
	g_subprocess_communicate_utf8_async(self->import, NULL, self->cancellable, on_imported, g_object_ref(self));
}

/* ---- which of the two ---- */

/* 1 a database, 0 something else, or a negative errno. Regular files only: a FIFO would make the app wait. */
static int is_database(const char *path)
{
	static const char magic[16] = "SQLite format 3";
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	char head[sizeof(magic)];
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -ENODEV;
	if (st.st_size == 0)
		return -ENODATA;
	n = pread(fd, head, sizeof(head), 0);
	if (n < 0)
		return -errno;
	return n == sizeof(head) && memcmp(head, magic, sizeof(magic)) == 0;
}

static gboolean looks_like_database(const char *path)
{
	g_autofree char *lower = g_ascii_strdown(path, -1);

	return g_str_has_suffix(lower, ".db") || g_str_has_suffix(lower, ".sqlite");
}

void opener_start(Opener *self)
{
	int r = is_database(self->path);

	switch (r) {
	case -EISDIR: fail(self, _("it is a folder; open the snapshot or the log in it")); return;
	case -ENODEV: fail(self, _("it is not a file but a device, pipe or socket")); return;
	case -ENODATA: fail(self, _("the file is empty")); return;
	default: break;
	}
	if (r < 0)
		fail(self, g_strerror(-r));
	else if (r || looks_like_database(self->path))
		open_recording(self, self->path, NULL);
	else
		import_log(self);
}

const char *opener_get_path(Opener *self)
{
	return self->path;
}

/* ---- the widget ---- */

static void on_cancel(Opener *self)
{
	stop_import(self);
	g_cancellable_cancel(self->cancellable);
	end(self, SIGNAL_CANCELLED, NULL);
}

static gboolean show_late(gpointer data)
{
	Opener *self = data;

	self->show_timer = 0;
	gtk_widget_show(GTK_WIDGET(self));
	return G_SOURCE_REMOVE;
}

static gboolean pulse(gpointer data)
{
	Opener *self = data;
	g_autofree char *text = NULL;
	struct stat st;

	gtk_progress_bar_pulse(GTK_PROGRESS_BAR(self->bar));
	if (self->import_path && g_stat(self->import_path, &st) == 0 && st.st_size) {
		g_autofree char *size = g_format_size((guint64)st.st_size);

		text = g_strdup_printf(_("Importing %s: %s written"), self->display, size);
		gtk_label_set_text(GTK_LABEL(self->label), text);
	}
	return G_SOURCE_CONTINUE;
}

static void opener_dispose(GObject *object)
{
	Opener *self = SPOOR_OPENER(object);

	self->over = TRUE;
	stop_import(self);
	g_cancellable_cancel(self->cancellable);
	g_clear_handle_id(&self->show_timer, g_source_remove);
	g_clear_handle_id(&self->pulse_timer, g_source_remove);
	g_clear_object(&self->source);
	G_OBJECT_CLASS(opener_parent_class)->dispose(object);
}

static void opener_finalize(GObject *object)
{
	Opener *self = SPOOR_OPENER(object);

	g_clear_object(&self->cancellable);
	g_clear_object(&self->import);
	g_free(self->path);
	g_free(self->display);
	g_free(self->import_path);
	G_OBJECT_CLASS(opener_parent_class)->finalize(object);
}

static void opener_class_init(OpenerClass *class)
{
	G_OBJECT_CLASS(class)->dispose = opener_dispose;
	G_OBJECT_CLASS(class)->finalize = opener_finalize;
	signals[SIGNAL_OPENED] = g_signal_new("opened", OPENER_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
	                                      1, SOURCE_TYPE);
	signals[SIGNAL_FAILED] = g_signal_new("failed", OPENER_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
	                                      1, G_TYPE_STRING);
	signals[SIGNAL_CANCELLED] = g_signal_new("cancelled", OPENER_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                         G_TYPE_NONE, 0);
}

static void opener_init(Opener *self)
{
	GtkWidget *widget = GTK_WIDGET(self);

	self->cancellable = g_cancellable_new();
	gtk_box_set_spacing(GTK_BOX(self), 12);
	gtk_style_context_add_class(gtk_widget_get_style_context(widget), "task");
	self->label = gtk_label_new(NULL);
	gtk_label_set_ellipsize(GTK_LABEL(self->label), PANGO_ELLIPSIZE_MIDDLE);
	gtk_label_set_xalign(GTK_LABEL(self->label), 0);
	self->bar = gtk_progress_bar_new();
	gtk_widget_set_valign(self->bar, GTK_ALIGN_CENTER);
	gtk_widget_set_size_request(self->bar, 240, -1);
	self->cancel = gtk_button_new_with_mnemonic(_("_Cancel"));
	gtk_box_pack_start(GTK_BOX(self), self->label, TRUE, TRUE, 0);
	gtk_box_pack_end(GTK_BOX(self), self->cancel, FALSE, FALSE, 0);
	gtk_box_pack_end(GTK_BOX(self), self->bar, FALSE, FALSE, 0);
	gtk_widget_show(self->label);
	gtk_widget_show(self->bar);
	gtk_widget_show(self->cancel);
	g_signal_connect_swapped(self->cancel, "clicked", G_CALLBACK(on_cancel), self);
	self->show_timer = g_timeout_add(SHOW_AFTER_MS, show_late, self);
	self->pulse_timer = g_timeout_add(PULSE_MS, pulse, self);
}

GtkWidget *opener_new(const char *path)
{
	Opener *self = g_object_new(OPENER_TYPE, NULL);
	g_autofree char *text = NULL;

	self->path = g_strdup(path);
	self->display = g_filename_display_basename(path);
	text = g_strdup_printf(_("Opening %s"), self->display);
	gtk_label_set_text(GTK_LABEL(self->label), text);
	return GTK_WIDGET(self);
}
