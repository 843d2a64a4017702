/* modules: kernel modules that were loaded while recording: where each came from, who signed its file, and that file's
 * SHA-256. Reading and hashing is a thread's, which is made with the first of them; the row waits for what it finds, a few
 * seconds at most. What the loader had open is opened at once: it is gone soon.
 */
#pragma once

#include "recorder/recording.h"

struct modules;

enum { MODULES_WAIT_MS = 5000, MODULES_MAX = 32 };

/* folder: where modules.dep is; NULL: that of the kernel that runs. NULL when memory is out. */
struct modules *modules_new(const char *folder);
/* Takes a row over (its numbers; the texts will be those found). False: too many wait, or it
 * was ended. */
bool modules_ask(struct modules *s, const struct recording_module *m, const struct event *row);
/* A row that has waited long enough, with what was found. Its texts are valid until the next call. False: none. */
bool modules_take(struct modules *s, struct item *ret);
/* Gives what waits a last second; take until there is nothing more after it. */
void modules_end(struct modules *s);
void modules_free(struct modules *s); /* NULL is fine */
