#include "recorder/wtmp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"

/* struct utmp of glibc (bits/utmp.h), which is what these files hold whatever the C library of the reader: short type,
 * int pid, char line[32], id[4], user[32], host[256], two shorts of exit status, session, time, address, 20 bytes.
 * Session and time have 32 bits where glibc also runs 32-bit programs of that kind (__WORDSIZE_TIME64_COMPAT32: x86-64,
 * ppc64, s390x), else 64. */
enum { AT_TYPE = 0, AT_PID = 4, AT_LINE = 8, AT_USER = 44, AT_HOST = 76, AT_SESSION = 336, ADDRESS = 16, UNUSED = 20 };
#if defined(__x86_64__) || defined(__powerpc64__) || defined(__s390x__) || defined(__i386__)
enum { WIDE = 4 };
#else
enum { WIDE = 8 };
#endif
enum { AT_SECONDS = AT_SESSION + WIDE, AT_MICROSECONDS = AT_SECONDS + WIDE, AT_ADDRESS = AT_MICROSECONDS + WIDE };
enum { RECORD = (AT_ADDRESS + ADDRESS + UNUSED + WIDE - 1) / WIDE * WIDE };
_Static_assert(WIDE == 8 || RECORD == 384, "utmp(5)");
_Static_assert(WIDE == 4 || RECORD == 400, "utmp(5)");

enum { BOOT_TIME = 2, LOGIN_PROCESS = 6, USER_PROCESS = 7, DEAD_PROCESS = 8, RUN_LEVEL = 1 };
enum { CHUNK = 64, SESSIONS_MAX = 256 };

size_t wtmp_record_size(void)
{
	return RECORD;
}

static int64_t number_at(const unsigned char *at, size_t size)
{
	int64_t wide;
	int32_t narrow;

	if (size == sizeof(wide)) {
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, at, sizeof(narrow));
	return narrow;
}

void wtmp_record_parse(const unsigned char *bytes, struct wtmp_record *ret)
{
	int64_t seconds = number_at(bytes + AT_SECONDS, WIDE), micro = number_at(bytes + AT_MICROSECONDS, WIDE);
	int16_t type;

	memcpy(&type, bytes + AT_TYPE, sizeof(type));
	if (WIDE == 4)
		seconds = (uint32_t)seconds; /* until 2106 */
	if (seconds < 0 || seconds > CLOCK_MAX / MS_PER_SEC)
		seconds = 0;
	ret->type = type;
	ret->pid = number_at(bytes + AT_PID, 4);
	ret->time_ms = seconds * MS_PER_SEC + (micro >= 0 && micro < 1000000 ? micro / 1000 : 0);
	memcpy(ret->line, bytes + AT_LINE, sizeof(ret->line));
	memcpy(ret->user, bytes + AT_USER, sizeof(ret->user));
	memcpy(ret->host, bytes + AT_HOST, sizeof(ret->host));
	memcpy(ret->address, bytes + AT_ADDRESS, sizeof(ret->address));
}

/* ---- what a record says ---- */

static struct span text_of(const char *p, size_t room)
{
	size_t n = strnlen(p, room);

	return n ? (struct span){ p, n } : SPAN_NONE;
}
#define TEXT(field) text_of(field, sizeof(field))

/* An IPv4 address is in the first four bytes, the others are 0. */
static struct span address_of(const struct wtmp_record *r, struct arena *arena)
{
	static const unsigned char none[ADDRESS], mapped[12] = { [10] = 0xff, [11] = 0xff };
	const unsigned char *a = r->address;
	char text[INET6_ADDRSTRLEN];
	bool v4 = memcmp(a + 4, none, ADDRESS - 4) == 0;

	if (memcmp(a, none, ADDRESS) == 0)
		return SPAN_NONE;
	if (!v4 && memcmp(a, mapped, sizeof(mapped)) == 0) {
		v4 = true;
		a += sizeof(mapped);
	}
	return inet_ntop(v4 ? AF_INET : AF_INET6, a, text, sizeof(text)) ? arena_copy(arena, span_of(text)) : SPAN_NONE;
}

