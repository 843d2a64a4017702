#include "recorder/logon.h"

#include <stdlib.h>

enum { WAIT_MS = 3000, ATTEMPT_MS = 60000, READ_MS = 10000, DETAILS_MAX = 4 };

/* ---- what kind of logon ---- */

static bool is_one_of(struct span s, const char *const *names)
{
	for (; *names; names++)
		if (span_eq(s, span_of(*names)))
			return true;
	return false;
}

static struct span without_dev(struct span s)
{
	return span_starts(s, SPAN("/dev/")) ? (struct span){ s.p + 5, s.n - 5 } : s;
}

static bool is_console(struct span s)
{
	s = without_dev(s);
	return (span_starts(s, SPAN("tty")) && s.n > 3) || span_starts(s, SPAN(":"));
}

static bool is_terminal(struct span s)
{
	return is_console(s) || span_starts(without_dev(s), SPAN("pts/"));
}

struct span logon_type(const struct logon_facts *f)
{
	static const char *const batch[] = { "cron", "crond", "atd", "anacron", "fcron", NULL };
	static const char *const services[] = { "systemd", "systemd-executor", "start-stop-daemon", NULL };
	static const char *const remote_desktops[] = { "xrdp", "xrdp-sesman", "Xvnc", "gnome-remote-desktop-daemon", NULL };
	bool remote = f->address.p || f->host.p || span_starts(f->program, SPAN("sshd"));

	if (is_one_of(f->program, batch) || span_eq(f->terminal, SPAN("cron")))
		return SPAN("batch");
	if (is_one_of(f->program, services))
		return SPAN("service");
	if (is_one_of(f->program, remote_desktops))
		return SPAN("remote interactive");
	if (is_console(f->terminal) && !f->address.p)
		return SPAN("interactive");
	if (remote)
		return is_terminal(f->terminal) ? SPAN("remote interactive") : SPAN("network");
	if (f->terminal.p)
		return SPAN("interactive");
	return f->program.p ? SPAN("service") : SPAN_NONE;
}

/* ---- rows ---- */

static void add_detail(struct event *row, struct event_detail *d, struct arena *arena, enum detail_field field,
                       struct span value)
{
	if (value.p)
		d[row->n_details++] = (struct event_detail){ field, arena_copy(arena, value) };
}

static void give_row(struct emit *e, enum event_action action, const struct logon_facts *f)
{
	struct arena *arena = emit_arena(e);
	struct event_detail *d = arena ? arena_alloc(arena, DETAILS_MAX * sizeof(*d)) : NULL;
	struct item *item = d ? emit_item(e, ITEM_EVENT) : NULL;
	bool privilege = action == ACTION_SECURITY_PRIVILEGE;
	struct event *row;

	if (!item)
		return;
	row = &item->event;
	row->time_ms = f->time_ms;
	row->serial = f->serial;
	row->image = f->image;
	row->action = action;
	row->result = f->result;
	row->object = arena_copy(arena, privilege ? f->command : f->user);
	row->object2 = arena_copy(arena, privilege ? f->user : f->address.p ? f->address : f->host);
	row->details = d;
	row->flags = f->read ? EVENT_FLAG_READ : 0;
	add_detail(row, d, arena, DETAIL_TERMINAL, f->terminal);
	if (!privilege && f->address.p && !span_eq(f->host, f->address))
		add_detail(row, d, arena, DETAIL_SOURCE_HOST, f->host);
	if (!privilege)
		add_detail(row, d, arena, DETAIL_LOGON_TYPE, logon_type(f));
	if (f->result)
		add_detail(row, d, arena, DETAIL_REASON, f->reason);
}

/* ---- what waits ---- */

static void set(struct emit *e, struct span *to, struct span from)
{
	char *copy = from.p ? malloc(from.n + 1) : NULL;

	if (from.p && !copy)
		emit_lacks_memory(e);
	if (!copy)
		return;
	memcpy(copy, from.p, from.n);
	free((char *)(uintptr_t)to->p);
	*to = (struct span){ copy, from.n };
}

static void close_one(struct logons *l, struct logon *o)
{
	struct span *texts[] = { &o->facts.program, &o->facts.user, &o->facts.address, &o->facts.host, &o->facts.terminal,
				 &o->facts.command, &o->facts.reason };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		free((char *)(uintptr_t)texts[i]->p);
	memset(o, 0, sizeof(*o));
	l->n_open--;
}

