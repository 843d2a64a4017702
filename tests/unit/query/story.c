#include "tests/unit/query/story.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <regex.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "recorder/query/reader-db.h"
#include "recorder/store/store.h"
#include "recorder/store/vault.h"

#define CHECK(x) do { if (!(x)) { fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x); abort(); } } while (0)

/* ---- making one ---- */

static const char *const paths[] = {
	"/usr/bin/curl", "/usr/bin/Curl", "/usr/sbin/sshd", "/tmp/x.sh", "/tmp/X.SH", "/tmp/.hidden", "/", "relative", "/a",
	"/tmp/dir/", "/home/ann/caf\xc3\xa9.txt", "/tmp/\xff\xfe", "/var/lib/a-very-long-program-name", "/usr/bin/7z",
};
static const char *const commands[] = {
	"curl -s http://x/y", "sshd: ann", "", "CURL -S", "sh -c 'a b'", "x.sh 1 2 3", "a\xff",
};
static const char *const names[] = { "curl", "root", "ann", "pts0", "sshd", "a-very-long-pro", "Ann" };
static const char *const addresses[] = {
	"127.0.0.1", "10.1.2.3", "::1", "2001:db8::7", "::ffff:10.1.2.3", "192.0.2.9", "/run/x.sock", "/run/X.sock",
};
/* Control groups, each with what it says. */
static const struct {
	const char *path, *container, *unit;
} cgroups[] = {
	{ "/", NULL, NULL }, { "/system.slice/ssh.service", NULL, "ssh.service" },
	{ "/docker/" STORY_SHA256, STORY_SHA256, NULL },
	{ "/system.slice/docker-" STORY_SHA256 ".scope", STORY_SHA256, "docker-" STORY_SHA256 ".scope" },
	{ "/lxc.payload.Ann/x.service", "Ann", "x.service" }, { "/user.slice/user-0.slice", NULL, NULL },
};

static const char *const values[] = { /* what conditions ask for */
	"/usr/bin/curl", "/USR/bin/curl", "curl", "CURL", "tmp", "/tmp", "/tmp/x.sh", "x.sh", "sh", "", "/", "relative",
	"ann", "Ann", "root", "caf\xc3\xa9", "\xff", "127.0.0.1", "/run/x.sock", "host-1", "pts0", "a-very-long-pro", STORY_MD5,
	"E3B0", "boot-0", "curl -s", "7z", "a-very-long-program-name", "/usr/bin", "ssh.service", STORY_SHA256, "docker",
};
static const int actions[] = {
	100, 101, 102, 103, 104, 105, 200, 201, 202, 203, 204, 205, 206, 300, 301, 302, 303, 304, 305, 400, 402, 403, 404,
	405, 406, 407, 500, 600, 999,
};

#define PICK(s, list) span_of((list)[random_below(&(s)->random, ARRAY_LEN(list))])
#define CHANCE(s, n) (random_below(&(s)->random, n) == 0)

static struct span maybe(struct story *s, struct span v)
{
	return CHANCE(s, 5) ? SPAN_NONE : v;
}

static int64_t small(struct story *s)
{
	return (int64_t)random_below(&s->random, 12) - 1;
}

static int64_t some_time(struct story *s)
{
	int64_t minute = (int64_t)random_below(&s->random, 45);

	/* Some minutes are empty, some are crowded. */
	minute = CHANCE(s, 3) ? minute : minute / 9 * 9;
	return STORY_FROM + minute * 60000 + (int64_t)random_below(&s->random, CHANCE(s, 2) ? 60000 : 5);
}

