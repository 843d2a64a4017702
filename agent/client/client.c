#include "agent/client/client.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/random.h>

#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "agent/client/errand.h"
#include "agent/client/recording.h"
#include "agent/net/backoff.h"
#include "agent/opener/ask.h"
#include "agent/wire/error.h"
#include "agent/wire/wire.h"

enum { TICK_MS = 1000, LOOK_MS = 10000, LEAVE_MS = 3000 };

struct client {
	struct client_config config;
	struct fdm *fdm;
	struct task_env env;
	const struct client_conf_server *servers;
	size_t n_servers, at;         /* at: which is tried, or is connected */
	struct greet *greet;
	struct link *link;
	struct backoff backoff;
	int retry, tick;              /* timers; -1 none */
	int64_t connected;            /* since when (monotonic) */
	struct errand *errands[CLIENT_CONF_SESSIONS_MAX];
	size_t n_errands;
	struct recording_state state; /* as told */
	int64_t looked, told;         /* monotonic */
	struct report report;
	int64_t ending;               /* since when; 0 not */
};

__attribute__((format(printf, 3, 4)))
static void tell(struct client *c, enum log_level level, const char *format, ...)
{
	char text[GREET_TEXT + 600];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	c->config.tell(level, text);
}

/* ---- what `status` reads ---- */

static void save_report(struct client *c)
{
	int r;

	c->report.sessions = (unsigned)c->n_errands;
	r = report_save(c->config.conf->status, &c->report);
	if (r < 0)
		tell(c, LOG_LEVEL_DEBUG, "%s: %s", c->config.conf->status, strerror(-r));
}

static void report_state(struct client *c, enum report_state state)
{
	const struct client_conf_server *s = &c->servers[c->at];

	if (c->report.state != state || c->report.since_ms == 0)
		c->report.since_ms = clock_now();
	c->report.state = state;
	snprintf(c->report.server, sizeof(c->report.server), "%s:%u", s->name, s->port);
	save_report(c);
}

static void report_error(struct client *c, const char *text)
{
	const struct client_conf_server *s = &c->servers[c->at];
	bool again;
	char line[sizeof(c->report.error)];

	snprintf(line, sizeof(line), "%s:%u: %.200s", s->name, s->port, text);
	again = strcmp(line, c->report.error) == 0 && c->report.state == REPORT_AWAY;
	tell(c, again ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING, "%s", line);
	memcpy(c->report.error, line, sizeof(line));
	c->report.error_ms = clock_now();
}

/* ---- saying ---- */

static void say(struct client *c, const struct control *m)
{
	AUTO_BUF out = BUF_INIT;
	int r = c->link ? control_put(&out, m) : -EPIPE;

	if (r == 0)
		r = link_send(c->link, WEBSOCKET_TEXT, buf_span(&out));
	if (r < 0 && r != -EPIPE)
		tell(c, LOG_LEVEL_WARNING, "%s could not be sent: %s", control_name(m->type), strerror(-r));
}

static void say_error(struct client *c, uint64_t call, int error, const char *text)
{
	say(c, &(struct control){ .type = CONTROL_ERROR, .id = call, .error = {
		span_of(error_name(error)), text ? text_cut(span_of(text), 1000) : SPAN_NONE } });
}

static void say_state(struct client *c)
{
	say(c, &(struct control){ .type = CONTROL_AGENT_STATE, .state = {
		c->state.recording, *c->state.text ? span_of(c->state.text) : SPAN_NONE, c->state.first, c->state.last,
		c->state.bytes } });
	c->told = clock_monotonic();
}

/* What the recorder tells is looked at often, the database itself when there is something to say. */
static void look_at_recording(struct client *c, bool anyway)
{
	struct recording_state now;
	bool changed;

	recording_look(c->config.health, c->config.database, &now);
	changed = now.recording != c->state.recording || strcmp(now.text, c->state.text) != 0;
	c->looked = clock_monotonic();
	if (!changed && !anyway && c->looked - c->told < WIRE_STATE_MS)
		return;
	recording_measure(c->config.database, &now);
	c->state = now;
	say_state(c);
}

/* ---- what the server asks for ---- */

static void on_dialled(struct errand *e, uint64_t call, int error, const char *text, void *data);
static void on_ended(struct errand *e, const char *text, void *data);

static struct greet_config greeting(struct client *c)
{
	const struct client_conf_server *s = &c->servers[c->at];

