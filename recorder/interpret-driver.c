/* Kernel modules. finit_module tells a descriptor, which module it was stands in a record of its own (KERN_MODULE);
 * live, the file behind it is looked for. */
#include "recorder/interpret.h"

static struct span module_name(struct interpretation *in)
{
	size_t at = 0;
	struct pending_record *r = interpret_record(in, TYPE_KERN_MODULE, &at);

	return r ? interpret_string(in, r->body, SPAN("name")) : SPAN_NONE;
}

static void add_details(struct interpretation *in, struct event *row, const struct recording_module *m)
{
	struct arena *arena = emit_arena(in->emit);
	struct event_detail *d = arena ? arena_alloc(arena, 3 * sizeof(*d)) : NULL;

	if (!d)
		return;
	row->details = d;
	if (m->signature.p)
		d[row->n_details++] = (struct event_detail){ DETAIL_SIGNATURE, m->signature };
	if (m->signer.p)
		d[row->n_details++] = (struct event_detail){ DETAIL_SIGNER, m->signer };
	if (m->sha256.p)
		d[row->n_details++] = (struct event_detail){ DETAIL_SHA256, m->sha256 };
}

static void module_row(struct interpretation *in, enum event_action action)
{
	struct arena *arena = emit_arena(in->emit);
	struct recording_module m = { .fd = -1, .pid = in->event->syscall.pid, .name = module_name(in) };
	struct event *row;

	if (in->event->call.op == OP_FINIT_MODULE)
		m.fd = (int32_t)in->event->syscall.a[0];
	if (action == ACTION_DRIVER_LOAD && in->config->module && arena)
		in->config->module(&m, arena, in->config->data);
	row = interpret_row(in, action);
	if (!row)
		return;
	row->object = m.path.p ? m.path : m.name;
	row->object2 = m.path.p ? m.name : SPAN_NONE;
	row->result = interpret_errno(&in->event->syscall);
	add_details(in, row, &m);
}

void interpret_load_module(struct interpretation *in)
{
	module_row(in, ACTION_DRIVER_LOAD);
}

void interpret_unload_module(struct interpretation *in)
{
	module_row(in, ACTION_DRIVER_UNLOAD);
}
