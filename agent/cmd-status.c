#include "agent/cmd.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "agent/client/report.h"
#include "agent/settings.h"
#include "recorder/health.h"
#include "recorder/netlink.h"
#include "recorder/procfs.h"
#include "recorder/query/reader.h"
#include "recorder/restore.h"
#include "recorder/rules.h"
#include "recorder/store/vault.h"

static const char help[] =
	"Usage: spoor-agent status [--json] [--db FILE] [-c FILE]\n\n"
	"Tells what is recording on this machine, in which state the kernel's audit is, and with\n"
	"--db what the database holds and what is missing from it.\n\n"
	"  --db FILE  a database\n"
	"  -c, --config FILE  instead of " SETTINGS_PATH ": where the client's status is\n"
	"  --json     for programs: one object; times in ms since 1970, null for what is not known\n"
	"  --help     this text\n";

enum { GAPS_SHOWN = 20 };

struct audit_view {
	const char *trouble; /* why the state could not be read, NULL */
	struct audit_status status;
	struct rules_present rules;
	char owner[32];      /* who receives the records: its comm */
	pid_t recorder;      /* spoor-agent that records; 0 none */
	struct health health; /* what it tells about itself; pid 0: nothing */
	struct health ended; /* what the last one told that ended by itself; pid 0: none did */
	bool left_over;      /* one was killed and has not put audit back */
	struct report client; /* what the client tells; pid 0: nothing */
};

static void owner_name(struct audit_view *v)
{
	char path[32];
	AUTO_FCLOSE FILE *f = NULL;

	snprintf(path, sizeof(path), "/proc/%u/comm", v->status.pid);
	f = fopen(path, "re");
	if (!f || !fgets(v->owner, sizeof(v->owner), f))
		v->owner[0] = 0;
	v->owner[strcspn(v->owner, "\n")] = 0;
}

static void look_for_recorder(struct audit_view *v)
{
	struct procfs *p = procfs_new();
	struct restore_state s;

	if (p && restore_load(RESTORE_PATH, procfs_boot_id(p), &s) == 0) {
		if (restore_owner_alive(&s))
			v->recorder = s.pid;
		else
			v->left_over = true;
	}
	procfs_free(p);
}

static void look_at_health(struct audit_view *v)
{
	struct health h;

	if (health_load(HEALTH_PATH, &h) < 0)
		return;
	if (h.ended[0])
		v->ended = h;
	else if (health_alive(&h))
		v->health = h;
}

static void look_at_client(const char *config, struct audit_view *v)
{
	AUTO_FREE char *error = NULL;
	struct client_conf conf;

	if (client_conf_load(config ? config : SETTINGS_PATH, !config, &conf, &error) == 0)
		report_load(conf.status, &v->client);
}

/* It has something to do, and is no more. */
static bool client_died(const struct report *c)
{
	return (c->state == REPORT_AWAY || c->state == REPORT_CONNECTED) && !report_alive(c);
}

static void look_at_audit(struct audit_view *v)
{
	AUTO_CLOSE int fd = netlink_open();
	int r = fd < 0 ? fd : netlink_status(fd, &v->status);

	*v = (struct audit_view){ .status = v->status };
	look_for_recorder(v);
	look_at_health(v);
	if (v->recorder == 0) /* the state file is for root only */
		v->recorder = v->health.pid;
	if (r == 0)
		r = rules_list(fd, &v->rules);
	if (r < 0)
		v->trouble = netlink_explain(r, NULL);
	else if (v->status.pid)
		owner_name(v);
}

/* ---- what is missing ---- */

enum { PROBLEMS_MAX = 16, LOSING_MS = 60000, STALE_MS = 30000 };

struct problems {
	char *lines[PROBLEMS_MAX];
	size_t n;
};

static void problems_free(struct problems *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->lines[i]);
}

__attribute__((format(printf, 2, 3)))
static void add_problem(struct problems *p, const char *format, ...)
{
	char *line = NULL;
	va_list args;

	va_start(args, format);
	if (p->n < PROBLEMS_MAX && vasprintf(&line, format, args) >= 0)
		p->lines[p->n++] = line;
	va_end(args);
}

