#include "agent/filter.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "agent/base/map.h"
#include "recorder/query/eval.h"

/* Processes that are remembered. When there are more, all are forgotten: what is asked of them is then unknown, and
 * their events stay. */
enum { REMEMBERED_MAX = 1 << 16 };
/* Programs that have ended stay known for so many more: rows of theirs may come seconds late (connections.h, logon.h). */
enum { LEFT_MAX = 1024 };

struct known_image {
	struct image_start image;
	char bytes[]; /* of its texts */
};
struct known_process {
	struct process_start process;
	int64_t image; /* the latest */
};

struct filter {
	pthread_mutex_t lock;
	unsigned categories;
	struct expr *exclude;
	struct eval *eval;
	uint64_t excluded;
	/* Of the thread that makes batches: */
	struct map images, processes; /* id → struct known_image, struct known_process */
	struct left {
		int64_t id; /* 0: none */
		bool process;
	} left[LEFT_MAX];
	size_t n_left;
	struct boot_seen boot;
	struct arena boot_arena;
};

/* ---- who runs what ---- */

static void forget_image(struct filter *f, int64_t id)
{
	uint64_t *at = map_get(&f->images, (uint64_t)id);
	struct known_image *k = at ? (struct known_image *)(uintptr_t)*at : NULL;

	if (!k)
		return;
	free(k);
	map_remove(&f->images, (uint64_t)id);
}

static void forget_all(struct filter *f)
{
	struct map_slot *slot;
	size_t at = 0;

	while ((slot = map_next(&f->images, &at)))
		free((void *)(uintptr_t)slot->value);
	for (at = 0; (slot = map_next(&f->processes, &at));)
		free((void *)(uintptr_t)slot->value);
	map_clear(&f->images);
	map_clear(&f->processes);
	memset(f->left, 0, sizeof(f->left));
}

static struct known_process *process_of(struct filter *f, int64_t id)
{
	uint64_t *at = map_get(&f->processes, (uint64_t)id);

	return at ? (struct known_process *)(uintptr_t)*at : NULL;
}

static const struct known_image *image_of(struct filter *f, int64_t id)
{
	uint64_t *at = id ? map_get(&f->images, (uint64_t)id) : NULL;

	return at ? (const struct known_image *)(uintptr_t)*at : NULL;
}

static void remember_process(struct filter *f, const struct process_start *p)
{
	struct known_process *k = process_of(f, p->id);

	if (k)
		return;
	if (f->processes.n >= REMEMBERED_MAX)
		forget_all(f);
	k = calloc(1, sizeof(*k));
	if (!k)
		return;
	k->process = *p;
	if (map_put(&f->processes, (uint64_t)p->id, (uintptr_t)k) < 0)
		free(k);
}

static void forget_process(struct filter *f, int64_t id)
{
	struct known_process *p = process_of(f, id);

	if (!p)
		return;
	forget_image(f, p->image);
	map_remove(&f->processes, (uint64_t)id);
	free(p);
}

static void forget_later(struct filter *f, int64_t id, bool process)
{
	struct left *l = &f->left[f->n_left++ % LEFT_MAX];

	if (l->id && l->process)
		forget_process(f, l->id);
	else if (l->id)
		forget_image(f, l->id);
	*l = (struct left){ id, process };
}

static struct known_image *copy_image(const struct image_start *im)
{
	struct image_start copy = *im;
	struct span *const texts[] = { &copy.executable, &copy.comm, &copy.script, &copy.command_line, &copy.cwd,
		&copy.who.user, &copy.who.audit_user, &copy.who.tty, &copy.who.cgroup };
	struct known_image *k;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		n += texts[i]->n + 1;
	k = malloc(sizeof(*k) + n);
	n = 0;
	for (size_t i = 0; k && i < ARRAY_LEN(texts); i++) {
		if (!texts[i]->p)
			continue;
		memcpy(k->bytes + n, texts[i]->p, texts[i]->n);
		texts[i]->p = k->bytes + n;
		n += texts[i]->n + 1;
	}
	copy.arg_lengths = NULL;
	if (k)
		k->image = copy;
	return k;
}

static void remember_image(struct filter *f, const struct image_start *im)
{
	struct known_process *p = process_of(f, im->process);
	struct known_image *k = p && p->image != im->id ? copy_image(im) : NULL;

	if (!k)
		return;
	if (map_put(&f->images, (uint64_t)im->id, (uintptr_t)k) < 0) {
		free(k);
		return;
	}
	if (p->image)
		forget_later(f, p->image, false);
	p->image = im->id;
}

