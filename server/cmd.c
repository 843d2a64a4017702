#include "server/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "server/password.h"
#include "server/place.h"

int cmd_take(const char *help, const struct options_option *options, int argc, char **argv, int n, const char *wanted)
{
	int r = cmd_options(help, options, argc, argv);

	if (r == CMD_GO_ON && argc - optind != n)
		return cmd_usage_error(argv[0], n ? wanted : "no argument is wanted");
	return r;
}

int cmd_take_data(const char *help, const char **ret_data, int argc, char **argv, int n, const char *wanted)
{
	const struct options_option options[] = { { "data", 0, NULL, ret_data }, { NULL, 0, NULL, NULL } };

	return cmd_take(help, options, argc, argv, n, wanted);
}

int cmd_number(const char *text, const char *what, int64_t least, int64_t most, int64_t *ret)
{
	int64_t value;

	if (text && (span_to_i64(span_of(text), &value) < 0 || value < least || value > most)) {
		AUTO_BUF why = BUF_INIT;

		buf_printf(&why, "%s: a number from %d to %d is wanted", text, (int)least, (int)most);
		cmd_fail(what, why.failed ? "not a number that fits" : why.p);
		return CMD_USAGE;
	}
	if (text)
		*ret = value;
	return CMD_OK;
}

struct depot *cmd_open(const char *data)
{
	AUTO_FREE char *path = place_path(data ? data : PLACE_DEFAULT, "server.db");
	AUTO_FREE char *error = NULL;
	struct depot *d = NULL;

	if (!path) {
		cmd_fail_errno("server.db", ENOMEM);
		return NULL;
	}
	if (access(path, F_OK) < 0 && errno == ENOENT) {
		cmd_fail(path, "there is none: run spoor-server setup first");
		return NULL;
	}
	if (depot_open(path, false, &d, &error) < 0)
		cmd_fail_line(error ? error : path);
	return d;
}

int cmd_note(struct depot *d, const char *request, const char *about)
{
	struct depot_activity a = { 0, clock_now(), 0, "", request, about, "ok" };
	int r = depot_activity_add(d, &a);

	return r < 0 ? cmd_fail_errno("activity log", r) : CMD_OK;
}

int cmd_fail_depot(const char *what, int error)
{
	if (error == -EEXIST)
		return cmd_fail(what, "there is one of that name already");
	if (error == -ENOENT)
		return cmd_fail(what, "there is none");
	return cmd_fail_errno(what, error);
}

static int keep_user(const struct depot_user *u, void *data)
{
	struct depot_user *ret = data;

	*ret = *u;
	ret->name = strdup(u->name);
	ret->password = strdup(u->password);
	return ret->name && ret->password ? 0 : -ENOMEM;
}

int cmd_find_user(struct depot *d, const char *name, struct depot_user *ret)
{
	int r;

	*ret = (struct depot_user){ 0 };
	r = depot_user_each(d, name, keep_user, ret);
	if (r == 0 && ret->id == 0)
		r = -ENOENT;
	if (r == 0)
		return 0;
	cmd_free_user(ret);
	return r == -ENOENT ? cmd_fail(name, "no such user") : cmd_fail_errno(name, r);
}

void cmd_free_user(struct depot_user *u)
{
	free((char *)(uintptr_t)u->name);
	free((char *)(uintptr_t)u->password);
	*u = (struct depot_user){ 0 };
}

const char *cmd_name_fault(const char *name)
{
	struct span s = span_of(name);

	if (s.n == 0 || s.n > DEPOT_NAME_MAX)
		return "a name has from 1 to 128 bytes";
	if (!text_is_utf8(s))
		return "not valid UTF-8";
	for (size_t i = 0; i < s.n; i++) {
		uint32_t which;

		if (s.p[i] == '/' || text_hidden((struct span){ s.p + i, s.n - i }, &which))
			return "a name has no \"/\" and nothing that cannot be seen";
	}
	return NULL;
}

/* ---- the terminal ---- */

/* One line without its end; NULL at the end of the input. */
static char *read_line(FILE *from)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n = getline(&line, &cap, from);

	if (n < 0) {
		free(line);
		return NULL;
	}
	if (n > 0 && line[n - 1] == '\n')
		line[--n] = '\0';
	if (strlen(line) == (size_t)n)
		return line;
	explicit_bzero(line, cap); /* a NUL in it: not what was meant */
	free(line);
	return NULL;
}

static char *read_hidden(const char *prompt, const char *user)
{
	struct termios shown, hidden;
	char *line;

	if (tcgetattr(STDIN_FILENO, &shown) < 0)
		return NULL;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden); /* before the prompt: what is typed earlier goes */
	fprintf(stderr, "%s %s: ", prompt, user);
	line = read_line(stdin);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	fputc('\n', stderr);
	return line;
}

char *cmd_ask_password(const char *user, bool from_stdin)
{
	bool terminal = !from_stdin && isatty(STDIN_FILENO);
	AUTO_SECRET char *first = terminal ? read_hidden("New password of", user) : read_line(stdin);
	AUTO_SECRET char *second = terminal && first ? read_hidden("Once more for", user) : NULL;
	const char *fault = first ? password_fault(first) : "none was given";

	if (!fault && terminal && (!second || strcmp(first, second) != 0))
		fault = "the two are not the same";
	if (fault) {
		cmd_fail("password", fault);
		return NULL;
	}
	return STEAL(first);
}

bool cmd_ask_yes(const char *question)
{
	AUTO_FREE char *line = NULL;

	if (!isatty(STDIN_FILENO))
		return false;
	fprintf(stderr, "%s [y/N] ", question);
	line = read_line(stdin);
	return line && (line[0] == 'y' || line[0] == 'Y');
}
