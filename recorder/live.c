#include "recorder/live-def.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/established.h"
#include "recorder/netlink.h"

enum {
	STOP_POLL_MS = 100,     /* how soon the draining thread sees the end */
	RING_SIZE = 8 * 1024 * 1024,
	PARSE_PAUSE_MS = 20,
	TICK_MS = 500,
	LOOK_MS = 1000,
	SOURCE_LOOK_MS = 1000,
	NAMES_WAIT_MS = 2000,   /* how long the start waits for the names of users */
	LATE_MS = MODULES_WAIT_MS, /* how long at most an event may wait before it is handed on */
};

#define LOG_FOLDER "/var/log" /* of wtmp and btmp */

int live_fail(char **ret_error, const char *what, int error, const char *why)
{
	AUTO_BUF line = BUF_INIT;

	if (*ret_error)
		return error;
	buf_printf(&line, "%s: %s", what, why);
	*ret_error = buf_steal(&line);
	return error;
}

void live_pause(int ms)
{
	struct timespec ts = { 0, ms * 1000000L };

	nanosleep(&ts, NULL);
}

/* Failure, or the end of the input. */
static void notify_end(struct live *l)
{
	uint64_t one = 1;

	if (write(l->notify, &one, sizeof(one)) < 0)
		return; /* the counter is full: whoever polls it wakes anyway */
}

/* ---- the draining thread: never waits for anything but the kernel ---- */

void live_on_record(int type, struct span payload, void *data)
{
	struct live *l = data;

	selftest_record(&l->selftest, payload);
	ring_put(l->ring, type, payload);
}

/* false: nothing more will come. */
static bool drain_once(struct live *l)
{
	int n = source_drain(l->source);

	if (n > 0)
		atomic_fetch_add_explicit(&l->overruns, (uint64_t)n, memory_order_relaxed);
	ring_wake(l->ring);
	return n >= 0;
}

static void *drain_main(void *data)
{
	struct live *l = data;
	int64_t looked = clock_monotonic();
	bool more = true;

	while (more && !atomic_load(&l->stop)) {
		struct pollfd p = { .fd = source_fd(l->source), .events = POLLIN };

		if (poll(&p, 1, STOP_POLL_MS) > 0) {
			more = drain_once(l);
			live_pause(DRAIN_PAUSE_MS);
		}
		if (clock_monotonic() - looked >= SOURCE_LOOK_MS) {
			source_look(l->source);
			live_tell_health(l);
			looked = clock_monotonic();
		}
	}
	if (more && l->wish != SOURCE_PLUGIN)
		drain_once(l); /* what came before the socket was released */
	if (!more)
		notify_end(l);
	ring_end(l->ring);
	return NULL;
}

/* ---- the parsing thread ---- */

static int sink(struct batch *b, void *data)
{
	struct live *l = data;

	if (l->filter)
		l->filter(b, l->filter_data);
	return pipeline_put(l->pipeline, b);
}

static int lookup(int64_t pid, struct arena *arena, struct process_start *ret_process, struct image_start *ret_image,
                  void *data)
{
	struct live *l = data;

	return procfs_read(l->procfs, pid, arena, ret_process, ret_image);
}

static bool runs(int64_t pid, int64_t before_ms, void *data)
{
	struct live *l = data;

	return procfs_runs(l->procfs, pid, before_ms);
}

static void program(int64_t pid, struct image_start *image, int64_t parent, struct arena *arena, void *data)
{
	struct live *l = data;

	image->who.cgroup = cgroups_of(&l->cgroups, pid, parent);
	hasher_ask(l->hasher, pid, parent, image, arena);
}

static int64_t ns_pid(int64_t pid, void *data)
{
	struct live *l = data;

	return procfs_ns_pid(l->procfs, pid);
}

static uint64_t inode(int64_t pid, uint64_t fd, void *data)
{
	return socketlook_inode(pid, fd);
}

static int sockets(uint8_t protocol, sockdiag_fn *fn, void *fn_data, void *data)
{
	struct live *l = data;

	return socketlook_list(protocol == IPPROTO_TCP ? &l->look_tcp : &l->look_udp, protocol, fn, fn_data);
}

static struct span user(int64_t uid, void *data)
{
	struct live *l = data;

	return procfs_user(l->procfs, uid);
}

static bool module(const struct recording_module *m, const struct event *row, void *data)
{
	struct live *l = data;

	return modules_ask(l->modules, m, row);
}

static unsigned choices_of(const struct live_settings *s)
{
	return (s->sendto ? CHOICE_SENDTO : 0) | (s->unix_sockets ? CHOICE_UNIX_SOCKETS : 0);
}