/* Terminals inside a session name their display or multiplexer where others name a host. */
static struct span host_of(const struct wtmp_record *r)
{
	struct span host = TEXT(r->host);

	return span_starts(host, SPAN(":")) || span_starts(host, SPAN("tmux(")) ? SPAN_NONE : host;
}

struct session { /* a logon whose end was not told yet */
	char line[sizeof(((struct wtmp_record *)NULL)->line)];
	int64_t pid;
	bool used;
	struct wtmp_entry entry; /* with its texts; the entry in the list may be out of the asked range */
	size_t at;               /* in the list; SIZE_MAX: not there */
};

struct reading {
	struct wtmp *to;
	int64_t from_ms, to_ms;
	bool failed_ones; /* btmp */
	struct session sessions[SESSIONS_MAX];
	size_t next;
	bool no_memory;
};

static size_t add(struct reading *r, const struct wtmp_entry *e)
{
	struct wtmp *w = r->to;

	if (e->time_ms < r->from_ms || e->time_ms >= r->to_ms)
		return SIZE_MAX;
	if (w->n == w->cap) {
		size_t cap = w->cap ? w->cap * 2 : 64;
		struct wtmp_entry *more = reallocarray(w->entries, cap, sizeof(*more));

		r->no_memory = !more;
		if (!more)
			return SIZE_MAX;
		w->entries = more;
		w->cap = cap;
	}
	w->entries[w->n] = *e;
	return w->n++;
}

static struct session *session_on(struct reading *r, const struct wtmp_record *rec)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *s = &r->sessions[i];

		if (s->used && (rec->line[0] ? memcmp(s->line, rec->line, sizeof(s->line)) == 0 : s->pid == rec->pid))
			return s;
	}
	return NULL;
}

static struct session *free_session(struct reading *r)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		if (!r->sessions[i].used)
			return &r->sessions[i];
	return &r->sessions[r->next++ % SESSIONS_MAX];
}

static struct wtmp_entry entry_of(struct reading *r, const struct wtmp_record *rec, enum event_action action)
{
	struct arena *arena = &r->to->arena;
	struct wtmp_entry e = { .action = action, .time_ms = rec->time_ms, .pid = rec->pid > 0 ? rec->pid : 0 };

	e.user = arena_copy(arena, TEXT(rec->user));
	e.terminal = arena_copy(arena, TEXT(rec->line));
	e.address = address_of(rec, arena);
	e.host = arena_copy(arena, host_of(rec));
	return e;
}

static void logged_in(struct reading *r, const struct wtmp_record *rec)
{
	struct session *s = session_on(r, rec); /* its end was not told: the terminal has another user now */

	if (!s)
		s = free_session(r);
	if (s->used && s->at != SIZE_MAX)
		r->to->entries[s->at].open = false;
	s->used = true;
	memcpy(s->line, rec->line, sizeof(s->line));
	s->pid = rec->pid;
	s->entry = entry_of(r, rec, ACTION_SECURITY_LOGIN);
	s->entry.open = true;
	s->at = add(r, &s->entry);
}

static void logged_out(struct reading *r, const struct wtmp_record *rec)
{
	struct session *s = session_on(r, rec);
	struct wtmp_entry e;

	if (!s) /* getty's, say */
		return;
	if (s->at != SIZE_MAX)
		r->to->entries[s->at].open = false;
	s->used = false;
	e = s->entry;
	e.action = ACTION_SECURITY_LOGOUT;
	e.open = false;
	if (rec->time_ms < e.time_ms)
		return;
	e.time_ms = rec->time_ms;
	add(r, &e);
}

