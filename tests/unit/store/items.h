/* items: batches for tests of the store, in few words. */
#pragma once

#include "recorder/event.h"

static inline void add_boot(struct batch *b, int64_t id)
{
	struct item *i = batch_add(b, ITEM_BOOT);

	i->boot = (struct boot_seen){ id, SPAN("host-a"), SPAN("11111111-2222-3333-4444-555555555555"), 1000 };
}

static inline void add_process(struct batch *b, int64_t id, int64_t pid, int64_t ms, int64_t parent_image)
{
	struct item *i = batch_add(b, ITEM_PROCESS);

	i->process = (struct process_start){ id, 1, pid, 0, ms, true, PROCESS_EXEC, parent_image, 0 };
}

static inline struct image_start *add_image(struct batch *b, int64_t id, int64_t process, int64_t ms, const char *exe,
                                            const char *command_line)
{
	struct item *i = batch_add(b, ITEM_IMAGE);

	i->image = (struct image_start){ .id = id, .process = process, .start_ms = ms, .origin = PROCESS_EXEC,
		.executable = span_of(exe), .command_line = span_of(command_line), .cwd = SPAN("/root"),
		.who = { .auid = -1, .session = -1, .user = SPAN("root"), .tty = SPAN("pts0"),
		         .cgroup = SPAN("/user.slice/session-3.scope") } };
	return &i->image;
}

static inline struct event *add_event(struct batch *b, int64_t ms, enum event_action action, int64_t image,
                                      struct span object)
{
	struct item *i = batch_add(b, ITEM_EVENT);

	i->event = (struct event){ .time_ms = ms, .serial = 7, .image = image, .action = action, .object = object };
	return &i->event;
}
