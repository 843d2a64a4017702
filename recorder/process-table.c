#include "recorder/process-table.h"

#include <stdlib.h>

enum { PROCESSES_MAX = 1 << 17, ENDED_MAX = 1 << 12 };

void process_table_free(struct process_table *t)
{
	map_free(&t->by_pid);
	free(t->entries);
	free(t->free);
	free(t->ended);
}

static uint64_t key_of(int64_t boot, int64_t pid)
{
	return (uint64_t)boot << 32 | (uint32_t)pid;
}

struct process_entry *process_table_find(const struct process_table *t, int64_t boot, int64_t pid)
{
	uint64_t *at = pid > 0 ? map_get(&t->by_pid, key_of(boot, pid)) : NULL;

	return at ? &t->entries[*at] : NULL;
}

void process_table_emit(struct process_table *t, const struct event *event)
{
	struct item *item = emit_item(t->emit, ITEM_EVENT);

	if (item)
		item->event = *event;
}

/* A thread's exit was the last that was heard of the process: it was the only one's. */
static void settle_end(struct process_table *t, struct process_entry *e)
{
	struct item *item = e->maybe_ended ? emit_item(t->emit, ITEM_END) : NULL;

	e->maybe_ended = false;
	if (!item)
		return;
	item->end = (struct process_end){ e->id, e->end_ms, e->end_code, 0 };
	process_table_emit(t, &(struct event){ .time_ms = e->end_ms, .serial = e->end_serial, .image = e->image,
	                               .action = ACTION_PROCESS_EXIT, .result = e->end_code });
}

void process_table_finish(struct process_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		settle_end(t, &t->entries[i]);
}

static void forget(struct process_table *t, uint64_t key)
{
	uint64_t *at = map_get(&t->by_pid, key);

	if (!at)
		return;
	settle_end(t, &t->entries[*at]);
	t->entries[*at].id = 0;
	t->free[t->n_free++] = (uint32_t)*at; /* as many places as entries: see grow() */
	map_remove(&t->by_pid, key);
}

static bool grow(struct process_table *t)
{
	size_t cap = t->cap ? t->cap * 2 : 256;
	struct process_entry *entries = reallocarray(t->entries, cap, sizeof(*entries));
	uint32_t *free_list;

	if (!entries)
		return false;
	t->entries = entries;
	free_list = reallocarray(t->free, cap, sizeof(*free_list));
	if (!free_list)
		return false;
	t->free = free_list;
	t->cap = cap;
	return true;
}

/* The table is full of processes whose end nobody recorded: the clock hand takes the first that has been quiet for
 * longer than those around it. */
static void evict(struct process_table *t)
{
	struct process_entry *oldest = NULL;

	for (int i = 0; i < 64; i++) {
		struct process_entry *e = &t->entries[t->at_sweep++ % t->n];

		if (e->id && (!oldest || e->seen_ms < oldest->seen_ms))
			oldest = e;
	}
	if (oldest)
		forget(t, key_of(oldest->boot, oldest->pid));
}

struct process_entry *process_table_put(struct process_table *t, int64_t boot, int64_t pid)
{
	struct process_entry *e = process_table_find(t, boot, pid);
	size_t i;

	if (!e) {
		if (t->by_pid.n >= PROCESSES_MAX)
			evict(t);
		if (t->n_free)
			i = t->free[--t->n_free];
		else if (t->n < t->cap || grow(t))
			i = t->n++;
		else
			return NULL;
		if (map_put(&t->by_pid, key_of(boot, pid), i) < 0) {
			t->entries[i] = (struct process_entry){ 0 };
			t->free[t->n_free++] = (uint32_t)i;
			return NULL;
		}
		e = &t->entries[i];
	} else {
		settle_end(t, e);
	}
	memset(e, 0, sizeof(*e));
	e->boot = boot;
	e->pid = pid;
	return e;
}

/* Ended processes stay for a while: what they did last may still be on its way. */
void process_table_end(struct process_table *t, struct process_entry *e, int64_t time_ms)
{
	uint64_t key = key_of(e->boot, e->pid);

	e->end_ms = time_ms ? time_ms : 1;
	if (!t->ended)
		t->ended = calloc(ENDED_MAX, sizeof(*t->ended));
	if (!t->ended) {
		emit_lacks_memory(t->emit);
		return;
	}
	if (t->n_ended == ENDED_MAX) {
		uint64_t *at = map_get(&t->by_pid, t->ended[t->at_ended]);

		if (at && t->entries[*at].end_ms)
			forget(t, t->ended[t->at_ended]);
	} else {
		t->n_ended++;
	}
	t->ended[t->at_ended] = key;
	t->at_ended = (t->at_ended + 1) % ENDED_MAX;
}

void process_ended(struct process_table *t, int64_t process, int64_t time_ms)
{
	for (size_t i = 0; i < t->n; i++)
		if (process && t->entries[i].id == process) {
			process_table_end(t, &t->entries[i], time_ms);
			return;
		}
}

void process_forget_boot(struct process_table *t, int64_t boot)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->entries[i].id && t->entries[i].boot == boot)
			forget(t, key_of(boot, t->entries[i].pid));
}
