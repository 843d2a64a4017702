#include "server/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/fdm.h"
#include "server/agent.h"
#include "server/app.h"
#include "server/browse.h"
#include "server/capture.h"
#include "server/checker.h"
#include "server/cmd.h"
#include "server/contacts.h"
#include "server/data.h"
#include "server/fetch.h"
#include "server/gate.h"
#include "server/login.h"
#include "server/place.h"
#include "server/ratelimit.h"
#include "server/revoked.h"
#include "server/save.h"
#include "server/session.h"
#include "server/upload.h"

enum { TICK_MS = 1000, CONTACT_MS = 100, STOP_MS = 3000, STOP_TICK_MS = 50, SWEEP_MS = 3600000, LOGIN_PLACES = 65536,
       STALE_MS = 14 * 86400000 };

struct running {
	struct server server;
	const char *config; /* NULL: the usual one */
	int64_t swept, stopped;
};

/* ---- once a second ---- */

/* What somebody else changed in the depot: revocations, users, groups. */
static void look_for_changes(struct server *s, bool surely)
{
	int64_t changes = s->changes;
	int r = depot_changes(s->depot, &changes);

	if (r == 0 && changes == s->changes && !surely)
		return;
	if (r == 0)
		r = revoked_load(s->depot, &s->revoked);
	if (r < 0) {
		log_error("the depot cannot be read: %s", strerror(-r));
		return;
	}
	s->changes = changes;
	agent_recheck(s);
	app_check(s, true);
	session_recheck(s);
	save_recheck(s);
}

/* One at a time: each waits for the disk. */
static int on_contact(struct fdm *fdm, void *data)
{
	struct server *s = &((struct running *)data)->server;
	int r = contacts_write(s->contacts, s->depot, 1);

	if (r < 0)
		log_warning("contacts are not written: %s", strerror(-r));
	return 0;
}

static int on_tick(struct fdm *fdm, void *data)
{
	struct running *run = data;
	struct server *s = &run->server;
	int64_t now = clock_monotonic();

	look_for_changes(s, false);
	peer_check(s);
	app_check(s, false);
	data_check(s, now);
	session_check(s, now);
	capture_check(s, now);
	browse_check(s, now);
	fetch_check(s, now);
	save_check(s, now);
	upload_check_all(s, now);
	if (now - run->swept >= SWEEP_MS) {
		run->swept = now;
		login_sweep(s);
		part_sweep(s->objects, STALE_MS);
	}
	return 0;
}

/* ---- signals ---- */

static int load_conf(struct running *run, struct conf *ret)
{
	AUTO_FREE char *error = NULL;
	int r = conf_load_usual(run->config, ret, &error);

	if (r < 0)
		log_error("%s", error ? error : strerror(-r));
	return r;
}

