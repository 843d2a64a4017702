#include "agent/cmd-record.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/log.h"
#include "agent/cmd.h"
#include "agent/config.h"
#include "agent/filter.h"
#include "agent/kernel-filter.h"
#include "agent/userask.h"

static const char help[] =
	"Usage: spoor-agent record --db FILE [-c FILE] [--for SECONDS]\n"
	"       [--source SOURCE]\n\n"
	"Records what happens on this machine into the database FILE until SIGTERM or SIGINT,\n"
	"in the foreground. A database that is there is gone on with.\n\n"
	"Needs root. Every setting of audit that is changed is put back at the end; if this\n"
	"program is killed, by its next start. Only rules with the key \"spoor\" are ever added\n"
	"or removed.\n\n"
	"  --db FILE      the database\n"
	"  -c, --config FILE  what is recorded and how much is kept; read again on SIGHUP\n"
	"  --for SECONDS  stop by itself\n"
	"  --source SOURCE  how the kernel's records come:\n"
	"                 unicast    to us alone; not while auditd runs\n"
	"                 multicast  to us beside auditd\n"
	"                 auto       as it goes (what is done without this option)\n"
	"  --help         this text\n";

enum { SECONDS_MAX = 1000000000 };

/* Blocked from before any thread starts, so that all of them inherit it. */
static int block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

struct recorder {
	struct cmd_record_config file;
	struct filter *filter;
	struct live *live;
};

static struct live_settings settings_of(const struct config *c)
{
	unsigned all = (1u << EVENT_CATEGORY_COUNT) - 2, off = all & ~c->categories & ~(1u << EVENT_REGISTRY);

	struct live_settings s = { { c->limits, c->collate_ms, off, config_filtered(c) }, c->sendto, c->unix_sockets,
		{ 0 } };

	kernel_filter(&s.rules, c);
	return s;
}

static int load(const struct cmd_record_config *file, struct config *ret, char **ret_error)
{
	*ret_error = NULL;
	if (!file->path || (file->optional && access(file->path, F_OK) < 0 && errno == ENOENT))
		return config_default(ret);
	return config_load(file->path, ret, ret_error);
}

/* A wrong file leaves what is in force. */
static void reload(struct recorder *r)
{
	AUTO_FREE char *error = NULL;
	struct live_settings settings;
	struct config c;
	int error_of_rules;

	if (!r->file.path)
		return;
	if (load(&r->file, &c, &error) < 0) {
		log_error("%s; the old configuration stays in force", error ? error : r->file.path);
		return;
	}
	settings = settings_of(&c);
	if (filter_set(r->filter, &c) < 0) {
		log_error("%s: out of memory; the old configuration stays in force", r->file.path);
	} else {
		error_of_rules = live_set(r->live, &settings);
		if (error_of_rules < 0)
			log_error("the kernel's rules could not be changed: %s", strerror(-error_of_rules));
		log_info("%s: in force", r->file.path);
	}
	config_free(&c);
}

/* Was it a signal to end? One to read the configuration again is obeyed here. */
static bool is_end(struct recorder *r, int signals, bool daemon)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != (ssize_t)sizeof(info) || info.ssi_signo != SIGHUP ||
	    (!daemon && !r->file.path))
		return true;
	reload(r);
	return false;
}

/* Until a signal, the deadline, or the end of the recorder. */
static void wait_for_end(struct recorder *r, int signals, int64_t seconds, bool daemon)
{
	struct pollfd fds[] = { { .fd = signals, .events = POLLIN }, { .fd = live_fd(r->live), .events = POLLIN } };
	int64_t end = clock_monotonic() + seconds * MS_PER_SEC;

	for (;;) {
		int64_t left = seconds == CMD_RECORD_FOREVER ? 60000 : end - clock_monotonic();
		int n;

		if (left <= 0)
			return;
		n = poll(fds, ARRAY_LEN(fds), left > 60000 ? 60000 : (int)left);
		if (n > 0 && !fds[1].revents && !is_end(r, signals, daemon))
			continue;
		if (n > 0 || (n < 0 && errno != EINTR))
			return;
	}
}

static void print_summary(const char *db, const struct live_result *r)
{
	printf("%.1f seconds: %" PRIu64 " records, %" PRIu64 " events, %" PRIu64 " unparsed, %" PRIu64 " lost; %s: %.1f MB\n",
	       (double)r->ms / 1000, r->records, r->events, r->unparsed, r->kernel_lost + r->ring_lost, db,
	       (double)r->db_bytes / 1e6);
}

static int run(struct recorder *rec, const struct live_config *c, int64_t seconds, bool daemon)
{
	AUTO_CLOSE int signals = block_signals();
	AUTO_FREE char *error = NULL;
	struct live_result result;
	int r;

	if (signals < 0)
		return cmd_fail_errno("signals", errno);
	r = live_start(c, &rec->live, &error);
	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno(c->db, r);
	if (live_without_exits(rec->live))
		log_warning("ends of killed processes are not recorded: %s", live_without_exits(rec->live));
	if (live_without_closes(rec->live))
		log_warning("ends of connections are not recorded: %s", live_without_closes(rec->live));
	wait_for_end(rec, signals, seconds, daemon);
	r = live_stop(rec->live, &result, &error);
	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno(c->db, r);
	if (result.was_left_over)
		log_info("an earlier recording ended without putting audit back; it was put back first");
	print_summary(c->db, &result);
	fflush(stdout);
	return CMD_OK;
}

int cmd_record_run(const struct live_config *c, struct cmd_record_config file, int64_t seconds, bool daemon)
{
	struct recorder rec = { .file = file };
	struct live_config lc = *c;
	AUTO_FREE char *error = NULL;
	struct config config;
	int r = load(&file, &config, &error);

	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno(file.path, r);
	lc.settings = settings_of(&config);
	lc.filter = filter_batch;
	lc.ask_user = userask_system;
	r = filter_new(&config, &rec.filter);
	config_free(&config);
	if (r < 0)
		return cmd_fail_errno("filter", r);
	lc.filter_data = rec.filter;
	r = run(&rec, &lc, seconds, daemon);
	filter_free(rec.filter);
	return r;
}

static int parse_seconds(const char *z, int64_t *ret)
{
	int64_t n;

	if (span_to_i64(span_of(z), &n) < 0 || n < 1 || n > SECONDS_MAX)
		return -EINVAL;
	*ret = n;
	return 0;
}

int cmd_record(int argc, char **argv)
{
	const char *db = NULL, *config = NULL, *length = NULL, *from = "auto";
	const struct options_option options[] = {
		{ "db", 0, NULL, &db }, { "config", 'c', NULL, &config }, { "for", 0, NULL, &length },
		{ "source", 0, NULL, &from }, { NULL, 0, NULL, NULL },
	};
	enum source_kind source;
	int64_t seconds = CMD_RECORD_FOREVER;
	int r = cmd_options(help, options, argc, argv);

	if (r != CMD_GO_ON)
		return r;
	if (length && parse_seconds(length, &seconds) < 0)
		return cmd_usage_error("record", "--for takes a number of seconds from 1 on");
	if (source_kind_parse(from, &source) < 0 || source == SOURCE_PLUGIN)
		return cmd_usage_error("record", "--source takes auto, unicast or multicast");
	if (!db)
		return cmd_usage_error("record", "which database? --db FILE is missing");
	if (optind < argc)
		return cmd_usage_error("record", "too many arguments");
	return cmd_record_run(&(struct live_config){ .db = db, .source = source },
	                      (struct cmd_record_config){ config, false }, seconds, false);
}
