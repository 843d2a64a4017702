#include "recorder/assemble.h"

#include "recorder/execve.h"

#include <errno.h>
#include <stdlib.h>

enum {
	WAIT_MS = 2000,
	LOG_GRACE = 32,
	SKIPPED_MAX = 256,   /* events that wait for a serial that was skipped */
	OPEN_MAX = 4096,     /* events that wait for an older one to be complete */
	RECORDS_MAX = 8192,  /* of one event */
	OPEN_TOTAL = 16384, RECORDS_TOTAL = 1 << 18, /* of all nodes */
	RECORDS_SPARED = 64, /* a list of records that is no longer than this is used again */
	EVENT_BYTES = 16 << 20, TOTAL_BYTES = 32 << 20,
	DONE_MAX = 2048, RESTART_DISTANCE = 8192,
	LONG_EXECVE = 6000, /* the kernel begins another record at 7500 bytes */
	TEXT_SIZE = 1024 - 16, /* most events need one or two; there may be thousands at once */
};

struct pending_text {
	struct pending_text *next;
	size_t size, used;
	char data[];
};

/* ---- text ---- */

static char *text_alloc(struct assembly *a, struct pending *p, size_t n)
{
	struct pending_text *t = p->text;

	if (!t || t->size - t->used < n) {
		t = n <= TEXT_SIZE ? a->spare_text : NULL;
		if (t) {
			a->spare_text = t->next;
		} else {
			size_t size = n > TEXT_SIZE ? n : TEXT_SIZE;

			t = malloc(sizeof(*t) + size);
			if (!t)
				return NULL;
			t->size = size;
		}
		t->used = 0;
		t->next = p->text;
		p->text = t;
		p->text_bytes += t->size;
		a->text_bytes += t->size;
	}
	t->used += n;
	return t->data + t->used - n;
}

static void text_release(struct assembly *a, struct pending *p)
{
	while (p->text) {
		struct pending_text *t = p->text;

		p->text = t->next;
		a->text_bytes -= t->size;
		if (t->size == TEXT_SIZE) {
			t->next = a->spare_text;
			a->spare_text = t;
		} else {
			free(t);
		}
	}
	p->text_bytes = 0;
}

/* ---- open events ---- */

static uint64_t key_of(uint32_t node, int64_t time_ms, uint64_t serial)
{
	uint64_t h = serial * 0x9e3779b97f4a7c15u ^ (uint64_t)time_ms * 0xc2b2ae3d27d4eb4fu;

	return (h ^ h >> 29) + node * 0x165667b19e3779f9u;
}

static bool is_key(const struct pending *p, uint32_t node, const struct record *r)
{
	return p->serial == r->serial && p->time_ms == r->time_ms && p->node == node;
}

/* Negative: a is older. */
static int32_t distance(uint64_t a, uint64_t b)
{
	return (int32_t)((uint32_t)a - (uint32_t)b);
}

static void link_by_serial(struct assembly *a, struct assembly_node *node, struct pending *p)
{
	struct pending *before = node->newest;

	while (before && distance(before->serial, p->serial) > 0)
		before = before->prev;
	p->prev = before;
	p->next = before ? before->next : node->oldest;
	if (p->next)
		p->next->prev = p;
	else
		node->newest = p;
	if (before)
		before->next = p;
	else
		node->oldest = p;
	node->n++;
	a->open++;
}

static void unlink_pending(struct assembly *a, struct assembly_node *node, struct pending *p)
{
	if (p->prev)
		p->prev->next = p->next;
	else
		node->oldest = p->next;
	if (p->next)
		p->next->prev = p->prev;
	else
		node->newest = p->prev;
	node->n--;
	a->open--;
}

static struct pending *take(struct assembly *a)
{
	struct pending *p = a->spare;
	struct pending_record *records;
	size_t cap;

	if (!p)
		return calloc(1, sizeof(*p));
	a->spare = p->next;
	records = p->records;
	cap = p->cap;
	memset(p, 0, sizeof(*p));
	p->records = records;
	p->cap = cap;
	return p;
}

static void give_back(struct assembly *a, struct pending *p)
{
	text_release(a, p);
	a->open_records -= p->n;
	if (p->cap > RECORDS_SPARED) {
		free(p->records);
		p->records = NULL;
		p->cap = 0;
	}
	p->next = a->spare;
	a->spare = p;
}

