#include <errno.h>

#include "recorder/execve.h"
#include "recorder/interpret.h"
#include "recorder/path.h"
#include "recorder/script.h"

enum { EXECVE_RECORDS_MAX = 4096, CLONE_THREAD_FLAG = 0x10000 };

static bool collect_arguments(struct interpretation *in, struct image_start *image)
{
	struct arena *arena = emit_arena(in->emit);
	struct span few[8], *bodies = few;
	struct pending_record *record;
	struct execve_args args;
	size_t n = 0, at = 0;
	int r;

	if (!arena)
		return false;
	if (in->event->n > sizeof(few) / sizeof(*few))
		bodies = arena_alloc(arena, in->event->n * sizeof(*bodies));
	if (!bodies)
		return false;
	while ((record = interpret_record(in, TYPE_EXECVE, &at)))
		bodies[n++] = record->body;
	r = execve_join(bodies, n, arena, &args);
	if (r == -ENOMEM)
		emit_lacks_memory(in->emit);
	if (r < 0)
		return false;
	image->command_line = args.command_line;
	image->arg_lengths = args.lengths;
	image->argc = args.argc;
	return !args.partial;
}

static struct span path_name(struct interpretation *in, uint32_t number)
{
	struct arena *arena = emit_arena(in->emit);
	struct pending_record *r;
	size_t at = 0;

	while (arena && (r = interpret_record(in, TYPE_PATH, &at))) {
		struct path_item item;

		path_item_parse(r->body, &item);
		if (item.item == number)
			return item.name.key.p ? record_string(&item.name, arena) : SPAN_NONE;
	}
	return SPAN_NONE;
}

/* The first PATH item is the program. execveat's name may be relative to a descriptor, whose folder nobody tells. */
static struct span program(struct interpretation *in, struct span cwd, bool *ret_relative)
{
	const struct pending *p = in->event;
	bool beside = p->call.dirfd_arg >= 0 && (uint32_t)p->syscall.a[p->call.dirfd_arg] != PATH_AT_CWD;
	struct span base = beside ? SPAN_NONE : cwd;
	struct arena *arena = emit_arena(in->emit);
	struct span name = path_name(in, 0);

	*ret_relative = false;
	return arena && name.p ? path_join(arena, base, name, ret_relative) : SPAN_NONE;
}

static struct span script(struct interpretation *in, const struct image_start *image)
{
	struct span found = script_find(image, path_name(in, 0), path_name(in, 1));
	struct arena *arena = emit_arena(in->emit);
	bool relative;

	return found.p && arena ? path_join(arena, image->cwd, found, &relative) : SPAN_NONE;
}

static void opened_files(struct interpretation *in, struct image_start *image)
{
	struct pending_record *r;
	size_t at = 0, n = 0;

	while (n < IMAGE_FILES && (r = interpret_record(in, TYPE_PATH, &at))) {
		struct path_item item;

		path_item_parse(r->body, &item);
		image->files[n++] = (struct file_id){ path_device(item.device), item.inode };
	}
}

static struct span field_string(struct interpretation *in, const struct record_field *f)
{
	struct arena *arena = emit_arena(in->emit);

	return f->key.p && arena ? record_string(f, arena) : SPAN_NONE;
}

static void exec_failed(struct interpretation *in)
{
	bool relative;
	struct span path = program(in, interpret_cwd(in), &relative);
	struct event *row = interpret_row(in, ACTION_PROCESS_EXEC_FAILED);

	if (!row)
		return;
	row->object = path;
	row->result = interpret_errno(&in->event->syscall);
	if (relative)
		row->flags |= EVENT_FLAG_RELATIVE;
}

void interpret_exec(struct interpretation *in)
{
	struct process_actor actor = interpret_actor(in);
	struct image_start image = { 0 };
	struct arena *arena = emit_arena(in->emit);
	struct event *row;
	struct process_ids before;
	bool relative, all;

	if (in->event->syscall.success == 0) {
		exec_failed(in);
		return;
	}
	all = collect_arguments(in, &image);
	image.cwd = interpret_cwd(in);
	image.comm = field_string(in, &in->event->syscall.comm);
	image.executable = field_string(in, &in->event->syscall.exe);
	if (!image.executable.p)
		image.executable = program(in, image.cwd, &relative);
	image.script = script(in, &image);
	before = process_ids(in->processes, &actor);
	if (in->processes->config->program)
		opened_files(in, &image);
	if (!process_exec(in->processes, &actor, &image) || !arena)
		return;
	row = interpret_row_of(in, ACTION_PROCESS_CREATE, image.id);
	if (!row)
		return;
	row->object = arena_copy(arena, image.executable);
	if (!all)
		row->flags |= EVENT_FLAG_PARTIAL;
	interpret_gain(in, &before, image.id);
}

static void ended(struct interpretation *in, const struct process_actor *actor, int32_t code, int32_t signal)
{
	int64_t image = process_exit(in->processes, actor, code, signal);
	struct event *row = image ? interpret_row_of(in, ACTION_PROCESS_EXIT, image) : NULL;

	if (!row)
		return;
	row->result = code;
	row->port = signal;
}

void interpret_exit(struct interpretation *in)
{
	struct process_actor actor = interpret_actor(in);

	ended(in, &actor, in->event->syscall.a[0] & 0xff, 0);
}

void interpret_thread_exit(struct interpretation *in)
{
	struct process_actor actor = interpret_actor(in);

	process_thread_exit(in->processes, &actor, in->event->syscall.a[0] & 0xff);
}

void interpret_fork(struct interpretation *in)
{
	struct process_actor actor = interpret_actor(in);

	if (in->event->syscall.success == 1)
		process_fork(in->processes, &actor, in->event->syscall.exit);
}

void interpret_clone(struct interpretation *in)
{
	if (!(in->event->syscall.a[0] & CLONE_THREAD_FLAG))
		interpret_fork(in);
}

/* A signal that dumps core ended a process: ANOM_ABEND, audit_core_dumps(). */
void interpret_abend(struct interpretation *in)
{
	struct process_actor actor = interpret_actor(in);
	struct syscall_record record;
	size_t at = 0;
	struct pending_record *r = interpret_record(in, TYPE_ANOM_ABEND, &at);
	struct record_field f;
	int64_t signal;

	if (!r || !record_find(r->body, SPAN("sig"), &f))
		return;
	signal = record_id(f.value);
	if (signal <= 0 || signal > 64)
		return;
	syscall_record_parse(r->body, &record);
	record.euid = record.uid;
	actor.record = &record;
	ended(in, &actor, -1, (int32_t)signal);
}
