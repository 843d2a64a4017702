#include "gui/event-column.h"

#include <errno.h>
#include <string.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "recorder/query/expr.h"
#include "recorder/query/row.h"
#include "gui/i18n.h"
#include "gui/time-range.h"
#include "timeline/view/words.h"

static const struct event_column_info columns[EVENT_COLUMN_COUNT] = {
	[EVENT_COLUMN_TIME] = { "time", N_("Time"), "@timestamp", 196, .monospace = TRUE },
	[EVENT_COLUMN_EVENT] = { "event", N_("Event"), "event.action", 148 },
	[EVENT_COLUMN_PROCESS] = { "process", N_("Process"), "process.executable", 136 },
	[EVENT_COLUMN_PID] = { "pid", "PID", "process.pid", 76, .monospace = TRUE, .numeric = TRUE },
	[EVENT_COLUMN_WHAT] = { "what", N_("What"), "message", 240, .monospace = TRUE, .grows = TRUE, .middle = TRUE },
	[EVENT_COLUMN_USER] = { "user", N_("User"), "user.name,user.id", 104 },
};

const struct event_column_info *event_column_info(enum event_column column)
{
	return &columns[column];
}

const char *event_column_field(enum event_column column)
{
	switch (column) {
	case EVENT_COLUMN_EVENT: return "event.action";
	case EVENT_COLUMN_PROCESS: return "process.name";
	case EVENT_COLUMN_PID: return "process.pid";
	case EVENT_COLUMN_USER: return "user.name";
	default: return NULL;
	}
}

/* ---- texts ---- */

static char *text_of(struct buf *b)
{
	char *text = g_strndup(b->p ? b->p : "", b->n);

	buf_free(b);
	return text;
}

char *event_text(struct span s)
{
	struct buf b = BUF_INIT;

	text_visible(&b, s);
	return text_of(&b);
}

char *event_number(guint64 n)
{
	struct buf b = BUF_INIT;

	words_count(&b, n);
	return text_of(&b);
}

char *event_time(gint64 ms)
{
	return time_range_format(ms);
}

char *event_duration(gint64 ms)
{
	struct buf b = BUF_INIT;

	words_duration(&b, ms);
	return text_of(&b);
}

static struct span last_name(struct span path)
{
	const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;

	if (!slash || slash + 1 == path.p + path.n)
		return path;
	return (struct span){ slash + 1, (size_t)(path.p + path.n - slash - 1) };
}

static char *endpoint(struct span address, int32_t port)
{
	g_autofree char *text = event_text(address);

	if (!address.n)
		return port ? g_strdup_printf(_("port %d"), port) : g_strdup("");
	if (!port)
		return g_steal_pointer(&text);
	return g_strdup_printf(strchr(text, ':') ? "[%s]:%d" : "%s:%d", text, port);
}

static char *with_error(char *text, int32_t result)
{
	char *out;

	if (!result)
		return text;
	out = g_strdup_printf("%s (%s)", text, g_strerror(result));
	g_free(text);
	return out;
}

static char *arrow(const struct reader_row *row, const char *sign)
{
	g_autofree char *a = event_text(row->object), *b = event_text(row->object2);

	return *b ? g_strdup_printf("%s %s %s", a, sign, b) : g_steal_pointer(&a);
}

static char *exit_text(const struct reader_row *row)
{
	if (row->port)
		return g_strdup_printf(_("signal %d (%s)"), row->port, g_strsignal(row->port));
	return row->result < 0 ? g_strdup(_("exit code unknown")) : g_strdup_printf(_("exit code %d"), row->result);
}

/* In the words of the command line. */
static char *described(const struct reader_row *row)
{
	struct buf b = BUF_INIT;

	row_describe(&b, row);
	return text_of(&b);
}

static char *object_text(const struct reader_row *row)
{
	if (row->category == EVENT_SECURITY)
		return described(row);
	switch (row->action) {
	case ACTION_PROCESS_PTRACE:
	case ACTION_PROCESS_CREDENTIALS:
	case ACTION_PROCESS_IO_URING:
	case ACTION_FILE_ATTRIBUTE:
	case ACTION_NETWORK_DISCONNECT:
		return described(row);
	case ACTION_PROCESS_CREATE:
	case ACTION_PROCESS_SEEN:
		return event_text(row->command_line.n ? row->command_line : row->executable);
	case ACTION_PROCESS_EXIT:
		return exit_text(row);
	case ACTION_FILE_RENAME:
	case ACTION_FILE_LINK:
	case ACTION_FILE_MOUNT:
		return with_error(arrow(row, "→"), row->result);
	default:
		if (row->category == EVENT_NETWORK)
			return with_error(endpoint(row->object, row->port),
			                  row->action == ACTION_NETWORK_CONNECT_ATTEMPT ? 0 : row->result);
		return with_error(event_text(row->object), row->result);
	}
}

static char *what_text(const struct reader_row *row)
{
	g_autofree char *text = object_text(row);
	AUTO_BUF b = BUF_INIT;

	if (row->count <= 1)
		return g_steal_pointer(&text);
	buf_printf(&b, "%s  ", text);
	row_count_words(&b, row);
	return b.failed ? g_strdup(text) : g_strndup(b.p, b.n);
}

static char *user_text(const struct reader_row *row)
{
	if (row->user.n)
		return event_text(row->user);
	return row->euid >= 0 ? g_strdup_printf("%" G_GINT64_FORMAT, (gint64)row->euid) : g_strdup("");
}

static char *event_name(const struct reader_row *row)
{
	const char *name = event_action_name(row->action);

	return name ? g_strdup(name) : g_strdup_printf(_("Action %d"), row->action);
}

