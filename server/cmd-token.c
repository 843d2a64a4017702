#include "server/cmd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "server/secret.h"

static const char help[] =
	"Usage: spoor-server token create [--group COMPUTERS] [--days N] [--uses N] [--data DIR]\n"
	"       spoor-server token list [--data DIR]\n"
	"       spoor-server token revoke [--data DIR] ID\n\n"
	"A token lets a computer enrol. It is printed once and kept as a hash only.\n\n"
	"  --group COMPUTERS  group of computers that who enrols with it joins\n"
	"  --days N           how long it may be used (7; at most 3650)\n"
	"  --uses N           how many computers may use it (1; 0: as many as come)\n"
	CMD_DATA_HELP
	"  --help             this text\n";

enum { DAYS_MOST = 3650, USES_MOST = 1000000 };

struct arguments {
	const char *data, *group, *days, *uses;
};

static int take(struct arguments *a, int argc, char **argv, int n)
{
	const struct options_option options[] = {
		{ "data", 0, NULL, &a->data }, { "group", 0, NULL, &a->group }, { "days", 0, NULL, &a->days },
		{ "uses", 0, NULL, &a->uses }, { NULL, 0, NULL, NULL },
	};

	return cmd_take(help, options, argc, argv, n, "the token's ID is wanted (see token list)");
}

static int put(struct depot *d, const char *group, int64_t days, int64_t uses)
{
	unsigned char hash[SECRET_HASH];
	char text[SECRET_TEXT], until[CLOCK_TEXT];
	struct depot_token t = { .hash = hash, .kind = DEPOT_ENROL, .created_ms = clock_now(), .uses = uses };
	const char *fault = group ? cmd_name_fault(group) : NULL;
	AUTO_BUF about = BUF_INIT;
	int r = secret_new(text);

	if (fault)
		return cmd_fail(group, fault);
	if (r == 0)
		r = secret_hash(span_of(text), hash);
	if (r == 0 && group)
		r = depot_group_put(d, DEPOT_COMPUTERS, group, &t.computers);
	t.expires_ms = t.created_ms + days * MS_PER_DAY;
	if (r == 0)
		r = depot_token_put(d, &t, &t.id);
	if (r < 0)
		return cmd_fail_errno("token", r);
	buf_printf(&about, "%lld%s%s", (long long)t.id, group ? ": " : "", group ? group : "");
	if (cmd_note(d, "create token", about.failed ? "" : about.p) != CMD_OK)
		return CMD_FAILED;
	fprintf(stderr, "Valid until %s. It is shown this once:\n", clock_format_iso(t.expires_ms, until));
	printf("%s\n", text);
	return CMD_OK;
}

static int create(int argc, char **argv)
{
	struct arguments a = { 0 };
	int64_t days = 7, uses = 1;
	int r = take(&a, argc, argv, 0);

	if (r != CMD_GO_ON)
		return r;
	r = cmd_number(a.days, "--days", 1, DAYS_MOST, &days);
	if (r == CMD_OK)
		r = cmd_number(a.uses, "--uses", 0, USES_MOST, &uses);
	if (r != CMD_OK)
		return r;
	AUTO_DEPOT *d = cmd_open(a.data);
	return d ? put(d, a.group, days, uses) : CMD_FAILED;
}

struct listing {
	struct depot *d;
	int64_t computers;
};

static int print_group_name(int64_t id, const char *name, void *data)
{
	const struct listing *l = data;

	if (id == l->computers)
		printf("  %s", name);
	return 0;
}

static int print_token(const struct depot_token *t, void *data)
{
	struct listing *l = data;
	char until[CLOCK_TEXT], uses[24];

	snprintf(uses, sizeof(uses), "%lld", (long long)t->uses);
	printf("%-6lld %-8s %s%s", (long long)t->id, t->uses ? uses : "any", clock_format_iso(t->expires_ms, until),
	       t->expires_ms <= clock_now() ? " expired" : "");
	l->computers = t->computers;
	depot_group_each(l->d, DEPOT_COMPUTERS, print_group_name, l);
	putchar('\n');
	return 0;
}

static int list(int argc, char **argv)
{
	struct arguments a = { 0 };
	struct listing l = { NULL, 0 };
	int r = take(&a, argc, argv, 0);

	if (r != CMD_GO_ON)
		return r;
	AUTO_DEPOT *d = l.d = cmd_open(a.data);
	r = d ? depot_token_each(d, DEPOT_ENROL, print_token, &l) : CMD_FAILED;
	return r < 0 ? cmd_fail_errno("tokens", r) : r;
}

static int revoke_one(int argc, char **argv)
{
	struct arguments a = { 0 };
	int64_t id;
	int r = take(&a, argc, argv, 1);

	if (r != CMD_GO_ON)
		return r;
	if (span_to_i64(span_of(argv[optind]), &id) < 0 || id < 1)
		return cmd_usage_error("token", "the token's ID is a number (see token list)");
	AUTO_DEPOT *d = cmd_open(a.data);
	if (!d)
		return CMD_FAILED;
	r = depot_delete(d, DEPOT_AN_ENROL_TOKEN, id);
	return r < 0 ? cmd_fail_depot(argv[optind], r) : cmd_note(d, "revoke token", argv[optind]);
}

int cmd_token(int argc, char **argv)
{
	static const struct cmd commands[] = {
		{ "create", create, "" }, { "list", list, "" }, { "revoke", revoke_one, "" }, { NULL, NULL, NULL },
	};

	return cmd_second(help, commands, argc, argv);
}