/* ---- completeness ---- */

static bool needs_sockaddr(const struct pending *p)
{
	enum { IN_PROGRESS = -115 };
	enum syscall_op op = p->call.op == OP_SOCKETCALL ? syscall_socketcall(p->syscall.a[0]) : p->call.op;

	return op == OP_CONNECT && (p->syscall.success != 0 || p->syscall.exit == IN_PROGRESS);
}

/* Calls that look up a name of the caller's: the kernel notes the working directory then, not for descriptors. */
static bool needs_cwd(const struct pending *p)
{
	switch (p->call.op) {
	case OP_EXEC:
	case OP_OPEN:
	case OP_CREAT:
	case OP_OPENAT2:
	case OP_UNLINK:
	case OP_RENAME:
	case OP_MKDIR:
	case OP_MKNOD:
	case OP_LINK:
	case OP_SYMLINK:
	case OP_TRUNCATE:
	case OP_MOUNT:
	case OP_UNMOUNT:
		return p->syscall.items > 0;
	default:
		return false;
	}
}

static bool has_all(const struct pending *p)
{
	if (!p->has_syscall || p->n_path < p->syscall.items || (needs_cwd(p) && !p->has_cwd))
		return false;
	if (p->call.op == OP_EXEC && p->syscall.success != 0 && (p->n_args == 0 || p->n_args < p->argc))
		return false;
	return p->has_sockaddr || !needs_sockaddr(p);
}

/* ---- handing on ---- */

static void remember_done(struct assembly *a, uint64_t key)
{
	if (!a->done)
		a->done = calloc(DONE_MAX, sizeof(*a->done));
	if (!a->done || map_put(&a->keys, key, 1) < 0) {
		map_remove(&a->keys, key);
		a->failed = true;
		return;
	}
	if (a->n_done == DONE_MAX) {
		uint64_t *oldest = map_get(&a->keys, a->done[a->at_done]);

		if (oldest && *oldest == 1 && a->done[a->at_done] != key)
			map_remove(&a->keys, a->done[a->at_done]);
	} else {
		a->n_done++;
	}
	a->done[a->at_done] = key;
	a->at_done = (a->at_done + 1) % DONE_MAX;
}

static void hand_on(struct assembly *a, uint32_t node_index, struct pending *p)
{
	struct assembly_node *node = &a->nodes[node_index];
	int32_t ahead = node->has_last ? distance(p->serial, node->last) : 1;

	unlink_pending(a, node, p);
	if (ahead > 1)
		a->gap(node_index, node->last_ms < p->time_ms ? node->last_ms : p->time_ms, p->time_ms,
		       (uint64_t)ahead - 1, a->data);
	if (ahead > 0) {
		node->last = p->serial;
		node->last_ms = p->time_ms;
		node->has_last = true;
	}
	if (a->last == p)
		a->last = NULL;
	p->partial |= p->has_syscall && !p->complete && !has_all(p);
	a->event(p, a->data);
	remember_done(a, p->key);
	give_back(a, p);
}

/* More waits than memory is spent on: what came first must go as it is. */
static bool is_full(const struct assembly *a, const struct assembly_node *node)
{
	return node->n > OPEN_MAX || a->open > OPEN_TOTAL || a->open_records > RECORDS_TOTAL || a->text_bytes > TOTAL_BYTES;
}

/* `grace`: a log's time may jump between two records of an event, so that many other records must have come too. */
static bool is_due(const struct assembly *a, const struct assembly_node *node, int64_t now_ms, uint64_t grace)
{
	const struct pending *p = node->oldest;
	bool late = now_ms - p->opened_ms >= WAIT_MS;

	if (is_full(a, node))
		return true;
	if (late && (p->complete || a->records - p->last_record >= grace))
		return true;
	if (!p->complete)
		return false;
	return node->n > SKIPPED_MAX || (node->has_last && distance(p->serial, node->last) <= 1);
}

static void hand_on_due(struct assembly *a, uint32_t node_index, int64_t now_ms, uint64_t grace)
{
	struct assembly_node *node = &a->nodes[node_index];

	while (node->oldest && is_due(a, node, now_ms, grace))
		hand_on(a, node_index, node->oldest);
}

static void hand_on_all(struct assembly *a, uint32_t node_index)
{
	while (a->nodes[node_index].oldest)
		hand_on(a, node_index, a->nodes[node_index].oldest);
}