static void look_at_recorder(const struct health *h, int64_t now, struct problems *p)
{
	char since[CLOCK_TEXT];

	if (strcmp(h->selftest, "failed") == 0)
		add_problem(p, "events: the self-test's did not arrive. Likely cause: %s", h->cause);
	if (h->exits[0])
		add_problem(p, "ends of killed processes: %s", h->exits);
	if (h->closes[0])
		add_problem(p, "ends of connections: %s", h->closes);
	if (h->locked)
		add_problem(p, "our rules: the audit configuration is locked (auditctl -e 2) until the next boot");
	if (h->last_loss_ms && now - h->last_loss_ms < LOSING_MS)
		add_problem(p, "records: the kernel or we lose some right now (%" PRIu64 " since the start, %" PRIu64
		            " overruns of the socket)", h->lost, h->overruns);
	if (h->full_since_ms && h->full_cause == GAP_READER)
		add_problem(p, "space: a program reads %s for so long that it would grow past max-size; recording waits for it "
		            "since %s", h->db, clock_format(h->full_since_ms, since));
	else if (h->full_since_ms)
		add_problem(p, "space: the disk with %s is full since %s; recording waits", h->db,
		            clock_format(h->full_since_ms, since));
	else if (now - h->updated_ms > STALE_MS)
		add_problem(p, "life: the recorder has not told anything since %s", clock_format(h->updated_ms, since));
}

static void look_for_problems(const struct audit_view *v, struct problems *p)
{
	char since[CLOCK_TEXT];

	if (v->trouble)
		add_problem(p, "the state of audit: %s", v->trouble);
	if (!v->trouble && v->recorder == 0)
		add_problem(p, "nothing records this machine (spoor-agent record)");
	if (v->ended.pid && v->recorder == 0)
		add_problem(p, "recording: it ended at %s: %s", clock_format(v->ended.updated_ms, since), v->ended.ended);
	if (v->rules.never_task)
		add_problem(p, "system calls: a rule \"never,task\" of somebody else keeps them from being recorded");
	if (v->recorder && !v->trouble && v->rules.ours == 0 && !v->health.locked)
		add_problem(p, "our rules were removed");
	if (v->left_over)
		add_problem(p, "a recorder was killed: audit is put back by the next start");
	if (client_died(&v->client))
		add_problem(p, "the connection to %s: the client was ended", v->client.server);
	if (v->health.pid)
		look_at_recorder(&v->health, clock_now(), p);
}

static bool is_set_aside(const char *file, const char *name)
{
	size_t n = strlen(name);

	/* Not what SQLite keeps beside it: -wal, -shm. */
	return strncmp(file, name, n) == 0 && strncmp(file + n, ".aside-", strlen(".aside-")) == 0 &&
	       !strstr(file + n, "-wal") && !strstr(file + n, "-shm") && !strstr(file + n, "-journal");
}

/* Databases that would not open and were set aside: fn for each name beside `db`. */
static void each_set_aside(const char *db, void (*fn)(const char *name, size_t i))
{
	const char *slash = strrchr(db, '/'), *name = slash ? slash + 1 : db;
	AUTO_FREE char *folder = slash ? strndup(db, slash == db ? 1 : (size_t)(slash - db)) : strdup(".");
	DIR *dir = folder ? opendir(folder) : NULL;
	const struct dirent *entry;
	size_t n = 0;

	while (dir && (entry = readdir(dir)))
		if (is_set_aside(entry->d_name, name))
			fn(entry->d_name, n++);
	if (dir)
		closedir(dir);
}

/* ---- for people ---- */

static void print_recorder(const struct audit_view *v)
{
	const struct health *h = &v->health;

	if (v->recorder == 0) {
		puts("recording no");
		return;
	}
	printf("recording yes, spoor-agent (pid %d)", (int)v->recorder);
	if (h->pid == 0) {
		putchar('\n');
		return;
	}
	printf(" into %s\n", h->db);
	printf("source    %s: %s\n", h->source, h->why);
	printf("self-test %s\n", h->selftest);
}

