#include "recorder/process.h"

#include <errno.h>

#include "recorder/process-table.h"

enum { CLOCK_SLACK_MS = 20, ANCESTORS_MAX = 16 };
enum { LOOK_AGAIN_MS = 1000, SILENCE_MS = 600000 };

/* ---- what records tell ---- */

static uint64_t exe_hash(struct span exe)
{
	struct span deleted = SPAN(" (deleted)"); /* d_path() of a file that is gone */

	if (!exe.p)
		return 0;
	if (exe.n > deleted.n && memcmp(exe.p + exe.n - deleted.n, deleted.p, deleted.n) == 0)
		exe.n -= deleted.n;
	return span_hash(exe) | 1;
}

static struct span string_of(struct process_table *t, const struct record_field *f)
{
	struct arena *arena = emit_arena(t->emit);

	return f->key.p && arena ? record_string(f, arena) : SPAN_NONE;
}

/* The enriched part is written by auditd: KEY="name". */
static struct span enriched_name(struct span enrichment, struct span key)
{
	struct record_field f;

	if (!enrichment.p || !record_find(enrichment, key, &f) || span_eq(f.value, SPAN("unset")) ||
	    span_starts(f.value, SPAN("unknown(")))
		return SPAN_NONE;
	return f.value;
}

static struct span user_name(struct process_table *t, struct span enrichment, struct span key, int64_t uid)
{
	struct span name = enriched_name(enrichment, key);

	if (!name.p && uid >= 0 && t->config->user)
		name = t->config->user(uid, t->config->data);
	return name;
}

static struct credentials credentials_of(struct process_table *t, const struct syscall_record *r)
{
	struct credentials who = { r->auid, r->uid, r->gid, r->euid, r->egid, r->session,
				   SPAN_NONE, SPAN_NONE, SPAN_NONE, SPAN_NONE };

	who.user = user_name(t, r->enrichment, SPAN("EUID"), r->euid);
	who.audit_user = user_name(t, r->enrichment, SPAN("AUID"), r->auid);
	who.tty = string_of(t, &r->tty);
	return who;
}

/* ---- emission ---- */

static void copy_credentials(struct arena *a, struct credentials *who)
{
	who->user = arena_copy(a, who->user);
	who->audit_user = arena_copy(a, who->audit_user);
	who->tty = arena_copy(a, who->tty);
	who->cgroup = arena_copy(a, who->cgroup);
}

static void emit_process(struct process_table *t, const struct process_start *p)
{
	struct item *item = emit_item(t->emit, ITEM_PROCESS);

	if (item)
		item->process = *p;
}

/* command_line and arg_lengths are in the batch's arena already. */
static void emit_image(struct process_table *t, const struct image_start *image)
{
	struct arena *arena = emit_arena(t->emit);
	struct item *item = arena ? emit_item(t->emit, ITEM_IMAGE) : NULL;

	if (!item)
		return;
	item->image = *image;
	item->image.executable = arena_copy(arena, image->executable);
	item->image.comm = arena_copy(arena, image->comm);
	item->image.script = arena_copy(arena, image->script);
	item->image.cwd = arena_copy(arena, image->cwd);
	copy_credentials(arena, &item->image.who);
}

static void look_at_program(struct process_table *t, int64_t pid, int64_t parent, struct image_start *image)
{
	struct arena *arena = emit_arena(t->emit);

	if (arena && t->config->program)
		t->config->program(pid, image, parent, arena, t->config->data);
}

static void emit_seen(struct process_table *t, int64_t time_ms, uint64_t serial, int64_t image, struct span exe)
{
	struct arena *arena = emit_arena(t->emit);

	if (arena)
		process_table_emit(t, &(struct event){ .time_ms = time_ms, .serial = serial, .image = image,
		                               .action = ACTION_PROCESS_SEEN, .object = arena_copy(arena, exe) });
}

/* ---- identity ---- */

/* Live: what /proc knows of that pid, if it is no process that began later. */
static bool look_up(struct process_table *t, int64_t pid, int64_t time_ms, struct process_start *p,
                    struct image_start *image)
{
	struct process_start found = { 0 };
	struct image_start found_image = { 0 };
	struct arena *arena = emit_arena(t->emit);