static void make_process(struct story *s, size_t i)
{
	struct process_start *p = &s->processes[i];

	*p = (struct process_start){ .id = (int64_t)i + 1, .boot = 1 + (int64_t)(i % STORY_BOOTS),
		.pid = 1 + (int64_t)random_below(&s->random, 30), .start_ms = some_time(s), .start_known = !CHANCE(s, 4),
		.ns_pid = CHANCE(s, 3) ? (int64_t)random_below(&s->random, 9) : 0, .origin = PROCESS_EXEC };
	if (i && !CHANCE(s, 4))
		p->parent_image = 1 + (int64_t)random_below(&s->random, i < STORY_IMAGES ? i : STORY_IMAGES);
	else
		p->parent_pid = (int64_t)random_below(&s->random, 5);
	s->ends[i] = (struct process_end){ p->id, CHANCE(s, 3) ? 0 : p->start_ms + 1000 * (int64_t)random_below(&s->random, 900),
		(int32_t)small(s), CHANCE(s, 4) ? 9 : 0 };
}

static void make_image(struct story *s, size_t i)
{
	int64_t process = i < STORY_PROCESSES ? (int64_t)i + 1 : 1 + (int64_t)random_below(&s->random, STORY_PROCESSES);

	s->images[i] = (struct image_start){ .id = (int64_t)i + 1, .process = process,
		.start_ms = s->processes[process - 1].start_ms + (int64_t)i * 7, .origin = PROCESS_EXEC,
		.executable = maybe(s, PICK(s, paths)), .comm = maybe(s, PICK(s, names)),
		.command_line = maybe(s, PICK(s, commands)), .cwd = maybe(s, PICK(s, paths)),
		.who = { small(s), small(s), small(s), small(s), small(s), small(s), maybe(s, PICK(s, names)),
		         maybe(s, PICK(s, names)), maybe(s, PICK(s, names)),
		         maybe(s, span_of(cgroups[random_below(&s->random, ARRAY_LEN(cgroups))].path)) } };
	s->hashed[i] = CHANCE(s, 3);
}

static void make_event(struct story *s, size_t i)
{
	struct story_event *ev = &s->events[i];
	struct event *e = &ev->e;

	*e = (struct event){ .time_ms = some_time(s), .serial = i + 1, .action = (enum event_action)actions[random_below(
		&s->random, ARRAY_LEN(actions))], .flags = CHANCE(s, 6) ? EVENT_FLAG_PARTIAL : CHANCE(s, 4) ? EVENT_FLAG_READ : 0 };
	e->image = CHANCE(s, 8) ? 0 : 1 + (int64_t)random_below(&s->random, STORY_IMAGES);
	e->result = CHANCE(s, 3) ? (int32_t)random_below(&s->random, 20) : 0;
	e->port = (int32_t)random_below(&s->random, 12);
	e->port2 = (int32_t)random_below(&s->random, 12);
	if (event_action_category((int)e->action) == EVENT_NETWORK) {
		e->flags |= (int32_t)random_below(&s->random, 8) * EVENT_FLAG_TCP;
		e->result = e->action == ACTION_NETWORK_DISCONNECT ? (int32_t)random_below(&s->random, 9) - 1 : e->result;
		e->object = maybe(s, PICK(s, addresses));
		e->object2 = maybe(s, PICK(s, addresses));
	} else {
		e->object = maybe(s, PICK(s, paths));
		if (e->action == ACTION_FILE_RENAME || e->action == ACTION_FILE_LINK)
			e->object2 = PICK(s, paths);
	}
	for (size_t k = 0; k < STORY_DETAILS && CHANCE(s, 3); k++)
		ev->details[e->n_details++] = (struct event_detail){ (enum detail_field)(DETAIL_REASON + k * 4), PICK(s, names) };
	e->details = ev->details;
}

static struct item *add(struct batch *b, enum item_type type)
{
	struct item *i = batch_add(b, type);

	CHECK(i);
	return i;
}

