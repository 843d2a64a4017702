#include "recorder/baseline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "agent/base/cleanup.h"
#include "recorder/losses.h"
#include "recorder/pipeline.h"

/* /proc tells the start in clock ticks (10 ms), records tell it in coarse time: they may differ by that much. */
enum { START_SLACK_MS = 100 };

struct found {
	struct process_start process;
	struct image_start image;
	bool added;
};

static int keep_open(const struct store_open_process *p, void *data)
{
	struct baseline *b = data;
	struct store_open_process *kept = arena_alloc(&b->arena, sizeof(*kept));

	if (!kept)
		return -ENOMEM;
	*kept = *p;
	kept->executable = arena_copy(&b->arena, p->executable);
	kept->script = arena_copy(&b->arena, p->script);
	return map_put(&b->open, (uint64_t)p->process.pid, (uint64_t)(uintptr_t)kept);
}

int baseline_load(struct baseline *b, struct store *s, const struct procfs *p)
{
	AUTO_FREE char *until = store_meta_get(s, PIPELINE_META_UNTIL);

	*b = (struct baseline){ .arena = ARENA_INIT, .open = MAP_INIT };
	if (until)
		b->stopped_ms = strtoll(until, NULL, 10);
	b->last_ms = store_last_ms(s);
	b->boot = store_find_boot(s, span_of(procfs_host(p)), span_of(procfs_boot_id(p)));
	if (b->boot == 0) /* it may have been renamed */
		b->boot = store_find_boot_id(s, span_of(procfs_boot_id(p)));
	b->was_called = store_meta_get(s, BASELINE_META_HOST);
	return b->boot > 0 ? store_open_processes(s, b->boot, keep_open, b) : 0;
}

void baseline_free(struct baseline *b)
{
	map_free(&b->open);
	arena_free(&b->arena);
	free(b->was_called);
	b->was_called = NULL;
}

bool baseline_same(const struct store_open_process *known, const struct process_start *seen)
{
	return seen->pid == known->process.pid && seen->start_ms <= known->image_start_ms + START_SLACK_MS;
}

/* Reads all of them; those that end meanwhile are left out. */
static int read_all(struct procfs *p, struct arena *arena, struct found **ret, size_t *ret_n)
{
	AUTO_FREE int64_t *pids = NULL;
	AUTO_FREE struct found *all = NULL;
	size_t n_pids, n = 0;
	int r = procfs_pids(&pids, &n_pids);

	if (r < 0)
		return r;
	all = calloc(n_pids + 1, sizeof(*all));
	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < n_pids; i++) {
		if (pids[i] == getpid())
			continue;
		r = procfs_read(p, pids[i], arena, &all[n].process, &all[n].image);
		if (r == -ENOMEM)
			return r;
		n += r == 0;
	}
	*ret = STEAL(all);
	*ret_n = n;
	return 0;
}

/* That its file was deleted meanwhile makes it no other. */
static bool same_program(struct span a, struct span b)
{
	static const struct span deleted = { " (deleted)", 10 };
	struct span *longer = a.n > b.n ? &a : &b;

	if (a.n != b.n && longer->n > deleted.n && memcmp(longer->p + longer->n - deleted.n, deleted.p, deleted.n) == 0)
		longer->n -= deleted.n;
	return span_eq(a, b);
}

static int tell_boot(struct batch *known, const struct baseline *b, const struct procfs *p)
{
	struct item *item = b->boot ? batch_add(known, ITEM_BOOT) : NULL;

	if (!item)
		return b->boot ? -ENOMEM : 0;
	item->boot = (struct boot_seen){ b->boot, arena_copy(&known->arena, span_of(procfs_host(p))),
		arena_copy(&known->arena, span_of(procfs_boot_id(p))), procfs_boot_ms(p) };
	return 0;
}

static int tell_known(struct batch *known, const struct found *f)
{
	struct item *process = batch_add(known, ITEM_PROCESS), *image;

	if (!process)
		return -ENOMEM;
	process->process = f->process;
	image = batch_add(known, ITEM_IMAGE);
	if (!image)
		return -ENOMEM;
	image->image = f->image;
	return 0;
}

/* It runs another program than when it was last seen: the exec happened while nothing was recorded. */
static int add_known(struct recording *r, struct found *f, const struct store_open_process *known, int64_t now_ms,
                     struct batch *told)
{
	bool other = f->image.executable.p && known->executable.p && !same_program(f->image.executable, known->executable);
	struct item item = { .type = ITEM_IMAGE };
	int error;