	return (struct greet_config){
		.fdm = c->fdm, .policy = enrolment_policy(c->config.enrolment), .name = s->name,
		.address = *s->address ? s->address : NULL, .port = s->port, .program = "spoor-agent", .host = c->config.host,
	};
}

static void take_dial(struct client *c, const struct control *m)
{
	struct errand_config config = { .greet = greeting(c), .env = &c->env, .dial = m, .dialled = on_dialled,
					.ended = on_ended, .data = c };
	struct errand *e;
	int r;

	if (c->n_errands >= c->config.conf->sessions) {
		say_error(c, m->id, -EBUSY, "as many sessions as this endpoint allows are open already");
		return;
	}
	r = errand_new(&config, &e);
	if (r < 0) {
		say_error(c, m->id, r, r == -ENOSYS ? "this agent cannot do that" : NULL);
		return;
	}
	c->errands[c->n_errands++] = e;
	save_report(c);
}

/* All said good-bye. */
static void leave(struct client *c)
{
	if (c->ending && !c->link && c->n_errands == 0)
		fdm_quit(c->fdm);
}

static void forget(struct client *c, const struct errand *e)
{
	for (size_t i = 0; i < c->n_errands; i++)
		if (c->errands[i] == e)
			c->errands[i--] = c->errands[--c->n_errands];
	save_report(c);
	leave(c);
}

static void on_dialled(struct errand *e, uint64_t call, int error, const char *text, void *data)
{
	struct client *c = data;

	if (error == 0) {
		tell(c, LOG_LEVEL_INFO, "session begins: %s", errand_name(e));
		say(c, &(struct control){ .type = CONTROL_DONE, .id = call });
		return;
	}
	tell(c, LOG_LEVEL_WARNING, "session not begun: %s: %s", errand_name(e), text);
	say_error(c, call, error, text);
	forget(c, e);
}

static void on_ended(struct errand *e, const char *text, void *data)
{
	struct client *c = data;

	tell(c, LOG_LEVEL_INFO, "session ends: %s%s%s", errand_name(e), text ? ": " : "", text ? text : "");
	forget(c, e);
}

static void take(struct client *c, const struct control *m)
{
	if (m->type == CONTROL_AGENT_DIAL)
		take_dial(c, m);
	else if (m->type == CONTROL_AGENT_LOG)
		c->config.set_level((enum log_level)m->log.level);
	else if (m->id && m->type != CONTROL_DONE && m->type != CONTROL_ERROR)
		say_error(c, m->id, -ENOSYS, NULL);
}

static void on_message(struct link *l, enum websocket_kind kind, struct span payload, void *data)
{
	static const struct message_limits limits = { WIRE_GREETING_BYTES, WIRE_CONTROL_VALUES };
	struct client *c = data;
	struct arena arena = ARENA_INIT;
	struct control m;
	struct message text;
	int r = kind == WEBSOCKET_TEXT ? message_parse(payload, &limits, &text) : -EPROTO;

	if (r == 0) {
		r = control_get(&text, CONTROL_SERVER, &arena, &m);
		if (r == 0)
			take(c, &m);
		else if (r == -ENOSYS && text.id)
			say_error(c, text.id, r, NULL);
		message_free(&text);
	}
	arena_free(&arena);
	if (r < 0 && r != -ENOSYS)
		link_close(l, WEBSOCKET_PROTOCOL, "what it says makes no sense");
}

/* ---- connecting ---- */

static void attempt(struct client *c);

static int on_retry(struct fdm *fdm, void *data)
{
	struct client *c = data;

	fdm_timer_remove(fdm, c->retry);
	c->retry = -1;
	attempt(c);
	return 0;
}

static void wait_to_retry(struct client *c, int64_t held_ms)
{
	uint64_t random = 0;
	int64_t wait;

	if (c->ending)
		return;
	backoff_ended(&c->backoff, held_ms);
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = (uint64_t)clock_now();
	wait = backoff_wait(&c->backoff, random);
	tell(c, LOG_LEVEL_DEBUG, "next attempt in %lld ms", (long long)wait);
	c->at = 0;
	c->retry = fdm_timer_add(c->fdm, wait > 0 ? wait : 1, on_retry, c);
	if (c->retry < 0)
		tell(c, LOG_LEVEL_ERROR, "no timer: %s", strerror(-c->retry)); /* the tick tries again */
}

static void stop_errands(struct client *c, const char *why)
{
	for (size_t i = c->n_errands; i > 0; i--)
		errand_stop(c->errands[i - 1], WEBSOCKET_GOING_AWAY, why);
}