static void write_story(struct story *s)
{
	struct batch *b = batch_new();
	struct store *store = NULL;
	char *error = NULL;

	CHECK(b && store_open(s->path, STORE_CREATE | STORE_IMPORT, &store, &error) == 0);
	for (size_t i = 0; i < STORY_BOOTS; i++)
		add(b, ITEM_BOOT)->boot = s->boots[i];
	for (size_t i = 0; i < STORY_PROCESSES; i++)
		add(b, ITEM_PROCESS)->process = s->processes[i];
	for (size_t i = 0; i < STORY_IMAGES; i++)
		add(b, ITEM_IMAGE)->image = s->images[i];
	for (size_t i = 0; i < STORY_EVENTS; i++)
		add(b, ITEM_EVENT)->event = s->events[i].e;
	for (size_t i = 0; i < STORY_PROCESSES; i++)
		if (s->ends[i].time_ms)
			add(b, ITEM_END)->end = s->ends[i];
	add(b, ITEM_GAP)->gap = (struct gap){ STORY_FROM, STORY_FROM + 1000, GAP_KERNEL_LOST, 7 };
	CHECK(store_write(store, b) == 0 && store_close(store) == 0);
	batch_free(b);
}

/* What the store does not write yet: hashes and collated rows; and which ids the events got. */
static void finish(struct story *s)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *row = NULL;
	char sql[300];

	CHECK(sqlite3_open(s->path, &db) == SQLITE_OK);
	CHECK(sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL) == SQLITE_OK);
	CHECK(sqlite3_exec(db, "INSERT INTO file_hash VALUES(1, x'" STORY_MD5 "', x'" STORY_SHA256 "', 0);"
	                   "UPDATE event SET count = 5, span_ms = 30 WHERE id IN (SELECT id FROM v_event WHERE serial % 7 = 0);"
	                   "DELETE FROM rollup; "
	                   "INSERT INTO rollup SELECT (id >> 14) / 60000, action, sum(coalesce(count, 1)), count(*) FROM event "
	                   "GROUP BY 1, 2", NULL, NULL, NULL) == SQLITE_OK);
	for (size_t i = 0; i < STORY_IMAGES; i++) {
		snprintf(sql, sizeof(sql), "UPDATE image SET hash = 1 WHERE id = %zu", i + 1);
		CHECK(!s->hashed[i] || sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
	}
	CHECK(sqlite3_prepare_v2(db, "SELECT id, serial, count FROM v_event", -1, &row, NULL) == SQLITE_OK);
	while (sqlite3_step(row) == SQLITE_ROW) {
		struct story_event *e = &s->events[sqlite3_column_int64(row, 1) - 1];

		e->id = sqlite3_column_int64(row, 0);
		e->count = sqlite3_column_int64(row, 2);
	}
	sqlite3_finalize(row);
	CHECK(sqlite3_close(db) == SQLITE_OK);
}

struct story *story_new(uint64_t seed)
{
	struct story *s = calloc(1, sizeof(*s));
	int fd;

	CHECK(s);
	s->random = (struct random_expr){ .state = seed * 2654435761u + 1, .texts = values, .n_texts = ARRAY_LEN(values),
		.numbers = 40, .times_from = STORY_FROM, .times_to = STORY_TO, .tame = true };
	snprintf(s->path, sizeof(s->path), "/tmp/spoor-story-XXXXXX");
	fd = mkstemp(s->path);
	CHECK(fd >= 0 && close(fd) == 0 && unlink(s->path) == 0);
	for (size_t i = 0; i < STORY_BOOTS; i++)
		s->boots[i] = (struct boot_seen){ (int64_t)i + 1, i ? SPAN("host-1") : SPAN("host-0"),
			i ? SPAN_NONE : SPAN("boot-0"), STORY_FROM };
	for (size_t i = 0; i < STORY_PROCESSES; i++)
		make_process(s, i);
	for (size_t i = 0; i < STORY_IMAGES; i++)
		make_image(s, i);
	for (size_t i = 0; i < STORY_EVENTS; i++)
		make_event(s, i);
	write_story(s);
	finish(s);
	return s;
}

void story_free(struct story *s)
{
	unlink(s->path);
	free(s);
}

/* ---- the values of a field ---- */

struct value {
	struct span text;
	int64_t number;
};
struct values {
	struct value v[3];
	size_t n;
};

