/* What programs and the kernel say of logons, accounts, denials and the configuration of all this. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "recorder/interpret.h"
#include "recorder/logon.h"
#include "recorder/usermessage.h"
#include "recorder/rules.h"

/* ---- who ---- */

static struct process_actor actor_of(struct interpretation *in, const struct syscall_record *record)
{
	bool call = in->event->has_syscall && (record->pid <= 0 || in->event->syscall.pid == record->pid);

	return call ? interpret_actor(in) :
		      (struct process_actor){ in->boot, in->event->time_ms, in->event->serial, record, SPAN_NONE, false };
}

static int64_t image_of(struct interpretation *in, const struct syscall_record *record)
{
	struct process_actor actor = actor_of(in, record);

	return process_image(in->processes, &actor);
}

static struct span last_name(struct span path)
{
	const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;

	return slash ? (struct span){ slash + 1, path.n - (size_t)(slash + 1 - path.p) } : path;
}

/* Name of a user id: as auditd wrote it beside, as the system says, or the number. */
static struct span user_name(struct interpretation *in, struct span enrichment, struct span key, int64_t id)
{
	struct arena *arena = emit_arena(in->emit);
	struct span name = SPAN_NONE;
	struct record_field f;
	char number[24];

	if (id < 0 || !arena)
		return SPAN_NONE;
	if (enrichment.p && record_find(enrichment, key, &f) && !span_starts(f.value, SPAN("unknown(")))
		name = f.value;
	if (!name.p && in->config->user)
		name = in->config->user(id, in->config->data);
	if (name.p)
		return name;
	snprintf(number, sizeof(number), "%" PRId64, id);
	return arena_copy(arena, span_of(number));
}

/* The account that a message is about: by name, else by number. */
static struct span account(struct interpretation *in, const struct usermessage *m)
{
	struct arena *arena = emit_arena(in->emit);
	struct span name = arena ? usermessage_string(m, SPAN("acct"), arena) : SPAN_NONE;
	struct record_field f;

	if (!name.p && arena)
		name = usermessage_string(m, SPAN("grp"), arena);
	if (name.p)
		return name;
	if (!usermessage_find(m, SPAN("id"), &f) && !usermessage_find(m, SPAN("uid"), &f))
		return SPAN_NONE;
	return user_name(in, m->kernel.enrichment, SPAN("ID"), record_id(f.value));
}

/* ---- logons ---- */

static bool collect(struct interpretation *in, enum type_kind kind, struct usermessage *m, struct logon_facts *ret)
{
	struct arena *arena = emit_arena(in->emit);
	struct pending_record *r;
	struct record_field exe;
	size_t at = 0;

	r = interpret_record(in, kind, &at);
	if (!r || !arena)
		return false;
	usermessage_parse(r->body, m);
	*ret = (struct logon_facts){ .boot = in->boot, .time_ms = in->event->time_ms, .serial = in->event->serial,
				     .session = m->kernel.session, .pid = m->kernel.pid };
	ret->result = usermessage_result(m) == 0 ? EACCES : 0;
	if (usermessage_find(m, SPAN("exe"), &exe))
		ret->program = last_name(m->plain ? exe.value : record_string(&exe, arena));
	ret->user = account(in, m);
	ret->address = usermessage_string(m, SPAN("addr"), arena);
	ret->host = usermessage_string(m, SPAN("hostname"), arena);
	if (!ret->address.p && span_eq(ret->host, in->config->host)) /* its own name, for what happens at it */
		ret->host = SPAN_NONE;
	ret->terminal = usermessage_string(m, SPAN("terminal"), arena);
	ret->reason = usermessage_operation(m);
	ret->image = image_of(in, &m->kernel);
	return true;
}

static bool is_su(struct span program)
{
	static const char *const names[] = { "su", "sudo", "sudo-rs", "su-rs", "runuser", "doas", "pkexec", "newrole", "userhelper",
					     "polkit-agent-helper-1", "sg", "newgrp", NULL };

	for (size_t i = 0; names[i]; i++)
		if (span_eq(program, span_of(names[i])))
			return true;
	return false;
}