static void on_closed(struct link *l, const struct link_end *end, void *data)
{
	struct client *c = data;
	char text[GREET_TEXT];

	c->link = NULL;
	if (c->ending) {
		leave(c);
		return;
	}
	report_error(c, greet_explain(l, end, text));
	report_state(c, REPORT_AWAY);
	wait_to_retry(c, clock_monotonic() - c->connected);
}

static const struct link_handler handler = { .message = on_message, .closed = on_closed };

static void on_greeted(struct link *l, const struct greet_end *why, void *data)
{
	struct client *c = data;

	c->greet = NULL;
	if (l) {
		c->link = l;
		link_set_handler(l, &handler, c);
		c->connected = clock_monotonic();
		report_state(c, REPORT_CONNECTED);
		tell(c, LOG_LEVEL_INFO, "connected to %s", c->report.server);
		look_at_recording(c, true);
		return;
	}
	report_error(c, why->text);
	report_state(c, REPORT_AWAY);
	if (++c->at < c->n_servers)
		attempt(c);
	else
		wait_to_retry(c, 0);
}

static void attempt(struct client *c)
{
	struct greet_config config = greeting(c);
	int r;

	config.target = "/agent";
	config.done = on_greeted;
	config.data = c;
	r = greet_new(&config, &c->greet);
	if (r < 0) {
		report_error(c, strerror(-r));
		wait_to_retry(c, 0);
	}
}

/* ---- the loop ---- */

static int on_tick(struct fdm *fdm, void *data)
{
	struct client *c = data;
	int64_t now = clock_monotonic();

	if (c->ending && now - c->ending > LEAVE_MS)
		fdm_quit(fdm);
	for (size_t i = c->n_errands; i > 0; i--)
		errand_check(c->errands[i - 1], now);
	if (c->link && now - c->looked >= LOOK_MS)
		look_at_recording(c, false);
	if (!c->ending && !c->link && !c->greet && c->retry < 0)
		attempt(c);
	return 0;
}

/* The server is told, and has a moment to answer. */
static int end(struct client *c)
{
	if (c->ending) {
		fdm_quit(c->fdm);
		return 0;
	}
	c->ending = clock_monotonic();
	stop_errands(c, "the agent ends");
	if (c->link)
		link_close(c->link, WEBSOCKET_GOING_AWAY, "the agent ends");
	leave(c);
	return 0;
}

static int on_signal(struct fdm *fdm, int signo, void *data)
{
	struct client *c = data;

	if (signo != SIGHUP || !c->config.reload(c->config.conf))
		return end(c);
	return 0;
}

static int begin(struct client *c)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	int r = 0;

	c->fdm = fdm_new();
	if (!c->fdm)
		return -ENOMEM;
	c->env = (struct task_env){ c->fdm, c->config.database, c->config.conf, NULL };
	r = asker_new(c->fdm, c->config.database, &c->env.asker);
	for (size_t i = 0; i < 3 && r == 0; i++)
		r = fdm_signal_add(c->fdm, signals[i], on_signal, c);
	if (r == 0)
		r = c->tick = fdm_timer_add(c->fdm, TICK_MS, on_tick, c);
	return r < 0 ? r : 0;
}

/* What is left is cut. */
static void finish(struct client *c)
{
	c->ending = 1;
	greet_free(c->greet);
	if (c->link)
		link_abort(c->link, -ECANCELED);
	if (c->retry >= 0)
		fdm_timer_remove(c->fdm, c->retry);
	c->report.since_ms = clock_now();
	c->report.state = REPORT_OFF;
	save_report(c);
	asker_free(c->env.asker);
	fdm_free(c->fdm);
}

int client_run(const struct client_config *config)
{
	const struct client_conf *conf = config->conf;
	struct client c = { .config = *config, .retry = -1, .tick = -1, .servers = conf->n_servers ? conf->servers :
			    &config->enrolment->server, .n_servers = conf->n_servers ? conf->n_servers : 1 };
	int r = begin(&c);

	signal(SIGPIPE, SIG_IGN);
	report_begin(&c.report);
	enrolment_id(config->enrolment, c.report.endpoint);
	if (r == 0) {
		report_state(&c, REPORT_AWAY);
		attempt(&c);
		r = fdm_run(c.fdm);
	}
	if (c.fdm)
		finish(&c);
	return r;
}
