#include "recorder/recording.h"

#include <errno.h>
#include <stdlib.h>

#include "recorder/assemble.h"
#include "recorder/connections.h"
#include "recorder/exits.h"
#include "recorder/interpret.h"
#include "recorder/logon.h"
#include "recorder/recent.h"

enum {
	BATCH_ITEMS = 1024, NODES_MAX = 4096, UNPARSED_KEPT = 1000, UNPARSED_BYTES = 4096, GAPS_MAX = 10000,
	BOOT_EARLY = 512, /* events that may come before a boot's SYSTEM_BOOT */
};

/* A machine whose records these are, and its present boot. */
struct host {
	struct span name;
	int64_t boot; /* 0: not announced yet */
	uint64_t first_serial, events;
	bool told;    /* its SYSTEM_BOOT was seen */
};

struct recording {
	struct recording_config config;
	struct emit emit;
	struct type_table types;
	struct assembly assembly;
	struct process_table processes;
	struct exits killed, ended; /* by a signal; by themselves */
	struct host *hosts;
	size_t n_hosts;
	struct map by_node; /* hash of a node name → host */
	struct span last_node;
	uint32_t last_host;
	struct arena names;
	struct recent *recent;
	struct logons logons;
	struct connections *connections;
	int64_t last_boot;
	uint64_t records, unparsed, gaps;
	uint64_t unparsed_told;
	struct told { uint64_t seen, used; } *told; /* of each type, in items */
	size_t n_told;
	struct gap more_gaps; /* those behind the first GAPS_MAX, as one */
	bool live;
};

/* ---- hosts and boots ---- */

static int add_host(struct recording *r, struct span name, uint32_t *ret)
{
	struct host *hosts = reallocarray(r->hosts, r->n_hosts + 1, sizeof(*hosts));

	if (!hosts)
		return -ENOMEM;
	r->hosts = hosts;
	hosts[r->n_hosts] = (struct host){ .name = arena_copy(&r->names, name) };
	if (name.p && !hosts[r->n_hosts].name.p)
		return -ENOMEM;
	*ret = (uint32_t)r->n_hosts++;
	return 0;
}

static int host_of(struct recording *r, struct span node, uint32_t *ret)
{
	uint64_t *at;
	int e;

	if (!node.p || span_eq(node, r->config.host)) {
		*ret = 0;
		return 0;
	}
	if (span_eq(node, r->last_node)) {
		*ret = r->last_host;
		return 0;
	}
	at = map_get(&r->by_node, span_hash(node));
	if (at) {
		*ret = (uint32_t)*at;
	} else {
		if (r->n_hosts >= NODES_MAX)
			return -E2BIG;
		e = add_host(r, node, ret);
		if (e < 0 || map_put(&r->by_node, span_hash(node), *ret) < 0)
			return -ENOMEM;
	}
	r->last_node = r->hosts[*ret].name;
	r->last_host = *ret;
	return 0;
}

static void begin_boot(struct recording *r, struct host *host, int64_t start_ms, uint64_t serial)
{
	struct arena *arena = emit_arena(&r->emit);
	struct item *item = arena ? emit_item(&r->emit, ITEM_BOOT) : NULL;

	if (!item)
		return;
	if (host->boot)
		process_forget_boot(&r->processes, host->boot);
	host->boot = ++r->last_boot;
	host->first_serial = serial;
	host->events = 0;
	host->told = false;
	item->boot.id = host->boot;
	item->boot.host = arena_copy(arena, host->name);
	item->boot.boot_id = arena_copy(arena, r->config.boot_id);
	item->boot.start_ms = start_ms;
}

static int64_t live_boot(struct recording *r)
{
	if (!r->hosts[0].boot)
		begin_boot(r, &r->hosts[0], r->config.boot_ms, 0);
	return r->hosts[0].boot;
}

/* Is this SYSTEM_BOOT the present boot's own, told a few events late? */
static bool is_present_boot(const struct host *host, uint64_t serial)
{
	return host->boot && !host->told && host->events < BOOT_EARLY && serial >= host->first_serial;
}

static void note_boot(struct recording *r, struct host *host, const struct pending *p)
{
	for (size_t i = 0; i < p->n; i++) {
		enum type_kind kind = (enum type_kind)p->records[i].kind;

		if (kind == TYPE_SYSTEM_SHUTDOWN)
			host->told = true; /* the next SYSTEM_BOOT is another */
		if (kind != TYPE_SYSTEM_BOOT)
			continue;
		if (!is_present_boot(host, p->serial))
			begin_boot(r, host, p->time_ms, p->serial);
		host->told = true;
		r->types.counts[p->records[i].type].used++;
	}
}

/* ---- ends told beside the records ---- */

