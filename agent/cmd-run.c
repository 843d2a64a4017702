#include "agent/cmd.h"

#include <errno.h>
#include <unistd.h>
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#include "agent/base/cleanup.h"
#include "agent/base/log.h"
#include "agent/cmd-record.h"
#include "agent/seal.h"
#include "agent/settings.h"
#include "agent/supervise.h"

static const char help[] =
	"Usage: spoor-agent run [-c FILE]\n\n"
	"The daemon: supervises the recorder, a process of its own with few privileges and no\n"
	"network, and starts it again when it ends. SIGTERM ends both, with audit put back as\n"
	"it was found and everything stored.\n\n"
	"  -c, --config FILE  instead of " SETTINGS_PATH "\n"
	"  --help             this text\n";

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
		if (WIFSIGNALED(status))
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
	const char *config = NULL;
	const struct options_option options[] = { { "config", 'c', NULL, &config }, { NULL, 0, NULL, NULL } };
	int r = cmd_options(help, options, argc, argv);

	if (r != CMD_GO_ON)
		return r;
	if (optind < argc)
		return cmd_usage_error("run", "too many arguments");
	r = settings_load(config ? config : SETTINGS_PATH, !config, &s, &error);
	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno("configuration", r);
	r = supervise_run(&(struct supervise_child){ "spoor-recorder", recorder_main, &config }, 1, tell);
	return r < 0 ? cmd_fail_errno("supervisor", r) : CMD_OK;
}
