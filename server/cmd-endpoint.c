#include "server/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"

static const char help[] =
	"Usage: spoor-server endpoint list [--data DIR]\n"
	"       spoor-server endpoint revoke|delete [--data DIR] NAME|KEY\n\n"
	"The computers that have enrolled. Each is its key: two of one name are two, and are told apart by it. revoke keeps\n"
	"what is known and trusts the key no longer; delete forgets the computer (its snapshots and files stay), and it may\n"
	"enrol anew.\n\n"
	CMD_DATA_HELP
	"  --help      this text\n";

static int print_endpoint(const struct depot_endpoint *e, void *data)
{
	AUTO_BUF name = BUF_INIT; /* as the computer told it */
	char contact[CLOCK_TEXT];

	text_visible(&name, span_of(e->name));
	printf("%s  %-24s %-26s %s\n", e->key, name.failed || !name.p ? "?" : name.p,
	       e->contact_ms ? clock_format_iso(e->contact_ms, contact) : "no contact yet", e->revoked_ms ? "revoked" : "");
	return 0;
}

static int list(int argc, char **argv)
{
	const char *data = NULL;
	int r = cmd_take_data(help, &data, argc, argv, 0, NULL);

	if (r != CMD_GO_ON)
		return r;
	AUTO_DEPOT *d = cmd_open(data);
	r = d ? depot_endpoint_each(d, NULL, print_endpoint, NULL) : CMD_FAILED;
	return r < 0 ? cmd_fail_errno("endpoints", r) : r;
}

/* The one that was meant, as long as its depot may be written to. */
struct found {
	struct depot_endpoint e;
	int n;
};

static void free_found(struct found *f)
{
	free((char *)(uintptr_t)f->e.key);
	free((char *)(uintptr_t)f->e.name);
	free((char *)(uintptr_t)f->e.address);
	free((char *)(uintptr_t)f->e.agent);
}

static int keep(const struct depot_endpoint *e, void *data)
{
	struct found *f = data;

	if (f->n++ > 0)
		return 0;
	f->e = *e;
	f->e.key = strdup(e->key);
	f->e.name = strdup(e->name);
	f->e.address = strdup(e->address);
	f->e.agent = strdup(e->agent);
	return f->e.key && f->e.name && f->e.address && f->e.agent ? 0 : -ENOMEM;
}

static int revoke_it(struct depot *d, struct depot_endpoint *e)
{
	return depot_endpoint_put(d, &(struct depot_endpoint){ .id = e->id, .revoked_ms = clock_now() }, NULL);
}

static int delete_it(struct depot *d, struct depot_endpoint *e)
{
	return depot_delete(d, DEPOT_AN_ENDPOINT, e->id);
}

static int with_one(int argc, char **argv, const char *request, int (*change)(struct depot *d, struct depot_endpoint *e))
{
	CLEANUP(free_found) struct found f = { { 0 }, 0 };
	AUTO_BUF about = BUF_INIT;
	const char *data = NULL;
	int r = cmd_take_data(help, &data, argc, argv, 1, "one name or key is wanted");

	if (r != CMD_GO_ON)
		return r;
	AUTO_DEPOT *d = cmd_open(data);
	if (!d)
		return CMD_FAILED;
	r = depot_endpoint_each(d, argv[optind], keep, &f);
	if (r == 0 && f.n == 0)
		return cmd_fail(argv[optind], "no such computer has enrolled");
	if (r == 0 && f.n > 1)
		return cmd_fail(argv[optind], "several have that name: which key? (see endpoint list)");
	if (r == 0)
		r = change(d, &f.e);
	if (r < 0)
		return cmd_fail_depot(argv[optind], r);
	buf_printf(&about, "%s (%s)", f.e.name, f.e.key);
	return cmd_note(d, request, about.failed ? argv[optind] : about.p);
}

static int revoke_one(int argc, char **argv)
{
	return with_one(argc, argv, "revoke endpoint", revoke_it);
}

static int delete_one(int argc, char **argv)
{
	return with_one(argc, argv, "delete endpoint", delete_it);
}

int cmd_endpoint(int argc, char **argv)
{
	static const struct cmd commands[] = {
		{ "list", list, "" }, { "revoke", revoke_one, "" }, { "delete", delete_one, "" }, { NULL, NULL, NULL },
	};

	return cmd_second(help, commands, argc, argv);
}