static void print_aside(const char *name, size_t i)
{
	printf("aside     %s: a database that would not open; a new one was started\n", name);
}

static void print_client(const struct report *c)
{
	char since[CLOCK_TEXT];

	if (c->pid == 0)
		return;
	printf("client    %s", client_died(c) ? "does not run" : report_state_name(c->state));
	if (c->server[0])
		printf(c->state == REPORT_CONNECTED ? " to %s" : " from %s", c->server);
	printf(" since %s", clock_format(c->since_ms, since));
	if (c->state == REPORT_CONNECTED)
		printf(", %u session%s", c->sessions, c->sessions == 1 ? "" : "s");
	if (c->endpoint[0])
		printf("\nendpoint  %s", c->endpoint);
	if (c->error[0])
		printf("\nclient    last error at %s: %s", clock_format(c->error_ms, since), c->error);
	putchar('\n');
}

static void print_audit(const struct audit_view *v)
{
	static const char *const enabled[] = { "disabled", "enabled", "enabled and locked" };

	print_recorder(v);
	if (v->trouble)
		return;
	printf("audit     %s; records go to ", v->status.enabled < 3 ? enabled[v->status.enabled] : "in an unknown state");
	if (v->status.pid == 0)
		puts("nobody");
	else
		printf("%s (pid %u)\n", v->owner[0] ? v->owner : "a process that is gone", v->status.pid);
	printf("rules     %zu of ours and %zu for what the configuration leaves out, %zu of others\n", v->rules.ours,
	       v->rules.left_out, v->rules.others);
	printf("kernel    %u records lost since it booted, %u waiting, limit %u\n", v->status.lost, v->status.backlog,
	       v->status.backlog_limit);
}

static void print_gaps(const struct reader_info *i)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	size_t first = i->n_gaps > GAPS_SHOWN ? i->n_gaps - GAPS_SHOWN : 0;

	if (first)
		printf("gaps      %zu, the last ones:\n", i->n_gaps);
	for (size_t n = first; n < i->n_gaps; n++) {
		const struct gap *g = &i->gaps[n];
		const char *why = gap_cause_name(g->cause);

		printf("gap       %s to %s: %s", clock_format(g->from_ms, from), clock_format(g->to_ms, to),
		       why ? why : "unknown cause");
		if (g->count >= 0)
			printf(", %" PRId64, g->count);
		putchar('\n');
	}
}

/* Text of a recording, made fit for one line of a terminal. */
static void print_visible(struct span text)
{
	AUTO_BUF shown = BUF_INIT;

	text_visible(&shown, text);
	fputs(shown.failed || !shown.p ? "" : shown.p, stdout);
}

static void print_records(const struct reader_info *i)
{
	for (size_t n = 0; n < i->n_records; n++) {
		fputs("records   ", stdout);
		print_visible(i->records[n].name);
		printf(": %" PRIu64 ", %" PRIu64 " used in events\n", i->records[n].count, i->records[n].used);
	}
	if (!i->unparsed)
		return;
	printf("unparsed  %" PRIu64 " records%s\n", i->unparsed, i->n_unparsed_lines ? ", the first ones:" : "");
	for (size_t n = 0; n < i->n_unparsed_lines; n++) {
		fputs("unparsed  ", stdout);
		print_visible(i->unparsed_lines[n].reason);
		fputs(": ", stdout);
		print_visible(i->unparsed_lines[n].line);
		putchar('\n');
	}
}

static void print_database(const char *path, const struct reader_info *i)
{
	char first[CLOCK_TEXT], last[CLOCK_TEXT];

	printf("database  %s: %" PRIu64 " events, %" PRIu64 " processes, schema %" PRId64 "\n", path, i->events,
	       i->processes, i->schema_version);
	if (i->events)
		printf("covers    %s to %s\n", clock_format(i->first_ms, first), clock_format(i->last_ms, last));
	if (i->n_gaps == 0)
		puts("gaps      none known");
	print_gaps(i);
	print_records(i);
}

