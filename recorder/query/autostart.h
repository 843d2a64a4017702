/* autostart: files from which something is started by itself, at boot, at a time, at a logon or with every program:
 * units, cron, rc and profile scripts, authorized keys, preloaded libraries, …. Where who wants to stay puts things. */
#pragma once

#include "agent/base/span.h"

bool autostart_is(struct span path);