static void interpret_auth(struct interpretation *in)
{
	struct logon_facts f;
	struct usermessage m;

	if (collect(in, TYPE_AUTH, &m, &f))
		logons_attempt(in->logons, in->emit, &f, f.reason);
}

/* An account that may not log on; that it may is told by what follows. */
static void interpret_acct(struct interpretation *in)
{
	struct logon_facts f;
	struct usermessage m;

	if (collect(in, TYPE_ACCT, &m, &f) && f.result)
		logons_attempt(in->logons, in->emit, &f, f.reason);
}

static void interpret_session(struct interpretation *in)
{
	struct logon_facts f;
	struct usermessage m;

	if (!collect(in, TYPE_SESSION, &m, &f))
		return;
	if (is_su(f.program))
		logons_privilege(in->logons, in->emit, &f);
	else if (!f.result)
		logons_begin(in->logons, in->emit, &f);
	else
		logons_attempt(in->logons, in->emit, &f, f.reason);
}

static void interpret_session_end(struct interpretation *in)
{
	struct logon_facts f;
	struct usermessage m;

	if (collect(in, TYPE_SESSION_END, &m, &f) && !is_su(f.program) && !f.result)
		logons_end(in->logons, in->emit, &f);
}

static void interpret_user_logout(struct interpretation *in)
{
	struct logon_facts f;
	struct usermessage m;

	if (collect(in, TYPE_USER_LOGOUT, &m, &f) && !f.result)
		logons_end(in->logons, in->emit, &f);
}

static void interpret_user_login(struct interpretation *in)
{
	struct logon_facts f;
	struct usermessage m;

	if (!collect(in, TYPE_USER_LOGIN, &m, &f))
		return;
	if (f.result)
		logons_attempt(in->logons, in->emit, &f, f.reason);
	else
		logons_begin(in->logons, in->emit, &f);
}

/* The kernel's word that a process got a login user and a session: who, by number only. */
static void interpret_login(struct interpretation *in)
{
	size_t at = 0;
	struct pending_record *r = interpret_record(in, TYPE_LOGIN, &at);
	struct syscall_record record;
	struct logon_facts f;
	struct record_field res;

	if (!r)
		return;
	syscall_record_parse(r->body, &record);
	if (record_find(r->body, SPAN("res"), &res) && span_eq(res.value, SPAN("0")))
		return;
	f = (struct logon_facts){ .boot = in->boot, .time_ms = in->event->time_ms, .serial = in->event->serial,
				  .session = record.session, .pid = record.pid };
	if (in->event->has_syscall && in->event->syscall.exe.key.p)
		f.program = last_name(record_string(&in->event->syscall.exe, emit_arena(in->emit)));
	f.user = user_name(in, record.enrichment, SPAN("AUID"), record.auid);
	f.image = image_of(in, &record);
	logons_begin(in->logons, in->emit, &f);
}

static void interpret_command(struct interpretation *in)
{
	struct logon_facts f;
	struct usermessage m;

	if (!collect(in, TYPE_COMMAND, &m, &f))
		return;
	f.command = usermessage_string(&m, SPAN("cmd"), emit_arena(in->emit));
	if (f.command.p)
		logons_privilege(in->logons, in->emit, &f);
}

/* ---- accounts ---- */

static struct event *row_with(struct interpretation *in, enum event_action action, const struct syscall_record *record,
                              struct span object, struct span object2)
{
	struct arena *arena = emit_arena(in->emit);
	int64_t image = image_of(in, record);
	struct event *row = arena ? interpret_row_of(in, action, image) : NULL;

	if (!row)
		return NULL;
	row->object = arena_copy(arena, object);
	row->object2 = arena_copy(arena, object2);
	return row;
}

static void interpret_account(struct interpretation *in)
{
	struct logon_facts f;
	struct usermessage m;
	struct event *row;

	if (!collect(in, TYPE_ACCOUNT, &m, &f))
		return;
	row = row_with(in, ACTION_SECURITY_ACCOUNT, &m.kernel, f.user, f.reason);
	if (row)
		row->result = f.result;
}

