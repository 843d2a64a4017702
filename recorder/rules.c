#include "recorder/rules.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "recorder/event.h"
#include "recorder/netlink.h"
#include "recorder/syscalls.h"

/* open(2) flags that make an open worth recording: O_WRONLY, O_RDWR, O_CREAT, O_TRUNC. The same on every Linux
 * architecture built for here (asm-generic/fcntl.h; arm differs only in flags above). */
enum { OPEN_WRITES = 01 | 02 | 0100 | 01000 };
/* linux/net.h: the first argument of socketcall(2). From 2 to 5: bind, connect, listen, accept. */
enum { CALL_BIND = 2, CALL_ACCEPT = 5, CALL_ACCEPT4 = 18, CALL_SENDTO = 11, CALL_SENDMSG = 16 };
/* linux/ptrace.h */
enum { ATTACH = 16, SEIZE = 0x4206 };

#define OPS(op) (UINT64_C(1) << OP_##op)
_Static_assert(OP_COUNT <= 64, "operations as bits");

#define FILES (OPS(CREAT) | OPS(OPENAT2) | OPS(UNLINK) | OPS(RENAME) | OPS(MKDIR) | OPS(MKNOD) | OPS(LINK) | OPS(SYMLINK) | \
	       OPS(TRUNCATE) | OPS(CHMOD) | OPS(CHOWN) | OPS(SETXATTR) | OPS(REMOVEXATTR) | OPS(UTIME) | OPS(MOUNT) | \
	       OPS(UNMOUNT) | OPS(MOVE_MOUNT))

/* By kind; all other operations are of processes. */
#define NETWORK (OPS(ACCEPT) | OPS(BIND) | OPS(LISTEN) | OPS(CONNECT) | OPS(SENDTO) | OPS(SOCKETCALL))
#define DRIVERS (OPS(INIT_MODULE) | OPS(FINIT_MODULE) | OPS(DELETE_MODULE))
/* Of one path, which is never the folder itself that it is looked for in. */
#define IN_FOLDER (OPS(OPEN) | OPS(CREAT) | OPS(OPENAT2) | OPS(MKDIR) | OPS(MKNOD) | OPS(TRUNCATE))
#define OF_DEVICE (OPS(OPEN) | OPS(CREAT) | OPS(OPENAT2))
#define ANY_PLACE (-2) /* for flags_arg */

/* What one rule asks for, of each table: every call that the parser takes for one of these. Not asked for are calls
 * that no row comes of: ftruncate, of which no record tells the file, the ends of threads (exit, whose record names
 * the process), and the failures of most calls. */
struct group {
	uint64_t ops;
	int flags_arg;  /* of OP_OPEN: where the call has its flags; else -1 */
	bool sendto;    /* only when that is wanted */
	struct condition {
		uint32_t field, op, value; /* field 0: none */
	} conditions[2];
};

#define SUCCEEDED { AUDIT_SUCCESS, AUDIT_EQUAL, 1 }

static const struct group groups[] = {
	{ OPS(EXEC) | OPS(EXIT), -1, false, { { 0 } } },
	{ OPS(OPEN), 2, false, { SUCCEEDED, { AUDIT_ARG2, AUDIT_BIT_MASK, OPEN_WRITES } } },
	{ OPS(OPEN), 1, false, { SUCCEEDED, { AUDIT_ARG1, AUDIT_BIT_MASK, OPEN_WRITES } } },
	{ FILES | OPS(ACCEPT) | OPS(BIND) | OPS(LISTEN) | OPS(SETID) | OPS(CAPSET), -1, false, { SUCCEEDED } },
	{ OPS(CONNECT) | OPS(IO_URING) | OPS(INIT_MODULE) | OPS(FINIT_MODULE) | OPS(DELETE_MODULE), -1, false, { { 0 } } },
	{ OPS(PTRACE), -1, false, { { AUDIT_ARG0, AUDIT_EQUAL, ATTACH } } },
	{ OPS(PTRACE), -1, false, { { AUDIT_ARG0, AUDIT_EQUAL, SEIZE } } },
	{ OPS(SOCKETCALL), -1, false,
	  { { AUDIT_ARG0, AUDIT_GREATER_THAN_OR_EQUAL, CALL_BIND }, { AUDIT_ARG0, AUDIT_LESS_THAN_OR_EQUAL, CALL_ACCEPT } } },
	{ OPS(SOCKETCALL), -1, false, { SUCCEEDED, { AUDIT_ARG0, AUDIT_EQUAL, CALL_ACCEPT4 } } },
	{ OPS(SENDTO), -1, true, { SUCCEEDED } },
	{ OPS(SOCKETCALL), -1, true, { SUCCEEDED, { AUDIT_ARG0, AUDIT_EQUAL, CALL_SENDTO } } },
	{ OPS(SOCKETCALL), -1, true, { SUCCEEDED, { AUDIT_ARG0, AUDIT_EQUAL, CALL_SENDMSG } } },
};

