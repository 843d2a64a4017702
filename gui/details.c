#include "gui/details.h"

#include "gui/event-column.h"
#include "recorder/query/cgroup.h"
#include "timeline/view/theme.h"
#include "gui/i18n.h"
#include "gui/time-range.h"
#include "gui/value-menu.h"

static const struct reader_image *last_image(const struct reader_process *p)
{
	return p->n_images ? &p->images[p->n_images - 1] : NULL;
}

static struct span last_name(struct span path)
{
	const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;

	return slash ? (struct span){ slash + 1, (size_t)(path.p + path.n - slash - 1) } : path;
}

static char *image_name(const struct reader_image *i)
{
	struct span name = i ? last_name(i->executable) : SPAN_NONE;

	if (!name.n && i)
		name = i->comm;
	return name.n ? event_text(name) : NULL;
}

char *details_name(const struct reader_process *p)
{
	char *name = image_name(last_image(p));

	return name ? name : g_strdup_printf("PID %" G_GINT64_FORMAT, (gint64)p->pid);
}

/* ---- lines ---- */

static void add(GArray *lines, const char *name, char *value, const char *why_not)
{
	struct details_line l = { .name = name, .value = value };

	if (!value || !*value) {
		g_free(value);
		l.value = g_strdup(why_not);
		l.unknown = TRUE;
	}
	g_array_append_val(lines, l);
}

static char *number_or_null(gint64 n)
{
	return n >= 0 ? g_strdup_printf("%" G_GINT64_FORMAT, n) : NULL;
}

/* Events with the value of the line that was added last have it in `field`. */
static void means(GArray *lines, const char *field, const char *value)
{
	struct details_line *l = &g_array_index(lines, struct details_line, lines->len - 1);

	if (!l->unknown && value && *value)
		l->means = value_menu_expression(field, value, FALSE);
}

/* The same for bytes as they were recorded, where what is shown may differ. */
static void means_span(GArray *lines, const char *field, struct span value)
{
	g_autofree char *text = value.n ? g_strndup(value.p, value.n) : NULL;

	means(lines, field, text);
}

static void means_number(GArray *lines, const char *field, gint64 number)
{
	g_autofree char *text = number_or_null(number);

	means(lines, field, text);
}

/* The line that was added last. */
static void leads_to_story(GArray *lines)
{
	struct details_line *l = &g_array_index(lines, struct details_line, lines->len - 1);

	l->story = !l->unknown;
}

static void add_wide(GArray *lines, const char *name, char *value, const char *why_not)
{
	add(lines, name, value, why_not);
	g_array_index(lines, struct details_line, lines->len - 1).wide = TRUE;
}

static const char *origin_reason(const struct reader_process *p)
{
	switch (p->origin) {
	case PROCESS_EXEC: return _("the record did not tell");
	case PROCESS_BASELINE: return _("it ran before recording began, and /proc did not tell");
	case PROCESS_FORK: return _("it was forked and has not run a program of its own");
	default: return _("its start was not recorded: it was first met through something it did");
	}
}

static char *user_text(struct span name, gint64 id)
{
	g_autofree char *text = name.n ? event_text(name) : NULL;

	if (text && id >= 0)
		return g_strdup_printf("%s (%" G_GINT64_FORMAT ")", text, id);
	return text ? g_steal_pointer(&text) : number_or_null(id);
}

/* With the reason why there is only a number. */
static char *known_user_text(struct span name, gint64 id)
{
	g_autofree char *text = user_text(name, id);

	if (!text || name.n)
		return g_steal_pointer(&text);
	return g_strdup_printf(_("%s (its name was not known there)"), text);
}

static char *programs_text(const struct reader_process *p)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < p->n_images; i++) {
		g_autofree char *name = image_name(&p->images[i]);

		if (i == 12) {
			g_string_append(out, " → … ");
			g_string_append_printf(out, ngettext("%zu more", "%zu more", p->n_images - i), p->n_images - i);
			break;
		}
		g_string_append_printf(out, "%s%s", i ? " → " : "", name ? name : "?");
	}
	return g_string_free(out, FALSE);
}

