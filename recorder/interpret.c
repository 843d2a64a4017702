#include "recorder/interpret.h"

typedef void interpret_fn(struct interpretation *in);

static interpret_fn *const by_operation[OP_COUNT] = {
	[OP_EXEC] = interpret_exec,
	[OP_EXIT] = interpret_exit,
	[OP_THREAD_EXIT] = interpret_thread_exit,
	[OP_FORK] = interpret_fork,
	[OP_CLONE] = interpret_clone,
	[OP_OPEN] = interpret_open,
	[OP_CREAT] = interpret_open,
	[OP_OPENAT2] = interpret_open,
	[OP_UNLINK] = interpret_unlink,
	[OP_RENAME] = interpret_rename,
	[OP_MKDIR] = interpret_mkdir,
	[OP_MKNOD] = interpret_mknod,
	[OP_LINK] = interpret_link,
	[OP_SYMLINK] = interpret_symlink,
	[OP_TRUNCATE] = interpret_truncate,
	[OP_FTRUNCATE] = interpret_truncate,
	[OP_CHMOD] = interpret_chmod,
	[OP_CHOWN] = interpret_chown,
	[OP_SETXATTR] = interpret_setxattr,
	[OP_REMOVEXATTR] = interpret_removexattr,
	[OP_UTIME] = interpret_utime,
	[OP_MOUNT] = interpret_mount,
	[OP_UNMOUNT] = interpret_unmount,
	[OP_MOVE_MOUNT] = interpret_move_mount,
	[OP_SETID] = interpret_setid,
	[OP_CAPSET] = interpret_capset,
	[OP_PTRACE] = interpret_ptrace,
	[OP_IO_URING] = interpret_io_uring,
	[OP_INIT_MODULE] = interpret_load_module,
	[OP_FINIT_MODULE] = interpret_load_module,
	[OP_DELETE_MODULE] = interpret_unload_module,
	[OP_CONNECT] = interpret_connect,
	[OP_ACCEPT] = interpret_accept,
	[OP_BIND] = interpret_bind,
	[OP_LISTEN] = interpret_listen,
	[OP_SENDTO] = interpret_sendto,
	[OP_SOCKETCALL] = interpret_socketcall,
};

/* Records that say something whatever call they came with. */
static const struct {
	enum type_kind kind;
	interpret_fn *fn;
} by_record[] = {
	{ TYPE_ANOM_ABEND, interpret_abend },
};

struct pending_record *interpret_record(struct interpretation *in, enum type_kind kind, size_t *at)
{
	for (; *at < in->event->n; ++*at) {
		struct pending_record *r = &in->event->records[*at];

		if (r->kind != kind)
			continue;
		if (!r->used)
			in->types->counts[r->type].used++;
		r->used = true;
		++*at;
		return r;
	}
	return NULL;
}

/* A title is cut at 128 bytes: at that length nobody knows what is missing. */
static void add_proctitle(struct interpretation *in, struct process_actor *actor)
{
	enum { CUT = 127 };
	size_t at = 0;
	struct pending_record *r = interpret_record(in, TYPE_PROCTITLE, &at);
	struct arena *arena = emit_arena(in->emit);
	struct record_field f;

	if (!r || !arena || !record_find(r->body, SPAN("proctitle"), &f))
		return;
	actor->proctitle = record_string(&f, arena);
	actor->proctitle_cut = actor->proctitle.n >= CUT;
}

struct process_actor interpret_actor(struct interpretation *in)
{
	size_t at = 0;

	interpret_record(in, TYPE_SYSCALL, &at);
	return (struct process_actor){ in->boot, in->event->time_ms, in->event->serial, &in->event->syscall,
				       SPAN_NONE, false };
}

int32_t interpret_flags(const struct interpretation *in)
{
	bool compat = in->event->has_syscall && in->event->syscall.arch == SYSCALL_ARCH_I386;

	return (in->event->partial ? EVENT_FLAG_PARTIAL : 0) | (compat ? EVENT_FLAG_COMPAT : 0);
}

static void fill_row(struct interpretation *in, enum event_action action, int64_t image, struct event *row)
{
	row->time_ms = in->event->time_ms;
	row->serial = in->event->serial;
	row->image = image;
	row->action = action;
	row->flags = interpret_flags(in);
}

struct event *interpret_row_of(struct interpretation *in, enum event_action action, int64_t image)
{
	struct item *item = emit_item(in->emit, ITEM_EVENT);

	if (!item)
		return NULL;
	fill_row(in, action, image, &item->event);
	return &item->event;
}

int64_t interpret_image(struct interpretation *in)
{
	struct process_actor actor = interpret_actor(in);

	if (!process_is_known(in->processes, &actor))
		add_proctitle(in, &actor);
	return process_image(in->processes, &actor);
}

struct event *interpret_row(struct interpretation *in, enum event_action action)
{
	return interpret_row_of(in, action, interpret_image(in));
}

struct event interpret_event_row(struct interpretation *in, enum event_action action)
{
	struct event row = { .time_ms = 0 };

	fill_row(in, action, interpret_image(in), &row);
	return row;
}

int32_t interpret_errno(const struct syscall_record *r)
{
	return r->success == 0 && r->exit < 0 && r->exit > INT32_MIN ? (int32_t)-r->exit : 0;
}

struct span interpret_cwd(struct interpretation *in)
{
	size_t at = 0;
	struct pending_record *r = interpret_record(in, TYPE_CWD, &at);
	struct arena *arena = emit_arena(in->emit);
	struct record_field f;

	return r && arena && record_find(r->body, SPAN("cwd"), &f) ? record_string(&f, arena) : SPAN_NONE;
}

struct span interpret_string(struct interpretation *in, struct span body, struct span key)
{
	struct arena *arena = emit_arena(in->emit);
	struct record_field f;

	if (!arena || !record_find(record_kernel_part(body), key, &f))
		return SPAN_NONE;
	return arena_copy(arena, record_string(&f, arena));
}

struct span interpret_text(struct interpretation *in, struct buf *text)
{
	struct arena *arena = emit_arena(in->emit);
	struct span copy = arena && !text->failed ? arena_copy(arena, buf_span(text)) : SPAN_NONE;

	if (text->failed)
		emit_lacks_memory(in->emit);
	buf_free(text);
	return copy;
}

void interpret_event(struct interpretation *in)
{
	struct pending *p = in->event;

	if (p->has_syscall && by_operation[p->call.op])
		by_operation[p->call.op](in);
	for (size_t i = 0; p->special && i < sizeof(by_record) / sizeof(*by_record); i++) {
		size_t at = 0;

		if (interpret_record(in, by_record[i].kind, &at))
			by_record[i].fn(in);
	}
	if (p->special)
		interpret_security(in);
}