void logons_free(struct logons *l)
{
	for (size_t i = 0; i < LOGONS_OPEN; i++)
		if (l->open[i].open)
			close_one(l, &l->open[i]);
}

static void finish(struct logons *l, struct emit *e, struct logon *o)
{
	give_row(e, o->action, &o->facts);
	close_one(l, o);
}

void logons_due(struct logons *l, struct emit *e, int64_t now_ms)
{
	for (size_t i = 0; i < LOGONS_OPEN && l->n_open; i++) {
		struct logon *o = &l->open[i];

		if (o->open && (now_ms >= o->facts.time_ms + WAIT_MS || now_ms < o->facts.time_ms - WAIT_MS))
			finish(l, e, o);
	}
}

/* By session where both have one; a logon has none before the kernel gave it one. */
static bool is_same(int64_t boot, int64_t session, int64_t pid, const struct logon_facts *f)
{
	if (boot != f->boot)
		return false;
	return session >= 0 && f->session >= 0 ? session == f->session : pid == f->pid && pid > 0;
}

static struct logon *find(struct logons *l, enum event_action action, const struct logon_facts *f)
{
	for (size_t i = 0; i < LOGONS_OPEN && l->n_open; i++) {
		struct logon *o = &l->open[i];
		bool by_pid = action == ACTION_SECURITY_PRIVILEGE;

		if (o->open && o->action == action &&
		    is_same(o->facts.boot, by_pid ? -1 : o->facts.session, o->facts.pid, f))
			return o;
	}
	return NULL;
}

static struct logon *open_one(struct logons *l, struct emit *e, enum event_action action, const struct logon_facts *f)
{
	struct logon *o = NULL, *oldest = &l->open[0];

	for (size_t i = 0; i < LOGONS_OPEN && !o; i++) {
		if (!l->open[i].open)
			o = &l->open[i];
		else if (l->open[i].facts.serial < oldest->facts.serial)
			oldest = &l->open[i];
	}
	if (!o) {
		finish(l, e, oldest);
		o = oldest;
	}
	o->open = true;
	o->action = action;
	o->facts = *f;
	o->facts.program = o->facts.user = o->facts.address = o->facts.host = SPAN_NONE;
	o->facts.terminal = o->facts.command = o->facts.reason = SPAN_NONE;
	l->n_open++;
	return o;
}

/* A user that only the kernel's record told. */
static bool is_number(struct span s)
{
	uint64_t v;

	return span_to_u64(s, &v) == 0;
}

static void take(struct emit *e, struct logon_facts *to, const struct logon_facts *from)
{
	if (from->program.p) {
		set(e, &to->program, from->program);
		to->image = from->image ? from->image : to->image;
	}
	if (from->user.p && (!to->user.p || is_number(to->user)))
		set(e, &to->user, from->user);
	if (!to->address.p)
		set(e, &to->address, from->address);
	if (!to->host.p)
		set(e, &to->host, from->host);
	if (!to->terminal.p || is_terminal(from->terminal))
		set(e, &to->terminal, from->terminal);
	set(e, &to->command, from->command);
	if (to->session < 0)
		to->session = from->session;
}

static struct logon_known *known(struct logons *l, const struct logon_facts *f)
{
	for (size_t i = 0; i < LOGONS_KNOWN; i++)
		if (l->known[i].boot && is_same(l->known[i].boot, l->known[i].session, l->known[i].pid, f))
			return &l->known[i];
	return NULL;
}

static struct logon_known *remember(struct logons *l, const struct logon_facts *f)
{
	struct logon_known *k = &l->known[l->at_known++ % LOGONS_KNOWN];

	*k = (struct logon_known){ .boot = f->boot, .session = f->session, .pid = f->pid };
	return k;
}

static uint8_t keep(char *to, size_t room, struct span s)
{
	if (!s.p || s.n > room)
		return 0;
	memcpy(to, s.p, s.n);
	return (uint8_t)s.n;
}

static void keep_texts(struct logon_known *k, const struct logon_facts *f)
{
	k->n_user = keep(k->user, sizeof(k->user), f->user);
	k->n_terminal = keep(k->terminal, sizeof(k->terminal), f->terminal);
	k->n_address = keep(k->address, sizeof(k->address), f->address);
}