static void release_exits(struct recording *r, struct exits *x, int64_t until_ms)
{
	struct process_reaped end;

	while (exits_take(x, until_ms, &end))
		process_reaped(&r->processes, r->hosts[0].boot, &end);
}

int recording_exit(struct recording *r, int64_t time_ms, int64_t pid, int32_t code, int32_t signal)
{
	return exits_add(signal ? &r->killed : &r->ended, &(struct process_reaped){ pid, time_ms, code, signal });
}

int recording_closed(struct recording *r, int64_t time_ms, const struct sockdiag_socket *s)
{
	return connections_closed(r->connections, time_ms, s);
}

void recording_add_connection(struct recording *r, int64_t pid, const struct sockdiag_socket *s, bool accepted)
{
	struct connection before = { .boot = live_boot(r), .pid = pid, .fd = UINT64_MAX, .ends = s->ends,
	                             .action = accepted ? ACTION_NETWORK_ACCEPT : ACTION_NETWORK_CONNECT };

	before.image = process_image_of(&r->processes, before.boot, pid);
	if (before.image)
		connections_known(r->connections, &before, s->inode);
}

/* ---- assembly's calls ---- */

static void on_event(struct pending *p, void *data)
{
	struct recording *r = data;
	struct host *host = &r->hosts[p->node];
	struct interpretation in = { p, &r->processes, &r->emit, &r->types, 0, &r->config, r->recent, &r->logons,
	                             r->connections };

	connections_release(r->connections, p->time_ms - CONNECTIONS_AFTER_MS);
	release_exits(r, &r->killed, p->time_ms - EXITS_AFTER_MS);
	if (p->special && !r->live)
		note_boot(r, host, p);
	host->events++;
	if (p->has_syscall || p->special) {
		if (!host->boot)
			begin_boot(r, host, r->live && p->node == 0 ? r->config.boot_ms : p->time_ms, p->serial);
		in.boot = host->boot;
		interpret_event(&in);
	}
	if (r->logons.n_open)
		logons_due(&r->logons, &r->emit, p->time_ms);
	emit_settle(&r->emit);
}

static void emit_gap(struct recording *r, const struct gap *gap)
{
	struct item *item = emit_item(&r->emit, ITEM_GAP);

	if (item)
		item->gap = *gap;
}

static void on_gap(uint32_t node, int64_t from_ms, int64_t to_ms, uint64_t missing, void *data)
{
	struct gap gap = { from_ms, to_ms, GAP_SERIAL_JUMP, (int64_t)missing };
	struct recording *r = data;
	struct gap *more = &r->more_gaps;

	if (r->live)
		return;
	if (r->gaps++ < GAPS_MAX) {
		emit_gap(r, &gap);
		return;
	}
	if (!more->cause)
		*more = gap;
	else
		more->count += gap.count;
	more->from_ms = from_ms < more->from_ms ? from_ms : more->from_ms;
	more->to_ms = to_ms > more->to_ms ? to_ms : more->to_ms;
}

static void on_restart(uint32_t node, bool forward, void *data)
{
	struct recording *r = data;

	if (forward && !r->live && r->hosts[node].boot) {
		process_forget_boot(&r->processes, r->hosts[node].boot);
		r->hosts[node].boot = 0; /* announced with its first event */
	}
}

/* ---- totals ---- */

static int tell_count(struct batch *b, const struct record_count *count)
{
	struct item *item = batch_add(b, ITEM_COUNT);

	if (!item)
		return -ENOMEM;
	item->count = *count;
	item->count.name = arena_copy(&b->arena, count->name);
	return count->name.p && !item->count.name.p ? -ENOMEM : 0;
}

static int tell_type(struct recording *r, size_t i, struct batch *b)
{
	const struct recording_type_count *now = &r->types.counts[i];
	struct record_count more = { now->type, span_of(now->name), now->seen - r->told[i].seen, now->used - r->told[i].used };

	if (!more.seen && !more.used)
		return 0;
	r->told[i] = (struct told){ now->seen, now->used };
	return tell_count(b, &more);
}

/* Each batch says how many records came since the one before, so that the totals are stored with the events. */
static int tell_counts(struct recording *r, struct batch *b)
{
	struct record_count more = { 0, SPAN_NONE, r->unparsed - r->unparsed_told, 0 };
	int e = 0;

	if (r->n_told < r->types.n) {
		struct told *told = reallocarray(r->told, r->types.n, sizeof(*told));

		if (!told)
			return -ENOMEM;
		memset(told + r->n_told, 0, (r->types.n - r->n_told) * sizeof(*told));
		r->told = told;
		r->n_told = r->types.n;
	}
	for (size_t i = 0; i < r->types.n && e == 0; i++)
		e = tell_type(r, i, b);
	if (e == 0 && more.seen)
		e = tell_count(b, &more);
	r->unparsed_told = r->unparsed;
	return e;
}