static void remember_boot(struct filter *f, const struct boot_seen *b)
{
	arena_free(&f->boot_arena);
	f->boot_arena = (struct arena)ARENA_INIT;
	f->boot = *b;
	f->boot.host = arena_copy(&f->boot_arena, b->host);
	f->boot.boot_id = arena_copy(&f->boot_arena, b->boot_id);
}

/* ---- deciding ---- */

static bool is_excluded(struct filter *f, const struct event *e)
{
	enum event_category category = event_action_category((int)e->action);
	const struct known_image *image, *parent_image = NULL;
	const struct known_process *process = NULL, *parent = NULL;
	struct eval_subject s = { .event = e, .boot = f->boot.id ? &f->boot : NULL };

	if (category == EVENT_PROCESS)
		return false;
	if (!(f->categories >> category & 1))
		return true;
	if (!f->eval)
		return false;
	image = image_of(f, e->image);
	if (image) {
		process = process_of(f, image->image.process);
		parent_image = process ? image_of(f, process->process.parent_image) : NULL;
		parent = parent_image ? process_of(f, parent_image->image.process) : NULL;
		s.image = &image->image;
	}
	s.process = process ? &process->process : NULL;
	s.parent_image = parent_image ? &parent_image->image : NULL;
	s.parent = parent ? &parent->process : NULL;
	return eval_event(f->eval, &s) == 1;
}

static bool keep(struct filter *f, const struct item *item)
{
	switch (item->type) {
	case ITEM_BOOT: remember_boot(f, &item->boot); return true;
	case ITEM_PROCESS: remember_process(f, &item->process); return true;
	case ITEM_IMAGE: remember_image(f, &item->image); return true;
	case ITEM_EVENT: return !is_excluded(f, &item->event);
	default: return true;
	}
}

void filter_batch(struct batch *b, void *filter)
{
	struct filter *f = filter;
	size_t n = 0;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < b->n; i++) {
		if (keep(f, &b->items[i]))
			b->items[n++] = b->items[i];
	}
	f->excluded += b->n - n;
	b->n = n;
	pthread_mutex_unlock(&f->lock);
	/* Only now: records of one process may come in any order within a batch. */
	for (size_t i = 0; i < n; i++)
		if (b->items[i].type == ITEM_END)
			forget_later(f, b->items[i].end.process, true);
}

/* ---- configuration ---- */

static int copy_expr(const struct expr *e, struct expr **ret)
{
	AUTO_BUF text = BUF_INIT;
	struct expr_error error;

	*ret = NULL;
	if (!e)
		return 0;
	expr_print(e, &text);
	return text.failed ? -ENOMEM : expr_parse(buf_span(&text), ret, &error);
}

int filter_set(struct filter *f, const struct config *c)
{
	struct expr *exclude = NULL, *old_exclude;
	struct eval *eval = NULL, *old_eval;
	struct expr_error error;
	int r = copy_expr(c->exclude, &exclude);

	if (r == 0 && exclude)
		r = eval_new(exclude, &eval, &error);
	if (r < 0) {
		expr_free(exclude);
		return r;
	}
	pthread_mutex_lock(&f->lock);
	old_exclude = f->exclude;
	old_eval = f->eval;
	f->exclude = exclude;
	f->eval = eval;
	f->categories = c->categories;
	pthread_mutex_unlock(&f->lock);
	eval_free(old_eval);
	expr_free(old_exclude);
	return 0;
}

uint64_t filter_excluded(struct filter *f)
{
	uint64_t n;

	pthread_mutex_lock(&f->lock);
	n = f->excluded;
	pthread_mutex_unlock(&f->lock);
	return n;
}

int filter_new(const struct config *c, struct filter **ret)
{
	struct filter *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return -ENOMEM;
	pthread_mutex_init(&f->lock, NULL);
	r = filter_set(f, c);
	if (r < 0) {
		filter_free(f);
		return r;
	}
	*ret = f;
	return 0;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	forget_all(f);
	map_free(&f->images);
	map_free(&f->processes);
	arena_free(&f->boot_arena);
	eval_free(f->eval);
	expr_free(f->exclude);
	pthread_mutex_destroy(&f->lock);
	free(f);
}
