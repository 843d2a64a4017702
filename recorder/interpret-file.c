#include "recorder/interpret.h"
#include "recorder/path.h"

#include <sys/stat.h>

enum {
	ITEMS_MAX = 16,
	/* open(2) flags are the same on all architectures in the tables, but for ones that do not matter here */
	OPEN_ACCESS = 3, OPEN_CREATE = 0100, OPEN_TRUNCATE = 01000, OPEN_PATH = 010000000, OPEN_TMPFILE = 020000000,
};

struct items {
	struct path_item p[ITEMS_MAX]; /* by item number */
	size_t n;
	struct span cwd;
};

static void collect(struct interpretation *in, struct items *ret)
{
	struct pending_record *r;
	size_t at = 0;

	ret->n = 0;
	ret->cwd = interpret_cwd(in);
	while (ret->n < ITEMS_MAX && (r = interpret_record(in, TYPE_PATH, &at))) {
		struct path_item item;
		size_t i = ret->n++;

		path_item_parse(r->body, &item);
		for (; i > 0 && ret->p[i - 1].item > item.item; i--)
			ret->p[i] = ret->p[i - 1];
		ret->p[i] = item;
	}
}

static const struct path_item *first_of(const struct items *items, enum path_nametype type)
{
	for (size_t i = 0; i < items->n; i++)
		if (items->p[i].nametype == type && items->p[i].name.key.p)
			return &items->p[i];
	return NULL;
}

static const struct path_item *last_of(const struct items *items, enum path_nametype type)
{
	for (size_t i = items->n; i-- > 0;)
		if (items->p[i].nametype == type && items->p[i].name.key.p)
			return &items->p[i];
	return NULL;
}

static struct span parent_of(const struct items *items, const struct path_item *item, struct arena *arena)
{
	for (size_t i = (size_t)(item - items->p); i-- > 0;)
		if (items->p[i].nametype == PATH_PARENT && items->p[i].name.key.p)
			return record_string(&items->p[i].name, arena);
	return SPAN_NONE;
}

/* A name relative to a directory descriptor: only a PARENT item may tell which. The kernel writes the working
 * directory there when the name has no directory part, whatever the descriptor was (audit_log_name()): that is no
 * base. */
static struct span descriptor_base(const struct items *items, const struct path_item *item, struct arena *arena)
{
	struct span parent = parent_of(items, item, arena);

	return parent.n && *parent.p == '/' && !span_eq(parent, items->cwd) ? parent : SPAN_NONE;
}

static struct span resolve(struct interpretation *in, const struct items *items, const struct path_item *item,
                           int dirfd_arg, int32_t *flags)
{
	const struct syscall_record *call = &in->event->syscall;
	struct arena *arena = emit_arena(in->emit);
	struct span base = items->cwd, name, path;
	bool relative = false;

	if (!arena)
		return SPAN_NONE;
	name = record_string(&item->name, arena);
	if (!name.p)
		return SPAN_NONE;
	if (dirfd_arg >= 0 && (uint32_t)call->a[dirfd_arg] != PATH_AT_CWD)
		base = descriptor_base(items, item, arena);
	path = path_join(arena, base, name, &relative);
	if (relative)
		*flags |= EVENT_FLAG_RELATIVE;
	return path;
}

static void one_path(struct interpretation *in, enum event_action action, const struct items *items,
                     const struct path_item *item)
{
	int32_t flags = 0;
	struct span path = item ? resolve(in, items, item, in->event->call.dirfd_arg, &flags) : SPAN_NONE;
	struct event *row = path.p || in->event->partial ? interpret_row(in, action) : NULL;

	if (!row)
		return;
	row->object = path;
	row->flags |= flags;
}

static void two_paths(struct interpretation *in, enum event_action action, const struct items *items,
                      const struct path_item *item, int dirfd, const struct path_item *item2, int dirfd2)
{
	int32_t flags = 0;
	struct span path = item ? resolve(in, items, item, dirfd, &flags) : SPAN_NONE;
	struct span path2 = item2 ? resolve(in, items, item2, dirfd2, &flags) : SPAN_NONE;
	struct event *row = path.p || in->event->partial ? interpret_row(in, action) : NULL;

	if (!row)
		return;
	row->object = path;
	row->object2 = path2;
	row->flags |= flags;
}

static bool succeeded(const struct interpretation *in)
{
	return in->event->syscall.success == 1;
}

static uint64_t openat2_flags(struct interpretation *in)
{
	size_t at = 0;
	struct pending_record *r = interpret_record(in, TYPE_OPENAT2, &at);
	struct record_field f;
	uint64_t flags = 0;

	if (!r || !record_find(r->body, SPAN("oflag"), &f))
		return OPEN_CREATE; /* not known: what was created tells itself */
	for (size_t i = 0; i < f.value.n && f.value.p[i] >= '0' && f.value.p[i] <= '7'; i++)
		flags = flags << 3 | (uint64_t)(f.value.p[i] - '0');
	return flags;
}

