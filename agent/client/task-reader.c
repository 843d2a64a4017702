/* Reader calls about the recording of this machine, answered by a confined child of their own (agent/session/confine.h). */
#include "agent/client/task.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "agent/net/pump.h"
#include "agent/session/confine.h"
#include "agent/wire/wire.h"

enum { LOOK_MS = 250 };

struct task {
	const struct task_env *env;
	struct pump *pump;
	pid_t child;
	int timer;
	const char *why; /* it was ended for that */
	task_done_fn *done;
	void *data;
};

/* It only reads: there is nothing for it to finish. */
static void end_child(pid_t child)
{
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

static void on_done(struct pump *p, const struct link_end *end, void *data)
{
	struct task *t = data;

	fdm_timer_remove(t->env->fdm, t->timer);
	end_child(t->child);
	if (!t->why && end->error == -EPIPE)
		t->why = "the process that reads the recording ended inside an answer";
	t->done(t->why, t->data);
	free(t);
}

/* A limit of the kernel's would count what is only reserved. */
static int on_look(struct fdm *fdm, void *data)
{
	struct task *t = data;

	if (!t->why && confine_memory(t->child) > t->env->conf->session_memory) {
		t->why = "the search took more memory than this endpoint allows (session-memory)";
		kill(t->child, SIGKILL);
		pump_close(t->pump, WEBSOCKET_TOO_BIG, t->why);
	}
	return 0;
}

static int start(const struct task_env *env, struct link *link, const struct task_order *order, task_done_fn *done,
		 void *data, struct task **ret)
{
	struct task *t = calloc(1, sizeof(*t));
	int fd, r;

	if (!t)
		return -ENOMEM;
	*t = (struct task){ .env = env, .done = done, .data = data };
	r = t->timer = fdm_timer_add(env->fdm, LOOK_MS, on_look, t);
	if (r >= 0)
		r = confine_serve_live(env->database, &fd, &t->child);
	if (r == 0) {
		r = pump_new(&(struct pump_config){ env->fdm, link, fd, WIRE_ANSWER_BYTES, on_done, t }, &t->pump);
		if (r < 0)
			end_child(t->child);
	}
	if (r < 0) {
		if (t->timer >= 0)
			fdm_timer_remove(env->fdm, t->timer);
		free(t);
		return r;
	}
	link_set_max_message(link, WIRE_REQUEST_BYTES);
	*ret = t;
	return 0;
}

/* The server closes it after WIRE_IDLE_MS: one that does not is no reason to keep a process. */
static void check(struct task *t, int64_t now)
{
	if (now - pump_heard(t->pump) > WIRE_IDLE_MS + 60000)
		pump_close(t->pump, WEBSOCKET_POLICY, "nothing was asked for long");
}

static void stop(struct task *t, enum websocket_code code, const char *why)
{
	pump_close(t->pump, code, why);
}

const struct task_kind task_reader = { CONTROL_TASK_READER, "reader", start, check, stop };