static int use_log(const struct conf *c)
{
	int r = log_open(c->log_file, c->log_format);

	if (r < 0)
		log_error("%s: %s", c->log_file, strerror(-r));
	else
		log_set_level(c->log_level);
	return r;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void reload_conf(struct running *run)
{
	struct server *s = &run->server;
	struct conf c;

	if (load_conf(run, &c) < 0)
		return;
	if (use_log(&c) < 0) {
		conf_free(&c);
		return;
	}
	if (!same_text(c.address, s->conf.address) || c.app_port != s->conf.app_port || c.agent_port != s->conf.agent_port ||
	    c.connections != s->conf.connections || c.strangers != s->conf.strangers || c.unopened != s->conf.unopened)
		log_warning("[listen], and limits of connections, take effect with the next start");
	conf_free(&s->conf);
	s->conf = c;
	for (struct agent *a = s->agents; a; a = a->next)
		agent_tell_level(a);
}

static int on_reload(struct fdm *fdm, int signo, void *data)
{
	struct running *run = data;
	AUTO_FREE char *error = NULL;

	reload_conf(run);
	if (gate_reload(run->server.gate, &error) < 0)
		log_error("certificates stay as they were: %s", error ? error : "out of memory");
	look_for_changes(&run->server, true);
	log_info("reloaded");
	return 0;
}

static int on_stop_tick(struct fdm *fdm, void *data)
{
	struct running *run = data;

	if (gate_connections(run->server.gate) == 0 || clock_monotonic() - run->stopped > STOP_MS)
		fdm_quit(fdm);
	return 0;
}

static void send_away(struct server *s)
{
	upload_stop_all(s);
	for (struct peer *p = s->peers; p; p = p->next)
		link_close(p->link, WEBSOCKET_GOING_AWAY, "the server stops");
}

static int on_stop(struct fdm *fdm, int signo, void *data)
{
	struct running *run = data;
	struct server *s = &run->server;

	if (s->stopping) {
		fdm_quit(fdm);
		return 0;
	}
	log_info("stops");
	s->stopping = true;
	run->stopped = clock_monotonic();
	gate_stop(s->gate);
	send_away(s);
	return fdm_timer_add(fdm, STOP_TICK_MS, on_stop_tick, run) < 0 ? -ENOMEM : 0;
}

/* ---- the start ---- */

static int read_authority(struct server *s)
{
	AUTO_FREE char *crt = place_path(s->folder, "tls/authority.pem");
	AUTO_FREE char *key = place_path(s->folder, "tls/authority.key");
	int r = crt && key ? place_read(crt, &s->authority) : -ENOMEM;

	if (r < 0)
		return cmd_fail_errno(crt ? crt : s->folder, r);
	r = place_read(key, &s->authority_key);
	return r < 0 ? cmd_fail_errno(key, r) : CMD_OK;
}

static int watch(struct running *run)
{
	struct fdm *fdm = run->server.fdm;
	int r = fdm_signal_add(fdm, SIGTERM, on_stop, run);

	if (r == 0)
		r = fdm_signal_add(fdm, SIGINT, on_stop, run);
	if (r == 0)
		r = fdm_signal_add(fdm, SIGHUP, on_reload, run);
	if (r == 0)
		r = fdm_timer_add(fdm, TICK_MS, on_tick, run);
	if (r >= 0)
		r = fdm_timer_add(fdm, CONTACT_MS, on_contact, run);
	return r < 0 ? cmd_fail_errno("event loop", r) : CMD_OK;
}

static int make_parts(struct server *s)
{
	int r;

	s->fdm = fdm_new();
	s->logins = ratelimit_new(LOGIN_PLACES);
	s->contacts = contacts_new();
	s->objects = place_path(s->folder, "objects");
	r = s->fdm && s->logins && s->contacts && s->objects ? 0 : -ENOMEM;
	if (r == 0)
		r = checker_new(s->fdm, &s->checker);
	if (r == 0)
		r = depot_changes(s->depot, &s->changes);
	if (r == 0)
		r = revoked_load(s->depot, &s->revoked);
	if (r == 0)
		r = capture_load_all(s);
	if (r == 0)
		upload_sweep(s);
	return r < 0 ? cmd_fail_errno("start", r) : CMD_OK;
}

/* Every connection is a descriptor. */
static void raise_limit(const struct conf *c)
{
	struct rlimit l;
	rlim_t wanted = (rlim_t)(2 * c->connections + 256);

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= wanted)
		return;
	l.rlim_cur = wanted < l.rlim_max ? wanted : l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
	if (l.rlim_cur < wanted)
		log_warning("only %llu files may be open at once: fewer connections fit", (unsigned long long)l.rlim_cur);
}

static int start(struct running *run)
{
	struct server *s = &run->server;
	AUTO_FREE char *error = NULL;
	int r = read_authority(s);

	if (r != CMD_OK)
		return r;
	s->depot = cmd_open(s->folder);
	if (!s->depot)
		return CMD_FAILED;
	r = make_parts(s);
	if (r == CMD_OK)
		r = watch(run);
	if (r == CMD_OK && gate_new(s, &s->gate, &error) < 0)
		r = cmd_fail_line(error ? error : "start: out of memory");
	if (r != CMD_OK)
		return r;
	run->swept = clock_monotonic();
	s->started_ms = clock_now();
	login_sweep(s);
	log_info("listens on port %u for apps, %u for agents", gate_app_port(s->gate), gate_agent_port(s->gate));
	return CMD_OK;
}

static void end(struct running *run)
{
	struct server *s = &run->server;

	gate_free(s->gate);
	capture_free_all(s);
	if (s->contacts && s->depot && contacts_write(s->contacts, s->depot, SIZE_MAX) < 0)
		log_error("the last contacts of endpoints are not written");
	checker_free(s->checker);
	fdm_free(s->fdm);
	contacts_free(s->contacts);
	revoked_free(s->revoked);
	ratelimit_free(s->logins);
	depot_close(s->depot);
	free(s->objects);
	free(s->authority);
	if (s->authority_key)
		explicit_bzero(s->authority_key, strlen(s->authority_key));
	free(s->authority_key);
	conf_free(&s->conf);
	map_free(&s->agents_by_key);
}

int run(const char *config, const char *data)
{
	struct running run = { .config = config };
	int r;

	run.server.folder = data ? data : PLACE_DEFAULT;
	if (load_conf(&run, &run.server.conf) < 0 || use_log(&run.server.conf) < 0)
		return CMD_FAILED;
	raise_limit(&run.server.conf);
	r = start(&run);
	if (r == CMD_OK) {
		int error = fdm_run(run.server.fdm);

		r = error < 0 ? cmd_fail_errno("event loop", error) : CMD_OK;
	}
	end(&run);
	if (r == CMD_OK)
		log_info("stopped");
	return r;
}