static const uint32_t tables[] = {
#if defined(__x86_64__)
	AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,
#elif defined(__aarch64__)
	AUDIT_ARCH_AARCH64,
#else
#error "no system call table for this machine"
#endif
};

static void add_field(struct rules_rule *r, uint32_t field, uint32_t op, uint32_t value)
{
	uint32_t i = r->data.field_count++;

	r->data.fields[i] = field;
	r->data.fieldflags[i] = op;
	r->data.values[i] = value;
}

/* A field whose value is a string: the strings of a rule follow each other in data.buf. */
static void add_string(struct rules_rule *r, uint32_t field, struct span value)
{
	add_field(r, field, AUDIT_EQUAL, (uint32_t)value.n);
	memcpy(r->buf + r->data.buflen, value.p, value.n);
	r->data.buflen += (uint32_t)value.n;
}

static void add_key(struct rules_rule *r)
{
	add_string(r, AUDIT_FILTERKEY, SPAN(RULES_KEY));
}

/* How many calls the table has for them. */
static int add_calls(struct rules_rule *r, uint64_t ops, int flags_arg, uint32_t arch)
{
	int n = 0;

	for (uint32_t number = 0; number < (AUDIT_BITMASK_SIZE - 1) * 32; number++) {
		struct syscall call = syscall_lookup(arch, number);

		if (!(ops >> call.op & 1) || (call.op == OP_OPEN && call.flags_arg != flags_arg && flags_arg != ANY_PLACE))
			continue;
		r->data.mask[AUDIT_WORD(number)] |= AUDIT_BIT(number);
		n++;
	}
	return n;
}

/* Those of a group's calls that are among `ops`, but not by these users. */
static bool build_group(struct rules_rule *r, const struct group *g, uint64_t ops, uint32_t arch,
                        const struct rules_wish *users)
{
	*r = (struct rules_rule){ .data = { .flags = AUDIT_FILTER_EXIT, .action = AUDIT_ALWAYS } };
	add_field(r, AUDIT_ARCH, AUDIT_EQUAL, arch);
	if (add_calls(r, g->ops & ops, g->flags_arg, arch) == 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(g->conditions); i++)
		if (g->conditions[i].field)
			add_field(r, g->conditions[i].field, g->conditions[i].op, g->conditions[i].value);
	for (size_t i = 0; users && i < users->n_users; i++)
		add_field(r, AUDIT_EUID, AUDIT_NOT_EQUAL, users->users[i]);
	add_key(r);
	return true;
}

static void build_self(struct rules_rule *r, pid_t self)
{
	*r = (struct rules_rule){ .data = { .flags = AUDIT_FILTER_EXIT | AUDIT_FILTER_PREPEND, .action = AUDIT_NEVER } };
	/* All system calls; the last word holds classes (kernel/auditfilter.c). */
	memset(r->data.mask, 0xff, sizeof(r->data.mask) - sizeof(*r->data.mask));
	add_field(r, AUDIT_PID, AUDIT_EQUAL, (uint32_t)self);
	add_key(r);
}