static int look(struct live *l, int64_t now)
{
	struct losses_counts counts = {
		atomic_load_explicit(&l->overruns, memory_order_relaxed) + beside_overruns(l->beside), ring_lost(l->ring)
	};
	struct item item = { .type = ITEM_GAP };
	int r = 0;

	pthread_mutex_lock(&l->audit_lock);
	if (!atomic_load(&l->leaving))
		r = live_follow_source(l, now);
	if (r == 0)
		r = losses_look(&l->losses, l->recording, counts, now, !atomic_load(&l->leaving));
	pthread_mutex_unlock(&l->audit_lock);
	if (r == 0 && pipeline_take_full_gap(l->pipeline, &item.gap))
		r = recording_item(l->recording, &item);
	users_look(procfs_users(l->procfs));
	live_fill_health(l);
	return r;
}

static int parse_one(struct live *l, int type, struct span payload)
{
	return type == SOURCE_LINE ? recording_line(l->recording, payload) : recording_message(l->recording, type, payload);
}

/* What does not come from audit's records. */
static int hand_over(struct live *l)
{
	struct item item = { .type = ITEM_HASH };
	int r = beside_hand_over(l->beside, l->recording);

	while (r == 0 && hasher_take(l->hasher, &item.hash))
		r = recording_item(l->recording, &item);
	while (r == 0 && modules_take(l->modules, &item))
		r = recording_item(l->recording, &item);
	return r;
}

/* Everything in the ring, then what time asks for. `now` is from before: events must not be ended while their last
 * records are still in the ring. */
static int parse_waiting(struct live *l, int64_t *looked)
{
	unsigned choices = atomic_load_explicit(&l->choices, memory_order_relaxed);
	int64_t now = clock_now();
	struct span payload;
	int type, r = 0;

	recording_choose(l->recording, choices & CHOICE_SENDTO, choices & CHOICE_UNIX_SOCKETS);
	while (r == 0 && ring_take(l->ring, &type, &payload))
		r = parse_one(l, type, payload);
	if (r == 0)
		r = hand_over(l);
	if (r == 0)
		r = recording_tick(l->recording, now);
	if (r == 0 && clock_monotonic() - *looked >= LOOK_MS) {
		r = look(l, now);
		*looked = clock_monotonic();
	}
	if (r == 0)
		pipeline_reached(l->pipeline, now - LATE_MS > l->began_ms ? now - LATE_MS : l->began_ms);
	return r;
}

/* The filter has to know who runs before it judges what they do. */
static void show_known(struct live *l, struct batch *known)
{
	const struct process_start *process = NULL;

	for (size_t i = 0; i < known->n; i++) {
		struct item *item = &known->items[i];

		if (item->type == ITEM_PROCESS)
			process = &item->process;
		else if (item->type == ITEM_IMAGE && process)
			item->image.who.cgroup = cgroups_of(&l->cgroups, process->pid, process->parent_pid);
	}
	if (l->filter)
		l->filter(known, l->filter_data);
}

static int add_baseline(struct live *l)
{
	struct batch *known = batch_new();
	int r = known ? baseline_add(&l->baseline, l->procfs, l->recording, clock_now(), known) : -ENOMEM;

	if (r == 0)
		show_known(l, known);
	batch_free(known);
	return r;
}

static int parse_all(struct live *l)
{
	int64_t looked = clock_monotonic();
	bool more = true;
	int r;

	users_ask(procfs_users(l->procfs), l->ask_user, NULL);
	users_wait(procfs_users(l->procfs), NAMES_WAIT_MS);
	r = add_baseline(l);
	users_wait(procfs_users(l->procfs), 0);
	if (r == 0)
		r = earlier_add(&l->earlier, l->procfs, l->recording, l->began_ms);
	if (r == 0)
		r = established_add(l->recording);
	if (r == 0)
		r = losses_tell_start(l->recording, clock_now(), procfs_boot_ms(l->procfs));
	while (r == 0 && more) {
		more = ring_wait(l->ring, TICK_MS);
		if (more && !atomic_load_explicit(&l->stop, memory_order_relaxed))
			live_pause(PARSE_PAUSE_MS);
		r = parse_waiting(l, &looked);
	}
	beside_end(l->beside);
	hasher_end(l->hasher);
	modules_end(l->modules);
	if (r == 0)
		r = hand_over(l);
	if (r == 0)
		r = look(l, clock_now());
	if (r == 0)
		r = recording_finish(l->recording);
	if (r == 0)
		pipeline_reached(l->pipeline, clock_now());
	return r;
}

static void *parse_main(void *data)
{
	struct live *l = data;

	l->error = parse_all(l);
	if (l->error < 0)
		notify_end(l);
	return NULL;
}

/* ---- start ---- */

