#include "agent/cmd.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/log.h"
#include "agent/client/client-conf.h"
#include "agent/cmd-record.h"
#include "agent/cmd-run-client.h"
#include "agent/cmd-run-opener.h"
#include "agent/seal.h"
#include "agent/settings.h"
#include "agent/supervise.h"

static const char help[] =
	"Usage: spoor-agent run [-c FILE] [--only recorder|client]\n\n"
	"The daemon: supervises the recorder, a process of its own with few privileges and no\n"
	"network; where this machine is enrolled with a server, the client, a process with\n"
	"network and no privileges, and the opener, which opens files and snapshots for it; each\n"
	"is started again when it ends. SIGTERM ends all, with audit put back as it was found and\n"
	"everything stored.\n\n"
	"  -c, --config FILE  instead of " SETTINGS_PATH "\n"
	"  --only CHILD       just that one, as where systemd has a unit for each; the opener comes\n"
	"                     with the recorder\n"
	"  --help             this text\n";

/* The recording is for the client's group: under the systemd unit that is ours already. */
static void join_group(const char *config)
{
	AUTO_FREE char *error = NULL;
	const struct passwd *p;
	struct client_conf conf;

	if (geteuid() != 0 || getegid() != 0 || client_conf_load(config ? config : SETTINGS_PATH, !config, &conf, &error) < 0)
		return;
	p = getpwnam(conf.user);
	if (p && setgid(p->pw_gid) < 0)
		log_warning("the client will not be able to read the recording: group of %s: %s", conf.user, strerror(errno));
}

/* A recording made before there was a client, where we are of its group (as under the systemd unit). */
static void open_to_group(const char *database)
{
	static const char *const endings[] = { "", "-wal", "-shm" };
	AUTO_BUF path = BUF_INIT;
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(endings) && getegid() != 0; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s%s", database, endings[i]);
		if (path.failed || lstat(path.p, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid())
			continue;
		if (lchown(path.p, (uid_t)-1, getegid()) < 0 || chmod(path.p, 0640) < 0)
			log_warning("%s: cannot be opened to the client's group: %s", path.p, strerror(errno));
	}
}

static int recorder_main(void *data)
{
	const char *config = *(const char *const *)data;
	AUTO_FREE char *error = NULL;
	struct settings s;
	int r = settings_load(config ? config : SETTINGS_PATH, !config, &s, &error);

	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno("configuration", r);
	if (s.source == SOURCE_PLUGIN)
		return cmd_fail("configuration", "source = plugin: auditd starts the recorder, not this daemon");
	join_group(config);
	open_to_group(s.database);
	umask(0027); /* the recording is for its group too */
	r = seal_recorder();
	if (r < 0)
		return cmd_fail_errno("giving privileges up", r);
	return cmd_record_run(&(struct live_config){ .db = s.database, .source = s.source },
	                      (struct cmd_record_config){ config ? config : SETTINGS_PATH, !config }, CMD_RECORD_FOREVER, true);
}

static void tell(const struct supervise_child *c, enum supervise_event event, pid_t pid, int status, int64_t pause_ms)
{
	char again[64] = "";

	if (pause_ms >= 0)
		snprintf(again, sizeof(again), "; next start in %" PRId64 " s", (pause_ms + 999) / 1000);
	switch (event) {
	case SUPERVISE_STARTED:
		log_info("%s: started (pid %d)", c->name, (int)pid);
		break;
	case SUPERVISE_NOT_STARTED:
		log_error("%s: not started: %s%s", c->name, strerror(-status), again);
		break;
	case SUPERVISE_KILLED:
		log_error("%s: did not end in time, killed (pid %d)", c->name, (int)pid);
		break;
	case SUPERVISE_ENDED:
		if (WIFEXITED(status) && WEXITSTATUS(status) == SUPERVISE_REST)
			log_info("%s: nothing to do until SIGHUP (see spoor-agent status)", c->name);
		else if (WIFSIGNALED(status))
			log_warning("%s: ended by signal %d%s", c->name, WTERMSIG(status), again);
		else
			log_info("%s: ended with status %d%s", c->name, WEXITSTATUS(status), again);
		break;
	}
}

int cmd_run(int argc, char **argv)
{
	AUTO_FREE char *error = NULL;
	struct settings s;
	const char *config = NULL, *only = NULL;
	const struct options_option options[] = { { "config", 'c', NULL, &config }, { "only", 0, NULL, &only },
						  { NULL, 0, NULL, NULL } };
	const struct supervise_child children[] = { { "spoor-recorder", recorder_main, &config },
						    { "spoor-opener", cmd_run_opener, &config },
						    { "spoor-client", cmd_run_client, &config } };
	bool client, others;
	int r = cmd_options(help, options, argc, argv);

	if (r != CMD_GO_ON)
		return r;
	if (optind < argc)
		return cmd_usage_error("run", "too many arguments");
	if (only && strcmp(only, "recorder") != 0 && strcmp(only, "client") != 0)
		return cmd_usage_error("run", "--only takes recorder or client");
	r = settings_load(config ? config : SETTINGS_PATH, !config, &s, &error);
	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno("configuration", r);
	client = !only || strcmp(only, "client") == 0;
	others = !only || !client;
	r = supervise_run(children + (others ? 0 : 2), (others ? 2 : 0) + client, tell);
	return r < 0 ? cmd_fail_errno("supervisor", r) : CMD_OK;
}