	if (!t->config->lookup || !arena || t->config->lookup(pid, arena, &found, &found_image, t->config->data) < 0)
		return false;
	if (found.start_known && found.start_ms > time_ms + CLOCK_SLACK_MS)
		return false;
	*p = found;
	*image = found_image;
	return true;
}

/* Does the record's parent rule out that this is the process we know under that pid? Not when that parent may have
 * ended: then init took the process over, or a subreaper, and /proc, live, shows that it still is the one seen last. */
static bool parent_contradicts(struct process_table *t, struct process_entry *e, const struct process_actor *a)
{
	const struct process_entry *known_parent;
	int64_t ppid = a->record->ppid;
	struct process_start now;
	struct image_start image;

	if (ppid <= 1 || e->parent_pid <= 0 || ppid == e->parent_pid)
		return false;
	known_parent = process_table_find(t, e->boot, e->parent_pid);
	if (known_parent && known_parent->end_ms)
		return false;
	if (!look_up(t, e->pid, a->time_ms, &now, &image) || !now.start_known || now.start_ms > e->seen_ms + CLOCK_SLACK_MS)
		return true;
	e->parent_pid = ppid; /* from now on */
	return false;
}

/* Not every end is recorded: not that of a process which a signal killed, none where the rules do not ask for exits.
 * Live, /proc says when the one that has the pid now began. Else, an exec after a long silence in a log that tells of
 * no exits at all is taken for another process. */
static bool is_replaced(struct process_table *t, const struct process_entry *e, const struct process_actor *a,
                        bool exec)
{
	int64_t quiet = a->time_ms - e->seen_ms;
	struct process_start now;
	struct image_start image;

	if (t->config->lookup)
		return quiet >= LOOK_AGAIN_MS && look_up(t, e->pid, a->time_ms, &now, &image) && now.start_known &&
		       now.start_ms > e->seen_ms + CLOCK_SLACK_MS;
	return exec && quiet >= SILENCE_MS && e->pid != 1 && t->exits_in != e->boot;
}

static bool same_process(struct process_table *t, struct process_entry *e, const struct process_actor *a)
{
	if (parent_contradicts(t, e, a))
		return false;
	/* What began before the end and was recorded after it is still the same one's. */
	if (e->end_ms && !e->maybe_ended && (e->reaped ? a->time_ms > e->end_ms : a->time_ms >= e->end_ms))
		return false;
	return !is_replaced(t, e, a, false);
}

static uint32_t known_id(int64_t id)
{
	return id >= 0 && id < UINT32_MAX ? (uint32_t)id : UINT32_MAX;
}

static void set_ids(struct process_entry *e, int64_t uid, int64_t euid, int64_t gid, int64_t egid)
{
	e->uid = known_id(uid);
	e->euid = known_id(euid);
	e->gid = known_id(gid);
	e->egid = known_id(egid);
}

static void set_image(struct process_table *t, struct process_entry *e, struct image_start *image)
{
	image->id = e->image = e->image ? ++t->last_id : e->id;
	image->process = e->id;
	e->exe = exe_hash(image->executable);
	set_ids(e, image->who.uid, image->who.euid, image->who.gid, image->who.egid);
	look_at_program(t, e->pid, e->parent_pid, image);
	emit_image(t, image);
}

/* Its pid is another's now, and nobody told when it ended: by then at the latest. */
static void end_replaced(struct process_table *t, const struct process_actor *a, int64_t pid,
                         const struct process_start *by)
{
	const struct process_entry *old = process_table_find(t, a->boot, pid);
	struct item *item = old && !old->end_ms ? emit_item(t->emit, ITEM_END) : NULL;

	if (item)
		item->end = (struct process_end){ old->id, by->start_known ? by->start_ms : a->time_ms, -1, 0 };
}

/* A new process row and its entry. The parent comes from the caller. */
static struct process_entry *add(struct process_table *t, const struct process_actor *a, int64_t pid, int64_t ppid,
                                 const struct process_start *facts)
{
	struct process_start p = *facts;
	struct process_entry *e;

	end_replaced(t, a, pid, facts);
	e = process_table_put(t, a->boot, pid);
	if (!e) {
		t->emit->error = -ENOMEM;
		return NULL;
	}
	p.id = e->id = ++t->last_id;
	p.boot = a->boot;
	p.pid = pid;
	p.parent_pid = e->parent_pid = ppid > 0 ? ppid : 0;
	e->start_ms = p.start_ms;
	e->seen_ms = a->time_ms;
	if (t->config->ns_pid)
		p.ns_pid = t->config->ns_pid(pid, t->config->data);
	emit_process(t, &p);
	return e;
}