static int open_store(struct live *l, char **ret_error)
{
	AUTO_FREE char *error = NULL;
	int r;

	l->fresh = access(l->db, F_OK) < 0;
	r = store_open(l->db, STORE_CREATE | STORE_SET_ASIDE, &l->store, &error);
	if (r < 0) {
		if (error)
			*ret_error = STEAL(error);
		return live_fail(ret_error, l->db, r, strerror(-r));
	}
	r = baseline_load(&l->baseline, l->store, l->procfs);
	l->began_ms = clock_now();
	if (r == 0)
		r = earlier_load(&l->earlier, l->store, LOG_FOLDER, l->baseline.stopped_ms, l->began_ms,
		                 l->settings.store.limits.max_age_ms);
	return r < 0 ? live_fail(ret_error, l->db, r, strerror(-r)) : 0;
}

static int open_recording(struct live *l)
{
	struct store_ids ids = store_ids(l->store);
	struct recording_config rc = {
		.host = span_of(procfs_host(l->procfs)), .boot_id = span_of(procfs_boot_id(l->procfs)),
		.boot_ms = procfs_boot_ms(l->procfs), .boot = l->baseline.boot, .last_boot_id = ids.boot,
		.last_process = ids.process, .last_image = ids.image, .sink = sink, .lookup = lookup, .user = user, .runs = runs,
		.program = program, .ns_pid = ns_pid, .module = module, .self = getpid(), .leaving = &l->leaving,
		.inode = inode, .sockets = sockets, .closes = !beside_missing_closes(l->beside), .data = l,
	};
	struct pipeline_config pc = { .store = l->store, .live = true, .notify_fd = l->notify,
		.began_ms = l->baseline.stopped_ms ? 0 : l->began_ms };
	int r = recording_new(&rc, &l->recording);

	if (r == 0)
		r = pipeline_new(&pc, &l->pipeline);
	if (r == 0) {
		pipeline_set_recording(l->pipeline, l->recording);
		pipeline_set(l->pipeline, &l->settings.store);
	}
	return r;
}

static int start_threads(struct live *l, char **ret_error)
{
	int r = -pthread_create(&l->drain, NULL, drain_main, l);

	l->drain_runs = r == 0;
	if (r == 0)
		r = -pthread_create(&l->parse, NULL, parse_main, l);
	l->parse_runs = l->drain_runs && r == 0;
	return r < 0 ? live_fail(ret_error, "recorder", r, strerror(-r)) : 0;
}

static int open_descriptors(struct live *l, char **ret_error)
{
	int r;

	l->control = netlink_open();
	if (l->control < 0)
		return live_fail(ret_error, "audit", l->control, netlink_explain(l->control, NULL));
	l->look_fd = netlink_open();
	l->notify = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	l->ring = ring_new(RING_SIZE);
	l->procfs = procfs_new();
	l->modules = modules_new(NULL);
	r = l->look_fd < 0 ? l->look_fd : l->notify < 0 ? -errno : !l->ring || !l->procfs || !l->modules ? -ENOMEM : 0;
	return r < 0 ? live_fail(ret_error, "recorder", r, strerror(-r)) : 0;
}

static int start(struct live *l, char **ret_error)
{
	int r = open_descriptors(l, ret_error);

	if (r == 0)
		r = live_check_audit(l, ret_error);
	if (r == 0)
		r = open_store(l, ret_error);
	if (r == 0 && ((r = beside_new(&l->beside)) < 0 || (r = open_recording(l)) < 0 ||
	               (r = hasher_new(HASHER_MAX_BYTES, &l->hasher)) < 0))
		live_fail(ret_error, "recorder", r, strerror(-r));
	if (r == 0)
		r = live_take_over(l, ret_error);
	if (r < 0)
		return r;
	live_begin_health(l);
	r = start_threads(l, ret_error);
	if (r == 0 && (r = selftest_start(&l->selftest)) < 0)
		live_fail(ret_error, "self-test", r, strerror(-r));
	return r;
}

/* ---- stop ---- */

static void take_totals(struct live *l, struct live_result *res)
{
	struct recording_stats s = recording_stats(l->recording);

	res->records = s.records;
	res->events = s.events;
	res->unparsed = s.unparsed;
	res->rows = s.rows;
}

static void free_all(struct live *l)
{
	pipeline_free(l->pipeline);
	recording_free(l->recording);
	source_free(l->source);
	if (l->losses.wish)
		losses_end(&l->losses);
	beside_free(l->beside);
	hasher_free(l->hasher);
	modules_free(l->modules);
	cgroups_free(&l->cgroups);
	pthread_mutex_destroy(&l->audit_lock);
	pthread_mutex_destroy(&l->health_lock);
	ring_free(l->ring);
	baseline_free(&l->baseline);
	earlier_free(&l->earlier);
	procfs_free(l->procfs);
	if (l->control >= 0)
		close(l->control);
	if (l->look_fd >= 0)
		close(l->look_fd);
	if (l->notify >= 0)
		close(l->notify);
	free(l->db);
	free(l);
}

