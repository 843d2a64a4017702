/* live-def: what the files of live share: live.c the threads, live-audit.c the kernel's audit, live-health.c what the
 * recorder tells about itself. Inside these only. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "recorder/baseline.h"
#include "recorder/beside.h"
#include "recorder/cgroups.h"
#include "recorder/earlier.h"
#include "recorder/hasher.h"
#include "recorder/health.h"
#include "recorder/live.h"
#include "recorder/losses.h"
#include "recorder/modules.h"
#include "recorder/restore.h"
#include "recorder/ring.h"
#include "recorder/selftest.h"
#include "recorder/socketlook.h"

enum choice { CHOICE_SENDTO = 1, CHOICE_UNIX_SOCKETS = 2 };
enum {
	DRAIN_PAUSE_MS = 5,     /* lets records gather: fewer wake-ups; the socket's buffer holds far more */
};

struct live {
	live_filter_fn *filter;
	void *filter_data;
	struct live_settings settings;
	atomic_uint choices; /* enum choice: for the parsing thread */
	const char *state_path, *health_path;
	users_ask_fn *ask_user;
	enum source_kind wish;
	int plugin_fd;
	char *db;
	int64_t started; /* monotonic */
	int64_t began_ms; /* what happened from then on is recorded */
	unsigned lacks;   /* LACK_*, as the pipeline was told */
	int control, look_fd, notify;
	struct restore_state state;
	struct rules_wish rules;    /* in force; under audit_lock */
	bool fresh; /* the database was not there */
	bool state_saved, was_left_over;
	pthread_mutex_t audit_lock; /* over what changes audit: the parsing thread puts back, the end takes away */
	atomic_bool leaving;
	unsigned source_changes;    /* that the settings already follow */
	struct selftest selftest;
	pthread_mutex_t health_lock;
	struct health health;       /* filled by the parsing thread, saved by the draining one, which never waits */
	struct procfs *procfs;
	struct baseline baseline;
	struct earlier earlier;
	struct store *store;
	struct pipeline *pipeline;
	struct recording *recording;
	struct source *source;
	struct ring *ring;
	struct beside *beside;
	struct hasher *hasher;
	struct modules *modules;
	struct socketlook look_tcp, look_udp;
	struct cgroups cgroups;
	struct losses losses;
	pthread_t drain, parse;
	bool drain_runs, parse_runs;
	atomic_bool stop;
	_Atomic uint64_t overruns;
	int error; /* the parsing thread's; read after it was joined */
};

/* Where the source hands records over. */
netlink_record_fn live_on_record;
/* Makes the line "what: why" unless there is one; returns the error. */
int live_fail(char **ret_error, const char *what, int error, const char *why);
void live_pause(int ms);

/* ---- live-audit.c ---- */

/* Puts back what an earlier recorder left, and looks whether audit can be had. */
int live_check_audit(struct live *l, char **ret_error);
/* Opens the source and sets audit and our rules as recording wants them. */
int live_take_over(struct live *l, char **ret_error);
/* Our rules and settings go, and then our role. */
int live_give_back(struct live *l);
/* When records come another way now, audit's settings and our rules follow. */
int live_follow_source(struct live *l, int64_t now);
/* Our rules to what the settings ask for. fd: a control socket of the calling thread. Under audit_lock. */
int live_change_rules(struct live *l, int fd, enum source_kind kind);

/* ---- live-health.c ---- */

enum { WHY_ENDED = sizeof(((struct health *)NULL)->ended) };

void live_begin_health(struct live *l);
/* On the parsing thread: what it knows. */
void live_fill_health(struct live *l);
/* On the draining thread: saves it. */
void live_tell_health(struct live *l);
/* At the end: none, or why it ended by itself. */
void live_leave_health(struct live *l, int error, int64_t bytes);
const char *live_why_ended(const struct live *l, int error, int64_t bytes, char why[WHY_ENDED]);