static int64_t known_parent(const struct process_table *t, const struct process_actor *a, int64_t ppid)
{
	const struct process_entry *parent = process_table_find(t, a->boot, ppid);

	return parent && (!parent->end_ms || parent->maybe_ended || parent->end_ms >= a->time_ms) ? parent->image : 0;
}

/* Live: a parent that forked without an exec, a subshell say, is met only here. Its own parents are followed too. */
static int64_t parent_image(struct process_table *t, const struct process_actor *a, int64_t ppid)
{
	struct process_start found[ANCESTORS_MAX];
	struct image_start images[ANCESTORS_MAX];
	int64_t pids[ANCESTORS_MAX], image = known_parent(t, a, ppid);
	int n = 0;

	while (!image && n < ANCESTORS_MAX && ppid > 0 && !process_table_find(t, a->boot, ppid) &&
	       look_up(t, ppid, a->time_ms, &found[n], &images[n])) {
		pids[n] = ppid;
		ppid = found[n++].parent_pid;
		image = known_parent(t, a, ppid);
	}
	while (n-- > 0) {
		struct process_entry *e;

		found[n].origin = PROCESS_SEEN;
		found[n].parent_image = image;
		e = add(t, a, pids[n], found[n].parent_pid, &found[n]);
		if (!e)
			return 0;
		images[n].origin = PROCESS_SEEN;
		images[n].start_ms = a->time_ms;
		set_image(t, e, &images[n]);
		image = e->image;
		emit_seen(t, a->time_ms, a->serial, image, images[n].executable);
	}
	return image;
}

static struct process_entry *begin(struct process_table *t, const struct process_actor *a, int64_t pid, int64_t ppid,
                                   const struct process_start *facts)
{
	struct process_start p = *facts;

	if (!p.parent_image)
		p.parent_image = parent_image(t, a, ppid);
	return add(t, a, pid, ppid, &p);
}

static struct span joined(struct arena *arena, struct span proctitle)
{
	struct span copy = arena_copy(arena, proctitle);
	char *p = (char *)(uintptr_t)copy.p;

	while (copy.n && !p[copy.n - 1])
		copy.n--;
	for (size_t i = 0; i < copy.n; i++)
		if (!p[i])
			p[i] = ' ';
	return copy;
}

/* What a record other than an exec tells of the image. */
static struct image_start image_of(struct process_table *t, const struct process_actor *a, enum process_origin origin)
{
	struct image_start image = { .start_ms = a->time_ms, .origin = origin };
	struct arena *arena = emit_arena(t->emit);

	image.executable = string_of(t, &a->record->exe);
	image.comm = string_of(t, &a->record->comm);
	image.who = credentials_of(t, a->record);
	if (a->proctitle.p && !a->proctitle_cut && arena)
		image.command_line = joined(arena, a->proctitle);
	return image;
}

/* /proc tells of now: between the record and now the process may have run the same program with other arguments. */
static bool fits_proctitle(const struct process_actor *a, struct span command_line, struct arena *arena)
{
	struct span title;

	if (!a->proctitle.p || !arena)
		return true;
	title = joined(arena, a->proctitle);
	return a->proctitle_cut ? span_starts(command_line, title) : span_eq(command_line, title);
}

static int64_t seen(struct process_table *t, const struct process_actor *a)
{
	struct process_start p = { 0 };
	struct image_start told = image_of(t, a, PROCESS_SEEN), known = { 0 };
	struct process_entry *e;
	int64_t image;

	if (look_up(t, a->record->pid, a->time_ms, &p, &known)) {
		bool same = exe_hash(known.executable) == exe_hash(told.executable);

		if (same && known.command_line.p && fits_proctitle(a, known.command_line, emit_arena(t->emit))) {
			told.command_line = known.command_line;
			told.arg_lengths = known.arg_lengths;
			told.argc = known.argc;
		}
		if (!told.executable.p)
			told.executable = known.executable;
		told.cwd = known.cwd;
	}
	p.origin = PROCESS_SEEN;
	if (!p.start_known)
		p.start_ms = a->time_ms;
	e = begin(t, a, a->record->pid, a->record->ppid, &p);
	if (!e)
		return 0;
	set_image(t, e, &told);
	image = e->image;
	emit_seen(t, a->time_ms, a->serial, image, told.executable);
	return image;
}