/* Ends the threads in the order of the data; the first error of any. */
static int end_threads(struct live *l)
{
	int r = 0, stored;

	if (l->pipeline)
		pipeline_hurry(l->pipeline);
	atomic_store(&l->stop, true);
	if (l->drain_runs)
		pthread_join(l->drain, NULL);
	else if (l->ring)
		ring_end(l->ring);
	if (l->parse_runs) {
		pthread_join(l->parse, NULL);
		r = l->error;
	}
	stored = l->pipeline ? pipeline_finish(l->pipeline, false) : 0;
	return stored < 0 ? stored : r;
}

static int stop(struct live *l, struct live_result *res, char **ret_error)
{
	int given = live_give_back(l), r = end_threads(l), closed;
	struct audit_status now = l->state.found;
	char why[WHY_ENDED];
	struct stat st;

	if (l->parse_runs)
		take_totals(l, res);
	res->kernel_lost = l->losses.kernel_total;
	res->rules_restored = l->losses.rules_restored;
	res->overruns = atomic_load(&l->overruns) + (l->beside ? beside_overruns(l->beside) : 0);
	res->ring_lost = l->ring ? ring_lost(l->ring) : 0;
	res->ms = clock_monotonic() - l->started;
	res->was_left_over = l->was_left_over;
	if (r == 0 && l->parse_runs)
		r = store_meta_set(l->store, BASELINE_META_HOST, l->losses.host.nodename);
	closed = store_close(STEAL(l->store));
	if (stat(l->db, &st) == 0)
		res->db_bytes = st.st_size;
	r = r < 0 ? r : closed;
	live_leave_health(l, r, res->db_bytes);
	if (r < 0)
		return live_fail(ret_error, l->db, r, live_why_ended(l, r, res->db_bytes, why));
	if (given < 0)
		netlink_status(l->control, &now); /* it may have been locked meanwhile */
	return given < 0 ? live_fail(ret_error, "audit", given, netlink_explain(given, &now)) : 0;
}

int live_start(const struct live_config *c, struct live **ret, char **ret_error)
{
	struct live *l = calloc(1, sizeof(*l));
	struct live_result ignored = { 0 };
	char *error = NULL, *ignored_error = NULL;
	int r;

	if (!l)
		return -ENOMEM;
	l->control = l->look_fd = l->notify = -1;
	l->state_path = c->state_path ? c->state_path : RESTORE_PATH;
	l->health_path = c->health_path ? c->health_path : HEALTH_PATH;
	l->ask_user = c->ask_user;
	l->wish = c->source;
	l->plugin_fd = c->plugin_fd;
	l->filter = c->filter;
	l->filter_data = c->filter_data;
	l->settings = c->settings;
	if (!l->settings.store.limits.max_bytes && !l->settings.store.limits.max_age_ms)
		l->settings.store = (struct pipeline_settings){ { STORE_DEFAULT_BYTES, 0 }, STORE_COLLATE_MS, 0, 0 };
	atomic_init(&l->choices, choices_of(&l->settings));
	pthread_mutex_init(&l->audit_lock, NULL);
	pthread_mutex_init(&l->health_lock, NULL);
	l->started = clock_monotonic();
	l->db = strdup(c->db);
	r = l->db ? start(l, &error) : -ENOMEM;
	if (r < 0) {
		bool remove = l->fresh && l->store;

		stop(l, &ignored, &ignored_error);
		free(ignored_error);
		if (remove)
			unlink(l->db); /* closed: nothing lies beside it */
		free_all(l);
		*ret_error = error;
		return r;
	}
	*ret = l;
	return 0;
}

int live_set(struct live *l, const struct live_settings *s)
{
	int r;

	pipeline_set(l->pipeline, &s->store);
	atomic_store_explicit(&l->choices, choices_of(s), memory_order_relaxed);
	/* Locked, since the parsing thread puts rules back that are missing. */
	pthread_mutex_lock(&l->audit_lock);
	l->settings = *s;
	r = live_change_rules(l, l->control, source_state(l->source).kind);
	pthread_mutex_unlock(&l->audit_lock);
	return r;
}

int live_fd(const struct live *l)
{
	return l->notify;
}

int live_stop(struct live *l, struct live_result *ret, char **ret_error)
{
	char *error = NULL;
	int r;

	*ret = (struct live_result){ 0 };
	r = stop(l, ret, &error);
	free_all(l);
	if (r < 0)
		*ret_error = error;
	return r;
}

const char *live_without_closes(const struct live *l)
{
	return beside_missing_closes(l->beside);
}

const char *live_without_exits(const struct live *l)
{
	return beside_missing(l->beside);
}
