#include "server/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "agent/base/cleanup.h"

static const char help[] =
	"Usage: spoor-server group join|leave [--data DIR] GROUP USER\n"
	"       spoor-server group show|hide [--data DIR] GROUP COMPUTERS\n"
	"       spoor-server group list [--data DIR]\n\n"
	"A user in no group sees every computer; one in any group sees the computers of its groups only (an\n"
	"administrator sees all). join and leave put a user into a group of users or out of it; show and hide\n"
	"let such a group see a group of computers (computers join one by the token they enrol with) or no longer.\n"
	"Groups are made when they are first named.\n\n"
	CMD_DATA_HELP
	"  --help      this text\n";

struct wanted {
	const char *name;
	int64_t id;
};

static int match(int64_t id, const char *name, void *data)
{
	struct wanted *w = data;

	if (strcasecmp(name, w->name) == 0)
		w->id = id;
	return 0;
}

/* make: where there is none yet. */
static int find_group(struct depot *d, enum depot_group_kind kind, const char *name, bool make, int64_t *ret_id)
{
	const char *fault = cmd_name_fault(name);
	struct wanted w = { name, 0 };
	int r;

	if (fault)
		return cmd_fail(name, fault);
	r = make ? depot_group_put(d, kind, name, &w.id) : depot_group_each(d, kind, match, &w);
	if (r < 0)
		return cmd_fail_depot(name, r);
	if (w.id == 0)
		return cmd_fail(name, "no such group");
	*ret_id = w.id;
	return CMD_OK;
}

static int find_member(struct depot *d, enum depot_link_kind kind, const char *name, bool make, int64_t *ret_id)
{
	struct depot_user u;

	if (kind == DEPOT_LINK_COMPUTERS)
		return find_group(d, DEPOT_COMPUTERS, name, make, ret_id);
	if (cmd_find_user(d, name, &u) != 0)
		return CMD_FAILED;
	*ret_id = u.id;
	cmd_free_user(&u);
	return CMD_OK;
}

static int note(struct depot *d, const char *request, const char *group, const char *member)
{
	AUTO_BUF about = BUF_INIT;

	buf_printf(&about, "%s: %s", group, member);
	return cmd_note(d, request, about.failed ? group : about.p);
}

static int link_to(int argc, char **argv, enum depot_link_kind kind, bool in, const char *request)
{
	const char *data = NULL;
	int64_t group, member;
	int r = cmd_take_data(help, &data, argc, argv, 2, "two names are wanted");

	if (r != CMD_GO_ON)
		return r;
	AUTO_DEPOT *d = cmd_open(data);
	if (!d || find_member(d, kind, argv[optind + 1], in, &member) != CMD_OK ||
	    find_group(d, DEPOT_USERS, argv[optind], in, &group) != CMD_OK)
		return CMD_FAILED;
	r = depot_group_link(d, group, kind, member, in);
	if (r == -ENOENT)
		return cmd_fail(argv[optind + 1], "not in that group");
	return r < 0 ? cmd_fail_depot(argv[optind], r) : note(d, request, argv[optind], argv[optind + 1]);
}

static int join(int argc, char **argv)
{
	return link_to(argc, argv, DEPOT_LINK_USER, true, "join group");
}

static int leave(int argc, char **argv)
{
	return link_to(argc, argv, DEPOT_LINK_USER, false, "leave group");
}

static int show(int argc, char **argv)
{
	return link_to(argc, argv, DEPOT_LINK_COMPUTERS, true, "show computers");
}

static int hide(int argc, char **argv)
{
	return link_to(argc, argv, DEPOT_LINK_COMPUTERS, false, "hide computers");
}

static int print_group(int64_t id, const char *name, void *data)
{
	printf("%-10s %s\n", (const char *)data, name);
	return 0;
}

static int list(int argc, char **argv)
{
	const char *data = NULL;
	static char users[] = "users", computers[] = "computers";
	int r = cmd_take_data(help, &data, argc, argv, 0, NULL);

	if (r != CMD_GO_ON)
		return r;
	AUTO_DEPOT *d = cmd_open(data);
	if (!d)
		return CMD_FAILED;
	r = depot_group_each(d, DEPOT_USERS, print_group, users);
	if (r == 0)
		r = depot_group_each(d, DEPOT_COMPUTERS, print_group, computers);
	return r < 0 ? cmd_fail_errno("groups", r) : CMD_OK;
}

int cmd_group(int argc, char **argv)
{
	static const struct cmd commands[] = {
		{ "join", join, "" }, { "leave", leave, "" }, { "show", show, "" }, { "hide", hide, "" }, { "list", list, "" },
		{ NULL, NULL, NULL },
	};

	return cmd_second(help, commands, argc, argv);
}