static uint64_t open_flags(struct interpretation *in)
{
	const struct pending *p = in->event;

	if (p->call.op == OP_CREAT)
		return OPEN_CREATE | OPEN_TRUNCATE | 1;
	if (p->call.op == OP_OPENAT2)
		return openat2_flags(in);
	return p->syscall.a[p->call.flags_arg & 3];
}

void interpret_open(struct interpretation *in)
{
	uint64_t flags = open_flags(in), access = flags & OPEN_ACCESS;
	bool writes = access == 1 || access == 2 || (flags & OPEN_TRUNCATE);
	const struct path_item *created;
	struct items items;

	if (!succeeded(in) || (flags & (OPEN_PATH | OPEN_TMPFILE)) || !(writes || (flags & OPEN_CREATE)))
		return;
	collect(in, &items);
	created = last_of(&items, PATH_CREATE);
	if (created)
		one_path(in, ACTION_FILE_CREATE, &items, created);
	else if (writes)
		one_path(in, ACTION_FILE_WRITE, &items, last_of(&items, PATH_NORMAL));
}

void interpret_unlink(struct interpretation *in)
{
	struct items items;

	if (!succeeded(in))
		return;
	collect(in, &items);
	one_path(in, ACTION_FILE_DELETE, &items, last_of(&items, PATH_DELETE));
}

/* A name that was replaced is a DELETE item too: the old name is the first. Two names that were exchanged
 * (RENAME_EXCHANGE) are two renames: DELETE a, DELETE b, CREATE b, CREATE a. */
void interpret_rename(struct interpretation *in)
{
	const struct syscall *call = &in->event->call;
	const struct path_item *to, *to2;
	struct items items;

	if (!succeeded(in))
		return;
	collect(in, &items);
	to = first_of(&items, PATH_CREATE);
	to2 = last_of(&items, PATH_CREATE);
	two_paths(in, ACTION_FILE_RENAME, &items, first_of(&items, PATH_DELETE), call->dirfd_arg, to, call->dirfd2_arg);
	if (to2 != to)
		two_paths(in, ACTION_FILE_RENAME, &items, last_of(&items, PATH_DELETE), call->dirfd2_arg, to2,
		          call->dirfd_arg);
}

void interpret_mkdir(struct interpretation *in)
{
	struct items items;

	if (!succeeded(in))
		return;
	collect(in, &items);
	one_path(in, ACTION_FILE_CREATE_PATH, &items, last_of(&items, PATH_CREATE));
}

void interpret_mknod(struct interpretation *in)
{
	const struct path_item *created;
	struct items items;

	if (!succeeded(in))
		return;
	collect(in, &items);
	created = last_of(&items, PATH_CREATE);
	one_path(in, created && S_ISREG(created->mode) ? ACTION_FILE_CREATE : ACTION_FILE_CREATE_PATH, &items, created);
}

void interpret_link(struct interpretation *in)
{
	const struct syscall *call = &in->event->call;
	struct items items;

	if (!succeeded(in))
		return;
	collect(in, &items);
	two_paths(in, ACTION_FILE_LINK, &items, last_of(&items, PATH_CREATE), call->dirfd2_arg,
	          first_of(&items, PATH_NORMAL), call->dirfd_arg);
}

/* What the link says is told as it was given: it is relative to the link, not to the caller. */
void interpret_symlink(struct interpretation *in)
{
	struct arena *arena = emit_arena(in->emit);
	const struct path_item *created, *target;
	struct span path, text = SPAN_NONE;
	int32_t flags = 0;
	struct items items;
	struct event *row;

	if (!succeeded(in) || !arena)
		return;
	collect(in, &items);
	created = last_of(&items, PATH_CREATE);
	target = first_of(&items, PATH_UNKNOWN);
	path = created ? resolve(in, &items, created, in->event->call.dirfd_arg, &flags) : SPAN_NONE;
	if (target)
		text = arena_copy(arena, record_string(&target->name, arena));
	row = path.p ? interpret_row(in, ACTION_FILE_LINK) : NULL;
	if (!row)
		return;
	row->object = path;
	row->object2 = text;
	row->flags |= flags;
}

void interpret_truncate(struct interpretation *in)
{
	struct items items;

	if (!succeeded(in))
		return;
	collect(in, &items);
	one_path(in, ACTION_FILE_TRUNCATE, &items, last_of(&items, PATH_NORMAL));
}

/* A unix socket's name in the file system. */
void interpret_bind(struct interpretation *in)
{
	if (in->event->n_path)
		interpret_mkdir(in);
}
