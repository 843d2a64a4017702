#include "server/cmd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "server/authorise.h"
#include "server/password.h"
#include "server/secret.h"

static const char help[] =
	"Usage: spoor-server user add [--role ROLE] [--password-stdin] [--data DIR] NAME\n"
	"       spoor-server user password [--password-stdin] [--data DIR] NAME\n"
	"       spoor-server user role [--data DIR] NAME ROLE\n"
	"       spoor-server user disable|enable [--data DIR] NAME\n"
	"       spoor-server user token [--days N] [--data DIR] NAME\n"
	"       spoor-server user logout [--data DIR] NAME\n"
	"       spoor-server user list [--data DIR]\n\n"
	"Who may log in. ROLE is viewer (reads), investigator (opens endpoints, captures, saves; the default) or\n"
	"administrator (also users, groups, tokens, endpoints). A user who is disabled is logged out; users are never\n"
	"removed, since the activity log names them. A token is a login for scripts, such as to upload a snapshot\n"
	"(spoor-server(8)); it is printed once, kept as a hash only, and ends with logout or any change of the user.\n\n"
	"  --role ROLE       of the new user\n"
	"  --days N          how long the token may be used (1; at most 90)\n"
	"  --password-stdin  the password is the first line of standard input; else it is asked for\n"
	CMD_DATA_HELP
	"  --help            this text\n";

enum { DAYS_MOST = 90 }; /* of a login token */

struct arguments {
	const char *data, *role, *days;
	bool password_stdin;
};

/* Reads options and exactly n arguments. CMD_GO_ON, or the exit status. */
static int take(struct arguments *a, int argc, char **argv, int n)
{
	const struct options_option options[] = {
		{ "data", 0, NULL, &a->data }, { "role", 0, NULL, &a->role }, { "days", 0, NULL, &a->days },
		{ "password-stdin", 0, &a->password_stdin, NULL },
		{ NULL, 0, NULL, NULL },
	};

	return cmd_take(help, options, argc, argv, n, n == 1 ? "one name is wanted" : "a name and a role are wanted");
}

static int set_password(struct depot_user *u, bool from_stdin, char **ret_hash)
{
	AUTO_SECRET char *password = cmd_ask_password(u->name, from_stdin);
	int r;

	if (!password)
		return CMD_FAILED;
	r = password_hash(password, ret_hash);
	if (r < 0)
		return cmd_fail_errno("password", r);
	u->password = *ret_hash;
	return CMD_OK;
}

static int add(int argc, char **argv)
{
	struct arguments a = { .role = "investigator" };
	AUTO_FREE char *hash = NULL;
	struct depot_user u = { .created_ms = clock_now() };
	const char *fault;
	int r = take(&a, argc, argv, 1);

	if (r != CMD_GO_ON)
		return r;
	u.name = argv[optind];
	u.role = authorise_role_named(a.role);
	fault = cmd_name_fault(u.name);
	if (fault)
		return cmd_fail(u.name, fault);
	if (u.role == AUTHORISE_NONE)
		return cmd_fail(a.role, "no such role (viewer, investigator, administrator)");
	AUTO_DEPOT *d = cmd_open(a.data);
	if (!d || set_password(&u, a.password_stdin, &hash) != CMD_OK)
		return CMD_FAILED;
	r = depot_user_put(d, &u, NULL);
	return r < 0 ? cmd_fail_depot(u.name, r) : cmd_note(d, "add user", u.name);
}

/* Keeps what `change` has set of the user of that name. */
static int change_user(const char *data, const char *name, const char *request, struct depot_user change)
{
	AUTO_DEPOT *d = cmd_open(data);
	struct depot_user u;
	int r;

	if (!d || cmd_find_user(d, name, &u) != 0)
		return CMD_FAILED;
	change.id = u.id;
	r = depot_user_put(d, &change, NULL);
	r = r < 0 ? cmd_fail_depot(name, r) : cmd_note(d, request, u.name);
	cmd_free_user(&u);
	return r;
}

/* The password is asked for once the user is known, and kept when it was given. */
static int password(int argc, char **argv)
{
	struct arguments a = { 0 };
	struct depot_user u = { .disabled = -1 };
	AUTO_FREE char *hash = NULL;
	int r = take(&a, argc, argv, 1);

	if (r != CMD_GO_ON)
		return r;
	AUTO_DEPOT *d = cmd_open(a.data);
	if (!d || cmd_find_user(d, argv[optind], &u) != 0)
		return CMD_FAILED;
	cmd_free_user(&u);
	u = (struct depot_user){ .name = argv[optind], .disabled = -1 };
	if (set_password(&u, a.password_stdin, &hash) != CMD_OK)
		return CMD_FAILED;
	u.name = NULL;
	return change_user(a.data, argv[optind], "change password", u);
}