static void text(struct values *to, struct span s)
{
	if (s.p)
		to->v[to->n++] = (struct value){ s, 0 };
}

static void number(struct values *to, int64_t n, bool present)
{
	if (present)
		to->v[to->n++] = (struct value){ SPAN_NONE, n };
}

static struct span part_of_cgroup(struct span path, enum field_part part)
{
	for (size_t i = 0; i < ARRAY_LEN(cgroups); i++)
		if (span_eq(path, span_of(cgroups[i].path)))
			return span_of(part == PART_UNIT ? cgroups[i].unit : cgroups[i].container);
	abort();
}

static struct span part_of(struct span path, enum field_part part)
{
	size_t slash = path.n, dot;
	struct span name = path;

	if (part == PART_WHOLE || !path.p)
		return path;
	while (slash > 0 && path.p[slash - 1] != '/')
		slash--;
	if (part == PART_CONTAINER || part == PART_UNIT)
		return part_of_cgroup(path, part);
	name = (struct span){ path.p + slash, path.n - slash };
	if (part == PART_DIRECTORY)
		return slash == 0 ? SPAN_NONE : (struct span){ path.p, slash == 1 ? 1 : slash - 1 };
	if (name.n == 0)
		return SPAN_NONE;
	if (part == PART_NAME)
		return name;
	dot = name.n;
	while (dot > 0 && name.p[dot - 1] != '.')
		dot--;
	return dot <= 1 || dot == name.n ? SPAN_NONE : (struct span){ name.p + dot, name.n - dot };
}

static bool is_ip(struct span s, bool *ret_v6, unsigned char out[16])
{
	char z[64];
	static const unsigned char mapped[12] = { [10] = 255, [11] = 255 };

	if (!s.p || s.n >= sizeof(z))
		return false;
	memset(out, 0, 16);
	memcpy(z, s.p, s.n);
	z[s.n] = 0;
	*ret_v6 = false;
	if (inet_pton(AF_INET, z, out) == 1)
		return true;
	if (inet_pton(AF_INET6, z, out) != 1)
		return false;
	*ret_v6 = memcmp(out, mapped, 12) != 0;
	if (!*ret_v6) {
		memmove(out, out + 12, 4);
		memset(out + 4, 0, 12);
	}
	return true;
}

static void network_types(struct values *to, struct span address)
{
	unsigned char bytes[16];
	bool v6;

	if (address.p)
		number(to, !is_ip(address, &v6, bytes) ? NETWORK_UNIX : v6 ? NETWORK_IPV6 : NETWORK_IPV4, true);
}

static void network_values(const struct event *e, enum field_source field, struct values *to)
{
	int action = (int)e->action;
	bool ended = action == 304, accept = action == 303 || (ended && (e->flags & EVENT_FLAG_ACCEPTED));
	bool net = action / 100 == 3;
	struct span source = accept ? e->object : e->object2, destination = accept ? e->object2 : e->object;

	switch (field) {
	case SOURCE_NET_SOURCE: text(to, net || (action >= 400 && action <= 402) ? source : SPAN_NONE); break;
	case SOURCE_NET_DESTINATION: text(to, net ? destination : SPAN_NONE); break;
	case SOURCE_NET_SOURCE_PORT: number(to, accept ? e->port : e->port2, net && (accept ? e->port : e->port2)); break;
	case SOURCE_NET_DESTINATION_PORT: number(to, accept ? e->port2 : e->port, net && (accept ? e->port2 : e->port)); break;
	case SOURCE_NET_DIRECTION:
		number(to, accept ? DIRECTION_INGRESS : DIRECTION_EGRESS,
		       accept || (ended && e->image) || (action >= 300 && action <= 302));
		break;
	case SOURCE_NET_TRANSPORT:
		number(to, e->flags & EVENT_FLAG_TCP ? TRANSPORT_TCP : TRANSPORT_UDP,
		       net && (e->flags & (EVENT_FLAG_TCP | EVENT_FLAG_UDP)));
		break;
	case SOURCE_DURATION: number(to, e->result * INT64_C(1000000), ended && e->result >= 0); break;
	case SOURCE_NET_TYPE:
		network_types(to, net ? e->object : SPAN_NONE);
		network_types(to, net ? e->object2 : SPAN_NONE);
		break;
	default: CHECK(!"an event's source");
	}
}