/* ---- denials ---- */

static void add_reason(struct interpretation *in, struct event *row, struct span reason)
{
	struct arena *arena = emit_arena(in->emit);
	struct event_detail *d = arena && reason.p ? arena_alloc(arena, sizeof(*d)) : NULL;

	if (!row || !d)
		return;
	*d = (struct event_detail){ DETAIL_REASON, reason };
	row->details = d;
	row->n_details = 1;
}

static void interpret_seccomp(struct interpretation *in)
{
	enum { ACTION_LOG = 0x7ffc0000 };
	size_t at = 0;
	struct pending_record *r = interpret_record(in, TYPE_SECCOMP, &at);
	struct syscall_record record;
	struct record_field f;
	char call[40];
	uint64_t code = 0;
	struct event *row;

	if (!r)
		return;
	syscall_record_parse(r->body, &record);
	if (record_find(r->body, SPAN("code"), &f) && span_starts(f.value, SPAN("0x")))
		span_hex_to_u64((struct span){ f.value.p + 2, f.value.n - 2 }, &code);
	snprintf(call, sizeof(call), "system call %" PRIu32, record.number);
	row = row_with(in, ACTION_SECURITY_DENIAL, &record, span_of(call),
	               code == ACTION_LOG ? SPAN("seccomp: logged") : SPAN("seccomp"));
	if (row)
		row->result = code == ACTION_LOG ? 0 : EACCES;
}

static struct span first_string(struct interpretation *in, struct span body, const char *const *keys)
{
	struct span s = SPAN_NONE;

	for (; *keys && !s.p; keys++)
		s = interpret_string(in, body, span_of(*keys));
	return s;
}

/* Between "{" and "}": the rights. */
static struct span rights(struct span body)
{
	const char *open = body.n ? memchr(body.p, '{', body.n) : NULL;
	const char *close = open ? memchr(open, '}', body.n - (size_t)(open - body.p)) : NULL;
	struct span s = close ? (struct span){ open + 1, (size_t)(close - open - 1) } : SPAN_NONE;

