/* confine-seal: takes from this process what reading one file does not need, in two steps. Nothing is ever given back.
 * (seccomp(2), landlock(7), getrlimit(2).) */
#pragma once

#include <stdbool.h>

/* Before the file is touched: no new privileges, limits on memory, processor time and descriptors, no core; no sockets,
 * no other programs, no new processes (threads may be made); files only in the folder of PATH (to read, or to write
 * when `live`) and in `temp` (which may be removed; "": none), where the kernel has Landlock. 0 or negative errno: go no
 * further then. */
int confine_seal_for_opening(const char *path, const char *temp, bool live);

/* Once the file is open: what is left is to read open descriptors, talk on open sockets, and memory, for every thread
 * there is; no new ones. Unless `live`, nothing may grow a file. */
int confine_seal_for_reading(bool live);
