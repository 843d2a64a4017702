/* running: a process as it was recorded. */
#pragma once

#include <stdint.h>

/* Its pid and when it began (ms UTC), by its number in the recording. 0; -ENOENT none, or that is not known; -ESRCH it has
 * ended; or negative errno. */
int running_find(const char *database, int64_t process, int64_t *ret_pid, int64_t *ret_start_ms);