static int hand_over(struct batch *b, void *data)
{
	struct recording *r = data;
	int e = tell_counts(r, b);

	if (e == 0)
		return r->config.sink(b, r->config.data);
	batch_free(b);
	return e;
}

/* Whatever there is, if only totals. */
static int flush(struct recording *r)
{
	if (r->emit.error == 0 && emit_arena(&r->emit) && r->emit.batch->n == 0)
		r->emit.error = tell_counts(r, r->emit.batch);
	return emit_flush(&r->emit);
}

/* ---- the seam ---- */

int recording_new(const struct recording_config *c, struct recording **ret)
{
	struct recording *r = calloc(1, sizeof(*r));
	uint32_t ignored;

	if (!r)
		return -ENOMEM;
	r->config = *c;
	r->live = c->boot_id.p || c->lookup;
	r->emit.limit = c->batch_items ? c->batch_items : BATCH_ITEMS;
	r->emit.sink = hand_over;
	r->emit.data = r;
	r->assembly.types = &r->types;
	r->assembly.event = on_event;
	r->assembly.gap = on_gap;
	r->assembly.restart = on_restart;
	r->assembly.data = r;
	r->processes.emit = &r->emit;
	r->processes.config = &r->config;
	r->processes.last_id = c->last_process > c->last_image ? c->last_process : c->last_image;
	r->last_boot = c->last_boot_id;
	r->config.host = arena_copy(&r->names, c->host);
	r->config.boot_id = arena_copy(&r->names, c->boot_id);
	r->recent = recent_new();
	if (!r->recent || r->names.failed || connections_new(&r->emit, &r->config, &r->connections) < 0 ||
	    add_host(r, c->host, &ignored) < 0) {
		recording_free(r);
		return -ENOMEM;
	}
	r->hosts[0].boot = c->boot;
	*ret = r;
	return 0;
}

void recording_free(struct recording *r)
{
	if (!r)
		return;
	assembly_free(&r->assembly);
	process_table_free(&r->processes);
	exits_free(&r->killed);
	exits_free(&r->ended);
	recent_free(r->recent);
	connections_free(r->connections);
	logons_free(&r->logons);
	type_table_free(&r->types);
	emit_free(&r->emit);
	map_free(&r->by_node);
	arena_free(&r->names);
	free(r->hosts);
	free(r->told);
	free(r);
}

int recording_add_process(struct recording *r, struct process_start *process, struct image_start *image,
                          int64_t seen_ms)
{
	int e;

	if (!process->boot)
		process->boot = live_boot(r);
	e = process_add(&r->processes, process, image, seen_ms);
	return e < 0 ? e : emit_settle(&r->emit);
}

static int unparsed(struct recording *r, struct span line, const char *why)
{
	struct arena *arena;
	struct item *item;

	if (r->unparsed++ >= UNPARSED_KEPT)
		return r->emit.error;
	arena = emit_arena(&r->emit);
	if (line.n > UNPARSED_BYTES)
		line.n = UNPARSED_BYTES;
	item = arena ? emit_item(&r->emit, ITEM_UNPARSED) : NULL;
	if (item) {
		item->unparsed.line = arena_copy(arena, line);
		item->unparsed.reason = why;
		item->unparsed.time_ms = r->live && r->assembly.n_nodes ? r->assembly.nodes[0].newest_ms : 0;
	}
	return emit_settle(&r->emit);
}

static int error_of(struct recording *r)
{
	if (r->assembly.failed)
		emit_lacks_memory(&r->emit);
	return r->emit.error;
}

static int add(struct recording *r, const struct record *rec, int type, struct span line)
{
	uint32_t host;
	int e;

	if (type == -E2BIG)
		return unparsed(r, line, "too many record types");
	if (type < 0)
		return type;
	e = host_of(r, rec->node, &host);
	if (e == -E2BIG)
		return unparsed(r, line, "too many nodes");
	if (e < 0)
		return e;
	r->records++;
	r->types.counts[type].seen++;
	e = assembly_add(&r->assembly, host, type, rec);
	if (e == ASSEMBLY_LATE)
		return unparsed(r, line, "came after its event had ended");
	return e < 0 ? e : error_of(r);
}

void recording_choose(struct recording *r, bool sendto, bool unix_sockets)
{
	r->config.sendto = sendto;
	r->config.unix_sockets = unix_sockets;
}

static bool is_blank(struct span line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] != ' ' && line.p[i] != '\t' && line.p[i] != '\r')
			return false;
	return true;
}

int recording_line(struct recording *r, struct span line)
{
	struct record rec;
	const char *why;

	if (is_blank(line))
		return r->emit.error;
	why = record_parse_line(line, &rec);
	if (why)
		return unparsed(r, line, why);
	return add(r, &rec, type_by_name(&r->types, rec.type), line);
}