/* ---- records in ---- */

static int note_execve(struct pending *p, struct span body)
{
	uint32_t n = 0;
	int r;

	if (body.n < LONG_EXECVE && p->n_args == 0 && span_starts(body, SPAN("argc="))) {
		p->argc = p->n_args = 1; /* all of it in one record */
		return 0;
	}
	r = execve_count(body, &n, &p->argc);
	p->n_args += n;
	return r;
}

static int note(struct pending *p, enum type_kind kind, struct span body)
{
	switch (kind) {
	case TYPE_SYSCALL:
	case TYPE_URINGOP:
		syscall_record_parse(body, &p->syscall);
		p->has_syscall = true;
		if (kind == TYPE_SYSCALL)
			p->call = syscall_lookup(p->syscall.arch, p->syscall.number);
		break;
	case TYPE_PATH:
		p->n_path++;
		break;
	case TYPE_CWD:
		p->has_cwd = true;
		break;
	case TYPE_EXECVE:
		return note_execve(p, body);
	case TYPE_SOCKADDR:
		p->has_sockaddr = true;
		break;
	case TYPE_PROCTITLE:
	case TYPE_EOE:
		p->terminated = true;
		break;
	case TYPE_ANOM_ABEND:
	case TYPE_SYSTEM_BOOT:
	case TYPE_SYSTEM_SHUTDOWN:
		p->special = true;
		break;
	default:
		p->special |= type_is_security(kind);
		break;
	}
	return 0;
}

static int keep(struct assembly *a, struct pending *p, int type, struct span body)
{
	enum type_kind kind = a->types->traits[type].kind;
	struct pending_record *rec;

	p->last_record = ++a->records;
	if (p->n >= RECORDS_MAX || p->text_bytes > EVENT_BYTES) {
		p->partial = true;
		return 0;
	}
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 8;
		struct pending_record *records = reallocarray(p->records, cap, sizeof(*records));

		if (!records)
			return -ENOMEM;
		p->records = records;
		p->cap = cap;
	}
	if (kind == TYPE_OTHER || kind == TYPE_EOE) {
		body = SPAN_NONE; /* nobody reads it */
	} else if (!a->stable) {
		char *copy = text_alloc(a, p, body.n);

		if (!copy)
			return -ENOMEM;
		memcpy(copy, body.p, body.n);
		body.p = copy;
	}
	rec = &p->records[p->n++];
	a->open_records++;
	*rec = (struct pending_record){ (uint16_t)type, (uint8_t)kind, false, body };
	return note(p, kind, body);
}

static struct assembly_node *node_at(struct assembly *a, uint32_t node)
{
	if (node >= a->n_nodes) {
		size_t n = node + 1;
		struct assembly_node *nodes = reallocarray(a->nodes, n, sizeof(*nodes));

		if (!nodes)
			return NULL;
		memset(nodes + a->n_nodes, 0, (n - a->n_nodes) * sizeof(*nodes));
		a->nodes = nodes;
		a->n_nodes = n;
	}
	return &a->nodes[node];
}

/* An older serial at a later time than could be explained by reordering: the machine was started again. Far older at
 * an older time: another log. A call that took long has an old time and a young serial: all times before count, not
 * that of the last event. */
static void check_restart(struct assembly *a, uint32_t node_index, const struct record *r)
{
	struct assembly_node *node = &a->nodes[node_index];
	int32_t ahead = node->has_last ? distance(r->serial, node->last) : 0;
	bool forward = ahead < 0 && r->time_ms >= node->greatest_ms + WAIT_MS;

	if (!forward && ahead > -RESTART_DISTANCE)
		return;
	hand_on_all(a, node_index);
	node->has_last = false;
	node->newest_ms = node->greatest_ms = r->time_ms;
	a->restart(node_index, forward, a->data);
}