	f->process = known->process;
	f->image.id = other ? 0 : known->image;
	f->image.process = known->process.id;
	f->image.start_ms = other ? now_ms : known->image_start_ms;
	if (!other)
		f->image.script = arena_copy(&told->arena, known->script);
	error = recording_add_process(r, &f->process, &f->image, 0);
	if (error == 0)
		error = tell_known(told, f);
	if (error < 0 || !other)
		return error;
	item.image = f->image;
	return recording_item(r, &item);
}

static int add_one(struct baseline *b, struct recording *r, struct found *f, struct map *images, int64_t now_ms,
                   struct batch *told)
{
	uint64_t *at = map_get(&b->open, (uint64_t)f->process.pid);
	const struct store_open_process *known = at ? (const struct store_open_process *)(uintptr_t)*at : NULL;
	uint64_t *parent = map_get(images, (uint64_t)f->process.parent_pid);
	bool same = known && baseline_same(known, &f->process);
	int error;

	if (same) {
		map_remove(&b->open, (uint64_t)f->process.pid);
		error = add_known(r, f, known, now_ms, told);
	} else {
		f->process.origin = f->image.origin = PROCESS_BASELINE;
		f->process.parent_image = parent ? (int64_t)*parent : 0;
		error = recording_add_process(r, &f->process, &f->image, now_ms);
	}
	if (error < 0)
		return error;
	f->added = true;
	return map_put(images, (uint64_t)f->process.pid, (uint64_t)f->image.id);
}

/* Parents first: rounds, each adding those whose parent is there, until none is left or none was added. */
static int add_all(struct baseline *b, struct recording *r, struct found *all, size_t n, int64_t now_ms,
                   struct batch *told)
{
	struct map images = MAP_INIT;
	bool any = true, forced = false;
	int error = 0;

	while (any || !forced) {
		forced = !any; /* parents that are not among them: as they are */
		any = false;
		for (size_t i = 0; i < n && error == 0; i++) {
			struct found *f = &all[i];

			if (f->added || !(forced || f->process.parent_pid == 0 ||
			                  map_get(&images, (uint64_t)f->process.parent_pid)))
				continue;
			error = add_one(b, r, f, &images, now_ms, told);
			any = true;
		}
		if (error < 0)
			break;
	}
	map_free(&images);
	return error;
}

static int end_gone(struct baseline *b, struct recording *r, int64_t now_ms)
{
	const struct map_slot *slot;
	size_t at = 0;
	int error = 0;

	while (error == 0 && (slot = map_next(&b->open, &at))) {
		const struct store_open_process *gone = (const struct store_open_process *)(uintptr_t)slot->value;
		struct item item = { .type = ITEM_END, .end = { .process = gone->process.id, .time_ms = now_ms,
		                                                 .exit_code = -1 } };

		error = recording_item(r, &item);
	}
	return error;
}

static int add_gap(struct recording *r, int64_t from_ms, int64_t to_ms, enum gap_cause cause)
{
	struct item item = { .type = ITEM_GAP,
	                     .gap = { .from_ms = from_ms, .to_ms = to_ms, .cause = cause, .count = -1 } };

	return from_ms < to_ms ? recording_item(r, &item) : 0;
}

/* After what was known to be there a recorder that was killed had stored some more. */
static int add_gaps(const struct baseline *b, struct recording *r, int64_t now_ms)
{
	int64_t from = b->last_ms >= b->stopped_ms ? b->last_ms + 1 : b->stopped_ms;
	int error;

	if (b->stopped_ms <= 0)
		return 0;
	from = from < now_ms ? from : now_ms;
	error = add_gap(r, b->stopped_ms, from, GAP_CUT_OFF);
	return error < 0 ? error : add_gap(r, from, now_ms, GAP_NOT_RUNNING);
}

static int add_name(const struct baseline *b, const struct procfs *p, struct recording *r, int64_t now_ms)
{
	char words[600];

	if (!b->was_called || strcmp(b->was_called, procfs_host(p)) == 0)
		return 0;
	snprintf(words, sizeof(words), "the host was renamed from %.250s to %.250s", b->was_called, procfs_host(p));
	return losses_tell(r, now_ms, words);
}

int baseline_add(struct baseline *b, struct procfs *p, struct recording *r, int64_t now_ms, struct batch *known)
{
	AUTO_FREE struct found *all = NULL;
	size_t n = 0;
	int error = tell_boot(known, b, p);

	if (error == 0)
		error = read_all(p, &known->arena, &all, &n);

	if (error == 0)
		error = add_all(b, r, all, n, now_ms, known);
	if (error == 0)
		error = end_gone(b, r, now_ms);
	if (error == 0)
		error = add_gaps(b, r, now_ms);
	if (error == 0)
		error = add_name(b, p, r, now_ms);
	return error;
}
