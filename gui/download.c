#include "gui/download.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "agent/transfer/receive.h"
#include "gui/i18n.h"
#include "gui/network.h"

#define KEY "snapshot"
enum { MOST_FAILURES = 10, FIRST_WAIT_MS = 500, LAST_WAIT_MS = 30000, TELL_US = 100000 };
#define KEEP_FREE (UINT64_C(64) << 20)

struct _Download {
	GObject parent;
	struct capture *capture;
	char *path, *folder, *reason;
	enum download_state state;
	guint64 done, bytes;
	guint call, timer, failures;
	gint64 told;              /* when progress was, last */
	struct server_line *line; /* outlives the link */
	struct link *link;        /* once both ends are there: has a reference of us */
	struct receive *receive;
};
G_DEFINE_FINAL_TYPE(Download, download, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static GSList *running; /* each with a reference */

static void tell(Download *self)
{
	self->told = g_get_monotonic_time();
	g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
}

static void set_reason(Download *self, const char *reason)
{
	char *copy = g_strdup(reason);

	g_free(self->reason);
	self->reason = copy;
}

/* ---- the end ---- */

/* The link ends by itself. */
static void stop(Download *self)
{
	g_clear_handle_id(&self->timer, g_source_remove);
	g_signal_handlers_disconnect_by_data(self->capture->server, self);
	if (self->call)
		server_link_drop(self->capture->server, self->call);
	self->call = 0;
	if (self->link)
		link_close(self->link, WEBSOCKET_NORMAL, "");
	else
		g_clear_pointer(&self->line, server_line_free);
}

static void end(Download *self, enum download_state state, const char *reason)
{
	if (self->state != DOWNLOAD_RUNNING)
		return;
	self->state = state;
	set_reason(self, reason);
	stop(self);
	g_rmdir(self->folder); /* unless something is in it */
	running = g_slist_remove(running, self);
	tell(self);
	g_object_unref(self);
}

void download_cancel(Download *self)
{
	g_autoptr(Download) kept = g_object_ref(self);

	if (self->state != DOWNLOAD_RUNNING)
		return;
	g_clear_pointer(&self->receive, receive_free);
	part_remove(self->folder, KEY);
	end(self, DOWNLOAD_CANCELLED, NULL);
}

/* ---- after a break ---- */

static void begin(Download *self);

static gboolean on_timer(gpointer data)
{
	Download *self = data;

	self->timer = 0;
	begin(self);
	return G_SOURCE_REMOVE;
}

static void begin_later(Download *self, const char *reason)
{
	if (self->state != DOWNLOAD_RUNNING)
		return;
	if (++self->failures > MOST_FAILURES) {
		end(self, DOWNLOAD_FAILED, reason);
		return;
	}
	g_clear_handle_id(&self->timer, g_source_remove);
	self->timer = g_timeout_add((guint)MIN(FIRST_WAIT_MS << (self->failures - 1), LAST_WAIT_MS), on_timer, self);
	set_reason(self, reason);
	tell(self);
}

static void on_server(Download *self)
{
	if (server_link_get_state(self->capture->server) != SERVER_ONLINE)
		return;
	if (!self->call && !self->line && !self->link && !self->timer)
		begin(self);
}

/* ---- the content ---- */

static void on_received(struct receive *r, int error, const char *text, const char *sha256, void *data)
{
	Download *self = data;
	g_autofree char *whole = NULL;

	if (error < 0) {
		end(self, DOWNLOAD_FAILED, text);
		return;
	}
	whole = g_build_filename(self->folder, sha256, NULL);
	if (g_rename(whole, self->path) < 0) {
		end(self, DOWNLOAD_FAILED, g_strerror(errno));
		return;
	}
	end(self, DOWNLOAD_DONE, NULL);
}

static void on_progress(uint64_t done, uint64_t bytes, void *data)
{
	Download *self = data;

	if (done > self->done)
		self->failures = 0;
	self->done = done;
	self->bytes = bytes;
	if (g_get_monotonic_time() - self->told >= TELL_US)
		tell(self);
}

static void on_content(struct link *l, enum websocket_kind kind, struct span payload, void *data)
{
	Download *self = data;

	if (self->receive)
		receive_message(self->receive, kind, payload);
}

static void on_link_closed(struct link *l, const struct link_end *e, void *data)
{
	g_autoptr(Download) self = data; /* the link's reference */
	g_autofree char *reason = e->reason && *e->reason ? g_utf8_make_valid(e->reason, -1) : NULL;

	self->link = NULL;
	g_clear_pointer(&self->receive, receive_free);
	g_clear_pointer(&self->line, server_line_free);
	begin_later(self, reason ? reason : _("the connection was cut"));
}

static const struct link_handler content_calls = { .message = on_content, .closed = on_link_closed };

static void receive_from(Download *self)
{
	struct receive_config config = {
		.fdm = network_fdm(), .key = KEY, .progress = on_progress, .done = on_received, .data = self,
		.place = { self->folder, INT64_MAX, INT64_MAX, KEEP_FREE },
	};

	self->link = config.link = server_line_steal(self->line);
	g_object_ref(self);
	link_set_handler(self->link, &content_calls, self);
	link_set_max_message(self->link, BULK_MAX_MESSAGE);
	if (receive_new(&config, &self->receive) < 0)
		end(self, DOWNLOAD_FAILED, g_strerror(ENOMEM));
}

/* ---- the connection ---- */

static void on_ready(struct server_line *l, void *data)
{
}

static void on_message(struct server_line *l, const struct control *c, void *data)
{
	if (c->type == CONTROL_DATA_READY)
		receive_from(data);
}

static void on_closed(struct server_line *l, const struct server_line_end *e, void *data)
{
	Download *self = data;

	self->line = NULL;
	begin_later(self, e->text);
}

static const struct server_line_handler line_calls = { on_ready, on_message, on_closed };

static void on_ticket(const struct control *c, const char *error, gpointer data)
{
	Download *self = data;
	ServerLink *server = self->capture->server;
	g_autofree char *ticket = NULL, *target = NULL;

	self->call = 0;
	if (!c && server_link_get_state(server) != SERVER_ONLINE) {
		set_reason(self, error); /* it goes on when the server is there */
		tell(self);
		return;
	}
	ticket = c && c->type == CONTROL_TICKET ? g_strndup(c->ticket.ticket.p, c->ticket.ticket.n) : NULL;
	if (!ticket || !*ticket ||
	    strspn(ticket, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_") != strlen(ticket)) {
		end(self, DOWNLOAD_FAILED, error ? error : _("the server answers nonsense"));
		return;
	}
	target = g_strconcat("/data/", ticket, NULL);
	self->line = server_link_line(server, target, &line_calls, self);
	if (!self->line)
		end(self, DOWNLOAD_FAILED, _("this computer has no memory or descriptors left"));
}

/* It may be in a folder that others write to: theirs is not used. */
static int make_folder(const char *folder)
{
	struct stat st;

	if (g_mkdir(folder, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (lstat(folder, &st) < 0)
		return -errno;
	return !S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022) ? -EEXIST : 0;
}

static void begin(Download *self)
{
	struct control c = { .type = CONTROL_CAPTURE_FETCH };
	int r;

	if (server_link_get_state(self->capture->server) != SERVER_ONLINE) {
		set_reason(self, _("not connected to the server"));
		tell(self);
		return;
	}
	r = make_folder(self->folder);
	if (r < 0) {
		end(self, DOWNLOAD_FAILED, g_strerror(-r));
		return;
	}
	set_reason(self, NULL);
	c.fetch.capture = span_of(self->capture->id);
	self->call = server_link_call(self->capture->server, &c, on_ticket, self);
}

/* ---- what it is ---- */

const char *download_get_path(Download *self)
{
	return self->path;
}

enum download_state download_get_state(Download *self)
{
	return self->state;
}

const char *download_get_reason(Download *self)
{
	return self->reason;
}

guint64 download_get_done(Download *self)
{
	return self->done;
}

guint64 download_get_bytes(Download *self)
{
	return self->bytes;
}

Download *download_find(const struct capture *c)
{
	for (GSList *l = running; l; l = l->next) {
		Download *d = l->data;

		if (d->capture->server == c->server && strcmp(d->capture->id, c->id) == 0)
			return d;
	}
	return NULL;
}

/* ---- the object ---- */

static void download_finalize(GObject *object)
{
	Download *self = SPOOR_DOWNLOAD(object);

	capture_unref(self->capture);
	g_free(self->path);
	g_free(self->folder);
	g_free(self->reason);
	G_OBJECT_CLASS(download_parent_class)->finalize(object);
}

static void download_class_init(DownloadClass *class)
{
	G_OBJECT_CLASS(class)->finalize = download_finalize;
	signals[SIGNAL_CHANGED] = g_signal_new("changed", DOWNLOAD_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
	                                       G_TYPE_NONE, 0);
}

static void download_init(Download *self)
{
}

static gboolean begin_idle(gpointer data)
{
	Download *self = data;

	self->timer = 0;
	begin(self);
	return G_SOURCE_REMOVE;
}

Download *download_new(struct capture *c, const char *path)
{
	Download *self = g_object_new(DOWNLOAD_TYPE, NULL);
	g_autofree char *folder = g_path_get_dirname(path), *name = g_path_get_basename(path);
	g_autofree char *hidden = g_strdup_printf(".%s.part", name);

	self->capture = capture_ref(c);
	self->path = g_strdup(path);
	self->folder = g_build_filename(folder, hidden, NULL);
	self->bytes = c->bytes;
	running = g_slist_prepend(running, g_object_ref(self));
	g_signal_connect_object(c->server, "changed", G_CALLBACK(on_server), self, G_CONNECT_SWAPPED);
	self->timer = g_idle_add(begin_idle, self); /* the caller can still connect to it */
	return self;
}