/* The event of that key: *ret NULL when it was handed on already. */
static int open_event(struct assembly *a, uint32_t node, const struct record *r, bool alone, struct pending **ret,
                      bool *ret_known)
{
	uint64_t key = key_of(node, r->time_ms, r->serial), *at = map_get(&a->keys, key);
	struct pending *p;

	*ret_known = at != NULL;
	if (at) {
		p = *at == 1 ? NULL : (struct pending *)(uintptr_t)*at;
		*ret = p && is_key(p, node, r) ? p : NULL;
		return 0;
	}
	if (!alone) {
		check_restart(a, node, r);
		if (r->time_ms > a->nodes[node].greatest_ms)
			a->nodes[node].greatest_ms = r->time_ms;
	}
	p = take(a);
	if (!p)
		return -ENOMEM;
	p->key = key;
	p->serial = r->serial;
	p->time_ms = r->time_ms;
	p->opened_ms = a->nodes[node].newest_ms;
	p->node = node;
	if (!alone && map_put(&a->keys, key, (uintptr_t)p) < 0) {
		give_back(a, p);
		return -ENOMEM;
	}
	if (!alone)
		link_by_serial(a, &a->nodes[node], p);
	a->events++;
	*ret = p;
	return 0;
}

/* Serials of the daemon's own messages are in no order with the kernel's: they do not wait. */
static int add_foreign(struct assembly *a, uint32_t node, int type, const struct record *r)
{
	struct pending *p = NULL;
	bool known;
	int e = open_event(a, node, r, true, &p, &known);

	if (e < 0 || !p)
		return e;
	e = keep(a, p, type, r->body);
	if (known) /* a kernel's event that happens to have the same stamp */
		return e;
	p->complete = true;
	if (e == 0)
		a->event(p, a->data);
	remember_done(a, p->key);
	give_back(a, p);
	return e;
}

/* They often come when all that they end has been handed on. */
static bool is_end(enum type_kind kind)
{
	return kind == TYPE_PROCTITLE || kind == TYPE_EOE;
}

int assembly_add(struct assembly *a, uint32_t node_index, int type, const struct record *r)
{
	struct assembly_node *node = node_at(a, node_index);
	struct pending *p = a->last;
	bool known;
	int e;

	if (!node)
		return -ENOMEM;
	if (r->time_ms > node->newest_ms)
		node->newest_ms = r->time_ms;
	if (a->types->traits[type].foreign)
		return add_foreign(a, node_index, type, r);
	if (node->oldest && node->newest_ms - node->oldest->opened_ms >= WAIT_MS) {
		hand_on_due(a, node_index, node->newest_ms, LOG_GRACE);
		p = a->last;
	}
	if (!p || !is_key(p, node_index, r)) {
		e = open_event(a, node_index, r, false, &p, &known);
		if (e < 0)
			return e;
		if (!p)
			return is_end(a->types->traits[type].kind) ? 0 : ASSEMBLY_LATE;
		a->last = p;
	}
	e = keep(a, p, type, r->body);
	if (e < 0)
		return e;
	if (a->types->traits[type].single || (p->terminated && has_all(p)))
		p->complete = true;
	if (p->complete || is_full(a, node))
		hand_on_due(a, node_index, node->newest_ms, LOG_GRACE);
	return 0;
}

/* The clock was set back: what is open counts from now. */
static void rebase(struct assembly_node *node, int64_t now_ms)
{
	node->newest_ms = now_ms;
	for (struct pending *p = node->oldest; p; p = p->next)
		p->opened_ms = now_ms;
}

void assembly_tick(struct assembly *a, int64_t now_ms)
{
	for (uint32_t i = 0; i < a->n_nodes; i++) {
		struct assembly_node *node = &a->nodes[i];

		if (now_ms < node->newest_ms - WAIT_MS)
			rebase(node, now_ms);
		else if (now_ms > node->newest_ms)
			node->newest_ms = now_ms;
		hand_on_due(a, i, now_ms, 0);
	}
}

void assembly_finish(struct assembly *a)
{
	for (uint32_t i = 0; i < a->n_nodes; i++)
		hand_on_all(a, i);
}

void assembly_free(struct assembly *a)
{
	for (size_t i = 0; i < a->n_nodes; i++)
		while (a->nodes[i].oldest) {
			struct pending *p = a->nodes[i].oldest;

			unlink_pending(a, &a->nodes[i], p);
			give_back(a, p);
		}
	while (a->spare) {
		struct pending *p = a->spare;

		a->spare = p->next;
		free(p->records);
		free(p);
	}
	while (a->spare_text) {
		struct pending_text *t = a->spare_text;

		a->spare_text = t->next;
		free(t);
	}
	free(a->nodes);
	free(a->done);
	map_free(&a->keys);
}