/* Another executable than known, and no exec told of it. */
static int64_t missed_exec(struct process_table *t, const struct process_actor *a, struct process_entry *e)
{
	struct image_start image = image_of(t, a, PROCESS_SEEN);

	set_image(t, e, &image);
	emit_seen(t, a->time_ms, a->serial, image.id, image.executable);
	return image.id;
}

bool process_is_known(struct process_table *t, const struct process_actor *a)
{
	struct process_entry *e = process_table_find(t, a->boot, a->record->pid);

	return e && same_process(t, e, a);
}

/* It was not the last thread that ended. */
static void revive(struct process_entry *e)
{
	if (e->maybe_ended)
		e->end_ms = 0;
	e->maybe_ended = false;
}

int64_t process_image_of(const struct process_table *t, int64_t boot, int64_t pid)
{
	const struct process_entry *e = process_table_find(t, boot, pid);

	return e && !e->end_ms ? e->image : 0;
}

int64_t process_image(struct process_table *t, const struct process_actor *a)
{
	struct process_entry *e = process_table_find(t, a->boot, a->record->pid);
	uint64_t exe;

	if (a->record->pid <= 0)
		return 0;
	if (!e || !same_process(t, e, a))
		return seen(t, a);
	revive(e);
	e->seen_ms = a->time_ms;
	exe = exe_hash(string_of(t, &a->record->exe));
	if (exe && e->exe && exe != e->exe)
		return missed_exec(t, a, e);
	return e->image;
}

int64_t process_exec(struct process_table *t, const struct process_actor *a, struct image_start *image)
{
	struct process_entry *e = process_table_find(t, a->boot, a->record->pid);

	if (a->record->pid <= 0)
		return 0;
	image->origin = PROCESS_EXEC;
	image->start_ms = a->time_ms;
	image->who = credentials_of(t, a->record);
	if (!e || (e->end_ms && !e->maybe_ended) || parent_contradicts(t, e, a) || is_replaced(t, e, a, true)) {
		struct process_start p = { .start_ms = a->time_ms, .start_known = true, .origin = PROCESS_EXEC };

		e = begin(t, a, a->record->pid, a->record->ppid, &p);
		if (!e)
			return 0;
	}
	revive(e);
	e->seen_ms = a->time_ms;
	set_image(t, e, image);
	return e->image;
}

static int64_t id_of(uint32_t id)
{
	return id == UINT32_MAX ? -1 : (int64_t)id;
}

struct process_ids process_ids(struct process_table *t, const struct process_actor *a)
{
	struct process_entry *e = process_table_find(t, a->boot, a->record->pid);

	if (!e || e->end_ms || parent_contradicts(t, e, a))
		e = process_table_find(t, a->boot, a->record->ppid);
	if (!e)
		return (struct process_ids){ -1, -1, -1, -1 };
	return (struct process_ids){ id_of(e->uid), id_of(e->euid), id_of(e->gid), id_of(e->egid) };
}

void process_set_ids(struct process_table *t, const struct process_actor *a, bool users, bool groups)
{
	struct process_entry *e = process_table_find(t, a->boot, a->record->pid);
	const struct syscall_record *r = a->record;

	if (e)
		set_ids(e, users ? r->uid : id_of(e->uid), users ? r->euid : id_of(e->euid),
		        groups ? r->gid : id_of(e->gid), groups ? r->egid : id_of(e->egid));
}

/* vfork's parent goes on, and is recorded, only after the child's exec: that child is known already. */
static bool is_known_child(const struct process_table *t, const struct process_actor *a, int64_t child)
{
	const struct process_entry *e = process_table_find(t, a->boot, child);

	return e && e->start_ms >= a->time_ms && (e->parent_pid == a->record->pid || e->parent_pid == 1);
}

void process_fork(struct process_table *t, const struct process_actor *a, int64_t child)
{
	struct process_start p = { .start_ms = a->time_ms, .start_known = true, .origin = PROCESS_FORK };
	struct image_start image;
	struct process_entry *e;

	p.parent_image = process_image(t, a);
	if (child <= 0 || child > INT32_MAX || is_known_child(t, a, child))
		return;
	e = begin(t, a, child, a->record->pid, &p);
	if (!e)
		return;
	image = image_of(t, a, PROCESS_FORK);
	set_image(t, e, &image);
	emit_seen(t, a->time_ms, a->serial, image.id, image.executable);
}