void recording_stable_lines(struct recording *r, bool stable)
{
	r->assembly.stable = stable;
}

int recording_message(struct recording *r, int type, struct span payload)
{
	struct record rec;
	const char *why = record_parse_message(payload, &rec);
	bool stable = r->assembly.stable;
	int e;

	if (why)
		return unparsed(r, payload, why);
	r->assembly.stable = false;
	e = add(r, &rec, type_by_number(&r->types, type), payload);
	r->assembly.stable = stable;
	return e;
}

static void copy_event(struct arena *arena, struct event *event)
{
	struct event_detail *details = NULL;

	event->object = arena_copy(arena, event->object);
	event->object2 = arena_copy(arena, event->object2);
	if (event->n_details)
		details = arena_alloc(arena, event->n_details * sizeof(*details));
	for (size_t i = 0; details && i < event->n_details; i++) {
		details[i].field = event->details[i].field;
		details[i].value = arena_copy(arena, event->details[i].value);
	}
	if (!details)
		event->n_details = 0;
	event->details = details;
}

static void copy_image(struct arena *arena, struct image_start *image)
{
	int32_t *lengths = NULL;

	image->executable = arena_copy(arena, image->executable);
	image->comm = arena_copy(arena, image->comm);
	image->script = arena_copy(arena, image->script);
	image->command_line = arena_copy(arena, image->command_line);
	image->cwd = arena_copy(arena, image->cwd);
	image->who.user = arena_copy(arena, image->who.user);
	image->who.audit_user = arena_copy(arena, image->who.audit_user);
	image->who.tty = arena_copy(arena, image->who.tty);
	image->who.cgroup = arena_copy(arena, image->who.cgroup);
	if (image->arg_lengths)
		lengths = arena_alloc(arena, image->argc * sizeof(*lengths));
	if (lengths)
		memcpy(lengths, image->arg_lengths, image->argc * sizeof(*lengths));
	image->arg_lengths = lengths;
}

static void copy_spans(struct arena *arena, struct item *item)
{
	switch (item->type) {
	case ITEM_BOOT:
		item->boot.host = arena_copy(arena, item->boot.host);
		item->boot.boot_id = arena_copy(arena, item->boot.boot_id);
		break;
	case ITEM_IMAGE:
		copy_image(arena, &item->image);
		break;
	case ITEM_EVENT:
		copy_event(arena, &item->event);
		break;
	case ITEM_UNPARSED:
		item->unparsed.line = arena_copy(arena, item->unparsed.line);
		break;
	case ITEM_PROCESS:
	case ITEM_END:
	case ITEM_GAP:
	case ITEM_HASH:
	case ITEM_COUNT: /* made here only */
		break;
	}
}

int recording_item(struct recording *r, const struct item *item)
{
	struct arena *arena = emit_arena(&r->emit);
	struct item *copy = arena ? emit_item(&r->emit, item->type) : NULL;

	if (!copy)
		return -ENOMEM;
	*copy = *item;
	copy_spans(arena, copy);
	if (item->type == ITEM_END)
		process_ended(&r->processes, item->end.process, item->end.time_ms);
	return emit_settle(&r->emit);
}

int recording_logon(struct recording *r, enum event_action action, const struct logon_facts *f, bool goes_on)
{
	struct logon_facts told = *f;

	told.boot = live_boot(r);
	told.read = true;
	logons_read(&r->logons, &r->emit, action, &told, goes_on);
	return emit_settle(&r->emit);
}

int recording_tick(struct recording *r, int64_t now_ms)
{
	assembly_tick(&r->assembly, now_ms);
	release_exits(r, &r->killed, now_ms - EXITS_QUIET_MS);
	release_exits(r, &r->ended, now_ms - EXITS_QUIET_MS);
	logons_due(&r->logons, &r->emit, now_ms);
	connections_tick(r->connections, now_ms);
	return error_of(r) < 0 ? r->emit.error : flush(r);
}

int recording_finish(struct recording *r)
{
	assembly_finish(&r->assembly);
	release_exits(r, &r->killed, INT64_MAX);
	release_exits(r, &r->ended, INT64_MAX);
	logons_due(&r->logons, &r->emit, INT64_MAX);
	connections_finish(r->connections);
	process_table_finish(&r->processes);
	if (r->more_gaps.cause)
		emit_gap(r, &r->more_gaps);
	r->more_gaps = (struct gap){ 0 };
	return error_of(r) < 0 ? r->emit.error : flush(r);
}

void recording_recycle(struct recording *r, struct batch *b)
{
	emit_recycle(&r->emit, b);
}

struct recording_stats recording_stats(const struct recording *r)
{
	return (struct recording_stats){
		.records = r->records, .events = r->assembly.events, .unparsed = r->unparsed,
		.rows = r->emit.rows, .types = r->types.counts, .n_types = r->types.n,
	};
}
