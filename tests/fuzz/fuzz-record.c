/* Lines, or messages of an audit socket, through a recording; then what came out must hold together: items refer to
 * earlier ones only, texts are readable, argument lengths fit the command line. First byte: the way in. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "recorder/recording.h"

enum { BY_MESSAGE = 1, STABLE = 2, LIVE = 4, TICKS = 8 };

struct seen {
	struct recording *recording;
	int64_t boot, process, image;
};

static void touch(struct span s)
{
	volatile char sum = 0;

	if (!s.p && s.n)
		abort();
	for (size_t i = 0; i < s.n; i++)
		sum = (char)(sum + s.p[i]);
}

static void check_arguments(const struct image_start *i)
{
	size_t total = 0, present = 0;

	for (uint32_t k = 0; i->arg_lengths && k < i->argc; k++)
		if (i->arg_lengths[k] >= 0) {
			total += (size_t)i->arg_lengths[k];
			present++;
		}
	if (i->arg_lengths && total + (present ? present - 1 : 0) != i->command_line.n)
		abort();
}

/* Processes and images share one series of ids; a process's first image has its id. */
static void check_process(struct seen *seen, const struct process_start *p)
{
	int64_t last = seen->image > seen->process ? seen->image : seen->process;

	if (p->id != last + 1 || p->boot > seen->boot || p->parent_image > seen->image || p->pid <= 0)
		abort();
	seen->process = p->id;
}

static void check_image(struct seen *seen, const struct image_start *i)
{
	int64_t last = seen->image > seen->process ? seen->image : seen->process;

	if (i->process <= 0 || i->process > seen->process)
		abort();
	if (i->id != last + 1 && (i->id != i->process || i->id != last || i->id == seen->image))
		abort();
	seen->image = i->id;
	check_arguments(i);
	touch(i->executable);
	touch(i->comm);
	touch(i->command_line);
	touch(i->cwd);
	touch(i->who.user);
	touch(i->who.audit_user);
	touch(i->who.tty);
}

static void check_event(const struct seen *seen, const struct event *e)
{
	if (e->image < 0 || e->image > seen->image || !event_action_name(e->action))
		abort();
	touch(e->object);
	touch(e->object2);
}

static void check(struct seen *seen, const struct item *item)
{
	switch (item->type) {
	case ITEM_BOOT:
		if (item->boot.id != ++seen->boot)
			abort();
		touch(item->boot.host);
		break;
	case ITEM_PROCESS:
		check_process(seen, &item->process);
		break;
	case ITEM_IMAGE:
		check_image(seen, &item->image);
		break;
	case ITEM_END:
		if (item->end.process <= 0 || item->end.process > seen->process)
			abort();
		break;
	case ITEM_EVENT:
		check_event(seen, &item->event);
		break;
	case ITEM_GAP:
		if (item->gap.from_ms > item->gap.to_ms || item->gap.count <= 0)
			abort();
		break;
	case ITEM_UNPARSED:
		touch(item->unparsed.line);
		break;
	case ITEM_COUNT:
		touch(item->count.name);
		break;
	case ITEM_HASH:
		abort(); /* no record tells one */
	}
}

static int sink(struct batch *b, void *data)
{
	struct seen *seen = data;

	for (size_t i = 0; i < b->n; i++)
		check(seen, &b->items[i]);
	recording_recycle(seen->recording, b);
	return 0;
}

static int look_up(int64_t pid, struct arena *arena, struct process_start *process, struct image_start *image,
                   void *data)
{
	if (pid % 2)
		return -2;
	process->start_ms = pid;
	process->start_known = true;
	image->executable = arena_copy(arena, SPAN("/usr/bin/x"));
	image->command_line = arena_copy(arena, SPAN("x y"));
	image->argc = 2;
	return 0;
}

static struct span user(int64_t uid, void *data)
{
	return uid == 0 ? SPAN("root") : SPAN_NONE;
}

static int feed(struct recording *r, struct span line, int way)
{
	int type = 1300;

	if (!(way & BY_MESSAGE))
		return recording_line(r, line);
	if (line.n >= 2) {
		type = 1100 + ((unsigned char)line.p[0] << 4) + ((unsigned char)line.p[1] & 0xf);
		line.p += 2;
		line.n -= 2;
	}
	return recording_message(r, type, line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen seen = { 0 };
	struct recording_config config = { .host = SPAN("h"), .sink = sink, .data = &seen, .batch_items = 16 };
	int way = size ? data[0] : 0;
	struct span rest = { (const char *)data + (size > 0), size - (size > 0) }, line;
	struct recording_stats stats;
	int64_t now = 0;

	if (way & LIVE) {
		config.boot_id = SPAN("b");
		config.lookup = look_up;
		config.user = user;
	}
	if (recording_new(&config, &seen.recording) < 0)
		return 0;
	recording_stable_lines(seen.recording, way & STABLE);
	while (span_next(&rest, '\n', &line)) {
		if (feed(seen.recording, line, way) < 0)
			abort();
		if ((way & TICKS) && recording_tick(seen.recording, now += 500) < 0)
			abort();
	}
	if (recording_finish(seen.recording) < 0)
		abort();
	stats = recording_stats(seen.recording);
	for (size_t i = 0; i < stats.n_types; i++)
		if (stats.types[i].used > stats.types[i].seen || !stats.types[i].name)
			abort();
	recording_free(seen.recording);
	return 0;
}
