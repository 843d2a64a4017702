/* Kernel modules. finit_module tells a descriptor, which module it was stands in a record of its own (KERN_MODULE);
 * live, the file behind it is looked for, and the row comes when that is done (modules.h). */
#include "recorder/interpret.h"

static struct span module_name(struct interpretation *in)
{
	size_t at = 0;
	struct pending_record *r = interpret_record(in, TYPE_KERN_MODULE, &at);

	return r ? interpret_string(in, r->body, SPAN("name")) : SPAN_NONE;
}

static void module_row(struct interpretation *in, enum event_action action)
{
	struct recording_module m = { .fd = -1, .file = -1, .pid = in->event->syscall.pid, .name = module_name(in) };
	struct event row = interpret_event_row(in, action);
	struct item *item;

	if (in->event->call.op == OP_FINIT_MODULE)
		m.fd = (int32_t)in->event->syscall.a[0];
	row.result = interpret_errno(&in->event->syscall);
	if (action == ACTION_DRIVER_LOAD && in->config->module && in->config->module(&m, &row, in->config->data))
		return;
	item = emit_item(in->emit, ITEM_EVENT);
	if (!item)
		return;
	item->event = row;
	item->event.object = m.name;
}

void interpret_load_module(struct interpretation *in)
{
	module_row(in, ACTION_DRIVER_LOAD);
}

void interpret_unload_module(struct interpretation *in)
{
	module_row(in, ACTION_DRIVER_UNLOAD);
}
