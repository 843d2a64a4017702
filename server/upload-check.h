/* upload-check: does a file that anybody may have made open as a recording of ours? A confined child finds out, beside
 * everything else. */
#pragma once

#include "agent/base/fdm.h"

struct upload_check;
/* error 0: it does; else why not, a line of the child's for people. The check is over, and is freed by whoever is told. */
typedef void upload_check_fn(int error, const char *text, void *data);

/* path: valid during the call. 0 or negative errno. */
int upload_check_new(struct fdm *fdm, const char *path, upload_check_fn *fn, void *data, struct upload_check **ret);
void upload_check_free(struct upload_check *c); /* NULL is fine */
/* Once a second; now: clock_monotonic. Ends one that takes too long, or too much memory. May call fn. */
void upload_check_tick(struct upload_check *c, int64_t now);