static void event_values(const struct story_event *ev, const struct field_def *d, struct values *to)
{
	const struct event *e = &ev->e;
	int action = (int)e->action, category = action / 100;
	bool ended = action == 304, file = category == 2 || action == 103;
	int failure = action == 103 || action == 302 || (action != 101 && !ended && e->result != 0);

	switch (d->source) {
	case SOURCE_EVENT_TIME: number(to, e->time_ms, true); break;
	case SOURCE_EVENT_ID: number(to, ev->id, true); break;
	case SOURCE_EVENT_CATEGORY: number(to, category, true); break;
	case SOURCE_EVENT_ACTION: number(to, action, true); break;
	case SOURCE_EVENT_OUTCOME:
		number(to, action == 300 ? OUTCOME_UNKNOWN : failure ? OUTCOME_FAILURE : OUTCOME_SUCCESS, true);
		break;
	case SOURCE_EVENT_COUNT: number(to, ev->count, true); break;
	case SOURCE_EVENT_SERIAL: number(to, (int64_t)e->serial, true); break;
	case SOURCE_EVENT_PARTIAL: number(to, (e->flags & EVENT_FLAG_PARTIAL) != 0, true); break;
	case SOURCE_EVENT_PROVIDER: number(to, action == 402 ? PROVIDER_BTMP : PROVIDER_WTMP, e->flags & EVENT_FLAG_READ); break;
	case SOURCE_ERROR_CODE: number(to, e->result, action != 101 && !ended && e->result); break;
	case SOURCE_FILE:
		text(to, part_of(file ? e->object : SPAN_NONE, d->part));
		text(to, part_of(file ? e->object2 : SPAN_NONE, d->part));
		break;
	case SOURCE_FILE_TARGET: text(to, category == 2 ? e->object2 : SPAN_NONE); break;
	case SOURCE_DRIVER:
		text(to, part_of(category == 5 ? e->object : SPAN_NONE, d->part));
		text(to, part_of(category == 5 ? e->object2 : SPAN_NONE, d->part));
		break;
	case SOURCE_TARGET_USER:
		text(to, action == 403 ? e->object2 : action >= 400 && action <= 404 ? e->object : SPAN_NONE);
		break;
	case SOURCE_OBJECT:
		text(to, action == 104 || action == 105 || action == 403 || (action >= 405 && action <= 499) ? e->object :
		                                                                         SPAN_NONE);
		break;
	case SOURCE_OPERATION: text(to, action == 404 || action == 405 || action == 407 ? e->object2 : SPAN_NONE); break;
	case SOURCE_ATTRIBUTE: number(to, e->port - 1, action == 205 && e->port); break;
	case SOURCE_TARGET_PID: number(to, e->port, action == 104 && e->port); break;
	case SOURCE_REGISTRY: text(to, category == 6 ? e->object : SPAN_NONE); break;
	case SOURCE_DETAIL:
		for (size_t i = 0; i < e->n_details; i++)
			if ((int)ev->details[i].field == d->detail)
				text(to, ev->details[i].value);
		break;
	default: network_values(e, d->source, to);
	}
}

static void image_values(const struct story *s, const struct image_start *im, const struct field_def *d,
                         struct values *to)
{
	const struct process_start *p = &s->processes[im->process - 1];
	const struct process_end *end = &s->ends[im->process - 1];
	struct span name = part_of(im->executable, PART_NAME), cut = name;
	const struct credentials *w = &im->who;

