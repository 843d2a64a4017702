/* settings: what the daemon is told by its configuration file: INI, UTF-8, "key = value", comments from # or ; on at the
 * start of a line. Here only the section [recorder] is read; sections of others are theirs.
 *
 *   [recorder]
 *   database = /var/lib/spoor/monitor.db
 *   source = auto                          unicast, multicast, plugin
 */
#pragma once

#include "recorder/source.h"

#define SETTINGS_PATH "/etc/spoor/spoor-agent.conf"
#define SETTINGS_DATABASE "/var/lib/spoor/monitor.db"

struct settings {
	char database[1024];
	enum source_kind source;
};

/* The defaults where the file says nothing; `optional`: also where there is no file. 0, or negative errno with one malloc'd
 * line "PATH: line N: why". */
int settings_load(const char *path, bool optional, struct settings *ret, char **ret_error);
