#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/session/confine-seal.h"
#include "agent/session/confine.h"
#include "agent/session/serve.h"

enum { SOCKET = 3 };

static const char *temp; /* empty: copies have no names */

/* Who made the folder may have been killed. */
static void leave(void)
{
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

void confine_child_main(int argc, char **argv)
{
	struct serve *s;
	struct stat st;
	int confined;

	if (argc < 2 || strcmp(argv[1], CONFINE_ARGUMENT) != 0)
		return;
	if (argc != 5 || fstat(SOCKET, &st) < 0 || !S_ISSOCK(st.st_mode)) {
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
	confined = confine_seal_for_opening(argv[2], temp, strcmp(argv[4], "live") == 0);
	if (serve_new(SOCKET, leave, &s) == 0)
		serve_all(s, confined);
	leave();
}
