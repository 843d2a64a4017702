#include "recorder/source.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"

enum {
	TWICE_MS = 5000,  /* how long after a change a record may come a second time */
	YIELD_MS = 30000, /* how long whoever asked for the socket has to take it */
	SEEN_SLOTS = 65536,
	LINES_SIZE = 1 << 20,
};

struct source {
	enum source_kind wish;
	int control, plugin_fd;
	netlink_record_fn *fn;
	void *data;
	struct netlink_source *netlink;
	int64_t twice_until, yield_until; /* monotonic */
	uint64_t *seen;   /* hashes of records, by their low bits */
	char *lines;      /* plugin: LINES_SIZE, `filled` of them used */
	size_t filled;
	bool skip_line;   /* plugin: the rest of a line that was too long */
	pthread_mutex_t changing; /* held over every change of the way */
	bool released;
	pthread_mutex_t lock;     /* over what follows; it is written by the draining thread only */
	struct source_state state;
};

static const char *const names[] = { "auto", "unicast", "multicast", "plugin" };

const char *source_kind_name(enum source_kind kind)
{
	return names[kind];
}

int source_kind_parse(const char *name, enum source_kind *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = (enum source_kind)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* ---- who else ---- */

static bool is_alive(uint32_t pid)
{
	return pid != 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

bool source_name_of(uint32_t pid, char ret[SOURCE_NAME])
{
	AUTO_FCLOSE FILE *f = NULL;
	char path[32];
	bool known;

	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	f = fopen(path, "re");
	known = f && fgets(ret, SOURCE_NAME, f);
	if (!known)
		snprintf(ret, SOURCE_NAME, "a process");
	ret[strcspn(ret, "\n")] = 0;
	return known;
}

static void set_state(struct source *s, enum source_kind kind, uint32_t owner, const char *why)
{
	pthread_mutex_lock(&s->lock);
	s->state.kind = kind;
	s->state.owner = owner;
	snprintf(s->state.why, sizeof(s->state.why), "%s", why);
	pthread_mutex_unlock(&s->lock);
}

static void set_listening(struct source *s, uint32_t owner)
{
	char name[SOURCE_NAME], why[sizeof(s->state.why)];

	source_name_of(owner, name);
	snprintf(why, sizeof(why), "%s (pid %u) receives the records, so we listen beside it", name, owner);
	set_state(s, SOURCE_MULTICAST, owner, why);
}

struct source_state source_state(struct source *s)
{
	struct source_state state;

	pthread_mutex_lock(&s->lock);
	state = s->state;
	pthread_mutex_unlock(&s->lock);
	return state;
}

/* ---- records ---- */

/* The same record by both ways? Text and time make it one of a kind. */
static bool came_before(struct source *s, int type, struct span payload)
{
	uint64_t hash = span_hash(payload) + (uint64_t)type * 0x9e3779b97f4a7c15u;
	uint64_t *slot = &s->seen[hash % SEEN_SLOTS];
	bool same = *slot == hash;

	*slot = hash;
	return same;
}

static void on_record(int type, struct span payload, void *data)
{
	struct source *s = data;

	/* Multicast is always remembered: what it brought is sent again to the next owner, if there was none for a while. */
	if ((s->state.kind == SOURCE_MULTICAST || s->twice_until) && came_before(s, type, payload) && s->twice_until)
		return;
	s->fn(type, payload, s->data);
}

static int drain_netlink(struct source *s)
{
	int n, overruns = 0;

	if (s->twice_until && clock_monotonic() > s->twice_until)
		s->twice_until = 0;
	while ((n = netlink_receive(s->netlink, on_record, s)) != 0) {
		overruns += n == -ENOBUFS;
		if (n < 0 && n != -ENOBUFS)
			break;
	}
	return overruns;
}

static void hand_over_lines(struct source *s)
{
	size_t at = 0;
	const char *newline;

	while ((newline = memchr(s->lines + at, '\n', s->filled - at))) {
		size_t n = (size_t)(newline - (s->lines + at));

		if (n > 0 && !s->skip_line)
			s->fn(SOURCE_LINE, (struct span){ s->lines + at, n }, s->data);
		s->skip_line = false;
		at += n + 1;
	}
	s->filled -= at;
	memmove(s->lines, s->lines + at, s->filled);
	if (s->filled == LINES_SIZE) {
		s->skip_line = true;
		s->filled = 0;
	}
}

static int drain_plugin(struct source *s)
{
	ssize_t n = read(s->plugin_fd, s->lines + s->filled, LINES_SIZE - s->filled);

	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		return -ENODATA;
	s->filled += n > 0 ? (size_t)n : 0;
	hand_over_lines(s);
	return 0;
}

int source_drain(struct source *s)
{
	return s->netlink ? drain_netlink(s) : drain_plugin(s);
}

int source_fd(const struct source *s)
{
	return s->netlink ? netlink_fd(s->netlink) : s->plugin_fd;
}

/* ---- changing the way ---- */

/* The old way is read to its end while the new one is open already, so what came between comes by both. */
static void replace(struct source *s, struct netlink_source *old)
{
	struct netlink_source *new = s->netlink;

	s->twice_until = clock_monotonic() + TWICE_MS;
	s->netlink = old;
	if (old)
		drain_netlink(s);
	s->netlink = new;
	netlink_free(old);
	pthread_mutex_lock(&s->lock);
	s->state.changes++;
	pthread_mutex_unlock(&s->lock);
}

static bool to_multicast(struct source *s, const struct audit_status *now)
{
	struct netlink_source *old = s->netlink;

	if (netlink_join(&s->netlink) < 0) {
		s->netlink = old;
		return false;
	}
	if (now->pid == (uint32_t)getpid()) {
		netlink_release(old);
		set_state(s, SOURCE_MULTICAST, 0, "another audit daemon asked for the records: it may have them");
	} else {
		set_listening(s, now->pid);
	}
	replace(s, old);
	return true;
}

static bool to_unicast(struct source *s, const char *why)
{
	struct netlink_source *old = s->netlink;

	s->twice_until = clock_monotonic() + TWICE_MS; /* claiming may bring records already */
	if (netlink_claim(&s->netlink, on_record, s) < 0) { /* somebody was faster: the next look tells */
		s->netlink = old;
		return false;
	}
	set_state(s, SOURCE_UNICAST, (uint32_t)getpid(), why);
	replace(s, old);
	return true;
}

static bool look_as_owner(struct source *s, const struct audit_status *now)
{
	bool asked = netlink_was_asked(s->netlink), ours = now->pid == (uint32_t)getpid();

	if (asked && ours && s->wish == SOURCE_AUTO) {
		s->yield_until = clock_monotonic() + YIELD_MS;
		return to_multicast(s, now);
	}
	if (ours)
		return false;
	if (!is_alive(now->pid))
		return to_unicast(s, "no other audit daemon runs (the kernel had dropped us)");
	return to_multicast(s, now);
}

static bool look_as_listener(struct source *s, const struct audit_status *now)
{
	if (is_alive(now->pid)) {
		s->yield_until = 0;
		if (s->state.owner != now->pid)
			set_listening(s, now->pid);
		return false;
	}
	if (s->wish == SOURCE_MULTICAST || clock_monotonic() < s->yield_until)
		return false;
	return to_unicast(s, "no other audit daemon runs any more");
}

bool source_look(struct source *s)
{
	struct audit_status now;
	bool changed = false;

	pthread_mutex_lock(&s->changing);
	if (s->netlink && !s->released && netlink_status(s->control, &now) == 0)
		changed = s->state.kind == SOURCE_UNICAST ? look_as_owner(s, &now) : look_as_listener(s, &now);
	pthread_mutex_unlock(&s->changing);
	return changed;
}

void source_release(struct source *s)
{
	pthread_mutex_lock(&s->changing);
	if (!s->released && s->state.kind == SOURCE_UNICAST)
		netlink_release(s->netlink);
	s->released = true;
	pthread_mutex_unlock(&s->changing);
}

/* ---- opening ---- */

static int listen_beside(struct source *s, uint32_t owner)
{
	int r = netlink_join(&s->netlink);

	if (r < 0)
		return r;
	if (is_alive(owner))
		set_listening(s, owner);
	else
		set_state(s, SOURCE_MULTICAST, 0, "chosen; nobody owns the records");
	return 0;
}

static int choose(struct source *s)
{
	struct audit_status now;
	int r = netlink_status(s->control, &now);

	if (s->wish == SOURCE_PLUGIN) {
		set_state(s, SOURCE_PLUGIN, r < 0 ? 0 : now.pid, "chosen: auditd runs us as its plugin");
		return 0;
	}
	if (r < 0)
		return r;
	if (s->wish == SOURCE_MULTICAST || (s->wish == SOURCE_AUTO && is_alive(now.pid)))
		return listen_beside(s, now.pid);
	r = netlink_claim(&s->netlink, s->fn, s->data);
	if (r == -EEXIST && s->wish == SOURCE_AUTO && netlink_status(s->control, &now) == 0)
		return listen_beside(s, now.pid);
	if (r == 0)
		set_state(s, SOURCE_UNICAST, (uint32_t)getpid(), s->wish == SOURCE_AUTO ? "no other audit daemon runs" : "chosen");
	return r;
}

int source_open(enum source_kind wish, int plugin_fd, netlink_record_fn *fn, void *data, struct source **ret)
{
	struct source *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	*s = (struct source){ .wish = wish, .plugin_fd = plugin_fd, .fn = fn, .data = data };
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->changing, NULL);
	s->control = netlink_open();
	s->seen = calloc(SEEN_SLOTS, sizeof(*s->seen));
	s->lines = wish == SOURCE_PLUGIN ? malloc(LINES_SIZE) : NULL;
	r = s->control < 0 ? s->control : !s->seen || (wish == SOURCE_PLUGIN && !s->lines) ? -ENOMEM : choose(s);
	if (r < 0) {
		source_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

void source_free(struct source *s)
{
	if (!s)
		return;
	netlink_free(s->netlink);
	if (s->control >= 0)
		close(s->control);
	pthread_mutex_destroy(&s->changing);
	pthread_mutex_destroy(&s->lock);
	free(s->lines);
	free(s->seen);
	free(s);
}
