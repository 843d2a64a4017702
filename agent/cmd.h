/* cmd: the commands of spoor-agent, one file each (cmd-NAME.c). */
#pragma once

#include "agent/base/cmd.h"

cmd_fn cmd_config;
cmd_fn cmd_enroll;
cmd_fn cmd_import;
cmd_fn cmd_install;
cmd_fn cmd_plugin;
cmd_fn cmd_query;
cmd_fn cmd_record;
cmd_fn cmd_run;
cmd_fn cmd_snapshot;
cmd_fn cmd_status;
cmd_fn cmd_uninstall;