int64_t process_exit(struct process_table *t, const struct process_actor *a, int32_t code, int32_t signal)
{
	int64_t image = process_image(t, a);
	struct process_entry *e = process_table_find(t, a->boot, a->record->pid);
	struct item *item;

	if (e && e->reaped)
		return 0;
	item = e ? emit_item(t->emit, ITEM_END) : NULL;
	if (!item)
		return image;
	item->end = (struct process_end){ e->id, a->time_ms, code, signal };
	process_table_end(t, e, a->time_ms);
	t->exits_in = e->boot;
	return image;
}

bool process_reaped(struct process_table *t, int64_t boot, const struct process_reaped *r)
{
	struct process_entry *e = process_table_find(t, boot, r->pid);
	struct item *item;

	if (!e || e->start_ms > r->time_ms + CLOCK_SLACK_MS || (e->end_ms && !e->maybe_ended))
		return false;
	if (r->code >= 0 && t->config->runs && t->config->runs(r->pid, r->time_ms, t->config->data))
		return false;
	item = emit_item(t->emit, ITEM_END);
	if (!item)
		return false;
	item->end = (struct process_end){ e->id, r->time_ms, r->code, r->signal };
	e->maybe_ended = false;
	e->reaped = true;
	process_table_end(t, e, r->time_ms);
	process_table_emit(t, &(struct event){ .time_ms = r->time_ms, .image = e->image, .action = ACTION_PROCESS_EXIT,
	                               .result = r->code, .port = r->signal });
	return true;
}

void process_thread_exit(struct process_table *t, const struct process_actor *a, int32_t code)
{
	struct process_entry *e = process_image(t, a) ? process_table_find(t, a->boot, a->record->pid) : NULL;

	if (!e)
		return;
	e->end_ms = a->time_ms ? a->time_ms : 1;
	e->maybe_ended = true;
	t->exits_in = e->boot;
	e->end_code = code;
	e->end_serial = a->serial;
}

static void emit_added(struct process_table *t, const struct process_start *process, const struct image_start *image,
                       int64_t seen_ms)
{
	struct arena *arena = emit_arena(t->emit);
	struct image_start copy = *image;
	int32_t *lengths = NULL;

	if (!arena)
		return;
	copy.command_line = arena_copy(arena, image->command_line);
	if (image->arg_lengths)
		lengths = arena_alloc(arena, image->argc * sizeof(*lengths));
	if (lengths)
		memcpy(lengths, image->arg_lengths, image->argc * sizeof(*lengths));
	copy.arg_lengths = lengths;
	look_at_program(t, process->pid, process->parent_pid, &copy);
	emit_process(t, process);
	emit_image(t, &copy);
	if (image->origin != PROCESS_EXEC)
		emit_seen(t, seen_ms, 0, image->id, image->executable);
}

static int64_t live_image(const struct process_table *t, int64_t boot, int64_t pid)
{
	const struct process_entry *e = process_table_find(t, boot, pid);

	return e && !e->end_ms ? e->image : 0;
}

int process_add(struct process_table *t, struct process_start *process, struct image_start *image, int64_t seen_ms)
{
	struct process_entry *e;

	if (process->pid <= 0 || process->pid > INT32_MAX)
		return -EINVAL;
	e = process_table_put(t, process->boot, process->pid);
	if (!e)
		return -ENOMEM;
	if (!image->id)
		image->id = ++t->last_id;
	if (!process->id)
		process->id = image->id;
	image->process = process->id;
	e->id = process->id;
	e->image = image->id;
	e->parent_pid = process->parent_pid;
	e->start_ms = process->start_ms;
	e->seen_ms = seen_ms > image->start_ms ? seen_ms : image->start_ms;
	e->exe = exe_hash(image->executable);
	set_ids(e, image->who.uid, image->who.euid, image->who.gid, image->who.egid);
	if (!process->parent_image)
		process->parent_image = live_image(t, process->boot, process->parent_pid);
	if (seen_ms > 0 && t->config->ns_pid)
		process->ns_pid = t->config->ns_pid(process->pid, t->config->data);
	if (seen_ms > 0)
		emit_added(t, process, image, seen_ms);
	return t->emit->error;
}