void logons_read(struct logons *l, struct emit *e, enum event_action action, const struct logon_facts *f, bool goes_on)
{
	struct logon_known *k = goes_on && !known(l, f) ? remember(l, f) : NULL;

	give_row(e, action, f);
	if (!k)
		return;
	k->read_ms = f->time_ms;
	keep_texts(k, f);
}

/* Has it been told already that this one began? Of one that was read its number may be another's long after. */
static bool has_begun(const struct logon_known *k, const struct logon_facts *f)
{
	return k && !k->ended && (!k->read_ms || f->time_ms <= k->read_ms + READ_MS);
}

void logons_begin(struct logons *l, struct emit *e, const struct logon_facts *f)
{
	struct logon *o = find(l, ACTION_SECURITY_LOGIN, f);
	struct logon_known *k = known(l, f);

	if (!o && has_begun(k, f))
		return;
	if (!o) {
		o = open_one(l, e, ACTION_SECURITY_LOGIN, f);
		if (!k)
			k = remember(l, f);
		k->ended = false;
		k->read_ms = 0;
	}
	take(e, &o->facts, f);
	if (!k)
		return;
	if (k->session < 0)
		k->session = f->session;
	keep_texts(k, &o->facts);
}

void logons_end(struct logons *l, struct emit *e, const struct logon_facts *f)
{
	struct logon *o = find(l, ACTION_SECURITY_LOGIN, f);
	struct logon_known *k = known(l, f);
	struct logon_facts told = *f;

	if (k && k->ended)
		return;
	if (o)
		finish(l, e, o);
	if (!k)
		k = remember(l, f);
	k->ended = true;
	if (k->n_user && (!f->user.p || is_number(f->user)))
		told.user = (struct span){ k->user, k->n_user };
	if (k->n_terminal)
		told.terminal = (struct span){ k->terminal, k->n_terminal };
	if (k->n_address && !f->address.p)
		told.address = (struct span){ k->address, k->n_address };
	give_row(e, ACTION_SECURITY_LOGOUT, &told);
}

void logons_privilege(struct logons *l, struct emit *e, const struct logon_facts *f)
{
	struct logon *o = find(l, ACTION_SECURITY_PRIVILEGE, f);

	if (f->result || !f->command.p) {
		if (o && !f->command.p) {
			take(e, &o->facts, f);
			finish(l, e, o);
			return;
		}
		give_row(e, ACTION_SECURITY_PRIVILEGE, f);
		return;
	}
	if (o)
		finish(l, e, o);
	take(e, &open_one(l, e, ACTION_SECURITY_PRIVILEGE, f)->facts, f);
}

/* ---- attempts ---- */

static uint64_t attempt_key(const struct logon_facts *f)
{
	uint64_t place = span_hash(f->address.p ? f->address : f->terminal);

	return (span_hash(f->program) ^ place * 0x9e3779b97f4a7c15u ^ (uint64_t)f->boot << 1 ^ !f->result) | 1;
}

/* How often that way has reported, this time included. */
static uint32_t count_way(struct logon_attempt *a, uint64_t way)
{
	size_t i = 0;

	while (i < LOGONS_WAYS - 1 && a->ways[i].way && a->ways[i].way != way)
		i++;
	a->ways[i].way = way;
	return ++a->ways[i].count;
}

void logons_attempt(struct logons *l, struct emit *e, const struct logon_facts *f, struct span way)
{
	uint64_t key = attempt_key(f);
	struct logon_attempt *a = &l->attempts[(key >> 32) % LOGONS_ATTEMPTS];
	uint32_t count;

	if (a->key != key || f->time_ms > a->time_ms + ATTEMPT_MS || f->time_ms < a->time_ms - ATTEMPT_MS)
		*a = (struct logon_attempt){ .key = key };
	a->time_ms = f->time_ms;
	count = count_way(a, span_hash(way) | 1);
	/* sshd's own word counts where PAM is silent: it also says that there is no such user before any attempt. */
	if (count <= a->told || (span_eq(way, SPAN("login")) && a->ways[1].way))
		return;
	a->told++;
	give_row(e, ACTION_SECURITY_AUTHENTICATION, f);
}