/* ---- for programs ---- */

static void json_span(struct span text)
{
	AUTO_BUF shown = BUF_INIT;

	text_visible(&shown, text); /* valid UTF-8 without control characters */
	putchar('"');
	for (const char *p = shown.failed || !shown.p ? "" : shown.p; *p; p++) {
		if (*p == '"' || *p == '\\')
			putchar('\\');
		putchar(*p);
	}
	putchar('"');
}

static void json_string(const char *z)
{
	json_span(span_of(z));
}

static void json_text(const char *name, const char *value)
{
	printf(",\"%s\":", name);
	json_string(value);
}

static void json_time(const char *name, int64_t ms)
{
	if (ms)
		printf(",\"%s\":%" PRId64, name, ms);
	else
		printf(",\"%s\":null", name);
}

static void json_recorder(const struct health *h)
{
	if (h->pid == 0) {
		printf(",\"recorder\":null");
		return;
	}
	printf(",\"recorder\":{\"started_ms\":%" PRId64 ",\"updated_ms\":%" PRId64, h->started_ms, h->updated_ms);
	json_text("database", h->db);
	json_text("source", h->source);
	json_text("wish", h->wish);
	json_text("why", h->why);
	printf(",\"owner\":%u,\"source_changes\":%u", h->owner, h->changes);
	json_text("self_test", h->selftest);
	json_text("cause", h->cause);
	printf(",\"locked\":%s,\"records\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"overruns\":%" PRIu64
	       ",\"rules_restored\":%" PRIu64, h->locked ? "true" : "false", h->records, h->lost, h->overruns,
	       h->rules_restored);
	json_time("last_loss_ms", h->last_loss_ms);
	json_time("disk_full_since_ms", h->full_since_ms);
	json_text("disk_full_cause", h->full_since_ms ? gap_cause_name((enum gap_cause)h->full_cause) : "");
	putchar('}');
}

static void json_client(const struct report *c)
{
	if (c->pid == 0) {
		printf(",\"client\":null");
		return;
	}
	printf(",\"client\":{\"pid\":%d,\"alive\":%s,\"sessions\":%u", (int)c->pid, report_alive(c) ? "true" : "false",
	       c->sessions);
	json_text("state", report_state_name(c->state));
	json_text("server", c->server);
	json_text("endpoint", c->endpoint);
	json_time("since_ms", c->since_ms);
	json_text("error", c->error);
	json_time("error_ms", c->error_ms);
	putchar('}');
}

static void json_problems(const struct problems *p)
{
	printf(",\"problems\":[");
	for (size_t i = 0; i < p->n; i++) {
		if (i)
			putchar(',');
		json_string(p->lines[i]);
	}
	putchar(']');
}

static void json_aside(const char *name, size_t i)
{
	if (i)
		putchar(',');
	json_string(name);
}

static void json_audit(const struct audit_view *v, const struct problems *p)
{
	printf("{\"recorder_pid\":");
	if (v->recorder)
		printf("%d", (int)v->recorder);
	else
		printf("null");
	printf(",\"left_over\":%s", v->left_over ? "true" : "false");
	json_problems(p);
	json_client(&v->client);
	json_recorder(&v->health);
	printf(",\"audit\":");
	if (v->trouble) {
		printf("{\"error\":");
		json_string(v->trouble);
		putchar('}');
		return;
	}
	printf("{\"enabled\":%u,\"pid\":%u,\"owner\":", v->status.enabled, v->status.pid);
	json_string(v->owner);
	printf(",\"rules_ours\":%zu,\"rules_left_out\":%zu,\"rules_others\":%zu,\"never_task\":%s,\"lost\":%u,\"backlog\":%u,"
	       "\"backlog_limit\":%u,\"backlog_wait_time\":%u}", v->rules.ours, v->rules.left_out, v->rules.others,
	       v->rules.never_task ? "true" : "false", v->status.lost, v->status.backlog, v->status.backlog_limit,
	       v->status.backlog_wait_time);
}

