#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/session/confine-seal.h"
#include "agent/session/confine.h"
#include "agent/session/serve.h"
#include "agent/wire/wire.h"

enum { SOCKET = 3 };

static const char *temp; /* empty: copies have no names */

/* How it is told to work, as an argument. LIVE: on a database that is being written; SERVE: so too, opened at once and served
 * to a stranger; KEPT: as SERVE, of a file that nobody writes. */
enum how { STILL, LIVE, SERVE, KEPT };
static const char *const how_names[] = { "still", "live", "serve", "kept" };

/* Who made the folder may have been killed. */
static void leave(void)
{
	if (*temp)
		rmdir(temp);
	_exit(0);
}

static int fail_open(struct serve *s, const struct messages_call *call, int error)
{
	AUTO_FREE char *text = NULL;

	if (asprintf(&text, "%.*s: cannot confine the process that reads it: %s", SPAN_FMT(call->path),
	             strerror(-error)) < 0)
		text = NULL;
	return serve_answer(s, call, error, text, NULL);
}

/* Opens and answers. *ret is set when it went well. */
static int open_recording(struct serve *s, const struct messages_call *call, struct reader **ret)
{
	AUTO_FREE char *text = NULL;
	AUTO_READER *reader = NULL;
	struct sqlite3 *db;
	int r = vault_open(call->path.p, call->flags, serve_cancel(s), serve_progress, s, &db, &text);

	if (r < 0)
		return serve_answer(s, call, r, text, NULL);
	reader = reader_open_db(db);
	if (!reader)
		return serve_answer(s, call, -ENOMEM, NULL, NULL);
	if (*temp)
		rmdir(temp);
	r = confine_seal_for_reading(call->flags & VAULT_LIVE);
	if (r < 0)
		return fail_open(s, call, r);
	r = serve_answer(s, call, 0, NULL, NULL);
	if (r == 0)
		*ret = STEAL(reader);
	return r;
}

/* Until the peer is gone: the watcher then exits. */
static void serve_all(struct serve *s, int confined)
{
	struct reader *reader = NULL;
	struct messages_call call;

	while (serve_next(s, &call) == 1) {
		int r;

		if (call.type == MESSAGES_OPEN && !reader)
			r = confined < 0 ? fail_open(s, &call, confined) : open_recording(s, &call, &reader);
		else if (call.type == MESSAGES_OPEN || !reader)
			r = -EPROTO;
		else
			r = serve_call(s, reader, &call);
		expr_free((struct expr *)call.where);
		if (r < 0)
			return;
	}
}

/* The reader for a stranger's calls; NULL with the error and *ret_text (malloc'd, may be NULL). */
static struct reader *open_own(const char *path, enum how how, int confined, int *ret_error, char **ret_text)
{
	struct sqlite3 *db;
	struct reader *reader;
	int r = confined;

	*ret_text = NULL;
	if (r == 0)
		r = vault_open(path, how == SERVE ? VAULT_LIVE : 0, NULL, NULL, NULL, &db, ret_text);
	if (r < 0) {
		*ret_error = r;
		return NULL;
	}
	reader = reader_open_db(db);
	r = reader ? confine_seal_for_reading(how == SERVE) : -ENOMEM;
	if (r < 0) {
		reader_close(reader);
		*ret_error = r;
		return NULL;
	}
	return reader;
}

static void serve_stranger(struct serve *s, const char *path, enum how how, int confined)
{
	AUTO_FREE char *text = NULL;
	struct messages_call call;
	int error = 0;
	struct reader *reader = open_own(path, how, confined, &error, &text);
	const char *why = text;

	if (text && span_starts(span_of(text), span_of(path))) /* where it lies here is no stranger's business */
		why += strlen(path) + strspn(text + strlen(path), ": ");
	serve_set_patience(s, WIRE_CALL_MS);
	while (serve_next(s, &call) == 1) {
		int r = call.type == MESSAGES_OPEN ? -EPROTO : reader ? serve_call(s, reader, &call) :
			serve_answer(s, &call, error, why, NULL);

		expr_free((struct expr *)call.where);
		if (r < 0)
			return;
	}
}

/* It gives way to everybody else on the machine, in processor and in memory. */
static void step_back(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	setpriority(PRIO_PROCESS, 0, 10);
	if (fd < 0)
		return;
	if (write(fd, "1000", 4) < 0)
		errno = 0; /* then it is as likely to be chosen as others */
	close(fd);
}

static int read_how(const char *name)
{
	for (unsigned i = 0; i < ARRAY_LEN(how_names); i++)
		if (strcmp(name, how_names[i]) == 0)
			return (int)i;
	return -1;
}

void confine_child_main(int argc, char **argv)
{
	struct serve *s = NULL;
	struct stat st;
	int confined, how;

	if (argc < 2 || strcmp(argv[1], CONFINE_ARGUMENT) != 0)
		return;
	how = argc == 5 ? read_how(argv[4]) : -1;
	if (how < 0 || fstat(SOCKET, &st) < 0 || !S_ISSOCK(st.st_mode)) {
		fputs("spoor: " CONFINE_ARGUMENT " is for the program's own use\n", stderr);
		_exit(2);
	}
	syscall(SYS_close_range, SOCKET + 1, ~0u, 0); /* musl has no name for it */
	setlocale(LC_CTYPE, "C.UTF-8"); /* case folding of text (agent/base/text.h) */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	/* Not PR_SET_PDEATHSIG: it fires when the *thread* that made this process ends. The watcher exits when the socket
	 * closes. */
	temp = argv[3];
	if (how >= SERVE)
		step_back();
	confined = confine_seal_for_opening(argv[2], temp, how == LIVE || how == SERVE);
	if (serve_new(SOCKET, leave, &s) == 0 && how >= SERVE)
		serve_stranger(s, argv[2], (enum how)how, confined);
	else if (s)
		serve_all(s, confined);
	leave();
}