static void add_programs(GArray *lines, const struct reader_process *p)
{
	const struct reader_image *i = last_image(p);
	const char *why = origin_reason(p);

	add(lines, _("Path"), i ? event_text(i->executable) : NULL, why);
	means_span(lines, "process.executable", i ? i->executable : SPAN_NONE);
	add(lines, _("Directory"), i ? event_text(i->cwd) : NULL, why);
	means_span(lines, "process.working_directory", i ? i->cwd : SPAN_NONE);
	add_wide(lines, _("Command line"), i ? event_text(i->command_line) : NULL, why);
	means_span(lines, "process.command_line", i ? i->command_line : SPAN_NONE);
	if (p->n_images > 1)
		add_wide(lines, _("Programs run"), programs_text(p), "");
}

static void add_parent(GArray *lines, const struct reader_process *p)
{
	g_autofree char *executable = event_text(p->parent_executable), *line = event_text(p->parent_command_line);
	g_autofree char *pid = number_or_null(p->parent_pid);
	char *value = NULL;

	if (p->parent || p->parent_pid) /* Translators: program, number */
		value = g_strdup_printf(_("%s  PID %s"), *executable ? executable : _("program not known"), pid ? pid : "?");
	add(lines, _("Parent"), value, p->origin == PROCESS_BASELINE ? _("it ran before recording began")
	                                                               : _("the record did not name one"));
	g_array_index(lines, struct details_line, lines->len - 1).process = p->parent;
	means_number(lines, "process.entity_id", p->parent ? p->parent : -1);
	add(lines, _("Parent ran"), g_steal_pointer(&line), _("the parent's start was not recorded"));
}

static char *time_text(gint64 ms)
{
	g_autofree char *t = event_time(ms), *zone = time_range_zone(ms);

	return g_strdup_printf("%s %s", t, zone);
}

static void add_times(GArray *lines, const struct reader_process *p)
{
	g_autofree char *seen = time_text(p->start_ms);
	g_autofree char *why = g_strdup_printf(_("before recording began; first seen %s"), seen);

	add(lines, _("Started"), p->start_known ? g_strdup(seen) : NULL, why);
	add(lines, _("Ended"), p->end_ms ? time_text(p->end_ms) : NULL,
	    _("it still ran, or its end was not seen"));
	if (p->signal)
		add(lines, _("Exit"), g_strdup_printf(_("signal %d (%s)"), p->signal, g_strsignal(p->signal)), "");
	else
		add(lines, _("Exit"), p->end_ms ? number_or_null(p->exit_code) : NULL,
		    p->end_ms ? _("the record did not tell") : _("no exit was recorded"));
}

static const char *hash_reason(const struct reader_image *i)
{
	switch (i ? i->hash_reason : 0) {
	case 1: return _("not hashed by this version");
	case 2: return _("the file was gone before it was hashed");
	case 3: return _("the file was too large to hash");
	case 4: return _("the file could not be read");
	case 5: return _("not hashed yet, or the recording ended first");
	case 6: return _("not hashed: too many new programs at once");
	default: return _("not hashed: an imported log holds no files");
	}
}

static void add_place(GArray *lines, struct span cgroup)
{
	struct span container = cgroup_container(cgroup), unit = cgroup_unit(cgroup);

	add_wide(lines, _("Container"), container.n ? event_text(container) : NULL, _("in none"));
	means_span(lines, "container.id", container);
	if (unit.n) {
		add_wide(lines, _("Unit"), event_text(unit), "");
		means_span(lines, "systemd.unit", unit);
	}
	add_wide(lines, _("Control group"), event_text(cgroup), "");
	means_span(lines, "process.cgroup", cgroup);
}

static char *pid_text(const struct reader_process *p)
{
	g_autofree char *pid = NULL, *inner = NULL;

	if (!p->ns_pid)
		return number_or_null(p->pid);
	pid = number_or_null(p->pid);
	inner = number_or_null(p->ns_pid);
	return g_strdup_printf(_("%s, in its own namespace %s"), pid, inner);
}

static void add_who(GArray *lines, const struct reader_process *p)
{
	const struct reader_image *i = last_image(p);
	const char *why = _("the record did not tell");

	add(lines, _("User"), i ? known_user_text(i->user, i->euid) : NULL, why);
	means_number(lines, "user.id", i ? i->euid : -1);
	if (i && i->uid != i->euid) {
		add(lines, _("Real user"), number_or_null(i->uid), why);
		means_number(lines, "process.real_user.id", i->uid);
	}
	if (i && i->cgroup.n)
		add_place(lines, i->cgroup);
	else
		add(lines, _("Container"), NULL, _("not known: no control group was read when it started"));
	add(lines, _("Logged in as"), i ? known_user_text(i->audit_user, i->auid) : NULL, _("not started from a login"));
	means_number(lines, "user.audit.id", i ? i->auid : -1);
	add(lines, _("Session"), i ? number_or_null(i->session) : NULL, _("not started from a login"));
	means_number(lines, "auditd.session", i ? i->session : -1);
	leads_to_story(lines);
	add(lines, _("Terminal"), i && i->tty.n ? event_text(i->tty) : NULL, _("none"));
	means_span(lines, "process.tty.name", i ? i->tty : SPAN_NONE);
	add(lines, _("Host"), event_text(p->host), _("the records do not name a host"));
}

