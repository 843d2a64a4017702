/* cmd-run-opener: the opener's process, as `run` starts it. */
#pragma once

/* A supervise_child_fn. data: a const char *const *: the configuration file, or NULL for the usual one. */
int cmd_run_opener(void *data);
