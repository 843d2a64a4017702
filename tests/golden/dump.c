#include "tests/golden/dump.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"

static const char *origin_name(enum process_origin origin)
{
	switch (origin) {
	case PROCESS_EXEC: return "exec";
	case PROCESS_SEEN: return "seen";
	case PROCESS_BASELINE: return "baseline";
	case PROCESS_FORK: return "fork";
	}
	return "?";
}

static void add_text(struct buf *out, const char *key, struct span s)
{
	if (!s.p)
		return;
	buf_printf(out, " %s=\"", key);
	text_visible(out, s);
	buf_add_char(out, '"');
}

static void add_number(struct buf *out, const char *key, int64_t value, int64_t absent)
{
	if (value != absent)
		buf_printf(out, " %s=%" PRId64, key, value);
}

static void add_time(struct buf *out, int64_t ms)
{
	char text[CLOCK_TEXT];

	buf_printf(out, " %s", clock_format(ms, text));
}

static void dump_process(struct buf *out, const struct process_start *p)
{
	buf_printf(out, "process %" PRId64, p->id);
	add_time(out, p->start_ms);
	buf_printf(out, "%s boot=%" PRId64 " pid=%" PRId64 " %s", p->start_known ? "" : "?", p->boot, p->pid,
	           origin_name(p->origin));
	add_number(out, "ppid", p->parent_pid, 0);
	add_number(out, "parent_image", p->parent_image, 0);
}

static void dump_image(struct buf *out, const struct image_start *i)
{
	buf_printf(out, "image %" PRId64, i->id);
	add_time(out, i->start_ms);
	buf_printf(out, " process=%" PRId64 " %s", i->process, origin_name(i->origin));
	add_text(out, "exe", i->executable);
	add_text(out, "comm", i->comm);
	add_text(out, "script", i->script);
	add_text(out, "cmd", i->command_line);
	add_number(out, "argc", i->argc, 0);
	for (uint32_t k = 0; i->arg_lengths && k < i->argc; k++)
		buf_printf(out, "%s%" PRId32, k ? "," : " lengths=", i->arg_lengths[k]);
	add_text(out, "cwd", i->cwd);
	add_number(out, "auid", i->who.auid, -1);
	add_number(out, "uid", i->who.uid, -1);
	add_number(out, "gid", i->who.gid, -1);
	add_number(out, "euid", i->who.euid, -1);
	add_number(out, "egid", i->who.egid, -1);
	add_number(out, "session", i->who.session, -1);
	add_text(out, "user", i->who.user);
	add_text(out, "audit_user", i->who.audit_user);
	add_text(out, "tty", i->who.tty);
}

static void dump_event(struct buf *out, const struct event *e)
{
	buf_add_z(out, "event");
	add_time(out, e->time_ms);
	buf_printf(out, " %" PRIu64 " image=%" PRId64 " %s", e->serial, e->image, event_action_name(e->action));
	add_number(out, "result", e->result, 0);
	add_text(out, "object", e->object);
	add_number(out, "port", e->port, 0);
	add_text(out, "object2", e->object2);
	add_number(out, "port2", e->port2, 0);
	for (size_t i = 0; i < e->n_details; i++) {
		char name[24];

		snprintf(name, sizeof(name), "detail%d", (int)e->details[i].field);
		add_text(out, name, e->details[i].value);
	}
	if (e->flags & EVENT_FLAG_RELATIVE)
		buf_add_z(out, " RELATIVE");
	if (e->flags & EVENT_FLAG_COMPAT)
		buf_add_z(out, " COMPAT");
	if (e->flags & EVENT_FLAG_PARTIAL)
		buf_add_z(out, " PARTIAL");
}

void dump_item(struct buf *out, const struct item *item)
{
	switch (item->type) {
	case ITEM_BOOT:
		buf_printf(out, "boot %" PRId64, item->boot.id);
		add_time(out, item->boot.start_ms);
		add_text(out, "host", item->boot.host);
		break;
	case ITEM_PROCESS:
		dump_process(out, &item->process);
		break;
	case ITEM_IMAGE:
		dump_image(out, &item->image);
		break;
	case ITEM_END:
		buf_printf(out, "end %" PRId64, item->end.process);
		add_time(out, item->end.time_ms);
		buf_printf(out, " code=%" PRId32 " signal=%" PRId32, item->end.exit_code, item->end.signal);
		break;
	case ITEM_EVENT:
		dump_event(out, &item->event);
		break;
	case ITEM_GAP:
		buf_add_z(out, "gap");
		add_time(out, item->gap.from_ms);
		add_time(out, item->gap.to_ms);
		buf_printf(out, " %s: %" PRId64, gap_cause_name(item->gap.cause), item->gap.count);
		break;
	case ITEM_UNPARSED:
		buf_printf(out, "unparsed (%s)", item->unparsed.reason);
		add_text(out, "line", item->unparsed.line);
		break;
	case ITEM_HASH:
		buf_printf(out, "hash of image %" PRId64, item->hash.image);
		break;
	case ITEM_COUNT:
		add_text(out, "count", item->count.name);
		buf_printf(out, " %" PRIu64 " %" PRIu64, item->count.seen, item->count.used);
		break;
	}
	buf_add_char(out, '\n');
}

static int keep(struct batch *b, void *data)
{
	struct replay *r = data;

	for (size_t i = 0; i < b->n; i++)
		if (b->items[i].type != ITEM_UNPARSED && b->items[i].type != ITEM_COUNT)
			dump_item(&r->items, &b->items[i]);
	if (r->last)
		r->last->next = b;
	else
		r->batches = b;
	r->last = b;
	return 0;
}

/* Lines that may not be kept are given in a buffer that is overwritten with each. */
static int feed(struct recording *r, struct span text, enum replay_way way)
{
	AUTO_BUF copy = BUF_INIT;
	struct span line;
	int e = 0;

	recording_stable_lines(r, way == REPLAY_STABLE);
	while (e == 0 && span_next(&text, '\n', &line)) {
		if (way == REPLAY_STABLE) {
			e = recording_line(r, line);
			continue;
		}
		buf_clear(&copy);
		buf_add_span(&copy, line);
		e = copy.failed ? -ENOMEM : recording_line(r, buf_span(&copy));
		if (copy.n)
			memset(copy.p, 'X', copy.n);
	}
	return e < 0 ? e : recording_finish(r);
}

int replay_text(struct span text, enum replay_way way, struct replay *ret)
{
	struct recording_config config = { .host = SPAN("here"), .sink = keep, .data = ret, .batch_items = 7 };
	int e;

	memset(ret, 0, sizeof(*ret));
	e = recording_new(&config, &ret->recording);
	if (e < 0)
		return e;
	e = feed(ret->recording, text, way);
	ret->stats = recording_stats(ret->recording);
	return e;
}

void replay_free(struct replay *r)
{
	while (r->batches) {
		struct batch *b = r->batches;

		r->batches = b->next;
		batch_free(b);
	}
	recording_free(r->recording);
	buf_free(&r->items);
}

int replay_read(const char *path, struct buf *ret)
{
	AUTO_FCLOSE FILE *f = fopen(path, "re");
	size_t n;

	if (!f)
		return -errno;
	do {
		char *to = buf_reserve(ret, 65536);

		if (!to)
			return -ENOMEM;
		n = fread(to, 1, 65536, f);
		ret->n += n;
	} while (n > 0);
	return ferror(f) ? -EIO : 0;
}
