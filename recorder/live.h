/* live: records this machine until told to stop. How records come: source.h.
 *
 * Four threads: one drains audit into a ring, one what the kernel tells beside it, one parses and assembles, one
 * stores. Others hash what runs (hasher.h) and, once that is needed, ask for names of users (users.h). Audit is found, changed and
 * put back as restore.h says; everything recorded before live_stop is in the database when it returns.
 */
#pragma once

#include "recorder/pipeline.h"
#include "recorder/rules.h"
#include "recorder/source.h"
#include "recorder/users.h"

struct live;

/* Takes out of a batch what is not to be stored. At the start it is also shown what the database knows of those that
 * run. */
typedef void live_filter_fn(struct batch *b, void *data);

/* What may change while recording. */
struct live_settings {
	struct pipeline_settings store; /* pipeline.h; all 0: the defaults of the store */
	bool sendto, unix_sockets;      /* recording.h */
	struct rules_wish rules;        /* users and left_out; the rest is live's */
};

struct live_config {
	struct live_settings settings;
	live_filter_fn *filter;  /* NULL: everything is stored; called on one thread of live's, until live_stop */
	void *filter_data;
	users_ask_fn *ask_user;  /* users.h; NULL: names are those that passwd has */
	const char *db;
	const char *state_path; /* NULL: RESTORE_PATH */
	const char *health_path; /* NULL: HEALTH_PATH; kept up to date while recording, removed at the end */
	enum source_kind source;
	int plugin_fd;           /* SOURCE_PLUGIN: where auditd's lines come; recording ends when they do */
};

struct live_result {
	uint64_t records, events, unparsed, rows;
	uint64_t kernel_lost, overruns, ring_lost; /* records that the kernel dropped; socket overflows; records we dropped */
	uint64_t rules_restored; /* how often somebody else removed our rules */
	int64_t ms, db_bytes;
	bool was_left_over;      /* an earlier recorder ended without putting audit back: that was done first */
};

/* Takes audit over and records. 0, or negative errno with one malloc'd line "what: why":
 * -EALREADY another recorder of ours runs, -EEXIST another audit daemon does and SOURCE_UNICAST was asked for, -EPERM …
 * (netlink_explain), or as store_open. On failure nothing is changed. A locked configuration is no failure: what others'
 * rules bring is recorded. */
int live_start(const struct live_config *c, struct live **ret, char **ret_error);
/* Becomes readable when recording failed, or the plugin's lines have ended: then call live_stop. */
int live_fd(const struct live *l);
/* Other settings from now on; nothing that was recorded is lost. 0, or negative errno of changing the kernel's rules:
 * the rest is in force all the same. */
int live_set(struct live *l, const struct live_settings *s);
/* Puts audit back, stores everything, frees l. 0, or the error that ended recording, with *ret_error as above. */
int live_stop(struct live *l, struct live_result *ret, char **ret_error);
/* Why ends of processes that a signal killed are not told (static text); NULL: they are. */
const char *live_without_exits(const struct live *l);
/* The same of the ends of connections. */
const char *live_without_closes(const struct live *l);