/* Of native calls only: each rule costs every system call a look. The rest is left out when it has come. */
static void build_left_out(struct rules_rule *r, const struct rules_left_out *l)
{
	static const struct { uint64_t ops; uint32_t field; } asked[] = {
		[RULES_FOLDER] = { IN_FOLDER, AUDIT_DIR },
		[RULES_DEVICE] = { OF_DEVICE, AUDIT_WATCH },
		[RULES_EXECUTABLE] = { FILES | OPS(OPEN) | NETWORK, AUDIT_EXE },
	};

	*r = (struct rules_rule){ .data = { .flags = AUDIT_FILTER_EXIT | AUDIT_FILTER_PREPEND, .action = AUDIT_NEVER } };
	add_field(r, AUDIT_ARCH, AUDIT_EQUAL, tables[0]);
	add_calls(r, asked[l->what].ops, ANY_PLACE, tables[0]);
	add_string(r, asked[l->what].field, (struct span){ l->path, strnlen(l->path, RULES_PATH) });
	add_key(r);
}

static uint64_t asked_for(const struct rules_wish *w)
{
	uint64_t ops = ~UINT64_C(0);

	if (w->off >> EVENT_FILE & 1)
		ops &= ~(FILES | OPS(OPEN));
	if (w->off >> EVENT_NETWORK & 1)
		ops &= ~NETWORK;
	if (w->off >> EVENT_DRIVER & 1)
		ops &= ~DRIVERS;
	return ops;
}

size_t rules_build(const struct rules_wish *w, struct rules_rule rules[RULES_MAX])
{
	uint64_t ops = asked_for(w), by_users = w->n_users ? FILES | OPS(OPEN) | NETWORK : 0;
	size_t n = 0;

	build_self(&rules[n++], w->self);
	for (size_t i = 0; w->alone && i < w->n_left_out; i++)
		build_left_out(&rules[n++], &w->left_out[i]);
	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (size_t g = 0; g < ARRAY_LEN(groups) && n + 2 <= RULES_MAX; g++) {
			if (groups[g].sendto && !w->sendto)
				continue;
			n += build_group(&rules[n], &groups[g], ops & ~by_users, tables[t], NULL);
			n += build_group(&rules[n], &groups[g], ops & by_users, tables[t], w);
		}
	return n;
}

static int send_rule(int fd, int type, const struct audit_rule_data *rule)
{
	return netlink_request(fd, type, rule, sizeof(*rule) + rule->buflen);
}

/* That for our own process is the only one of these that must be there. */
static bool is_left_out(const struct audit_rule_data *rule)
{
	for (uint32_t i = 0; i < rule->field_count && i < AUDIT_MAX_FIELDS; i++)
		if (rule->action == AUDIT_NEVER && rule->fields[i] == AUDIT_PID)
			return false;
	return rule->action == AUDIT_NEVER;
}

/* Is it an error that a rule was not taken? Not that it is there already, nor a 32-bit table that this kernel was built
 * without. */
static bool is_refused(const struct rules_rule *rule, int error)
{
	return error < 0 && error != -EEXIST && error != -EINVAL && !is_left_out(&rule->data);
}

int rules_add(int fd, const struct rules_wish *w)
{
	AUTO_FREE struct rules_rule *rules = calloc(RULES_MAX, sizeof(*rules));
	size_t n;

	if (!rules)
		return -ENOMEM;
	n = rules_build(w, rules);
	for (size_t i = 0; i < n; i++) {
		int r = send_rule(fd, AUDIT_ADD_RULE, &rules[i].data);

		if (is_refused(&rules[i], r) || (i == 0 && r == -EINVAL)) {
			rules_remove(fd);
			return r;
		}
	}
	return 0;
}

static bool has_rule(const struct rules_rule *rules, size_t n, const struct rules_rule *rule)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(&rules[i], rule, sizeof(*rule)) == 0)
			return true;
	return false;
}

/* Sends those of `rules` that `others` have not; what the kernel has already, or has no longer, is no error. */
static int send_missing(int fd, int type, const struct rules_rule *rules, size_t n, const struct rules_rule *others,
                        size_t n_others)
{
	struct rules_rule rule;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		if (has_rule(others, n_others, &rules[i]))
			continue;
		rule = rules[i];
		if (type == AUDIT_DEL_RULE) /* the kernel keeps rules without it, and would not find them */
			rule.data.flags &= ~(uint32_t)AUDIT_FILTER_PREPEND;
		r = send_rule(fd, type, &rule.data);
		if (r == -ENOENT || !is_refused(&rules[i], r))
			r = 0;
	}
	return r;
}