static char *events_text(const struct reader_process *p)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (int c = EVENT_NONE + 1; c < EVENT_CATEGORY_COUNT; c++) {
		g_autofree char *n = event_number(p->by_category[c]);

		if (p->by_category[c])
			g_string_append_printf(out, "%s%s %s", out->len ? " · " : "", theme_kind_name((enum event_category)c), n);
	}
	return g_strdup(out->str);
}

char *details_logon(const struct reader_story *s)
{
	g_autofree char *user = user_text(s->user, s->auid), *source = s->source.n ? event_text(s->source) : NULL;
	g_autofree char *type = s->type.n ? event_text(s->type) : NULL, *time = NULL, *who = NULL;
	g_autofree char *terminal = s->terminal.n ? event_text(s->terminal) : NULL;

	if (!s->logon_ms)
		return NULL;
	time = time_text(s->logon_ms);
	if (source) /* Translators: user, address */
		who = g_strdup_printf(_("%s from %s"), user ? user : _("somebody"), source);
	return g_strdup_printf("%s%s%s%s%s · %s", who ? who : user ? user : _("somebody"), type ? " · " : "",
	                       type ? type : "", terminal ? " · " : "", terminal ? terminal : "", time);
}

static void free_line(gpointer line)
{
	g_free(((struct details_line *)line)->value);
	g_free(((struct details_line *)line)->means);
}

GArray *details_of(const struct reader_process *p, const char *logon, const char *no_logon)
{
	GArray *lines = g_array_new(FALSE, FALSE, sizeof(struct details_line));
	const struct reader_image *i = last_image(p);

	g_array_set_clear_func(lines, free_line);
	add_programs(lines, p);
	add_parent(lines, p);
	add_times(lines, p);
	add(lines, _("PID"), pid_text(p), "");
	means_number(lines, "process.pid", p->pid);
	add_who(lines, p);
	add_wide(lines, _("Logon"), g_strdup(logon), no_logon ? no_logon : _("the logon itself was not recorded"));
	leads_to_story(lines);
	if (i && (i->md5.n || i->sha256.n)) {
		add_wide(lines, _("MD5"), event_text(i->md5), hash_reason(i));
		means_span(lines, "process.hash.md5", i->md5);
		add_wide(lines, _("SHA-256"), event_text(i->sha256), hash_reason(i));
		means_span(lines, "process.hash.sha256", i->sha256);
	} else {
		add_wide(lines, _("Hashes"), NULL, hash_reason(i));
	}
	add_wide(lines, _("Events"), events_text(p), _("none were recorded"));
	add(lines, _("Children"), p->children ? event_number(p->children) : NULL, _("it started none that was recorded"));
	return lines;
}

void details_add_notes(GArray *lines, const char *notes)
{
	struct details_line l = { .name = _("Notes"), .value = g_strdup(notes), .wide = TRUE };

	g_array_prepend_val(lines, l);
}

char *details_summary(const struct reader_process *p)
{
	const struct reader_image *i = last_image(p);
	g_autofree char *user = i ? user_text(i->user, -1) : NULL;
	g_autofree char *length = p->end_ms ? event_duration(p->end_ms - p->start_ms) : NULL;
	g_autofree char *end = NULL, *pid = NULL, *head = NULL;

	if (p->signal)
		end = g_strdup_printf(_("ended by signal %d after %s"), p->signal, length ? length : _("an unknown time"));
	else if (p->end_ms && p->exit_code >= 0)
		end = g_strdup_printf(_("exited with %d after %s"), p->exit_code, length);
	else
		end = p->end_ms ? g_strdup_printf(_("ended after %s"), length) : g_strdup(_("no end recorded"));
	pid = number_or_null(p->pid);
	head = g_strdup_printf(_("PID %s"), pid);
	return g_strdup_printf("%s%s%s · %s", head, user ? " · " : "", user ? user : "", end);
}
