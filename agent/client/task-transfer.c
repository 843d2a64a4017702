/* Files and snapshots for a server: the opener (agent/opener/ask.h), which has the rights, opens them; what goes wrong is told
 * as the reason of the close (1008), in one line. */
#include "agent/client/task.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/client/running.h"
#include "agent/opener/ask.h"
#include "agent/transfer/send.h"

struct task {
	const struct task_env *env;
	struct link *link;
	struct ask_request request;
	bool asked;              /* and not answered */
	int64_t process;         /* of a file: who else may have it; 0 nobody */
	struct send *send;
	char why[ASK_WHY];       /* it failed for that */
	task_done_fn *done;
	void *data;
};

static void give_up(struct task *t, enum websocket_code code, const char *why)
{
	if (!*t->why)
		snprintf(t->why, sizeof(t->why), "%s", why);
	link_close(t->link, code, t->why);
}

/* ---- sending ---- */

static void on_sent(struct send *s, int error, const char *text, void *data)
{
	struct task *t = data;

	if (error < 0) {
		give_up(t, WEBSOCKET_POLICY, text);
		return;
	}
	if (t->request.kind == ASK_CAPTURE) {
		t->request.kind = ASK_FETCHED;
		asker_ask(t->env->asker, &t->request, NULL, NULL);
	}
	link_close(t->link, WEBSOCKET_NORMAL, "it is sent");
}

/* The same file with the same content, as far as can be told without reading it. */
static void identify(int fd, char *out, size_t size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		st = (struct stat){ 0 };
	snprintf(out, size, "%llx-%llx-%llx-%llx.%lx", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino,
		 (unsigned long long)st.st_size, (unsigned long long)st.st_mtim.tv_sec, (unsigned long)st.st_mtim.tv_nsec);
}

static void send_file(struct task *t, int fd, const char *name)
{
	char identity[90];
	struct send_config config = { t->env->fdm, t->link, fd, span_of(name), SPAN_NONE, t->request.max_bytes, NULL,
				      on_sent, t };
	int r;

	identify(fd, identity, sizeof(identity));
	identity[64] = 0;
	config.identity = span_of(identity);
	r = send_new(&config, &t->send);
	if (r < 0)
		give_up(t, WEBSOCKET_POLICY, transfer_text(transfer_reason(r)));
}

/* ---- opening ---- */

static void on_answer(const struct ask_answer *a, int fd, void *data);

static int ask(struct task *t)
{
	int r = t->env->asker ? asker_ask(t->env->asker, &t->request, on_answer, t) : -ENOTSUP;

	t->asked = r == 0;
	return r;
}

/* The path is gone, but a process may still run what was there. */
static bool ask_for_executable(struct task *t, int error)
{
	int r;

	if (error != -ENOENT || t->process == 0 || t->request.kind != ASK_FILE)
		return false;
	r = running_find(t->env->database, t->process, &t->request.pid, &t->request.start_ms);
	if (r < 0)
		return false;
	t->request.kind = ASK_EXECUTABLE;
	return ask(t) == 0;
}

static void on_answer(const struct ask_answer *a, int fd, void *data)
{
	struct task *t = data;

	t->asked = false;
	if (fd >= 0)
		send_file(t, fd, t->request.kind == ASK_CAPTURE ? a->file : t->request.path);
	else if (!ask_for_executable(t, a->error))
		give_up(t, WEBSOCKET_POLICY, a->why);
}

/* ---- the link ---- */

static void on_message(struct link *l, enum websocket_kind kind, struct span payload, void *data)
{
	struct task *t = data;

	if (t->send)
		send_message(t->send, kind, payload);
	else
		give_up(t, WEBSOCKET_PROTOCOL, "nothing is expected yet");
}

static void on_drained(struct link *l, void *data)
{
	struct task *t = data;

	if (t->send)
		send_drained(t->send);
}

static void on_closed(struct link *l, const struct link_end *end, void *data)
{
	struct task *t = data;

	if (t->asked)
		asker_forget(t->env->asker, t->request.id);
	send_free(t->send);
	t->done(*t->why ? t->why : NULL, t->data);
	free(t);
}

static const struct link_handler handler = { .message = on_message, .drained = on_drained, .closed = on_closed };

/* ---- from outside ---- */

static int start(const struct task_env *env, struct link *link, const struct task_order *order, task_done_fn *done,
		 void *data, struct task **ret)
{
	bool capture = order->task == CONTROL_TASK_CAPTURE;
	struct task *t;
	int r;

	if (!order->path.p || order->path.n > ASK_PATH || memchr(order->path.p, 0, order->path.n))
		return -EINVAL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	*t = (struct task){ .env = env, .link = link, .process = (int64_t)order->process, .done = done, .data = data };
	t->request.kind = capture ? ASK_CAPTURE : ASK_FILE;
	t->request.max_bytes = capture ? INT64_MAX : order->max_bytes;
	memcpy(t->request.path, order->path.p, order->path.n);
	r = ask(t);
	if (r < 0) {
		free(t);
		return r;
	}
	link_set_handler(link, &handler, t);
	link_set_max_message(link, BULK_MAX_MESSAGE);
	*ret = t;
	return 0;
}

static void stop(struct task *t, enum websocket_code code, const char *why)
{
	give_up(t, code, why);
}

const struct task_kind task_capture = { CONTROL_TASK_CAPTURE, "capture", start, NULL, stop };
const struct task_kind task_file = { CONTROL_TASK_FILE, "file", start, NULL, stop };