static void json_database(const char *path, const struct reader_info *i)
{
	printf(",\"database\":{\"path\":");
	json_string(path);
	printf(",\"schema\":%" PRId64 ",\"events\":%" PRIu64 ",\"processes\":%" PRIu64 ",\"first_ms\":%" PRId64
	       ",\"last_ms\":%" PRId64 ",\"unparsed\":%" PRIu64 ",\"gaps\":[", i->schema_version, i->events, i->processes,
	       i->first_ms, i->last_ms, i->unparsed);
	for (size_t n = 0; n < i->n_gaps; n++) {
		const struct gap *g = &i->gaps[n];
		const char *why = gap_cause_name(g->cause);

		printf("%s{\"from_ms\":%" PRId64 ",\"to_ms\":%" PRId64 ",\"cause\":", n ? "," : "", g->from_ms, g->to_ms);
		json_string(why ? why : "unknown");
		if (g->count >= 0)
			printf(",\"count\":%" PRId64 "}", g->count);
		else
			printf(",\"count\":null}");
	}
	printf("],\"records\":{");
	for (size_t n = 0; n < i->n_records; n++) {
		fputs(n ? "," : "", stdout);
		json_span(i->records[n].name);
		printf(":{\"count\":%" PRIu64 ",\"used\":%" PRIu64 "}", i->records[n].count, i->records[n].used);
	}
	printf("},\"unparsed_lines\":[");
	for (size_t n = 0; n < i->n_unparsed_lines; n++) {
		printf("%s{\"reason\":", n ? "," : "");
		json_span(i->unparsed_lines[n].reason);
		printf(",\"line\":");
		json_span(i->unparsed_lines[n].line);
		putchar('}');
	}
	printf("],\"set_aside\":[");
	each_set_aside(path, json_aside);
	printf("]}");
}

static int read_database(const char *path, struct reader_info *ret)
{
	AUTO_FREE char *error = NULL;
	AUTO_READER *reader = NULL;
	struct sqlite3 *db;
	int r = vault_open(path, VAULT_LIVE, NULL, NULL, NULL, &db, &error);

	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno(path, r);
	reader = reader_open_db(db);
	if (!reader)
		return cmd_fail_errno(path, ENOMEM);
	r = reader->ops->info(reader, NULL, ret);
	return r < 0 ? cmd_fail(path, reader_error_text(reader, r)) : CMD_OK;
}

static void print_all(const struct audit_view *v, const struct problems *p, const char *db, const struct reader_info *info)
{
	print_audit(v);
	print_client(&v->client);
	if (db) {
		print_database(db, info);
		each_set_aside(db, print_aside);
	}
	for (size_t i = 0; i < p->n; i++) {
		AUTO_BUF line = BUF_INIT;

		text_visible(&line, span_of(p->lines[i]));
		printf("missing   %s\n", line.failed ? "" : line.p);
	}
}

static int status(const char *db, const char *config, bool json)
{
	struct audit_view v = { .trouble = NULL };
	struct problems p = { .n = 0 };
	struct reader_info info;

	if (db && read_database(db, &info) != CMD_OK)
		return CMD_FAILED;
	look_at_audit(&v);
	look_at_client(config, &v);
	look_for_problems(&v, &p);
	if (json) {
		json_audit(&v, &p);
		if (db)
			json_database(db, &info);
		puts("}");
	} else {
		print_all(&v, &p, db, &info);
	}
	problems_free(&p);
	if (db)
		reader_info_free(&info);
	return CMD_OK;
}

int cmd_status(int argc, char **argv)
{
	const char *db = NULL, *config = NULL;
	bool json = false;
	const struct options_option options[] = { { "db", 0, NULL, &db }, { "json", 0, &json, NULL },
						  { "config", 'c', NULL, &config }, { NULL, 0, NULL, NULL } };
	int r = cmd_options(help, options, argc, argv);

	if (r != CMD_GO_ON)
		return r;
	if (optind < argc)
		return cmd_usage_error("status", "too many arguments");
	return status(db, config, json);
}