static int role(int argc, char **argv)
{
	struct arguments a = { 0 };
	struct depot_user u = { .disabled = -1 };
	int r = take(&a, argc, argv, 2);

	if (r != CMD_GO_ON)
		return r;
	u.role = authorise_role_named(argv[optind + 1]);
	if (u.role == AUTHORISE_NONE)
		return cmd_fail(argv[optind + 1], "no such role (viewer, investigator, administrator)");
	return change_user(a.data, argv[optind], "change role", u);
}

static int set_disabled(int argc, char **argv, bool disabled)
{
	struct arguments a = { 0 };
	int r = take(&a, argc, argv, 1);

	if (r != CMD_GO_ON)
		return r;
	return change_user(a.data, argv[optind], disabled ? "disable user" : "enable user",
	                   (struct depot_user){ .disabled = disabled });
}

static int disable(int argc, char **argv)
{
	return set_disabled(argc, argv, true);
}

static int enable(int argc, char **argv)
{
	return set_disabled(argc, argv, false);
}

static int put_token(struct depot *d, const struct depot_user *u, int64_t days)
{
	unsigned char hash[SECRET_HASH];
	char text[SECRET_TEXT], until[CLOCK_TEXT];
	struct depot_token t = { .hash = hash, .kind = DEPOT_LOGIN, .user = u->id, .created_ms = clock_now() };
	int r = secret_new(text);

	t.expires_ms = t.created_ms + days * MS_PER_DAY;
	if (r == 0)
		r = secret_hash(span_of(text), hash);
	if (r == 0)
		r = depot_token_put(d, &t, NULL);
	if (r < 0)
		return cmd_fail_errno("token", r);
	r = cmd_note(d, "create login token", u->name);
	if (r == CMD_OK) {
		fprintf(stderr, "Valid until %s. It is shown this once:\n", clock_format_iso(t.expires_ms, until));
		printf("%s\n", text);
	}
	explicit_bzero(text, sizeof(text));
	return r;
}

static int token(int argc, char **argv)
{
	struct arguments a = { 0 };
	struct depot_user u;
	int64_t days = 1;
	int r = take(&a, argc, argv, 1);

	if (r == CMD_GO_ON)
		r = cmd_number(a.days, "--days", 1, DAYS_MOST, &days);
	else
		return r;
	if (r != CMD_OK)
		return r;
	AUTO_DEPOT *d = cmd_open(a.data);
	if (!d || cmd_find_user(d, argv[optind], &u) != 0)
		return CMD_FAILED;
	r = u.disabled ? cmd_fail(u.name, "the user is disabled") : put_token(d, &u, days);
	cmd_free_user(&u);
	return r;
}

/* Any change ends a user's logins: none is enough. */
static int logout(int argc, char **argv)
{
	struct arguments a = { 0 };
	int r = take(&a, argc, argv, 1);

	return r != CMD_GO_ON ? r : change_user(a.data, argv[optind], "log out user", (struct depot_user){ .disabled = -1 });
}

static int print_user(const struct depot_user *u, void *data)
{
	const char *name = authorise_role_name(u->role);
	char since[CLOCK_TEXT];

	printf("%-24s %-14s %-9s %s\n", u->name, name ? name : "?", u->disabled ? "disabled" : "",
	       clock_format_iso(u->created_ms, since));
	return 0;
}

static int list(int argc, char **argv)
{
	struct arguments a = { 0 };
	int r = take(&a, argc, argv, 0);

	if (r != CMD_GO_ON)
		return r;
	AUTO_DEPOT *d = cmd_open(a.data);
	r = d ? depot_user_each(d, NULL, print_user, NULL) : CMD_FAILED;
	return r < 0 ? cmd_fail_errno("users", r) : r;
}

int cmd_user(int argc, char **argv)
{
	static const struct cmd commands[] = {
		{ "add", add, "" }, { "password", password, "" }, { "role", role, "" }, { "disable", disable, "" },
		{ "enable", enable, "" },
		{ "token", token, "" }, { "logout", logout, "" }, { "list", list, "" }, { NULL, NULL, NULL },
	};

	return cmd_second(help, commands, argc, argv);
}
