/* cmd-record: what `record`, `plugin` and the recorder under `run` share. */
#pragma once

#include "recorder/live.h"

enum { CMD_RECORD_FOREVER = -1 };

/* Records until SIGTERM, SIGINT or SIGQUIT, for `seconds` at most, or until a failure or the end of the input. SIGHUP ends it
 * too, unless it runs as a daemon. Before any thread is made. An exit status; failures are told. */
int cmd_record_run(const struct live_config *c, int64_t seconds, bool daemon);