	while (s.n && *s.p == ' ')
		s = (struct span){ s.p + 1, s.n - 1 };
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

static void selinux_denial(struct interpretation *in, struct span body, const struct syscall_record *record)
{
	static const char *const names[] = { "path", "name", "capability", "dest", "daddr", "member", "interface", NULL };
	struct buf what = BUF_INIT, reason = BUF_INIT;
	struct span object = first_string(in, body, names), class = interpret_string(in, body, SPAN("tclass"));
	struct span source = interpret_string(in, body, SPAN("scontext")), target = interpret_string(in, body, SPAN("tcontext"));
	bool permissive = span_eq(interpret_string(in, body, SPAN("permissive")), SPAN("1"));
	size_t at = 0;
	struct pending_record *path = interpret_record(in, TYPE_AVC_PATH, &at);
	struct event *row;

	if (path)
		object = interpret_string(in, path->body, SPAN("path"));
	buf_add_z(&what, "SELinux: ");
	buf_add_span(&what, rights(body));
	buf_printf(&what, " %.*s%s", SPAN_FMT(class), permissive ? ", permissive" : "");
	buf_printf(&reason, "%.*s → %.*s", SPAN_FMT(source), SPAN_FMT(target));
	row = row_with(in, ACTION_SECURITY_DENIAL, record, object, interpret_text(in, &what));
	if (row)
		row->result = permissive ? 0 : EACCES;
	add_reason(in, row, interpret_text(in, &reason));
}

static void apparmor(struct interpretation *in, struct span body, const struct syscall_record *record, struct span verdict)
{
	static const char *const names[] = { "name", "capname", "peer", NULL };
	static const char *const masks[] = { "denied_mask", "denied", "requested_mask", NULL };
	struct span operation = interpret_string(in, body, SPAN("operation")), object = first_string(in, body, names);
	struct span mask = first_string(in, body, masks), profile = interpret_string(in, body, SPAN("profile"));
	bool denied = span_eq(verdict, SPAN("DENIED")) || span_eq(verdict, SPAN("KILLED"));
	struct buf text = BUF_INIT;
	struct event *row;

	if (span_eq(verdict, SPAN("STATUS"))) {
		buf_printf(&text, "AppArmor %.*s %.*s", SPAN_FMT(operation), SPAN_FMT(object));
		row_with(in, ACTION_SECURITY_POLICY, record, interpret_text(in, &text), SPAN_NONE);
		return;
	}
	if (!denied && !span_eq(verdict, SPAN("ALLOWED")))
		return;
	buf_printf(&text, "AppArmor: %.*s%s%.*s%s", SPAN_FMT(operation), mask.n ? " " : "", SPAN_FMT(mask),
	           denied ? "" : ", complain");
	row = row_with(in, ACTION_SECURITY_DENIAL, record, object, interpret_text(in, &text));
	if (row)
		row->result = denied ? EACCES : 0;
	add_reason(in, row, profile);
}

/* SELinux's and AppArmor's share a record type. An event may have several. */
static void interpret_avc(struct interpretation *in)
{
	enum { MOST = 64 };
	struct pending_record *r;
	size_t at = 0;

	for (int i = 0; i < MOST && (r = interpret_record(in, TYPE_AVC, &at)); i++) {
		struct span body = r->body, verdict = interpret_string(in, body, SPAN("apparmor"));
		struct usermessage m;

		usermessage_parse(body, &m);
		if (m.text.p)
			body = m.text;
		if (verdict.p)
			apparmor(in, body, &m.kernel, verdict);
		else if (memmem(body.p, body.n < 32 ? body.n : 32, "denied", 6))
			selinux_denial(in, body, &m.kernel);
	}
}

static void interpret_selinux_error(struct interpretation *in)
{
	enum { MOST = 500 };
	size_t at = 0;
	struct pending_record *r = interpret_record(in, TYPE_SELINUX_ERR, &at);
	struct span body;
	struct usermessage m;
	struct event *row;

	if (!r)
		return;
	usermessage_parse(r->body, &m);
	body = m.text.p ? m.text : record_kernel_part(r->body);
	if (body.n > MOST)
		body.n = MOST;
	row = row_with(in, ACTION_SECURITY_DENIAL, &m.kernel, body, SPAN("SELinux error"));
	if (row)
		row->result = EACCES;
}

/* ---- configuration ---- */

/* The fields that say what changed: all but those that say who did it. */
static void add_changes(struct buf *out, struct span body)
{
	static const char *const others[] = { "auid", "ses", "subj", "res", "uid", "pid", "tty", "comm", "exe", "lsm", "gid",
					      NULL };
	struct record_field f;

	body = record_kernel_part(body);
	while (record_next(&body, &f)) {
		size_t i = 0;

		while (others[i] && !span_eq(f.key, span_of(others[i])))
			i++;
		if (others[i] || span_eq(f.value, SPAN("(null)")))
			continue;
		if (!span_eq(f.key, SPAN("op")))
			buf_printf(out, "%s%.*s=%.*s", out->n ? " " : "", SPAN_FMT(f.key), SPAN_FMT(f.value));
		else if (!span_eq(f.value, SPAN("set")))
			buf_printf(out, "%s%.*s", out->n ? " " : "", SPAN_FMT(f.value));
	}
}

static bool is_ours(struct interpretation *in, struct span body)
{
	struct record_field f;

	if (record_find(body, SPAN("key"), &f) && span_eq(f.value, SPAN(RULES_KEY)))
		return true;
	if (!in->config->self)
		return false;
	if (in->event->has_syscall && in->event->syscall.pid == in->config->self)
		return true;
	return record_find(body, SPAN("audit_pid"), &f) && record_id(f.value) == in->config->self;
}

/* Live, what our own take-over sets, or puts back (restore.h): the record does not say who did it. */
static bool is_take_over(struct interpretation *in, struct span body)
{
	static const struct { struct span setting; int64_t value; } ours[] = {
		{ SPAN("audit_enabled"), 1 }, { SPAN("audit_backlog_wait_time"), 0 },
		{ SPAN("audit_backlog_limit"), RECORDING_BACKLOG_LIMIT },
	};
	struct record_field f;
	int64_t value;

	if (in->config->leaving && atomic_load(in->config->leaving) && span_starts(body, SPAN("op=set audit_")))
		return true;
	for (size_t i = 0; in->config->self && i < ARRAY_LEN(ours); i++)
		if (record_find(body, ours[i].setting, &f) && span_to_i64(f.value, &value) == 0 && value == ours[i].value)
			return true;
	return false;
}

/* A setting that was set to what it was. */
static bool is_no_change(struct span body)
{
	struct record_field f, old;

	while (record_next(&body, &f))
		if (span_starts(f.key, SPAN("audit_")))
			return record_find(body, SPAN("old"), &old) && span_eq(f.value, old.value);
	return false;
}

static void change_row(struct interpretation *in, enum event_action action, struct span body, const char *what)
{
	struct syscall_record record;
	struct buf text = BUF_INIT;
	struct record_field f;
	struct event *row;

	syscall_record_parse(body, &record);
	buf_add_z(&text, what);
	add_changes(&text, body);
	row = row_with(in, action, &record, interpret_text(in, &text), SPAN_NONE);
	if (row && record_find(body, SPAN("res"), &f) && span_eq(f.value, SPAN("0")))
		row->result = EACCES;
}

static void interpret_config(struct interpretation *in)
{
	size_t at = 0;
	struct pending_record *r = interpret_record(in, TYPE_CONFIG, &at);

	if (r && !is_ours(in, r->body) && !is_take_over(in, r->body) && !is_no_change(r->body))
		change_row(in, ACTION_SECURITY_AUDIT_CONFIG, r->body, "");
}

static void interpret_policy(struct interpretation *in)
{
	size_t at = 0;
	struct pending_record *r = interpret_record(in, TYPE_POLICY, &at);

	if (r)
		change_row(in, ACTION_SECURITY_POLICY, r->body,
		           span_starts(r->body, SPAN("policy loaded")) ? "SELinux policy loaded" : "SELinux");
}

static void interpret_promiscuous(struct interpretation *in)
{
	enum { PROMISCUOUS = 0x100 };
	size_t at = 0;
	struct pending_record *r = interpret_record(in, TYPE_PROMISCUOUS, &at);
	struct syscall_record record;
	struct record_field f;
	uint64_t flags = 0;

	if (!r)
		return;
	syscall_record_parse(r->body, &record);
	if (record_find(r->body, SPAN("prom"), &f))
		span_to_u64(f.value, &flags);
	row_with(in, ACTION_SECURITY_PROMISCUOUS, &record, interpret_string(in, r->body, SPAN("dev")),
	         flags & PROMISCUOUS ? SPAN("on") : SPAN("off"));
}

void interpret_security(struct interpretation *in)
{
	static const struct {
		enum type_kind kind;
		void (*fn)(struct interpretation *in);
	} by_kind[] = {
		{ TYPE_LOGIN, interpret_login }, { TYPE_AUTH, interpret_auth }, { TYPE_ACCT, interpret_acct },
		{ TYPE_SESSION, interpret_session }, { TYPE_SESSION_END, interpret_session_end },
		{ TYPE_USER_LOGIN, interpret_user_login }, { TYPE_USER_LOGOUT, interpret_user_logout },
		{ TYPE_COMMAND, interpret_command }, { TYPE_ACCOUNT, interpret_account }, { TYPE_SECCOMP, interpret_seccomp },
		{ TYPE_AVC, interpret_avc }, { TYPE_SELINUX_ERR, interpret_selinux_error }, { TYPE_CONFIG, interpret_config },
		{ TYPE_PROMISCUOUS, interpret_promiscuous }, { TYPE_POLICY, interpret_policy },
	};

	for (size_t i = 0; i < in->event->n; i++)
		for (size_t k = 0; k < sizeof(by_kind) / sizeof(*by_kind); k++)
			if (in->event->records[i].kind == by_kind[k].kind && !in->event->records[i].used)
				by_kind[k].fn(in);
}