int rules_change(int fd, const struct rules_wish *from, const struct rules_wish *to)
{
	AUTO_FREE struct rules_rule *old = calloc(2 * RULES_MAX, sizeof(*old));
	struct rules_present present;
	struct rules_rule *new = old + RULES_MAX;
	size_t n_old, n_new;
	int r;

	if (!old)
		return -ENOMEM;
	n_old = rules_build(from, old);
	n_new = rules_build(to, new);
	r = send_missing(fd, AUDIT_ADD_RULE, new, n_new, old, n_old);
	if (r == 0)
		r = send_missing(fd, AUDIT_DEL_RULE, old, n_old, new, n_new);
	if (r == 0)
		r = rules_list(fd, &present);
	return r < 0 ? r : (int)present.ours;
}

bool rules_is_ours(const struct audit_rule_data *rule, size_t n)
{
	struct span buf = { rule->buf, rule->buflen };

	if (n < sizeof(*rule) || rule->buflen > n - sizeof(*rule) || rule->field_count > AUDIT_MAX_FIELDS)
		return false;
	for (uint32_t i = 0; i < rule->field_count; i++) {
		uint32_t length = rule->values[i];

		switch (rule->fields[i]) { /* those whose value is the length of a string in buf */
		case AUDIT_SUBJ_USER: case AUDIT_SUBJ_ROLE: case AUDIT_SUBJ_TYPE: case AUDIT_SUBJ_SEN: case AUDIT_SUBJ_CLR:
		case AUDIT_OBJ_USER: case AUDIT_OBJ_ROLE: case AUDIT_OBJ_TYPE: case AUDIT_OBJ_LEV_LOW:
		case AUDIT_OBJ_LEV_HIGH: case AUDIT_WATCH: case AUDIT_DIR: case AUDIT_EXE: case AUDIT_FILTERKEY:
			break;
		default:
			continue;
		}
		if (length > buf.n)
			return false;
		if (rule->fields[i] == AUDIT_FILTERKEY && span_eq((struct span){ buf.p, length }, SPAN(RULES_KEY)))
			return true;
		buf.p += length;
		buf.n -= length;
	}
	return false;
}

/* ---- what the kernel has ---- */

struct copied_rules {
	struct rules_rule *rules;
	size_t n, cap;
};

/* A rules_rule holds any of our own rules; anything larger is not from us. */
static int copy_ours(const struct audit_rule_data *rule, size_t n, void *data)
{
	struct copied_rules *c = data;

	if (!rules_is_ours(rule, n) || rule->buflen > sizeof(c->rules->buf))
		return 0;
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : RULES_MAX;
		struct rules_rule *more = reallocarray(c->rules, cap, sizeof(*more));

		if (!more)
			return -ENOMEM;
		c->rules = more;
		c->cap = cap;
	}
	memcpy(&c->rules[c->n++], rule, sizeof(*rule) + rule->buflen);
	return 0;
}

int rules_remove(int fd)
{
	struct copied_rules c = { NULL, 0, 0 };
	int r = netlink_rules(fd, copy_ours, &c), removed = 0;

	for (size_t i = 0; r == 0 && i < c.n; i++) {
		r = send_rule(fd, AUDIT_DEL_RULE, &c.rules[i].data);
		if (r == -ENOENT)
			r = 0;
		removed += r == 0;
	}
	free(c.rules);
	return r < 0 ? r : removed;
}

static int count_rule(const struct audit_rule_data *rule, size_t n, void *data)
{
	struct rules_present *p = data;

	if (rules_is_ours(rule, n) && is_left_out(rule))
		p->left_out++;
	else if (rules_is_ours(rule, n))
		p->ours++;
	else
		p->others++;
	if (rule->action == AUDIT_NEVER && (rule->flags & ~(unsigned)AUDIT_FILTER_PREPEND) == AUDIT_FILTER_TASK)
		p->never_task = true;
	return 0;
}

int rules_list(int fd, struct rules_present *ret)
{
	struct rules_present p = { 0 };
	int r = netlink_rules(fd, count_rule, &p);

	if (r == 0)
		*ret = p;
	return r;
}
