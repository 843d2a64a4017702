#include "recorder/interpret.h"
#include "recorder/path.h"
#include "recorder/recent.h"

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

static struct event *one_path(struct interpretation *in, enum event_action action, const struct items *items,
                     const struct path_item *item)
{
	int32_t flags = 0;
	struct span path = item ? resolve(in, items, item, in->event->call.dirfd_arg, &flags) : SPAN_NONE;
	struct event *row = path.p || in->event->partial ? interpret_row(in, action) : NULL;

	if (!row)
		return NULL;
	row->object = path;
	row->flags |= flags;
	return row;
}

/* What is done to a file later through its descriptor has its inode only. */
static void remember(struct interpretation *in, const struct path_item *item, const struct event *row)
{
	if (row && row->object.p && item && item->inode)
		recent_add_file(in->recent, in->boot, item->inode, item->device, row->object);
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
		remember(in, created, one_path(in, ACTION_FILE_CREATE, &items, created));
	else if (writes)
		remember(in, last_of(&items, PATH_NORMAL),
		         one_path(in, ACTION_FILE_WRITE, &items, last_of(&items, PATH_NORMAL)));
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

/* ---- attributes ---- */

/* By descriptor: the record of the file has no name. What is not known from its opening stays absent. */
static struct event *nameless(struct interpretation *in, const struct path_item *item)
{
	struct arena *arena = emit_arena(in->emit);
	struct span path = SPAN_NONE;
	struct event *row;

	if (item && item->inode && arena)
		path = arena_copy(arena, recent_file(in->recent, in->boot, item->inode, item->device));
	row = interpret_row(in, ACTION_FILE_ATTRIBUTE);
	if (!row)
		return NULL;
	row->object = path;
	if (!path.p)
		row->flags |= EVENT_FLAG_RELATIVE;
	return row;
}

static const struct path_item *changed_item(const struct items *items)
{
	const struct path_item *item = last_of(items, PATH_NORMAL);

	return item || items->n == 0 ? item : &items->p[items->n - 1];
}

static void attribute(struct interpretation *in, const struct items *items, enum file_attribute which, int32_t value)
{
	const struct path_item *item = changed_item(items);
	struct event *row;

	if (item && item->name.value.n && (item->name.quote || !span_eq(item->name.value, SPAN("(null)"))))
		row = one_path(in, ACTION_FILE_ATTRIBUTE, items, item);
	else
		row = nameless(in, item);
	if (!row)
		return;
	row->port = which;
	row->port2 = value;
}

/* Programs often set what is set already (SQLite as root gives its journals to root): nothing changed, no row. */
void interpret_chmod(struct interpretation *in)
{
	enum { BITS = 07777 };
	uint32_t mode = (uint32_t)in->event->syscall.a[in->event->call.flags_arg & 3] & BITS;
	const struct path_item *item;
	struct items items;

	if (!succeeded(in))
		return;
	collect(in, &items);
	item = changed_item(&items);
	if (!item || !item->mode || (item->mode & BITS) != mode)
		attribute(in, &items, FILE_MODE, (int32_t)mode);
}

static bool is_unchanged(uint32_t id)
{
	return id == UINT32_MAX || id == UINT16_MAX; /* -1; 16 bits wide in the oldest calls of i386 */
}

void interpret_chown(struct interpretation *in)
{
	const uint64_t *a = &in->event->syscall.a[in->event->call.flags_arg & 3];
	uint32_t owner = (uint32_t)a[0], group = (uint32_t)a[1];
	const struct path_item *item;
	struct items items;

	if (!succeeded(in))
		return;
	collect(in, &items);
	item = changed_item(&items);
	if (!is_unchanged(owner) && (!item || item->owner != owner))
		attribute(in, &items, FILE_OWNER, (int32_t)owner);
	else if (!is_unchanged(group) && (!item || item->group != group))
		attribute(in, &items, FILE_GROUP, (int32_t)group);
}

static void plain_attribute(struct interpretation *in, enum file_attribute which)
{
	struct items items;

	if (!succeeded(in))
		return;
	collect(in, &items);
	attribute(in, &items, which, 0);
}

void interpret_setxattr(struct interpretation *in)
{
	plain_attribute(in, FILE_XATTR);
}

void interpret_removexattr(struct interpretation *in)
{
	plain_attribute(in, FILE_XATTR_REMOVED);
}

void interpret_utime(struct interpretation *in)
{
	plain_attribute(in, FILE_TIMES);
}

/* ---- mounts ---- */

/* Items: where it is mounted, then what, when that is a path. */
void interpret_mount(struct interpretation *in)
{
	const struct path_item *place, *what;
	struct items items;

	if (!succeeded(in))
		return;
	collect(in, &items);
	place = first_of(&items, PATH_NORMAL);
	what = last_of(&items, PATH_NORMAL);
	two_paths(in, ACTION_FILE_MOUNT, &items, place, -1, what == place ? NULL : what, -1);
}

void interpret_unmount(struct interpretation *in)
{
	struct items items;

	if (!succeeded(in))
		return;
	collect(in, &items);
	one_path(in, ACTION_FILE_UNMOUNT, &items, first_of(&items, PATH_NORMAL));
}

/* What is moved is mostly a descriptor, whose item has an empty name. */
void interpret_move_mount(struct interpretation *in)
{
	const struct path_item *from, *to;
	struct items items;

	if (!succeeded(in))
		return;
	collect(in, &items);
	from = first_of(&items, PATH_NORMAL);
	to = last_of(&items, PATH_NORMAL);
	if (from == to || (from && from->name.value.n == 0))
		from = NULL;
	two_paths(in, ACTION_FILE_MOUNT, &items, to, in->event->call.dirfd2_arg, from, in->event->call.dirfd_arg);
}