char *event_column_text(const struct reader_row *row, enum event_column column)
{
	switch (column) {
	case EVENT_COLUMN_TIME: return event_time(row->time_ms);
	case EVENT_COLUMN_EVENT: return event_name(row);
	case EVENT_COLUMN_PROCESS: return event_text(row->executable.n ? last_name(row->executable) : row->comm);
	case EVENT_COLUMN_PID: return row->pid ? g_strdup_printf("%" G_GINT64_FORMAT, (gint64)row->pid) : g_strdup("");
	case EVENT_COLUMN_WHAT: return what_text(row);
	case EVENT_COLUMN_USER: return user_text(row);
	case EVENT_COLUMN_COUNT:
	case EVENT_COLUMN_EXTRA: break;
	}
	return g_strdup("");
}

char *event_column_value(const struct reader_row *row, enum event_column column)
{
	char text[CLOCK_TEXT];

	switch (column) {
	case EVENT_COLUMN_TIME: return g_strdup(clock_format(row->time_ms, text));
	case EVENT_COLUMN_PROCESS: return event_text(row->executable.n ? row->executable : row->comm);
	case EVENT_COLUMN_WHAT: return object_text(row);
	default: return event_column_text(row, column);
	}
}

char *event_column_span(const struct reader_row *row)
{
	g_autofree char *count = NULL, *first = NULL, *last = NULL, *zone = NULL;
	double seconds = (double)row->span_ms / 1000;

	if (row->count <= 1)
		return NULL;
	count = event_number(row->count);
	first = event_time(row->time_ms);
	last = event_time(row->time_ms + row->span_ms);
	zone = time_range_zone(row->time_ms);
	if (row->span_ms <= 0)
		return g_strdup_printf(ngettext("%s event at %s %s", "%s events at %s %s", (gulong)row->count), count, first, zone);
	return g_strdup_printf(ngettext("%s event, %.*f a second\nFirst %s %s\nLast %s %s",
	                                "%s events, %.*f a second\nFirst %s %s\nLast %s %s", (gulong)row->count), count,
	                       (double)row->count < 10 * seconds ? 2 : 0, (double)row->count / seconds, first, zone, last, zone);
}

char *event_column_row_text(const struct reader_row *row)
{
	GString *out = g_string_new(NULL);

	for (int i = 0; i < EVENT_COLUMN_COUNT; i++) {
		g_autofree char *v = event_column_value(row, i);

		if (i)
			g_string_append_c(out, '\t');
		g_string_append(out, v);
	}
	return g_string_free(out, FALSE);
}

/* ---- pivots ---- */

/* The field that the object of this action is the value of. */
static const char *object_field(const struct reader_row *row)
{
	switch (row->category) {
	case EVENT_FILE: return "file.path";
	case EVENT_NETWORK: return row_is_accepted(row) ? "source.ip" : "destination.ip";
	case EVENT_DRIVER: return "driver.path";
	case EVENT_REGISTRY: return "registry.path";
	case EVENT_PROCESS: return row->action == ACTION_PROCESS_EXEC_FAILED ? "file.path" : "process.command_line";
	default: return NULL;
	}
}

static struct span object_value(const struct reader_row *row, const char *field)
{
	return g_strcmp0(field, "process.command_line") == 0 ? row->command_line : row->object;
}

static gboolean field_and_value(const struct reader_row *row, enum event_column column, const char **ret_field,
                                struct span *ret_value, char number[32])
{
	const char *field = NULL;
	struct span value = SPAN_NONE;

	switch (column) {
	case EVENT_COLUMN_EVENT:
		field = "event.action";
		value = span_of(event_action_name(row->action));
		break;
	case EVENT_COLUMN_PROCESS:
		field = row->executable.n ? "process.executable" : "process.name";
		value = row->executable.n ? row->executable : row->comm;
		break;
	case EVENT_COLUMN_PID:
		field = "process.pid";
		if (row->pid) {
			g_snprintf(number, 32, "%" G_GINT64_FORMAT, (gint64)row->pid);
			value = span_of(number);
		}
		break;
	case EVENT_COLUMN_WHAT:
		field = object_field(row);
		value = object_value(row, field);
		break;
	case EVENT_COLUMN_USER:
		field = row->user.n ? "user.name" : "user.id";
		value = row->user;
		if (!row->user.n && row->euid >= 0) {
			g_snprintf(number, 32, "%" G_GINT64_FORMAT, (gint64)row->euid);
			value = span_of(number);
		}
		break;
	default:
		break;
	}
	*ret_field = field;
	*ret_value = value;
	return field && value.p && value.n;
}

char *event_column_filter(const struct reader_row *row, enum event_column column, gboolean negate)
{
	const char *name;
	const struct field *field;
	struct span value;
	char number[32];
	AUTO_BUF out = BUF_INIT;
	AUTO_EXPR *e = NULL;

	if (!field_and_value(row, column, &name, &value, number))
		return NULL;
	field = field_find(span_of(name));
	if (!field)
		return NULL;
	e = expr_condition(field, negate ? EXPR_NE : EXPR_EQ, value);
	if (!e)
		return NULL;
	expr_print(e, &out);
	return out.failed ? NULL : g_strndup(out.p, out.n);
}

char *event_column_join(const char *a, const char *b)
{
	AUTO_EXPR *left = NULL, *right = NULL, *both = NULL;
	struct expr_error fault;
	AUTO_BUF out = BUF_INIT;

	if (!a || !*a || !b || !*b)
		return g_strdup(a && *a ? a : b && *b ? b : "");
	if (expr_parse(span_of(a), &left, &fault) < 0 || expr_parse(span_of(b), &right, &fault) < 0)
		return NULL;
	both = expr_and(STEAL(left), STEAL(right));
	if (!both)
		return NULL;
	expr_print(both, &out);
	return out.failed ? NULL : g_strndup(out.p, out.n);
}