	cut.n = cut.n > 15 ? 15 : cut.n;
	switch (d->source) {
	case SOURCE_IMAGE_ID: number(to, im->id, true); break;
	case SOURCE_EXECUTABLE: text(to, im->executable); break;
	case SOURCE_PROCESS_NAME:
		text(to, name);
		if (!name.p || !span_eq(cut, im->comm))
			text(to, im->comm);
		break;
	case SOURCE_COMMAND_LINE: text(to, im->command_line); break;
	case SOURCE_CWD: text(to, im->cwd); break;
	case SOURCE_MD5: text(to, s->hashed[im->id - 1] ? SPAN(STORY_MD5) : SPAN_NONE); break;
	case SOURCE_SHA256: text(to, s->hashed[im->id - 1] ? SPAN(STORY_SHA256) : SPAN_NONE); break;
	case SOURCE_PROCESS_ID: case SOURCE_PARENT_ID: number(to, im->process, true); break;
	case SOURCE_PID: case SOURCE_PARENT_PID: number(to, p->pid, true); break;
	case SOURCE_NS_PID: number(to, p->ns_pid, p->ns_pid != 0); break;
	case SOURCE_START: number(to, p->start_ms, true); break;
	case SOURCE_END: number(to, end->time_ms, end->time_ms != 0); break;
	case SOURCE_EXIT_CODE: number(to, end->exit_code, end->time_ms && end->exit_code >= 0); break;
	case SOURCE_SIGNAL: number(to, end->signal, end->time_ms && end->signal); break;
	case SOURCE_INTERACTIVE: number(to, w->tty.p != NULL, true); break;
	case SOURCE_UID: number(to, w->uid, w->uid != -1); break;
	case SOURCE_EUID: number(to, w->euid, w->euid != -1); break;
	case SOURCE_GID: number(to, w->gid, w->gid != -1); break;
	case SOURCE_EGID: number(to, w->egid, w->egid != -1); break;
	case SOURCE_AUID: number(to, w->auid, w->auid != -1); break;
	case SOURCE_SESSION: number(to, w->session, w->session != -1); break;
	case SOURCE_USER_NAME: text(to, w->user); break;
	case SOURCE_AUDIT_USER_NAME: text(to, w->audit_user); break;
	case SOURCE_TTY: text(to, w->tty); break;
	case SOURCE_CGROUP: text(to, part_of(w->cgroup, d->part)); break;
	case SOURCE_HOST: text(to, s->boots[p->boot - 1].host); break;
	case SOURCE_BOOT_ID: text(to, s->boots[p->boot - 1].boot_id); break;
	default: CHECK(!"an image's source");
	}
}

static void values_of(const struct story *s, const struct story_event *ev, const struct field *f, struct values *to)
{
	enum field_source source = field_def(f)->source;
	const struct image_start *im = ev->e.image ? &s->images[ev->e.image - 1] : NULL;
	const struct process_start *p = im ? &s->processes[im->process - 1] : NULL;

	to->n = 0;
	if (f->level == FIELD_OF_EVENT || f->level == FIELD_OF_DETAIL)
		event_values(ev, field_def(f), to);
	else if (im && f->level == FIELD_OF_IMAGE)
		image_values(s, im, field_def(f), to);
	else if (p && p->parent_image)
		image_values(s, &s->images[p->parent_image - 1], field_def(f), to);
	else if (p && source == SOURCE_PARENT_PID)
		number(to, p->parent_pid, p->parent_pid != 0);
}

/* ---- conditions ---- */

static bool same(char a, char b, bool cased)
{
	return cased ? a == b : tolower((unsigned char)a) == tolower((unsigned char)b);
}

static bool same_at(struct span s, size_t at, struct span v, bool cased)
{
	for (size_t i = 0; i < v.n; i++)
		if (at + i >= s.n || !same(s.p[at + i], v.p[i], cased))
			return false;
	return true;
}

