/* cmd-record: what `record`, `plugin` and the recorder under `run` share. */
#pragma once

#include "recorder/live.h"

enum { CMD_RECORD_FOREVER = -1 };

/* Where it says what is recorded and how much is kept (config.h). */
struct cmd_record_config {
	const char *path; /* NULL: the defaults */
	bool optional;    /* the defaults also when it is not there */
};

/* Records until SIGTERM, SIGINT or SIGQUIT, for `seconds` at most, or until a failure or the end of the input. SIGHUP ends it
 * too, unless it runs as a daemon or by a file: that is read again then. Before any thread is made. An exit status;
 * failures are told. */
int cmd_record_run(const struct live_config *c, struct cmd_record_config config, int64_t seconds, bool daemon);