/* The machine went down or came up: no session goes on. */
static void ended_all(struct reading *r)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		if (r->sessions[i].used && r->sessions[i].at != SIZE_MAX)
			r->to->entries[r->sessions[i].at].open = false;
		r->sessions[i].used = false;
	}
}

static void take(struct reading *r, const struct wtmp_record *rec)
{
	struct wtmp_entry e;

	if (r->failed_ones) {
		if (rec->type != USER_PROCESS && rec->type != LOGIN_PROCESS)
			return;
		e = entry_of(r, rec, ACTION_SECURITY_AUTHENTICATION);
		add(r, &e);
		return;
	}
	switch (rec->type) {
	case USER_PROCESS:
		if (rec->user[0])
			logged_in(r, rec);
		else
			logged_out(r, rec);
		break;
	case DEAD_PROCESS: logged_out(r, rec); break;
	case BOOT_TIME: ended_all(r); break;
	case RUN_LEVEL: /* shutdown is told as one */
		if (span_eq(TEXT(rec->user), SPAN("shutdown")))
			ended_all(r);
		break;
	default: break;
	}
}

/* ---- files ---- */

static void read_file(struct reading *r, const char *folder, const char *name)
{
	unsigned char chunk[CHUNK * RECORD];
	AUTO_CLOSE int fd = -1;
	struct wtmp_record rec;
	char path[512];
	struct stat st;
	int64_t at, n;
	ssize_t got;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	n = st.st_size / RECORD;
	at = n > WTMP_LOOKED_AT_MAX ? n - WTMP_LOOKED_AT_MAX : 0;
	while (at < n && !r->no_memory && (got = pread(fd, chunk, sizeof(chunk), at * RECORD)) >= RECORD) {
		for (ssize_t i = 0; i + RECORD <= got; i += RECORD, at++) {
			wtmp_record_parse(chunk + i, &rec);
			take(r, &rec);
		}
	}
}

/* The newest of those from `first` on. */
static void keep_newest(struct wtmp *w, size_t first)
{
	size_t n = w->n - first;

	if (n <= WTMP_ROWS_MAX)
		return;
	memmove(w->entries + first, w->entries + w->n - WTMP_ROWS_MAX, WTMP_ROWS_MAX * sizeof(*w->entries));
	w->n = first + WTMP_ROWS_MAX;
}

static int read_both(struct wtmp *w, const char *folder, const char *old, const char *name, bool failed_ones,
                     int64_t from_ms, int64_t to_ms)
{
	struct reading *r = calloc(1, sizeof(*r));
	size_t first = w->n;
	bool no_memory;

	if (!r)
		return -ENOMEM;
	*r = (struct reading){ .to = w, .from_ms = from_ms, .to_ms = to_ms, .failed_ones = failed_ones };
	read_file(r, folder, old);
	read_file(r, folder, name);
	no_memory = r->no_memory;
	free(r);
	keep_newest(w, first);
	return no_memory ? -ENOMEM : 0;
}

int wtmp_read(const char *folder, int64_t from_ms, int64_t to_ms, struct wtmp *ret)
{
	struct wtmp w = { .arena = ARENA_INIT };
	int r;

	if (from_ms < to_ms - WTMP_DAYS_MAX * MS_PER_DAY)
		from_ms = to_ms - WTMP_DAYS_MAX * MS_PER_DAY;
	r = read_both(&w, folder, "wtmp.1", "wtmp", false, from_ms, to_ms);
	if (r == 0)
		r = read_both(&w, folder, "btmp.1", "btmp", true, from_ms, to_ms);
	if (r < 0)
		wtmp_free(&w);
	else
		*ret = w;
	return r;
}

void wtmp_free(struct wtmp *w)
{
	free(w->entries);
	arena_free(&w->arena);
	*w = (struct wtmp){ .arena = ARENA_INIT };
}

int64_t wtmp_first_ms(const struct wtmp *w)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < w->n; i++)
		if (w->entries[i].time_ms < first)
			first = w->entries[i].time_ms;
	return first;
}