static bool pattern_matches(struct span s, struct span pattern, bool cased)
{
	char subject[128];
	regex_t r;
	bool found;

	CHECK(s.n < sizeof(subject) && regcomp(&r, pattern.p, REG_EXTENDED | REG_NOSUB | (cased ? 0 : REG_ICASE)) == 0);
	memcpy(subject, s.p, s.n);
	subject[s.n] = 0;
	found = regexec(&r, subject, 0, NULL, 0) == 0;
	regfree(&r);
	return found;
}

static bool text_fulfils(enum expr_op op, struct span s, struct span v, bool cased)
{
	switch (op) {
	case EXPR_STARTSWITH: return same_at(s, 0, v, cased);
	case EXPR_ENDSWITH: return s.n >= v.n && same_at(s, s.n - v.n, v, cased);
	case EXPR_MATCHES: return pattern_matches(s, v, cased);
	case EXPR_CONTAINS:
		for (size_t at = 0; at <= s.n; at++)
			if (same_at(s, at, v, cased))
				return true;
		return false;
	default: return s.n == v.n && same_at(s, 0, v, cased);
	}
}

static bool address_fulfils(struct span s, struct span v)
{
	unsigned char a[16], b[16];
	const char *slash = memchr(v.p, '/', v.n);
	bool a6, b6;
	int bits;

	if (!is_ip(s, &a6, a) || !is_ip((struct span){ v.p, slash ? (size_t)(slash - v.p) : v.n }, &b6, b) || a6 != b6)
		return false;
	bits = slash ? (int)strtol(slash + 1, NULL, 10) : a6 ? 128 : 32;
	for (int i = 0; i < bits; i++)
		if ((a[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static bool number_fulfils(enum expr_op op, int64_t n, int64_t v)
{
	switch (op) {
	case EXPR_LT: return n < v;
	case EXPR_LE: return n <= v;
	case EXPR_GT: return n > v;
	case EXPR_GE: return n >= v;
	default: return n == v;
	}
}

static bool fulfils(const struct expr *e, const struct value *value)
{
	for (size_t i = 0; i < e->n_values; i++) {
		const struct expr_value *v = &e->values[i];
		bool ok;

		if (e->field->type == FIELD_TEXT)
			ok = text_fulfils(e->op, value->text, v->text, e->cased);
		else if (e->field->type == FIELD_ADDRESS)
			ok = address_fulfils(value->text, v->text);
		else
			ok = number_fulfils(e->op, value->number, v->number);
		if (ok)
			return true;
	}
	return false;
}

static bool condition(const struct story *s, const struct expr *e, const struct story_event *ev)
{
	unsigned char bytes[16];
	struct values values_here;
	bool any = false, v6;

	values_of(s, ev, e->field, &values_here);
	for (size_t i = 0; i < values_here.n; i++) {
		if (e->op != EXPR_EXISTS)
			any = any || fulfils(e, &values_here.v[i]);
		else
			any = any || e->field->type != FIELD_ADDRESS || is_ip(values_here.v[i].text, &v6, bytes);
	}
	return e->op == EXPR_NE ? !any : any;
}

bool story_matches(const struct story *s, const struct expr *e, size_t i)
{
	switch (e->op) {
	case EXPR_ALL:
		return true;
	case EXPR_NOT:
		return !story_matches(s, e->kids[0], i);
	case EXPR_AND:
		for (size_t k = 0; k < e->n_kids; k++)
			if (!story_matches(s, e->kids[k], i))
				return false;
		return true;
	case EXPR_OR:
		for (size_t k = 0; k < e->n_kids; k++)
			if (story_matches(s, e->kids[k], i))
				return true;
		return false;
	default:
		return condition(s, e, &s->events[i]);
	}
}

struct reader *story_open_reader(const struct story *s)
{
	AUTO_FREE char *error = NULL;
	struct sqlite3 *db = NULL;
	struct reader *r;

	CHECK(vault_open(s->path, 0, NULL, NULL, NULL, &db, &error) == 0);
	r = reader_open_db(db);
	CHECK(r);
	return r;
}
